//! `tagout import DIALECT PATH... -o PACK`: rules of others as a pack of ours.
//!
//! The report is the data of this command. A rule that is not imported is no failure
//! of it: the pack holds the others. Only if nothing is imported does it end with 1.

use std::fs;
use std::path::{Path, PathBuf};

use tagout_compiler::import::sigma::{self, Imported, Input};

use crate::args::{Global, ImportSigma};
use crate::output::Output;
use crate::{Exit, Failure, Terminal, folder};

/// Endings of files that are looked for in folders.
const ENDINGS: [&str; 2] = ["yml", "yaml"];

/// Imports Sigma rules.
pub(super) fn sigma(
    args: &ImportSigma,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let schema = super::schema(global)?;
    let inputs = inputs(&args.paths)?;
    ensure_empty(&args.output)?;
    let name = args.output.file_name().unwrap_or_default().to_string_lossy();
    let imported = sigma::import(&inputs, &name, &schema);
    let n_rules = imported.report.imported();
    if n_rules > 0 {
        write(&args.output, &imported)?;
        terminal.note(&format!("{n_rules} rules in {}", args.output.display()));
    }
    let mut output = Output::new();
    if args.json {
        let json = serde_json::to_string_pretty(&imported.report).map_err(|error| {
            Failure::environment(format!("cannot write the report: {error}"))
        })?;
        output.line(&json)?;
    } else {
        output.write(imported.report.text().as_bytes())?;
    }
    output.finish()?;
    Ok(if n_rules > 0 { Exit::Fine } else { Exit::Findings })
}

/// The files at some paths, each with its text.
fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    for path in paths {
        let files = if path.is_dir() { folder::walk(path)? } else { vec![path.clone()] };
        let is_rule = |file: &PathBuf| {
            file == path
                || file.extension().is_some_and(|ending| {
                    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
                })
        };
        for file in files.into_iter().filter(is_rule) {
            let text = folder::read_text(&file)?;
            inputs.push(Input { path: file.display().to_string(), text });
        }
    }
    Ok(inputs)
}

/// Refuses a folder that holds something: nothing there is touched.
fn ensure_empty(pack: &Path) -> Result<(), Failure> {
    let holds_something =
        fs::read_dir(pack).is_ok_and(|mut entries| entries.next().is_some());
    if holds_something {
        return Err(Failure::usage(format!(
            "`{}` holds something already; import into a new folder",
            pack.display()
        )));
    }
    Ok(())
}

fn write(pack: &Path, imported: &Imported) -> Result<(), Failure> {
    let files = imported.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let manifest = ("pack.toml", imported.manifest.as_str());
    for (path, text) in std::iter::once(manifest).chain(files) {
        let file = pack.join(path);
        let fail =
            |error| Failure::usage(format!("cannot write `{}`: {error}", file.display()));
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(fail)?;
        }
        fs::write(&file, text).map_err(fail)?;
    }
    Ok(())
}
