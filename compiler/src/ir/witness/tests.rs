//! What the search finds, what it proves, and that it never lies.

use tagout_spec::pack::Verdict;

use super::{Why, Witnesses, witnesses};
use crate::ir::build::*;
use crate::ir::generate::{Shape, case};
use crate::ir::interpret::{Bindings, Event, Interpreter};
use crate::ir::{
    ArithOp, CmpOp, Cond, CondKind, Constant, DataTable, ExprKind, Param, PathView,
    Pattern, Program, RegisterFormat, RegisterView, State, TextOp, Type, Value, verify,
};

/// The witnesses of the first predicate, each checked by the interpreter.
#[track_caller]
fn checked(program: &Program) -> Witnesses {
    assert_eq!(verify(program, schema()), []);
    let found = witnesses(program, schema(), 0, &Bindings::new()).unwrap();
    let interpreter = Interpreter::new(schema(), program, &found.bindings).unwrap();
    let is = |event: &Result<Event, Why>, verdict| {
        if let Ok(event) = event {
            assert_eq!(
                interpreter.evaluate(0, event).unwrap().verdict,
                verdict,
                "{event:?}"
            );
        }
    };
    is(&found.matching, Verdict::True);
    for leaf in &found.leaves {
        is(&leaf.hit, Verdict::True);
        is(&leaf.miss, Verdict::False);
        if let (Ok(hit), Ok(miss)) = (&leaf.hit, &leaf.miss) {
            // The leaf itself differs between the two.
            let of = |event| {
                let explained = interpreter.explain(0, event).unwrap();
                explained.verdicts[node(program, leaf.node)]
            };
            assert_ne!(of(hit), of(miss));
        }
    }
    found
}

/// The same node where quantifiers are leaves.
fn node(program: &Program, position: usize) -> usize {
    fn walk(
        of: &Cond,
        all: &mut usize,
        shown: &mut usize,
        position: usize,
        found: &mut usize,
    ) {
        if *all == position {
            *found = *shown;
        }
        *all += 1;
        *shown += 1;
        if !matches!(of.kind, CondKind::Quant { .. } | CondKind::Count { .. }) {
            for child in crate::ir::children(of) {
                walk(child, all, shown, position, found);
            }
        }
    }
    let mut found = 0;
    walk(&program.predicates[0].cond, &mut 0, &mut 0, position, &mut found);
    found
}

/// A match, and both events for every leaf.
#[track_caller]
fn all_found(program: &Program) {
    let found = checked(program);
    assert!(found.matching.is_ok(), "{:?}", found.matching);
    for leaf in &found.leaves {
        assert!(
            leaf.hit.is_ok() && leaf.miss.is_ok(),
            "node {}: {:?} {:?}\n{}",
            leaf.node,
            leaf.hit,
            leaf.miss,
            crate::ir::print(program, schema())
        );
    }
}

fn int_set(path: &str, ranges: &[(i64, i64)]) -> Cond {
    cond(CondKind::InInts(f(path), ranges.to_vec()))
}

fn name(text_: &str) -> crate::ir::Expr {
    as_type(text(text_), Type::Name)
}

fn view(part: PathView) -> crate::ir::Expr {
    let ty = if part == PathView::Directory { Type::Path } else { Type::Name };
    expr(ExprKind::PathView(part, Box::new(f("image"))), ty)
}

