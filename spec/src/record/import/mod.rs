//! Records of a stranger: of a batch that a plugin wrote, into a batch of ours.
//!
//! ```text
//! their record | presence | common | own hot | null, invalid | common | own cold |
//!                  & takes     -      as is      & takes         -       as is
//! our record   | presence | common | own hot | null, invalid | common | own cold | ..
//!                              ^ envelope       then: the slots of `cares`, one by one
//! ```
//!
//! Most slots hold a number of which every value is allowed, so what is a kind's own is
//! copied as it is, and only those fields are looked at that could lie: texts and elements,
//! whose offsets may point anywhere and which are written anew; floats, wide numbers,
//! ranges and bools. What is out of bounds makes its field invalid and is counted. The
//! fields common to all kinds are the host's alone, and two thirds of a record's bytes:
//! they are not even copied.

mod care;
mod envelope;

use std::cell::Cell;
use std::ops::Range;

use crate::schema::layout::{
    END_BIT, HOT_BYTES, INVALID_OFFSET, NULL_OFFSET, PRESENCE_WORDS, STRIDE_MAX,
    VIEW_BIT, slot,
};
use crate::schema::{Field, FieldIdx, Kind};

use super::value::{Text, Value};
use super::view::u32_at;
use super::writer::RecordWriter;
use super::{BATCH_HEADER, BATCH_MAX, BatchBuilder, STRIDE_MIN, header};

use self::care::Care;
use self::envelope::Common;

pub use self::envelope::{Envelope, FlowEnvelope};

/// What the header of a batch of a stranger says, checked against itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignHeader {
    /// The stranger's number of the kind.
    pub kind: u32,
    /// Bytes from one record to the next.
    pub stride: usize,
    /// Number of records.
    pub n: usize,
    /// Where the arena begins.
    pub arena: usize,
    /// Bytes of the whole.
    pub bytes: usize,
}

impl ForeignHeader {
    /// Reads a header; `None` if it contradicts itself.
    #[must_use]
    pub fn read(bytes: &[u8; BATCH_HEADER]) -> Option<Self> {
        let word = |at| u32_at(bytes, at).and_then(|word| usize::try_from(word).ok());
        let header = Self {
            kind: u32_at(bytes, header::KIND)?,
            stride: word(header::STRIDE)?,
            n: word(header::N)?,
            arena: word(header::ARENA)?,
            bytes: word(header::BYTES)?,
        };
        let records = header.stride.checked_mul(header.n)?.checked_add(BATCH_HEADER)?;
        let fits = header.stride >= usize::from(STRIDE_MIN)
            && header.stride <= usize::from(STRIDE_MAX)
            && header.stride.is_multiple_of(8)
            && header.n <= BATCH_MAX
            && header.arena >= records
            && header.bytes >= header.arena;
        fits.then_some(header)
    }

    /// Bytes of its records.
    #[must_use]
    pub fn records_len(&self) -> usize {
        self.stride.saturating_mul(self.n)
    }

    /// Bytes of its arena.
    #[must_use]
    pub fn arena_len(&self) -> usize {
        self.bytes.saturating_sub(self.arena)
    }

    /// Bytes that may be read of its arena: slots may name the same bytes again and
    /// again, and the host would copy them each time.
    #[must_use]
    pub fn budget(&self) -> usize {
        self.arena_len().saturating_mul(2).saturating_add(BUDGET_FREE)
    }
}

/// What a batch may name twice without a loss.
const BUDGET_FREE: usize = 64 * 1024;

/// A batch of a stranger: its records and its arena, which need not lie together.
#[derive(Clone, Copy, Debug)]
pub struct Foreign<'a> {
    header: ForeignHeader,
    records: &'a [u8],
    arena: &'a [u8],
    /// Bytes that may still be read of the arena.
    budget: &'a Cell<usize>,
}

impl<'a> Foreign<'a> {
    /// Of a header, [`ForeignHeader::records_len`] bytes, [`ForeignHeader::arena_len`]
    /// bytes, and what is left of [`ForeignHeader::budget`].
    #[must_use]
    pub fn new(
        header: ForeignHeader,
        records: &'a [u8],
        arena: &'a [u8],
        budget: &'a Cell<usize>,
    ) -> Self {
        Self { header, records, arena, budget }
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &ForeignHeader {
        &self.header
    }

    fn record(&self, at: usize) -> Option<&'a [u8]> {
        let start = at.checked_mul(self.header.stride)?;
        self.records.get(start..start.checked_add(self.header.stride)?)
    }

    /// Bytes at an offset from the batch's start.
    fn bytes(&self, offset: u32, len: usize) -> Option<&'a [u8]> {
        if len == 0 {
            return Some(&[]);
        }
        let start = usize::try_from(offset).ok()?.checked_sub(self.header.arena)?;
        self.budget.set(self.budget.get().checked_sub(len)?);
        self.arena.get(start..start.checked_add(len)?)
    }

    /// The text of a slot.
    fn text(&self, slot: &[u8]) -> Option<Text<'a>> {
        let len = usize::try_from(u32_at(slot, 4)?).ok()?;
        let bytes = self.bytes(u32_at(slot, 0)?, len)?;
        Some(Text { bytes, original: u32_at(slot, 8)?, folded: None })
    }
}

/// Words of presence, of null and of invalid bits.
type Words = [u64; PRESENCE_WORDS as usize];

/// Imports records of one kind.
#[derive(Clone, Debug)]
pub struct Importer {
    common: Common,
    /// The stride that the following are for.
    stride: usize,
    /// Fields that a record may bring.
    takes: Words,
    /// Of them, those that are looked at, and what for.
    cares: Words,
    by_bit: Vec<Option<Care>>,
    /// Where the slots lie that are copied: hot ones and cold ones.
    parts: [Range<usize>; 2],
}

