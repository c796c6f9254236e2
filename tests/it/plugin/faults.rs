//! What a plugin does wrong while it runs: it costs the plugin's own events, is counted,
//! and changes nothing else.

use std::collections::BTreeMap;

use tagout_runtime::PluginOptions;
use tagout_tests::plugins::{ECHO, TAG, assemble, runtime};

use super::{run, uncounted};

/// What must come of a plugin.
enum Then {
    /// Faults of this reason, until it is off.
    Off(&'static str),
    /// So many events, and fields that made no sense or none.
    Events(u64, bool),
}
use Then::{Events, Off};

#[track_caller]
fn check(name: &str, text: &str, edits: &[(&str, &str)], then: &Then) {
    check_with(name, text, edits, &PluginOptions::default(), then);
}

#[track_caller]
fn check_with(
    name: &str,
    text: &str,
    edits: &[(&str, &str)],
    options: &PluginOptions,
    then: &Then,
) {
    let plugin = assemble(text, edits).unwrap_or_else(|error| panic!("{name}: {error}"));
    let without = run(None, options).expect("the good plugin runs");
    assert_eq!(without.alerts.len(), 96, "the witnesses speak");
    let seen =
        run(Some(plugin.clone()), options).unwrap_or_else(|e| panic!("{name}: {e}"));
    let own = if text == TAG { "tag" } else { "echo" };
    let stats = &seen.stats.plugins[own];
    match then {
        Off(reason) => {
            assert_eq!(stats.faults.get(reason), Some(&16), "{name}: {stats:?}");
            assert!(stats.off, "{name}");
            let faults = seen.reports.iter().filter(|r| r.starts_with("fault of"));
            assert_eq!(faults.count(), 16, "{name}");
            let last = seen.reports.last().unwrap();
            assert!(last.contains("is off from now on"), "{name}: {last}");
            // Not a byte is different.
            if own == "echo" {
                assert_eq!(stats.events, 0, "{name}");
                assert_eq!(seen.alerts, without.alerts, "{name}");
            }
        }
        Events(events, invalid) => {
            assert!(stats.faults.is_empty(), "{name}: {:?}", seen.reports);
            assert_eq!(stats.events, *events, "{name}: {stats:?}");
            assert_eq!(stats.invalid > 0, *invalid, "{name}: {stats:?}");
            assert_eq!(uncounted(&seen.alerts), uncounted(&without.alerts), "{name}");
        }
    }
    assert!(seen.stats.faults.is_empty(), "{name}: no pack failed");
    assert!(seen.stats.plugins["good"].faults.is_empty(), "{name}");
    // The same once more, to the last number.
    let again = run(Some(plugin), options).unwrap();
    assert_eq!(again, seen, "{name}: it is the same each time");
}

/// All messages: 48 datagrams and a frame.
const ALL: u64 = 49;

#[test]
fn nothing_wrong() {
    check("echo", ECHO, &[], &Events(ALL, false));
}

#[test]
fn what_does_not_end() {
    for (name, at) in [
        ("the probe", ";;@probe"),
        ("the decoder", ";;@decoded"),
        ("each message", ";;@event"),
    ] {
        check(name, ECHO, &[(at, "(loop (br 0))")], &Off("fuel"));
    }
    // Ten thousand times as slow as it could be.
    let slow = [
        (
            "(local $len i32)\n    (local.set $len (i32.load offset=12 (local.get $at)))",
            "(local $len i32) (local $n i32)
             (local.set $len (i32.load offset=12 (local.get $at)))",
        ),
        (
            ";;@event",
            "(local.set $n (i32.const 1000000))
             (loop (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))",
        ),
    ];
    check("slow", ECHO, &slow, &Off("fuel"));
    let mut more = PluginOptions::default();
    more.limits.fuel =
        Some(tagout_spec::function::CallCost { call: 10_000_000, byte: 0 });
    check_with("slow, and allowed to be", ECHO, &slow, &more, &Events(ALL, false));
    let recursion = "(call $event (local.get $at))";
    check("a call that calls itself", ECHO, &[(";;@event", recursion)], &Off("trap"));
    let deep = "(func (export \"deep\") (param i64 i64 i64 i64) (result i64)
        (i64.add (local.get 0) (call 4 (i64.add (local.get 0) (i64.const 1))
          (local.get 1) (local.get 2) (local.get 3))))";
    let edits = [
        (";;@functions", deep),
        (
            ";;@event",
            "(drop (call 4 (i64.const 0)
          (i64.const 0) (i64.const 0) (i64.const 0)))",
        ),
    ];
    check("deep recursion", ECHO, &edits, &Off("trap"));
}

