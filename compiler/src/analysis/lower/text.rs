//! `contains`, `startswith`, `endswith`, `glob` and `matches`.

use super::Lower;
use super::compare::adapt;
use crate::analysis::names::bare;
use crate::analysis::types;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::{Cond, CondKind, Expr, ExprKind, TextOp, Type, Value};
use crate::syntax::ast::{self, StrStyle};
use tagout_spec::fold::fold;

impl Lower<'_, '_> {
    /// `a contains any { ... }` and its kin.
    pub(super) fn text_test(
        &mut self,
        e: &ast::Expr,
        op: ast::TextOp,
        all: bool,
        value: &ast::Expr,
        needles: &ast::Expr,
    ) -> Option<Cond> {
        let (op, name) = match op {
            ast::TextOp::Contains => (TextOp::Contains, "contains"),
            ast::TextOp::StartsWith => (TextOp::StartsWith, "startswith"),
            ast::TextOp::EndsWith => (TextOp::EndsWith, "endswith"),
        };
        let value = self.value(value, Some(Type::Text))?;
        self.wants_text(value.ty, value.span, name)?;
        let mut exact = Vec::new();
        let mut folded = Vec::new();
        let mut sound = true;
        for (item, fold_all) in elements(needles) {
            let Some((needle, fold_it)) = self.needle(item, fold_all, &value) else {
                sound = false;
                continue;
            };
            if fold_it {
                folded.push(needle);
            } else {
                exact.push(needle);
            }
        }
        if !sound {
            return None;
        }
        if exact.is_empty() && folded.is_empty() {
            self.empty_set(needles.span);
            return None;
        }
        let mut parts = Vec::new();
        for (fold, needles) in [(false, exact), (true, folded)] {
            if !needles.is_empty() {
                let value = value.clone();
                parts.push(CondKind::Text { op, value, needles, all, fold });
            }
        }
        Some(self.joined(parts, all, e.span))
    }

    /// Leaves that together are one test as written.
    pub(super) fn joined(&self, mut parts: Vec<CondKind>, all: bool, span: Span) -> Cond {
        if parts.len() == 1
            && let Some(one) = parts.pop()
        {
            return self.leaf(one, span);
        }
        let conds = parts.into_iter().map(|kind| Cond { kind, span }).collect();
        let kind = if all { CondKind::All(conds) } else { CondKind::Any(conds) };
        self.leaf(kind, span)
    }

    /// One text that is looked for, and whether it is looked for under folding.
    fn needle(
        &mut self,
        item: &ast::Expr,
        fold_all: bool,
        value: &Expr,
    ) -> Option<(Vec<u8>, bool)> {
        let mut needle = self.value(item, Some(value.ty))?;
        adapt(&mut needle, value.ty);
        let bytes = match (&needle.kind, types::is_text(needle.ty)) {
            (ExprKind::Const(Value::Bytes(bytes)), true) => bytes.clone(),
            (_, true) => {
                self.not_constant(item.span, "the texts that are looked for");
                return None;
            }
            (_, false) => {
                let what = self.describe(needle.ty);
                self.report(
                    Diagnostic::new(
                        Code::E0206,
                        item.span,
                        format!("a text is wanted here, but this is {what}"),
                    )
                    .label(what),
                );
                return None;
            }
        };
        if bytes.is_empty() {
            self.report(
                Diagnostic::new(
                    Code::E0226,
                    item.span,
                    "every text contains the empty text",
                )
                .label("empty")
                .help("ask `is present` whether the field is there"),
            );
            return None;
        }
        let folds = fold_all || types::folds(value.ty) || types::folds(needle.ty);
        if folds && value.ty == Type::Bytes {
            self.report(
                Diagnostic::new(Code::E0206, item.span, "bytes have no case to fold")
                    .label("asks for folding"),
            );
            return None;
        }
        Some((if folds { fold(&bytes) } else { bytes }, folds))
    }

    /// Reports a set without elements.
    pub(super) fn empty_set(&mut self, span: Span) {
        self.report(
            Diagnostic::new(Code::E0211, span, "the set is empty").label("nothing in it"),
        );
    }

    /// `a glob r"..."`
    pub(super) fn glob(
        &mut self,
        span: Span,
        value: &ast::Expr,
        patterns: &ast::Expr,
    ) -> Option<Cond> {
        self.pattern_test(span, value, patterns, true)
    }

    /// `a matches r"..."`
    pub(super) fn matches(
        &mut self,
        span: Span,
        value: &ast::Expr,
        patterns: &ast::Expr,
    ) -> Option<Cond> {
        self.pattern_test(span, value, patterns, false)
    }

    fn pattern_test(
        &mut self,
        span: Span,
        value: &ast::Expr,
        patterns: &ast::Expr,
        is_glob: bool,
    ) -> Option<Cond> {
        let operator = if is_glob { "glob" } else { "matches" };
        let value = self.value(value, Some(Type::Text))?;
        self.wants_text(value.ty, value.span, operator)?;
        let items = elements(patterns);
        if items.is_empty() {
            self.empty_set(patterns.span);
            return None;
        }
        let mut parts = Vec::new();
        let mut sound = true;
        for (item, fold_all) in items {
            self.spend(item.span)?;
            self.rise();
            let ast::ExprKind::Str(text) = &bare(item).kind else {
                self.report(
                    Diagnostic::new(
                        Code::E0222,
                        item.span,
                        format!("`{operator}` needs a pattern in quotes"),
                    )
                    .label("not a text literal"),
                );
                sound = false;
                continue;
            };
            let fold = fold_all || text.style == StrStyle::Fold || types::folds(value.ty);
            let place = bare(item).span;
            let made = if is_glob {
                self.patterns.glob(&text.value, fold, value.ty == Type::Path, place)
            } else {
                self.patterns.regex(&text.value, fold, place)
            };
            match made {
                Ok(n) => parts.push(CondKind::Matches(value.clone(), n)),
                Err(diagnostic) => {
                    self.report(*diagnostic);
                    sound = false;
                }
            }
        }
        sound.then(|| self.joined(parts, false, span))
    }
}

/// The elements of a set, or the one that stands for itself, and whether the
/// set folds.
fn elements(e: &ast::Expr) -> Vec<(&ast::Expr, bool)> {
    match &bare(e).kind {
        ast::ExprKind::Set { fold, items } => {
            items.iter().map(|item| (item, *fold)).collect()
        }
        _ => vec![(e, false)],
    }
}
