//! Declarations, sections and tests.

use super::Printer;
use super::expr::is_chain;
use super::layout::Piece;
use crate::syntax::ast::{
    Data, Entry, Expect, Expr, File, Item, Node, Param, Pred, Rule, Section, Test,
    TestEvent, TypeExpr,
};
use crate::syntax::token::TokenKind as T;

impl<'a> Printer<'a> {
    /// Items with an empty line between them, except between declarations of one
    /// line and one sort.
    pub(super) fn file(&mut self, file: &File) {
        let mut last = None;
        for item in &file.items {
            let sort = sort(&item.kind);
            match last {
                Some(last) if last == sort && sort != Sort::Block => {
                    self.push(Piece::Hard)
                }
                _ => self.push(Piece::Empty),
            }
            self.item(item);
            last = Some(sort);
        }
        if self.has_comments() {
            self.push(Piece::Empty);
        }
        self.comments();
    }

    fn item(&mut self, item: &Node<Item>) {
        match &item.kind {
            Item::Param(param) => self.param(param),
            Item::Data(data) => self.data(data),
            Item::Pred(pred) => self.pred(pred),
            Item::Rule(rule) => self.rule(rule),
            Item::Setting(entry) => self.entry(entry),
            Item::Error => self.tight(item.tokens.1),
        }
    }

    /// `param NAME: TYPE max N = EXPR`
    fn param(&mut self, param: &Param) {
        self.spaced(2);
        self.typed(&param.ty);
        if param.max.is_some() {
            self.space();
            self.spaced(2);
        }
        if let Some(default) = &param.default {
            self.assigned(default);
        }
    }

    /// `data NAME: TYPE replaceable = "FILE"`
    fn data(&mut self, data: &Data) {
        self.spaced(2);
        self.typed(&data.ty);
        if data.replaceable {
            self.space();
            self.token();
        }
        self.space();
        self.spaced(2);
    }

    /// `pred NAME(NAME: TYPE) = EXPR`
    fn pred(&mut self, pred: &Pred) {
        self.spaced(2);
        self.items(&pred.args, "", |p, (_, ty)| {
            p.token();
            p.typed(ty);
        });
        if !is_chain(&pred.body) {
            return self.assigned(&pred.body);
        }
        self.space();
        self.token();
        self.push(Piece::Begin);
        self.push(Piece::Indent);
        self.push(Piece::Line(" "));
        self.flush_expr(&pred.body);
        self.push(Piece::Dedent);
        self.push(Piece::End);
    }

    /// `: TYPE`
    fn typed(&mut self, ty: &Node<TypeExpr>) {
        self.token();
        self.space();
        self.token();
        for n in 0..ty.kind.args.len() {
            self.token();
            if n > 0 {
                self.space();
            }
            self.token();
        }
        if !ty.kind.args.is_empty() {
            self.token();
        }
    }

    /// ` = EXPR`
    fn assigned(&mut self, value: &Expr) {
        self.space();
        self.token();
        self.operand(value);
    }

    /// ` EXPR`, indented if a comment keeps it from the line of what it belongs to
    fn operand(&mut self, value: &Expr) {
        if self.trailing.is_none() && !self.has_comments() {
            self.space();
            return self.expr(value);
        }
        self.push(Piece::Indent);
        self.space();
        self.flush_expr(value);
        self.push(Piece::Dedent);
    }

    /// `KEY = EXPR`
    fn entry(&mut self, entry: &Entry) {
        self.token();
        self.assigned(&entry.value);
    }

    /// `rule NAME { ... }`
    fn rule(&mut self, rule: &Rule) {
        self.spaced(2);
        self.space();
        self.block(&rule.sections, |p, n, section| {
            let is_test = matches!(section.kind, Section::Test(_));
            p.push(if is_test && n > 0 { Piece::Empty } else { Piece::Hard });
            p.section(section);
        });
    }

