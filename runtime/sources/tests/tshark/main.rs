//! Conformance: what is decoded from every capture of the corpus, against
//! tshark, message by message.
//!
//! ```text
//! capture --tagout-decode--> messages --.
//!                                       +--> compare --> differences, explained or not
//! capture --tshark -T pdml--> messages -'
//! ```
//!
//! The corpus is found through `$TAGOUT_CORPUS` or as `../shared/corpus` beside
//! the repository. Without it or without tshark the test says so and passes:
//! it has nothing to compare with.
//!
//! A difference is explained only in the table here, which names the clause of the
//! standard that decides; explained differences above one in a hundred fail too.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod labels;
mod ours;
mod theirs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A Modbus message, as both sides see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Message {
    frame: u64,
    udp: bool,
    transaction: u64,
    unit: u64,
    function: u64,
    request: bool,
    address: Option<u64>,
    quantity: Option<u64>,
    exception: Option<u64>,
    malformed: bool,
    /// Registers or bits; only of ours.
    values: Vec<u64>,
}

/// A difference, and the rule that explains it.
struct Difference {
    text: String,
    explanation: Option<&'static str>,
}

/// Differences that were looked into: capture, frame, and why ours is right.
const EXPLAINED: [(&str, u64, &str); 3] = [
    (
        "zeek/modbus/fuzz-1011.pcap",
        4,
        "its sequence number follows the last acknowledgment, so it is new data that \
         came after what follows it (RFC 9293, 3.4); tshark takes it for a repetition",
    ),
    (
        "zeek/modbus/fuzz-72.pcap",
        6,
        "bytes before it are missing, its function code 33 is not assigned, and its \
         length field (MBAP 3.1.3) leaves two bytes of the segment: nothing proves \
         that a message begins here",
    ),
    (
        "zeek/modbus/fuzz-72.pcap",
        7,
        "a message that fills its segment; tshark joins it to the two bytes that \
         frame 6 left and finds a length of 0 (MBAP 3.1.3)",
    ),
];

#[test]
fn messages_agree_with_tshark() {
    let Some(corpus) = corpus() else {
        eprintln!("NOT RUN: no corpus at $TAGOUT_CORPUS or ../shared/corpus");
        return;
    };
    if !theirs::is_installed() {
        eprintln!("NOT RUN: tshark is not installed");
        return;
    }
    let known = captures_with_modbus(&corpus);
    let (mut total, mut differences, mut files) = (0, Vec::new(), 0);
    for path in captures(&corpus) {
        let ours = ours::messages(&path);
        let name = path.strip_prefix(&corpus).unwrap().display().to_string();
        if ours.is_empty() && !known.contains(&name) {
            continue;
        }
        let theirs = theirs::messages(&path);
        files += 1;
        total += theirs.len();
        let before = differences.len();
        compare(&name, &ours, &theirs, &mut differences);
        eprintln!(
            "{name}: ours {}, tshark {}, differences {}",
            ours.len(),
            theirs.len(),
            differences.len() - before
        );
    }
    let explained = differences.iter().filter(|d| d.explanation.is_some()).count();
    for difference in differences.iter().take(200) {
        let why = difference.explanation.unwrap_or("NOT EXPLAINED");
        eprintln!("{} | {why}", difference.text);
    }
    eprintln!("{files} captures, {total} messages, {} differences", differences.len());
    assert_eq!(explained, differences.len(), "differences are not explained");
    assert!(explained * 100 <= total, "more than 1 % had to be explained");
}

/// Pairs messages of the same frame in their order, and compares their fields.
fn compare(name: &str, ours: &[Message], theirs: &[Message], out: &mut Vec<Difference>) {
    let by_frame = |messages: &[Message]| {
        let mut map: BTreeMap<u64, Vec<Message>> = BTreeMap::new();
        for message in messages {
            map.entry(message.frame).or_default().push(message.clone());
        }
        map
    };
    let (ours, theirs) = (by_frame(ours), by_frame(theirs));
    let frames: std::collections::BTreeSet<u64> =
        ours.keys().chain(theirs.keys()).copied().collect();
    let none = Vec::new();
    for frame in frames {
        let (a, b) =
            (ours.get(&frame).unwrap_or(&none), theirs.get(&frame).unwrap_or(&none));
        for at in 0..a.len().max(b.len()) {
            let text = match (a.get(at), b.get(at)) {
                (Some(a), Some(b)) if agree(a, b) => continue,
                (a, b) => format!("{name} frame {frame}: ours {a:?}, tshark {b:?}"),
            };
            let explanation = explain(name, frame);
            out.push(Difference { text, explanation });
        }
    }
}

fn agree(ours: &Message, theirs: &Message) -> bool {
    // An answer's address and quantity are its request's here, and not there.
    let same =
        |ours: Option<u64>, theirs: Option<u64>| theirs.is_none() || ours == theirs;
    ours.transaction == theirs.transaction
        && ours.unit == theirs.unit
        && ours.function == theirs.function
        && ours.request == theirs.request
        && ours.exception == theirs.exception
        && same(ours.address, theirs.address)
        && same(ours.quantity, theirs.quantity)
}

fn explain(name: &str, frame: u64) -> Option<&'static str> {
    let explained =
        |(capture, at, _): &&(&str, u64, &str)| name.ends_with(capture) && *at == frame;
    EXPLAINED.iter().find(explained).map(|(_, _, why)| *why)
}

fn corpus() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where the corpus is, is environment")]
    let named = std::env::var("TAGOUT_CORPUS").ok().map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    named.into_iter().chain([beside]).find(|path| path.is_dir())
}

/// All captures, in the order of their names.
fn captures(corpus: &Path) -> Vec<PathBuf> {
    let (mut open, mut out) = (vec![corpus.to_owned()], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
            if path.is_dir() {
                open.push(path);
            } else if matches!(extension, "pcap" | "pcapng" | "cap") {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

/// Captures in which the corpus's manifest, made with tshark, counts Modbus.
fn captures_with_modbus(corpus: &Path) -> Vec<String> {
    let manifest =
        std::fs::read_to_string(corpus.join("MANIFEST.md")).unwrap_or_default();
    let rows = manifest
        .lines()
        .filter(|line| line.contains(" mbtcp:") || line.contains("modbus:"));
    rows.filter_map(|line| line.split('|').nth(1))
        .map(|name| name.trim().to_owned())
        .collect()
}
