//! What an event costs each decoder, in instructions: they are the same on every
//! machine, so that a change of a tenth is seen in a test.
//!
//! ```text
//! this test --valgrind--> this binary, `workload`: a pack's captures, 2 times   I2
//!           --valgrind-->                                            12 times   I12
//! instructions an event = (I12 - I2) / (events of 10 times)
//! ```
//!
//! What comes before the first frame, and what is done once, cancels out. An event's
//! share includes all that leads to it: packets without one, connections, looking for
//! the protocol. Numbers are those of the profile of tests (`dev`), which optimises less
//! than a release: they tell that something has become dearer, not how fast it is; for
//! that there is the example `traffic`.
//!
//! The table is `runtime/decode/instructions.toml`, a row for every pack with captures.
//! `INSTA_UPDATE=always` writes it anew, as it does snapshots: read it before you commit.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tagout_decode::{Config, DECODERS, FlowEvents, Pipeline};
use tagout_spec::record::Needs;
use tagout_traffic::made::{self, Counts};

/// Tells the workload what to do: `PACK TIMES`.
const WORKLOAD: &str = "TAGOUT_WORKLOAD";

/// How often the captures are decoded, in two runs.
const TIMES: [u32; 2] = [2, 12];

/// A number may differ by so many hundredths.
const TOLERANCE: u64 = 10;

const HEAD: &str = "\
# Instructions an event of each pack's captures (`rules/PACK/captures`), by callgrind, in
# the profile of tests; see `runtime/sources/tests/instructions`, which compares within a
# tenth. After a change that is meant:
#
#     INSTA_UPDATE=always cargo test -p tagout-sources --test instructions

";

#[test]
fn an_event_costs_what_it_did() {
    let version = Command::new("valgrind").arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        eprintln!("NOT RUN: valgrind is not installed");
        return;
    }
    let path = table();
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let known = rows(&text);
    let (mut new, mut faults) = (HEAD.to_owned(), Vec::new());
    for pack in made::packs() {
        let pack = pack.pack;
        let found = instructions(&pack);
        println!("{pack}: {found} instructions an event");
        writeln!(new, "{pack} = {found}").unwrap();
        match known.get(&pack) {
            Some(known) if known.abs_diff(found) * 100 <= known * TOLERANCE => {}
            Some(known) => faults.push(format!("{pack}: {found}, and {known} before")),
            None => faults.push(format!("{pack}: {found}, and no row")),
        }
    }
    if variable("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(path, new).unwrap();
        return;
    }
    assert!(faults.is_empty(), "instructions an event:\n{}", faults.join("\n"));
}

/// What runs under valgrind; nothing, when the tests are run.
#[test]
fn workload() {
    let Some(what) = variable(WORKLOAD) else { return };
    let (pack, times) = what.split_once(' ').expect("PACK TIMES");
    let times = times.parse().expect("a number of times");
    println!("{} events", events(pack, times));
}

/// Decodes a pack's captures so many times; how many events that gives.
fn events(pack: &str, times: u32) -> u64 {
    let mut packs = made::packs();
    let pack = packs.iter_mut().find(|other| other.pack == pack).expect("a pack");
    let mut sink = Counts::new(Needs::ALL);
    let config = Config { flow_events: FlowEvents::None, ..Config::default() };
    let mut pipeline = Pipeline::new(config, DECODERS);
    pack.each(times, |frame| pipeline.frame(frame, false, &mut sink));
    pipeline.finish(&mut sink);
    sink.by_kind().values().sum()
}

fn instructions(pack: &str) -> u64 {
    let [few, many] = TIMES.map(|times| counted(pack, times));
    let [few_events, many_events] = TIMES.map(|times| events(pack, times));
    let events = many_events.checked_sub(few_events).filter(|events| *events > 0);
    (many - few) / events.expect("captures of a pack give events")
}

/// All instructions of a run of the workload.
fn counted(pack: &str, times: u32) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "workload", "--test-threads=1"])
        .env(WORKLOAD, format!("{pack} {times}"))
        .output()
        .expect("valgrind starts");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let total = log.lines().find_map(|line| line.split("Collected : ").nth(1));
    total.and_then(|total| total.trim().parse().ok()).expect("callgrind's total")
}

/// `pack = number`, a line each.
fn rows(text: &str) -> BTreeMap<String, u64> {
    let row = |line: &str| {
        let (pack, number) = line.split_once(" = ")?;
        Some((pack.to_owned(), number.parse().ok()?))
    };
    text.lines().filter_map(row).collect()
}

fn table() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../decode/instructions.toml")
}

#[expect(clippy::disallowed_methods, reason = "a test is told through its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
