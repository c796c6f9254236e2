//! Where reading goes on after a mistake.
//!
//! Two means. Declarations are cut apart beforehand, at words that cannot stand
//! where they stand in a valid declaration. Within a declaration, whoever loops
//! over sections, entries or statements skips to the next one: something that
//! begins like an element, or the bracket that closes them all.
//!
//! ```text
//!   rule a { where m.x == }   rule b { ... }     cut at `rule`, whatever braces say
//!            ^ mistake    ^ closes               skip to the brace of depth 0
//! ```

use nom::Parser;

use super::input::{Parsed, Problem, Tokens, is_reserved, node, told, unclosed};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::Node;
use crate::syntax::token::TokenKind;

/// Words that start a section.
pub(super) const SECTIONS: [&str; 9] =
    ["meta", "on", "where", "unless", "dedup", "emit", "missing", "on_unknown", "test"];

/// The windows of declarations, in order; what is before the first comes first.
pub(super) fn windows(all: Tokens<'_>) -> Vec<Tokens<'_>> {
    let mut starts = vec![all.at];
    starts.extend(
        (all.at + 1..all.end).filter(|at| starts_declaration(all.window(*at, all.end))),
    );
    let ends = starts.iter().copied().skip(1).chain([all.end]);
    starts.iter().zip(ends).map(|(start, end)| all.window(*start, end)).collect()
}

/// Whether a declaration starts here, and nothing else could.
///
/// `rule` is reserved, so it is a name only as a key and behind a dot; and there,
/// only an operator or a section can follow before a brace. The other words may
/// be names; but no valid text has such a name, a name and `:` or `(` in a row.
fn starts_declaration(i: Tokens<'_>) -> bool {
    use TokenKind as T;
    let behind_dot = i.previous().is_some_and(|token| token.kind == T::Dot);
    let named = i.word(1).is_some_and(|name| !is_reserved(name));
    match i.word(0) {
        Some("rule") if behind_dot => {
            let section = matches!(i.word(1), Some("meta" | "emit"));
            named && !section && i.kind(2) == Some(T::BraceOpen)
        }
        Some("rule") => matches!(i.kind(1), Some(T::Word | T::Str | T::BraceOpen)),
        Some("param" | "data") => named && i.kind(2) == Some(T::Colon),
        Some("pred") => named && i.kind(2) == Some(T::ParenOpen),
        _ => false,
    }
}

/// Whether a section of a rule starts here.
pub(super) fn starts_section(i: Tokens<'_>) -> bool {
    opens_section(i) || starts_setting(i)
}

/// `on_unknown =`, `missing =`: in a rule and between declarations alike.
pub(super) fn starts_setting(i: Tokens<'_>) -> bool {
    matches!(i.word(0), Some("on_unknown" | "missing"))
        && i.kind(1) == Some(TokenKind::Eq)
}

/// Whether a section starts here that stands in rules only.
pub(super) fn opens_section(i: Tokens<'_>) -> bool {
    use TokenKind as T;
    let starts = match i.word(0) {
        Some("where" | "unless") => !matches!(i.kind(1), Some(T::Eq | T::Colon | T::Dot)),
        Some("meta" | "emit") => i.kind(1) == Some(T::BraceOpen),
        Some("dedup") => i.word(1) == Some("by") || i.kind(1) == Some(T::ParenOpen),
        Some("test") => i.kind(1) == Some(T::Str),
        Some("on") => {
            i.word(1).is_some_and(|kind| !is_reserved(kind) && !SECTIONS.contains(&kind))
                && !matches!(i.kind(2), Some(T::Dot | T::Comma | T::Colon | T::Eq))
        }
        _ => false,
    };
    starts && i.previous().is_none_or(|token| token.kind != T::Dot)
}

/// What a body is made of, for [`body`].
pub(super) struct Body {
    /// Whether an element starts here.
    pub(super) starts: fn(Tokens<'_>) -> bool,
    /// Whether something starts here that only stands behind the body.
    pub(super) ends: fn(Tokens<'_>) -> bool,
    /// Whether a closing brace is one too many, given what follows it.
    pub(super) stray: fn(Tokens<'_>) -> bool,
}

/// `{ element } "}"`, behind the opening brace.
///
/// Elements that cannot be read are reported and skipped; `bad` makes a node of
/// what was skipped, if the tree has one for it.
pub(super) fn body<'a, T>(
    mut i: Tokens<'a>,
    opener: Span,
    body: &Body,
    mut element: impl FnMut(Tokens<'a>) -> Parsed<'a, T>,
    bad: impl Fn() -> Option<T>,
) -> (Tokens<'a>, Vec<Node<T>>) {
    let (start, mut elements) = (i, Vec::new());
    loop {
        if i.is_end() || (body.ends)(i) {
            if !holds_open_text(start.window(start.at, i.at)) {
                i.report(unclosed(i, TokenKind::BraceOpen, opener));
            }
            return (i, elements);
        }
        if i.is(TokenKind::BraceClose) {
            if !(body.stray)(i.next()) {
                return (i.next(), elements);
            }
            i.report(stray(i));
            i = i.next();
            continue;
        }
        match node(&mut element).parse(i) {
            Ok((rest, element)) if rest.at > i.at => {
                elements.push(element);
                i = rest;
            }
            Ok((rest, _)) => i = rest.next(),
            Err(problem) => {
                let rest = skip(i, i.report(problem), body);
                elements.extend(bad().map(|kind| i.node(rest, kind)));
                i = rest;
            }
        }
    }
}

/// Whether a text without an end stands here: it took the rest of its line and
/// perhaps the bracket that is missed, and it has been reported.
fn holds_open_text(mut i: Tokens<'_>) -> bool {
    while !i.is_end() {
        let text = i.text().trim_start_matches(['r', 'i']);
        if i.is(TokenKind::Error) && text.starts_with('"') {
            return true;
        }
        i = i.next();
    }
    false
}

/// The failure at a closing bracket that closes nothing.
pub(super) fn stray(i: Tokens<'_>) -> nom::Err<Problem> {
    let message = format!("{} closes nothing", i.found());
    told(i, Diagnostic::new(Code::E0113, i.span(), message))
}

/// From the start of a bad element to the next one or the end of the body.
///
/// Starts count only from where the mistake was found: what was read until then
/// is known not to be one. Braces count from the start of the element.
fn skip<'a>(start: Tokens<'a>, mistake: usize, body: &Body) -> Tokens<'a> {
    let mut depth = 0usize;
    let mut i = start;
    while !i.is_end() {
        let behind = i.at >= mistake && i.at > start.at;
        if behind && ((body.starts)(i) || (body.ends)(i)) {
            return i;
        }
        match i.kind(0) {
            Some(TokenKind::BraceOpen) => depth += 1,
            Some(TokenKind::BraceClose) if depth > 0 => depth -= 1,
            Some(TokenKind::BraceClose) if i.at >= mistake => return i,
            _ => {}
        }
        i = i.next();
    }
    i
}
