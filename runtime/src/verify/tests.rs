//! Modules written as text: what is proven, what is not, what is refused.

use tagout_spec::function::ArgumentType;
use tagout_spec::function::CallCost;
use tagout_spec::function::Function;
use tagout_spec::function::ResultType;
use tagout_spec::version::Version;

use super::Bound;
use super::Limits;
use super::verify;

/// A module with the interface of a pack; `items` come first, `body` is that of
/// `evaluate` (parameters `$records $n $out $from`, a local `$i`).
fn pack(items: &str, body: &str) -> String {
    format!(
        r#"(module
  {items}
  (memory (export "memory") 2 2)
  (global (export "tagout_abi_major") i32 (i32.const 1))
  (global (export "tagout_abi_minor") i32 (i32.const 0))
  (global (export "tagout_batch") i32 (i32.const 0))
  (global (export "tagout_batch_size") i32 (i32.const 65536))
  (global (export "tagout_out") i32 (i32.const 65536))
  (global (export "tagout_out_size") i32 (i32.const 4096))
  (global (export "tagout_bindings") i32 (i32.const 69632))
  (global (export "tagout_bindings_size") i32 (i32.const 4096))
  (func (export "bind") (param i32 i32) (result i32) (i32.const 0))
  (func $evaluate (export "evaluate") (param $records i32) (param $n i32)
    (param $out i32) (param $from i32) (result i32) (local $i i32) (local $j i32)
    {body}
    (i32.const 0))
  (func (export "columns") (param i32 i32 i32 i32) (result i32) (i32.const 0))
  (func (export "explain") (param i32 i32 i32 i32) (result i32) (i32.const 0)))"#
    )
}

/// `f(int) -> int` and `t(text, ip) -> bool` of the plugin `p`.
fn declared() -> Vec<Function> {
    let function = |name: &str, arguments: &[ArgumentType], returns| Function {
        plugin: "p".to_owned(),
        version: Version { major: 1, minor: 0, patch: 0 },
        name: name.to_owned(),
        arguments: arguments.to_vec(),
        returns,
        cost: CallCost { call: 100, byte: 3 },
        doc: String::new(),
        example: String::new(),
    };
    vec![
        function("f", &[ArgumentType::Int], ResultType::Int),
        function("t", &[ArgumentType::Text, ArgumentType::Ip], ResultType::Bool),
    ]
}

/// A canonical loop over `$counter`, at most `cap` times.
fn counted(counter: &str, cap: u32, body: &str) -> String {
    format!(
        "local.get {counter} i32.const 1 i32.sub i32.const {cap} i32.lt_u
         if loop {body}
           local.get {counter} i32.const 1 i32.sub local.tee {counter} br_if 0
         end else local.get {counter} if unreachable end end"
    )
}

fn outcome(text: &str) -> String {
    let bytes = wat::parse_str(text).expect("the test's module assembles");
    outcome_of(&bytes)
}

