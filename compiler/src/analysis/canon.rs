//! Conditions and expressions without their places, as keys: what means the same
//! has the same key wherever it was written, and nothing else has.
//!
//! ```text
//! tag, then what the node holds: numbers in eight bytes, texts behind their
//! length, lists behind their count
//! ```

use crate::ir::{CmpOp, Cond, CondKind, Expr, ExprKind, FieldRef, Type, Value};

/// What a node means.
pub(super) type Key = Vec<u8>;

/// What an expression computes.
pub(super) fn expr_key(e: &Expr) -> Key {
    let mut key = Key::new();
    expr(e, &mut key);
    key
}

/// What a condition asks.
pub(super) fn cond_key(c: &Cond) -> Key {
    let mut key = Key::new();
    cond(c, &mut key);
    key
}

/// Appends a field reference.
pub(super) fn field(at: FieldRef, key: &mut Key) {
    match at {
        FieldRef::Event(idx) => tagged(0, idx.0.into(), key),
        FieldRef::Elem(group, idx) => {
            tagged(1, group.0.into(), key);
            number(idx.0.into(), key);
        }
        FieldRef::Call(function) => tagged(2, function.into(), key),
    }
}

fn number(n: i64, key: &mut Key) {
    key.extend_from_slice(&n.to_le_bytes());
}

fn tagged(tag: u8, n: i64, key: &mut Key) {
    key.push(tag);
    number(n, key);
}

fn count(n: usize, key: &mut Key) {
    number(i64::try_from(n).unwrap_or(i64::MAX), key);
}

fn bytes(text: &[u8], key: &mut Key) {
    count(text.len(), key);
    key.extend_from_slice(text);
}

fn ty(ty: Type, key: &mut Key) {
    let tag = match ty {
        Type::Bool => 0,
        Type::Int => 1,
        Type::Enum(idx) => return tagged(2, idx.0.into(), key),
        Type::Float => 3,
        Type::Time => 4,
        Type::Duration => 5,
        Type::Ip => 6,
        Type::Mac => 7,
        Type::Text => 8,
        Type::Name => 9,
        Type::Path => 10,
        Type::Bytes => 11,
        Type::Range => 12,
    };
    key.push(tag);
}

fn value(v: &Value, key: &mut Key) {
    match v {
        Value::Bool(b) => key.extend_from_slice(&[0, u8::from(*b)]),
        Value::Int(n) => tagged(1, *n, key),
        Value::Float(f) => tagged(2, f.to_bits().cast_signed(), key),
        Value::Ip(ip) => {
            key.push(3);
            key.extend_from_slice(ip);
        }
        Value::Mac(mac) => {
            key.push(4);
            key.extend_from_slice(mac);
        }
        Value::Bytes(text) => {
            key.push(5);
            bytes(text, key);
        }
        Value::Range(first, last) => {
            tagged(6, (*first).into(), key);
            number((*last).into(), key);
        }
    }
}

fn expr(e: &Expr, key: &mut Key) {
    ty(e.ty, key);
    match &e.kind {
        ExprKind::Const(v) => {
            key.push(0);
            value(v, key);
        }
        ExprKind::Field(at) => {
            key.push(1);
            field(*at, key);
        }
        ExprKind::Item(idx) => tagged(2, idx.0.into(), key),
        ExprKind::Param(n) => tagged(3, (*n).into(), key),
        ExprKind::Len(inner) => one(4, inner, key),
        ExprKind::LenOf(at) => {
            key.push(5);
            field(*at, key);
        }
        ExprKind::Neg(inner) => one(6, inner, key),
        ExprKind::BitNot(inner) => one(7, inner, key),
        ExprKind::Arith(op, a, b) => {
            key.push(8);
            key.push(arith_tag(*op));
            expr(a, key);
            expr(b, key);
        }
        ExprKind::ToFloat(inner) => one(9, inner, key),
        ExprKind::Coalesce(a, b) => {
            one(10, a, key);
            expr(b, key);
        }
        ExprKind::PathView(view, inner) => {
            use crate::ir::PathView::{Directory, Extension, Name};
            let tag = match view {
                Name => 0,
                Directory => 1,
                Extension => 2,
            };
            key.extend_from_slice(&[11, tag]);
            expr(inner, key);
        }
        ExprKind::Lookup(n, inner) => {
            tagged(12, (*n).into(), key);
            expr(inner, key);
        }
        ExprKind::Call(function, arguments) => {
            tagged(14, (*function).into(), key);
            count(arguments.len(), key);
            arguments.iter().for_each(|argument| expr(argument, key));
        }
        ExprKind::Register(view) => {
            use crate::ir::RegisterFormat::{F32, F64, I16, I32, I64, U16, U32, U64};
            let format = match view.format {
                U16 => 0,
                I16 => 1,
                U32 => 2,
                I32 => 3,
                F32 => 4,
                U64 => 5,
                I64 => 6,
                F64 => 7,
            };
            tagged(13, view.address.into(), key);
            let orders = u8::from(view.little_words) << 1 | u8::from(view.little_bytes);
            key.extend_from_slice(&[format, orders, u8::from(view.scale.is_some())]);
            number(view.scale.unwrap_or(0.0).to_bits().cast_signed(), key);
        }
    }
}

