//! Quantifiers and counts: binding, truncation, intervals, reasons.

use super::{Event, Expect, F, T, U, check};
use crate::ir::build::*;
use crate::ir::interpret::{Content, Slot};
use crate::ir::{CmpOp, Cond, CondKind, State, TextOp, Value};

fn int_slot(number: i64) -> Slot {
    Slot::Value(Value::Int(number))
}

/// Objects with an index and, if it is given, a value.
fn objects(elements: &[(i64, Option<i64>)]) -> Content {
    let elements: Vec<Vec<(&str, Slot)>> = elements
        .iter()
        .map(|(index, value)| {
            let mut fields = vec![("index", int_slot(*index))];
            fields.extend(value.map(|value| ("value", int_slot(value))));
            fields
        })
        .collect();
    let elements: Vec<_> = elements.iter().map(Vec::as_slice).collect();
    group("objects", &elements)
}

fn with(content: Content) -> Event {
    event([("objects", content)])
}

/// `.value > 10`
fn high() -> Cond {
    cmp(CmpOp::Gt, f("objects/value"), int(10))
}

#[test]
fn the_condition_binds_one_element() {
    let of = || quant(false, "objects", all([eq(f("objects/index"), int(3)), high()]));
    check([
        (of(), with(objects(&[(3, Some(11)), (4, Some(0))])), T),
        // Index 3 is one element, the high value another.
        (of(), with(objects(&[(3, Some(1)), (4, Some(11))])), F),
    ]);
}

#[test]
fn absent_empty_and_truncated() {
    let any = || quant(false, "objects", high());
    let every = || quant(true, "objects", high());
    let mixed = objects(&[(1, Some(11)), (2, Some(1))]);
    let highs = objects(&[(1, Some(11)), (2, Some(12))]);
    let lows = objects(&[(1, Some(1))]);
    let part = U(&["objects Truncated"]);
    let cases: [(Content, Expect<'_>, Expect<'_>); 9] = [
        (objects(&[]), F, T),
        (mixed.clone(), T, F),
        (highs.clone(), T, T),
        (lows.clone(), F, F),
        (truncated(mixed), T, F),
        (truncated(highs), T, part),
        (truncated(lows), part, F),
        (null(), U(&["objects Null"]), U(&["objects Null"])),
        (invalid(), U(&["objects Invalid"]), U(&["objects Invalid"])),
    ];
    for (content, of_any, of_all) in cases {
        check([(any(), with(content.clone()), of_any), (every(), with(content), of_all)]);
    }
    let absent = U(&["objects Absent"]);
    check([(any(), event([]), absent), (every(), event([]), absent)]);
}

#[test]
fn reasons_come_from_the_undecided_elements() {
    let any = |inner| quant(false, "objects", inner);
    let small = || eq(f("small"), f("objects/index"));
    check([
        (
            any(high()),
            with(objects(&[(1, Some(1)), (2, None)])),
            U(&["objects/value Absent"]),
        ),
        (any(high()), with(objects(&[(1, Some(11)), (2, None)])), T),
        (
            any(high()),
            with(truncated(objects(&[(2, None)]))),
            U(&["objects Truncated", "objects/value Absent"]),
        ),
        // An element that is decided gives none, and the order is that of the
        // fields, not of the elements.
        (
            any(all([high(), small()])),
            with(objects(&[(1, Some(11)), (2, None), (3, Some(1))])),
            U(&["objects/value Absent", "small Absent"]),
        ),
        (
            any(all([high(), small()])),
            with(objects(&[(1, Some(11)), (3, Some(1))])),
            U(&["small Absent"]),
        ),
        // Null in one element, absent in another: the greater cause.
        (
            any(high()),
            with(group("objects", &[&[("value", Slot::Null)], &[]])),
            U(&["objects/value Null"]),
        ),
        (
            any(cond(CondKind::State(at("objects/value"), State::Null))),
            with(group("objects", &[&[], &[("value", Slot::Null)]])),
            T,
        ),
        (
            any(or_else(high(), constant(true))),
            with(objects(&[(1, Some(1)), (2, None)])),
            T,
        ),
        (
            any(test(TextOp::EndsWith, f("objects/line"), &["x"])),
            with(group("objects", &[&[("line", Slot::Cut(b"x".to_vec()))]])),
            U(&["objects/line Truncated"]),
        ),
    ]);
}

