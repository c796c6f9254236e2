//! Windows logs of the corpus: our reader of EVTX beside what the `evtx` crate prints as
//! JSON.
//!
//! The corpus has no script that comes in several parts; the text of our event would begin
//! with those before.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use evtx::{EvtxParser, ParserSettings};
use serde_json::Value;
use tagout_decode::EachEvent;
use tagout_host::evtx::{CHUNK, Chunks, HEADER};
use tagout_host::{Host, Layout};
use tagout_sigma_tests::corpus::corpus;
use tagout_sigma_tests::flat::flat;
use tagout_sigma_tests::taxonomy;
use tagout_spec::schema::Schema;

use crate::judge::{Judge, Ours, Theirs, Trial, rules};

#[test]
fn both_engines_agree_on_every_log() {
    let (Some(rules), Some(host)) = (rules(), corpus("host")) else { return };
    let judge = Judge::new(rules);
    let mut trial = Trial::default();
    for path in logs(&host) {
        let name = path.strip_prefix(&host).unwrap_or(&path).display();
        let (ours, theirs) = (ours(&path, &judge, &rules.schema), theirs(&path));
        assert!(ours.keys().eq(theirs.keys()), "{name}");
        for ((number, ours), event) in ours.iter().zip(theirs.values()) {
            let log = flat(event);
            let category = taxonomy::category(&log);
            let about = format!("record {number} of {name}");
            trial.hear(ours, &Theirs { log: vec![log], category }, &about);
        }
    }
    let events = trial.settle("Windows logs", &[]);
    assert!(events > 5_300, "{events}");
}

/// The records of a log by their numbers.
fn ours<'r>(path: &Path, judge: &Judge<'r>, schema: &Schema) -> BTreeMap<u64, Ours<'r>> {
    let found = RefCell::new(Vec::new());
    let mut each = EachEvent::new(schema, |kind, view| {
        found.borrow_mut().push(judge.ours(kind, &view));
    });
    let bytes = std::fs::read(path).expect("a log reads");
    let (mut chunks, mut host) = (Chunks::default(), Host::new(schema));
    let mut records = BTreeMap::new();
    for chunk in bytes.get(HEADER..).unwrap_or_default().chunks(CHUNK) {
        for record in chunks.read(chunk).records {
            let read = host.text(Layout::Evtx, &record.text, false, &mut each);
            assert_eq!(read, Ok(()), "{}", record.text);
            each.flush();
            records.extend(found.take().into_iter().map(|ours| (record.id, ours)));
        }
    }
    records
}

/// The events of a log as the crate prints them.
fn theirs(path: &Path) -> BTreeMap<u64, Value> {
    let settings = ParserSettings::new().num_threads(1);
    let Ok(parser) = EvtxParser::from_path(path) else { return BTreeMap::new() };
    let mut parser = parser.with_configuration(settings);
    let records = parser.records_json_value().filter_map(Result::ok);
    records.map(|record| (record.event_record_id, record.data)).collect()
}

fn logs(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(logs(&path));
        } else if path.extension().is_some_and(|ending| ending == "evtx") {
            found.push(path);
        }
    }
    found.sort();
    found
}
