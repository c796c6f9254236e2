//! Conditions: code that leaves for a label when it is decided one way.
//!
//! A conjunction is false as soon as one part is, so its code leaves for a label
//! at each part that is false. What falls through is true or unknown, and which
//! of the two is a question about presence that one masked load answers at the
//! end for all the plain fields of the rule:
//!
//! ```text
//!   function == 16 and unit in 1..9 and dst.port == 502
//!
//!   (function != 16)      & present(function)   br_if next
//!   (unit - 1 >u 8)       & present(unit)       br_if next
//!   (dst.port != 502)     & present(dst.port)   br_if next
//!   verdict = 2 - ((presence & mask) != mask)
//! ```
//!
//! A slot that is not present may hold anything: plain comparisons read it
//! without harm. What is not plain (texts, arithmetic, quantifiers) leaves for a
//! label of its own when a value is lacking. Disjunction is the mirror image.

use std::collections::BTreeMap;

use wasm_encoder::ValType;

use super::frame::{Bit, Frame, byte_arg};
use super::func::{FnBuilder, Label, Local, Place as CodePlace};
use super::value::{Val, presence, value};
use super::{Ctx, Error, Fault, floats, ints, ips, pattern, quant, sets, text};
use crate::ir::{CmpOp, Cond, CondKind, Expr, ExprKind, FieldRef, State, Type, walk};

/// What may have been unknown on the way through.
#[derive(Debug)]
pub struct Unknown {
    bits: BTreeMap<(Local, u32), u64>,
    flag: Option<Local>,
    opened: CodePlace,
    wanted: bool,
}

impl Unknown {
    /// Nothing yet. Its flag, if it gets one, is cleared here.
    pub fn new(f: &FnBuilder) -> Self {
        Self { bits: BTreeMap::new(), flag: None, opened: f.place(), wanted: true }
    }

    /// One that nobody will ask.
    pub fn ignored(f: &FnBuilder) -> Self {
        Self { wanted: false, ..Self::new(f) }
    }

    /// Writes that something is unknown here.
    pub fn note(&mut self, f: &mut FnBuilder) {
        if self.wanted {
            let flag = self.flag(f);
            f.u32(1).set(flag);
        }
    }

    /// Pushes 1 if something was unknown, else 0.
    pub fn push(&self, f: &mut FnBuilder) {
        let mut pushed = false;
        if let Some(flag) = self.flag {
            f.get(flag);
            pushed = true;
        }
        for (&(owner, word), &mask) in &self.bits {
            f.get(owner).i().i64_load(byte_arg(word.saturating_mul(8)));
            let mask = mask.cast_signed();
            f.i64(mask).i().i64_and();
            match mask.count_ones() {
                1 => f.i().i64_eqz(),
                _ => f.i64(mask).i().i64_ne(),
            };
            if pushed {
                f.i().i32_or();
            }
            pushed = true;
        }
        if !pushed {
            f.u32(0);
        }
    }

    /// The verdict of what can no longer be false.
    pub fn push_verdict(&self, f: &mut FnBuilder) {
        f.u32(2);
        if self.flag.is_some() || !self.bits.is_empty() {
            self.push(f);
            f.i().i32_sub();
        }
    }

    /// The flag; it is taken, and cleared where this was opened, on first use.
    fn flag(&mut self, f: &mut FnBuilder) -> Local {
        match self.flag {
            Some(flag) => flag,
            None => {
                let flag = f.flag();
                f.zero_at(self.opened, flag);
                self.flag = Some(flag);
                flag
            }
        }
    }

    fn presence(&mut self, bit: Bit) {
        let shift = (bit.byte % 8).saturating_mul(8).saturating_add(bit.shift);
        let word = self.bits.entry((bit.owner, bit.byte / 8)).or_default();
        *word |= 1_u64.wrapping_shl(shift);
    }
}

/// Pushes the verdict of a condition: 0, 1 or 2.
pub fn verdict(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    cond: &Cond,
) -> Result<(), Error> {
    match &cond.kind {
        CondKind::Const(value) => {
            f.u32(if *value { 2 } else { 0 });
        }
        CondKind::Not(inner) => {
            f.u32(2);
            verdict(ctx, f, frame, inner)?;
            f.i().i32_sub();
        }
        CondKind::All(_) => {
            let out = f.block_of(ValType::I32);
            let is_false = f.block();
            let mut unknown = Unknown::new(f);
            jump_false(ctx, f, frame, cond, is_false, &mut unknown)?;
            unknown.push_verdict(f);
            f.br(out);
            f.end();
            f.u32(0);
            f.end();
        }
        CondKind::Any(_) => {
            let out = f.block_of(ValType::I32);
            let is_true = f.block();
            let mut unknown = Unknown::new(f);
            jump_true(ctx, f, frame, cond, is_true, &mut unknown)?;
            unknown.push(f);
            f.br(out);
            f.end();
            f.u32(2);
            f.end();
        }
        CondKind::Else(left, right) => {
            let kept = f.temp(ValType::I32);
            verdict(ctx, f, frame, left)?;
            f.tee(kept).u32(1).i().i32_eq();
            f.if_of(ValType::I32);
            if ctx.has(Fault::ElseSide) {
                f.u32(2);
            } else {
                verdict(ctx, f, frame, right)?;
            }
            f.else_();
            f.get(kept);
            f.end();
        }
        _ => {
            let out = f.block_of(ValType::I32);
            let lacking = f.block();
            test(ctx, f, frame, cond, lacking)?;
            f.u32(1).i().i32_shl();
            f.br(out);
            f.end();
            f.u32(1);
            f.end();
        }
    }
    Ok(())
}

