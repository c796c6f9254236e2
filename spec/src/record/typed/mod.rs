//! Typed writers of the built-in kinds, generated from the schema.
//!
//! ```text
//! modbus::Writer::begin(&mut batch)   checks once that the layout is this one
//!     .unit(1).function(16)           a store at a constant offset, a bit in a word
//!     .commit()                       three presence words, two counters
//! ```
//!
//! A setter of a number neither branches nor checks bounds: the record is an
//! array of known size, and offsets are constants of the type. Presence words
//! stay in registers until `commit`; for that, everything here is inlined. Each module names the kind's fields as
//! [`FieldIdx`] constants too.

#[rustfmt::skip]
mod generated;

pub use generated::*;

use crate::schema::layout::{INVALID_OFFSET, NULL_OFFSET};
use crate::schema::{FieldIdx, Kind, KindIdx};

use super::BatchBuilder;
use super::tail::Tail;
use super::value::Text;
use super::writer::{RecordWriter, RepeatedWriter, range_slot};

/// What the generated writers share: a record of known size. Of use to nothing else;
/// public since what is generated for plugins lies in crates of their own.
#[derive(Debug)]
pub struct Core<'r, const STRIDE: usize> {
    kind: &'r Kind,
    record: &'r mut [u8; STRIDE],
    presence: [u64; 3],
    tail: Tail<'r>,
}

impl<'r, const STRIDE: usize> Core<'r, STRIDE> {
    /// Begins a record; `None` if the batch is full or of another layout.
    #[inline(always)]
    pub fn begin(batch: &'r mut BatchBuilder, layout: u64) -> Option<Self> {
        let (kind, record, tail) = batch.begin_typed(layout)?;
        Some(Self { kind, record, presence: [0; 3], tail })
    }

    /// Stores bytes at a constant offset and sets a constant bit.
    #[inline(always)]
    pub fn put<const OFFSET: usize, const BIT: usize, const N: usize>(
        &mut self,
        bytes: [u8; N],
    ) {
        if let Some(slot) =
            self.record.get_mut(OFFSET..).and_then(|rest| rest.first_chunk_mut())
        {
            *slot = bytes;
        }
        if let Some(word) = self.presence.get_mut(BIT / 64) {
            *word |= 1 << (BIT % 64);
        }
    }

    /// Stores a number; one that the language cannot hold is invalid, and shown.
    #[inline(always)]
    pub fn put_u64<const OFFSET: usize, const BIT: usize>(&mut self, value: u64) {
        self.put::<OFFSET, BIT, _>(value.to_le_bytes());
        if i64::try_from(value).is_err() {
            self.dynamic(|record| record.set_invalid(idx::<BIT>()));
        }
    }

    /// Stores a float; NaN, which no rule can use, is invalid, and shown.
    #[inline(always)]
    pub fn put_f64<const OFFSET: usize, const BIT: usize>(&mut self, value: f64) {
        self.put::<OFFSET, BIT, _>(value.to_le_bytes());
        if value.is_nan() {
            self.dynamic(|record| record.set_invalid(idx::<BIT>()));
        }
    }

    /// Stores a range; one whose first is greater than its last is invalid.
    #[inline(always)]
    pub fn put_range<const OFFSET: usize, const BIT: usize>(
        &mut self,
        first: u32,
        last: u32,
    ) {
        if first <= last {
            self.put::<OFFSET, BIT, _>(range_slot(first, last));
        } else {
            self.dynamic(|record| record.set_invalid(idx::<BIT>()));
        }
    }

    /// Stores a text.
    #[inline(always)]
    pub fn text<const OFFSET: usize, const BIT: usize>(&mut self, bytes: &[u8]) {
        let idx = idx::<BIT>();
        if self.tail.wants(idx) {
            let fold = self.tail.folds(idx);
            // A copy of the tail is lent, not the field: were the address of
            // `self` to escape, presence words would move to memory.
            let mut tail = self.tail.reborrow();
            let slot = self.record.get_mut(OFFSET..);
            if let Some(slot) = slot.and_then(|rest| rest.first_chunk_mut()) {
                tail.text(Text::whole(bytes), fold, slot);
            }
            self.tail.used = tail.used;
            if let Some(word) = self.presence.get_mut(BIT / 64) {
                *word |= 1 << (BIT % 64);
            }
        }
    }

    /// Stores 16-bit numbers.
    #[inline(always)]
    pub fn list_u16<const OFFSET: usize, const BIT: usize>(
        &mut self,
        values: impl IntoIterator<Item = u16>,
        max: u16,
    ) {
        if self.tail.wants(idx::<BIT>()) {
            let mut tail = self.tail.reborrow();
            let slot = tail.list_u16(values, max);
            self.tail.used = tail.used;
            self.put::<OFFSET, BIT, _>(slot);
        }
    }

