//! Tables worked out by hand from the head of the module `ir`, one file a topic.
//!
//! A case is a condition, an event and a verdict, with the reason if it is
//! unknown: `path cause`, in the order of the fields. Every condition must also
//! be accepted by the verifier, except where a case says what it cannot check.

mod boolean;
mod operators;
mod quantifiers;
mod registers;
mod tables;
mod texts;

use tagout_spec::pack::Verdict;

use super::{Bindings, Event, Interpreter};
use crate::ir::build::{path, program, schema};
use crate::ir::{Cond, Program, verify};

/// False, unknown and why, true.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expect<'a> {
    F,
    U(&'a [&'a str]),
    T,
}

use Expect::{F, T, U};

#[track_caller]
fn check<'a>(cases: impl IntoIterator<Item = (Cond, Event, Expect<'a>)>) {
    for (cond, event, expect) in cases {
        check_in(&program(cond), &Bindings::new(), &event, expect);
    }
}

#[track_caller]
fn check_in(program: &Program, bindings: &Bindings, event: &Event, expect: Expect<'_>) {
    let faults = verify(program, schema());
    let shown = crate::ir::print(program, schema());
    assert!(faults.is_empty(), "{faults:?} in\n{shown}");
    let interpreter = Interpreter::new(schema(), program, bindings).unwrap();
    let outcome = interpreter.evaluate(0, event).unwrap();
    let reason = outcome.reason.iter();
    let reason: Vec<_> =
        reason.map(|(field, cause)| format!("{} {cause:?}", path(*field))).collect();
    let (verdict, expected): (_, &[&str]) = match expect {
        F => (Verdict::False, &[]),
        U(reason) => (Verdict::Unknown, reason),
        T => (Verdict::True, &[]),
    };
    assert_eq!(
        (outcome.verdict, reason.as_slice()),
        (
            verdict,
            expected.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>().as_slice()
        ),
        "{event:?} in\n{shown}"
    );
}
