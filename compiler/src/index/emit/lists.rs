//! Entries and lists of them, as constant data; and the code that appends a list
//! to what an event has found.
//!
//! ```text
//! short   n u32 <= 8 | 8 addresses of entries
//! long    n u32, a multiple of 8 | for each 8: address of their hull, 8 addresses
//! ```
//!
//! Most lists are short: eight addresses are copied without a look at the length,
//! which only says how far the cursor moves. The next list overwrites what was too
//! much.
//!
//! A long list is what an event reaches that lacks the key which tells rules apart, or
//! has one that many rules ask for. Its entries are put beside their likes, and each
//! eight have a hull: an entry that passes whatever one of them would. What fails the
//! hull is left behind without a look at the eight.

use std::collections::BTreeMap;

use wasm_encoder::ValType;

use super::filter::push_passes;
use super::sample::FilterSample;
use super::{ENTRY, at, number};
use crate::codegen::{Ctx, Error, FnBuilder, Local};
use crate::index::{Entry, Fault, KindPlan, LANES, MASKS};

/// Entries of a short list, and of a block of a long one.
pub(super) const BLOCK: usize = 8;
/// Bytes of their addresses.
const ADDRESSES: u32 = 32;
/// Fills a last block: nothing passes it.
const NEVER: Entry =
    Entry { predicate: 0, low: [0; LANES], high: [0; LANES], masks: [0; MASKS] };

/// Places that a list needs among what was found.
pub(super) fn room(len: usize) -> u32 {
    number(if len > BLOCK { len.next_multiple_of(BLOCK) } else { len })
}

/// Where the entries of a kind are, and the lists written so far.
#[derive(Debug)]
pub(super) struct Lists {
    plan: Vec<Entry>,
    entries: u32,
    written: BTreeMap<Vec<u32>, u32>,
    fault: Option<Fault>,
    /// Address of the list of nothing.
    pub(super) empty: u32,
}

impl Lists {
    /// Writes the entries.
    pub(super) fn new(
        ctx: &mut Ctx<'_>,
        plan: &KindPlan,
        fault: Option<Fault>,
    ) -> Result<Self, Error> {
        let mut bytes = Vec::with_capacity(plan.entries.len().saturating_mul(64));
        plan.entries.iter().for_each(|entry| write_entry(entry, &mut bytes));
        let entries = ctx.module.data.append(&bytes, 64)?;
        let empty = ctx.module.data.constant(&[0; 4 + 4 * BLOCK], 4)?;
        let plan = plan.entries.clone();
        Ok(Self { plan, entries, written: BTreeMap::new(), fault, empty })
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
        let mut bytes = room(list.len()).to_le_bytes().to_vec();
        if list.len() <= BLOCK {
            self.write_addresses(list, &mut bytes);
        } else {
            let never = entry(ctx, &NEVER)?;
            for block in side_by_side(&self.plan, list).chunks(BLOCK) {
                let hull = hull(&self.plan, block, self.fault);
                bytes.extend(entry(ctx, &hull)?.to_le_bytes());
                self.write_addresses(block, &mut bytes);
                (block.len()..BLOCK).for_each(|_| bytes.extend(never.to_le_bytes()));
            }
        }
        let address = ctx.module.data.append(&bytes, 4)?;
        self.written.insert(list.to_vec(), address);
        Ok(address)
    }

    fn write_addresses(&self, block: &[u32], bytes: &mut Vec<u8>) {
        for entry in block {
            let address = self.entries.saturating_add(entry.saturating_mul(ENTRY));
            bytes.extend(address.to_le_bytes());
        }
    }
}

/// The list in the order in which blocks have the narrowest hulls, of the orders by one
/// lane or one mask.
fn side_by_side(plan: &[Entry], list: &[u32]) -> Vec<u32> {
    let of = |entry: &u32| usize::try_from(*entry).ok().and_then(|at| plan.get(at));
    let lane = |lane: usize| {
        move |entry: &Entry| {
            let bound = |of: &[u16; LANES]| of.get(lane).copied().unwrap_or(0);
            u64::from(bound(&entry.low)) << 16 | u64::from(bound(&entry.high))
        }
    };
    let mask = |mask: usize| {
        move |entry: &Entry| u64::from(entry.masks.get(mask).copied().unwrap_or(0))
    };
    let by = |key: &dyn Fn(&Entry) -> u64| {
        let mut order = list.to_vec();
        order.sort_by_key(|entry| of(entry).map(key));
        let blocks = order.chunks(BLOCK);
        let passed: f64 = blocks.map(|block| part(&hull(plan, block, None))).sum();
        (passed, order)
    };
    let orders = (0..LANES)
        .map(|at| by(&lane(at)))
        .chain((0..MASKS).map(|at| by(&mask(at))))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    orders.map_or_else(|| list.to_vec(), |(_, order)| order)
}

