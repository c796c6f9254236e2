//! Entries and lists of them, as constant data; and the code that appends a list
//! to what an event has found.
//!
//! Most lists are short, so eight addresses are copied without a look at the
//! length, which only says how far the cursor moves. The next list overwrites
//! what was too much.

use std::collections::BTreeMap;

use wasm_encoder::ValType;

use super::{ENTRY, at, number};
use crate::codegen::{Ctx, Error, FnBuilder, Local};
use crate::index::{Entry, KindPlan};

/// Addresses that are copied without a look at the length.
pub(super) const COPIED: u32 = 8;

/// Where the entries of a kind are, and the lists written so far.
#[derive(Debug)]
pub(super) struct Lists {
    entries: u32,
    written: BTreeMap<Vec<u32>, u32>,
    /// Address of the list of nothing.
    pub(super) empty: u32,
    /// Most entries in one list.
    pub(super) longest: u32,
}

impl Lists {
    /// Writes the entries.
    pub(super) fn new(ctx: &mut Ctx<'_>, plan: &KindPlan) -> Result<Self, Error> {
        let mut bytes = Vec::with_capacity(plan.entries.len().saturating_mul(64));
        plan.entries.iter().for_each(|entry| write_entry(entry, &mut bytes));
        let entries = ctx.module.data.append(&bytes, 64)?;
        let n_bytes = usize::try_from(COPIED).unwrap_or(0).saturating_add(1) * 4;
        let empty = ctx.module.data.constant(&vec![0; n_bytes], 4)?;
        Ok(Self { entries, written: BTreeMap::new(), empty, longest: 0 })
    }

    /// Address of a list.
    pub(super) fn address(
        &mut self,
        ctx: &mut Ctx<'_>,
        list: &[u32],
    ) -> Result<u32, Error> {
        if list.is_empty() {
            return Ok(self.empty);
        }
        if let Some(address) = self.written.get(list) {
            return Ok(*address);
        }
        let n = number(list.len());
        let mut bytes = n.to_le_bytes().to_vec();
        for entry in list {
            let address = self.entries.saturating_add(entry.saturating_mul(ENTRY));
            bytes.extend(address.to_le_bytes());
        }
        let address = ctx.module.data.append(&bytes, 4)?;
        self.written.insert(list.to_vec(), address);
        self.longest = self.longest.max(n);
        Ok(address)
    }
}

fn write_entry(entry: &Entry, bytes: &mut Vec<u8>) {
    entry.low.iter().for_each(|low| bytes.extend(low.to_le_bytes()));
    entry.high.iter().for_each(|high| bytes.extend(high.to_le_bytes()));
    entry.masks.iter().for_each(|mask| bytes.extend(mask.to_le_bytes()));
    bytes.extend(entry.predicate.to_le_bytes());
    bytes.extend([0; 12]);
}

/// Appends the list whose address is on the stack; `longest` is the most entries
/// that it may have.
pub(super) fn append(f: &mut FnBuilder, found: Local, longest: u32) {
    let i32 = ValType::I32;
    let list = f.temp(i32);
    let n = f.temp(i32);
    f.tee(list).i().i32_load(at(0));
    f.set(n);
    f.get(found).get(list).i().v128_load(at(4)).v128_store(at(0));
    f.get(found).get(list).i().v128_load(at(20)).v128_store(at(16));
    if longest > COPIED {
        f.get(n).u32(COPIED).i().i32_gt_u();
        f.if_();
        append_long(f, found, list, n, longest);
        f.end();
    }
    f.get(found).get(n).u32(2).i().i32_shl().i32_add();
    f.set(found);
}

/// Copies what follows the first eight entries, four at a time.
fn append_long(f: &mut FnBuilder, found: Local, list: Local, n: Local, longest: u32) {
    let i32 = ValType::I32;
    let to = f.temp(i32);
    let rounds = f.temp(i32);
    f.get(found).set(to);
    f.get(n).u32(COPIED - 3).i().i32_sub().i32_const(2).i32_shr_u();
    f.set(rounds);
    let counted = f.counted(rounds, (longest - COPIED).div_ceil(4));
    f.get(to).get(list).i().v128_load(at(36)).v128_store(at(32));
    f.get(to).u32(16).i().i32_add();
    f.set(to);
    f.get(list).u32(16).i().i32_add();
    f.set(list);
    f.end_counted(counted);
}