fn outcome_of(bytes: &[u8]) -> String {
    match verify(bytes, &Limits::default(), &declared()) {
        Err(refused) => format!("refused: {refused}"),
        Ok(verified) => match verified.bound {
            Bound::Proven(ops) => format!("proven: {}", ops.evaluate),
            Bound::NotProven(unproven) => format!("not proven: {unproven}"),
        },
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let outcome = outcome(text);
    assert!(outcome.starts_with(expected), "{outcome}\nexpected: {expected}\n{text}");
}

#[test]
fn straight_code_costs_its_instructions() {
    check(&pack("", ""), "proven: 2");
    check(&pack("", "nop nop (block nop)"), "proven: 7");
}

#[test]
fn counted_loops_multiply() {
    // get const sub const lt_u if loop | 1 + 5 + end of 10 | else get if
    // unreachable end end | const end
    check(&pack("", &counted("$n", 256, "nop")), "proven: 1807");
    let inner = counted("$i", 4, "nop");
    check(&pack("", &counted("$n", 256, &inner)), "proven: ");
    check(
        &pack(
            "",
            &counted("$n", u32::MAX, &counted("$i", u32::MAX, &counted("$j", 9, ""))),
        ),
        &format!("proven: {}", u64::MAX),
    );
}

#[test]
fn calls_multiply_and_indirect_calls_cost_the_dearest() {
    let items = "(func $f nop nop nop)";
    check(&pack(items, &counted("$n", 10, "call $f")), "proven: 125");
    let items = "(type $t (func)) (table 2 2 funcref) (elem (i32.const 0) $f $g)
        (func $f nop) (func $g nop nop nop nop nop)";
    check(&pack(items, "i32.const 0 call_indirect (type $t)"), "proven: 10");
}

/// What a call of an import costs is what is declared of it, and the way there.
#[test]
fn imports_cost_what_is_declared() {
    let f = r#"(import "tagout_function" "p/f" (func $f (param i64) (result i64)))"#;
    // const call drop | const end; 200 for the way, 100 for the call.
    let call = "i64.const 1 call $f drop";
    check(&pack(f, call), "proven: 305");
    check(&pack(f, &counted("$n", 10, call)), "proven: 3105");
    // A text has 16 KiB at the most.
    let t =
        r#"(import "tagout_function" "p/t" (func $t (param i32 i32 i32) (result i32)))"#;
    let call = "i32.const 0 i32.const 0 i32.const 0 call $t drop";
    check(&pack(t, call), &format!("proven: {}", 7 + 200 + 100 + 3 * 16_384));
    // Through the table, beside a function of the module, and as an export.
    let items = format!(
        "{f} (type $t (func (param i64) (result i64))) (table 2 2 funcref)
         (elem (i32.const 0) $f $g) (func $g (param i64) (result i64) local.get 0)"
    );
    let call = "i64.const 1 i32.const 0 call_indirect (type $t) drop";
    check(&pack(&items, call), "proven: 306");
    // Functions are numbered behind what is imported.
    let items = format!("{f} (func $h call $h)");
    check(
        &pack(&items, "call $h"),
        "not proven: function 1: a call that can reach itself",
    );
}

#[test]
fn other_loops_are_not_proven() {
    for (items, body, reason) in [
        ("", "loop br 0 end", "a loop that is not in the counted form"),
        ("", "loop end", "a loop that is not in the counted form"),
        // The claimed bound is false: the counter is reset in the body.
        ("", &*counted("$n", 256, "i32.const 7 local.set $n"), "counter is assigned"),
        ("", &counted("$n", 256, "i32.const 7 local.tee $n drop"), "counter is assigned"),
        ("", &counted("$n", 256, "br 0"), "branch back to a loop"),
        ("", &counted("$n", 256, "block local.get $i br_table 0 1 end"), "branch back"),
        // One counter for two loops.
        ("", &counted("$n", 256, &counted("$n", 256, "")), "counter is assigned"),
        // Decremented by another number, compared with sign, guard elsewhere.
        (
            "",
            "local.get $n i32.const 1 i32.sub i32.const 9 i32.lt_u if loop
               local.get $n i32.const 2 i32.sub local.tee $n br_if 0 end end",
            "counter is assigned",
        ),
        (
            "",
            "local.get $n i32.const 1 i32.sub i32.const 9 i32.lt_s if loop
               local.get $n i32.const 1 i32.sub local.tee $n br_if 0 end end",
            "a loop that is not in the counted form",
        ),
        (
            "",
            "local.get $n i32.const 1 i32.sub i32.const 9 i32.lt_u if nop loop
               local.get $n i32.const 1 i32.sub local.tee $n br_if 0 end end",
            "a loop that is not in the counted form",
        ),
        // Two decrements: the second one passes zero.
        (
            "",
            "local.get $n i32.const 1 i32.sub i32.const 9 i32.lt_u if loop
               local.get $n i32.const 1 i32.sub local.tee $n br_if 0
               local.get $n i32.const 1 i32.sub local.tee $n br_if 0 end end",
            "a loop that is not in the counted form",
        ),
        // The guard of one counter, the loop of another.
        (
            "",
            "local.get $n i32.const 1 i32.sub i32.const 9 i32.lt_u if loop
               local.get $i i32.const 1 i32.sub local.tee $i br_if 0 end end",
            "a branch back to a loop",
        ),
        // A bulk operation as long as a parameter says.
        (
            "",
            "i32.const 0 i32.const 0 local.get $n memory.fill",
            "bulk memory operation of variable length",
        ),
        ("(func $f call $f)", "call $f", "a call that can reach itself"),
        (
            "(func $f call $g) (func $g call $f)",
            "call $f",
            "a call that can reach itself",
        ),
        (
            "(type $t (func)) (table 1 1 funcref) (elem (i32.const 0) $f)
             (func $f i32.const 0 call_indirect (type $t))",
            "call $f",
            "a call that can reach itself",
        ),
    ] {
        let outcome = outcome(&pack(items, body));
        assert!(outcome.starts_with("not proven: "), "{outcome}: {body}");
        assert!(outcome.contains(reason), "{outcome}, expected {reason}: {body}");
    }
}

#[test]
fn hostile_modules_are_refused() {
    let with = |from: &str, to: &str| {
        let text = pack("", "");
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    };
    for (text, expected) in [
        (
            pack(r#"(import "env" "f" (func))"#, ""),
            "refused: the module imports `env` `f`; a pack imports nothing but functions of \
             plugins that it declares",
        ),
        (
            with(r#"(memory (export "memory") 2 2)"#, r#"(import "a" "b" (memory 2 2))"#),
            "refused: the module imports `a` `b`",
        ),
        (pack("(start $s) (func $s)", ""), "refused: the module has a start function"),
        (with("2 2)", "2)"), "refused: the memory can grow"),
        (with("2 2)", "2 3)"), "refused: the memory can grow"),
        (with("2 2)", "65536 65536)"), "refused: bytes of memory: 4294967296, at most"),
        (with(r#"(memory (export "memory") 2 2)"#, ""), "refused: the module has no memory"),
        (with(r#"(export "memory")"#, ""), "refused: the module does not export `memory`"),
        (
            pack("", "i32.const 1 memory.grow drop"),
            "refused: function 1 grows the memory",
        ),
        (
            pack("(table 4000000000 4000000000 funcref)", ""),
            "refused: elements of the table: 4000000000, at most 65536",
        ),
        (pack("(table 1 funcref)", ""), "refused: the module has a table that can grow"),
        (
            pack("(table 1 1 funcref) (table 1 1 funcref)", ""),
            "refused: the module has several tables",
        ),
        (
            pack(&"(global (mut i32) (i32.const 0))".repeat(17), ""),
            "refused: number of mutable globals: 17, at most 16",
        ),
        (pack(&"(global i32 (i32.const 0))".repeat(1000), ""), "refused: number of globals"),
        (
            pack("", "").replace("(local $i i32)", &"(local i64)".repeat(10_001)),
            "refused: local variables of a function: 10002",
        ),
        (
            with(r#""tagout_abi_major") i32 (i32.const 1)"#, r#""tagout_abi_major") i32 (i32.const 2)"#),
            "refused: the pack has ABI 2.0; this runtime speaks 1.",
        ),
        (
            with(
                r#""tagout_abi_major") i32 (i32.const 1)"#,
                r#""tagout_abi_major") (mut i32) (i32.const 1)"#,
            ),
            // Exporting a mutable global is not even valid here.
            "refused: not a valid module: ",
        ),
        (
            with(r#"(func (export "bind") (param i32 i32)"#, r#"(func (export "bind") (param i32)"#),
            "refused: the export `bind` is not a function of two i32 to i32",
        ),
        (
            with(r#"(export "columns")"#, r#"(export "column")"#),
            "refused: the module does not export `columns`",
        ),
        (
            with(r#""tagout_out") i32 (i32.const 65536)"#, r#""tagout_out") i32 (i32.const 131072)"#),
            "refused: the area `tagout_out` does not lie inside the memory",
        ),
        (
            with(r#""tagout_out") i32 (i32.const 65536)"#, r#""tagout_out") i32 (i32.const -8)"#),
            "refused: the area `tagout_out` does not lie inside the memory",
        ),
        (
            with(r#""tagout_out") i32 (i32.const 65536)"#, r#""tagout_out") i32 (i32.const 65528)"#),
            "refused: the area `tagout_out` overlaps the area for batches",
        ),
        (
            with(r#""tagout_out_size") i32 (i32.const 4096)"#, r#""tagout_out_size") i32 (i32.const 8)"#),
            "refused: the area `tagout_out` is too small",
        ),
        (
            with(r#""tagout_batch") i32 (i32.const 0)"#, r#""tagout_batch") i64 (i64.const 0)"#),
            "refused: the export `tagout_batch` is not an immutable i32 global",
        ),
        (
            pack("", "").replace(
                "(i32.const 0))\n  (func (export \"columns\")",
                "(f32.relaxed_madd) (i32.const 0))\n  (func (export \"columns\")",
            ).replace("(f32.relaxed_madd)", "(drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0)))"),
            "refused: not a valid module: relaxed SIMD",
        ),
        ("(component)".to_owned(), "refused: "),
    ] {
        check(&text, expected);
    }
}

/// Functions of plugins: undeclared, of another module, twice, of another type, and what
/// is no function.
#[test]
fn imports_that_are_not_declared_are_refused() {
    for (text, expected) in [
        (
            pack(
                r#"(import "tagout_function" "p/g" (func (param i64) (result i64)))"#,
                "",
            ),
            "refused: the module imports `tagout_function` `p/g`",
        ),
        (
            pack(
                r#"(import "tagout_functions" "p/f" (func (param i64) (result i64)))"#,
                "",
            ),
            "refused: the module imports `tagout_functions` `p/f`",
        ),
        (
            pack(
                &r#"(import "tagout_function" "p/f" (func (param i64) (result i64)))"#
                    .repeat(2),
                "",
            ),
            "refused: the module imports `tagout_function` `p/f`",
        ),
        (
            pack(
                r#"(import "tagout_function" "p/f" (func (param i32) (result i64)))"#,
                "",
            ),
            "refused: the import `p/f` is not of the type of `f(int) -> int`",
        ),
        (
            pack(r#"(import "tagout_function" "p/f" (func (param i64)))"#, ""),
            "refused: the import `p/f` is not of the type of `f(int) -> int`",
        ),
        (
            pack(
                r#"(import "tagout_function" "p/t" (func (param i32) (result i32)))"#,
                "",
            ),
            "refused: the import `p/t` is not of the type of `t(text, ip) -> bool`",
        ),
        (
            pack(r#"(import "tagout_function" "p/f" (global i64))"#, ""),
            "refused: the module imports `tagout_function` `p/f`",
        ),
        (
            pack(&r#"(import "a" "b" (func))"#.repeat(1_001), ""),
            "refused: number of imports: 1001, at most 1000",
        ),
    ] {
        check(&text, expected);
    }
}

#[test]
fn bytes_that_are_no_module_are_refused() {
    let whole = wat::parse_str(pack("", "")).expect("assembles");
    assert_eq!(outcome_of(&whole), "proven: 2");
    // Only a cut between the code and the names leaves a whole module.
    let accepted = (0..whole.len())
        .filter(|&n| !outcome_of(&whole[..n]).starts_with("refused: "))
        .count();
    assert_eq!(accepted, 1);
    for garbage in [&b"not a module"[..], &[0; 4096], b"\0asm\x0d\0\x01\0", b"MZ\x90"] {
        let outcome = outcome_of(garbage);
        assert!(outcome.starts_with("refused: "), "{outcome}");
    }
    // Every single-bit fault is refused or leaves a module that was looked at.
    for byte in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[byte] ^= 1 << bit;
            outcome_of(&damaged);
        }
    }
}
