//! Paths to what they name, and suggestions for those that name nothing.
//!
//! ```text
//! m.src.ip            variable, field
//! p.image.name        variable, field, view of a path
//! o.index             element, field of the element
//! engineering         parameter or table
//! write_single_coil   none of these: a label, where an enumeration is expected
//! ```

use tagout_spec::schema::{Field, FieldIdx, FieldType, Scalar};

use super::lower::Lower;
use super::scope::{self, VarKind};
use super::types;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Span, closest};
use crate::ir::{self, FieldRef, PathView};
use crate::syntax::ast::{self, Ident};

/// What a path names.
#[derive(Clone, Debug)]
pub(super) enum Name<'a> {
    /// The event itself.
    Event,
    /// The element of a group itself.
    Element,
    /// The element of a list: a value.
    Item(FieldIdx, Scalar),
    /// A field, repeated or not.
    Field(FieldRef, &'a Field),
    /// A view of a path field.
    View(PathView, FieldRef, &'a Field),
    /// Something between: `m.src`.
    Prefix(String),
    /// A value bound to an argument.
    Value(ir::Expr),
    /// A parameter.
    Param(u32),
    /// A table.
    Data(u32),
}

/// A path as text.
pub(super) fn path_text(path: &[Ident]) -> String {
    let mut text = String::new();
    for ident in path {
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(&ident.kind);
    }
    text
}

/// The one name of an expression, through brackets.
pub(super) fn single_name(e: &ast::Expr) -> Option<&Ident> {
    match &e.kind {
        ast::ExprKind::Path(path) => match path.as_slice() {
            [one] => Some(one),
            _ => None,
        },
        ast::ExprKind::Paren(inner) => single_name(inner),
        _ => None,
    }
}

/// An expression without brackets around it.
pub(super) fn bare(e: &ast::Expr) -> &ast::Expr {
    match &e.kind {
        ast::ExprKind::Paren(inner) => bare(inner),
        _ => e,
    }
}

impl<'a> Lower<'a, '_> {
    /// Whether a single name is a variable, a parameter or a table.
    pub(super) fn is_declared(&self, name: &str) -> bool {
        self.scope.var(name).is_some() || self.env.value(name).is_some()
    }

    /// Resolves a path; reports what does not resolve.
    pub(super) fn resolve(&mut self, path: &[Ident], span: Span) -> Option<Name<'a>> {
        let (first, rest) = path.split_first()?;
        let Some(var) = self.scope.var(&first.kind) else {
            return self.resolve_global(first, path, span);
        };
        let what = var.what.clone();
        let rest_text = path_text(rest);
        match what {
            VarKind::Value(expr) => {
                if let Some(extra) = rest.first() {
                    self.field_of_value(first, extra);
                    return None;
                }
                Some(Name::Value(expr))
            }
            VarKind::Event(ty) => {
                if rest.is_empty() {
                    return Some(Name::Event);
                }
                let find = |path: &str| ty.field(path);
                if let Some((field, view)) = find_field(&rest_text, find) {
                    let at = FieldRef::Event(scope::idx(field));
                    return Some(match view {
                        None => Name::Field(at, field),
                        Some(view) => Name::View(view, at, field),
                    });
                }
                if ty.is_prefix(&rest_text) {
                    return Some(Name::Prefix(rest_text));
                }
                if let Some(name) = self.through_group(&ty.fields, rest, span) {
                    return name;
                }
                let fields: Vec<&'a Field> = ty.fields.clone();
                let owner = if ty.is_view {
                    format!("the view `{}`", ty.name)
                } else {
                    format!("`{}`", ty.name)
                };
                self.unknown_field(rest, &owner, &fields);
                None
            }
            VarKind::Element(group, field) => {
                self.resolve_element(first, rest, group, field)
            }
        }
    }

    /// `o` or `o.index` inside a quantifier.
    fn resolve_element(
        &mut self,
        first: &Ident,
        rest: &[Ident],
        group: FieldIdx,
        field: &'a Field,
    ) -> Option<Name<'a>> {
        let items = field.items.as_ref();
        let fields: Vec<&'a Field> =
            items.map(|items| items.fields.iter().collect()).unwrap_or_default();
        if rest.is_empty() {
            return Some(match field.ty {
                FieldType::List(scalar) => Name::Item(group, scalar),
                _ => Name::Element,
            });
        }
        if let FieldType::List(_) = field.ty {
            if let Some(extra) = rest.first() {
                self.field_of_value(first, extra);
            }
            return None;
        }
        let text = path_text(rest);
        let find = |path: &str| fields.iter().copied().find(|f| f.path == path);
        if let Some((found, view)) = find_field(&text, find) {
            let position = fields.iter().position(|f| f.path == found.path)?;
            let at = FieldRef::Elem(group, FieldIdx(u16::try_from(position).ok()?));
            return Some(match view {
                None => Name::Field(at, found),
                Some(view) => Name::View(view, at, found),
            });
        }
        self.unknown_field(rest, &format!("an element of `{}`", field.path), &fields);
        None
    }

    /// A path that starts with no variable.
    fn resolve_global(
        &mut self,
        first: &Ident,
        path: &[Ident],
        span: Span,
    ) -> Option<Name<'a>> {
        if let Some(name) = self.env.value(&first.kind) {
            if let Some(extra) = path.get(1) {
                self.field_of_value(first, extra);
                return None;
            }
            return Some(name);
        }
        if self.env.is_poisoned(&first.kind) {
            self.broken = true;
            return None;
        }
        self.unknown_name(first, path, span);
        None
    }

    /// `m.items.index`: a field of a group's elements named without a quantifier.
    fn through_group(
        &mut self,
        fields: &[&'a Field],
        rest: &[Ident],
        span: Span,
    ) -> Option<Option<Name<'a>>> {
        for n in 1..rest.len() {
            let (head, tail) = rest.split_at_checked(n)?;
            let head_text = path_text(head);
            let Some(field) = fields.iter().find(|f| f.path == head_text) else {
                continue;
            };
            if !scope::is_repeated(field) {
                continue;
            }
            let tail_text = path_text(tail);
            let group = span_of(head)
                .map(|head| Span { start: span.start, ..head })
                .map_or("", |span| self.text(span));
            self.needs_element(&head_text, group, &format!("v.{tail_text}"), span);
            return Some(None);
        }
        None
    }

    /// Reports a field that is not there, with the nearest one.
    fn unknown_field(&mut self, rest: &[Ident], owner: &str, fields: &[&'a Field]) {
        let text = path_text(rest);
        let Some((first, last)) = rest.first().zip(rest.last()) else { return };
        let span = first.span.to(last.span);
        let paths = || fields.iter().map(|f| f.path.as_ref());
        let mut diagnostic =
            Diagnostic::new(Code::E0202, span, format!("{owner} has no field `{text}`"));
        let ending = format!(".{text}");
        let dropped = text.split_once('.').map(|(_, tail)| tail);
        let near = paths()
            .find(|path| path.ends_with(&ending))
            .or_else(|| paths().find(|path| Some(*path) == dropped))
            .or_else(|| closest(&text, paths()))
            .or_else(|| {
                closest(&text, last_parts(paths()))
                    .and_then(|part| paths().find(|p| p.rsplit('.').next() == Some(part)))
            });
        if let Some(near) = near {
            diagnostic =
                diagnostic.label(format!("did you mean `{near}`?")).fix(Fix::replace(
                    format!("write `{near}`"),
                    sure(closest(&text, [near]).is_some()),
                    span,
                    near,
                ));
        } else {
            diagnostic = diagnostic.label("no such field");
        }
        let own: Vec<String> =
            fields.iter().rev().take(8).rev().map(|f| format!("`{}`", f.path)).collect();
        if near.is_none() && !own.is_empty() {
            diagnostic = diagnostic.note(format!("fields of it are {}", own.join(", ")));
        }
        self.report(diagnostic);
    }

    /// Reports a name that nothing declares.
    pub(super) fn unknown_name(&mut self, first: &Ident, path: &[Ident], span: Span) {
        let text = path_text(path);
        let mut diagnostic = Diagnostic::new(
            Code::E0204,
            first.span,
            format!("nothing here is called `{}`", first.kind),
        );
        let event = self.scope.event().map(|(name, ty)| (name.to_owned(), ty.clone()));
        let as_field = event
            .as_ref()
            .filter(|(_, ty)| ty.field(&text).is_some())
            .map(|(name, _)| name);
        let as_kind =
            event.as_ref().filter(|(_, ty)| ty.name == first.kind).map(|(name, _)| name);
        if let Some(name) = as_field {
            diagnostic = diagnostic.label(format!("did you mean `{name}.{text}`?")).fix(
                Fix::replace(
                    format!("name the event: `{name}.{text}`"),
                    Applicability::Machine,
                    span,
                    format!("{name}.{text}"),
                ),
            );
        } else if let Some(name) = as_kind.filter(|_| path.len() > 1) {
            diagnostic = diagnostic.label(format!("the event is called `{name}`")).fix(
                Fix::replace(
                    format!("write `{name}`"),
                    Applicability::Machine,
                    first.span,
                    name.as_str(),
                ),
            );
        } else {
            let known: Vec<String> = self
                .scope
                .vars
                .iter()
                .map(|var| var.name.clone())
                .chain(self.env.value_names().map(str::to_owned))
                .collect();
            if let Some(near) = closest(&first.kind, known.iter().map(String::as_str)) {
                diagnostic = diagnostic.label(format!("did you mean `{near}`?")).fix(
                    Fix::replace(
                        format!("write `{near}`"),
                        Applicability::Machine,
                        first.span,
                        near,
                    ),
                );
            } else {
                diagnostic = diagnostic.label("unknown name");
                if path.len() == 1 {
                    diagnostic = diagnostic.help(
                        "put a text in quotes; a label stands beside an enumeration",
                    );
                }
            }
        }
        self.report(diagnostic);
    }

    /// Reports `x.y` where `x` is a plain value.
    fn field_of_value(&mut self, first: &Ident, extra: &Ident) {
        let message = format!("`{}` is a value and has no fields", first.kind);
        self.report(
            Diagnostic::new(Code::E0202, extra.span, message).label("no such field"),
        );
    }

    /// Reports a repeated field where one value is needed.
    pub(super) fn repeated_as_scalar(&mut self, field: &Field, span: Span) {
        let group = self.text(span);
        self.needs_element(&field.path, group, "v", span);
    }

    /// Reports a repeated field, and rewrites the comparison around it with `any`.
    fn needs_element(&mut self, field: &str, group: &str, element: &str, span: Span) {
        let message = format!("`{field}` is repeated and has no single value");
        let mut diagnostic =
            Diagnostic::new(Code::E0212, span, message).label("which element is meant?");
        let around = self
            .comparison
            .filter(|c| c.file == span.file && c.start <= span.start && span.end <= c.end)
            .filter(|_| !self.scope.in_quantifier() && self.scope.var("v").is_none());
        match around {
            Some(around) => {
                let before = self.text(Span { end: span.start, ..around });
                let after = self.text(Span { start: span.end, ..around });
                let new = format!("any v in {group} ({before}{element}{after})");
                diagnostic = diagnostic.fix(Fix::replace(
                    format!("if any element will do: `{new}`"),
                    Applicability::Maybe,
                    around,
                    new,
                ));
            }
            None => {
                diagnostic = diagnostic
                    .help(format!("write `any v in {group} (...)` and use `{element}`"));
            }
        }
        self.report(diagnostic);
    }

    /// The number of a label, or an error with the nearest one.
    pub(super) fn label(
        &mut self,
        idx: tagout_spec::schema::EnumIdx,
        name: &Ident,
    ) -> Option<i64> {
        let found = self.env.schema.enums.get(usize::from(idx.0))?;
        if let Some(label) = found.labels.iter().find(|label| label.name == name.kind) {
            return i64::try_from(label.value).ok();
        }
        let labels = || found.labels.iter().map(|label| label.name.as_ref());
        let mut diagnostic = Diagnostic::new(
            Code::E0203,
            name.span,
            format!(
                "{} has no label `{}`",
                types::describe(self.env.schema, ir::Type::Enum(idx)),
                name.kind
            ),
        );
        if let Some(near) = closest(&name.kind, labels()) {
            diagnostic =
                diagnostic.label(format!("did you mean `{near}`?")).fix(Fix::replace(
                    format!("write `{near}`"),
                    Applicability::Machine,
                    name.span,
                    near,
                ));
        } else {
            let some: Vec<String> = labels().take(12).map(|l| format!("`{l}`")).collect();
            let more = if found.labels.len() > 12 { ", ..." } else { "" };
            diagnostic = diagnostic
                .label("unknown label")
                .note(format!("its labels are {}{more}", some.join(", ")))
                .help("a number that has no label can be written as a number");
        }
        self.report(diagnostic);
        None
    }
}

/// The field of a path, or the path field below it and a view of it.
fn find_field<'a>(
    text: &str,
    find: impl Fn(&str) -> Option<&'a Field>,
) -> Option<(&'a Field, Option<PathView>)> {
    if let Some(field) = find(text) {
        return Some((field, None));
    }
    let (path, last) = text.rsplit_once('.')?;
    let view = match last {
        "name" => PathView::Name,
        "directory" => PathView::Directory,
        "extension" => PathView::Extension,
        _ => return None,
    };
    let field = find(path)?;
    matches!(field.ty, FieldType::Path).then_some((field, Some(view)))
}

/// From the first of some names to the last.
fn span_of(names: &[Ident]) -> Option<Span> {
    let (first, last) = names.first().zip(names.last())?;
    Some(first.span.to(last.span))
}

/// The last parts of paths.
fn last_parts<'p>(paths: impl Iterator<Item = &'p str>) -> impl Iterator<Item = &'p str> {
    paths.map(|path| path.rsplit('.').next().unwrap_or(path))
}

/// How certain a suggestion is.
fn sure(near: bool) -> Applicability {
    if near { Applicability::Machine } else { Applicability::Maybe }
}
