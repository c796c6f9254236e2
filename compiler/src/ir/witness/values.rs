//! Values worth trying: at and beside what a literal compares its operand with.

use super::Finder;
use super::compose::{Ask, Shape};
use super::example::examples;
use crate::ir::interpret::constant_value;
use crate::ir::walk::is_literal;
use crate::ir::{Cond, CondKind, Constant, Expr, ExprKind, TextOp, Type, Value};

/// Most values of a set that are tried.
const MOST: usize = 48;
/// Longest text that is made up for its length.
const LONGEST: usize = 4096;

/// Values that no rule need mention.
pub(super) fn made_up(ty: Type) -> Vec<Value> {
    let v4 =
        |last| Value::Ip([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, last]);
    let text = |text: &str| Value::Bytes(text.as_bytes().to_vec());
    match ty {
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Type::Int | Type::Enum(_) | Type::Time | Type::Duration => {
            [1, 0, 2, 3].map(Value::Int).to_vec()
        }
        Type::Float => [1.0, 0.0, -1.0].map(Value::Float).to_vec(),
        Type::Ip => vec![v4(1), v4(2)],
        Type::Mac => [1, 2].map(|last| Value::Mac([2, 0, 0, 0, 0, last])).to_vec(),
        Type::Text | Type::Name | Type::Path | Type::Bytes => {
            vec![text("example"), text("other"), text("")]
        }
        Type::Range => vec![Value::Range(0, 0), Value::Range(1, 1)],
    }
}

/// The operands of a literal with the values worth trying for each.
pub(super) fn of_literal<'a>(
    finder: Finder<'a>,
    cond: &'a Cond,
) -> Vec<(&'a Expr, Vec<Value>)> {
    match &cond.kind {
        CondKind::Truth(value) => vec![(value, made_up(Type::Bool))],
        CondKind::Cmp { left, right, .. } | CondKind::Overlaps(left, right) => {
            match (literal(finder, left), literal(finder, right)) {
                (None, Some(right)) => vec![(left, beside(&right))],
                (Some(left), None) => vec![(right, beside(&left))],
                _ => vec![(left, made_up(left.ty)), (right, made_up(right.ty))],
            }
        }
        CondKind::InInts(value, ranges) => {
            let ends = ranges.iter().take(MOST).flat_map(|(first, last)| {
                [*first, *last, first.saturating_sub(1), last.saturating_add(1)]
            });
            vec![(value, ends.map(Value::Int).collect())]
        }
        CondKind::InIps(value, ranges) => vec![(value, ips(ranges))],
        CondKind::InTexts { value, texts, .. } => {
            vec![(value, texts.iter().take(MOST).cloned().map(Value::Bytes).collect())]
        }
        CondKind::InValues(value, values) => {
            vec![(value, values.iter().take(MOST).cloned().collect())]
        }
        CondKind::InParam(value, param) => {
            let values = match finder.constant(*param) {
                Some(Constant::Set(values)) => {
                    values.iter().take(MOST).cloned().collect()
                }
                Some(Constant::Ips(ranges)) => ips(ranges),
                _ => Vec::new(),
            };
            vec![(value, values)]
        }
        CondKind::InData(value, table) => {
            let table = usize::try_from(*table).ok();
            let rows = table.and_then(|at| finder.program.data.get(at));
            let keys = rows.iter().flat_map(|table| table.rows.iter().take(MOST));
            vec![(value, keys.map(|(key, _)| key.clone()).collect())]
        }
        _ => Vec::new(),
    }
}

/// A value that does not depend on the event.
pub(super) fn literal(finder: Finder<'_>, expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Param(param) => match finder.constant(*param)? {
            Constant::One(value) => Some(value.clone()),
            Constant::Set(_) | Constant::Ips(_) => None,
        },
        _ if is_literal(expr) => constant_value(expr),
        _ => None,
    }
}

