//! Filling a batch, and handing it on.

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use crate::schema::layout::{COLD_OFFSET, NULL_OFFSET};
use crate::schema::{Kind, KindIdx, Schema};

use super::names::Names;
use super::plan::Plan;
use super::tail::{Done, Tail};
use super::view::BatchView;
use super::writer::RecordWriter;
use super::{
    ARENA_MAX, ARENA_SLACK, BATCH_HEADER, BATCH_MAX, Needs, RECORD_ARENA_MAX, header,
};

/// Collects events of one kind.
///
/// Its memory is allocated once and is used again after [`clear`](Self::clear);
/// writing an event allocates nothing.
///
/// ```
/// use tagout_spec::record::{BatchBuilder, Needs, Slot, Value};
/// use tagout_spec::schema::Schema;
///
/// let schema = Schema::builtin();
/// let kind = schema.kind_idx("modbus").unwrap();
/// let (unit, _) = schema.kind(kind).unwrap().lookup("unit").unwrap();
/// let mut builder = BatchBuilder::new(&schema, kind, Needs::ALL).unwrap();
///
/// let mut record = builder.begin().unwrap();
/// record.set(unit, Value::Int(7));
/// record.commit();
///
/// let batch = builder.finish(0);
/// let record = batch.view().record(0).unwrap();
/// assert_eq!(record.get(unit), Slot::Value(Value::Int(7)));
/// ```
#[derive(Debug)]
pub struct BatchBuilder {
    kind: Cow<'static, Kind>,
    kind_idx: KindIdx,
    layout: u64,
    needs: Needs,
    plan: Plan,
    names: Names,
    bytes: Vec<u8>,
    scratch: Vec<u8>,
    done: Done,
    room: Room,
    /// Offset of the arena.
    base: usize,
}

/// Where a record begins as zeros: its null and invalid bits, and on the host all that
/// modules look at first, so that whoever reads a slot without asking whether there is a
/// value gets the same one each time. Of a plugin's record the host believes no such slot.
const CLEARED: Range<usize> = CLEARED_FROM as usize..COLD_OFFSET as usize;
const CLEARED_FROM: u16 = if cfg!(target_family = "wasm") { NULL_OFFSET } else { 0 };
const ZEROS: [u8; CLEARED.end - CLEARED.start] = [0; CLEARED.end - CLEARED.start];

/// What a batch has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Records, at most [`BATCH_MAX`].
    pub records: usize,
    /// Bytes of the arena, at most [`ARENA_MAX`]. One record takes at most half of it.
    pub arena: usize,
}

impl Room {
    /// The most that a batch can hold.
    pub const FULL: Self = Self { records: BATCH_MAX, arena: ARENA_MAX };
}

impl BatchBuilder {
    /// A builder for a kind; `None` if the schema does not have it.
    #[must_use]
    pub fn new(schema: &Schema, kind_idx: KindIdx, needs: Needs) -> Option<Self> {
        let kind = schema.kinds.get(usize::from(kind_idx.0))?.clone();
        let layout = schema.layout_fingerprint(&kind);
        Some(Self::with_room(kind, kind_idx, layout, needs, Room::FULL))
    }

    /// A builder for a kind that is at hand, with its layout's fingerprint, as generated
    /// code has them, and with less room: for plugins, whose memory is small.
    #[must_use]
    pub fn with_room(
        kind: Cow<'static, Kind>,
        kind_idx: KindIdx,
        layout: u64,
        needs: Needs,
        room: Room,
    ) -> Self {
        let room = Room {
            records: room.records.min(BATCH_MAX),
            arena: room.arena.min(ARENA_MAX),
        };
        let records = room.records.saturating_mul(usize::from(kind.stride));
        let base = BATCH_HEADER.saturating_add(records);
        Self {
            layout,
            bytes: vec![0; base.saturating_add(room.arena).saturating_add(ARENA_SLACK)],
            names: Names::of(&kind),
            plan: Plan::of(&kind, &needs),
            kind,
            kind_idx,
            needs,
            scratch: Vec::new(),
            done: Done::default(),
            room,
            base,
        }
    }

    /// The kind of its events.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The number of that kind in the schema it was made with.
    #[must_use]
    pub fn kind_idx(&self) -> KindIdx {
        self.kind_idx
    }

    /// What is asked for.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    /// Changes what is asked for, from the next record on.
    pub fn set_needs(&mut self, needs: Needs) {
        self.names.forget();
        self.plan = Plan::of(&self.kind, &needs);
        self.needs = needs;
    }

    /// Uses less of the arena, for a reader that has less room than a full batch takes:
    /// it was made when records of the kind were shorter. At least one record's part is
    /// used.
    pub fn limit_arena(&mut self, bytes: usize) {
        self.room.arena = bytes.max(RECORD_ARENA_MAX).min(self.room.arena);
    }

