//! Random programs over a kind, and events that decide them one way and the
//! other.
//!
//! ```text
//! seed + kind --> Case
//!   program    well-typed, verified; every construct comes up: Coverage
//!   bindings   parameters: bound, left to their default, or missing
//!   events     values at and beside the constants of the program; fields that
//!              are absent, null, invalid, cut; groups that are truncated
//! ```
//!
//! A case is a function of its seed and [`Shape`] alone, on every machine. Every
//! constant that a condition compares a field with is noted in that field's
//! *pool*, and events draw from the pools, so that the verdicts false, unknown and
//! true come up about equally often.
//!
//! Events keep to what a writer of records can produce ([`write()`] does it): an
//! element's field is never invalid, a repeated field is truncated only when it is
//! full.

pub mod coverage;
pub mod functions;
pub mod random;
pub mod sample;

mod cond;
mod event;
mod expr;
mod palette;
mod pattern;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use tagout_spec::schema::{
    Field, FieldIdx, FieldType, IntRepr, Kind, KindIdx, Scalar, Schema,
};

pub use self::write::write;

use self::coverage::Coverage;
use self::random::Random;
use super::interpret::{Bindings, Event};
use super::types::{field_of, type_of_field, type_of_item};
use super::{Constant, FieldRef, Param, Predicate, Program, Severity, Type, Value};
use crate::diagnostic::Span;

/// How large a case is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Predicates of the program.
    pub predicates: usize,
    /// Events to evaluate them on.
    pub events: usize,
    /// Nesting of conditions.
    pub depth: usize,
}

/// A program with events.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The program.
    pub program: Program,
    /// Values of its parameters.
    pub bindings: Bindings,
    /// Events of the kind.
    pub events: Vec<Event>,
}

/// The case of a seed; nothing if the schema has no such kind.
pub fn case(schema: &Schema, kind: KindIdx, shape: Shape, seed: u64) -> Option<Case> {
    case_of(Generator::new(schema, kind, seed)?, shape)
}

/// A case whose program calls no functions of plugins, so that its module needs
/// nothing but an engine.
pub fn case_without_calls(
    schema: &Schema,
    kind: KindIdx,
    shape: Shape,
    seed: u64,
) -> Option<Case> {
    let generator = Generator::new(schema, kind, seed)?;
    case_of(Generator { calls: false, ..generator }, shape)
}

fn case_of(mut generator: Generator<'_>, shape: Shape) -> Option<Case> {
    for _ in 0..shape.predicates {
        let predicate = generator.predicate(shape.depth);
        generator.program.predicates.push(predicate);
    }
    let bindings = generator.bindings();
    let events = (0..shape.events).map(|_| generator.event()).collect();
    Some(Case { program: generator.program, bindings, events })
}

/// A case whose program has every construct that [`Coverage::missing`] looks for in
/// programs, and few predicates that bring nothing new: for tests that are to run
/// all of the language in one module.
pub fn everything(
    schema: &Schema,
    kind: KindIdx,
    events: usize,
    seed: u64,
) -> Option<Case> {
    let mut generator = Generator::new(schema, kind, seed)?;
    let mut coverage = Coverage::default();
    for _ in 0..PREDICATES_TRIED {
        let Program { params, data, patterns, functions, .. } = &generator.program;
        let before = (params.len(), data.len(), patterns.len(), functions.len());
        let predicate = generator.predicate(1);
        let known = coverage.counts.len();
        coverage.predicate(&predicate);
        if coverage.counts.len() > known {
            generator.program.predicates.push(predicate);
        } else {
            // What it brought to the tables is used by no other.
            generator.program.params.truncate(before.0);
            generator.program.data.truncate(before.1);
            generator.program.patterns.truncate(before.2);
            generator.program.functions.truncate(before.3);
        }
        if coverage.missing_in_programs().is_empty() {
            let bindings = generator.bindings();
            let events = (0..events).map(|_| generator.event()).collect();
            return Some(Case { program: generator.program, bindings, events });
        }
    }
    None
}

/// Most predicates that are made to find one of each construct; a few thousand
/// are enough.
const PREDICATES_TRIED: usize = 200_000;

/// A case in the making.
struct Generator<'a> {
    random: Random,
    kind: &'a Kind,
    program: Program,
    /// Values that conditions compare a field with. Items of a list are at the
    /// list's own reference.
    pools: BTreeMap<FieldRef, Vec<Value>>,
    /// The group or list of the enclosing quantifier.
    element: Option<FieldIdx>,
    /// Whether functions of plugins are called.
    calls: bool,
}

