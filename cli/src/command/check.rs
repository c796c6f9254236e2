//! `tagout check PATH...`: every diagnostic of packs and rule files, none twice.

use std::collections::BTreeMap;
use std::fs;

use tagout_compiler::diagnostic::render::{json, sarif, text};
use tagout_compiler::diagnostic::{
    Applicability, Applied, Diagnostic, FileId, Severity, Sources, apply_fixes,
    has_errors,
};
use tagout_spec::schema::Schema;

use crate::args::{Check, DiagnosticFormat, Global};
use crate::folder::Folder;
use crate::output::Output;
use crate::setup::Setup;
use crate::{Exit, Failure, Terminal};

/// Checks, and prints what was found.
pub(super) fn run(
    args: &Check,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let setup = Setup::read(global, args.site.as_deref())?;
    let schema = &setup.schema;
    let mut sources = Sources::new();
    let mut diagnostics = Vec::new();
    for path in &args.paths {
        let mut folder = setup.folder(path)?;
        let mut found = check(&folder, schema);
        if args.fix && fix(&folder, &found, terminal)? {
            folder = setup.folder(path)?;
            found = check(&folder, schema);
        }
        join(&mut sources, &mut diagnostics, &folder.sources(), found);
    }
    let mut output = Output::new();
    let text = match args.format {
        DiagnosticFormat::Text => {
            text::render(&sources, &diagnostics, colour(terminal.color_out()))
        }
        DiagnosticFormat::Json => json::render(&sources, &diagnostics),
        DiagnosticFormat::Sarif => sarif::render(&sources, &diagnostics),
    };
    output.write(text.as_bytes())?;
    output.finish()?;
    summary(&diagnostics, terminal);
    Ok(if has_errors(&diagnostics) { Exit::Findings } else { Exit::Fine })
}

fn check(folder: &Folder, schema: &Schema) -> Vec<Diagnostic> {
    tagout_compiler::check(&folder.source, schema).diagnostics
}

/// Applies the certain fixes; whether a file changed.
fn fix(
    folder: &Folder,
    diagnostics: &[Diagnostic],
    terminal: &Terminal,
) -> Result<bool, Failure> {
    let sources = folder.sources();
    let Applied { files, n_applied, .. } =
        apply_fixes(&sources, diagnostics, Applicability::Machine);
    for (file, text) in &files {
        let name = sources.get(*file).map(|source| source.name()).unwrap_or_default();
        fs::write(name, text)
            .map_err(|error| Failure::usage(format!("cannot write `{name}`: {error}")))?;
    }
    if n_applied > 0 {
        terminal.note(&format!("{n_applied} fixed in {} files", files.len()));
    }
    Ok(n_applied > 0)
}

/// Adds the files and diagnostics of one path to those of the others, so that
/// all formats print one document.
fn join(
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
    more: &Sources,
    mut found: Vec<Diagnostic>,
) {
    let mut numbers = BTreeMap::new();
    for (file, source) in more.iter() {
        numbers.insert(file, sources.add(source.name(), source.text()));
    }
    let renumber = |file: &mut FileId| {
        if let Some(new) = numbers.get(file) {
            *file = *new;
        }
    };
    for diagnostic in &mut found {
        diagnostic.labels.iter_mut().for_each(|label| renumber(&mut label.span.file));
        let edits = diagnostic.fixes.iter_mut().flat_map(|fix| fix.edits.iter_mut());
        edits.for_each(|edit| renumber(&mut edit.span.file));
    }
    diagnostics.append(&mut found);
}

/// How many there are, on standard error.
pub(super) fn summary(diagnostics: &[Diagnostic], terminal: &Terminal) {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let plural = |n, what| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if errors + warnings > 0 {
        terminal.note(&format!(
            "{}, {}",
            plural(errors, "error"),
            plural(warnings, "warning")
        ));
    }
}

/// The colour of rendered diagnostics.
pub(super) fn colour(on: bool) -> text::Colour {
    if on { text::Colour::Always } else { text::Colour::Never }
}
