//! The verifier: holds the invariants that the head of the module
//! [`ir`](crate::ir) states.
//!
//! It runs in tests, and in debug builds between the phases. A fault is a
//! mistake of the compiler, not of a rule's author, so faults are plain text.
//! Recursion ends at [`limits::DEPTH`], so any program can be verified.

mod cond;
mod expr;
mod tables;

#[cfg(test)]
mod tests;

use std::fmt;

use tagout_spec::schema::{Field, FieldIdx, Kind, Schema};

use super::types::field_of;
use super::{Evidence, FieldRef, Plan, Predicate, Program, TitlePart, limits};
use crate::diagnostic::Span;

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which part of the program: `predicate 3`.
    pub part: String,
    /// Where it was written, if it has a place.
    pub span: Option<Span>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.message)
    }
}

/// All broken invariants of a program; none means that it may be compiled.
pub fn verify(program: &Program, schema: &Schema) -> Vec<Fault> {
    let mut faults = Vec::new();
    tables::verify(program, schema, &mut faults);
    for (position, predicate) in program.predicates.iter().enumerate() {
        let mut checker = Checker {
            program,
            kinds: Vec::new(),
            part: format!("predicate {position}"),
            faults: &mut faults,
            nodes: 0,
            element: None,
        };
        checker.predicate(predicate, schema);
    }
    for (position, plan) in program.plans.iter().enumerate() {
        let part = format!("plan {position}");
        for message in plan_faults(program, schema, plan) {
            let span = Some(plan.span);
            faults.push(Fault { part: part.clone(), span, message });
        }
    }
    faults
}

/// Checks one predicate.
struct Checker<'a> {
    program: &'a Program,
    kinds: Vec<&'a Kind>,
    part: String,
    faults: &'a mut Vec<Fault>,
    nodes: usize,
    /// The group or list of the quantifier that encloses the node.
    element: Option<FieldIdx>,
}

impl<'a> Checker<'a> {
    fn predicate(&mut self, predicate: &Predicate, schema: &'a Schema) {
        self.kinds = kinds_of(self.program, schema, predicate);
        if self.kinds.len() != predicate.kinds.len() {
            self.fault(None, "a kind is not in the program or the schema".to_owned());
        }
        if predicate.kinds.is_empty() || !ascending(&predicate.kinds) {
            self.fault(None, "kinds are empty or not ascending".to_owned());
        }
        if predicate.columns.len() > limits::COLUMNS
            || predicate.severity.len() > limits::COLUMNS
        {
            self.fault(None, "too many columns or severities".to_owned());
        }
        self.cond(&predicate.cond, 0);
        for (cond, _) in &predicate.severity {
            self.cond(cond, 0);
        }
        for column in &predicate.columns {
            self.expr(column, 0);
        }
        if self.nodes > limits::NODES {
            self.fault(None, format!("more than {} nodes", limits::NODES));
        }
    }

    /// Counts a node; false if it lies too deep or there are too many.
    fn enter(&mut self, depth: usize, span: Span) -> bool {
        self.nodes = self.nodes.saturating_add(1);
        if depth == limits::DEPTH {
            self.fault(Some(span), format!("nested deeper than {}", limits::DEPTH));
        }
        depth < limits::DEPTH && self.nodes <= limits::NODES
    }

    /// The field that a reference names, the same in all kinds.
    fn field(&mut self, field: FieldRef, span: Span) -> Option<&'a Field> {
        let fields: Option<Vec<_>> =
            self.kinds.iter().map(|kind| field_of(kind, field)).collect();
        let first = fields.as_ref().and_then(|fields| fields.first()).copied();
        let Some((first, fields)) = first.zip(fields) else {
            self.fault(Some(span), format!("{field:?} is not in every kind"));
            return None;
        };
        let place = |field: &Field| (field.ty, field.bit, field.offset);
        if fields.iter().any(|one| place(one) != place(first)) {
            self.fault(Some(span), format!("{field:?} differs between kinds"));
        }
        if let FieldRef::Event(idx) = field
            && let Some(number) = idx.name_number()
            && self.program.names.len() <= usize::from(number)
        {
            self.fault(Some(span), format!("{field:?} is none of the program's names"));
        }
        if let FieldRef::Elem(group, _) = field
            && self.element != Some(group)
        {
            self.fault(Some(span), format!("{field:?} outside a quantifier over it"));
        }
        Some(first)
    }

    fn fault(&mut self, span: Option<Span>, message: String) {
        self.faults.push(Fault { part: self.part.clone(), span, message });
    }
}

fn kinds_of<'a>(
    program: &Program,
    schema: &'a Schema,
    predicate: &Predicate,
) -> Vec<&'a Kind> {
    let position = |kind: &u16| program.kinds.get(usize::from(*kind));
    let kinds = predicate.kinds.iter().filter_map(position);
    let kinds = kinds.filter_map(|kind| schema.kinds.get(usize::from(kind.0)));
    kinds.map(AsRef::as_ref).collect()
}

fn plan_faults(program: &Program, schema: &Schema, plan: &Plan) -> Vec<String> {
    let position = usize::try_from(plan.predicate).ok();
    let predicate = position.and_then(|position| program.predicates.get(position));
    let Some(predicate) = predicate else {
        return vec![format!("no predicate {}", plan.predicate)];
    };
    let mut faults = Vec::new();
    let dedup = plan.dedup.iter().flat_map(|(columns, _)| columns.iter());
    let title = plan.title.iter().flat_map(|part| match part {
        TitlePart::Column(column) => std::slice::from_ref(column),
        TitlePart::FirstOf(columns) => columns,
        TitlePart::Literal(_) => &[],
    });
    let evidence = plan.evidence.iter().filter_map(|(_, evidence)| match evidence {
        Evidence::Column(column) => Some(column),
        Evidence::Field(_) => None,
    });
    for column in dedup.chain(title).chain(evidence) {
        if usize::from(*column) >= predicate.columns.len() {
            faults.push(format!("no column {column}"));
        }
    }
    if plan.dedup.as_ref().is_some_and(|(_, window)| *window <= 0) {
        faults.push("a window of deduplication is not positive".to_owned());
    }
    for (label, evidence) in &plan.evidence {
        let Evidence::Field(field) = evidence else { continue };
        let is_repeated = |kind: &Kind| {
            field_of(kind, FieldRef::Event(*field)).is_some_and(|one| one.items.is_some())
        };
        if !kinds_of(program, schema, predicate).into_iter().all(is_repeated) {
            faults.push(format!("evidence `{label}` is not a repeated field"));
        }
    }
    faults
}

/// Whether each element is greater than the one before.
fn ascending<T: PartialOrd>(list: &[T]) -> bool {
    list.is_sorted_by(|left, right| left < right)
}
