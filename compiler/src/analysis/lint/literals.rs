//! Literals that are probably slips: an element of a set given twice, and a
//! register reference where a protocol address belongs.

use std::collections::BTreeMap;

use super::Context;
use crate::analysis::names::{bare, path_text};
use crate::analysis::preds::each;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Span};
use crate::syntax::ast::{self, BinaryOp, ExprKind, Item, Section, StrStyle};

/// Checks every expression of the pack.
pub(super) fn check(cx: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for item in cx.items {
        match &item.kind {
            Item::Pred(pred) => expr(&pred.body, diagnostics),
            Item::Param(param) => {
                param.default.iter().for_each(|e| expr(e, diagnostics));
            }
            Item::Rule(rule) => {
                for section in &rule.sections {
                    if let Section::Where(e) | Section::Unless(e) = &section.kind {
                        expr(e, diagnostics);
                    }
                }
            }
            _ => {}
        }
    }
}

fn expr(e: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) {
    each(e, &mut |e| match &e.kind {
        ExprKind::Set { fold, items } => doubles(*fold, items, diagnostics),
        ExprKind::Binary(op, left, right) => {
            let compares = matches!(
                op,
                BinaryOp::Eq
                    | BinaryOp::Ne
                    | BinaryOp::Lt
                    | BinaryOp::Le
                    | BinaryOp::Gt
                    | BinaryOp::Ge
                    | BinaryOp::In
                    | BinaryOp::NotIn
                    | BinaryOp::Overlaps
            );
            if compares && is_address(left) {
                references(right, diagnostics);
            }
        }
        _ => {}
    });
}

/// Elements that are written twice.
fn doubles(fold: bool, items: &[ast::Expr], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for item in items {
        let key = match &bare(item).kind {
            ExprKind::Str(text) if fold || text.style == StrStyle::Fold => {
                let folded: String =
                    text.value.chars().map(tagout_spec::fold::fold_char).collect();
                format!("i{folded}")
            }
            ExprKind::Str(text) => format!("s{}", text.value),
            ExprKind::Int(n) => format!("n{n}"),
            ExprKind::Ip(ip) => format!("a{ip}"),
            ExprKind::Net(ip, length) => format!("a{ip}/{length}"),
            ExprKind::Mac(mac) => format!("m{mac:?}"),
            ExprKind::Path(path) => format!("p{}", path_text(path)),
            _ => continue,
        };
        if let Some(first) = seen.get(&key) {
            diagnostics.push(
                Diagnostic::new(
                    Code::W0513,
                    item.span,
                    "the element is in the set twice",
                )
                .label("again here")
                .secondary(*first, "first here"),
            );
        } else {
            seen.insert(key, item.span);
        }
    }
}

/// Whether an expression is an address field of Modbus.
fn is_address(e: &ast::Expr) -> bool {
    let ExprKind::Path(path) = &bare(e).kind else { return false };
    path.len() > 1
        && path.last().is_some_and(|last| {
            ["address", "address_range", "read_address", "read_range"]
                .contains(&last.kind.as_str())
        })
}

/// Reports numbers that look like 4xxxx references.
fn references(e: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) {
    let mut inside: Vec<Span> = Vec::new();
    each(e, &mut |e| {
        if let ExprKind::Call { args, .. } = &e.kind {
            inside.extend(args.iter().map(|(_, arg)| arg.span));
        }
        if let ExprKind::Int(n) = &e.kind
            && !inside.contains(&e.span)
            && (40_001..=49_999).contains(n)
        {
            diagnostics.push(
                Diagnostic::new(
                    Code::W0514,
                    e.span,
                    format!(
                        "{n} looks like a reference, but addresses are of the protocol"
                    ),
                )
                .label(format!("the register {n} has the address {}", n - 40_001))
                .fix(Fix::replace(
                    format!("say that it is a reference: `ref({n})`"),
                    Applicability::Maybe,
                    e.span,
                    format!("ref({n})"),
                ))
                .note("addresses count from 0, in each table"),
            );
        }
    });
}
