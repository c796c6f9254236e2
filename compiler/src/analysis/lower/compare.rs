//! `==`, `!=`, `<` and the like, and how two operands come to one type.

use super::Lower;
use super::value::constant;
use crate::analysis::names::bare;
use crate::analysis::types;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Span};
use crate::ir::{CmpOp, Cond, CondKind, Expr, ExprKind, Type, Value};
use crate::syntax::ast::{self, BinaryOp};
use tagout_spec::fold::fold;

impl Lower<'_, '_> {
    /// `a == b` and its kin.
    pub(super) fn comparison(
        &mut self,
        e: &ast::Expr,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Option<Cond> {
        let (cmp, negated) = cmp_op(op)?;
        if let Some(done) = self.count_comparison(e.span, cmp, negated, left, right) {
            return done;
        }
        if self.compared_with_null(e, op, left, right) {
            return None;
        }
        let (left, right) = self.pair(left, right, None)?;
        let (left, right, fold) = self.unify(left, right, op_text(op))?;
        self.check_bounds(&left, &right)?;
        self.check_bounds(&right, &left)?;
        if left.ty == Type::Range {
            self.report(
                Diagnostic::new(Code::E0206, e.span, "ranges are not compared")
                    .label("two ranges")
                    .help("ask whether they share a number: `a overlaps b`"),
            );
            return None;
        }
        if cmp != CmpOp::Eq && !types::is_ordered(left.ty) {
            let what = self.describe(left.ty);
            self.report(
                Diagnostic::new(
                    Code::E0206,
                    e.span,
                    format!("`{}` needs an order, but this is {what}", op_text(op)),
                )
                .label(what),
            );
            return None;
        }
        let kind = CondKind::Cmp { op: cmp, left, right, fold };
        Some(self.negatable(kind, negated, e.span))
    }

    /// A leaf, or its negation when the operator was written negated: the
    /// setting `missing = false` holds for the leaf as written.
    pub(super) fn negatable(&self, kind: CondKind, negated: bool, span: Span) -> Cond {
        if !negated {
            return self.leaf(kind, span);
        }
        let inner = Cond { kind, span };
        self.leaf(CondKind::Not(Box::new(inner)), span)
    }

    /// Lowers two operands; the one whose type is plain goes first, and the
    /// other takes its type.
    pub(super) fn pair(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<Type>,
    ) -> Option<(Expr, Expr)> {
        if self.is_untyped(left) && !self.is_untyped(right) {
            let right = self.value(right, expected);
            let hint = right.as_ref().map(|e| e.ty).or(expected);
            let left = match right {
                Some(_) => self.value(left, hint),
                None => None,
            };
            return left.zip(right);
        }
        let first = self.value(left, expected);
        let hint = first.as_ref().map(|e| e.ty).or(expected);
        // A label beside something broken would be reported for no fault of its own.
        if first.is_none() && self.is_untyped(right) {
            return None;
        }
        let second = self.value(right, hint);
        first.zip(second)
    }

    /// Brings two operands to types that compare, and says whether they fold.
    pub(super) fn unify(
        &mut self,
        mut left: Expr,
        mut right: Expr,
        operator: &str,
    ) -> Option<(Expr, Expr, bool)> {
        adapt(&mut left, right.ty);
        adapt(&mut right, left.ty);
        let fold = types::folds(left.ty) || types::folds(right.ty);
        if left.ty == right.ty {
            return Some((left, right, fold));
        }
        match (left.ty, right.ty) {
            (Type::Float, Type::Int) => {
                Some((left, super::arith::to_float(right), false))
            }
            (Type::Int, Type::Float) => {
                Some((super::arith::to_float(left), right, false))
            }
            (a, b)
                if types::is_text(a)
                    && types::is_text(b)
                    && a != Type::Bytes
                    && b != Type::Bytes =>
            {
                Some((left, right, fold))
            }
            _ => {
                self.mismatch(&left, &right, operator);
                None
            }
        }
    }

    /// Reports two operands that do not go together.
    pub(super) fn mismatch(&mut self, left: &Expr, right: &Expr, operator: &str) {
        let (a, b) = (self.describe(left.ty), self.describe(right.ty));
        let mut diagnostic = Diagnostic::new(
            Code::E0206,
            left.span.to(right.span),
            format!("`{operator}` does not go with {a} and {b}"),
        )
        .label("these have different types")
        .secondary(left.span, a)
        .secondary(right.span, b);
        if let (Type::Duration, Type::Int) | (Type::Int, Type::Duration) =
            (left.ty, right.ty)
        {
            diagnostic = diagnostic.help("give the number a unit: `10s`, `500ms`");
        }
        if let (Type::Enum(_), Type::Text) | (Type::Text, Type::Enum(_)) =
            (left.ty, right.ty)
        {
            let text = if left.ty == Type::Text { left } else { right };
            let span = text.span;
            if let Some(label) =
                types::const_bytes(text).and_then(|b| std::str::from_utf8(b).ok())
                && self.is_label(
                    if left.ty == Type::Text { right.ty } else { left.ty },
                    label,
                )
            {
                diagnostic = diagnostic.fix(Fix::replace(
                    "labels stand without quotes",
                    Applicability::Machine,
                    span,
                    label,
                ));
            }
            diagnostic = diagnostic.help("a label stands without quotes");
        }
        self.report(diagnostic);
    }

    /// Whether an enumeration has a label.
    pub(super) fn is_label(&self, ty: Type, name: &str) -> bool {
        let Type::Enum(idx) = ty else { return false };
        let found = self.env.schema.enums.get(usize::from(idx.0));
        found.is_some_and(|e| e.labels.iter().any(|label| label.name == name))
    }

    /// `x == null`, which has a spelling of its own.
    fn compared_with_null(
        &mut self,
        e: &ast::Expr,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> bool {
        let is_null = |e: &ast::Expr| matches!(bare(e).kind, ast::ExprKind::Null);
        let other = match (is_null(left), is_null(right)) {
            (false, false) => return false,
            (true, _) => right,
            (_, true) => left,
        };
        let not = if op == BinaryOp::Ne { "not " } else { "" };
        let text = self.text(other.span);
        let mut diagnostic =
            Diagnostic::new(Code::E0206, e.span, "null is not a value that compares")
                .label("asks for a state");
        if matches!(op, BinaryOp::Eq | BinaryOp::Ne) {
            let new = format!("{text} is {not}null");
            diagnostic = diagnostic.fix(Fix::replace(
                format!("write `{new}`"),
                Applicability::Maybe,
                e.span,
                new,
            ));
        }
        self.report(diagnostic.note(
            "a field that is not there at all `is missing`, which is another thing",
        ));
        true
    }

    /// Reports a number that the field beside it cannot hold.
    pub(super) fn check_bounds(&mut self, value: &Expr, constant: &Expr) -> Option<()> {
        let Some(n) = types::const_int(constant) else { return Some(()) };
        if !matches!(constant.ty, Type::Int | Type::Enum(_)) {
            return Some(());
        }
        let Some((least, most)) = self.bounds_of(value) else { return Some(()) };
        if (least..=most).contains(&n) {
            return Some(());
        }
        let text = self.text(value.span);
        self.report(
            Diagnostic::new(
                Code::E0208,
                constant.span,
                format!("`{text}` cannot be {n}"),
            )
            .label(format!("not in {least}..{most}"))
            .secondary(value.span, format!("holds {least} to {most}")),
        );
        None
    }

    /// Least and greatest number of a field or element; `None` for the rest.
    pub(super) fn bounds_of(&self, value: &Expr) -> Option<(i64, i64)> {
        super::super::bounds::of_slot(self.env.schema, &self.scope, value)
    }
}

/// A constant beside another type becomes of that type where the language says
/// so: labels' numbers, whole floats, and texts beside what folds.
pub(in crate::analysis) fn adapt(value: &mut Expr, ty: Type) {
    let ExprKind::Const(constant) = &mut value.kind else { return };
    match (&mut *constant, value.ty, ty) {
        (Value::Int(_), Type::Int, Type::Enum(_)) => value.ty = ty,
        (Value::Int(n), Type::Int, Type::Float) => {
            *constant = Value::Float(super::arith::nearest(*n));
            value.ty = ty;
        }
        (Value::Bytes(bytes), Type::Text, Type::Name | Type::Path) => {
            *bytes = fold(bytes);
            value.ty = ty;
        }
        (Value::Bytes(_), Type::Text, Type::Bytes)
        | (Value::Bytes(_), Type::Name, Type::Path) => value.ty = ty,
        _ => {}
    }
}

/// A constant of a 64-bit number.
pub(super) fn int(n: i64, ty: Type, span: Span) -> Expr {
    constant(Value::Int(n), ty, span)
}

/// The comparison of an operator, and whether it is negated.
pub(super) fn cmp_op(op: BinaryOp) -> Option<(CmpOp, bool)> {
    Some(match op {
        BinaryOp::Eq => (CmpOp::Eq, false),
        BinaryOp::Ne => (CmpOp::Eq, true),
        BinaryOp::Lt => (CmpOp::Lt, false),
        BinaryOp::Le => (CmpOp::Le, false),
        BinaryOp::Gt => (CmpOp::Gt, false),
        BinaryOp::Ge => (CmpOp::Ge, false),
        _ => return None,
    })
}

/// An operator as written.
pub(super) fn op_text(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Else => "else",
        BinaryOp::Or => "or",
        BinaryOp::And => "and",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::In => "in",
        BinaryOp::NotIn => "not in",
        BinaryOp::Overlaps => "overlaps",
        BinaryOp::Glob => "glob",
        BinaryOp::Matches => "matches",
        BinaryOp::Coalesce => "??",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::BitAnd => "&",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
    }
}
