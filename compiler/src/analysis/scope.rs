//! What names mean inside a rule or a predicate.
//!
//! A scope is a short stack of variables: the event (`on modbus as m`), bound
//! arguments of an inlined predicate, and the element of the quantifier that
//! encloses the place. Everything else (parameters, tables, predicates) is
//! declared by the pack and lives in [`super::env`].

use std::rc::Rc;

use tagout_spec::schema::{Field, FieldIdx, FieldType, KindIdx, Schema, layout};

use crate::ir;

/// The names of a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope<'a> {
    /// Variables, innermost last.
    pub(super) vars: Vec<Var<'a>>,
    /// Whether a comparison that is unknown is false.
    pub(super) missing_is_false: bool,
    /// How many predicates are being inlined around this place.
    pub(super) depth: usize,
}

/// A variable.
#[derive(Clone, Debug)]
pub(super) struct Var<'a> {
    /// Its name.
    pub(super) name: String,
    /// What it stands for.
    pub(super) what: VarKind<'a>,
}

/// What a variable stands for.
#[derive(Clone, Debug)]
pub(super) enum VarKind<'a> {
    /// The event.
    Event(Rc<EventType<'a>>),
    /// The element of a quantifier over this repeated field.
    Element(FieldIdx, &'a Field),
    /// A value given to a predicate.
    Value(ir::Expr),
}

/// An event's type: one kind, or all kinds of a view.
#[derive(Clone, Debug)]
pub(super) struct EventType<'a> {
    /// As the rule writes it.
    pub(super) name: String,
    /// The kinds, in schema order; never empty.
    pub(super) kinds: Vec<KindIdx>,
    /// Whether it is a view.
    pub(super) is_view: bool,
    /// The fields that rules may name.
    pub(super) fields: Vec<&'a Field>,
}

impl<'a> Scope<'a> {
    /// The innermost variable of a name.
    pub(super) fn var(&self, name: &str) -> Option<&Var<'a>> {
        self.vars.iter().rev().find(|var| var.name == name)
    }

    /// The event, if there is one in scope.
    pub(super) fn event(&self) -> Option<(&str, &EventType<'a>)> {
        self.vars.iter().find_map(|var| match &var.what {
            VarKind::Event(ty) => Some((var.name.as_str(), ty.as_ref())),
            _ => None,
        })
    }

    /// Whether a quantifier encloses the place.
    pub(super) fn in_quantifier(&self) -> bool {
        self.vars.iter().any(|var| matches!(var.what, VarKind::Element(..)))
    }
}

impl<'a> EventType<'a> {
    /// The kind or view of a name.
    pub(super) fn find(schema: &'a Schema, name: &str) -> Option<EventType<'a>> {
        let kinds = || (0u16..).map(KindIdx).zip(schema.kinds.iter());
        if let Some((idx, kind)) = kinds().find(|(_, kind)| kind.name == name) {
            return Some(EventType {
                name: name.to_owned(),
                kinds: vec![idx],
                is_view: false,
                fields: kind.fields.iter().collect(),
            });
        }
        let mut members =
            kinds().filter(|(_, kind)| kind.views.iter().any(|view| view == name));
        let (first_idx, first) = members.next()?;
        let mut ty = EventType {
            name: name.to_owned(),
            kinds: vec![first_idx],
            is_view: true,
            fields: first.fields.iter().filter(|f| f.bit < layout::OWN_BIT).collect(),
        };
        for (idx, kind) in members {
            ty.kinds.push(idx);
            ty.fields.retain(|field| {
                let same = |other: &Field| {
                    other.bit == field.bit
                        && other.path == field.path
                        && other.ty == field.ty
                        && other.offset == field.offset
                };
                kind.fields.iter().any(same)
            });
        }
        Some(ty)
    }

    /// The field of a path.
    pub(super) fn field(&self, path: &str) -> Option<&'a Field> {
        self.fields.iter().copied().find(|field| field.path == path)
    }

    /// Whether some field lies below a path, as `src.ip` below `src`.
    pub(super) fn is_prefix(&self, path: &str) -> bool {
        self.fields.iter().any(|field| below(&field.path, path).is_some())
    }

    /// Whether every event of `self` is one of `other`.
    pub(super) fn is_within(&self, other: &EventType<'_>) -> bool {
        self.kinds.iter().all(|kind| other.kinds.contains(kind))
    }
}

/// The rest of `path` below `prefix`, without the dot between them.
pub(super) fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    path.strip_prefix(prefix)?.strip_prefix('.')
}

/// The index by which the intermediate representation names a field.
pub(super) fn idx(field: &Field) -> FieldIdx {
    FieldIdx(field.bit)
}

/// Whether a field is a list or a group.
pub(super) fn is_repeated(field: &Field) -> bool {
    matches!(field.ty, FieldType::List(_) | FieldType::Group | FieldType::Map)
}

/// Names of all kinds and views, for suggestions.
pub(super) fn event_names(schema: &Schema) -> Vec<&str> {
    let mut names: Vec<&str> = schema.kinds.iter().map(|k| k.name.as_ref()).collect();
    for kind in &schema.kinds {
        for view in kind.views.iter() {
            if !names.contains(&view.as_ref()) {
                names.push(view);
            }
        }
    }
    names
}
