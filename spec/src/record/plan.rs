//! What a writer wants to know of a field, in one word by its number: where it lies, and
//! if it is a text what is asked of it. The schema and the needs say the same in several
//! places, and events of hosts are texts for the most part.

use alloc::boxed::Box;

use crate::schema::layout::END_BIT;
use crate::schema::{FieldIdx, Kind};

use super::Needs;

/// By number of a field.
#[derive(Clone, Debug)]
pub(super) struct Plan(Box<[Option<Planned>; END_BIT as usize]>);

/// A field.
#[derive(Clone, Copy, Debug)]
struct Planned {
    /// Its place among the fields of the kind.
    at: u8,
    text: Option<TextField>,
}

/// A field that is a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextField {
    pub(super) offset: u16,
    /// Whether it is to be filled.
    pub(super) fill: bool,
    /// Whether it is to be folded too.
    pub(super) fold: bool,
}

impl Plan {
    pub(super) fn of(kind: &Kind, needs: &Needs) -> Self {
        let mut all = Box::new([None; END_BIT as usize]);
        for (field, at) in kind.fields.iter().zip(0..=u8::MAX) {
            let (idx, offset) = (field.idx(), field.offset);
            if let Some(slot) = all.get_mut(usize::from(idx.0)) {
                let (fill, fold) = (needs.fills(idx), needs.folds(idx));
                let text = field.ty.is_text().then_some(TextField { offset, fill, fold });
                *slot = Some(Planned { at, text });
            }
        }
        Self(all)
    }

    /// The place of a field among those of the kind.
    pub(super) fn place(&self, idx: FieldIdx) -> Option<usize> {
        Some(self.get(idx)?.at.into())
    }

    /// The field, if it is a text.
    pub(super) fn text(&self, idx: FieldIdx) -> Option<TextField> {
        self.get(idx)?.text
    }

    fn get(&self, idx: FieldIdx) -> Option<Planned> {
        self.0.get(usize::from(idx.0)).copied().flatten()
    }
}
