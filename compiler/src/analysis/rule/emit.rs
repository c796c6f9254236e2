//! `emit { ... }` and `dedup`: what an alert carries, as columns that the module
//! computes.

use crate::analysis::canon;
use crate::analysis::lower::Lower;
use crate::analysis::names::{Name, bare};
use crate::analysis::report;
use crate::analysis::scope::is_repeated;
use crate::analysis::types::const_int;
use crate::diagnostic::{Code, Diagnostic, Span, closest};
use crate::ir::{Cond, Evidence, Expr, FieldRef, Severity, TitlePart, Type, limits};
use crate::syntax::ast::{self, BinaryOp, Entry, ExprKind, Ident, Node, StrStyle};

const KEYS: &[&str] = &["title", "evidence", "severity"];

/// Columns of a predicate, each once.
#[derive(Debug, Default)]
pub(super) struct Columns {
    list: Vec<Expr>,
    keys: Vec<canon::Key>,
}

/// What `emit` says.
#[derive(Debug, Default)]
pub(super) struct Emitted {
    pub(super) title: Vec<TitlePart>,
    pub(super) evidence: Vec<(String, Evidence)>,
    pub(super) severity: Option<Severity>,
    pub(super) severities: Vec<(Cond, Severity)>,
}

impl Columns {
    /// The columns in order.
    pub(super) fn into_list(self) -> Vec<Expr> {
        self.list
    }

    /// The position of a column, which is added if it is new.
    fn add(&mut self, lower: &mut Lower<'_, '_>, e: Expr) -> Option<u16> {
        let key = canon::expr_key(&e);
        let known = self.keys.iter().position(|known| *known == key);
        let position = known.unwrap_or(self.list.len());
        if known.is_none() {
            if self.list.len() >= limits::COLUMNS {
                lower.report(
                    Diagnostic::new(
                        Code::E0407,
                        e.span,
                        "the rule computes too many values",
                    )
                    .label(format!("more than {}", limits::COLUMNS)),
                );
                return None;
            }
            self.list.push(e);
            self.keys.push(key);
        }
        u16::try_from(position).ok()
    }
}

/// Reads `emit`; nothing if something in it is wrong.
pub(super) fn emit(
    lower: &mut Lower<'_, '_>,
    entries: Option<&[Node<Entry>]>,
    columns: &mut Columns,
) -> Option<Emitted> {
    let mut emitted = Emitted::default();
    let mut seen: Vec<&str> = Vec::new();
    let mut sound = true;
    for entry in entries.unwrap_or(&[]) {
        let key = &entry.kind.key;
        if seen.contains(&key.kind.as_str()) {
            lower.report(crate::analysis::env::twice(&key.kind, key.span, None));
            sound = false;
            continue;
        }
        seen.push(&key.kind);
        let value = &entry.kind.value;
        let done = match key.kind.as_str() {
            "title" => title(lower, value, columns).map(|t| emitted.title = t),
            "evidence" => evidence(lower, value, columns).map(|e| emitted.evidence = e),
            "severity" => severity(lower, value, &mut emitted),
            _ => unknown_key(lower, key),
        };
        sound &= done.is_some();
    }
    sound.then_some(emitted)
}

fn unknown_key(lower: &mut Lower<'_, '_>, key: &Ident) -> Option<()> {
    let message = format!("`emit` has no `{}`", key.kind);
    let mut diagnostic = Diagnostic::new(Code::E0224, key.span, message);
    match closest(&key.kind, KEYS.iter().copied()) {
        Some(near) => diagnostic = report::rename(diagnostic, key.span, near),
        None => {
            diagnostic = diagnostic
                .label("unknown key")
                .note(format!("keys are {}", report::list(KEYS.iter().copied())));
        }
    }
    lower.report(diagnostic);
    None
}

/// `severity = critical when C else high`
fn severity(
    lower: &mut Lower<'_, '_>,
    e: &ast::Expr,
    emitted: &mut Emitted,
) -> Option<()> {
    let mut e = bare(e);
    let mut sound = true;
    while let ExprKind::When { then, cond, otherwise } = &e.kind {
        let then = super::meta::severity(lower, then);
        let cond = lower.cond(cond);
        match then.zip(cond) {
            Some((severity, cond)) => emitted.severities.push((cond, severity)),
            None => sound = false,
        }
        e = bare(otherwise);
    }
    emitted.severity = super::meta::severity(lower, e);
    (sound && emitted.severity.is_some()).then_some(())
}

