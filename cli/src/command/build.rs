//! `tagout build PACK -o FILE.wasm`, and the stages of the compilation.

use std::fs;
use std::path::Path;

use tagout_compiler::diagnostic::has_errors;
use tagout_compiler::diagnostic::render::text;
use tagout_compiler::{Built, index, ir, syntax};
use tagout_spec::schema::Schema;

use crate::args::{Build, Global, Stage};
use crate::folder::Folder;
use crate::output::Output;
use crate::setup::Setup;
use crate::{Exit, Failure, Terminal};

/// Compiles, or prints a stage.
pub(super) fn run(
    args: &Build,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let setup = Setup::read(global, args.site.as_deref())?;
    let folder = setup.folder(&args.pack)?;
    if let Some(stage) = args.emit {
        return emit(stage, &folder, &setup.schema, terminal);
    }
    let Some(pack) = compile(&folder, &setup.schema, terminal) else {
        return Ok(Exit::Findings);
    };
    let path = args.output.as_deref().unwrap_or(Path::new("-"));
    if path == Path::new("-") {
        let mut output = Output::new();
        output.write(&pack)?;
        output.finish()?;
    } else {
        fs::write(path, &pack).map_err(|error| {
            Failure::usage(format!("cannot write `{}`: {error}", path.display()))
        })?;
        terminal.note(&format!("{}: {} bytes", path.display(), pack.len()));
    }
    Ok(Exit::Fine)
}

/// Compiles a pack and prints its diagnostics; none if it has errors.
pub(crate) fn compile(
    folder: &Folder,
    schema: &Schema,
    terminal: &Terminal,
) -> Option<Vec<u8>> {
    let Built { pack, checked } = tagout_compiler::build(&folder.source, schema);
    if !checked.diagnostics.is_empty() && (pack.is_none() || !terminal.is_quiet()) {
        let colour = super::check::colour(terminal.color_err());
        let text = text::render(&folder.sources(), &checked.diagnostics, colour);
        terminal.error(text.trim_end());
        super::check::summary(&checked.diagnostics, terminal);
    }
    pack
}

fn emit(
    stage: Stage,
    folder: &Folder,
    schema: &Schema,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let mut output = Output::new();
    if stage == Stage::Ast {
        for (file, source) in folder.source.sources().iter() {
            if source.name().ends_with(".tag") {
                let parsed = syntax::parse(source.text(), file);
                output.line(&format!("{:#?}", parsed.file))?;
            }
        }
        output.finish()?;
        return Ok(Exit::Fine);
    }
    let Built { pack, checked } = tagout_compiler::build(&folder.source, schema);
    if has_errors(&checked.diagnostics) {
        let colour = super::check::colour(terminal.color_err());
        terminal.error(&text::render(&folder.sources(), &checked.diagnostics, colour));
        return Ok(Exit::Findings);
    }
    let text = match stage {
        Stage::Ast => String::new(),
        Stage::Ir => ir::print(&checked.program, &checked.schema(schema)),
        Stage::Index => index::print(
            &index::plan(&checked.program),
            &checked.program,
            &checked.schema(schema),
        ),
        Stage::Wat => {
            tagout_compiler::wat(&pack.unwrap_or_default()).map_err(|error| {
                Failure::environment(format!("cannot print the module: {error}"))
            })?
        }
    };
    output.write(text.as_bytes())?;
    output.finish()?;
    Ok(Exit::Fine)
}
