//! Logs of the Linux audit daemon: our joined events beside the single records of the
//! log.
//!
//! Sigma's log source is `auditd.log`, whose messages are records: a rule of the service
//! asks for the `type` of one and for its fields, and fires on an event if it fires on one
//! of its records. What rules of a category ask for is put together of several records, as
//! Sysmon for Linux would report the same.
//!
//! The records are read here anew, by the documents of the audit project alone.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tagout_decode::EachEvent;
use tagout_host::{Host, Layout};
use tagout_sigma_tests::corpus::corpus;
use tagout_spec::record::{RecordView, Slot, Value as Ours};
use zip::ZipArchive;

use crate::judge::{Judge, Theirs, Trial, rules};

/// Texts that the kernel writes in digits if they hold what a record is parted by
/// (audit field dictionary, encoded; of EXECVE all arguments).
const ENCODED: &[&str] = &[
    "acct",
    "cmd",
    "comm",
    "cwd",
    "data",
    "dir",
    "exe",
    "file",
    "grp",
    "key",
    "name",
    "ocomm",
    "path",
    "proctitle",
    "vm",
    "watch",
];

/// What the records of an event share: time in nanoseconds, and serial number.
type Stamp = (i64, i64);
type Fields = Vec<(String, String)>;

#[test]
fn both_engines_agree_on_audit_logs() {
    let (Some(rules), Some(host)) = (rules(), corpus("host")) else { return };
    let judge = Judge::new(rules);
    let mut trial = Trial::default();
    let found = RefCell::new(Vec::new());
    let mut each = EachEvent::new(&rules.schema, |kind, view| {
        found.borrow_mut().push((stamp_of(&view), judge.ours(kind, &view)));
    });
    let (mut records, mut damaged) = (0, 0);
    for (name, log) in logs(&host) {
        let mut reader = Host::new(&rules.schema);
        let mut events: BTreeMap<Stamp, Vec<Fields>> = BTreeMap::new();
        for line in log.lines().map(str::trim).filter(|line| line.contains("msg=audit("))
        {
            records += 1;
            let read = reader.text(Layout::Audit, line, false, &mut each);
            let Some((stamp, record)) = record(line) else {
                assert!(read.is_err(), "{line}");
                damaged += 1;
                continue;
            };
            assert_eq!(read, Ok(()), "{line}");
            if !line.contains("type=EOE") {
                events.entry(stamp).or_default().push(record);
            }
        }
        reader.finish(&mut each);
        each.flush();
        for (stamp, ours) in found.take() {
            let about = format!("event {} of {name}", stamp.1);
            // What a program says is an event at once, although the kernel may add
            // records on how it was said, which are another.
            let all = events.remove(&stamp).unwrap_or_else(|| panic!("{about}"));
            let (records, others): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|record| holds(&ours.json, record));
            let log = records.iter().map(flat).collect();
            trial.hear(&ours, &Theirs { log, category: Some(named(&records)) }, &about);
            if !others.is_empty() {
                events.insert(stamp, others);
            }
        }
        assert!(events.is_empty(), "{name}: not in our events: {events:?}");
    }
    println!("{records} records, {damaged} damaged");
    let events = trial.settle("audit logs", &[]);
    assert!(events > 200, "{events}");
}

fn stamp_of(view: &RecordView<'_>) -> Stamp {
    let number = |path| {
        let (idx, _) = view.kind().lookup(path).expect("all events have it");
        match view.get(idx) {
            Slot::Value(Ours::Int(number)) => number,
            other => panic!("{path} is {other:?}"),
        }
    };
    (number("ts"), number("record_id"))
}

/// Whether an event of ours is made of records of this type.
fn holds(ours: &Value, record: &Fields) -> bool {
    let ty = record.iter().find(|(name, _)| name == "type");
    let prefix = ty.map(|(_, ty)| format!("{ty}.")).unwrap_or_default();
    let raw = ours.get("raw").and_then(Value::as_object);
    raw.is_some_and(|raw| raw.keys().any(|name| name.starts_with(&prefix)))
}

/// Stamp and fields of a line.
fn record(line: &str) -> Option<(Stamp, Fields)> {
    let (head, rest) = line.split_once("msg=audit(")?;
    let (stamp, body) = rest.split_once(')')?;
    let (time, serial) = stamp.split_once(':')?;
    let (seconds, thousandths) = time.split_once('.')?;
    let seconds: i64 = seconds.parse().ok()?;
    let thousandths: i64 = thousandths.parse().ok()?;
    let stamp = (seconds * 1_000_000_000 + thousandths * 1_000_000, serial.parse().ok()?);
    let mut fields = Vec::new();
    words(head, &mut fields);
    let ty = fields.iter().find(|(name, _)| name == "type")?.1.clone();
    words(body.trim_start_matches(':'), &mut fields);
    for (name, value) in &mut fields {
        let is_argument = ty == "EXECVE" && name.starts_with('a') && name != "argc";
        if is_argument || ENCODED.contains(&name.as_str()) {
            *value = decoded(name, value);
        }
        *value = value.trim_matches('"').to_owned();
    }
    Some((stamp, fields))
}

