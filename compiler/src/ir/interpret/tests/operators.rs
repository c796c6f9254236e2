//! Numbers, addresses, ranges, defaults: comparisons and arithmetic.

use super::{F, T, U, check};
use crate::ir::build::*;
use crate::ir::{ArithOp, CmpOp, Cond, CondKind, Expr, ExprKind, Type, Value};

use ArithOp::{Add, And, Div, Mul, Or, Rem, Shl, Shr, Sub, Xor};
use CmpOp::{Ge, Gt, Le, Lt};

const MAX: i64 = i64::MAX;
const MIN: i64 = i64::MIN;

fn v4(d: u8) -> [u8; 16] {
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, d]
}

fn ip(address: [u8; 16]) -> Expr {
    expr(ExprKind::Const(Value::Ip(address)), Type::Ip)
}

#[test]
fn integer_arithmetic_is_checked() {
    let results: &[(ArithOp, i64, i64, Option<i64>)] = &[
        (Add, 1, 2, Some(3)),
        (Add, MAX, 1, None),
        (Add, MIN, -1, None),
        (Sub, 1, 2, Some(-1)),
        (Sub, MIN, 1, None),
        (Mul, -3, 4, Some(-12)),
        (Mul, 1 << 32, 1 << 31, None),
        (Mul, MIN, -1, None),
        (Div, 7, 2, Some(3)),
        (Div, -7, 2, Some(-3)),
        (Div, 7, 0, None),
        (Div, MIN, -1, None),
        (Rem, 7, 2, Some(1)),
        (Rem, -7, 2, Some(-1)),
        (Rem, 7, -2, Some(1)),
        (Rem, 7, 0, None),
        (Rem, MIN, -1, None),
        (And, 0b1100, 0b1010, Some(0b1000)),
        (And, -1, 5, Some(5)),
        (Or, 0b1100, 0b1010, Some(0b1110)),
        (Xor, 0b1100, 0b1010, Some(0b0110)),
        (Shl, 1, 63, Some(MIN)),
        (Shl, 3, 63, Some(MIN)),
        (Shl, 1, 64, None),
        (Shl, 1, -1, None),
        (Shr, -8, 1, Some(-4)),
        (Shr, MIN, 63, Some(-1)),
        (Shr, 1, 64, None),
    ];
    for (op, left, right, result) in results {
        let value = arith(*op, f("number"), int(*right));
        let event = event([("number", n(*left))]);
        check([match result {
            Some(result) => (eq(value, int(*result)), event, T),
            None => (eq(value, int(0)), event, U(&["number Domain"])),
        }]);
    }
}

#[test]
fn signs_complements_and_lengths() {
    let neg = |inner| one(ExprKind::Neg, inner, Type::Int);
    let bitnot = |inner| one(ExprKind::BitNot, inner, Type::Int);
    let len = |inner| one(ExprKind::Len, inner, Type::Int);
    let len_of = |path| expr(ExprKind::LenOf(at(path)), Type::Int);
    let negated = |ty, inner| one(ExprKind::Neg, inner, ty);
    check([
        (eq(neg(f("number")), int(-5)), event([("number", n(5))]), T),
        (
            eq(neg(f("number")), int(0)),
            event([("number", n(MIN))]),
            U(&["number Domain"]),
        ),
        (eq(neg(f("number")), int(0)), event([]), U(&["number Absent"])),
        (
            eq(negated(Type::Float, f("real")), float(-1.5)),
            event([("real", is(Value::Float(1.5)))]),
            T,
        ),
        (
            eq(negated(Type::Duration, f("took")), as_type(int(-7), Type::Duration)),
            event([("took", n(7))]),
            T,
        ),
        (eq(bitnot(f("number")), int(-1)), event([("number", n(0))]), T),
        // Bytes as they came: the sign of Kelvin has three, its folded form one.
        (eq(len(f("user")), int(3)), event([("user", s("\u{212a}"))]), T),
        (eq(len(f("line")), int(0)), event([("line", s(""))]), T),
        (eq(len(f("payload")), int(2)), event([("payload", s("ab"))]), T),
        (
            eq(len(f("line")), int(2)),
            event([("line", cut("ab"))]),
            U(&["line Truncated"]),
        ),
        (eq(len_of("words"), int(2)), event([("words", ints(&[7, 8]))]), T),
        (eq(len_of("words"), int(0)), event([("words", ints(&[]))]), T),
        (
            eq(len_of("words"), int(2)),
            event([("words", truncated(ints(&[7, 8])))]),
            U(&["words Truncated"]),
        ),
        (eq(len_of("words"), int(0)), event([("words", null())]), U(&["words Null"])),
        (eq(len_of("objects"), int(0)), event([]), U(&["objects Absent"])),
    ]);
}

