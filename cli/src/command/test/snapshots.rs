//! Whole alerts of a pack's tests, compared with the pack's `snapshots/`.
//!
//! A test that expects a match has a snapshot of its alerts. What changes with
//! every edit of the pack (its digest, and the ids made from it) is replaced by a
//! placeholder; all else must be as it was.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use tagout_runtime::{Alert, TestResult};

use crate::Failure;
use crate::snapshot::{self, Snapshot};

const FOLDER: &str = "snapshots";

/// Members of an alert that depend on the bytes of the pack.
const VOLATILE: [(&str, &str); 2] = [("alert_id", "[alert id]"), ("digest", "[digest]")];

/// Compares a test's alerts with its snapshot, or accepts them; what differs.
pub(super) fn check(
    result: &TestResult,
    pack: &Path,
    update: bool,
) -> Result<Option<String>, Failure> {
    let path = snapshot::path(&pack.join(FOLDER), rule(result), &result.name);
    let expected = snapshot::read(&path)?;
    if result.alerts.is_empty() && expected.is_none() {
        return Ok(None);
    }
    let found = stable_alerts(&result.alerts);
    if update {
        if result.alerts.is_empty() {
            remove(&path)?;
        } else if expected.as_deref() != Some(&found) {
            let source = result.place.0.clone();
            let expression = result.name.clone();
            snapshot::write(&path, &Snapshot { source, expression, content: found })?;
        }
        return Ok(None);
    }
    Ok(match expected {
        None => {
            Some("there is no snapshot of its alerts; `--update` writes it".to_owned())
        }
        Some(expected) if expected != found => Some(format!(
            "its alerts differ from {} (- expected, + found)\n{}",
            path.display(),
            snapshot::difference(&expected, &found)
        )),
        Some(_) => None,
    })
}

/// Snapshots that no test of the pack has; removed on `update`.
pub(super) fn orphans(
    results: &[TestResult],
    pack: &Path,
    update: bool,
) -> Result<Vec<String>, Failure> {
    let known: BTreeSet<_> = results
        .iter()
        .filter(|result| !result.alerts.is_empty())
        .map(|result| format!("{}.snap", snapshot::name(rule(result), &result.name)))
        .collect();
    let Ok(entries) = fs::read_dir(pack.join(FOLDER)) else { return Ok(Vec::new()) };
    let mut orphans = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".snap") && !known.contains(&name) {
            if update {
                remove(&path)?;
            } else {
                orphans.push(path.display().to_string());
            }
        }
    }
    orphans.sort();
    Ok(orphans)
}

/// The name of the rule without that of the pack.
fn rule(result: &TestResult) -> &str {
    result.rule.rsplit_once('/').map_or(result.rule.as_str(), |(_, rule)| rule)
}

/// Alerts as snapshots keep them.
#[must_use]
pub fn stable_alerts(alerts: &[Alert]) -> String {
    let alerts: Vec<_> = alerts
        .iter()
        .map(|alert| {
            let text = alert.to_eve();
            // An alert that is no JSON is a bug, and a snapshot shows it as it is.
            let mut json = serde_json::from_str(&text).unwrap_or(Json::String(text));
            if let Some(own) = json.get_mut("tagout").and_then(Json::as_object_mut) {
                for (member, placeholder) in VOLATILE {
                    if let Some(value) = own.get_mut(member) {
                        *value = placeholder.into();
                    }
                }
            }
            format!("{json:#}")
        })
        .collect();
    alerts.join("\n")
}

fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::usage(format!("cannot remove `{}`: {error}", path.display())))
        }
        _ => Ok(()),
    }
}
