//! The arena's end: texts and repeated elements of the record in progress.
//!
//! ```text
//! arena  | committed records' texts | of the open record ... | free | slack |
//!                                   ^ done.used               ^ used ^ limit
//! ```
//!
//! A record's part becomes real when it is committed: until then only the
//! writer's own `used` moves, so that dropping the writer takes it back.

use alloc::vec::Vec;

use crate::fold::{self, Folding};
use crate::schema::FieldIdx;
use crate::schema::layout::{MAP_STRIDE, REPEATED_SLOT, REPEATED_TRUNCATED, TEXT_SLOT};

use super::names::Names;
use super::plan::Plan;
use super::value::Text;
use super::{Needs, TEXT_MAX};

/// What a batch holds for good.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    pub(super) n: usize,
    pub(super) used: usize,
    /// Where the last text lies that may come again.
    #[cfg(feature = "std")]
    again: usize,
}

/// Appends to the arena for one record.
#[derive(Debug)]
pub(super) struct Tail<'r> {
    pub(super) arena: &'r mut [u8],
    pub(super) used: usize,
    pub(super) limit: usize,
    /// Offset of the arena from the batch's start.
    pub(super) base: usize,
    pub(super) needs: &'r Needs,
    pub(super) plan: &'r Plan,
    pub(super) names: &'r mut Names,
    pub(super) scratch: &'r mut Vec<u8>,
    pub(super) done: &'r mut Done,
}

