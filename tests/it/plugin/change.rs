//! Plugins that come and go while a session runs.

use tagout_decode::LinkType;
use tagout_runtime::{Plugin, PluginOptions, ReplaceError};
use tagout_tests::plugins::{ECHO, SUM, Sensor, TAG, assemble, runtime, udp};

use super::{READ, pack, titles};

const RULES: &str = r#"
rule told {
    meta {
        severity = low
        description = "of a decoder"
    }
    on echo as e
    where e.code >= 0
    emit { title = "told {e.code}" }
}
"#;

const TAGGED: &str = r#"
rule tagged {
    meta {
        severity = low
        description = "of an enricher"
    }
    on modbus as m
    where m.tag.level == 7
    emit { title = "of {m.tag.owner}" }
}

rule read {
    meta {
        severity = low
        description = "of nobody"
    }
    on modbus as m
    where m.unit == 17
    emit { title = "unit {m.unit}" }
}
"#;

fn plugin(text: &str) -> (Vec<u8>, Plugin) {
    let bytes = assemble(text, &[]).expect("it assembles");
    let plugin = Plugin::read(&bytes).expect("a plugin");
    (bytes, plugin)
}

fn blind(sensor: &Sensor) -> Vec<String> {
    sensor.session.blind().iter().map(ToString::to_string).collect()
}

#[test]
fn rules_come_alive_and_go_blind() {
    let ((echo, echo_read), (tag, tag_read)) = (plugin(ECHO), plugin(TAG));
    let options = PluginOptions::default();
    let packs = [pack("told", RULES, &[echo]), pack("tagged", TAGGED, &[tag])];
    // Nothing is there at the start.
    let runtime = runtime(&[], &packs).unwrap();
    let mut sensor = Sensor::start(&runtime).unwrap();
    assert_eq!(blind(&sensor).len(), 2);
    let said = udp((1, 1000), (2, 7777), &[5]);
    let read = udp((1, 2000), (2, 502), &READ);
    let both = [said, read];
    // The flow is given up long before the decoder comes.
    for _ in 0..40 {
        sensor.take(LinkType::RAW, &both);
    }
    assert_eq!(sensor.session.add_plugin(echo_read.clone(), &options), Ok(40));
    sensor.renew_decoders();
    assert_eq!(blind(&sensor).len(), 1);
    sensor.take(LinkType::RAW, &both);
    assert_eq!(sensor.session.add_plugin(tag_read.clone(), &options), Ok(42));
    sensor.renew_decoders();
    assert_eq!(blind(&sensor), [""; 0]);
    sensor.take(LinkType::RAW, &both);
    // One of the name is there.
    let present = sensor.session.add_plugin(tag_read.clone(), &options);
    assert_eq!(present, Err(ReplaceError::Present("tag".to_owned())));
    // The decoder goes; the enricher stays as it is.
    assert_eq!(sensor.session.remove_plugin("echo"), Ok(44));
    sensor.renew_decoders();
    let lacks = blind(&sensor);
    assert!(lacks.len() == 1 && lacks[0].contains("no plugin `echo`"), "{lacks:?}");
    sensor.take(LinkType::RAW, &both);
    let unknown = sensor.session.remove_plugin("echo");
    assert_eq!(unknown, Err(ReplaceError::Unknown("echo".to_owned())));
    // It comes back, and what it declares is where it was.
    assert_eq!(sensor.session.add_plugin(echo_read, &options), Ok(45));
    sensor.renew_decoders();
    assert_eq!(blind(&sensor), [""; 0]);
    sensor.take(LinkType::RAW, &both);
    assert_eq!(sensor.session.remove_plugin("tag"), Ok(47));
    sensor.take(LinkType::RAW, &both);
    let seen = sensor.finish();
    assert_eq!(seen.reports, [""; 0]);
    let mut expected = vec!["unit 17"; 40];
    expected.extend(["told 5", "unit 17"]);
    expected.extend(["told 5", "of press", "unit 17"]);
    expected.extend(["of press", "unit 17"]);
    expected.extend(["told 5", "of press", "unit 17"]);
    expected.extend(["told 5", "unit 17"]);
    assert_eq!(titles(&seen.alerts), expected);
    assert_eq!(seen.stats.events["echo"], 4);
}

#[test]
fn what_comes_back_declares_the_same() {
    let (_, echo) = plugin(ECHO);
    let options = PluginOptions::default();
    let mut session = runtime(&[], &[]).unwrap().session().unwrap();
    session.add_plugin(echo, &options).unwrap();
    session.remove_plugin("echo").unwrap();
    let other = assemble(ECHO, &[("path = 'size'", "path = 'length'")]).unwrap();
    let refused = session.add_plugin(Plugin::read(&other).unwrap(), &options);
    assert!(matches!(refused, Err(ReplaceError::Declares { .. })), "{refused:?}");
}

/// A function that comes gives values from the next event on.
#[test]
fn functions_come_and_go() {
    let (_, sum) = plugin(SUM);
    let rules = r#"
rule long {
    meta {
        severity = low
        description = "of a function"
    }
    on process as p
    where size(p.command_line) == 3
    emit { title = "three" }
}
"#;
    let mut source = tagout_compiler::PackSource::single("long.tag", rules);
    source.functions = sum.manifest().functions.clone();
    let schema = tagout_spec::schema::Schema::builtin();
    let built = tagout_compiler::build(&source, &schema);
    let pack = built.pack.unwrap_or_else(|| panic!("{:#?}", built.checked.diagnostics));
    let runtime = runtime(&[], &[pack]).unwrap();
    let mut sensor = Sensor::start(&runtime).unwrap();
    let line = br#"{"ts":"2026-11-22T10:00:00Z","kind":"process","host":{"name":"h"},"process":{"command_line":"abc"}}"#;
    sensor.session.line(line).unwrap();
    sensor.session.add_plugin(sum, &PluginOptions::default()).unwrap();
    assert_eq!(blind(&sensor), [""; 0]);
    sensor.session.line(line).unwrap();
    sensor.session.remove_plugin("sum").unwrap();
    assert_eq!(blind(&sensor).len(), 1);
    sensor.session.line(line).unwrap();
    assert_eq!(titles(&sensor.finish().alerts), ["three"]);
}
