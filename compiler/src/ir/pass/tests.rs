//! What each pass does, and that none changes what a program means.

use std::collections::BTreeSet;

use super::{simplify, simplify_cond};
use crate::ir::build::*;
use crate::ir::generate::{Shape, case};
use crate::ir::interpret::{Bindings, Interpreter};
use crate::ir::{
    ArithOp, CmpOp, Cond, CondKind, ExprKind, PathView, Program, State, TextOp, Type,
    print, print::print_cond, verify,
};

/// The text form of a condition after simplification, in one line.
fn simple(of: Cond) -> String {
    let mut program = program(of);
    simplify(&mut program);
    assert_eq!(verify(&program, schema()), []);
    let predicate = &program.predicates[0];
    let text = print_cond(&program, schema(), predicate, &predicate.cond);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_pass_in_small() {
    let x = || eq(f("small"), int(1));
    let y = || cond(CondKind::Truth(f("flag")));
    let present = || cond(CondKind::State(at("small"), State::Present));
    let in_ints =
        |ranges: &[(i64, i64)]| cond(CondKind::InInts(f("small"), ranges.to_vec()));
    let name = |text_: &str| as_type(text(text_), Type::Name);
    let view = |inner| {
        let kind = ExprKind::PathView(PathView::Name, Box::new(inner));
        expr(kind, Type::Name)
    };
    let cases = [
        // boolean
        (all([x(), all([y(), constant(true)])]), "all small == 1 flag"),
        (any([y(), any([constant(false), y()])]), "any flag flag"),
        (all([x(), constant(false)]), "false"),
        (any([x(), constant(true)]), "true"),
        (all([]), "true"),
        (any([]), "false"),
        (any([all([x()])]), "small == 1"),
        (not(not(x())), "small == 1"),
        (not(not(not(x()))), "not small == 1"),
        (not(all([])), "false"),
        (or_else(present(), x()), "small is present"),
        (
            or_else(all([present(), not(present())]), x()),
            "all small is present not small is present",
        ),
        (or_else(x(), constant(false)), "else small == 1 false"),
        (or_else(or_else(x(), constant(false)), y()), "else small == 1 false"),
        (or_else(constant(true), y()), "true"),
        // constant
        (eq(f("small"), arith(ArithOp::Add, int(1), int(2))), "small == 3"),
        (eq(arith(ArithOp::Div, int(1), int(0)), int(1)), "(1 / 0) == 1"),
        (cmp(CmpOp::Lt, int(1), int(2)), "true"),
        (eq(coalesce(text("a"), f("line")), f("line")), "\"a\" == line"),
        (eq(view(text("c:\\a\\b")), f("user")), "\"b\" ==~ user"),
        (test(TextOp::Contains, name("cmd"), &["x"]), "false"),
        (quant(false, "objects", all([])), "any in objects true"),
        // merge
        (any([x(), y(), in_ints(&[(2, 3), (9, 9)])]), "any small in {1..3, 9} flag"),
        (any([x(), eq(int(7), f("small"))]), "small in {1, 7}"),
        (any([x(), eq(f("wide"), int(2))]), "any small == 1 wide == 2"),
        (all([x(), in_ints(&[(2, 3)])]), "all small == 1 small in {2..3}"),
        (
            any([eq(f("user"), name("b")), eq(f("user"), name("a"))]),
            "user in~ {\"a\", \"b\"}",
        ),
        (any([eq(f("line"), text("a")), eq(f("line"), text("a"))]), "line == \"a\""),
        (any([x(), cmp(CmpOp::Lt, f("small"), int(3))]), "any small == 1 small < 3"),
    ];
    for (of, expected) in cases {
        assert_eq!(simple(of), expected);
    }
}

#[test]
fn a_merged_set_stands_where_its_parts_stood() {
    let mut of = any([eq(f("small"), int(1)), eq(f("small"), int(2))]);
    let CondKind::Any(parts) = &mut of.kind else { panic!("an any") };
    for (part, start) in parts.iter_mut().zip([10, 30]) {
        (part.span.start, part.span.end) = (start, start + 5);
    }
    simplify_cond(&mut of);
    assert_eq!((of.span.start, of.span.end), (10, 35));
}

/// Makes more of what passes work on: alternatives of all leaves that compare with
/// a literal, double negations, needless constants.
fn dress(program: &mut Program) {
    let conds: Vec<_> = program.predicates.iter().map(|one| one.cond.clone()).collect();
    for (position, predicate) in program.predicates.iter_mut().enumerate() {
        let other = &conds[(position + 1) % conds.len()];
        let mut alternatives = vec![predicate.cond.clone()];
        leaves(&predicate.cond, &mut alternatives);
        leaves(other, &mut alternatives);
        alternatives.push(constant(false));
        let either = any(alternatives);
        predicate.cond = match position % 3 {
            0 => all([constant(true), either]),
            1 => not(not(any([any([]), either]))),
            _ => or_else(either, other.clone()),
        };
    }
}

fn leaves(of: &Cond, found: &mut Vec<Cond>) {
    match &of.kind {
        CondKind::Quant { .. } | CondKind::Count { .. } => {}
        _ if crate::ir::walk::operands(of)[0].is_some() => found.push(of.clone()),
        _ => crate::ir::children(of).into_iter().for_each(|child| leaves(child, found)),
    }
}

#[test]
fn passes_keep_verdicts_and_reasons() {
    let shape = Shape { predicates: 6, events: 8, depth: 3 };
    let mut smaller = 0;
    for seed in 0..700 {
        let mut case = case(schema(), kind_idx(), shape, seed).unwrap();
        dress(&mut case.program);
        let mut simplified = case.program.clone();
        simplify(&mut simplified);
        let faults = verify(&simplified, schema());
        assert!(faults.is_empty(), "{seed}: {faults:?}");
        smaller += usize::from(simplified != case.program);
        compare(&case.program, &simplified, &case, seed);
    }
    assert!(smaller > 600, "passes did something in {smaller} programs only");
}

fn compare(
    written: &Program,
    simplified: &Program,
    case: &crate::ir::generate::Case,
    seed: u64,
) {
    let bindings: &Bindings = &case.bindings;
    let one = Interpreter::new(schema(), written, bindings).unwrap();
    let two = Interpreter::new(schema(), simplified, bindings).unwrap();
    for event in &case.events {
        for predicate in 0..written.predicates.len() {
            let verdicts = [&one, &two].map(|interpreter| {
                let outcome = interpreter.evaluate(predicate, event).unwrap();
                let reason: BTreeSet<_> = outcome.reason.into_iter().collect();
                let columns = format!("{:?}", interpreter.columns(predicate, event));
                (outcome.verdict, reason, columns, interpreter.severity(predicate, event))
            });
            assert!(
                verdicts[0] == verdicts[1],
                "seed {seed}, predicate {predicate}: {verdicts:?} on {event:?}\n{}\n{}",
                print(written, schema()),
                print(simplified, schema()),
            );
        }
    }
}
