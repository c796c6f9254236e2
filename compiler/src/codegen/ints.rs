//! Integers, and what is an integer underneath: times, durations, enumerations.

use tagout_spec::schema::{FieldType, IntRepr};
use wasm_encoder::ValType;

use super::frame::Frame;
use super::func::{FnBuilder, Label, Local};
use super::helper::Helper;
use super::place::Place;
use super::value::{Val, require, value};
use super::{Ctx, Error, Fault};
use crate::ir::{ArithOp, CmpOp, Expr, ExprKind, Value};

/// Most ranges that are compared one by one.
const INLINE: usize = 4;

/// Whether a set of ranges is tested without a table.
pub(super) fn is_short(ranges: &[(i64, i64)]) -> bool {
    ranges.len() <= INLINE || bitmap(ranges).is_some()
}

/// `left op right`
pub(super) fn compare(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    op: CmpOp,
    (left, right): (&Expr, &Expr),
    lacking: Label,
) -> Result<(), Error> {
    if let (ExprKind::Field(field), ExprKind::Const(Value::Int(number))) =
        (&left.kind, &right.kind)
        && frame.arg.is_none()
        && let Some(repr) = small(frame.field(*field)?.ty)
    {
        require(ctx, f, frame, *field, lacking)?;
        let slot = frame.slot(*field)?;
        compare_small(ctx, f, slot, repr, op, *number);
        return Ok(());
    }
    expect_int(value(ctx, f, frame, left, false, lacking)?)?;
    match (&right.kind, frame.arg) {
        (ExprKind::Const(_), Some(arg)) => Place::at(arg, 0).i64(f),
        _ => expect_int(value(ctx, f, frame, right, false, lacking)?)?,
    }
    let less_or_equal = ctx.has(Fault::LessIsLessOrEqual);
    let mut i = f.i();
    match op {
        CmpOp::Eq => i.i64_eq(),
        CmpOp::Lt if less_or_equal => i.i64_le_s(),
        CmpOp::Lt => i.i64_lt_s(),
        CmpOp::Le => i.i64_le_s(),
        CmpOp::Gt => i.i64_gt_s(),
        CmpOp::Ge => i.i64_ge_s(),
    };
    Ok(())
}

/// A field of at most 32 bits and a constant: 32-bit code, or none.
fn compare_small(
    ctx: &Ctx<'_>,
    f: &mut FnBuilder,
    slot: Place,
    repr: IntRepr,
    op: CmpOp,
    number: i64,
) {
    let (least, greatest, signed) = limits(repr);
    let decided = match op {
        CmpOp::Eq if number < least || number > greatest => Some(false),
        CmpOp::Lt | CmpOp::Le if number > greatest => Some(true),
        CmpOp::Lt | CmpOp::Le if number < least => Some(false),
        CmpOp::Gt | CmpOp::Ge if number > greatest => Some(false),
        CmpOp::Gt | CmpOp::Ge if number < least => Some(true),
        _ => None,
    };
    if let Some(decided) = decided {
        f.u32(u32::from(decided));
        return;
    }
    slot.small_int(f, repr);
    f.i().i32_const(low32(number));
    let less_or_equal = ctx.has(Fault::LessIsLessOrEqual);
    let mut i = f.i();
    match (op, signed) {
        (CmpOp::Eq, _) => i.i32_eq(),
        (CmpOp::Lt, false) if less_or_equal => i.i32_le_u(),
        (CmpOp::Lt, true) if less_or_equal => i.i32_le_s(),
        (CmpOp::Lt, false) => i.i32_lt_u(),
        (CmpOp::Lt, true) => i.i32_lt_s(),
        (CmpOp::Le, false) => i.i32_le_u(),
        (CmpOp::Le, true) => i.i32_le_s(),
        (CmpOp::Gt, false) => i.i32_gt_u(),
        (CmpOp::Gt, true) => i.i32_gt_s(),
        (CmpOp::Ge, false) => i.i32_ge_u(),
        (CmpOp::Ge, true) => i.i32_ge_s(),
    };
}

