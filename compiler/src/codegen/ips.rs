//! Addresses: 16 bytes in network order, compared as two words of 64 bits.
//!
//! Equality and prefixes need no swapping: a mask in network order is a mask in
//! any order. Only comparisons by size go through a helper that swaps.

use super::frame::Frame;
use super::func::{FnBuilder, Label};
use super::helper::Helper;
use super::place::Place;
use super::value::{Val, value};
use super::{Ctx, Error, Fault};
use crate::ir::{CmpOp, Expr, ExprKind, Value};

/// Most ranges that are compared one by one.
pub(super) const INLINE: usize = 4;

type Range = ([u8; 16], [u8; 16]);

/// Whether a set is compared without a table: few prefixes.
pub(super) fn is_short(ranges: &[Range]) -> bool {
    ranges.len() <= INLINE && ranges.iter().all(|range| prefix(range).is_some())
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
    let a = place(value(ctx, f, frame, left, false, lacking)?)?;
    if let (ExprKind::Const(Value::Ip(ip)), CmpOp::Eq, None) =
        (&right.kind, op, frame.arg)
    {
        masked(f, a, [0xff; 16], *ip);
        return Ok(());
    }
    let b = match (&right.kind, frame.arg) {
        (ExprKind::Const(_), Some(arg)) => Place::at(arg, 0),
        _ => place(value(ctx, f, frame, right, false, lacking)?)?,
    };
    if op == CmpOp::Eq {
        a.i64(f);
        b.i64(f);
        f.i().i64_xor();
        a.plus(8).i64(f);
        b.plus(8).i64(f);
        f.i().i64_xor().i64_or().i64_eqz();
        return Ok(());
    }
    a.push(f);
    b.push(f);
    let helper = ctx.helper(Helper::CompareIps)?;
    f.call(helper).u32(0);
    let mut i = f.i();
    match op {
        CmpOp::Lt if ctx.has(Fault::LessIsLessOrEqual) => i.i32_le_s(),
        CmpOp::Lt | CmpOp::Eq => i.i32_lt_s(),
        CmpOp::Le => i.i32_le_s(),
        CmpOp::Gt => i.i32_gt_s(),
        CmpOp::Ge => i.i32_ge_s(),
    };
    Ok(())
}

/// `value in { ranges }`
pub(super) fn in_ranges(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    ranges: &[Range],
    lacking: Label,
) -> Result<(), Error> {
    let slot = place(value(ctx, f, frame, expr, false, lacking)?)?;
    if is_short(ranges) && frame.arg.is_none() {
        if ranges.is_empty() {
            f.u32(0);
        }
        for (i, range) in ranges.iter().enumerate() {
            let (mask, value) = prefix(range).unwrap_or(([0xff; 16], range.0));
            masked(f, slot, mask, value);
            if i > 0 {
                f.i().i32_or();
            }
        }
        return Ok(());
    }
    slot.push(f);
    match frame.arg {
        Some(arg) => {
            Place::at(arg, 0).i32(f);
            Place::at(arg, 4).i32(f);
        }
        None => {
            let (bytes, count) = table(ctx, ranges);
            let at = ctx.module.data.constant(&bytes, 8)?;
            f.u32(at).u32(count);
        }
    }
    let helper = ctx.helper(Helper::FindIp)?;
    f.call(helper).u32(0).i().i32_ge_s();
    Ok(())
}

/// Bytes of a table for [`Helper::FindIp`], and its number of ranges.
pub(super) fn table(ctx: &Ctx<'_>, ranges: &[Range]) -> (Vec<u8>, u32) {
    let shorter = |&(first, last): &Range| match ctx.has(Fault::AddressEnd) {
        true if last > first => {
            let last = u128::from_be_bytes(last).saturating_sub(1);
            (first, last.to_be_bytes())
        }
        _ => (first, last),
    };
    let ranges: Vec<Range> = ranges.iter().map(shorter).collect();
    let mut bytes = Vec::new();
    let count = tagout_spec::pack::bindings::put_ips(&mut bytes, &ranges);
    (bytes, u32::try_from(count).unwrap_or(u32::MAX))
}

/// `left == right` for hardware addresses: six bytes and two zeros in one word.
pub(super) fn mac_equal(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    (left, right): (&Expr, &Expr),
    lacking: Label,
) -> Result<(), Error> {
    place(value(ctx, f, frame, left, false, lacking)?)?.i64(f);
    match (&right.kind, frame.arg) {
        (ExprKind::Const(_), Some(arg)) => Place::at(arg, 0).i64(f),
        (ExprKind::Const(Value::Mac(mac)), None) => {
            f.i64(tagout_spec::pack::bindings::mac_number(*mac));
        }
        _ => place(value(ctx, f, frame, right, false, lacking)?)?.i64(f),
    }
    f.i().i64_eq();
    Ok(())
}

/// Pushes whether the address has these bits under a mask.
fn masked(f: &mut FnBuilder, slot: Place, mask: [u8; 16], value: [u8; 16]) {
    let (mask, value) = (halves(mask), halves(value));
    let mut pushed = false;
    for ((half, mask), value) in (0..2).zip(mask).zip(value) {
        if mask == 0 {
            continue;
        }
        slot.plus(u32::wrapping_mul(half, 8)).i64(f);
        if mask != -1 {
            f.i64(mask).i().i64_and();
        }
        match value & mask {
            0 => f.i().i64_eqz(),
            value => f.i64(value).i().i64_eq(),
        };
        if pushed {
            f.i().i32_and();
        }
        pushed = true;
    }
    if !pushed {
        f.u32(1);
    }
}

/// Mask and bits of a range that is a prefix.
fn prefix(range: &Range) -> Option<([u8; 16], [u8; 16])> {
    let (first, last) = (u128::from_be_bytes(range.0), u128::from_be_bytes(range.1));
    let differ = first ^ last;
    let is_prefix = differ & differ.wrapping_add(1) == 0 && first & differ == 0;
    is_prefix.then(|| ((!differ).to_be_bytes(), range.0))
}

fn halves(bytes: [u8; 16]) -> [i64; 2] {
    let (low, high) = bytes.split_at(8);
    let word = |bytes: &[u8]| bytes.first_chunk().map_or(0, |b| i64::from_le_bytes(*b));
    [word(low), word(high)]
}

pub(super) fn place(val: Val) -> Result<Place, Error> {
    match val {
        Val::Place(place) => Ok(place),
        _ => Err(Error::Invalid("a value that is not in memory")),
    }
}