/// The part of events that passes an entry, if their numbers are spread evenly.
fn part(entry: &Entry) -> f64 {
    let lanes = entry
        .low
        .iter()
        .zip(&entry.high)
        .map(|(low, high)| (f64::from(high.saturating_sub(*low)) + 1.0) / 65_536.0);
    let masks = entry.masks.iter().map(|set| f64::from(set.count_ones()) / 32.0);
    lanes.chain(masks).product()
}

/// The least entry that passes what any of a block does.
fn hull(plan: &[Entry], block: &[u32], fault: Option<Fault>) -> Entry {
    let mut hull = Entry { low: [u16::MAX; LANES], ..NEVER };
    let of = |entry: &u32| usize::try_from(*entry).ok().and_then(|at| plan.get(at));
    let some = if fault == Some(Fault::Hull) { 1 } else { BLOCK };
    for entry in block.iter().take(some).filter_map(of) {
        let pairs = |a: &mut [u16; LANES], b: &[u16; LANES], of: fn(u16, u16) -> u16| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a = of(*a, *b));
        };
        pairs(&mut hull.low, &entry.low, u16::min);
        pairs(&mut hull.high, &entry.high, u16::max);
        hull.masks.iter_mut().zip(&entry.masks).for_each(|(a, b)| *a |= b);
    }
    hull
}

/// Address of an entry that stands in no list, equal ones but once.
fn entry(ctx: &mut Ctx<'_>, entry: &Entry) -> Result<u32, Error> {
    let mut bytes = Vec::new();
    write_entry(entry, &mut bytes);
    ctx.module.data.constant(&bytes, 64)
}

fn write_entry(entry: &Entry, bytes: &mut Vec<u8>) {
    entry.low.iter().for_each(|low| bytes.extend(low.to_le_bytes()));
    entry.high.iter().for_each(|high| bytes.extend(high.to_le_bytes()));
    entry.masks.iter().for_each(|mask| bytes.extend(mask.to_le_bytes()));
    bytes.extend(entry.predicate.to_le_bytes());
    bytes.extend([0; 12]);
}

/// Appends the list whose address is on the stack; `longest` is the most places
/// that it may need.
pub(super) fn append(
    f: &mut FnBuilder,
    found: Local,
    sample: &FilterSample,
    longest: u32,
) {
    let i32 = ValType::I32;
    let list = f.temp(i32);
    let n = f.temp(i32);
    f.tee(list).i().i32_load(at(0));
    f.set(n);
    let is_long = longest > number(BLOCK);
    if is_long {
        f.get(n).u32(number(BLOCK)).i().i32_gt_u();
        f.if_();
        append_long(f, found, sample, (list, n), longest);
        f.else_();
    }
    copy(f, found, list, 4);
    f.get(found).get(n).u32(2).i().i32_shl().i32_add();
    f.set(found);
    if is_long {
        f.end();
    }
}

/// Appends the blocks whose hull the event passes. What does not pass is copied too,
/// and overwritten by the next: a branch would depend on the event.
fn append_long(
    f: &mut FnBuilder,
    found: Local,
    sample: &FilterSample,
    (list, n): (Local, Local),
    longest: u32,
) {
    let hull = f.temp(ValType::I32);
    f.get(n).u32(3).i().i32_shr_u();
    f.set(n);
    let counted = f.counted(n, longest.div_ceil(number(BLOCK)));
    copy(f, found, list, 8);
    f.get(list).i().i32_load(at(4));
    f.set(hull);
    f.get(found);
    push_passes(f, hull, sample);
    f.u32(ADDRESSES).i().i32_mul().i32_add();
    f.set(found);
    f.get(list).u32(ADDRESSES + 4).i().i32_add();
    f.set(list);
    f.end_counted(counted);
}

/// Copies eight addresses.
fn copy(f: &mut FnBuilder, to: Local, list: Local, from: u32) {
    f.get(to).get(list).i().v128_load(at(from)).v128_store(at(0));
    f.get(to).get(list).i().v128_load(at(from + 16)).v128_store(at(16));
}
