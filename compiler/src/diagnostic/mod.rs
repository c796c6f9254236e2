//! Diagnostics: what the compiler tells a rule author.
//!
//! A diagnostic is data. Phases return `(T, Vec<Diagnostic>)` and go on; nothing
//! is printed here. Its code is declared once, in [`codes`], with its severity
//! and title; `spec/errors/CODE.md` explains it. Renderers (text, JSON, SARIF)
//! are projections of the same data.

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

/// A file of one compilation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);
