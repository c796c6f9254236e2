//! Tests in a rule.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, map, opt};
use nom::multi::separated_list1;
use nom::sequence::{preceded, separated_pair};

use super::expr::expr;
use super::input::{Parsed, Tokens, expected, keyword, list, name, node, punct, told};
use super::operand::{field, literal, path, string};
use super::recover::{Body, body, opens_section};
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, closest};
use crate::syntax::ast::{Expect, Node, Test, TestEvent};
use crate::syntax::literal::clip;
use crate::syntax::token::TokenKind as T;

/// What may be expected, for messages.
const OUTCOMES: &str = "`match`, `none` or `indeterminate`";

/// What stands in a test.
enum Statement {
    Event(TestEvent),
    Expect(Expect),
}

/// test = "test" text [ with ] "{" { statement } "}" ;
/// with = "with" "{" [ name ":" expression { "," name ":" expression } [ "," ] ] "}" ;
pub(super) fn test(i: Tokens<'_>) -> Parsed<'_, Test> {
    const STATEMENTS: Body = Body {
        starts: |i| {
            matches!((i.word(0), i.kind(1)), (Some("at"), Some(T::Duration)))
                || matches!((i.word(0), i.kind(1)), (Some("expect"), Some(T::Word)))
        },
        ends: opens_section,
        stray: |_| false,
    };
    let (i, _) = keyword("test", "`test`").parse(i)?;
    let (i, name_) = cut(string("what the test shows, in quotes")).parse(i)?;
    let binding = separated_pair(name("a parameter"), punct(T::Colon), expr);
    let bindings = list(T::BraceOpen, T::BraceClose, binding);
    let (i, with) = opt(preceded(keyword("with", "`with`"), cut(bindings))).parse(i)?;
    let (i, opener) = cut(punct(T::BraceOpen)).parse(i)?;
    let (i, statements) = body(i, opener, &STATEMENTS, statement, || None);
    let (mut events, mut expects) = (Vec::new(), Vec::new());
    for Node { kind, span, tokens } in statements {
        match kind {
            Statement::Event(kind) => events.push(Node { kind, span, tokens }),
            Statement::Expect(kind) => expects.push(Node { kind, span, tokens }),
        }
    }
    Ok((i, Test { name: name_, with: with.unwrap_or_default(), events, expects }))
}

/// statement = event | expect ;
fn statement(i: Tokens<'_>) -> Parsed<'_, Statement> {
    let event = map(event, Statement::Event);
    let expect = map(expect, Statement::Expect);
    alt((event, expect)).parse(i).map_err(|e| match e {
        nom::Err::Error(_) => expected(i, "`at`, `expect` or `}`"),
        e => e,
    })
}

/// event = "at" duration name "{" [ field { "," field } [ "," ] ] "}" ;
fn event(i: Tokens<'_>) -> Parsed<'_, TestEvent> {
    let (i, _) = keyword("at", "`at`").parse(i)?;
    let (i, at) = cut(literal(T::Duration, "a duration such as `0s`")).parse(i)?;
    let (i, kind) = cut(name("a kind of event")).parse(i)?;
    let (i, fields) = cut(list(T::BraceOpen, T::BraceClose, field)).parse(i)?;
    let fields = fields.into_iter().map(|(key, value)| (key, value.expr)).collect();
    Ok((i, TestEvent { at, kind, fields }))
}

/// expect = "expect" ( "match" | "none" | "indeterminate" [ "on" path { "," path } ] ) ;
fn expect(i: Tokens<'_>) -> Parsed<'_, Expect> {
    let (i, _) = keyword("expect", "`expect`").parse(i)?;
    let (rest, outcome) = cut(node(outcome)).parse(i)?;
    match outcome.kind {
        "match" => Ok((rest, Expect::Match)),
        "none" => Ok((rest, Expect::None)),
        "indeterminate" => {
            let paths = separated_list1(punct(T::Comma), path("a field"));
            let (rest, on) =
                opt(preceded(keyword("on", "`on`"), cut(paths))).parse(rest)?;
            Ok((rest, Expect::Indeterminate(on.unwrap_or_default())))
        }
        word => {
            let message = format!("expected {OUTCOMES}, found `{}`", clip(word));
            let mut diagnostic = Diagnostic::new(Code::E0112, outcome.span, message);
            if let Some(near) = closest(word, ["match", "none", "indeterminate"]) {
                let message = format!("did you mean `{near}`?");
                let fix = Fix::replace(message, Applicability::Maybe, outcome.span, near);
                diagnostic = diagnostic.fix(fix);
            }
            Err(told(rest, diagnostic))
        }
    }
}

/// A word; which of the outcomes it is, if one, is decided by the caller.
fn outcome(i: Tokens<'_>) -> Parsed<'_, &str> {
    i.word(0).map(|word| (i.next(), word)).ok_or_else(|| expected(i, OUTCOMES))
}
