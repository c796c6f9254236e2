//! Values: code that computes one, or leaves for a label when it is lacking.
//!
//! ```text
//! Int Enum Time Duration    i64 on the stack
//! Bool                      i32 on the stack, 0 or 1
//! Float                     f64 on the stack
//! Ip Mac Range              a place in memory, as a slot holds it
//! Text Name Path Bytes      address and length in locals, and whether it is cut
//! ```
//!
//! A cut text is not lacking: the leaf that reads it decides.

use tagout_spec::pack::bindings::{ENTRY, tag};
use tagout_spec::schema::layout::REPEATED_TRUNCATED;
use tagout_spec::schema::{FieldType, IntRepr, Scalar};
use wasm_encoder::ValType;

use super::frame::Frame;
use super::func::{FnBuilder, Label, Local};
use super::place::Place;
use super::{Ctx, Error, Fault, calls, floats, helper, ints, registers, text};
use crate::ir::{Expr, ExprKind, FieldRef, Type, Value};

/// What [`value`] left.
#[derive(Clone, Copy, Debug)]
pub enum Val {
    /// An i64 on the stack.
    Int,
    /// An i32 on the stack, 0 or 1.
    Bool,
    /// An f64 on the stack.
    Float,
    /// An address in memory.
    Place(Place),
    /// A text.
    Text(TextVal),
}

/// A text in locals.
#[derive(Clone, Copy, Debug)]
pub struct TextVal {
    /// Address of its bytes.
    pub ptr: Local,
    /// How many.
    pub len: Local,
    /// Not zero if it was cut; `None` if it cannot be.
    pub cut: Option<Local>,
    /// Length of the original, where something may want to know.
    pub original: Option<Local>,
}

/// How a value is represented.
pub(super) fn is_text(ty: Type) -> bool {
    matches!(ty, Type::Text | Type::Name | Type::Path | Type::Bytes)
}

/// Writes code for a value. With `fold`, a text is its folded copy.
pub fn value(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    fold: bool,
    lacking: Label,
) -> Result<Val, Error> {
    match &expr.kind {
        ExprKind::Const(value) => constant(ctx, f, value),
        ExprKind::Field(field) => {
            let frame = &frame.seek(ctx, f, *field)?;
            require(ctx, f, frame, *field, lacking)?;
            let ty = frame.field(*field)?.ty;
            field_value(ctx, f, frame, ty, frame.slot(*field)?, fold)
        }
        ExprKind::Item(list) => {
            let element = frame.element.ok_or(Error::Invalid("an item outside"))?;
            let FieldType::List(scalar) = frame.event_field(*list)?.ty else {
                return Err(Error::Invalid("an item of what is not a list"));
            };
            item(ctx, f, frame, scalar, Place::at(element, 0), fold, lacking)
        }
        ExprKind::Param(param) => parameter(ctx, f, expr.ty, *param, fold, lacking),
        ExprKind::Len(inner) => {
            let val = value(ctx, f, frame, inner, false, lacking)?;
            let val = whole_text(ctx, f, val, lacking)?;
            f.get(val.len).i().i64_extend_i32_u();
            Ok(Val::Int)
        }
        ExprKind::LenOf(group) => {
            require(ctx, f, frame, *group, lacking)?;
            let slot = frame.slot(*group)?;
            truncated(f, slot);
            f.br_if(lacking);
            slot.plus(4).u16(f);
            f.i().i64_extend_i32_u();
            Ok(Val::Int)
        }
        ExprKind::Neg(_)
        | ExprKind::BitNot(_)
        | ExprKind::Arith(..)
        | ExprKind::ToFloat(_) => match expr.ty {
            Type::Float => floats::arithmetic(ctx, f, frame, expr, lacking),
            _ => ints::arithmetic(ctx, f, frame, expr, lacking),
        },
        ExprKind::Coalesce(left, right) => {
            coalesce(ctx, f, frame, (left, right), fold, lacking)
        }
        ExprKind::PathView(view, inner) => {
            let val = value(ctx, f, frame, inner, fold, lacking)?;
            let val = whole_text(ctx, f, val, lacking)?;
            text::view(ctx, f, *view, val).map(Val::Text)
        }
        ExprKind::Lookup(table, key) => {
            super::sets::lookup(ctx, f, frame, (*table, key), fold, lacking)
        }
        ExprKind::Register(view) => registers::register(ctx, f, frame, view, lacking),
        ExprKind::Call(function, arguments) => {
            calls::call(ctx, f, frame, *function, arguments, lacking)
        }
    }
}

/// Leaves for the label if a field is not present.
pub(super) fn require(
    ctx: &Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    field: FieldRef,
    lacking: Label,
) -> Result<(), Error> {
    if frame.tested == Some(field) {
        return Ok(());
    }
    f.test_bit(presence(ctx, frame, field)?).i().i32_eqz();
    f.br_if(lacking);
    Ok(())
}

