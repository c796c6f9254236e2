//! The indexed `evaluate`: one loop a kind, over tables in constant data.
//!
//! ```text
//! for each event
//!   sample    boxes' numbers and classes of this event, in three vectors
//!   probes    look keys up; append the lists found                  -> found
//!   filter    every entry found: three vector tests                 -> bitmap
//!   rules     every bit, ascending: mask, call, row
//! ```
//!
//! All that depends on rules is data, so the loop stays small whatever the pack
//! holds, and its branches do not depend on which code or address an event has.
//! What depends on an event is the number of entries found, and one loop over them
//! all: a loop for each list would be mispredicted once a list.
//!
//! ```text
//! scratch   found       u32 each, address of an entry; as many as the plan can give
//!           positions   u32 each, where a scan may have found a window
//!           windows     8 bytes each, where it did
//!           summary     a bit for each word of the bitmap that is not zero
//!           bitmap      a bit for each predicate that is to be evaluated
//!           epoch       u64, counts events
//!           stamps      u64 for each atom: the event it was last found in
//! data      entries     64 bytes: low 8 x u16, high 8 x u16, classes 4 x u32,
//!                       predicate u32, 12 zero bytes
//!           lists       addresses of entries; see `lists`
//!           tables of the probes
//! ```
//!
//! The rules themselves are called through the table: of thousands, an event reaches
//! one or two. Those that differ in constants alone are one function, which is given
//! the address of a row of them.
//!
//! ```text
//! rules     position in the table u32, address of the row u32, for each predicate
//! ```

use std::collections::BTreeMap;

use tagout_spec::pack::rows;
use tagout_spec::record::{BATCH_HEADER, BATCH_MAX};
use wasm_encoder::{MemArg, ValType};

use super::{Fault, IndexPlan, KindPlan, Node, Probe};
use crate::codegen::cond;
use crate::codegen::{
    Area, Areas, Ctx, Error, FnBuilder, Frame, FuncId, Local, Shared, Strategy,
};
use crate::ir::Program;
use lists::Lists;
use sample::{FilterSample, Sample};

mod bytes;
mod elements;
mod few;
mod filter;
mod lists;
mod perfect;
mod probe;
mod sample;
mod scan;
mod windows;

/// Bytes of an entry.
const ENTRY: u32 = 64;
/// Where the predicate stands in an entry.
const ENTRY_PREDICATE: u32 = 48;
/// Windows that are looked at before what was found is compared.
const SCAN_CHUNK: u32 = 512;
/// Bytes of a window that some atom has: where it is, and the address of its references.
const WINDOW_FOUND: u32 = 8;
/// Lists that a grid can give for one event.
const GRID_LISTS: u32 = super::BUCKETS_OF_EVENT + 1;

/// Compiles with an index.
#[derive(Debug)]
pub struct Indexed {
    plan: IndexPlan,
    scratch: Scratch,
    /// Address of the rules, once they are written.
    rules: Option<u32>,
    /// Stamps given out.
    n_stamps: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Scratch {
    found: Area,
    positions: Area,
    windows: Area,
    summary: Area,
    bitmap: Area,
    epoch: Area,
    stamps: Area,
}

impl Indexed {
    /// The strategy of a plan.
    pub fn new(plan: IndexPlan) -> Self {
        Self { plan, scratch: Scratch::default(), rules: None, n_stamps: 0 }
    }

    /// The plan.
    pub fn plan(&self) -> &IndexPlan {
        &self.plan
    }
}

impl Strategy for Indexed {
    fn reserve(&mut self, program: &Program, areas: &mut Areas) -> Result<(), Error> {
        let n_predicates = number(program.predicates.len());
        let words = n_predicates.div_ceil(64).max(1);
        let found = self.plan.kinds.iter().map(|kind| found_of(&kind.root)).max();
        let found = found.unwrap_or(0);
        let atoms: u32 = self.plan.kinds.iter().map(|kind| atoms_of(&kind.root)).sum();
        self.scratch = Scratch {
            found: areas
                .reserve(found.saturating_add(number(lists::BLOCK)).saturating_mul(4))?,
            positions: areas.reserve((SCAN_CHUNK + 4) * 4)?,
            // Two for a position at most: its own, and that of any first byte.
            windows: areas.reserve((2 * SCAN_CHUNK + 1) * WINDOW_FOUND)?,
            summary: areas.reserve(words.div_ceil(64) * 8)?,
            bitmap: areas.reserve(words.saturating_mul(8))?,
            epoch: areas.reserve(8)?,
            stamps: areas.reserve(atoms.saturating_mul(8).max(8))?,
        };
        Ok(())
    }

