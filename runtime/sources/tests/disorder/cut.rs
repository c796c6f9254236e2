//! Captures that end anywhere, and frames that the capture cut: of every kind of event,
//! the smallest capture that holds it.

use std::collections::BTreeMap;

use tagout_sources::{Item, Source};

use crate::captures::Capture;
use crate::run::{Captured, Decoded, decode, frames, own};
use crate::subjects;

/// Bytes at the beginning of a file after each of which it is cut, and most cuts in all.
const EVERY_BYTE: usize = 1_500;
const CUTS: usize = 3_000;
/// One in so many cuts is decoded; the others are read.
const DECODED: usize = 37;
/// Most lengths to which frames are cut.
const LENGTHS: usize = 300;

/// For each kind, the smallest capture that holds an event of it.
fn smallest() -> BTreeMap<String, Capture> {
    let mut found: BTreeMap<String, (u64, Capture)> = BTreeMap::new();
    for capture in subjects() {
        let size = std::fs::metadata(&capture.path).unwrap().len();
        for kind in decode(&frames(&capture.path)).kinds {
            let is_smaller = found.get(&kind).is_none_or(|(least, _)| size < *least);
            if is_smaller {
                found.insert(kind, (size, capture.clone()));
            }
        }
    }
    found.into_iter().map(|(kind, (_, capture))| (kind, capture)).collect()
}

#[test]
fn cut_captures_lose_nothing_without_a_count() {
    let subjects = smallest();
    assert!(!subjects.is_empty());
    for (kind, Capture { name, path }) in subjects {
        let bytes = std::fs::read(&path).unwrap();
        let frames = frames(&path);
        let all = decode(&frames);
        println!("{kind}: {name}, {} bytes, {} events", bytes.len(), all.events.len());
        let step = bytes.len().saturating_sub(EVERY_BYTE) / (CUTS - EVERY_BYTE) + 1;
        let ends = (0..bytes.len().min(EVERY_BYTE))
            .chain((EVERY_BYTE..bytes.len()).step_by(step));
        for (n, end) in ends.enumerate() {
            file_cut_at(&name, &bytes, end, n % DECODED == 0, &all);
        }
        let longest = frames.iter().map(|frame| frame.data.len()).max().unwrap();
        for len in (0..=longest).step_by(longest / LENGTHS + 1) {
            frames_cut_to(&name, &frames, len, &all);
        }
    }
}

/// A file that ends here: an error or all bytes read, and the events of before.
fn file_cut_at(name: &str, bytes: &[u8], end: usize, is_decoded: bool, all: &Decoded) {
    let Ok(mut source) = Source::open(&bytes[..end], "cut", None) else { return };
    let mut frames = Vec::new();
    let error = loop {
        match source.next() {
            Ok(Some(Item::Frame(frame))) => frames.push(own(&frame)),
            Ok(Some(Item::Line(_))) => assert_eq!(end, 0, "a capture has no lines"),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert!(
        error.is_some() || source.stats().bytes == end as u64,
        "{name} cut at {end}: bytes are lost"
    );
    if is_decoded {
        let got = decode(&frames);
        let before = &got.events[..got.before_end];
        assert!(all.events.starts_with(before), "{name} cut at {end}");
    }
}

/// Every frame cut to the same length, as a small snapshot length does.
fn frames_cut_to(name: &str, frames: &[Captured], len: usize, all: &Decoded) {
    let cut = |frame: &Captured| Captured {
        data: frame.data[..len.min(frame.data.len())].to_vec(),
        ..*frame
    };
    let cut: Vec<Captured> = frames.iter().map(cut).collect();
    let got = decode(&cut);
    let n_cut = cut.iter().filter(|frame| frame.data.len() < frame.orig_len).count();
    assert_eq!(got.stats.packets, frames.len() as u64, "{name} cut to {len}");
    assert_eq!(got.stats.cut, n_cut as u64, "{name} cut to {len}: frames cut");
    assert!(got.events.len() <= all.events.len() || n_cut > 0, "{name} cut to {len}");
}
