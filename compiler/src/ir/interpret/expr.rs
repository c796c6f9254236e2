//! Values: one function for each kind of expression, by the table in the head of
//! the module `ir`.

use tagout_spec::pack::Cause;

use super::Scope;
use super::event::{Place, Slot};
use super::register::register;
use super::value::{Got, Marks, Origin, both};
use crate::ir::{ArithOp, Constant, Expr, ExprKind, FieldRef, PathView, Value};

impl Scope<'_> {
    /// Evaluates an expression.
    pub(super) fn expr(&self, expr: &Expr) -> Got {
        match &expr.kind {
            ExprKind::Const(value) => Got::Known(value.clone(), Origin::default()),
            ExprKind::Field(field) => self.field(*field),
            ExprKind::Item(list) => self.item(*list),
            ExprKind::Param(param) => self.param(*param),
            ExprKind::Len(inner) => self.each(inner, |value| match value {
                Value::Bytes(bytes) => i64::try_from(bytes.len()).ok().map(Value::Int),
                _ => None,
            }),
            ExprKind::LenOf(field) => self.len_of(*field),
            ExprKind::Neg(inner) => self.each(inner, |value| match value {
                Value::Int(int) => int.checked_neg().map(Value::Int),
                Value::Float(float) => Some(Value::Float(-float)),
                _ => None,
            }),
            ExprKind::BitNot(inner) => self.each(inner, |value| match value {
                Value::Int(int) => Some(Value::Int(!int)),
                _ => None,
            }),
            ExprKind::ToFloat(inner) => self.each(inner, |value| match value {
                Value::Int(int) => Some(Value::Float(to_float(int))),
                _ => None,
            }),
            ExprKind::PathView(view, inner) => self.each(inner, |value| match value {
                Value::Bytes(path) => Some(Value::Bytes(part(*view, &path))),
                _ => None,
            }),
            ExprKind::Arith(op, left, right) => self.arith(*op, left, right),
            ExprKind::Coalesce(left, right) => self.coalesce(left, right),
            ExprKind::Lookup(table, key) => self.lookup(*table, key),
            ExprKind::Call(function, arguments) => self.call(*function, arguments),
            ExprKind::Register(view) => match self.registers {
                Some(registers) => register(view, registers, self),
                None => Got::Lacking(Marks::default()),
            },
        }
    }

    /// Why a field has no value; `None` if it is present.
    pub(super) fn state(&self, field: FieldRef) -> Option<Cause> {
        match self.slot(field) {
            Slot::Absent => Some(Cause::Absent),
            Slot::Null => Some(Cause::Null),
            Slot::Invalid => Some(Cause::Invalid),
            Slot::Value(_) | Slot::Cut(_) | Slot::Repeated { .. } => None,
        }
    }

    pub(super) fn slot(&self, field: FieldRef) -> Slot {
        match (field, self.element) {
            (FieldRef::Event(field), _) => self.source.slot(Place::Field(field)),
            (FieldRef::Elem(group, field), Some(position)) => {
                self.source.slot(Place::Element(group, position, field))
            }
            (FieldRef::Elem(..), None) | (FieldRef::Call(_), _) => Slot::Absent,
        }
    }

    fn field(&self, field: FieldRef) -> Got {
        match self.slot(field) {
            Slot::Absent => Got::lacking(field, Cause::Absent),
            Slot::Null => Got::lacking(field, Cause::Null),
            Slot::Invalid => Got::lacking(field, Cause::Invalid),
            Slot::Value(value) => Got::Known(value, Origin::of(field)),
            Slot::Cut(bytes) => Got::Cut(bytes, Origin::of(field)),
            Slot::Repeated { .. } => Got::Lacking(Marks::default()),
        }
    }

    fn item(&self, list: tagout_spec::schema::FieldIdx) -> Got {
        let field = FieldRef::Event(list);
        let position = self.element.unwrap_or(usize::MAX);
        match self.source.slot(Place::Item(list, position)) {
            Slot::Value(Value::Float(float)) if float.is_nan() => {
                Got::lacking(field, Cause::Invalid)
            }
            Slot::Value(value) => Got::Known(value, Origin::of(field)),
            Slot::Cut(bytes) => Got::Cut(bytes, Origin::of(field)),
            _ => Got::lacking(field, Cause::Invalid),
        }
    }

    fn param(&self, param: u32) -> Got {
        match self.interpreter.constant(param) {
            Some(Constant::One(value)) => Got::Known(value.clone(), Origin::default()),
            _ => Got::Lacking(Marks::default()),
        }
    }

    fn len_of(&self, field: FieldRef) -> Got {
        if let Some(cause) = self.state(field) {
            return Got::lacking(field, cause);
        }
        match self.slot(field) {
            Slot::Repeated { truncated: true, .. } => {
                Got::lacking(field, Cause::Truncated)
            }
            Slot::Repeated { len, .. } => match i64::try_from(len) {
                Ok(len) => Got::Known(Value::Int(len), Origin::of(field)),
                Err(_) => Got::lacking(field, Cause::Domain),
            },
            _ => Got::Lacking(Marks::default()),
        }
    }

    /// A value computed from one other; `None` is outside the domain.
    fn each(&self, inner: &Expr, compute: impl Fn(Value) -> Option<Value>) -> Got {
        match self.expr(inner).whole() {
            Err(marks) => Got::Lacking(marks),
            Ok((value, origin)) => match compute(value) {
                Some(result) => Got::Known(result, origin),
                None => Got::Lacking(origin.mark(Cause::Domain)),
            },
        }
    }

    fn arith(&self, op: ArithOp, left: &Expr, right: &Expr) -> Got {
        match both(self.expr(left), self.expr(right)) {
            Err(marks) => Got::Lacking(marks),
            Ok(((left, from_left), (right, from_right))) => {
                let origin = from_left.and(from_right);
                match arith(op, &left, &right) {
                    Some(result) => Got::Known(result, origin),
                    None => Got::Lacking(origin.mark(Cause::Domain)),
                }
            }
        }
    }

    fn coalesce(&self, left: &Expr, right: &Expr) -> Got {
        match self.expr(left) {
            Got::Lacking(of_left) => match self.expr(right) {
                Got::Lacking(of_right) => Got::Lacking(of_left.and(of_right)),
                usable => usable,
            },
            usable => usable,
        }
    }

    fn lookup(&self, table: u32, key: &Expr) -> Got {
        let (key, origin) = match self.expr(key).whole() {
            Ok(known) => known,
            Err(marks) => return Got::Lacking(marks),
        };
        match self.interpreter.row(table, &key) {
            Some((_, Some(value))) => Got::Known(value.clone(), origin),
            _ => Got::Lacking(origin.mark(Cause::Absent)),
        }
    }
}