#[test]
fn floats_follow_ieee_but_nan_is_no_value() {
    let inf = f64::INFINITY;
    let results: &[(ArithOp, f64, f64, Option<f64>)] = &[
        (Add, 0.5, 0.25, Some(0.75)),
        (Sub, inf, inf, None),
        (Mul, inf, 0.0, None),
        (Mul, 1e308, 10.0, Some(inf)),
        (Div, 1.0, 0.0, Some(inf)),
        (Div, -1.0, 0.0, Some(-inf)),
        (Div, 0.0, 0.0, None),
        (Div, 1.0, 8.0, Some(0.125)),
    ];
    for (op, left, right, result) in results {
        let value = arith(*op, f("real"), float(*right));
        let event = event([("real", is(Value::Float(*left)))]);
        check([match result {
            Some(result) => (eq(value, float(*result)), event, T),
            None => (eq(value, float(0.0)), event, U(&["real Domain"])),
        }]);
    }
    let real = |number: f64| event([("real", is(Value::Float(number)))]);
    let to_float = |inner| one(ExprKind::ToFloat, inner, Type::Float);
    let one_of = |values: &[f64]| {
        let values = values.iter().map(|value| Value::Float(*value)).collect();
        cond(CondKind::InValues(f("real"), values))
    };
    check([
        (eq(f("real"), float(0.0)), real(-0.0), T),
        (one_of(&[0.0, 1.0]), real(-0.0), T),
        (one_of(&[0.0, 1.0]), real(0.5), F),
        (one_of(&[]), real(0.5), F),
        (one_of(&[0.0]), event([]), U(&["real Absent"])),
        (cmp(Lt, f("real"), float(inf)), real(1e308), T),
        (cmp(Ge, f("real"), float(inf)), real(inf), T),
        // 2^53 + 1 is nearest to 2^53, and 2^53 + 3 to 2^53 + 4.
        (
            eq(to_float(f("number")), float(9_007_199_254_740_992.0)),
            event([("number", n((1 << 53) + 1))]),
            T,
        ),
        (
            eq(to_float(f("number")), float(9_007_199_254_740_996.0)),
            event([("number", n((1 << 53) + 3))]),
            T,
        ),
        (eq(to_float(f("number")), float(0.0)), event([]), U(&["number Absent"])),
    ]);
}

#[test]
fn times_and_durations_are_checked_integers() {
    let time = |number| as_type(int(number), Type::Time);
    let duration = |number| as_type(int(number), Type::Duration);
    let typed = |op, left, right, ty| as_type(arith(op, left, right), ty);
    let both = || event([("at", n(100)), ("until", n(30)), ("took", n(7))]);
    check([
        (eq(typed(Add, f("at"), f("took"), Type::Time), time(107)), both(), T),
        (eq(typed(Add, f("took"), f("at"), Type::Time), time(107)), both(), T),
        (eq(typed(Sub, f("at"), f("took"), Type::Time), time(93)), both(), T),
        (eq(typed(Sub, f("at"), f("until"), Type::Duration), duration(70)), both(), T),
        (eq(typed(Mul, f("took"), int(3), Type::Duration), duration(21)), both(), T),
        (eq(typed(Mul, int(3), f("took"), Type::Duration), duration(21)), both(), T),
        (eq(typed(Div, f("took"), int(2), Type::Duration), duration(3)), both(), T),
        (
            eq(typed(Div, f("took"), int(0), Type::Duration), duration(3)),
            both(),
            U(&["took Domain"]),
        ),
        (
            cmp(Gt, typed(Sub, f("at"), f("until"), Type::Duration), duration(0)),
            event([("at", n(MIN)), ("until", n(1))]),
            U(&["at Domain", "until Domain"]),
        ),
        (cmp(Lt, f("until"), f("at")), both(), T),
    ]);
}

