//! From a value that an expression is to have to values of its fields.

use std::collections::BTreeMap;

use tagout_spec::schema::FieldIdx;

use super::Finder;
use crate::ir::types::field_of;
use crate::ir::{
    ArithOp, Expr, ExprKind, FieldRef, PathView, RegisterFormat, RegisterView, Value,
};

/// Something that a search gives a value to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Var {
    /// A scalar field of the event.
    Field(FieldIdx),
    /// A field of an element: its slot, and the field.
    Element(usize, FieldIdx),
    /// An item: its slot.
    Item(usize),
    /// How many elements a repeated field has.
    Size(FieldIdx),
    /// The registers of a view: position in [`Domains::views`].
    Words(usize),
}

/// What a variable can be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Choice {
    Absent,
    Null,
    Value(Value),
    Size(usize),
    Words(Vec<i64>),
}

/// The values to be tried for each variable, in order.
pub(super) struct Domains<'a> {
    pub(super) finder: Finder<'a>,
    pub(super) choices: BTreeMap<Var, Vec<Choice>>,
    pub(super) views: Vec<&'a RegisterView>,
    /// The first construct whose values are not all tried.
    pub(super) doubt: Option<&'static str>,
}

/// Most values of one variable.
const MOST: usize = 400;

impl<'a> Domains<'a> {
    /// The field that a reference of a literal speaks about.
    pub(super) fn var(&self, field: FieldRef, slot: Option<usize>) -> Option<Var> {
        match (field, slot) {
            (FieldRef::Event(field), _) => {
                let is_repeated = self.finder.kind.field(field)?.items.is_some();
                Some(if is_repeated { Var::Size(field) } else { Var::Field(field) })
            }
            (FieldRef::Elem(_, field), Some(slot)) => Some(Var::Element(slot, field)),
            (FieldRef::Elem(..), None) | (FieldRef::Call(_), _) => None,
        }
    }

    pub(super) fn push(&mut self, var: Var, choice: Choice) {
        let choices = self.choices.entry(var).or_default();
        if choices.len() < MOST && !choices.contains(&choice) {
            choices.push(choice);
        }
    }

    pub(super) fn doubt(&mut self, construct: &'static str) {
        self.doubt.get_or_insert(construct);
    }

    /// The number of a view among the views.
    pub(super) fn view(&mut self, view: &'a RegisterView) -> usize {
        if let Some(position) = self.views.iter().position(|one| *one == view) {
            return position;
        }
        self.views.push(view);
        self.views.len().saturating_sub(1)
    }

    /// Offers values of fields with which an expression may have a value.
    pub(super) fn invert(&mut self, expr: &'a Expr, slot: Option<usize>, value: &Value) {
        match (&expr.kind, value) {
            (ExprKind::Field(field), _) => {
                if let Some(var) = self.var(*field, slot)
                    && self.fits(*field, value)
                {
                    self.push(var, Choice::Value(value.clone()));
                }
            }
            (ExprKind::Item(_), _) => {
                if let Some(slot) = slot {
                    self.push(Var::Item(slot), Choice::Value(value.clone()));
                }
            }
            (ExprKind::Coalesce(left, right), _) => {
                self.doubt("a default");
                self.invert(left, slot, value);
                self.invert(right, slot, value);
            }
            (ExprKind::Neg(inner), Value::Int(number)) => {
                if let Some(number) = number.checked_neg() {
                    self.invert(inner, slot, &Value::Int(number));
                }
            }
            (ExprKind::Neg(inner), Value::Float(float)) => {
                self.invert(inner, slot, &Value::Float(-float));
            }
            (ExprKind::BitNot(inner), Value::Int(number)) => {
                self.invert(inner, slot, &Value::Int(!number));
            }
            (ExprKind::ToFloat(inner), Value::Float(float)) => {
                for float in [float.floor(), float.ceil()] {
                    if let Some(number) = to_int(float) {
                        self.invert(inner, slot, &Value::Int(number));
                    }
                }
            }
            (ExprKind::Arith(op, left, right), _) => {
                self.doubt("arithmetic");
                self.arith(*op, left, right, slot, value);
            }
            (ExprKind::Len(inner), Value::Int(length)) => {
                self.doubt("a length");
                if let Ok(length) = usize::try_from(*length)
                    && length <= 4096
                {
                    self.invert(inner, slot, &Value::Bytes(vec![b'x'; length]));
                }
            }
            (ExprKind::LenOf(field), Value::Int(length)) => {
                self.doubt("a length");
                if let (Some(var), Ok(length)) =
                    (self.var(*field, slot), usize::try_from(*length))
                {
                    self.push(var, Choice::Size(length));
                }
            }
            (ExprKind::PathView(view, inner), Value::Bytes(part)) => {
                self.doubt("a view of a path");
                let path = match view {
                    PathView::Name => part.clone(),
                    PathView::Directory => [part.as_slice(), b"\\file"].concat(),
                    PathView::Extension => [b"file.", part.as_slice()].concat(),
                };
                self.invert(inner, slot, &Value::Bytes(path));
            }
            (ExprKind::Lookup(table, key), _) => {
                self.doubt("a value of a table");
                let table = usize::try_from(*table).ok();
                let rows = table.and_then(|at| self.finder.program.data.get(at));
                for (row, _) in rows.iter().flat_map(|table| table.rows.iter().take(48)) {
                    self.invert(key, slot, row);
                }
            }
            (ExprKind::Call(..), _) => self.doubt("a function of a plugin"),
            (ExprKind::Register(view), _) => {
                self.doubt("registers");
                let number = self.view(view);
                for words in encode(view, value) {
                    self.push(Var::Words(number), Choice::Words(words));
                }
            }
            _ => {}
        }
    }

