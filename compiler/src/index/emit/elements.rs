//! Groups as scans see them: where the elements are, and whether all that matters is there.

use tagout_spec::schema::FieldIdx;
use tagout_spec::schema::layout::REPEATED_TRUNCATED;
use wasm_encoder::ValType;

use super::sample::TEXT_CAP;
use super::{Emit, at};
use crate::codegen::{Error, Local};

impl Emit<'_, '_> {
    /// Address of the first element of a group, and their number; 0 if it is not there.
    pub(super) fn elements(&mut self, group: FieldIdx) -> Result<(Local, Local), Error> {
        let present = self.present(group)?;
        let (rec, base) = (self.rec, self.base);
        let slot = u32::from(self.field(group)?.offset);
        let (first, n) = (self.f.temp(ValType::I32), self.f.temp(ValType::I32));
        self.f.get(base).get(rec).i().i32_load(at(slot)).i32_add();
        self.f.set(first);
        self.f.get(rec).i().i32_load16_u(at(slot + 4));
        self.f.u32(0).get(present).i().select();
        self.f.set(n);
        Ok((first, n))
    }

    /// 1 if a group is there and was not cut, and all its elements have a text that was
    /// not cut either.
    pub(super) fn elements_whole(
        &mut self,
        group: FieldIdx,
        element: FieldIdx,
        (first, n): (Local, Local),
    ) -> Result<Local, Error> {
        let present = self.present(group)?;
        let rec = self.rec;
        let field = self.field(group)?;
        let items = field.items.ok_or(Error::Invalid("a group without elements"))?;
        let of = items.field(element);
        let of = of.ok_or(Error::Invalid("an element without the field"))?;
        let (bit, slot) = (of.bit, u32::from(of.offset));
        let i32 = ValType::I32;
        let (whole, left, next) = (self.f.temp(i32), self.f.temp(i32), self.f.temp(i32));
        self.f.get(rec).i().i32_load16_u(at(u32::from(field.offset) + 6));
        self.f.u32(u32::from(REPEATED_TRUNCATED)).i().i32_and().i32_eqz();
        self.f.get(present).i().i32_and();
        self.f.set(whole);
        self.f.get(n).set(left).get(first).set(next);
        let counted = self.f.counted(left, items.max.into());
        self.f.get(next).i().i32_load(at(slot + 8));
        self.f.get(next).i().i32_load(at(slot + 4)).i32_le_u();
        self.f.get(next).i().i32_load(at(slot + 16));
        self.f.u32(TEXT_CAP).i().i32_le_u().i32_and();
        self.f.get(next).i().i32_load8_u(at(u32::from(bit / 8)));
        self.f.u32(u32::from(bit % 8)).i().i32_shr_u().i32_and();
        self.f.get(whole).i().i32_and();
        self.f.set(whole);
        self.f.get(next).u32(items.stride.into()).i().i32_add();
        self.f.set(next);
        self.f.end_counted(counted);
        Ok(whole)
    }
}