fn one(tag: u8, inner: &Expr, key: &mut Key) {
    key.push(tag);
    expr(inner, key);
}

fn arith_tag(op: crate::ir::ArithOp) -> u8 {
    use crate::ir::ArithOp::{Add, And, Div, Mul, Or, Rem, Shl, Shr, Sub, Xor};
    match op {
        Add => 0,
        Sub => 1,
        Mul => 2,
        Div => 3,
        Rem => 4,
        And => 5,
        Or => 6,
        Xor => 7,
        Shl => 8,
        Shr => 9,
    }
}

fn cmp_tag(op: CmpOp) -> u8 {
    match op {
        CmpOp::Eq => 0,
        CmpOp::Lt => 1,
        CmpOp::Le => 2,
        CmpOp::Gt => 3,
        CmpOp::Ge => 4,
    }
}

fn cond(c: &Cond, key: &mut Key) {
    match &c.kind {
        CondKind::Const(b) => key.extend_from_slice(&[0, u8::from(*b)]),
        CondKind::All(parts) => conds(1, parts, key),
        CondKind::Any(parts) => conds(2, parts, key),
        CondKind::Not(inner) => {
            key.push(3);
            cond(inner, key);
        }
        CondKind::Else(a, b) => {
            key.push(4);
            cond(a, key);
            cond(b, key);
        }
        CondKind::Truth(e) => one(5, e, key),
        CondKind::Cmp { op, left, right, fold } => {
            key.extend_from_slice(&[6, cmp_tag(*op), u8::from(*fold)]);
            expr(left, key);
            expr(right, key);
        }
        CondKind::InInts(e, ranges) => {
            one(7, e, key);
            count(ranges.len(), key);
            for (low, high) in ranges {
                number(*low, key);
                number(*high, key);
            }
        }
        CondKind::InIps(e, ranges) => {
            one(8, e, key);
            count(ranges.len(), key);
            for (low, high) in ranges {
                key.extend_from_slice(low);
                key.extend_from_slice(high);
            }
        }
        CondKind::InTexts { value, texts, fold } => {
            key.extend_from_slice(&[9, u8::from(*fold)]);
            expr(value, key);
            count(texts.len(), key);
            texts.iter().for_each(|text| bytes(text, key));
        }
        CondKind::InValues(e, values) => {
            one(10, e, key);
            count(values.len(), key);
            values.iter().for_each(|v| value(v, key));
        }
        CondKind::InParam(e, n) => {
            one(11, e, key);
            number((*n).into(), key);
        }
        CondKind::InData(e, n) => {
            one(12, e, key);
            number((*n).into(), key);
        }
        CondKind::Overlaps(a, b) => {
            one(13, a, key);
            expr(b, key);
        }
        CondKind::Text { op, value, needles, all, fold } => {
            use crate::ir::TextOp::{Contains, EndsWith, StartsWith};
            let tag = match op {
                Contains => 0,
                StartsWith => 1,
                EndsWith => 2,
            };
            key.extend_from_slice(&[14, tag, u8::from(*all), u8::from(*fold)]);
            expr(value, key);
            count(needles.len(), key);
            needles.iter().for_each(|needle| bytes(needle, key));
        }
        CondKind::Matches(e, n) => {
            one(15, e, key);
            number((*n).into(), key);
        }
        CondKind::State(at, state) => {
            use crate::ir::State::{Missing, Null, Present};
            let tag = match state {
                Missing => 0,
                Null => 1,
                Present => 2,
            };
            key.extend_from_slice(&[16, tag]);
            field(*at, key);
        }
        CondKind::Quant { all, group, cond: inner } => {
            key.extend_from_slice(&[17, u8::from(*all)]);
            field(*group, key);
            cond(inner, key);
        }
        CondKind::Count { group, cond: inner, op, than } => {
            key.extend_from_slice(&[18, cmp_tag(*op)]);
            field(*group, key);
            number(*than, key);
            cond(inner, key);
        }
    }
}

fn conds(tag: u8, parts: &[Cond], key: &mut Key) {
    key.push(tag);
    count(parts.len(), key);
    parts.iter().for_each(|part| cond(part, key));
}
