//! Tests in rules: events to event JSON, bindings and expectations to what
//! travels with the pack.
//!
//! An event of a test is checked as strictly as a condition: a field that does
//! not exist or a label that nobody knows is an error, since such a test would
//! show nothing. Numbers are written under the field's name, as `decode` does.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use tagout_spec::pack::manifest::{Expectation, PackTest};
use tagout_spec::schema::{Field, FieldType, Kind, Scalar, names};

use super::lower::Lower;
use super::names::{Name, bare, path_text, single_name};
use super::rule::find_event;
use super::types::{self, const_int};
use super::{constant, report, scope};
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Span, closest};
use crate::ir::{ExprKind as Ir, FieldRef, Type, Value};
use crate::syntax::ast::{self, Expect, ExprKind, Ident, Test, TestEvent};

/// When tests begin: 2026-01-01T00:00:00Z, in nanoseconds.
const START: i64 = 1_767_225_600_000_000_000;

/// Checks the tests of a rule.
pub(super) fn tests(
    lower: &mut Lower<'_, '_>,
    rule: &str,
    tests: &[(&ast::Test, Span)],
) -> Vec<PackTest> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut done = Vec::new();
    for (test, span) in tests {
        if !names.insert(&test.name.kind) {
            lower.report(super::env::twice(&test.name.kind, test.name.span, None));
        }
        done.extend(one(lower, rule, test, *span));
    }
    done
}

fn one(
    lower: &mut Lower<'_, '_>,
    rule: &str,
    test: &Test,
    span: Span,
) -> Option<PackTest> {
    let with = bindings(lower, test);
    let events: Vec<Option<Json>> =
        test.events.iter().map(|event| self::event(lower, &event.kind)).collect();
    let expect: Vec<Option<Expectation>> =
        test.expects.iter().map(|e| expectation(lower, &e.kind)).collect();
    if test.events.is_empty() {
        lower.report(
            Diagnostic::new(Code::E0227, test.name.span, "the test has no events")
                .label("nothing happens in it")
                .help("for example `at 0s modbus { unit: 1 }`"),
        );
    }
    let contradicts = |e: &Expectation| matches!(e, Expectation::None);
    let expect: Vec<Expectation> = expect.into_iter().collect::<Option<_>>()?;
    if expect.len() > 1 && expect.iter().any(contradicts) {
        lower.report(
            Diagnostic::new(
                Code::E0227,
                test.name.span,
                "the test expects nothing and something",
            )
            .label("its expectations contradict each other"),
        );
    }
    let source = lower.env.sources.get(span.file)?;
    let place = (source.name().to_owned(), source.position(span.start).line);
    Some(PackTest {
        rule: rule.to_owned(),
        name: test.name.kind.clone(),
        place,
        with: with?,
        events: events.into_iter().collect::<Option<_>>()?,
        expect,
    })
}

/// `with { engineering: { 10.30.1.9 } }`
fn bindings(lower: &mut Lower<'_, '_>, test: &Test) -> Option<Map<String, Json>> {
    let mut bound = Map::new();
    let mut sound = true;
    for (name, value) in &test.with {
        if bound.contains_key(&name.kind) {
            lower.report(super::env::twice(&name.kind, name.span, None));
            sound = false;
            continue;
        }
        let Some(Name::Param(n)) = lower.env.value(&name.kind) else {
            if lower.env.is_poisoned(&name.kind) {
                lower.broken = true;
            } else {
                unknown_param(lower, name);
            }
            sound = false;
            continue;
        };
        match constant::of_param(lower, n, value) {
            Some((ty, constant)) => {
                bound.insert(name.kind.clone(), constant::json(ty, &constant));
            }
            None => sound = false,
        }
    }
    sound.then_some(bound)
}

fn unknown_param(lower: &mut Lower<'_, '_>, name: &Ident) {
    let message = format!("there is no parameter `{}`", name.kind);
    let diagnostic = Diagnostic::new(Code::E0204, name.span, message);
    let params = lower.env.params.iter().map(|p| p.ast.name.kind.as_str());
    let diagnostic = match closest(&name.kind, params) {
        Some(near) => report::rename(diagnostic, name.span, near),
        None => diagnostic.label("unknown parameter"),
    };
    lower.report(diagnostic);
}

