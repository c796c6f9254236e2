//! What productions read, return and fail with, and the smallest productions.

use std::cell::RefCell;
use std::iter::{Copied, Enumerate};
use std::slice::Iter;

use nom::combinator::cut;
use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Needed, Parser};

use crate::diagnostic::{Code, Diagnostic, FileId, Span};
use crate::syntax::MAX_NESTING;
use crate::syntax::ast::{Ident, Node};
use crate::syntax::literal::clip;
use crate::syntax::sink::Sink;
use crate::syntax::token::{Token, TokenKind};

/// What a production returns.
pub(super) type Parsed<'a, T> = IResult<Tokens<'a>, T, Problem>;

/// What all productions of a file share.
pub(super) struct Context<'a> {
    pub(super) text: &'a str,
    pub(super) file: FileId,
    /// Every token.
    pub(super) tokens: &'a [Token],
    /// Positions in `tokens` of those that are neither blank nor comment.
    pub(super) significant: &'a [u32],
    pub(super) sink: &'a RefCell<Sink>,
}

/// Significant tokens still to be read, up to the end of a window.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'a> {
    pub(super) cx: &'a Context<'a>,
    /// Position in `cx.significant` of the next token.
    pub(super) at: usize,
    /// End of the window.
    pub(super) end: usize,
    /// Brackets around this place.
    depth: u8,
}

/// Why a production does not apply.
#[derive(Debug)]
pub(super) struct Problem {
    /// Position in `cx.significant` where it stands.
    pub(super) at: usize,
    /// What was expected there, or everything there is to say.
    kind: Why,
}

#[derive(Debug)]
enum Why {
    Expected(&'static str),
    /// A name was expected.
    Name(&'static str),
    Told(Box<Diagnostic>),
}

impl<'a> Tokens<'a> {
    /// All significant tokens of a file.
    pub(super) fn all(cx: &'a Context<'a>) -> Tokens<'a> {
        Tokens { cx, at: 0, end: cx.significant.len(), depth: 0 }
    }

    /// The same place with another window, given by positions.
    pub(super) fn window(self, at: usize, end: usize) -> Tokens<'a> {
        Tokens { at, end, ..self }
    }

    /// Behind the next token.
    pub(super) fn next(self) -> Tokens<'a> {
        Tokens { at: self.end.min(self.at + 1), ..self }
    }

    /// Whether the window is used up.
    pub(super) fn is_end(self) -> bool {
        self.at >= self.end
    }

    fn token_at(self, at: usize) -> Option<Token> {
        let token = usize::try_from(*self.cx.significant.get(at)?).ok()?;
        self.cx.tokens.get(token).copied()
    }

    /// The token `n` places ahead, within the window.
    pub(super) fn peek(self, n: usize) -> Option<Token> {
        let at = self.at.checked_add(n).filter(|at| *at < self.end)?;
        self.token_at(at)
    }

    /// The kind of the token `n` places ahead.
    pub(super) fn kind(self, n: usize) -> Option<TokenKind> {
        self.peek(n).map(|token| token.kind)
    }

    /// Whether the next token is of this kind.
    pub(super) fn is(self, kind: TokenKind) -> bool {
        self.kind(0) == Some(kind)
    }

    /// The word `n` places ahead, if it is one.
    pub(super) fn word(self, n: usize) -> Option<&'a str> {
        let token = self.peek(n).filter(|token| token.kind == TokenKind::Word)?;
        Some(token.text(self.cx.text))
    }

    /// Whether the next token is this word.
    pub(super) fn is_word(self, text: &str) -> bool {
        self.word(0) == Some(text)
    }

    /// The token before this place, whether in the window or not.
    pub(super) fn previous(self) -> Option<Token> {
        self.token_at(self.at.checked_sub(1)?)
    }

    /// The next token's text; empty at the end.
    pub(super) fn text(self) -> &'a str {
        self.peek(0).map_or("", |token| token.text(self.cx.text))
    }

    /// Where the next token stands; at the end, behind the last one.
    pub(super) fn span(self) -> Span {
        let file = self.cx.file;
        match (self.peek(0), self.previous()) {
            (Some(token), _) => Span::new(file, token.start, token.end),
            (None, Some(last)) => Span::new(file, last.end, last.end),
            (None, None) => Span::new(file, 0, 0),
        }
    }

    /// A node over the tokens from this place to `rest`.
    pub(super) fn node<T>(self, rest: Tokens<'_>, kind: T) -> Node<T> {
        let idx = |at: usize| self.cx.significant.get(at).copied();
        let first = idx(self.at).unwrap_or(0);
        let last = rest.at.checked_sub(1).and_then(idx).unwrap_or(first);
        let end = rest.previous().map_or(0, |token| token.end);
        let start = self.span().start;
        let span = Span::new(self.cx.file, start, end.max(start));
        Node { kind, span, tokens: (first, (last + 1).max(first)) }
    }

    /// Keeps a diagnostic that does not stop the production.
    pub(super) fn tell(self, diagnostic: Diagnostic) {
        self.cx.sink.borrow_mut().push(diagnostic);
    }

    /// Keeps the diagnostic of a problem and returns where it stands.
    ///
    /// Where the lexer has already said that there is no token, nothing is added.
    pub(super) fn report(self, problem: nom::Err<Problem>) -> usize {
        let (nom::Err::Error(problem) | nom::Err::Failure(problem)) = problem else {
            return self.at;
        };
        let place = Tokens { at: problem.at.min(self.end), ..self };
        match problem.kind {
            Why::Told(diagnostic) => self.tell(*diagnostic),
            Why::Expected(_) | Why::Name(_) if place.is(TokenKind::Error) => {}
            Why::Expected(what) => self.tell(place.unexpected(what)),
            Why::Name(what) => match place.word(0) {
                Some(word) => {
                    let note = format!("`{word}` is a reserved word");
                    self.tell(place.unexpected(what).note(note));
                }
                None => self.tell(place.unexpected(what)),
            },
        }
        place.at
    }

    /// The diagnostic where something else was expected.
    fn unexpected(self, what: &str) -> Diagnostic {
        let message = format!("expected {what}, found {}", self.found());
        let diagnostic = Diagnostic::new(Code::E0112, self.span(), message);
        diagnostic.label(format!("expected {what}"))
    }

    /// The next token in the words of a message.
    pub(super) fn found(self) -> String {
        match self.peek(0) {
            Some(token) => format!("`{}`", clip(token.text(self.cx.text))),
            None if self.end < self.cx.significant.len() => {
                "the end of the declaration".to_owned()
            }
            None => "the end of the file".to_owned(),
        }
    }
}

