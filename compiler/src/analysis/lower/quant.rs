//! `any`, `all` and `count` over lists and groups.

use tagout_spec::schema::Field;

use super::Lower;
use crate::analysis::env;
use crate::analysis::names::{Name, bare};
use crate::analysis::scope::{Var, VarKind, is_repeated};
use crate::analysis::types::const_int;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::{CmpOp, Cond, CondKind, FieldRef, Type};
use crate::syntax::ast::{self, Ident, Quant};

impl<'a> Lower<'a, '_> {
    /// `any v in m.items (...)`
    pub(super) fn quantifier(
        &mut self,
        span: Span,
        all: bool,
        var: &Ident,
        over: &ast::Expr,
        cond: &ast::Expr,
    ) -> Option<Cond> {
        let (group, cond) = self.elements(span, var, over, cond)?;
        Some(self.leaf(CondKind::Quant { all, group, cond: Box::new(cond) }, span))
    }

    /// `count v in m.items (...) >= 2`, either way round; `None` if neither side
    /// is a count.
    pub(super) fn count_comparison(
        &mut self,
        span: Span,
        op: CmpOp,
        negated: bool,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Option<Option<Cond>> {
        let (count, other, op) = if is_count(left) {
            (left, right, op)
        } else if is_count(right) {
            (right, left, flipped(op))
        } else {
            return None;
        };
        let ast::ExprKind::Quant { var, over, cond, .. } = &bare(count).kind else {
            return None;
        };
        let elements = self.elements(count.span, var, over, cond);
        let than = if is_count(other) {
            self.not_constant(other.span, "what a count is compared with");
            None
        } else {
            self.value(other, Some(Type::Int))
        };
        let Some((than, (group, cond))) = than.zip(elements) else { return Some(None) };
        let Some(n) = const_int(&than).filter(|_| than.ty == Type::Int) else {
            if than.ty == Type::Int {
                self.not_constant(other.span, "what a count is compared with");
            } else {
                let what = self.describe(than.ty);
                self.report(
                    Diagnostic::new(
                        Code::E0206,
                        span,
                        format!("a count is an integer, but this is {what}"),
                    )
                    .label("compared with a count"),
                );
            }
            return Some(None);
        };
        if n < 0 {
            self.report(
                Diagnostic::new(
                    Code::E0208,
                    other.span,
                    format!("a count cannot be {n}"),
                )
                .label("less than zero"),
            );
            return Some(None);
        }
        let kind = CondKind::Count { group, cond: Box::new(cond), op, than: n };
        Some(Some(self.negatable(kind, negated, span)))
    }

    /// The repeated field and the condition on its elements.
    fn elements(
        &mut self,
        span: Span,
        var: &Ident,
        over: &ast::Expr,
        cond: &ast::Expr,
    ) -> Option<(FieldRef, Cond)> {
        if self.scope.in_quantifier() {
            self.report(
                Diagnostic::new(Code::E0217, span, "a quantifier stands inside another")
                    .label("inner quantifier")
                    .note("a rule's cost is bounded by one pass over a group"),
            );
            return None;
        }
        let (at, field) = self.repeated(over)?;
        let FieldRef::Event(idx) = at else { return None };
        if let Some(VarKind::Event(_)) = self.scope.var(&var.kind).map(|var| &var.what) {
            self.report(env::twice(&var.kind, var.span, None));
            return None;
        }
        let what = VarKind::Element(idx, field);
        self.scope.vars.push(Var { name: var.kind.clone(), what });
        let cond = self.cond(cond);
        self.scope.vars.pop();
        Some((at, cond?))
    }

    /// The repeated field that an expression names.
    pub(super) fn repeated(&mut self, e: &ast::Expr) -> Option<(FieldRef, &'a Field)> {
        if let ast::ExprKind::Path(path) = &bare(e).kind {
            match self.resolve(path, e.span)? {
                Name::Field(at, field) if is_repeated(field) => return Some((at, field)),
                _ => {}
            }
        }
        self.report(
            Diagnostic::new(Code::E0213, e.span, "only a repeated field has elements")
                .label("not a list or a group"),
        );
        None
    }
}

/// Whether an expression is a count.
pub(super) fn is_count(e: &ast::Expr) -> bool {
    matches!(bare(e).kind, ast::ExprKind::Quant { quant: Quant::Count, .. })
}

/// The comparison with its sides changed.
fn flipped(op: CmpOp) -> CmpOp {
    match op {
        CmpOp::Eq => CmpOp::Eq,
        CmpOp::Lt => CmpOp::Gt,
        CmpOp::Le => CmpOp::Ge,
        CmpOp::Gt => CmpOp::Lt,
        CmpOp::Ge => CmpOp::Le,
    }
}