fn expectation(lower: &mut Lower<'_, '_>, expect: &Expect) -> Option<Expectation> {
    match expect {
        Expect::Match => Some(Expectation::Match),
        Expect::None => Some(Expectation::None),
        Expect::Error => {
            lower.broken = true;
            None
        }
        Expect::Indeterminate(paths) => {
            let paths: Vec<Option<String>> =
                paths.iter().map(|path| reason(lower, path)).collect();
            Some(Expectation::Indeterminate(paths.into_iter().collect::<Option<_>>()?))
        }
    }
}

/// A field that an indeterminate verdict lacks, as reasons name it.
fn reason(lower: &mut Lower<'_, '_>, e: &ast::Expr) -> Option<String> {
    let ExprKind::Path(path) = &bare(e).kind else {
        lower.report(
            Diagnostic::new(Code::E0227, e.span, "a reason is a field")
                .label("not a field"),
        );
        return None;
    };
    // `m.objects.index` names the field of an element without saying which.
    if let Some((name, event)) = lower.scope.event()
        && path.first().is_some_and(|first| first.kind == name)
    {
        let rest = path_text(path.get(1..).unwrap_or(&[]));
        for field in &event.fields {
            let Some(inner) = scope::below(&rest, &field.path) else { continue };
            let items = field.items.as_ref().map_or(&[][..], |items| &items.fields);
            if items.iter().any(|item| item.path == inner) {
                return Some(format!("{}[].{inner}", field.path));
            }
        }
    }
    if let [name] = path.as_slice()
        && lower.env.function(&name.kind).is_some()
        && !lower.is_declared(&name.kind)
    {
        return Some(format!("{}()", name.kind));
    }
    match lower.resolve(path, e.span)? {
        Name::Field(FieldRef::Event(_), field) | Name::View(_, _, field) => {
            Some(field.path.to_string())
        }
        _ => {
            lower.report(
                Diagnostic::new(Code::E0227, e.span, "a reason is a field")
                    .label("not a field"),
            );
            None
        }
    }
}

/// `at 0s modbus { unit: 1 }`
fn event(lower: &mut Lower<'_, '_>, event: &TestEvent) -> Option<Json> {
    let at = lower.value(&event.at, Some(Type::Duration));
    let found = find_event(lower, &event.kind)?;
    if found.is_view {
        lower.report(
            Diagnostic::new(
                Code::E0201,
                event.kind.span,
                format!("`{}` is a view; an event is of one kind", event.kind.kind),
            )
            .label("name a kind"),
        );
        return None;
    }
    let kind = lower.env.schema.kind(*found.kinds.first()?)?;
    let mut object = Map::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut sound = true;
    let mut has_time = false;
    let mut fields = Vec::new();
    let mut pairs = Vec::new();
    for (path, value) in &event.fields {
        if let ExprKind::Index(map, name) = &path.kind
            && let Some(map) = map_of(kind, map)
        {
            match pair(lower, map, name, value) {
                Some(pair) if seen.insert(names::path_of(&map.path, &pair.1)) => {
                    pairs.push(pair);
                }
                Some((_, name, _)) => {
                    lower.report(super::env::twice(&name, path.span, None));
                    sound = false;
                }
                None => sound = false,
            }
            continue;
        }
        let Some((text, field)) = field_of(lower, kind, path) else {
            sound = false;
            continue;
        };
        if !seen.insert(text.clone()) {
            lower.report(super::env::twice(&text, path.span, None));
            sound = false;
            continue;
        }
        has_time |= text == "ts";
        match json_of(lower, field, value) {
            Some(value) => fields.push((field, value)),
            None => sound = false,
        }
    }
    let at = at?;
    let Some(offset) = const_int(&at).filter(|_| at.ty == Type::Duration) else {
        lower.report(
            Diagnostic::new(
                Code::E0227,
                event.at.span,
                "a time after the start is wanted",
            )
            .label("not a duration")
            .help("for example `at 10s`"),
        );
        return None;
    };
    if !sound {
        return None;
    }
    if !has_time {
        let ts = START.saturating_add(offset);
        object.insert("ts".to_owned(), json!(constant::time(ts)));
    }
    object.insert("kind".to_owned(), json!(kind.name));
    for (field, value) in fields {
        let path = if field.common || kind.group.is_empty() {
            field.path.to_string()
        } else {
            format!("{}.{}", kind.group, field.path)
        };
        insert(&mut object, &path, value);
    }
    for (map, name, value) in pairs {
        let map = object.entry(map).or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(map) = map {
            map.insert(name, value);
        }
    }
    Some(Json::Object(object))
}

