//! The names that somebody knows: those of the tables, those of the system part, and
//! those that rules ask for. A known name is a number, so that a name is compared as a
//! text once, where it is read.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// A known name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name(u16);

impl Name {
    /// For arrays that have a place for each name.
    pub(crate) fn idx(self) -> usize {
        self.0.into()
    }
}

/// Known names and their numbers.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: HashMap<Box<str>, Name, FixedState>,
    texts: Vec<Box<str>>,
    /// Whether those that nobody knows are read as well.
    all: bool,
}

impl Names {
    /// Makes a name known.
    pub(crate) fn learn(&mut self, text: &str) -> Name {
        if let Some(known) = self.find(text) {
            return known;
        }
        // The tables have some hundreds, and packs ask for a thousand at most.
        let name = Name(u16::try_from(self.texts.len()).unwrap_or(u16::MAX));
        self.texts.push(text.into());
        self.numbers.insert(text.into(), name);
        name
    }

    /// The number of a text, if it is known.
    pub(crate) fn find(&self, text: &str) -> Option<Name> {
        self.numbers.get(text).copied()
    }

    /// The text of a name.
    pub(crate) fn text(&self, name: Name) -> &str {
        self.texts.get(name.idx()).map(AsRef::as_ref).unwrap_or_default()
    }

    /// Whether names that nobody knows are read.
    pub(crate) fn reads_all(&self) -> bool {
        self.all
    }

    /// Says whether they are.
    pub(crate) fn set_reads_all(&mut self, all: bool) {
        self.all = all;
    }
}

/// Which name came behind which the last time: a source writes its names in an order that
/// hardly changes, so that most are found by one comparison.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// By one more than the number of the name before.
    next: Vec<Option<Name>>,
    before: usize,
}

impl Order {
    /// Begins an event.
    pub(crate) fn begin(&mut self) {
        self.before = 0;
    }

    /// What [`Names::find`] finds.
    pub(crate) fn find(&mut self, text: &str, names: &Names) -> Option<Name> {
        let expected = self.next.get(self.before).copied().flatten();
        let found = match expected.filter(|name| is_same(names.text(*name), text)) {
            None => {
                let found = names.find(text)?;
                if self.next.len() <= self.before {
                    self.next.resize(self.before.saturating_add(1), None);
                }
                if let Some(next) = self.next.get_mut(self.before) {
                    *next = Some(found);
                }
                found
            }
            Some(found) => found,
        };
        self.before = found.idx().saturating_add(1);
        Some(found)
    }
}

/// Whether two texts are the same; most names are of 4 to 16 bytes, which are compared without
/// a call.
#[inline]
fn is_same(a: &str, b: &str) -> bool {
    fn ends<const N: usize>(text: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
        let ends = text.first_chunk().zip(text.last_chunk());
        ends.filter(|_| text.len() <= 2 * N)
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    match (ends::<8>(a), ends::<8>(b)) {
        (Some(a), Some(b)) => a == b,
        _ => match (ends::<4>(a), ends::<4>(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
    }
}
