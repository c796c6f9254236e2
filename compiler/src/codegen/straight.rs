//! Evaluation without an index: every predicate of the kind, one after another.
//!
//! ```text
//! kind:NAME(records, n, out, from) -> end
//!   for each event: stop if its rows may not fit; rules:NAME:i for each group
//! rules:NAME:i(base, rec, event, row) -> row      at most 64 predicates
//! ```
//!
//! It is what the index is measured and tested against, and good enough for a
//! handful of rules.

use tagout_spec::pack::rows;
use tagout_spec::record::BATCH_HEADER;
use wasm_encoder::ValType;

use super::cond::{Unknown, jump_false};
use super::frame::{Frame, byte_arg};
use super::func::{FnBuilder, FuncId, Label, Local};
use super::place::Place;
use super::{Areas, Ctx, Error, Strategy, batch_cap};
use crate::codegen::helper::Helper;
use crate::ir::{Cond, Program};

/// Most predicates in one function, unless one alone is larger.
const GROUP: usize = 64;
/// Most conditions in one function, unless one predicate has more.
const GROUP_NODES: usize = 1024;

/// Every predicate is evaluated on every event of its kinds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Straight {}

impl Strategy for Straight {
    fn reserve(&mut self, _: &Program, _: &mut Areas) -> Result<(), Error> {
        Ok(())
    }

    fn kind(&mut self, ctx: &mut Ctx<'_>, kind: u16) -> Result<FuncId, Error> {
        let predicates = ctx.predicates_of(kind);
        let mut groups = Vec::new();
        for (n, group) in groups_of(ctx.program, &predicates).iter().enumerate() {
            groups.push(rules(ctx, kind, n, group)?);
        }
        let name = ctx.kind(kind)?.name.to_string();
        events(ctx, &name, predicates.len(), |_, f, event| {
            for &group in &groups {
                f.get(event.base).get(event.rec).get(event.number).get(event.row);
                f.call(group).set(event.row);
            }
            Ok(())
        })
    }
}

/// Predicates in runs for one function each: code generators are not linear in
/// the size of a function.
pub fn groups_of<'p>(program: &Program, predicates: &'p [u32]) -> Vec<&'p [u32]> {
    let nodes = |predicate: &u32| {
        let at = usize::try_from(*predicate).unwrap_or(usize::MAX);
        program.predicates.get(at).map_or(0, |predicate| nodes(&predicate.cond))
    };
    let mut groups = Vec::new();
    let mut rest = predicates;
    while !rest.is_empty() {
        let mut sum = 0_usize;
        let fitting = rest.iter().take(GROUP).take_while(|predicate| {
            sum = sum.saturating_add(nodes(predicate));
            sum <= GROUP_NODES
        });
        let n = fitting.count().max(1);
        let (group, others) = rest.split_at_checked(n).unwrap_or((rest, &[]));
        groups.push(group);
        rest = others;
    }
    groups
}

fn nodes(cond: &Cond) -> usize {
    crate::ir::children(cond).into_iter().map(nodes).fold(1, usize::saturating_add)
}

/// The locals of a loop over events.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Address of the batch.
    pub base: Local,
    /// Address of the record.
    pub rec: Local,
    /// Number of the event in the batch.
    pub number: Local,
    /// Where the next row goes.
    pub row: Local,
}

