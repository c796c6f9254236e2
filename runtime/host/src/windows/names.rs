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