/// The failure of a production that expected something here.
pub(super) fn expected(i: Tokens<'_>, what: &'static str) -> nom::Err<Problem> {
    nom::Err::Error(Problem { at: i.at, kind: Why::Expected(what) })
}

/// The same where no other production is to be tried.
pub(super) fn committed(i: Tokens<'_>, what: &'static str) -> nom::Err<Problem> {
    nom::Err::Failure(Problem { at: i.at, kind: Why::Expected(what) })
}

/// The failure of a production that knows better than "expected" what is wrong.
pub(super) fn told(i: Tokens<'_>, diagnostic: Diagnostic) -> nom::Err<Problem> {
    nom::Err::Failure(Problem { at: i.at, kind: Why::Told(Box::new(diagnostic)) })
}

/// One token of this kind; its place.
pub(super) fn punct<'a>(
    kind: TokenKind,
) -> impl Parser<Tokens<'a>, Output = Span, Error = Problem> {
    move |i: Tokens<'a>| {
        if i.is(kind) {
            Ok((i.next(), i.span()))
        } else {
            Err(expected(i, kind.describe()))
        }
    }
}

/// This word; its place.
pub(super) fn keyword<'a>(
    text: &'static str,
    described: &'static str,
) -> impl Parser<Tokens<'a>, Output = Span, Error = Problem> {
    move |i: Tokens<'a>| {
        if i.is_word(text) {
            Ok((i.next(), i.span()))
        } else {
            Err(expected(i, described))
        }
    }
}

/// name = word ;
///
/// But no reserved word.
pub(super) fn name<'a>(
    what: &'static str,
) -> impl Parser<Tokens<'a>, Output = Ident, Error = Problem> {
    move |i: Tokens<'a>| match i.word(0) {
        Some(word) if !is_reserved(word) => {
            Ok((i.next(), i.node(i.next(), word.to_owned())))
        }
        _ => Err(nom::Err::Error(Problem { at: i.at, kind: Why::Name(what) })),
    }
}

/// Words that are never names: an expression must end before them.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// The reserved words; `spec/language.md` lists them too.
pub(in crate::syntax) const RESERVED: [&str; 19] = [
    "and",
    "contains",
    "else",
    "endswith",
    "false",
    "glob",
    "in",
    "is",
    "matches",
    "not",
    "null",
    "or",
    "overlaps",
    "rule",
    "startswith",
    "true",
    "unless",
    "when",
    "where",
];

/// What `p` reads as a node.
pub(super) fn node<'a, T>(
    mut p: impl Parser<Tokens<'a>, Output = T, Error = Problem>,
) -> impl Parser<Tokens<'a>, Output = Node<T>, Error = Problem> {
    move |i: Tokens<'a>| {
        let (rest, kind) = p.parse(i)?;
        Ok((rest, i.node(rest, kind)))
    }
}

/// What `p` reads, one bracket deeper.
pub(super) fn nested<'a, T>(
    mut p: impl Parser<Tokens<'a>, Output = T, Error = Problem>,
) -> impl Parser<Tokens<'a>, Output = T, Error = Problem> {
    move |i: Tokens<'a>| {
        if i.depth >= MAX_NESTING {
            let message = format!("brackets are nested deeper than {MAX_NESTING}");
            let help = "name a part of the condition with `pred`";
            let at = Tokens { at: i.at.saturating_sub(1), ..i };
            return Err(told(
                i,
                Diagnostic::new(Code::E0105, at.span(), message).help(help),
            ));
        }
        let (rest, output) = p.parse(Tokens { depth: i.depth + 1, ..i })?;
        Ok((Tokens { depth: i.depth, ..rest }, output))
    }
}