#[test]
fn comparisons_and_sets_of_integers() {
    let order: [(CmpOp, [super::Expect<'_>; 3]); 5] = [
        (CmpOp::Eq, [F, T, F]),
        (Lt, [T, F, F]),
        (Le, [T, T, F]),
        (Gt, [F, F, T]),
        (Ge, [F, T, T]),
    ];
    for (op, expected) in order {
        for (number, expect) in [4, 5, 6].into_iter().zip(expected) {
            check([(
                cmp(op, f("number"), int(5)),
                event([("number", n(number))]),
                expect,
            )]);
        }
    }
    let ranges = || vec![(MIN, -5), (0, 0), (9, 98), (MAX, MAX)];
    let in_ints = |path: &str| cond(CondKind::InInts(f(path), ranges()));
    let cases = [
        (MIN, T),
        (-5, T),
        (-4, F),
        (-1, F),
        (0, T),
        (1, F),
        (8, F),
        (9, T),
        (98, T),
        (99, F),
        (MAX - 1, F),
        (MAX, T),
    ];
    for (number, expect) in cases {
        check([(in_ints("number"), event([("number", n(number))]), expect)]);
    }
    check([
        (in_ints("letter"), event([("letter", n(42))]), T),
        (in_ints("letter"), event([("letter", invalid())]), U(&["letter Invalid"])),
        (cond(CondKind::InInts(f("small"), vec![])), event([("small", n(0))]), F),
        (cond(CondKind::InInts(f("small"), vec![])), event([]), U(&["small Absent"])),
    ]);
}

#[test]
fn addresses_compare_as_sixteen_bytes() {
    let src = |address| event([("src", is(Value::Ip(address)))]);
    let in_ips = || cond(CondKind::InIps(f("src"), vec![(v4(2), v4(4)), (v4(9), v4(9))]));
    check([
        (eq(f("src"), ip(v4(1))), src(v4(1)), T),
        (cmp(Lt, f("src"), ip(v4(2))), src(v4(1)), T),
        (cmp(Lt, f("src"), ip([0; 16])), src(v4(1)), F),
        (cmp(Gt, f("src"), ip(v4(200))), src([0xfe; 16]), T),
        (in_ips(), src(v4(1)), F),
        (in_ips(), src(v4(2)), T),
        (in_ips(), src(v4(4)), T),
        (in_ips(), src(v4(5)), F),
        (in_ips(), src(v4(9)), T),
        (in_ips(), event([("src", null())]), U(&["src Null"])),
    ]);
    let mac = |last| Value::Mac([0, 0x1b, 0x1b, 0, 0, last]);
    let in_macs = || cond(CondKind::InValues(f("mac"), vec![mac(1), mac(3)]));
    check([
        (in_macs(), event([("mac", is(mac(3)))]), T),
        (in_macs(), event([("mac", is(mac(2)))]), F),
    ]);
}

#[test]
fn ranges_overlap_if_they_share_a_number() {
    let range =
        |first, last| expr(ExprKind::Const(Value::Range(first, last)), Type::Range);
    let overlaps =
        |first, last| -> Cond { cond(CondKind::Overlaps(f("span"), range(first, last))) };
    let span = || event([("span", is(Value::Range(10, 20)))]);
    check([
        (overlaps(0, 9), span(), F),
        (overlaps(0, 10), span(), T),
        (overlaps(12, 13), span(), T),
        (overlaps(0, u32::MAX), span(), T),
        (overlaps(20, 30), span(), T),
        (overlaps(21, u32::MAX), span(), F),
        (overlaps(0, 1), event([]), U(&["span Absent"])),
        (
            cond(CondKind::Overlaps(f("span"), f("window"))),
            event([("window", null())]),
            U(&["span Absent", "window Null"]),
        ),
    ]);
}

#[test]
fn a_default_stands_in_for_what_is_lacking() {
    let or = |right| coalesce(f("number"), right);
    check([
        (eq(or(int(5)), int(5)), event([]), T),
        (eq(or(int(5)), int(5)), event([("number", null())]), T),
        (eq(or(int(5)), int(5)), event([("number", invalid())]), T),
        (eq(or(int(5)), int(5)), event([("number", n(4))]), F),
        // Also for what cannot be computed.
        (
            eq(coalesce(arith(Div, int(1), f("number")), int(9)), int(9)),
            event([("number", n(0))]),
            T,
        ),
        // Both lack: both are named.
        (
            eq(or(f("wide")), int(5)),
            event([("wide", null())]),
            U(&["number Absent", "wide Null"]),
        ),
        // A default was used: what it replaced is no reason.
        (eq(or(int(5)), f("wide")), event([("wide", null())]), U(&["wide Null"])),
        // The origin of a value is the side that gave it.
        (
            eq(arith(Add, or(f("wide")), int(MAX)), int(0)),
            event([("wide", n(1))]),
            U(&["wide Domain"]),
        ),
        (
            eq(arith(Add, arith(Add, f("number"), f("wide")), f("small")), int(0)),
            event([("number", n(1)), ("wide", n(1))]),
            U(&["small Absent"]),
        ),
        (
            eq(arith(Mul, arith(Add, f("number"), f("wide")), int(MAX)), int(0)),
            event([("number", n(1)), ("wide", n(1))]),
            U(&["number Domain", "wide Domain"]),
        ),
        // A cut text is there.
        (
            test(crate::ir::TextOp::StartsWith, coalesce(f("line"), text("x")), &["ab"]),
            event([("line", cut("abc"))]),
            T,
        ),
        (
            eq(coalesce(f("line"), text("x")), text("x")),
            event([("line", cut("abc"))]),
            U(&["line Truncated"]),
        ),
    ]);
}