    /// The number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.done.n
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.done.n == 0
    }

    /// Whether no further record is taken until [`clear`](Self::clear).
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.done.n >= self.room.records || self.done.used > self.room.arena / 2
    }

    /// Begins a record; `None` if the batch is full.
    pub fn begin(&mut self) -> Option<RecordWriter<'_>> {
        let (kind, record, tail) = self.open()?;
        *record.get_mut(CLEARED)?.first_chunk_mut()? = ZEROS;
        Some(RecordWriter { kind, record, presence: [0; 3], is_flagged: false, tail })
    }

    /// Begins a record for a caller that writes all its presence, null and invalid bits.
    #[cfg(feature = "std")]
    pub(super) fn begin_as_is(&mut self) -> Option<RecordWriter<'_>> {
        let (kind, record, tail) = self.open()?;
        Some(RecordWriter { kind, record, presence: [0; 3], is_flagged: true, tail })
    }

    /// Opens the last record again, for a host to add what it knows; `None` if
    /// there is none. Dropped without [`commit`](RecordWriter::commit), the
    /// record is gone.
    pub fn reopen_last(&mut self) -> Option<RecordWriter<'_>> {
        self.done.n = self.done.n.checked_sub(1)?;
        let (kind, record, tail) = self.room()?;
        let mut presence = [0; 3];
        for (bits, bytes) in presence.iter_mut().zip(record.as_chunks().0) {
            *bits = u64::from_le_bytes(*bytes);
        }
        Some(RecordWriter { kind, record, presence, is_flagged: true, tail })
    }

    /// Lends a record for fields to be added; `None` if there is none. What the function
    /// sets stays, and no other record changes.
    pub fn amend<T>(
        &mut self,
        at: usize,
        change: impl FnOnce(&mut RecordWriter<'_>) -> T,
    ) -> Option<T> {
        let n = self.done.n;
        if at >= n {
            return None;
        }
        self.done.n = at;
        let opened = self.room();
        let changed = opened.map(|(kind, record, tail)| {
            let mut presence = [0; 3];
            for (bits, bytes) in presence.iter_mut().zip(record.as_chunks().0) {
                *bits = u64::from_le_bytes(*bytes);
            }
            let mut writer =
                RecordWriter { kind, record, presence, is_flagged: true, tail };
            let changed = change(&mut writer);
            let RecordWriter { record, presence, tail, .. } = writer;
            for (bytes, bits) in record.as_chunks_mut().0.iter_mut().zip(presence) {
                *bytes = bits.to_le_bytes();
            }
            tail.done.used = tail.used;
            changed
        });
        self.done.n = n;
        changed
    }

    /// Begins a record whose stride the caller knows; `None` if the batch is full
    /// or of another layout.
    #[inline]
    pub(super) fn begin_typed<const STRIDE: usize>(
        &mut self,
        layout: u64,
    ) -> Option<(&Kind, &mut [u8; STRIDE], Tail<'_>)> {
        if self.layout != layout {
            return None;
        }
        let (kind, record, tail) = self.open()?;
        let record = record.first_chunk_mut::<STRIDE>()?;
        *record.get_mut(CLEARED)?.first_chunk_mut()? = ZEROS;
        Some((kind, record, tail))
    }

    /// Closes the batch; its records count up from `sequence`. The builder keeps
    /// the batch until it is cleared.
    pub fn finish(&mut self, sequence: u64) -> Batch<'_> {
        self.finish_as(0, sequence)
    }

    /// The same, with a number of the kind that whoever takes the batch understands.
    pub fn finish_as(&mut self, kind: u32, sequence: u64) -> Batch<'_> {
        let arena = self.base;
        let end = arena.saturating_add(self.done.used);
        let end = end.next_multiple_of(8).saturating_add(ARENA_SLACK);
        if let Some(slack) = self.bytes.get_mut(arena.saturating_add(self.done.used)..end)
        {
            slack.fill(0);
        }
        let stride = usize::from(self.kind.stride);
        let words = Header { kind, stride, n: self.done.n, arena, bytes: end, sequence };
        if let Some(head) = self.bytes.first_chunk_mut() {
            *head = words.encode();
        }
        let bytes = self.bytes.get(..end).unwrap_or_default();
        Batch { kind: &self.kind, bytes, header: words }
    }

    /// Makes it empty.
    pub fn clear(&mut self) {
        self.done = Done::default();
    }

    #[inline]
    fn open(&mut self) -> Option<(&Kind, &mut [u8], Tail<'_>)> {
        if self.is_full() { None } else { self.room() }
    }

    /// The room behind the last record.
    #[inline]
    fn room(&mut self) -> Option<(&Kind, &mut [u8], Tail<'_>)> {
        let stride = usize::from(self.kind.stride);
        let base = self.base;
        let (records, arena) = self.bytes.split_at_mut_checked(base)?;
        let start = self.done.n.checked_mul(stride)?.checked_add(BATCH_HEADER)?;
        let record = records.get_mut(start..)?.get_mut(..stride)?;
        let used = self.done.used;
        self.names.keep_below(used);
        let tail = Tail {
            arena,
            used,
            limit: used.saturating_add(self.room.arena / 2).min(self.room.arena),
            base,
            needs: &self.needs,
            plan: &self.plan,
            names: &mut self.names,
            scratch: &mut self.scratch,
            done: &mut self.done,
        };
        Some((&self.kind, record, tail))
    }
}

