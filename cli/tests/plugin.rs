//! A plugin adds an event kind, and every command works on it: traffic is decoded, rules
//! type-check, run and alert.
//!
//! The plugin is `tests/plugins/echo.wat`: each message is an event.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

mod support;

use std::path::Path;

use support::{printed, tagout};

const RULE: &str = r#"rule star {
    meta {
        severity = high
        description = "A greeting with a star"
    }
    on echo as e
    where e.code == 42 and e.body contains "hello"
    emit {
        title = "{e.src.ip} sends {e.size} bytes"
        evidence = [e.code, e.size]
    }
}
"#;

const MEAN: &str = r#"rule mean {
    meta {
        id = "MEAN-1"
        severity = low
    }
    on process as p
    where mean(p.command_line) > 100.0 and within(p.pid, 4.5, true)
    emit {
        title = "{size(p.command_line)} bytes, {mean(p.command_line)} on average"
    }

    test "high letters" {
        at 0s process { pid: 4, command_line: "xyz" }
        expect match
    }
    test "low letters" {
        at 0s process { pid: 4, command_line: "ac" }
        expect none
    }
    test "no letters" {
        at 0s process { pid: 4, command_line: "" }
        expect indeterminate on mean
    }
}
"#;

/// A capture of datagrams from 10.0.0.1 to port 7777 of 10.0.0.2, as raw IP.
fn capture(payloads: &[&[u8]]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101] {
        file.extend(word.to_le_bytes());
    }
    for (second, payload) in (1_700_000_000_u32..).zip(payloads) {
        let len = u16::try_from(payload.len() + 28).expect("short");
        let mut packet = vec![0x45, 0];
        packet.extend(len.to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        packet.extend(50_000_u16.to_be_bytes());
        packet.extend(7777_u16.to_be_bytes());
        packet.extend((len - 20).to_be_bytes());
        packet.extend([0, 0]);
        packet.extend_from_slice(payload);
        for word in [second, 0, len.into(), len.into()] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let wat = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/plugins/echo.wat");
    let plugin = wat::parse_file(wat).expect("the plugin assembles");
    let capture = capture(&[b"*hello", b"\x01 hello", b"*bye"]);
    let files: [(&str, &[u8]); 3] = [
        ("echo.wasm", &plugin),
        ("star.tag", RULE.as_bytes()),
        ("capture.pcap", &capture),
    ];
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("a file");
    }
    folder
}

fn json(lines: &str) -> Vec<serde_json::Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn traffic_is_decoded_and_rules_alert() {
    let folder = folder();
    let folder = folder.path();
    let plugin = ["--plugin", "echo.wasm"];
    let lines = printed(&[&["decode", "capture.pcap"], &plugin[..]].concat(), folder);
    let events: Vec<_> =
        json(&lines).into_iter().filter(|event| event["kind"] == "echo").collect();
    assert_eq!(events.len(), 3, "{lines}");
    assert_eq!(events[0]["echo"]["body"], "*hello");
    assert_eq!(events[0]["echo"]["size"], 6);
    assert_eq!(events[0]["src"]["ip"], "10.0.0.1");
    assert_eq!(events[0]["ts"], "2023-11-14T22:13:20.000000Z");

    printed(&[&["check", "star.tag"], &plugin[..]].concat(), folder);
    let build = ["build", "star.tag", "-o", "star.wasm"];
    printed(&[&build[..], &plugin].concat(), folder);
    let run = |pack: &str| {
        let args = ["run", "-p", pack, "--format", "eve", "capture.pcap"];
        json(&printed(&[&args[..], &plugin].concat(), folder))
    };
    let (from_source, from_module) = (run("star.tag"), run("star.wasm"));
    assert_eq!(from_source, from_module);
    let [alert] = from_source.as_slice() else { panic!("one alert: {from_source:?}") };
    assert_eq!(alert["alert"]["signature"], "10.0.0.1 sends 6 bytes");
    assert_eq!(alert["tagout"]["evidence"]["e.size"], 6);
    // What is decoded is evaluated as the capture is.
    std::fs::write(folder.join("events.jsonl"), lines).expect("a file");
    let args = ["run", "-p", "star.wasm", "--format", "eve", "events.jsonl"];
    assert_eq!(json(&printed(&[&args[..], &plugin].concat(), folder)).len(), 1);
    // Its kind is in the schema, and only with it.
    assert!(
        printed(&[&["fields", "echo"], &plugin[..]].concat(), folder).contains("body")
    );
    assert_eq!(tagout(&["fields", "echo"], folder).status.code(), Some(2));
}

#[test]
fn its_own_tests_pass() {
    let folder = folder();
    let printed = printed(&["plugin", "test", "echo.wasm"], folder.path());
    assert_eq!(printed, "3 passed, 0 failed\n");
}

/// Rules call the functions of `tests/plugins/sum.wat`.
#[test]
fn rules_call_its_functions() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let wat = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/plugins/sum.wat");
    let plugin = wat::parse_file(wat).expect("the plugin assembles");
    std::fs::write(folder.join("sum.wasm"), plugin).expect("a file");
    std::fs::write(folder.join("mean.tag"), MEAN).expect("a file");
    let events = [
        r#"{"kind":"process","process":{"pid":4,"command_line":"ac"}}"#,
        r#"{"kind":"process","process":{"pid":4,"command_line":"xyz"}}"#,
        r#"{"kind":"process","process":{"pid":4,"command_line":""}}"#,
        r#"{"kind":"process","process":{"pid":4}}"#,
    ];
    std::fs::write(folder.join("events.jsonl"), events.join("\n")).expect("a file");
    let plugin = ["--plugin", "sum.wasm"];

    printed(&[&["check", "mean.tag"], &plugin[..]].concat(), folder);
    // What is not known without the plugin is so near to nothing that it is only named.
    let unknown = tagout(&["check", "mean.tag"], folder);
    assert_eq!(unknown.status.code(), Some(1));
    let said = String::from_utf8_lossy(&unknown.stdout).into_owned();
    assert!(said.contains("error[E0205]") && said.contains("`mean`"), "{said}");
    let fields = printed(&[&["fields"], &plugin[..]].concat(), folder);
    assert!(fields.contains("mean(text) -> float  mean of its bytes  (plugin sum)"));

    assert_eq!(
        printed(&[&["test", "mean.tag"], &plugin[..]].concat(), folder),
        "3 passed, 0 failed\n"
    );
    printed(&[&["build", "mean.tag", "-o", "mean.wasm"], &plugin[..]].concat(), folder);
    let about = printed(&["inspect", "mean.wasm"], folder);
    assert!(about.contains("mean(text) -> float, of plugin sum 2.0.1"), "{about}");
    let run = ["run", "-p", "mean.wasm", "--format", "eve", "events.jsonl"];
    let alerts = json(&printed(&[&run[..], &plugin].concat(), folder));
    let [alert] = alerts.as_slice() else { panic!("one alert: {alerts:?}") };
    assert_eq!(alert["alert"]["signature"], "3 bytes, 121.0 on average");
    // Without the plugin the rule is blind, and the other goes on.
    let output = tagout(&run, folder);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("is blind: no plugin `sum` 2.0.1"), "{error}");
}
