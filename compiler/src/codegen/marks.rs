//! Why a leaf is undecided: code that marks fields with causes.
//!
//! It follows the table in the head of [`crate::ir`], and runs only when someone
//! asks for an explanation, so it is written for smallness: a value is computed
//! again wherever the question is whether it is lacking.
//!
//! ```text
//! causes    a byte for each field of the leaf, in the order of `field_refs`;
//!           the greater cause stays
//! ```

use tagout_spec::pack::Cause;
use wasm_encoder::ValType;

use super::cond::{may_be_invalid, push_invalid, verdict};
use super::frame::{Frame, byte_arg};
use super::func::{FnBuilder, Local};
use super::helper::Helper;
use super::value::{Val, is_text, presence, require, truncated, value};
use super::{Ctx, Error, quant, registers};
use crate::ir::walk::{operands, parts};
use crate::ir::{Cond, CondKind, Expr, ExprKind, FieldRef, RegisterView, children};

/// Where causes go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Causes<'c> {
    /// Fields in the order of their bytes.
    pub(super) fields: &'c [FieldRef],
    /// Address of the first byte.
    pub(super) at: Local,
}

/// Writes code that marks what an undecided leaf lacks.
pub(super) fn leaf(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    causes: Causes<'_>,
    leaf: &Cond,
) -> Result<(), Error> {
    match &leaf.kind {
        CondKind::State(..) => Ok(()),
        CondKind::Quant { group, cond, .. } | CondKind::Count { group, cond, .. } => {
            let fine = f.block();
            let lacking = f.block();
            require(ctx, f, frame, *group, lacking)?;
            let walk = quant::open(f, frame, *group)?;
            reason(ctx, f, &walk.frame, causes, cond)?;
            walk.close(f);
            truncated(f, frame.slot(*group)?);
            f.if_();
            mark(ctx, f, causes, *group, Cause::Truncated)?;
            f.end();
            f.br(fine);
            f.end();
            absent(ctx, f, frame, causes, *group)?;
            f.end();
            Ok(())
        }
        _ => {
            for operand in operands(leaf).into_iter().flatten() {
                lacking(ctx, f, frame, causes, operand)?;
                if is_text(operand.ty) {
                    cut(ctx, f, frame, causes, operand)?;
                }
            }
            Ok(())
        }
    }
}

/// Marks what an undecided condition lacks, inside a quantifier.
fn reason(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    causes: Causes<'_>,
    cond: &Cond,
) -> Result<(), Error> {
    let decided = f.block();
    verdict(ctx, f, frame, cond)?;
    f.u32(1).i().i32_ne();
    f.br_if(decided);
    match &cond.kind {
        CondKind::Const(_) => {}
        CondKind::All(_) | CondKind::Any(_) | CondKind::Not(_) => {
            for child in children(cond) {
                reason(ctx, f, frame, causes, child)?;
            }
        }
        CondKind::Else(_, right) => reason(ctx, f, frame, causes, right)?,
        _ => leaf(ctx, f, frame, causes, cond)?,
    }
    f.end();
    Ok(())
}

/// Marks why a value is lacking, if it is.
fn lacking(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    causes: Causes<'_>,
    expr: &Expr,
) -> Result<(), Error> {
    match &expr.kind {
        ExprKind::Const(_) | ExprKind::Param(_) => {}
        ExprKind::Field(field) => absent(ctx, f, frame, causes, *field)?,
        ExprKind::LenOf(group) => {
            absent(ctx, f, frame, causes, *group)?;
            f.test_bit(presence(ctx, frame, *group)?);
            f.if_();
            truncated(f, frame.slot(*group)?);
            f.if_();
            mark(ctx, f, causes, *group, Cause::Truncated)?;
            f.end();
            f.end();
        }
        ExprKind::Item(list) => {
            if_lacking(ctx, f, frame, expr)?;
            mark(ctx, f, causes, FieldRef::Event(*list), Cause::Invalid)?;
            f.end();
        }
        ExprKind::Coalesce(left, right) => {
            if_lacking(ctx, f, frame, expr)?;
            lacking(ctx, f, frame, causes, left)?;
            lacking(ctx, f, frame, causes, right)?;
            f.end();
        }
        ExprKind::Register(view) => register(ctx, f, frame, causes, expr, view)?,
        _ => composed(ctx, f, frame, causes, expr)?,
    }
    Ok(())
}

