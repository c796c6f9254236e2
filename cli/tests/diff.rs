//! `tagout diff`: what a new pack adds, drops and changes, each by hand.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

use std::process::{Command, Stdio};

const OLD: &str = r#"
rule dropped { on modbus as m where m.function == 1 }
rule kept { on modbus as m where m.function == 3 }
rule changed { on modbus as m where m.function == 6 emit { title = "a write" } }
"#;

const NEW: &str = r#"
rule added { on modbus as m where m.function == 5 }
rule kept { on modbus as m where m.function == 3 }
rule changed {
    on modbus as m
    where m.function == 6
    emit { title = "a write by {m.src.ip}" }
}
"#;

/// One event a function code.
fn events() -> String {
    let event = |function| {
        format!(
            "{{\"ts\":\"2026-01-01T00:00:0{function}.000000Z\",\"kind\":\"modbus\",\
             \"src\":{{\"ip\":\"10.0.0.1\"}},\"modbus\":{{\"function\":{function}}}}}\n"
        )
    };
    [1, 3, 5, 6].map(event).concat()
}

fn diff(format: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("old.tag", OLD), ("new.tag", NEW), ("e.jsonl", &events())] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_tagout"))
        .args(["diff", "old.tag", "new.tag", "e.jsonl", "--format", format])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("the command starts");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn alerts_are_added_dropped_and_changed() {
    let lines: Vec<serde_json::Value> = diff("eve")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (&line["diff"], &line["alert"]["tagout"]["rule"], &line["old"]))
        .map(|(word, rule, old)| (word.as_str(), rule.as_str(), old.is_object()))
        .collect();
    assert_eq!(
        told,
        [
            (Some("dropped"), Some("old/dropped"), false),
            (Some("added"), Some("new/added"), false),
            (Some("changed"), Some("new/changed"), true),
            (None, None, false),
        ]
    );
    let counts = serde_json::json!({ "added": 1, "dropped": 1, "changed": 1 });
    assert_eq!(lines.last(), Some(&counts));
}

#[test]
fn people_see_both_sides() {
    let text = diff("text");
    assert!(text.contains("- ") && text.contains("+ "), "{text}");
    assert!(text.contains("a write by 10.0.0.1"), "{text}");
    assert!(text.ends_with("1 added, 1 dropped, 1 changed\n"), "{text}");
}
