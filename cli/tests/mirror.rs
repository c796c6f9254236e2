//! A mirror of the contract: `decode X | run -p P -` gives what `run -p P X`
//! gives, over every capture of the corpus that holds Modbus.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[test]
fn decoded_events_give_the_alerts_of_their_capture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let given = std::env::var_os("TAGOUT_CORPUS").map(PathBuf::from);
    let corpus = given.unwrap_or_else(|| root.join("../shared/corpus"));
    let Ok(manifest) = std::fs::read_to_string(corpus.join("MANIFEST.md")) else {
        assert!(std::env::var_os("CI").is_none(), "the corpus is needed here");
        eprintln!("SKIPPED: the corpus is not here, so this test shows nothing");
        return;
    };
    let captures: Vec<_> = manifest
        .lines()
        .filter(|line| line.contains("modbus:"))
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" |"))
        .map(|(file, _)| corpus.join(file))
        .collect();
    assert!(captures.len() >= 20, "{} captures", captures.len());
    let folder = tempfile::tempdir().expect("a folder");
    let pack = root.join("rules/modbus").display().to_string();
    let mut alerts = 0;
    for capture in captures {
        let path = capture.display().to_string();
        let straight = tagout(&["run", "-p", &pack, &path], None);
        let lines = folder.path().join("events.jsonl");
        std::fs::write(&lines, tagout(&["decode", &path], None)).expect("a file");
        let mirrored = tagout(&["run", "-p", &pack, "-"], Some(&lines));
        assert_eq!(comparable(&mirrored), comparable(&straight), "{path}");
        alerts += comparable(&straight).len();
    }
    println!("{alerts} alerts, equal both ways");
    assert!(alerts > 0);
}

fn tagout(arguments: &[&str], input: Option<&Path>) -> String {
    let stdin = input.map_or_else(Stdio::null, |path| {
        File::open(path).map_or_else(|_| Stdio::null(), Stdio::from)
    });
    let output = Command::new(env!("CARGO_BIN_EXE_tagout"))
        .args(arguments)
        .stdin(stdin)
        .output()
        .expect("the command starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Alerts without the name of their input and what counts positions in it.
fn comparable(alerts: &str) -> Vec<serde_json::Value> {
    let parsed = alerts.lines().filter_map(|line| serde_json::from_str(line).ok());
    parsed
        .map(|mut alert: serde_json::Value| {
            if let Some(members) = alert.as_object_mut() {
                members.remove("pcap_filename");
                members.remove("pcap_cnt");
            }
            alert
        })
        .collect()
}