#[test]
fn what_takes_too_much() {
    let grow = "(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))";
    let and_die = format!("{grow} (unreachable)");
    check("growth, and no way on", ECHO, &[(";;@event", &and_die)], &Off("memory"));
    check("growth, and a way on", ECHO, &[(";;@event", grow)], &Events(ALL, false));
    let many = "(local.set $len (i32.const 300))
        (loop
          (call $emit (i32.const 0x20000) (i32.const 776))
          (br_if 0 (local.tee $len (i32.sub (local.get $len) (i32.const 1)))))";
    let head = "(i32.store (i32.const 0x20004) (i32.const 712))
        (i32.store (i32.const 0x20008) (i32.const 1))
        (i32.store (i32.const 0x2000c) (i32.const 776))
        (i32.store (i32.const 0x20010) (i32.const 776))";
    let flood = format!("{head} {many}");
    check("too many events", ECHO, &[(";;@event", &flood)], &Off("events"));
    let empty = "(i32.store (i32.const 0x20004) (i32.const 712))
        (i32.store (i32.const 0x20008) (i32.const 0))
        (i32.store (i32.const 0x2000c) (i32.const 776))
        (i32.store (i32.const 0x20010) (i32.const 776))";
    let flood = format!("{empty} {many}");
    check("too many batches of none", ECHO, &[(";;@event", &flood)], &Off("events"));
}

#[test]
fn what_traps() {
    for (name, code) in [
        ("unreachable", "(unreachable)"),
        ("division", "(drop (i32.div_u (i32.const 1) (i32.const 0)))"),
        ("a write outside", "(i32.store (i32.const -4) (i32.const 0))"),
        ("a read outside", "(drop (i64.load (i32.const 0x7ffffff8)))"),
        ("a copy outside", "(memory.copy (i32.const -8) (i32.const 8) (i32.const 99))"),
    ] {
        check(name, ECHO, &[(";;@event", code)], &Off("trap"));
        check(name, ECHO, &[(";;@probe", code)], &Off("trap"));
    }
    // A fault costs its own events: one of six datagrams of each flow.
    let sometimes = "(if (i32.eq (i32.load8_u offset=128 (local.get $at)) (i32.const 3))
        (then (unreachable)))";
    let plugin = assemble(ECHO, &[(";;@event", sometimes)]).unwrap();
    let seen = run(Some(plugin), &PluginOptions::default()).unwrap();
    let stats = &seen.stats.plugins["echo"];
    assert_eq!((stats.events, stats.faults["trap"]), (ALL - 8, 8), "{stats:?}");
    assert!(!stats.off);
}

#[test]
fn what_means_nothing() {
    let decoded = "(return (i32.const 3))";
    check("a decoder's three", ECHO, &[(";;@decoded", decoded)], &Off("result"));
    check(
        "a probe's nine",
        ECHO,
        &[(";;@probe", "(return (i32.const 9))")],
        &Off("result"),
    );
    let no = "(return (i32.const 0))";
    check("a probe's no", ECHO, &[(";;@probe", no)], &Events(1, false));
    let more = "(return (i32.const 1))";
    check(
        "a probe that wants more for ever",
        ECHO,
        &[(";;@probe", more)],
        &Events(1, false),
    );
}

#[test]
fn batches_that_lie() {
    let emit = |code: &str| {
        let plugin = assemble(ECHO, &[(";;@emit", code)]);
        plugin.map(|_| code.to_owned()).unwrap()
    };
    for (name, code) in [
        ("another's kind", "(i32.store (i32.const 0x20000) (i32.const 1))"),
        ("no such kind", "(i32.store (i32.const 0x20000) (i32.const -1))"),
        ("a short record", "(i32.store (i32.const 0x20004) (i32.const 8))"),
        ("an odd record", "(i32.store (i32.const 0x20004) (i32.const 713))"),
        ("a long record", "(i32.store (i32.const 0x20004) (i32.const -8))"),
        ("many records", "(i32.store (i32.const 0x20008) (i32.const 200))"),
        ("too many records", "(i32.store (i32.const 0x20008) (i32.const -1))"),
        ("an arena in the records", "(i32.store (i32.const 0x2000c) (i32.const 64))"),
        ("an arena outside", "(i32.store (i32.const 0x2000c) (i32.const -1))"),
        (
            "fewer bytes than the arena's start",
            "(i32.store (i32.const 0x20010) (i32.const 70))",
        ),
        (
            "more bytes than are given",
            "(i32.store (i32.const 0x20010) (i32.const 0x20000))",
        ),
        ("bytes outside", "(call $emit (i32.const 0x3fff0) (i32.const 776))"),
        ("an end that wraps", "(call $emit (i32.const 0x20000) (i32.const -1))"),
        ("nothing", "(call $emit (i32.const 0x20000) (i32.const 0))"),
    ] {
        check(name, ECHO, &[(";;@emit", &emit(code))], &Off("emit"));
    }
    let early = "(call $emit (i32.const 0x20000) (i32.const 776))";
    check("an event out of the probe", ECHO, &[(";;@probe", early)], &Off("emit"));
}