/// Leaves for `label` if the condition is false; falls through if it is true or
/// unknown, and notes what was unknown.
pub fn jump_false(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    cond: &Cond,
    label: Label,
    unknown: &mut Unknown,
) -> Result<(), Error> {
    match &cond.kind {
        CondKind::Const(true) => {}
        CondKind::Const(false) => f.br(label),
        CondKind::Not(inner) => jump_true(ctx, f, frame, inner, label, unknown)?,
        CondKind::All(parts) => {
            for part in by_cost(parts) {
                jump_false(ctx, f, frame, part, label, unknown)?;
            }
        }
        CondKind::Any(parts) => {
            let fine = f.block();
            let mut inner = Unknown::new(f);
            for part in by_cost(parts) {
                jump_true(ctx, f, frame, part, fine, &mut inner)?;
            }
            inner.push(f);
            f.i().i32_eqz();
            f.br_if(label);
            unknown.note(f);
            f.end();
        }
        CondKind::Else(left, right) => match right.kind {
            CondKind::Const(false) if !ctx.has(Fault::ElseSide) => {
                let fine = f.block();
                let mut ignored = Unknown::ignored(f);
                jump_true(ctx, f, frame, left, fine, &mut ignored)?;
                f.br(label);
                f.end();
            }
            CondKind::Const(true) => {
                let mut ignored = Unknown::ignored(f);
                jump_false(ctx, f, frame, left, label, &mut ignored)?;
            }
            _ => {
                let kept = f.temp(ValType::I32);
                verdict(ctx, f, frame, cond)?;
                f.tee(kept).i().i32_eqz();
                f.br_if(label);
                note_if_odd(f, kept, unknown);
            }
        },
        _ => match plain(frame, cond) {
            Some(field) => {
                plain_test(ctx, f, frame, cond, field)?;
                f.i().i32_eqz();
                let bit = presence(ctx, frame, field)?;
                f.shifted_bit(bit).i().i32_and();
                f.br_if(label);
                unknown.presence(bit);
            }
            None => {
                let fine = f.block();
                let lacking = f.block();
                test(ctx, f, frame, cond, lacking)?;
                f.br_if(fine);
                f.br(label);
                f.end();
                unknown.note(f);
                f.end();
            }
        },
    }
    Ok(())
}

/// Leaves for `label` if the condition is true; falls through if it is false or
/// unknown, and notes what was unknown.
pub fn jump_true(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    cond: &Cond,
    label: Label,
    unknown: &mut Unknown,
) -> Result<(), Error> {
    match &cond.kind {
        CondKind::Const(false) => {}
        CondKind::Const(true) => f.br(label),
        CondKind::Not(inner) => jump_false(ctx, f, frame, inner, label, unknown)?,
        CondKind::Any(parts) => {
            for part in by_cost(parts) {
                jump_true(ctx, f, frame, part, label, unknown)?;
            }
        }
        CondKind::All(parts) => {
            let fine = f.block();
            let mut inner = Unknown::new(f);
            for part in by_cost(parts) {
                jump_false(ctx, f, frame, part, fine, &mut inner)?;
            }
            inner.push(f);
            f.i().i32_eqz();
            f.br_if(label);
            unknown.note(f);
            f.end();
        }
        CondKind::Else(left, right) => match right.kind {
            CondKind::Const(false) if !ctx.has(Fault::ElseSide) => {
                let mut ignored = Unknown::ignored(f);
                jump_true(ctx, f, frame, left, label, &mut ignored)?;
            }
            CondKind::Const(true) => {
                let fine = f.block();
                let mut ignored = Unknown::ignored(f);
                jump_false(ctx, f, frame, left, fine, &mut ignored)?;
                f.br(label);
                f.end();
            }
            _ => {
                let kept = f.temp(ValType::I32);
                verdict(ctx, f, frame, cond)?;
                f.tee(kept).u32(2).i().i32_eq();
                f.br_if(label);
                note_if_odd(f, kept, unknown);
            }
        },
        _ => match plain(frame, cond) {
            Some(field) => {
                plain_test(ctx, f, frame, cond, field)?;
                let bit = presence(ctx, frame, field)?;
                f.shifted_bit(bit).i().i32_and();
                f.br_if(label);
                unknown.presence(bit);
            }
            None => {
                let fine = f.block();
                let lacking = f.block();
                test(ctx, f, frame, cond, lacking)?;
                f.br_if(label);
                f.br(fine);
                f.end();
                unknown.note(f);
                f.end();
            }
        },
    }
    Ok(())
}

