//! Values: names, `??`, look-ups, and what is not a value.

use super::Lower;
use crate::analysis::names::{Name, single_name};
use crate::analysis::types;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::{Expr, ExprKind, PathView, Type, Value};
use crate::syntax::ast::{self, BinaryOp, Ident, UnaryOp};

impl Lower<'_, '_> {
    /// Lowers an expression where a value is wanted.
    ///
    /// `expected` is the type of what it stands beside, if that is known. It
    /// decides what a label or a literal means; it is not demanded.
    pub(in crate::analysis) fn value(
        &mut self,
        e: &ast::Expr,
        expected: Option<Type>,
    ) -> Option<Expr> {
        self.spend(e.span)?;
        let value = self.value_of(e, expected);
        self.rise();
        value
    }

    fn value_of(&mut self, e: &ast::Expr, expected: Option<Type>) -> Option<Expr> {
        match &e.kind {
            ast::ExprKind::Paren(inner) => self.value(inner, expected),
            ast::ExprKind::Int(n) => self.int_literal(*n, e.span, expected),
            ast::ExprKind::Float(f) => self.float_literal(*f, e.span),
            ast::ExprKind::Bool(b) => Some(constant(Value::Bool(*b), Type::Bool, e.span)),
            ast::ExprKind::Str(text) => self.text_literal(text, e.span, expected),
            ast::ExprKind::Duration(ns) => {
                Some(constant(Value::Int(*ns), Type::Duration, e.span))
            }
            ast::ExprKind::Ip(ip) => {
                Some(constant(Value::Ip(super::address::mapped(*ip)), Type::Ip, e.span))
            }
            ast::ExprKind::Mac(mac) => {
                Some(constant(Value::Mac(*mac), Type::Mac, e.span))
            }
            ast::ExprKind::Path(path) => self.path_value(path, e.span, expected),
            ast::ExprKind::Index(table, key) => self.lookup(e.span, table, key),
            ast::ExprKind::Range(first, last) => self.range_value(e.span, first, last),
            ast::ExprKind::Unary(UnaryOp::Neg, inner) => {
                self.negation(e.span, inner, expected)
            }
            ast::ExprKind::Unary(UnaryOp::BitNot, inner) => {
                self.complement(e.span, inner)
            }
            ast::ExprKind::Binary(BinaryOp::Coalesce, left, right) => {
                self.coalesce(e.span, left, right, expected)
            }
            ast::ExprKind::Binary(op, left, right) if super::arith::op(*op).is_some() => {
                self.arithmetic(e.span, *op, left, right, expected)
            }
            ast::ExprKind::Call { name, args } => self.call_value(e, name, args),
            ast::ExprKind::Error => {
                self.broken = true;
                None
            }
            _ => {
                self.not_a_value(e);
                None
            }
        }
    }

    /// A name as a value.
    fn path_value(
        &mut self,
        path: &[Ident],
        span: Span,
        expected: Option<Type>,
    ) -> Option<Expr> {
        if let ([label], Some(Type::Enum(idx))) = (path, expected)
            && !self.is_declared(&label.kind)
        {
            let number = self.label(idx, label)?;
            return Some(constant(Value::Int(number), Type::Enum(idx), span));
        }
        let (kind, ty) = match self.resolve(path, span)? {
            Name::Field(at, field) => match types::of_field(field) {
                Some(ty) => (ExprKind::Field(at), ty),
                None => {
                    self.repeated_as_scalar(field, span);
                    return None;
                }
            },
            Name::View(view, at, field) => {
                let ty = types::of_field(field)?;
                let path = Expr { kind: ExprKind::Field(at), ty, span };
                (ExprKind::PathView(view, Box::new(path)), view_type(view))
            }
            Name::Item(group, scalar) => {
                (ExprKind::Item(group), types::of_scalar(scalar))
            }
            Name::Value(expr) => return Some(Expr { span, ..expr }),
            Name::Param(n) => {
                let decl = self.env.param_decl(n)?;
                let Some(ty) = decl.ty else {
                    self.broken = true;
                    return None;
                };
                if decl.is_set {
                    self.set_as_value(span, "use it with `in`");
                    return None;
                }
                (ExprKind::Param(n), ty)
            }
            Name::Data(n) => {
                let is_map = self.env.data_decl(n)?.ty.is_some_and(|(_, v)| v.is_some());
                let help = if is_map {
                    "look a key up: `table[key]`"
                } else {
                    "use it with `in`"
                };
                self.set_as_value(span, help);
                return None;
            }
            Name::Prefix(prefix) => {
                self.prefix_as_value(&prefix, span);
                return None;
            }
            Name::Event | Name::Element => {
                let text = self.text(span).to_owned();
                self.report(
                    Diagnostic::new(
                        Code::E0213,
                        span,
                        format!("`{text}` is a whole record, but a value is wanted here"),
                    )
                    .label("name one of its fields"),
                );
                return None;
            }
        };
        Some(Expr { kind, ty, span })
    }

    fn set_as_value(&mut self, span: Span, help: &str) {
        let text = self.text(span).to_owned();
        self.report(
            Diagnostic::new(
                Code::E0213,
                span,
                format!("`{text}` is a set or a table, but a value is wanted here"),
            )
            .label("not a value")
            .help(help),
        );
    }

