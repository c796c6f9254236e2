//! Binary search: the last entry that is not greater than the key.
//!
//! The number of rounds depends on the number of entries only, so there is one
//! counted loop without a way out:
//!
//! ```text
//! at = 0   size = n
//! 32 - clz(n) times:  half = size / 2   at += half if entry[at + half] <= key
//!                     size -= half
//! ```

use wasm_encoder::ValType;

use crate::codegen::frame::byte_arg;
use crate::codegen::func::{FnBuilder, FuncId, Local};
use crate::codegen::place::Place;

const I32: ValType = ValType::I32;

pub(super) fn int() -> FnBuilder {
    let params = [("x", ValType::I64), ("table", I32), ("n", I32)];
    let mut f = FnBuilder::new("find_int", &params, &[I32]);
    let (x, table, n) = (f.param(0), f.param(1), f.param(2));
    none_if_empty(&mut f, n);
    let at = last_not_greater(&mut f, n, |f, mid| {
        entry(f, table, mid, 3);
        f.i().i64_load(byte_arg(0));
        f.get(x).i().i64_le_s();
    });
    f.get(at).i().i32_const(-1);
    entry(&mut f, table, at, 3);
    f.i().i64_load(byte_arg(0));
    f.get(x).i().i64_eq().select();
    f
}

pub(super) fn float() -> FnBuilder {
    let params = [("x", ValType::F64), ("table", I32), ("n", I32)];
    let mut f = FnBuilder::new("find_float", &params, &[I32]);
    let (x, table, n) = (f.param(0), f.param(1), f.param(2));
    none_if_empty(&mut f, n);
    let at = last_not_greater(&mut f, n, |f, mid| {
        entry(f, table, mid, 3);
        f.i().f64_load(byte_arg(0));
        f.get(x).i().f64_le();
    });
    f.get(at).i().i32_const(-1);
    entry(&mut f, table, at, 3);
    f.i().f64_load(byte_arg(0));
    f.get(x).i().f64_eq().select();
    f
}

pub(super) fn range() -> FnBuilder {
    let params = [("x", ValType::I64), ("table", I32), ("n", I32)];
    let mut f = FnBuilder::new("find_range", &params, &[I32]);
    let (x, table, n) = (f.param(0), f.param(1), f.param(2));
    f.get(n).i().i32_eqz();
    f.if_();
    f.u32(0).i().return_();
    f.end();
    let at = last_not_greater(&mut f, n, |f, mid| {
        entry(f, table, mid, 4);
        f.i().i64_load(byte_arg(0));
        f.get(x).i().i64_le_s();
    });
    entry(&mut f, table, at, 4);
    f.set(at);
    Place::at(at, 0).i64(&mut f);
    f.get(x).i().i64_le_s();
    f.get(x);
    Place::at(at, 8).i64(&mut f);
    f.i().i64_le_s().i32_and();
    f
}

pub(super) fn ip(swap: FuncId) -> FnBuilder {
    let params = [("ptr", I32), ("table", I32), ("n", I32)];
    let mut f = FnBuilder::new("find_ip", &params, &[I32]);
    let (ptr, table, n) = (f.param(0), f.param(1), f.param(2));
    let (high, low) = (f.named("high", ValType::I64), f.named("low", ValType::I64));
    let here = f.named("here", I32);
    none_if_empty(&mut f, n);
    Place::at(ptr, 0).i64(&mut f);
    f.call(swap).set(high);
    Place::at(ptr, 8).i64(&mut f);
    f.call(swap).set(low);
    let at = last_not_greater(&mut f, n, |f, mid| {
        entry(f, table, mid, 5);
        f.set(here);
        not_greater(f, Place::at(here, 0), high, low);
    });
    entry(&mut f, table, at, 5);
    f.set(here);
    f.get(at).i().i32_const(-1);
    not_greater(&mut f, Place::at(here, 0), high, low);
    // Not after the last: the last is not smaller.
    Place::at(here, 16).i64(&mut f);
    f.get(high).i().i64_gt_u();
    Place::at(here, 16).i64(&mut f);
    f.get(high).i().i64_eq();
    Place::at(here, 24).i64(&mut f);
    f.get(low).i().i64_ge_u().i32_and().i32_or();
    f.i().i32_and().select();
    f
}

pub(super) fn text(compare: FuncId) -> FnBuilder {
    let params = [("ptr", I32), ("len", I32), ("table", I32), ("n", I32), ("base", I32)];
    let mut f = FnBuilder::new("find_text", &params, &[I32]);
    let (ptr, len, table, n, base) =
        (f.param(0), f.param(1), f.param(2), f.param(3), f.param(4));
    let here = f.named("here", I32);
    let order = f.named("order", I32);
    // The order of the entry and the key: by length, then by bytes.
    let compare = |f: &mut FnBuilder, at: Local| {
        entry(f, table, at, 3);
        f.set(here);
        Place::at(here, 4).i32(f);
        f.get(len).i().i32_ne();
        f.if_();
        f.u32(1).i().i32_const(-1);
        Place::at(here, 4).i32(f);
        f.get(len).i().i32_gt_u().select();
        f.set(order);
        f.else_();
        f.get(base);
        Place::at(here, 0).i32(f);
        f.i().i32_add();
        f.get(ptr).get(len).call(compare).set(order);
        f.end();
    };
    none_if_empty(&mut f, n);
    let at = last_not_greater(&mut f, n, |f, mid| {
        compare(f, mid);
        f.get(order).u32(0).i().i32_le_s();
    });
    compare(&mut f, at);
    f.i().i32_const(-1);
    f.get(at).get(order).i().select();
    f
}

fn none_if_empty(f: &mut FnBuilder, n: Local) {
    f.get(n).i().i32_eqz();
    f.if_();
    f.i().i32_const(-1).return_();
    f.end();
}

/// The position of the last entry that is not greater than the key, or 0;
/// `push` pushes whether the entry at a position is not.
fn last_not_greater(
    f: &mut FnBuilder,
    n: Local,
    push: impl FnOnce(&mut FnBuilder, Local),
) -> Local {
    let at = f.named("at", I32);
    let size = f.named("size", I32);
    let half = f.named("half", I32);
    let mid = f.named("mid", I32);
    let rounds = f.named("rounds", I32);
    f.get(n).set(size);
    f.u32(32).get(n).i().i32_clz().i32_sub();
    f.set(rounds);
    let counted = f.counted(rounds, 32);
    f.get(size).u32(1).i().i32_shr_u();
    f.tee(half).get(at).i().i32_add();
    f.set(mid);
    push(f, mid);
    f.if_();
    f.get(mid).set(at);
    f.end();
    f.get(size).get(half).i().i32_sub();
    f.set(size);
    f.end_counted(counted);
    at
}

/// Pushes the address of an entry of `1 << shift` bytes.
fn entry(f: &mut FnBuilder, table: Local, at: Local, shift: u32) {
    f.get(table).get(at).u32(shift).i().i32_shl().i32_add();
}

/// Pushes whether the number of two words at a place is not greater.
fn not_greater(f: &mut FnBuilder, place: Place, high: Local, low: Local) {
    place.i64(f);
    f.get(high).i().i64_lt_u();
    place.i64(f);
    f.get(high).i().i64_eq();
    place.plus(8).i64(f);
    f.get(low).i().i64_le_u().i32_and().i32_or();
}
