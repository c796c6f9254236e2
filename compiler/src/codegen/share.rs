//! One function for all bodies that differ in nothing but constants.
//!
//! ```text
//! (m.dst.ip == A and m.address < 10)   --.     shape:0 (…, constants)
//! (m.dst.ip == B and m.address < 99)   --+-->    … i64.load offset=0 …  i32.load offset=16 …
//!                                                 row of the first:  A 10
//!                                                 row of the second: B 99
//! ```
//!
//! Rules come in families: a site protects a thousand register ranges with a thousand
//! rules of the same form. Native code for each of them costs a compiler time, a sensor
//! memory, and the processor its instruction cache; a row costs a few bytes.
//!
//! Two bodies are alike if their bytes are, apart from constants and from the addresses
//! of loads at constant addresses. Constants that are the same in all of them
//! stay where they are. So does the bound of a loop, which the host's proof reads from
//! the bytes ([`super::loops`]).

use std::collections::BTreeMap;
use std::ops::Range;

use wasm_encoder::{Encode, InstructionSink};
use wasmparser::{BinaryReader, Operator, OperatorsReader};

use super::frame::byte_arg;
use super::func::{FnBuilder, FuncId, Local};
use super::{Ctx, Error};

/// A body's function, and the address of its row; 0 if it needs none.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// The function.
    pub function: FuncId,
    /// Its constants.
    pub row: u32,
}

/// Constant data lies above this address; a lower one is no address.
const LEAST_ADDRESS: u64 = 1024;

/// A constant in a body.
#[derive(Clone, Debug)]
struct Slot {
    /// Where its instruction is in the code; for an address, with the load behind it.
    at: Range<usize>,
    value: Value,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    I32(i32),
    I64(i64),
    F64(u64),
    V128([u8; 16]),
    /// Of a load: the load itself, with offset 0, follows the pushed address.
    Address(u32, Vec<u8>),
}

/// A body taken apart.
struct Parts {
    /// Its bytes, constants left out.
    skeleton: Vec<u8>,
    slots: Vec<Slot>,
}

/// Bodies that differ in constants alone, by position; and the first one's slots.
struct Family {
    members: Vec<(usize, Vec<Slot>)>,
}

/// What tells families apart: parameters, results, locals, skeleton.
type Key = (Vec<u8>, Vec<u8>);

impl Ctx<'_> {
    /// Declares and defines functions whose last parameter is the address of their
    /// row; in the order of the bodies.
    pub fn share(&mut self, bodies: Vec<FnBuilder>) -> Result<Vec<Shared>, Error> {
        let mut numbers: BTreeMap<Key, usize> = BTreeMap::new();
        let mut families: Vec<Family> = Vec::new();
        for (position, body) in bodies.iter().enumerate() {
            let parts = parts(&body.code)?;
            let key = (signature(body), parts.skeleton);
            let number = *numbers.entry(key).or_insert(families.len());
            if number == families.len() {
                families.push(Family { members: Vec::new() });
            }
            if let Some(family) = families.get_mut(number) {
                family.members.push((position, parts.slots));
            }
        }
        let mut shared = vec![None; bodies.len()];
        let mut bodies: Vec<_> = bodies.into_iter().map(Some).collect();
        for family in families {
            self.family(&family, &mut bodies, &mut shared)?;
        }
        shared
            .into_iter()
            .collect::<Option<_>>()
            .ok_or(Error::Internal("a body undefined"))
    }

    fn family(
        &mut self,
        family: &Family,
        bodies: &mut [Option<FnBuilder>],
        shared: &mut [Option<Shared>],
    ) -> Result<(), Error> {
        let Some(((first, slots), others)) = family.members.split_first() else {
            return Ok(());
        };
        let differs: Vec<bool> = slots
            .iter()
            .enumerate()
            .map(|(at, slot)| {
                let same = |(_, theirs): &(usize, Vec<Slot>)| {
                    theirs.get(at).is_some_and(|their| their.value == slot.value)
                };
                !others.iter().all(same)
            })
            .collect();
        let taken = bodies.get_mut(*first).and_then(Option::take);
        let mut function = taken.ok_or(Error::Internal("a body taken twice"))?;
        let last = u32::try_from(function.params.len()).unwrap_or(u32::MAX);
        let row = Local(last.saturating_sub(1));
        if !others.is_empty() {
            function.name = format!("{} and its like", function.name);
            function.code = with_loads(&function.code, slots, &differs, row);
        }
        let id = self.module.function(function);
        for (position, slots) in &family.members {
            let bytes = row_of(slots, &differs);
            let row = if bytes.is_empty() {
                0
            } else {
                self.module.data.constant(&bytes, 8)?
            };
            if let Some(slot) = shared.get_mut(*position) {
                *slot = Some(Shared { function: id, row });
            }
        }
        Ok(())
    }
}

/// Parameters, results and locals, as bytes.
fn signature(body: &FnBuilder) -> Vec<u8> {
    let mut bytes = Vec::new();
    for types in [&body.params, &body.results, &body.locals] {
        types.as_slice().encode(&mut bytes);
    }
    bytes
}

