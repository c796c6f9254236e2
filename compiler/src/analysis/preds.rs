//! Predicates checked on their own: so that a mistake in one is reported there,
//! once, and not in every rule that uses it.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::env::{self, Env};
use super::lower::{Lower, Patterns};
use super::report;
use super::scope::{self, EventType, Var, VarKind};
use super::types;
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::ir::{Expr, ExprKind};
use crate::syntax::ast::{self, ExprKind as Ast};

/// Checks every predicate and marks those that are wrong.
pub(super) fn check(env: &Env<'_>, diagnostics: &mut Vec<Diagnostic>) {
    recursion(env, diagnostics);
    for decl in &env.preds {
        let mut patterns = Patterns::default();
        let mut lower = Lower::new(env, &mut patterns);
        lower.skip_bodies = true;
        let bound = arguments(&mut lower, decl.ast);
        if bound {
            lower.cond(&decl.ast.body);
        }
        if lower.broken || !bound {
            decl.is_sound.set(false);
        }
        diagnostics.append(&mut lower.diagnostics);
    }
}

/// Binds the arguments of a predicate to what stands for any value of their types.
fn arguments(lower: &mut Lower<'_, '_>, pred: &ast::Pred) -> bool {
    let mut sound = true;
    for (name, ty) in &pred.args {
        if lower.scope.var(&name.kind).is_some() {
            lower.report(env::twice(&name.kind, name.span, None));
            sound = false;
            continue;
        }
        let schema = lower.env.schema;
        let what = if let Some(ty) =
            types::by_name(schema, &ty.kind.name).filter(|_| ty.kind.args.is_empty())
        {
            // A parameter of no number is a value that nothing is known of.
            let kind = ExprKind::Param(u32::MAX);
            VarKind::Value(Expr { kind, ty, span: name.span })
        } else if let Some(event) = EventType::find(schema, &ty.kind.name) {
            VarKind::Event(Rc::new(event))
        } else {
            let names =
                scope::event_names(schema).into_iter().chain(types::names(schema));
            let message = format!("there is no kind or type `{}`", ty.kind.name);
            let diagnostic = Diagnostic::new(Code::E0207, ty.span, message);
            let diagnostic = match closest(&ty.kind.name, names) {
                Some(near) => report::rename(diagnostic, ty.span, near),
                None => diagnostic.label("unknown type"),
            };
            lower.report(diagnostic);
            sound = false;
            continue;
        };
        lower.scope.vars.push(Var { name: name.kind.clone(), what });
    }
    sound
}

/// Reports predicates that use themselves, directly or through others.
fn recursion(env: &Env<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut uses: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (n, decl) in (0u32..).zip(&env.preds) {
        let mut called = Vec::new();
        calls(&decl.ast.body, &mut |name| called.extend(env.pred(name)));
        called.sort_unstable();
        called.dedup();
        uses.insert(n, called);
    }
    // What is left after taking away, again and again, what uses nothing that is
    // left, are the circles and what leads into them.
    let mut waiting: BTreeMap<u32, usize> =
        uses.iter().map(|(n, called)| (*n, called.len())).collect();
    let mut users: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (n, called) in &uses {
        for other in called {
            users.entry(*other).or_default().push(*n);
        }
    }
    let mut free: Vec<u32> =
        waiting.iter().filter(|(_, left)| **left == 0).map(|(n, _)| *n).collect();
    while let Some(n) = free.pop() {
        waiting.remove(&n);
        for user in users.get(&n).into_iter().flatten() {
            if let Some(left) = waiting.get_mut(user) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    free.push(*user);
                }
            }
        }
    }
    for n in waiting.keys() {
        let Some(decl) = env.pred_decl(*n) else { continue };
        decl.is_sound.set(false);
        if !reaches_itself(*n, &uses) {
            continue;
        }
        let name = &decl.ast.name;
        diagnostics.push(
            Diagnostic::new(
                Code::E0215,
                name.span,
                format!("`{}` uses itself", name.kind),
            )
            .label("directly or through another predicate")
            .note("predicates are put in place where they are used, so they must end"),
        );
    }
}

fn reaches_itself(start: u32, uses: &BTreeMap<u32, Vec<u32>>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    let mut todo: Vec<u32> = uses.get(&start).cloned().unwrap_or_default();
    while let Some(n) = todo.pop() {
        if n == start {
            return true;
        }
        if seen.insert(n) {
            todo.extend(uses.get(&n).into_iter().flatten());
        }
    }
    false
}

/// Every name that is called in an expression.
pub(super) fn calls<'e>(e: &'e ast::Expr, visit: &mut impl FnMut(&'e str)) {
    each(e, &mut |e| {
        if let Ast::Call { name, .. } = &e.kind {
            visit(&name.kind);
        }
    });
}

/// Every expression in an expression, itself included.
pub(super) fn each<'e>(e: &'e ast::Expr, visit: &mut impl FnMut(&'e ast::Expr)) {
    let mut todo = vec![e];
    while let Some(e) = todo.pop() {
        visit(e);
        match &e.kind {
            Ast::Index(a, b) | Ast::Range(a, b) | Ast::Binary(_, a, b) => {
                todo.extend([b.as_ref(), a.as_ref()]);
            }
            Ast::Set { items, .. } => todo.extend(items.iter().rev()),
            Ast::List(items) => todo.extend(items.iter().rev().map(|(_, e)| e)),
            Ast::Record(fields) => {
                for (key, value) in fields.iter().rev() {
                    todo.extend([value, key]);
                }
            }
            Ast::Unary(_, inner) | Ast::Paren(inner) => todo.push(inner),
            Ast::Is { value, .. } => todo.push(value),
            Ast::Text { value, needles, .. } => {
                todo.extend([needles.as_ref(), value.as_ref()]);
            }
            Ast::Call { args, .. } => todo.extend(args.iter().rev().map(|(_, e)| e)),
            Ast::Quant { over, cond, .. } => todo.extend([cond.as_ref(), over.as_ref()]),
            Ast::When { then, cond, otherwise } => {
                todo.extend([otherwise.as_ref(), cond.as_ref(), then.as_ref()]);
            }
            _ => {}
        }
    }
}