/// A value and its neighbours.
fn beside(value: &Value) -> Vec<Value> {
    match value {
        Value::Int(number) => {
            let beside = [*number, number.saturating_add(1), number.saturating_sub(1)];
            beside.map(Value::Int).to_vec()
        }
        Value::Float(float) => {
            let beside =
                [*float, float.next_up(), float.next_down(), float + 1.0, float - 1.0];
            beside.into_iter().filter(|one| !one.is_nan()).map(Value::Float).collect()
        }
        Value::Ip(ip) => ips(&[(*ip, *ip)]),
        Value::Range(first, last) => {
            let ends = [*first, *last, first.saturating_sub(1), last.saturating_add(1)];
            ends.map(|end| Value::Range(end, end)).to_vec()
        }
        Value::Bool(_) => made_up(Type::Bool),
        Value::Mac(_) | Value::Bytes(_) => vec![value.clone()],
    }
}

fn ips(ranges: &[([u8; 16], [u8; 16])]) -> Vec<Value> {
    let ends = ranges.iter().take(MOST).flat_map(|(first, last)| {
        let [first, last] = [*first, *last].map(u128::from_be_bytes);
        [first, last, first.saturating_sub(1), last.saturating_add(1)]
    });
    ends.map(|ip| Value::Ip(ip.to_be_bytes())).collect()
}

/// What a literal that is to be true asks of its text, by alternatives; nothing
/// if it asks nothing.
pub(super) fn asks<'a>(
    finder: Finder<'a>,
    cond: &'a Cond,
) -> Option<(&'a Expr, Vec<Shape>)> {
    match &cond.kind {
        CondKind::Cmp { left, right, .. }
            if left.ty.is_text() || left.ty == Type::Bytes =>
        {
            match (literal(finder, left), literal(finder, right)) {
                (None, Some(Value::Bytes(text))) => {
                    Some((left, vec![Shape::Equals(text)]))
                }
                (Some(Value::Bytes(text)), None) => {
                    Some((right, vec![Shape::Equals(text)]))
                }
                _ => None,
            }
        }
        CondKind::Cmp { left, right, .. } => {
            let ExprKind::Len(text) = &left.kind else { return None };
            let Some(Value::Int(length)) = literal(finder, right) else { return None };
            let around = [length, length.saturating_add(1), length.saturating_sub(1)];
            let lengths =
                around.into_iter().filter_map(|length| usize::try_from(length).ok());
            let shapes = lengths.filter(|length| *length <= LONGEST).map(Shape::Length);
            Some((text, shapes.collect()))
        }
        CondKind::InTexts { .. } | CondKind::InParam(..) | CondKind::InData(..) => {
            let (value, values) = of_literal(finder, cond).into_iter().next()?;
            let texts = values.into_iter().filter_map(|value| match value {
                Value::Bytes(text) => Some(Shape::Equals(text)),
                _ => None,
            });
            let texts: Vec<_> = texts.collect();
            (!texts.is_empty()).then_some((value, texts))
        }
        CondKind::Text { op, value, needles, all, .. } => {
            let shape = |needle: &Vec<u8>| match op {
                TextOp::Contains => Shape::Contains(vec![needle.clone()]),
                TextOp::StartsWith => Shape::Prefix(needle.clone()),
                TextOp::EndsWith => Shape::Suffix(needle.clone()),
            };
            let shapes = match (*all, op) {
                (true, TextOp::Contains) => vec![Shape::Contains(needles.clone())],
                // The longest must have the others at its end.
                (true, _) => {
                    let longest = needles.iter().max_by_key(|needle| needle.len());
                    longest.map(shape).into_iter().collect()
                }
                (false, _) => needles.iter().take(MOST).map(shape).collect(),
            };
            Some((value, shapes))
        }
        CondKind::Matches(value, pattern) => {
            let pattern = usize::try_from(*pattern).ok();
            let pattern = pattern.and_then(|at| finder.program.patterns.get(at))?;
            let shapes = examples(&pattern.regex).into_iter().map(|example| {
                match (example.opens, example.closes) {
                    (true, true) => Shape::Equals(example.text),
                    (true, false) => Shape::Prefix(example.text),
                    (false, true) => Shape::Suffix(example.text),
                    (false, false) => Shape::Contains(vec![example.text]),
                }
            });
            Some((value, shapes.collect()))
        }
        _ => None,
    }
}

/// The same shapes, of a part of a path if the operand is a view.
pub(super) fn asked(view: Option<crate::ir::PathView>, shapes: Vec<Shape>) -> Vec<Ask> {
    shapes.into_iter().map(|shape| Ask { view, shape }).collect()
}
