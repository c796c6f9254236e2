//! Arithmetic; constants are computed here, where an overflow is an error.

use super::Lower;
use super::compare::{int, op_text};
use super::value::constant;
use crate::analysis::names::bare;
use crate::analysis::types::const_int;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::{ArithOp, Expr, ExprKind, Type, Value};
use crate::syntax::ast::{self, BinaryOp};

impl Lower<'_, '_> {
    /// `a + b` and its kin.
    pub(super) fn arithmetic(
        &mut self,
        span: Span,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<Type>,
    ) -> Option<Expr> {
        // Only a number's own type passes through; a label has no sum.
        let expected = expected.filter(|ty| matches!(ty, Type::Float));
        let arith = self::op(op)?;
        let numeric = |ty| matches!(ty, Type::Int | Type::Float);
        let (mut a, mut b) = if self.is_untyped(left) == self.is_untyped(right) {
            let a = self.value(left, expected);
            let b = self.value(right, expected);
            a.zip(b)?
        } else if self.is_untyped(left) {
            let b = self.value(right, expected)?;
            (self.value(left, Some(b.ty).filter(|ty| numeric(*ty)))?, b)
        } else {
            let a = self.value(left, expected)?;
            let hint = Some(a.ty).filter(|ty| numeric(*ty));
            let b = self.value(right, hint)?;
            (a, b)
        };
        if (a.ty, b.ty) == (Type::Int, Type::Float) {
            a = to_float(a);
        } else if (a.ty, b.ty) == (Type::Float, Type::Int) {
            b = to_float(b);
        } else if arith == ArithOp::Mul && (a.ty, b.ty) == (Type::Int, Type::Duration) {
            std::mem::swap(&mut a, &mut b);
        }
        let Some(ty) = result(arith, a.ty, b.ty) else {
            self.mismatch(&a, &b, op_text(op));
            return None;
        };
        if let (ExprKind::Const(x), ExprKind::Const(y)) = (&a.kind, &b.kind) {
            return self.compute(span, arith, x, y, ty);
        }
        if const_int(&b) == Some(0) && matches!(arith, ArithOp::Div | ArithOp::Rem) {
            self.report(
                Diagnostic::new(Code::E0209, b.span, "division by zero")
                    .label("this is zero"),
            );
            return None;
        }
        if matches!(arith, ArithOp::Shl | ArithOp::Shr)
            && const_int(&b).is_some_and(|n| !(0..64).contains(&n))
        {
            self.report(
                Diagnostic::new(Code::E0209, b.span, "a shift is by 0 to 63 bits")
                    .label("out of range"),
            );
            return None;
        }
        Some(Expr { kind: ExprKind::Arith(arith, Box::new(a), Box::new(b)), ty, span })
    }

