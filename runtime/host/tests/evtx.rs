//! EVTX against an independent reader: every log of the corpus, its records and all
//! their fields, as `tests/tools/evtx_records.py` reads them with python-evtx.
//!
//! The corpus is found through `$TAGOUT_CORPUS` or as `../shared/corpus` beside the
//! checkout, Python with python-evtx through `$TAGOUT_PYTHON` or as `python3`. What is
//! missing is said; in continuous integration it is a failure.

#![expect(clippy::unwrap_used, reason = "what helps a test may fail it")]
#![expect(clippy::disallowed_methods, reason = "a test reads files and the environment")]
#![expect(clippy::print_stderr, reason = "what was compared is told")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::{env, fs};

use serde_json::{Map, Value};
use tagout_decode::EachEvent;
use tagout_host::evtx::{CHUNK, Chunks, HEADER};
use tagout_host::{Host, Layout};
use tagout_spec::record::{EventJson, RecordView};
use tagout_spec::schema::Schema;

const SCRIPT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/tools/evtx_records.py");

/// Records of one log by their number there; several if a number is used twice.
type Records = BTreeMap<u64, Vec<Map<String, Value>>>;

#[test]
fn logs_agree_with_an_independent_reader() {
    let Some((corpus, python)) = corpus().zip(python()) else { return };
    let mut sum = Sum::default();
    let mut wrong = Vec::new();
    for path in logs(&corpus) {
        let (ours, damaged) = ours(&path);
        let theirs = theirs(&python, &path);
        sum.files += 1;
        sum.damaged += damaged;
        compare(&path, &ours, &theirs, &mut sum, &mut wrong);
    }
    eprintln!("{sum:?}, unexplained {}", wrong.len());
    for line in wrong.iter().take(20) {
        eprintln!("{line}");
    }
    assert!(sum.files > 0 && sum.records > 0);
    assert!(wrong.is_empty());
    assert!(sum.explained * 100 <= sum.fields);
}

/// A record that is read by its template says what it says as XML.
#[test]
fn records_say_what_their_xml_says() {
    let Some(corpus) = corpus() else { return };
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let settings = Arc::new(evtx::ParserSettings::new().num_threads(1).indent(false));
    let mut chunks = Chunks::default();
    let mut host = Host::new(&schema);
    let lines: Rc<RefCell<Vec<String>>> = Rc::default();
    let to = Rc::clone(&lines);
    let mut each = EachEvent::new(&schema, move |_, view: RecordView<'_>| {
        let mut line = Vec::new();
        json.write(&view, &mut line);
        to.borrow_mut().push(String::from_utf8(line).unwrap());
    });
    let (mut n, mut by_template, mut wrong) = (0, 0, Vec::new());
    for path in logs(&corpus) {
        let bytes = fs::read(&path).unwrap();
        for bytes in bytes.get(HEADER..).unwrap_or_default().chunks(CHUNK) {
            let Ok(mut data) = evtx::EvtxChunkData::new(bytes.to_vec(), false) else {
                continue;
            };
            let Ok(mut parsed) = data.parse(Arc::clone(&settings)) else { continue };
            let theirs: BTreeMap<u64, String> = parsed
                .iter()
                .filter_map(|record| record.ok()?.into_xml().ok())
                .map(|record| (record.event_record_id, record.data))
                .collect();
            for record in chunks.read(bytes).records {
                let Some(xml) = theirs.get(&record.id) else { continue };
                n += 1;
                by_template += usize::from(!record.text.starts_with('<'));
                for (layout, text) in
                    [(Layout::Evtx, record.text.as_str()), (Layout::Xml, xml)]
                {
                    host.text(layout, text, false, &mut each).unwrap();
                    each.flush();
                }
                let found = std::mem::take(&mut *lines.borrow_mut());
                let (ours, xml) = found.split_at(found.len() / 2);
                if ours != xml {
                    wrong.push(format!(
                        "{}: {}\n{ours:?}\n{xml:?}",
                        path.display(),
                        record.id
                    ));
                }
            }
        }
    }
    eprintln!("{n} records, {by_template} by their templates, {} wrong", wrong.len());
    for wrong in wrong.iter().take(5) {
        eprintln!("{wrong}");
    }
    assert!(wrong.is_empty());
    assert!(by_template * 10 > n * 9);
}