impl<'a> Generator<'a> {
    fn new(schema: &'a Schema, kind: KindIdx, seed: u64) -> Option<Generator<'a>> {
        Some(Generator {
            random: Random::new(seed),
            kind: schema.kinds.get(usize::from(kind.0))?,
            program: Program {
                kinds: vec![kind],
                names: sample::names(),
                ..Program::default()
            },
            pools: BTreeMap::new(),
            element: None,
            calls: true,
        })
    }
}

impl Generator<'_> {
    fn predicate(&mut self, depth: usize) -> Predicate {
        let depth = self.random.between(0, depth);
        let cond = self.cond(depth);
        let mut severity = Vec::new();
        for level in [Severity::Critical, Severity::Low] {
            if self.random.chance(15) {
                severity.push((self.cond(1), level));
            }
        }
        let n_columns = self.random.below(4);
        let columns = (0..n_columns).map(|_| {
            let ty = self.any_type();
            self.expr(ty, 1)
        });
        let columns = columns.collect();
        Predicate { kinds: vec![0], cond, columns, severity }
    }

    fn bindings(&mut self) -> Bindings {
        let params = self.program.params.clone();
        params.iter().map(|param| self.binding(param)).collect()
    }

    fn binding(&mut self, param: &Param) -> Option<Constant> {
        if self.random.chance(if param.default.is_some() { 50 } else { 15 }) {
            return None;
        }
        Some(self.constant(param.ty, param.set_max))
    }

    /// A value for a parameter, or a set of them.
    fn constant(&mut self, ty: Type, set_max: Option<u32>) -> Constant {
        let Some(most) = set_max else {
            return Constant::One(self.bindable(ty));
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(6);
        let len = self.random.below(most.saturating_add(1));
        if ty == Type::Ip && self.random.chance(50) {
            let mut ranges = self.ip_ranges();
            ranges.truncate(most);
            return Constant::Ips(ranges);
        }
        let mut values: Vec<_> = (0..len).map(|_| self.bindable(ty)).collect();
        values.dedup();
        Constant::Set(values)
    }

    /// A value for a parameter: short, because room for texts is reserved.
    fn bindable(&mut self, ty: Type) -> Value {
        let mut value = self.value(ty);
        if let Value::Bytes(bytes) = &mut value {
            bytes.truncate(40);
        }
        value
    }

    fn value(&mut self, ty: Type) -> Value {
        palette::value(&mut self.random, ty, None)
    }

    /// Some type of the language that a field of the kind has.
    fn any_type(&mut self) -> Type {
        let fields = self.scalars();
        let picked = self.random.pick(&fields).copied();
        picked.map_or(Type::Int, |(_, ty)| ty)
    }

    /// The fields that can be named here, with their types; mostly those of the
    /// element inside a quantifier.
    fn scalars(&mut self) -> Vec<(FieldRef, Type)> {
        if let Some(group) = self.element
            && self.random.chance(80)
        {
            let of_element = self.element_fields(group);
            if !of_element.is_empty() {
                return of_element;
            }
        }
        let of_event = self.kind.fields.iter().filter_map(|field| {
            Some((FieldRef::Event(FieldIdx(field.bit)), type_of_field(field.ty)?))
        });
        of_event.collect()
    }

    fn element_fields(&self, group: FieldIdx) -> Vec<(FieldRef, Type)> {
        let field = field_of(self.kind, FieldRef::Event(group));
        let Some((field, items)) =
            field.and_then(|field| Some((field, field.items.as_ref()?)))
        else {
            return Vec::new();
        };
        match field.ty {
            FieldType::List(scalar) => {
                vec![(FieldRef::Event(group), type_of_item(scalar))]
            }
            _ => (0_u16..)
                .zip(items.fields.iter())
                .filter_map(|(position, field)| {
                    let field_ref = FieldRef::Elem(group, FieldIdx(position));
                    Some((field_ref, type_of_field(field.ty)?))
                })
                .collect(),
        }
    }

    /// The repeated fields of the kind.
    fn repeated(&self) -> Vec<&Field> {
        self.kind.fields.iter().filter(|field| field.items.is_some()).collect()
    }

    /// Adds a value to the pool of a field.
    fn note(&mut self, field: FieldRef, value: Value) {
        let pool = self.pools.entry(field).or_default();
        if pool.len() < 64 && !pool.contains(&value) {
            pool.push(value);
        }
    }

    /// Adds a value to the pools of all fields of an expression.
    fn note_all(&mut self, expr: &super::Expr, value: &Value) {
        let mut fields = Vec::new();
        super::walk::each_field_of_expr(expr, None, &mut |field| fields.push(field));
        for field in fields {
            self.note(field, value.clone());
        }
    }
}

/// The width of an integer field or item.
fn repr_of(ty: FieldType) -> Option<IntRepr> {
    match ty {
        FieldType::Int(repr)
        | FieldType::Enum(_, repr)
        | FieldType::List(Scalar::Int(repr) | Scalar::Enum(_, repr)) => Some(repr),
        _ => None,
    }
}

/// Generated code stands nowhere.
fn nowhere() -> Span {
    Span::default()
}