impl Tail<'_> {
    /// The same end, for as long as it is lent.
    pub(super) fn reborrow(&mut self) -> Tail<'_> {
        Tail {
            arena: self.arena,
            used: self.used,
            limit: self.limit,
            base: self.base,
            needs: self.needs,
            plan: self.plan,
            names: self.names,
            scratch: self.scratch,
            done: self.done,
        }
    }

    /// Appends a text, and writes to a slot what it says about it.
    pub(super) fn text(&mut self, text: Text<'_>, folded: bool, slot: &mut TextSlot) {
        write_words(slot, self.text_words(text, folded));
    }

    /// The same of a text that the last event had too, as a rule, so that a batch has it
    /// once. What lies there is compared, so it does not matter what was written since.
    #[cfg(feature = "std")]
    #[inline(always)]
    pub(super) fn text_again(&mut self, text: &[u8], folded: bool, slot: &mut TextSlot) {
        let at = self.done.again;
        let end = at.saturating_add(text.len());
        if folded
            || end > self.used
            || text.len() > TEXT_MAX
            || self.arena.get(at..end) != Some(text)
        {
            self.done.again = self.used;
            return self.text(Text::whole(text), folded, slot);
        }
        let (offset, len) = (word(self.base.saturating_add(at)), word(text.len()));
        write_words(slot, text_slot([offset, 0], [len, len, 0]));
    }

    /// Appends a text; the words of a slot that says what there is of it. Bytes of a slot
    /// that were copied on would be read back before they have left the core: words stay
    /// in registers, and so this is a part of each that calls it.
    #[inline(always)]
    pub(super) fn text_words(&mut self, text: Text<'_>, folded: bool) -> [u64; 3] {
        let kept = self.kept(text.bytes, folded);
        let offset = self.base.saturating_add(self.used);
        let (fold_offset, fold_len) = match self.append(kept, folded) {
            None => (0, 0),
            Some(Folding::Same) => (offset, kept.len()),
            Some(Folding::Written(len)) => (offset.saturating_add(kept.len()), len),
        };
        let original = text.original.max(word(kept.len()));
        let offsets = [word(offset), word(fold_offset)];
        text_slot(offsets, [word(kept.len()), original, word(fold_len)])
    }

    /// Appends the name of an element, which this batch has from now on, unless there was
    /// no room for all of it. It is at a place among those known, or at none yet.
    pub(super) fn name(
        &mut self,
        at: Option<usize>,
        name: &[u8],
        fold: bool,
    ) -> [u64; 3] {
        let before = self.used;
        let slot = self.text_words(Text::whole(name), fold);
        if self.used.saturating_sub(before) >= name.len() {
            self.names.learn(at, name, slot, self.used);
        }
        slot
    }

    /// Appends 16-bit numbers; what a repeated slot says about them.
    pub(super) fn list_u16(
        &mut self,
        values: impl IntoIterator<Item = u16>,
        max: u16,
    ) -> [u8; REPEATED_SLOT as usize] {
        self.align();
        let offset = self.base.saturating_add(self.used);
        let free = self.arena.get_mut(self.used..self.limit).unwrap_or_default();
        let mut values = values.into_iter();
        let mut count = 0_u16;
        let (slots, _) = free.as_chunks_mut::<2>();
        for slot in slots.iter_mut().take(max.into()) {
            let Some(value) = values.next() else { break };
            *slot = value.to_le_bytes();
            count = count.saturating_add(1);
        }
        self.used = self.used.saturating_add(usize::from(count) * 2);
        repeated_slot(offset, count, values.next().is_some())
    }

    /// Appends elements that lie in the scratch space; `count` may fall.
    pub(super) fn elements(
        &mut self,
        stride: u16,
        count: u16,
        truncated: bool,
    ) -> [u8; REPEATED_SLOT as usize] {
        self.align();
        let free = self.limit.saturating_sub(self.used);
        let fit = free.checked_div(stride.into()).unwrap_or(0);
        let kept = count.min(u16::try_from(fit).unwrap_or(u16::MAX));
        let bytes = usize::from(kept).saturating_mul(stride.into());
        let offset = self.base.saturating_add(self.used);
        let from = self.scratch.get(..bytes);
        let to = self.arena.get_mut(self.used..self.used.saturating_add(bytes));
        if let (Some(from), Some(to)) = (from, to) {
            to.copy_from_slice(from);
            self.used = self.used.saturating_add(bytes);
        }
        self.scratch.clear();
        repeated_slot(offset, kept, truncated || kept < count)
    }

    /// Appends elements that lie elsewhere and hold no texts; `count` may fall.
    #[cfg(feature = "std")]
    pub(super) fn copy_elements(
        &mut self,
        from: &[u8],
        stride: u16,
        count: u16,
        truncated: bool,
    ) -> [u8; REPEATED_SLOT as usize] {
        self.align();
        let free = self.limit.saturating_sub(self.used);
        let mut kept = count;
        if from.len() > free {
            let fit = free.checked_div(stride.into()).unwrap_or(0);
            kept = count.min(u16::try_from(fit).unwrap_or(u16::MAX));
        }
        let bytes = usize::from(kept).saturating_mul(stride.into());
        let offset = self.base.saturating_add(self.used);
        let to = self.arena.get_mut(self.used..self.used.saturating_add(bytes));
        if let (Some(from), Some(to)) = (from.get(..bytes), to) {
            to.copy_from_slice(from);
            self.used = self.used.saturating_add(bytes);
        }
        repeated_slot(offset, kept, truncated || kept < count)
    }

    /// Appends the row and the elements of a map, which lie in the scratch space:
    /// each says in the reserved word of its value which of the names it has.
    pub(super) fn map(
        &mut self,
        count: u16,
        truncated: bool,
    ) -> [u8; REPEATED_SLOT as usize] {
        self.align();
        let row = self.names.len().next_multiple_of(8);
        let Some(free) = self.limit.checked_sub(self.used + row) else {
            self.scratch.clear();
            return repeated_slot(self.base.saturating_add(self.used), 0, true);
        };
        let fit = free / usize::from(MAP_STRIDE);
        let kept = count.min(u16::try_from(fit).unwrap_or(u16::MAX));
        let room = self.arena.get_mut(self.used..self.limit).unwrap_or_default();
        let (row_bytes, room) = room.split_at_mut_checked(row).unwrap_or_default();
        row_bytes.fill(0);
        let strides = usize::from(MAP_STRIDE);
        let from = self.scratch.chunks_exact(strides).take(kept.into());
        for ((from, to), number) in
            from.zip(room.chunks_exact_mut(strides)).zip(1..=u8::MAX)
        {
            to.copy_from_slice(from);
            let Some(name) = to.last_chunk_mut::<4>() else { continue };
            let back = usize::try_from(u32::from_le_bytes(*name)).unwrap_or(0);
            *name = [0; 4];
            let byte = row_bytes.len().checked_sub(back).filter(|_| back > 0);
            // Of a name that a source gives twice, the first counts.
            if let Some(byte @ 0) = byte.and_then(|at| row_bytes.get_mut(at)) {
                *byte = number;
            }
        }
        let offset = self.base.saturating_add(self.used).saturating_add(row);
        let elements = usize::from(kept).saturating_mul(strides);
        self.used = self.used.saturating_add(row).saturating_add(elements);
        self.scratch.clear();
        repeated_slot(offset, kept, truncated || kept < count)
    }

    /// Whether the field is to be filled.
    pub(super) fn wants(&self, idx: FieldIdx) -> bool {
        self.needs.fills(idx)
    }

    /// Whether the field's texts are to have a folded copy.
    pub(super) fn folds(&self, idx: FieldIdx) -> bool {
        self.needs.folds(idx)
    }

    /// The part of a text that is kept: at most [`TEXT_MAX`], at most what there
    /// is room for with its folding, and cut between characters.
    #[inline(always)]
    fn kept<'t>(&self, text: &'t [u8], folded: bool) -> &'t [u8] {
        let free = self.limit.saturating_sub(self.used);
        // Nearly all are, with room for whatever they fold to.
        if text.len() <= TEXT_MAX && free >= 3 * TEXT_MAX {
            return text;
        }
        cut(text, if folded { free / 5 * 2 } else { free })
    }

    /// Copies a text to the arena, and behind it its folding if that is asked for
    /// and differs. There is room: `kept` saw to that.
    fn append(&mut self, text: &[u8], folded: bool) -> Option<Folding> {
        let free = self.arena.get_mut(self.used..self.limit)?;
        let (to, free) = free.split_at_mut_checked(text.len())?;
        if !folded {
            to.copy_from_slice(text);
            self.used = self.used.saturating_add(text.len());
            return None;
        }
        let folding = fold::fold_to(text, to, free)?;
        let more = if let Folding::Written(len) = folding { len } else { 0 };
        self.used = self.used.saturating_add(text.len()).saturating_add(more);
        Some(folding)
    }

    fn align(&mut self) {
        self.used = self.used.next_multiple_of(8).min(self.limit);
    }
}