/// The map that the expression before `["NAME"]` names.
fn map_of<'k>(kind: &'k Kind, e: &ast::Expr) -> Option<&'k Field> {
    let ExprKind::Path(path) = &bare(e).kind else { return None };
    let text = path_text(path);
    kind.fields.iter().find(|field| field.ty == FieldType::Map && field.path == text)
}

/// `raw["NAME"]: "value"`: key of the map in the event, name, value.
fn pair(
    lower: &mut Lower<'_, '_>,
    map: &Field,
    name: &ast::Expr,
    value: &ast::Expr,
) -> Option<(String, String, Json)> {
    let name = lower.name_of_map(name)?;
    let value = scalar_json(lower, Type::Text, None, value)?;
    Some((map.path.to_string(), name, value))
}

/// Puts a value where its path says.
fn insert(object: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((head, rest)) => {
            let inner =
                object.entry(head.to_owned()).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// The field of a path in an event of a test.
fn field_of<'k>(
    lower: &mut Lower<'_, '_>,
    kind: &'k Kind,
    path: &ast::Expr,
) -> Option<(String, &'k Field)> {
    named(lower, &kind.fields, path, &kind.name)
}

fn named<'k>(
    lower: &mut Lower<'_, '_>,
    fields: &'k [Field],
    path: &ast::Expr,
    owner: &str,
) -> Option<(String, &'k Field)> {
    let ExprKind::Path(names) = &bare(path).kind else {
        lower.report(
            Diagnostic::new(Code::E0227, path.span, "a field is wanted here")
                .label("not a field"),
        );
        return None;
    };
    let text = path_text(names);
    if let Some(field) = fields.iter().find(|field| field.path == text) {
        return Some((text, field));
    }
    let message = format!("`{owner}` has no field `{text}`");
    let diagnostic = Diagnostic::new(Code::E0202, path.span, message);
    let known = fields.iter().map(|field| field.path.as_ref());
    let without_event = names.len() > 1
        && lower.scope.event().is_some_and(|(name, _)| {
            names.first().is_some_and(|first| first.kind == name)
        });
    let rest = path_text(names.get(1..).unwrap_or(&[]));
    let diagnostic = if without_event && fields.iter().any(|f| f.path == rest) {
        diagnostic.label("fields stand here without the event's name").fix(Fix::replace(
            format!("write `{rest}`"),
            Applicability::Machine,
            path.span,
            rest,
        ))
    } else {
        match closest(&text, known) {
            Some(near) => report::rename(diagnostic, path.span, near),
            None => diagnostic.label("no such field"),
        }
    };
    lower.report(diagnostic);
    None
}

/// A value of an event of a test as event JSON.
fn json_of(lower: &mut Lower<'_, '_>, field: &Field, e: &ast::Expr) -> Option<Json> {
    if matches!(bare(e).kind, ExprKind::Null) {
        return Some(Json::Null);
    }
    match field.ty {
        FieldType::List(scalar) => {
            let items = list(lower, field, e)?;
            let ty = types::of_scalar(scalar);
            let bounds = match scalar {
                Scalar::Int(repr) | Scalar::Enum(_, repr) => Some(types::bounds(repr)),
                _ => None,
            };
            let values: Vec<Option<Json>> =
                items.iter().map(|item| scalar_json(lower, ty, bounds, item)).collect();
            Some(Json::Array(values.into_iter().collect::<Option<_>>()?))
        }
        FieldType::Map => {
            lower.report(
                Diagnostic::new(
                    Code::E0206,
                    e.span,
                    format!("`{}` is a map; its names are given one by one", field.path),
                )
                .label("not a name of it")
                .help(format!("for example `{}[\"Name\"]: \"value\"`", field.path)),
            );
            None
        }
        FieldType::Group => {
            let items = list(lower, field, e)?;
            let records: Vec<Option<Json>> =
                items.iter().map(|item| record(lower, field, item)).collect();
            Some(Json::Array(records.into_iter().collect::<Option<_>>()?))
        }
        _ => scalar_json(lower, types::of_field(field)?, types::field_bounds(field), e),
    }
}

