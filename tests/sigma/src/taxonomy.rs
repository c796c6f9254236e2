//! Events of Windows in the names of Sigma's categories.
//!
//! The taxonomy's categories are Sysmon's events and PowerShell's, by their own names. Of
//! other events that say the same, it is a mapping of fields that gives them those names
//! (Sigma rules, Field Usage 1).

use serde_json::{Map, Value};

/// Sources whose events are those of the categories.
const OWN: &[&str] = &[
    "Microsoft-Windows-Sysmon",
    "Linux-Sysmon",
    "Microsoft-Windows-PowerShell",
    "PowerShellCore",
    "PowerShell",
];

/// An event of a log by the names of its category; none if nobody has said which they are.
#[must_use]
pub fn category(event: &Map<String, Value>) -> Option<Map<String, Value>> {
    let provider = event.get("Provider_Name")?.as_str()?;
    OWN.contains(&provider).then(|| event.clone())
}
