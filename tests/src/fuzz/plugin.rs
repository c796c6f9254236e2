//! Fuzz targets of plugins: files that say they are one, and what one brings back.

use std::cell::RefCell;

use tagout_decode::LinkType;
use tagout_runtime::{Output, Plugin, PluginOptions, Runtime};
use tagout_spec::schema::Schema;

use crate::plugins::{ECHO, Sensor, assemble, udp};

/// Bytes as a plugin's file. One that can be read is loaded and given a few messages.
pub fn plugin_loader(data: &[u8]) {
    let Ok(plugin) = Plugin::read(data) else { return };
    let _ = plugin.extend(&mut Schema::builtin());
    let runtime = Runtime::builder().plugin("fuzz", plugin, PluginOptions::default());
    let Ok(runtime) = runtime.build() else { return };
    let _ = runtime.test_plugins();
    let Ok(mut sensor) = Sensor::start(&runtime) else { return };
    for port in [7777, 9600] {
        sensor.take(LinkType::RAW, &[udp((1, 1000), (2, port), b"*hello")]);
    }
    let _ = sensor.finish();
}

/// Bytes as what a plugin emits: the first says how, then, of `emit_of`, 64 bytes say what
/// the records are of, and the rest is the batch.
pub fn plugin_boundary(data: &[u8]) {
    thread_local! {
        static SENSOR: RefCell<Option<Sensor>> = RefCell::new(echoing().ok());
    }
    SENSOR.with_borrow_mut(|sensor| {
        let Some(sensor) = sensor else { return };
        let Some((how, batch)) = data.split_first() else { return };
        let port = if how & 1 == 0 { 7777 } else { 8888 };
        // Several in a call, of several flows.
        for flow in 0..1 + u16::from(how >> 6) {
            sensor.take(LinkType::RAW, &[udp((1, 1000 + flow), (2, port), batch)]);
        }
        sensor.session.flush();
        while let Some(output) = sensor.session.next_output() {
            let failed = match &output {
                Output::Alert(alert) => alert.to_eve().is_empty(),
                Output::Fault(_) => true,
                _ => false,
            };
            assert!(!failed, "what a plugin emits costs others: {output:?}");
        }
    });
}

/// A sensor with two plugins that emit the messages that they are given: one with `emit`,
/// one with `emit_of`.
fn echoing() -> Result<Sensor, String> {
    let payload = "(i32.add (local.get $at) (i32.const 128))";
    let emit = format!(
        "(memory.copy (i32.const 0x20000) {payload} (local.get $len))
         (call $emit (i32.const 0x20000) (local.get $len)) (return)"
    );
    let emit_of = format!(
        "(if (i32.lt_u (local.get $len) (i32.const 64)) (then (return)))
         (memory.copy (i32.const 0x200) {payload} (i32.const 64))
         (memory.copy (global.get $free)
           (i32.add {payload} (i32.const 64)) (i32.sub (local.get $len) (i32.const 64)))
         (call $emit_of (global.get $free)
           (i32.sub (local.get $len) (i32.const 64)) (i32.const 0x200))
         (global.set $free (i32.add (global.get $free) (i32.const 0x2400)))
         (return)"
    );
    let one = assemble(ECHO, &[(";;@event", &emit), (";;@schema", FIELDS)])?;
    let many = assemble(
        ECHO,
        &[
            ("echo", "many"),
            ("7777", "8888"),
            ("0x88b5", "0x88b6"),
            (";;@event", &emit_of),
            (
                ";;@imports",
                "(import \"tagout\" \"emit_of\" (func $emit_of (param i32 i32 i32)))
                 (global $free (mut i32) (i32.const 0))",
            ),
            (
                "(local.set $at (i32.const 0x10000))",
                "(local.set $at (i32.const 0x10000)) (global.set $free (i32.const 0x30000))",
            ),
            ("(memory (export \"memory\") 4)", "(memory (export \"memory\") 16)"),
            (";;@schema", FIELDS),
        ],
    )?;
    let mut schema = Schema::builtin();
    let mut builder = Runtime::builder();
    // A fault is what is looked for here: there may be any number.
    let options = PluginOptions { faults: u32::MAX, ..PluginOptions::default() };
    for bytes in [one, many] {
        let plugin = Plugin::read(&bytes).map_err(|error| error.to_string())?;
        plugin.extend(&mut schema).map_err(|error| error.to_string())?;
        builder = builder.plugin("echo", plugin, options.clone());
    }
    let rules =
        "rule a { on echo as e where e.code >= 0 or e.code < 0 or e.code is null }
        rule b { on many as m where m.code >= 0 or m.code is null }";
    let source = tagout_compiler::PackSource::single("fuzz.tag", rules);
    let pack = tagout_compiler::build(&source, &schema).pack.ok_or("no pack")?;
    let runtime = builder.pack("fuzz", pack).build();
    Sensor::start(&runtime.map_err(|error| error.to_string())?)
}

/// A field of each type that could lie.
const FIELDS: &str = r#"
    "[[kind.field]]\n" "path = 'list'\n" "type = 'list text'\n" "max = 64\n" "doc = ''\n" "example = ''\n"
    "[[kind.field]]\n" "path = 'group'\n" "type = 'group'\n" "max = 64\n" "doc = ''\n" "example = ''\n"
    "[[kind.field.field]]\n" "path = 'a'\n" "type = 'text'\n" "doc = ''\n" "example = ''\n"
    "[[kind.field.field]]\n" "path = 'b'\n" "type = 'float'\n" "doc = ''\n" "example = ''\n"
    "[[kind.field]]\n" "path = 'map'\n" "type = 'map'\n" "max = 64\n" "doc = ''\n" "example = ''\n"
    "[[kind.field]]\n" "path = 'range'\n" "type = 'range'\n" "doc = ''\n" "example = ''\n"
    "[[kind.field]]\n" "path = 'wide'\n" "type = 'u64'\n" "doc = ''\n" "example = ''\n"
    "[[kind.field]]\n" "path = 'yes'\n" "type = 'bool'\n" "doc = ''\n" "example = ''\n"
    "[[kind.field]]\n" "path = 'mac'\n" "type = 'mac'\n" "doc = ''\n" "example = ''\n"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    /// The sensor that the target is about can be made, and what is good passes it.
    #[test]
    fn the_boundary_is_reached() {
        let mut sensor = echoing().expect("it is made");
        let stride = 720_u32;
        let mut batch = vec![0_u8; 64 + 720];
        for (at, word) in [(4, stride), (8, 1), (12, 784), (16, 784)] {
            batch[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        batch[64 + 8] = 1; // The presence bit of `code`, the first of its own.
        sensor.take(LinkType::RAW, &[udp((1, 1000), (2, 7777), &batch)]);
        // The first message of the call opens the flow, so the event is of the second.
        let mut of = [0_u8; 64];
        of[0] = 1;
        let batch = [&of[..], &batch].concat();
        sensor.take(LinkType::RAW, &[udp((1, 1000), (2, 8888), &batch)]);
        let seen = sensor.finish();
        assert_eq!(seen.reports, [""; 0]);
        assert_eq!(seen.alerts.len(), 2);
    }
}
