//! Plugins: what they add, and what they cannot do. The plugins are text, assembled
//! here; most of them are hostile.

mod batches;
mod change;
mod faults;
mod log;
mod pages;
mod refused;
mod roles;

use tagout_compiler::PackSource;
use tagout_decode::LinkType;
use tagout_runtime::{Plugin, PluginOptions};
use tagout_spec::schema::Schema;
use tagout_tests::plugins::{ECHO, Seen, Sensor, assemble, runtime, udp};

/// Compiles a rule file against the built-in schema and what these plugins add.
fn pack(name: &str, rules: &str, plugins: &[Vec<u8>]) -> Vec<u8> {
    let mut schema = Schema::builtin();
    for plugin in plugins {
        let plugin = Plugin::read(plugin).expect("a plugin");
        plugin.extend(&mut schema).expect("its schema fits");
    }
    let mut source = PackSource::single(format!("{name}.tag"), rules);
    source.name = name.to_owned();
    let built = tagout_compiler::build(&source, &schema);
    built.pack.unwrap_or_else(|| panic!("{:#?}", built.checked.diagnostics))
}

/// A second plugin of the same kind, on another port, that does right.
fn good() -> Vec<u8> {
    let edits = [("echo", "good"), ("7777", "8888"), ("0x88b5", "0x88b6")];
    assemble(ECHO, &edits).expect("it assembles")
}

/// What must not change, whatever a plugin does: a rule over a built-in kind, and one
/// over another plugin's.
const WITNESSES: &str = r#"
rule reads {
    meta {
        severity = low
        description = "registers are read"
    }
    on modbus as m
    where m.function == read_holding_registers and m.request
    emit { title = "{m.src.ip} reads {m.quantity}" }
}

rule said {
    meta {
        severity = low
        description = "the other plugin was given something"
    }
    on good as g
    where g.code >= 0
    emit { title = "{g.src.port} says {g.body}" }
}
"#;

/// A request to read holding registers.
const READ: [u8; 12] = [0, 7, 0, 0, 0, 6, 17, 3, 0, 0x6b, 0, 3];

/// The signatures of alerts.
fn titles(alerts: &[String]) -> Vec<String> {
    let title = |alert: &String| {
        let json: serde_json::Value = serde_json::from_str(alert).expect("JSON");
        json["alert"]["signature"].as_str().expect("a text").to_owned()
    };
    alerts.iter().map(title).collect()
}

/// Eight flows to the plugin at hand, among Modbus and the other plugin's traffic.
fn packets() -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    for n in 0..8_u8 {
        for round in 0..6_u8 {
            let port = 40_000 + u16::from(n);
            packets.push(udp((1, port), (2, 7777), &[round, b'a' + n]));
            packets.push(udp((1, port), (2, 502), &READ));
            packets.push(udp((1, port), (2, 8888), &[round, b'a' + n]));
        }
    }
    packets
}

/// Runs a plugin, perhaps none, beside the good one.
fn run(plugin: Option<Vec<u8>>, options: &PluginOptions) -> Result<Seen, String> {
    let witnesses = pack("witnesses", WITNESSES, &[good()]);
    let plugins = plugin.map(|bytes| (bytes, options.clone()));
    let plugins: Vec<_> =
        plugins.into_iter().chain([(good(), PluginOptions::default())]).collect();
    let runtime = runtime(&plugins, &[witnesses])?;
    let mut sensor = Sensor::start(&runtime)?;
    sensor.take(LinkType::RAW, &packets());
    // A short frame of the plugin's ether type, and noise of it.
    let frame = [&[2_u8; 12][..], &[0x88, 0xb5], &[9; 60]].concat();
    sensor.take(LinkType::ETHERNET, &[frame]);
    Ok(sensor.finish())
}

/// Alerts without what counts events: a plugin that gives events moves those behind.
fn uncounted(alerts: &[String]) -> Vec<String> {
    let strip = |alert: &String| {
        let mut json: serde_json::Value = serde_json::from_str(alert).expect("JSON");
        json["tagout"].as_object_mut().expect("ours").remove("alert_id");
        json.to_string()
    };
    alerts.iter().map(strip).collect()
}
