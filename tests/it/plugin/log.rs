//! What a plugin logs, and when it is said.

use tagout_compiler::PackSource;
use tagout_decode::LinkType;
use tagout_runtime::{Plugin, PluginOptions};
use tagout_spec::schema::Schema;
use tagout_tests::plugins::{ECHO, SUM, Sensor, TAG, assemble, runtime};

use super::{packets, run};

const LOG: (&str, &str) =
    (";;@imports", "(import \"tagout\" \"log\" (func $log (param i32 i32 i32)))");
/// Says the first four bytes of the header.
const SAY: &str = "(call $log (i32.const 1) (i32.const 0x100) (i32.const 4))";

/// A condition that calls a function.
const SIZE: &str = "size(m.community_id) == 3";

/// What a plugin says before it fails is what people need most.
#[test]
fn what_is_logged_before_a_fault_is_said() {
    let options = PluginOptions { allow: vec!["log".into()], ..PluginOptions::default() };
    let then_fail = format!("{SAY} unreachable");
    for (name, text, at) in
        [("echo", ECHO, ";;@event"), ("tag", TAG, ";;@enrich"), ("sum", SUM, ";;@size")]
    {
        let plugin = assemble(text, &[LOG, (at, &then_fail)]).unwrap();
        // A rule that calls the function; for the others any.
        let (functions, condition) = match name {
            "sum" => (Plugin::read(&plugin).unwrap().manifest().functions.clone(), SIZE),
            _ => (Vec::new(), "m.unit == 200"),
        };
        let rule = format!("rule r {{ on modbus as m where {condition} }}");
        let source = PackSource { functions, ..PackSource::single("r.tag", rule) };
        let built = tagout_compiler::build(&source, &Schema::builtin());
        let packs = [built.pack.expect("it compiles")];
        let runtime = runtime(&[(plugin, options.clone())], &packs).unwrap();
        let mut sensor = Sensor::start(&runtime).unwrap();
        sensor.take(LinkType::RAW, &packets());
        let reports = sensor.finish().reports;
        let [line, fault, ..] = reports.as_slice() else { panic!("{name}: {reports:?}") };
        assert_eq!(*line, format!("plugin `{name}`: warning: TGPL"));
        assert!(fault.starts_with("fault of plugin"), "{fault}");
    }
}

#[test]
fn what_is_logged_before_a_start_that_fails_is_said() {
    let options = PluginOptions { allow: vec!["log".into()], ..PluginOptions::default() };
    for (end, expected) in [
        ("(i32.const 7)", "it refuses to start: 7; it said: TGPL"),
        ("unreachable", "wasm `unreachable` instruction executed; it said: TGPL"),
    ] {
        let start = format!("(func (export \"tagout_start\") (result i32) {SAY} {end})");
        let plugin = assemble(ECHO, &[LOG, (";;@functions", &start)]).unwrap();
        let error = runtime(&[(plugin, options.clone())], &[]).err().unwrap();
        assert!(error.contains(expected), "{error}");
    }
}

/// Lines for which there is no room are counted.
#[test]
fn lines_that_nobody_is_told_are_counted() {
    let options = PluginOptions { allow: vec!["log".into()], ..PluginOptions::default() };
    let hundred = format!(
        "(local.set $at (i32.const 100))
         (loop {SAY} (br_if 0 (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))"
    );
    let plugin = assemble(ECHO, &[LOG, (";;@event", &hundred)]).unwrap();
    let seen = run(Some(plugin), &options).unwrap();
    let stats = &seen.stats.plugins["echo"];
    let said = u64::try_from(seen.reports.len()).unwrap();
    assert!(said >= 256 && stats.events == 49, "{stats:?}");
    assert_eq!(said + stats.unsaid, 49 * 100);
}
