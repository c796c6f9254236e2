//! Walks over conditions and expressions, in the order that defines reasons and
//! explanations: preorder, operands left to right.

use std::collections::BTreeSet;

use tagout_spec::schema::Registers;

use super::{Cond, CondKind, Expr, ExprKind, FieldRef, Predicate, Program};

/// The distinct fields of a condition by first occurrence: the order in which
/// reasons are listed and explanations written. `registers` are those of the
/// predicate's kind; without them a `Register` refers to no field.
pub fn field_refs(cond: &Cond, registers: Option<&Registers>) -> Vec<FieldRef> {
    let mut refs = Vec::new();
    let mut seen = BTreeSet::new();
    each_field(cond, registers, &mut |field| {
        if seen.insert(field) {
            refs.push(field);
        }
    });
    refs
}

/// The conditions directly below one, in order; a quantifier's is one of them.
pub fn children(cond: &Cond) -> Vec<&Cond> {
    match &cond.kind {
        CondKind::All(conds) | CondKind::Any(conds) => conds.iter().collect(),
        CondKind::Not(inner)
        | CondKind::Quant { cond: inner, .. }
        | CondKind::Count { cond: inner, .. } => vec![inner],
        CondKind::Else(left, right) => vec![left, right],
        _ => Vec::new(),
    }
}

/// The values that a condition compares, left to right.
pub fn operands(cond: &Cond) -> [Option<&Expr>; 2] {
    match &cond.kind {
        CondKind::Cmp { left, right, .. } | CondKind::Overlaps(left, right) => {
            [Some(left), Some(right)]
        }
        CondKind::Truth(value)
        | CondKind::InInts(value, _)
        | CondKind::InIps(value, _)
        | CondKind::InTexts { value, .. }
        | CondKind::InValues(value, _)
        | CondKind::InParam(value, _)
        | CondKind::InData(value, _)
        | CondKind::Text { value, .. }
        | CondKind::Matches(value, _) => [Some(value), None],
        CondKind::Const(_)
        | CondKind::All(_)
        | CondKind::Any(_)
        | CondKind::Not(_)
        | CondKind::Else(..)
        | CondKind::State(..)
        | CondKind::Quant { .. }
        | CondKind::Count { .. } => [None, None],
    }
}

/// The values that a value is computed from, left to right.
pub fn parts(expr: &Expr) -> impl Iterator<Item = &Expr> {
    let arguments = match &expr.kind {
        ExprKind::Call(_, arguments) => arguments.as_slice(),
        _ => &[],
    };
    one_or_two(expr).into_iter().flatten().chain(arguments)
}

fn one_or_two(expr: &Expr) -> [Option<&Expr>; 2] {
    match &expr.kind {
        ExprKind::Arith(_, left, right) | ExprKind::Coalesce(left, right) => {
            [Some(left), Some(right)]
        }
        ExprKind::Len(inner)
        | ExprKind::Neg(inner)
        | ExprKind::BitNot(inner)
        | ExprKind::ToFloat(inner)
        | ExprKind::PathView(_, inner)
        | ExprKind::Lookup(_, inner) => [Some(inner), None],
        ExprKind::Const(_)
        | ExprKind::Field(_)
        | ExprKind::Item(_)
        | ExprKind::Param(_)
        | ExprKind::LenOf(_)
        | ExprKind::Call(..)
        | ExprKind::Register(_) => [None, None],
    }
}

/// Whether a value is computed from literals alone.
pub fn is_literal(expr: &Expr) -> bool {
    let is_open = matches!(
        expr.kind,
        ExprKind::Field(_)
            | ExprKind::Item(_)
            | ExprKind::Param(_)
            | ExprKind::LenOf(_)
            | ExprKind::Lookup(..)
            | ExprKind::Call(..)
            | ExprKind::Register(_)
    );
    !is_open && parts(expr).all(is_literal)
}

/// Functions that a predicate calls, in its condition, severities or columns.
pub fn functions_of(predicate: &Predicate) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut note = |field| {
        if let FieldRef::Call(function) = field {
            found.insert(function);
        }
    };
    each_field(&predicate.cond, None, &mut note);
    for (cond, _) in &predicate.severity {
        each_field(cond, None, &mut note);
    }
    for column in &predicate.columns {
        each_field_of_expr(column, None, &mut note);
    }
    found
}

/// Functions that a program calls.
pub fn functions(program: &Program) -> BTreeSet<u32> {
    match program.functions.is_empty() {
        true => BTreeSet::new(),
        false => program.predicates.iter().flat_map(functions_of).collect(),
    }
}

/// Whether a leaf's values need a call of a plugin's function.
pub fn calls(leaf: &Cond) -> bool {
    operands(leaf).into_iter().flatten().any(is_call)
}

fn is_call(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Call(..)) || parts(expr).any(is_call)
}

/// Calls `visit` for every occurrence of a field in a condition, in order.
pub fn each_field(
    cond: &Cond,
    registers: Option<&Registers>,
    visit: &mut impl FnMut(FieldRef),
) {
    match &cond.kind {
        CondKind::State(field, _)
        | CondKind::Quant { group: field, .. }
        | CondKind::Count { group: field, .. } => visit(*field),
        _ => {}
    }
    for operand in operands(cond).into_iter().flatten() {
        each_field_of_expr(operand, registers, visit);
    }
    for child in children(cond) {
        each_field(child, registers, visit);
    }
}

/// Calls `visit` for every occurrence of a field in a value, in order.
pub fn each_field_of_expr(
    expr: &Expr,
    registers: Option<&Registers>,
    visit: &mut impl FnMut(FieldRef),
) {
    match &expr.kind {
        ExprKind::Field(field) | ExprKind::LenOf(field) => visit(*field),
        ExprKind::Item(list) => visit(FieldRef::Event(*list)),
        ExprKind::Call(function, _) => visit(FieldRef::Call(*function)),
        ExprKind::Register(_) => {
            if let Some(registers) = registers {
                visit(FieldRef::Event(registers.address));
                visit(FieldRef::Event(registers.values));
                visit(FieldRef::Event(registers.table));
            }
        }
        _ => {}
    }
    for part in parts(expr) {
        each_field_of_expr(part, registers, visit);
    }
}
