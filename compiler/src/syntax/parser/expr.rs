//! Expressions: operators and their precedence.
//!
//! A loop over two stacks, operands and operators, not a recursion for each
//! level, so the depth of the parser's own stack is the depth of brackets.
//!
//! ```text
//!   not a == b and c        operators         operands
//!   not a == b              not ==            a b
//!            and            and               (not (a == b))
//!                           and               (not (a == b)) c
//! ```
//!
//! The height of the tree is bounded as well, so that everyone behind the parser
//! may recurse over it: chains of one operator lean to the left up to the limit,
//! except long ones of `and` and `or`, which are split in halves. Both are
//! associative, so no one can tell.

use nom::Parser;
use nom::combinator::{cut, map};

use super::input::{Parsed, Problem, Tokens, committed, keyword, told};
use super::operand::operand;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Span};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, IsState, Node, TextOp, UnaryOp};
use crate::syntax::token::TokenKind as T;

/// Trees are not higher than this; everyone may recurse.
const MAX_HEIGHT: u16 = 256;
/// Chains of `and` and `or` up to this length lean to the left.
const LEANING: usize = 16;

/// An expression with the height of its tree.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) expr: Expr,
    pub(super) height: u16,
}

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Compare,
    Range,
    Coalesce,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Unary,
}

/// What an operator makes of its operands.
#[derive(Clone, Copy, Debug)]
enum Operator {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Text { op: TextOp, all: bool },
    Range,
}

/// An operator that waits for its right operand.
struct Pending {
    level: Level,
    operator: Operator,
    /// Where a prefix operator starts.
    at: Span,
    /// Its first token in the file's vector.
    token: u32,
}

/// The two stacks of one expression.
struct Stacks {
    operands: Vec<Tree>,
    operators: Vec<Pending>,
}