/// Writes `kind:NAME(records, n, out, from) -> end`: a loop over the events from
/// `from`, as long as the most rows that one event can give still fit; `body`
/// writes the code for one event and advances `row`.
pub fn events<'a>(
    ctx: &mut Ctx<'a>,
    name: &str,
    most_rows: usize,
    body: impl FnOnce(&mut Ctx<'a>, &mut FnBuilder, Event) -> Result<(), Error>,
) -> Result<FuncId, Error> {
    let i32 = ValType::I32;
    let params = [("records", i32), ("n", i32), ("out", i32), ("from", i32)];
    let mut f = FnBuilder::new(format!("kind:{name}"), &params, &[i32]);
    let (base, n, out, number) = (f.param(0), f.param(1), f.param(2), f.param(3));
    let rec = f.named("rec", i32);
    let row = f.named("row", i32);
    let stride = f.named("stride", i32);
    let left = f.named("left", i32);
    let last = f.named("last", i32);
    let header = u32::try_from(rows::HEADER).unwrap_or(8);
    let records = u32::try_from(BATCH_HEADER).unwrap_or(64);

    Place::at(base, 4).i32(&mut f);
    f.set(stride);
    f.get(base).u32(records).i().i32_add();
    f.get(number).get(stride).i().i32_mul().i32_add();
    f.set(rec);
    f.get(out).u32(header).i().i32_add();
    f.set(row);
    // The last row at which a whole event still fits.
    let room = u32::try_from(most_rows).unwrap_or(u32::MAX).saturating_mul(8);
    f.u32(ctx.out_end().saturating_sub(room)).set(last);
    f.get(n).get(number).i().i32_sub();
    f.u32(0).get(number).get(n).i().i32_lt_u().select();
    f.set(left);
    let full = f.block();
    let counted = f.counted(left, batch_cap());
    f.get(row).get(last).i().i32_gt_u();
    f.br_if(full);
    body(ctx, &mut f, Event { base, rec, number, row })?;
    f.get(rec).get(stride).i().i32_add();
    f.set(rec);
    f.get(number).u32(1).i().i32_add();
    f.set(number);
    f.end_counted(counted);
    f.end();
    f.get(out).get(number).i().i32_store(byte_arg(0));
    f.get(row);
    Ok(ctx.module.function(f))
}

/// Writes `(base, rec, event, row) -> row` for some predicates.
pub fn rules(
    ctx: &mut Ctx<'_>,
    kind: u16,
    n: usize,
    predicates: &[u32],
) -> Result<FuncId, Error> {
    let i32 = ValType::I32;
    let schema = ctx.kind(kind)?;
    let params = [("base", i32), ("rec", i32), ("event", i32), ("row", i32)];
    let name = match predicates {
        [one] => ctx.name_of(*one),
        _ => format!("rules:{}:{n}", schema.name),
    };
    let mut f = FnBuilder::new(name, &params, &[i32]);
    let (base, rec, number, row) = (f.param(0), f.param(1), f.param(2), f.param(3));
    let event = Event { base, rec, number, row };
    let frame = Frame::new(schema, base, rec);
    let program = ctx.program;
    for &predicate in predicates {
        let at = usize::try_from(predicate).unwrap_or(usize::MAX);
        let of = program.predicates.get(at);
        let of = of.ok_or(Error::Internal("a predicate that does not exist"))?;
        let next = f.block();
        ctx.unless_enabled(&mut f, predicate, next);
        rule(ctx, &mut f, &frame, event, predicate, &of.cond, next)?;
        f.end();
    }
    f.get(row);
    let id = ctx.module.function(f);
    ctx.module.evaluates(id, predicates);
    Ok(id)
}

/// Evaluates a condition for a predicate and writes its row; leaves for `next`
/// if it is false. Locals taken meanwhile are given back.
pub fn rule(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    event: Event,
    predicate: u32,
    cond: &Cond,
    next: Label,
) -> Result<(), Error> {
    let mark = f.mark();
    let mut unknown = Unknown::new(f);
    jump_false(ctx, f, frame, cond, next, &mut unknown)?;
    f.get(event.row).get(event.number);
    f.u32(predicate.wrapping_shl(2) | 2);
    unknown.push(f);
    f.i().i32_sub();
    let row = ctx.helper(Helper::Row)?;
    f.call(row).set(event.row);
    f.release_to(mark);
    f.release_flags();
    Ok(())
}

impl Ctx<'_> {
    /// Leaves if the mask says that a predicate is not evaluated.
    pub fn unless_enabled(&self, f: &mut FnBuilder, predicate: u32, next: Label) {
        let (byte, bit) = self.mask_bit(predicate);
        Place::absolute(byte).u8(f);
        f.u32(1_u32.wrapping_shl(bit)).i().i32_and().i32_eqz();
        f.br_if(next);
    }
}