    /// `table[key]`
    fn lookup(&mut self, span: Span, table: &ast::Expr, key: &ast::Expr) -> Option<Expr> {
        if let Some(named) = self.map_name(table, key) {
            let kind = ExprKind::Field(named?);
            return Some(Expr { kind, ty: Type::Text, span });
        }
        let found = match single_name(table) {
            Some(name) => match self.env.value(&name.kind) {
                Some(Name::Data(n)) if self.scope.var(&name.kind).is_none() => Some(n),
                _ => None,
            },
            None => None,
        };
        let Some(n) = found else {
            if let Some(name) = single_name(table)
                && !self.is_declared(&name.kind)
            {
                if self.env.is_poisoned(&name.kind) {
                    self.broken = true;
                } else {
                    self.unknown_name(name, std::slice::from_ref(name), table.span);
                }
                return None;
            }
            self.report(
                Diagnostic::new(
                    Code::E0213,
                    table.span,
                    "only a table can be looked up with `[...]`",
                )
                .label("not a table")
                .help("declare one: `data names: map<ip, text> = \"data/names.csv\"`"),
            );
            return None;
        };
        let Some((key_ty, value_ty)) = self.env.data_decl(n)?.ty else {
            self.broken = true;
            return None;
        };
        let lowered = self.value(key, Some(key_ty))?;
        let Some(value_ty) = value_ty else {
            self.report(
                Diagnostic::new(Code::E0213, span, "a set has no values to look up")
                    .label("declared as `set<...>`")
                    .help("ask `key in table`"),
            );
            return None;
        };
        let key = self.key_of(lowered, key_ty, key.span)?;
        Some(Expr { kind: ExprKind::Lookup(n, Box::new(key)), ty: value_ty, span })
    }

    /// A value as the key of a set or a table, or a mismatch.
    pub(super) fn key_of(&mut self, value: Expr, key: Type, span: Span) -> Option<Expr> {
        let both_fold = types::folds(key) == types::folds(value.ty);
        let fits = value.ty == key
            || (types::is_text(key)
                && types::is_text(value.ty)
                && (both_fold || types::folds(key))
                && key != Type::Bytes
                && value.ty != Type::Bytes);
        if fits {
            return Some(value);
        }
        if key == Type::Float && value.ty == Type::Int {
            return Some(super::arith::to_float(value));
        }
        let found = self.describe(value.ty);
        let wanted = self.describe(key);
        let mut diagnostic = Diagnostic::new(
            Code::E0206,
            span,
            format!(
                "the type of the elements is {}, but this is {found}",
                strip_article(&wanted)
            ),
        )
        .label(found);
        if types::folds(value.ty) && key == Type::Text {
            diagnostic = diagnostic
                .help("declare the elements as `name`, so that both sides fold case");
        }
        self.report(diagnostic);
        None
    }

    /// `a ?? b`
    fn coalesce(
        &mut self,
        span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<Type>,
    ) -> Option<Expr> {
        let (left, right) = self.pair(left, right, expected)?;
        let (left, right, _) = self.unify(left, right, "??")?;
        let ty = if left.ty == right.ty { left.ty } else { Type::Name };
        let kind = ExprKind::Coalesce(Box::new(left), Box::new(right));
        Some(Expr { kind, ty, span })
    }

    /// Reports a condition, a set or a list where a value is wanted.
    fn not_a_value(&mut self, e: &ast::Expr) {
        let (what, help) = match &e.kind {
            ast::ExprKind::Set { .. } => {
                ("a set", Some("sets stand to the right of `in`"))
            }
            ast::ExprKind::List(_) => ("a list", None),
            ast::ExprKind::Net(..) => {
                ("a network", Some("use `in` to compare with a network"))
            }
            ast::ExprKind::Null => ("null", Some("ask `x is null`")),
            ast::ExprKind::Record(_) => ("a record", None),
            ast::ExprKind::When { .. } => {
                ("a choice", Some("`when` stands in `severity = ...` only"))
            }
            ast::ExprKind::Quant { quant: ast::Quant::Count, .. } => {
                ("a count", Some("compare it with a number, in a condition"))
            }
            _ => ("a condition", None),
        };
        let mut diagnostic = Diagnostic::new(
            Code::E0213,
            e.span,
            format!("a value is wanted here, but this is {what}"),
        )
        .label(what);
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    /// Whether an expression is all literals and labels, so that it takes its
    /// type from what it stands beside.
    pub(super) fn is_untyped(&self, e: &ast::Expr) -> bool {
        match &e.kind {
            ast::ExprKind::Int(_)
            | ast::ExprKind::Float(_)
            | ast::ExprKind::Str(_)
            | ast::ExprKind::Null => true,
            ast::ExprKind::Paren(inner) | ast::ExprKind::Unary(_, inner) => {
                self.is_untyped(inner)
            }
            ast::ExprKind::Path(path) => match path.as_slice() {
                [one] => !self.is_declared(&one.kind),
                _ => false,
            },
            ast::ExprKind::Binary(_, left, right) => {
                self.is_untyped(left) && self.is_untyped(right)
            }
            _ => false,
        }
    }
}

/// A constant.
pub(super) fn constant(value: Value, ty: Type, span: Span) -> Expr {
    Expr { kind: ExprKind::Const(value), ty, span }
}

/// The type of a view.
fn view_type(view: PathView) -> Type {
    match view {
        PathView::Directory => Type::Path,
        PathView::Name | PathView::Extension => Type::Name,
    }
}

/// `an address` as a plural would need it: `address`.
fn strip_article(text: &str) -> &str {
    ["an ", "a ", "the "].iter().find_map(|a| text.strip_prefix(a)).unwrap_or(text)
}
