//! One rule: its sections to a predicate and a plan.
//!
//! ```text
//! on, where, unless  -> Predicate::cond
//! emit, dedup        -> columns, and what the plan says of them
//! meta, settings     -> the plan
//! test               -> see `cases`
//! ```
//!
//! A section that is wrong costs the rule, but the others are still checked, so
//! that the author sees all of it at once.

mod emit;
mod meta;

use std::rc::Rc;

use tagout_spec::pack::manifest::PackTest;
use tagout_spec::schema::KindIdx;

use super::cases;
use super::env::Env;
use super::lower::{Lower, Patterns};
use super::report;
use super::scope::{self, EventType, Var, VarKind};
use super::settings::Settings;
use crate::diagnostic::{Code, Diagnostic, Span, closest};
use crate::ir::{self, Cond, CondKind, OnUnknown, Severity};
use crate::syntax::ast::{self, Entry, Ident, Node, Section};

pub(super) use meta::Meta;

/// A rule that was understood.
#[derive(Debug)]
pub(super) struct Lowered {
    /// Kinds it applies to, in schema order.
    pub(super) kinds: Vec<KindIdx>,
    /// What the module computes; its kinds are filled in later.
    pub(super) predicate: ir::Predicate,
    /// What the host does; its predicate is filled in later.
    pub(super) plan: ir::Plan,
    /// Its tests.
    pub(super) tests: Vec<PackTest>,
    /// What lints need of its metadata.
    pub(super) meta: Meta,
    /// Whether `emit` states a severity.
    pub(super) has_severity: bool,
    /// Its name, where lints about the whole rule stand.
    pub(super) name: Ident,
}

/// The sections of a rule, each at most once.
#[derive(Debug, Default)]
struct Sections<'a> {
    on: Option<(&'a Ident, Option<&'a Ident>)>,
    wheres: Option<&'a ast::Expr>,
    unless: Vec<&'a ast::Expr>,
    meta: Option<&'a [Node<Entry>]>,
    emit: Option<&'a [Node<Entry>]>,
    dedup: Option<(&'a [ast::Expr], &'a ast::Expr)>,
    tests: Vec<(&'a ast::Test, Span)>,
}

/// Checks a rule and lowers it if nothing is wrong.
pub(super) fn rule<'a>(
    env: &'a Env<'a>,
    patterns: &mut Patterns,
    outer: Settings,
    rule: &'a ast::Rule,
    span: Span,
) -> (Option<Lowered>, Vec<Diagnostic>) {
    let mut lower = Lower::new(env, patterns);
    let (sections, settings) = sort_sections(&mut lower, rule, outer);
    lower.scope.missing_is_false = settings.missing_is_false;
    let meta = meta::meta(&mut lower, sections.meta);
    let event = event(&mut lower, &sections, rule);
    let lowered = match event {
        Some(event) => {
            let kinds = event.kinds.clone();
            body(&mut lower, &sections, settings, meta, rule, span)
                .map(|(predicate, plan, meta)| (kinds, predicate, plan, meta))
        }
        // Without an event every name in the rule would be unknown.
        None => None,
    };
    let tests: Vec<PackTest> = if lower.scope.event().is_some() {
        cases::tests(&mut lower, &rule.name.kind, &sections.tests)
    } else {
        Vec::new()
    };
    let broken = lower.broken;
    let diagnostics = lower.diagnostics;
    let lowered = lowered.filter(|_| !broken).map(|(kinds, predicate, plan, meta)| {
        let has_severity = has_severity(&sections);
        let name = rule.name.clone();
        Lowered { kinds, predicate, plan, tests, meta, has_severity, name }
    });
    (lowered, diagnostics)
}

/// Puts each section in its place; reports doubles and wrong settings.
fn sort_sections<'a>(
    lower: &mut Lower<'a, '_>,
    rule: &'a ast::Rule,
    outer: Settings,
) -> (Sections<'a>, Settings) {
    let mut sections = Sections::default();
    let mut settings = outer;
    let mut own = Settings::default();
    for section in &rule.sections {
        let twice = match &section.kind {
            Section::Meta(entries) => {
                sections.meta.replace(entries).is_some().then_some("meta")
            }
            Section::On { kind, name } => {
                sections.on.replace((kind, name.as_ref())).is_some().then_some("on")
            }
            Section::Where(e) => sections.wheres.replace(e).is_some().then_some("where"),
            Section::Unless(e) => {
                sections.unless.push(e);
                None
            }
            Section::Dedup { by, within } => {
                sections.dedup.replace((by, within)).is_some().then_some("dedup")
            }
            Section::Emit(entries) => {
                sections.emit.replace(entries).is_some().then_some("emit")
            }
            Section::Setting(entry) => {
                let name = own.read(entry, &mut lower.diagnostics);
                if name.is_none() {
                    lower.broken = true;
                }
                name.filter(|(_, twice)| *twice).map(|(name, _)| name)
            }
            Section::Test(test) => {
                sections.tests.push((test, section.span));
                None
            }
            Section::Error => {
                lower.broken = true;
                None
            }
        };
        if let Some(name) = twice {
            let at = Span { end: section.span.start, ..section.span };
            let width = u32::try_from(name.len()).unwrap_or(0);
            let keyword = Span { end: at.end.saturating_add(width), ..at };
            lower.report(
                Diagnostic::new(
                    Code::E0223,
                    keyword,
                    format!("`{name}` is given twice in `{}`", rule.name.kind),
                )
                .label("given again here"),
            );
        }
    }
    settings.refine(&own);
    (sections, settings)
}