/// An expression whose height nobody needs.
pub(super) fn expr(i: Tokens<'_>) -> Parsed<'_, Expr> {
    map(expression, |tree| tree.expr).parse(i)
}

/// expression = condition
///              ( { "else" condition } | { "when" condition "else" condition } ) ;
pub(super) fn expression(i: Tokens<'_>) -> Parsed<'_, Tree> {
    let (mut i, mut tree) = condition(i)?;
    if i.is_word("when") {
        return choice(i, tree);
    }
    while i.is_word("else") {
        let (rest, default) = cut(condition).parse(i.next())?;
        tree = joined(i, Operator::Binary(BinaryOp::Else), tree, default)?;
        i = rest;
    }
    Ok((i, tree))
}

/// The rest of `A when C else B when D else E`, behind `A`.
fn choice(i: Tokens<'_>, first: Tree) -> Parsed<'_, Tree> {
    let mut branches = Vec::new();
    let (mut i, mut value) = (i, first);
    while i.is_word("when") {
        let (rest, cond) = cut(condition).parse(i.next())?;
        let (rest, _) = cut(keyword("else", "`else`")).parse(rest)?;
        let (rest, next) = cut(condition).parse(rest)?;
        branches.push((std::mem::replace(&mut value, next), cond));
        i = rest;
    }
    let mut tree = value;
    while let Some((then, cond)) = branches.pop() {
        let height = then.height.max(cond.height).max(tree.height);
        let (span, tokens) = extent(&then.expr, &tree.expr);
        let kind = ExprKind::When {
            then: Box::new(then.expr),
            cond: Box::new(cond.expr),
            otherwise: Box::new(tree.expr),
        };
        tree = Tree::over(i, Node { kind, span, tokens }, height)?;
    }
    Ok((i, tree))
}

/// condition = { prefix } operand { state } { infix { prefix } operand { state } } ;
fn condition(i: Tokens<'_>) -> Parsed<'_, Tree> {
    let mut stacks = Stacks { operands: Vec::new(), operators: Vec::new() };
    let mut i = i;
    loop {
        i = stacks.prefixes(i)?;
        let (rest, tree) = operand(i)?;
        stacks.operands.push(tree);
        i = stacks.states(rest)?;
        let Some((rest, level, operator)) = infix(i) else { break };
        stacks.compare_once(i, level)?;
        stacks.reduce(i, Some(level))?;
        stacks.push(i, level, operator);
        i = rest;
    }
    stacks.reduce(i, None)?;
    match stacks.operands.pop() {
        Some(tree) => Ok((i, tree)),
        None => Err(committed(i, "an expression")),
    }
}

/// prefix = "not" | "-" | "~" ;
fn prefix(i: Tokens<'_>) -> Option<(Level, UnaryOp)> {
    match i.kind(0)? {
        T::Minus => Some((Level::Unary, UnaryOp::Neg)),
        T::Tilde => Some((Level::Unary, UnaryOp::BitNot)),
        T::Bang => {
            foreign(i, "not ");
            Some((Level::Not, UnaryOp::Not))
        }
        T::Word if i.is_word("not") => Some((Level::Not, UnaryOp::Not)),
        T::Word if is_shouted(i, "not") => {
            foreign(i, "not");
            Some((Level::Not, UnaryOp::Not))
        }
        _ => None,
    }
}

/// infix = "or" | "and" | comparison | ".." | "??" | "|" | "^" | "&" | "<<" | ">>"
///       | "+" | "-" | "*" | "/" | "%" ;
fn infix(i: Tokens<'_>) -> Option<(Tokens<'_>, Level, Operator)> {
    use BinaryOp as B;
    let (level, op) = match i.kind(0)? {
        T::Word => return infix_word(i),
        T::PipePipe => {
            foreign(i, "or");
            (Level::Or, B::Or)
        }
        T::AmpAmp => {
            foreign(i, "and");
            (Level::And, B::And)
        }
        T::Eq => {
            foreign(i, "==");
            (Level::Compare, B::Eq)
        }
        T::EqEq => (Level::Compare, B::Eq),
        T::Ne => (Level::Compare, B::Ne),
        T::Lt => (Level::Compare, B::Lt),
        T::Le => (Level::Compare, B::Le),
        T::Gt => (Level::Compare, B::Gt),
        T::Ge => (Level::Compare, B::Ge),
        T::DotDot => return Some((i.next(), Level::Range, Operator::Range)),
        T::Coalesce => (Level::Coalesce, B::Coalesce),
        T::Pipe => (Level::BitOr, B::BitOr),
        T::Caret => (Level::BitXor, B::BitXor),
        T::Amp => (Level::BitAnd, B::BitAnd),
        T::Shl => (Level::Shift, B::Shl),
        T::Shr => (Level::Shift, B::Shr),
        T::Plus => (Level::Sum, B::Add),
        T::Minus => (Level::Sum, B::Sub),
        T::Star => (Level::Product, B::Mul),
        T::Slash => (Level::Product, B::Div),
        T::Percent => (Level::Product, B::Rem),
        _ => return None,
    };
    Some((i.next(), level, Operator::Binary(op)))
}

/// comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | [ "not" ] "in" | "overlaps"
///            | "glob" | "matches"
///            | ( "contains" | "startswith" | "endswith" ) [ "any" | "all" ] ;
fn infix_word(i: Tokens<'_>) -> Option<(Tokens<'_>, Level, Operator)> {
    use BinaryOp as B;
    let word = i.word(0)?;
    let compare = |op| Some((i.next(), Level::Compare, Operator::Binary(op)));
    match word {
        "or" => Some((i.next(), Level::Or, Operator::Binary(B::Or))),
        "and" => Some((i.next(), Level::And, Operator::Binary(B::And))),
        "in" => compare(B::In),
        "overlaps" => compare(B::Overlaps),
        "glob" => compare(B::Glob),
        "matches" => compare(B::Matches),
        "not" if i.word(1) == Some("in") => {
            Some((i.next().next(), Level::Compare, Operator::Binary(B::NotIn)))
        }
        "contains" => Some(text_test(i, TextOp::Contains)),
        "startswith" => Some(text_test(i, TextOp::StartsWith)),
        "endswith" => Some(text_test(i, TextOp::EndsWith)),
        _ => {
            let known =
                ["or", "and", "in"].into_iter().find(|known| is_shouted(i, known))?;
            foreign(i, known);
            Some(match known {
                "or" => (i.next(), Level::Or, Operator::Binary(B::Or)),
                "and" => (i.next(), Level::And, Operator::Binary(B::And)),
                _ => (i.next(), Level::Compare, Operator::Binary(B::In)),
            })
        }
    }
}

/// A test on text with its `any` or `all`.
fn text_test(i: Tokens<'_>, op: TextOp) -> (Tokens<'_>, Level, Operator) {
    let (rest, all) = match i.word(1) {
        Some("any") => (i.next().next(), false),
        Some("all") => (i.next().next(), true),
        _ => (i.next(), false),
    };
    (rest, Level::Compare, Operator::Text { op, all })
}

/// Whether the next word is `known` in capitals, as in other languages.
fn is_shouted(i: Tokens<'_>, known: &str) -> bool {
    i.word(0).is_some_and(|word| word != known && word.eq_ignore_ascii_case(known))
}

/// Reports an operator that is spelled as in another language.
fn foreign(i: Tokens<'_>, ours: &'static str) {
    let span = i.span();
    let shown = ours.trim_end();
    let message = format!("`{}` is written `{shown}`", i.text());
    let fix = format!("replace it by `{shown}`");
    let fix = Fix::replace(fix, Applicability::Machine, span, ours);
    i.tell(Diagnostic::new(Code::E0117, span, message).fix(fix));
}

impl Stacks {
    fn push(&mut self, i: Tokens<'_>, level: Level, operator: Operator) {
        let (at, token) = (i.span(), i.node(i.next(), ()).tokens.0);
        self.operators.push(Pending { level, operator, at, token });
    }

    /// Reads `{ prefix }`.
    fn prefixes<'a>(
        &mut self,
        mut i: Tokens<'a>,
    ) -> Result<Tokens<'a>, nom::Err<Problem>> {
        while let Some((level, op)) = prefix(i) {
            if self.operators.last().is_some_and(|top| top.level > level) {
                let message = format!("`{}` needs brackets here", i.text());
                let help = "it binds less tightly than the operator before it";
                let diagnostic = Diagnostic::new(Code::E0119, i.span(), message);
                return Err(told(i, diagnostic.help(help)));
            }
            self.push(i, level, Operator::Unary(op));
            i = i.next();
        }
        Ok(i)
    }

    /// state = "is" [ "not" ] ( "missing" | "null" | "present" ) ;
    ///
    /// Reads as many as there are.
    fn states<'a>(&mut self, mut i: Tokens<'a>) -> Result<Tokens<'a>, nom::Err<Problem>> {
        while i.is_word("is") {
            let negated = i.word(1) == Some("not");
            let rest = if negated { i.next().next() } else { i.next() };
            let state = match rest.word(0) {
                Some("missing") => IsState::Missing,
                Some("null") => IsState::Null,
                Some("present") => IsState::Present,
                _ => return Err(committed(rest, "`missing`, `null` or `present`")),
            };
            self.compare_once(i, Level::Compare)?;
            self.reduce(i, Some(Level::Compare))?;
            let word = rest.node(rest.next(), ());
            self.wrap(i, |value| {
                let span = value.span.to(word.span);
                let tokens = (value.tokens.0, word.tokens.1);
                let kind = ExprKind::Is { value: Box::new(value), negated, state };
                Node { kind, span, tokens }
            })?;
            i = rest.next();
        }
        Ok(i)
    }

    /// Reports a second comparison, or a third end of a range, and goes on.
    fn compare_once(
        &mut self,
        i: Tokens<'_>,
        level: Level,
    ) -> Result<(), nom::Err<Problem>> {
        if !matches!(level, Level::Compare | Level::Range) {
            return Ok(());
        }
        while self.operators.last().is_some_and(|top| top.level > level) {
            self.apply(i)?;
        }
        let before =
            self.operators.last().filter(|top| top.level == level).map(|top| top.at);
        let state = self.operands.last().filter(|tree| is_state(&tree.expr));
        let state = state.map(|tree| tree.expr.span).filter(|_| level == Level::Compare);
        let Some(before) = before.or(state) else { return Ok(()) };
        i.tell(if level == Level::Range {
            let diagnostic =
                Diagnostic::new(Code::E0112, i.span(), "a range has two ends");
            diagnostic.secondary(before, "the range is here")
        } else {
            Diagnostic::new(Code::E0114, i.span(), "comparisons do not chain")
                .label("a second comparison")
                .secondary(before, "the first one")
                .help("compare twice, as in `a < b and b < c`, or use brackets")
        });
        Ok(())
    }

    /// Makes trees of the operators that bind at least as tightly as `level`,
    /// or of all. Runs of `and` and `or` wait until they are complete.
    fn reduce(
        &mut self,
        i: Tokens<'_>,
        level: Option<Level>,
    ) -> Result<(), nom::Err<Problem>> {
        while let Some(top) = self.operators.last() {
            let waits = |level| top.level < level || top.level == level && is_run(level);
            if level.is_some_and(waits) {
                break;
            }
            self.apply(i)?;
        }
        Ok(())
    }

    /// Makes a tree of the last operator and its operands.
    fn apply(&mut self, i: Tokens<'_>) -> Result<(), nom::Err<Problem>> {
        let Some(top) = self.operators.pop() else { return Ok(()) };
        if is_run(top.level) {
            return self.apply_run(i, &top);
        }
        if let Operator::Unary(op) = top.operator {
            return self.wrap(i, |operand| Node {
                span: top.at.to(operand.span),
                tokens: (top.token, operand.tokens.1),
                kind: ExprKind::Unary(op, Box::new(operand)),
            });
        }
        let (Some(right), Some(left)) = (self.operands.pop(), self.operands.pop()) else {
            return Err(committed(i, "an expression"));
        };
        self.operands.push(joined(i, top.operator, left, right)?);
        Ok(())
    }

    /// Makes a tree of the last operator and all of its level before it.
    fn apply_run(
        &mut self,
        i: Tokens<'_>,
        top: &Pending,
    ) -> Result<(), nom::Err<Problem>> {
        let same =
            self.operators.iter().rev().take_while(|p| p.level == top.level).count();
        self.operators.truncate(self.operators.len() - same);
        let first = self.operands.len().saturating_sub(same + 2);
        let run = self.operands.split_off(first);
        self.operands.push(balanced(i, top.operator, run)?);
        Ok(())
    }

    /// Puts a node over the last operand.
    fn wrap(
        &mut self,
        i: Tokens<'_>,
        over: impl FnOnce(Expr) -> Expr,
    ) -> Result<(), nom::Err<Problem>> {
        let Some(Tree { expr, height }) = self.operands.pop() else {
            return Err(committed(i, "an expression"));
        };
        self.operands.push(Tree::over(i, over(expr), height)?);
        Ok(())
    }
}

