//! What plugins add: fields, functions, sessions; and another version at work.

use std::collections::BTreeMap;

use tagout_decode::LinkType;
use tagout_runtime::{Plugin, PluginOptions, ReplaceError};
use tagout_tests::plugins::{ECHO, SUM, Sensor, TAG, assemble, runtime, udp};

use super::{READ, pack, titles};

fn rule(name: &str, on: &str, condition: &str, title: &str) -> String {
    format!(
        "rule {name} {{\n    meta {{\n        severity = low\n        \
         description = \"of a test\"\n    }}\n    on {on}\n    where {condition}\n    \
         emit {{ title = \"{title}\" }}\n}}\n"
    )
}

#[test]
fn what_an_enricher_adds_is_there_for_rules() {
    let tag = assemble(TAG, &[]).unwrap();
    let own = rule(
        "own",
        "modbus as m",
        "m.tag.level == 7 and m.tag.owner == \"press\" and m.unit == 17",
        "{m.tag.owner} {m.unit}",
    );
    let plain = rule("plain", "modbus as m", "m.unit == 17", "unit {m.unit}");
    // The second was compiled without the plugin, for shorter records.
    let packs =
        [pack("own", &own, std::slice::from_ref(&tag)), pack("plain", &plain, &[])];
    let runtime = runtime(&[(tag, PluginOptions::default())], &packs).unwrap();
    let mut sensor = Sensor::start(&runtime).unwrap();
    for n in 0..700 {
        sensor.take(LinkType::RAW, &[udp((1, 1000 + n), (2, 502), &READ)]);
    }
    let seen = sensor.finish();
    assert_eq!(seen.reports, [""; 0]);
    let titles = titles(&seen.alerts);
    assert_eq!(titles.iter().filter(|title| *title == "press 17").count(), 700);
    assert_eq!(titles.iter().filter(|title| *title == "unit 17").count(), 700);
    let stats = &seen.stats.plugins["tag"];
    assert_eq!((stats.enriched, stats.set), (700, 1400));
    // A pack that needs the plugin is blind without it.
    let packs = [pack("own", &own, &[assemble(TAG, &[]).unwrap()])];
    let blind = tagout_tests::plugins::runtime(&[], &packs).unwrap();
    let blind = blind.session().unwrap().blind();
    assert!(blind[0].to_string().contains("no plugin `tag` 0.1.0"), "{blind:?}");
}

/// A pack says which plugins it was compiled with, and an older one does not serve it.
#[test]
fn a_pack_names_the_plugins_that_it_needs() {
    let plugin = |version: &str| assemble(ECHO, &[("1.2.3", version)]).unwrap();
    let rules = rule("any", "echo as e", "e.code >= 0", "{e.code}")
        + &rule("other", "modbus as m", "m.unit == 17", "{m.unit}");
    let packs = [pack("any", &rules, &[plugin("1.2.3")])];
    for (has, expected) in [
        (None, Some("no plugin `echo` 1.2.3")),
        (Some("1.2.2"), Some("plugin `echo` is 1.2.2, which does not serve for 1.2.3")),
        (Some("2.2.3"), Some("plugin `echo` is 2.2.3, which does not serve for 1.2.3")),
        (Some("1.2.3"), None),
        (Some("1.3.0"), None),
    ] {
        let plugins: Vec<_> =
            has.map(|has| (plugin(has), PluginOptions::default())).into_iter().collect();
        let blind = runtime(&plugins, &packs).unwrap().session().unwrap().blind();
        let blind: Vec<String> = blind.iter().map(ToString::to_string).collect();
        match expected {
            Some(expected) => {
                assert_eq!(blind, [format!("rule `any/any` is blind: {expected}")]);
            }
            None => assert_eq!(blind, [""; 0], "{has:?}"),
        }
    }
}

/// It is given what it reads and nothing else.
#[test]
fn an_enricher_sees_what_it_reads() {
    // It sets its level to the unit, and to 99 if any other field of the record is there.
    let look = "(call $set_int (local.get $n) (i32.const 0)
        (i64.load8_u offset=0x10062 (i32.mul (local.get $n)
          (i32.load (i32.const 0x10004)))))";
    let set = "(call $set_int (local.get $n) (i32.const 0) (i64.const 7))";
    let unit = look.replace("0x10062", "0x100a2"); // 64 + 98
    let function = look.replace("0x10062", "0x100a1");
    for (code, expected) in [(unit, "17"), (function, "0")] {
        let tag = assemble(TAG, &[(set, &code)]).unwrap();
        let own = rule("own", "modbus as m", "m.tag.level >= 0", "{m.tag.level}");
        let packs = [pack("own", &own, std::slice::from_ref(&tag))];
        let runtime = runtime(&[(tag, PluginOptions::default())], &packs).unwrap();
        let mut sensor = Sensor::start(&runtime).unwrap();
        sensor.take(LinkType::RAW, &[udp((1, 1000), (2, 502), &READ)]);
        assert_eq!(titles(&sensor.finish().alerts), [expected], "{code}");
    }
}

