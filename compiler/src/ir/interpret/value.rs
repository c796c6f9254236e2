//! Values as the interpreter computes them, with where they came from.

use std::collections::{BTreeMap, BTreeSet};

use tagout_spec::pack::Cause;

use crate::ir::{FieldRef, Value};

/// The result of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Got {
    /// A value and its origin.
    Known(Value, Origin),
    /// The first bytes of a text that was truncated, and its origin.
    Cut(Vec<u8>, Origin),
    /// No value, and why.
    Lacking(Marks),
}

/// The fields that a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Origin(pub(super) BTreeSet<FieldRef>);

/// Fields that could not be used, each with the greatest of its causes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Marks(pub(super) BTreeMap<FieldRef, Cause>);

impl Got {
    /// No value, because a field was not usable.
    pub(super) fn lacking(field: FieldRef, cause: Cause) -> Got {
        Got::Lacking(Marks::one(field, cause))
    }

    /// The value, or what to mark because there is none or only a cut one.
    pub(super) fn whole(self) -> Result<Whole, Marks> {
        match self {
            Got::Known(value, origin) => Ok((value, origin)),
            Got::Cut(_, origin) => Err(origin.mark(Cause::Truncated)),
            Got::Lacking(marks) => Err(marks),
        }
    }
}

impl Origin {
    /// One field.
    pub(super) fn of(field: FieldRef) -> Origin {
        Origin(BTreeSet::from([field]))
    }

    /// The fields of both.
    pub(super) fn and(mut self, other: Origin) -> Origin {
        self.0.extend(other.0);
        self
    }

    /// All of them marked with a cause.
    pub(super) fn mark(&self, cause: Cause) -> Marks {
        Marks(self.0.iter().map(|field| (*field, cause)).collect())
    }
}

impl Marks {
    /// One mark.
    pub(super) fn one(field: FieldRef, cause: Cause) -> Marks {
        Marks(BTreeMap::from([(field, cause)]))
    }

    /// The marks of both; of two on one field the greater stays.
    pub(super) fn and(mut self, other: Marks) -> Marks {
        for (field, cause) in other.0 {
            let kept = self.0.entry(field).or_insert(cause);
            *kept = (*kept).max(cause);
        }
        self
    }

    /// The cause marked on a field, `None` if it is not marked.
    pub fn cause(&self, field: FieldRef) -> Cause {
        self.0.get(&field).copied().unwrap_or(Cause::None)
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A value and where it came from.
pub(super) type Whole = (Value, Origin);

/// The values of both operands, or the marks of those that have none.
pub(super) fn both(left: Got, right: Got) -> Result<(Whole, Whole), Marks> {
    match (left.whole(), right.whole()) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(left), Err(right)) => Err(left.and(right)),
        (Err(marks), Ok(_)) | (Ok(_), Err(marks)) => Err(marks),
    }
}