/// Pushes whether a leaf holds, 0 or 1, or leaves if it is unknown.
pub(super) fn test(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    leaf: &Cond,
    lacking: Label,
) -> Result<(), Error> {
    let mark = f.mark();
    let result = test_leaf(ctx, f, frame, leaf, lacking);
    f.release_to(mark);
    result
}

fn test_leaf(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    leaf: &Cond,
    lacking: Label,
) -> Result<(), Error> {
    match &leaf.kind {
        CondKind::Truth(expr) => truth(ctx, f, frame, expr, lacking),
        CondKind::Cmp { op, left, right, fold } => match left.ty {
            Type::Bool => {
                truth(ctx, f, frame, left, lacking)?;
                truth(ctx, f, frame, right, lacking)?;
                f.i().i32_eq();
                Ok(())
            }
            Type::Int | Type::Enum(_) | Type::Time | Type::Duration => {
                ints::compare(ctx, f, frame, *op, (left, right), lacking)
            }
            Type::Float => floats::compare(ctx, f, frame, *op, (left, right), lacking),
            Type::Ip => ips::compare(ctx, f, frame, *op, (left, right), lacking),
            Type::Mac => ips::mac_equal(ctx, f, frame, (left, right), lacking),
            Type::Text | Type::Name | Type::Path | Type::Bytes => {
                text::equal(ctx, f, frame, (left, right), *fold, lacking)
            }
            Type::Range => Err(Error::Invalid("a comparison of ranges")),
        },
        CondKind::InInts(expr, ranges) => {
            ints::in_ranges(ctx, f, frame, expr, ranges, lacking)
        }
        CondKind::InIps(expr, ranges) => {
            ips::in_ranges(ctx, f, frame, expr, ranges, lacking)
        }
        CondKind::InTexts { value, texts, fold } => {
            sets::in_texts(ctx, f, frame, value, texts, *fold, lacking)
        }
        CondKind::InValues(expr, values) => {
            sets::in_values(ctx, f, frame, expr, values, lacking)
        }
        CondKind::InParam(expr, param) => {
            sets::in_param(ctx, f, frame, expr, *param, lacking)
        }
        CondKind::InData(expr, table) => {
            sets::in_data(ctx, f, frame, expr, *table, lacking)
        }
        CondKind::Overlaps(left, right) => {
            ints::overlaps(ctx, f, frame, left, right, lacking)
        }
        CondKind::Text { op, value, needles, all, fold } => {
            let search = text::Search { op: *op, needles, all: *all, fold: *fold };
            text::search(ctx, f, frame, value, search, lacking)
        }
        CondKind::Matches(expr, pattern) => {
            pattern::matches(ctx, f, frame, expr, *pattern, lacking)
        }
        CondKind::State(field, state) => is_state(ctx, f, frame, *field, *state),
        CondKind::Quant { all, group, cond } => {
            quant::quantifier(ctx, f, frame, *all, *group, cond, lacking)
        }
        CondKind::Count { group, cond, op, than } => {
            let count = quant::Count { op: *op, than: *than };
            quant::count(ctx, f, frame, *group, cond, count, lacking)
        }
        CondKind::Const(_)
        | CondKind::All(_)
        | CondKind::Any(_)
        | CondKind::Not(_)
        | CondKind::Else(..) => Err(Error::Internal("a condition taken for a leaf")),
    }
}

/// The cheapest first; ties as written. Operands have no effects, so the order
/// is free.
fn by_cost(parts: &[Cond]) -> Vec<&Cond> {
    let mut parts: Vec<&Cond> = parts.iter().collect();
    parts.sort_by_key(|part| cost(part));
    parts
}

/// What a call of a plugin's function counts as: more than all else.
const CALL: u32 = 1_000_000;

/// A guess at how dear a condition is, in comparisons of integers.
pub fn cost(cond: &Cond) -> u32 {
    let called = if walk::calls(cond) { CALL } else { 0 };
    called.saturating_add(cost_of(cond))
}