    /// An operation on constants.
    fn compute(
        &mut self,
        span: Span,
        op: ArithOp,
        a: &Value,
        b: &Value,
        ty: Type,
    ) -> Option<Expr> {
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => {
                let Some(n) = compute_int(op, *a, *b) else {
                    let message = match op {
                        ArithOp::Div | ArithOp::Rem if *b == 0 => "division by zero",
                        ArithOp::Shl | ArithOp::Shr => "a shift is by 0 to 63 bits",
                        _ => "the result does not fit 64 bits",
                    };
                    self.overflow(span, message);
                    return None;
                };
                Some(int(n, ty, span))
            }
            (Value::Float(a), Value::Float(b)) => {
                let f = match op {
                    ArithOp::Add => a + b,
                    ArithOp::Sub => a - b,
                    ArithOp::Mul => a * b,
                    ArithOp::Div => a / b,
                    _ => f64::NAN,
                };
                if f.is_finite() {
                    return Some(constant(Value::Float(f), ty, span));
                }
                self.overflow(span, "the result is not a finite number");
                None
            }
            _ => None,
        }
    }

    /// `-a`
    pub(super) fn negation(
        &mut self,
        span: Span,
        inner: &ast::Expr,
        expected: Option<Type>,
    ) -> Option<Expr> {
        if let ast::ExprKind::Int(n) = &bare(inner).kind {
            // The least number has no positive counterpart.
            return self.int_literal(n.saturating_neg(), span, expected);
        }
        let value = self.value(inner, expected.filter(|ty| *ty == Type::Float))?;
        match (&value.kind, value.ty) {
            (ExprKind::Const(Value::Int(n)), ty @ (Type::Int | Type::Duration)) => {
                let Some(n) = n.checked_neg() else {
                    self.overflow(span, "the result does not fit 64 bits");
                    return None;
                };
                Some(int(n, ty, span))
            }
            (ExprKind::Const(Value::Float(f)), ty) => {
                Some(constant(Value::Float(-f), ty, span))
            }
            (_, ty @ (Type::Int | Type::Float | Type::Duration)) => {
                Some(Expr { kind: ExprKind::Neg(Box::new(value)), ty, span })
            }
            (_, ty) => {
                self.one_operand(span, "-", ty);
                None
            }
        }
    }

    /// `~a`
    pub(super) fn complement(&mut self, span: Span, inner: &ast::Expr) -> Option<Expr> {
        let value = self.value(inner, None)?;
        match (const_int(&value), value.ty) {
            (Some(n), Type::Int) => Some(int(!n, Type::Int, span)),
            (None, Type::Int) => Some(Expr {
                kind: ExprKind::BitNot(Box::new(value)),
                ty: Type::Int,
                span,
            }),
            (_, ty) => {
                self.one_operand(span, "~", ty);
                None
            }
        }
    }

    fn one_operand(&mut self, span: Span, operator: &str, ty: Type) {
        let what = self.describe(ty);
        self.report(
            Diagnostic::new(
                Code::E0206,
                span,
                format!("`{operator}` does not go with {what}"),
            )
            .label(what),
        );
    }
}

/// The arithmetic of an operator.
pub(super) fn op(op: BinaryOp) -> Option<ArithOp> {
    Some(match op {
        BinaryOp::Add => ArithOp::Add,
        BinaryOp::Sub => ArithOp::Sub,
        BinaryOp::Mul => ArithOp::Mul,
        BinaryOp::Div => ArithOp::Div,
        BinaryOp::Rem => ArithOp::Rem,
        BinaryOp::BitAnd => ArithOp::And,
        BinaryOp::BitOr => ArithOp::Or,
        BinaryOp::BitXor => ArithOp::Xor,
        BinaryOp::Shl => ArithOp::Shl,
        BinaryOp::Shr => ArithOp::Shr,
        _ => return None,
    })
}

/// The type of a result; `None` if the operands do not go together.
fn result(op: ArithOp, a: Type, b: Type) -> Option<Type> {
    use ArithOp::{Add, Div, Mul, Sub};
    use Type::{Duration, Float, Int, Time};
    match (op, a, b) {
        (_, Int, Int) => Some(Int),
        (Add | Sub | Mul | Div, Float, Float) => Some(Float),
        (Add | Sub, Duration, Duration) => Some(Duration),
        (Add | Sub, Time, Duration) => Some(Time),
        (Sub, Time, Time) => Some(Duration),
        (Mul | Div, Duration, Int) => Some(Duration),
        _ => None,
    }
}

fn compute_int(op: ArithOp, a: i64, b: i64) -> Option<i64> {
    let shift = u32::try_from(b).ok().filter(|n| *n < 64);
    match op {
        ArithOp::Add => a.checked_add(b),
        ArithOp::Sub => a.checked_sub(b),
        ArithOp::Mul => a.checked_mul(b),
        ArithOp::Div => a.checked_div(b),
        ArithOp::Rem => a.checked_rem(b),
        ArithOp::And => Some(a & b),
        ArithOp::Or => Some(a | b),
        ArithOp::Xor => Some(a ^ b),
        // Bits that leave at the top are lost, as in the module.
        ArithOp::Shl => Some(a.wrapping_shl(shift?)),
        ArithOp::Shr => Some(a >> shift?),
    }
}

/// An integer as a float.
pub(super) fn to_float(value: Expr) -> Expr {
    let span = value.span;
    match const_int(&value) {
        Some(n) => constant(Value::Float(nearest(n)), Type::Float, span),
        None => Expr { kind: ExprKind::ToFloat(Box::new(value)), ty: Type::Float, span },
    }
}

/// The float nearest to an integer, ties to even.
#[expect(clippy::cast_precision_loss, reason = "rounding is what is asked for")]
pub(super) fn nearest(n: i64) -> f64 {
    n as f64
}