/// The elements of a list literal.
fn list<'e>(
    lower: &mut Lower<'_, '_>,
    field: &Field,
    e: &'e ast::Expr,
) -> Option<Vec<&'e ast::Expr>> {
    if let ExprKind::List(items) = &bare(e).kind
        && items.iter().all(|(label, _)| label.is_none())
    {
        return Some(items.iter().map(|(_, item)| item).collect());
    }
    lower.report(
        Diagnostic::new(
            Code::E0206,
            e.span,
            format!("`{}` is repeated; a list is wanted here", field.path),
        )
        .label("not a list")
        .help("for example `[1, 2]`"),
    );
    None
}

/// `{ index: 3, value: 1 }`
fn record(lower: &mut Lower<'_, '_>, group: &Field, e: &ast::Expr) -> Option<Json> {
    let none = Vec::new();
    let fields = match &bare(e).kind {
        ExprKind::Record(fields) => fields,
        ExprKind::Set { items, .. } if items.is_empty() => &none,
        _ => {
            lower.report(
                Diagnostic::new(
                    Code::E0206,
                    e.span,
                    format!("an element of `{}` is a record", group.path),
                )
                .label("not a record")
                .help("for example `{ index: 3 }`"),
            );
            return None;
        }
    };
    let known = group.items.as_ref().map_or(&[][..], |items| &items.fields);
    let mut object = Map::new();
    let mut seen = BTreeSet::new();
    let mut sound = true;
    for (path, value) in fields {
        let owner = format!("an element of {}", group.path);
        let Some((text, field)) = named(lower, known, path, &owner) else {
            sound = false;
            continue;
        };
        if !seen.insert(text.clone()) {
            lower.report(super::env::twice(&text, path.span, None));
            sound = false;
            continue;
        }
        match json_of(lower, field, value) {
            Some(value) => insert(&mut object, &text, value),
            None => sound = false,
        }
    }
    sound.then_some(Json::Object(object))
}

/// One value as event JSON.
fn scalar_json(
    lower: &mut Lower<'_, '_>,
    ty: Type,
    bounds: Option<(i64, i64)>,
    e: &ast::Expr,
) -> Option<Json> {
    // What would be folded for a comparison stands in the event as written.
    if let (true, ExprKind::Str(text)) = (ty.is_text(), &bare(e).kind) {
        return Some(json!(text.value));
    }
    if let (Type::Text | Type::Name | Type::Path, Some(name)) = (ty, single_name(e))
        && !lower.is_declared(&name.kind)
    {
        lower.report(
            Diagnostic::new(Code::E0206, e.span, "a text stands in quotes")
                .label("not in quotes")
                .fix(Fix::replace(
                    "put it in quotes",
                    Applicability::Machine,
                    e.span,
                    format!("\"{}\"", name.kind),
                )),
        );
        return None;
    }
    let mut value = lower.value(e, Some(ty))?;
    super::lower::adapt(&mut value, ty);
    let Ir::Const(constant) = &value.kind else {
        lower.report(
            Diagnostic::new(
                Code::E0222,
                e.span,
                "the value of a test's event is constant",
            )
            .label("not a constant"),
        );
        return None;
    };
    if value.ty != ty {
        let wanted = types::describe(lower.env.schema, ty);
        let found = types::describe(lower.env.schema, value.ty);
        lower.report(
            Diagnostic::new(
                Code::E0206,
                e.span,
                format!("{wanted} is wanted here, but this is {found}"),
            )
            .label(found),
        );
        return None;
    }
    if let (Value::Int(n), Some((least, most))) = (constant, bounds)
        && !(least..=most).contains(n)
    {
        lower.report(
            Diagnostic::new(Code::E0208, e.span, format!("the field cannot be {n}"))
                .label(format!("not in {least}..{most}")),
        );
        return None;
    }
    Some(constant::event_json(ty, constant))
}
