//! What stands between operators: literals, paths, calls, collections.

use nom::Parser;
use nom::combinator::{cut, map};

use super::expr::{Tree, expr, expression};
use super::input::{
    Parsed, Tokens, committed, enclosed, expected, is_reserved, list, nested, punct,
};
use super::recover::starts_section;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{Expr, ExprKind, Ident, Node, Quant, StrLit};
use crate::syntax::literal::{self, Invalid};
use crate::syntax::token::TokenKind as T;

/// operand = primary { "[" expression "]" } ;
pub(super) fn operand(i: Tokens<'_>) -> Parsed<'_, Tree> {
    let (mut rest, mut tree) = primary(i)?;
    while rest.is(T::BracketOpen) {
        let index = enclosed(T::BracketOpen, T::BracketClose, expression);
        let (after, index) = { index }.parse(rest)?;
        let height = tree.height.max(index.height);
        let kind = ExprKind::Index(Box::new(tree.expr), Box::new(index.expr));
        tree = Tree::over(i, i.node(after, kind), height)?;
        rest = after;
    }
    Ok((rest, tree))
}

/// primary = literal | "(" expression ")" | list | set | record | named ;
fn primary(i: Tokens<'_>) -> Parsed<'_, Tree> {
    let leaf = |kind| Ok((i.next(), Tree { expr: i.node(i.next(), kind), height: 1 }));
    match i.kind(0) {
        Some(T::ParenOpen) => {
            let (rest, tree) =
                enclosed(T::ParenOpen, T::ParenClose, expression).parse(i)?;
            let kind = ExprKind::Paren(Box::new(tree.expr));
            Ok((rest, Tree::over(i, i.node(rest, kind), tree.height)?))
        }
        Some(T::BracketOpen) => listed(i),
        Some(T::BraceOpen) if is_record(i) => record(i),
        Some(T::BraceOpen) => set(i, i, false),
        Some(T::Word) => named(i),
        Some(_) => match literal_kind(i) {
            Some(kind) => leaf(kind),
            None => Err(committed(i, "an expression")),
        },
        None => Err(committed(i, "an expression")),
    }
}

/// named = "true" | "false" | "null" | quantifier | "i" set | call | path ;
fn named(i: Tokens<'_>) -> Parsed<'_, Tree> {
    let word = i.word(0).unwrap_or("");
    let leaf = |rest: Tokens<'_>, kind| Tree { expr: i.node(rest, kind), height: 1 };
    match word {
        "true" | "false" => {
            Ok((i.next(), leaf(i.next(), ExprKind::Bool(word == "true"))))
        }
        "null" => Ok((i.next(), leaf(i.next(), ExprKind::Null))),
        "i" if i.kind(1) == Some(T::BraceOpen) => set(i, i.next(), true),
        "any" | "all" | "count"
            if i.kind(1) == Some(T::Word) && i.word(2) == Some("in") =>
        {
            quantifier(i, word)
        }
        _ if is_reserved(word) || starts_section(i) => Err(committed(i, "an expression")),
        _ if i.kind(1) == Some(T::ParenOpen) => call(i),
        _ => map(path("an expression"), |expr| Tree { expr, height: 1 }).parse(i),
    }
}

/// quantifier = ( "any" | "all" | "count" ) name "in" path "(" expression ")" ;
fn quantifier<'a>(i: Tokens<'a>, word: &str) -> Parsed<'a, Tree> {
    let quant = match word {
        "any" => Quant::Any,
        "all" => Quant::All,
        _ => Quant::Count,
    };
    let (rest, var) = cut(super::input::name("the element's name")).parse(i.next())?;
    let (rest, over) = cut(path("a repeated field")).parse(rest.next())?;
    let (rest, cond) =
        cut(enclosed(T::ParenOpen, T::ParenClose, expression)).parse(rest)?;
    let (over, height) = (Box::new(over), cond.height);
    let kind = ExprKind::Quant { quant, var, over, cond: Box::new(cond.expr) };
    Ok((rest, Tree::over(i, i.node(rest, kind), height)?))
}

/// call = name "(" [ labelled { "," labelled } [ "," ] ] ")" ;
fn call(i: Tokens<'_>) -> Parsed<'_, Tree> {
    let (rest, name) = super::input::name("a function").parse(i)?;
    let (rest, args) = list(T::ParenOpen, T::ParenClose, labelled).parse(rest)?;
    let (args, height) = labelled_items(args);
    let kind = ExprKind::Call { name, args };
    Ok((rest, Tree::over(i, i.node(rest, kind), height)?))
}

/// labelled = [ word ":" ] expression ;
fn labelled(i: Tokens<'_>) -> Parsed<'_, (Option<Ident>, Tree)> {
    let (rest, label) = match i.word(0).filter(|_| i.kind(1) == Some(T::Colon)) {
        Some(word) => (i.next().next(), Some(i.node(i.next(), word.to_owned()))),
        None => (i, None),
    };
    map(expression, |tree| (label.clone(), tree)).parse(rest)
}

/// Items without their heights, and the greatest of those.
fn labelled_items(
    items: Vec<(Option<Ident>, Tree)>,
) -> (Vec<(Option<Ident>, Expr)>, u16) {
    let height = items.iter().map(|(_, tree)| tree.height).max().unwrap_or(0);
    (items.into_iter().map(|(label, tree)| (label, tree.expr)).collect(), height)
}

/// list = "[" [ labelled { "," labelled } [ "," ] ] "]" ;
fn listed(i: Tokens<'_>) -> Parsed<'_, Tree> {
    let (rest, items) = list(T::BracketOpen, T::BracketClose, labelled).parse(i)?;
    let (items, height) = labelled_items(items);
    Ok((rest, Tree::over(i, i.node(rest, ExprKind::List(items)), height)?))
}

/// set = "{" [ expression { "," expression } [ "," ] ] "}" ;
fn set<'a>(i: Tokens<'a>, brace: Tokens<'a>, fold: bool) -> Parsed<'a, Tree> {
    let (rest, items) = list(T::BraceOpen, T::BraceClose, expression).parse(brace)?;
    let height = items.iter().map(|tree| tree.height).max().unwrap_or(0);
    let items = items.into_iter().map(|tree| tree.expr).collect();
    let kind = ExprKind::Set { fold, items };
    Ok((rest, Tree::over(i, i.node(rest, kind), height)?))
}

/// record = "{" field { "," field } [ "," ] "}" ;
fn record(i: Tokens<'_>) -> Parsed<'_, Tree> {
    let (rest, fields) = list(T::BraceOpen, T::BraceClose, field).parse(i)?;
    let height = fields.iter().map(|(_, tree)| tree.height).max().unwrap_or(0);
    let fields = fields.into_iter().map(|(key, tree)| (key, tree.expr)).collect();
    Ok((rest, Tree::over(i, i.node(rest, ExprKind::Record(fields)), height)?))
}

/// field = key ":" expression ;
pub(super) fn field(i: Tokens<'_>) -> Parsed<'_, (Expr, Tree)> {
    let (rest, key) = key(i)?;
    let (rest, _) = cut(punct(T::Colon)).parse(rest)?;
    let (rest, value) = cut(expression).parse(rest)?;
    Ok((rest, (key, value)))
}

/// key = word { "." ( word | int ) } [ "[" expression "]" ] ;
fn key(i: Tokens<'_>) -> Parsed<'_, Expr> {
    if i.word(0).is_none() {
        return Err(expected(i, "a field"));
    }
    let (rest, key) = segments(i)?;
    if !rest.is(T::BracketOpen) {
        return Ok((rest, key));
    }
    let (rest, index) =
        enclosed(T::BracketOpen, T::BracketClose, nested(expr)).parse(rest)?;
    let kind = ExprKind::Index(Box::new(key), Box::new(index));
    Ok((rest, i.node(rest, kind)))
}

/// Whether a brace opens a record: a key and a colon follow it.
fn is_record(i: Tokens<'_>) -> bool {
    if i.kind(1) != Some(T::Word) {
        return false;
    }
    let mut n = 2;
    while i.kind(n) == Some(T::Dot) && matches!(i.kind(n + 1), Some(T::Word | T::Int)) {
        n += 2;
    }
    let index = [Some(T::BracketOpen), Some(T::Str), Some(T::BracketClose)];
    if (n..n + 3).map(|n| i.kind(n)).eq(index) {
        n += 3;
    }
    i.kind(n) == Some(T::Colon)
}

/// path = name { "." ( word | int ) } ;
pub(super) fn path<'a>(
    what: &'static str,
) -> impl Parser<Tokens<'a>, Output = Expr, Error = super::input::Problem> {
    move |i: Tokens<'a>| match i.word(0) {
        Some(word) if !is_reserved(word) => segments(i),
        _ => Err(expected(i, what)),
    }
}

/// The segments of a path; a number is one too, as in `ics.T1692.001`.
fn segments(i: Tokens<'_>) -> Parsed<'_, Expr> {
    let ident = |i: Tokens<'_>| i.node(i.next(), i.text().to_owned());
    let mut names = vec![ident(i)];
    let mut rest = i.next();
    while rest.is(T::Dot) {
        let segment = rest.next();
        if !matches!(segment.kind(0), Some(T::Word | T::Int)) {
            return Err(committed(segment, "a field's name"));
        }
        names.push(ident(segment));
        rest = segment.next();
    }
    Ok((rest, i.node(rest, ExprKind::Path(names))))
}

/// literal = int | float | duration | address | text ;
///
/// Of one kind only.
pub(super) fn literal<'a>(
    kind: T,
    what: &'static str,
) -> impl Parser<Tokens<'a>, Output = Expr, Error = super::input::Problem> {
    move |i: Tokens<'a>| match literal_kind(i).filter(|_| i.is(kind)) {
        Some(value) => Ok((i.next(), i.node(i.next(), value))),
        None => Err(expected(i, what)),
    }
}

/// A text whose spelling does not matter.
pub(super) fn string<'a>(
    what: &'static str,
) -> impl Parser<Tokens<'a>, Output = Node<String>, Error = super::input::Problem> {
    move |i: Tokens<'a>| match i.kind(0) {
        Some(T::Str) => Ok((i.next(), i.node(i.next(), text(i).value))),
        _ => Err(expected(i, what)),
    }
}

