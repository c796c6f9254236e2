//! Lints: what is legal and probably not meant. One file each.
//!
//! Every lint takes linear time in the size of the pack. A lint's level is set
//! in `pack.toml`; a comment `# tagout: allow(W0503)` on the line above silences
//! it in one place.

mod domain;
mod levels;
mod literals;
mod presence;
mod rules;
mod satisfiable;
mod service;
mod shadow;
mod technique;
mod unused;

use tagout_spec::schema::Schema;

use super::env::Env;
use super::rule::Lowered;
use super::source::PackSource;
use crate::diagnostic::Diagnostic;
use crate::pack::PackInfo;
use crate::syntax::ast::{Item, Node};

/// What lints look at.
#[derive(Debug)]
pub(super) struct Context<'a> {
    /// Declarations and schema.
    pub(super) env: &'a Env<'a>,
    /// Items that parsed.
    pub(super) items: &'a [&'a Node<Item>],
    /// Whether every item did.
    pub(super) is_whole: bool,
    /// Levels of lints.
    pub(super) info: &'a PackInfo,
    /// The text of the files.
    pub(super) source: &'a PackSource,
}

/// Checks what a rule asks for; takes out rules that can never match.
pub(super) fn satisfiable(
    schema: &Schema,
    rules: &mut Vec<Lowered>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    rules.retain(|rule| {
        let Some(kind) = rule.kinds.first() else { return true };
        let (cond, span) = (&rule.predicate.cond, rule.plan.span);
        satisfiable::check(schema, *kind, cond, span, diagnostics)
    });
}

/// Runs every lint.
pub(super) fn run(
    cx: &Context<'_>,
    rules: &[Lowered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    literals::check(cx, diagnostics);
    presence::check(cx.env.schema, rules, diagnostics);
    rules::check(cx, rules, diagnostics);
    service::check(cx.env.schema, rules, diagnostics);
    shadow::check(rules, diagnostics);
    technique::check(rules, diagnostics);
    unused::check(cx, diagnostics);
    levels::apply(cx, diagnostics);
}
