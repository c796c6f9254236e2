//! Linux audit against what two other readers made of the same logs: go-libaudit (one
//! object a record) and laurel (one object an event).

#![expect(clippy::unwrap_used, reason = "what helps a test may fail it")]
#![expect(clippy::print_stderr, reason = "what was compared is told")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Map, Value};
use tagout_decode::EachEvent;
use tagout_host::{Host, Layout};
use tagout_spec::record::{EventJson, RecordView};
use tagout_spec::schema::Schema;

/// Fields that go-libaudit leaves as the log has them, decoded from digits.
const PLAIN: &[&str] = &[
    "a0",
    "a1",
    "a2",
    "a3",
    "acct",
    "addr",
    "argc",
    "cmd",
    "comm",
    "cwd",
    "dev",
    "exe",
    "grp",
    "hostname",
    "id",
    "inode",
    "item",
    "name",
    "nametype",
    "op",
    "pid",
    "ppid",
    "proctitle",
    "terminal",
    "tty",
    "uid",
    "unit",
];

#[test]
fn records_agree_with_go_libaudit() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("host/auditd-go-libaudit/auparse/testdata");
    let (mut records, mut fields) = (0, 0);
    for log in files(&folder, ".log") {
        let golden = fs::read_to_string(log.with_extension("log.golden")).unwrap();
        let golden: Vec<Value> = serde_json::from_str(&golden).unwrap();
        let text = fs::read_to_string(&log).unwrap();
        let events = events(&text);
        // Records of one type within one event, in order.
        let mut seen: BTreeMap<(u64, String), usize> = BTreeMap::new();
        // What it refuses is null there.
        for record in golden.into_iter().filter(|record| !record.is_null()) {
            let sequence = record["sequence"].as_u64().unwrap();
            let ty = record["record_type"].as_str().unwrap().to_uppercase();
            let Some(data) = record["data"].as_object() else { continue };
            let n = seen.entry((sequence, ty.clone())).or_default();
            *n += 1;
            let prefix = if *n > 1 { format!("{ty}.{n}") } else { ty };
            let event =
                events.iter().find(|event| event["record_id"] == sequence).unwrap();
            records += 1;
            for (name, value) in data {
                let is_socket = prefix.starts_with("SOCKADDR");
                let Some(value) = value
                    .as_str()
                    .filter(|_| PLAIN.contains(&name.as_str()) && !is_socket)
                else {
                    continue;
                };
                // Arguments of calls are numbers of the machine there, digits here.
                fields += 1;
                let ours = &event["raw"][format!("{prefix}.{name}")];
                assert_eq!(ours, value, "{}: {sequence} {prefix}.{name}", log.display());
            }
        }
    }
    eprintln!("go-libaudit: {records} records, {fields} fields agree");
    assert!(records > 50 && fields > 300);
}

#[test]
fn events_agree_with_laurel() {
    let Some(corpus) = corpus() else { return };
    let (mut compared, mut fields) = (0, 0);
    for golden in files(&corpus.join("host/auditd-laurel"), ".json") {
        let theirs = fs::read_to_string(&golden).unwrap();
        let theirs: Map<String, Value> = serde_json::from_str(theirs.trim()).unwrap();
        let text = fs::read_to_string(golden.with_extension("txt")).unwrap();
        let events = events(&text);
        let event = &events[0];
        compared += 1;
        for (ty, said) in &theirs {
            let records = match said {
                Value::Array(records) => {
                    records.iter().filter_map(Value::as_object).collect()
                }
                Value::Object(record) => vec![record],
                _ => continue,
            };
            for (n, record) in records.into_iter().enumerate() {
                let prefix = if n > 0 { format!("{ty}.{}", n + 1) } else { ty.clone() };
                for (name, value) in record {
                    let text = match value {
                        Value::String(text)
                            if !text.contains('%') && !text.starts_with(['0', '{']) =>
                        {
                            text.clone()
                        }
                        Value::Number(number) => number.to_string(),
                        _ => continue,
                    };
                    fields += 1;
                    let ours = &event["raw"][format!("{prefix}.{name}")];
                    assert_eq!(*ours, text, "{}: {prefix}.{name}", golden.display());
                }
            }
        }
        if let Some(arguments) =
            theirs.get("EXECVE").and_then(|execve| execve.get("ARGV"))
        {
            assert_eq!(event["process"]["arguments"], *arguments);
        }
    }
    eprintln!("laurel: {compared} events, {fields} fields agree");
    assert!(compared >= 5 && fields > 100);
}

/// The events of a log, as event JSON.
fn events(text: &str) -> Vec<Value> {
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let mut events = Vec::new();
    let mut each = EachEvent::new(&schema, |_, record: RecordView<'_>| {
        let mut line = Vec::new();
        json.write(&record, &mut line);
        events.push(serde_json::from_slice(&line).unwrap());
    });
    let mut host = Host::new(&schema);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        // Test data holds lines that are damaged on purpose.
        let _ = host.text(Layout::Audit, line.trim(), false, &mut each);
        each.flush();
    }
    host.finish(&mut each);
    each.flush();
    drop(each);
    events
}

fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> =
        entries.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    found.sort();
    found
}

fn corpus() -> Option<PathBuf> {
    let named = env::var_os("TAGOUT_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let found = named.or(Some(beside)).filter(|path| path.is_dir());
    if found.is_none() {
        eprintln!("NOT RUN: no corpus at $TAGOUT_CORPUS or ../shared/corpus");
        assert!(env::var_os("CI").is_none(), "no corpus");
    }
    found
}
