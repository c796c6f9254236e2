//! Calls of functions of plugins.

use tagout_spec::function::{ArgumentType, Function};

use super::Lower;
use super::compare::adapt;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::types::{takes, type_of_result};
use crate::ir::{Expr, ExprKind, Type};
use crate::syntax::ast::{self, Ident};

impl Lower<'_, '_> {
    /// `entropy(e.query.name)`
    pub(super) fn call_of_plugin(
        &mut self,
        e: &ast::Expr,
        number: u32,
        arguments: &[(Option<Ident>, ast::Expr)],
    ) -> Option<Expr> {
        let env = self.env;
        let function = env.functions.get(usize::try_from(number).ok()?)?;
        let wanted = function.arguments.len();
        if arguments.len() != wanted || arguments.iter().any(|(label, _)| label.is_some())
        {
            let plural = if wanted == 1 { "argument" } else { "arguments" };
            self.report(
                Diagnostic::new(
                    Code::E0214,
                    e.span,
                    format!("`{}` takes {wanted} {plural}, without names", function.name),
                )
                .label(format!("{} given, or one with a name", arguments.len()))
                .note(declared(function)),
            );
            return None;
        }
        let pairs = function.arguments.iter().zip(arguments);
        let lowered: Vec<Option<Expr>> = pairs
            .map(|(wanted, (_, argument))| self.argument(function, *wanted, argument))
            .collect();
        let arguments = lowered.into_iter().collect::<Option<_>>()?;
        let kind = ExprKind::Call(number, arguments);
        Some(Expr { kind, ty: type_of_result(function.returns), span: e.span })
    }

    fn argument(
        &mut self,
        function: &Function,
        wanted: ArgumentType,
        argument: &ast::Expr,
    ) -> Option<Expr> {
        let expected = expected(wanted);
        let mut value = self.value(argument, Some(expected))?;
        adapt(&mut value, expected);
        if wanted == ArgumentType::Float && value.ty == Type::Int {
            value = super::arith::to_float(value);
        }
        if takes(wanted, value.ty) {
            return Some(value);
        }
        let found = self.describe(value.ty);
        let wanted = self.describe(expected);
        self.report(
            Diagnostic::new(
                Code::E0206,
                argument.span,
                format!("{wanted} is wanted here, but this is {found}"),
            )
            .label(found)
            .note(declared(function)),
        );
        None
    }
}

/// The type that a literal in the place of an argument takes.
fn expected(wanted: ArgumentType) -> Type {
    match wanted {
        ArgumentType::Text => Type::Text,
        ArgumentType::Bytes => Type::Bytes,
        ArgumentType::Int => Type::Int,
        ArgumentType::Float => Type::Float,
        ArgumentType::Bool => Type::Bool,
        ArgumentType::Ip => Type::Ip,
    }
}

/// What a message says of a function.
fn declared(function: &Function) -> String {
    let Function { plugin, version, doc, .. } = function;
    let doc = if doc.is_empty() { String::new() } else { format!(": {doc}") };
    format!("plugin `{plugin}` {version} has `{function}`{doc}")
}
