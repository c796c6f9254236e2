//! The names of a map that somebody asks for, ready to be looked up.

use alloc::boxed::Box;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::schema::Kind;

/// The names that are fields of a kind, with their numbers among those.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(HashMap<Box<[u8]>, u16, FixedState>);

impl Names {
    /// The names that are fields of a kind.
    pub(super) fn of(kind: &Kind) -> Self {
        let named = kind.named().filter_map(|field| {
            Some((field.name()?.as_bytes().into(), field.idx().name_number()?))
        });
        Self(named.collect())
    }

    /// How many there are, which is also how many bytes a row has.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The number of a name.
    pub(super) fn number(&self, name: &[u8]) -> Option<u16> {
        self.0.get(name).copied()
    }
}
