//! Captures of the corpus and of the packs in disorder, and cut short: what comes
//! split, doubled, overlapping and out of order gives the same events, of every kind
//! that is decoded; what is cut gives no panic, and no loss without a count.
//!
//! ```text
//! TCP  frame --> [part 1][part 2][part 3]   split anywhere, each with headers
//!                 [.. overlap ..]           bytes of before once more
//!            --> 3, 1, 1, 2                 any order, some twice
//!      frames of one direction in a row     change places
//!      a frame of before                    comes again
//! UDP  frame --> IP fragments               any order, some twice
//! ```
//!
//! What an event holds is compared, not when it came.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]
#![expect(clippy::print_stderr, reason = "absence is said loudly")]

#[path = "../captures/mod.rs"]
mod captures;
mod cut;
mod packet;
mod run;
mod shuffle;

use captures::{Capture, captures, corpus};
use run::{decode, frames};
use shuffle::{Random, shuffled};

/// Captures left out, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "pcap/zeek/modbus/fuzz-72.pcap",
        "its stream makes no sense, and is found again by where segments end",
    ),
    (
        "pcap/zeek/modbus/fuzz-1011.pcap",
        "its first segments lie far apart, so what is first decides",
    ),
];

/// Disorders of each capture.
const SEEDS: u64 = 2;

/// The captures to disorder: of the corpus those whose traffic is well-formed TCP, which
/// the tests of an intrusion detection system's reassembly are not.
fn subjects() -> Vec<Capture> {
    let mut captures = captures();
    captures.retain(|capture| {
        let name = &capture.name;
        (name.starts_with("pcap/") || name.starts_with("rules/"))
            && !LEFT_OUT.iter().any(|(left_out, _)| left_out == name)
    });
    captures
}

#[test]
fn disorder_gives_the_same_events() {
    let (mut events, mut faults) = (0, Vec::new());
    for Capture { name, path } in subjects() {
        let frames = frames(&path);
        let expected = decode(&frames).events;
        events += expected.len();
        // Of traffic without events there is nothing to compare but their absence.
        let seeds = if expected.is_empty() { 1 } else { SEEDS };
        for seed in 1..=seeds {
            let got = decode(&shuffled(&frames, &mut Random(seed))).events;
            let differs = got.iter().zip(&expected).position(|(a, b)| a != b);
            if let Some(at) = differs {
                faults.push(format!(
                    "{name}, seed {seed}, event {at}:\n  got      {}\n  expected {}",
                    got[at], expected[at]
                ));
            } else if got.len() != expected.len() {
                faults.push(format!(
                    "{name}, seed {seed}: {} events, expected {}",
                    got.len(),
                    expected.len()
                ));
            }
        }
    }
    println!("{events} events, {SEEDS} disorders each");
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
    assert!(corpus().is_none() || events > 25_000, "{events}");
}