#[derive(Debug, Default)]
struct Sum {
    files: usize,
    records: usize,
    fields: usize,
    /// Fields that differ, with a reason that [`explained`] states.
    explained: usize,
    /// Records that python-evtx cannot read and we can.
    only_ours: usize,
    damaged: u64,
}

fn compare(
    path: &Path,
    ours: &Records,
    theirs: &Records,
    sum: &mut Sum,
    wrong: &mut Vec<String>,
) {
    for (id, records) in theirs {
        let own = ours.get(id).map_or(&[][..], Vec::as_slice);
        // What neither of both can read is no difference.
        let readable =
            records.iter().filter(|record| !record.contains_key("error")).count();
        if own.len() < readable {
            wrong.push(format!(
                "{}: record {id}: {} of {}",
                path.display(),
                own.len(),
                records.len()
            ));
        }
        for (own, record) in own.iter().zip(records) {
            sum.records += 1;
            if record.contains_key("error") {
                sum.only_ours += 1;
                continue;
            }
            for (name, text) in expected(record) {
                sum.fields += 1;
                let found = own.get(&name).and_then(Value::as_str).unwrap_or_default();
                let lines = |text: &str| -> Vec<String> {
                    let lines =
                        text.lines().map(str::trim).filter(|line| !line.is_empty());
                    lines.map(str::to_owned).collect()
                };
                if same(found, &text) || (name == "Data" && lines(found) == lines(&text))
                {
                    continue;
                }
                if explained(own, &name, found, &text) {
                    sum.explained += 1;
                } else {
                    wrong.push(format!(
                        "{}: record {id}: {name}: {found:?} is {text:?}",
                        path.display()
                    ));
                }
            }
        }
    }
    // Where python-evtx gives a file up, we go on.
    sum.only_ours += ours.keys().filter(|id| !theirs.contains_key(id)).count();
}

/// Names and texts as we keep them: of a name that is given twice the first.
fn expected(record: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut unnamed = Vec::new();
    for pair in record["data"].as_array().into_iter().flatten() {
        let (name, text) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
        match name {
            // An array of texts, which is one piece of data for each of them. python-evtx
            // moves those that are empty behind the others, so they are left out.
            "" if text.starts_with("<string>") => {
                let items = text
                    .split("</string>")
                    .filter_map(|item| item.split_once("<string>").map(|(_, item)| item));
                let items: Vec<&str> = items.filter(|item| !item.is_empty()).collect();
                texts.insert("Data".to_owned(), items.join("\n"));
            }
            "" => unnamed.push(text.to_owned()),
            name => {
                texts.entry(name.to_owned()).or_insert(text.to_owned());
            }
        }
    }
    for (n, text) in unnamed.into_iter().enumerate() {
        texts.entry(format!("param{}", n + 1)).or_insert(text);
    }
    let system = &record["system"];
    for (theirs, ours) in [
        ("Provider_Name", "Provider_Name"),
        ("EventID", "EventID"),
        ("Version", "Version"),
        ("Level", "Level"),
        ("Task", "Task"),
        ("Opcode", "Opcode"),
        ("Keywords", "Keywords"),
        ("EventRecordID", "EventRecordID"),
        ("Correlation_ActivityID", "Correlation_ActivityID"),
        ("Execution_ProcessID", "Execution_ProcessID"),
        ("Execution_ThreadID", "Execution_ThreadID"),
        ("Channel", "Channel"),
        ("Computer", "Computer"),
        ("Security_UserID", "Security_UserID"),
        ("TimeCreated_SystemTime", "TimeCreated"),
    ] {
        let text = system.get(theirs).and_then(Value::as_str).unwrap_or_default();
        texts.entry(ours.to_owned()).or_insert(text.to_owned());
    }
    texts
}

