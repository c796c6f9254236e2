//! The canonical layout of a file.
//!
//! ```text
//! text --parse--> tree + tokens --item, expr--> pieces --layout--> text
//! ```
//!
//! The tree says where lines may break; every word comes from the tokens, in
//! their order, by one cursor ([`Printer::token`]) that also takes the comments
//! between them. So nothing can be lost, and the result depends on nothing but
//! the tokens and, for each comment, whether it stands alone on its line: files
//! that differ in blanks only become the same text, and a formatted file stays
//! as it is. No token is added or taken away, not even a comma.
//!
//! Left out: options. There is one layout.

mod expr;
mod item;
mod layout;

use super::lexer;
use super::sink::Sink;
use super::token::{Token, TokenKind};
use super::{Parsed, parse};
use crate::diagnostic::{Diagnostic, FileId};
use layout::Piece;

/// The text of a file in canonical layout, or why the file cannot be read.
///
/// ```
/// use tagout_compiler::syntax::format;
///
/// let text = format("rule r{on modbus as m # any\nwhere m.unit==1}").unwrap();
/// assert_eq!(text, "rule r {\n    on modbus as m  # any\n    where m.unit == 1\n}\n");
/// ```
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(text, FileId(0));
    if !parsed.diagnostics.is_empty() {
        return Err(parsed.diagnostics);
    }
    let formatted = print(text, &parsed);
    // Should the printer ever disagree with the parser about the order of tokens,
    // the author's text is worth more than its layout.
    let mut sink = Sink::default();
    let tokens = lexer::lex(&formatted, FileId(0), &mut sink);
    let same = words(text, &parsed.tokens).eq(words(&formatted, &tokens));
    Ok(if same { formatted } else { text.to_owned() })
}

/// What a layout must keep: tokens and comments, without the blanks.
pub(super) fn words<'a>(
    text: &'a str,
    tokens: &'a [Token],
) -> impl Iterator<Item = (TokenKind, &'a str)> {
    let words = tokens.iter().filter(|token| token.kind != TokenKind::Blank);
    words.map(|token| (token.kind, token.text(text).trim_end()))
}

/// Lays a valid file out.
pub(super) fn print(text: &str, parsed: &Parsed) -> String {
    let mut printer = Printer {
        text,
        tokens: &parsed.tokens,
        at: 0,
        started: false,
        pieces: Vec::with_capacity(parsed.tokens.len()),
        trailing: None,
    };
    printer.file(&parsed.file);
    layout::layout(&printer.pieces)
}

/// Makes pieces of tokens.
struct Printer<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// The next token that has not gone out.
    at: usize,
    /// Whether a token has gone out.
    started: bool,
    pieces: Vec<Piece<'a>>,
    /// A comment at the end of the line of the last token. It waits, since the
    /// groups that end with that token do not break for it.
    trailing: Option<&'a str>,
}

impl<'a> Printer<'a> {
    /// The next token that is neither blank nor comment.
    fn peek(&self) -> Option<Token> {
        let rest = self.tokens.get(self.at..).unwrap_or(&[]);
        rest.iter().copied().find(|token| !token.kind.is_trivia())
    }

    /// Whether the next token is of this kind.
    fn is_next(&self, kind: TokenKind) -> bool {
        self.peek().is_some_and(|token| token.kind == kind)
    }

    /// Puts out the next token, with the comments before and behind it.
    fn token(&mut self) {
        self.comments();
        let Some(token) = self.tokens.get(self.at).copied() else { return };
        self.pieces.push(Piece::Text(token.text(self.text)));
        self.at += 1;
        self.started = true;
        self.find_trailing();
    }

    /// Puts out `n` tokens with blanks between them.
    fn spaced(&mut self, n: usize) {
        for n in 0..n {
            if n > 0 {
                self.space();
            }
            self.token();
        }
    }

    /// Puts out the tokens up to position `end` without blanks.
    fn tight(&mut self, end: u32) {
        let end = usize::try_from(end).unwrap_or(usize::MAX);
        while self.at < end && self.peek().is_some() {
            self.token();
        }
    }

    /// Puts out the comments before the next token. Call it before a group, so
    /// that the group does not break for them.
    fn comments(&mut self) {
        self.flush();
        while let Some(token) = self.tokens.get(self.at).filter(|t| t.kind.is_trivia()) {
            if token.kind == TokenKind::Comment {
                self.pieces.push(Piece::Alone(token.text(self.text).trim_end()));
            }
            self.at += 1;
        }
    }

    /// Whether comments stand before the next token.
    fn has_comments(&self) -> bool {
        let rest = self.tokens.get(self.at..).unwrap_or(&[]).iter();
        let mut trivia = rest.take_while(|token| token.kind.is_trivia());
        trivia.any(|token| token.kind == TokenKind::Comment)
    }

    /// Takes a comment on the line of the last token.
    fn find_trailing(&mut self) {
        for (n, token) in self.tokens.iter().enumerate().skip(self.at) {
            match token.kind {
                TokenKind::Blank if !token.text(self.text).contains('\n') => {}
                TokenKind::Comment => {
                    self.trailing = Some(token.text(self.text).trim_end());
                    self.at = n + 1;
                    return;
                }
                _ => return,
            }
        }
    }

    /// Puts out a comment that waits.
    fn flush(&mut self) {
        if let Some(comment) = self.trailing.take() {
            self.pieces.push(Piece::Trailing(comment));
        }
    }

    fn space(&mut self) {
        self.push(Piece::Text(" "));
    }

    /// Puts out a piece that is not a token. What only closes goes out before a
    /// comment that waits.
    fn push(&mut self, piece: Piece<'a>) {
        match piece {
            Piece::End | Piece::Dedent | Piece::Indent => {}
            Piece::Begin => self.comments(),
            _ => self.flush(),
        }
        self.pieces.push(piece);
    }
}
