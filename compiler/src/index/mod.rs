//! The index: which predicates an event can possibly match.
//!
//! Evaluating rules one after another is the wrong design at any size, so each
//! predicate is reached through a *key*: something that an event must have for
//! the predicate not to be false. The index only weakens: it may reach a
//! predicate in vain, it never misses one whose verdict is true *or unknown*.
//!
//! ```text
//! Cond --need--> conjunctions --build--> IndexPlan (plain data, printed by `--emit index`)
//!                                          |            \
//!                                 model: candidates     emit: tables + one loop a kind
//! ```
//!
//! A conjunction (a predicate has a few, one for each alternative that cannot be
//! tested as one set) is an [`Entry`]. The plan of a kind is a tree of nodes:
//!
//! ```text
//! node   probes, each on another key            rest: entries without a key
//!          | hash   address, number, text, end of a text -> list of entries
//!          | grid   [code] x [range of numbers]          -> list of entries
//!          | atoms  literals found by one scan of a text,
//!          |        or of those of all elements of a group   -> lists of entries
//!          '- missing: a node over other keys, for events without the field
//! ```
//!
//! **Three outcomes.** A key of an event hits a list, misses, or is *missing*:
//! then the entries that may be unknown for want of it are found by their next
//! key, in the `missing` node of the probe. Nodes nest at most [`DEPTH`] deep;
//! below that entries stand in `rest`.
//!
//! **Two filters.** Entries found are not yet worth a call. Each carries a box
//! (eight ranges of 16 bits: ports, addresses, units, both ends of an address
//! range) and four sets of at most 32 classes (function codes, networks, names),
//! which the generated code tests with a handful of vector instructions. Boxes
//! and sets are hulls of what the conjunction allows, so they, too, only weaken.
//!
//! **Order.** Candidates are marked in a bitmap and evaluated in predicate order,
//! each once, so that no result depends on the index.
//!
//! Not here: keys from parameters (they are known at `bind` only), from numbers of
//! elements, and from computed values; such predicates hang on their other keys.

use std::collections::BTreeMap;

use tagout_spec::schema::FieldIdx;

use crate::ir::Program;
pub use choose::Tuning;
pub use event::{Event, Subject};
pub use fault::Fault;
pub use print::print;

mod alternatives;
mod atoms;
mod build;
mod choose;
pub mod emit;
mod event;
pub mod fault;
mod filter;
mod keys;
mod model;
mod need;
mod print;
mod ranges;
mod rarity;
#[cfg(test)]
mod tests;
mod work;

/// Most nodes on a way from the root.
pub const DEPTH: usize = 3;
/// Ranges in a box.
pub const LANES: usize = 8;
/// Sets of classes in an entry.
pub const MASKS: usize = 4;
/// Most buckets that one event's range may touch; a wider one counts as missing.
pub const BUCKETS_OF_EVENT: u32 = 16;
/// Most bytes of an atom that are compared.
pub const CHUNK: usize = 8;

/// The index of a pack.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct IndexPlan {
    /// One for each kind of the program, in its order.
    pub kinds: Vec<KindPlan>,
    /// A seeded fault of the generated code.
    pub fault: Option<Fault>,
}

/// The index over the predicates of one kind.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct KindPlan {
    /// Predicates of the kind, ascending.
    pub predicates: Vec<u32>,
    /// What is looked for.
    pub entries: Vec<Entry>,
    /// What the ranges of boxes are about.
    pub lanes: Vec<Lane>,
    /// What the sets of classes are about.
    pub masks: Vec<Mask>,
    /// Where an event begins.
    pub root: Node,
}

/// One conjunction of one predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The predicate.
    pub predicate: u32,
    /// Least number in each lane.
    pub low: [u16; LANES],
    /// Greatest number in each lane.
    pub high: [u16; LANES],
    /// For each mask the classes that are let through.
    pub masks: [u32; MASKS],
}

/// A number of 16 bits about an event; a missing field passes every range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// `(value - base) >> shift`, clamped.
    Int {
        /// The field.
        field: FieldIdx,
        /// Subtracted first.
        base: i64,
        /// Bits dropped then.
        shift: u32,
    },
    /// Bits 31 to 16 of an IPv4 address.
    IpHigh(FieldIdx),
    /// Bits 15 to 0 of an IPv4 address.
    IpLow(FieldIdx),
    /// First number of a range, clamped.
    First(FieldIdx),
    /// Last number of a range, clamped.
    Last(FieldIdx),
}