/// Whether two texts say the same: numbers as numbers, times as times, identifiers
/// without their braces.
fn same(ours: &str, theirs: &str) -> bool {
    fn number(text: &str) -> Option<u64> {
        match text.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => text.parse().ok(),
        }
    }
    /// Microseconds, which is all that python-evtx keeps of a time.
    fn time(text: &str) -> Option<i64> {
        let time = text.replacen(' ', "T", 1).replace("+00:00", "Z");
        Some(time.parse::<jiff::Timestamp>().ok()?.as_microsecond())
    }
    fn plain(text: &str) -> String {
        let text = text.trim_start_matches('{').trim_end_matches('}');
        let kept = text
            .chars()
            .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'));
        kept.collect::<String>().to_lowercase()
    }
    let numbers = number(ours).zip(number(theirs)).is_some_and(|(a, b)| a == b);
    // Its floats round the last digit.
    let times = time(ours).zip(time(theirs)).is_some_and(|(a, b)| a.abs_diff(b) <= 2);
    ours == theirs || numbers || times || plain(ours) == plain(theirs)
}

/// Differences that have a reason.
fn explained(own: &Map<String, Value>, name: &str, ours: &str, theirs: &str) -> bool {
    // A record keeps 16 KiB of a text, and says so by another form.
    let is_cut = own.get(name).is_some_and(Value::is_object);
    // python-evtx prints binary data in base64, which MS-EVEN6 2.2.12 writes as digits.
    let is_binary = !ours.is_empty()
        && ours.len().is_multiple_of(2)
        && ours.bytes().all(|b| b.is_ascii_hexdigit())
        && theirs.len() >= ours.len() / 2;
    // An array that begins with empty texts: its search for the next one starts within
    // the one before, whose end it prints a second time. MS-EVEN6 2.2.12: texts end at
    // their zero.
    let is_shifted = name == "Data" && ours.starts_with('\n');
    // MS-DTYP 2.3.3: a time of zero is the year 1601.
    let is_zero =
        ours.starts_with("1601-01-01T00:00:00") && theirs.starts_with("0001-01-01");
    is_cut || is_binary || is_shifted || is_zero
}

/// The records of a log as we read them, as their raw maps; and how many are damaged.
fn ours(path: &Path) -> (Records, u64) {
    let bytes = fs::read(path).unwrap();
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let mut chunks = Chunks::default();
    let mut host = Host::new(&schema);
    let (mut records, mut damaged) = (Records::new(), 0);
    // Of a record that gives several events, all have the same map.
    let last: Rc<RefCell<Option<Map<String, Value>>>> = Rc::default();
    let to = Rc::clone(&last);
    let mut each = EachEvent::new(&schema, move |_, view: RecordView<'_>| {
        let mut line = Vec::new();
        json.write(&view, &mut line);
        let event: Map<String, Value> = serde_json::from_slice(&line).unwrap();
        let raw = event.get("raw").and_then(Value::as_object).cloned();
        *to.borrow_mut() = Some(raw.unwrap_or_default());
    });
    for chunk in bytes.get(HEADER..).unwrap_or_default().chunks(CHUNK) {
        let chunk = chunks.read(chunk);
        damaged += chunk.damaged;
        for record in chunk.records {
            host.text(Layout::Evtx, &record.text, false, &mut each).unwrap();
            each.flush();
            records.entry(record.id).or_default().push(last.take().unwrap());
        }
    }
    (records, damaged)
}

fn theirs(python: &str, path: &Path) -> Records {
    let output = Command::new(python).arg(SCRIPT).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut records = Records::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let record: Map<String, Value> = serde_json::from_str(line).unwrap();
        if let Some(id) = record.get("id").and_then(Value::as_u64) {
            records.entry(id).or_default().push(record);
        }
    }
    records
}

/// All logs of the corpus.
fn logs(corpus: &Path) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "evtx") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&corpus.join("host"), &mut found);
    found.sort();
    found
}

fn corpus() -> Option<PathBuf> {
    let named = env::var_os("TAGOUT_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let found = named.or(Some(beside)).filter(|path| path.is_dir());
    missing(found.is_some(), "no corpus at $TAGOUT_CORPUS or ../shared/corpus");
    found
}

fn python() -> Option<String> {
    let python = env::var("TAGOUT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import Evtx.Evtx"]).output();
    let has = has.is_ok_and(|output| output.status.success());
    missing(has, "no Python with python-evtx at $TAGOUT_PYTHON or python3");
    has.then_some(python)
}

fn missing(has: bool, what: &str) {
    if !has {
        eprintln!("NOT RUN: {what}");
        assert!(env::var_os("CI").is_none(), "{what}");
    }
}
