//! Numbers: byte order, products, the order of addresses.

use wasm_encoder::ValType;

use crate::codegen::func::{FnBuilder, FuncId};
use crate::codegen::place::Place;

/// Swaps neighbours of 8, then of 16 bits, then the halves.
pub(super) fn swap() -> FnBuilder {
    let i64 = ValType::I64;
    let mut f = FnBuilder::new("swap", &[("x", i64)], &[i64]);
    let x = f.param(0);
    for (mask, by) in [(0x00ff_00ff_00ff_00ff, 8), (0x0000_ffff_0000_ffff, 16)] {
        f.get(x).i64(mask).i().i64_and();
        f.i64(by).i().i64_shl();
        f.get(x).i64(by).i().i64_shr_u();
        f.i64(mask).i().i64_and().i64_or();
        f.set(x);
    }
    f.get(x).i64(32).i().i64_rotl();
    f
}

/// Whether dividing the product does not give the factor back.
pub(super) fn mul_overflows() -> FnBuilder {
    let (i32, i64) = (ValType::I32, ValType::I64);
    let mut f = FnBuilder::new("mul_overflows", &[("a", i64), ("b", i64)], &[i32]);
    let (a, b) = (f.param(0), f.param(1));
    f.get(a).i().i64_eqz();
    f.if_();
    f.u32(0).i().return_();
    f.end();
    f.get(a).i64(-1).i().i64_eq();
    f.if_();
    f.get(b).i64(i64::MIN).i().i64_eq().return_();
    f.end();
    f.get(a).get(b).i().i64_mul();
    f.get(a).i().i64_div_s();
    f.get(b).i().i64_ne();
    f
}

/// Compares the high halves, then the low ones.
pub(super) fn compare_ips(swap: FuncId) -> FnBuilder {
    let (i32, i64) = (ValType::I32, ValType::I64);
    let mut f = FnBuilder::new("compare_ips", &[("a", i32), ("b", i32)], &[i32]);
    let (a, b) = (f.param(0), f.param(1));
    let (x, y) = (f.named("x", i64), f.named("y", i64));
    for half in [0, 8] {
        Place::at(a, half).i64(&mut f);
        f.call(swap).set(x);
        Place::at(b, half).i64(&mut f);
        f.call(swap).set(y);
        f.get(x).get(y).i().i64_ne();
        f.if_();
        f.u32(1).i().i32_const(-1);
        f.get(x).get(y).i().i64_gt_u().select().return_();
        f.end();
    }
    f.u32(0);
    f
}
