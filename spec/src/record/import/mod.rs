//! Records of a stranger: of a batch that a plugin wrote, into a batch of ours.
//!
//! ```text
//! their record | presence | hot slots | null, invalid | common | own cold |
//!                  & takes     as are     & takes          -       as is
//! our record   | presence | hot slots | null, invalid | common | own cold | ..
//!                              ^--------- envelope --------^  then: slots that could lie
//! ```
//!
//! Most slots hold a number of which every value is allowed, so what is a kind's own is
//! copied as it is, and only those fields are looked at that could lie: texts and elements,
//! whose offsets may point anywhere and which are written anew; floats, wide numbers,
//! ranges and bools. What is out of bounds makes its field invalid and is counted. The
//! fields common to all kinds are the host's alone, and two thirds of a record's bytes:
//! the cold ones are not even copied, and what a hot slot is left with means nothing until
//! the host has filled it.

mod care;
mod envelope;
mod foreign;
mod shape;
#[cfg(test)]
mod tests;

use core::ops::Range;

use crate::decoder::Context;
use crate::schema::layout::{
    ADDED_BIT, COLD_OFFSET, HOT_BYTES, INVALID_OFFSET, NULL_OFFSET, PRESENCE_WORDS,
    VIEW_BIT, slot,
};
use crate::schema::{Field, FieldIdx, Kind};

use super::BatchBuilder;
use super::value::Value;
use super::writer::RecordWriter;

use self::envelope::Common;
use self::shape::{PART, Shape, Shapes};

pub use self::foreign::{Foreign, ForeignHeader};

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
    shapes: Shapes,
}

/// Bytes of a record up to its cold slots: every record has them.
type Head = [u8; COLD_OFFSET as usize];
/// Where the hot slots lie in it.
const HOT_SLOTS: Range<usize> = PRESENCE_BYTES..HOT_BYTES as usize;
const PRESENCE_BYTES: usize = PRESENCE_WORDS as usize * 8;

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
            shapes: Shapes::default(),
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
        cx: Context<'_>,
    ) -> Option<u32> {
        let record = from.record(at)?;
        let mut writer = to.begin_as_is()?;
        if record.len() != self.stride {
            self.set_stride(writer.kind(), record.len());
        }
        let head: &Head = record.first_chunk()?;
        let said = self.said(head);
        writer.presence = said.present;
        let stride = self.stride.min(writer.record.len());
        let shape = self.shapes.of(said.present, writer.kind, stride)?;
        copy(shape, record, &mut writer)?;
        said.write(head, &mut writer)?;
        let bad = truths(shape, record, &mut writer)?;
        let bad = bad.saturating_add(care(shape, record, from, &mut writer));
        let turned = self.common.is_turned(record, cx);
        self.common.stamp(cx, turned, &mut writer);
        if shape.lacks_range {
            writer.commit();
        } else {
            writer.commit_as_is();
        }
        Some(bad)
    }

    /// Finds out what records of a stride may bring.
    fn set_stride(&mut self, kind: &Kind, stride: usize) {
        self.stride = stride;
        self.takes = [0; 3];
        self.shapes.clear();
        for field in kind.fields.iter().filter(|field| !field.is_named()) {
            let (bytes, _) = slot(field.ty);
            let end = usize::from(field.offset).saturating_add(bytes.into());
            let own = (VIEW_BIT..ADDED_BIT).contains(&field.bit);
            let may = own || OWN_COMMON.contains(&field.path.as_ref());
            if end <= stride && may {
                set(&mut self.takes, field.idx());
            }
        }
    }

    /// What a record may say of fields, and says.
    #[inline]
    fn said(&self, record: &Head) -> Said {
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
        Said { present, null, invalid }
    }
}

/// What is said of fields.
struct Said {
    present: Words,
    null: Words,
    invalid: Words,
}

impl Said {
    /// Writes it, and the hot slots.
    #[inline]
    fn write(&self, from: &Head, to: &mut RecordWriter<'_>) -> Option<()> {
        let own: &mut Head = to.record.first_chunk_mut()?;
        own.get_mut(HOT_SLOTS)?.copy_from_slice(from.get(HOT_SLOTS)?);
        set_words(own, NULL_OFFSET, self.null);
        set_words(own, INVALID_OFFSET, self.invalid);
        Some(())
    }
}

/// Copies the cold slots. A part of a short record reaches into what lies before them, which
/// is written afterwards.
#[inline]
fn copy(shape: &Shape, record: &[u8], to: &mut RecordWriter<'_>) -> Option<()> {
    for at in &shape.parts {
        let own = to.record.get_mut(*at..)?.first_chunk_mut::<PART>()?;
        *own = *record.get(*at..)?.first_chunk()?;
    }
    Some(())
}

/// Copies the bools, which may be common to all kinds; how many are none.
#[inline]
fn truths(shape: &Shape, record: &[u8], to: &mut RecordWriter<'_>) -> Option<u32> {
    let mut all = 0;
    for (_, at) in &shape.truths {
        let truth = *record.get(*at)?;
        *to.record.get_mut(*at)? = truth;
        all |= truth;
    }
    Some(if all > 1 { refuse_truths(shape, record, to) } else { 0 })
}

/// Makes bools invalid that are neither 0 nor 1; how many were.
#[cold]
fn refuse_truths(shape: &Shape, record: &[u8], to: &mut RecordWriter<'_>) -> u32 {
    let mut bad = 0_u32;
    for (idx, at) in &shape.truths {
        if record.get(*at).is_none_or(|truth| *truth > 1) {
            to.set_invalid(*idx);
            bad = bad.saturating_add(1);
        }
    }
    bad
}

/// Looks at the other fields that could lie; how many did.
#[inline]
fn care(
    shape: &Shape,
    record: &[u8],
    from: &Foreign<'_>,
    to: &mut RecordWriter<'_>,
) -> u32 {
    let mut bad = 0_u32;
    for (idx, care) in &shape.cares {
        if care.is_good(record, from, to) != Some(true) {
            to.set_invalid(*idx);
            bad = bad.saturating_add(1);
        }
    }
    bad
}

/// Words of a record.
#[inline(always)]
fn words(record: &Head, at: u16) -> Words {
    let mut words = [0; 3];
    let bytes = record.get(usize::from(at)..).unwrap_or_default();
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

#[inline(always)]
fn set_words(record: &mut Head, at: u16, words: Words) {
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