/// A list in brackets: `open [ item { "," item } [ "," ] ] close`.
pub(super) fn list<'a, T>(
    open: TokenKind,
    close: TokenKind,
    mut item: impl Parser<Tokens<'a>, Output = T, Error = Problem>,
) -> impl Parser<Tokens<'a>, Output = Vec<T>, Error = Problem> {
    move |i: Tokens<'a>| {
        let (mut rest, opener) = punct(open).parse(i)?;
        let mut items = Vec::new();
        while !rest.is(close) {
            let (after, one) =
                cut(nested(|i| item.parse(i))).parse(rest).map_err(|e| {
                    // Where nothing stands the bracket is the news, not the element.
                    if ends_here(rest) { unclosed(rest, open, opener) } else { e }
                })?;
            items.push(one);
            rest = after;
            match rest.kind(0) {
                Some(TokenKind::Comma) => rest = rest.next(),
                Some(kind) if kind == close => {}
                _ => return Err(not_closed(rest, open, close, opener)),
            }
        }
        Ok((rest.next(), items))
    }
}

/// Something in brackets: `open p close`.
pub(super) fn enclosed<'a, T>(
    open: TokenKind,
    close: TokenKind,
    mut p: impl Parser<Tokens<'a>, Output = T, Error = Problem>,
) -> impl Parser<Tokens<'a>, Output = T, Error = Problem> {
    move |i: Tokens<'a>| {
        let (rest, opener) = punct(open).parse(i)?;
        let (rest, output) = cut(nested(|i| p.parse(i))).parse(rest)?;
        if !rest.is(close) {
            return Err(not_closed(rest, open, close, opener));
        }
        Ok((rest.next(), output))
    }
}

/// The failure where neither another element nor the closing bracket stands.
fn not_closed(
    i: Tokens<'_>,
    open: TokenKind,
    close: TokenKind,
    opener: Span,
) -> nom::Err<Problem> {
    if i.is(TokenKind::Error) {
        return committed(i, "a token");
    }
    if ends_here(i) {
        return unclosed(i, open, opener);
    }
    let what = match close {
        TokenKind::ParenClose => "an operator, `,` or `)`",
        TokenKind::BracketClose => "an operator, `,` or `]`",
        _ => "an operator, `,` or `}`",
    };
    let message = format!("expected {what}, found {}", i.found());
    let diagnostic = Diagnostic::new(Code::E0112, i.span(), message);
    told(i, diagnostic.secondary(opener, format!("{} opens here", open.describe())))
}

/// Whether the text around a bracket ends here, so that it was not closed.
fn ends_here(i: Tokens<'_>) -> bool {
    use TokenKind::{BraceClose, BracketClose, ParenClose};
    matches!(i.kind(0), None | Some(BraceClose | BracketClose | ParenClose))
        || super::recover::starts_section(i)
}

/// The failure where a bracket that was opened is not closed.
pub(super) fn unclosed(
    i: Tokens<'_>,
    open: TokenKind,
    opener: Span,
) -> nom::Err<Problem> {
    let message = format!("{} is never closed", open.describe());
    let diagnostic = Diagnostic::new(Code::E0113, opener, message);
    told(i, diagnostic.secondary(i.span(), format!("not closed before {}", i.found())))
}

impl ParseError<Tokens<'_>> for Problem {
    fn from_error_kind(i: Tokens<'_>, _: ErrorKind) -> Problem {
        Problem { at: i.at, kind: Why::Expected("something else") }
    }

    fn append(_: Tokens<'_>, _: ErrorKind, other: Problem) -> Problem {
        other
    }

    /// Of two alternatives, the one that got farther knows more.
    fn or(self, other: Problem) -> Problem {
        if other.at > self.at { other } else { self }
    }
}

/// Elements are positions in the file's token vector.
impl<'a> nom::Input for Tokens<'a> {
    type Item = u32;
    type Iter = Copied<Iter<'a, u32>>;
    type IterIndices = Enumerate<Self::Iter>;

    fn input_len(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    fn take(&self, n: usize) -> Self {
        Tokens { end: self.end.min(self.at + n), ..*self }
    }

    fn take_from(&self, n: usize) -> Self {
        Tokens { at: self.end.min(self.at + n), ..*self }
    }

    fn take_split(&self, n: usize) -> (Self, Self) {
        (self.take_from(n), self.take(n))
    }

    fn position<P: Fn(Self::Item) -> bool>(&self, predicate: P) -> Option<usize> {
        self.iter_elements().position(predicate)
    }

    fn iter_elements(&self) -> Self::Iter {
        self.cx.significant.get(self.at..self.end).unwrap_or(&[]).iter().copied()
    }

    fn iter_indices(&self) -> Self::IterIndices {
        self.iter_elements().enumerate()
    }

    fn slice_index(&self, n: usize) -> Result<usize, Needed> {
        if n <= self.input_len() { Ok(n) } else { Err(Needed::Unknown) }
    }
}
