//! `bind`: checks that what the host wrote fits this module. Nothing is copied:
//! the area is searched in place.

use tagout_spec::pack::bindings::{
    self, Binding, Bindings, MAGIC, TEXT_AVERAGE, TEXT_PARAM_MAX, tag,
};
use wasm_encoder::ValType;

use super::func::{FnBuilder, FuncId, Label, Local};
use super::place::Place;
use super::{Ctx, Error, text, value};
use crate::ir::{Constant, Param, Program, Type, Value};

/// Bytes of the area for bindings.
pub(super) fn area_size(program: &Program) -> Result<u32, Error> {
    let payloads = program.params.iter().map(|param| {
        let n = u64::from(param.set_max.unwrap_or(1));
        match (param.ty, param.set_max) {
            (ty, Some(_)) if value::is_text(ty) => {
                n.saturating_mul(u64::from(TEXT_AVERAGE) + 8)
            }
            (Type::Ip, Some(_)) => n.saturating_mul(32),
            (_, Some(_)) => n.saturating_mul(8),
            (ty, None) if value::is_text(ty) => u64::from(TEXT_PARAM_MAX) * 3,
            (_, None) => 0,
        }
    });
    let names = u64::try_from(program.names.len()).unwrap_or(u64::MAX);
    let least = bindings::area_size(program.predicates.len(), payloads)
        .saturating_add(names.saturating_mul(2).saturating_add(8));
    let defaults = u64::try_from(defaults(program).encode().len()).unwrap_or(u64::MAX);
    let size = least.max(defaults).saturating_add(64);
    u32::try_from(size).map_err(|_| Error::TooLarge { what: "bindings area", size })
}

/// Every predicate evaluated, every parameter at its default.
fn defaults(program: &Program) -> Bindings {
    bindings_of(program, &[])
}

/// Every predicate evaluated, and these values of the parameters by position; one
/// that is `None`, or not in the list, has its default.
pub fn bindings_of(program: &Program, values: &[Option<Constant>]) -> Bindings {
    let params = program.params.iter().enumerate().map(|(i, param)| {
        let bound = values.get(i).and_then(Option::as_ref);
        binding(param, bound.or(param.default.as_ref()))
    });
    // Until a host says otherwise, it has the pack's names in the pack's order.
    let names = u16::try_from(program.names.len()).unwrap_or(u16::MAX);
    Bindings {
        enabled: vec![true; program.predicates.len()],
        params: params.collect(),
        names: (0..names).collect(),
    }
}

fn binding(param: &Param, value: Option<&Constant>) -> Binding {
    let folds = matches!(param.ty, Type::Name | Type::Path);
    match value {
        None => Binding::Unbound,
        Some(Constant::One(value)) => match value {
            Value::Bool(value) => Binding::Bool(*value),
            Value::Int(value) => Binding::Int(*value),
            Value::Float(value) => Binding::Float(*value),
            Value::Ip(value) => Binding::Ip(*value),
            Value::Mac(value) => Binding::Mac(*value),
            Value::Bytes(bytes) => {
                Binding::Text { bytes: bytes.clone(), folded: text::fold(bytes) }
            }
            Value::Range(..) => Binding::Unbound,
        },
        Some(Constant::Ips(ranges)) => Binding::Ips(ranges.clone()),
        Some(Constant::Set(values)) => set(param.ty, values, folds),
    }
}

fn set(ty: Type, values: &[Value], folds: bool) -> Binding {
    match ty {
        Type::Ip => {
            let ips = values.iter().filter_map(|value| match value {
                Value::Ip(ip) => Some((*ip, *ip)),
                _ => None,
            });
            Binding::Ips(ips.collect())
        }
        Type::Float => {
            let floats = values.iter().filter_map(|value| match value {
                Value::Float(float) => Some(*float),
                _ => None,
            });
            Binding::Floats(floats.collect())
        }
        Type::Mac => {
            let macs = values.iter().filter_map(|value| match value {
                Value::Mac(mac) => Some(*mac),
                _ => None,
            });
            Binding::Macs(macs.collect())
        }
        Type::Text | Type::Name | Type::Path | Type::Bytes => {
            let texts = values.iter().filter_map(|value| match value {
                Value::Bytes(bytes) if folds => Some(text::fold(bytes)),
                Value::Bytes(bytes) => Some(bytes.clone()),
                _ => None,
            });
            Binding::Texts(texts.collect())
        }
        Type::Bool
        | Type::Int
        | Type::Enum(_)
        | Type::Time
        | Type::Duration
        | Type::Range => {
            let ints = values.iter().filter_map(|value| match value {
                Value::Int(int) => Some(*int),
                Value::Bool(bool) => Some(i64::from(*bool)),
                _ => None,
            });
            Binding::Ints(ints.collect())
        }
    }
}

