//! Writes a bench mix as a rule file and JSON lines, for `tagout bench`:
//!
//! ```text
//! cargo run -p tagout-tests --example mix -- ot|worst|process RULES EVENTS FOLDER
//! ```

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tagout_tests::mix::{ot, process};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [shape, rules, events, folder] = arguments.as_slice() else {
        return Err("usage: mix ot|worst|process RULES EVENTS FOLDER".into());
    };
    let (rules, events): (usize, usize) = (rules.parse()?, events.parse()?);
    let (source, lines) = match shape.as_str() {
        "ot" => of_ot(ot::Mix::new(rules, ot::Shape::Realistic, 7), events),
        "worst" => of_ot(ot::Mix::new(rules, ot::Shape::Worst, 7), events),
        "process" => of_process(process::Mix::new(rules, 7), events),
        other => return Err(format!("no mix `{other}`").into()),
    };
    fs::create_dir_all(folder)?;
    fs::write(Path::new(folder).join("rules.tag"), source)?;
    fs::write(Path::new(folder).join("events.jsonl"), lines)?;
    Ok(())
}

fn of_ot(mut mix: ot::Mix, events: usize) -> (String, String) {
    let mut lines = String::new();
    for n in 0..events {
        let event = mix.event();
        let dst =
            event.dst.map(|ip| format!(",\"dst\":{{\"ip\":\"{ip}\",\"port\":502}}"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            lines,
            "{{\"ts\":\"2026-01-01T00:{:02}:{:02}.{:06}Z\",\"kind\":\"modbus\",\
             \"src\":{{\"ip\":\"{}\",\"port\":50000}}{},\"modbus\":{{\"transaction\":{},\
             \"unit\":{},\"function\":{},\"request\":true,\"address\":{},\"quantity\":{}}}}}",
            n / 60_000 % 60,
            n / 1_000 % 60,
            n % 1_000 * 1_000,
            event.src,
            dst.unwrap_or_default(),
            n % 65_536,
            event.unit,
            event.function,
            event.address,
            event.quantity
        );
    }
    (mix.source(), lines)
}

fn of_process(mut mix: process::Mix, events: usize) -> (String, String) {
    let mut lines = String::new();
    for n in 0..events {
        let event = mix.event();
        let line = serde_json::json!({
            "ts": format!("2026-01-01T00:{:02}:{:02}.{:06}Z", n / 60_000 % 60, n / 1_000 % 60, n % 1_000 * 1_000),
            "kind": "process",
            "host": { "name": "hmi1" },
            "process": {
                "image": event.image,
                "command_line": event.command_line,
                "parent": { "image": event.parent },
            },
        });
        let _ = writeln!(lines, "{line}");
    }
    (mix.source(), lines)
}
