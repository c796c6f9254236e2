//! Many messages in a call: it cannot be seen in what comes of them.

use tagout_decode::LinkType;
use tagout_runtime::PluginOptions;
use tagout_tests::plugins::{ECHO, Seen, Sensor, assemble, runtime, udp};

use super::{WITNESSES, good, pack, packets};

/// Edits that have the plugin say which message each event is of.
const OF: [(&str, &str); 5] = [
    ("(memory (export \"memory\") 4)", "(memory (export \"memory\") 5)"),
    (
        "(import \"tagout\" \"emit\" (func $emit (param i32 i32)))",
        "(import \"tagout\" \"emit_of\" (func $emit_of (param i32 i32 i32)))
         (global $position (mut i32) (i32.const 0))
         (global $number (mut i32) (i32.const 0))
         (global $free (mut i32) (i32.const 0))",
    ),
    (
        "(local.set $at (i32.const 0x10000))",
        "(local.set $at (i32.const 0x10000)) (global.set $position (i32.const 0))
         (global.set $number (i32.const 0)) (global.set $free (i32.const 0x40000))",
    ),
    (
        "(local.set $at (i32.add (local.get $at) (i32.load (local.get $at))))",
        "(local.set $at (i32.add (local.get $at) (i32.load (local.get $at))))
         (global.set $position (i32.add (global.get $position) (i32.const 1)))",
    ),
    (
        ";;@functions",
        // A batch stays where it is until the call ends: each has a place of its own.
        "(func $emit (param i32 i32)
           (if (i32.gt_u (global.get $free)
                 (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 0x10000)))
             (then (drop (memory.grow (i32.const 1)))))
           (memory.copy (global.get $free) (local.get 0) (local.get 1))
           (i32.store16 (i32.const 0x200) (global.get $position))
           (i32.store16 (i32.const 0x202) (global.get $number))
           (global.set $number (i32.add (global.get $number) (i32.const 1)))
           ;;@position
           (call $emit_of (global.get $free) (local.get 1) (i32.const 0x200))
           (global.set $free (i32.and (i32.const -8)
             (i32.add (global.get $free) (i32.add (local.get 1) (i32.const 8))))))",
    ),
];

/// The plugin with other edits, that says which message events are of or does not.
fn echo(edits: &[(&str, &str)], says: bool) -> Vec<u8> {
    let of: &[(&str, &str)] = if says { &OF } else { &[] };
    let edits: Vec<(&str, &str)> = of.iter().chain(edits).copied().collect();
    assemble(ECHO, &edits).expect("it assembles")
}