/// `value in { ranges }`
pub(super) fn in_ranges(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    ranges: &[(i64, i64)],
    lacking: Label,
) -> Result<(), Error> {
    expect_int(value(ctx, f, frame, expr, false, lacking)?)?;
    if let Some(arg) = frame.arg {
        Place::at(arg, 0).i32(f);
        Place::at(arg, 4).i32(f);
        let helper = ctx.helper(Helper::FindRange)?;
        f.call(helper);
        return Ok(());
    }
    let shorter = |&(first, last): &(i64, i64)| match ctx.has(Fault::RangeEnd) {
        true if last > first => (first, last - 1),
        _ => (first, last),
    };
    let ranges: Vec<(i64, i64)> = ranges.iter().map(shorter).collect();
    if let (Some((base, bits)), true) = (bitmap(&ranges), ranges.len() > 1) {
        let distance = f.temp(ValType::I64);
        f.i64(base).i().i64_sub();
        f.set(distance);
        // Not in the word: shifts take the distance modulo 64.
        f.i64(bits).get(distance).i().i64_shr_u();
        f.i().i32_wrap_i64();
        f.get(distance).i64(64).i().i64_lt_u();
        f.i().i32_and();
        return Ok(());
    }
    if ranges.len() <= INLINE {
        chain(f, &ranges);
        return Ok(());
    }
    let at = ctx.module.data.constant(&range_table(&ranges), 8)?;
    f.u32(at).u32(u32::try_from(ranges.len()).unwrap_or(u32::MAX));
    let helper = ctx.helper(Helper::FindRange)?;
    f.call(helper);
    Ok(())
}

/// Bytes of a table for [`Helper::FindRange`].
pub(super) fn range_table(ranges: &[(i64, i64)]) -> Vec<u8> {
    ranges.iter().flat_map(|&(a, b)| [a, b]).flat_map(i64::to_le_bytes).collect()
}

/// One comparison for each range: `x - first <=u last - first`.
fn chain(f: &mut FnBuilder, ranges: &[(i64, i64)]) {
    let number = f.temp(ValType::I64);
    f.set(number);
    if ranges.is_empty() {
        f.u32(0);
    }
    for (i, &(first, last)) in ranges.iter().enumerate() {
        f.get(number);
        if first == last {
            f.i64(first).i().i64_eq();
        } else {
            f.i64(first).i().i64_sub();
            f.i64(last.wrapping_sub(first)).i().i64_le_u();
        }
        if i > 0 {
            f.i().i32_or();
        }
    }
}

/// The set as bits above its least number, if it spans at most 64.
fn bitmap(ranges: &[(i64, i64)]) -> Option<(i64, i64)> {
    let (&(base, _), &(_, last)) = (ranges.first()?, ranges.last()?);
    if last.checked_sub(base).is_none_or(|span| span > 63) {
        return None;
    }
    let mut bits = 0_u64;
    for &(first, last) in ranges {
        for number in first..=last {
            let at = u32::try_from(number.wrapping_sub(base)).unwrap_or(0);
            bits |= 1_u64.wrapping_shl(at);
        }
    }
    Some((base, bits.cast_signed()))
}

/// `left overlaps right`: each starts no later than the other ends.
pub(super) fn overlaps(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    left: &Expr,
    right: &Expr,
    lacking: Label,
) -> Result<(), Error> {
    let a = value(ctx, f, frame, left, false, lacking)?;
    let b = match (&right.kind, frame.arg) {
        (ExprKind::Const(_), Some(arg)) => Val::Place(Place::at(arg, 0)),
        _ => value(ctx, f, frame, right, false, lacking)?,
    };
    let (Val::Place(a), Val::Place(b)) = (a, b) else {
        return Err(Error::Invalid("an overlap of what are not ranges"));
    };
    let end = |f: &mut FnBuilder, from: Place, to: Place| {
        from.i32(f);
        to.plus(4).i32(f);
        match ctx.has(Fault::RangeEnd) {
            true => f.i().i32_lt_u(),
            false => f.i().i32_le_u(),
        };
    };
    end(f, a, b);
    end(f, b, a);
    f.i().i32_and();
    Ok(())
}