#[test]
fn plugins_pass_their_own_tests() {
    for text in [ECHO, TAG, SUM] {
        let plugin = assemble(text, &[]).unwrap();
        let runtime = runtime(&[(plugin, PluginOptions::default())], &[]).unwrap();
        for tested in runtime.test_plugins().unwrap() {
            assert!(!tested.results.is_empty());
            for result in tested.results {
                assert_eq!(
                    result.problems, [""; 0],
                    "{}: {}",
                    tested.plugin, result.name
                );
            }
        }
    }
    // And a test that must fail does.
    let edits = [("returns = 3 }", "returns = 4 }")];
    let plugin = assemble(SUM, &edits).unwrap();
    let runtime = runtime(&[(plugin, PluginOptions::default())], &[]).unwrap();
    let tested = runtime.test_plugins().unwrap();
    assert!(tested[0].results[0].problems[0].contains("`size` returned"));
}

/// A function's faults are missing values, and counted.
#[test]
fn a_function_that_fails_has_no_value() {
    let edits = [(
        ";;@size",
        "(if (i32.eq (local.get $len) (i32.const 3)) (then (loop (br 0))))",
    )];
    let plugin = assemble(SUM, &edits).unwrap();
    let runtime = runtime(&[(plugin, PluginOptions::default())], &[]).unwrap();
    let tested = runtime.test_plugins().unwrap();
    let problems = &tested[0].results[0].problems;
    assert!(
        problems[0].contains("returned None, expected Some(Integer(3))"),
        "{problems:?}"
    );
    assert!(problems.iter().any(|p| p.contains("(fuel)")), "{problems:?}");
    let odd = [(";;@within", "(return (i32.const 9))")];
    let plugin = assemble(SUM, &odd).unwrap();
    let runtime =
        tagout_tests::plugins::runtime(&[(plugin, PluginOptions::default())], &[]);
    let tested = runtime.unwrap().test_plugins().unwrap();
    let problems = &tested[0].results[0].problems;
    assert!(problems.iter().any(|p| p.contains("(result)")), "{problems:?}");
}

/// Each role has an instance of its own: what the enricher does wrong costs the decoder
/// nothing, and no flow is probed again.
#[test]
fn a_fault_of_the_enricher_leaves_the_flows_of_the_decoder() {
    let both = assemble(
        ECHO,
        &[
            (
                ";;@functions",
                "(func (export \"tagout_enrich\") (param i32 i32) (result i32) unreachable)",
            ),
            (
                ";;@manifest",
                "\"[enricher]\\nkinds = ['modbus']\\nreads = ['src.ip']\\n\"",
            ),
            (
                ";;@schema",
                "\"[[extend]]\\nkinds = ['modbus']\\n[[extend.field]]\\n\"
                 \"path = 'twin.n'\\ntype = 'u8'\\ndoc = 'none'\\nexample = 'e.twin.n == 1'\\n\"",
            ),
        ],
    )
    .unwrap();
    let own = rule("own", "modbus as m", "m.unit == 17", "{m.unit}");
    let packs = [pack("own", &own, &[])];
    let runtime = runtime(&[(both, PluginOptions::default())], &packs).unwrap();
    let mut sensor = Sensor::start(&runtime).unwrap();
    for _ in 0..5 {
        sensor.take(LinkType::RAW, &[udp((1, 1000), (9, 7777), b"hello")]);
        for n in 0..300 {
            sensor.take(LinkType::RAW, &[udp((1, 1000 + n), (2, 502), &READ)]);
        }
    }
    let seen = sensor.finish();
    let stats = &seen.stats.plugins["echo"];
    assert!(stats.faults["trap"] > 1, "{stats:?}");
    assert_eq!((stats.events, stats.calls["probe"]), (5, 1), "{stats:?}");
}

#[test]
fn sessions_are_bounded_and_their_numbers_used_again() {
    let plugin = assemble(ECHO, &[]).unwrap();
    let mut options = PluginOptions::default();
    options.limits.sessions = Some(3);
    let runtime = runtime(&[(plugin, options)], &[]).unwrap();
    let mut sensor = Sensor::start(&runtime).unwrap();
    for port in 0..10 {
        sensor.take(LinkType::RAW, &[udp((1, 1000 + port), (2, 7777), b"x")]);
    }
    let seen = sensor.finish();
    let stats = &seen.stats.plugins["echo"];
    assert_eq!(stats.events, 3);
    assert!(stats.refused >= 7, "{stats:?}");
}

