//! Parameters, tables and predicates that nothing uses.

use std::collections::BTreeSet;

use super::Context;
use crate::analysis::preds::each;
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{self, ExprKind, Item, Section};

/// Reports what is declared and not used. Where something did not parse, nobody
/// knows what it uses, and nothing is said.
pub(super) fn check(cx: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if !cx.is_whole {
        return;
    }
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for item in cx.items {
        match &item.kind {
            Item::Pred(pred) => expr(&pred.body, &mut used),
            Item::Rule(rule) => {
                for section in &rule.sections {
                    self::section(&section.kind, cx, &mut used);
                }
            }
            _ => {}
        }
    }
    let declared = cx
        .env
        .params
        .iter()
        .map(|d| (&d.ast.name, Code::W0503, "parameter"))
        .chain(cx.env.data.iter().map(|d| (&d.ast.name, Code::W0504, "table")))
        .chain(cx.env.preds.iter().map(|d| (&d.ast.name, Code::W0505, "predicate")));
    for (name, code, what) in declared {
        if !used.contains(name.kind.as_str()) {
            let message = format!("the {what} `{}` is not used", name.kind);
            diagnostics.push(Diagnostic::new(code, name.span, message).label("unused"));
        }
    }
}

fn section<'a>(section: &'a Section, cx: &Context<'a>, used: &mut BTreeSet<&'a str>) {
    match section {
        Section::Where(e) | Section::Unless(e) => expr(e, used),
        Section::Dedup { by, .. } => by.iter().for_each(|e| expr(e, used)),
        Section::Emit(entries) => {
            for entry in entries {
                expr(&entry.kind.value, used);
                if entry.kind.key.kind == "title" {
                    words(cx.env.sources.text(entry.kind.value.span), used);
                }
            }
        }
        _ => {}
    }
}

fn expr<'a>(e: &'a ast::Expr, used: &mut BTreeSet<&'a str>) {
    each(e, &mut |e| match &e.kind {
        ExprKind::Path(path) => {
            used.extend(path.first().map(|first| first.kind.as_str()));
        }
        ExprKind::Call { name, .. } => {
            used.insert(&name.kind);
        }
        _ => {}
    });
}

/// Words between braces of a title may be names.
fn words<'a>(text: Option<&'a str>, used: &mut BTreeSet<&'a str>) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for part in text.unwrap_or("").split('{').skip(1) {
        let inner = part.split('}').next().unwrap_or("");
        used.extend(inner.split(|c: char| !is_word(c)).filter(|word| !word.is_empty()));
    }
}
