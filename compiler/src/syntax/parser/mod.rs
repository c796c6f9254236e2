//! Tokens to tree: nom combinators over the significant tokens.
//!
//! ```text
//! input    the token window, what a production returns, how it fails
//! item     file, param, data, pred, settings
//! rule     rule and its sections
//! test     tests in a rule
//! expr     expressions: precedence by a loop over two stacks
//! operand  what stands between operators
//! recover  where reading goes on after a mistake
//! ```
//!
//! One production is one function, and its first line is its grammar. A
//! production fails with [`nom::Err::Error`] before its keyword, so that another
//! is tried, and with `Failure` behind it (`cut`), so that none is; then whoever
//! loops over sections, entries or statements reports the problem and goes on at
//! the next. No production looks more than a few tokens ahead and none is tried
//! twice, so parsing is linear.
//!
//! Declarations are found before anything is parsed ([`recover::windows`]): a
//! declaration is read within its window and cannot damage the next, whatever
//! brackets it lacks.

mod expr;
mod input;
mod item;
mod operand;
mod recover;
mod rule;
mod test;

use std::cell::RefCell;

use super::ast;
use super::sink::Sink;
use super::token::Token;
use crate::diagnostic::FileId;
pub(super) use input::RESERVED;
use input::{Context, Tokens};

/// Parses tokens that are one expression.
pub(super) fn expression(
    text: &str,
    file: FileId,
    tokens: &[Token],
    sink: Sink,
) -> (Option<ast::Expr>, Sink) {
    let significant = significant(tokens);
    let sink = RefCell::new(sink);
    let cx = Context { text, file, tokens, significant: &significant, sink: &sink };
    let all = Tokens::all(&cx);
    let expr = match expr::expr(all) {
        Ok((rest, expr)) if rest.is_end() => Some(expr),
        Ok((rest, _)) => {
            rest.report(input::expected(rest, "an operator or the end"));
            None
        }
        Err(problem) => {
            all.report(problem);
            None
        }
    };
    (expr, sink.into_inner())
}

/// Positions of the tokens that are neither blank nor comment.
fn significant(tokens: &[Token]) -> Vec<u32> {
    (0u32..).zip(tokens).filter(|(_, t)| !t.kind.is_trivia()).map(|(n, _)| n).collect()
}

/// Parses the tokens of a whole file.
pub(super) fn file(
    text: &str,
    file: FileId,
    tokens: &[Token],
    sink: Sink,
) -> (ast::File, Sink) {
    let significant = significant(tokens);
    let sink = RefCell::new(sink);
    let cx = Context { text, file, tokens, significant: &significant, sink: &sink };
    let mut items = Vec::new();
    for window in recover::windows(Tokens::all(&cx)) {
        item::items(window, &mut items);
    }
    (ast::File { items }, sink.into_inner())
}
