//! The rule packs of the shipped plugins: checked, formatted, tested with a test for
//! each condition, and every rule of one with a capture alerts on it.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins").join(name)
}

fn tagout(arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tagout"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the command starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{arguments:?}: {errors}{out}");
    out
}

#[test]
fn packs_of_plugins_are_sound() {
    let packs = [
        ("fins", ["--plugin", "fins.wasm"]),
        ("pcom", ["--plugin", "pcom.wasm"]),
        // Tests of rules state fields by themselves, and need no list of assets.
        ("assets", ["--schema", "schema.toml"]),
    ];
    for (name, [option, file]) in packs {
        let folder = folder(name);
        tagout(&["fmt", "--check", "rules"], &folder);
        tagout(&["check", option, file, "rules"], &folder);
        tagout(&["test", option, file, "rules"], &folder);
        tagout(&["test", "--mutate", option, file, "rules"], &folder);
    }
}

#[test]
fn every_rule_alerts_on_the_capture() {
    for name in ["fins", "pcom"] {
        let (folder, file) = (folder(name), format!("{name}.wasm"));
        let alerts = tagout(
            &["run", "--plugin", &file, "--pack", "rules", "captures/attack.pcap"],
            &folder,
        );
        let entries = std::fs::read_dir(folder.join("rules")).expect("there are rules");
        for entry in entries.flatten() {
            let rule = entry.file_name().to_string_lossy().into_owned();
            let Some(rule) = rule.strip_suffix(".tag") else { continue };
            let wanted = format!("\"rule\":\"{name}/{rule}\"");
            assert!(alerts.contains(&wanted), "{name}: {rule} is silent");
        }
    }
}
