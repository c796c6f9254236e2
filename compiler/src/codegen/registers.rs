//! `register(...)`: a number assembled from 16-bit registers.
//!
//! ```text
//! words big      w0 w1 w2 w3    most significant first
//! words little   w3 w2 w1 w0
//! bytes little   each word swapped
//! ```

use tagout_spec::schema::{FieldType, IntRepr, Scalar};
use wasm_encoder::ValType;

use super::frame::Frame;
use super::func::{FnBuilder, Label};
use super::place::Place;
use super::value::{Val, not_nan, require};
use super::{Ctx, Error, Fault};
use crate::ir::{FieldRef, RegisterFormat, RegisterView};

/// Registers that a format takes.
pub(super) fn width(format: RegisterFormat) -> u32 {
    match format {
        RegisterFormat::U16 | RegisterFormat::I16 => 1,
        RegisterFormat::U32 | RegisterFormat::I32 | RegisterFormat::F32 => 2,
        RegisterFormat::U64 | RegisterFormat::I64 | RegisterFormat::F64 => 4,
    }
}

/// Reads a view; leaves if a field is not present, the table holds no registers,
/// or the numbers are not all there.
pub(super) fn register(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    view: &RegisterView,
    lacking: Label,
) -> Result<Val, Error> {
    let registers = frame.kind.registers.as_ref();
    let registers = registers.ok_or(Error::Invalid("registers of another kind"))?;
    for field in [registers.address, registers.values, registers.table] {
        require(ctx, f, frame, FieldRef::Event(field), lacking)?;
    }
    wrong_table(f, frame)?;
    f.br_if(lacking);
    let first = push_start(f, frame, view)?;
    f.br_if(lacking);
    push_words(ctx, f, frame, view, first)?;
    interpret(f, view, lacking)
}

/// Pushes whether the table is none that holds registers.
pub(super) fn wrong_table(f: &mut FnBuilder, frame: &Frame<'_>) -> Result<(), Error> {
    let registers = frame.kind.registers.as_ref();
    let registers = registers.ok_or(Error::Invalid("registers of another kind"))?;
    let table = push_int(f, frame, registers.table)?;
    f.u32(0);
    for &number in registers.register_tables.iter() {
        if let Ok(number) = i64::try_from(number) {
            f.get(table).i64(number).i().i64_eq().i32_or();
        }
    }
    f.i().i32_eqz();
    Ok(())
}

/// Pushes whether the registers are not all in the list; the position of the
/// first is in the local.
pub(super) fn push_start(
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    view: &RegisterView,
) -> Result<super::func::Local, Error> {
    let registers = frame.kind.registers.as_ref();
    let registers = registers.ok_or(Error::Invalid("registers of another kind"))?;
    let address = push_int(f, frame, registers.address)?;
    let start = f.temp(ValType::I64);
    let end = i64::from(width(view.format));
    f.i64(i64::from(view.address)).get(address).i().i64_sub();
    // Negative is a large unsigned number, but adding to it may come round.
    f.tee(start).i64(0).i().i64_lt_s();
    f.get(start).i64(end).i().i64_add();
    frame.slot(FieldRef::Event(registers.values))?.plus(4).u16(f);
    f.i().i64_extend_i32_u().i64_gt_s().i32_or();
    Ok(start)
}

fn push_int(
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    field: tagout_spec::schema::FieldIdx,
) -> Result<super::func::Local, Error> {
    let (FieldType::Int(repr) | FieldType::Enum(_, repr)) = frame.event_field(field)?.ty
    else {
        return Err(Error::Invalid("registers counted by what is no integer"));
    };
    let local = f.temp(ValType::I64);
    frame.slot(FieldRef::Event(field))?.int(f, repr);
    f.set(local);
    Ok(local)
}

/// Pushes the words as one i64, the last in the order of significance lowest.
fn push_words(
    ctx: &Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    view: &RegisterView,
    start: super::func::Local,
) -> Result<(), Error> {
    let registers = frame.kind.registers.as_ref();
    let registers = registers.ok_or(Error::Invalid("registers of another kind"))?;
    let field = frame.event_field(registers.values)?;
    let stride = u32::from(field.items.as_ref().map_or(2, |items| items.stride));
    if field.ty != FieldType::List(Scalar::Int(IntRepr::U16)) {
        return Err(Error::Invalid("registers that are not 16 bits"));
    }
    let at = f.temp(ValType::I32);
    f.get(frame.base);
    frame.slot(FieldRef::Event(registers.values))?.i32(f);
    f.i().i32_add();
    f.get(start).i().i32_wrap_i64();
    f.u32(stride).i().i32_mul().i32_add();
    f.set(at);
    let width = width(view.format);
    f.i64(0);
    let word = f.temp(ValType::I32);
    let little = view.little_words != ctx.has(Fault::RegisterWords);
    for position in 0..width {
        let from = if little { width - 1 - position } else { position };
        f.i64(16).i().i64_shl();
        Place::at(at, from.saturating_mul(stride)).u16(f);
        if view.little_bytes {
            f.tee(word).u32(8).i().i32_shl();
            f.u32(0xff00).i().i32_and();
            f.get(word).u32(8).i().i32_shr_u().i32_or();
        }
        f.i().i64_extend_i32_u().i64_or();
    }
    Ok(())
}

/// Makes the bits on the stack the number that they stand for.
fn interpret(
    f: &mut FnBuilder,
    view: &RegisterView,
    lacking: Label,
) -> Result<Val, Error> {
    let unsigned = match view.format {
        RegisterFormat::U16 | RegisterFormat::U32 => true,
        RegisterFormat::I16 => {
            f.i().i64_extend16_s();
            false
        }
        RegisterFormat::I32 => {
            f.i().i64_extend32_s();
            false
        }
        RegisterFormat::I64 => false,
        RegisterFormat::U64 if view.scale.is_none() => {
            let number = f.temp(ValType::I64);
            f.tee(number).i64(0).i().i64_lt_s();
            f.br_if(lacking);
            f.get(number);
            true
        }
        RegisterFormat::U64 => true,
        RegisterFormat::F32 => {
            f.i().i32_wrap_i64().f32_reinterpret_i32().f64_promote_f32();
            return Ok(scaled(f, view, lacking));
        }
        RegisterFormat::F64 => {
            f.i().f64_reinterpret_i64();
            return Ok(scaled(f, view, lacking));
        }
    };
    if view.scale.is_none() {
        return Ok(Val::Int);
    }
    match unsigned {
        true => f.i().f64_convert_i64_u(),
        false => f.i().f64_convert_i64_s(),
    };
    Ok(scaled(f, view, lacking))
}

fn scaled(f: &mut FnBuilder, view: &RegisterView, lacking: Label) -> Val {
    if let Some(scale) = view.scale {
        f.i().f64_const(scale.into()).f64_mul();
    }
    not_nan(f, lacking);
    Val::Float
}
