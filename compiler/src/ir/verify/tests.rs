//! What the verifier refuses: one broken invariant a case.

use super::verify;
use crate::diagnostic::Span;
use crate::ir::build::*;
use crate::ir::{
    ArithOp, CmpOp, Cond, CondKind, Constant, DataTable, Evidence, Expr, ExprKind,
    OnUnknown, Param, PathView, Pattern, Plan, Program, RegisterFormat, RegisterView,
    Severity, State, TextOp, TitlePart, Type, Value, limits,
};
use tagout_spec::schema::{EnumIdx, FieldIdx, KindIdx};

/// The faults of a program, which must include one that says `expected`.
#[track_caller]
fn refuse(program: &Program, expected: &str) {
    let faults = verify(program, schema());
    assert!(
        faults.iter().any(|fault| fault.message.contains(expected)),
        "wanted `{expected}`, got {faults:?}"
    );
}

fn refuse_all(cases: impl IntoIterator<Item = (Cond, &'static str)>) {
    for (of, expected) in cases {
        refuse(&program(of), expected);
    }
}

fn typed(kind: ExprKind, ty: Type) -> Expr {
    expr(kind, ty)
}

#[test]
fn types_of_values() {
    let truth = |value: Expr| cond(CondKind::Truth(value));
    let boxed = |path: &str| Box::new(f(path));
    let view = RegisterView {
        address: 0,
        format: RegisterFormat::F32,
        little_words: false,
        little_bytes: false,
        scale: None,
    };
    let infinite = RegisterView { scale: Some(f64::INFINITY), ..view.clone() };
    let add = |left, right, ty| typed(ExprKind::Arith(ArithOp::Add, left, right), ty);
    let wrong = [
        as_type(f("small"), Type::Bool),
        as_type(f("line"), Type::Name),
        typed(ExprKind::Field(at("words")), Type::Int),
        typed(ExprKind::Const(Value::Int(1)), Type::Bool),
        typed(ExprKind::Const(Value::Float(f64::NAN)), Type::Float),
        typed(ExprKind::Const(Value::Range(2, 1)), Type::Range),
        typed(ExprKind::Len(boxed("small")), Type::Int),
        typed(ExprKind::LenOf(at("line")), Type::Int),
        typed(ExprKind::Neg(boxed("letter")), Type::Enum(EnumIdx(0))),
        typed(ExprKind::BitNot(boxed("took")), Type::Duration),
        typed(ExprKind::ToFloat(boxed("real")), Type::Float),
        typed(ExprKind::PathView(PathView::Name, boxed("payload")), Type::Name),
        typed(ExprKind::PathView(PathView::Name, boxed("image")), Type::Path),
        typed(ExprKind::Coalesce(boxed("small"), boxed("real")), Type::Int),
        typed(ExprKind::Coalesce(boxed("line"), boxed("user")), Type::Text),
        add(boxed("at"), boxed("until"), Type::Time),
        add(boxed("at"), boxed("number"), Type::Time),
        add(boxed("line"), boxed("line"), Type::Text),
        typed(ExprKind::Arith(ArithOp::Rem, boxed("real"), boxed("real")), Type::Float),
        typed(ExprKind::Register(view), Type::Int),
        typed(ExprKind::Register(infinite), Type::Float),
        typed(ExprKind::Param(0), Type::Int),
        typed(ExprKind::Lookup(0, boxed("small")), Type::Int),
    ];
    for value in wrong {
        refuse(&program(truth(value)), "is not a well-formed");
    }
    refuse(&program(truth(f("small"))), "ill-formed truth");
}

#[test]
fn operands_of_conditions() {
    let op = |op, left, right, fold| cond(CondKind::Cmp { op, left, right, fold });
    let eq_ = CmpOp::Eq;
    let in_ints =
        |ranges: &[(i64, i64)]| cond(CondKind::InInts(f("small"), ranges.to_vec()));
    let in_texts = |path: &str, texts: &[&str], fold| {
        let texts = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
        cond(CondKind::InTexts { value: f(path), texts, fold })
    };
    let needles = |path: &str, needles: &[&str], fold| {
        let needles = needles.iter().map(|text| text.as_bytes().to_vec()).collect();
        let op = TextOp::Contains;
        cond(CondKind::Text { op, value: f(path), needles, all: false, fold })
    };
    let ip = |last| [last; 16];
    let in_ips = |ranges: &[([u8; 16], [u8; 16])]| {
        cond(CondKind::InIps(f("src"), ranges.to_vec()))
    };
    let in_values =
        |path: &str, values: &[Value]| cond(CondKind::InValues(f(path), values.to_vec()));
    let one = Value::Float(1.0);
    refuse_all([
        (op(eq_, f("small"), f("real"), false), "ill-formed comparison"),
        (op(eq_, f("span"), f("span"), false), "ill-formed comparison"),
        (op(CmpOp::Lt, f("line"), f("line"), false), "ill-formed comparison"),
        (op(CmpOp::Lt, f("mac"), f("mac"), false), "ill-formed comparison"),
        (op(CmpOp::Lt, f("flag"), f("flag"), false), "ill-formed comparison"),
        (op(eq_, f("user"), f("user"), false), "ill-formed comparison"),
        (op(eq_, f("line"), f("user"), false), "ill-formed comparison"),
        (op(eq_, f("payload"), f("payload"), true), "ill-formed comparison"),
        (op(eq_, f("user"), text("A"), true), "`A` is not folded"),
        (op(eq_, coalesce(f("line"), text("A")), f("user"), true), "`A` is not folded"),
        (in_ints(&[(2, 1)]), "ill-formed set of integers"),
        (in_ints(&[(1, 2), (3, 4)]), "ill-formed set of integers"),
        (in_ints(&[(5, 6), (1, 2)]), "ill-formed set of integers"),
        (in_ints(&[(0, i64::MAX), (i64::MIN, 0)]), "ill-formed set of integers"),
        (cond(CondKind::InInts(f("real"), vec![])), "ill-formed set of integers"),
        (in_ips(&[(ip(2), ip(1))]), "ill-formed set of addresses"),
        (in_ips(&[(ip(1), ip(3)), (ip(3), ip(4))]), "ill-formed set of addresses"),
        (in_texts("line", &["b", "a"], false), "ill-formed set of texts"),
        (in_texts("line", &["a", "a"], false), "ill-formed set of texts"),
        (in_texts("user", &["a"], false), "ill-formed set of texts"),
        (in_texts("user", &["A"], true), "`A` is not folded"),
        (in_texts("payload", &["a"], true), "ill-formed set of texts"),
        (in_values("real", &[one.clone(), one.clone()]), "ill-formed set of values"),
        (in_values("real", &[Value::Int(1)]), "ill-formed set of values"),
        (in_values("small", &[Value::Int(1)]), "ill-formed set of values"),
        (
            in_values("real", &[Value::Float(-0.0), Value::Float(0.0)]),
            "ill-formed set of values",
        ),
        (needles("line", &[], false), "ill-formed text test"),
        (needles("line", &[""], false), "ill-formed text test"),
        (needles("small", &["a"], false), "ill-formed text test"),
        (needles("image", &["a"], false), "ill-formed text test"),
        (needles("image", &["A"], true), "`A` is not folded"),
        (cond(CondKind::Matches(f("line"), 0)), "ill-formed match"),
        (cond(CondKind::InParam(f("line"), 0)), "ill-formed use of a set parameter"),
        (cond(CondKind::InData(f("line"), 0)), "ill-formed use of a table"),
        (cond(CondKind::Overlaps(f("span"), f("small"))), "ill-formed overlap"),
    ]);
}

#[test]
fn quantifiers_and_their_elements() {
    let index = || eq(f("objects/index"), int(1));
    let missing = FieldIdx(63);
    let of_event = |field| cond(CondKind::State(field, State::Null));
    refuse_all([
        (index(), "outside a quantifier"),
        (quant(false, "points", index()), "outside a quantifier"),
        (eq(item("signed"), int(1)), "an item outside"),
        (quant(false, "words", eq(item("signed"), int(1))), "an item outside"),
        (quant(false, "small", constant(true)), "ill-formed quantifier"),
        (
            quant(false, "objects", quant(false, "words", constant(true))),
            "a quantifier in a quantifier",
        ),
        (
            quant(false, "objects", count("objects", constant(true), CmpOp::Eq, 0)),
            "a quantifier in a quantifier",
        ),
        (of_event(crate::ir::FieldRef::Event(missing)), "is not in every kind"),
        (of_event(at("objects/index")), "outside a quantifier"),
    ]);
}

#[test]
fn tables_parameters_and_patterns() {
    let base = || program(constant(true));
    let param = |ty, set_max, default| {
        let name = "p".to_owned();
        Program { params: vec![Param { name, ty, set_max, default }], ..base() }
    };
    let data = |key, value, rows: &[(Value, Option<Value>)]| {
        let name = "d".to_owned();
        let rows = rows.to_vec();
        let table = DataTable { name, key, value, rows, replaceable: false };
        Program { data: vec![table], ..base() }
    };
    let pattern = |regex: &str| {
        let source = regex.to_owned();
        let regex = regex.to_owned();
        Program { patterns: vec![Pattern { source, regex, fold: false }], ..base() }
    };
    let one = |value| Some(Constant::One(value));
    let set = |values: &[Value]| Some(Constant::Set(values.to_vec()));
    let key = |text: &str| (bytes(text), None);
    let cases = [
        (param(Type::Int, None, one(bytes("a"))), "the default is not"),
        (param(Type::Int, None, set(&[])), "the default is not"),
        (param(Type::Int, Some(1), one(Value::Int(1))), "the default is not"),
        (
            param(Type::Int, Some(1), set(&[Value::Int(1), Value::Int(2)])),
            "the default is not",
        ),
        (param(Type::Int, Some(2), Some(Constant::Ips(vec![]))), "the default is not"),
        (param(Type::Int, Some(0), None), "at most no elements"),
        (param(Type::Range, None, None), "can be bound"),
        (param(Type::Bool, Some(2), None), "can be bound"),
        (data(Type::Int, None, &[key("a")]), "not of the table's types"),
        (data(Type::Text, Some(Type::Int), &[key("a")]), "not of the table's types"),
        (data(Type::Text, None, &[key("b"), key("a")]), "not ascending"),
        (data(Type::Text, None, &[key("a"), key("a")]), "not ascending"),
        (data(Type::Name, None, &[key("A")]), "not folded"),
        (pattern("a("), "unclosed group"),
        (pattern(r"(?u)\b"), "a Unicode word boundary"),
        (Program { kinds: vec![KindIdx(999)], ..base() }, "not in the schema"),
        (Program { kinds: vec![KindIdx(1), KindIdx(0)], ..base() }, "not ascending"),
        (Program { kinds: vec![], ..base() }, "not in the program"),
    ];
    for (program, expected) in cases {
        refuse(&program, expected);
    }
}

#[test]
fn plans_and_limits() {
    let plan = |predicate, dedup, title, evidence| {
        let plan = Plan {
            rule: "r".to_owned(),
            predicate,
            meta: vec![],
            severity: Severity::Low,
            on_unknown: OnUnknown::Count,
            dedup,
            title,
            evidence,
            span: Span::default(),
        };
        Program { plans: vec![plan], ..program(constant(true)) }
    };
    let evidence = |evidence| vec![("e".to_owned(), evidence)];
    let small = match at("small") {
        crate::ir::FieldRef::Event(field) => field,
        _ => panic!("no field of the event"),
    };
    let cases = [
        (plan(1, None, vec![], vec![]), "no predicate 1"),
        (plan(0, Some((vec![0], 5)), vec![], vec![]), "no column 0"),
        (plan(0, Some((vec![], 0)), vec![], vec![]), "is not positive"),
        (plan(0, None, vec![TitlePart::Column(3)], vec![]), "no column 3"),
        (plan(0, None, vec![], evidence(Evidence::Column(4))), "no column 4"),
        (plan(0, None, vec![], evidence(Evidence::Field(small))), "not a repeated field"),
    ];
    for (program, expected) in cases {
        refuse(&program, expected);
    }
    let mut deep = constant(true);
    for _ in 0..limits::DEPTH {
        deep = not(deep);
    }
    refuse(&program(deep), "nested deeper");
    let wide = all((0..limits::NODES).map(|_| constant(true)));
    refuse(&program(wide), "nodes");
}

#[test]
fn a_good_program_has_no_faults() {
    let of = all([
        eq(f("user"), as_type(text("cmd.exe"), Type::Name)),
        quant(true, "objects", eq(f("objects/index"), f("small"))),
        count("words", eq(item("words"), int(1)), CmpOp::Ge, 2),
    ]);
    assert_eq!(verify(&program(of), schema()), []);
}
