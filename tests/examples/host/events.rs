//! A stream of Sysmon's events, as lines of JSON in the layout of `evtx_dump`.
//!
//! The events are those of the corpus's logs: of the log of a usual computer where it has
//! some of a number, and, one in twenty or where it has none, of recorded attacks; how many
//! there are of a number is a guess at what a computer writes. Each has other numbers,
//! hashes, times and users: whatever is alike in all events of a log would be learnt by
//! caches and predictors.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use evtx::{EvtxParser, ParserSettings};
use serde_json::{Map, Value};
use tagout_tests::mix::Random;

/// The log of a usual computer.
const USUAL: &str = "evtx-benign-omerbenamram/sysmon.evtx";
/// Recorded attacks.
const ATTACKS: &str = "evtx-attack-samples";
/// One event in so many is of an attack.
const RATE: usize = 20;
const USERS: &[&str] = &["anna", "b.meier", "operator", "svc_backup", "Administrator"];

/// Of a hundred events, how many have a number.
const SHARES: &[(u64, usize)] =
    &[(1, 20), (3, 15), (5, 5), (7, 10), (10, 15), (11, 15), (12, 5), (13, 15)];
/// Bytes of the lines that are taken.
const BYTES: RangeInclusive<usize> = 500..=1_700;

/// So many events.
pub(crate) fn lines(host: &Path, n: usize) -> Result<Vec<String>, Box<dyn Error>> {
    let usual = sysmon(&host.join(USUAL))?;
    let mut attacks = Vec::new();
    for path in files(&host.join(ATTACKS))? {
        attacks.extend(sysmon(&path)?);
    }
    let numbers: Vec<u64> =
        SHARES.iter().flat_map(|(number, share)| vec![*number; *share]).collect();
    let (usual, attacks) = (by_number(usual), by_number(attacks));
    let mut random = Random::new(7);
    let mut lines = Vec::new();
    while lines.len() < n {
        let number = random.pick(&numbers);
        let is_attack = lines.len().is_multiple_of(RATE);
        let (first, second) =
            if is_attack { (&attacks, &usual) } else { (&usual, &attacks) };
        let Some(from) = first.get(number).or(second.get(number)) else { continue };
        let mut event = random.pick(from).clone();
        vary(&mut event, "", &mut random);
        lines.push(serde_json::to_string(&event)?);
    }
    Ok(lines)
}

/// Events of about 1 kB, by their numbers.
fn by_number(events: Vec<Value>) -> BTreeMap<u64, Vec<Value>> {
    let mut found: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    for event in events {
        let number = event.pointer("/Event/System/EventID").and_then(Value::as_u64);
        if BYTES.contains(&event.to_string().len()) {
            found.entry(number.unwrap_or(0)).or_default().push(event);
        }
    }
    found
}

/// The logs below a folder, in order.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "evtx") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Sysmon's events in a log.
fn sysmon(path: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let settings = ParserSettings::new().num_threads(1);
    let mut parser = EvtxParser::from_path(path)?.with_configuration(settings);
    let records = parser.records_json_value().filter_map(Result::ok);
    let events = records.map(|record| record.data);
    let is_sysmon = |event: &Value| {
        let channel = event.pointer("/Event/System/Channel").and_then(Value::as_str);
        channel == Some("Microsoft-Windows-Sysmon/Operational")
    };
    Ok(events.filter(is_sysmon).collect())
}

/// Changes what changes between events.
fn vary(value: &mut Value, name: &str, random: &mut Random) {
    match value {
        Value::Object(fields) => vary_all(fields, random),
        Value::Number(number) if is_number(name) => {
            *number = (random.below(60_000) + 1).into();
        }
        Value::String(text) => {
            if name.ends_with("Guid") || name.ends_with("GUID") || name == "Hashes" {
                *text = digits(text, random);
            } else if name.ends_with("Time") {
                *text = time(text, random);
            } else if name.ends_with("User") || name.contains("Image") {
                *text = user(text, random);
            } else if name.contains("CommandLine") || name == "TargetObject" {
                *text = numbers(&user(text, random), random);
            }
        }
        _ => {}
    }
}

fn vary_all(fields: &mut Map<String, Value>, random: &mut Random) {
    for (name, value) in fields {
        vary(value, name, random);
    }
}

fn is_number(name: &str) -> bool {
    name.ends_with("Id")
        || name.ends_with("ID") && name != "EventID"
        || name.ends_with("Port")
}

/// Other digits of a hash or an identifier; names of algorithms stay.
fn digits(text: &str, random: &mut Random) -> String {
    const HEX: &[char] =
        &['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let part = |part: &str, random: &mut Random| -> String {
        let (head, rest) = part.split_once('=').unwrap_or(("", part));
        let separator = if head.is_empty() { "" } else { "=" };
        let other = rest
            .chars()
            .map(|c| if c.is_ascii_hexdigit() { *random.pick(HEX) } else { c });
        let other: String = other.collect();
        format!("{head}{separator}{other}")
    };
    let parts: Vec<String> = text.split(',').map(|text| part(text, random)).collect();
    parts.join(",")
}

/// Another second of the same hour.
fn time(text: &str, random: &mut Random) -> String {
    match (text.get(..14), text.get(19..)) {
        (Some(head), Some(rest)) => {
            let (minute, second) = (random.below(60), random.below(60));
            format!("{head}{minute:02}:{second:02}{rest}")
        }
        _ => text.to_owned(),
    }
}

/// Another account or another home.
fn user(text: &str, random: &mut Random) -> String {
    let Some((head, rest)) = text.split_once("\\Users\\") else {
        return text.to_owned();
    };
    let rest = rest.split_once('\\').map_or("", |(_, rest)| rest);
    format!("{head}\\Users\\{}\\{rest}", random.pick(USERS))
}

/// Other digits where there are several.
fn numbers(text: &str, random: &mut Random) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit)
    };
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        let among = is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
        let other = char::from_digit(u32::try_from(random.below(10)).unwrap_or(0), 10);
        out.push(if c.is_ascii_digit() && among { other.unwrap_or('0') } else { *c });
    }
    out
}
