//! Types: from the schema's slots and from what authors write, and how messages
//! name them.

use tagout_spec::schema::{Field, FieldType, IntRepr, Scalar, Schema};

use crate::ir::{Expr, ExprKind, Type, Value};

/// The type of a field's value; `None` for what is repeated.
pub(super) fn of_field(field: &Field) -> Option<Type> {
    Some(match field.ty {
        FieldType::Bool => Type::Bool,
        FieldType::Int(_) => Type::Int,
        FieldType::Enum(idx, _) => Type::Enum(idx),
        FieldType::Float => Type::Float,
        FieldType::Time => Type::Time,
        FieldType::Duration => Type::Duration,
        FieldType::Ip => Type::Ip,
        FieldType::Mac => Type::Mac,
        FieldType::Text => Type::Text,
        FieldType::Name => Type::Name,
        FieldType::Path => Type::Path,
        FieldType::Bytes => Type::Bytes,
        FieldType::Range => Type::Range,
        FieldType::List(_) | FieldType::Group | FieldType::Map => return None,
    })
}

/// The type of a list's elements.
pub(super) fn of_scalar(scalar: Scalar) -> Type {
    match scalar {
        Scalar::Int(_) => Type::Int,
        Scalar::Enum(idx, _) => Type::Enum(idx),
        Scalar::Float => Type::Float,
        Scalar::Text => Type::Text,
        Scalar::Name => Type::Name,
        Scalar::Ip => Type::Ip,
    }
}

/// The type that an author names for a parameter, a table or an argument: one of the
/// language, or an enumeration of the schema.
pub(super) fn by_name(schema: &Schema, name: &str) -> Option<Type> {
    let known = NAMES.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty);
    known.or_else(|| schema.enumeration(name).map(Type::Enum))
}

/// Names of all types, for suggestions.
pub(super) fn names(schema: &Schema) -> impl Iterator<Item = &str> {
    let enumerations = schema.enums.iter().map(|of| of.name.as_ref());
    NAMES.iter().map(|(name, _)| *name).chain(enumerations)
}

/// Types of the language, with their names.
pub(super) const NAMES: &[(&str, Type)] = &[
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("float", Type::Float),
    ("time", Type::Time),
    ("duration", Type::Duration),
    ("ip", Type::Ip),
    ("mac", Type::Mac),
    ("text", Type::Text),
    ("name", Type::Name),
    ("path", Type::Path),
    ("bytes", Type::Bytes),
];

/// The type in the middle of a sentence: `an integer`.
pub(super) fn describe(schema: &Schema, ty: Type) -> String {
    let fixed = match ty {
        Type::Bool => "a boolean",
        Type::Int => "an integer",
        Type::Float => "a float",
        Type::Time => "a time",
        Type::Duration => "a duration",
        Type::Ip => "an address",
        Type::Mac => "a MAC address",
        Type::Text => "a text",
        Type::Name => "a name (text that folds case)",
        Type::Path => "a path",
        Type::Bytes => "bytes",
        Type::Range => "a range",
        Type::Enum(idx) => {
            let found = schema.enums.get(usize::from(idx.0));
            let name = found.map_or("?", |e| e.name.as_ref());
            return format!("the enumeration `{name}`");
        }
    };
    fixed.to_owned()
}

/// Whether values of the type are text of some sort.
pub(super) fn is_text(ty: Type) -> bool {
    matches!(ty, Type::Text | Type::Name | Type::Path | Type::Bytes)
}

/// Whether comparisons of the type fold.
pub(super) fn folds(ty: Type) -> bool {
    matches!(ty, Type::Name | Type::Path)
}

/// Whether `<` and the like are defined.
pub(super) fn is_ordered(ty: Type) -> bool {
    matches!(
        ty,
        Type::Int | Type::Float | Type::Time | Type::Duration | Type::Enum(_) | Type::Ip
    )
}

/// Least and greatest number that an integer slot can give.
pub(super) fn bounds(repr: IntRepr) -> (i64, i64) {
    match repr {
        IntRepr::U8 => (0, u8::MAX.into()),
        IntRepr::U16 => (0, u16::MAX.into()),
        IntRepr::U32 => (0, u32::MAX.into()),
        IntRepr::U64 => (0, i64::MAX),
        IntRepr::I8 => (i8::MIN.into(), i8::MAX.into()),
        IntRepr::I16 => (i16::MIN.into(), i16::MAX.into()),
        IntRepr::I32 => (i32::MIN.into(), i32::MAX.into()),
        IntRepr::I64 => (i64::MIN, i64::MAX),
    }
}

/// Least and greatest number that a field's slot can give.
pub(super) fn field_bounds(field: &Field) -> Option<(i64, i64)> {
    match field.ty {
        FieldType::Int(repr) | FieldType::Enum(_, repr) => Some(bounds(repr)),
        FieldType::List(Scalar::Int(repr) | Scalar::Enum(_, repr)) => Some(bounds(repr)),
        _ => None,
    }
}

/// The integer that a constant expression is.
pub(super) fn const_int(expr: &Expr) -> Option<i64> {
    match expr.kind {
        ExprKind::Const(Value::Int(n)) => Some(n),
        _ => None,
    }
}

/// The bytes that a constant expression is.
pub(super) fn const_bytes(expr: &Expr) -> Option<&[u8]> {
    match &expr.kind {
        ExprKind::Const(Value::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}
