//! Lints: what is legal and probably not meant. One file each.
//!
//! Every lint takes linear time in the size of the pack. A lint's level is set
//! in `pack.toml`; a comment `# tagout: allow(W0503)` on the line above silences
//! it in one place.

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

/// Runs every lint.
pub(super) fn run(
    cx: &Context<'_>,
    rules: &[Lowered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let _ = (cx, rules, diagnostics);
}

/// Applies levels and suppressions.
pub(super) fn levels(cx: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let _ = (cx, diagnostics);
}