/// A value made of others: what they lack, else its own fault.
fn composed(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    causes: Causes<'_>,
    expr: &Expr,
) -> Result<(), Error> {
    for part in parts(expr) {
        lacking(ctx, f, frame, causes, part)?;
        if is_text(part.ty) {
            cut(ctx, f, frame, causes, part)?;
        }
    }
    let skip = f.block();
    for part in parts(expr) {
        let val = value(ctx, f, frame, part, false, skip)?;
        if let Val::Text(text) = val
            && let Some(cut) = text.cut
        {
            f.get(cut).br_if(skip);
        }
        discard(f, val);
    }
    let own = f.block();
    let val = value(ctx, f, frame, expr, false, own)?;
    discard(f, val);
    f.br(skip);
    f.end();
    let cause = match expr.kind {
        ExprKind::Lookup(..) => Cause::Absent,
        _ => Cause::Domain,
    };
    match expr.kind {
        ExprKind::Call(function, _) => {
            mark(ctx, f, causes, FieldRef::Call(function), cause)?;
        }
        _ => {
            for part in parts(expr) {
                origin(ctx, f, frame, causes, part, cause)?;
            }
        }
    }
    f.end();
    Ok(())
}

/// A register view: its fields, then the table, then the list.
fn register(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    causes: Causes<'_>,
    expr: &Expr,
    view: &RegisterView,
) -> Result<(), Error> {
    let of = frame.kind.registers.as_ref();
    let of = of.ok_or(Error::Invalid("registers of another kind"))?;
    let fields = [of.address, of.values, of.table].map(FieldRef::Event);
    let [_, values, table] = fields;
    for field in fields {
        absent(ctx, f, frame, causes, field)?;
    }
    let skip = f.block();
    for field in fields {
        require(ctx, f, frame, field, skip)?;
    }
    registers::wrong_table(f, frame)?;
    f.if_();
    mark(ctx, f, causes, table, Cause::Domain)?;
    f.br(skip);
    f.end();
    let start = registers::push_start(f, frame, view)?;
    f.if_();
    // Before the first word nothing was cut.
    f.get(start).i64(0).i().i64_ge_s();
    truncated(f, frame.slot(values)?);
    f.u32(0).i().i32_ne().i32_and();
    f.if_();
    mark(ctx, f, causes, values, Cause::Truncated)?;
    f.else_();
    mark(ctx, f, causes, values, Cause::Domain)?;
    f.end();
    f.br(skip);
    f.end();
    if_lacking(ctx, f, frame, expr)?;
    mark(ctx, f, causes, values, Cause::Domain)?;
    f.end();
    f.end();
    Ok(())
}

/// Marks where a text came from if it is cut.
fn cut(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    causes: Causes<'_>,
    expr: &Expr,
) -> Result<(), Error> {
    let skip = f.block();
    if let Val::Text(text) = value(ctx, f, frame, expr, false, skip)?
        && let Some(cut) = text.cut
    {
        f.get(cut);
        f.if_();
        origin(ctx, f, frame, causes, expr, Cause::Truncated)?;
        f.end();
    }
    f.end();
    Ok(())
}

