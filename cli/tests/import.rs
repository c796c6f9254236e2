//! `tagout import sigma`: from files of YAML to alerts, and what the report says.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const RULE: &str = "
title: Whoami
id: 2a0d3b1e-0000-4000-8000-000000000001
logsource: { category: process_creation, product: windows }
detection:
    selection:
        Image|endswith: '\\whoami.exe'
    condition: selection
level: high
";

const CORRELATION: &str = "title: Many\ncorrelation: { type: event_count }\n";

const EVENT: &str = r#"{"ts":"2026-11-28T10:00:00.000000Z","kind":"process","host":{"name":"hmi1","os":1},"process":{"image":"C:\\Windows\\System32\\WHOAMI.EXE"}}"#;

fn tagout(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tagout"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("NO_COLOR", "1")
        .output()
        .expect("the command starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    };
    write("rules/deep/whoami.yml", RULE);
    write("rules/many.yaml", CORRELATION);
    write("rules/notes.txt", "no rule");
    write("event.jsonl", EVENT);
    folder
}

#[test]
fn rules_become_a_pack_that_alerts() {
    let folder = folder();
    let imported = tagout(&["import", "sigma", "rules", "-o", "pack"], folder.path());
    assert_eq!(imported.status.code(), Some(0), "{imported:?}");
    let report = said(&imported);
    let wanted = "imported as `whoami` in windows/process_creation/whoami.tag";
    assert!(report.contains(wanted), "{report}");
    assert!(report.contains("many.yaml: not imported: a correlation"), "{report}");
    assert!(report.contains("1 imported, 1 refused"), "{report}");

    for arguments in [&["check", "pack"][..], &["fmt", "--check", "pack"]] {
        let output = tagout(arguments, folder.path());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    }
    let run = ["run", "--no-cache", "-p", "pack", "event.jsonl"];
    let alerts = said(&tagout(&run, folder.path()));
    assert!(alerts.contains("2a0d3b1e-0000-4000-8000-000000000001"), "{alerts}");
    assert!(alerts.contains("\"signature\":\"Whoami\""), "{alerts}");

    let again = tagout(&["import", "sigma", "rules", "-o", "pack"], folder.path());
    assert_eq!(again.status.code(), Some(2), "what is there is kept");
}

#[test]
fn the_report_is_json_if_asked() {
    let folder = folder();
    let arguments = ["import", "sigma", "rules", "-o", "pack", "--json"];
    let report = said(&tagout(&arguments, folder.path()));
    let report: serde_json::Value = serde_json::from_str(&report).expect("a document");
    let entries = report["entries"].as_array().expect("entries");
    let outcomes: Vec<&str> =
        entries.iter().filter_map(|entry| entry["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["imported", "refused"]);
    assert_eq!(entries[1]["class"], "correlation");
}

#[test]
fn nothing_imported_is_a_finding() {
    let folder = folder();
    let arguments = ["import", "sigma", "rules/many.yaml", "-o", "none"];
    assert_eq!(tagout(&arguments, folder.path()).status.code(), Some(1));
    assert!(!folder.path().join("none").exists());
}
