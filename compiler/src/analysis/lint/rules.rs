//! What each rule should have: an identifier, a severity, tests of both sorts,
//! and something by which events find it.

use std::collections::BTreeMap;

use tagout_spec::pack::manifest::Expectation;

use super::Context;
use crate::analysis::rule::Lowered;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Span};
use crate::ir::{CmpOp, Cond, CondKind, Expr, ExprKind};
use crate::syntax::ast::{Item, Section};

/// Checks each rule by itself.
pub(super) fn check(
    cx: &Context<'_>,
    rules: &[Lowered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    tests_without_expectations(cx, diagnostics);
    identifiers(rules, diagnostics);
    for rule in rules {
        let (name, span) = (&rule.name.kind, rule.name.span);
        for (key, known) in &rule.meta.unusual {
            let message = format!("`{}` has no meaning in `meta`", key.kind);
            diagnostics.push(
                Diagnostic::new(Code::W0518, key.span, message)
                    .label(format!("did you mean `{known}`?"))
                    .fix(Fix::replace(
                        format!("write `{known}`"),
                        Applicability::Maybe,
                        key.span,
                        *known,
                    )),
            );
        }
        let missing = match (&rule.meta.id, rule.meta.severity, rule.has_severity) {
            (None, None, false) => Some("id and no severity"),
            (None, ..) => Some("id"),
            (_, None, false) => Some("severity"),
            _ => None,
        };
        if let Some(missing) = missing {
            let message = format!("`{name}` has no {missing}");
            diagnostics.push(
                Diagnostic::new(Code::W0512, span, message)
                    .label("stated in `meta`")
                    .note(
                        "without them it is called by its name and is of medium severity",
                    ),
            );
        }
        sorts_of_tests(rule, diagnostics);
        if !is_indexable(&rule.predicate.cond, 0) {
            diagnostics.push(
                Diagnostic::new(
                    Code::W0507,
                    span,
                    format!("`{name}` is evaluated for every event of its kind"),
                )
                .label("nothing in it can be looked up")
                .help("compare a field with a constant, a set or a text of four bytes or more"),
            );
        }
    }
}

/// Tests that expect nothing show nothing.
fn tests_without_expectations(cx: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for item in cx.items {
        let Item::Rule(rule) = &item.kind else { continue };
        for section in &rule.sections {
            if let Section::Test(test) = &section.kind
                && test.expects.is_empty()
            {
                diagnostics.push(
                    Diagnostic::new(
                        Code::W0510,
                        test.name.span,
                        "the test expects nothing in particular",
                    )
                    .label("without `expect`")
                    .help(
                        "write `expect match`, `expect none` or `expect indeterminate`",
                    ),
                );
            }
        }
    }
}

/// A rule needs a test that matches and one that does not.
fn sorts_of_tests(rule: &Lowered, diagnostics: &mut Vec<Diagnostic>) {
    let expects = |wanted: fn(&Expectation) -> bool| {
        rule.tests.iter().any(|test| test.expect.iter().any(wanted))
    };
    let hit = expects(|e| matches!(e, Expectation::Match));
    let miss = expects(|e| !matches!(e, Expectation::Match));
    let lacks = match (hit, miss) {
        (true, true) => return,
        (false, false) => "no tests",
        (false, true) => "no test in which it matches",
        (true, false) => "no test in which it does not match",
    };
    let message = format!("`{}` has {lacks}", rule.name.kind);
    diagnostics.push(
        Diagnostic::new(Code::W0511, rule.name.span, message)
            .label("a rule shows a hit and a near miss"),
    );
}

/// Identifiers name one rule each.
fn identifiers(rules: &[Lowered], diagnostics: &mut Vec<Diagnostic>) {
    let mut ids: BTreeMap<&str, Span> = BTreeMap::new();
    let mut sids: BTreeMap<i64, Span> = BTreeMap::new();
    let mut twice = |what: String, span: Span, first: Span| {
        diagnostics.push(
            Diagnostic::new(Code::E0408, span, format!("{what} is used twice"))
                .label("again here")
                .secondary(first, "first here"),
        );
    };
    for rule in rules {
        if let Some((id, span)) = &rule.meta.id
            && let Some(first) = ids.insert(id, *span)
        {
            twice(format!("the identifier `{id}`"), *span, first);
        }
        if let Some((sid, span)) = rule.meta.sid
            && let Some(first) = sids.insert(sid, span)
        {
            twice(format!("the number `sid = {sid}`"), span, first);
        }
    }
}

/// Whether an index can find the rule: some condition that must hold compares a
/// field with something constant.
fn is_indexable(cond: &Cond, depth: usize) -> bool {
    if depth > 16 {
        return false;
    }
    match &cond.kind {
        CondKind::All(parts) => parts.iter().any(|part| is_indexable(part, depth + 1)),
        CondKind::Any(parts) => {
            !parts.is_empty() && parts.iter().all(|part| is_indexable(part, depth + 1))
        }
        CondKind::Else(inner, default) => {
            matches!(default.kind, CondKind::Const(false))
                && is_indexable(inner, depth + 1)
        }
        CondKind::Cmp { op, left, right, .. } => {
            *op == CmpOp::Eq && (is_field(left) || is_field(right))
                || (is_field(left) && is_const(right))
                || (is_const(left) && is_field(right))
        }
        CondKind::InInts(e, _) | CondKind::InIps(e, _) | CondKind::InParam(e, _) => {
            is_field(e)
        }
        CondKind::InTexts { value, .. } => is_field(value),
        CondKind::InData(e, _) | CondKind::InValues(e, _) => is_field(e),
        CondKind::Overlaps(a, b) => {
            is_field(a) && is_const(b) || is_const(a) && is_field(b)
        }
        CondKind::Text { value, needles, all, .. } => {
            let long = |needle: &Vec<u8>| needle.len() >= 4;
            is_field(value)
                && if *all { needles.iter().any(long) } else { needles.iter().all(long) }
        }
        _ => false,
    }
}

fn is_field(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Field(_) => true,
        ExprKind::PathView(_, inner) => is_field(inner),
        _ => false,
    }
}

fn is_const(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Const(_))
}
