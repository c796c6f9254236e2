//! Where the phases of parsing put diagnostics: bounded, and in order at the end.

use crate::diagnostic::{Code, Diagnostic, FileId, Span, finish};

/// More diagnostics than this are counted, not kept.
pub(super) const MAX_DIAGNOSTICS: usize = 1_000;

/// Diagnostics of one file.
#[derive(Debug, Default)]
pub(super) struct Sink {
    kept: Vec<Diagnostic>,
    n_dropped: usize,
}

impl Sink {
    /// Keeps a diagnostic, or counts it when there are too many.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        if self.kept.len() < MAX_DIAGNOSTICS {
            self.kept.push(diagnostic);
        } else {
            self.n_dropped += 1;
        }
    }

    /// Whether a limit was passed, so that the tokens are not the whole file.
    pub(super) fn is_fatal(&self) -> bool {
        self.kept.iter().any(|d| matches!(d.code, Code::E0103 | Code::E0104))
    }

    /// All of them in the order of the file, the count of the rest last.
    pub(super) fn finish(mut self, file: FileId, end: u32) -> Vec<Diagnostic> {
        finish(&mut self.kept);
        if self.n_dropped > 0 {
            let message = format!("and {} more errors in this file", self.n_dropped);
            let rest = Diagnostic::new(Code::E0118, Span::new(file, end, end), message);
            self.kept.push(rest.help("mend the first ones, then check again"));
        }
        self.kept
    }
}