/// `evidence = [m.function, pressure: register(m, 40, f32)]`
fn evidence(
    lower: &mut Lower<'_, '_>,
    e: &ast::Expr,
    columns: &mut Columns,
) -> Option<Vec<(String, Evidence)>> {
    let ExprKind::List(items) = &bare(e).kind else {
        lower.report(
            Diagnostic::new(Code::E0225, e.span, "`evidence` is a list")
                .label("not a list")
                .help("for example `evidence = [m.function, m.address]`"),
        );
        return None;
    };
    let mut found: Vec<(String, Evidence)> = Vec::new();
    let mut sound = true;
    for (label, item) in items {
        let Some(from) = piece(lower, item, columns) else {
            sound = false;
            continue;
        };
        let text = match label {
            Some(label) => label.kind.clone(),
            None => {
                lower.text(item.span).split_whitespace().collect::<Vec<_>>().join(" ")
            }
        };
        if found.iter().any(|(known, _)| *known == text) {
            let span = label.as_ref().map_or(item.span, |label| label.span);
            lower.report(crate::analysis::env::twice(&text, span, None));
            sound = false;
            continue;
        }
        found.push((text, from));
    }
    sound.then_some(found)
}

/// One piece of evidence: a column, or a repeated field whole.
fn piece(
    lower: &mut Lower<'_, '_>,
    e: &ast::Expr,
    columns: &mut Columns,
) -> Option<Evidence> {
    if let ExprKind::Path(path) = &bare(e).kind {
        let n = lower.diagnostics.len();
        let resolved = lower.resolve(path, e.span);
        match resolved {
            Some(Name::Field(FieldRef::Event(idx), field)) if is_repeated(field) => {
                return Some(Evidence::Field(idx));
            }
            Some(_) => {}
            None => {
                if lower.diagnostics.len() == n {
                    lower.broken = true;
                }
                return None;
            }
        }
    }
    let value = lower.value(e, None)?;
    Some(Evidence::Column(columns.add(lower, value)?))
}

/// `dedup by (m.src.ip, m.unit) for 10m`
pub(super) fn dedup(
    lower: &mut Lower<'_, '_>,
    by: &[ast::Expr],
    within: &ast::Expr,
    columns: &mut Columns,
) -> Option<(Vec<u16>, i64)> {
    let mut keys = Vec::new();
    let mut sound = true;
    for e in by {
        let key = lower.value(e, None).and_then(|value| columns.add(lower, value));
        match key {
            Some(key) if !keys.contains(&key) => keys.push(key),
            Some(_) => {}
            None => sound = false,
        }
    }
    let window = lower.value(within, Some(Type::Duration))?;
    let ns = const_int(&window).filter(|ns| window.ty == Type::Duration && *ns > 0);
    if ns.is_none() {
        lower.report(
            Diagnostic::new(
                Code::E0225,
                within.span,
                "equal keys are held back for a duration",
            )
            .label("not a duration greater than zero")
            .help("for example `for 10m`"),
        );
    }
    ns.filter(|_| sound).map(|ns| (keys, ns))
}

/// `title = "write to {m.dst.ip}"`
fn title(
    lower: &mut Lower<'_, '_>,
    e: &ast::Expr,
    columns: &mut Columns,
) -> Option<Vec<TitlePart>> {
    let ExprKind::Str(text) = &bare(e).kind else {
        lower.report(
            Diagnostic::new(Code::E0225, e.span, "`title` is a text").label("not a text"),
        );
        return None;
    };
    let span = bare(e).span;
    let source = lower.text(span);
    let opening = source.find('"').map_or(0, |at| at + 1);
    let escapes = text.style != StrStyle::Raw;
    let mut parts = Vec::new();
    let mut sound = true;
    for piece in pieces(source, opening, escapes) {
        match piece {
            Piece::Text(text) => parts.push(TitlePart::Literal(text)),
            Piece::Stray(at, message) => {
                let at = offset(span, at);
                lower.report(
                    Diagnostic::new(
                        Code::E0228,
                        Span { end: at + 1, start: at, ..span },
                        message,
                    )
                    .label("write `{{` or `}}` for a brace itself"),
                );
                sound = false;
            }
            Piece::Expr(start, end) => {
                let inner =
                    Span { start: offset(span, start), end: offset(span, end), ..span };
                match interpolated(lower, inner, columns) {
                    Some(part) => parts.push(part),
                    None => sound = false,
                }
            }
        }
    }
    sound.then_some(parts)
}

fn offset(span: Span, at: usize) -> u32 {
    span.start.saturating_add(u32::try_from(at).unwrap_or(0))
}

