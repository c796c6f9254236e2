//! Conditions: `and`, `or`, `not`, `else`, `is`, and boolean values.

use super::Lower;
use crate::analysis::names::{Name, bare};
use crate::analysis::{scope, types};
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Span};
use crate::ir::{Cond, CondKind, FieldRef, State, Type};
use crate::syntax::ast::{self, BinaryOp, ExprKind, IsState, Quant, UnaryOp};

impl<'a> Lower<'a, '_> {
    /// Lowers an expression where a truth is wanted.
    pub(in crate::analysis) fn cond(&mut self, e: &ast::Expr) -> Option<Cond> {
        self.spend(e.span)?;
        let is_leaf = match &e.kind {
            ExprKind::Binary(op, ..) => {
                !matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Else)
            }
            ExprKind::Text { .. } => true,
            _ => false,
        };
        let around = std::mem::replace(&mut self.comparison, is_leaf.then_some(e.span));
        let cond = self.cond_of(e);
        self.comparison = around;
        self.rise();
        cond
    }

    fn cond_of(&mut self, e: &ast::Expr) -> Option<Cond> {
        match &e.kind {
            ExprKind::Bool(b) => Some(Cond { kind: CondKind::Const(*b), span: e.span }),
            ExprKind::Paren(inner) => self.cond(inner),
            ExprKind::Unary(UnaryOp::Not, inner) => {
                let inner = self.cond(inner)?;
                Some(Cond { kind: CondKind::Not(Box::new(inner)), span: e.span })
            }
            ExprKind::Binary(op, left, right) => self.binary_cond(e, *op, left, right),
            ExprKind::Text { op, all, value, needles } => {
                self.text_test(e, *op, *all, value, needles)
            }
            ExprKind::Is { value, negated, state } => {
                self.state(e.span, value, *negated, *state)
            }
            ExprKind::Quant { quant: Quant::Count, .. } => {
                self.report(
                    Diagnostic::new(
                        Code::E0213,
                        e.span,
                        "`count` gives a number, but a condition is wanted here",
                    )
                    .label("a number")
                    .help("compare it: `count v in ... (...) >= 2`"),
                );
                None
            }
            ExprKind::Quant { quant, var, over, cond } => {
                self.quantifier(e.span, *quant == Quant::All, var, over, cond)
            }
            ExprKind::Call { name, args } => self.call_cond(e, name, args),
            ExprKind::Error => {
                self.broken = true;
                None
            }
            _ => self.truth(e),
        }
    }

    fn binary_cond(
        &mut self,
        e: &ast::Expr,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Option<Cond> {
        match op {
            BinaryOp::And | BinaryOp::Or => self.chain(e, op),
            BinaryOp::Else => {
                let left = self.cond(left);
                let right = self.cond(right);
                let kind = CondKind::Else(Box::new(left?), Box::new(right?));
                Some(Cond { kind, span: e.span })
            }
            BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Lt
            | BinaryOp::Le
            | BinaryOp::Gt
            | BinaryOp::Ge => self.comparison(e, op, left, right),
            BinaryOp::In => self.membership(e.span, false, left, right),
            BinaryOp::NotIn => self.membership(e.span, true, left, right),
            BinaryOp::Overlaps => self.overlaps(e.span, left, right),
            BinaryOp::Glob => self.glob(e.span, left, right),
            BinaryOp::Matches => self.matches(e.span, left, right),
            _ => self.truth(e),
        }
    }

    /// `a and b and c` as one node.
    fn chain(&mut self, e: &ast::Expr, op: BinaryOp) -> Option<Cond> {
        let mut parts = Vec::new();
        let mut todo = vec![e];
        while let Some(part) = todo.pop() {
            match &part.kind {
                ExprKind::Binary(other, left, right) if *other == op => {
                    todo.push(right);
                    todo.push(left);
                }
                _ => parts.push(part),
            }
        }
        let lowered: Vec<Option<Cond>> =
            parts.into_iter().map(|part| self.cond(part)).collect();
        let lowered: Vec<Cond> = lowered.into_iter().collect::<Option<_>>()?;
        let kind = if op == BinaryOp::And {
            CondKind::All(lowered)
        } else {
            CondKind::Any(lowered)
        };
        Some(Cond { kind, span: e.span })
    }

    /// A boolean value as a condition.
    pub(super) fn truth(&mut self, e: &ast::Expr) -> Option<Cond> {
        let value = self.value(e, Some(Type::Bool))?;
        if value.ty != Type::Bool {
            let what = self.describe(value.ty);
            let text = self.text(e.span);
            let mut diagnostic = Diagnostic::new(
                Code::E0213,
                e.span,
                format!("a condition is wanted here, but this is {what}"),
            )
            .label(what);
            if matches!(bare(e).kind, ExprKind::Path(_)) {
                diagnostic = diagnostic.help(format!(
                    "compare it, or ask `{text} is present` whether it is there"
                ));
            }
            self.report(diagnostic);
            return None;
        }
        Some(self.leaf(CondKind::Truth(value), e.span))
    }

    /// `x is missing`
    fn state(
        &mut self,
        span: Span,
        value: &ast::Expr,
        negated: bool,
        state: IsState,
    ) -> Option<Cond> {
        let at = self.field_ref(value)?;
        let state = match state {
            IsState::Missing => State::Missing,
            IsState::Null => State::Null,
            IsState::Present => State::Present,
        };
        let asked = Cond { kind: CondKind::State(at, state), span };
        if !negated {
            return Some(asked);
        }
        Some(Cond { kind: CondKind::Not(Box::new(asked)), span })
    }

    /// The field that an expression names, whose state can be asked for.
    fn field_ref(&mut self, e: &ast::Expr) -> Option<FieldRef> {
        if let ExprKind::Index(map, name) = &bare(e).kind
            && let Some(named) = self.map_name(map, name)
        {
            return named;
        }
        if let ExprKind::Path(path) = &bare(e).kind {
            match self.resolve(path, e.span)? {
                Name::Field(at, _) | Name::View(_, at, _) => return Some(at),
                Name::Prefix(prefix) => {
                    self.prefix_as_value(&prefix, e.span);
                    return None;
                }
                _ => {}
            }
        }
        self.report(
            Diagnostic::new(
                Code::E0213,
                e.span,
                "only a field can be missing, null or present",
            )
            .label("not a field"),
        );
        None
    }

    /// Reports `m.src` where a field is wanted.
    pub(super) fn prefix_as_value(&mut self, prefix: &str, span: Span) {
        let below: Vec<String> = self
            .scope
            .event()
            .map(|(_, ty)| {
                let rest = |path: &'a str| scope::below(path, prefix);
                ty.fields
                    .iter()
                    .filter_map(|f| rest(&f.path))
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default();
        let text = self.text(span).to_owned();
        let mut diagnostic = Diagnostic::new(
            Code::E0202,
            span,
            format!("`{text}` is not a field, but a group of fields"),
        )
        .label("name one of them");
        for rest in ["ip", "name"] {
            if below.iter().any(|path| path == rest) {
                diagnostic = diagnostic.fix(Fix::replace(
                    format!("write `{text}.{rest}`"),
                    Applicability::Maybe,
                    span,
                    format!("{text}.{rest}"),
                ));
            }
        }
        let some: Vec<String> = below.iter().take(8).map(|p| format!("`{p}`")).collect();
        self.report(diagnostic.note(format!("it has {}", some.join(", "))));
    }

    /// Whether a type is text and can be searched; reports if not.
    pub(super) fn wants_text(
        &mut self,
        ty: Type,
        span: Span,
        operator: &str,
    ) -> Option<()> {
        if types::is_text(ty) {
            return Some(());
        }
        let what = self.describe(ty);
        self.report(
            Diagnostic::new(
                Code::E0206,
                span,
                format!("`{operator}` searches texts, but this is {what}"),
            )
            .label(what),
        );
        None
    }
}