#[test]
fn lists_bind_their_items() {
    let over = |inner| quant(false, "signed", inner);
    check([
        (
            over(cmp(CmpOp::Lt, item("signed"), int(0))),
            event([("signed", ints(&[1, -1]))]),
            T,
        ),
        (
            over(cmp(CmpOp::Lt, item("signed"), int(0))),
            event([("signed", ints(&[1]))]),
            F,
        ),
        (
            over(eq(item("signed"), f("long"))),
            event([("signed", ints(&[1]))]),
            U(&["long Absent"]),
        ),
        (over(constant(true)), event([("signed", ints(&[]))]), F),
        (over(constant(true)), event([("signed", ints(&[0]))]), T),
    ]);
    let reals = |items: &[Slot]| event([("reals", Content::List(items.to_vec(), false))]);
    let any_zero = || quant(false, "reals", eq(item("reals"), float(0.0)));
    let nan = Slot::Value(Value::Float(f64::NAN));
    let zero = Slot::Value(Value::Float(0.0));
    check([
        (any_zero(), reals(std::slice::from_ref(&nan)), U(&["reals Invalid"])),
        (any_zero(), reals(&[nan, zero]), T),
    ]);
    let huge = Content::List(vec![Slot::Invalid, int_slot(1)], false);
    check([(
        quant(true, "huge", eq(item("huge"), int(1))),
        event([("huge", huge)]),
        U(&["huge Invalid"]),
    )]);
    let lines = Content::List(vec![Slot::Cut(b"ab".to_vec())], false);
    check([(
        quant(false, "lines", eq(item("lines"), text("ab"))),
        event([("lines", lines)]),
        U(&["lines Truncated"]),
    )]);
}

#[test]
fn a_count_lies_between_what_is_true_and_what_may_be() {
    let of = |op, than| count("objects", high(), op, than);
    // One true, two unknown, one false: between 1 and 3.
    let some = || with(objects(&[(1, Some(11)), (2, None), (3, None), (4, Some(1))]));
    let value = U(&["objects/value Absent"]);
    let rows: [(CmpOp, [Expect<'_>; 5]); 5] = [
        // Compared with 0, 1, 2, 3, 4.
        (CmpOp::Eq, [F, value, value, value, F]),
        (CmpOp::Lt, [F, F, value, value, T]),
        (CmpOp::Le, [F, value, value, T, T]),
        (CmpOp::Gt, [T, value, value, F, F]),
        (CmpOp::Ge, [T, T, value, value, F]),
    ];
    for (op, expected) in rows {
        for (than, expect) in (0..).zip(expected) {
            check([(of(op, than), some(), expect)]);
        }
    }
    // One true, truncated: at least 1.
    let more = || with(truncated(objects(&[(1, Some(11)), (4, Some(1))])));
    let part = U(&["objects Truncated"]);
    let rows: [(CmpOp, [Expect<'_>; 3]); 5] = [
        (CmpOp::Eq, [F, part, part]),
        (CmpOp::Lt, [F, F, part]),
        (CmpOp::Le, [F, part, part]),
        (CmpOp::Gt, [T, part, part]),
        (CmpOp::Ge, [T, T, part]),
    ];
    for (op, expected) in rows {
        for (than, expect) in (0..).zip(expected) {
            check([(of(op, than), more(), expect)]);
        }
    }
    check([
        (of(CmpOp::Ge, -1), with(objects(&[])), T),
        (of(CmpOp::Eq, 0), with(objects(&[])), T),
        (of(CmpOp::Eq, 1), with(objects(&[(1, Some(11))])), T),
        (of(CmpOp::Eq, 0), event([]), U(&["objects Absent"])),
        (of(CmpOp::Ge, 0), event([]), U(&["objects Absent"])),
        (of(CmpOp::Ge, 0), with(truncated(objects(&[]))), T),
        (
            count("words", constant(true), CmpOp::Gt, 1),
            event([("words", ints(&[5, 5]))]),
            T,
        ),
    ]);
}