/// What a stranger may say of the fields common to all kinds.
const OWN_COMMON: &[&str] = &["malformed"];

impl Importer {
    /// For records of a kind.
    #[must_use]
    pub fn new(kind: &Kind) -> Self {
        let mut importer = Self {
            common: Common::of(kind),
            stride: 0,
            takes: [0; 3],
            cares: [0; 3],
            by_bit: Vec::new(),
            parts: [0..0, 0..0],
        };
        importer.set_stride(kind, kind.stride.into());
        importer
    }

    /// Takes a record of a stranger's batch as the next one of ours; the number of its
    /// fields that made no sense. `None` if our batch is full, or there is no such
    /// record.
    pub fn record(
        &mut self,
        to: &mut BatchBuilder,
        from: &Foreign<'_>,
        at: usize,
        envelope: &Envelope,
    ) -> Option<u32> {
        let record = from.record(at)?;
        let mut writer = to.begin_as_is()?;
        if record.len() != self.stride {
            self.set_stride(writer.kind(), record.len());
        }
        self.copy(record, &mut writer);
        let bad = self.care(record, from, &mut writer);
        let turned = self.common.is_turned(record, envelope);
        self.common.stamp(envelope, turned, &mut writer);
        if lacks_range(&writer) {
            writer.commit();
        } else {
            writer.commit_as_is();
        }
        Some(bad)
    }

    /// Finds out what records of a stride may bring.
    fn set_stride(&mut self, kind: &Kind, stride: usize) {
        self.stride = stride;
        (self.takes, self.cares) = ([0; 3], [0; 3]);
        self.by_bit = vec![None; END_BIT.into()];
        self.parts = [0..0, 0..0];
        for field in kind.fields.iter().filter(|field| !field.is_named()) {
            let (bytes, _) = slot(field.ty);
            let start = usize::from(field.offset);
            let end = start.saturating_add(bytes.into());
            let own = field.bit >= VIEW_BIT;
            let may = own || OWN_COMMON.contains(&field.path.as_ref());
            if end > stride || !may {
                continue;
            }
            set(&mut self.takes, field.idx());
            if let Some(care) = Care::of(field) {
                set(&mut self.cares, field.idx());
                if let Some(slot) = self.by_bit.get_mut(usize::from(field.bit)) {
                    *slot = Some(care);
                }
            }
            let [hot, cold] = &mut self.parts;
            let part = if field.offset < HOT_BYTES { hot } else { cold };
            if own {
                let first = if part.end == 0 { start } else { part.start.min(start) };
                *part = first..part.end.max(end);
            }
        }
    }

    /// Copies slots, and what the record may say of fields.
    fn copy(&self, record: &[u8], to: &mut RecordWriter<'_>) {
        for part in &self.parts {
            let (from, to) = (record.get(part.clone()), to.record.get_mut(part.clone()));
            if let (Some(from), Some(to)) = (from, to) {
                to.copy_from_slice(from);
            }
        }
        let [a, b, c] = self.takes;
        let of = |at: u16| {
            let [x, y, z] = words(record, at);
            [x & a, y & b, z & c]
        };
        // One thing is true of a field, whatever the record says at once.
        let without = |[a, b, c]: Words, [x, y, z]: Words| [a & !x, b & !y, c & !z];
        let present = of(0);
        let null = without(of(NULL_OFFSET), present);
        let invalid = without(without(of(INVALID_OFFSET), present), null);
        to.presence = present;
        set_words(to.record, NULL_OFFSET, null);
        set_words(to.record, INVALID_OFFSET, invalid);
    }

    /// Looks at the fields that could lie; how many did.
    fn care(&self, record: &[u8], from: &Foreign<'_>, to: &mut RecordWriter<'_>) -> u32 {
        let mut bad = 0_u32;
        for (first, (cares, present)) in
            (0..).step_by(64).zip(self.cares.iter().zip(to.presence))
        {
            let mut bits = cares & present;
            while bits != 0 {
                let bit = first + bits.trailing_zeros() as usize;
                bits &= bits.wrapping_sub(1);
                let known = self.by_bit.get(bit).copied().flatten();
                let good = known.and_then(|care| care.is_good(record, from, to));
                if good != Some(true) {
                    to.set_invalid(FieldIdx(u16::try_from(bit).unwrap_or(u16::MAX)));
                    bad = bad.saturating_add(1);
                }
            }
        }
        bad
    }
}

/// Whether a range follows from other fields that is not there: whoever writes with the
/// writers that are generated has filled it in.
fn lacks_range(record: &RecordWriter<'_>) -> bool {
    record.kind.ranges.iter().any(|range| {
        !record.is_present(range.range)
            && record.is_present(range.first)
            && record.is_present(range.count)
    })
}

/// Words of a record.
fn words(record: &[u8], at: u16) -> Words {
    let mut words = [0; 3];
    let bytes = record.get(usize::from(at)..).unwrap_or_default();
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

fn set_words(record: &mut [u8], at: u16, words: Words) {
    let room = record.get_mut(usize::from(at)..).unwrap_or_default();
    for (bytes, word) in room.as_chunks_mut().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
}

fn set(words: &mut Words, idx: FieldIdx) {
    if let Some(word) = words.get_mut(usize::from(idx.0 / 64)) {
        *word |= 1 << (idx.0 % 64);
    }
}

/// Sets a field of a record from outside, as a plugin does that adds to it: only a value
/// of the field's type.
///
/// Returns whether it is.
pub fn set_value(to: &mut RecordWriter<'_>, field: &Field, value: Value<'_>) -> bool {
    let had = to.is_absent(field.idx());
    let done = to.set_field(field, value);
    if !done && had {
        to.set_absent(field.idx());
    }
    done
}
