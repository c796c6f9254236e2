//! Kleene algebra that keeps reasons.
//!
//! A decided child gives no reason, so it may go where it does not decide, and
//! the others may go where it does.

use super::replace;
use crate::ir::{Cond, CondKind};

/// Simplifies a condition whose children are simple.
pub(super) fn cond(cond: &mut Cond) {
    match &mut cond.kind {
        CondKind::All(conds) => {
            let conds = std::mem::take(conds);
            join(cond, conds, false);
        }
        CondKind::Any(conds) => {
            let conds = std::mem::take(conds);
            join(cond, conds, true);
        }
        CondKind::Not(inner) => match &mut inner.kind {
            CondKind::Const(holds) => cond.kind = CondKind::Const(!*holds),
            CondKind::Not(_) => replace(cond, |outer| match outer {
                CondKind::Not(inner) => match inner.kind {
                    CondKind::Not(innermost) => *innermost,
                    other => Cond { kind: other, span: inner.span },
                },
                other => Cond { kind: other, span: Default::default() },
            }),
            _ => {}
        },
        CondKind::Else(left, _) if is_decided(left) => {
            replace(cond, |whole| match whole {
                CondKind::Else(left, _) => *left,
                other => Cond { kind: other, span: Default::default() },
            });
        }
        _ => {}
    }
}

/// Flattens `all` (or `any`), of which a child that is `absorbing` decides.
fn join(cond: &mut Cond, conds: Vec<Cond>, absorbing: bool) {
    let mut flat = Vec::with_capacity(conds.len());
    for child in conds {
        match child.kind {
            CondKind::Const(holds) if holds == absorbing => {
                cond.kind = CondKind::Const(absorbing);
                return;
            }
            CondKind::Const(_) => {}
            CondKind::All(inner) if !absorbing => flat.extend(inner),
            CondKind::Any(inner) if absorbing => flat.extend(inner),
            kind => flat.push(Cond { kind, span: child.span }),
        }
    }
    cond.kind = match (flat.len(), absorbing) {
        (0, _) => CondKind::Const(!absorbing),
        (1, _) => {
            if let Some(only) = flat.pop() {
                *cond = only;
            }
            return;
        }
        (_, true) => CondKind::Any(flat),
        (_, false) => CondKind::All(flat),
    };
}

/// Whether a condition is never unknown.
fn is_decided(cond: &Cond) -> bool {
    match &cond.kind {
        CondKind::Const(_) | CondKind::State(..) => true,
        CondKind::All(conds) | CondKind::Any(conds) => conds.iter().all(is_decided),
        CondKind::Not(inner) => is_decided(inner),
        CondKind::Else(left, right) => is_decided(left) || is_decided(right),
        _ => false,
    }
}
