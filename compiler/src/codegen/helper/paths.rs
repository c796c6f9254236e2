//! Where the parts of a path are.

use wasm_encoder::ValType;

use super::TEXT_CAP;
use crate::codegen::func::{FnBuilder, FuncId, Local};
use crate::codegen::place::Place;

/// Looks for a separator from the end.
pub(super) fn name_start() -> FnBuilder {
    let i32 = ValType::I32;
    let mut f = FnBuilder::new("name_start", &[("ptr", i32), ("len", i32)], &[i32]);
    let (ptr, len) = (f.param(0), f.param(1));
    let byte = f.named("byte", i32);
    // `n` counts down over the text: the byte before offset n is looked at.
    let n = f.named("n", i32);
    f.get(len).set(n);
    let counted = f.counted(n, TEXT_CAP);
    byte_before(&mut f, ptr, n, byte);
    f.get(byte).u32(u32::from(b'\\')).i().i32_eq();
    f.get(byte).u32(u32::from(b'/')).i().i32_eq().i32_or();
    f.if_();
    f.get(n).i().return_();
    f.end();
    f.end_counted(counted);
    f.u32(0);
    f
}

/// Looks for a dot from the end of the name; one that opens the name is none.
pub(super) fn extension_start(name_start: FuncId) -> FnBuilder {
    let i32 = ValType::I32;
    let mut f = FnBuilder::new("extension_start", &[("ptr", i32), ("len", i32)], &[i32]);
    let (ptr, len) = (f.param(0), f.param(1));
    let byte = f.named("byte", i32);
    let at = f.named("at", i32);
    let n = f.named("n", i32);
    f.get(ptr).get(len).call(name_start).set(at);
    f.get(len).get(at).i().i32_sub();
    f.set(n);
    f.get(ptr).get(at).i().i32_add();
    f.set(ptr);
    let counted = f.counted(n, TEXT_CAP);
    byte_before(&mut f, ptr, n, byte);
    f.get(byte).u32(u32::from(b'.')).i().i32_eq();
    f.if_();
    f.get(at).get(n).i().i32_add();
    f.get(len);
    f.get(n).u32(1).i().i32_gt_u().select().return_();
    f.end();
    f.end_counted(counted);
    f.get(len);
    f
}

fn byte_before(f: &mut FnBuilder, ptr: Local, n: Local, byte: Local) {
    f.get(ptr).get(n).i().i32_add();
    f.u32(1).i().i32_sub();
    f.set(byte);
    Place::at(byte, 0).u8(f);
    f.set(byte);
}
