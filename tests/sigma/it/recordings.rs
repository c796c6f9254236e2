//! Recordings of others as shippers sent them: archives with an event a line, flat JSON
//! under the shipper's names, or a message of syslog that holds the event as XML.
//!
//! What the second engine gets is what Windows logged: the shipper's names become those
//! of the log, and what the shipper says of itself is left out.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tagout_decode::EachEvent;
use tagout_host::{Host, Layout};
use tagout_sigma_tests::corpus::corpus;
use tagout_sigma_tests::taxonomy;
use zip::ZipArchive;

use crate::judge::{Judge, Theirs, Trial, rules};

/// What shippers call the parts of an event, and what Sigma calls them: elements by their
/// names, attributes behind those of their elements (Sigma rules, Field Usage 3).
const NAMES: &[(&str, &str)] = &[
    ("SourceName", "Provider_Name"),
    ("Source", "Provider_Name"),
    ("EventSourceName", "Provider_Name"),
    ("Hostname", "Computer"),
    ("RecordNumber", "EventRecordID"),
    ("ExecutionProcessID", "Execution_ProcessID"),
    ("ThreadID", "Execution_ThreadID"),
    ("ActivityID", "Correlation_ActivityID"),
];

/// What shippers say of themselves, and of when they had the event.
const ENVELOPE: &[&str] = &[
    "@timestamp",
    "@version",
    "ERROR_EVT_UNRESOLVED",
    "EventReceivedTime",
    "EventTypeOrignal",
    "ProviderGuid",
    "Severity",
    "SeverityValue",
    "SourceModuleName",
    "SourceModuleType",
    "host",
    "port",
    "tags",
];

#[test]
fn both_engines_agree_on_recordings() {
    let (Some(rules), Some(folder)) = (rules(), corpus("host/otrf")) else { return };
    let judge = Judge::new(rules);
    let mut trial = Trial::default();
    let found = RefCell::new(Vec::new());
    let mut each = EachEvent::new(&rules.schema, |kind, view| {
        found.borrow_mut().push(judge.ours(kind, &view));
    });
    let (mut lines, mut others) = (0, Vec::new());
    for path in archives(&folder) {
        let mut host = Host::new(&rules.schema);
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        for (number, line) in recorded(&path).lines().enumerate() {
            lines += 1;
            let value: Value = serde_json::from_str(line).expect("a line is JSON");
            let about = format!("line {} of {name}", number + 1);
            let message = value.get("SyslogMessage").and_then(Value::as_str);
            let log = message.map_or_else(|| flat(&value), rendered);
            if let Err(refused) = host.text(Layout::Json, line, false, &mut each) {
                others.push(format!("{about}: {refused}"));
                continue;
            }
            each.flush();
            for ours in found.take() {
                let category = taxonomy::category(&log);
                trial.hear(&ours, &Theirs { log: vec![log.clone()], category }, &about);
            }
        }
    }
    println!("{lines} lines; {others:?}");
    // Sums over connections that an agent drew, and an event that syslog cut.
    assert!(others.len() <= 6, "{others:?}");
    let events = trial.settle("recordings", &[]);
    assert!(events > 21_000, "{events}");
}

/// A shipper's line in the names of the log.
fn flat(line: &Value) -> Map<String, Value> {
    let mut event = Map::new();
    for (name, value) in line.as_object().expect("a line is an object") {
        if value.is_null() || ENVELOPE.contains(&name.as_str()) {
            continue;
        }
        let known = NAMES.iter().find(|(theirs, _)| theirs == name);
        let value = match name.as_str() {
            // Bits, which Windows writes as hexadecimal digits.
            "Keywords" => value
                .as_i64()
                .map_or_else(|| value.clone(), |bits| format!("{bits:#x}").into()),
            // A word of the shipper's own, unless it moved it away for the event's.
            "EventType"
                if line.get("SourceModuleType").is_some()
                    && line.get("EventTypeOrignal").is_none() =>
            {
                continue;
            }
            _ => value.clone(),
        };
        event.insert(known.map_or(name.as_str(), |(_, ours)| ours).to_owned(), value);
    }
    event
}

/// An event as XML of one line in the names of the log.
fn rendered(xml: &str) -> Map<String, Value> {
    let mut event = Map::new();
    let unescaped = |text: &str| {
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        text.replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
    };
    for element in xml.split('<').filter(|element| !element.starts_with(['/', '?'])) {
        let Some((tag, text)) = element.split_once('>') else { continue };
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let attributes = attributes.trim_end_matches('/').split_inclusive("\" ");
        for (attribute, value) in attributes.filter_map(|a| a.trim().split_once('=')) {
            let value = value.trim_matches('"');
            if name == "Data" {
                event.insert(value.to_owned(), unescaped(text).into());
            } else {
                event.insert(format!("{name}_{attribute}"), unescaped(value).into());
            }
        }
        if name != "Data" && !text.is_empty() {
            event.insert(name.to_owned(), unescaped(text).into());
        }
    }
    event
}

/// The lines of an archive; nothing of one that holds something else.
fn recorded(path: &Path) -> String {
    let mut archive =
        ZipArchive::new(File::open(path).expect("readable")).expect("an archive");
    let mut all = String::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).expect("it unpacks");
        if file.name().expect("a name is text").ends_with(".json") {
            file.read_to_string(&mut all).expect("lines are text");
        }
    }
    all
}

fn archives(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = path.path();
        if path.is_dir() {
            found.extend(archives(&path));
        } else if path.extension().is_some_and(|ending| ending == "zip") {
            found.push(path);
        }
    }
    found.sort();
    found
}
