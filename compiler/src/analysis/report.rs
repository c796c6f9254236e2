//! Shapes of diagnostics that several checks share.

use crate::diagnostic::{Applicability, Diagnostic, Fix, Span};

/// The diagnostic with "did you mean" and the fix that renames.
pub(super) fn rename(diagnostic: Diagnostic, span: Span, near: &str) -> Diagnostic {
    diagnostic.label(format!("did you mean `{near}`?")).fix(Fix::replace(
        format!("write `{near}`"),
        Applicability::Machine,
        span,
        near,
    ))
}

/// Names as a sentence lists them: "`a`, `b` and `c`".
pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(|n| format!("`{n}`")).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
