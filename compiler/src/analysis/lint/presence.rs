//! Fields that are there only beside some values of another field (W0519).
//!
//! The schema says by what a field is guarded: a sub-function is there only if the
//! function is diagnostics. A rule that compares it and does not prove the guard is
//! undecided for every other event, which is hardly what its author meant.
//!
//! ```text
//! m.subfunction == restart_communications                                   W0519
//! m.function == diagnostics and m.subfunction == restart_communications
//! (m.subfunction == restart_communications else false)
//! ```
//!
//! Each guard of a rule's fields is tried by assuming that it does not hold: then the
//! fields are not there, a condition on the guard itself is false or true, and any
//! other condition may be either. If the rule as a whole can still be undecided, the
//! guard is not proven. Rules on several kinds are passed over: what they share is not
//! guarded.

use std::ops::BitOr;

use tagout_spec::schema::{FieldIdx, Guard, Kind, Schema};

use crate::analysis::rule::Lowered;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::walk::{operands, parts};
use crate::ir::{
    CmpOp, Cond, CondKind, Expr, ExprKind, FieldRef, State, Value, children,
};

/// Checks every rule on a single kind.
pub(super) fn check(
    schema: &Schema,
    rules: &[Lowered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for rule in rules {
        let [kind] = rule.kinds.as_slice() else { continue };
        let Some(kind) = schema.kind(*kind) else { continue };
        for guard in kind.guards.iter() {
            let assumed = Unguarded { guard };
            let cond = &rule.predicate.cond;
            if assumed.outcome(cond).has(Outcome::UNKNOWN)
                && let Some((field, span)) = assumed.blame(cond)
            {
                diagnostics.push(diagnostic(schema, kind, guard, field, span));
            }
        }
    }
}

/// Which verdicts a condition can have.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Outcome(u8);

impl Outcome {
    const FALSE: Self = Self(1);
    const UNKNOWN: Self = Self(2);
    const TRUE: Self = Self(4);
    const EITHER: Self = Self(1 | 4);

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn only(self, kept: Self) -> Self {
        Self(self.0 & kept.0)
    }

    fn negated(self) -> Self {
        let swapped = (self.0 & 1) << 2 | (self.0 & 4) >> 2;
        Self(self.0 & 2 | swapped)
    }

    /// The verdict of both together: the lesser, false before unknown before true.
    fn and(self, other: Self) -> Self {
        let mut both = Self(0);
        for least in [Self::FALSE, Self::UNKNOWN, Self::TRUE] {
            // Verdicts not below this one.
            let above = Self(!(least.0 - 1) & 7);
            let here = self.has(least) && other.has(above);
            if here || other.has(least) && self.has(above) {
                both = both | least;
            }
        }
        both
    }
}

impl BitOr for Outcome {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The assumption that a guard does not hold.
#[derive(Clone, Copy)]
struct Unguarded<'a> {
    guard: &'a Guard,
}

impl Unguarded<'_> {
    fn outcome(self, cond: &Cond) -> Outcome {
        match &cond.kind {
            CondKind::Const(holds) => known(*holds),
            CondKind::All(conds) => self.all(conds),
            CondKind::Any(conds) => conds
                .iter()
                .fold(Outcome::FALSE.negated(), |all, c| {
                    all.and(self.outcome(c).negated())
                })
                .negated(),
            CondKind::Not(inner) => self.outcome(inner).negated(),
            CondKind::Else(left, right) => match self.outcome(left) {
                left if left.has(Outcome::UNKNOWN) => {
                    left.only(Outcome::EITHER) | self.outcome(right)
                }
                left => left,
            },
            CondKind::State(field, state) if self.is_guarded(*field) => {
                known(*state == State::Missing)
            }
            CondKind::Quant { group, .. } | CondKind::Count { group, .. } => {
                match self.is_guarded(*group) {
                    true => Outcome::UNKNOWN,
                    false => Outcome::EITHER,
                }
            }
            _ if operands(cond).into_iter().flatten().any(|e| self.lacks(e)) => {
                Outcome::UNKNOWN
            }
            _ => self.of_guard(cond).unwrap_or(Outcome::EITHER),
        }
    }

    fn all(self, conds: &[Cond]) -> Outcome {
        conds.iter().fold(Outcome::TRUE, |all, cond| all.and(self.outcome(cond)))
    }

    /// What a condition on the guard itself is, if that can be told.
    fn of_guard(self, cond: &Cond) -> Option<Outcome> {
        let values = match &cond.kind {
            CondKind::Truth(value) if self.is_guard(value) => vec![(1, 1)],
            CondKind::InInts(value, values) if self.is_guard(value) => values.clone(),
            CondKind::Cmp { op: CmpOp::Eq, left, right, .. } => {
                let one = match (self.is_guard(left), self.is_guard(right)) {
                    (true, false) => constant(right)?,
                    (false, true) => constant(left)?,
                    _ => return None,
                };
                vec![(one, one)]
            }
            _ => return None,
        };
        let guards = |value: i64| {
            u64::try_from(value).is_ok_and(|value| self.guard.values.contains(&value))
        };
        // A bool that is not the guard's is the other one.
        if self.is_bool(cond) {
            return values.first().map(|(value, _)| known(!guards(*value)));
        }
        let is_proof = values.iter().all(|&(low, high)| {
            high.checked_sub(low).is_some_and(|more| more < 256)
                && (low..=high).all(guards)
        });
        is_proof.then_some(Outcome::FALSE)
    }

    fn is_bool(self, cond: &Cond) -> bool {
        matches!(&cond.kind, CondKind::Truth(_))
            || operands(cond)
                .into_iter()
                .flatten()
                .any(|value| matches!(value.kind, ExprKind::Const(Value::Bool(_))))
    }

    /// Whether a value lacks.
    fn lacks(self, value: &Expr) -> bool {
        match &value.kind {
            ExprKind::Coalesce(left, right) => self.lacks(left) && self.lacks(right),
            ExprKind::Field(field) | ExprKind::LenOf(field) => self.is_guarded(*field),
            ExprKind::Item(list) => self.is_guarded(FieldRef::Event(*list)),
            _ => parts(value).any(|part| self.lacks(part)),
        }
    }

    fn is_guarded(self, field: FieldRef) -> bool {
        matches!(field, FieldRef::Event(idx) if self.guard.fields.contains(&idx))
    }

    fn is_guard(self, value: &Expr) -> bool {
        value.kind == ExprKind::Field(FieldRef::Event(self.guard.by))
    }

    /// The field of the first leaf that is undecided, and where the leaf stands.
    fn blame(self, cond: &Cond) -> Option<(FieldIdx, Span)> {
        if !self.outcome(cond).has(Outcome::UNKNOWN) {
            return None;
        }
        let below = match &cond.kind {
            CondKind::Quant { .. } | CondKind::Count { .. } => Vec::new(),
            _ => children(cond),
        };
        if below.is_empty() {
            return Some((self.field_of(cond)?, cond.span));
        }
        below.into_iter().find_map(|cond| self.blame(cond))
    }

    fn field_of(self, leaf: &Cond) -> Option<FieldIdx> {
        let read = crate::ir::field_refs(leaf, None).into_iter();
        read.filter(|field| self.is_guarded(*field)).find_map(|field| match field {
            FieldRef::Event(idx) => Some(idx),
            FieldRef::Elem(..) | FieldRef::Call(_) => None,
        })
    }
}

fn known(holds: bool) -> Outcome {
    if holds { Outcome::TRUE } else { Outcome::FALSE }
}

fn constant(value: &Expr) -> Option<i64> {
    match value.kind {
        ExprKind::Const(Value::Int(number)) => Some(number),
        ExprKind::Const(Value::Bool(holds)) => Some(holds.into()),
        _ => None,
    }
}

fn diagnostic(
    schema: &Schema,
    kind: &Kind,
    guard: &Guard,
    field: FieldIdx,
    span: Span,
) -> Diagnostic {
    let field = kind.field(field).map_or("", |field| &*field.path);
    let proof = schema.guard_text(kind, guard);
    let message = format!("`{field}` is there only if `{proof}`");
    Diagnostic::new(Code::W0519, span, message)
        .label("undecided for all other events")
        .help(format!(
            "ask for `{proof}` as well, or say what holds without it by `else`"
        ))
}
