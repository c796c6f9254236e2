//! `in`, `not in` and `overlaps`.
//!
//! What stands to the right of `in` is gathered into one set of each sort, so
//! that later phases see ranges merged and texts sorted:
//!
//! ```text
//! { 1, 3..5, 4..9 }                  ints   [1,1] [3,9]
//! { 10.0.0.1, 10.1.0.0/16, hosts }   ips    two ranges; and the set `hosts`
//! ```

use std::collections::BTreeSet;

use super::Lower;
use super::address::mapped;
use super::compare::adapt;
use crate::analysis::names::{Name, bare, single_name};
use crate::analysis::types;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Span};
use crate::ir::{CmpOp, Cond, CondKind, Expr, ExprKind, Type, Value};
use crate::syntax::ast;
use tagout_spec::fold::fold;

/// What the elements of a set came to.
#[derive(Debug, Default)]
struct Gathered {
    ints: Vec<(i64, i64)>,
    ips: Vec<(u128, u128)>,
    exact: BTreeSet<Vec<u8>>,
    folded: BTreeSet<Vec<u8>>,
    values: Vec<Value>,
    others: Vec<CondKind>,
}

impl Lower<'_, '_> {
    /// `a in { ... }`
    pub(super) fn membership(
        &mut self,
        span: Span,
        negated: bool,
        value: &ast::Expr,
        set: &ast::Expr,
    ) -> Option<Cond> {
        if super::quant::is_count(value) {
            self.report(
                Diagnostic::new(
                    Code::E0213,
                    value.span,
                    "a count is compared, not looked up",
                )
                .label("a count")
                .help("write `>=` and the like"),
            );
            return None;
        }
        let hint = self.element_hint(set);
        let value = self.value(value, hint)?;
        let (items, fold_all): (Vec<&ast::Expr>, bool) = match &bare(set).kind {
            ast::ExprKind::Set { fold, items } => (items.iter().collect(), *fold),
            ast::ExprKind::Range(..) | ast::ExprKind::Net(..) => (vec![bare(set)], false),
            ast::ExprKind::Path(_) => {
                let test = self.named_set(&value, set)?;
                return Some(self.negatable(test, negated, span));
            }
            _ => {
                self.not_a_set(set, &value);
                return None;
            }
        };
        if items.is_empty() {
            self.empty_set(set.span);
            return None;
        }
        if matches!(value.ty, Type::Bool | Type::Range) {
            let what = self.describe(value.ty);
            self.report(
                Diagnostic::new(
                    Code::E0206,
                    value.span,
                    format!("`in` does not go with {what}"),
                )
                .label(what),
            );
            return None;
        }
        let mut gathered = Gathered::default();
        let mut sound = true;
        for item in items {
            sound &= self.element(&value, item, fold_all, &mut gathered).is_some();
        }
        if !sound {
            return None;
        }
        let mut parts = gathered.tests(&value);
        let test = match parts.pop() {
            Some(one) if parts.is_empty() => one,
            Some(last) => {
                parts.push(last);
                let cond = |kind| Cond { kind, span };
                CondKind::Any(parts.into_iter().map(cond).collect())
            }
            None => return None,
        };
        Some(self.negatable(test, negated, span))
    }

    /// The type that a literal to the left of a named set takes.
    fn element_hint(&self, set: &ast::Expr) -> Option<Type> {
        match self.env.value(&single_name(set)?.kind)? {
            Name::Param(n) => self.env.param_decl(n)?.ty,
            Name::Data(n) => self.env.data_decl(n)?.ty.map(|(key, _)| key),
            _ => None,
        }
    }

    /// Membership in a set parameter or a table.
    fn named_set(&mut self, value: &Expr, set: &ast::Expr) -> Option<CondKind> {
        let ast::ExprKind::Path(path) = &bare(set).kind else { return None };
        match self.resolve(path, set.span)? {
            Name::Param(n) => {
                let decl = self.env.param_decl(n)?;
                let (ty, is_set) = (decl.ty, decl.is_set);
                let Some(ty) = ty else {
                    self.broken = true;
                    return None;
                };
                if !is_set {
                    self.not_a_set(set, value);
                    return None;
                }
                let key = self.key_of(value.clone(), ty, value.span)?;
                Some(CondKind::InParam(key, n))
            }
            Name::Data(n) => {
                let Some((ty, _)) = self.env.data_decl(n)?.ty else {
                    self.broken = true;
                    return None;
                };
                let key = self.key_of(value.clone(), ty, value.span)?;
                Some(CondKind::InData(key, n))
            }
            Name::Field(_, field) if crate::analysis::scope::is_repeated(field) => {
                let text = self.text(value.span).to_owned();
                self.repeated_in(set.span, &text);
                None
            }
            _ => {
                self.not_a_set(set, value);
                None
            }
        }
    }

