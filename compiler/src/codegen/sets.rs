//! Sets and tables that are searched in memory: long literals, parameters, data.
//!
//! ```text
//! ints, macs   i64 ascending                    floats   f64 ascending
//! ips          lo, hi: 2 x 2 x u64 each         texts    offset, length; by length
//! values of a map stand in an array of their own, by the position of the key:
//!   int, bool, mac, float   8 bytes     ip   16 bytes
//!   text                    offset, length, folded offset, folded length
//! ```
//!
//! The same searches serve constants (offsets are addresses) and bindings
//! (offsets count from the area).

use tagout_spec::pack::bindings::{mac_number, put_floats, put_ints, put_texts, tag};
use wasm_encoder::ValType;

use super::frame::Frame;
use super::func::{FnBuilder, Label};
use super::helper::{self, Helper};
use super::place::Place;
use super::value::{Val, entry, value, whole_text};
use super::{Ctx, Error, text};
use crate::ir::{Expr, Type, Value};

/// Most texts that are compared one by one.
const INLINE: usize = 3;

/// Where a data table lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    keys: u32,
    count: u32,
    values: u32,
}

/// `value in { texts }`
pub(super) fn in_texts(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    texts: &[Vec<u8>],
    fold: bool,
    lacking: Label,
) -> Result<(), Error> {
    let val = value(ctx, f, frame, expr, fold, lacking)?;
    let val = whole_text(ctx, f, val, lacking)?;
    if let Some(arg) = frame.arg {
        f.get(val.ptr).get(val.len);
        Place::at(arg, 0).i32(f);
        Place::at(arg, 4).i32(f);
        f.u32(0);
    } else if texts.len() <= INLINE {
        if texts.is_empty() {
            f.u32(0);
        }
        for (i, needle) in texts.iter().enumerate() {
            text::equals(ctx, f, val, needle)?;
            if i > 0 {
                f.i().i32_or();
            }
        }
        return Ok(());
    } else {
        let (at, count) = text_table(ctx, texts)?;
        f.get(val.ptr).get(val.len).u32(at).u32(count).u32(0);
    }
    let helper = ctx.helper(Helper::FindText)?;
    f.call(helper).u32(0).i().i32_ge_s();
    Ok(())
}

/// A directory of texts in the data: its address and their number.
pub(super) fn text_table(
    ctx: &mut Ctx<'_>,
    texts: &[Vec<u8>],
) -> Result<(u32, u32), Error> {
    let start = ctx.module.data.append(&[], 8)?;
    let mut bytes = Vec::new();
    let count = put_texts(&mut bytes, texts.iter().map(Vec::as_slice).collect(), start);
    ctx.module.data.append(&bytes, 8)?;
    Ok((start, u32::try_from(count).unwrap_or(u32::MAX)))
}

/// `value in { floats }`, `value in { macs }`
pub(super) fn in_values(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    values: &[Value],
    lacking: Label,
) -> Result<(), Error> {
    let helper = push_key(ctx, f, frame, expr, false, lacking)?;
    match frame.arg {
        Some(arg) => {
            Place::at(arg, 0).i32(f);
            Place::at(arg, 4).i32(f);
        }
        None => {
            let (bytes, count) = value_table(values);
            let at = ctx.module.data.constant(&bytes, 8)?;
            f.u32(at).u32(count);
        }
    }
    let helper = ctx.helper(helper)?;
    f.call(helper).u32(0).i().i32_ge_s();
    Ok(())
}

/// Keys that are no addresses and no texts, as a table.
pub(super) fn value_table(values: &[Value]) -> (Vec<u8>, u32) {
    let mut bytes = Vec::new();
    let floats: Vec<f64> = values
        .iter()
        .filter_map(|value| match value {
            Value::Float(value) => Some(*value),
            _ => None,
        })
        .collect();
    let count = if floats.is_empty() {
        put_ints(&mut bytes, values.iter().filter_map(number).collect())
    } else {
        put_floats(&mut bytes, &floats)
    };
    (bytes, u32::try_from(count).unwrap_or(u32::MAX))
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(value) => Some(*value),
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Mac(mac) => Some(mac_number(*mac)),
        _ => None,
    }
}