#[test]
fn conjunctions_of_all_sorts_are_found() {
    let flag = || cond(CondKind::Truth(f("flag")));
    let len = |path: &str| one(ExprKind::Len, f(path), Type::Int);
    let len_of = |path: &str| expr(ExprKind::LenOf(at(path)), Type::Int);
    let scaled = RegisterView {
        address: 40,
        format: RegisterFormat::I16,
        little_words: false,
        little_bytes: true,
        scale: Some(0.1),
    };
    let wide = RegisterView {
        address: 42,
        format: RegisterFormat::F32,
        scale: None,
        ..scaled.clone()
    };
    let register =
        |view: &RegisterView| expr(ExprKind::Register(view.clone()), Type::Float);
    let range =
        |first, last| expr(ExprKind::Const(Value::Range(first, last)), Type::Range);
    let elem_line = || f("objects/line");
    let cases = [
        flag(),
        all([flag(), int_set("small", &[(5, 6), (15, 16)]), not(eq(f("wide"), int(7)))]),
        all([
            flag(),
            cond(CondKind::Overlaps(f("span"), range(9, 98))),
            not(cond(CondKind::Overlaps(f("span"), range(50, 60)))),
        ]),
        all([cmp(CmpOp::Gt, f("number"), int(10)), cmp(CmpOp::Lt, f("number"), int(12))]),
        all([
            cmp(CmpOp::Gt, f("real"), float(0.5)),
            cmp(CmpOp::Lt, f("real"), float(0.75)),
        ]),
        any([flag(), eq(f("small"), int(3))]),
        all([
            any([eq(f("small"), int(1)), eq(f("wide"), int(2))]),
            any([flag(), eq(f("long"), int(-3))]),
        ]),
        all([flag(), not(or_else(eq(f("line"), text("Siemens AG")), constant(false)))]),
        all([
            cond(CondKind::InTexts {
                value: view(PathView::Name),
                texts: vec![b"a.exe".to_vec(), b"b.exe".to_vec()],
                fold: true,
            }),
            test(TextOp::Contains, f("line"), &["-enc", "download"]),
        ]),
        all([
            eq(view(PathView::Name), name("cmd.exe")),
            test(TextOp::EndsWith, view(PathView::Directory), &["\\temp"]),
            test(TextOp::StartsWith, f("image"), &["c:\\users\\"]),
        ]),
        eq(view(PathView::Extension), name("ps1")),
        all([cond(CondKind::State(at("line"), State::Missing)), flag()]),
        cmp(CmpOp::Ge, len("line"), int(40)),
        eq(arith(ArithOp::Add, f("number"), int(5)), int(12)),
        eq(arith(ArithOp::And, f("wide"), int(0xf0)), int(0x40)),
        eq(arith(ArithOp::Shr, f("wide"), int(4)), int(3)),
        eq(f("src"), f("dst")),
        cmp(CmpOp::Lt, f("at"), f("until")),
        eq(coalesce(f("number"), int(5)), int(6)),
        quant(
            false,
            "objects",
            all([
                eq(f("objects/index"), int(3)),
                cmp(CmpOp::Gt, f("objects/value"), int(10)),
            ]),
        ),
        quant(true, "objects", cmp(CmpOp::Gt, f("objects/value"), int(10))),
        all([
            quant(false, "objects", eq(f("objects/index"), int(3))),
            quant(false, "objects", eq(f("objects/index"), int(4))),
            not(quant(false, "objects", test(TextOp::Contains, elem_line(), &["x"]))),
        ]),
        count("objects", eq(f("objects/index"), int(3)), CmpOp::Ge, 2),
        quant(false, "signed", all([cmp(CmpOp::Lt, item("signed"), int(-5)), flag()])),
        cmp(CmpOp::Ge, len_of("words"), int(3)),
        cmp(CmpOp::Gt, register(&scaled), float(95.0)),
        all([
            cmp(CmpOp::Gt, register(&scaled), float(95.0)),
            cmp(CmpOp::Lt, register(&wide), float(-1.5)),
        ]),
    ];
    for of in cases {
        all_found(&program(of));
    }
}

#[test]
fn parameters_tables_and_patterns_are_found() {
    let of = |of: Cond, change: fn(&mut Program)| {
        let mut program = program(of);
        change(&mut program);
        program
    };
    let with_set = |program: &mut Program| {
        let default = Some(Constant::Set(vec![]));
        let param =
            Param { name: "p".to_owned(), ty: Type::Ip, set_max: Some(9), default };
        program.params.push(param);
    };
    let with_map = |program: &mut Program| {
        let rows = vec![
            (Value::Int(1), Some(bytes("plc"))),
            (Value::Int(2), Some(bytes("hmi"))),
        ];
        program.data.push(DataTable {
            name: "t".to_owned(),
            key: Type::Int,
            value: Some(Type::Text),
            rows,
            replaceable: false,
        });
    };
    let with_glob = |program: &mut Program| {
        let regex = r"(?s-u)\Ac:[/\\]users[/\\](?:.*[/\\])?temp[/\\].*\z".to_owned();
        let source = r"C:\Users\**\Temp\**".to_owned();
        program.patterns.push(Pattern { source, regex, fold: true });
    };
    let with_number = |program: &mut Program| {
        let param =
            Param { name: "n".to_owned(), ty: Type::Int, set_max: None, default: None };
        program.params.push(param);
    };
    let lookup = || expr(ExprKind::Lookup(0, Box::new(f("number"))), Type::Text);
    let param = || expr(ExprKind::Param(0), Type::Int);
    all_found(&of(not(cond(CondKind::InParam(f("src"), 0))), with_set));
    all_found(&of(cond(CondKind::InData(f("number"), 0)), with_map));
    all_found(&of(eq(lookup(), text("hmi")), with_map));
    all_found(&of(cond(CondKind::Matches(f("image"), 0)), with_glob));
    all_found(&of(cmp(CmpOp::Gt, f("number"), param()), with_number));
}