    fn repeated_in(&mut self, set: Span, value: &str) {
        let over = self.text(set).to_owned();
        self.report(
            Diagnostic::new(
                Code::E0212,
                set,
                format!("`{over}` is repeated; `in` does not look into it"),
            )
            .label("a repeated field")
            .help(format!("write `any v in {over} (v == {value})`")),
        );
    }

    /// Reports what is not a set to the right of `in`.
    fn not_a_set(&mut self, set: &ast::Expr, value: &Expr) {
        let text = self.text(set.span).to_owned();
        let mut diagnostic =
            Diagnostic::new(Code::E0213, set.span, "`in` needs a set to its right")
                .label("not a set");
        if let ast::ExprKind::List(items) = &bare(set).kind {
            let inner = text.trim_start_matches('[').trim_end_matches(']');
            if items.iter().all(|(label, _)| label.is_none()) {
                let new = format!("{{{inner}}}");
                diagnostic = diagnostic.fix(Fix::replace(
                    "sets stand in braces",
                    Applicability::Machine,
                    set.span,
                    new,
                ));
            }
        } else if !matches!(bare(set).kind, ast::ExprKind::Record(_)) {
            let _ = value;
            let new = format!("{{ {text} }}");
            diagnostic = diagnostic.fix(Fix::replace(
                format!("a set of one: `{new}`"),
                Applicability::Maybe,
                set.span,
                new,
            ));
        }
        self.report(diagnostic);
    }

    /// Puts one element of a set where it belongs.
    fn element(
        &mut self,
        value: &Expr,
        item: &ast::Expr,
        fold_all: bool,
        into: &mut Gathered,
    ) -> Option<()> {
        match &bare(item).kind {
            ast::ExprKind::Net(ip, length) => {
                let range = self.net(*ip, *length, item.span)?;
                self.wants(value, Type::Ip, item.span)?;
                into.ips.push(range);
                return Some(());
            }
            ast::ExprKind::Range(first, last) => {
                return self.range_element(value, item, first, last, into);
            }
            _ => {}
        }
        if let Some(name) = single_name(item)
            && self.scope.var(&name.kind).is_none()
            && let Some(Name::Param(_) | Name::Data(_)) = self.env.value(&name.kind)
            && !self.is_scalar_param(&name.kind)
        {
            into.others.push(self.named_set(value, item)?);
            return Some(());
        }
        let mut element = self.value(item, Some(value.ty))?;
        adapt(&mut element, value.ty);
        let whole = Expr { span: item.span, ..element };
        let (left, right, folds) = self.unify(value.clone(), whole, "in")?;
        self.check_bounds(&left, &right)?;
        let ExprKind::Const(constant) = &right.kind else {
            into.others.push(CondKind::Cmp { op: CmpOp::Eq, fold: folds, left, right });
            return Some(());
        };
        match constant {
            Value::Int(n) => into.ints.push((*n, *n)),
            Value::Ip(ip) => {
                let n = u128::from_be_bytes(*ip);
                into.ips.push((n, n));
            }
            Value::Bytes(bytes) if (folds || fold_all) && left.ty != Type::Bytes => {
                into.folded.insert(fold(bytes));
            }
            Value::Bytes(bytes) => {
                into.exact.insert(bytes.clone());
            }
            other => into.values.push(other.clone()),
        }
        Some(())
    }

    fn is_scalar_param(&self, name: &str) -> bool {
        match self.env.value(name) {
            Some(Name::Param(n)) => self.env.param_decl(n).is_some_and(|d| !d.is_set),
            _ => false,
        }
    }

    /// `a..b` in a set.
    fn range_element(
        &mut self,
        value: &Expr,
        item: &ast::Expr,
        first: &ast::Expr,
        last: &ast::Expr,
        into: &mut Gathered,
    ) -> Option<()> {
        let ty = match value.ty {
            Type::Enum(_) => Type::Int,
            ty => ty,
        };
        if let (ast::ExprKind::Ip(a), ast::ExprKind::Ip(b)) =
            (&bare(first).kind, &bare(last).kind)
        {
            let low = u128::from_be_bytes(mapped(*a));
            let high = u128::from_be_bytes(mapped(*b));
            self.in_order(low <= high, first.span, last.span, item.span)?;
            self.wants(value, Type::Ip, item.span)?;
            into.ips.push((low, high));
            return Some(());
        }
        match ty {
            Type::Int | Type::Duration | Type::Time => {
                let low = self.const_end(first, ty);
                let high = self.const_end(last, ty);
                let (low, high) = low.zip(high)?;
                self.check_bounds(value, &low)?;
                self.check_bounds(value, &high)?;
                let ends = types::const_int(&low).zip(types::const_int(&high))?;
                self.in_order(ends.0 <= ends.1, first.span, last.span, item.span)?;
                into.ints.push(ends);
                Some(())
            }
            Type::Float => {
                let low = self.const_end(first, ty)?;
                let high = self.const_end(last, ty)?;
                if let (
                    ExprKind::Const(Value::Float(a)),
                    ExprKind::Const(Value::Float(b)),
                ) = (&low.kind, &high.kind)
                {
                    self.in_order(a <= b, first.span, last.span, item.span)?;
                }
                let half = |op, end| {
                    let left = value.clone();
                    let kind = CondKind::Cmp { op, left, right: end, fold: false };
                    Cond { kind, span: item.span }
                };
                let ends = vec![half(CmpOp::Ge, low), half(CmpOp::Le, high)];
                into.others.push(CondKind::All(ends));
                Some(())
            }
            _ => {
                self.wants(value, Type::Int, item.span)?;
                None
            }
        }
    }

