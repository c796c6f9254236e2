//! Conditions: types of operands, order of sets, folding of needles.

use super::expr::holds;
use super::{Checker, ascending};
use crate::diagnostic::Span;
use crate::ir::{CmpOp, Cond, CondKind, Expr, FieldRef, Type, Value, children, limits};

impl Checker<'_> {
    /// Checks a condition.
    pub(super) fn cond(&mut self, cond: &Cond, depth: usize) {
        if !self.enter(depth, cond.span) {
            return;
        }
        let depth = depth.saturating_add(1);
        let span = cond.span;
        let is_right = match &cond.kind {
            CondKind::Const(_) => true,
            CondKind::All(_)
            | CondKind::Any(_)
            | CondKind::Not(_)
            | CondKind::Else(..) => {
                for child in children(cond) {
                    self.cond(child, depth);
                }
                true
            }
            CondKind::Truth(value) => self.expr(value, depth) == Type::Bool,
            CondKind::Cmp { op, left, right, fold } => {
                self.comparison(*op, left, right, *fold, depth)
            }
            CondKind::InInts(value, ranges) => {
                self.size(ranges.len(), span);
                let is_sorted = ranges.iter().all(|(first, last)| first <= last)
                    && ranges.is_sorted_by(|(_, last), (first, _)| {
                        last.checked_add(1).is_some_and(|next| next < *first)
                    });
                self.expr(value, depth).is_integer() && is_sorted
            }
            CondKind::InIps(value, ranges) => {
                self.size(ranges.len(), span);
                let is_sorted = ranges.iter().all(|(first, last)| first <= last)
                    && ranges.is_sorted_by(|(_, last), (first, _)| last < first);
                self.expr(value, depth) == Type::Ip && is_sorted
            }
            CondKind::InTexts { value, texts, fold } => {
                self.size(texts.len(), span);
                self.texts(value, texts, *fold, depth) && ascending(texts)
            }
            CondKind::InValues(value, values) => {
                self.size(values.len(), span);
                let ty = self.expr(value, depth);
                let is_right = values.iter().all(|one| ty.admits(one));
                matches!(ty, Type::Float | Type::Mac)
                    && is_right
                    && ascending_values(values)
            }
            CondKind::InParam(value, number) => {
                let ty = self.expr(value, depth);
                let position = usize::try_from(*number).ok();
                let param = position.and_then(|at| self.program.params.get(at));
                param.is_some_and(|param| param.set_max.is_some() && holds(param.ty, ty))
            }
            CondKind::InData(value, number) => {
                let ty = self.expr(value, depth);
                let position = usize::try_from(*number).ok();
                let table = position.and_then(|at| self.program.data.get(at));
                table.is_some_and(|table| holds(table.key, ty))
            }
            CondKind::Overlaps(left, right) => {
                let left = self.expr(left, depth);
                let right = self.expr(right, depth);
                left == Type::Range && right == Type::Range
            }
            CondKind::Text { value, needles, fold, .. } => {
                self.size(needles.len(), span);
                let is_some = !needles.is_empty();
                let is_some = is_some && needles.iter().all(|needle| !needle.is_empty());
                self.texts(value, needles, *fold, depth) && is_some
            }
            CondKind::Matches(value, number) => {
                let ty = self.expr(value, depth);
                let position = usize::try_from(*number).ok();
                let pattern = position.and_then(|at| self.program.patterns.get(at));
                pattern.is_some_and(|pattern| {
                    ty.is_text() || (ty == Type::Bytes && !pattern.fold)
                })
            }
            CondKind::State(field, _) => self.field(*field, span).is_some(),
            CondKind::Quant { group, cond, .. } | CondKind::Count { group, cond, .. } => {
                self.quantifier(*group, cond, span, depth)
            }
        };
        if !is_right {
            self.fault(Some(span), format!("ill-formed {}", name(&cond.kind)));
        }
    }

    fn comparison(
        &mut self,
        op: CmpOp,
        left: &Expr,
        right: &Expr,
        fold: bool,
        depth: usize,
    ) -> bool {
        let left_ty = self.expr(left, depth);
        let right_ty = self.expr(right, depth);
        if fold {
            self.folded(left);
            self.folded(right);
            return op == CmpOp::Eq && left_ty.is_text() && right_ty.is_text();
        }
        let is_comparable = match op {
            CmpOp::Eq => left_ty != Type::Range && !left_ty.folds(),
            CmpOp::Lt | CmpOp::Le | CmpOp::Gt | CmpOp::Ge => left_ty.is_ordered(),
        };
        left_ty == right_ty && is_comparable
    }

    /// Texts that a value is compared with.
    fn texts(
        &mut self,
        value: &Expr,
        texts: &[Vec<u8>],
        fold: bool,
        depth: usize,
    ) -> bool {
        let ty = self.expr(value, depth);
        for text in texts {
            if text.len() > limits::TEXT {
                self.fault(Some(value.span), "a constant text is too long".to_owned());
            }
            if fold {
                self.is_folded(text, value.span);
            }
        }
        if fold {
            self.folded(value);
        }
        match fold {
            true => ty.is_text(),
            false => matches!(ty, Type::Text | Type::Bytes),
        }
    }

    fn quantifier(
        &mut self,
        group: FieldRef,
        cond: &Cond,
        span: Span,
        depth: usize,
    ) -> bool {
        let field = self.field(group, span);
        let is_repeated = field.is_some_and(|field| field.items.is_some());
        let FieldRef::Event(group) = group else { return false };
        if self.element.is_some() {
            self.fault(Some(span), "a quantifier in a quantifier".to_owned());
            return true;
        }
        self.element = Some(group);
        self.cond(cond, depth);
        self.element = None;
        is_repeated
    }

    fn size(&mut self, len: usize, span: Span) {
        if len > limits::SET {
            self.fault(Some(span), format!("a set of more than {}", limits::SET));
        }
    }
}

/// Whether floats or macs are ascending; no other values are.
fn ascending_values(values: &[Value]) -> bool {
    values.is_sorted_by(|left, right| match (left, right) {
        (Value::Float(left), Value::Float(right)) => left < right,
        (Value::Mac(left), Value::Mac(right)) => left < right,
        _ => false,
    })
}

fn name(kind: &CondKind) -> &'static str {
    match kind {
        CondKind::Const(_) => "constant",
        CondKind::All(_) => "`all`",
        CondKind::Any(_) => "`any`",
        CondKind::Not(_) => "`not`",
        CondKind::Else(..) => "`else`",
        CondKind::Truth(_) => "truth of a value",
        CondKind::Cmp { .. } => "comparison",
        CondKind::InInts(..) => "set of integers",
        CondKind::InIps(..) => "set of addresses",
        CondKind::InTexts { .. } => "set of texts",
        CondKind::InValues(..) => "set of values",
        CondKind::InParam(..) => "use of a set parameter",
        CondKind::InData(..) => "use of a table",
        CondKind::Overlaps(..) => "overlap",
        CondKind::Text { .. } => "text test",
        CondKind::Matches(..) => "match",
        CondKind::State(..) => "state",
        CondKind::Quant { .. } => "quantifier",
        CondKind::Count { .. } => "count",
    }
}
