//! Expressions of the tree to typed expressions.
//!
//! ```text
//! ast::Expr --cond--> ir::Cond      where a truth is wanted
//!           --value-> ir::Expr      where a value is wanted, with the type that
//!                                   its place expects, so that a label or an
//!                                   integer literal becomes what it stands beside
//! ```
//!
//! Each file holds one family of operators. A function returns `None` when it
//! has reported an error, or found one that is reported elsewhere; siblings are
//! still looked at, so that one rule yields all its errors.
//!
//! Predicates are inlined: the body is lowered again in a scope that holds the
//! arguments. A count of nodes bounds what a tower of predicates can grow to.

mod address;
mod arith;
mod bool;
mod call;
mod compare;
mod literal;
mod named;
mod pattern;
mod plugin;
mod quant;
mod register;
mod sets;
mod text;
mod value;

pub(super) use address::mapped;
pub(super) use compare::adapt;
pub(super) use pattern::Patterns;
pub(super) use sets::{merge_ints, merge_ips, sort_values};

use super::env::Env;
use super::scope::Scope;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::{self, Cond, CondKind};

/// Most nodes that one rule may come to, predicates inlined.
const MAX_NODES: usize = 20_000;
/// Most conditions and values around one another, predicates inlined. A level
/// comes to at most two levels of the result, which has a limit of its own.
const MAX_DEPTH: usize = 120;
/// Most predicates that may be nested in one another.
const MAX_INLINE: usize = 32;

/// Lowers the expressions of one rule or predicate.
#[derive(Debug)]
pub(super) struct Lower<'a, 'p> {
    /// What the pack declares.
    pub(super) env: &'a Env<'a>,
    /// What names mean here.
    pub(super) scope: Scope<'a>,
    /// Regular expressions of the pack.
    pub(super) patterns: &'p mut Patterns,
    /// What was found wrong.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Whether something could not be lowered without a report here.
    pub(super) broken: bool,
    /// Whether bodies of predicates are skipped: the arguments alone count.
    pub(super) skip_bodies: bool,
    /// The comparison around this place, for fixes that rewrite it.
    pub(super) comparison: Option<Span>,
    nodes: usize,
    depth: usize,
}

impl<'a, 'p> Lower<'a, 'p> {
    /// A lowering in an empty scope.
    pub(super) fn new(env: &'a Env<'a>, patterns: &'p mut Patterns) -> Lower<'a, 'p> {
        Lower {
            env,
            scope: Scope::default(),
            patterns,
            diagnostics: Vec::new(),
            broken: false,
            skip_bodies: false,
            comparison: None,
            nodes: 0,
            depth: 0,
        }
    }

    /// Adds a diagnostic.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.broken = true;
        self.diagnostics.push(diagnostic);
    }

    /// The source text of a span; empty if there is none.
    pub(super) fn text(&self, span: Span) -> &'a str {
        self.env.sources.text(span).unwrap_or("")
    }

    /// Counts a node and goes one level down; `None` once the rule has become too
    /// large. [`rise`](Self::rise) comes back.
    fn spend(&mut self, span: Span) -> Option<()> {
        self.nodes += 1;
        if self.nodes == MAX_NODES {
            self.report(
                Diagnostic::new(Code::E0407, span, "the rule is too large")
                    .label("the limit is reached here")
                    .note(format!(
                        "a rule has at most {MAX_NODES} nodes, its predicates inlined"
                    )),
            );
        }
        if self.depth >= MAX_DEPTH {
            if self.nodes < MAX_NODES {
                // One report a rule: nothing deeper or behind it is looked at.
                self.nodes = MAX_NODES;
                self.report(
                    Diagnostic::new(Code::E0407, span, "the rule is nested too deep")
                        .label("the limit is reached here")
                        .note(format!(
                            "at most {MAX_DEPTH} levels, its predicates inlined"
                        )),
                );
            }
            return None;
        }
        (self.nodes < MAX_NODES).then(|| self.depth += 1)
    }

    /// Comes back from a level that [`spend`](Self::spend) went down to.
    fn rise(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// A comparison as written; false where it is unknown if the rule says so.
    fn leaf(&self, kind: CondKind, span: Span) -> Cond {
        let leaf = Cond { kind, span };
        if !self.scope.missing_is_false {
            return leaf;
        }
        let no = Cond { kind: CondKind::Const(false), span };
        Cond { kind: CondKind::Else(Box::new(leaf), Box::new(no)), span }
    }

    /// The description of a type for messages.
    fn describe(&self, ty: ir::Type) -> String {
        super::types::describe(self.env.schema, ty)
    }
}
