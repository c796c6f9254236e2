//! Conditions and expressions without their places, so that what means the same
//! compares equal wherever it was written.

use crate::diagnostic::Span;
use crate::ir::{Cond, CondKind, Expr, ExprKind};

/// An expression with every place taken out.
pub(super) fn expr(e: &Expr) -> Expr {
    let mut e = e.clone();
    strip_expr(&mut e);
    e
}

/// What an expression computes, as a key.
pub(super) fn expr_key(e: &Expr) -> String {
    format!("{:?}", expr(e).kind)
}

/// What a condition asks, as a key.
pub(super) fn cond_key(c: &Cond) -> String {
    let mut c = c.clone();
    strip_cond(&mut c);
    format!("{:?}", c.kind)
}

fn strip_expr(e: &mut Expr) {
    e.span = Span::default();
    match &mut e.kind {
        ExprKind::Len(inner)
        | ExprKind::Neg(inner)
        | ExprKind::BitNot(inner)
        | ExprKind::ToFloat(inner)
        | ExprKind::PathView(_, inner)
        | ExprKind::Lookup(_, inner) => strip_expr(inner),
        ExprKind::Arith(_, a, b) | ExprKind::Coalesce(a, b) => {
            strip_expr(a);
            strip_expr(b);
        }
        ExprKind::Const(_)
        | ExprKind::Field(_)
        | ExprKind::Item(_)
        | ExprKind::Param(_)
        | ExprKind::LenOf(_)
        | ExprKind::Register(_) => {}
    }
}

fn strip_cond(c: &mut Cond) {
    c.span = Span::default();
    match &mut c.kind {
        CondKind::All(parts) | CondKind::Any(parts) => {
            parts.iter_mut().for_each(strip_cond);
        }
        CondKind::Not(inner)
        | CondKind::Quant { cond: inner, .. }
        | CondKind::Count { cond: inner, .. } => strip_cond(inner),
        CondKind::Else(a, b) => {
            strip_cond(a);
            strip_cond(b);
        }
        CondKind::Cmp { left, right, .. } | CondKind::Overlaps(left, right) => {
            strip_expr(left);
            strip_expr(right);
        }
        CondKind::Truth(e)
        | CondKind::InInts(e, _)
        | CondKind::InIps(e, _)
        | CondKind::InTexts { value: e, .. }
        | CondKind::InValues(e, _)
        | CondKind::InParam(e, _)
        | CondKind::InData(e, _)
        | CondKind::Text { value: e, .. }
        | CondKind::Matches(e, _) => strip_expr(e),
        CondKind::Const(_) | CondKind::State(..) => {}
    }
}
