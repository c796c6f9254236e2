//! What is computed of an event: fields, keys, the numbers that filters look at.
//!
//! Everything is computed where it is first asked for, and once: a cache says in
//! which local it lies. Code inside an `if` gives back what it added to the
//! cache, since the code after the `if` may not have passed there.

use tagout_spec::record::TEXT_MAX;
use tagout_spec::schema::layout::{MAP_VALUE, MAP_VALUE_BIT};
use tagout_spec::schema::{Field, FieldIdx, FieldType, IntRepr};
use wasm_encoder::ValType;

use super::{Cache, Emit, at, number};
use crate::codegen::{Error, Helper, Local};
use crate::index::event::{MIX, NAME, Subject};
use crate::index::{Fault, KindPlan, Lane, Mask};

/// Most bytes of a folded text: folding lengthens by half at most.
pub(super) const TEXT_CAP: u32 = 2 * 16 * 1024;
const _: () = assert!(TEXT_MAX == 16 * 1024, "the cap follows the record");

/// What has been computed.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    cache: Cache<Item>,
}

impl Sample {
    pub(super) fn clear(&mut self) {
        self.cache.clear();
    }
}

/// Something computed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    /// Address of the element of a name of a map.
    Named(FieldIdx),
    /// 1 or 0.
    Present(FieldIdx),
    /// 64 bits; anything if it is not present.
    Int(FieldIdx),
    /// The low 32 bits of an address, as a number.
    V4(FieldIdx),
    /// 1 if it, or a part of it, is present.
    TextThere(FieldIdx, bool),
    /// 1 if it is present and whole.
    TextOk(FieldIdx, bool),
    /// Its address; a valid one even if it is not there.
    TextAt(FieldIdx, bool),
    /// Its length; 0 if it is not there.
    TextLen(FieldIdx, bool),
    /// The last eight bytes, zeros above.
    Tail(FieldIdx, bool),
    /// A key.
    Key(Subject),
}

/// The vectors that entries are held against.
#[derive(Clone, Copy)]
pub(super) struct FilterSample {
    pub(super) low: Local,
    pub(super) high: Local,
    pub(super) classes: Local,
}

impl Emit<'_, '_> {
    /// What the cache held, to be put back after conditional code.
    pub(super) fn saved(&self) -> Sample {
        self.sample.clone()
    }

    pub(super) fn restore(&mut self, saved: Sample) {
        self.sample = saved;
    }

    pub(super) fn field(&self, field: FieldIdx) -> Result<Field, Error> {
        let kind = self.ctx.kind(self.kind)?;
        let found = kind.fields.iter().find(|candidate| candidate.bit == field.0);
        found.cloned().ok_or(Error::Invalid("a field that does not exist"))
    }