fn cost_of(cond: &Cond) -> u32 {
    let sum = |parts: &[Cond]| parts.iter().map(cost).fold(1, u32::saturating_add);
    match &cond.kind {
        CondKind::Const(_) => 0,
        CondKind::State(..) | CondKind::Truth(_) => 1,
        CondKind::Cmp { op, left, .. } => match left.ty {
            ty if super::value::is_text(ty) => 6,
            Type::Ip if *op != CmpOp::Eq => 12,
            _ => 2,
        },
        CondKind::InInts(..) | CondKind::Overlaps(..) => 3,
        CondKind::InIps(_, ranges) if ranges.len() <= ips::INLINE => 4,
        CondKind::InValues(..) | CondKind::InIps(..) => 20,
        CondKind::InTexts { .. } => 24,
        CondKind::InParam(..) | CondKind::InData(..) => 30,
        CondKind::Text { op: crate::ir::TextOp::Contains, needles, .. } => {
            u32::try_from(needles.len()).unwrap_or(u32::MAX).saturating_mul(50)
        }
        CondKind::Text { .. } => 8,
        CondKind::Matches(..) => 500,
        CondKind::Not(inner) => cost(inner),
        CondKind::All(parts) | CondKind::Any(parts) => sum(parts),
        CondKind::Else(left, right) => cost(left).saturating_add(cost(right)),
        CondKind::Quant { cond, .. } | CondKind::Count { cond, .. } => {
            cost(cond).saturating_mul(8).saturating_add(8)
        }
    }
}

/// The field of a leaf that compares one field's slot with constants in a few
/// instructions, so that it may be done whether or not the field is present.
fn plain(frame: &Frame<'_>, leaf: &Cond) -> Option<FieldRef> {
    let field = |expr: &Expr| match expr.kind {
        ExprKind::Field(field) => Some(field),
        _ => None,
    };
    match &leaf.kind {
        CondKind::Truth(expr) => field(expr),
        CondKind::InInts(expr, ranges) if ints::is_short(ranges) => field(expr),
        CondKind::InIps(expr, ranges) if ips::is_short(ranges) => field(expr),
        CondKind::Cmp { op, left, right, .. } => {
            let inline = match left.ty {
                Type::Ip => *op == CmpOp::Eq,
                ty => !super::value::is_text(ty) && ty != Type::Range,
            };
            let constant = matches!(right.kind, ExprKind::Const(_));
            field(left).filter(|_| inline && constant)
        }
        _ => None,
    }
    .filter(|_| frame.arg.is_none())
}

fn plain_test(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    leaf: &Cond,
    field: FieldRef,
) -> Result<(), Error> {
    let frame = Frame { tested: Some(field), ..*frame };
    // Nothing leaves: the only thing that can be lacking is the field.
    let never = f.no_label();
    test(ctx, f, &frame, leaf, never)
}

fn note_if_odd(f: &mut FnBuilder, verdict: Local, unknown: &mut Unknown) {
    if unknown.wanted {
        let flag = unknown.flag(f);
        f.get(verdict).u32(1).i().i32_and();
        f.get(flag).i().i32_or();
        f.set(flag);
    }
}

fn truth(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    lacking: Label,
) -> Result<(), Error> {
    match value(ctx, f, frame, expr, false, lacking)? {
        Val::Bool => Ok(()),
        _ => Err(Error::Invalid("a condition on what is not a bool")),
    }
}

fn is_state(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    field: FieldRef,
    state: State,
) -> Result<(), Error> {
    let frame = &frame.seek(ctx, f, field)?;
    let present = presence(ctx, frame, field)?;
    let null = frame.null(field)?;
    match state {
        State::Present => {
            f.load_bit(present);
        }
        State::Null => {
            f.load_bit(null);
        }
        State::Missing => {
            f.shifted_bit(present).shifted_bit(null).i().i32_or();
            if may_be_invalid(field) {
                push_invalid(f, frame, null);
                f.i().i32_or();
            }
            f.u32(1).i().i32_and();
            f.i().i32_eqz();
        }
    }
    Ok(())
}

/// Whether a field has an invalid bit: those of elements have none, and names of a
/// map are elements.
pub(super) fn may_be_invalid(field: FieldRef) -> bool {
    matches!(field, FieldRef::Event(idx) if idx.name_number().is_none())
}

/// Pushes a number whose lowest bit is the invalid bit that belongs to a null bit
/// of the event.
pub(super) fn push_invalid(f: &mut FnBuilder, frame: &Frame<'_>, null: Bit) {
    let opens = u32::from(tagout_spec::schema::layout::HOT_BYTES);
    let byte = null.byte.saturating_sub(opens);
    match frame.invalid {
        Some(offset) => {
            f.get(frame.rec).get(offset).i().i32_add();
            f.i().i32_load8_u(byte_arg(byte));
            f.u32(null.shift).i().i32_shr_u();
        }
        None => {
            let byte = frame.invalid_at().saturating_add(byte);
            f.shifted_bit(Bit { byte, ..null });
        }
    }
}
