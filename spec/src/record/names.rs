//! The names of a map: which of them somebody asks for, and where those of this batch lie.
//!
//! A source writes the same names in all its events, so a batch holds each but once: the
//! elements of later records point to it. And a reader that numbers its names need not
//! have them looked up in each event: a [`NameCache`] says where a builder knows them.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::schema::Kind;

/// Most names that are remembered besides those asked for, and the longest one.
const LEARNT_MAX: usize = 1024;
const LEARNT_LEN: usize = 64;

/// The names that are fields of a kind, with their numbers among those, and others that
/// records had.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Box<[u8]>, usize, FixedState>,
    texts: Vec<Box<[u8]>>,
    /// In the order of `texts`, but by themselves: they are looked at in each event.
    known: Vec<Known>,
    /// By position of a name, that of the one that came behind it the last time: a source
    /// writes names in an order that hardly changes, so that most are found by one
    /// comparison.
    next: Vec<usize>,
    before: usize,
    n_asked: usize,
    /// Distinguishes builders, for a [`NameCache`].
    builder: u64,
    /// Distinguishes batches, so that none has to be forgotten name by name.
    batch: u32,
    /// Where the last name of this batch ends in the arena.
    end: usize,
}

/// What is known of a name.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// The words of its slot.
    slot: [u64; 3],
    /// The batch that the slot is of.
    batch: u32,
    number: Option<u16>,
}

/// A name that is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Its place.
    pub(super) at: usize,
    /// Its number, if it is asked for.
    pub(super) number: Option<u16>,
    /// The words of its slot, if this batch has it.
    pub(super) slot: Option<[u64; 3]>,
}

/// Where the builder that a reader fills knows the reader's names, which it has numbered:
/// each is looked up once a builder, and not once an event. A number must stand for the
/// same name as long as the cache is used.
#[derive(Clone, Debug, Default)]
pub struct NameCache {
    /// The builder whose places these are.
    builder: u64,
    /// By the reader's number of a name.
    places: Vec<Option<u16>>,
}

impl Names {
    /// The names that are fields of a kind.
    pub(super) fn of(kind: &Kind) -> Self {
        let named = kind.named().filter_map(|field| {
            let number = field.idx().name_number()?;
            let known = Known { number: Some(number), ..Known::default() };
            Some((field.name()?.as_bytes().into(), known))
        });
        static BUILDERS: AtomicU64 = AtomicU64::new(1);
        let builder = BUILDERS.fetch_add(1, Ordering::Relaxed);
        let mut names = Self { builder, batch: 1, ..Self::default() };
        for (name, known) in named {
            names.add(name, known);
        }
        names.n_asked = names.known.len();
        names
    }

    fn add(&mut self, name: Box<[u8]>, known: Known) {
        self.numbers.insert(name.clone(), self.known.len());
        self.texts.push(name);
        self.known.push(known);
        self.next.push(0);
    }

    /// How many there are, which is also how many bytes a row has.
    pub(super) fn len(&self) -> usize {
        self.n_asked
    }

    /// What is known of a name; `None` if nothing is.
    pub(super) fn find(&mut self, name: &[u8]) -> Option<Found> {
        let at = self.position(name)?;
        self.found(at)
    }

    /// The same for a name that a reader has numbered.
    pub(super) fn find_in(
        &mut self,
        cache: &mut NameCache,
        number: usize,
        name: &[u8],
    ) -> Option<Found> {
        if cache.builder != self.builder {
            cache.builder = self.builder;
            cache.places.clear();
        }
        if let Some(at) = cache.places.get(number).copied().flatten() {
            return self.found(at.into());
        }
        let at = *self.numbers.get(name)?;
        if cache.places.len() <= number {
            cache.places.resize(number.saturating_add(1), None);
        }
        if let Some(place) = cache.places.get_mut(number) {
            *place = u16::try_from(at).ok();
        }
        self.found(at)
    }

    fn found(&self, at: usize) -> Option<Found> {
        let known = self.known.get(at)?;
        let slot = (known.batch == self.batch).then_some(known.slot);
        Some(Found { at, number: known.number, slot })
    }

    fn position(&mut self, name: &[u8]) -> Option<usize> {
        let expected = self.next.get_mut(self.before)?;
        let is_it = self.texts.get(*expected).is_some_and(|known| **known == *name);
        if !is_it {
            *expected = *self.numbers.get(name)?;
        }
        self.before = *expected;
        Some(self.before)
    }

    /// Remembers where a name lies, and where the arena's used part ends now. The name is
    /// at a place among those known, or at none yet.
    pub(super) fn learn(
        &mut self,
        at: Option<usize>,
        name: &[u8],
        slot: [u64; 3],
        end: usize,
    ) {
        let batch = self.batch;
        if let Some(known) = at.and_then(|at| self.known.get_mut(at)) {
            *known = Known { slot, batch, ..*known };
        } else if name.len() <= LEARNT_LEN
            && self.known.len() < self.n_asked.saturating_add(LEARNT_MAX)
        {
            self.add(name.into(), Known { number: None, slot, batch });
        } else {
            return;
        }
        self.end = self.end.max(end);
    }

    /// Forgets where names lie if not all of them do any more: the batch was cleared, or
    /// a record was dropped that had brought some.
    pub(super) fn keep_below(&mut self, used: usize) {
        if self.end > used {
            self.forget();
        }
    }

    /// Forgets where names lie.
    pub(super) fn forget(&mut self) {
        self.end = 0;
        match self.batch.checked_add(1) {
            Some(next) => self.batch = next,
            // Numbers begin anew, so that no name may have an old one.
            None => {
                self.known.iter_mut().for_each(|known| known.batch = 0);
                self.batch = 1;
            }
        }
    }
}