#[test]
fn fields_that_lie() {
    for (name, code) in [
        ("a text in the records", "(i32.store (i32.const 0x202f0) (i32.const 64))"),
        ("a text outside", "(i32.store (i32.const 0x202f0) (i32.const -1))"),
        ("a long text", "(i32.store (i32.const 0x202f4) (i32.const -1))"),
    ] {
        check(name, ECHO, &[(";;@emit", code)], &Events(ALL, true));
    }
    for (name, code) in [
        ("a text that was shorter", "(i32.store (i32.const 0x202f8) (i32.const 0))"),
        ("a text that was longer", "(i32.store (i32.const 0x202f8) (i32.const -1))"),
        ("all bits", "(i64.store (i32.const 0x20040) (i64.const -1))
          (i64.store (i32.const 0x20050) (i64.const -1))"),
        ("null and invalid at once", "(i64.store (i32.const 0x200c8) (i64.const -1))
          (i64.store (i32.const 0x200e0) (i64.const -1))"),
        ("writes into the input", "(memory.fill (i32.const 0x10000) (i32.const 255)
          (i32.const 0x10000)) (local.set $at (i32.const 0x20000)) (local.set $len (i32.const 2))"),
    ] {
        let edits = [(";;@emit", code)];
        let plugin = assemble(ECHO, &edits).unwrap();
        let seen = run(Some(plugin), &PluginOptions::default()).unwrap();
        assert!(seen.stats.faults.is_empty(), "{name}");
        assert_eq!(seen.alerts.len(), 96, "{name}");
    }
}

/// Whatever bytes a batch has, nothing breaks.
#[test]
fn noise() {
    let noise = "(local.set $at (i32.add (local.get $at) (i32.const 128)))
        (local.set $n (i32.const 0x20040))
        (local.set $x (i32.add (i32.mul (i32.load16_u (local.get $at)) (i32.const 40503)) (i32.const SEED)))
        (loop
          (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525))
            (i32.const 1013904223)))
          (i32.store (local.get $n) (i32.shr_u (local.get $x) (i32.const 7)))
          (local.set $n (i32.add (local.get $n) (i32.const 4)))
          (br_if 0 (i32.lt_u (local.get $n) (i32.const 0x20400))))";
    let fields = "
[[kind.field]]
path = 'list'
type = 'list text'
max = 4096
doc = ''
example = ''
[[kind.field]]
path = 'group'
type = 'group'
max = 512
doc = ''
example = ''
[[kind.field.field]]
path = 'a'
type = 'text'
doc = ''
example = ''
[[kind.field.field]]
path = 'b'
type = 'float'
doc = ''
example = ''
[[kind.field]]
path = 'map'
type = 'map'
max = 255
doc = ''
example = ''
[[kind.field]]
path = 'range'
type = 'range'
doc = ''
example = ''
[[kind.field]]
path = 'wide'
type = 'u64'
doc = ''
example = ''
[[kind.field]]
path = 'yes'
type = 'bool'
doc = ''
example = ''
[[kind.field]]
path = 'mac'
type = 'mac'
doc = ''
example = ''";
    let fields: String = fields.lines().map(|line| format!("\"{line}\\n\"\n")).collect();
    let mut invalid = 0;
    for seed in 0..24 {
        let noise = noise.replace("SEED", &seed.to_string());
        let edits = [
            (
                "(func $event (param $at i32)",
                "(func $event (param $at i32) (local $n i32) (local $x i32)",
            ),
            (";;@emit", noise.as_str()),
            (";;@schema", fields.as_str()),
        ];
        let plugin = assemble(ECHO, &edits).unwrap();
        let mut options = PluginOptions::default();
        options.limits.fuel =
            Some(tagout_spec::function::CallCost { call: 1_000_000, byte: 0 });
        let seen = run(Some(plugin), &options).unwrap();
        assert_eq!(seen.alerts.len(), 96, "{:?}", seen.reports);
        invalid += seen.stats.plugins["echo"].invalid;
    }
    assert!(invalid > 100, "noise makes no sense: {invalid}");
}