/// What a text slot holds.
pub(super) type TextSlot = [u8; TEXT_SLOT as usize];

/// The words of a slot: offsets of a text and its folding; lengths of it, of the original, and
/// of the folding.
#[inline(always)]
fn text_slot(
    [offset, fold_offset]: [u32; 2],
    [len, original, fold]: [u32; 3],
) -> [u64; 3] {
    [(offset, len), (original, fold_offset), (fold, 0)]
        .map(|(low, high)| u64::from(high) << 32 | u64::from(low))
}

#[inline(always)]
fn write_words(slot: &mut TextSlot, words: [u64; 3]) {
    for (bytes, word) in slot.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
}

/// A number of a slot; batches are far smaller than 4 GiB.
fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// What a repeated slot holds.
fn repeated_slot(
    offset: usize,
    count: u16,
    truncated: bool,
) -> [u8; REPEATED_SLOT as usize] {
    let flags = if truncated { REPEATED_TRUNCATED } else { 0 };
    let [a, b, c, d] = word(offset).to_le_bytes();
    let [e, f] = count.to_le_bytes();
    let [g, h] = flags.to_le_bytes();
    [a, b, c, d, e, f, g, h]
}

/// The beginning of a text that has so much room.
#[cold]
fn cut(text: &[u8], room: usize) -> &[u8] {
    match text.get(..TEXT_MAX.min(room)) {
        Some(head) if head.len() < text.len() => cut_between_characters(head),
        _ => text,
    }
}

/// Takes the beginning of a character off the end of a text that was cut, so
/// that what is kept of a text in UTF-8 is UTF-8.
fn cut_between_characters(head: &[u8]) -> &[u8] {
    let Some(last) = head.utf8_chunks().last() else { return head };
    let rest = last.invalid();
    // An incomplete sequence at the very end, and not some other bytes.
    let begins_character = matches!(
        rest,
        [0xc2..=0xf4]
            | [0xe0..=0xf4, 0x80..=0xbf]
            | [0xf0..=0xf4, 0x80..=0xbf, 0x80..=0xbf]
    );
    let cut = if begins_character { rest.len() } else { 0 };
    head.len().checked_sub(cut).and_then(|len| head.get(..len)).unwrap_or(head)
}
