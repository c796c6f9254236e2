//! Literals as values of the type that their place expects.

use super::Lower;
use super::compare::int;
use super::value::constant;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::{Expr, ExprKind, Type, Value, limits};
use crate::syntax::ast::{self, StrLit, StrStyle};
use tagout_spec::fold::fold;

impl Lower<'_, '_> {
    /// A whole number; a float or the number of an enumeration where one is expected.
    pub(super) fn int_literal(
        &mut self,
        n: i128,
        span: Span,
        expected: Option<Type>,
    ) -> Option<Expr> {
        let Ok(n) = i64::try_from(n) else {
            self.overflow(span, "the number does not fit 64 bits");
            return None;
        };
        Some(match expected {
            Some(Type::Float) => {
                constant(Value::Float(super::arith::nearest(n)), Type::Float, span)
            }
            Some(ty @ Type::Enum(_)) => int(n, ty, span),
            _ => int(n, Type::Int, span),
        })
    }

    /// A number with a point; infinity is written by nobody.
    pub(super) fn float_literal(&mut self, f: f64, span: Span) -> Option<Expr> {
        if !f.is_finite() {
            self.overflow(span, "the number does not fit a float");
            return None;
        }
        Some(constant(Value::Float(f), Type::Float, span))
    }

    /// A text; folded if it says so or stands beside what folds; a time where
    /// one is expected.
    pub(super) fn text_literal(
        &mut self,
        text: &StrLit,
        span: Span,
        expected: Option<Type>,
    ) -> Option<Expr> {
        let bytes = text.value.as_bytes();
        if bytes.len() > limits::TEXT {
            let message = "the text is longer than any text that a record keeps";
            self.report(
                Diagnostic::new(Code::E0407, span, message)
                    .label(format!("more than {} bytes", limits::TEXT)),
            );
            return None;
        }
        if text.style == StrStyle::Fold {
            let ty = if expected == Some(Type::Path) { Type::Path } else { Type::Name };
            return Some(constant(Value::Bytes(fold(bytes)), ty, span));
        }
        Some(match expected {
            Some(Type::Time) => {
                let Ok(time) = text.value.parse::<jiff::Timestamp>() else {
                    self.report(
                        Diagnostic::new(
                            Code::E0208,
                            span,
                            format!("`{}` is not a time", text.value),
                        )
                        .label("not a time")
                        .help("write it as `\"2026-01-31T08:00:00Z\"`"),
                    );
                    return None;
                };
                let Ok(ns) = i64::try_from(time.as_nanosecond()) else {
                    self.overflow(span, "the time does not fit 64 bits of nanoseconds");
                    return None;
                };
                int(ns, Type::Time, span)
            }
            Some(ty @ (Type::Name | Type::Path)) => {
                constant(Value::Bytes(fold(bytes)), ty, span)
            }
            Some(Type::Bytes) => {
                constant(Value::Bytes(bytes.to_vec()), Type::Bytes, span)
            }
            _ => constant(Value::Bytes(bytes.to_vec()), Type::Text, span),
        })
    }

    /// `9..98` as a value of type range.
    pub(super) fn range_value(
        &mut self,
        span: Span,
        first: &ast::Expr,
        last: &ast::Expr,
    ) -> Option<Expr> {
        let (low, high) = self.int_bounds(first, last, span)?;
        let (Ok(low), Ok(high)) = (u32::try_from(low), u32::try_from(high)) else {
            self.report(
                Diagnostic::new(
                    Code::E0208,
                    span,
                    "a range of numbers lies within 32 bits, without a sign",
                )
                .label(format!("not in 0..{}", u32::MAX)),
            );
            return None;
        };
        Some(constant(Value::Range(low, high), Type::Range, span))
    }

    /// Both ends of a range of integers.
    pub(super) fn int_bounds(
        &mut self,
        first: &ast::Expr,
        last: &ast::Expr,
        span: Span,
    ) -> Option<(i64, i64)> {
        let low = self.const_end(first, Type::Int);
        let high = self.const_end(last, Type::Int);
        let (low, high) = low.zip(high)?;
        match (&low.kind, &high.kind) {
            (ExprKind::Const(Value::Int(low)), ExprKind::Const(Value::Int(high))) => {
                self.in_order(low <= high, first.span, last.span, span)?;
                Some((*low, *high))
            }
            _ => None,
        }
    }

    /// One end of a range: a constant of a type.
    pub(super) fn const_end(&mut self, e: &ast::Expr, ty: Type) -> Option<Expr> {
        let mut value = self.value(e, Some(ty))?;
        super::compare::adapt(&mut value, ty);
        if !matches!(value.kind, ExprKind::Const(_)) {
            self.not_constant(e.span, "the ends of a range");
            return None;
        }
        if value.ty != ty {
            let (found, wanted) = (self.describe(value.ty), self.describe(ty));
            self.report(
                Diagnostic::new(
                    Code::E0206,
                    e.span,
                    format!("{wanted} is wanted here, but this is {found}"),
                )
                .label(found),
            );
            return None;
        }
        Some(value)
    }

    /// Reports a range whose first end is behind its last.
    pub(super) fn in_order(
        &mut self,
        ordered: bool,
        first: Span,
        last: Span,
        span: Span,
    ) -> Option<()> {
        if ordered {
            return Some(());
        }
        let (a, b) = (self.text(first), self.text(last));
        let new = format!("{b}..{a}");
        self.report(
            Diagnostic::new(Code::E0211, span, "the range is empty")
                .label("the first end is greater than the last")
                .fix(crate::diagnostic::Fix::replace(
                    format!("write `{new}`"),
                    crate::diagnostic::Applicability::Maybe,
                    span,
                    new,
                )),
        );
        None
    }

    /// Reports what must be a constant and is not.
    pub(super) fn not_constant(&mut self, span: Span, what: &str) {
        self.report(
            Diagnostic::new(Code::E0222, span, format!("{what} must be constant"))
                .label("depends on the event or on the site"),
        );
    }

    /// Reports a constant that does not fit.
    pub(super) fn overflow(&mut self, span: Span, message: &str) {
        self.report(Diagnostic::new(Code::E0209, span, message).label("too large"));
    }
}
