//! The captures of the shipped packs: made by this project with a real stack, run
//! through the command. Every rule alerts on one of them, and its first alert is a
//! snapshot, whole but for what changes with every edit of the pack.
//!
//! ```text
//! rules/PACK/captures/*.pcap       the captures
//! rules/PACK/captures/site.toml    their site
//! rules/PACK/captures/RULE.snap    the first alert of each rule
//! ```

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tagout_cli::folder;

/// Packs that ship captures.
fn packs() -> Vec<PathBuf> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules");
    let rules = rules.canonicalize().expect("there are rules");
    let entries = std::fs::read_dir(rules).expect("there are rules");
    let mut packs: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("captures").is_dir())
        .collect();
    packs.sort();
    packs
}

/// The captures of a pack, by name, relative to the pack.
fn captures(pack: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(pack.join("captures")).expect("there are captures");
    let mut names: Vec<_> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with(".snap") && !name.ends_with(".toml"))
        .map(|name| format!("captures/{name}"))
        .collect();
    names.sort();
    names
}

/// The first alert of each rule that matched, over all captures.
fn first_alerts(pack: &Path) -> BTreeMap<String, Value> {
    let mut first = BTreeMap::new();
    for capture in captures(pack) {
        let output = Command::new(env!("CARGO_BIN_EXE_tagout"))
            .args(["run", "-p", ".", "--site", "captures/site.toml", &capture])
            .current_dir(pack)
            .output()
            .expect("the command starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{capture}: {errors}");
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let mut alert: Value = serde_json::from_str(line).expect("an alert is JSON");
            let own = alert.get_mut("tagout").expect("our part");
            if own["verdict"] != "match" {
                continue;
            }
            own["digest"] = "[digest]".into();
            own["alert_id"] = "[alert id]".into();
            let rule = own["rule"].as_str().and_then(|rule| rule.split_once('/'));
            let (_, rule) = rule.expect("PACK/RULE");
            first.entry(rule.to_owned()).or_insert(alert);
        }
    }
    first
}

/// The names of a pack's rules, from their source.
fn rules(pack: &Path) -> Vec<String> {
    let read = folder::read(pack).expect("a pack reads");
    let schema = tagout_spec::schema::Schema::builtin();
    let checked = tagout_compiler::check(&read.source, &schema);
    checked.program.plans.iter().map(|plan| plan.rule.clone()).collect()
}

#[test]
fn every_rule_alerts_on_a_capture_of_a_real_stack() {
    let packs = packs();
    assert!(!packs.is_empty());
    for pack in packs {
        let alerts = first_alerts(&pack);
        let silent: Vec<_> =
            rules(&pack).into_iter().filter(|rule| !alerts.contains_key(rule)).collect();
        assert!(silent.is_empty(), "{}: no capture shows {silent:?}", pack.display());
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(pack.join("captures"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            for (rule, alert) in alerts {
                insta::assert_snapshot!(rule, format!("{alert:#}"));
            }
        });
    }
}
