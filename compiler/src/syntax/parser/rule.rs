//! Rules and their sections.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, map, opt};
use nom::sequence::preceded;

use super::expr::expr;
use super::input::{Parsed, Problem, Tokens, expected, keyword, list, name, punct, told};
use super::item::{entry, setting};
use super::recover::{Body, SECTIONS, body, opens_section, starts_section};
use super::test::test;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, closest};
use crate::syntax::ast::{Entry, Item, Node, Rule, Section};
use crate::syntax::literal::clip;
use crate::syntax::token::TokenKind as T;

/// Words that continue an expression.
const OPERATORS: [&str; 14] = [
    "and",
    "or",
    "not",
    "else",
    "when",
    "in",
    "is",
    "contains",
    "startswith",
    "endswith",
    "glob",
    "matches",
    "overlaps",
    "as",
];

/// rule = "rule" name "{" { section } "}" ;
pub(super) fn rule(i: Tokens<'_>) -> Parsed<'_, Item> {
    const BODY: Body =
        Body { starts: starts_section, ends: |_| false, stray: opens_section };
    let (i, _) = keyword("rule", "`rule`").parse(i)?;
    let (i, name) = cut(name("the rule's name")).parse(i)?;
    let (i, opener) = cut(punct(T::BraceOpen)).parse(i)?;
    let (i, sections) = body(i, opener, &BODY, section, || Some(Section::Error));
    Ok((i, Item::Rule(Rule { name, sections })))
}

/// section = meta | on | where | unless | dedup | emit | setting | test ;
fn section(i: Tokens<'_>) -> Parsed<'_, Section> {
    let setting = map(setting, Section::Setting);
    let sections =
        (meta, on, where_, unless, dedup, emit, setting, map(test, Section::Test));
    alt(sections).parse(i).map_err(|e| match e {
        nom::Err::Error(_) => unknown(i),
        e => e,
    })
}

/// meta = "meta" entries ;
fn meta(i: Tokens<'_>) -> Parsed<'_, Section> {
    map(preceded(keyword("meta", "`meta`"), cut(entries)), Section::Meta).parse(i)
}

/// emit = "emit" entries ;
fn emit(i: Tokens<'_>) -> Parsed<'_, Section> {
    map(preceded(keyword("emit", "`emit`"), cut(entries)), Section::Emit).parse(i)
}

/// entries = "{" { entry } "}" ;
fn entries(i: Tokens<'_>) -> Parsed<'_, Vec<Node<Entry>>> {
    const ENTRIES: Body = Body {
        starts: |i| i.kind(0) == Some(T::Word) && i.kind(1) == Some(T::Eq),
        ends: opens_section,
        stray: |_| false,
    };
    let (i, opener) = punct(T::BraceOpen).parse(i)?;
    Ok(body(i, opener, &ENTRIES, one_entry, || None))
}

/// An entry, or advice if it is written as in another language.
fn one_entry(i: Tokens<'_>) -> Parsed<'_, Entry> {
    let wrong = match i.kind(1) {
        Some(T::Colon) if i.is(T::Word) => Some(i.next()),
        _ if i.is(T::Comma) => Some(i),
        _ => None,
    };
    if let Some(at) = wrong {
        let (message, with) = match at.kind(0) {
            Some(T::Comma) => ("entries are not separated", ""),
            _ => ("expected `=`, found `:`", " ="),
        };
        let fix = Fix::replace(
            "use the form `key = value`",
            Applicability::Machine,
            at.span(),
            with,
        );
        let diagnostic = Diagnostic::new(Code::E0112, at.span(), message).fix(fix);
        return Err(told(at.next(), diagnostic));
    }
    entry(i)
}

/// on = "on" name [ "as" name ] ;
fn on(i: Tokens<'_>) -> Parsed<'_, Section> {
    let (i, _) = keyword("on", "`on`").parse(i)?;
    let (i, kind) = cut(name("a kind of event")).parse(i)?;
    let alias = preceded(keyword("as", "`as`"), cut(name("a name for the event")));
    let (i, name) = opt(alias).parse(i)?;
    Ok((i, Section::On { kind, name }))
}

/// where = "where" expression ;
fn where_(i: Tokens<'_>) -> Parsed<'_, Section> {
    map(preceded(keyword("where", "`where`"), cut(expr)), Section::Where).parse(i)
}

/// unless = "unless" expression ;
fn unless(i: Tokens<'_>) -> Parsed<'_, Section> {
    map(preceded(keyword("unless", "`unless`"), cut(expr)), Section::Unless).parse(i)
}

/// dedup = "dedup" "by" "(" expression { "," expression } [ "," ] ")" "for" expression ;
fn dedup(i: Tokens<'_>) -> Parsed<'_, Section> {
    let (i, _) = keyword("dedup", "`dedup`").parse(i)?;
    let (i, _) = cut(keyword("by", "`by`")).parse(i)?;
    let (i, by) = cut(list(T::ParenOpen, T::ParenClose, expr)).parse(i)?;
    let (i, within) = cut(preceded(keyword("for", "`for`"), expr)).parse(i)?;
    Ok((i, Section::Dedup { by, within }))
}

/// The failure where no section starts.
fn unknown(i: Tokens<'_>) -> nom::Err<Problem> {
    let Some(word) = i.word(0) else {
        return match i.kind(0) {
            Some(T::ParenClose | T::BracketClose) => super::recover::stray(i),
            _ => expected(i, "an operator or a section"),
        };
    };
    let headed = matches!(i.kind(1), Some(T::BraceOpen | T::Eq));
    let section = closest(word, SECTIONS);
    let near = section.or_else(|| closest(word, OPERATORS));
    let mut diagnostic = if headed || section.is_some() {
        let message = format!("unknown section `{}`", clip(word));
        Diagnostic::new(Code::E0115, i.span(), message)
    } else {
        let message =
            format!("expected an operator or a section, found `{}`", clip(word));
        Diagnostic::new(Code::E0112, i.span(), message)
    };
    if let Some(near) = near {
        let message = format!("did you mean `{near}`?");
        let fix = Fix::replace(message, Applicability::Maybe, i.span(), near);
        diagnostic = diagnostic.fix(fix);
    } else if i.kind(1) == Some(T::Eq) {
        diagnostic = diagnostic.help("entries `key = value` stand in `meta` or `emit`");
    }
    told(i, diagnostic)
}