impl Tree {
    /// A tree over parts of which the highest has this height.
    pub(super) fn over(
        i: Tokens<'_>,
        expr: Expr,
        height: u16,
    ) -> Result<Tree, nom::Err<Problem>> {
        if height >= MAX_HEIGHT {
            let message = format!("expression is more than {MAX_HEIGHT} operators deep");
            let diagnostic = Diagnostic::new(Code::E0105, i.span(), message);
            return Err(told(i, diagnostic.help("name a part of it with `pred`")));
        }
        Ok(Tree { expr, height: height + 1 })
    }
}

/// Whether operators of this level wait for their whole run.
fn is_run(level: Level) -> bool {
    matches!(level, Level::And | Level::Or)
}

/// Whether this is `E is STATE` without brackets around it.
fn is_state(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Is { .. })
}

/// A tree of a run: leaning to the left if short, else of two halves.
fn balanced(
    i: Tokens<'_>,
    operator: Operator,
    mut run: Vec<Tree>,
) -> Result<Tree, nom::Err<Problem>> {
    if run.len() > LEANING {
        let right = run.split_off(run.len() / 2);
        let left = balanced(i, operator, run)?;
        return joined(i, operator, left, balanced(i, operator, right)?);
    }
    let mut operands = run.into_iter();
    let Some(first) = operands.next() else { return Err(committed(i, "an expression")) };
    operands.try_fold(first, |left, right| joined(i, operator, left, right))
}

/// A tree of an operator over two operands.
fn joined(
    i: Tokens<'_>,
    operator: Operator,
    left: Tree,
    right: Tree,
) -> Result<Tree, nom::Err<Problem>> {
    let height = left.height.max(right.height);
    let (span, tokens) = extent(&left.expr, &right.expr);
    let (left, right) = (Box::new(left.expr), Box::new(right.expr));
    let kind = match operator {
        Operator::Binary(op) => ExprKind::Binary(op, left, right),
        Operator::Text { op, all } => {
            ExprKind::Text { op, all, value: left, needles: right }
        }
        Operator::Range => ExprKind::Range(left, right),
        // Prefixes have one operand and do not come here.
        Operator::Unary(op) => ExprKind::Unary(op, right),
    };
    Tree::over(i, Node { kind, span, tokens }, height)
}

/// What two nodes and everything between them cover.
fn extent(first: &Expr, last: &Expr) -> (Span, (u32, u32)) {
    (first.span.to(last.span), (first.tokens.0, last.tokens.1))
}
