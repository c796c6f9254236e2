//! The figures that Sigma rules over events of Windows owe, measured in one run, with the
//! second engine over the same rules and events beside ours:
//!
//! ```text
//! cargo run --release -p tagout-tests --example host [json|evtx|pack|growth]
//! ```
//!
//! Rules are all public ones for Windows, as `tagout import sigma` makes them, in one
//! pack. Events are Sysmon's, of the corpus's logs, each changed in what changes between
//! events ([`events`]). Times are CPU times of this thread, the median of rounds; on
//! another machine only the ratios carry over.
#![expect(clippy::print_stdout, reason = "the report is the purpose")]

mod events;
mod logs;
mod pack;
mod parsed;
mod rules;
mod second;
mod stream;

use std::collections::BTreeMap;
use std::error::Error;

use tagout_sigma_tests::corpus::corpus;
use tagout_tests::clock::{median, thread_ns};

use crate::rules::Rules;
use crate::stream::Measured;

/// Rounds, of which the median counts.
const ROUNDS: usize = 5;
/// Events of a stream.
const EVENTS: usize = 20_000;
/// Events that both engines are given: the second one is slow.
const COMPARED: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let wanted = arguments.next();
    if wanted.as_deref() == Some(pack::CHILD) {
        return pack::child(arguments);
    }
    let (Some(sigma), Some(host)) = (corpus("rules/sigma"), corpus("host")) else {
        return Err("the corpus is not here".into());
    };
    let is_wanted = |part: &str| wanted.as_deref().is_none_or(|wanted| wanted == part);
    let rules = Rules::of(&sigma);
    println!("{} rules for Windows; {} imported", rules.inputs.len(), rules.imported());
    println!("| figure | owed | found |\n|---|---|---|");
    let (pack, built) = rules.all()?;
    if is_wanted("json") {
        let lines = events::lines(&host, EVENTS)?;
        json(&rules, &pack, &lines)?;
    }
    if is_wanted("evtx") {
        logs::measure(&host, &pack, &rules.by_field()?.0)?;
    }
    if is_wanted("pack") {
        pack::measure(&pack, built)?;
    }
    if is_wanted("growth") {
        let lines = events::lines(&host, EVENTS)?;
        stream::growth(&rules, &lines)?;
    }
    Ok(())
}

/// Events as lines of JSON, and as they are behind the parser.
fn json(rules: &Rules, pack: &[u8], lines: &[String]) -> Result<(), Box<dyn Error>> {
    let bytes: usize = lines.iter().map(String::len).sum();
    row("bytes of a line", "about 1,000", &(bytes / lines.len()).to_string());
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = thread_ns();
        for line in lines {
            std::hint::black_box(serde_json::from_str::<serde_json::Value>(line)?);
        }
        times.push((thread_ns() - start) / lines.len() as f64);
    }
    let alone = median(times);
    row("serde_json's values alone", "291,000/s elsewhere", &speed(alone));
    let all = figures("all rules", pack, lines)?;
    // The same as the speeds elsewhere: 1,000,000 and 400,000 over 291,000.
    row(
        "all rules: parsed events, over serde_json's values",
        "3.44 times",
        &format!("{:.2} times", alone / all.parsed),
    );
    row(
        "all rules: from JSON, over serde_json's values",
        "1.37 times",
        &format!("{:.2} times", alone / all.whole),
    );
    let (by_field, others) = rules.by_field()?;
    figures(&format!("without {others} that look through all fields"), &by_field, lines)?;
    kinds(&by_field, lines)?;
    second::compare(rules, pack, lines.get(..COMPARED).unwrap_or(lines), all.parsed)
}

fn figures(
    which: &str,
    pack: &[u8],
    lines: &[String],
) -> Result<Measured, Box<dyn Error>> {
    let measured = stream::measure(pack, lines)?;
    let row = |what: &str, owed: &str, found: &str| {
        row(&format!("{which}: {what}"), owed, found);
    };
    row("parsed events: write", "", &speed(measured.write));
    row("scan, evaluate", "", &speed(measured.evaluate()));
    row("parsed events: write, scan, evaluate", "1,000,000/s", &speed(measured.parsed));
    row("from JSON: read and write", "", &speed(measured.read));
    row("from JSON: read, write, scan, evaluate", "400,000/s", &speed(measured.whole));
    let matched = measured.rows as f64 / lines.len() as f64 * 100.0;
    row("rows an event", "", &format!("{matched:.2} %"));
    Ok(measured)
}

/// What an event of each number costs.
fn kinds(pack: &[u8], lines: &[String]) -> Result<(), Box<dyn Error>> {
    let mut kinds: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for line in lines {
        let event: serde_json::Value = serde_json::from_str(line)?;
        let number = event.pointer("/Event/System/EventID").and_then(|id| id.as_u64());
        kinds.entry(number.unwrap_or(0)).or_default().push(line.clone());
    }
    for (number, lines) in kinds {
        let measured = stream::measure(pack, &lines)?;
        let rows = measured.rows as f64 / lines.len() as f64;
        row(
            &format!("the same, events of number {number}: read and write; evaluate"),
            "",
            &format!(
                "{:.0} ns; {:.0} ns, {rows:.2} rows",
                measured.read,
                measured.evaluate()
            ),
        );
    }
    Ok(())
}

fn row(what: &str, owed: &str, found: &str) {
    println!("| {what} | {owed} | {found} |");
}

/// Nanoseconds an event as what people ask for.
fn speed(ns: f64) -> String {
    format!("{:.0}/s ({ns:.0} ns)", 1e9 / ns)
}