    fn cached(
        &mut self,
        item: Item,
        ty: ValType,
        write: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<Local, Error> {
        if let Some(local) = self.sample.cache.get(&item) {
            return Ok(*local);
        }
        write(self)?;
        let local = self.f.temp(ty);
        self.f.set(local);
        self.sample.cache.insert(item, local);
        Ok(local)
    }

    /// What a field's slot is addressed from, and its bit and offset there.
    fn place(&mut self, field: FieldIdx) -> Result<(Local, u16, u32), Error> {
        let Some(number) = field.name_number() else {
            return Ok((self.rec, field.0, self.field(field)?.offset.into()));
        };
        let (base, rec) = (self.base, self.rec);
        let element = self.cached(Item::Named(field), ValType::I32, |emit| {
            let named = emit.ctx.helper(Helper::Named)?;
            emit.f.get(base).get(rec).u32(number.into()).call(named);
            Ok(())
        })?;
        Ok((element, MAP_VALUE_BIT, MAP_VALUE.into()))
    }

    /// 1 if the field is present.
    pub(super) fn present(&mut self, field: FieldIdx) -> Result<Local, Error> {
        let (owner, bit, _) = self.place(field)?;
        self.cached(Item::Present(field), ValType::I32, |emit| {
            emit.f.get(owner).i().i32_load8_u(at(u32::from(bit / 8)));
            emit.f.u32(u32::from(bit % 8)).i().i32_shr_u();
            emit.f.u32(1).i().i32_and();
            Ok(())
        })
    }

    /// The number in a field, anything if it is not present.
    pub(super) fn int(&mut self, field: FieldIdx) -> Result<Local, Error> {
        let rec = self.rec;
        self.cached(Item::Int(field), ValType::I64, |emit| {
            let slot = emit.field(field)?;
            let repr =
                int_repr(slot.ty).ok_or(Error::Invalid("a number that is none"))?;
            let arg = at(u32::from(slot.offset));
            let mut i = emit.f.get(rec).i();
            match repr {
                IntRepr::U8 => i.i64_load8_u(arg),
                IntRepr::U16 => i.i64_load16_u(arg),
                IntRepr::U32 => i.i64_load32_u(arg),
                IntRepr::I8 => i.i64_load8_s(arg),
                IntRepr::I16 => i.i64_load16_s(arg),
                IntRepr::I32 => i.i64_load32_s(arg),
                IntRepr::U64 | IntRepr::I64 => i.i64_load(arg),
            };
            Ok(())
        })
    }

    /// The low 32 bits of an address, as a number.
    fn v4(&mut self, field: FieldIdx) -> Result<Local, Error> {
        let rec = self.rec;
        self.cached(Item::V4(field), ValType::I32, |emit| {
            let slot = emit.field(field)?;
            emit.f.get(rec).i().v128_load32_zero(at(u32::from(slot.offset) + 12));
            emit.f.get(rec).i().v128_load32_zero(at(u32::from(slot.offset) + 12));
            let mut order = [16; 16];
            for (to, from) in order.iter_mut().zip([3, 2, 1, 0]) {
                *to = from;
            }
            emit.f.i().i8x16_shuffle(order).i32x4_extract_lane(0);
            Ok(())
        })
    }

    /// 1 if a text is there, and was not cut.
    pub(super) fn text_ok(
        &mut self,
        field: FieldIdx,
        fold: bool,
    ) -> Result<Local, Error> {
        let there = self.text_there(field, fold)?;
        let (rec, _, slot) = self.place(field)?;
        self.cached(Item::TextOk(field, fold), ValType::I32, |emit| {
            emit.f.get(rec).i().i32_load(at(slot + 8));
            emit.f.get(rec).i().i32_load(at(slot + 4));
            emit.f.i().i32_le_u();
            emit.f.get(there).i().i32_and();
            Ok(())
        })
    }

    /// 1 if a text, or a part of it, is present, and no longer than a text can be.
    fn text_there(&mut self, field: FieldIdx, fold: bool) -> Result<Local, Error> {
        let present = self.present(field)?;
        let (rec, _, slot) = self.place(field)?;
        self.cached(Item::TextThere(field, fold), ValType::I32, |emit| {
            emit.f.get(rec).i().i32_load(at(slot + if fold { 16 } else { 4 }));
            emit.f.u32(TEXT_CAP).i().i32_le_u();
            emit.f.get(present).i().i32_and();
            Ok(())
        })
    }

    /// Address and length of a text; harmless ones if it is not there.
    pub(super) fn text(
        &mut self,
        field: FieldIdx,
        fold: bool,
    ) -> Result<(Local, Local), Error> {
        let ok = self.text_there(field, fold)?;
        let base = self.base;
        let (rec, _, slot) = self.place(field)?;
        let (offset, length) =
            if fold { (slot + 12, slot + 16) } else { (slot, slot + 4) };
        let address = self.cached(Item::TextAt(field, fold), ValType::I32, |emit| {
            emit.f.get(base).get(rec).i().i32_load(at(offset)).i32_add();
            emit.f.get(rec).get(ok).i().select();
            Ok(())
        })?;
        let length = self.cached(Item::TextLen(field, fold), ValType::I32, |emit| {
            emit.f.get(rec).i().i32_load(at(length));
            emit.f.u32(0).get(ok).i().select();
            Ok(())
        })?;
        Ok((address, length))
    }

    /// The last eight bytes of a text, or all of a shorter one.
    fn tail(&mut self, field: FieldIdx, fold: bool) -> Result<Local, Error> {
        let (address, length) = self.text(field, fold)?;
        self.cached(Item::Tail(field, fold), ValType::I64, |emit| {
            emit.push_tail(address, length);
            Ok(())
        })
    }

    /// Pushes the last eight bytes before `address + length`, of a shorter text
    /// all, zeros above.
    fn push_tail(&mut self, address: Local, length: Local) {
        // (load(end - 8) >> 8 * (8 - min(length, 8))), but 0 for length 0.
        self.f.get(address).get(length).i().i32_add();
        self.f.u32(8).i().i32_sub().i64_load(at(0));
        self.f.i64(64);
        self.f.get(length).u32(8).get(length).u32(8).i().i32_lt_u().select();
        self.f.i().i64_extend_i32_u().i64_const(3).i64_shl().i64_sub().i64_shr_u();
        self.f.i64(0).get(length).i().select();
    }

    /// A local that is 1 if there is a key, and the key.
    pub(super) fn key(&mut self, subject: Subject) -> Result<(Local, Local), Error> {
        let has = match subject {
            Subject::Int(field) | Subject::Ip(field) => self.present(field)?,
            Subject::Whole(field, fold)
            | Subject::Name(field, fold)
            | Subject::Tail8(field, fold)
            | Subject::Tail4(field, fold) => self.text_ok(field, fold)?,
        };
        let key = match subject {
            Subject::Int(field) => {
                let value = self.int(field)?;
                self.cached(Item::Key(subject), ValType::I64, |emit| {
                    emit.f.get(value);
                    emit.mix();
                    Ok(())
                })?
            }
            Subject::Ip(field) => {
                let slot = u32::from(self.field(field)?.offset);
                let rec = self.rec;
                self.cached(Item::Key(subject), ValType::I64, |emit| {
                    emit.f.get(rec).i().i64_load(at(slot));
                    emit.f.get(rec).i().i64_load(at(slot + 8));
                    emit.f.i64(MIX_0).i().i64_mul().i64_xor();
                    emit.mix();
                    Ok(())
                })?
            }
            Subject::Whole(field, fold) => {
                let (address, length) = self.text(field, fold)?;
                let tail = self.tail(field, fold)?;
                self.cached(Item::Key(subject), ValType::I64, |emit| {
                    emit.whole_key(address, length, tail);
                    Ok(())
                })?
            }
            Subject::Name(field, fold) => {
                let (address, length) = self.text(field, fold)?;
                let tail = self.tail(field, fold)?;
                self.cached(Item::Key(subject), ValType::I64, |emit| {
                    emit.name_key(address, length, tail);
                    Ok(())
                })?
            }
            Subject::Tail8(field, fold) => {
                let tail = self.tail(field, fold)?;
                self.cached(Item::Key(subject), ValType::I64, |emit| {
                    emit.f.get(tail);
                    emit.mix();
                    Ok(())
                })?
            }
            Subject::Tail4(field, fold) => {
                let (_, length) = self.text(field, fold)?;
                let tail = self.tail(field, fold)?;
                self.cached(Item::Key(subject), ValType::I64, |emit| {
                    // The tail of a longer text stands in its upper bytes.
                    emit.f.get(tail);
                    emit.f.get(length).u32(8).get(length).u32(8).i().i32_lt_u().select();
                    emit.f.u32(4).i().i32_sub();
                    emit.f.u32(0).get(length).u32(4).i().i32_gt_u().select();
                    emit.f.i().i64_extend_i32_u().i64_const(3).i64_shl().i64_shr_u();
                    emit.mix();
                    Ok(())
                })?
            }
        };
        Ok((has, key))
    }

    /// The key of a whole text whose last eight bytes are known.
    fn whole_key(&mut self, address: Local, length: Local, tail: Local) {
        // The first eight bytes of a short text are its last.
        self.f.get(address).i().i64_load(at(0));
        self.f.get(tail).get(length).u32(8).i().i32_ge_u().select();
        self.f.get(length).i().i64_extend_i32_u();
        self.f.i64(MIX_2).i().i64_mul().i64_xor();
        self.f.get(tail).i64(MIX_0).i().i64_mul().i64_xor();
        self.mix();
    }

    /// The key of the last component of a text.
    fn name_key(&mut self, address: Local, length: Local, tail: Local) {
        let i32 = ValType::I32;
        let (end, within) = (self.f.temp(i32), self.f.temp(i32));
        let bytes = self.f.temp(ValType::V128);
        let name = number(NAME);
        self.f.get(length).u32(name).get(length).u32(name).i().i32_lt_u().select();
        self.f.set(within);
        self.f.get(address).get(length).i().i32_add();
        self.f.tee(end).u32(name).i().i32_sub().v128_load(at(0));
        self.f.tee(bytes);
        self.f.u32(u32::from(b'\\')).i().i8x16_splat().i8x16_eq();
        self.f.get(bytes).u32(u32::from(b'/')).i().i8x16_splat().i8x16_eq().v128_or();
        // One bit for each byte that separates; those before the text are none.
        self.f.i().i8x16_bitmask();
        self.f.u32(0xFFFF).u32(name).get(within).i().i32_sub().i32_shl().i32_and();
        self.f.i().i32_clz().i32_const(16).i32_sub();
        let length = self.f.temp(i32);
        self.f.tee(length).get(within).get(length).get(within).i().i32_lt_u().select();
        self.f.set(length);
        let address = self.f.temp(i32);
        self.f.get(end).get(length).i().i32_sub();
        self.f.set(address);
        let short = self.f.temp(ValType::I64);
        // Of a name of less than eight bytes the tail holds too much.
        self.f.get(tail);
        self.f.i64(64);
        self.f.get(length).u32(8).get(length).u32(8).i().i32_lt_u().select();
        self.f.i().i64_extend_i32_u().i64_const(3).i64_shl().i64_sub();
        // The tail of a text shorter than eight bytes was shifted already.
        self.f.i64(64);
        self.f.get(within).u32(8).get(within).u32(8).i().i32_lt_u().select();
        self.f.i().i64_extend_i32_u().i64_const(3).i64_shl().i64_sub();
        self.f.i().i64_sub().i64_shr_u();
        self.f.i64(0).get(length).i().select();
        self.f.set(short);
        self.whole_key(address, length, short);
    }

    /// Multiplies and folds the number on the stack, as [`mix`](super::super::event::mix).
    fn mix(&mut self) {
        let x = self.f.temp(ValType::I64);
        self.f.i64(MIX_1).i().i64_mul();
        self.f.tee(x).get(x).i64(32).i().i64_shr_u().i64_xor();
    }

    /// Computes the three vectors of the filter.
    pub(super) fn filter_sample(&mut self, plan: &KindPlan) -> Result<(), Error> {
        let sample = self.filter;
        let (low, high) = (self.pair(), self.pair());
        let missing = match self.fault {
            Some(Fault::MissingInBox) => 0,
            _ => 0xFFFF,
        };
        for ((position, lane), shift) in
            (0_usize..).zip(&plan.lanes).zip([0, 16, 32, 48].into_iter().cycle())
        {
            let present = self.present(lane_field(*lane))?;
            let value = self.lane(*lane)?;
            let half = position / 4;
            let (Some(&low), Some(&high)) = (low.get(half), high.get(half)) else {
                break;
            };
            self.f.get(low).get(value).i64(0).get(present).i().select();
            self.f.i64(shift).i().i64_shl().i64_or();
            self.f.set(low);
            self.f.get(high).get(value).i64(missing).get(present).i().select();
            self.f.i64(shift).i().i64_shl().i64_or();
            self.f.set(high);
        }
        self.vector(low, sample.low);
        self.vector(high, sample.high);
        let classes = self.pair();
        for &half in &classes {
            self.f.i64(0).set(half);
        }
        for position in 0..super::super::MASKS {
            let Some(&half) = classes.get(position / 2) else { break };
            let shift = if position % 2 == 0 { 0 } else { 32 };
            self.f.get(half);
            match plan.masks.get(position) {
                Some(mask) => self.class(mask)?,
                None => {
                    self.f.i64(0xFFFF_FFFF);
                }
            }
            self.f.i64(shift).i().i64_shl().i64_or();
            self.f.set(half);
        }
        self.vector(classes, sample.classes);
        Ok(())
    }

    /// Two words of zeros.
    fn pair(&mut self) -> [Local; 2] {
        let pair = [self.f.temp(ValType::I64), self.f.temp(ValType::I64)];
        for half in pair {
            self.f.i64(0).set(half);
        }
        pair
    }

    fn vector(&mut self, [first, second]: [Local; 2], to: Local) {
        self.f.get(first).i().i64x2_splat();
        self.f.get(second).i().i64x2_replace_lane(1);
        self.f.set(to);
    }

    /// The number of a lane, 0 to 65,535, in a local of 64 bits.
    fn lane(&mut self, lane: Lane) -> Result<Local, Error> {
        let value = self.f.temp(ValType::I64);
        match lane {
            Lane::Int { field, base, shift } => {
                let int = self.int(field)?;
                self.push_moved(field, int, base, shift)?;
            }
            Lane::IpHigh(field) => {
                let v4 = self.v4(field)?;
                self.f.get(v4).u32(16).i().i32_shr_u().i64_extend_i32_u();
            }
            Lane::IpLow(field) => {
                let v4 = self.v4(field)?;
                self.f.get(v4).u32(0xFFFF).i().i32_and().i64_extend_i32_u();
            }
            Lane::First(field) | Lane::Last(field) => {
                let slot = u32::from(self.field(field)?.offset);
                let offset = if matches!(lane, Lane::Last(_)) { slot + 4 } else { slot };
                self.f.get(self.rec).i().i64_load32_u(at(offset));
            }
        }
        self.f.set(value);
        self.f.get(value).i64(0xFFFF).get(value).i64(0xFFFF).i().i64_lt_u().select();
        self.f.set(value);
        Ok(value)
    }

    /// Pushes `max(value - base, 0) >> shift`, the difference saturating.
    pub(super) fn push_moved(
        &mut self,
        field: FieldIdx,
        value: Local,
        base: i64,
        shift: u32,
    ) -> Result<(), Error> {
        let narrow = !matches!(
            int_repr(self.field(field)?.ty),
            None | Some(IntRepr::U64 | IntRepr::I64)
        );
        let near = base.checked_abs().is_some_and(|base| base < 1 << 32);
        let difference = self.f.temp(ValType::I64);
        self.f.get(value).i64(base).i().i64_sub();
        self.f.set(difference);
        if !(narrow && near) {
            // Overflow: the difference is beyond every bucket.
            self.f.i64(i64::MAX).get(difference);
            self.f.get(value).i64(base).i().i64_ge_s();
            self.f.get(difference).i64(0).i().i64_lt_s().i32_and().select();
            self.f.i64(0).get(value).i64(base).i().i64_ge_s().select();
        } else {
            self.f.get(difference).i64(0);
            self.f.get(difference).i64(0).i().i64_gt_s().select();
        }
        self.f.i64(i64::from(shift)).i().i64_shr_u();
        Ok(())
    }

    /// Pushes a bit for the class of the event, or all 32, as 64 bits.
    fn class(&mut self, mask: &Mask) -> Result<(), Error> {
        let has = match mask {
            Mask::Int { field, classes, other, .. } => {
                let mut bytes = classes.clone();
                bytes.resize(256, *other);
                bytes.push(*other);
                let table = self.ctx.module.data.constant(&bytes, 1)?;
                let has = self.present(*field)?;
                let value = self.int(*field)?;
                self.f.i64(1);
                self.push_byte_of(table, *field, value)?;
                self.f.i().i64_extend_i32_u().i64_shl();
                has
            }
            Mask::Net { field, bounds } => {
                let has = self.present(*field)?;
                let v4 = self.v4(*field)?;
                let slot = u32::from(self.field(*field)?.offset);
                self.f.i64(1);
                self.f.u32(0);
                let edge = u32::from(self.fault == Some(Fault::NetBound));
                for bound in bounds {
                    self.f
                        .get(v4)
                        .u32(bound.saturating_add(edge))
                        .i()
                        .i32_ge_u()
                        .i32_add();
                }
                self.f.u32(0);
                self.f.get(self.rec).i().i64_load(at(slot)).i64_eqz();
                self.f.get(self.rec).i().i32_load(at(slot + 8));
                self.f.u32(0xFFFF_0000).i().i32_eq().i32_and().select();
                self.f.i().i64_extend_i32_u().i64_shl();
                has
            }
            Mask::Key(subject) => {
                let (has, key) = self.key(*subject)?;
                self.f.i64(1);
                self.f.get(key).i64(31).i().i64_and().i64_shl();
                has
            }
        };
        self.f.i64(0xFFFF_FFFF).get(has).i().select();
        Ok(())
    }

    /// Pushes `table[min(value, 256)]`, a byte, the value taken as unsigned.
    pub(super) fn push_byte_of(
        &mut self,
        table: u32,
        field: FieldIdx,
        value: Local,
    ) -> Result<(), Error> {
        let byte = matches!(int_repr(self.field(field)?.ty), Some(IntRepr::U8));
        self.f.get(value);
        if !byte {
            self.f.i64(256).get(value).i64(256).i().i64_lt_u().select();
        }
        self.f.i().i32_wrap_i64().i32_load8_u(at(table));
        Ok(())
    }
}

const MIX_0: i64 = MIX[0].cast_signed();
const MIX_1: i64 = MIX[1].cast_signed();
const MIX_2: i64 = MIX[2].cast_signed();

fn lane_field(lane: Lane) -> FieldIdx {
    match lane {
        Lane::Int { field, .. }
        | Lane::IpHigh(field)
        | Lane::IpLow(field)
        | Lane::First(field)
        | Lane::Last(field) => field,
    }
}

/// How the number in a slot is stored.
fn int_repr(ty: FieldType) -> Option<IntRepr> {
    match ty {
        FieldType::Bool => Some(IntRepr::U8),
        FieldType::Int(repr) | FieldType::Enum(_, repr) => Some(repr),
        FieldType::Time | FieldType::Duration => Some(IntRepr::I64),
        _ => None,
    }
}
