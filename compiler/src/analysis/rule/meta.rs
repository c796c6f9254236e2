//! `meta { ... }`: what a rule says of itself, kept as JSON in the order written.

use serde_json::Value as Json;

use crate::analysis::lower::Lower;
use crate::analysis::names::{bare, path_text, single_name};
use crate::analysis::report;
use crate::diagnostic::{Code, Diagnostic, Span, closest};
use crate::ir::Severity;
use crate::syntax::ast::{self, Entry, ExprKind, Node, UnaryOp};

/// Keys with a meaning; others are kept as they are.
const KEYS: &[&str] = &[
    "id",
    "sid",
    "rev",
    "severity",
    "attack",
    "reference",
    "description",
    "author",
    "date",
    "modified",
    "status",
    "falsepositives",
    "tags",
    "category",
    "related",
    "license",
];

const STATUS: &[&str] = &["stable", "test", "experimental", "deprecated", "unsupported"];

/// Names of severities, least first.
pub(super) const SEVERITIES: &[(&str, Severity)] = &[
    ("info", Severity::Info),
    ("low", Severity::Low),
    ("medium", Severity::Medium),
    ("high", Severity::High),
    ("critical", Severity::Critical),
];

/// Metadata of a rule.
#[derive(Clone, Debug, Default)]
pub(in crate::analysis) struct Meta {
    /// As written, in order.
    pub(in crate::analysis) entries: Vec<(String, Json)>,
    /// `id` and where it stands.
    pub(in crate::analysis) id: Option<(String, Span)>,
    /// `sid` and where it stands.
    pub(in crate::analysis) sid: Option<(i64, Span)>,
    /// `severity`
    pub(in crate::analysis) severity: Option<Severity>,
    /// Identifiers under `attack`, and where each stands.
    pub(in crate::analysis) attack: Vec<(String, Span)>,
    /// Keys that look mistyped, with the known ones.
    pub(in crate::analysis) unusual: Vec<(ast::Ident, &'static str)>,
}

/// Reads `meta`; nothing if something in it is wrong.
pub(super) fn meta(
    lower: &mut Lower<'_, '_>,
    entries: Option<&[Node<Entry>]>,
) -> Option<Meta> {
    let mut meta = Meta::default();
    let mut sound = true;
    for entry in entries.unwrap_or(&[]) {
        let key = &entry.kind.key;
        if meta.entries.iter().any(|(known, _)| *known == key.kind) {
            lower.report(crate::analysis::env::twice(&key.kind, key.span, None));
            sound = false;
            continue;
        }
        let Some(value) = json(lower, &entry.kind.value) else {
            sound = false;
            continue;
        };
        sound &= one(lower, &mut meta, &entry.kind, &value).is_some();
        meta.entries.push((key.kind.clone(), value));
    }
    sound.then_some(meta)
}

/// Keeps what an entry means, if it has a meaning.
fn one(
    lower: &mut Lower<'_, '_>,
    meta: &mut Meta,
    entry: &Entry,
    value: &Json,
) -> Option<()> {
    let span = entry.value.span;
    match entry.key.kind.as_str() {
        "id" => match value.as_str().filter(|id| !id.is_empty()) {
            Some(id) => meta.id = Some((id.to_owned(), span)),
            None => return wrong(lower, span, "`id` is a text that is not empty"),
        },
        "sid" => match value.as_i64().filter(|n| (1..=0x7FFF_FFFF).contains(n)) {
            Some(n) => meta.sid = Some((n, span)),
            None => {
                return wrong(lower, span, "`sid` is an integer from 1 to 2147483647");
            }
        },
        "rev" if value.as_i64().is_none_or(|n| !(0..=0x7FFF_FFFF).contains(&n)) => {
            return wrong(lower, span, "`rev` is an integer from 0 to 2147483647");
        }
        "severity" => meta.severity = Some(severity(lower, &entry.value)?),
        "status" if value.as_str().is_none_or(|s| !STATUS.contains(&s)) => {
            let known = report::list(STATUS.iter().copied());
            return wrong(lower, span, &format!("`status` is one of {known}"));
        }
        "attack" => attack(lower, meta, &entry.value)?,
        other if !KEYS.contains(&other) => {
            if let Some(near) = closest(other, KEYS.iter().copied()) {
                let known = KEYS.iter().find(|k| **k == near).copied().unwrap_or("id");
                meta.unusual.push((entry.key.clone(), known));
            }
        }
        _ => {}
    }
    Some(())
}

/// A severity by its name.
pub(super) fn severity(lower: &mut Lower<'_, '_>, e: &ast::Expr) -> Option<Severity> {
    let name = single_name(e);
    let known = |name: &str| SEVERITIES.iter().find(|(known, _)| *known == name);
    if let Some((_, severity)) = name.and_then(|name| known(&name.kind)) {
        return Some(*severity);
    }
    let names = || SEVERITIES.iter().map(|(name, _)| *name);
    let mut diagnostic = Diagnostic::new(Code::E0225, e.span, "not a severity");
    match name.and_then(|name| closest(&name.kind, names())) {
        Some(near) => diagnostic = report::rename(diagnostic, e.span, near),
        None => {
            diagnostic = diagnostic
                .label("not a severity")
                .note(format!("severities are {}", report::list(names())));
        }
    }
    lower.report(diagnostic);
    None
}

fn wrong(lower: &mut Lower<'_, '_>, span: Span, message: &str) -> Option<()> {
    lower.report(Diagnostic::new(Code::E0225, span, message).label("not this"));
    None
}

/// The identifiers under `attack`, alone or in a list.
fn attack(lower: &mut Lower<'_, '_>, meta: &mut Meta, e: &ast::Expr) -> Option<()> {
    let one = |e: &ast::Expr| match &bare(e).kind {
        ExprKind::Path(path) => Some((path_text(path), e.span)),
        ExprKind::Str(text) => Some((text.value.clone(), e.span)),
        _ => None,
    };
    let found: Option<Vec<_>> = match &bare(e).kind {
        ExprKind::List(items) => items.iter().map(|(_, e)| one(e)).collect(),
        ExprKind::Set { items, .. } => items.iter().map(one).collect(),
        _ => one(e).map(|one| vec![one]),
    };
    match found {
        Some(found) => {
            meta.attack.extend(found);
            Some(())
        }
        None => wrong(lower, e.span, "`attack` lists identifiers such as `ics.T0836`"),
    }
}

/// A value of `meta` as JSON.
fn json(lower: &mut Lower<'_, '_>, e: &ast::Expr) -> Option<Json> {
    Some(match &e.kind {
        ExprKind::Paren(inner) => return json(lower, inner),
        ExprKind::Str(text) => Json::from(text.value.as_str()),
        ExprKind::Bool(b) => Json::from(*b),
        ExprKind::Float(f) => Json::from(*f),
        ExprKind::Path(path) => Json::from(path_text(path)),
        ExprKind::Int(n) => match i64::try_from(*n) {
            Ok(n) => Json::from(n),
            Err(_) => {
                lower.report(
                    Diagnostic::new(
                        Code::E0209,
                        e.span,
                        "the number does not fit 64 bits",
                    )
                    .label("too large"),
                );
                return None;
            }
        },
        ExprKind::Unary(UnaryOp::Neg, inner) => {
            match (&inner.kind, json(lower, inner)?) {
                (ExprKind::Int(_), Json::Number(n)) => {
                    Json::from(n.as_i64().map_or(0, i64::saturating_neg))
                }
                (ExprKind::Float(f), _) => Json::from(-f),
                _ => return not_data(lower, e.span),
            }
        }
        ExprKind::Duration(_)
        | ExprKind::Ip(_)
        | ExprKind::Net(..)
        | ExprKind::Mac(_) => Json::from(lower.text(e.span)),
        ExprKind::List(items) => {
            let items: Vec<Option<Json>> =
                items.iter().map(|(_, item)| json(lower, item)).collect();
            Json::Array(items.into_iter().collect::<Option<_>>()?)
        }
        ExprKind::Set { items, .. } => {
            let items: Vec<Option<Json>> =
                items.iter().map(|item| json(lower, item)).collect();
            Json::Array(items.into_iter().collect::<Option<_>>()?)
        }
        ExprKind::Error => {
            lower.broken = true;
            return None;
        }
        _ => return not_data(lower, e.span),
    })
}

fn not_data(lower: &mut Lower<'_, '_>, span: Span) -> Option<Json> {
    lower.report(
        Diagnostic::new(Code::E0225, span, "metadata is plain data")
            .label("depends on the event")
            .help("what depends on the event belongs in `emit`"),
    );
    None
}
