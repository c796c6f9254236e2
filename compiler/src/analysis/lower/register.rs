//! `register(m, ADDRESS, TYPE, ...)`: a number in the registers of a PDU.

use super::Lower;
use crate::analysis::names::{Name, bare, single_name};
use crate::analysis::report;
use crate::analysis::types::const_int;
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::ir::{Expr, ExprKind, RegisterFormat, RegisterView, Type, Value};
use crate::syntax::ast::{self, Ident};

const FORMATS: &[(&str, RegisterFormat, i64)] = &[
    ("u16", RegisterFormat::U16, 1),
    ("i16", RegisterFormat::I16, 1),
    ("u32", RegisterFormat::U32, 2),
    ("i32", RegisterFormat::I32, 2),
    ("f32", RegisterFormat::F32, 2),
    ("u64", RegisterFormat::U64, 4),
    ("i64", RegisterFormat::I64, 4),
    ("f64", RegisterFormat::F64, 4),
];

impl Lower<'_, '_> {
    /// `register(m, 40, f32, word_order: little)`
    pub(super) fn register(
        &mut self,
        e: &ast::Expr,
        args: &[(Option<Ident>, ast::Expr)],
    ) -> Option<Expr> {
        let plain: Vec<&ast::Expr> =
            args.iter().filter(|(name, _)| name.is_none()).map(|(_, e)| e).collect();
        let [event, address, format] = plain.as_slice() else {
            self.report(
                Diagnostic::new(
                    Code::E0221,
                    e.span,
                    "`register` takes an event, an address and a type",
                )
                .label(format!("{} arguments without a name", plain.len()))
                .help("for example `register(m, 40, f32, word_order: little)`"),
            );
            return None;
        };
        let event = self.register_event(event);
        let format = self.register_format(format);
        let address = self.register_address(address, format.map_or(1, |(_, n)| n));
        let mut view = RegisterView {
            address: 0,
            format: RegisterFormat::U16,
            little_words: false,
            little_bytes: false,
            scale: None,
        };
        let mut sound = true;
        for (name, value) in args {
            if let Some(name) = name {
                sound &= self.register_option(name, value, &mut view).is_some();
            }
        }
        event?;
        view.address = address?;
        view.format = format?.0;
        if !sound {
            return None;
        }
        let is_float = view.scale.is_some()
            || matches!(view.format, RegisterFormat::F32 | RegisterFormat::F64);
        let ty = if is_float { Type::Float } else { Type::Int };
        Some(Expr { kind: ExprKind::Register(view), ty, span: e.span })
    }

    fn register_event(&mut self, e: &ast::Expr) -> Option<()> {
        if let Some(name) = single_name(e)
            && let Some(Name::Event) = self.resolve(std::slice::from_ref(name), e.span)
        {
            let kinds: Vec<_> =
                self.scope.event().map(|(_, ty)| ty.kinds.clone()).unwrap_or_default();
            let has = |k: &tagout_spec::schema::KindIdx| {
                let kind = self.env.schema.kinds.get(usize::from(k.0));
                kind.is_some_and(|kind| kind.registers.is_some())
            };
            if !kinds.is_empty() && kinds.iter().all(has) {
                return Some(());
            }
            self.report(
                Diagnostic::new(
                    Code::E0221,
                    e.span,
                    "events of this kind hold no registers",
                )
                .label("no registers"),
            );
            return None;
        }
        if !self.broken {
            self.report(
                Diagnostic::new(Code::E0221, e.span, "the first argument is the event")
                    .label("not an event"),
            );
        }
        None
    }

    fn register_format(&mut self, e: &ast::Expr) -> Option<(RegisterFormat, i64)> {
        let name = single_name(e);
        let found = name
            .and_then(|name| FORMATS.iter().find(|(known, _, _)| *known == name.kind));
        if let Some((_, format, words)) = found {
            return Some((*format, *words));
        }
        let names = || FORMATS.iter().map(|(name, _, _)| *name);
        let message = "not a type that registers hold";
        let mut diagnostic = Diagnostic::new(Code::E0221, e.span, message);
        match name.and_then(|name| closest(&name.kind, names())) {
            Some(near) => diagnostic = report::rename(diagnostic, e.span, near),
            None => {
                diagnostic = diagnostic
                    .label("unknown type")
                    .note(format!("types are {}", report::list(names())));
            }
        }
        self.report(diagnostic);
        None
    }

    fn register_address(&mut self, e: &ast::Expr, words: i64) -> Option<u16> {
        let value = self.value(e, Some(Type::Int))?;
        let Some(n) = const_int(&value).filter(|_| value.ty == Type::Int) else {
            self.not_constant(e.span, "the address of a register");
            return None;
        };
        let last = n.checked_add(words - 1).filter(|last| *last <= 0xFFFF);
        if let (Ok(address), Some(_)) = (u16::try_from(n), last) {
            return Some(address);
        }
        let mut diagnostic = Diagnostic::new(
            Code::E0221,
            e.span,
            format!("there is no register {n} of {words} words"),
        )
        .label("addresses are 0 to 65535");
        if (300_001..=465_536).contains(&n) {
            diagnostic = diagnostic.help(format!("a reference is written `ref({n})`"));
        }
        self.report(diagnostic);
        None
    }

    fn register_option(
        &mut self,
        name: &Ident,
        value: &ast::Expr,
        view: &mut RegisterView,
    ) -> Option<()> {
        match name.kind.as_str() {
            "word_order" => view.little_words = self.order(value)?,
            "byte_order" => view.little_bytes = self.order(value)?,
            "scale" => {
                let scale = self.value(value, Some(Type::Float))?;
                match scale.kind {
                    ExprKind::Const(Value::Float(f)) if f != 0.0 => view.scale = Some(f),
                    _ => {
                        self.report(
                            Diagnostic::new(
                                Code::E0221,
                                value.span,
                                "a scale is a constant number other than zero",
                            )
                            .label("not a scale"),
                        );
                        return None;
                    }
                }
            }
            other => {
                let known = ["word_order", "byte_order", "scale"];
                let message = format!("`register` has no argument `{other}`");
                let mut diagnostic = Diagnostic::new(Code::E0221, name.span, message);
                match closest(other, known) {
                    Some(near) => {
                        diagnostic = report::rename(diagnostic, name.span, near)
                    }
                    None => {
                        diagnostic = diagnostic
                            .label("unknown argument")
                            .note(format!("arguments are {}", report::list(known)));
                    }
                }
                self.report(diagnostic);
                return None;
            }
        }
        Some(())
    }

    /// Whether an order is `little`.
    fn order(&mut self, e: &ast::Expr) -> Option<bool> {
        match single_name(bare(e)).map(|name| name.kind.as_str()) {
            Some("big") => Some(false),
            Some("little") => Some(true),
            _ => {
                self.report(
                    Diagnostic::new(Code::E0221, e.span, "an order is `big` or `little`")
                        .label("not an order"),
                );
                None
            }
        }
    }
}
