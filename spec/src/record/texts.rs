//! The fields of a kind that are texts: where each lies and what is asked of it, in one
//! word by the number of the field. Events of hosts are texts for the most part, and the
//! schema and the needs say the same in several places.

use alloc::boxed::Box;

use crate::schema::layout::END_BIT;
use crate::schema::{FieldIdx, Kind};

use super::Needs;

/// By number of a field.
#[derive(Clone, Debug)]
pub(super) struct TextFields(Box<[Option<TextField>; END_BIT as usize]>);

/// A field that is a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextField {
    pub(super) offset: u16,
    /// Whether it is to be filled.
    pub(super) fill: bool,
    /// Whether it is to be folded too.
    pub(super) fold: bool,
}

impl TextFields {
    pub(super) fn of(kind: &Kind, needs: &Needs) -> Self {
        let mut all = Box::new([None; END_BIT as usize]);
        for field in kind.fields.iter().filter(|field| field.ty.is_text()) {
            let (idx, offset) = (field.idx(), field.offset);
            if let Some(slot) = all.get_mut(usize::from(idx.0)) {
                let (fill, fold) = (needs.fills(idx), needs.folds(idx));
                *slot = Some(TextField { offset, fill, fold });
            }
        }
        Self(all)
    }

    /// The field, if it is a text.
    pub(super) fn get(&self, idx: FieldIdx) -> Option<TextField> {
        self.0.get(usize::from(idx.0)).copied().flatten()
    }
}