/// The event of the rule, bound in the scope.
fn event<'a>(
    lower: &mut Lower<'a, '_>,
    sections: &Sections<'a>,
    rule: &'a ast::Rule,
) -> Option<Rc<EventType<'a>>> {
    let Some((kind, name)) = sections.on else {
        lower.report(
            Diagnostic::new(
                Code::E0223,
                rule.name.span,
                format!("`{}` says not what it looks at", rule.name.kind),
            )
            .label("a rule needs `on`")
            .help("for example `on modbus as m`"),
        );
        return None;
    };
    let event = Rc::new(find_event(lower, kind)?);
    let name = name.unwrap_or(kind).kind.clone();
    lower.scope.vars.push(Var { name, what: VarKind::Event(event.clone()) });
    Some(event)
}

/// A kind or a view, or an error with the nearest one.
pub(super) fn find_event<'a>(
    lower: &mut Lower<'a, '_>,
    kind: &Ident,
) -> Option<EventType<'a>> {
    let schema = lower.env.schema;
    if let Some(event) = EventType::find(schema, &kind.kind) {
        return Some(event);
    }
    let names = scope::event_names(schema);
    let message = format!("there is no kind of event `{}`", kind.kind);
    let mut diagnostic = Diagnostic::new(Code::E0201, kind.span, message);
    match closest(&kind.kind, names.iter().copied()) {
        Some(near) => diagnostic = report::rename(diagnostic, kind.span, near),
        None => {
            diagnostic = diagnostic
                .label("unknown kind")
                .note(format!("kinds are {}", report::list(names)));
        }
    }
    lower.report(diagnostic);
    None
}

/// Condition, columns and plan.
fn body<'a>(
    lower: &mut Lower<'a, '_>,
    sections: &Sections<'a>,
    settings: Settings,
    meta: Option<Meta>,
    rule: &'a ast::Rule,
    span: Span,
) -> Option<(ir::Predicate, ir::Plan, Meta)> {
    let cond = condition(lower, sections, rule);
    let mut columns = emit::Columns::default();
    let emitted = emit::emit(lower, sections.emit, &mut columns);
    let dedup = match sections.dedup {
        Some((by, within)) => emit::dedup(lower, by, within, &mut columns).map(Some),
        None => Some(None),
    };
    let (meta, emitted) = (meta?, emitted?);
    let severity = emitted.severity.or(meta.severity).unwrap_or(Severity::Medium);
    let worst = emitted.severities.iter().map(|(_, s)| *s).chain([severity]).max();
    let on_unknown = settings.on_unknown.unwrap_or(match worst {
        Some(Severity::High | Severity::Critical) => OnUnknown::Alert,
        _ => OnUnknown::Count,
    });
    let predicate = ir::Predicate {
        kinds: Vec::new(),
        cond: cond?,
        columns: columns.into_list(),
        severity: emitted.severities,
    };
    let title = if emitted.title.is_empty() {
        vec![ir::TitlePart::Literal(rule.name.kind.replace('_', " "))]
    } else {
        emitted.title
    };
    let plan = ir::Plan {
        rule: rule.name.kind.clone(),
        predicate: 0,
        meta: meta.entries.clone(),
        severity,
        on_unknown,
        dedup: dedup?,
        title,
        evidence: emitted.evidence,
        span,
    };
    Some((predicate, plan, meta))
}

fn has_severity(sections: &Sections<'_>) -> bool {
    let entries = sections.emit.unwrap_or(&[]);
    entries.iter().any(|entry| entry.kind.key.kind == "severity")
}

/// `where` and every `unless` as one condition.
fn condition<'a>(
    lower: &mut Lower<'a, '_>,
    sections: &Sections<'a>,
    rule: &'a ast::Rule,
) -> Option<Cond> {
    let wheres = match sections.wheres {
        Some(e) => lower.cond(e),
        None => {
            lower.report(
                Diagnostic::new(
                    Code::E0223,
                    rule.name.span,
                    format!("`{}` says not what it looks for", rule.name.kind),
                )
                .label("a rule needs `where`"),
            );
            None
        }
    };
    let exceptions: Vec<Option<Cond>> =
        sections.unless.iter().map(|e| lower.cond(e)).collect();
    let mut cond = wheres?;
    for exception in exceptions {
        let exception = exception?;
        let span = exception.span;
        let no = Cond { kind: CondKind::Const(false), span };
        let proven = CondKind::Else(Box::new(exception), Box::new(no));
        let not = CondKind::Not(Box::new(Cond { kind: proven, span }));
        let not = Cond { kind: not, span };
        let whole = cond.span.to(span);
        match &mut cond.kind {
            CondKind::All(parts) => parts.push(not),
            _ => {
                let parts = vec![cond, not];
                cond = Cond { kind: CondKind::All(parts), span: whole };
            }
        }
    }
    Some(cond)
}
