//! `register(...)`: a number assembled from 16-bit registers.

use tagout_spec::pack::Cause;
use tagout_spec::schema::{FieldIdx, Registers};

use super::Scope;
use super::event::{Place, Slot};
use super::value::{Got, Marks, Origin};
use crate::ir::{FieldRef, RegisterFormat, RegisterView, Value};

/// Reads a view from the event.
pub(super) fn register(
    view: &RegisterView,
    registers: &Registers,
    scope: &Scope<'_>,
) -> Got {
    let fields = [registers.address, registers.values, registers.table];
    let marks = fields
        .into_iter()
        .filter_map(|field| Some((field, scope.state(FieldRef::Event(field))?)))
        .map(|(field, cause)| Marks::one(FieldRef::Event(field), cause))
        .fold(Marks::default(), Marks::and);
    if !marks.is_empty() {
        return Got::Lacking(marks);
    }
    let domain = |field: FieldIdx| Got::lacking(FieldRef::Event(field), Cause::Domain);
    let (Some(first), Some(table)) =
        (int(scope, registers.address), int(scope, registers.table))
    else {
        return Got::Lacking(Marks::default());
    };
    let Slot::Repeated { len, truncated } =
        scope.source.slot(Place::Field(registers.values))
    else {
        return Got::Lacking(Marks::default());
    };
    if !registers.register_tables.iter().any(|known| i64::try_from(*known) == Ok(table)) {
        return domain(registers.table);
    }

    let width = words(view.format);
    let start = usize::try_from(i64::from(view.address).saturating_sub(first));
    let Ok(start) = start else { return domain(registers.values) };
    if start.saturating_add(width) > len {
        return match truncated {
            true => Got::lacking(FieldRef::Event(registers.values), Cause::Truncated),
            false => domain(registers.values),
        };
    }

    let mut words: Vec<[u8; 2]> = Vec::new();
    for position in start..start.saturating_add(width) {
        let slot = scope.source.slot(Place::Item(registers.values, position));
        let Slot::Value(Value::Int(word)) = slot else {
            return Got::lacking(FieldRef::Event(registers.values), Cause::Invalid);
        };
        let [.., high, low] = word.to_be_bytes();
        words.push(if view.little_bytes { [low, high] } else { [high, low] });
    }
    if view.little_words {
        words.reverse();
    }
    match number(view, &words.concat()) {
        Some(value) => Got::Known(value, Origin::of(FieldRef::Event(registers.values))),
        None => domain(registers.values),
    }
}

fn int(scope: &Scope<'_>, field: FieldIdx) -> Option<i64> {
    match scope.source.slot(Place::Field(field)) {
        Slot::Value(Value::Int(number)) => Some(number),
        _ => None,
    }
}

fn words(format: RegisterFormat) -> usize {
    match format {
        RegisterFormat::U16 | RegisterFormat::I16 => 1,
        RegisterFormat::U32 | RegisterFormat::I32 | RegisterFormat::F32 => 2,
        RegisterFormat::U64 | RegisterFormat::I64 | RegisterFormat::F64 => 4,
    }
}

/// The number in big-endian bytes.
fn number(view: &RegisterView, bytes: &[u8]) -> Option<Value> {
    enum Raw {
        Int(i128),
        Float(f64),
    }
    let raw = match view.format {
        RegisterFormat::U16 => {
            Raw::Int(u16::from_be_bytes(bytes.try_into().ok()?).into())
        }
        RegisterFormat::I16 => {
            Raw::Int(i16::from_be_bytes(bytes.try_into().ok()?).into())
        }
        RegisterFormat::U32 => {
            Raw::Int(u32::from_be_bytes(bytes.try_into().ok()?).into())
        }
        RegisterFormat::I32 => {
            Raw::Int(i32::from_be_bytes(bytes.try_into().ok()?).into())
        }
        RegisterFormat::U64 => {
            Raw::Int(u64::from_be_bytes(bytes.try_into().ok()?).into())
        }
        RegisterFormat::I64 => {
            Raw::Int(i64::from_be_bytes(bytes.try_into().ok()?).into())
        }
        RegisterFormat::F32 => {
            Raw::Float(f32::from_be_bytes(bytes.try_into().ok()?).into())
        }
        RegisterFormat::F64 => Raw::Float(f64::from_be_bytes(bytes.try_into().ok()?)),
    };
    let float = match (raw, view.scale) {
        (Raw::Int(int), None) => return i64::try_from(int).ok().map(Value::Int),
        (Raw::Int(int), Some(scale)) => to_float(int) * scale,
        (Raw::Float(float), scale) => float * scale.unwrap_or(1.0),
    };
    (!float.is_nan()).then_some(Value::Float(float))
}

#[expect(clippy::cast_precision_loss, reason = "nearest even is what the language says")]
fn to_float(int: i128) -> f64 {
    int as f64
}
