//! Captures of the corpus in disorder: segments split, doubled, overlapping and
//! out of order must give the same messages, and what is cut must not panic.
//!
//! ```text
//! frame --> [part 1][part 2][part 3]     split anywhere, each with headers
//!            [.. overlap ..]             bytes of before once more
//!       --> 3, 1, 1, 2                   any order, some twice
//! ```
//!
//! Only the order inside one frame's bytes changes, so that the messages of both
//! sides keep their order. What a message holds is compared, not when it came.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use tagout_decode::{Config, DECODERS, EachEvent, FlowEvents, Frame, LinkType, Pipeline};
use tagout_sources::{Item, Source};
use tagout_spec::record::EventJson;
use tagout_spec::schema::Schema;

/// Captures left out, and why.
const LEFT_OUT: [(&str, &str); 3] = [
    (
        "fuzz-72.pcap",
        "its stream makes no sense, and is found again by where segments end",
    ),
    ("fuzz-1011.pcap", "its first segments lie far apart, so what is first decides"),
    ("ndpi/IEC104.pcap", "its flows were begun before, and their first frames are empty"),
];

struct Captured {
    ts_ns: i64,
    link_type: LinkType,
    data: Vec<u8>,
}

#[test]
fn disorder_gives_the_same_messages() {
    let Some(corpus) = corpus() else {
        eprintln!("NOT RUN: no corpus at $TAGOUT_CORPUS or ../shared/corpus");
        return;
    };
    let mut messages = 0;
    for path in captures(&corpus) {
        let name = path.display().to_string();
        if LEFT_OUT.iter().any(|(left_out, _)| name.ends_with(left_out)) {
            continue;
        }
        let frames = frames(&path);
        let expected = decode(&frames);
        messages += expected.len();
        for seed in 1..=2 {
            let mut random = Random(seed);
            let disordered = disorder_all(&frames, &mut random);
            let got = decode(&disordered);
            for (at, (got, expected)) in got.iter().zip(&expected).enumerate() {
                assert_eq!(got, expected, "{name}, seed {seed}, message {at}");
            }
            assert_eq!(got.len(), expected.len(), "{name}, seed {seed}");
        }
    }
    eprintln!("{messages} messages, two disorders each");
}