/// `value in parameter`
pub(super) fn in_param(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    param: u32,
    lacking: Label,
) -> Result<(), Error> {
    let set = usize::try_from(param).ok().and_then(|at| ctx.program.params.get(at));
    let set = set.ok_or(Error::Invalid("a parameter that does not exist"))?;
    let fold = matches!(set.ty, Type::Name | Type::Path);
    let entry = entry(ctx, param)?;
    entry.u8(f);
    f.u32(u32::from(tag::SET)).i().i32_ne();
    f.br_if(lacking);
    let helper = push_key(ctx, f, frame, expr, fold, lacking)?;
    let area = ctx.bindings.at;
    entry.plus(8).i32(f);
    f.u32(area).i().i32_add();
    entry.plus(4).i32(f);
    if helper == Helper::FindText {
        f.u32(area);
    }
    let helper = ctx.helper(helper)?;
    f.call(helper).u32(0).i().i32_ge_s();
    Ok(())
}

/// `value in data`
pub(super) fn in_data(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    table: u32,
    lacking: Label,
) -> Result<(), Error> {
    find(ctx, f, frame, expr, table, lacking)?;
    f.u32(0).i().i32_ge_s();
    Ok(())
}

/// The value of a map for a key; leaves if it has none.
pub(super) fn lookup(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    (table, key): (u32, &Expr),
    fold: bool,
    lacking: Label,
) -> Result<Val, Error> {
    let placed = find(ctx, f, frame, key, table, lacking)?;
    let at = f.temp(ValType::I32);
    f.tee(at).u32(0).i().i32_lt_s();
    f.br_if(lacking);
    let ty = data(ctx, table)?.value;
    let ty = ty.ok_or(Error::Invalid("a lookup in a set"))?;
    let stride = match ty {
        Type::Ip | Type::Text | Type::Name | Type::Path | Type::Bytes => 16,
        _ => 8,
    };
    f.get(at).u32(stride).i().i32_mul();
    f.u32(placed.values).i().i32_add();
    f.set(at);
    let place = Place::at(at, 0);
    Ok(match ty {
        Type::Bool => {
            place.i32(f);
            Val::Bool
        }
        Type::Int | Type::Enum(_) | Type::Time | Type::Duration => {
            place.i64(f);
            Val::Int
        }
        Type::Float => {
            place.f64(f);
            Val::Float
        }
        Type::Ip | Type::Mac | Type::Range => Val::Place(place),
        Type::Text | Type::Name | Type::Path | Type::Bytes => {
            Val::Text(helper::stored_text(f, place, 0, fold))
        }
    })
}

/// Pushes the position of a key in a data table, or a negative number.
fn find(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    key: &Expr,
    table: u32,
    lacking: Label,
) -> Result<Table, Error> {
    let fold = matches!(data(ctx, table)?.key, Type::Name | Type::Path);
    let placed = placed(ctx, table)?;
    let helper = push_key(ctx, f, frame, key, fold, lacking)?;
    f.u32(placed.keys).u32(placed.count);
    if helper == Helper::FindText {
        f.u32(0);
    }
    let helper = ctx.helper(helper)?;
    f.call(helper);
    Ok(placed)
}

/// Pushes a key in the form that its search takes.
fn push_key(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    key: &Expr,
    fold: bool,
    lacking: Label,
) -> Result<Helper, Error> {
    let val = value(ctx, f, frame, key, fold, lacking)?;
    Ok(match val {
        Val::Int => Helper::FindInt,
        Val::Bool => {
            f.i().i64_extend_i32_u();
            Helper::FindInt
        }
        Val::Float => Helper::FindFloat,
        Val::Place(place) if key.ty == Type::Ip => {
            place.push(f);
            Helper::FindIp
        }
        Val::Place(place) => {
            place.i64(f);
            Helper::FindInt
        }
        Val::Text(_) => {
            let text = whole_text(ctx, f, val, lacking)?;
            f.get(text.ptr).get(text.len);
            Helper::FindText
        }
    })
}