    /// Solves for the side that is no literal; with two, tries what is simple.
    fn arith(
        &mut self,
        op: ArithOp,
        left: &'a Expr,
        right: &'a Expr,
        slot: Option<usize>,
        value: &Value,
    ) {
        use super::values::literal;
        match (literal(self.finder, left), literal(self.finder, right)) {
            (None, Some(known)) => {
                for one in solve_left(op, value, &known) {
                    self.invert(left, slot, &one);
                }
            }
            (Some(known), None) => {
                for one in solve_right(op, value, &known) {
                    self.invert(right, slot, &one);
                }
            }
            _ => {
                let small = match value {
                    Value::Float(_) => [0.0, 1.0].map(Value::Float),
                    _ => [0, 1].map(Value::Int),
                };
                for one in [value.clone()].iter().chain(&small) {
                    self.invert(left, slot, one);
                    self.invert(right, slot, one);
                }
            }
        }
    }

    /// Whether a field can hold a number.
    fn fits(&self, field: FieldRef, value: &Value) -> bool {
        use tagout_spec::schema::FieldType::{Enum, Int};
        let ty = field_of(self.finder.kind, field).map(|field| field.ty);
        match (ty, value) {
            (Some(Int(repr) | Enum(_, repr)), Value::Int(number)) => {
                let (least, greatest) = repr.limits();
                (least..=greatest).contains(number)
            }
            _ => true,
        }
    }
}

/// Values of x for which `x op known` may be the value.
fn solve_left(op: ArithOp, value: &Value, known: &Value) -> Vec<Value> {
    match (value, known) {
        (Value::Int(value), Value::Int(known)) => {
            let (value, known) = (*value, *known);
            let shift = u32::try_from(known).unwrap_or(0);
            let found = match op {
                ArithOp::Add => vec![value.checked_sub(known)],
                ArithOp::Sub => vec![value.checked_add(known)],
                ArithOp::Mul => {
                    let quotient = value.checked_div(known);
                    let next = |step| quotient.and_then(|one| one.checked_add(step));
                    vec![quotient, next(1), next(-1)]
                }
                ArithOp::Div => vec![value.checked_mul(known)],
                ArithOp::Rem => vec![Some(value), value.checked_add(known)],
                ArithOp::And => vec![Some(value), Some(value | !known), Some(known)],
                ArithOp::Or => vec![Some(value), Some(value & !known), Some(0)],
                ArithOp::Xor => vec![Some(value ^ known)],
                ArithOp::Shl => vec![value.checked_shr(shift)],
                ArithOp::Shr => vec![value.checked_shl(shift)],
            };
            found.into_iter().flatten().map(Value::Int).collect()
        }
        (Value::Float(value), Value::Float(known)) => {
            let found = match op {
                ArithOp::Add => value - known,
                ArithOp::Sub => value + known,
                ArithOp::Mul => value / known,
                ArithOp::Div => value * known,
                _ => return Vec::new(),
            };
            let near = [found, found.next_up(), found.next_down()];
            near.into_iter().filter(|one| !one.is_nan()).map(Value::Float).collect()
        }
        _ => Vec::new(),
    }
}

