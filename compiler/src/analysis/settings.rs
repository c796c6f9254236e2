//! `missing` and `on_unknown`: of a pack, of a file, of a rule; the inner one wins.

use super::names::single_name;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::OnUnknown;
use crate::syntax::ast::{Entry, ExprKind};

/// The settings of a place.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    /// Whether a comparison that is unknown is false.
    pub(super) missing_is_false: bool,
    /// What an indeterminate verdict does; by severity if nobody says.
    pub(super) on_unknown: Option<OnUnknown>,
    has_missing: bool,
}

impl Settings {
    /// Reads a setting; its name, and whether it was given before.
    pub(super) fn read(
        &mut self,
        entry: &Entry,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(&'static str, bool)> {
        let value = single_name(&entry.value).map(|name| name.kind.as_str());
        let is_false = matches!(entry.value.kind, ExprKind::Bool(false));
        match (entry.key.kind.as_str(), value) {
            ("missing", _) if is_false => {
                Some(("missing", self.set_missing("false").unwrap_or(false)))
            }
            ("missing", Some(word)) if word == "unknown" => {
                Some(("missing", self.set_missing(word).unwrap_or(false)))
            }
            ("on_unknown", Some(word @ ("count" | "alert"))) => {
                Some(("on_unknown", self.set_on_unknown(word).unwrap_or(false)))
            }
            (key, _) => {
                let known = if key == "missing" {
                    "`missing` is `false` or `unknown`"
                } else {
                    "`on_unknown` is `count` or `alert`"
                };
                diagnostics.push(
                    Diagnostic::new(Code::E0225, entry.value.span, known)
                        .label("neither of them"),
                );
                None
            }
        }
    }

    /// Sets `missing`; whether it was set before.
    pub(crate) fn set_missing(&mut self, word: &str) -> Option<bool> {
        self.missing_is_false = match word {
            "false" => true,
            "unknown" => false,
            _ => return None,
        };
        Some(std::mem::replace(&mut self.has_missing, true))
    }

    /// Sets `on_unknown`; whether it was set before.
    pub(crate) fn set_on_unknown(&mut self, word: &str) -> Option<bool> {
        let new = match word {
            "count" => OnUnknown::Count,
            "alert" => OnUnknown::Alert,
            _ => return None,
        };
        Some(self.on_unknown.replace(new).is_some())
    }

    /// Takes over what an inner place says.
    pub(super) fn refine(&mut self, inner: &Settings) {
        if inner.has_missing {
            self.missing_is_false = inner.missing_is_false;
            self.has_missing = true;
        }
        self.on_unknown = inner.on_unknown.or(self.on_unknown);
    }
}
