//! Quantifiers and counts over the elements of a group or list.
//!
//! ```text
//! slot   offset u32, count u16, flags u16        elements: base + offset, stride
//! ```

use wasm_encoder::ValType;

use super::cond::{Unknown, jump_false, jump_true, verdict};
use super::frame::Frame;
use super::func::{FnBuilder, Label, Local};
use super::value::{require, truncated};
use super::{Ctx, Error, Fault};
use crate::ir::{CmpOp, Cond, FieldRef};

/// What a count is compared with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub(super) op: CmpOp,
    pub(super) than: i64,
}

/// A walk over elements that is being written.
pub(super) struct Walk<'s> {
    /// How fields are found inside.
    pub(super) frame: Frame<'s>,
    element: Local,
    stride: u32,
    counted: super::loops::Counted,
}

/// `any v in group (cond)`, `all v in group (cond)`
pub(super) fn quantifier(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    all: bool,
    group: FieldRef,
    cond: &Cond,
    lacking: Label,
) -> Result<(), Error> {
    require(ctx, f, frame, group, lacking)?;
    let undecided = f.temp(ValType::I32);
    f.u32(0).set(undecided);
    let out = f.block_of(ValType::I32);
    let decided = f.block();
    let walk = open(f, frame, group)?;
    let mut unknown = Unknown::new(f);
    match all {
        true => jump_false(ctx, f, &walk.frame, cond, decided, &mut unknown)?,
        false => jump_true(ctx, f, &walk.frame, cond, decided, &mut unknown)?,
    }
    unknown.push(f);
    f.get(undecided).i().i32_or();
    f.set(undecided);
    walk.close(f);
    f.get(undecided);
    if !ctx.has(Fault::IgnoreTruncatedGroup) {
        truncated(f, frame.slot(group)?);
        f.i().i32_or();
    }
    f.br_if(lacking);
    f.u32(u32::from(all));
    f.br(out);
    f.end();
    f.u32(u32::from(!all));
    f.end();
    Ok(())
}

/// `count v in group (cond) op than`
pub(super) fn count(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    group: FieldRef,
    cond: &Cond,
    count: Count,
    lacking: Label,
) -> Result<(), Error> {
    require(ctx, f, frame, group, lacking)?;
    let (least, most) = (f.temp(ValType::I64), f.temp(ValType::I64));
    let found = f.temp(ValType::I32);
    f.i64(0).set(least).i64(0).set(most);
    let walk = open(f, frame, group)?;
    verdict(ctx, f, &walk.frame, cond)?;
    f.set(found);
    // True counts for both, unknown for the greatest possible number only.
    let shift = |f: &mut FnBuilder, sum: Local, add: u32| {
        f.get(sum).get(found).u32(add).i().i32_add();
        f.u32(1).i().i32_shr_u().i64_extend_i32_u().i64_add();
        f.set(sum);
    };
    shift(f, least, 0);
    shift(f, most, u32::from(!ctx.has(Fault::CountBound)));
    walk.close(f);
    if !ctx.has(Fault::IgnoreTruncatedGroup) {
        f.i64(i64::MAX).get(most);
        truncated(f, frame.slot(group)?);
        f.i().select();
        f.set(most);
    }
    decide(f, count, least, most, lacking);
    Ok(())
}

/// Pushes the answer if it is the same for every number from least to most.
fn decide(f: &mut FnBuilder, count: Count, least: Local, most: Local, lacking: Label) {
    let than = count.than;
    match count.op {
        CmpOp::Eq => {
            // Outside: false. Inside: true if there is one number only.
            let out = f.block_of(ValType::I32);
            f.u32(0);
            f.get(least).i64(than).i().i64_gt_s();
            f.get(most).i64(than).i().i64_lt_s().i32_or();
            f.br_if(out);
            f.i().drop();
            f.get(least).get(most).i().i64_ne();
            f.br_if(lacking);
            f.u32(1);
            f.end();
        }
        CmpOp::Lt | CmpOp::Le | CmpOp::Gt | CmpOp::Ge => {
            compare(f, count.op, least, than);
            compare(f, count.op, most, than);
            f.i().i32_ne();
            f.br_if(lacking);
            compare(f, count.op, least, than);
        }
    }
}

fn compare(f: &mut FnBuilder, op: CmpOp, number: Local, than: i64) {
    f.get(number).i64(than);
    match op {
        CmpOp::Eq => f.i().i64_eq(),
        CmpOp::Lt => f.i().i64_lt_s(),
        CmpOp::Le => f.i().i64_le_s(),
        CmpOp::Gt => f.i().i64_gt_s(),
        CmpOp::Ge => f.i().i64_ge_s(),
    };
}

/// Opens a loop over the elements of a present group.
pub(super) fn open<'s>(
    f: &mut FnBuilder,
    frame: &Frame<'s>,
    group: FieldRef,
) -> Result<Walk<'s>, Error> {
    let items = frame.field(group)?.items.as_ref();
    let items = items.ok_or(Error::Invalid("a group without elements"))?;
    let slot = frame.slot(group)?;
    let (element, n) = (f.temp(ValType::I32), f.temp(ValType::I32));
    f.get(frame.base);
    slot.i32(f);
    f.i().i32_add();
    f.set(element);
    slot.plus(4).u16(f);
    f.set(n);
    let counted = f.counted(n, u32::from(items.max));
    let frame = Frame { element: Some(element), ..*frame };
    Ok(Walk { frame, element, stride: u32::from(items.stride), counted })
}

impl Walk<'_> {
    /// Goes on to the next element.
    pub(super) fn close(self, f: &mut FnBuilder) {
        f.get(self.element).u32(self.stride).i().i32_add();
        f.set(self.element);
        f.end_counted(self.counted);
    }
}
