//! The functions that a plugin can import: see `spec/plugin.md`, *Imports*.

use tagout_spec::plugin::IMPORTS;
use tagout_spec::record::header;
use tagout_spec::schema::{FieldType, IntRepr};
use wasmtime::{Caller, Engine, Error, Linker, Result};

use super::Reason;
use super::state::{Phase, State, Value};

/// All of them. Which ones a plugin may import was checked before.
pub(super) fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(IMPORTS, "emit", emit)?;
    linker.func_wrap(IMPORTS, "emit_of", emit_of)?;
    linker.func_wrap(IMPORTS, "set_int", |caller: Caller<'_, State>, r, f, v: i64| {
        set(caller, r, f, |_, ty| int(ty, v))
    })?;
    linker.func_wrap(
        IMPORTS,
        "set_float",
        |caller: Caller<'_, State>, r, f, v: f64| {
            set(caller, r, f, |_, ty| {
                (ty == FieldType::Float && !v.is_nan())
                    .then_some(Given::Value(Value::Float(v)))
            })
        },
    )?;
    linker.func_wrap(
        IMPORTS,
        "set_bool",
        |caller: Caller<'_, State>, r, f, v: i32| {
            set(caller, r, f, |_, ty| {
                (ty == FieldType::Bool && (0..=1).contains(&v))
                    .then_some(Given::Value(Value::Bool(v == 1)))
            })
        },
    )?;
    linker.func_wrap(IMPORTS, "set_ip", |caller: Caller<'_, State>, r, f, at: u32| {
        set(caller, r, f, |memory, ty| {
            let ip = slice(memory, at, 16).and_then(|bytes| bytes.first_chunk());
            ip.filter(|_| ty == FieldType::Ip).map(|ip| Given::Value(Value::Ip(*ip)))
        })
    })?;
    linker.func_wrap(
        IMPORTS,
        "set_text",
        |caller: Caller<'_, State>, r, f, at: u32, len: u32| {
            set(caller, r, f, |memory, ty| {
                slice(memory, at, len).filter(|_| ty.is_text()).map(Given::Text)
            })
        },
    )?;
    linker.func_wrap(IMPORTS, "log", log)?;
    linker.func_wrap(IMPORTS, "data", data)?;
    Ok(linker)
}

fn emit(mut caller: Caller<'_, State>, at: u32, len: u32) -> Result<()> {
    let (memory, state) = split(&mut caller)?;
    if !matches!(state.phase, Phase::Decode) {
        return refuse(state, Reason::Emit, "`emit` outside of `tagout_decode`");
    }
    let Some(batch) = slice(memory, at, len) else {
        return refuse(state, Reason::Emit, "`emit` of bytes outside of the memory");
    };
    let taken = state.emitted.take(batch);
    emitted(state, taken)
}

/// `emit` of a batch that stays where it is, and what its records are of.
fn emit_of(mut caller: Caller<'_, State>, at: u32, len: u32, of: u32) -> Result<()> {
    let (memory, state) = split(&mut caller)?;
    if !matches!(state.phase, Phase::Decode) {
        return refuse(state, Reason::Emit, "`emit_of` outside of `tagout_decode`");
    }
    let batch = slice(memory, at, len);
    let n = batch.and_then(|batch| batch.get(header::N..)?.first_chunk().copied());
    let bytes = u32::from_le_bytes(n.unwrap_or_default()).saturating_mul(4);
    let address = usize::try_from(at).unwrap_or(usize::MAX);
    let (Some(batch), Some(of)) = (batch, slice(memory, of, bytes)) else {
        return refuse(state, Reason::Emit, "`emit_of` of bytes outside of the memory");
    };
    let taken = state.emitted.take_of(batch, address, of);
    emitted(state, taken)
}

fn emitted(state: &mut State, taken: Result<(), Reason>) -> Result<()> {
    match taken {
        Ok(()) => Ok(()),
        Err(reason @ Reason::Events) => refuse(state, reason, "more events than allowed"),
        Err(reason) => {
            refuse(state, reason, "no batch of the plugin's kinds, or of no message")
        }
    }
}

/// A value as it is, or a text that is to be kept.
enum Given<'a> {
    Value(Value),
    Text(&'a [u8]),
}

