//! Short hands for tests: conditions, values and events over the sample kind.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tagout_spec::schema::{FieldIdx, Kind, KindIdx, Schema};

use super::generate::sample;
use super::interpret::{Content, Event, Slot};
use super::types::{field_of, type_of_field, type_of_item};
use super::{
    ArithOp, CmpOp, Cond, CondKind, Expr, ExprKind, FieldRef, Predicate, Program, TextOp,
    Type, Value,
};
use crate::diagnostic::Span;

static SAMPLE: LazyLock<(Schema, KindIdx)> = LazyLock::new(|| sample::schema().unwrap());

pub(super) fn schema() -> &'static Schema {
    &SAMPLE.0
}

pub(super) fn kind() -> &'static Kind {
    SAMPLE.0.kind(SAMPLE.1).unwrap()
}

pub(super) fn kind_idx() -> KindIdx {
    SAMPLE.1
}

/// A field of the event, or of an element: `objects/value`.
pub(super) fn at(path: &str) -> FieldRef {
    match path.split_once('/') {
        None => {
            let found = kind().lookup(path);
            FieldRef::Event(found.unwrap_or_else(|| panic!("no field {path}")).0)
        }
        Some((group, path)) => {
            let (group, field) = kind().lookup(group).unwrap();
            let (field, _) = field.items.as_ref().unwrap().lookup(path).unwrap();
            FieldRef::Elem(group, field)
        }
    }
}

/// The path of a field.
pub(super) fn path(field: FieldRef) -> String {
    let name = &field_of(kind(), field).unwrap().path;
    match field {
        FieldRef::Event(_) => name.to_string(),
        FieldRef::Elem(group, _) => {
            format!("{}/{name}", kind().field(group).unwrap().path)
        }
        FieldRef::Call(_) => panic!("no field"),
    }
}

pub(super) fn expr(kind: ExprKind, ty: Type) -> Expr {
    Expr { kind, ty, span: Span::default() }
}

pub(super) fn cond(kind: CondKind) -> Cond {
    Cond { kind, span: Span::default() }
}

pub(super) fn f(path: &str) -> Expr {
    let field = at(path);
    let ty = field_of(kind(), field).unwrap().ty;
    expr(ExprKind::Field(field), type_of_field(ty).unwrap())
}

pub(super) fn item(list: &str) -> Expr {
    let (list, field) = kind().lookup(list).unwrap();
    let tagout_spec::schema::FieldType::List(scalar) = field.ty else {
        panic!("no list")
    };
    expr(ExprKind::Item(list), type_of_item(scalar))
}

pub(super) fn int(number: i64) -> Expr {
    expr(ExprKind::Const(Value::Int(number)), Type::Int)
}

pub(super) fn float(number: f64) -> Expr {
    expr(ExprKind::Const(Value::Float(number)), Type::Float)
}

pub(super) fn text(text: &str) -> Expr {
    expr(ExprKind::Const(bytes(text)), Type::Text)
}

pub(super) fn as_type(mut expr: Expr, ty: Type) -> Expr {
    expr.ty = ty;
    expr
}

pub(super) fn bytes(text: &str) -> Value {
    Value::Bytes(text.as_bytes().to_vec())
}

pub(super) fn arith(op: ArithOp, left: Expr, right: Expr) -> Expr {
    let ty = left.ty;
    expr(ExprKind::Arith(op, Box::new(left), Box::new(right)), ty)
}

pub(super) fn coalesce(left: Expr, right: Expr) -> Expr {
    let ty = left.ty;
    expr(ExprKind::Coalesce(Box::new(left), Box::new(right)), ty)
}

pub(super) fn one(kind: fn(Box<Expr>) -> ExprKind, inner: Expr, ty: Type) -> Expr {
    expr(kind(Box::new(inner)), ty)
}

