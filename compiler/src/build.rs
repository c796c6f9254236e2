//! From the files of a pack to one module: check, plan, generate, assemble.

use tagout_spec::schema::Schema;

use crate::assemble::Sections;
use crate::diagnostic::{Code, Diagnostic, Sources, finish, has_errors};
use crate::index::emit::Indexed;
use crate::ir::Program;
use crate::{Checked, PackSource, check, codegen, index};

/// What came of a pack.
#[derive(Debug)]
pub struct Built {
    /// The module; none if there are errors.
    pub pack: Option<Vec<u8>>,
    /// What the analysis made of the sources.
    pub checked: Checked,
}

/// Compiles a pack. The same sources give the same bytes, on any machine.
#[must_use]
pub fn build(source: &PackSource, schema: &Schema) -> Built {
    let mut checked = check(source, schema);
    if has_errors(&checked.diagnostics) {
        return Built { pack: None, checked };
    }
    let pack = match assemble(&checked, &source.sources(), schema) {
        Ok(pack) => Some(pack),
        Err(diagnostic) => {
            checked.diagnostics.push(*diagnostic);
            finish(&mut checked.diagnostics);
            None
        }
    };
    Built { pack, checked }
}

/// Makes the module of a pack that was checked, with all rules of its program.
///
/// # Errors
/// Something of the pack is too large for the format.
pub fn assemble(
    checked: &Checked,
    sources: &Sources,
    schema: &Schema,
) -> Result<Vec<u8>, Box<Diagnostic>> {
    let program = &checked.program;
    let schema = &checked.schema(schema);
    let Sections { custom, source_map } = crate::assemble::sections(
        program,
        schema,
        sources,
        &checked.info,
        &checked.tests,
    )
    .map_err(|error| failed(Code::E0407, error.to_string()))?;
    let mut strategy = Indexed::new(index::plan(program));
    let options = codegen::Options {
        name: checked.info.name.clone(),
        names: names(program),
        source_map: Some(source_map),
        sections: custom,
        ..codegen::Options::default()
    };
    codegen::compile_with(program, schema, &options, &mut strategy).map_err(|error| {
        match error {
            codegen::Error::Pattern { index, why } => {
                pattern(program, index, &why.to_string())
            }
            error => failed(Code::E0407, error.to_string()),
        }
    })
}

/// Names of the predicates, for people.
fn names(program: &Program) -> Vec<String> {
    let mut names = vec![String::new(); program.predicates.len()];
    for plan in &program.plans {
        let position = usize::try_from(plan.predicate).unwrap_or(usize::MAX);
        if let Some(name) = names.get_mut(position) {
            plan.rule.clone_into(name);
        }
    }
    names
}

fn pattern(program: &Program, index: u32, why: &str) -> Box<Diagnostic> {
    let position = usize::try_from(index).unwrap_or(usize::MAX);
    let source = program.patterns.get(position).map_or("", |pattern| &pattern.source);
    failed(Code::E0219, format!("pattern `{source}`: {why}"))
}

fn failed(code: Code, message: String) -> Box<Diagnostic> {
    Box::new(Diagnostic::unplaced(code, message))
}
