//! The plugins that this project ships: their own tests, the twin of a built-in decoder,
//! and agreement with tshark.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tagout_decode::modbus::Modbus;
use tagout_decode::{Config, Decoder, EachEvent, FlowEvents, Frame, LinkType, Pipeline};
use tagout_runtime::{Plugin, PluginOptions, Runtime};
use tagout_spec::plugin::manifest::Side;
use tagout_spec::record::EventJson;
use tagout_spec::schema::Schema;
use tagout_tests::plugins::{Seen, Sensor, tcp};

use crate::support::{files, program, root};

/// The plugins, and the file that each is given by a name.
const PLUGINS: [(&str, Option<(&str, &str)>); 5] = [
    ("fins", None),
    ("pcom", None),
    ("modbus", None),
    ("assets", Some(("assets", "assets.csv"))),
    ("names", Some(("names", "names.txt"))),
];

#[test]
fn shipped_plugins_pass_their_tests() {
    for (name, file) in PLUGINS {
        let results = runtime(name, file).test_plugins().expect("a session");
        let tests = results.iter().flat_map(|result| &result.results);
        let mut n = 0;
        for test in tests {
            assert!(
                test.problems.is_empty(),
                "{name}, {}: {:#?}",
                test.name,
                test.problems
            );
            n += 1;
        }
        assert!(n > 0, "{name} has no tests");
    }
}

/// Plugins that were built for an older minor version of the contract are kept as they
/// were built: they load, pass their tests, and give the same events as ever.
#[test]
fn plugins_of_older_versions_still_load() {
    let old = files(&root().join("tests/plugins/old"), ".wasm");
    assert_eq!(old.len(), 2, "{old:?}");
    for file in old {
        let bytes = std::fs::read(&file).expect("the file");
        let plugin = Plugin::read(&bytes).expect("it is a plugin");
        let name = plugin.manifest().name.clone();
        let built = Runtime::builder()
            .plugin("old", plugin.clone(), PluginOptions::default())
            .build()
            .expect("it loads");
        let results = built.test_plugins().expect("a session");
        let tests: Vec<_> = results.iter().flat_map(|result| &result.results).collect();
        assert!(!tests.is_empty(), "{name}");
        for test in tests {
            assert!(test.problems.is_empty(), "{name}, {}: {test:#?}", test.name);
        }
        for capture in
            files(&root().join("plugins").join(&name).join("captures"), ".pcap")
        {
            let session = built.session().expect("a session");
            let added = session.plugins().decoders();
            let then = decode(built.schema(), &[], added, &capture);
            let (schema, added) = guest(&name, None);
            let now = decode(&schema, &[], added, &capture);
            assert_eq!(then, now, "{}", capture.display());
            assert!(!now.is_empty(), "{}", capture.display());
        }
    }
}

/// The densest that a peer can send: segments full of the shortest messages, and no pause.
/// A call may bring as many events as its plugin has room for, or the flow would turn the
/// plugin off.
#[test]
fn segments_full_of_short_messages_are_no_fault() {
    for (name, port, shortest) in [
        ("fins", 9600, &b"FINS\0\0\0\x08\0\0\0\x02\0\0\0\0"[..]),
        ("pcom", 20256, b"\0\x01\x65\0\0\0"),
        ("modbus", 502, b"\0\x07\0\0\0\x02\x11\x07"),
    ] {
        let runtime = runtime(name, None);
        for bytes in [1_460, 8_960, 48_000] {
            let segment = shortest.repeat(bytes / shortest.len());
            let seen = flooded(&runtime, port, &segment);
            assert_eq!(seen.reports, [""; 0], "{name}, {bytes} bytes");
            let stats = seen.stats.plugins.values().next().unwrap();
            let expected = segment.len() / shortest.len() * SEGMENTS;
            assert_eq!(stats.events, expected as u64, "{name}, {bytes} bytes: {stats:?}");
        }
    }
}