fn parts(code: &[u8]) -> Result<Parts, Error> {
    let broken = |_| Error::Internal("a body that does not read back");
    let mut reader = OperatorsReader::new(BinaryReader::new(code, 0));
    let mut operators = Vec::new();
    while !reader.eof() {
        let at = reader.original_position();
        operators.push((at, reader.read().map_err(broken)?));
    }
    let mut parts = Parts { skeleton: Vec::new(), slots: Vec::new() };
    let mut n = 0;
    while let Some((at, operator)) = operators.get(n) {
        let end = |n: usize| operators.get(n).map_or(code.len(), |(at, _)| *at);
        let rest = operators.get(n..).unwrap_or_default();
        let next = rest.get(1).map(|(_, operator)| operator);
        let (value, used) = match (constant(operator), next.and_then(address)) {
            _ if is_bound(rest) => (None, 1),
            (Some(Value::I32(0)), Some(offset)) => {
                let load = code.get(end(n + 1)..end(n + 2)).unwrap_or_default();
                match without_offset(load, offset) {
                    Some(load) => (Some(Value::Address(offset, load)), 2),
                    None => (Some(Value::I32(0)), 1),
                }
            }
            (value, _) => (value, 1),
        };
        let at = *at..end(n + used);
        match value {
            Some(value) => {
                parts.skeleton.extend(mark(&value));
                parts.slots.push(Slot { at, value });
            }
            None => parts.skeleton.extend_from_slice(code.get(at).unwrap_or_default()),
        }
        n += used;
    }
    Ok(parts)
}

fn constant(operator: &Operator<'_>) -> Option<Value> {
    Some(match operator {
        Operator::I32Const { value } => Value::I32(*value),
        Operator::I64Const { value } => Value::I64(*value),
        Operator::F64Const { value } => Value::F64(value.bits()),
        Operator::V128Const { value } => Value::V128(*value.bytes()),
        _ => return None,
    })
}

/// The constant address that a load reads, if the base is 0.
fn address(operator: &Operator<'_>) -> Option<u32> {
    let arg = match operator {
        Operator::I32Load { memarg }
        | Operator::I64Load { memarg }
        | Operator::F64Load { memarg }
        | Operator::V128Load { memarg }
        | Operator::I32Load8U { memarg }
        | Operator::I32Load16U { memarg } => memarg,
        _ => return None,
    };
    u32::try_from(arg.offset).ok().filter(|_| arg.offset >= LEAST_ADDRESS)
}

/// Whether these instructions open with the bound of a loop.
fn is_bound(operators: &[(usize, Operator<'_>)]) -> bool {
    matches!(
        operators,
        [
            (_, Operator::I32Const { .. }),
            (_, Operator::I32LtU),
            (_, Operator::If { .. }),
            (_, Operator::Loop { .. }),
            ..
        ]
    )
}

/// A load with its offset, which stands last, replaced by 0.
fn without_offset(load: &[u8], offset: u32) -> Option<Vec<u8>> {
    let mut encoded = Vec::new();
    offset.encode(&mut encoded);
    let head = load.strip_suffix(encoded.as_slice())?;
    Some(head.iter().copied().chain([0]).collect())
}

/// What stands in a skeleton for a constant: a byte that opens no instruction, its
/// type, and the load that an address belongs to.
fn mark(value: &Value) -> Vec<u8> {
    match value {
        Value::I32(_) => vec![0xff, 0],
        Value::I64(_) => vec![0xff, 1],
        Value::F64(_) => vec![0xff, 2],
        Value::V128(_) => vec![0xff, 3],
        Value::Address(_, load) => [&[0xff, 4], load.as_slice()].concat(),
    }
}

/// The code with loads from the row in place of constants that differ.
fn with_loads(code: &[u8], slots: &[Slot], differs: &[bool], row: Local) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut from, mut column) = (0, 0_u32);
    for (slot, differs) in slots.iter().zip(differs) {
        if !differs {
            continue;
        }
        out.extend_from_slice(code.get(from..slot.at.start).unwrap_or_default());
        from = slot.at.end;
        let arg = byte_arg(column);
        let mut i = InstructionSink::new(&mut out);
        i.local_get(row.0);
        match &slot.value {
            Value::I32(_) => i.i32_load(arg),
            Value::I64(_) => i.i64_load(arg),
            Value::F64(_) => i.f64_load(arg),
            Value::V128(_) => i.v128_load(arg),
            Value::Address(..) => i.i32_load(arg),
        };
        if let Value::Address(_, load) = &slot.value {
            out.extend_from_slice(load);
        }
        column = column.saturating_add(width(&slot.value));
    }
    out.extend_from_slice(code.get(from..).unwrap_or_default());
    out
}

/// The bytes of a member's row, column after column.
fn row_of(slots: &[Slot], differs: &[bool]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (slot, _) in slots.iter().zip(differs).filter(|(_, differs)| **differs) {
        match &slot.value {
            Value::I32(value) => bytes.extend(value.to_le_bytes()),
            Value::I64(value) => bytes.extend(value.to_le_bytes()),
            Value::F64(value) => bytes.extend(value.to_le_bytes()),
            Value::V128(value) => bytes.extend(value),
            Value::Address(value, _) => bytes.extend(value.to_le_bytes()),
        }
    }
    bytes
}

fn width(value: &Value) -> u32 {
    match value {
        Value::I32(_) | Value::Address(..) => 4,
        Value::I64(_) | Value::F64(_) => 8,
        Value::V128(_) => 16,
    }
}