#[test]
fn cut_captures_lose_nothing_without_a_count() {
    let Some(corpus) = corpus() else {
        eprintln!("NOT RUN: no corpus at $TAGOUT_CORPUS or ../shared/corpus");
        return;
    };
    let path = corpus.join("pcap/icsnpp/modbus/testing/traces/modbus_example.pcap");
    let mut bytes = Vec::new();
    File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
    let all = decode(&frames(&path));
    for end in 0..bytes.len() {
        let Ok(mut source) = Source::open(&bytes[..end], "cut", None) else { continue };
        let mut frames = Vec::new();
        let error = loop {
            match source.next() {
                Ok(Some(Item::Frame(frame))) => frames.push(own(&frame)),
                Ok(Some(Item::Line(_))) => assert_eq!(end, 0, "a capture has no lines"),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        assert!(error.is_some() || source.stats().bytes == end as u64, "cut at {end}");
        if end % 97 == 0 {
            let got = decode(&frames);
            assert!(all.starts_with(&got), "cut at {end}");
        }
    }
    // Every frame cut to the same length, as a small snapshot length does.
    let frames = frames(&path);
    for len in 0..=frames.iter().map(|frame| frame.data.len()).max().unwrap() {
        let cut: Vec<Captured> = frames
            .iter()
            .map(|frame| Captured {
                data: frame.data[..len.min(frame.data.len())].to_vec(),
                ..*frame
            })
            .collect();
        assert!(decode(&cut).len() <= all.len());
    }
}

/// All frames in disorder but the first of each flow: where a flow begins that was
/// begun before the capture, only its first segment can tell.
fn disorder_all(frames: &[Captured], random: &mut Random) -> Vec<Captured> {
    let mut flows = std::collections::BTreeSet::new();
    let mut out = Vec::new();
    for frame in frames {
        let ends = frame.data.get(26..38).map(|ends| {
            let (src, dst) = ([&ends[..4], &ends[8..10]], [&ends[4..8], &ends[10..12]]);
            let mut ends = [src.concat(), dst.concat()];
            ends.sort();
            ends
        });
        if ends.is_some_and(|ends| flows.insert(ends)) {
            out.push(own_copy(frame));
        } else {
            out.extend(disorder(frame, random));
        }
    }
    out
}

/// A frame's segment in disorder; a frame without one as it is.
fn disorder(frame: &Captured, random: &mut Random) -> Vec<Captured> {
    let Some(at) = payload(frame) else { return vec![own_copy(frame)] };
    let (head, data) = frame.data.split_at(at.start);
    let data = &data[..at.len()];
    let mut cuts = vec![0, data.len()];
    for _ in 0..random.below(3) {
        cuts.push(random.below(data.len()));
    }
    cuts.sort_unstable();
    let mut parts = Vec::new();
    for pair in cuts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        if from == to {
            continue;
        }
        parts.push((from, to));
        if random.below(4) == 0 {
            // Some bytes of before with it, or the whole part again.
            parts.push((random.below(from + 1), to));
        }
    }
    for i in (1..parts.len()).rev() {
        parts.swap(i, random.below(i + 1));
    }
    let part = |(from, to): (usize, usize)| {
        let mut data = [head, &data[from..to]].concat();
        let shift = u32::try_from(from).unwrap();
        let sequence = u32::from_be_bytes(data[38..42].try_into().unwrap());
        data[38..42].copy_from_slice(&sequence.wrapping_add(shift).to_be_bytes());
        let total = u16::try_from(data.len() - 14).unwrap();
        data[16..18].copy_from_slice(&total.to_be_bytes());
        Captured { ts_ns: frame.ts_ns, link_type: frame.link_type, data }
    };
    parts.into_iter().map(part).collect()
}

/// Where the bytes of a plain TCP segment lie: Ethernet, IPv4 without options,
/// no SYN, FIN or RST.
fn payload(frame: &Captured) -> Option<std::ops::Range<usize>> {
    let data = &frame.data;
    let is_plain = frame.link_type == LinkType::ETHERNET
        && data.len() > 54
        && data[12..15] == [0x08, 0x00, 0x45]
        && data[23] == 6
        && data[20] & 0x3f == 0
        && data[47] & 0x07 == 0;
    if !is_plain {
        return None;
    }
    let total = usize::from(u16::from_be_bytes([data[16], data[17]]));
    let start = 34 + usize::from(data[46] >> 4) * 4;
    let end = (14 + total).min(data.len());
    (start < end && 14 + total <= data.len()).then_some(start..end)
}

/// The messages of a capture as JSON, without what tells when they came.
fn decode(frames: &[Captured]) -> Vec<String> {
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let mut out = Vec::new();
    let mut sink = EachEvent::new(&schema, |_, record| {
        let mut line = Vec::new();
        json.write(&record, &mut line);
        out.push(timeless(&String::from_utf8(line).unwrap()));
    });
    let config = Config { flow_events: FlowEvents::None, ..Config::default() };
    let mut pipeline = Pipeline::new(config, DECODERS);
    for (at, captured) in frames.iter().enumerate() {
        let frame = Frame {
            ts_ns: captured.ts_ns,
            nanos: false,
            link_type: captured.link_type,
            data: &captured.data,
            orig_len: u32::try_from(captured.data.len()).unwrap(),
            index: at as u64 + 1,
            input: 0,
            interface: 0,
        };
        pipeline.frame(&frame, false, &mut sink);
    }
    pipeline.finish(&mut sink);
    sink.flush();
    drop(sink);
    out
}

fn timeless(line: &str) -> String {
    let fields = line
        .split(',')
        .filter(|field| !field.starts_with("{\"ts\":") && !field.contains("\"frame\":"));
    fields.collect::<Vec<_>>().join(",")
}

fn frames(path: &Path) -> Vec<Captured> {
    let mut out = Vec::new();
    let Ok(mut source) = Source::open(File::open(path).unwrap(), "capture", None) else {
        // A file of another kind under a capture's name.
        return out;
    };
    while let Ok(Some(Item::Frame(frame))) = source.next() {
        out.push(own(&frame));
    }
    out
}

fn own(frame: &Frame<'_>) -> Captured {
    let Frame { ts_ns, link_type, data, .. } = *frame;
    Captured { ts_ns, link_type, data: data.to_vec() }
}

fn own_copy(frame: &Captured) -> Captured {
    Captured { data: frame.data.clone(), ..*frame }
}

/// A generator of numbers that a failing seed repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }
}

fn corpus() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where the corpus is, is environment")]
    let named = std::env::var("TAGOUT_CORPUS").ok().map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    named.into_iter().chain([beside]).find(|path| path.is_dir())
}

/// All captures that the corpus's manifest lists.
fn captures(corpus: &Path) -> Vec<PathBuf> {
    let manifest =
        std::fs::read_to_string(corpus.join("MANIFEST.md")).unwrap_or_default();
    let rows = manifest.lines().filter(|line| line.starts_with("| pcap/"));
    let names = rows.filter_map(|line| line.split('|').nth(1)).map(str::trim);
    let paths = names.map(|name| corpus.join(name)).filter(|path| path.is_file());
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    paths
}
