//! Expressions: chains break before their operators, lists where they are full.

use super::Printer;
use super::layout::Piece;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::syntax::token::TokenKind as T;

impl<'a> Printer<'a> {
    /// An expression; the lines of a chain are indented.
    pub(super) fn expr(&mut self, expr: &Expr) {
        if !is_chain(expr) {
            return self.link(expr);
        }
        self.push(Piece::Indent);
        self.chain(expr);
        self.push(Piece::Dedent);
    }

    /// An expression; the lines of a chain stand under its start.
    pub(super) fn flush_expr(&mut self, expr: &Expr) {
        if is_chain(expr) { self.chain(expr) } else { self.link(expr) }
    }

    /// `a and b and c`, `a when b else c`: on one line, or each part on its own.
    fn chain(&mut self, expr: &Expr) {
        self.push(Piece::Begin);
        match &expr.kind {
            ExprKind::When { .. } => self.choice(expr),
            ExprKind::Binary(op, ..) => self.operands(expr, rank(*op)),
            _ => self.link(expr),
        }
        self.push(Piece::End);
    }

    /// `A when C else B`, where B may be another choice.
    fn choice(&mut self, expr: &Expr) {
        let mut last = expr;
        while let ExprKind::When { then, cond, otherwise } = &last.kind {
            self.expr(then);
            self.push(Piece::Line(" "));
            self.token();
            self.space();
            self.expr(cond);
            self.push(Piece::Line(" "));
            self.token();
            self.space();
            last = otherwise;
        }
        self.expr(last);
    }

    /// The operands of all operators of one rank, with those before them.
    fn operands(&mut self, expr: &Expr, chained: Option<u8>) {
        match &expr.kind {
            ExprKind::Binary(op, left, right) if rank(*op) == chained => {
                self.operands(left, chained);
                self.push(Piece::Line(" "));
                self.token();
                self.space();
                self.operands(right, chained);
            }
            _ => self.expr(expr),
        }
    }

    /// What is not a chain.
    fn link(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Index(base, index) => {
                self.expr(base);
                self.token();
                self.expr(index);
                self.token();
            }
            ExprKind::Set { fold, items } => {
                if *fold {
                    self.token();
                }
                self.items(items, " ", |p, item| p.expr(item));
            }
            ExprKind::List(items) => self.items(items, "", |p, (label, item)| {
                p.label(label.is_some());
                p.expr(item);
            }),
            ExprKind::Record(fields) => {
                self.items(fields, " ", |p, (key, value)| p.field(key, value));
            }
            ExprKind::Range(first, last) => {
                self.expr(first);
                self.token();
                self.expr(last);
            }
            ExprKind::Unary(op, operand) => {
                self.token();
                if *op == UnaryOp::Not {
                    self.space();
                }
                self.expr(operand);
            }
            ExprKind::Binary(op, left, right) => {
                self.comparison(left, 1 + usize::from(*op == BinaryOp::NotIn), right);
            }
            ExprKind::Text { value, needles, .. } => {
                self.expr(value);
                self.space();
                while self.at_word_before(needles) {
                    self.token();
                    self.space();
                }
                self.expr(needles);
            }
            ExprKind::Is { value, negated, .. } => {
                self.expr(value);
                self.space();
                self.spaced(2 + usize::from(*negated));
            }
            ExprKind::Call { args, .. } => {
                self.token();
                self.items(args, "", |p, (label, item)| {
                    p.label(label.is_some());
                    p.expr(item);
                });
            }
            ExprKind::Quant { over, cond, .. } => {
                self.spaced(3);
                self.space();
                self.expr(over);
                self.space();
                self.brackets(cond);
            }
            ExprKind::Paren(inner) => self.brackets(inner),
            _ => self.tight(expr.tokens.1),
        }
    }

    /// `a == b`, with `n` words as the operator
    fn comparison(&mut self, left: &Expr, n: usize, right: &Expr) {
        self.expr(left);
        self.space();
        self.spaced(n);
        self.space();
        self.expr(right);
    }

    /// Whether the next token stands before this node.
    fn at_word_before(&self, node: &Expr) -> bool {
        self.peek().is_some_and(|token| token.start < node.span.start)
    }

    /// `NAME: `, if there is a label
    fn label(&mut self, labelled: bool) {
        if labelled {
            self.token();
            self.token();
            self.space();
        }
    }

    /// `KEY: VALUE`
    pub(super) fn field(&mut self, key: &Expr, value: &Expr) {
        self.expr(key);
        self.token();
        self.space();
        self.expr(value);
    }

    /// `( E )`
    fn brackets(&mut self, inner: &Expr) {
        self.push(Piece::Begin);
        self.token();
        self.push(Piece::Indent);
        self.push(Piece::Line(""));
        self.flush_expr(inner);
        self.last_comments();
        self.push(Piece::Dedent);
        self.push(Piece::Line(""));
        self.token();
        self.push(Piece::End);
    }

    /// Items in brackets, as many on a line as fit. `pad` stands within the
    /// brackets when all is on one line.
    pub(super) fn items<E>(
        &mut self,
        items: &[E],
        pad: &'static str,
        mut print: impl FnMut(&mut Self, &E),
    ) {
        self.push(Piece::Begin);
        self.token();
        self.push(Piece::Indent);
        for (n, item) in items.iter().enumerate() {
            self.push(if n == 0 { Piece::Line(pad) } else { Piece::Fill });
            print(self, item);
            if self.is_next(T::Comma) {
                self.token();
            }
        }
        self.last_comments();
        self.push(Piece::Dedent);
        if !items.is_empty() {
            self.push(Piece::Line(pad));
        }
        self.token();
        self.push(Piece::End);
    }
}

/// Whether an expression is a chain of operators that may break.
pub(super) fn is_chain(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Binary(op, ..) => rank(*op).is_some(),
        ExprKind::When { .. } => true,
        _ => false,
    }
}

/// Operators that chain with each other have the same rank.
fn rank(op: BinaryOp) -> Option<u8> {
    Some(match op {
        BinaryOp::Else => 0,
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Coalesce => 3,
        BinaryOp::BitOr => 4,
        BinaryOp::BitXor => 5,
        BinaryOp::BitAnd => 6,
        BinaryOp::Shl | BinaryOp::Shr => 7,
        BinaryOp::Add | BinaryOp::Sub => 8,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => 9,
        _ => return None,
    })
}
