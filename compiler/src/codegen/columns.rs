//! `columns`: the values of a row that matched, and the severity that a
//! condition chose. Predicates with equal columns share a body.
//!
//! ```text
//! predicate --u16 table--> body(base, rec, out) -> end
//! ```

use tagout_spec::pack::bindings::tag;
use tagout_spec::pack::rows;
use wasm_encoder::ValType;

use super::cond::{Unknown, jump_true};
use super::frame::{Frame, byte_arg};
use super::func::{FnBuilder, FuncId, Local};
use super::value::{TextVal, Val, into_local, value};
use super::{Ctx, Error, shape};
use crate::ir::{Expr, Predicate, Severity, Type};

const I32: ValType = ValType::I32;

/// Writes `columns(records, event, predicate, out) -> end`.
pub(super) fn emit(ctx: &mut Ctx<'_>) -> Result<FuncId, Error> {
    let mut known = std::collections::BTreeMap::new();
    let mut bodies: Vec<u8> = Vec::new();
    let program = ctx.program;
    for predicate in &program.predicates {
        let first = predicate.kinds.first().copied().unwrap_or_default();
        let columns: Vec<Expr> = predicate.columns.iter().map(shape::plain).collect();
        let severity: Vec<_> = predicate
            .severity
            .iter()
            .map(|(cond, severity)| (shape::without_places(cond), *severity))
            .collect();
        let mixed = ctx.mixed(predicate)?;
        let key = format!("{first} {mixed} {columns:?} {severity:?}");
        let number: u16 = match known.get(&key) {
            Some(&number) => number,
            None => {
                let id = body(ctx, predicate, format!("columns:{}", known.len()))?;
                let at = ctx.module.table_entry(id);
                let number = u16::try_from(at).map_err(|_| Error::TooLarge {
                    what: "table",
                    size: u64::from(at),
                })?;
                known.insert(key, number);
                number
            }
        };
        bodies.extend_from_slice(&number.to_le_bytes());
    }
    let bodies = ctx.module.data.append(&bodies, 2)?;
    let ty = ctx.module.signature(&[I32; 3], &[I32]);
    let params = [("records", I32), ("event", I32), ("predicate", I32), ("out", I32)];
    let mut f = FnBuilder::new("columns", &params, &[I32]);
    let (base, predicate, out) = (f.param(0), f.param(2), f.param(3));
    let rec = f.named("rec", I32);
    ctx.open_cold(&mut f, rec);
    if program.predicates.is_empty() {
        f.get(out);
    } else {
        f.get(base).get(rec).get(out);
        f.get(predicate).u32(1).i().i32_shl();
        f.i().i32_load16_u(byte_arg(bodies)).call_indirect(0, ty);
    }
    Ok(ctx.module.function(f))
}

fn body(ctx: &mut Ctx<'_>, predicate: &Predicate, name: String) -> Result<FuncId, Error> {
    let first = predicate.kinds.first().copied().unwrap_or_default();
    let params = [("base", I32), ("rec", I32), ("out", I32)];
    let mut f = FnBuilder::new(name, &params, &[I32]);
    let (base, rec, out) = (f.param(0), f.param(1), f.param(2));
    let mut frame = Frame::new(ctx.kind(first)?, base, rec);
    frame.invalid = ctx.invalid_offset(&mut f, predicate, base)?;
    severity(ctx, &mut f, &frame, predicate, out)?;
    let n = u32::try_from(predicate.columns.len()).unwrap_or(u32::MAX);
    f.get(out).u32(n).i().i32_store(byte_arg(4));
    let header = u32::try_from(rows::HEADER).unwrap_or(8);
    let size = u32::try_from(rows::VALUE).unwrap_or(24);
    for (column, i) in predicate.columns.iter().zip(0_u32..) {
        let at = header.saturating_add(i.saturating_mul(size));
        let mark = f.mark();
        store(ctx, &mut f, &frame, column, Slot { out, at })?;
        f.release_to(mark);
    }
    f.get(out).u32(header.saturating_add(n.saturating_mul(size))).i().i32_add();
    Ok(ctx.module.function(f))
}