/// Values of x for which `known op x` may be the value.
fn solve_right(op: ArithOp, value: &Value, known: &Value) -> Vec<Value> {
    match (op, value, known) {
        (ArithOp::Sub, Value::Int(value), Value::Int(known)) => {
            known.checked_sub(*value).map(Value::Int).into_iter().collect()
        }
        (ArithOp::Sub, Value::Float(value), Value::Float(known)) => {
            vec![Value::Float(known - value)]
        }
        (ArithOp::Div, Value::Float(value), Value::Float(known)) => {
            vec![Value::Float(known / value)]
        }
        (ArithOp::Div | ArithOp::Rem, Value::Int(value), Value::Int(known)) => {
            let quotient = known.checked_div(*value);
            quotient.into_iter().chain([1, 2]).map(Value::Int).collect()
        }
        (ArithOp::Shl | ArithOp::Shr, Value::Int(_), _) => {
            [0, 1, 2, 4, 8].map(Value::Int).to_vec()
        }
        _ => solve_left(op, value, known),
    }
}

/// The registers that hold a number; nothing if the format has none like it.
fn encode(view: &RegisterView, value: &Value) -> Vec<Vec<i64>> {
    let mut numbers = Vec::new();
    match (value, view.scale) {
        (Value::Int(number), None) => numbers.push(Number::Int(*number)),
        (Value::Float(float), scale) => {
            let raw = float / scale.unwrap_or(1.0);
            for raw in [raw, raw.next_up(), raw.next_down()] {
                numbers.push(Number::Float(raw));
            }
            for raw in [raw.round(), raw.floor(), raw.ceil()] {
                numbers.extend(to_int(raw).map(Number::Int));
            }
        }
        _ => {}
    }
    let bytes = numbers.into_iter().filter_map(|number| number.bytes(view.format));
    let words = bytes.map(|bytes| {
        let words = bytes.as_chunks::<2>().0.iter();
        let mut words: Vec<i64> = words
            .map(|[high, low]| match view.little_bytes {
                true => i64::from(u16::from_be_bytes([*low, *high])),
                false => i64::from(u16::from_be_bytes([*high, *low])),
            })
            .collect();
        if view.little_words {
            words.reverse();
        }
        words
    });
    let mut words: Vec<_> = words.collect();
    words.dedup();
    words
}

enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    /// The number in a format, big endian.
    fn bytes(&self, format: RegisterFormat) -> Option<Vec<u8>> {
        Some(match (self, format) {
            (Number::Int(number), RegisterFormat::U16) => {
                u16::try_from(*number).ok()?.to_be_bytes().to_vec()
            }
            (Number::Int(number), RegisterFormat::I16) => {
                i16::try_from(*number).ok()?.to_be_bytes().to_vec()
            }
            (Number::Int(number), RegisterFormat::U32) => {
                u32::try_from(*number).ok()?.to_be_bytes().to_vec()
            }
            (Number::Int(number), RegisterFormat::I32) => {
                i32::try_from(*number).ok()?.to_be_bytes().to_vec()
            }
            (Number::Int(number), RegisterFormat::U64) => {
                u64::try_from(*number).ok()?.to_be_bytes().to_vec()
            }
            (Number::Int(number), RegisterFormat::I64) => number.to_be_bytes().to_vec(),
            (Number::Float(float), RegisterFormat::F32) => {
                narrow(*float).to_be_bytes().to_vec()
            }
            (Number::Float(float), RegisterFormat::F64) => float.to_be_bytes().to_vec(),
            _ => return None,
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the nearest one is checked later")]
fn narrow(float: f64) -> f32 {
    float as f32
}

/// A whole number in range.
fn to_int(float: f64) -> Option<i64> {
    let is_in_range = (-9.2e18..=9.2e18).contains(&float) && float.fract() == 0.0;
    is_in_range.then(|| whole(float))
}

#[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
fn whole(float: f64) -> i64 {
    float as i64
}