impl Scope<'_> {
    fn call(&self, function: u32, arguments: &[Expr]) -> Got {
        let mut values = Vec::new();
        let mut origin = Origin::of(FieldRef::Call(function));
        let mut marks = Marks::default();
        let mut is_whole = true;
        for argument in arguments {
            match self.expr(argument).whole() {
                Ok((value, from)) => {
                    values.push(value);
                    origin = origin.and(from);
                }
                Err(of_argument) => {
                    marks = marks.and(of_argument);
                    is_whole = false;
                }
            }
        }
        if !is_whole {
            return Got::Lacking(marks);
        }
        match self.interpreter.call(function, &values) {
            Some(value) => Got::Known(value, origin),
            None => Got::lacking(FieldRef::Call(function), Cause::Domain),
        }
    }
}

fn arith(op: ArithOp, left: &Value, right: &Value) -> Option<Value> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => {
            arith_int(op, *left, *right).map(Value::Int)
        }
        (Value::Float(left), Value::Float(right)) => {
            let result = match op {
                ArithOp::Add => left + right,
                ArithOp::Sub => left - right,
                ArithOp::Mul => left * right,
                ArithOp::Div => left / right,
                _ => return None,
            };
            (!result.is_nan()).then_some(Value::Float(result))
        }
        _ => None,
    }
}

fn arith_int(op: ArithOp, left: i64, right: i64) -> Option<i64> {
    let shift = || u32::try_from(right).ok().filter(|shift| *shift <= 63);
    match op {
        ArithOp::Add => left.checked_add(right),
        ArithOp::Sub => left.checked_sub(right),
        ArithOp::Mul => left.checked_mul(right),
        ArithOp::Div => left.checked_div(right),
        ArithOp::Rem => left.checked_rem(right),
        ArithOp::And => Some(left & right),
        ArithOp::Or => Some(left | right),
        ArithOp::Xor => Some(left ^ right),
        ArithOp::Shl => shift().map(|shift| left.wrapping_shl(shift)),
        ArithOp::Shr => shift().map(|shift| left.wrapping_shr(shift)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "nearest even is what the language says")]
fn to_float(int: i64) -> f64 {
    int as f64
}

/// The part of a path that a view names.
fn part(view: PathView, path: &[u8]) -> Vec<u8> {
    let is_separator = |byte: &u8| matches!(byte, b'/' | b'\\');
    let (directory, name) = match path.iter().rposition(is_separator) {
        Some(last) => {
            let (directory, rest) = path.split_at(last);
            (directory, rest.get(1..).unwrap_or_default())
        }
        None => (Default::default(), path),
    };
    let extension = match name.iter().rposition(|byte| *byte == b'.') {
        Some(dot) if dot > 0 => name.get(dot.saturating_add(1)..).unwrap_or_default(),
        _ => Default::default(),
    };
    match view {
        PathView::Name => name,
        PathView::Directory => directory,
        PathView::Extension => extension,
    }
    .to_vec()
}