/// An `int` that counts something.
pub(super) fn whole_number(i: Tokens<'_>) -> Parsed<'_, Node<u64>> {
    if !i.is(T::Int) {
        return Err(expected(i, "a whole number"));
    }
    let value = literal::int(i.text()).and_then(|value| {
        u64::try_from(value).map_err(|_| Invalid {
            code: Code::E0108,
            message: format!("number `{}` is too large", literal::clip(i.text())),
            help: None,
            at: 0..i.text().len(),
        })
    });
    let value = value.unwrap_or_else(|invalid| {
        report(i, invalid);
        0
    });
    Ok((i.next(), i.node(i.next(), value)))
}

/// What the next token means if it is a literal. One that has no value is
/// reported and stands in the tree as an error.
fn literal_kind(i: Tokens<'_>) -> Option<ExprKind> {
    let written = i.text();
    let kind = match i.kind(0)? {
        T::Int => literal::int(written).map(ExprKind::Int),
        T::Float => literal::float(written).map(ExprKind::Float),
        T::Duration => literal::duration(written).map(ExprKind::Duration),
        T::Ip => literal::ip(written).map(ExprKind::Ip),
        T::Net => literal::net(written).map(|(ip, len)| ExprKind::Net(ip, len)),
        T::Mac => literal::mac(written).map(ExprKind::Mac),
        T::Str => Ok(ExprKind::Str(text(i))),
        // The lexer has reported it.
        T::Error => Ok(ExprKind::Error),
        _ => return None,
    };
    Some(kind.unwrap_or_else(|invalid| {
        report(i, invalid);
        ExprKind::Error
    }))
}

/// A text; its invalid escapes are reported.
fn text(i: Tokens<'_>) -> StrLit {
    let (value, invalid) = literal::text(i.text());
    for invalid in invalid {
        report(i, invalid);
    }
    value
}

/// Reports what is wrong with a literal.
fn report(i: Tokens<'_>, invalid: Invalid) {
    let token = i.span();
    let offset = |n| token.start.saturating_add(u32::try_from(n).unwrap_or(0));
    let span = Span::new(token.file, offset(invalid.at.start), offset(invalid.at.end));
    let diagnostic = Diagnostic::new(invalid.code, span, invalid.message);
    i.tell(match invalid.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    });
}
