//! Text to tree and back.
//!
//! ```text
//! text --lexer--> tokens --parser--> ast::File
//!                    \                  |
//!                     +---- format -----+----> the same tokens, laid out
//! ```
//!
//! [`parse`] never fails and never stops at the first mistake: it returns every
//! token of the file, the tree of what could be understood, and a diagnostic for
//! everything else. A mistake in one rule costs that rule, never its neighbour.
//! Time and memory grow with the length of the file and with nothing else; the
//! limits below are part of the language (`spec/language.md`).
//!
//! Left out: names and types, which are the analysis' business.

pub mod ast;
mod format;
mod lexer;
mod literal;
mod parser;
mod sink;
mod token;

pub use format::format;
pub use token::{Token, TokenKind};

use sink::Sink;

use crate::diagnostic::{Code, Diagnostic, FileId, Span};

/// Larger files are refused.
pub const MAX_BYTES: usize = 16 << 20;
/// Files with more tokens, blanks and comments included, are refused.
pub const MAX_TOKENS: usize = 1 << 23;
/// Brackets deeper than this are refused.
pub const MAX_NESTING: u8 = 64;

/// Whether a word is never a name.
pub(crate) fn is_reserved(word: &str) -> bool {
    parser::RESERVED.contains(&word)
}

/// What [`parse`] makes of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// Every token in order; together they are the file.
    pub tokens: Vec<Token>,
    /// The tree of what could be understood.
    pub file: ast::File,
    /// What could not, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file: its tokens, its tree, and what is wrong with it.
///
/// ```
/// use tagout_compiler::diagnostic::FileId;
/// use tagout_compiler::syntax::parse;
///
/// let parsed = parse("rule r { on modbus as m where m.unit == 1 }", FileId(0));
/// assert!(parsed.diagnostics.is_empty());
/// assert_eq!(parsed.file.items.len(), 1);
/// ```
pub fn parse(text: &str, file: FileId) -> Parsed {
    let mut sink = Sink::default();
    let tokens = lexer::lex(text, file, &mut sink);
    let refused = sink.is_fatal();
    let read = if refused { &[] } else { tokens.as_slice() };
    let (tree, sink) = parser::file(text, file, read, sink);
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    Parsed { tokens, file: tree, diagnostics: sink.finish(file, end) }
}

/// Reads the expression that a span of a file holds, such as the one between the
/// braces of a title. `None` if it cannot be understood.
pub fn parse_expr(text: &str, span: Span) -> (Option<ast::Expr>, Vec<Diagnostic>) {
    let place = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let slice = text.get(place(span.start)..place(span.end)).unwrap_or("");
    let mut lexed = Sink::default();
    let mut tokens = lexer::lex(slice, span.file, &mut lexed);
    for token in &mut tokens {
        token.start = token.start.saturating_add(span.start);
        token.end = token.end.saturating_add(span.start);
    }
    let mut sink = Sink::default();
    for mut diagnostic in lexed.finish(span.file, 0) {
        diagnostic.fixes.clear();
        for label in &mut diagnostic.labels {
            label.span.start = label.span.start.saturating_add(span.start);
            label.span.end = label.span.end.saturating_add(span.start);
        }
        sink.push(diagnostic);
    }
    let (expr, sink) = parser::expression(text, span.file, &tokens, sink);
    (expr, sink.finish(span.file, span.end))
}

/// The text of a file as read from a disk, or why it is not one.
///
/// Call this before [`parse`] on bytes that come from outside.
pub fn text_of(bytes: &[u8], file: FileId) -> Result<&str, Box<Diagnostic>> {
    if bytes.len() > MAX_BYTES {
        return Err(Box::new(lexer::too_large(Span::new(file, 0, 0))));
    }
    std::str::from_utf8(bytes).map_err(|e| {
        let start = u32::try_from(e.valid_up_to()).unwrap_or(u32::MAX);
        let at = Span::new(file, start, start);
        let message = format!("byte {start} is not UTF-8");
        let help = "save the file as UTF-8";
        Box::new(Diagnostic::new(Code::E0102, at, message).help(help))
    })
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "tests cut between tokens")]
mod properties;
#[cfg(test)]
mod tests;