/// What costs more to decode than it is long, and what makes no sense, without a pause.
#[test]
fn segments_full_of_any_messages_are_no_fault() {
    for name in ["fins", "pcom", "modbus"] {
        let (runtime, tests) =
            (runtime(name, None), plugin(name).manifest().tests.clone());
        let talks = tests.iter().flat_map(|test| [(test, Side::A), (test, Side::B)]);
        let mut flooded_by = 0;
        for (test, side) in talks {
            let own = test.tcp.iter().filter(|message| message.from == side);
            let bytes: Vec<u8> = own.flat_map(|message| unhex(&message.hex)).collect();
            let (Some(port), false) = (test.tcp.first(), bytes.is_empty()) else {
                continue;
            };
            let mut segment = bytes.repeat(1_460 / bytes.len() + 1);
            for damage in 0..8_usize {
                let seen = flooded(&runtime, port.port, &segment);
                assert_eq!(seen.reports, [""; 0], "{name}: {}, {damage}", test.name);
                flooded_by += seen.stats.plugins.values().next().unwrap().events;
                // Another bit of each message is another.
                for (at, byte) in segment.iter_mut().enumerate() {
                    if at % bytes.len() == damage * 7 % bytes.len() {
                        *byte ^= 1 << (at % 8);
                    }
                }
            }
        }
        assert!(flooded_by > 1_000, "{name}: {flooded_by}");
    }
}

const SEGMENTS: usize = 100;

/// Has the one plugin decode a stream of the same segment again and again.
fn flooded(runtime: &Runtime, port: u16, segment: &[u8]) -> Seen {
    let packets: Vec<_> = (0..SEGMENTS)
        .map(|n| tcp((1, 40_000), (2, port), n * segment.len(), segment))
        .collect();
    let mut sensor = Sensor::start_with(runtime, &[]).unwrap();
    sensor.take(LinkType::RAW, &packets);
    sensor.finish()
}

fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.as_chunks().0.iter().map(|pair: &[u8; 2]| {
        u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()
    });
    pairs.collect()
}

#[test]
fn the_same_decoder_gives_the_same_events_as_a_plugin() {
    let mut captures = files(&root().join("rules/modbus/captures"), ".pcap");
    captures.extend(files(&root().join("rules/umas/captures"), ".pcap"));
    let mut compared = 0;
    for capture in captures {
        let native = decode(&Schema::builtin(), &[&Modbus], Vec::new(), &capture);
        let (schema, added) = guest("modbus", None);
        let mut guest = decode(&schema, &[], added, &capture);
        for event in &mut guest {
            let kind = event["kind"].as_str().unwrap().replace("_plugin", "");
            event["kind"] = kind.into();
        }
        assert_eq!(native.len(), guest.len(), "{}", capture.display());
        for (native, guest) in native.iter().zip(&guest) {
            assert_eq!(native, guest, "{}", capture.display());
        }
        compared += native.len();
    }
    assert!(compared > 170, "{compared} events");
}

/// A path of ours, and tshark's field.
type Row = (&'static str, &'static str);

const FINS: &[Row] = &[
    ("icf", "omron.icf"),
    ("gateway_count", "omron.gct"),
    ("dna", "omron.dna"),
    ("da1", "omron.da1"),
    ("da2", "omron.da2"),
    ("sna", "omron.sna"),
    ("sa1", "omron.sa1"),
    ("sa2", "omron.sa2"),
    ("sid", "omron.sid"),
    ("command", "omron.command"),
    ("tcp.command", "omron.tcp.command"),
    ("tcp.error", "omron.tcp.error_code"),
    ("tcp.client_node", "omron.tcp.client_node_address"),
    ("tcp.server_node", "omron.tcp.server_node_address"),
];

const PCOM: &[Row] = &[
    ("transaction", "pcomtcp.trans_id"),
    ("mode", "pcomtcp.protocol"),
    ("length", "pcomtcp.length"),
];

#[test]
fn fins_agrees_with_tshark() {
    agrees("fins", "omron", FINS, 129);
}

#[test]
fn pcom_agrees_with_tshark() {
    agrees("pcom", "pcomtcp", PCOM, 88);
}

