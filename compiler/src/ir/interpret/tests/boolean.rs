//! Kleene truth, `else`, state, and reasons.

use super::super::{Bindings, Interpreter};
use super::{Event, Expect, F, T, U, check};
use crate::ir::build::*;
use crate::ir::{Cond, CondKind, State, Type, Value, field_refs};
use tagout_spec::pack::{Cause, Verdict};

/// One condition for each verdict: false, unknown, true.
fn three() -> [(Cond, Expect<'static>); 3] {
    [
        (constant(false), F),
        (eq(f("small"), int(1)), U(&["small Absent"])),
        (constant(true), T),
    ]
}

fn number(expect: Expect<'_>) -> usize {
    match expect {
        F => 0,
        U(_) => 1,
        T => 2,
    }
}

#[test]
fn and_is_minimum_or_is_maximum_not_is_two_minus() {
    let unknown = U(&["small Absent"]);
    let verdicts = [F, unknown, T];
    for (left, of_left) in three() {
        let negated = verdicts[2 - number(of_left)];
        check([(not(left.clone()), Event::default(), negated)]);
        for (right, of_right) in three() {
            let (low, high) = (number(of_left), number(of_right));
            let (low, high) = (low.min(high), low.max(high));
            let both = [left.clone(), right.clone()];
            let either = if of_left == unknown { of_right } else { of_left };
            check([
                (all(both.clone()), Event::default(), verdicts[low]),
                (any(both), Event::default(), verdicts[high]),
                (or_else(left.clone(), right), Event::default(), either),
            ]);
        }
    }
    check([(all([]), Event::default(), T), (any([]), Event::default(), F)]);
}

#[test]
fn state_is_always_decided() {
    let fields = [
        (None, [T, F, F]),
        (Some(null()), [F, T, F]),
        (Some(n(1)), [F, F, T]),
        (Some(invalid()), [F, F, F]),
    ];
    for (content, expected) in fields {
        let states = [State::Missing, State::Null, State::Present];
        for (state, expect) in states.into_iter().zip(expected) {
            let mut event = Event::default();
            if let Some(content) = &content {
                event = self::event([("small", content.clone())]);
            }
            check([(cond(CondKind::State(at("small"), state)), event, expect)]);
        }
    }
    let present = |path| cond(CondKind::State(at(path), State::Present));
    check([
        (present("line"), event([("line", cut("ab"))]), T),
        (present("words"), event([("words", ints(&[]))]), T),
        (present("words"), event([("words", truncated(ints(&[1])))]), T),
    ]);
}

#[test]
fn a_reason_is_what_the_undecided_children_lack() {
    let small = || eq(f("small"), int(1));
    let wide = || eq(f("wide"), int(1));
    let long = || eq(f("long"), int(1));
    let some = event([("wide", n(1)), ("long", null())]);
    check([
        // In the order of first occurrence, without doubles.
        (all([long(), small(), long()]), some.clone(), U(&["long Null", "small Absent"])),
        // A decided child has no part in it, even if it read what is missing.
        (all([any([wide(), long()]), small()]), some.clone(), U(&["small Absent"])),
        (not(any([small(), constant(false)])), some.clone(), U(&["small Absent"])),
        // Of `else` only the right side.
        (or_else(small(), long()), some.clone(), U(&["long Null"])),
        (or_else(small(), wide()), some.clone(), T),
        (or_else(wide(), small()), some.clone(), T),
        (or_else(small(), constant(false)), some.clone(), F),
        // Both operands of one comparison.
        (eq(f("small"), f("long")), some.clone(), U(&["small Absent", "long Null"])),
        (eq(f("wide"), f("long")), some, U(&["long Null"])),
        // Of two causes on one field the greater.
        (
            all([
                eq(one(crate::ir::ExprKind::Len, f("line"), Type::Int), int(3)),
                eq(arith(crate::ir::ArithOp::Div, int(1), f("number")), int(1)),
                eq(f("number"), f("wide")),
            ]),
            event([("line", cut("abc")), ("number", n(0))]),
            U(&["line Truncated", "number Domain", "wide Absent"]),
        ),
    ]);
}

#[test]
fn explain_lists_every_condition_and_every_field() {
    // else( all( small == 1, any( wide == 1, line == "a" ), not( true ) ), long == 1 )
    let of = or_else(
        all([
            eq(f("small"), int(1)),
            any([eq(f("wide"), int(1)), eq(f("line"), text("a"))]),
            not(quant(false, "objects", eq(f("objects/index"), f("small")))),
        ]),
        eq(f("long"), int(1)),
    );
    let program = program(of);
    let bindings = Bindings::new();
    let interpreter = Interpreter::new(schema(), &program, &bindings).unwrap();
    let event = event([("wide", n(1)), ("objects", group("objects", &[]))]);
    let explanation = interpreter.explain(0, &event).unwrap();
    use Verdict::{False, True, Unknown};
    // else, all, small, any, wide, line, not, any in objects, long
    let expected = [Unknown, Unknown, Unknown, True, True, Unknown, True, False, Unknown];
    assert_eq!(explanation.verdicts, expected);
    let causes: Vec<_> =
        explanation.causes.iter().map(|(field, cause)| (path(*field), *cause)).collect();
    let expected = [
        ("small", Cause::None),
        ("wide", Cause::None),
        ("line", Cause::None),
        ("objects", Cause::None),
        ("objects/index", Cause::None),
        ("long", Cause::Absent),
    ];
    let expected: Vec<_> =
        expected.into_iter().map(|(path, cause)| (path.to_owned(), cause)).collect();
    assert_eq!(causes, expected);
}

#[test]
fn a_register_refers_to_address_values_and_table() {
    let view = crate::ir::RegisterView {
        address: 0,
        format: crate::ir::RegisterFormat::U16,
        little_words: false,
        little_bytes: false,
        scale: None,
    };
    let of = eq(expr(crate::ir::ExprKind::Register(view), Type::Int), f("small"));
    let fields = field_refs(&of, kind().registers.as_ref());
    let fields: Vec<_> = fields.into_iter().map(path).collect();
    assert_eq!(fields, ["address", "words", "letter", "small"]);
}

#[test]
fn severity_is_the_first_that_is_true() {
    use crate::ir::Severity::{Critical, Info, Low};
    let mut program = program(constant(true));
    program.predicates[0].severity = vec![
        (eq(f("small"), int(1)), Critical),
        (eq(f("wide"), int(1)), Low),
        (constant(true), Info),
    ];
    let bindings = Bindings::new();
    let interpreter = Interpreter::new(schema(), &program, &bindings).unwrap();
    let cases = [
        (event([("small", n(1)), ("wide", n(1))]), Critical),
        (event([("wide", n(1))]), Low),
        (Event::default(), Info),
    ];
    for (event, expected) in cases {
        assert_eq!(interpreter.severity(0, &event), Some(expected), "{event:?}");
    }
}

#[test]
fn truth_of_values() {
    let flag = || cond(CondKind::Truth(f("flag")));
    let truth = |expr| cond(CondKind::Truth(expr));
    let yes = || expr(crate::ir::ExprKind::Const(Value::Bool(true)), Type::Bool);
    check([
        (flag(), event([("flag", is(Value::Bool(true)))]), T),
        (flag(), event([("flag", is(Value::Bool(false)))]), F),
        (flag(), event([("flag", null())]), U(&["flag Null"])),
        (flag(), event([("flag", invalid())]), U(&["flag Invalid"])),
        (flag(), event([]), U(&["flag Absent"])),
        (truth(coalesce(f("flag"), yes())), event([]), T),
        (eq(f("flag"), yes()), event([("flag", is(Value::Bool(false)))]), F),
    ]);
}