/// A field's presence bit.
pub(super) fn presence(
    ctx: &Ctx<'_>,
    frame: &Frame<'_>,
    field: FieldRef,
) -> Result<super::frame::Bit, Error> {
    let mut bit = frame.presence(field)?;
    if ctx.has(Fault::PresenceBit) {
        bit.shift ^= 1;
    }
    Ok(bit)
}

/// Leaves for the label if a text is cut; the text, now known to be whole.
pub(super) fn whole_text(
    ctx: &Ctx<'_>,
    f: &mut FnBuilder,
    val: Val,
    lacking: Label,
) -> Result<TextVal, Error> {
    let Val::Text(text) = val else {
        return Err(Error::Invalid("a value that is not text"));
    };
    if let Some(cut) = text.cut
        && !ctx.has(Fault::IgnoreCut)
    {
        f.get(cut).br_if(lacking);
    }
    Ok(TextVal { cut: None, ..text })
}

/// Pushes a number that is not zero if a repeated slot was truncated.
pub(super) fn truncated(f: &mut FnBuilder, slot: Place) {
    slot.plus(6).u16(f);
    f.u32(u32::from(REPEATED_TRUNCATED)).i().i32_and();
}

/// Stores what [`value`] left on the stack, or the address, in one local.
pub(super) fn into_local(f: &mut FnBuilder, val: Val) -> Option<Local> {
    let ty = match val {
        Val::Int => ValType::I64,
        Val::Bool => ValType::I32,
        Val::Float => ValType::F64,
        Val::Place(place) => {
            place.push(f);
            ValType::I32
        }
        Val::Text(_) => return None,
    };
    let local = f.temp(ty);
    f.set(local);
    Some(local)
}

/// A literal.
fn constant(ctx: &mut Ctx<'_>, f: &mut FnBuilder, value: &Value) -> Result<Val, Error> {
    Ok(match value {
        Value::Bool(value) => {
            f.u32(u32::from(*value));
            Val::Bool
        }
        Value::Int(value) => {
            f.i64(*value);
            Val::Int
        }
        Value::Float(value) => {
            f.i().f64_const((*value).into());
            Val::Float
        }
        Value::Ip(ip) => Val::Place(Place::absolute(ctx.module.data.constant(ip, 8)?)),
        Value::Mac(mac) => {
            let bytes = tagout_spec::pack::bindings::mac_number(*mac).to_le_bytes();
            Val::Place(Place::absolute(ctx.module.data.constant(&bytes, 8)?))
        }
        Value::Range(first, last) => {
            let bytes: Vec<u8> =
                [first, last].iter().flat_map(|n| n.to_le_bytes()).collect();
            Val::Place(Place::absolute(ctx.module.data.constant(&bytes, 8)?))
        }
        Value::Bytes(bytes) => {
            let at = ctx.module.data.constant(bytes, 1)?;
            let ptr = f.temp(ValType::I32);
            let len = f.temp(ValType::I32);
            f.u32(at).set(ptr);
            f.u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX)).set(len);
            Val::Text(TextVal { ptr, len, cut: None, original: None })
        }
    })
}

fn field_value(
    ctx: &Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    ty: FieldType,
    slot: Place,
    fold: bool,
) -> Result<Val, Error> {
    Ok(match ty {
        FieldType::Bool => {
            slot.u8(f);
            Val::Bool
        }
        FieldType::Int(repr) | FieldType::Enum(_, repr) => {
            slot.int(f, repr);
            Val::Int
        }
        FieldType::Time | FieldType::Duration => {
            slot.i64(f);
            Val::Int
        }
        FieldType::Float => {
            slot.f64(f);
            Val::Float
        }
        FieldType::Ip | FieldType::Mac | FieldType::Range => Val::Place(slot),
        FieldType::Text | FieldType::Name | FieldType::Path | FieldType::Bytes => {
            Val::Text(slot_text(ctx, f, frame, slot, fold))
        }
        FieldType::List(_) | FieldType::Group | FieldType::Map => {
            return Err(Error::Invalid("a repeated field used as a value"));
        }
    })
}

/// Reads a text slot: offset, length, original length, folded offset and length.
fn slot_text(
    ctx: &Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    slot: Place,
    fold: bool,
) -> TextVal {
    let ptr = f.temp(ValType::I32);
    let len = f.temp(ValType::I32);
    let cut = f.temp(ValType::I32);
    let original = f.temp(ValType::I32);
    let copy = match fold && !ctx.has(Fault::FoldIgnored) {
        true => slot.plus(12),
        false => slot,
    };
    f.get(frame.base);
    copy.i32(f);
    f.i().i32_add();
    f.set(ptr);
    copy.plus(4).i32(f);
    f.set(len);
    slot.plus(8).i32(f);
    f.tee(original);
    slot.plus(4).i32(f);
    f.i().i32_gt_u();
    f.set(cut);
    TextVal { ptr, len, cut: Some(cut), original: Some(original) }
}

