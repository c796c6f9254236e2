//! `tagout test --mutate`: drops each condition of each rule in turn and demands
//! that a test of the rule notices.
//!
//! A mutant is the rule with one condition less: one part of an `and` or an `or`
//! is left out, wherever it stands. It is compiled by itself and runs the tests
//! of its rule. If all of them still pass, nothing guards the condition.

use std::path::Path;

use tagout_compiler::diagnostic::{Sources, Span};
use tagout_compiler::ir::{Cond, CondKind, Plan, Predicate, Program};
use tagout_compiler::{Checked, assemble};
use tagout_spec::schema::Schema;

use crate::Failure;
use crate::setup::Setup;

/// What came of the mutants of a pack.
#[derive(Debug, Default)]
pub struct Mutation {
    /// Mutants that a test noticed.
    pub killed: usize,
    /// Those that none did: what was dropped, and where.
    pub survived: Vec<String>,
}

/// Runs all mutants of a pack.
///
/// # Errors
/// The pack cannot be read, or a mutant cannot be loaded.
pub fn mutate(path: &Path, schema: &Schema) -> Result<Mutation, Failure> {
    with(path, &Setup::of(schema))
}

/// Runs all mutants of a pack that may need plugins.
pub(crate) fn with(path: &Path, setup: &Setup) -> Result<Mutation, Failure> {
    let folder = setup.folder(path)?;
    let checked = tagout_compiler::check(&folder.source, &setup.schema);
    let (sources, named) = (folder.source.sources(), folder.sources());
    let mut mutation = Mutation::default();
    for plan in &checked.program.plans {
        let position = usize::try_from(plan.predicate).unwrap_or(usize::MAX);
        let Some(predicate) = checked.program.predicates.get(position) else { continue };
        for (dropped, cond) in mutants(&predicate.cond) {
            let mutant = alone(&checked, plan, predicate, cond);
            if notices(&mutant, &sources, setup)? {
                mutation.killed += 1;
                continue;
            }
            let place = named.get(dropped.file).map_or(String::new(), |source| {
                format!("{}:{}", source.name(), source.position(dropped.start).line)
            });
            let text = sources.text(dropped).unwrap_or_default();
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let rule = &plan.rule;
            mutation
                .survived
                .push(format!("{rule}: no test needs `{text}`\n  at {place}"));
        }
    }
    Ok(mutation)
}

/// Whether some test of the mutant fails.
fn notices(mutant: &Checked, sources: &Sources, setup: &Setup) -> Result<bool, Failure> {
    let pack = assemble(mutant, sources, &setup.schema)
        .map_err(|diagnostic| Failure::usage(diagnostic.message.clone()))?;
    let runtime = setup.builder().pack("mutant", pack).build();
    let runtime = runtime.map_err(|error| Failure::usage(error.to_string()))?;
    let results =
        runtime.run_tests().map_err(|error| Failure::usage(error.to_string()))?;
    Ok(results.iter().any(|result| !result.passed()))
}

/// The pack with one rule, and that with another condition.
fn alone(checked: &Checked, plan: &Plan, predicate: &Predicate, cond: Cond) -> Checked {
    let program = Program {
        predicates: vec![Predicate { cond, ..predicate.clone() }],
        plans: vec![Plan { predicate: 0, ..plan.clone() }],
        ..checked.program.clone()
    };
    let tests = checked.tests.iter().filter(|test| test.rule == plan.rule).cloned();
    Checked {
        program,
        info: checked.info.clone(),
        tests: tests.collect(),
        diagnostics: Vec::new(),
    }
}

/// Each condition that can be dropped, and what is left.
fn mutants(cond: &Cond) -> Vec<(Span, Cond)> {
    let mut found = inner(cond);
    if found.is_empty() {
        found.push((cond.span, Cond { kind: CondKind::Const(true), span: cond.span }));
    }
    found
}

fn inner(cond: &Cond) -> Vec<(Span, Cond)> {
    let rebuilt = |kind| Cond { kind, span: cond.span };
    let one = |part: &Cond, wrap: &dyn Fn(Box<Cond>) -> CondKind| -> Vec<(Span, Cond)> {
        let parts = inner(part).into_iter();
        parts.map(|(span, part)| (span, rebuilt(wrap(Box::new(part))))).collect()
    };
    match &cond.kind {
        CondKind::All(parts) => several(parts, &|parts| rebuilt(CondKind::All(parts))),
        CondKind::Any(parts) => several(parts, &|parts| rebuilt(CondKind::Any(parts))),
        CondKind::Not(part) => one(part, &CondKind::Not),
        CondKind::Else(part, default) => {
            one(part, &|part| CondKind::Else(part, default.clone()))
        }
        CondKind::Quant { all, group, cond } => {
            one(cond, &|cond| CondKind::Quant { all: *all, group: *group, cond })
        }
        CondKind::Count { group, cond, op, than } => one(cond, &|cond| CondKind::Count {
            group: *group,
            cond,
            op: *op,
            than: *than,
        }),
        _ => Vec::new(),
    }
}

/// Drops each part, and each condition within a part.
fn several(parts: &[Cond], wrap: &dyn Fn(Vec<Cond>) -> Cond) -> Vec<(Span, Cond)> {
    let mut found = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let others = |replacement: Option<Cond>| {
            let before = parts.iter().take(i).cloned();
            let after = parts.iter().skip(i + 1).cloned();
            wrap(before.chain(replacement).chain(after).collect())
        };
        found.push((part.span, others(None)));
        found.extend(
            inner(part).into_iter().map(|(span, cond)| (span, others(Some(cond)))),
        );
    }
    found
}
