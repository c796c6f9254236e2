//! Copies of events for a stranger: what an enricher is given.

use crate::schema::layout::{INVALID_OFFSET, NULL_OFFSET, slot};
use crate::schema::{Field, FieldIdx, Kind};

use super::value::{Slot, Value};
use super::writer::set_bit;
use super::{BATCH_HEADER, BATCH_MAX, STRIDE_MIN, header};

/// Copies what an event says of some fields to a stranger's memory.
///
/// ```text
/// theirs | presence of the fields | slots of the fields, else zeros | arena: their texts |
/// ```
#[derive(Clone, Debug)]
pub struct Exporter {
    fields: Vec<Field>,
    stride: usize,
}

impl Exporter {
    /// For these fields of a kind.
    #[must_use]
    pub fn new(kind: &Kind, fields: &[FieldIdx]) -> Self {
        let fields: Vec<Field> =
            fields.iter().filter_map(|idx| kind.field(*idx).cloned()).collect();
        let ends =
            fields.iter().map(|field| field.offset.saturating_add(slot(field.ty).0));
        let end = ends.max().unwrap_or(0).max(STRIDE_MIN).next_multiple_of(8);
        Self { fields, stride: end.into() }
    }

    /// Bytes of a record.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Writes records from a position on, as many as fit; how many, and the bytes of the
    /// batch.
    pub fn write(
        &self,
        batch: &super::BatchView<'_>,
        from: usize,
        kind: u32,
        room: &mut [u8],
    ) -> Option<(usize, usize)> {
        // Texts take what records leave: half of the room at least.
        let fit = room.len().checked_sub(BATCH_HEADER)? / 2 / self.stride;
        let n = batch.len().saturating_sub(from).min(fit).min(BATCH_MAX);
        let arena = self.stride.checked_mul(n)?.checked_add(BATCH_HEADER)?;
        let (head, texts) = room.split_at_mut_checked(arena)?;
        let (header, records) = head.split_at_mut_checked(BATCH_HEADER)?;
        records.fill(0);
        let mut used = 0_usize;
        let mut done = 0_usize;
        for to in records.chunks_exact_mut(self.stride) {
            let record = batch.record(from.checked_add(done)?)?;
            if !self.record(&record, to, texts, arena, &mut used) && done > 0 {
                break; // The next call has room for its texts.
            }
            done = done.saturating_add(1);
        }
        let bytes = arena.checked_add(used.next_multiple_of(8).min(texts.len()))?;
        header.fill(0);
        let sequence = batch.sequence().wrapping_add(u64::try_from(from).ok()?);
        for (at, word) in [
            (header::KIND, kind),
            (header::STRIDE, u32::try_from(self.stride).ok()?),
            (header::N, u32::try_from(done).ok()?),
            (header::ARENA, u32::try_from(arena).ok()?),
            (header::BYTES, u32::try_from(bytes).ok()?),
        ] {
            *header.get_mut(at..)?.first_chunk_mut()? = word.to_le_bytes();
        }
        *header.get_mut(header::SEQUENCE..)?.first_chunk_mut()? = sequence.to_le_bytes();
        Some((done, bytes))
    }

    /// Writes a record; false if its texts did not fit.
    fn record(
        &self,
        record: &super::RecordView<'_>,
        to: &mut [u8],
        texts: &mut [u8],
        arena: usize,
        used: &mut usize,
    ) -> bool {
        for field in &self.fields {
            let words = match record.field(field) {
                Slot::Absent => continue,
                Slot::Null => NULL_OFFSET,
                Slot::Invalid => INVALID_OFFSET,
                Slot::Value(value) => {
                    if !export(field, value, to, texts, arena, used) {
                        return false;
                    }
                    0
                }
            };
            if let Some(bits) = to.get_mut(usize::from(words)..) {
                set_bit(bits, field.bit, true);
            }
        }
        true
    }
}

/// Writes a value; false if its text did not fit. Elements are not exported.
fn export(
    field: &Field,
    value: Value<'_>,
    to: &mut [u8],
    texts: &mut [u8],
    arena: usize,
    used: &mut usize,
) -> bool {
    let start = usize::from(field.offset);
    let Some(room) = to.get_mut(start..) else { return true };
    let mut put = |bytes: &[u8]| {
        if let Some(room) = room.get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
        }
    };
    match value {
        Value::Bool(v) => put(&[v.into()]),
        Value::Int(v) => {
            let (bytes, _) = slot(field.ty);
            put(v.to_le_bytes().get(..bytes.into()).unwrap_or_default());
        }
        Value::Large(v) => put(&v.to_le_bytes()),
        Value::Float(v) => put(&v.to_le_bytes()),
        Value::Ip(v) => put(&v),
        Value::Mac(v) => put(&v),
        Value::Range(a, b) => put(&super::writer::range_slot(a, b)),
        Value::Text(text) => {
            let end = used.saturating_add(text.bytes.len());
            let Some(room) = texts.get_mut(*used..end) else { return false };
            room.copy_from_slice(text.bytes);
            let word = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
            put(&word(arena.saturating_add(*used)));
            *used = end;
            if let Some(slot) = to.get_mut(start.saturating_add(4)..) {
                for (room, word) in slot
                    .as_chunks_mut()
                    .0
                    .iter_mut()
                    .zip([word(text.bytes.len()), text.original.to_le_bytes()])
                {
                    *room = word;
                }
            }
        }
        Value::Repeated(_) => {}
    }
    true
}