/// `name=value` of a text; what a program said stands within `'`.
fn words(text: &str, fields: &mut Fields) {
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('=') {
        let blanks = [' ', '\t', ',', '\u{1d}'];
        let name = before.rsplit(blanks).next().unwrap_or_default();
        let (value, behind) = match behind.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = behind.strip_prefix(quote).unwrap_or_default();
                let (value, behind) = inner.split_once(quote).unwrap_or((inner, ""));
                if quote == '\'' {
                    words(value, fields);
                }
                (format!("\"{value}\""), behind)
            }
            Some('{') => {
                let (value, behind) = behind.split_once('}').unwrap_or((behind, ""));
                (format!("{value}}}"), behind)
            }
            _ => {
                let end = behind.find(blanks).unwrap_or(behind.len());
                let (value, behind) = behind.split_at(end);
                (value.to_owned(), behind)
            }
        };
        if name != "msg" {
            fields.push((name.to_owned(), value));
        }
        rest = behind;
    }
}

/// A text of digits, as it was before; of a title the arguments with blanks between.
fn decoded(name: &str, value: &str) -> String {
    let Some(bytes) = bytes(value).filter(|bytes| !bytes.is_empty()) else {
        return value.to_owned();
    };
    let parted = if name == "proctitle" { b' ' } else { 0 };
    let bytes: Vec<u8> =
        bytes.into_iter().map(|byte| if byte == 0 { parted } else { byte }).collect();
    String::from_utf8_lossy(&bytes).trim_end_matches([' ', '\0']).to_owned()
}

/// Bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// A record by the names of the log; of a name that is given twice, the first counts.
fn flat(record: &Fields) -> Map<String, Value> {
    let mut event = Map::new();
    for (name, value) in record {
        event.entry(name).or_insert_with(|| value.as_str().into());
    }
    event
}

/// An event by the names of Sigma's categories.
fn named(records: &[Fields]) -> Map<String, Value> {
    let of = |ty: &'static str| {
        let is_it = move |(name, value): &(String, String)| name == "type" && value == ty;
        records.iter().filter(move |record| record.iter().any(is_it))
    };
    let get = |record: &Fields, wanted: &str| {
        let found = record.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).filter(|value| value != "(null)")
    };
    let mut event = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            event.entry(name).or_insert(value.into());
        }
    };
    for record in of("SYSCALL") {
        for (name, theirs) in [
            ("Image", "exe"),
            ("ProcessId", "pid"),
            ("ParentProcessId", "ppid"),
            ("User", "UID"),
            ("User", "uid"),
        ] {
            put(name, get(record, theirs));
        }
    }
    let cwd = of("CWD").next().and_then(|record| get(record, "cwd"));
    put("CurrentDirectory", cwd.clone());
    let arguments = of("EXECVE").flatten().filter(|(name, _)| {
        let digits = name.strip_prefix('a').unwrap_or_default();
        digits.starts_with(|c: char| c.is_ascii_digit()) && !name.ends_with("_len")
    });
    let mut line = String::new();
    for (name, value) in arguments {
        let goes_on = name.contains('[') && !name.ends_with("[0]");
        if !goes_on && name != "a0" && name != "a0[0]" {
            line.push(' ');
        }
        line.push_str(value);
    }
    put("CommandLine", Some(line).filter(|line| !line.is_empty()));
    put("CommandLine", of("PROCTITLE").next().and_then(|r| get(r, "proctitle")));
    for record in of("PATH") {
        let kind = get(record, "nametype").or_else(|| get(record, "objtype"));
        if kind.as_deref() == Some("CREATE") {
            let name = get(record, "name").unwrap_or_default();
            let path = match &cwd {
                Some(cwd) if !name.starts_with('/') => {
                    format!("{}/{name}", cwd.trim_end_matches('/'))
                }
                _ => name,
            };
            put("TargetFilename", Some(path));
        }
    }
    let socket = of("SOCKADDR").next().and_then(|record| address(&get(record, "saddr")?));
    if let Some((ip, port)) = socket {
        put("DestinationIp", Some(ip));
        put("DestinationPort", Some(port));
        put("Initiated", Some("true".to_owned()));
    }
    event
}

/// Address and port of a `sockaddr_in` or `sockaddr_in6` in digits.
fn address(saddr: &str) -> Option<(String, String)> {
    let bytes = bytes(saddr)?;
    let port = u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]);
    let ip = match bytes.first()? {
        2 => Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(4..8)?).ok()?).to_string(),
        10 => Ipv6Addr::from(<[u8; 16]>::try_from(bytes.get(8..24)?).ok()?).to_string(),
        _ => return None,
    };
    Some((ip, port.to_string()))
}

/// Names and texts of all files that hold audit records.
fn logs(host: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["auditd-go-libaudit", "auditd-laurel", "otrf/atomic/linux"] {
        for path in files(&host.join(folder)) {
            let name = path.strip_prefix(host).unwrap_or(&path).display().to_string();
            let text = match path.extension() {
                Some(ending) if ending == "zip" => unpacked(&path),
                _ => std::fs::read_to_string(&path).unwrap_or_default(),
            };
            // What other readers made of them is no log.
            if !name.contains("golden") && !name.ends_with(".json") {
                found.push((name, text));
            }
        }
    }
    found
}

fn unpacked(path: &Path) -> String {
    let file = File::open(path).expect("readable");
    let mut archive = ZipArchive::new(file).expect("an archive");
    let mut text = String::new();
    let mut file = archive.by_index(0).expect("it unpacks");
    file.read_to_string(&mut text).expect("a log is text");
    text
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = path.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