/// Runs it beside the good one, with rules over the events of all.
fn run(plugin: &[u8], packets: &[Vec<u8>]) -> Seen {
    let rules = format!(
        "{WITNESSES}
rule told {{
    meta {{
        severity = low
        description = \"the plugin was given something\"
    }}
    on echo as e
    where e.size >= 0
    emit {{ title = \"{{e.src.port}} tells {{e.body}}\" }}
}}
"
    );
    let pack = pack("witnesses", &rules, &[good(), plugin.to_vec()]);
    let plugins = [plugin.to_vec(), good()];
    let plugins = plugins.map(|bytes| (bytes, PluginOptions::default()));
    let runtime = runtime(&plugins, &[pack]).expect("it loads");
    let mut sensor = Sensor::start(&runtime).expect("it starts");
    sensor.take(LinkType::RAW, packets);
    let frame = [&[2_u8; 12][..], &[0x88, 0xb5], &[9; 60]].concat();
    sensor.take(LinkType::ETHERNET, std::slice::from_ref(&frame));
    sensor.take(LinkType::RAW, packets);
    sensor.take(LinkType::ETHERNET, &[frame]);
    sensor.finish()
}

/// To the last byte: numbers of events are part of an alert's identifier.
#[test]
fn events_come_in_their_order() {
    let one = run(&echo(&[], false), &packets());
    let many = run(&echo(&[], true), &packets());
    assert_eq!(one.reports, [""; 0]);
    assert_eq!(many.reports, [""; 0]);
    assert_eq!(one.alerts.len(), 48 * 6 + 2);
    assert_eq!(many.alerts, one.alerts);
    let (one, many) = (&one.stats.plugins["echo"], &many.stats.plugins["echo"]);
    assert_eq!((one.events, one.messages), (many.events, many.messages));
    assert_eq!(one.calls["decode"], 98);
    assert!(many.calls["decode"] < 20, "{many:?}");
}

/// One message can bring more events than a batch has room for.
#[test]
fn full_batches_change_nothing() {
    let twenty = "(local.set $at (i32.const 20))
        (loop
          (call $emit (i32.const 0x20000) (i32.add (i32.const 776) (local.get $len)))
          (br_if 0 (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))";
    let edits = [(";;@emit", twenty)];
    let one = run(&echo(&edits, false), &packets());
    let many = run(&echo(&edits, true), &packets());
    assert_eq!(many.reports, [""; 0]);
    assert_eq!(many.stats.plugins["echo"].events, 98 * 21);
    assert_eq!(many.alerts.len(), 98 * 21 + 48 * 4);
    assert_eq!(many.alerts, one.alerts);
}

/// What a flow says that goes the other way, and what many flows say at once.
#[test]
fn each_event_has_the_envelope_of_its_message() {
    let mut packets = Vec::new();
    for n in 0..200_u16 {
        packets.push(udp((1, 40_000 + n % 7), (2, 7777), &n.to_be_bytes()));
        packets.push(udp((2, 7777), (1, 40_000 + n % 7), &n.to_be_bytes()));
    }
    let one = run(&echo(&[], false), &packets);
    let many = run(&echo(&[], true), &packets);
    assert_eq!(many.alerts.len(), 802);
    assert_eq!(many.alerts, one.alerts);
}

#[test]
fn positions_that_lie() {
    for (name, code) in [
        ("one that is not there", "(i32.store16 (i32.const 0x200) (i32.const 999))"),
        ("of the message that opens", "(i32.store16 (i32.const 0x200) (i32.const 0))"),
    ] {
        let seen = run(&echo(&[(";;@position", code)], true), &packets());
        let stats = &seen.stats.plugins["echo"];
        assert!(stats.faults["emit"] > 0, "{name}: {stats:?}");
        assert_eq!(seen.stats.plugins["good"].events, 96, "{name}");
    }
    let falls = "(if (i32.eq (global.get $position) (i32.const 5))
        (then (i32.store16 (i32.const 0x202) (i32.const 1))))";
    let outside = "(call $emit_of (local.get 0) (local.get 1) (i32.const -2))";
    for (name, code) in [("one that falls", falls), ("one outside", outside)] {
        let seen = run(&echo(&[(";;@position", code)], true), &packets());
        assert!(seen.stats.plugins["echo"].faults["emit"] > 0, "{name}");
    }
    // A plugin that has both says it of all or of none.
    let both = "(import \"tagout\" \"emit_of\" (func $emit_of (param i32 i32 i32)))";
    let plugin = assemble(ECHO, &[(";;@imports", both)]).expect("it assembles");
    let seen = run(&plugin, &packets());
    assert!(seen.stats.plugins["echo"].faults["emit"] > 0);
}

/// The limit is of each message, not of the call.
#[test]
fn events_are_counted_by_message() {
    let many = "(local.set $at (i32.const 300))
        (loop
          (call $emit (i32.const 0x20000) (i32.add (i32.const 776) (local.get $len)))
          (br_if 0 (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))";
    let seen = run(&echo(&[(";;@emit", many)], true), &packets());
    let stats = &seen.stats.plugins["echo"];
    assert!(stats.faults["events"] > 0 && stats.events == 0, "{stats:?}");
}