    fn kind(&mut self, ctx: &mut Ctx<'_>, kind: u16) -> Result<FuncId, Error> {
        let rules = match self.rules {
            Some(rules) => rules,
            None => *self.rules.insert(write_rules(ctx)?),
        };
        let plan = self.plan.kinds.get(usize::from(kind));
        let plan = plan.ok_or(Error::Invalid("a kind without a plan"))?.clone();
        let lists = Lists::new(ctx, &plan, self.plan.fault)?;
        let mut emit = Emit::new(ctx, kind, self.scratch, rules, lists, self.n_stamps)?;
        emit.fault = self.plan.fault;
        emit.evaluate(&plan)?;
        self.n_stamps = emit.n_stamps;
        let function = emit.f;
        Ok(ctx.module.function(function))
    }
}

/// A function for each form of predicate, `(batch, record, invalid, row) -> verdict`,
/// and for each predicate where its function and its row are; the address of that.
fn write_rules(ctx: &mut Ctx<'_>) -> Result<u32, Error> {
    let i32 = ValType::I32;
    let program = ctx.program;
    let mut bodies = Vec::new();
    for (number, predicate) in (0_u32..).zip(&program.predicates) {
        let name = ctx.name_of(number);
        let params = [("batch", i32), ("record", i32), ("invalid", i32), ("row", i32)];
        let mut f = FnBuilder::new(name, &params, &[i32]);
        let kind = predicate.kinds.first().copied();
        let kind = ctx.kind(kind.ok_or(Error::Invalid("a predicate without a kind"))?)?;
        let mut frame = Frame::new(kind, f.param(0), f.param(1));
        if predicate.kinds.len() > 1 {
            frame.invalid = Some(f.param(2));
        }
        cond::verdict(ctx, &mut f, &frame, &predicate.cond)?;
        bodies.push(f);
    }
    let mut positions = BTreeMap::new();
    let mut rules = Vec::new();
    for (number, Shared { function, row }) in (0_u32..).zip(ctx.share(bodies)?) {
        ctx.module.evaluates(function, &[number]);
        let position = *positions
            .entry(function)
            .or_insert_with(|| ctx.module.table_entry(function));
        rules.extend([position, row].map(u32::to_le_bytes).concat());
    }
    ctx.module.data.append(&rules, 8)
}

/// The loop over events while it is written.
struct Emit<'c, 'p> {
    ctx: &'c mut Ctx<'p>,
    f: FnBuilder,
    kind: u16,
    scratch: Scratch,
    rules: u32,
    lists: Lists,
    n_stamps: u32,
    fault: Option<Fault>,
    /// Address of the batch.
    base: Local,
    /// Address of the record.
    rec: Local,
    /// Where the next entry found is stored.
    found: Local,
    /// Number of the event over all calls.
    epoch: Local,
    /// What has been computed of the event.
    sample: Sample,
    /// What entries are held against.
    filter: FilterSample,
}

impl<'c, 'p> Emit<'c, 'p> {
    fn new(
        ctx: &'c mut Ctx<'p>,
        kind: u16,
        scratch: Scratch,
        rules: u32,
        lists: Lists,
        n_stamps: u32,
    ) -> Result<Self, Error> {
        let i32 = ValType::I32;
        let params = [("records", i32), ("n", i32), ("out", i32), ("from", i32)];
        let name = format!("evaluate:{}", ctx.kind(kind)?.name);
        let mut f = FnBuilder::new(name, &params, &[i32]);
        let base = f.param(0);
        let rec = f.named("record", i32);
        let found = f.named("found", i32);
        let epoch = f.named("epoch", ValType::I64);
        let sample = Sample::default();
        let v128 = ValType::V128;
        let filter = FilterSample {
            low: f.named("low", v128),
            high: f.named("high", v128),
            classes: f.named("classes", v128),
        };
        Ok(Self {
            ctx,
            f,
            kind,
            scratch,
            rules,
            lists,
            n_stamps,
            fault: None,
            base,
            rec,
            found,
            epoch,
            sample,
            filter,
        })
    }