/// A plugin cannot speak for another flow: it can only say that an event goes the other
/// way.
#[test]
fn an_event_is_of_the_message_it_came_from() {
    // Source address and port of the record, with their bits.
    let claim = "(i64.store (i32.const 0x20040) (i64.const 0xff))
        (memory.fill (i32.const 0x20058) (i32.const 1) (i32.const 40))";
    let plugin = assemble(ECHO, &[(";;@emit", claim)]).unwrap();
    let rules = rule("any", "echo as e", "e.code >= 0", "{e.src.ip}:{e.src.port}");
    let packs = [pack("any", &rules, std::slice::from_ref(&plugin))];
    let runtime = runtime(&[(plugin, PluginOptions::default())], &packs).unwrap();
    let mut sensor = Sensor::start(&runtime).unwrap();
    sensor.take(LinkType::RAW, &[udp((1, 1000), (2, 7777), b"x")]);
    let seen = sensor.finish();
    assert_eq!(titles(&seen.alerts), ["10.0.0.1:1000"]);
    let alert: serde_json::Value = serde_json::from_str(&seen.alerts[0]).unwrap();
    assert!(alert["tagout"]["event"]["src"].get("asset").is_none(), "{alert}");
}

#[test]
fn another_version_takes_over_between_two_events() {
    let first = assemble(ECHO, &[]).unwrap();
    // It adds one to the code.
    let later = [
        ("1.2.3", "1.2.4"),
        (
            "(i32.load8_u offset=128 (local.get $at))",
            "(i32.add (i32.const 1) (i32.load8_u offset=128 (local.get $at)))",
        ),
    ];
    let later = Plugin::read(&assemble(ECHO, &later).unwrap()).unwrap();
    let rules = rule("any", "echo as e", "e.code >= 0", "{e.code}");
    let packs = [pack("any", &rules, std::slice::from_ref(&first))];
    let runtime = runtime(&[(first, PluginOptions::default())], &packs).unwrap();
    let mut sensor = Sensor::start(&runtime).unwrap();
    let packet = udp((1, 1000), (2, 7777), &[10]);
    sensor.take(LinkType::RAW, &[packet.clone(), packet.clone()]);
    let at = sensor.session.replace_plugin(later.clone(), &PluginOptions::default());
    assert_eq!(at, Ok(2));
    sensor.take(LinkType::RAW, &[packet.clone(), packet]);
    // What declares something else does not take over, and it is said what needs it.
    let other = assemble(ECHO, &[("path = 'size'", "path = 'length'")]).unwrap();
    let other = Plugin::read(&other).unwrap();
    let refused = sensor.session.replace_plugin(other, &PluginOptions::default());
    let Err(ReplaceError::Declares { what, packs, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((what, packs), (vec!["echo".to_owned()], vec!["any".to_owned()]));
    let unknown = Plugin::read(&assemble(TAG, &[]).unwrap()).unwrap();
    let refused = sensor.session.replace_plugin(unknown, &PluginOptions::default());
    assert_eq!(refused, Err(ReplaceError::Unknown("tag".to_owned())));
    let seen = sensor.finish();
    assert_eq!(titles(&seen.alerts), ["10", "10", "11", "11"]);
    assert_eq!(seen.stats.plugins["echo"].version, "1.2.4");
}

/// A file that the site gives is read when the plugin starts.
#[test]
fn files_of_the_site_are_given() {
    let import = "(import \"tagout\" \"data\" (func $data
        (param i32 i32 i32 i32 i32) (result i64)))";
    let start = "(data (i32.const 0x300) \"list\")
        (global $whole (mut i64) (i64.const 0))
        (func (export \"tagout_start\") (result i32)
          (global.set $whole (call $data (i32.const 0x300) (i32.const 4) (i32.const 2)
            (i32.const 0x400) (i32.const 3)))
          (if (i64.ne (i64.const -1) (call $data (i32.const 0x301) (i32.const 3)
              (i32.const 0) (i32.const 0x500) (i32.const 9)))
            (then (return (i32.const 1))))
          (i32.const 0))";
    let event = "(local.set $len (i32.const 3))
        (memory.copy (i32.add (local.get $at) (i32.const 128)) (i32.const 0x400)
          (i32.const 3))
        (i32.store8 offset=128 (local.get $at) (i32.wrap_i64 (global.get $whole)))";
    let edits = [(";;@imports", import), (";;@functions", start), (";;@event", event)];
    let plugin = assemble(ECHO, &edits).unwrap();
    let data = BTreeMap::from([("list".to_owned(), b"0123456".to_vec().into())]);
    let options =
        PluginOptions { allow: vec!["data".into()], data, ..PluginOptions::default() };
    let rules = rule("any", "echo as e", "e.code >= 0", "{e.code} {e.body}");
    let packs = [pack("any", &rules, std::slice::from_ref(&plugin))];
    let runtime = runtime(&[(plugin, options)], &packs).unwrap();
    let mut sensor = Sensor::start(&runtime).unwrap();
    sensor.take(LinkType::RAW, &[udp((1, 1000), (2, 7777), b"abc")]);
    let titles = titles(&sensor.finish().alerts);
    assert_eq!(titles.len(), 1);
    assert!(titles[0].starts_with("7 ") && titles[0].ends_with("34"), "{titles:?}");
}

/// A second enricher, which says other things.
fn mark() -> Vec<u8> {
    let edits = [
        ("name = 'tag'", "name = 'mark'"),
        ("tag.level", "mark.level"),
        ("tag.owner", "mark.owner"),
        ("(i64.const 7)", "(i64.const 9)"),
        ("\"press\")", "\"paint\")"),
        ("{\\\"tag\\\":{\\\"level\\\":7,\\\"owner\\\":\\\"press\\\"}}", "{}"),
    ];
    assemble(TAG, &edits).unwrap()
}

/// A pack that was compiled with enrichers in one order runs with them in the other, and
/// with more of them.
#[test]
fn the_order_of_enrichers_does_not_matter() {
    let (tag, mark) = (assemble(TAG, &[]).unwrap(), mark());
    let both = rule(
        "both",
        "modbus as m",
        "m.tag.level == 7 and m.tag.owner == \"press\" and m.mark.level == 9 \
         and m.mark.owner == \"paint\" and m.unit == 17",
        "{m.tag.owner} {m.mark.owner}",
    );
    let one =
        rule("one", "modbus as m", "m.mark.owner == \"paint\"", "only {m.mark.owner}");
    let packs = [
        pack("both", &both, &[tag.clone(), mark.clone()]),
        pack("one", &one, std::slice::from_ref(&mark)),
        pack("plain", &rule("plain", "modbus as m", "m.unit == 17", "unit"), &[]),
    ];
    let options = PluginOptions::default;
    for plugins in [
        [(tag.clone(), options()), (mark.clone(), options())],
        [(mark.clone(), options()), (tag.clone(), options())],
    ] {
        let runtime = runtime(&plugins, &packs).unwrap();
        let mut sensor = Sensor::start(&runtime).unwrap();
        assert_eq!(sensor.session.blind(), []);
        for n in 0..300 {
            sensor.take(LinkType::RAW, &[udp((1, 1000 + n), (2, 502), &READ)]);
        }
        let seen = sensor.finish();
        assert_eq!(seen.reports, [""; 0]);
        let titles = titles(&seen.alerts);
        for title in ["press paint", "only paint", "unit"] {
            let n = titles.iter().filter(|found| *found == title).count();
            assert_eq!(n, 300, "{title}");
        }
    }
    // Without one of them its rules are blind, and the others are as before.
    let runtime = runtime(&[(mark, options())], &packs).unwrap();
    let mut sensor = Sensor::start(&runtime).unwrap();
    let blind = sensor.session.blind();
    assert!(blind.len() == 1 && blind[0].rule == "both/both", "{blind:?}");
    sensor.take(LinkType::RAW, &[udp((1, 1000), (2, 502), &READ)]);
    assert_eq!(titles(&sensor.finish().alerts), ["only paint", "unit"]);
}

/// What `why` says of an event is what `run` does with it.
#[test]
fn an_explanation_sees_what_enrichers_add() {
    let tag = assemble(TAG, &[]).unwrap();
    let own = rule("own", "modbus as m", "m.tag.level == 7", "{m.tag.owner}");
    let packs = [pack("own", &own, std::slice::from_ref(&tag))];
    let runtime = runtime(&[(tag, PluginOptions::default())], &packs).unwrap();
    let line = br#"{"ts":"2026-11-22T10:00:00Z","kind":"modbus","modbus":{"unit":1}}"#;
    let why = runtime.session().unwrap().explain_line("own/own", line).unwrap();
    assert_eq!((why.verdict, why.lacks), ("match", Vec::new()));
    let mut replay = runtime.replay().unwrap();
    let kind = runtime.schema().kind_idx("modbus").unwrap();
    replay.event(kind, |_| {}).unwrap();
    assert_eq!(replay.round(), Ok(1));
    assert_eq!(replay.round(), Ok(1));
}
