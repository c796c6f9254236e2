//! What calls pay: modules as text, called with fuel, and what is left of it.
#![cfg(feature = "cranelift")]

use wasmtime::{Instance, Module, Store};

use super::{GLOBAL, metered};
use crate::engine::config::{self, Options, Stop};

/// Calls the function `f` of a module with a number and with fuel; what is left, and whether
/// the call has ended well.
fn call(body: &str, argument: u32, fuel: u64) -> (i64, bool) {
    let text = format!(
        "(module (memory (export \"memory\") 1) (global i32 (i32.const 7))
           (table 2 funcref)
           (func $f (export \"f\") (param i32) {body})
           (func $g (param i32) (drop (i32.add (local.get 0) (i32.const 1))))
           (func $deep (param i32) (call $deep (local.get 0))))"
    );
    let bytes = metered(&wat::parse_str(text).unwrap()).unwrap();
    let engine = config::engine(&Options::default(), Stop::Fuel).unwrap();
    let module = Module::new(&engine, bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = instance.get_typed_func::<(u64, u32), ()>(&mut store, "f").unwrap();
    let ended = f.call(&mut store, (fuel, argument)).is_ok();
    let left = instance.get_global(&mut store, GLOBAL).unwrap().get(&mut store);
    (left.i64().unwrap(), ended)
}

/// A call pays so much, and does not end with one less.
#[track_caller]
fn check(body: &str, argument: u32, pays: u64) {
    assert_eq!(call(body, argument, 10_000), (10_000 - pays.cast_signed(), true));
    assert_eq!(call(body, argument, pays), (0, true), "with as much as it takes");
    let (left, ended) = call(body, argument, pays - 1);
    assert!(left < 0 && !ended, "with one less: {left}");
}

#[test]
fn a_way_without_loops_is_paid_at_its_beginning() {
    check("", 0, 1);
    check("(drop (i32.add (local.get 0) (i32.const 1)))", 0, 3);
    check("(call $g (local.get 0))", 0, 2 + 3);
    check("(call $g (local.get 0)) (call $g (local.get 0))", 0, 4 + 3 + 3);
}

#[test]
fn of_two_ways_the_longer_is_paid() {
    let long = "(drop (i32.add (i32.const 1) (i32.const 2)))";
    for argument in [0, 1] {
        check(&format!("(if (local.get 0) (then {long}))"), argument, 2 + 3);
        check(&format!("(if (local.get 0) (then) (else {long}))"), argument, 2 + 3);
        let jump = format!("(block (br_if 0 (local.get 0)) {long})");
        check(&jump, argument, 2 + 3);
        let chosen = format!(
            "(block (block (block (br_table 0 1 2 (local.get 0))) {long} (br 1)) {long} {long})"
        );
        check(&chosen, argument, 2 + 6);
    }
    check(&format!("(br 0) {long}"), 0, 1);
    check(&format!("(return) {long}"), 0, 1);
    check(&format!("(block (br 0) {long}) {long}"), 0, 1 + 3);
}

#[test]
fn a_turn_of_a_loop_is_paid_each_time() {
    let count = "(local.tee 0 (i32.sub (local.get 0) (i32.const 1)))";
    let turns = format!("(loop (br_if 0 {count}))");
    check(&turns, 1, 1 + 5);
    check(&turns, 100, 1 + 500);
    // What stands behind goes on with what stood before.
    check(&format!("{turns} (drop (i32.const 1)) (drop (i32.const 1))"), 100, 2 + 500);
    // Of a turn that is left halfway, all is paid.
    let left =
        format!("(block (loop (br_if 1 (i32.eqz (local.get 0))) (br_if 0 {count})))");
    check(&left, 0, 1 + 8);
    check(&left, 3, 1 + 3 * 8);
}

#[test]
fn loops_within_loops() {
    let count = "(local.tee 0 (i32.sub (local.get 0) (i32.const 1)))";
    // Out of both at once, and back to the outer one.
    let out = "(block (loop (drop (i32.const 1)) (loop (br_if 2 (local.get 0)) (br 1))))";
    check(out, 1, 1 + 1 + 3);
    let both = format!("(loop (drop (i32.const 1)) (loop (br_if 1 {count})))");
    check(&both, 10, 1 + 10 * (1 + 5));
}

#[test]
fn what_does_not_end() {
    for body in [
        "(loop (br 0))",
        "(loop (loop (br 1)))",
        "(loop (block (br 1)))",
        "(loop (br_table 0 0 (local.get 0)))",
        "(loop (br_if 0 (i32.const 1)))",
        "(loop (call $g (local.get 0)) (br 0))",
        "(loop (if (local.get 0) (then (br 1)) (else (br 1))))",
        "(call $deep (local.get 0))",
    ] {
        let (left, ended) = call(body, 0, 1000);
        assert!(left < 0 && !ended, "{body}: {left}");
    }
}

#[test]
fn what_touches_many_bytes_pays_for_each() {
    let fill = |n: &str| format!("(memory.fill (i32.const 0) (i32.const 0) {n})");
    check(&fill("(i32.const 100)"), 0, 4 + 100);
    check(&fill("(local.get 0)"), 100, 4 + 100);
    check(&fill("(i32.add (local.get 0) (i32.const 0))"), 100, 6 + 100);
    let copy = "(memory.copy (i32.const 0) (i32.const 8) (local.get 0))";
    check(copy, 64, 4 + 64);
    // More than there is of memory is paid before it is looked at.
    let (left, ended) = call(&fill("(i32.const -1)"), 0, 1000);
    assert!(left < 0 && !ended, "{left}");
    let (left, ended) = call(copy, u32::MAX, 1000);
    assert!(left < 0 && !ended, "{left}");
}
