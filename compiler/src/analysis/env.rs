//! What a pack declares: parameters, tables and predicates, by name.
//!
//! One name space holds all three, since a rule could not tell them apart.
//! Declarations are seen from every file of the pack, in any order. The first
//! declaration of a name counts; a second one is an error.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use tagout_spec::function::Function;
use tagout_spec::schema::Schema;

use super::names::Name;
use super::report;
use super::types;
use crate::diagnostic::{Code, Diagnostic, Sources, Span, closest};
use crate::ir::Type;
use crate::syntax::ast::{self, Ident, Item, Node, TypeExpr};

/// Everything that rules of a pack may name, and what the compiler knows.
#[derive(Debug)]
pub(super) struct Env<'a> {
    /// Kinds and enumerations.
    pub(super) schema: &'a Schema,
    /// The text of the files.
    pub(super) sources: &'a Sources,
    /// Parameters in source order.
    pub(super) params: Vec<ParamDecl<'a>>,
    /// Tables in source order.
    pub(super) data: Vec<DataDecl<'a>>,
    /// Predicates in source order.
    pub(super) preds: Vec<PredDecl<'a>>,
    /// Functions of plugins.
    pub(super) functions: Vec<Function>,
    /// Names of maps that rules ask for, in the order in which they are met.
    pub(super) map_names: RefCell<Vec<String>>,
    names: BTreeMap<&'a str, Entity>,
    poisoned: BTreeSet<String>,
}

/// A parameter that was declared.
#[derive(Debug)]
pub(super) struct ParamDecl<'a> {
    /// The declaration.
    pub(super) ast: &'a ast::Param,
    /// Type of the value or of the set's elements.
    pub(super) ty: Option<Type>,
    /// Whether it is a set.
    pub(super) is_set: bool,
}

/// A table that was declared.
#[derive(Debug)]
pub(super) struct DataDecl<'a> {
    /// The declaration.
    pub(super) ast: &'a ast::Data,
    /// Type of the keys, and of the values for a map.
    pub(super) ty: Option<(Type, Option<Type>)>,
}

/// A predicate that was declared.
#[derive(Debug)]
pub(super) struct PredDecl<'a> {
    /// The declaration.
    pub(super) ast: &'a ast::Pred,
    /// Whether its own check found nothing wrong.
    pub(super) is_sound: Cell<bool>,
}

#[derive(Clone, Copy, Debug)]
enum Entity {
    Param(u32),
    Data(u32),
    Pred(u32),
}

impl<'a> Env<'a> {
    /// Collects the declarations of all files.
    pub(super) fn collect(
        schema: &'a Schema,
        sources: &'a Sources,
        items: &[&'a Node<Item>],
        poisoned: BTreeSet<String>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Env<'a> {
        let mut env = Env {
            schema,
            sources,
            params: Vec::new(),
            data: Vec::new(),
            preds: Vec::new(),
            functions: Vec::new(),
            map_names: RefCell::default(),
            names: BTreeMap::new(),
            poisoned,
        };
        for item in items {
            env.declare(item, diagnostics);
        }
        env
    }

    fn declare(&mut self, item: &'a Node<Item>, diagnostics: &mut Vec<Diagnostic>) {
        let (name, entity) = match &item.kind {
            Item::Param(param) => {
                let (ty, is_set) = param_type(self.schema, &param.ty, diagnostics);
                self.params.push(ParamDecl { ast: param, ty, is_set });
                (&param.name, Entity::Param(last(&self.params)))
            }
            Item::Data(data) => {
                let ty = data_type(self.schema, &data.ty, diagnostics);
                self.data.push(DataDecl { ast: data, ty });
                (&data.name, Entity::Data(last(&self.data)))
            }
            Item::Pred(pred) => {
                self.preds.push(PredDecl { ast: pred, is_sound: Cell::new(true) });
                (&pred.name, Entity::Pred(last(&self.preds)))
            }
            Item::Rule(_) | Item::Setting(_) | Item::Error => return,
        };
        if let Some(first) = self.names.get(name.kind.as_str()) {
            let first = self.ident(*first).map(|ident| ident.span);
            diagnostics.push(twice(&name.kind, name.span, first));
        } else {
            self.names.insert(&name.kind, entity);
        }
    }

    fn ident(&self, entity: Entity) -> Option<&'a Ident> {
        match entity {
            Entity::Param(n) => self.params.get(usize_of(n)).map(|d| &d.ast.name),
            Entity::Data(n) => self.data.get(usize_of(n)).map(|d| &d.ast.name),
            Entity::Pred(n) => self.preds.get(usize_of(n)).map(|d| &d.ast.name),
        }
    }

