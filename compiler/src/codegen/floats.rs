//! Binary64. NaN is never a value: a result that is none is lacking.

use wasm_encoder::ValType;

use super::frame::Frame;
use super::func::{FnBuilder, Label};
use super::place::Place;
use super::value::{Val, not_nan, value};
use super::{Ctx, Error, Fault};
use crate::ir::{ArithOp, CmpOp, Expr, ExprKind};

/// `left op right`
pub(super) fn compare(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    op: CmpOp,
    (left, right): (&Expr, &Expr),
    lacking: Label,
) -> Result<(), Error> {
    expect_float(value(ctx, f, frame, left, false, lacking)?)?;
    match (&right.kind, frame.arg) {
        (ExprKind::Const(_), Some(arg)) => Place::at(arg, 0).f64(f),
        _ => expect_float(value(ctx, f, frame, right, false, lacking)?)?,
    }
    let less_or_equal = ctx.has(Fault::LessIsLessOrEqual);
    let mut i = f.i();
    match op {
        CmpOp::Eq => i.f64_eq(),
        CmpOp::Lt if less_or_equal => i.f64_le(),
        CmpOp::Lt => i.f64_lt(),
        CmpOp::Le => i.f64_le(),
        CmpOp::Gt => i.f64_gt(),
        CmpOp::Ge => i.f64_ge(),
    };
    Ok(())
}

/// Arithmetic on binary64; leaves if the result is not a number.
pub(super) fn arithmetic(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    lacking: Label,
) -> Result<Val, Error> {
    match &expr.kind {
        ExprKind::ToFloat(inner) => {
            match value(ctx, f, frame, inner, false, lacking)? {
                Val::Int => f.i().f64_convert_i64_s(),
                _ => return Err(Error::Invalid("a float made of what is no integer")),
            };
        }
        ExprKind::Neg(inner) => {
            expect_float(value(ctx, f, frame, inner, false, lacking)?)?;
            f.i().f64_neg();
        }
        ExprKind::Arith(op, left, right) => {
            expect_float(value(ctx, f, frame, left, false, lacking)?)?;
            let a = f.temp(ValType::F64);
            f.set(a);
            expect_float(value(ctx, f, frame, right, false, lacking)?)?;
            let b = f.temp(ValType::F64);
            f.set(b);
            f.get(a).get(b);
            match op {
                ArithOp::Add => f.i().f64_add(),
                ArithOp::Sub => f.i().f64_sub(),
                ArithOp::Mul => f.i().f64_mul(),
                ArithOp::Div => f.i().f64_div(),
                _ => return Err(Error::Invalid("bits of a float")),
            };
            not_nan(f, lacking);
        }
        _ => return Err(Error::Invalid("arithmetic of an unknown kind")),
    }
    Ok(Val::Float)
}

fn expect_float(val: Val) -> Result<(), Error> {
    match val {
        Val::Float => Ok(()),
        _ => Err(Error::Invalid("a value that is not a float")),
    }
}
