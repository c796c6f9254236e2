//! Declarations.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, map, opt};
use nom::sequence::{pair, preceded, separated_pair};

use super::expr::expr;
use super::input::{
    Parsed, Problem, Tokens, expected, keyword, list, name, node, punct, told,
};
use super::operand::{string, whole_number};
use super::recover::{opens_section, starts_setting, stray};
use super::rule::rule;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, closest};
use crate::syntax::ast::{Data, Entry, Item, Node, Param, Pred, TypeExpr};
use crate::syntax::literal::clip;
use crate::syntax::token::TokenKind as T;

/// file = { item } ;
///
/// Reads the items of one window. A mistake costs the rest of the window.
pub(super) fn items(window: Tokens<'_>, items: &mut Vec<Node<Item>>) {
    let mut i = window;
    while !i.is_end() {
        match node(item).parse(i) {
            Ok((rest, item)) => {
                items.push(item);
                i = rest;
            }
            Err(problem) => {
                i.report(problem);
                let rest = i.window(i.end, i.end);
                items.push(i.node(rest, Item::Error));
                i = rest;
            }
        }
    }
}

/// item = param | data | pred | rule | setting ;
fn item(i: Tokens<'_>) -> Parsed<'_, Item> {
    alt((param, data, pred, rule, map(setting, Item::Setting))).parse(i).map_err(|e| {
        match e {
            nom::Err::Error(_) => unknown(i),
            e => e,
        }
    })
}

/// param = "param" name ":" type [ "max" int ] [ "=" expression ] ;
fn param(i: Tokens<'_>) -> Parsed<'_, Item> {
    let (i, _) = keyword("param", "`param`").parse(i)?;
    let (i, name) = cut(name("the parameter's name")).parse(i)?;
    let (i, ty) = cut(preceded(punct(T::Colon), type_expr)).parse(i)?;
    let (i, max) = opt(preceded(keyword("max", "`max`"), cut(whole_number))).parse(i)?;
    let (i, default) = opt(preceded(punct(T::Eq), cut(expr))).parse(i)?;
    Ok((i, Item::Param(Param { name, ty, max, default })))
}

/// data = "data" name ":" type [ "replaceable" ] "=" text ;
fn data(i: Tokens<'_>) -> Parsed<'_, Item> {
    let (i, _) = keyword("data", "`data`").parse(i)?;
    let (i, name) = cut(name("the table's name")).parse(i)?;
    let (i, ty) = cut(preceded(punct(T::Colon), type_expr)).parse(i)?;
    let (i, replaceable) = opt(keyword("replaceable", "`replaceable`")).parse(i)?;
    let file = preceded(punct(T::Eq), string("the file's name in quotes"));
    let (i, file) = cut(file).parse(i)?;
    Ok((i, Item::Data(Data { name, ty, replaceable: replaceable.is_some(), file })))
}

/// pred = "pred" name "(" [ argument { "," argument } [ "," ] ] ")" "=" expression ;
/// argument = name ":" type ;
fn pred(i: Tokens<'_>) -> Parsed<'_, Item> {
    let (i, _) = keyword("pred", "`pred`").parse(i)?;
    let (i, pred) = cut(name("the predicate's name")).parse(i)?;
    let argument = separated_pair(name("an argument's name"), punct(T::Colon), type_expr);
    let (i, args) = cut(list(T::ParenOpen, T::ParenClose, argument)).parse(i)?;
    let (i, body) = cut(preceded(punct(T::Eq), expr)).parse(i)?;
    Ok((i, Item::Pred(Pred { name: pred, args, body })))
}

/// type = name [ "<" name { "," name } ">" ] ;
fn type_expr(i: Tokens<'_>) -> Parsed<'_, Node<TypeExpr>> {
    let (rest, base) = name("a type").parse(i)?;
    let (mut rest, mut args) = (rest, Vec::new());
    if rest.is(T::Lt) {
        loop {
            let (after, arg) = cut(name("a type")).parse(rest.next())?;
            let ty = TypeExpr { name: arg.kind, args: Vec::new() };
            args.push(Node { kind: ty, span: arg.span, tokens: arg.tokens });
            rest = after;
            if !rest.is(T::Comma) {
                break;
            }
        }
        if rest.is(T::Ge) {
            let message = "expected `>`, found `>=`";
            let advice = "put a blank between `>` and `=`";
            let fix = Fix::replace(advice, Applicability::Machine, rest.span(), "> =");
            let diagnostic = Diagnostic::new(Code::E0112, rest.span(), message);
            return Err(told(rest, diagnostic.fix(fix)));
        }
        (rest, _) = cut(punct(T::Gt)).parse(rest)?;
    }
    Ok((rest, i.node(rest, TypeExpr { name: base.kind, args })))
}

/// setting = ( "missing" | "on_unknown" ) "=" expression ;
pub(super) fn setting(i: Tokens<'_>) -> Parsed<'_, Entry> {
    if !starts_setting(i) {
        return Err(expected(i, "a setting"));
    }
    entry(i)
}

/// entry = name "=" expression ;
pub(super) fn entry(i: Tokens<'_>) -> Parsed<'_, Entry> {
    let (i, (key, _)) = pair(name("a key"), punct(T::Eq)).parse(i)?;
    let (i, value) = cut(expr).parse(i)?;
    Ok((i, Entry { key, value }))
}

/// The failure where no declaration starts.
fn unknown(i: Tokens<'_>) -> nom::Err<Problem> {
    let Some(word) = i.word(0) else {
        return match i.kind(0) {
            Some(T::BraceClose | T::ParenClose | T::BracketClose) => stray(i),
            _ => expected(i, "`rule`, `param`, `data`, `pred` or a setting"),
        };
    };
    let message = format!("unknown declaration `{}`", clip(word));
    let mut diagnostic = Diagnostic::new(Code::E0116, i.span(), message);
    let known = ["rule", "param", "data", "pred", "missing", "on_unknown"];
    if opens_section(i) {
        diagnostic = diagnostic.help("sections stand in `rule NAME { ... }`");
    } else if let Some(near) = closest(word, known) {
        let message = format!("did you mean `{near}`?");
        let fix = Fix::replace(message, Applicability::Maybe, i.span(), near);
        diagnostic = diagnostic.fix(fix);
    } else {
        diagnostic = diagnostic.help("a file holds `rule`, `param`, `data` and `pred`");
    }
    told(i, diagnostic)
}