/// Compares the capture's frames: each has one message or none, in both eyes.
fn agrees(name: &str, filter: &str, rows: &[Row], at_least: usize) {
    let Some(tshark) = program("tshark", "--version") else { return };
    let capture = root().join("plugins").join(name).join("captures/attack.pcap");
    let (schema, added) = guest(name, None);
    let ours = decode(&schema, &[], added, &capture);
    let mut command = Command::new(tshark);
    command.args(["-n", "-r"]).arg(&capture).args(["-Y", filter, "-T", "fields"]);
    command.args(["-e", "frame.number"]);
    for (_, field) in rows {
        command.args(["-e", field]);
    }
    let output = command.output().expect("tshark answers");
    let text = String::from_utf8_lossy(&output.stdout);
    let theirs: BTreeMap<u64, Vec<&str>> = text
        .lines()
        .map(|line| {
            let mut cells = line.split('\t');
            let number = cells.next().unwrap().parse().unwrap();
            (number, cells.collect())
        })
        .collect();
    let mut compared = 0;
    for event in &ours {
        // What makes no sense is ours alone to tell.
        if event["malformed"] == true {
            continue;
        }
        let frame = event["frame"].as_u64().unwrap();
        let cells = theirs.get(&frame).unwrap_or_else(|| panic!("frame {frame}"));
        for ((path, field), cell) in rows.iter().zip(cells) {
            let pointer = format!("/{name}/{}", path.replace('.', "/"));
            let our = event.pointer(&pointer).and_then(Value::as_u64);
            assert_eq!(our, number(cell), "frame {frame}: {path}, {field}");
        }
        compared += 1;
    }
    assert!(compared >= at_least, "{compared} messages");
    println!("{name}: {compared} messages agree in {} fields each", rows.len());
}

fn number(cell: &str) -> Option<u64> {
    match cell.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => cell.parse().ok(),
    }
}

fn plugin(name: &str) -> Plugin {
    let path = root().join("plugins").join(name).join(format!("{name}.wasm"));
    Plugin::read(&std::fs::read(path).unwrap()).unwrap()
}

fn runtime(name: &str, file: Option<(&str, &str)>) -> Runtime {
    let mut options = PluginOptions::default();
    if let Some((key, file)) = file {
        let path = root().join("plugins").join(name).join(file);
        options.allow = vec!["data".to_owned()];
        options.data.insert(key.to_owned(), std::fs::read(path).unwrap().into());
    }
    Runtime::builder().plugin(name, plugin(name), options).build().unwrap()
}

/// A plugin's decoders, and the schema of their events.
fn guest(
    name: &str,
    file: Option<(&str, &str)>,
) -> (Schema, Vec<Box<dyn Decoder + Send>>) {
    let mut schema = Schema::builtin();
    plugin(name).extend(&mut schema).unwrap();
    (schema, runtime(name, file).session().unwrap().plugins().decoders())
}

/// The events of a capture, without those of flows.
fn decode(
    schema: &Schema,
    decoders: &'static [&'static dyn Decoder],
    added: Vec<Box<dyn Decoder + Send>>,
    capture: &Path,
) -> Vec<Value> {
    let json = EventJson::new(schema);
    let mut events = Vec::new();
    let mut sink = EachEvent::new(schema, |_, record| {
        let mut line = Vec::new();
        json.write(&record, &mut line);
        events.push(serde_json::from_slice(&line).unwrap());
    });
    let config = Config { flow_events: FlowEvents::None, ..Config::default() };
    let mut pipeline = Pipeline::with_added(config, decoders, added);
    for (index, (ts_ns, data)) in (1..).zip(frames(capture)) {
        let frame = Frame {
            ts_ns,
            nanos: false,
            link_type: LinkType::ETHERNET,
            data: &data,
            orig_len: u32::try_from(data.len()).unwrap(),
            index,
            input: 0,
            interface: 0,
        };
        pipeline.frame(&frame, false, &mut sink);
    }
    pipeline.finish(&mut sink);
    sink.flush();
    drop(sink);
    events
}

/// Times and bytes of a capture's frames; ours are libpcap's in little endian.
fn frames(capture: &Path) -> Vec<(i64, Vec<u8>)> {
    let bytes = std::fs::read(capture).unwrap();
    assert_eq!(bytes[..4], [0xd4, 0xc3, 0xb2, 0xa1], "{}", capture.display());
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let (mut frames, mut at) = (Vec::new(), 24);
    while at + 16 <= bytes.len() {
        let ts = i64::from(word(at)) * 1_000_000_000 + i64::from(word(at + 4)) * 1_000;
        let end = at + 16 + usize::try_from(word(at + 8)).unwrap();
        frames.push((ts, bytes[at + 16..end].to_vec()));
        at = end;
    }
    frames
}