/// Writes `bind(ptr, len) -> status`, and the defaults.
pub(super) fn emit(ctx: &mut Ctx<'_>) -> Result<FuncId, Error> {
    let i32 = ValType::I32;
    ctx.module.preset(ctx.bindings.at, defaults(ctx.program).encode());
    let mut f = FnBuilder::new("bind", &[("ptr", i32), ("len", i32)], &[i32]);
    let (ptr, len) = (f.param(0), f.param(1));
    let bad = f.block();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let names = bindings::names(ctx.program.predicates.len(), ctx.program.params.len());
    let numbers = ctx.program.names.len().saturating_mul(2);
    let least = count(names.saturating_add(numbers));

    f.get(ptr).u32(ctx.bindings.at).i().i32_ne();
    f.br_if(bad);
    f.get(len).u32(least).i().i32_lt_u();
    f.br_if(bad);
    f.get(len).u32(ctx.bindings.size).i().i32_gt_u();
    f.br_if(bad);
    let expected = [
        (0, MAGIC),
        (8, count(ctx.program.predicates.len())),
        (12, count(ctx.program.params.len())),
        (16, count(ctx.program.names.len())),
    ];
    for (at, number) in expected {
        Place::at(ptr, at).i32(&mut f);
        f.u32(number).i().i32_ne();
        f.br_if(bad);
    }
    Place::at(ptr, 4).i32(&mut f);
    f.get(len).i().i32_gt_u();
    f.br_if(bad);
    for (param, number) in ctx.program.params.iter().zip(0..) {
        let entry = value::entry(ctx, number)?;
        check(&mut f, param, entry, len, ctx.bindings.at, bad);
    }
    f.u32(0).i().return_();
    f.end();
    f.u32(1);
    Ok(ctx.module.function(f))
}

/// Leaves for `bad` if an entry does not fit its parameter.
fn check(
    f: &mut FnBuilder,
    param: &Param,
    entry: Place,
    len: Local,
    area: u32,
    bad: Label,
) {
    let fine = f.block();
    entry.u8(f);
    f.i().i32_eqz();
    f.br_if(fine);
    entry.u8(f);
    f.u32(u32::from(tag_of(param))).i().i32_ne();
    f.br_if(bad);
    let text = value::is_text(param.ty);
    match param.set_max {
        Some(max) => {
            let size = match param.ty {
                Type::Ip => 32,
                _ => 8,
            };
            entry.plus(4).i32(f);
            f.u32(max).i().i32_gt_u();
            f.br_if(bad);
            outside(f, len, entry.plus(8), |f| {
                entry.plus(4).i32(f);
                f.i().i64_extend_i32_u();
                f.i64(size).i().i64_mul();
            });
            f.br_if(bad);
            if text && max > 0 {
                each_text(f, entry, len, area, max, bad);
            }
        }
        None if text => {
            for at in [8, 16] {
                inside(f, entry.plus(at), len, bad);
            }
        }
        None => {}
    }
    f.end();
}

fn each_text(
    f: &mut FnBuilder,
    entry: Place,
    len: Local,
    area: u32,
    max: u32,
    bad: Label,
) {
    let mark = f.mark();
    let (at, n) = (f.temp(ValType::I32), f.temp(ValType::I32));
    entry.plus(8).i32(f);
    f.u32(area).i().i32_add();
    f.set(at);
    entry.plus(4).i32(f);
    f.set(n);
    let counted = f.counted(n, max);
    inside(f, Place::at(at, 0), len, bad);
    f.get(at).u32(8).i().i32_add();
    f.set(at);
    f.end_counted(counted);
    f.release_to(mark);
}

/// Leaves for `bad` if an offset and length do not lie in the bindings, or the
/// text is longer than a text may be.
fn inside(f: &mut FnBuilder, pair: Place, len: Local, bad: Label) {
    outside(f, len, pair, |f| {
        pair.plus(4).i32(f);
        f.i().i64_extend_i32_u();
    });
    f.br_if(bad);
    pair.plus(4).i32(f);
    f.u32(super::helper::TEXT_CAP).i().i32_gt_u();
    f.br_if(bad);
}

/// Pushes whether the offset at a place plus a size is more than `len`.
fn outside(
    f: &mut FnBuilder,
    len: Local,
    offset: Place,
    size: impl FnOnce(&mut FnBuilder),
) {
    offset.i32(f);
    f.i().i64_extend_i32_u();
    size(f);
    f.i().i64_add();
    f.get(len).i().i64_extend_i32_u().i64_gt_u();
}

fn tag_of(param: &Param) -> u8 {
    match (param.set_max, param.ty) {
        (Some(_), _) => tag::SET,
        (None, Type::Bool) => tag::BOOL,
        (None, Type::Int | Type::Enum(_) | Type::Time | Type::Duration) => tag::INT,
        (None, Type::Float) => tag::FLOAT,
        (None, Type::Ip) => tag::IP,
        (None, Type::Mac) => tag::MAC,
        (None, Type::Range) => tag::RANGE,
        (None, Type::Text | Type::Name | Type::Path | Type::Bytes) => tag::TEXT,
    }
}
