//! Diagnostics: what the compiler tells a rule author.
//!
//! A diagnostic is data. Phases return `(T, Vec<Diagnostic>)` and go on; nothing
//! is printed here. Its code is declared once, in [`codes`], with its severity
//! and title; `spec/errors/CODE.md` explains it. Renderers (text, JSON, SARIF)
//! are projections of the same data.
//!
//! ```text
//! phase --> Diagnostic { code, message, labels, help, notes, fixes }
//!                |
//!             finish      sorts by place, drops what is said twice
//!                |
//!       render::{text, json, sarif}        apply_fixes
//! ```
//!
//! Messages are lowercase without a full stop and quote input in backticks. The
//! primary label says what is wrong *there*, help says what to write instead,
//! a note gives a fact. A fix is `Machine` only if the result means what the
//! author meant without a doubt.
//!
//! Left out: translations, and a way to change a severity by configuration
//! (whoever reads `pack.toml` sets [`Diagnostic::severity`]).

pub mod codes;
mod fix;
pub mod render;
mod sources;
mod suggest;

pub use codes::Code;
pub use fix::{Applied, apply_fixes};
pub use sources::{Position, Source, Sources};
pub use suggest::closest;

/// Bytes of a file, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Which file of the compilation.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Bytes `start..end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end }
    }

    /// The span from the start of `self` to the end of `last`, of one file.
    pub fn to(self, last: Span) -> Span {
        Span { file: self.file, start: self.start, end: last.end.max(self.start) }
    }

    /// The empty span before this one: where something is to be inserted.
    pub fn before(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The empty span behind this one.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }
}

/// A file of one compilation: its position in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// One thing that the compiler has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The declared kind of the problem.
    pub code: Code,
    /// How bad it is; the code's own severity unless a lint setting changed it.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// Places in the source; the first primary one is where the problem stands.
    pub labels: Vec<Label>,
    /// What the author may do.
    pub help: Vec<String>,
    /// Facts that explain the problem.
    pub notes: Vec<String>,
    /// Edits that mend it, best first; each stands for itself.
    pub fixes: Vec<Fix>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// No pack is made.
    Error,
    /// A pack is made; the author should look.
    Warning,
    /// Only information.
    Note,
}

/// A place in the source with a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What to say about it; may be empty.
    pub text: String,
    /// Whether the problem is here or only explained here.
    pub role: Role,
}

/// What a label is to its diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The problem itself.
    Primary,
    /// Something that explains it.
    Secondary,
}

/// A set of edits that mends a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the edits do: "replace `&&` by `and`".
    pub message: String,
    /// Whether a machine may make them unasked.
    pub applicability: Applicability,
    /// The edits, not overlapping.
    pub edits: Vec<Edit>,
}

/// Whether a fix may be made without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// The result is what the author meant.
    Machine,
    /// The result compiles, but a person must judge it.
    Maybe,
}

/// Replaces the bytes of a span.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What goes; empty to insert.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

impl Diagnostic {
    /// A diagnostic with a primary label of no text at `span`.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            labels: vec![Label { span, text: String::new(), role: Role::Primary }],
            ..Diagnostic::unplaced(code, message)
        }
    }

    /// A diagnostic that has no place in a source, such as a missing file.
    pub fn unplaced(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity(),
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// The same with a text at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        if let Some(label) = self.labels.iter_mut().find(|l| l.role == Role::Primary) {
            label.text = text.into();
        }
        self
    }

    /// The same with one more primary place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into(), role: Role::Primary });
        self
    }

    /// The same with a place that explains the problem.
    #[must_use]
    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into(), role: Role::Secondary });
        self
    }

    /// The same with a proposal.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(text.into());
        self
    }

    /// The same with a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    /// The same with a fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Diagnostic {
        self.fixes.push(fix);
        self
    }

    /// Where the problem stands: the first primary label.
    pub fn span(&self) -> Option<Span> {
        let primary = |l: &&Label| l.role == Role::Primary;
        self.labels.iter().find(primary).or(self.labels.first()).map(|l| l.span)
    }
}

impl Fix {
    /// A fix with one edit.
    pub fn replace(
        message: impl Into<String>,
        applicability: Applicability,
        span: Span,
        text: impl Into<String>,
    ) -> Fix {
        let edits = vec![Edit { span, text: text.into() }];
        Fix { message: message.into(), applicability, edits }
    }
}

impl Severity {
    /// The word that renderers print.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// Brings diagnostics into the order in which they are shown, each once.
///
/// The order is by file and place, so that output does not depend on the order
/// of phases; what has no place comes first. Two diagnostics are the same if
/// they say the same at the same place.
pub fn finish(diagnostics: &mut Vec<Diagnostic>) {
    fn key(d: &Diagnostic) -> (Option<Span>, Severity, Code, &str) {
        (d.span(), d.severity, d.code, &d.message)
    }
    diagnostics.sort_by(|a, b| key(a).cmp(&key(b)));
    diagnostics.dedup_by(|a, b| key(a) == key(b));
}

/// Whether any of them forbids making a pack.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finish_sorts_by_place_and_drops_doubles() {
        let at = |start, message: &str| {
            Diagnostic::new(Code::E0112, Span::new(FileId(0), start, start + 1), message)
        };
        let mut all = vec![at(9, "b"), at(3, "a"), at(9, "b"), at(9, "a")];
        all.push(Diagnostic::unplaced(Code::E0103, "too large"));
        finish(&mut all);
        let told: Vec<_> = all.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(told, ["too large", "a", "a", "b"]);
    }
}
