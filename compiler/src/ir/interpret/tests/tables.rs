//! Parameters, tables and look-ups.

use super::super::Bindings;
use super::{Expect, F, T, U, check_in};
use crate::ir::build::*;
use crate::ir::{
    Cond, CondKind, Constant, DataTable, ExprKind, Param, Program, Type, Value,
};

fn with_param(
    of: Cond,
    ty: Type,
    set_max: Option<u32>,
    default: Option<Constant>,
) -> Program {
    let mut program = program(of);
    program.params = vec![Param { name: "p".to_owned(), ty, set_max, default }];
    program
}

#[test]
fn a_parameter_is_bound_or_has_its_default_or_lacks() {
    let of = || eq(f("number"), expr(ExprKind::Param(0), Type::Int));
    let one = |number| Some(Constant::One(Value::Int(number)));
    let five = || event([("number", n(5))]);
    let cases: [(_, Bindings, _, Expect<'_>); 7] = [
        (one(5), vec![], five(), T),
        (one(4), vec![None], five(), F),
        (one(4), vec![one(5)], five(), T),
        (None, vec![one(5)], five(), T),
        (None, vec![], five(), U(&[])),
        (None, vec![], event([]), U(&["number Absent"])),
        (one(5), vec![], event([("number", null())]), U(&["number Null"])),
    ];
    for (default, bindings, event, expect) in cases {
        let program = with_param(of(), Type::Int, None, default);
        check_in(&program, &bindings, &event, expect);
    }
}

#[test]
fn sets_that_are_bound() {
    let in_param = |path: &str| cond(CondKind::InParam(f(path), 0));
    let texts = |texts: &[&str]| {
        Some(Constant::Set(texts.iter().map(|text| bytes(text)).collect()))
    };
    let v4 = |d| [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, d];
    let src = |d| event([("src", is(Value::Ip(v4(d))))]);
    let ranges = || Some(Constant::Ips(vec![(v4(1), v4(3)), (v4(9), v4(9))]));
    let single = || Some(Constant::Set(vec![Value::Ip(v4(9)), Value::Ip(v4(1))]));
    let floats = || Some(Constant::Set(vec![Value::Float(0.0)]));
    let zero = || event([("real", is(Value::Float(-0.0)))]);
    let cases = [
        (in_param("line"), Type::Text, texts(&["Ab"]), event([("line", s("Ab"))]), T),
        (in_param("line"), Type::Text, texts(&["Ab"]), event([("line", s("ab"))]), F),
        // The type of the set decides about folding.
        (in_param("line"), Type::Name, texts(&["Ab"]), event([("line", s("aB"))]), T),
        (in_param("user"), Type::Name, texts(&["Ab"]), event([("user", s("AB"))]), T),
        (in_param("user"), Type::Name, texts(&[]), event([("user", s("AB"))]), F),
        (in_param("user"), Type::Name, None, event([("user", s("AB"))]), U(&[])),
        (in_param("user"), Type::Name, None, event([]), U(&["user Absent"])),
        (
            in_param("user"),
            Type::Name,
            texts(&["a"]),
            event([("user", cut("a"))]),
            U(&["user Truncated"]),
        ),
        (in_param("src"), Type::Ip, ranges(), src(2), T),
        (in_param("src"), Type::Ip, ranges(), src(4), F),
        (in_param("src"), Type::Ip, ranges(), src(9), T),
        (in_param("src"), Type::Ip, single(), src(1), T),
        (in_param("src"), Type::Ip, single(), src(2), F),
        (in_param("real"), Type::Float, floats(), zero(), T),
    ];
    for (of, ty, bound, event, expect) in cases {
        let program = with_param(of, ty, Some(8), None);
        check_in(&program, &vec![bound], &event, expect);
    }
}

#[test]
fn tables_and_look_ups() {
    let program = |of: Cond, key: Type, value, rows: &[(Value, Option<Value>)]| {
        let mut program = program(of);
        let rows = rows.to_vec();
        let name = "t".to_owned();
        program.data = vec![DataTable { name, key, value, rows, replaceable: false }];
        program
    };
    let in_data = |path: &str| cond(CondKind::InData(f(path), 0));
    let names = [(bytes("ab"), None), (bytes("cd"), None)];
    let map =
        [(Value::Int(1), Some(bytes("One"))), (Value::Int(7), Some(bytes("seven")))];
    let lookup = |path: &str, ty| expr(ExprKind::Lookup(0, Box::new(f(path))), ty);
    let bools = [(bytes("ab"), Some(Value::Bool(true)))];
    let truth = || cond(CondKind::Truth(lookup("user", Type::Bool)));
    let text_of = || eq(lookup("number", Type::Text), text("One"));
    let name_of = || eq(lookup("number", Type::Name), as_type(text("one"), Type::Name));
    let default = || eq(coalesce(lookup("number", Type::Text), text("-")), text("-"));
    let length =
        || eq(one(ExprKind::Len, lookup("number", Type::Text), Type::Int), int(5));
    let text = Some(Type::Text);
    let cases = [
        (
            program(in_data("user"), Type::Name, None, &names),
            event([("user", s("AB"))]),
            T,
        ),
        (
            program(in_data("user"), Type::Name, None, &names),
            event([("user", s("x"))]),
            F,
        ),
        (
            program(in_data("line"), Type::Name, None, &names),
            event([("line", s("CD"))]),
            T,
        ),
        (
            program(in_data("line"), Type::Text, None, &names),
            event([("line", s("CD"))]),
            F,
        ),
        (
            program(in_data("user"), Type::Name, None, &names),
            event([("user", cut("ab"))]),
            U(&["user Truncated"]),
        ),
        (program(in_data("user"), Type::Name, None, &[]), event([("user", s("ab"))]), F),
        (
            program(truth(), Type::Name, Some(Type::Bool), &bools),
            event([("user", s("AB"))]),
            T,
        ),
        // No such key: the field the key came from is named.
        (
            program(truth(), Type::Name, Some(Type::Bool), &bools),
            event([("user", s("x"))]),
            U(&["user Absent"]),
        ),
        (program(text_of(), Type::Int, text, &map), event([("number", n(1))]), T),
        (program(text_of(), Type::Int, text, &map), event([("number", n(7))]), F),
        (
            program(text_of(), Type::Int, text, &map),
            event([("number", n(2))]),
            U(&["number Absent"]),
        ),
        (
            program(text_of(), Type::Int, text, &map),
            event([("number", null())]),
            U(&["number Null"]),
        ),
        (
            program(name_of(), Type::Int, Some(Type::Name), &map),
            event([("number", n(1))]),
            T,
        ),
        (program(default(), Type::Int, text, &map), event([("number", n(2))]), T),
        (program(length(), Type::Int, text, &map), event([("number", n(7))]), T),
    ];
    for (program, event, expect) in cases {
        check_in(&program, &Bindings::new(), &event, expect);
    }
}
