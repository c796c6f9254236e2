//! Kinds, parameters, tables and patterns.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Look;
use tagout_spec::schema::Schema;

use super::{Fault, ascending};
use crate::ir::{
    Constant, DataTable, Param, Pattern, Program, Type, Value, fold, limits,
};

/// Checks all that is not a predicate or a plan.
pub(super) fn verify(program: &Program, schema: &Schema, faults: &mut Vec<Fault>) {
    let mut report = |part: String, message: String| {
        faults.push(Fault { part, span: None, message });
    };
    if !ascending(&program.kinds)
        || program.kinds.iter().any(|kind| usize::from(kind.0) >= schema.kinds.len())
    {
        report("kinds".to_owned(), "not ascending, or not in the schema".to_owned());
    }
    if program.predicates.len() > limits::PREDICATES {
        report("program".to_owned(), "too many predicates".to_owned());
    }
    for param in &program.params {
        if let Some(message) = param_fault(param) {
            report(format!("param `{}`", param.name), message.to_owned());
        }
    }
    for table in &program.data {
        if let Some(message) = table_fault(table) {
            report(format!("data `{}`", table.name), message.to_owned());
        }
    }
    for pattern in &program.patterns {
        if let Some(message) = pattern_fault(pattern) {
            report(format!("pattern `{}`", pattern.source), message);
        }
    }
}

fn param_fault(param: &Param) -> Option<&'static str> {
    if param.set_max == Some(0) {
        return Some("a set of at most no elements");
    }
    if param.ty == Type::Range || (param.ty == Type::Bool && param.set_max.is_some()) {
        return Some("no value of this type can be bound");
    }
    let most = param.set_max.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
    let is_right = match (&param.default, most) {
        (None, _) => true,
        (Some(Constant::One(value)), None) => param.ty.admits(value),
        (Some(Constant::Set(values)), Some(most)) => {
            values.len() <= most && values.iter().all(|value| param.ty.admits(value))
        }
        (Some(Constant::Ips(ranges)), Some(most)) => {
            param.ty == Type::Ip
                && ranges.len() <= most
                && ranges.iter().all(|(first, last)| first <= last)
                && ranges.is_sorted_by(|(_, last), (first, _)| last < first)
        }
        (Some(_), _) => false,
    };
    (!is_right).then_some("the default is not of the parameter's type and size")
}

fn table_fault(table: &DataTable) -> Option<&'static str> {
    let is_right = table.rows.iter().all(|(key, value)| {
        table.key.admits(key)
            && match (table.value, value) {
                (None, None) => true,
                (Some(ty), Some(value)) => ty.admits(value),
                _ => false,
            }
    });
    if !is_right {
        return Some("a row is not of the table's types");
    }
    let is_folded = |key: &Value| match key {
        Value::Bytes(bytes) => fold::fold(bytes) == *bytes,
        _ => true,
    };
    if table.key.folds() && !table.rows.iter().all(|(key, _)| is_folded(key)) {
        return Some("a key is not folded");
    }
    let is_sorted = table.rows.is_sorted_by(|(left, _), (right, _)| less(left, right));
    (!is_sorted).then_some("keys are not ascending")
}

/// The order of keys.
fn less(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left < right,
        (Value::Int(left), Value::Int(right)) => left < right,
        (Value::Float(left), Value::Float(right)) => left < right,
        (Value::Ip(left), Value::Ip(right)) => left < right,
        (Value::Mac(left), Value::Mac(right)) => left < right,
        (Value::Bytes(left), Value::Bytes(right)) => left < right,
        _ => false,
    }
}

fn pattern_fault(pattern: &Pattern) -> Option<String> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    match parser.parse(&pattern.regex) {
        Err(error) => Some(error.to_string()),
        Ok(hir) => {
            let looks = hir.properties().look_set();
            let has_unicode_boundary = looks.iter().any(|look| {
                matches!(
                    look,
                    Look::WordUnicode
                        | Look::WordUnicodeNegate
                        | Look::WordStartUnicode
                        | Look::WordEndUnicode
                        | Look::WordStartHalfUnicode
                        | Look::WordEndHalfUnicode
                )
            });
            has_unicode_boundary.then(|| "a Unicode word boundary".to_owned())
        }
    }
}
