//! Passes: a program that means the same and is simpler.
//!
//! ```text
//! for every condition and column, from the leaves up
//!   constant   values of literals alone; comparisons of them
//!   boolean    nested all/any, not not, decided parts, needless else
//!   merge      x == 1 or x in 3..5   ->  x in {1, 3..5}
//! ```
//!
//! *The same* means: on every event and every binding the same verdict, and for
//! an unknown one the same fields with the same causes. Conditions disappear, so
//! the nodes that an explanation lists are those of the simplified program; their
//! spans still lie in the source, a merged one covering what it was made of.
//! A literal computation that has no value (`1 / 0`) is left as it is.

mod boolean;
mod constant;
mod merge;

#[cfg(test)]
mod tests;

use super::{Cond, CondKind, Program};

/// Simplifies all predicates of a program.
pub fn simplify(program: &mut Program) {
    for predicate in &mut program.predicates {
        simplify_cond(&mut predicate.cond);
        for (cond, _) in &mut predicate.severity {
            simplify_cond(cond);
        }
        for column in &mut predicate.columns {
            constant::expr(column);
        }
    }
}

/// Simplifies one condition.
pub fn simplify_cond(cond: &mut Cond) {
    for child in children_mut(cond) {
        simplify_cond(child);
    }
    constant::cond(cond);
    boolean::cond(cond);
    merge::cond(cond);
}

fn children_mut(cond: &mut Cond) -> Vec<&mut Cond> {
    match &mut cond.kind {
        CondKind::All(conds) | CondKind::Any(conds) => conds.iter_mut().collect(),
        CondKind::Not(inner)
        | CondKind::Quant { cond: inner, .. }
        | CondKind::Count { cond: inner, .. } => vec![inner],
        CondKind::Else(left, right) => vec![left, right],
        _ => Vec::new(),
    }
}

/// Puts a condition in the place of a part of it.
fn replace(cond: &mut Cond, part: impl FnOnce(CondKind) -> Cond) {
    let whole = std::mem::replace(&mut cond.kind, CondKind::Const(false));
    *cond = part(whole);
}
