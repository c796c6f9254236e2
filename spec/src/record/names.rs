//! The names of a map that somebody asks for, ready to be looked up.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::schema::Kind;

/// The names that are fields of a kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// With the number among the fields; by length, then by bytes, so that most
    /// look-ups are decided by the length.
    sorted: Vec<(Box<[u8]>, u16)>,
}

impl Names {
    /// The names that are fields of a kind.
    pub(super) fn of(kind: &Kind) -> Self {
        let named = kind.named().filter_map(|field| {
            Some((field.name()?.as_bytes().into(), field.idx().name_number()?))
        });
        let mut sorted: Vec<(Box<[u8]>, u16)> = named.collect();
        sorted.sort_unstable_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)));
        Self { sorted }
    }

    /// How many there are, which is also how many bytes a row has.
    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// The number of a name.
    pub(super) fn number(&self, name: &[u8]) -> Option<u16> {
        let found =
            self.sorted.binary_search_by(|(known, _)| rank(known).cmp(&rank(name)));
        self.sorted.get(found.ok()?).map(|(_, number)| *number)
    }
}

fn rank(name: &[u8]) -> (usize, &[u8]) {
    (name.len(), name)
}