fn set(
    mut caller: Caller<'_, State>,
    record: u32,
    field: u32,
    value: impl for<'m> FnOnce(&'m [u8], FieldType) -> Option<Given<'m>>,
) -> Result<()> {
    let (memory, state) = split(&mut caller)?;
    let Phase::Enrich { records, fields } = &state.phase else {
        return refuse(state, Reason::Set, "a field is set outside of `tagout_enrich`");
    };
    let at = usize::try_from(record).ok().filter(|at| at < records);
    let ty = usize::try_from(field).ok().and_then(|field| fields.get(field)).copied();
    let room = records.saturating_mul(fields.len());
    let (Some(_), Some(ty), Ok(field)) = (at, ty, u16::try_from(field)) else {
        return refuse(state, Reason::Set, "there is no such record or field");
    };
    let value = match value(memory, ty) {
        None => return refuse(state, Reason::Set, "not a value of the field's type"),
        Some(Given::Value(value)) => Some(value),
        Some(Given::Text(text)) => state.sets.keep(text),
    };
    match value.map(|value| state.sets.push(record, field, value, room)) {
        Some(true) => Ok(()),
        _ => refuse(state, Reason::Set, "more is set than there are fields"),
    }
}

/// An integer of a field that can hold it.
fn int<'m>(ty: FieldType, value: i64) -> Option<Given<'m>> {
    let (least, most) = match ty {
        FieldType::Int(repr) | FieldType::Enum(_, repr) => repr.limits(),
        FieldType::Time | FieldType::Duration => IntRepr::I64.limits(),
        _ => return None,
    };
    (least..=most).contains(&value).then_some(Given::Value(Value::Int(value)))
}

fn log(mut caller: Caller<'_, State>, level: u32, at: u32, len: u32) -> Result<()> {
    let (memory, state) = split(&mut caller)?;
    match slice(memory, at, len) {
        Some(text) => {
            state.log(level, text);
            Ok(())
        }
        None => refuse(state, Reason::Trap, "`log` of bytes outside of the memory"),
    }
}

/// Copies part of a file; its whole length, or -1 if there is none of the name.
fn data(
    mut caller: Caller<'_, State>,
    name: u32,
    len: u32,
    offset: u32,
    into: u32,
    room: u32,
) -> Result<i64> {
    pay(&mut caller, len)?;
    let (memory, state) = split(&mut caller)?;
    let name = slice(memory, name, len).and_then(|name| std::str::from_utf8(name).ok());
    let file = name.and_then(|name| state.files.0.get(name)).cloned();
    let Some(file) = file else { return Ok(-1) };
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
    let part = file.get(from..).unwrap_or_default();
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    let part = part.get(..room).unwrap_or(part);
    pay(&mut caller, u32::try_from(part.len()).unwrap_or(u32::MAX))?;
    let (memory, state) = split(&mut caller)?;
    let start = usize::try_from(into).unwrap_or(usize::MAX);
    let to = memory.get_mut(start..).and_then(|to| to.get_mut(..part.len()));
    let Some(to) = to else {
        let problem = "`data` into bytes outside of the memory";
        return refuse(state, Reason::Trap, problem).map(|()| -1);
    };
    to.copy_from_slice(part);
    Ok(i64::try_from(file.len()).unwrap_or(i64::MAX))
}

/// Takes fuel for bytes that the host looks at or copies, as an instruction that copies
/// would: how often it does so is the plugin's to say.
fn pay(caller: &mut Caller<'_, State>, bytes: u32) -> Result<()> {
    let Some(global) = caller.data().left else { return Ok(()) };
    let left = global.get(&mut *caller).i64().unwrap_or(0);
    let left = left.saturating_sub(bytes.into());
    global.set(&mut *caller, wasmtime::Val::I64(left))?;
    if left < 0 {
        return refuse(caller.data_mut(), Reason::Fuel, "it ran out of fuel");
    }
    Ok(())
}

fn split<'a>(caller: &'a mut Caller<'_, State>) -> Result<(&'a mut [u8], &'a mut State)> {
    let memory = caller.data().memory.ok_or_else(|| Error::msg("no memory"))?;
    Ok(memory.data_and_store_mut(caller))
}

fn slice(memory: &[u8], at: u32, len: u32) -> Option<&[u8]> {
    let start = usize::try_from(at).ok()?;
    memory.get(start..)?.get(..usize::try_from(len).ok()?)
}

fn refuse(state: &mut State, reason: Reason, problem: &'static str) -> Result<()> {
    state.blame = Some(reason);
    Err(Error::msg(problem))
}
