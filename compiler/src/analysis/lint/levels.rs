//! Levels of lints, and suppressions in comments.
//!
//! ```text
//! # tagout: allow(W0503, W0507)
//! param unused: int = 3
//! ```
//!
//! silences the named lints for what starts on the next line that is not a
//! comment. A suppression that silences nothing is itself reported.

use std::collections::BTreeMap;

use super::Context;
use crate::analysis::source::file_id;
use crate::diagnostic::{Code, Diagnostic, FileId, Severity, Span};
use crate::pack::Level;

/// A comment that allows lints.
#[derive(Debug)]
struct Allowed {
    code: Code,
    span: Span,
    used: bool,
}

/// Applies levels of the pack and suppressions of the files.
pub(super) fn apply(cx: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // By file and by the place where the line that is meant starts.
    let mut allowed: BTreeMap<(FileId, u32), Vec<Allowed>> = BTreeMap::new();
    let mut new = Vec::new();
    for (position, (_, text)) in cx.source.files.iter().enumerate() {
        comments(file_id(position), text, &mut allowed, &mut new);
    }
    diagnostics.append(&mut new);
    diagnostics.retain(|d| !is_allowed(cx, &mut allowed, d));
    if cx.is_whole {
        for one in allowed.into_values().flatten().filter(|one| !one.used) {
            let message = format!("`{}` is allowed here, but does not occur", one.code);
            diagnostics.push(
                Diagnostic::new(Code::W0515, one.span, message).label("without effect"),
            );
        }
    }
    diagnostics.retain_mut(|d| match cx.info.lints.get(&d.code) {
        Some(Level::Allow) => false,
        Some(Level::Deny) => {
            d.severity = Severity::Error;
            true
        }
        Some(Level::Warn) | None => true,
    });
}

fn is_allowed(
    cx: &Context<'_>,
    allowed: &mut BTreeMap<(FileId, u32), Vec<Allowed>>,
    d: &Diagnostic,
) -> bool {
    if d.severity == Severity::Error {
        return false;
    }
    let Some(span) = d.span() else { return false };
    let Some(source) = cx.env.sources.get(span.file) else { return false };
    let line = source.line(source.position(span.start).line);
    let Some((start, _)) = line else { return false };
    let here = allowed.get_mut(&(span.file, start));
    let found = here.into_iter().flatten().find(|one| one.code == d.code);
    found.is_some_and(|one| {
        one.used = true;
        true
    })
}

/// Finds the suppressions of a file.
fn comments(
    file: FileId,
    text: &str,
    allowed: &mut BTreeMap<(FileId, u32), Vec<Allowed>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut waiting: Vec<Allowed> = Vec::new();
    let mut at = 0u32;
    for line in text.split_inclusive('\n') {
        let start = at;
        at = at.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
        let trimmed = line.trim_start();
        let indent = u32::try_from(line.len() - trimmed.len()).unwrap_or(0);
        let Some(comment) = trimmed.strip_prefix('#') else {
            if !trimmed.is_empty() && !waiting.is_empty() {
                allowed.entry((file, start)).or_default().append(&mut waiting);
            }
            continue;
        };
        let codes = comment
            .trim()
            .strip_prefix("tagout:")
            .and_then(|rest| rest.trim().strip_prefix("allow("))
            .and_then(|rest| rest.split_once(')'));
        let Some((codes, _)) = codes else { continue };
        let end = start.saturating_add(u32::try_from(line.trim_end().len()).unwrap_or(0));
        let span = Span::new(file, start.saturating_add(indent), end);
        for code in codes.split(',').map(str::trim) {
            match Code::from_id(code).filter(|code| code.id().starts_with('W')) {
                Some(code) => waiting.push(Allowed { code, span, used: false }),
                None => diagnostics.push(
                    Diagnostic::new(
                        Code::W0516,
                        span,
                        format!("there is no lint `{code}`"),
                    )
                    .label("unknown lint"),
                ),
            }
        }
    }
}