    fn evaluate(&mut self, plan: &KindPlan) -> Result<(), Error> {
        let i32 = ValType::I32;
        let (n, out, from) = (self.f.param(1), self.f.param(2), self.f.param(3));
        let event = self.f.named("event", i32);
        let left = self.f.named("left", i32);
        let row = self.f.named("row", i32);
        let stride = self.f.named("stride", i32);
        let scratch = self.scratch;
        // What a trap left half done.
        let dirty = scratch.bitmap.at + scratch.bitmap.size - scratch.summary.at;
        self.f.u32(scratch.summary.at).u32(0).u32(dirty).i().memory_fill(0);
        self.f.get(self.base).i().i32_load(at(4));
        self.f.set(stride);
        self.f.get(from).set(event);
        self.f.get(n).get(from).i().i32_sub();
        self.f.u32(0).get(from).get(n).i().i32_lt_u().select();
        self.f.set(left);
        let header = number(BATCH_HEADER);
        self.f.get(self.base).get(from).get(stride).i().i32_mul().i32_add();
        self.f.u32(header).i().i32_add();
        self.f.set(self.rec);
        self.f.get(out).u32(number(rows::HEADER)).i().i32_add();
        self.f.set(row);
        self.f.u32(scratch.epoch.at).i().i64_load(at(0));
        self.f.set(self.epoch);
        let full = self.f.block();
        let counted = self.f.counted(left, number(BATCH_MAX));
        let room = number(plan.predicates.len()).saturating_mul(number(rows::ROW));
        self.f.get(row).u32(self.ctx.out_end().saturating_sub(room)).i().i32_gt_u();
        self.f.br_if(full);
        let step = i64::from(self.fault != Some(Fault::Stamp));
        self.f.get(self.epoch).i64(step).i().i64_add();
        self.f.set(self.epoch);
        self.event(plan, event, row)?;
        self.f.get(event).u32(1).i().i32_add();
        self.f.set(event);
        self.f.get(self.rec).get(stride).i().i32_add();
        self.f.set(self.rec);
        self.f.end_counted(counted);
        self.f.end();
        self.f.u32(scratch.epoch.at).get(self.epoch).i().i64_store(at(0));
        self.f.get(out).get(event).i().i32_store(at(0));
        self.f.get(out).u32(0).i().i32_store(at(4));
        self.f.get(row);
        Ok(())
    }

    fn event(&mut self, plan: &KindPlan, event: Local, row: Local) -> Result<(), Error> {
        self.f.u32(self.scratch.found.at).set(self.found);
        self.sample.clear();
        self.filter_sample(plan)?;
        self.node(&plan.root)?;
        self.filter(plan);
        self.rules(event, row)
    }
}

/// Most entries that one event can find.
fn found_of(node: &Node) -> u32 {
    let beside = |node: &Option<Box<Node>>| node.as_deref().map_or(0, found_of);
    let all = |lists: &mut dyn Iterator<Item = &Vec<u32>>| {
        lists.map(|list| lists::room(list.len())).fold(0, u32::saturating_add)
    };
    let probes = node.probes.iter().map(|probe| match probe {
        Probe::Hash(hash) => {
            all(&mut hash.table.values()).saturating_add(beside(&hash.missing))
        }
        Probe::Grid(grid) => probe::longest(grid.cells.iter().map(|cell| &cell.cover))
            .saturating_mul(GRID_LISTS)
            .saturating_add(beside(&grid.missing_code))
            .saturating_add(beside(&grid.missing_span)),
        Probe::Atoms(atoms) => all(&mut atoms.atoms.iter().map(|atom| &atom.entries))
            .saturating_add(bytes::room(atoms))
            .saturating_add(beside(&atoms.missing)),
    });
    probes.fold(lists::room(node.rest.len()), u32::saturating_add)
}

fn atoms_of(node: &Node) -> u32 {
    let beside = |node: &Option<Box<Node>>| node.as_deref().map_or(0, atoms_of);
    let probes = node.probes.iter().map(|probe| match probe {
        Probe::Hash(hash) => beside(&hash.missing),
        Probe::Grid(grid) => beside(&grid.missing_code) + beside(&grid.missing_span),
        Probe::Atoms(atoms) => number(atoms.atoms.len()) + beside(&atoms.missing),
    });
    probes.fold(0, u32::saturating_add)
}

/// A count as the module's numbers are.
fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A memory argument without a promise about alignment.
fn at(offset: u32) -> MemArg {
    MemArg { offset: u64::from(offset), align: 0, memory_index: 0 }
}

/// Values already computed, by what they are.
type Cache<K> = BTreeMap<K, Local>;
