//! Register views: formats, orders, scales, and what lies outside.

use super::{F, T, U, check};
use crate::ir::build::*;
use crate::ir::interpret::{Content, Event};
use crate::ir::{ArithOp, CmpOp, Cond, ExprKind, RegisterFormat, RegisterView, Type};

use RegisterFormat::{F32, F64, I16, I32, I64, U16, U32, U64};

fn view(address: u16, format: RegisterFormat) -> RegisterView {
    RegisterView {
        address,
        format,
        little_words: false,
        little_bytes: false,
        scale: None,
    }
}

fn is_int(view: RegisterView, number: i64) -> Cond {
    eq(expr(ExprKind::Register(view), Type::Int), int(number))
}

fn is_float(view: RegisterView, number: f64) -> Cond {
    eq(expr(ExprKind::Register(view), Type::Float), float(number))
}

/// Registers from address 100 on, in a table that holds registers.
fn pdu(words: &[i64]) -> Event {
    event([("address", n(100)), ("words", ints(words)), ("letter", n(3))])
}

#[test]
fn formats_and_orders() {
    let order = |view: RegisterView, little_words, little_bytes| RegisterView {
        little_words,
        little_bytes,
        ..view
    };
    let cases: &[(RegisterFormat, bool, bool, &[i64], i64)] = &[
        (U16, false, false, &[0x8001], 0x8001),
        (U16, false, true, &[0x8001], 0x0180),
        (U16, true, false, &[0x8001], 0x8001),
        (I16, false, false, &[0x8001], -0x7fff),
        (I16, false, false, &[0xffff], -1),
        (U32, false, false, &[0x0102, 0x0304], 0x0102_0304),
        (U32, true, false, &[0x0102, 0x0304], 0x0304_0102),
        (U32, false, true, &[0x0102, 0x0304], 0x0201_0403),
        (U32, true, true, &[0x0102, 0x0304], 0x0403_0201),
        (U32, false, false, &[0xffff, 0xffff], 0xffff_ffff),
        (I32, false, false, &[0xffff, 0xfffe], -2),
        (I64, false, false, &[0xffff, 0xffff, 0xffff, 0xfffd], -3),
        (U64, false, false, &[0x7fff, 0xffff, 0xffff, 0xffff], i64::MAX),
        (U64, false, false, &[0, 1, 2, 3], 0x0000_0001_0002_0003),
        (U64, true, false, &[0, 1, 2, 3], 0x0003_0002_0001_0000),
        (U64, true, true, &[0x0100, 0, 0, 0], 1),
    ];
    for (format, words, bytes, registers, number) in cases {
        let view = order(view(100, *format), *words, *bytes);
        check([(is_int(view, *number), pdu(registers), T)]);
    }
    let floats: &[(RegisterFormat, &[i64], f64)] = &[
        (F32, &[0x3f80, 0], 1.0),
        (F32, &[0xc010, 0], -2.25),
        (F32, &[0x7f80, 0], f64::INFINITY),
        (F64, &[0x3ff8, 0, 0, 0], 1.5),
        (F64, &[0x8000, 0, 0, 0], 0.0),
    ];
    for (format, registers, number) in floats {
        check([(is_float(view(100, *format), *number), pdu(registers), T)]);
    }
    let swapped = order(view(100, F32), true, false);
    check([(is_float(swapped, 1.0), pdu(&[0, 0x3f80]), T)]);
}

#[test]
fn scales() {
    let scaled = |format, scale| RegisterView { scale: Some(scale), ..view(100, format) };
    check([
        (is_float(scaled(U16, 0.5), 1.5), pdu(&[3]), T),
        (is_float(scaled(I16, -2.0), 2.0), pdu(&[0xffff]), T),
        (is_float(scaled(U16, 0.1), 0.1 * 7.0), pdu(&[7]), T),
        (is_float(scaled(F32, 10.0), -22.5), pdu(&[0xc010, 0]), T),
        // Unsigned: 2^64 - 1 is nearest to 2^64.
        (is_float(scaled(U64, 1.0), 18_446_744_073_709_551_616.0), pdu(&[0xffff; 4]), T),
        (is_float(scaled(F32, 0.0), 0.0), pdu(&[0x7f80, 0]), U(&["words Domain"])),
        (is_float(scaled(F64, 1e300), f64::INFINITY), pdu(&[0x7fe0, 0, 0, 0]), T),
    ]);
}

#[test]
fn what_lies_outside_is_no_value() {
    let at = |address, format| is_int(view(address, format), 7);
    let short = |content: Content| {
        event([("address", n(100)), ("words", content), ("letter", n(1))])
    };
    let domain = U(&["words Domain"]);
    check([
        (at(101, U16), pdu(&[0, 7]), T),
        (at(101, U16), pdu(&[0, 8]), F),
        (at(99, U16), pdu(&[7]), domain),
        (at(101, U16), pdu(&[7]), domain),
        (at(101, U32), pdu(&[0, 0]), domain),
        (at(100, U64), pdu(&[0, 0, 0]), domain),
        (at(0, U16), pdu(&[]), domain),
        (at(65535, U64), pdu(&[]), domain),
        // Behind a truncated list there may be more, before it there is not.
        (at(101, U16), short(truncated(ints(&[7]))), U(&["words Truncated"])),
        (at(100, U32), short(truncated(ints(&[0]))), U(&["words Truncated"])),
        (at(100, U16), short(truncated(ints(&[7]))), T),
        (at(99, U16), short(truncated(ints(&[7]))), domain),
        // Too great for an integer, or no number at all.
        (at(100, U64), pdu(&[0x8000, 0, 0, 0]), domain),
        (is_float(view(100, F32), 0.0), pdu(&[0x7fc0, 0]), domain),
        (is_float(view(100, F64), 0.0), pdu(&[0xfff0, 0, 0, 1]), domain),
    ]);
}

#[test]
fn the_three_fields_must_be_there_and_the_table_hold_registers() {
    let of = || is_int(view(100, U16), 7);
    let table = |number| {
        event([("address", n(100)), ("words", ints(&[7])), ("letter", n(number))])
    };
    check([
        (of(), table(1), T),
        (of(), table(3), T),
        (of(), table(2), U(&["letter Domain"])),
        (of(), event([]), U(&["address Absent", "words Absent", "letter Absent"])),
        (
            of(),
            event([("address", n(100)), ("words", null()), ("letter", invalid())]),
            U(&["words Null", "letter Invalid"]),
        ),
        // What lacks comes before what is outside.
        (of(), event([("words", ints(&[])), ("letter", n(2))]), U(&["address Absent"])),
        // The table comes before the place.
        (
            of(),
            event([("address", n(0)), ("words", ints(&[])), ("letter", n(2))]),
            U(&["letter Domain"]),
        ),
    ]);
}

#[test]
fn the_origin_of_a_register_is_its_values() {
    let value = || expr(ExprKind::Register(view(100, U16)), Type::Int);
    let over = arith(ArithOp::Mul, value(), int(i64::MAX));
    let sum = || eq(arith(ArithOp::Add, value(), f("small")), int(9));
    let with_small = |number| {
        let letter = ("letter", n(3));
        event([("address", n(100)), ("words", ints(&[2])), letter, ("small", number)])
    };
    check([
        (cmp(CmpOp::Gt, over, int(0)), pdu(&[2]), U(&["words Domain"])),
        (sum(), with_small(n(7)), T),
        (sum(), with_small(null()), U(&["small Null"])),
    ]);
}
