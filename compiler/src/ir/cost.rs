//! What a predicate costs at most, counted before it runs.
//!
//! ```text
//! cost = base + byte * (bytes of the texts it reads) + element * (elements it visits)
//! ```
//!
//! One step is about one load, comparison or computation on eight bytes. The count
//! follows the tree as written and takes the naive way for each node, so it bounds
//! any sensible implementation, whatever the index spares:
//!
//! | node | base | byte | element |
//! |---|---|---|---|
//! | a condition, a value | 1 | | |
//! | literal text of n bytes, compared | n / 8 | | |
//! | two texts, compared | | 1 | |
//! | sets, tables and parameters of n | log2 n | | |
//! | `contains`, a needle | | 1 | |
//! | `startswith`, `endswith`, a needle of n bytes | 1 + n / 8 | | |
//! | pattern, view of a path | | 1 | |
//! | register | 8 | | |
//! | quantifier, count: condition of cost (b, y, 0) | | y | 1 + b |
//!
//! A quantifier's condition that reads a text of the event and not of the element
//! reads it once for each element: its `byte` counts as often as the schema allows
//! elements. [`worst`] puts in the greatest numbers that a record can hold.

use tagout_spec::pack::manifest::Cost;
use tagout_spec::record::{RECORD_ARENA_MAX, TEXT_MAX};
use tagout_spec::schema::{FieldType, Kind, Schema};

use super::types::field_of;
use super::walk::{each_field, each_field_of_expr, operands, parts};
use super::{
    Cond, CondKind, Expr, ExprKind, FieldRef, Predicate, Program, TextOp, children,
};

/// The cost of a predicate: its condition, severities and columns.
pub fn cost(program: &Program, schema: &Schema, predicate: &Predicate) -> Cost {
    let counter = Counter { program, kind: kind_of(program, schema, predicate) };
    let mut total = counter.cond(&predicate.cond);
    for (cond, _) in &predicate.severity {
        total = sum(total, counter.cond(cond));
    }
    for column in &predicate.columns {
        total = sum(total, counter.expr(column));
    }
    total
}

/// The cost on the worst event that a record can hold.
pub fn worst(program: &Program, schema: &Schema, predicate: &Predicate) -> u64 {
    let Cost { base, byte, element } = cost(program, schema, predicate);
    let kind = kind_of(program, schema, predicate);
    let mut fields = Vec::new();
    let mut note = |field| {
        if !fields.contains(&field) {
            fields.push(field);
        }
    };
    each_field(&predicate.cond, None, &mut note);
    for (cond, _) in &predicate.severity {
        each_field(cond, None, &mut note);
    }
    for column in &predicate.columns {
        each_field_of_expr(column, None, &mut note);
    }
    let bytes = fields.iter().map(|field| bytes_of(kind, *field));
    let bytes = bytes.fold(0, u64::saturating_add).min(number(RECORD_ARENA_MAX));
    let elements = fields.iter().map(|field| elements_of(kind, *field));
    let elements = elements.fold(0, u64::saturating_add);
    base.saturating_add(byte.saturating_mul(bytes))
        .saturating_add(element.saturating_mul(elements))
}

struct Counter<'a> {
    program: &'a Program,
    kind: Option<&'a Kind>,
}

impl Counter<'_> {
    fn cond(&self, cond: &Cond) -> Cost {
        let values = operands(cond).into_iter().flatten().map(|value| self.expr(value));
        let below = children(cond).into_iter();
        match &cond.kind {
            CondKind::Quant { group, cond: inner, .. }
            | CondKind::Count { group, cond: inner, .. } => {
                let one = self.cond(inner);
                let often = match reads_text_of_event(self.kind, inner) {
                    true => elements_of(self.kind, *group).max(1),
                    false => 1,
                };
                Cost {
                    base: 1,
                    byte: one.byte.saturating_mul(often),
                    element: one.base.saturating_add(1),
                }
            }
            _ => below
                .map(|child| self.cond(child))
                .chain(values)
                .fold(self.node(&cond.kind), sum),
        }
    }

    /// A condition without what it is made of.
    fn node(&self, kind: &CondKind) -> Cost {
        match kind {
            CondKind::Cmp { left, right, .. } => match (text_of(left), text_of(right)) {
                (Some(len), _) | (_, Some(len)) => base(eighth(len)),
                (None, None) if left.ty.is_text() => {
                    Cost { base: 1, byte: 1, element: 0 }
                }
                (None, None) => base(1),
            },
            CondKind::InInts(_, ranges) => base(steps(ranges.len())),
            CondKind::InIps(_, ranges) => base(steps(ranges.len())),
            CondKind::InTexts { texts, .. } => {
                let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
                base(steps(texts.len()).saturating_add(eighth(longest)))
            }
            CondKind::InValues(_, values) => base(steps(values.len())),
            CondKind::InParam(_, param) => {
                let param = usize::try_from(*param).ok();
                let param = param.and_then(|at| self.program.params.get(at));
                let most = param.and_then(|param| param.set_max).unwrap_or(1);
                let most = usize::try_from(most).unwrap_or(usize::MAX);
                Cost { base: steps(most), byte: 1, element: 0 }
            }
            CondKind::InData(_, table) => self.table(*table),
            CondKind::Text { op: TextOp::Contains, needles, .. } => {
                Cost { base: 1, byte: number(needles.len()), element: 0 }
            }
            CondKind::Text { needles, .. } => {
                let each = needles.iter().map(|needle| eighth(needle.len()));
                base(each.fold(0, u64::saturating_add))
            }
            CondKind::Matches(..) => Cost { base: 1, byte: 1, element: 0 },
            _ => base(1),
        }
    }

    fn expr(&self, expr: &Expr) -> Cost {
        let node = match &expr.kind {
            ExprKind::PathView(..) => Cost { base: 1, byte: 1, element: 0 },
            ExprKind::Lookup(table, _) => self.table(*table),
            ExprKind::Register(_) => base(8),
            ExprKind::Call(function, _) => self.call(*function),
            _ => base(1),
        };
        let inner = parts(expr).map(|part| self.expr(part));
        inner.fold(node, sum)
    }

    /// A call of a plugin's function, as the plugin declares it.
    fn call(&self, function: u32) -> Cost {
        let function = usize::try_from(function).ok();
        let found = function.and_then(|at| self.program.functions.get(at));
        found.map_or(base(1), |function| Cost {
            base: function.cost.call.saturating_add(1),
            byte: function.cost.byte,
            element: 0,
        })
    }

    /// Searching a table; a text is compared to its end at each step at most once
    /// in total, since keys share what was compared.
    fn table(&self, table: u32) -> Cost {
        let table = usize::try_from(table).ok();
        let rows = table.and_then(|at| self.program.data.get(at));
        let n = rows.map_or(0, |table| table.rows.len());
        Cost { base: steps(n), byte: 1, element: 0 }
    }
}

