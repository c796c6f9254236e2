//! Calls: predicates, which are inlined, and the few functions there are.

use std::rc::Rc;

use super::{Lower, MAX_INLINE};
use crate::analysis::functions::BUILTIN;
use crate::analysis::names::{Name, bare};
use crate::analysis::report;
use crate::analysis::scope::{EventType, Scope, Var, VarKind, is_repeated};
use crate::analysis::types::{self, const_int};
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::ir::{Cond, CondKind, Expr, ExprKind, FieldRef, Type, Value};
use crate::syntax::ast::{self, Ident};

/// Whether a name is that of a function of the language.
fn is_builtin(name: &str) -> bool {
    BUILTIN.iter().any(|builtin| builtin.name == name)
}

/// Names of the functions of the language.
fn builtin<'n>() -> impl Iterator<Item = &'n str> {
    BUILTIN.iter().map(|builtin| builtin.name)
}

impl<'a> Lower<'a, '_> {
    /// A call where a truth is wanted.
    pub(super) fn call_cond(
        &mut self,
        e: &ast::Expr,
        name: &Ident,
        args: &[(Option<Ident>, ast::Expr)],
    ) -> Option<Cond> {
        if let Some(n) = self.env.pred(&name.kind) {
            return self.inline(e, n, name, args);
        }
        if name.kind == "maintenance" {
            return self.maintenance(e, args);
        }
        if self.env.function(&name.kind).is_some() && !is_builtin(&name.kind) {
            return self.truth(e);
        }
        if is_builtin(&name.kind) {
            let value = self.call_value(e, name, args)?;
            let what = self.describe(value.ty);
            self.report(
                Diagnostic::new(
                    Code::E0213,
                    e.span,
                    format!("a condition is wanted here, but this is {what}"),
                )
                .label(what),
            );
            return None;
        }
        self.unknown_function(name);
        None
    }

    /// A call where a value is wanted.
    pub(super) fn call_value(
        &mut self,
        e: &ast::Expr,
        name: &Ident,
        args: &[(Option<Ident>, ast::Expr)],
    ) -> Option<Expr> {
        if name.kind == "register" {
            return self.register(e, args);
        }
        if self.env.pred(&name.kind).is_some() || name.kind == "maintenance" {
            self.report(
                Diagnostic::new(
                    Code::E0213,
                    e.span,
                    "a value is wanted here, but this is a condition",
                )
                .label("a condition"),
            );
            return None;
        }
        if !is_builtin(&name.kind) {
            if let Some(number) = self.env.function(&name.kind) {
                return self.call_of_plugin(e, number, args);
            }
            self.unknown_function(name);
            return None;
        }
        let [(None, arg)] = args else {
            self.report(
                Diagnostic::new(
                    Code::E0214,
                    e.span,
                    format!("`{}` takes one argument", name.kind),
                )
                .label(format!("{} given, or one with a name", args.len())),
            );
            return None;
        };
        match name.kind.as_str() {
            "len" => self.length(e, arg),
            "ref" => {
                let value = self.value(arg, Some(Type::Int))?;
                let Some(n) = const_int(&value) else {
                    self.not_constant(arg.span, "a reference");
                    return None;
                };
                let address = self.reference(n, arg.span)?;
                Some(super::compare::int(address, Type::Int, e.span))
            }
            _ => self.hex(e, arg),
        }
    }

    /// `len(x)`
    fn length(&mut self, e: &ast::Expr, arg: &ast::Expr) -> Option<Expr> {
        let int = |kind| Some(Expr { kind, ty: Type::Int, span: e.span });
        if let ast::ExprKind::Path(path) = &bare(arg).kind
            && let [first, _, ..] = path.as_slice()
            && let Some(VarKind::Event(ty)) =
                self.scope.var(&first.kind).map(|v| v.what.clone())
        {
            let rest = crate::analysis::names::path_text(path.get(1..).unwrap_or(&[]));
            if let Some(field) = ty.field(&rest).filter(|f| is_repeated(f)) {
                let at = FieldRef::Event(crate::analysis::scope::idx(field));
                return int(ExprKind::LenOf(at));
            }
        }
        let value = self.value(arg, Some(Type::Text))?;
        if types::is_text(value.ty) {
            return int(ExprKind::Len(Box::new(value)));
        }
        let what = self.describe(value.ty);
        self.report(
            Diagnostic::new(
                Code::E0206,
                arg.span,
                format!("`len` takes a text or a repeated field, but this is {what}"),
            )
            .label(what),
        );
        None
    }

    /// `hex("90 90")`: bytes that are not text.
    fn hex(&mut self, e: &ast::Expr, arg: &ast::Expr) -> Option<Expr> {
        let ast::ExprKind::Str(text) = &bare(arg).kind else {
            self.not_constant(arg.span, "the argument of `hex`");
            return None;
        };
        let digits: Option<Vec<u8>> = text
            .value
            .chars()
            .filter(|c| *c != ' ')
            .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
            .collect();
        let Some(digits) = digits.filter(|d| d.len() % 2 == 0) else {
            self.report(
                Diagnostic::new(Code::E0214, arg.span, "not pairs of hexadecimal digits")
                    .label("for example \"90 90 ff\""),
            );
            return None;
        };
        let pair = |pair: &[u8]| match pair {
            [high, low] => (high << 4) | low,
            _ => 0,
        };
        let bytes = digits.chunks_exact(2).map(pair).collect();
        let kind = ExprKind::Const(Value::Bytes(bytes));
        Some(Expr { kind, ty: Type::Bytes, span: e.span })
    }

    /// `maintenance(m.dst.asset)`: the field `maintenance` of an asset.
    fn maintenance(
        &mut self,
        e: &ast::Expr,
        args: &[(Option<Ident>, ast::Expr)],
    ) -> Option<Cond> {
        if let [(None, arg)] = args
            && let ast::ExprKind::Path(path) = &bare(arg).kind
            && path.last().is_some_and(|last| last.kind == "asset")
        {
            let mut whole = path.clone();
            if let Some(last) = path.last() {
                whole.push(Ident { kind: "maintenance".to_owned(), ..last.clone() });
            }
            let Name::Field(at, field) = self.resolve(&whole, arg.span)? else {
                return None;
            };
            let ty = types::of_field(field)?;
            let value = Expr { kind: ExprKind::Field(at), ty, span: e.span };
            return Some(self.leaf(CondKind::Truth(value), e.span));
        }
        self.report(
            Diagnostic::new(Code::E0214, e.span, "`maintenance` takes one asset")
                .label("for example `maintenance(m.dst.asset)`"),
        );
        None
    }

    fn unknown_function(&mut self, name: &Ident) {
        if self.env.is_poisoned(&name.kind) {
            self.broken = true;
            return;
        }
        let message = format!("there is no predicate or function `{}`", name.kind);
        let diagnostic = Diagnostic::new(Code::E0205, name.span, message);
        let known = self
            .env
            .pred_names()
            .chain(builtin())
            .chain(self.env.functions.iter().map(|function| function.name.as_str()));
        let diagnostic = match closest(&name.kind, known) {
            Some(near) => report::rename(diagnostic, name.span, near),
            None => self.known_functions(diagnostic.label("unknown function")),
        };
        self.report(diagnostic);
    }

    /// What could have been called.
    fn known_functions(&self, diagnostic: Diagnostic) -> Diagnostic {
        let diagnostic = diagnostic.note(format!(
            "functions are {}; predicates are declared with `pred`",
            report::list(builtin())
        ));
        let functions = &self.env.functions;
        if functions.is_empty() {
            let help = "a function of a plugin is known if the plugin is given";
            return diagnostic.help(help);
        }
        let names = functions.iter().take(12).map(|function| function.name.as_str());
        diagnostic.note(format!("functions of plugins are {}", report::list(names)))
    }

    /// The body of a predicate with its arguments bound.
    fn inline(
        &mut self,
        e: &ast::Expr,
        n: u32,
        name: &Ident,
        args: &[(Option<Ident>, ast::Expr)],
    ) -> Option<Cond> {
        let decl = self.env.pred_decl(n)?;
        let pred: &'a ast::Pred = decl.ast;
        if args.len() != pred.args.len() || args.iter().any(|(name, _)| name.is_some()) {
            let wanted = pred.args.len();
            self.report(
                Diagnostic::new(
                    Code::E0214,
                    e.span,
                    format!("`{}` takes {wanted} arguments, without names", name.kind),
                )
                .label(format!("{} given", args.len()))
                .secondary(pred.name.span, "declared here"),
            );
            return None;
        }
        let mut vars = Vec::new();
        let mut sound = true;
        for ((_, arg), (param, ty)) in args.iter().zip(&pred.args) {
            match self.bind_argument(arg, &ty.kind.name) {
                Some(what) => vars.push(Var { name: param.kind.clone(), what }),
                None => sound = false,
            }
        }
        if !sound {
            return None;
        }
        if self.skip_bodies {
            return Some(Cond { kind: CondKind::Const(true), span: e.span });
        }
        if !decl.is_sound.get() || self.scope.depth >= MAX_INLINE {
            if decl.is_sound.get() {
                self.report(
                    Diagnostic::new(
                        Code::E0407,
                        e.span,
                        "predicates are nested too deep",
                    )
                    .label(format!("more than {MAX_INLINE} of them")),
                );
            }
            self.broken = true;
            return None;
        }
        // A quantifier around the call stays in force: its element is not visible
        // in the body, but a second one is refused.
        if let Some(outer) = self.scope.vars.iter().find(|v| is_element(v)) {
            vars.insert(0, Var { name: String::new(), what: outer.what.clone() });
        }
        let inner = Scope {
            vars,
            missing_is_false: self.scope.missing_is_false,
            depth: self.scope.depth + 1,
        };
        let outer = std::mem::replace(&mut self.scope, inner);
        let body = self.cond(&pred.body);
        self.scope = outer;
        body
    }

    /// What an argument binds to a name.
    fn bind_argument(&mut self, arg: &ast::Expr, ty: &str) -> Option<VarKind<'a>> {
        if let Some(scalar) = types::by_name(self.env.schema, ty) {
            let mut value = self.value(arg, Some(scalar))?;
            super::compare::adapt(&mut value, scalar);
            if value.ty != scalar {
                let (found, wanted) = (self.describe(value.ty), self.describe(scalar));
                self.report(
                    Diagnostic::new(
                        Code::E0206,
                        arg.span,
                        format!("{wanted} is wanted here, but this is {found}"),
                    )
                    .label(found),
                );
                return None;
            }
            return Some(VarKind::Value(value));
        }
        let wanted = EventType::find(self.env.schema, ty)?;
        if let ast::ExprKind::Path(path) = &bare(arg).kind
            && let Name::Event = self.resolve(path, arg.span)?
        {
            let first = path.first()?;
            let VarKind::Event(event) = self.scope.var(&first.kind)?.what.clone() else {
                return None;
            };
            if event.is_within(&wanted) {
                // The body sees what it declares, the module what the rule reads.
                let bound = EventType { fields: wanted.fields, ..(*event).clone() };
                return Some(VarKind::Event(Rc::new(bound)));
            }
            self.report(
                Diagnostic::new(
                    Code::E0206,
                    arg.span,
                    format!("`{ty}` is wanted here, but this is `{}`", event.name),
                )
                .label(format!("an event of kind `{}`", event.name)),
            );
            return None;
        }
        self.report(
            Diagnostic::new(
                Code::E0206,
                arg.span,
                format!("an event of kind `{ty}` is wanted here"),
            )
            .label("not an event"),
        );
        None
    }
}

fn is_element(var: &Var<'_>) -> bool {
    matches!(var.what, VarKind::Element(..))
}
