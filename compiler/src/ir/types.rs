//! Types of fields and constants, as expressions see them.

use tagout_spec::function::{ArgumentType, ResultType};
use tagout_spec::schema::{Field, FieldType, Kind, Scalar};

use super::{FieldRef, Type, Value};

/// The type of a scalar field; nothing for a repeated one.
pub fn type_of_field(ty: FieldType) -> Option<Type> {
    Some(match ty {
        FieldType::Bool => Type::Bool,
        FieldType::Int(_) => Type::Int,
        FieldType::Enum(number, _) => Type::Enum(number),
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

/// The type of an item of a list.
pub fn type_of_item(scalar: Scalar) -> Type {
    match scalar {
        Scalar::Int(_) => Type::Int,
        Scalar::Enum(number, _) => Type::Enum(number),
        Scalar::Float => Type::Float,
        Scalar::Text => Type::Text,
        Scalar::Name => Type::Name,
        Scalar::Ip => Type::Ip,
    }
}

/// The field that a reference names in a kind.
pub fn field_of(kind: &Kind, field: FieldRef) -> Option<&Field> {
    match field {
        FieldRef::Event(field) => kind.field(field),
        FieldRef::Elem(group, field) => {
            let items = kind.field(group)?.items.as_ref()?;
            items.field(field)
        }
        FieldRef::Call(_) => None,
    }
}

/// Whether a value of a type can be an argument of a function. A text is its bytes, and
/// an enumeration its number.
pub fn takes(argument: ArgumentType, ty: Type) -> bool {
    match argument {
        ArgumentType::Text => ty.is_text(),
        ArgumentType::Bytes => ty.is_text() || ty == Type::Bytes,
        ArgumentType::Int => matches!(ty, Type::Int | Type::Enum(_)),
        ArgumentType::Float => ty == Type::Float,
        ArgumentType::Bool => ty == Type::Bool,
        ArgumentType::Ip => ty == Type::Ip,
    }
}

/// The type of a function's result.
pub fn type_of_result(result: ResultType) -> Type {
    match result {
        ResultType::Int => Type::Int,
        ResultType::Float => Type::Float,
        ResultType::Bool => Type::Bool,
    }
}

impl Type {
    /// Whether values are text: exact, folded or a path.
    pub fn is_text(self) -> bool {
        matches!(self, Type::Text | Type::Name | Type::Path)
    }

    /// Whether values are always compared under folding.
    pub fn folds(self) -> bool {
        matches!(self, Type::Name | Type::Path)
    }

    /// Whether values are integers, of whatever meaning.
    pub fn is_integer(self) -> bool {
        matches!(self, Type::Int | Type::Enum(_) | Type::Time | Type::Duration)
    }

    /// Whether values have an order.
    pub fn is_ordered(self) -> bool {
        self.is_integer() || matches!(self, Type::Float | Type::Ip)
    }

    /// Whether a constant can be a value of this type.
    pub fn admits(self, value: &Value) -> bool {
        match value {
            Value::Bool(_) => self == Type::Bool,
            Value::Int(_) => self.is_integer(),
            Value::Float(float) => self == Type::Float && !float.is_nan(),
            Value::Ip(_) => self == Type::Ip,
            Value::Mac(_) => self == Type::Mac,
            Value::Bytes(_) => self.is_text() || self == Type::Bytes,
            Value::Range(first, last) => self == Type::Range && first <= last,
        }
    }
}