    /// `{`, one element after the other, `}`; the caller breaks the lines.
    fn block<E>(&mut self, elements: &[E], mut print: impl FnMut(&mut Self, usize, &E)) {
        self.token();
        self.push(Piece::Indent);
        for (n, element) in elements.iter().enumerate() {
            print(self, n, element);
        }
        self.last_comments();
        self.push(Piece::Dedent);
        if !elements.is_empty() {
            self.push(Piece::Hard);
        }
        self.token();
    }

    /// Comments before a closing bracket, which belong to what it closes.
    pub(super) fn last_comments(&mut self) {
        if self.has_comments() {
            self.push(Piece::Hard);
            self.comments();
        }
    }

    fn section(&mut self, section: &Node<Section>) {
        match &section.kind {
            Section::Meta(entries) | Section::Emit(entries) => {
                self.token();
                self.space();
                self.block(entries, |p, _, entry| {
                    p.push(Piece::Hard);
                    p.entry(&entry.kind);
                });
            }
            Section::On { name, .. } => self.spaced(if name.is_some() { 4 } else { 2 }),
            Section::Where(expr) | Section::Unless(expr) => {
                self.token();
                self.operand(expr);
            }
            Section::Dedup { by, within } => {
                self.spaced(2);
                self.space();
                self.items(by, "", |p, expr| p.expr(expr));
                self.space();
                self.token();
                self.space();
                self.expr(within);
            }
            Section::Setting(entry) => self.entry(entry),
            Section::Test(test) => self.test(test),
            Section::Error => self.tight(section.tokens.1),
        }
    }

    /// `test "NAME" with { ... } { ... }`
    fn test(&mut self, test: &Test) {
        self.spaced(2);
        self.space();
        if self.peek().is_some_and(|token| token.kind == T::Word) {
            self.token();
            self.space();
            self.items(&test.with, " ", |p, (_, value)| {
                p.spaced_colon();
                p.expr(value);
            });
            self.space();
        }
        let events = test.events.iter().map(|event| (event.tokens.0, Ok(&event.kind)));
        let expects =
            test.expects.iter().map(|expect| (expect.tokens.0, Err(&expect.kind)));
        let mut statements: Vec<_> = events.chain(expects).collect();
        statements.sort_by_key(|(at, _)| *at);
        self.block(&statements, |p, _, (_, statement)| {
            p.push(Piece::Hard);
            match statement {
                Ok(event) => p.event(event),
                Err(expect) => p.expect(expect),
            }
        });
    }

    /// `KEY: `, the key a word
    fn spaced_colon(&mut self) {
        self.token();
        self.token();
        self.space();
    }

    /// `at DURATION KIND { ... }`
    fn event(&mut self, event: &TestEvent) {
        self.spaced(3);
        self.space();
        self.items(&event.fields, " ", |p, (key, value)| p.field(key, value));
    }

    /// `expect indeterminate on PATH, PATH`
    fn expect(&mut self, expect: &Expect) {
        self.spaced(2);
        let Expect::Indeterminate(paths) = expect else { return };
        if paths.is_empty() {
            return;
        }
        self.space();
        self.token();
        self.space();
        self.push(Piece::Begin);
        self.push(Piece::Indent);
        for (n, path) in paths.iter().enumerate() {
            if n > 0 {
                self.push(Piece::Fill);
            }
            self.expr(path);
            if n + 1 < paths.len() {
                self.token();
            }
        }
        self.push(Piece::Dedent);
        self.push(Piece::End);
    }
}

/// Items that may stand without an empty line between two of the same sort.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Param,
    Data,
    Setting,
    Block,
}

fn sort(item: &Item) -> Sort {
    match item {
        Item::Param(_) => Sort::Param,
        Item::Data(_) => Sort::Data,
        Item::Setting(_) => Sort::Setting,
        Item::Pred(_) | Item::Rule(_) | Item::Error => Sort::Block,
    }
}
