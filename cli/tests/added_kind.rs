//! A schema file given at load adds an event kind, and every command works on it:
//! rules type-check, are indexed, run from lines of JSON and alert.
//!
//! The kind is one that no code of this project names, as a plugin's would be.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

mod support;

use support::{printed, tagout};

const SCHEMA: &str = r#"
[[enum]]
name = "press_mode"
labels = [{ value = 1, name = "idle" }, { value = 7, name = "run" }]

[[kind]]
name = "press"
family = "network"
views = ["ot"]
doc = "a message of a hydraulic press"

[[kind.field]]
path = "mode"
type = "enum press_mode u8"
hot = true
doc = "what the press does"
example = "e.mode == run"

[[kind.field]]
path = "force"
type = "i32"
unit = "N"
hot = true
doc = "force of the piston"
example = "e.force > 3000"
"#;

const RULE: &str = r#"rule press_too_hard {
    meta {
        severity = high
        description = "The press is run above its rated force"
    }
    on press as p
    where p.mode == run and p.force > 3000
    emit {
        title = "{p.src.ip} presses with {p.force} N"
        evidence = [p.mode, p.force]
    }
}
"#;

/// Three events: the first matches, the second does not, and of the third nobody
/// can tell, since it lacks its force.
const EVENTS: &str = r#"{"ts":"2026-01-01T00:00:00.000000Z","kind":"press","src":{"ip":"10.0.0.1"},"press":{"mode":7,"force":3001}}
{"ts":"2026-01-01T00:00:01.000000Z","kind":"press","src":{"ip":"10.0.0.1"},"press":{"mode":"idle","force":9000}}
{"ts":"2026-01-01T00:00:02.000000Z","kind":"press","src":{"ip":"10.0.0.1"},"press":{"mode":7}}
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [("press.toml", SCHEMA), ("press.tag", RULE), ("events.jsonl", EVENTS)];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

#[test]
fn rules_on_an_added_kind_check_index_run_and_alert() {
    let folder = folder();
    let folder = folder.path();
    printed(&["check", "--schema", "press.toml", "press.tag"], folder);
    let index = printed(
        &["build", "--schema", "press.toml", "press.tag", "--emit", "index"],
        folder,
    );
    assert!(index.contains("press"), "the index starts from the kind:\n{index}");
    let run = |pack: &str| {
        let text = printed(
            &[
                "run",
                "--schema",
                "press.toml",
                "-p",
                pack,
                "--format",
                "eve",
                "events.jsonl",
            ],
            folder,
        );
        let alerts: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("an alert is JSON"))
            .collect();
        alerts
    };
    printed(
        &["build", "--schema", "press.toml", "press.tag", "-o", "press.wasm"],
        folder,
    );
    let (from_source, from_module) = (run("press.tag"), run("press.wasm"));
    assert_eq!(from_source, from_module);
    let [alert, undecided] = from_source.as_slice() else {
        panic!("two alerts: {from_source:?}")
    };
    assert_eq!(alert["alert"]["signature"], "10.0.0.1 presses with 3001 N");
    assert_eq!(alert["tagout"]["verdict"], "match");
    assert_eq!(alert["tagout"]["event"]["press"]["mode_name"], "run");
    assert_eq!(alert["tagout"]["evidence"]["p.force"], 3001);
    assert_eq!(undecided["tagout"]["verdict"], "indeterminate");
    assert_eq!(undecided["tagout"]["lacks"][0]["field"], "force");
}

#[test]
fn without_its_schema_the_kind_is_unknown_and_the_pack_blind() {
    let folder = folder();
    let folder = folder.path();
    let check = tagout(&["check", "press.tag"], folder);
    assert_eq!(check.status.code(), Some(1));
    let error = String::from_utf8_lossy(&check.stderr).into_owned()
        + &String::from_utf8_lossy(&check.stdout);
    assert!(error.contains("press"), "{error}");
    printed(
        &["build", "--schema", "press.toml", "press.tag", "-o", "press.wasm"],
        folder,
    );
    let run = tagout(&["run", "-p", "press.wasm", "events.jsonl"], folder);
    let error = String::from_utf8_lossy(&run.stderr);
    assert!(error.contains("press_too_hard"), "the rule is said to be blind: {error}");
    assert!(run.stdout.is_empty());
}

#[test]
fn its_fields_are_listed() {
    let folder = folder();
    let fields = printed(&["fields", "--schema", "press.toml", "press"], folder.path());
    assert!(
        fields.contains("force") && fields.contains("force of the piston"),
        "{fields}"
    );
}