/// The first condition that is true chooses; else the plan does.
fn severity(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    predicate: &Predicate,
    out: Local,
) -> Result<(), Error> {
    f.get(out).u32(u32::from(rows::SEVERITY_OF_PLAN)).i().i32_store(byte_arg(0));
    let chosen = f.block();
    for (cond, severity) in &predicate.severity {
        let next = f.block();
        let yes = f.block();
        let mut ignored = Unknown::ignored(f);
        jump_true(ctx, f, frame, cond, yes, &mut ignored)?;
        f.br(next);
        f.end();
        let number = match severity {
            Severity::Info => 0,
            Severity::Low => 1,
            Severity::Medium => 2,
            Severity::High => 3,
            Severity::Critical => 4,
        };
        f.get(out).u32(number).i().i32_store(byte_arg(0));
        f.br(chosen);
        f.end();
    }
    f.end();
    Ok(())
}

/// Where a value goes.
#[derive(Clone, Copy)]
struct Slot {
    out: Local,
    at: u32,
}

impl Slot {
    fn i64(self, f: &mut FnBuilder, offset: u32, push: impl FnOnce(&mut FnBuilder)) {
        f.get(self.out);
        push(f);
        f.i().i64_store(byte_arg(self.at.saturating_add(offset)));
    }

    fn i32(self, f: &mut FnBuilder, offset: u32, push: impl FnOnce(&mut FnBuilder)) {
        f.get(self.out);
        push(f);
        f.i().i32_store(byte_arg(self.at.saturating_add(offset)));
    }
}

fn store(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    column: &Expr,
    slot: Slot,
) -> Result<(), Error> {
    for offset in [0, 8, 16] {
        slot.i64(f, offset, |f| {
            f.i64(0);
        });
    }
    let lacking = f.block();
    let val = value(ctx, f, frame, column, false, lacking)?;
    let tag = match (val, column.ty) {
        (Val::Int, _) => tag::INT,
        (Val::Bool, _) => tag::BOOL,
        (Val::Float, _) => tag::FLOAT,
        (Val::Place(_), Type::Mac) => tag::MAC,
        (Val::Place(_), Type::Range) => tag::RANGE,
        (Val::Place(_), _) => tag::IP,
        (Val::Text(_), _) => tag::TEXT,
    };
    match val {
        Val::Text(text) => store_text(f, slot, text),
        Val::Place(place) => {
            slot.i64(f, 8, |f| place.i64(f));
            if tag == tag::IP {
                slot.i64(f, 16, |f| place.plus(8).i64(f));
            }
        }
        Val::Int | Val::Bool | Val::Float => {
            let local = into_local(f, val);
            let local = local.ok_or(Error::Internal("a value without a local"))?;
            slot.i64(f, 8, |f| {
                f.get(local);
                match val {
                    Val::Bool => {
                        f.i().i64_extend_i32_u();
                    }
                    Val::Float => {
                        f.i().i64_reinterpret_f64();
                    }
                    _ => {}
                }
            });
        }
    }
    f.get(slot.out).u32(u32::from(tag)).i().i32_store8(byte_arg(slot.at));
    f.end();
    Ok(())
}

fn store_text(f: &mut FnBuilder, slot: Slot, text: TextVal) {
    slot.i32(f, 8, |f| {
        f.get(text.ptr);
    });
    slot.i32(f, 12, |f| {
        f.get(text.len);
    });
    if let Some(cut) = text.cut {
        // Flags stand two bytes after the tag.
        slot.i32(f, 0, |f| {
            f.get(cut).u32(0).i().i32_ne();
            f.u32(16).i().i32_shl();
        });
    }
    slot.i32(f, 4, |f| {
        f.get(text.original.unwrap_or(text.len));
    });
}
