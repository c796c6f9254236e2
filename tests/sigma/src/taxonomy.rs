//! Events of Windows in the names of Sigma's categories.
//!
//! The taxonomy's categories are Sysmon's events and PowerShell's, by their own names. Of
//! other events that say the same, a mapping of fields gives them those names (Sigma rules,
//! Field Usage 1); the tables here are such mappings, of what Windows documents of its
//! events and Sysmon of its own.

use serde_json::{Map, Value};

/// Sources whose events are those of the categories.
const OWN: &[&str] = &[
    "Microsoft-Windows-Sysmon",
    "Linux-Sysmon",
    "Microsoft-Windows-PowerShell",
    "PowerShellCore",
    "PowerShell",
];

/// Sigma's name of a field, that of the log, and what makes a value of the one of that of
/// the other.
type Field = (&'static str, &'static str, fn(&str) -> Option<String>);

/// Events of one provider: numbers, the type of object that they are about if it matters,
/// and their fields.
type Events = (&'static [u64], Option<&'static str>, &'static [Field]);

const SECURITY: &[Events] = &[
    (
        &[4688],
        None,
        &[
            ("Image", "NewProcessName", same),
            ("ProcessId", "NewProcessId", decimal),
            ("CommandLine", "CommandLine", same),
            ("ParentImage", "ParentProcessName", same),
            ("ParentProcessId", "ProcessId", decimal),
            ("IntegrityLevel", "MandatoryLabel", integrity),
            ("LogonId", "SubjectLogonId", same),
        ],
    ),
    (
        &[4656, 4663],
        Some("Process"),
        &[
            ("SourceImage", "ProcessName", same),
            ("SourceProcessId", "ProcessId", decimal),
            ("TargetImage", "ObjectName", same),
            ("GrantedAccess", "AccessMask", same),
        ],
    ),
    (
        &[4656, 4663],
        Some("File"),
        &[
            ("FileName", "ObjectName", same),
            ("Image", "ProcessName", same),
            ("ProcessId", "ProcessId", decimal),
        ],
    ),
    (
        &[5152, 5154, 5155, 5156, 5157, 5158, 5159],
        None,
        &[
            ("Image", "Application", same),
            ("ProcessId", "ProcessID", same),
            ("ProcessId", "ProcessId", same),
            ("Protocol", "Protocol", same),
            ("SourceIp", "SourceAddress", same),
            ("SourcePort", "SourcePort", same),
            ("DestinationIp", "DestAddress", same),
            ("DestinationPort", "DestPort", same),
            ("Initiated", "Direction", outbound),
        ],
    ),
];

const WMI: &[Events] = &[(
    &[5857, 5858, 5859, 5860, 5861],
    None,
    &[
        ("Name", "ProviderName", same),
        ("Destination", "ProviderPath", same),
        ("Query", "Operation", same),
        ("Query", "Query", same),
        ("EventNamespace", "Namespace", same),
        ("EventNamespace", "NamespaceName", same),
        ("Consumer", "CONSUMER", same),
        ("Filter", "ESS", same),
        ("User", "User", same),
    ],
)];

/// An event of a log by the names of its category; none if nobody has said which they are.
#[must_use]
pub fn category(event: &Map<String, Value>) -> Option<Map<String, Value>> {
    let provider = event.get("Provider_Name")?.as_str()?;
    let table = match provider {
        own if OWN.contains(&own) => return Some(event.clone()),
        "Microsoft-Windows-Security-Auditing" => SECURITY,
        "Microsoft-Windows-WMI-Activity" => WMI,
        _ => return None,
    };
    let number = text(event, "EventID")?.parse().ok()?;
    let object = text(event, "ObjectType");
    let (.., fields) = table.iter().find(|(numbers, of, _)| {
        numbers.contains(&number) && of.is_none_or(|of| object.as_deref() == Some(of))
    })?;
    let mut named = Map::new();
    for (name, theirs, made) in *fields {
        if let Some(value) = text(event, theirs).and_then(|text| made(&text)) {
            named.entry(*name).or_insert(value.into());
        }
    }
    for name in ["EventID", "Provider_Name", "Channel"] {
        named.insert(name.to_owned(), event.get(name)?.clone());
    }
    // Sysmon writes accounts with their domains.
    if let Some(user) = text(event, "SubjectUserName") {
        let domain = text(event, "SubjectDomainName").unwrap_or_default();
        let user = Value::from(format!("{domain}\\{user}"));
        let name = if named.contains_key("SourceImage") { "SourceUser" } else { "User" };
        named.insert(name.to_owned(), user);
    }
    Some(named)
}

/// A field as text; `-` and nothing are none.
fn text(event: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match event.get(name)? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(text).filter(|text| !matches!(text.trim(), "" | "-"))
}

fn same(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A number that Windows writes in hexadecimal digits.
fn decimal(text: &str) -> Option<String> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(|n| n.to_string()),
        None => same(text),
    }
}

/// The word for a level of integrity.
fn integrity(text: &str) -> Option<String> {
    let word = match text.strip_prefix("S-1-16-")? {
        "0" => "Untrusted",
        "4096" => "Low",
        "8192" => "Medium",
        "8448" => "Medium Plus",
        "12288" => "High",
        "16384" => "System",
        _ => return None,
    };
    same(word)
}

/// `Outbound` and `Inbound` of Windows messages.
fn outbound(text: &str) -> Option<String> {
    match text {
        "%%14593" => same("true"),
        "%%14592" => same("false"),
        _ => None,
    }
}
