//! `tagout fmt PATH...`: rule files in the one layout.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use tagout_compiler::diagnostic::render::text;
use tagout_compiler::diagnostic::{FileId, Sources};
use tagout_compiler::syntax;

use crate::args::Fmt;
use crate::output::Output;
use crate::{Exit, Failure, Terminal, folder, snapshot};

/// Formats, or tells what is not formatted.
pub(super) fn run(args: &Fmt, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut output = Output::new();
    let mut exit = Exit::Fine;
    for path in &args.paths {
        if path.as_os_str() == "-" {
            let text = standard_input()?;
            match formatted(Path::new("-"), &text, terminal) {
                Some(new) if !args.check && !args.diff => {
                    _ = output.write(new.as_bytes())?
                }
                Some(new) => exit = report(args, path, &text, &new, &mut output, exit)?,
                None => exit = Exit::Findings,
            }
            continue;
        }
        for file in folder::rule_files(path)? {
            let text = folder::read_text(&file)?;
            let Some(new) = formatted(&file, &text, terminal) else {
                exit = Exit::Findings;
                continue;
            };
            if args.check || args.diff {
                exit = report(args, &file, &text, &new, &mut output, exit)?;
            } else if new != text {
                fs::write(&file, &new).map_err(|error| {
                    Failure::usage(format!("cannot write `{}`: {error}", file.display()))
                })?;
                terminal.note(&format!("formatted {}", file.display()));
            }
        }
    }
    output.finish()?;
    Ok(exit)
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut text);
    read.map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
    Ok(text)
}

/// The formatted text; `None` if the file has errors, which are printed.
fn formatted(path: &Path, text: &str, terminal: &Terminal) -> Option<String> {
    match syntax::format(text) {
        Ok(new) => Some(new),
        Err(diagnostics) => {
            let mut sources = Sources::new();
            let _: FileId = sources.add(path.display().to_string(), text);
            let colour = super::check::colour(terminal.color_err());
            terminal.error(&text::render(&sources, &diagnostics, colour));
            None
        }
    }
}

fn report(
    args: &Fmt,
    path: &Path,
    old: &str,
    new: &str,
    output: &mut Output,
    exit: Exit,
) -> Result<Exit, Failure> {
    if old == new {
        return Ok(exit);
    }
    output.line(&path.display().to_string())?;
    if args.diff {
        output.write(snapshot::difference(old, new).as_bytes())?;
    }
    Ok(if args.check { Exit::Findings } else { exit })
}