#[test]
fn what_an_enricher_does_wrong() {
    let set = "(call $set_int (local.get $n) (i32.const 0) (i64.const 7))";
    let unit = |code: &'static str| [(set, code)];
    for (name, code, reason) in [
        (
            "no such field",
            "(call $set_int (local.get $n) (i32.const 2) (i64.const 7))",
            "set",
        ),
        (
            "a field far away",
            "(call $set_int (local.get $n) (i32.const -1) (i64.const 7))",
            "set",
        ),
        (
            "no such record",
            "(call $set_int (i32.const 256) (i32.const 0) (i64.const 7))",
            "set",
        ),
        (
            "a record far away",
            "(call $set_int (i32.const -1) (i32.const 0) (i64.const 7))",
            "set",
        ),
        (
            "too large",
            "(call $set_int (local.get $n) (i32.const 0) (i64.const 256))",
            "set",
        ),
        (
            "below zero",
            "(call $set_int (local.get $n) (i32.const 0) (i64.const -1))",
            "set",
        ),
        (
            "another type",
            "(call $set_int (local.get $n) (i32.const 1) (i64.const 7))",
            "set",
        ),
        (
            "a text outside",
            "(call $set_text (local.get $n) (i32.const 1) (i32.const -4) (i32.const 8))",
            "set",
        ),
        (
            "the same again and again",
            "(loop (call $set_int (local.get $n) (i32.const 0) (i64.const 1)) (br 0))",
            "set",
        ),
        ("no end", "(loop (br 0))", "fuel"),
        ("a trap", "(unreachable)", "trap"),
        ("a status", "(return (i32.const 1))", "result"),
    ] {
        let plugin = assemble(TAG, &unit(code)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let options = PluginOptions { faults: 1, ..PluginOptions::default() };
        let seen = run(Some(plugin), &options).unwrap();
        let stats = &seen.stats.plugins["tag"];
        assert_eq!(stats.faults.get(reason), Some(&1), "{name}: {stats:?}");
        assert!(stats.off && stats.set == 0, "{name}: {stats:?}");
        let without = run(None, &options).unwrap();
        assert_eq!(seen.alerts, without.alerts, "{name}");
    }
}

#[test]
fn what_is_logged_is_bounded() {
    let import = "(import \"tagout\" \"log\" (func $log (param i32 i32 i32)))";
    let options = PluginOptions { allow: vec!["log".into()], ..PluginOptions::default() };
    let flood =
        "(loop (call $log (i32.const 9) (i32.const 0) (i32.const 0x20000)) (br 0))";
    let edits = [(";;@imports", import), (";;@event", flood)];
    check_with("a flood", ECHO, &edits, &options, &Off("fuel"));
    let outside = "(call $log (i32.const 0) (i32.const -1) (i32.const 2))";
    let edits = [(";;@imports", import), (";;@event", outside)];
    check_with("a line outside", ECHO, &edits, &options, &Off("trap"));
    let say = "(call $log (i32.const 1) (i32.const 0x100) (i32.const 5))";
    let plugin = assemble(ECHO, &[(";;@imports", import), (";;@event", say)]).unwrap();
    let seen = run(Some(plugin), &options).unwrap();
    let line = seen.reports.first().unwrap();
    assert_eq!(
        line, "plugin `echo`: warning: TGPL ",
        "without what a terminal would obey"
    );
}

/// A loop of a few instructions can have the host copy a large file at each turn.
#[test]
fn what_the_host_copies_of_files_costs_fuel() {
    let import = "(import \"tagout\" \"data\" (func $data
        (param i32 i32 i32 i32 i32) (result i64)))";
    let data = BTreeMap::from([("list".to_owned(), vec![0; 0x10000].into())]);
    let options =
        PluginOptions { allow: vec!["data".into()], data, ..PluginOptions::default() };
    // A start has fuel for a thousand times the file, of which the name is a part.
    for (what, copies, len, name, starts) in [
        ("most of it", 900, 0x10000, 4, true),
        ("more", 1_100, 0x10000, 4, false),
        ("a long name", 1_100, 0, 0x10000, false),
    ] {
        let start = format!(
            "(data (i32.const 0x300) \"list\")
            (func (export \"tagout_start\") (result i32)
              (local $n i32)
              (local.set $n (i32.const {copies}))
              (loop $next
                (drop (call $data (i32.const 0x300) (i32.const {name}) (i32.const 0)
                  (i32.const 0x30000) (i32.const {len})))
                (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
              (i32.const 0))"
        );
        let edits = [(";;@imports", import), (";;@functions", start.as_str())];
        let plugin = assemble(ECHO, &edits).unwrap();
        let error = runtime(&[(plugin, options.clone())], &[]).err();
        match error {
            None => assert!(starts, "{what}"),
            Some(error) => {
                assert!(
                    !starts && error.contains("it ran out of fuel"),
                    "{what}: {error}"
                );
            }
        }
    }
}
