//! S7comm and S7comm-plus. ICSNPP's logs have a row a message: kind, reference (as a
//! number of the other byte order) and function of S7comm; version, opcode and function
//! of S7comm-plus, which tshark does not read. Its log of transfers names blocks.

use std::collections::BTreeMap;
use std::fs;

use crate::captures::corpus;
use crate::ours::{self, Event};

const LABELS: &str = "labels/icsnpp/s7comm";
const CAPTURES: &str = "pcap/icsnpp/s7comm/tests/traces";

/// An acknowledgement without data.
const ACK: i128 = 2;

/// The rows of a log, by the names of their columns.
fn rows(name: &str, log: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let path = corpus()?.join(LABELS).join(format!("analyzer.{name}")).join(log);
    let text = fs::read_to_string(path).unwrap();
    let fields = text.lines().find_map(|line| line.strip_prefix("#fields\t")).unwrap();
    let names: Vec<&str> = fields.split('\t').collect();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    let cells = |row: &str| {
        let cells = row.split('\t').map(str::to_owned);
        names.iter().map(|name| (*name).to_owned()).zip(cells).collect()
    };
    Some(rows.map(cells).collect())
}

fn events(kind: &str, name: &str) -> Vec<Event> {
    let path = corpus().unwrap().join(CAPTURES).join(format!("{name}.pcap"));
    ours::events(kind, &path)
}

fn number(cell: &str) -> Option<i128> {
    match cell.strip_prefix("0x") {
        Some(digits) => i128::from_str_radix(digits, 16).ok(),
        None => cell.parse().ok(),
    }
}

/// Rows of a table, counted: the logs are sorted by other things than time.
fn counted<T: Ord>(rows: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    rows.into_iter().for_each(|row| *counts.entry(row).or_default() += 1);
    counts
}

/// ICSNPP has no rows for acknowledgements without data, and one pair of rows for a list
/// that comes in several messages.
fn has_row(event: &Event) -> bool {
    let int = |path| event.int(path);
    let is_asked_on = int("request") == Some(1) && int("data_unit").is_some();
    let goes_on = int("userdata_type").is_some() && int("more_follows") == Some(1);
    int("rosctr") != Some(ACK) && !is_asked_on && !goes_on
}

#[test]
fn messages_agree_with_icsnpp() {
    for (name, at_least) in [("snap7", 61), ("s7comm_plus", 34)] {
        let Some(rows) = rows(name, "s7comm.log") else { return };
        let theirs = counted(rows.iter().map(|row| {
            let kind = number(&row["rosctr_code"]).unwrap();
            // The function of user data is its type and group.
            (kind, number(&row["function_code"]), number(&row["subfunction_code"]))
        }));
        let events = events("s7", name);
        let with_rows = events.iter().filter(|event| has_row(event));
        let ours = counted(with_rows.map(|event| {
            let int = |path| event.int(path);
            let group = int("userdata_type")
                .zip(int("userdata_group"))
                .map(|(kind, group)| kind << 4 | group);
            (int("rosctr").unwrap(), int("function").or(group), int("userdata_function"))
        }));
        assert_eq!(ours, theirs, "{name}");
        assert!(rows.len() >= at_least, "{name}: {} messages", rows.len());
    }
}

#[test]
fn blocks_agree_with_icsnpp() {
    let Some(rows) = rows("snap7", "s7comm_upload_download.log") else { return };
    let theirs: Vec<String> = rows
        .iter()
        .map(|row| row["filename"].clone())
        .filter(|name| name != "-")
        .collect();
    let events = events("s7", "snap7");
    let ours: Vec<String> = events
        .iter()
        .flat_map(|event| event.values("filename"))
        .map(|value| value.to_string())
        .collect();
    assert_eq!(ours, theirs);
    assert!(ours.len() >= 5, "{ours:?}");
}

#[test]
fn s7comm_plus_agrees_with_icsnpp() {
    let Some(rows) = rows("s7comm_plus", "s7comm_plus.log") else { return };
    let cell = |row: &BTreeMap<String, String>, name: &str| number(&row[name]);
    let theirs: Vec<_> = rows
        .iter()
        .map(|row| {
            (cell(row, "version"), cell(row, "opcode"), cell(row, "function_code"))
        })
        .collect();
    let ours: Vec<_> = events("s7plus", "s7comm_plus")
        .iter()
        .map(|event| (event.int("version"), event.int("opcode"), event.int("function")))
        .collect();
    assert_eq!(counted(ours), counted(theirs));
    assert!(rows.len() >= 121, "{} messages", rows.len());
}