    /// The parameter or table of a name.
    pub(super) fn value(&self, name: &str) -> Option<Name<'a>> {
        match self.names.get(name)? {
            Entity::Param(n) => Some(Name::Param(*n)),
            Entity::Data(n) => Some(Name::Data(*n)),
            Entity::Pred(_) => None,
        }
    }

    /// The predicate of a name.
    pub(super) fn pred(&self, name: &str) -> Option<u32> {
        match self.names.get(name)? {
            Entity::Pred(n) => Some(*n),
            _ => None,
        }
    }

    /// The function of a plugin with a name.
    pub(super) fn function(&self, name: &str) -> Option<u32> {
        let found = self.functions.iter().position(|function| function.name == name);
        found.and_then(|at| u32::try_from(at).ok())
    }

    /// What declares a name.
    pub(super) fn declared(&self, name: &str) -> Option<&'a Ident> {
        self.ident(*self.names.get(name)?)
    }

    /// A parameter by its number.
    pub(super) fn param_decl(&self, n: u32) -> Option<&ParamDecl<'a>> {
        self.params.get(usize_of(n))
    }

    /// A table by its number.
    pub(super) fn data_decl(&self, n: u32) -> Option<&DataDecl<'a>> {
        self.data.get(usize_of(n))
    }

    /// A predicate by its number.
    pub(super) fn pred_decl(&self, n: u32) -> Option<&PredDecl<'a>> {
        self.preds.get(usize_of(n))
    }

    /// Names of parameters and tables.
    pub(super) fn value_names(&self) -> impl Iterator<Item = &'a str> {
        let is_value = |e: &Entity| !matches!(e, Entity::Pred(_));
        self.names.iter().filter(move |(_, e)| is_value(e)).map(|(name, _)| *name)
    }

    /// Names of predicates.
    pub(super) fn pred_names(&self) -> impl Iterator<Item = &'a str> {
        let is_pred = |e: &Entity| matches!(e, Entity::Pred(_));
        self.names.iter().filter(move |(_, e)| is_pred(e)).map(|(name, _)| *name)
    }

    /// Whether a name occurs in a declaration that could not be parsed, so that
    /// nothing can be said of it.
    pub(super) fn is_poisoned(&self, name: &str) -> bool {
        self.poisoned.contains(name)
    }
}

/// Reports a name that is declared a second time.
pub(super) fn twice(name: &str, span: Span, first: Option<Span>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::E0216, span, format!("`{name}` is declared twice"))
            .label("declared again here");
    match first {
        Some(first) => diagnostic.secondary(first, "first declared here"),
        None => diagnostic,
    }
}

/// The type of a parameter, and whether it is a set.
fn param_type(
    schema: &Schema,
    ty: &Node<TypeExpr>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Option<Type>, bool) {
    match (ty.kind.name.as_str(), ty.kind.args.as_slice()) {
        ("set", [element]) => (scalar_type(schema, element, diagnostics), true),
        ("map" | "set", _) => {
            diagnostics.push(
                Diagnostic::new(
                    Code::E0207,
                    ty.span,
                    "a parameter is a value or a `set<...>`",
                )
                .label("not a type of a parameter")
                .help("declare a table with `data` for a map"),
            );
            (None, false)
        }
        _ => (scalar_type(schema, ty, diagnostics), false),
    }
}

/// The types of a table's keys and values.
fn data_type(
    schema: &Schema,
    ty: &Node<TypeExpr>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Type, Option<Type>)> {
    match (ty.kind.name.as_str(), ty.kind.args.as_slice()) {
        ("set", [element]) => Some((scalar_type(schema, element, diagnostics)?, None)),
        ("map", [key, value]) => {
            let key = scalar_type(schema, key, diagnostics);
            let value = scalar_type(schema, value, diagnostics)?;
            Some((key?, Some(value)))
        }
        _ => {
            diagnostics.push(
                Diagnostic::new(
                    Code::E0207,
                    ty.span,
                    "a table is a `set<...>` or a `map<..., ...>`",
                )
                .label("not a type of a table"),
            );
            None
        }
    }
}

/// The type of a single value.
fn scalar_type(
    schema: &Schema,
    ty: &Node<TypeExpr>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Type> {
    let found = types::by_name(schema, &ty.kind.name).filter(|_| ty.kind.args.is_empty());
    if found.is_none() {
        let mut diagnostic = Diagnostic::new(
            Code::E0207,
            ty.span,
            format!("there is no type `{}`", ty.kind.name),
        );
        if let Some(near) = closest(&ty.kind.name, types::names(schema)) {
            diagnostic = report::rename(diagnostic, ty.span, near);
        } else {
            let names: Vec<String> =
                types::NAMES.iter().map(|(name, _)| format!("`{name}`")).collect();
            diagnostic = diagnostic.label("unknown type").note(format!(
                "types are {}, and the enumerations of the schema",
                names.join(", ")
            ));
        }
        diagnostics.push(diagnostic);
    }
    found
}

fn last<T>(list: &[T]) -> u32 {
    u32::try_from(list.len().saturating_sub(1)).unwrap_or(u32::MAX)
}

fn usize_of(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
