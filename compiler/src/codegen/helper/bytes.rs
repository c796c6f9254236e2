//! Bytes in memory: equality, order, contents. They read up to 15 bytes past the
//! end, which is slack or a neighbour, and ignore them.

use wasm_encoder::ValType;

use super::TEXT_CAP;
use crate::codegen::frame::byte_arg;
use crate::codegen::func::{FnBuilder, FuncId, Local};
use crate::codegen::place::Place;

/// Eight bytes at a time, then the rest under a mask.
pub(super) fn equal() -> FnBuilder {
    let i32 = ValType::I32;
    let params = [("a", i32), ("b", i32), ("len", i32)];
    let mut f = FnBuilder::new("equal", &params, &[i32]);
    let (a, b, len) = (f.param(0), f.param(1), f.param(2));
    let n = f.named("n", i32);
    words_in(&mut f, len, n);
    let counted = f.counted(n, TEXT_CAP / 8);
    Place::at(a, 0).i64(&mut f);
    Place::at(b, 0).i64(&mut f);
    f.i().i64_ne();
    f.if_();
    f.u32(0).i().return_();
    f.end();
    advance(&mut f, a, 8);
    advance(&mut f, b, 8);
    f.end_counted(counted);
    f.get(len).u32(7).i().i32_and().i32_eqz();
    f.if_of(i32);
    f.u32(1);
    f.else_();
    Place::at(a, 0).i64(&mut f);
    Place::at(b, 0).i64(&mut f);
    f.i().i64_xor();
    tail_shift(&mut f, len);
    f.i().i64_shl().i64_eqz();
    f.end();
    f
}

/// The first word that differs, its bytes swapped, decides.
pub(super) fn compare(swap: FuncId) -> FnBuilder {
    let (i32, i64) = (ValType::I32, ValType::I64);
    let params = [("a", i32), ("b", i32), ("len", i32)];
    let mut f = FnBuilder::new("compare", &params, &[i32]);
    let (a, b, len) = (f.param(0), f.param(1), f.param(2));
    let n = f.named("n", i32);
    let (x, y) = (f.named("x", i64), f.named("y", i64));
    words_in(&mut f, len, n);
    let differ = f.block();
    let counted = f.counted(n, TEXT_CAP / 8);
    Place::at(a, 0).i64(&mut f);
    f.tee(x);
    Place::at(b, 0).i64(&mut f);
    f.tee(y).i().i64_ne();
    f.br_if(differ);
    advance(&mut f, a, 8);
    advance(&mut f, b, 8);
    f.end_counted(counted);
    f.get(len).u32(7).i().i32_and().i32_eqz();
    f.if_();
    f.u32(0).i().return_();
    f.end();
    for (from, to) in [(a, x), (b, y)] {
        Place::at(from, 0).i64(&mut f);
        tail_shift(&mut f, len);
        f.i().i64_shl();
        // What is left of the word is high; its order as bytes is kept.
        tail_shift(&mut f, len);
        f.i().i64_shr_u();
        f.set(to);
    }
    f.end();
    f.get(x).call(swap).set(x);
    f.get(y).call(swap).set(y);
    f.get(x).get(y).i().i64_gt_u();
    f.get(x).get(y).i().i64_lt_u().i32_sub();
    f
}

/// Blocks of 16 starts at once: where the first byte and the last byte of the
/// needle both fit, the rest is compared.
///
/// ```text
/// text    p o w e r s h e l l . e x e   - e n c
/// first         ^ block of 16 starts          needle "-enc": '-' here,
/// last                ^ the same, 3 further                  'c' there
/// ```
pub(super) fn contains(equal: FuncId) -> FnBuilder {
    let (i32, v128) = (ValType::I32, ValType::V128);
    let params = [("ptr", i32), ("len", i32), ("needle", i32), ("needle_len", i32)];
    let mut f = FnBuilder::new("text_contains", &params, &[i32]);
    let (ptr, len, needle, size) = (f.param(0), f.param(1), f.param(2), f.param(3));
    let first = f.named("first", v128);
    let last = f.named("last", v128);
    let n = f.named("n", i32);
    let left = f.named("left", i32);
    let bits = f.named("bits", i32);
    let m = f.named("m", i32);
    f.get(len).get(size).i().i32_lt_u();
    f.if_();
    f.u32(0).i().return_();
    f.end();
    Place::at(needle, 0).u8(&mut f);
    f.i().i8x16_splat();
    f.set(first);
    f.get(needle).get(size).i().i32_add();
    f.u32(1).i().i32_sub();
    f.i().i32_load8_u(byte_arg(0)).i8x16_splat();
    f.set(last);
    // Starts that are left, and blocks of them.
    f.get(len).get(size).i().i32_sub();
    f.u32(1).i().i32_add();
    f.tee(left).u32(15).i().i32_add();
    f.u32(4).i().i32_shr_u();
    f.set(n);
    let outer = f.counted(n, TEXT_CAP / 16);
    f.get(ptr).i().v128_load(byte_arg(0));
    f.get(first).i().i8x16_eq();
    f.get(ptr).get(size).i().i32_add();
    f.u32(1).i().i32_sub();
    f.i().v128_load(byte_arg(0));
    f.get(last).i().i8x16_eq().v128_and().i8x16_bitmask();
    f.set(bits);
    f.get(left).u32(16).i().i32_lt_u();
    f.if_();
    f.get(bits).u32(1).get(left).i().i32_shl();
    f.u32(1).i().i32_sub().i32_and();
    f.set(bits);
    f.end();
    f.get(bits).i().i32_popcnt();
    f.set(m);
    let inner = f.counted(m, 16);
    f.get(ptr).get(bits).i().i32_ctz().i32_add();
    f.get(needle).get(size).call(equal);
    f.if_();
    f.u32(1).i().return_();
    f.end();
    f.get(bits).get(bits).u32(1).i().i32_sub().i32_and();
    f.set(bits);
    f.end_counted(inner);
    advance(&mut f, ptr, 16);
    f.get(left).u32(16).i().i32_sub();
    f.set(left);
    f.end_counted(outer);
    f.u32(0);
    f
}

/// Sets `n` to the number of whole words in `len` bytes.
fn words_in(f: &mut FnBuilder, len: Local, n: Local) {
    f.get(len).u32(3).i().i32_shr_u();
    f.set(n);
}

fn advance(f: &mut FnBuilder, at: Local, by: u32) {
    f.get(at).u32(by).i().i32_add();
    f.set(at);
}

/// Pushes how far a last word must be shifted, so that only its bytes remain.
fn tail_shift(f: &mut FnBuilder, len: Local) {
    f.u32(8).get(len).u32(7).i().i32_and().i32_sub();
    f.u32(3).i().i32_shl().i64_extend_i32_u();
}
