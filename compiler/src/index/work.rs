//! What a predicate costs an event that reaches it in vain, in entries looked at.
//!
//! A guess from what the bench showed of conditions on command lines: an entry takes about
//! two nanoseconds, a literal that is searched for six, an automaton one a byte. Only the
//! order of the results matters, and only for speed.

use crate::ir::{Cond, CondKind};

/// A comparison of numbers or of whole texts.
const PLAIN: u32 = 2;
/// A literal that is searched for in a text.
const LITERAL: u32 = 4;
/// A walk through a text by an automaton.
const AUTOMATON: u32 = 60;
/// Elements of a group or map of middling length.
const ELEMENTS: u32 = 10;

/// The work of a condition.
pub(super) fn of(cond: &Cond) -> u32 {
    match &cond.kind {
        CondKind::Const(_) => 0,
        CondKind::All(parts) | CondKind::Any(parts) => {
            parts.iter().map(of).fold(0, u32::saturating_add)
        }
        CondKind::Not(inner) => of(inner),
        CondKind::Else(left, right) => of(left).saturating_add(of(right)),
        CondKind::Text { needles, .. } => {
            u32::try_from(needles.len()).unwrap_or(u32::MAX).saturating_mul(LITERAL)
        }
        CondKind::Matches(..) => AUTOMATON,
        CondKind::Quant { cond, .. } | CondKind::Count { cond, .. } => {
            of(cond).saturating_mul(ELEMENTS)
        }
        _ => PLAIN,
    }
}