fn item(
    ctx: &Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    scalar: Scalar,
    slot: Place,
    fold: bool,
    lacking: Label,
) -> Result<Val, Error> {
    Ok(match scalar {
        Scalar::Int(repr) | Scalar::Enum(_, repr) => {
            slot.int(f, repr);
            if repr == IntRepr::U64 {
                let number = f.temp(ValType::I64);
                f.tee(number).i64(0).i().i64_lt_s();
                f.br_if(lacking);
                f.get(number);
            }
            Val::Int
        }
        Scalar::Float => {
            slot.f64(f);
            not_nan(f, lacking);
            Val::Float
        }
        Scalar::Ip => Val::Place(slot),
        Scalar::Text | Scalar::Name => Val::Text(slot_text(ctx, f, frame, slot, fold)),
    })
}

/// Leaves for the label if the float on the stack is not a number.
pub(super) fn not_nan(f: &mut FnBuilder, lacking: Label) {
    let number = f.temp(ValType::F64);
    f.tee(number).get(number).i().f64_ne();
    f.br_if(lacking);
    f.get(number);
}

/// Address of the entry of a parameter in the bindings.
pub(super) fn entry(ctx: &Ctx<'_>, param: u32) -> Result<Place, Error> {
    let directory = tagout_spec::pack::bindings::directory(ctx.program.predicates.len());
    let size = u32::try_from(ENTRY).unwrap_or(24);
    u32::try_from(directory)
        .ok()
        .and_then(|at| at.checked_add(param.checked_mul(size)?))
        .and_then(|at| at.checked_add(ctx.bindings.at))
        .map(Place::absolute)
        .ok_or(Error::Invalid("a parameter that does not exist"))
}

fn parameter(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    ty: Type,
    param: u32,
    fold: bool,
    lacking: Label,
) -> Result<Val, Error> {
    let entry = entry(ctx, param)?;
    entry.u8(f);
    f.u32(u32::from(tag::NONE)).i().i32_eq();
    f.br_if(lacking);
    let payload = entry.plus(8);
    Ok(match ty {
        Type::Bool => {
            payload.i32(f);
            Val::Bool
        }
        Type::Int | Type::Enum(_) | Type::Time | Type::Duration => {
            payload.i64(f);
            Val::Int
        }
        Type::Float => {
            payload.f64(f);
            Val::Float
        }
        Type::Ip | Type::Mac | Type::Range => Val::Place(payload),
        Type::Text | Type::Name | Type::Path | Type::Bytes => {
            let at = ctx.bindings.at;
            Val::Text(helper::stored_text(f, payload, at, fold))
        }
    })
}

fn coalesce(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    (left, right): (&Expr, &Expr),
    fold: bool,
    lacking: Label,
) -> Result<Val, Error> {
    if is_text(left.ty) {
        return coalesce_text(ctx, f, frame, (left, right), fold, lacking);
    }
    let ty = match left.ty {
        Type::Float => ValType::F64,
        Type::Int | Type::Enum(_) | Type::Time | Type::Duration => ValType::I64,
        _ => ValType::I32,
    };
    let done = f.block_of(ty);
    let missing = f.block();
    let val = value(ctx, f, frame, left, fold, missing)?;
    push_place(f, val);
    f.br(done);
    f.end();
    let val = value(ctx, f, frame, right, fold, lacking)?;
    push_place(f, val);
    f.end();
    Ok(match val {
        Val::Place(_) => {
            let at = f.temp(ValType::I32);
            f.set(at);
            Val::Place(Place::at(at, 0))
        }
        other => other,
    })
}

fn push_place(f: &mut FnBuilder, val: Val) {
    if let Val::Place(place) = val {
        place.push(f);
    }
}

fn coalesce_text(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    (left, right): (&Expr, &Expr),
    fold: bool,
    lacking: Label,
) -> Result<Val, Error> {
    let all = [(); 4].map(|()| f.temp(ValType::I32));
    let [ptr, len, cut, original] = all;
    let into = |f: &mut FnBuilder, text: TextVal| {
        f.get(text.ptr).set(ptr).get(text.len).set(len);
        match text.cut {
            Some(from) => f.get(from).set(cut),
            None => f.u32(0).set(cut),
        };
        f.get(text.original.unwrap_or(text.len)).set(original);
    };
    let done = f.block();
    let missing = f.block();
    if let Val::Text(text) = value(ctx, f, frame, left, fold, missing)? {
        into(f, text);
    }
    f.br(done);
    f.end();
    if let Val::Text(text) = value(ctx, f, frame, right, fold, lacking)? {
        into(f, text);
    }
    f.end();
    Ok(Val::Text(TextVal { ptr, len, cut: Some(cut), original: Some(original) }))
}