/// Whether a quantifier's condition reads a text outside of the element.
fn reads_text_of_event(kind: Option<&Kind>, cond: &Cond) -> bool {
    let mut found = false;
    each_field(cond, None, &mut |field| {
        let of_kind = kind.and_then(|kind| field_of(kind, field));
        found |= matches!(field, FieldRef::Event(_))
            && of_kind.is_some_and(|field| field.ty.is_text());
    });
    found
}

/// The most bytes of text that a field can hold.
fn bytes_of(kind: Option<&Kind>, field: FieldRef) -> u64 {
    let Some(kind) = kind else { return 0 };
    let Some(found) = field_of(kind, field) else { return 0 };
    let is_text = match found.ty {
        FieldType::List(scalar) => scalar.field_type().is_text(),
        ty => ty.is_text(),
    };
    let often = match field {
        FieldRef::Event(_) => found.items.as_ref().map_or(1, |items| items.max),
        FieldRef::Elem(group, _) => {
            let group = kind.field(group).and_then(|group| group.items.as_ref());
            group.map_or(1, |items| items.max)
        }
        FieldRef::Call(_) => return 0,
    };
    match is_text {
        true => u64::from(often).saturating_mul(number(TEXT_MAX)),
        false => 0,
    }
}

/// The most elements of a repeated field; 0 for any other.
fn elements_of(kind: Option<&Kind>, field: FieldRef) -> u64 {
    let found = kind.and_then(|kind| field_of(kind, field));
    let items = found.and_then(|field| field.items.as_ref());
    items.map_or(0, |items| u64::from(items.max))
}

fn kind_of<'a>(
    program: &Program,
    schema: &'a Schema,
    predicate: &Predicate,
) -> Option<&'a Kind> {
    let kind = program.kinds.get(usize::from(*predicate.kinds.first()?))?;
    schema.kind(*kind)
}

/// Bytes of a literal text.
fn text_of(expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::Const(super::Value::Bytes(bytes)) => Some(bytes.len()),
        _ => None,
    }
}

fn base(base: u64) -> Cost {
    Cost { base, byte: 0, element: 0 }
}

fn sum(left: Cost, right: Cost) -> Cost {
    Cost {
        base: left.base.saturating_add(right.base),
        byte: left.byte.saturating_add(right.byte),
        element: left.element.saturating_add(right.element),
    }
}

/// Steps of a search by halves among n.
fn steps(n: usize) -> u64 {
    u64::from(usize::BITS.saturating_sub(n.leading_zeros())).saturating_add(1)
}

/// Steps to compare a literal of n bytes.
fn eighth(n: usize) -> u64 {
    number(n / 8).saturating_add(1)
}

fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Cost, TEXT_MAX, cost, worst};
    use crate::ir::build::*;
    use crate::ir::{CmpOp, Cond, TextOp, Type};

    #[test]
    fn counted_by_hand() {
        let user = |text_: &str| as_type(text(text_), Type::Name);
        let text_max = u64::try_from(TEXT_MAX).unwrap();
        // Condition; base, byte, element; worst.
        let cases: [(Cond, [u64; 3], u64); 6] = [
            // Comparison 1, field 1, literal 1.
            (eq(f("small"), int(1)), [3, 0, 0], 3),
            // Comparison of 9 bytes: 2.
            (eq(f("user"), user("abcdefghi")), [4, 0, 0], 4),
            (eq(f("user"), f("line")), [3, 1, 0], 3 + 2 * text_max),
            (
                test(TextOp::Contains, f("line"), &["a", "b", "c"]),
                [2, 3, 0],
                2 + 3 * text_max,
            ),
            // Of each of 4 elements 1 + 3.
            (quant(false, "objects", eq(f("objects/index"), int(1))), [1, 0, 4], 17),
            // A text of the event in each of 4 elements.
            (
                count("objects", test(TextOp::Contains, f("line"), &["a"]), CmpOp::Ge, 1),
                [1, 4, 3],
                1 + 4 * text_max + 4 * 3,
            ),
        ];
        for (of, [base, byte, element], most) in cases {
            let program = program(of);
            let predicate = &program.predicates[0];
            let counted = cost(&program, schema(), predicate);
            assert_eq!(counted, Cost { base, byte, element }, "{:?}", predicate.cond);
            assert_eq!(worst(&program, schema(), predicate), most);
        }
    }
}