/// Arithmetic on 64 bits; leaves if it has no result.
pub(super) fn arithmetic(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    lacking: Label,
) -> Result<Val, Error> {
    match &expr.kind {
        ExprKind::Neg(inner) => {
            let x = operand(ctx, f, frame, inner, lacking)?;
            f.get(x).i64(i64::MIN).i().i64_eq();
            f.br_if(lacking);
            f.i64(0).get(x).i().i64_sub();
        }
        ExprKind::BitNot(inner) => {
            expect_int(value(ctx, f, frame, inner, false, lacking)?)?;
            f.i64(-1).i().i64_xor();
        }
        ExprKind::Arith(op, left, right) => {
            let a = operand(ctx, f, frame, left, lacking)?;
            let b = operand(ctx, f, frame, right, lacking)?;
            binary(ctx, f, *op, a, b, lacking)?;
        }
        _ => return Err(Error::Invalid("arithmetic of an unknown kind")),
    }
    Ok(Val::Int)
}

fn binary(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    op: ArithOp,
    a: Local,
    b: Local,
    lacking: Label,
) -> Result<(), Error> {
    match op {
        ArithOp::Add | ArithOp::Sub => {
            let r = f.temp(ValType::I64);
            f.get(a).get(b);
            match op {
                ArithOp::Add => f.i().i64_add(),
                _ => f.i().i64_sub(),
            };
            f.set(r);
            if op == ArithOp::Sub || !ctx.has(Fault::SumWraps) {
                // It overflowed if the signs say so: of a sum, both operands
                // differ from it; of a difference, the operands from each other
                // and the result from the first.
                f.get(a).get(r).i().i64_xor();
                match op {
                    ArithOp::Add => f.get(b).get(r),
                    _ => f.get(a).get(b),
                };
                f.i().i64_xor().i64_and().i64_const(0).i64_lt_s();
                f.br_if(lacking);
            }
            f.get(r);
        }
        ArithOp::Mul => {
            let helper = ctx.helper(Helper::MulOverflows)?;
            f.get(a).get(b).call(helper);
            f.br_if(lacking);
            f.get(a).get(b).i().i64_mul();
        }
        ArithOp::Div | ArithOp::Rem => {
            f.get(b).i().i64_eqz();
            f.br_if(lacking);
            f.get(a).i64(i64::MIN).i().i64_eq();
            f.get(b).i64(-1).i().i64_eq().i32_and();
            f.br_if(lacking);
            f.get(a).get(b);
            match op {
                ArithOp::Div => f.i().i64_div_s(),
                _ => f.i().i64_rem_s(),
            };
        }
        ArithOp::And | ArithOp::Or | ArithOp::Xor => {
            f.get(a).get(b);
            match op {
                ArithOp::And => f.i().i64_and(),
                ArithOp::Or => f.i().i64_or(),
                _ => f.i().i64_xor(),
            };
        }
        ArithOp::Shl | ArithOp::Shr => {
            f.get(b).i64(63).i().i64_gt_u();
            f.br_if(lacking);
            f.get(a).get(b);
            match op {
                ArithOp::Shl => f.i().i64_shl(),
                _ if ctx.has(Fault::ShiftSign) => f.i().i64_shr_u(),
                _ => f.i().i64_shr_s(),
            };
        }
    }
    Ok(())
}

fn operand(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    lacking: Label,
) -> Result<Local, Error> {
    expect_int(value(ctx, f, frame, expr, false, lacking)?)?;
    let local = f.temp(ValType::I64);
    f.set(local);
    Ok(local)
}

fn expect_int(val: Val) -> Result<(), Error> {
    match val {
        Val::Int => Ok(()),
        _ => Err(Error::Invalid("a value that is not an integer")),
    }
}

/// The representation of a field whose values fit 32 bits.
fn small(ty: FieldType) -> Option<IntRepr> {
    match ty {
        FieldType::Int(repr) | FieldType::Enum(_, repr) => match repr {
            IntRepr::U64 | IntRepr::I64 => None,
            repr => Some(repr),
        },
        _ => None,
    }
}

/// Least, greatest, and whether 32-bit comparison is signed.
fn limits(repr: IntRepr) -> (i64, i64, bool) {
    match repr {
        IntRepr::U8 => (0, 0xff, false),
        IntRepr::U16 => (0, 0xffff, false),
        IntRepr::U32 => (0, 0xffff_ffff, false),
        IntRepr::I8 => (-0x80, 0x7f, true),
        IntRepr::I16 => (-0x8000, 0x7fff, true),
        IntRepr::I32 => (-0x8000_0000, 0x7fff_ffff, true),
        IntRepr::U64 | IntRepr::I64 => (i64::MIN, i64::MAX, true),
    }
}

fn low32(number: i64) -> i32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}
