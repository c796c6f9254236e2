//! What numbers an expression can give, from the width of the slots it reads.
//!
//! The bounds are safe, not exact: a value outside them is impossible. They are
//! what "cannot be 300" and "is always true" rest on.

use tagout_spec::schema::{Field, FieldIdx, KindIdx, Schema};

use super::scope::{Scope, VarKind};
use super::types;
use crate::ir::{ArithOp, Expr, ExprKind, FieldRef, RegisterFormat, Type, Value};

/// Least and greatest number of a field or a list's element.
pub(super) fn of_slot(
    schema: &Schema,
    scope: &Scope<'_>,
    value: &Expr,
) -> Option<(i64, i64)> {
    let kind = scope.vars.iter().find_map(|var| match &var.what {
        VarKind::Event(ty) => ty.kinds.first().copied(),
        _ => None,
    })?;
    of_slot_in(schema, kind, value)
}

/// The same for an expression over events of a kind.
pub(super) fn of_slot_in(
    schema: &Schema,
    kind: KindIdx,
    value: &Expr,
) -> Option<(i64, i64)> {
    match &value.kind {
        ExprKind::Field(FieldRef::Event(idx)) => {
            types::field_bounds(field(schema, kind, *idx)?)
        }
        ExprKind::Field(FieldRef::Elem(group, idx)) => {
            let items = field(schema, kind, *group)?.items.as_ref()?;
            types::field_bounds(items.fields.get(usize::from(idx.0))?)
        }
        ExprKind::Item(group) => types::field_bounds(field(schema, kind, *group)?),
        _ => None,
    }
}

/// The field at a presence bit.
pub(super) fn field(schema: &Schema, kind: KindIdx, idx: FieldIdx) -> Option<&Field> {
    let kind = schema.kinds.get(usize::from(kind.0))?;
    kind.fields.iter().find(|field| field.bit == idx.0)
}

/// Least and greatest number of any integral expression.
pub(super) fn of_expr(schema: &Schema, kind: KindIdx, e: &Expr) -> (i64, i64) {
    const ALL: (i64, i64) = (i64::MIN, i64::MAX);
    match &e.kind {
        ExprKind::Const(Value::Int(n)) => (*n, *n),
        ExprKind::Field(_) | ExprKind::Item(_) => {
            of_slot_in(schema, kind, e).unwrap_or(ALL)
        }
        ExprKind::Len(_) | ExprKind::LenOf(_) => (0, u32::MAX.into()),
        ExprKind::Coalesce(a, b) => {
            let (a, b) = (of_expr(schema, kind, a), of_expr(schema, kind, b));
            (a.0.min(b.0), a.1.max(b.1))
        }
        ExprKind::Register(view) if e.ty == Type::Int => match view.format {
            RegisterFormat::U16 => (0, u16::MAX.into()),
            RegisterFormat::I16 => (i16::MIN.into(), i16::MAX.into()),
            RegisterFormat::U32 => (0, u32::MAX.into()),
            RegisterFormat::I32 => (i32::MIN.into(), i32::MAX.into()),
            RegisterFormat::U64 => (0, i64::MAX),
            _ => ALL,
        },
        ExprKind::Arith(op, a, b) => {
            let (a, b) = (of_expr(schema, kind, a), of_expr(schema, kind, b));
            arith(*op, a, b).unwrap_or(ALL)
        }
        _ => ALL,
    }
}

/// Bounds of a result from those of the operands; `None` if not known.
fn arith(op: ArithOp, a: (i64, i64), b: (i64, i64)) -> Option<(i64, i64)> {
    match op {
        ArithOp::Add => Some((a.0.checked_add(b.0)?, a.1.checked_add(b.1)?)),
        ArithOp::Sub => Some((a.0.checked_sub(b.1)?, a.1.checked_sub(b.0)?)),
        // A mask of bits that is not negative bounds the result whatever the
        // other side is.
        ArithOp::And if b.0 >= 0 => Some((0, b.1)),
        ArithOp::And if a.0 >= 0 => Some((0, a.1)),
        ArithOp::Rem if b.0 == b.1 && b.0 > 0 => {
            let most = b.0 - 1;
            Some((if a.0 >= 0 { 0 } else { -most }, most))
        }
        ArithOp::Shr if a.0 >= 0 && b.0 == b.1 && (0..64).contains(&b.0) => {
            Some((a.0 >> b.0, a.1 >> b.0))
        }
        _ => None,
    }
}