#[test]
fn what_cannot_be_is_proved_or_said_to_be_too_complex() {
    let x = |op, number| cmp(op, f("number"), int(number));
    let impossible = [
        constant(false),
        all([x(CmpOp::Lt, 3), x(CmpOp::Gt, 2)]),
        all([eq(f("small"), int(1)), eq(f("small"), int(2))]),
        eq(f("small"), int(256)),
        all([eq(f("line"), text("a")), eq(f("line"), text("b"))]),
        all([cond(CondKind::State(at("small"), State::Missing)), eq(f("small"), int(1))]),
        quant(
            false,
            "objects",
            all([eq(f("objects/index"), int(1)), eq(f("objects/index"), int(2))]),
        ),
    ];
    for of in impossible {
        assert_eq!(
            checked(&program(of.clone())).matching,
            Err(Why::Unsatisfiable),
            "{of:?}"
        );
    }
    let hard = eq(arith(ArithOp::Mul, f("number"), f("wide")), int(1_000_003 * 7_919));
    let product = checked(&program(all([
        hard,
        cmp(CmpOp::Gt, f("number"), int(1)),
        cmp(CmpOp::Gt, f("wide"), int(1)),
    ])));
    assert!(
        matches!(product.matching, Err(Why::TooComplex(_))),
        "{:?}",
        product.matching
    );
    // A leaf that never decides alone has no near miss.
    let covered = checked(&program(any([x(CmpOp::Lt, 5), x(CmpOp::Lt, 3)])));
    assert_eq!(covered.leaves[1].hit, Err(Why::Unsatisfiable));
    assert!(covered.leaves[0].hit.is_ok());
    assert!(covered.leaves[0].miss.is_ok());
}

#[test]
fn the_search_never_lies() {
    let shape = Shape { predicates: 4, events: 12, depth: 3 };
    let (mut found, mut none, mut complex) = (0, 0, 0);
    for seed in 0..60 {
        let case = case(schema(), kind_idx(), shape, seed).unwrap();
        for predicate in 0..case.program.predicates.len() {
            let witnesses =
                witnesses(&case.program, schema(), predicate, &case.bindings).unwrap();
            let bindings = &witnesses.bindings;
            let interpreter =
                Interpreter::new(schema(), &case.program, bindings).unwrap();
            let verdict =
                |event: &Event| interpreter.evaluate(predicate, event).unwrap().verdict;
            match &witnesses.matching {
                Ok(event) => {
                    found += 1;
                    assert_eq!(verdict(event), Verdict::True);
                }
                Err(Why::Unsatisfiable) => {
                    none += 1;
                    let mut true_ = case
                        .events
                        .iter()
                        .filter(|event| verdict(event) == Verdict::True);
                    let counterexample = true_.next();
                    assert!(
                        counterexample.is_none(),
                        "seed {seed}, predicate {predicate}: {counterexample:?}\n{}",
                        crate::ir::print(&case.program, schema())
                    );
                }
                Err(Why::TooComplex(_)) => {
                    complex += 1;
                }
            }
            for leaf in &witnesses.leaves {
                if let Ok(event) = &leaf.miss {
                    assert_eq!(verdict(event), Verdict::False);
                }
            }
        }
    }
    println!("found {found}, none {none}, too complex {complex}");
}
