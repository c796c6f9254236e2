//! Values and comparisons of literals alone, computed as the interpreter does.

use crate::ir::interpret::{constant_value, constant_verdict};
use crate::ir::walk::{operands, parts};
use crate::ir::{Cond, CondKind, Expr, ExprKind};

/// Folds the operands of a leaf, and the leaf if they are all literals.
pub(super) fn cond(cond: &mut Cond) {
    for operand in operands_mut(cond).into_iter().flatten() {
        expr(operand);
    }
    let is_test = !matches!(
        cond.kind,
        CondKind::InParam(..) | CondKind::InData(..) | CondKind::Matches(..)
    );
    if is_test
        && are_literals(operands(cond).into_iter().flatten())
        && let Some(holds) = constant_verdict(cond)
    {
        cond.kind = CondKind::Const(holds);
    }
}

/// Folds an expression.
pub(super) fn expr(value: &mut Expr) {
    for part in parts_mut(value).into_iter().flatten() {
        expr(part);
    }
    if let ExprKind::Call(_, arguments) = &mut value.kind {
        // What a function gives is known where it runs, and nowhere else.
        arguments.iter_mut().for_each(expr);
        return;
    }
    // A literal is never lacking.
    if let ExprKind::Coalesce(left, _) = &value.kind
        && matches!(left.kind, ExprKind::Const(_))
    {
        value.kind = left.kind.clone();
        return;
    }
    let is_computed = !matches!(value.kind, ExprKind::Lookup(..));
    if is_computed
        && are_literals(parts(value))
        && let Some(result) = constant_value(value)
    {
        value.kind = ExprKind::Const(result);
    }
}

/// Whether there are operands, and all of them literals.
fn are_literals<'e>(operands: impl Iterator<Item = &'e Expr>) -> bool {
    let is_literal = |expr: &Expr| matches!(expr.kind, ExprKind::Const(_));
    let mut operands = operands.peekable();
    operands.peek().is_some() && operands.all(is_literal)
}

fn operands_mut(cond: &mut Cond) -> [Option<&mut Expr>; 2] {
    match &mut cond.kind {
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
        _ => [None, None],
    }
}

fn parts_mut(expr: &mut Expr) -> [Option<&mut Expr>; 2] {
    match &mut expr.kind {
        ExprKind::Arith(_, left, right) | ExprKind::Coalesce(left, right) => {
            [Some(left), Some(right)]
        }
        ExprKind::Len(inner)
        | ExprKind::Neg(inner)
        | ExprKind::BitNot(inner)
        | ExprKind::ToFloat(inner)
        | ExprKind::PathView(_, inner)
        | ExprKind::Lookup(_, inner) => [Some(inner), None],
        _ => [None, None],
    }
}
