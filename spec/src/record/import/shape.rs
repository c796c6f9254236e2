//! What is done with records that have the same fields.
//!
//! Of all the fields of a kind a decoder's events have one of a few sets, so what follows
//! from the set is found out once and kept. A stranger whose records never have the same
//! fields twice makes itself slower, and nothing else.

use core::ops::Range;

use crate::schema::layout::{HOT_BYTES, VIEW_BIT, slot};
use crate::schema::{Field, FieldIdx, Kind};

use super::Words;
use super::care::Care;

/// Bytes that are copied at once: few, since of the cold fields a record has few.
pub(super) const PART: usize = 32;

/// How many sets are kept.
const KEPT: usize = 8;

/// What is done with records that have these fields.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    present: Words,
    /// Where the parts lie that hold their cold slots.
    pub(super) parts: Vec<usize>,
    /// Which of them are bools, and where.
    pub(super) truths: Vec<(FieldIdx, usize)>,
    /// What else could lie.
    pub(super) cares: Vec<(FieldIdx, Care)>,
    /// Whether a range follows from other fields that is not there: whoever writes with
    /// the writers that are generated has filled it in.
    pub(super) lacks_range: bool,
}

/// The shapes that were met last.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    kept: Vec<Shape>,
    /// Which of them gives way to the next.
    oldest: usize,
}

impl Shapes {
    /// The shape of a record of a kind with these fields, which ends after so many bytes.
    #[inline]
    pub(super) fn of(
        &mut self,
        present: Words,
        kind: &Kind,
        stride: usize,
    ) -> Option<&Shape> {
        let found = self.kept.iter().position(|shape| shape.present == present);
        let at = found.unwrap_or_else(|| self.learn(Shape::of(present, kind, stride)));
        self.kept.get(at)
    }

    /// Keeps another one; where.
    #[cold]
    fn learn(&mut self, shape: Shape) -> usize {
        let at = self.oldest;
        match self.kept.get_mut(at) {
            Some(old) => *old = shape,
            None => self.kept.push(shape),
        }
        self.oldest = at.saturating_add(1) % KEPT;
        at
    }

    /// Forgets them: records end elsewhere.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Shape {
    #[cold]
    fn of(present: Words, kind: &Kind, stride: usize) -> Self {
        let has = |idx: FieldIdx| {
            let word = present.get(usize::from(idx.0 / 64));
            word.is_some_and(|word| word >> (idx.0 % 64) & 1 == 1)
        };
        let mut ranges = kind.ranges.iter();
        let lacks_range =
            ranges.any(|range| !has(range.range) && has(range.first) && has(range.count));
        let mut shape = Self {
            present,
            parts: Vec::new(),
            truths: Vec::new(),
            cares: Vec::new(),
            lacks_range,
        };
        let there = kind.fields.iter().filter(|field| !field.is_named());
        for field in there.filter(|field| has(field.idx())) {
            shape.add(field, stride);
        }
        shape
    }

    fn add(&mut self, field: &Field, stride: usize) {
        let (bytes, _) = slot(field.ty);
        let start = usize::from(field.offset);
        let end = start.saturating_add(bytes.into());
        match Care::of(field) {
            Some(care) if care.is_truth() => self.truths.push((field.idx(), start)),
            Some(care) => self.cares.push((field.idx(), care)),
            None => {}
        }
        let is_anew = field.ty.is_text() || field.items.is_some();
        if field.bit >= VIEW_BIT && field.offset >= HOT_BYTES && !is_anew {
            self.add_part(start..end, stride);
        }
    }

    /// Has a slot copied, with others if one part has room for both. Of a record that ends
    /// within the part, the last bytes are copied.
    fn add_part(&mut self, slot: Range<usize>, stride: usize) {
        let holds = |at: &usize| *at <= slot.start && slot.end <= at.saturating_add(PART);
        if !self.parts.iter().any(holds) {
            self.parts.push(slot.start.min(stride.saturating_sub(PART)));
        }
    }
}