fn data<'a>(ctx: &Ctx<'a>, table: u32) -> Result<&'a crate::ir::DataTable, Error> {
    let program = ctx.program;
    usize::try_from(table)
        .ok()
        .and_then(|at| program.data.get(at))
        .ok_or(Error::Invalid("a table that does not exist"))
}

/// Writes a table into the data, once.
fn placed(ctx: &mut Ctx<'_>, table: u32) -> Result<Table, Error> {
    if let Some(&placed) = ctx.tables.get(&table) {
        return Ok(placed);
    }
    let table_of = data(ctx, table)?;
    let mut rows: Vec<(&Value, &Option<Value>)> =
        table_of.rows.iter().map(|(key, value)| (key, value)).collect();
    rows.sort_by(|(a, _), (b, _)| order(a, b));
    let (keys, count) = keys(ctx, table_of.key, &rows)?;
    let values: Vec<&Value> = rows.iter().filter_map(|(_, v)| v.as_ref()).collect();
    let mut bytes = Vec::new();
    for value in values {
        match value {
            Value::Bytes(text) => {
                let folded = text::fold(text);
                for copy in [text, &folded] {
                    let at = ctx.module.data.constant(copy, 1)?;
                    bytes.extend_from_slice(&at.to_le_bytes());
                    let len = u32::try_from(copy.len()).unwrap_or(u32::MAX);
                    bytes.extend_from_slice(&len.to_le_bytes());
                }
            }
            Value::Ip(ip) => bytes.extend_from_slice(ip),
            Value::Float(value) => bytes.extend_from_slice(&value.to_le_bytes()),
            Value::Range(first, last) => {
                bytes.extend_from_slice(&first.to_le_bytes());
                bytes.extend_from_slice(&last.to_le_bytes());
            }
            other => {
                let number = number(other).unwrap_or(0);
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
    let values = ctx.module.data.append(&bytes, 8)?;
    let placed = Table { keys, count, values };
    ctx.tables.insert(table, placed);
    Ok(placed)
}

fn keys(
    ctx: &mut Ctx<'_>,
    ty: Type,
    rows: &[(&Value, &Option<Value>)],
) -> Result<(u32, u32), Error> {
    let keys: Vec<Value> = rows.iter().map(|(key, _)| (*key).clone()).collect();
    let (bytes, count) = match ty {
        Type::Ip => {
            // Positions count, so neighbours must not be merged.
            let mut bytes = Vec::new();
            for key in &keys {
                if let Value::Ip(ip) = key {
                    let one =
                        tagout_spec::pack::bindings::put_ips(&mut bytes, &[(*ip, *ip)]);
                    debug_assert_eq!(one, 1, "one address is one range");
                }
            }
            (bytes, u32::try_from(keys.len()).unwrap_or(u32::MAX))
        }
        Type::Text | Type::Name | Type::Path | Type::Bytes => {
            let texts: Vec<Vec<u8>> = keys
                .into_iter()
                .filter_map(|key| match key {
                    Value::Bytes(bytes) => Some(bytes),
                    _ => None,
                })
                .collect();
            return text_table(ctx, &texts);
        }
        _ => value_table(&keys),
    };
    Ok((ctx.module.data.append(&bytes, 8)?, count))
}

/// The order in which a search expects keys.
fn order(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Bytes(a), Value::Bytes(b)) => (a.len(), a).cmp(&(b.len(), b)),
        (Value::Ip(a), Value::Ip(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        _ => number(a).cmp(&number(b)),
    }
}
