//! Fields that a pack's records have elsewhere than the host's.
//!
//! ```text
//! host's record   | own fields | owner | level |        plugins in the sensor's order
//! pack's copy     | own fields | level | .. | owner |   in that of its compilation
//! ```
//!
//! Only fields that plugins add have places that depend on who else is there. They are
//! brought to where the pack reads them, when a batch is copied to it.

use crate::schema::Field;
use crate::schema::layout::{
    ADDED_BIT, COLD_OFFSET, END_BIT, INVALID_OFFSET, NULL_OFFSET, slot,
};

use super::BATCH_HEADER;
use super::builder::Batch;
use super::writer::set_bit;

/// A field, and where a pack reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    from: Place,
    to: Place,
    bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    bit: u16,
    offset: usize,
}

impl Move {
    /// Of a field that a plugin has added, to a presence bit and an offset of records of
    /// a stride. `None` if they are none of such a field.
    #[must_use]
    pub fn new(field: &Field, (bit, offset): (u16, u16), stride: u16) -> Option<Self> {
        let (bytes, _) = slot(field.ty);
        let fits = field.is_added()
            && (ADDED_BIT..END_BIT).contains(&bit)
            && offset >= COLD_OFFSET
            && offset.is_multiple_of(8.min(bytes))
            && offset.checked_add(bytes)? <= stride;
        fits.then(|| Self {
            from: Place { bit: field.bit, offset: field.offset.into() },
            to: Place { bit, offset: offset.into() },
            bytes: bytes.into(),
        })
    }

    /// Whether the field lies where the pack reads it.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.from == self.to
    }

    fn apply(&self, from: &[u8], to: &mut [u8]) -> Option<()> {
        for words in [0, NULL_OFFSET, INVALID_OFFSET] {
            let byte = from.get(usize::from(words + self.from.bit / 8))?;
            let is_set = byte >> (self.from.bit % 8) & 1 == 1;
            set_bit(to.get_mut(usize::from(words)..)?, self.to.bit, is_set);
        }
        let slot = from.get(self.from.offset..)?.get(..self.bytes)?;
        to.get_mut(self.to.offset..)?.get_mut(..self.bytes)?.copy_from_slice(slot);
        Some(())
    }
}

impl Batch<'_> {
    /// Brings fields of all records to their places in a copy of the whole batch, which
    /// [`Batch::copy_to`] has made; `None` if it is none of this batch.
    pub fn move_fields(&self, out: &mut [u8], stride: u16, moves: &[Move]) -> Option<()> {
        let to = out.get_mut(BATCH_HEADER..)?.chunks_exact_mut(stride.into());
        for (from, to) in self.records().zip(to) {
            for moved in moves {
                moved.apply(from, to)?;
            }
        }
        Some(())
    }
}