/// A finished batch.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    kind: &'a Kind,
    bytes: &'a [u8],
    header: Header,
}

impl<'a> Batch<'a> {
    /// The whole batch, with 0 as the number of its kind unless another was given.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.header.n
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.header.n == 0
    }

    /// The sequence number of its first record.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.header.sequence
    }

    /// The bytes of each record.
    #[cfg(feature = "std")]
    pub(super) fn records(&self) -> impl Iterator<Item = &'a [u8]> {
        let records = self.bytes.get(BATCH_HEADER..).unwrap_or_default();
        records.chunks_exact(self.header.stride.max(1)).take(self.header.n)
    }

    /// The same for reading.
    #[must_use]
    pub fn view(&self) -> BatchView<'a> {
        BatchView::over(self.kind, self.bytes, self.header)
    }

    /// Copies the batch to a pack's memory: with the pack's number of the kind,
    /// records `from..from + n` only, and of each record only `stride` bytes.
    ///
    /// The arena lies at the same offset in the copy, so records can be copied
    /// again with another stride without copying the arena. Between the records
    /// and the arena, the memory is left as it is. Returns the bytes of the copy;
    /// `None` if they do not fit, or stride or range are not valid.
    pub fn copy_to(
        &self,
        out: &mut [u8],
        kind: u32,
        stride: u16,
        range: core::ops::Range<usize>,
    ) -> Option<usize> {
        let arena = self.bytes.get(self.header.arena..)?;
        self.copy_records_to(out, kind, stride, range)?;
        out.get_mut(self.header.arena..self.header.bytes)?.copy_from_slice(arena);
        Some(self.header.bytes)
    }

    /// The same without the arena, which the memory must hold already.
    pub fn copy_records_to(
        &self,
        out: &mut [u8],
        kind: u32,
        stride: u16,
        range: core::ops::Range<usize>,
    ) -> Option<()> {
        let full = self.header.stride;
        let stride = usize::from(stride);
        let n = range.end.checked_sub(range.start)?;
        if range.end > self.header.n
            || stride < usize::from(super::STRIDE_MIN)
            || stride > full
            || stride % 8 != 0
        {
            return None;
        }
        let skipped = u64::try_from(range.start).ok()?;
        let sequence = self.header.sequence.wrapping_add(skipped);
        let head = Header { kind, stride, n, sequence, ..self.header };
        out.get_mut(..BATCH_HEADER)?.copy_from_slice(&head.encode());

        let start = range.start.checked_mul(full)?.checked_add(BATCH_HEADER)?;
        let from = self.bytes.get(start..)?.chunks_exact(full);
        let to = out.get_mut(BATCH_HEADER..)?.get_mut(..n.checked_mul(stride)?)?;
        for (to, from) in to.chunks_exact_mut(stride).zip(from) {
            to.copy_from_slice(from.get(..stride)?);
        }
        Some(())
    }
}

/// What the header of a batch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: u32,
    pub(super) stride: usize,
    pub(super) n: usize,
    pub(super) arena: usize,
    pub(super) bytes: usize,
    pub(super) sequence: u64,
}

impl Header {
    fn encode(&self) -> [u8; BATCH_HEADER] {
        let mut out = [0; BATCH_HEADER];
        let word = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        for (at, value) in [
            (header::KIND, self.kind),
            (header::STRIDE, word(self.stride)),
            (header::N, word(self.n)),
            (header::ARENA, word(self.arena)),
            (header::BYTES, word(self.bytes)),
        ] {
            if let Some(to) = out.get_mut(at..).and_then(|out| out.first_chunk_mut()) {
                *to = value.to_le_bytes();
            }
        }
        let to = out.get_mut(header::SEQUENCE..);
        if let Some(to) = to.and_then(|out| out.first_chunk_mut()) {
            *to = self.sequence.to_le_bytes();
        }
        out
    }
}