pub(super) fn cmp(op: CmpOp, left: Expr, right: Expr) -> Cond {
    let fold = left.ty.folds() || right.ty.folds();
    cond(CondKind::Cmp { op, left, right, fold })
}

pub(super) fn eq(left: Expr, right: Expr) -> Cond {
    cmp(CmpOp::Eq, left, right)
}

pub(super) fn all(conds: impl IntoIterator<Item = Cond>) -> Cond {
    cond(CondKind::All(conds.into_iter().collect()))
}

pub(super) fn any(conds: impl IntoIterator<Item = Cond>) -> Cond {
    cond(CondKind::Any(conds.into_iter().collect()))
}

pub(super) fn not(inner: Cond) -> Cond {
    cond(CondKind::Not(Box::new(inner)))
}

pub(super) fn or_else(left: Cond, right: Cond) -> Cond {
    cond(CondKind::Else(Box::new(left), Box::new(right)))
}

pub(super) fn constant(holds: bool) -> Cond {
    cond(CondKind::Const(holds))
}

/// A text test; folds if the value's type does.
pub(super) fn test(op: TextOp, value: Expr, needles: &[&str]) -> Cond {
    let fold = value.ty.folds();
    let needles = needles.iter().map(|needle| needle.as_bytes().to_vec()).collect();
    cond(CondKind::Text { op, value, needles, all: false, fold })
}

pub(super) fn quant(all: bool, group: &str, inner: Cond) -> Cond {
    cond(CondKind::Quant { all, group: at(group), cond: Box::new(inner) })
}

pub(super) fn count(group: &str, inner: Cond, op: CmpOp, than: i64) -> Cond {
    cond(CondKind::Count { group: at(group), cond: Box::new(inner), op, than })
}

/// A program of one predicate.
pub(super) fn program(of: Cond) -> Program {
    let predicate =
        Predicate { kinds: vec![0], cond: of, columns: Vec::new(), severity: Vec::new() };
    Program {
        kinds: vec![kind_idx()],
        names: sample::names(),
        predicates: vec![predicate],
        ..Program::default()
    }
}

/// An event: fields with what they hold.
pub(super) fn event<const N: usize>(fields: [(&str, Content); N]) -> Event {
    let fields = fields.into_iter().map(|(path, content)| {
        let (field, _) = kind().lookup(path).unwrap_or_else(|| panic!("no field {path}"));
        (field, content)
    });
    Event { fields: fields.collect() }
}

pub(super) fn is(value: Value) -> Content {
    Content::One(Slot::Value(value))
}

pub(super) fn n(number: i64) -> Content {
    is(Value::Int(number))
}

pub(super) fn s(text: &str) -> Content {
    is(bytes(text))
}

pub(super) fn cut(text: &str) -> Content {
    Content::One(Slot::Cut(text.as_bytes().to_vec()))
}

pub(super) fn null() -> Content {
    Content::One(Slot::Null)
}

pub(super) fn invalid() -> Content {
    Content::One(Slot::Invalid)
}

pub(super) fn ints(numbers: &[i64]) -> Content {
    let items = numbers.iter().map(|number| Slot::Value(Value::Int(*number)));
    Content::List(items.collect(), false)
}

/// A group: each element a list of fields.
pub(super) fn group(of: &str, elements: &[&[(&str, Slot)]]) -> Content {
    let (_, field) = kind().lookup(of).unwrap();
    let items = field.items.as_ref().unwrap();
    let elements = elements.iter().map(|element| {
        let fields = element.iter().map(|(path, slot)| {
            let (field, _) = items.lookup(path).unwrap();
            (field, slot.clone())
        });
        fields.collect::<BTreeMap<FieldIdx, Slot>>()
    });
    Content::Group(elements.collect(), false)
}

/// The same list or group, marked as truncated.
pub(super) fn truncated(content: Content) -> Content {
    match content {
        Content::List(items, _) => Content::List(items, true),
        Content::Group(elements, _) => Content::Group(elements, true),
        one => one,
    }
}
