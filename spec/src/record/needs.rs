//! Which fields anybody asks for.

use crate::schema::{FieldIdx, Kind};

/// Fields of a kind to be filled, and fields whose texts are to be folded too.
///
/// Only texts, lists and groups are ever left out: to write a number costs less
/// than to ask whether it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Needs {
    fill: [u64; 3],
    fold: [u64; 3],
}

impl Needs {
    /// No text, list or group.
    pub const NONE: Self = Self { fill: [0; 3], fold: [0; 3] };
    /// Everything, but nothing folded.
    pub const ALL: Self = Self { fill: [u64::MAX; 3], fold: [0; 3] };
    /// Everything, every text with its folding.
    pub const ALL_FOLDED: Self = Self { fill: [u64::MAX; 3], fold: [u64::MAX; 3] };

    /// Asks for a field.
    pub fn fill(&mut self, idx: FieldIdx) {
        set(&mut self.fill, idx);
    }

    /// Asks for a field and for the folding of its texts.
    pub fn fold(&mut self, idx: FieldIdx) {
        set(&mut self.fill, idx);
        set(&mut self.fold, idx);
    }

    /// Asks for a field no longer.
    pub fn skip(&mut self, idx: FieldIdx) {
        for bits in [&mut self.fill, &mut self.fold] {
            if let Some(word) = bits.get_mut(usize::from(idx.0 / 64)) {
                *word &= !(1 << (idx.0 % 64));
            }
        }
    }

    /// Asks for what the other asks for, too.
    pub fn add(&mut self, other: &Self) {
        for (bits, more) in self.fill.iter_mut().zip(other.fill) {
            *bits |= more;
        }
        for (bits, more) in self.fold.iter_mut().zip(other.fold) {
            *bits |= more;
        }
    }

    /// Whether a field is asked for.
    #[must_use]
    pub fn fills(&self, idx: FieldIdx) -> bool {
        has(&self.fill, idx)
    }

    /// Whether the folding of a field's texts is asked for.
    #[must_use]
    pub fn folds(&self, idx: FieldIdx) -> bool {
        has(&self.fold, idx)
    }

    /// The least stride at which a pack sees all the fields asked for; numbers
    /// that it reads must be asked for here as well.
    #[must_use]
    pub fn stride(&self, kind: &Kind) -> u16 {
        let ends = kind.fields.iter().filter(|f| self.fills(f.idx())).map(|f| {
            let (bytes, _) = crate::schema::layout::slot(f.ty);
            f.offset.saturating_add(bytes)
        });
        let end = ends.max().unwrap_or(0).max(super::STRIDE_MIN);
        end.next_multiple_of(8).min(kind.stride)
    }
}

fn set(bits: &mut [u64; 3], idx: FieldIdx) {
    if let Some(word) = bits.get_mut(usize::from(idx.0 / 64)) {
        *word |= 1 << (idx.0 % 64);
    }
}

fn has(bits: &[u64; 3], idx: FieldIdx) -> bool {
    bits.get(usize::from(idx.0 / 64)).is_some_and(|word| word >> (idx.0 % 64) & 1 == 1)
}
