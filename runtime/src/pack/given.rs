//! How a pack is given records of a kind: how much of each, and where it reads the fields
//! that plugins have added.
//!
//! Such a field lies behind those of the plugins that were given before, here and where
//! the pack was compiled, which need not be the same. What differs is brought to the pack's
//! place when a batch is copied to it, so records are as long as the longest of a pack.

use tagout_spec::pack::manifest::{NeededField, NeededKind};
use tagout_spec::record::{Move, STRIDE_MIN};
use tagout_spec::schema::layout::STRIDE_MAX;
use tagout_spec::schema::{Field, Schema};

use super::Pack;

/// Records of a kind as a pack has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// Bytes of a record.
    pub(crate) stride: u16,
    /// Fields that the pack reads elsewhere.
    pub(crate) moves: Vec<Move>,
}

impl Given {
    /// Of a kind that a pack needs.
    pub(crate) fn of(needed: &NeededKind, schema: &Schema) -> Self {
        let known = schema.kind_idx(&needed.name).and_then(|idx| schema.kind(idx));
        let Some(kind) = known else { return Self::default() };
        let moves: Vec<Move> = moves(needed, schema).collect();
        let all_are_there = moves.iter().all(Move::is_none);
        Self {
            stride: needed.stride.clamp(STRIDE_MIN, kind.stride) & !7,
            // One that stays may lie where another was.
            moves: if all_are_there { Vec::new() } else { moves },
        }
    }
}

impl Pack {
    /// Makes room for the pack's places in records of the host.
    pub(crate) fn widen(&self, schema: &mut Schema) {
        for needed in &self.manifest.kinds {
            if moves(needed, schema).all(|moved| moved.is_none()) {
                continue;
            }
            let at = schema.kind_idx(&needed.name).map(|idx| usize::from(idx.0));
            let kind = at.and_then(|at| schema.kinds.get_mut(at));
            if let Some(kind) = kind.filter(|kind| kind.stride < needed.stride) {
                kind.to_mut().stride = needed.stride.min(STRIDE_MAX) & !7;
            }
        }
    }
}

/// The fields of plugins that a pack reads and that are here.
fn moves<'a>(
    needed: &'a NeededKind,
    schema: &'a Schema,
) -> impl Iterator<Item = Move> + 'a {
    let kind = schema.kind_idx(&needed.name).and_then(|idx| schema.kind(idx));
    let fields = kind.into_iter().flat_map(move |kind| {
        needed.fields.iter().filter_map(move |field| {
            let (idx, found) = kind.lookup(&field.path)?;
            let fingerprint = schema.fingerprint(kind, idx)?;
            let is_same = field.fingerprint == format!("{fingerprint:016x}");
            is_same.then_some((field, found))
        })
    });
    fields.filter_map(|(field, found)| place(needed, field, found))
}

/// Where a pack reads a field that a plugin has added; `None` if it says no place that can be.
pub(super) fn place(
    needed: &NeededKind,
    field: &NeededField,
    found: &Field,
) -> Option<Move> {
    Move::new(found, field.place?, needed.stride)
}
