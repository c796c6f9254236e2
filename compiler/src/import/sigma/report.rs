//! The report: what became of every document, and why.

use std::fmt::{self, Write as _};

use serde::Serialize;

/// What became of the documents of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// One for each document, in the order of the inputs.
    pub entries: Vec<Entry>,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Path of its file, as given.
    pub path: String,
    /// Title; empty if it has none.
    pub title: String,
    /// Identifier, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is a rule of the pack.
    Imported {
        /// Name of the rule.
        rule: String,
        /// Path of its file in the pack.
        file: String,
    },
    /// It is a filter, and rules of the pack have its exceptions.
    Applied {
        /// How many rules.
        rules: usize,
    },
    /// It is not part of the pack.
    Refused {
        /// Why, in words that belong to many.
        class: Class,
        /// Why, with the particulars.
        reason: String,
    },
}

/// Why a document is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// It is no YAML, or no rule.
    Form,
    /// Correlations follow with the language's sequences.
    Correlation,
    /// No source of ours gives such events.
    LogSource,
    /// The language cannot say it.
    Language,
    /// The rule of ours has an error.
    Compiler,
    /// A rule with its identifier is imported already.
    Duplicate,
    /// A filter that no rule of the import is meant by.
    Unused,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Class::Form => "not a rule of Sigma 2",
            Class::Correlation => {
                "correlations, which follow with the language's sequences"
            }
            Class::LogSource => "no source of events",
            Class::Language => "not sayable in the language",
            Class::Compiler => "error in the rule that came out",
            Class::Duplicate => "identifier that another rule has",
            Class::Unused => "filters for rules that are not there",
        })
    }
}

impl Report {
    /// How many documents became rules.
    #[must_use]
    pub fn imported(&self) -> usize {
        let is_rule = |entry: &&Entry| matches!(entry.outcome, Outcome::Imported { .. });
        self.entries.iter().filter(is_rule).count()
    }

    /// How many documents were refused.
    #[must_use]
    pub fn refused(&self) -> usize {
        let is_refused =
            |entry: &&Entry| matches!(entry.outcome, Outcome::Refused { .. });
        self.entries.iter().filter(is_refused).count()
    }

    /// For people: what was refused and why, then what came of the whole.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for entry in &self.entries {
            // Writing to a String cannot fail.
            let _ = match &entry.outcome {
                Outcome::Imported { rule, file } => {
                    writeln!(out, "{}: imported as `{rule}` in {file}", entry.path)
                }
                Outcome::Applied { rules } => {
                    writeln!(out, "{}: filter of {rules} rules", entry.path)
                }
                Outcome::Refused { reason, .. } => {
                    writeln!(out, "{}: not imported: {reason}", entry.path)
                }
            };
        }
        let _ = write!(out, "{} imported, {} refused", self.imported(), self.refused());
        for (class, n) in self.classes() {
            let _ = write!(out, "\n  {n} {class}");
        }
        out.push('\n');
        out
    }

    /// How many documents were refused for what.
    fn classes(&self) -> Vec<(Class, usize)> {
        let mut classes = std::collections::BTreeMap::new();
        for entry in &self.entries {
            if let Outcome::Refused { class, .. } = &entry.outcome {
                *classes.entry(*class).or_insert(0) += 1;
            }
        }
        classes.into_iter().collect()
    }
}
