//! Identifiers of ATT&CK that are unknown or were renamed.

use crate::analysis::attack::{self, Found};
use crate::analysis::rule::Lowered;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Span, closest};

/// Checks the identifiers of each rule.
pub(super) fn check(rules: &[Lowered], diagnostics: &mut Vec<Diagnostic>) {
    for (listed, (written, span)) in rules
        .iter()
        .flat_map(|rule| rule.meta.attack.iter().map(|one| (&rule.meta.attack, one)))
    {
        let (domain, id) = attack::split(written);
        let inner = inner_span(written, id, *span);
        match attack::find(domain, id) {
            Found::Known => {}
            // Whoever lists both is found under either.
            Found::Renamed(new)
                if listed.iter().any(|(other, _)| attack::split(other).1 == new) => {}
            Found::Renamed(new) => {
                let message = format!("`{id}` is called `{new}` in newer versions");
                diagnostics.push(
                    Diagnostic::new(Code::W0509, *span, message)
                        .label("renamed")
                        .help(format!("list `{new}` as well, or instead"))
                        .note(attack::VERSION),
                );
            }
            Found::OtherDomain(other) => {
                let message = format!("`{id}` belongs to `{other}`");
                let mut diagnostic = Diagnostic::new(Code::W0508, *span, message)
                    .label("in another domain");
                if let Some(domain) = domain {
                    let fixed = written.replacen(domain, other, 1);
                    let text = match inner {
                        Some(_) => fixed,
                        None => format!("\"{fixed}\""),
                    };
                    diagnostic = diagnostic.fix(Fix::replace(
                        format!("write `{other}`"),
                        Applicability::Machine,
                        *span,
                        text,
                    ));
                }
                diagnostics.push(diagnostic);
            }
            Found::Unknown => {
                let message = format!("ATT&CK has no `{id}`");
                let mut diagnostic =
                    Diagnostic::new(Code::W0508, *span, message).note(attack::VERSION);
                diagnostic = match closest(id, attack::ids(domain)) {
                    Some(near) => diagnostic.label(format!("did you mean `{near}`?")),
                    None => diagnostic.label("unknown identifier"),
                };
                diagnostics.push(diagnostic);
            }
        }
    }
}

/// The place of the identifier if it is written as a path.
fn inner_span(written: &str, id: &str, span: Span) -> Option<Span> {
    let length = u32::try_from(written.len()).ok()?;
    let tail = u32::try_from(id.len()).ok()?;
    let is_path = span.end.checked_sub(span.start)? == length;
    is_path.then(|| Span { start: span.end.saturating_sub(tail), ..span })
}