/// Marks the fields that a known value came from.
fn origin(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    causes: Causes<'_>,
    expr: &Expr,
    cause: Cause,
) -> Result<(), Error> {
    match &expr.kind {
        ExprKind::Const(_) | ExprKind::Param(_) => Ok(()),
        ExprKind::Field(field) | ExprKind::LenOf(field) => {
            mark(ctx, f, causes, *field, cause)
        }
        ExprKind::Item(list) => mark(ctx, f, causes, FieldRef::Event(*list), cause),
        ExprKind::Register(_) => {
            let of = frame.kind.registers.as_ref();
            let of = of.ok_or(Error::Invalid("registers of another kind"))?;
            mark(ctx, f, causes, FieldRef::Event(of.values), cause)
        }
        ExprKind::Coalesce(left, right) => {
            let done = f.block();
            let missing = f.block();
            let val = value(ctx, f, frame, left, false, missing)?;
            discard(f, val);
            origin(ctx, f, frame, causes, left, cause)?;
            f.br(done);
            f.end();
            origin(ctx, f, frame, causes, right, cause)?;
            f.end();
            Ok(())
        }
        _ => {
            if let ExprKind::Call(function, _) = expr.kind {
                mark(ctx, f, causes, FieldRef::Call(function), cause)?;
            }
            for part in parts(expr) {
                origin(ctx, f, frame, causes, part, cause)?;
            }
            Ok(())
        }
    }
}

/// Opens an `if` whose body runs if a value is lacking.
fn if_lacking(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
) -> Result<(), Error> {
    let known = f.block_of(ValType::I32);
    let missing = f.block();
    let val = value(ctx, f, frame, expr, false, missing)?;
    discard(f, val);
    f.u32(0);
    f.br(known);
    f.end();
    f.u32(1);
    f.end();
    f.if_();
    Ok(())
}

/// Marks a field that is not present with its state.
fn absent(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    causes: Causes<'_>,
    field: FieldRef,
) -> Result<(), Error> {
    let frame = &frame.seek(ctx, f, field)?;
    f.test_bit(presence(ctx, frame, field)?).i().i32_eqz();
    f.if_();
    let null = frame.null(field)?;
    push_field(f, causes, field)?;
    // Absent 1, Null 2, Invalid 3: null adds one, invalid two.
    f.u32(1).load_bit(null).i().i32_add();
    if may_be_invalid(field) {
        push_invalid(f, frame, null);
        f.u32(1).i().i32_and();
        f.u32(1).i().i32_shl().i32_add();
    }
    let helper = ctx.helper(Helper::Mark)?;
    f.call(helper);
    f.end();
    Ok(())
}

fn mark(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    causes: Causes<'_>,
    field: FieldRef,
    cause: Cause,
) -> Result<(), Error> {
    push_field(f, causes, field)?;
    f.u32(u32::from(cause_number(cause)));
    let helper = ctx.helper(Helper::Mark)?;
    f.call(helper);
    Ok(())
}

fn push_field(
    f: &mut FnBuilder,
    causes: Causes<'_>,
    field: FieldRef,
) -> Result<(), Error> {
    let at = causes.fields.iter().position(|known| *known == field);
    let at = at.and_then(|at| u32::try_from(at).ok());
    let at = at.ok_or(Error::Internal("a field that is not in its list"))?;
    f.get(causes.at).u32(at).i().i32_add();
    Ok(())
}

fn cause_number(cause: Cause) -> u8 {
    match cause {
        Cause::None => 0,
        Cause::Absent => 1,
        Cause::Null => 2,
        Cause::Invalid => 3,
        Cause::Truncated => 4,
        Cause::Domain => 5,
    }
}

fn discard(f: &mut FnBuilder, val: Val) {
    if matches!(val, Val::Int | Val::Bool | Val::Float) {
        f.i().drop();
    }
}

/// `mark(at, cause)`: the greater one stays.
pub(super) fn mark_function() -> FnBuilder {
    let i32 = ValType::I32;
    let mut f = FnBuilder::new("mark", &[("at", i32), ("cause", i32)], &[]);
    let (at, cause) = (f.param(0), f.param(1));
    f.get(at).i().i32_load8_u(byte_arg(0));
    f.get(cause).i().i32_lt_u();
    f.if_();
    f.get(at).get(cause).i().i32_store8(byte_arg(0));
    f.end();
    f
}
