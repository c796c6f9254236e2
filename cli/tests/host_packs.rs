//! The packs for computers of plants, over logs of computers on which nothing happened:
//! they are silent, or an alert is listed here with its reason.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]
#![expect(clippy::print_stderr, reason = "what was compared is told")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Rule, log, and why the alert is right.
const JUSTIFIED: &[(&str, &str, &str)] = &[
    (
        "windows-ics/lsass_memory_read",
        "sysmon.evtx",
        "Process Monitor, run out of a temporary folder, opens lsass with all rights",
    ),
    (
        "windows-ics/log_cleared",
        "system.evtx",
        "event 104: the log of Sysmon was cleared",
    ),
];

#[test]
fn packs_are_silent_on_benign_logs() {
    let Some(corpus) = corpus() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut events = 0;
    let mut wrong = Vec::new();
    for log in logs(&corpus.join("host/evtx-benign-omerbenamram")) {
        let name = log.file_name().expect("a file").to_string_lossy().into_owned();
        let stats = tempfile::NamedTempFile::new().expect("a file");
        let output = Command::new(env!("CARGO_BIN_EXE_tagout"))
            .args(["run", "-p", "rules/windows-ics", "-p", "rules/linux-ics", "--stats"])
            .arg(stats.path())
            .arg(&log)
            .current_dir(&root)
            .output()
            .expect("the command starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {errors}");
        let stats = std::fs::read(stats.path()).expect("statistics");
        let stats: Value = serde_json::from_slice(&stats).expect("statistics are JSON");
        events += stats["lines"].as_u64().expect("lines");
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let alert: Value = serde_json::from_str(line).expect("an alert is JSON");
            let rule = alert["tagout"]["rule"].as_str().expect("a rule");
            if !JUSTIFIED.iter().any(|(known, log, _)| *known == rule && *log == name) {
                wrong.push(format!("{name}: {}", alert["tagout"]));
            }
        }
    }
    eprintln!("{events} events, {} alerts", wrong.len());
    assert!(events > 1000);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn logs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder reads").flatten();
    let mut logs: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "evtx"))
        .collect();
    logs.sort();
    logs
}

fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("TAGOUT_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let found = named.or(Some(beside)).filter(|path| path.is_dir());
    if found.is_none() {
        eprintln!("NOT RUN: no corpus at $TAGOUT_CORPUS or ../shared/corpus");
        assert!(std::env::var_os("CI").is_none(), "no corpus");
    }
    found
}