/// A class of 0..32 about an event; a missing field passes every set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mask {
    /// By the number, if it is below 256, else `other`.
    Int {
        /// The field.
        field: FieldIdx,
        /// Class of each number.
        classes: Vec<u8>,
        /// Class of all others.
        other: u8,
        /// Whether no two numbers that rules tell apart share a class.
        exact: bool,
    },
    /// The number of bounds that an IPv4 address is not below; the class of
    /// all other addresses is 0.
    Net {
        /// The field.
        field: FieldIdx,
        /// Ascending.
        bounds: Vec<u32>,
    },
    /// The low bits of a key.
    Key(Subject),
}

/// A step of the search.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Node {
    /// Looked up one after another.
    pub probes: Vec<Probe>,
    /// Entries that every event here reaches.
    pub rest: Vec<u32>,
}

/// A lookup.
#[derive(Clone, Debug, PartialEq)]
pub enum Probe {
    /// By a key.
    Hash(Hash),
    /// By a code, a number, or both.
    Grid(Grid),
    /// By literals in a text.
    Atoms(Atoms),
}

/// Entries by one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Hash {
    /// The key.
    pub subject: Subject,
    /// Lists of entries.
    pub table: BTreeMap<u64, Vec<u32>>,
    /// For events without the key.
    pub missing: Option<Box<Node>>,
}

/// Entries by slot of a code and bucket of a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Rows, if there is more than one.
    pub code: Option<Code>,
    /// Columns, if there is more than one.
    pub span: Option<Span>,
    /// Row by row.
    pub cells: Vec<Cell>,
    /// For events without the code.
    pub missing_code: Option<Box<Node>>,
    /// For events without the number, and with too wide a range.
    pub missing_span: Option<Box<Node>>,
}

/// Slots of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The field.
    pub field: FieldIdx,
    /// Slot of each number below 256.
    pub slots: Vec<u8>,
    /// Slot of all others.
    pub other: u8,
    /// Number of slots.
    pub n: u32,
}

/// Buckets of a number or a range of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The field.
    pub field: FieldIdx,
    /// Whether the field is a range.
    pub range: bool,
    /// Subtracted first.
    pub base: i64,
    /// Bits dropped then; the result is clamped to the buckets.
    pub shift: u32,
    /// Number of buckets.
    pub n: u32,
}

/// Entries of one slot and bucket.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Cell {
    /// Those that reach into it.
    pub cover: Vec<u32>,
    /// Those of them that begin in it: enough for the second and later buckets
    /// of an event.
    pub start: Vec<u32>,
}

/// Entries by literals of a text, or of that of any element.
#[derive(Clone, Debug, PartialEq)]
pub struct Atoms {
    /// The text, or a group of elements with it.
    pub field: FieldIdx,
    /// Of the elements of a group the field: all of them are scanned.
    pub element: Option<FieldIdx>,
    /// Whether its folded copy is scanned.
    pub fold: bool,
    /// The literals.
    pub atoms: Vec<Atom>,
    /// Entries whose literals are too short for that, by their rarest byte.
    pub bytes: BTreeMap<Rare, Vec<u32>>,
    /// The scan looks at every `stride`th byte.
    pub stride: u32,
    /// For events without the text, or with a part of it.
    pub missing: Option<Box<Node>>,
}

/// A literal, or its rarest part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// Three to [`CHUNK`] bytes.
    pub chunk: Vec<u8>,
    /// Where in the chunk its rarest window begins.
    pub window: u8,
    /// Entries that hang on it.
    pub entries: Vec<u32>,
}

/// A byte, or any of some bytes, that few texts have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rare {
    /// This one.
    Byte(u8),
    /// One beyond ASCII.
    High,
}

impl Rare {
    fn is(self, byte: u8) -> bool {
        match self {
            Self::Byte(rare) => byte == rare,
            Self::High => !byte.is_ascii(),
        }
    }
}

/// Plans the index of a program.
pub fn plan(program: &Program) -> IndexPlan {
    plan_with(program, &Tuning::default())
}

/// Plans the index with other costs.
pub fn plan_with(program: &Program, tuning: &Tuning) -> IndexPlan {
    let conjunctions: Vec<Vec<need::Conjunction>> = program
        .predicates
        .iter()
        .map(|predicate| {
            let asked = need::Asked { program, fault: tuning.fault, group: None };
            let mut found = need::conjunctions(&predicate.cond, &asked);
            if tuning.fault == Some(Fault::Conjunction) {
                found.truncate(1);
            }
            found
        })
        .collect();
    let kinds = (0..program.kinds.len())
        .map(|kind| {
            let of_kind = (0_u32..)
                .zip(program.predicates.iter().zip(&conjunctions))
                .filter(|(_, (predicate, _))| {
                    predicate.kinds.iter().any(|&k| usize::from(k) == kind)
                })
                .map(|(number, (_, conjunctions))| (number, conjunctions.as_slice()));
            build::kind(of_kind, tuning)
        })
        .collect();
    IndexPlan { kinds, fault: tuning.fault }
}