    /// Stores elements that the function writes.
    pub fn repeated<const BIT: usize>(
        &mut self,
        fill: impl FnOnce(&mut RepeatedWriter<'_, '_>),
    ) {
        let kind = self.kind;
        self.dynamic(|record| {
            let field = kind.field(idx::<BIT>());
            if let Some(mut elements) = field.and_then(|field| record.repeated(field)) {
                fill(&mut elements);
                elements.end();
            }
        });
    }

    /// The same record, for code that is not inlined. Were it lent itself, its presence
    /// words would be in memory from the beginning.
    #[inline(always)]
    pub fn lend(&mut self) -> Core<'_, STRIDE> {
        Core {
            kind: self.kind,
            record: self.record,
            presence: self.presence,
            tail: self.tail.reborrow(),
        }
    }

    /// What has changed of it besides its slots.
    #[inline(always)]
    pub fn back(self) -> Changed {
        Changed { presence: self.presence, used: self.tail.used }
    }

    /// Takes back what was lent.
    #[inline(always)]
    pub fn take_back(&mut self, Changed { presence, used }: Changed) {
        self.presence = presence;
        self.tail.used = used;
    }

    /// Lends the record as one whose fields go by number.
    pub fn dynamic<T>(&mut self, f: impl FnOnce(&mut RecordWriter<'_>) -> T) -> T {
        let mut writer = RecordWriter {
            kind: self.kind,
            record: self.record.as_mut_slice(),
            presence: self.presence,
            is_flagged: true,
            tail: self.tail.reborrow(),
        };
        let done = f(&mut writer);
        self.presence = writer.presence;
        self.tail.used = writer.tail.used;
        done
    }

    /// Fills in a range that follows from a first number and a count.
    #[inline(always)]
    pub fn derive(&mut self, range: Place, first: Place, count: Place) {
        if !self.has(first) || !self.has(count) || !self.is_absent(range) {
            return;
        }
        let Some(n) = self.number(count).checked_sub(1) else { return };
        let first = self.number(first);
        let Some(last) = first.checked_add(n) else { return };
        let slot = self.record.get_mut(range.offset..);
        if let Some(slot) = slot.and_then(|rest| rest.first_chunk_mut()) {
            *slot = range_slot(first, last);
        }
        if let Some(word) = self.presence.get_mut(range.bit / 64) {
            *word |= 1 << (range.bit % 64);
        }
    }

    /// Makes the record part of the batch.
    #[inline(always)]
    pub fn commit(self) {
        let Self { record, presence: [a, b, c], tail, .. } = self;
        for (word, bits) in record.as_chunks_mut::<8>().0.iter_mut().zip([a, b, c]) {
            *word = bits.to_le_bytes();
        }
        tail.done.n = tail.done.n.saturating_add(1);
        tail.done.used = tail.used;
    }

    #[inline(always)]
    fn has(&self, place: Place) -> bool {
        let word = self.presence.get(place.bit / 64);
        word.is_some_and(|word| word >> (place.bit % 64) & 1 == 1)
    }

    #[inline(always)]
    fn is_absent(&self, place: Place) -> bool {
        let flag = |words: u16| {
            let byte = self.record.get(usize::from(words).saturating_add(place.bit / 8));
            byte.is_some_and(|byte| byte >> (place.bit % 8) & 1 == 1)
        };
        !self.has(place) && !flag(NULL_OFFSET) && !flag(INVALID_OFFSET)
    }

    #[inline(always)]
    fn number(&self, place: Place) -> u32 {
        let mut bytes = [0; 4];
        let end = place.offset.saturating_add(place.bytes);
        let slot = self.record.get(place.offset..end).unwrap_or_default();
        for (to, from) in bytes.iter_mut().zip(slot) {
            *to = *from;
        }
        u32::from_le_bytes(bytes)
    }
}

/// What has changed of a record that was lent.
#[derive(Clone, Copy, Debug)]
pub struct Changed {
    presence: [u64; 3],
    used: usize,
}

/// Where a field lies; all three are constants of the generated code.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Presence bit.
    pub bit: usize,
    /// Offset of the slot.
    pub offset: usize,
    /// Bytes of the slot.
    pub bytes: usize,
}

/// The number of a field whose bit is a constant; there are fewer than 256.
const fn idx<const BIT: usize>() -> FieldIdx {
    let [low, ..] = BIT.to_le_bytes();
    FieldIdx(low as u16)
}
