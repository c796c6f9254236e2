//! A batch of a stranger, as far as its header can be believed: where its records lie, and
//! the bytes that their slots name.

use core::cell::Cell;

use crate::record::value::Text;
use crate::record::view::u32_at;
use crate::record::{BATCH_HEADER, BATCH_MAX, STRIDE_MIN, header};
use crate::schema::layout::STRIDE_MAX;

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

    pub(super) fn record(&self, at: usize) -> Option<&'a [u8]> {
        let start = at.checked_mul(self.header.stride)?;
        self.records.get(start..start.checked_add(self.header.stride)?)
    }

    /// Bytes at an offset from the batch's start.
    pub(super) fn bytes(&self, offset: u32, len: usize) -> Option<&'a [u8]> {
        if len == 0 {
            return Some(&[]);
        }
        let start = usize::try_from(offset).ok()?.checked_sub(self.header.arena)?;
        self.budget.set(self.budget.get().checked_sub(len)?);
        self.arena.get(start..start.checked_add(len)?)
    }

    /// The text of a slot.
    pub(super) fn text(&self, slot: &[u8]) -> Option<Text<'a>> {
        let len = usize::try_from(u32_at(slot, 4)?).ok()?;
        let bytes = self.bytes(u32_at(slot, 0)?, len)?;
        Some(Text { bytes, original: u32_at(slot, 8)?, folded: None })
    }
}