/// The expression between two braces.
fn interpolated(
    lower: &mut Lower<'_, '_>,
    span: Span,
    columns: &mut Columns,
) -> Option<TitlePart> {
    let file = lower.env.sources.get(span.file).map_or("", |source| source.text());
    let (expr, diagnostics) = crate::syntax::parse_expr(file, span);
    let failed = !diagnostics.is_empty() || expr.is_none();
    if failed {
        lower.broken = true;
        lower.diagnostics.extend(diagnostics);
        return None;
    }
    let expr = expr?;
    let alternatives = alternatives(&expr);
    if let [_, _, ..] = alternatives.as_slice() {
        // They may be of different types, so each is a column, and the host
        // prints the first that is there.
        let values: Vec<Option<Expr>> =
            alternatives.iter().map(|e| lower.value(e, None)).collect();
        let values: Vec<Expr> = values.into_iter().collect::<Option<_>>()?;
        let mut numbers = Vec::new();
        for value in values {
            numbers.push(columns.add(lower, value)?);
        }
        return Some(TitlePart::FirstOf(numbers));
    }
    let value = lower.value(&expr, None)?;
    Some(TitlePart::Column(columns.add(lower, value)?))
}

/// `a`, `b` and `c` of `a ?? b ?? c`.
fn alternatives(e: &ast::Expr) -> Vec<&ast::Expr> {
    match &bare(e).kind {
        ExprKind::Binary(BinaryOp::Coalesce, left, right) => {
            let mut all = alternatives(left);
            all.extend(alternatives(right));
            all
        }
        _ => vec![e],
    }
}

/// A part of a title as written; places count from the literal's start.
#[derive(Debug, PartialEq)]
enum Piece {
    Text(String),
    Expr(usize, usize),
    Stray(usize, &'static str),
}

/// Takes the source of a text literal apart.
fn pieces(source: &str, opening: usize, escapes: bool) -> Vec<Piece> {
    let end = source.len().saturating_sub(1).max(opening);
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut at = opening;
    let char_at = |at: usize| source.get(at..end).and_then(|rest| rest.chars().next());
    while let Some(c) = char_at(at) {
        let next = at + c.len_utf8();
        match (c, char_at(next)) {
            ('{', Some('{')) | ('}', Some('}')) => {
                text.push(c);
                at = next + 1;
            }
            ('{', _) => {
                let rest = source.get(next..end).unwrap_or("");
                let Some(length) = closing(rest) else {
                    pieces.push(Piece::Stray(at, "`{` without its `}`"));
                    return pieces;
                };
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(Piece::Expr(next, next + length));
                at = next + length + 1;
            }
            ('}', _) => {
                pieces.push(Piece::Stray(at, "`}` without its `{`"));
                at = next;
            }
            ('\\', Some(_)) if escapes => {
                let (length, decoded) = unescape(source.get(next..end).unwrap_or(""));
                text.extend(decoded);
                at = next + length;
            }
            (c, _) => {
                text.push(c);
                at = next;
            }
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

/// Bytes up to the brace that closes an expression; braces of sets nest.
fn closing(rest: &str) -> Option<usize> {
    let mut depth = 0u32;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// An escape behind its backslash: its length and its character. What is not
/// one was reported when the text was read.
fn unescape(rest: &str) -> (usize, Option<char>) {
    let Some(c) = rest.chars().next() else { return (0, None) };
    let hex = |text: &str| u32::from_str_radix(text, 16).ok().and_then(char::from_u32);
    match c {
        'n' => (1, Some('\n')),
        'r' => (1, Some('\r')),
        't' => (1, Some('\t')),
        '0' => (1, Some('\0')),
        'x' => (3.min(rest.len()), rest.get(1..3).and_then(hex)),
        'u' => match rest.find('}') {
            Some(end) => (end + 1, rest.get(2..end).and_then(hex)),
            None => (1, None),
        },
        other => (other.len_utf8(), Some(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[Piece]) {
        let opening = source.find('"').unwrap() + 1;
        assert_eq!(pieces(source, opening, true), expected);
    }

    #[test]
    fn titles_come_apart_at_braces() {
        let text = |t: &str| Piece::Text(t.to_owned());
        check(r#""a {m.x} b""#, &[text("a "), Piece::Expr(4, 7), text(" b")]);
        check(r#""{{x}}\u{41}""#, &[text("{x}A")]);
        check(r#""{a""#, &[Piece::Stray(1, "`{` without its `}`")]);
        check(r#""a}""#, &[Piece::Stray(2, "`}` without its `{`"), text("a")]);
    }
}