    /// Reports an element that is of another type than the value.
    fn wants(&mut self, value: &Expr, element: Type, span: Span) -> Option<()> {
        if value.ty == element {
            return Some(());
        }
        let (a, b) = (self.describe(value.ty), self.describe(element));
        let plural = if element == Type::Ip { "addresses" } else { "numbers" };
        self.report(
            Diagnostic::new(Code::E0206, span, format!("{a} is never among {plural}"))
                .label(format!("needs {b}"))
                .secondary(value.span, a),
        );
        None
    }

    /// `a overlaps 9..98`
    pub(super) fn overlaps(
        &mut self,
        span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Option<Cond> {
        let value = self.range_operand(left);
        let items: Vec<&ast::Expr> = match &bare(right).kind {
            ast::ExprKind::Set { items, .. } => items.iter().collect(),
            _ => vec![right],
        };
        if items.is_empty() {
            self.empty_set(right.span);
            return None;
        }
        let others: Vec<Option<Expr>> =
            items.into_iter().map(|item| self.range_operand(item)).collect();
        let value = value?;
        let mut parts = Vec::new();
        for other in others {
            parts.push(CondKind::Overlaps(value.clone(), other?));
        }
        Some(self.joined(parts, false, span))
    }

    /// A range, or an error that says what is one.
    fn range_operand(&mut self, e: &ast::Expr) -> Option<Expr> {
        let value = self.value(e, Some(Type::Range))?;
        if value.ty == Type::Range {
            return Some(value);
        }
        let what = self.describe(value.ty);
        let text = self.text(e.span).to_owned();
        let mut diagnostic = Diagnostic::new(
            Code::E0206,
            e.span,
            format!("`overlaps` compares ranges, but this is {what}"),
        )
        .label(what);
        if types::const_int(&value).is_some() {
            diagnostic = diagnostic.fix(Fix::replace(
                format!("a range of one: `{text}..{text}`"),
                Applicability::Machine,
                e.span,
                format!("{text}..{text}"),
            ));
        } else {
            diagnostic = diagnostic.help("a single number is in a range: `x in 9..98`");
        }
        self.report(diagnostic);
        None
    }
}

impl Gathered {
    /// One test for each sort of element.
    fn tests(self, value: &Expr) -> Vec<CondKind> {
        let mut tests = Vec::new();
        if !self.ints.is_empty() {
            tests.push(CondKind::InInts(value.clone(), merge_ints(self.ints)));
        }
        if !self.ips.is_empty() {
            let bytes = |(a, b): (u128, u128)| (a.to_be_bytes(), b.to_be_bytes());
            let ranges = merge_ips(self.ips).into_iter().map(bytes).collect();
            tests.push(CondKind::InIps(value.clone(), ranges));
        }
        for (texts, fold) in [(self.exact, false), (self.folded, true)] {
            if !texts.is_empty() {
                let texts = texts.into_iter().collect();
                tests.push(CondKind::InTexts { value: value.clone(), texts, fold });
            }
        }
        if !self.values.is_empty() {
            tests.push(CondKind::InValues(value.clone(), sort_values(self.values)));
        }
        tests.extend(self.others);
        tests
    }
}

/// Sorted, disjoint and not adjacent.
pub(in crate::analysis) fn merge_ints(mut ranges: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    ranges.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match merged.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => merged.push((low, high)),
        }
    }
    merged
}

/// Sorted, disjoint and not adjacent.
pub(in crate::analysis) fn merge_ips(mut ranges: Vec<(u128, u128)>) -> Vec<(u128, u128)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match merged.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => merged.push((low, high)),
        }
    }
    merged
}

/// Floats or macs, ascending and unique.
pub(in crate::analysis) fn sort_values(mut values: Vec<Value>) -> Vec<Value> {
    // One zero stands for both.
    for value in &mut values {
        if let Value::Float(f) = value
            && *f == 0.0
        {
            *f = 0.0;
        }
    }
    values.sort_by(|a, b| match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::Mac(a), Value::Mac(b)) => a.cmp(b),
        _ => std::cmp::Ordering::Equal,
    });
    values.dedup();
    values
}
