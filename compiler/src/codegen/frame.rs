//! Where fields are found: a record, or an element of one of its groups.
//!
//! ```text
//! batch --base--> header, records, arena          texts: base + offset
//! record --rec--> presence, slots                 event fields
//! element -------> presence, slots, or a scalar   fields of the element, items
//! named ---------> the same                       a name of a map
//! ```
//!
//! A name of a map has to be looked for before it can be read: [`Frame::seek`] writes
//! the code, and gives a frame in which it is found.

use tagout_spec::schema::layout::{HOT_BYTES, MAP_VALUE, MAP_VALUE_BIT};
use tagout_spec::schema::{Field, FieldIdx, Kind};
use wasm_encoder::{MemArg, ValType};

use super::func::{FnBuilder, Local};
use super::helper::Helper;
use super::place::Place;
use super::{Ctx, Error};
use crate::ir::FieldRef;

/// The locals and the layout with which conditions on one event are written.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'s> {
    /// Address of the batch.
    pub base: Local,
    /// Address of the record.
    pub rec: Local,
    /// Its kind; any of them for a view.
    pub kind: &'s Kind,
    /// Offset of the invalid bits in the record, if it is not the same for all
    /// kinds that this code is for.
    pub invalid: Option<Local>,
    /// The element of the innermost quantifier.
    pub element: Option<Local>,
    /// A name of a map, and the address of its element.
    pub named: Option<(FieldIdx, Local)>,
    /// A field whose presence the surrounding code tests.
    pub tested: Option<FieldRef>,
    /// Address of the constants of a shared leaf, which are then not immediate.
    pub arg: Option<Local>,
}

impl<'s> Frame<'s> {
    /// Code for one kind of events.
    pub fn new(kind: &'s Kind, base: Local, rec: Local) -> Self {
        Self {
            base,
            rec,
            kind,
            invalid: None,
            element: None,
            named: None,
            tested: None,
            arg: None,
        }
    }

    /// The frame in which a field can be read. Writes code if it is a name of a map;
    /// an element that says nothing stands for one that is not there.
    pub(super) fn seek(
        &self,
        ctx: &mut Ctx<'_>,
        f: &mut FnBuilder,
        field: FieldRef,
    ) -> Result<Self, Error> {
        let FieldRef::Event(idx) = field else { return Ok(*self) };
        let Some(number) = idx.name_number() else { return Ok(*self) };
        let named = ctx.helper(Helper::Named)?;
        let element = f.temp(ValType::I32);
        f.get(self.base).get(self.rec).u32(number.into()).call(named).set(element);
        Ok(Self { named: Some((idx, element)), ..*self })
    }

    /// What the schema says about a field.
    pub(super) fn field(&self, field: FieldRef) -> Result<&'s Field, Error> {
        match field {
            FieldRef::Event(field) => self.event_field(field),
            FieldRef::Elem(group, field) => {
                let items = self.event_field(group)?.items.as_ref();
                let items = items.ok_or(Error::Invalid("a group without elements"))?;
                let index = usize::from(field.0);
                let at = items.fields.get(index).filter(|f| f.bit == field.0);
                at.or_else(|| items.fields.iter().find(|f| f.bit == field.0))
                    .ok_or(Error::Invalid("an element field that does not exist"))
            }
            FieldRef::Call(_) => Err(Error::Invalid("a call taken for a field")),
        }
    }

    /// A field of the event itself.
    pub(super) fn event_field(&self, field: FieldIdx) -> Result<&'s Field, Error> {
        let found = self.kind.fields.binary_search_by_key(&field.0, |f| f.bit);
        found
            .ok()
            .and_then(|at| self.kind.fields.get(at))
            .or_else(|| self.kind.fields.iter().find(|f| f.bit == field.0))
            .ok_or(Error::Invalid("a field that does not exist"))
    }

    /// The local that a field's slot is addressed from.
    pub(super) fn owner(&self, field: FieldRef) -> Result<Local, Error> {
        match field {
            FieldRef::Event(idx) if idx.name_number().is_some() => {
                let found = self.named.filter(|(known, _)| *known == idx);
                let found = found.ok_or(Error::Internal("a name that was not sought"))?;
                Ok(found.1)
            }
            FieldRef::Event(_) => Ok(self.rec),
            FieldRef::Elem(..) => {
                self.element.ok_or(Error::Invalid("an element outside a quantifier"))
            }
            FieldRef::Call(_) => Err(Error::Invalid("a call taken for a field")),
        }
    }

    /// Where a field's slot is.
    pub(super) fn slot(&self, field: FieldRef) -> Result<Place, Error> {
        let offset = match self.field(field)? {
            named if named.is_named() => MAP_VALUE,
            field => field.offset,
        };
        Ok(Place::at(self.owner(field)?, offset.into()))
    }

    /// Where a field's presence bit is, as a byte and a mask.
    pub(super) fn presence(&self, field: FieldRef) -> Result<Bit, Error> {
        Ok(bit(self.owner(field)?, 0, own_bit(self.field(field)?)))
    }

    /// Where a field's null bit is.
    pub(super) fn null(&self, field: FieldRef) -> Result<Bit, Error> {
        let opens = match field {
            FieldRef::Event(idx) if idx.name_number().is_none() => u32::from(HOT_BYTES),
            FieldRef::Event(_) | FieldRef::Elem(..) | FieldRef::Call(_) => 4,
        };
        Ok(bit(self.owner(field)?, opens, own_bit(self.field(field)?)))
    }

    /// Offset of the invalid bits where it is the same for all kinds.
    pub(super) fn invalid_at(&self) -> u32 {
        u32::from(HOT_BYTES)
            .saturating_add(u32::from(self.kind.presence_words).saturating_mul(8))
    }
}

/// The bit of a field in what owns it.
fn own_bit(field: &Field) -> u16 {
    if field.is_named() { MAP_VALUE_BIT } else { field.bit }
}

/// A bit in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bit {
    pub(super) owner: Local,
    pub(super) byte: u32,
    pub(super) shift: u32,
}

fn bit(owner: Local, opens: u32, bit: u16) -> Bit {
    let bit = u32::from(bit);
    Bit { owner, byte: opens.saturating_add(bit / 8), shift: bit % 8 }
}

impl FnBuilder {
    /// Pushes a number that is not zero if the bit is set.
    pub(super) fn test_bit(&mut self, bit: Bit) -> &mut Self {
        let mask = 1_u32.wrapping_shl(bit.shift);
        self.get(bit.owner).i().i32_load8_u(byte_arg(bit.byte));
        self.u32(mask).i().i32_and();
        self
    }

    /// Pushes 1 if the bit is set, else 0.
    pub(super) fn load_bit(&mut self, bit: Bit) -> &mut Self {
        self.shifted_bit(bit);
        self.u32(1).i().i32_and();
        self
    }

    /// Pushes a number whose lowest bit is the bit.
    pub(super) fn shifted_bit(&mut self, bit: Bit) -> &mut Self {
        self.get(bit.owner).i().i32_load8_u(byte_arg(bit.byte));
        if bit.shift > 0 {
            self.u32(bit.shift).i().i32_shr_u();
        }
        self
    }
}

/// A memory argument without a promise about alignment.
pub(super) fn byte_arg(offset: u32) -> MemArg {
    MemArg { offset: u64::from(offset), align: 0, memory_index: 0 }
}
