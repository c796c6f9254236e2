//! Literals as keys: which part of a literal is kept, and how often it is found.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{NAME, Subject};
use super::need::TextTest;
use super::rarity;
use super::{Atom, CHUNK, Rare};

/// Fewest bytes of a literal that can be a key.
const SHORTEST: usize = 3;
/// Most atoms that are looked for sixteen places at a time: more of them share so few
/// bits that half of all places are compared.
pub(super) const FEW: usize = 40;
/// Bytes of a window.
pub(super) const WINDOW: usize = 4;
/// Most literals under which one entry may hang.
const LITERALS: usize = 4096;
/// Most bytes that are looked for one by one in a text.
const BYTES: usize = 8;
/// Most literals too short for a window that are spread over all windows that begin with
/// them, so that every second byte is enough.
const SHORT: usize = 24;

/// The part of events that have one of the literals, of 2^20; `None` if one of
/// them is too short and has no rare byte.
pub(super) fn found_in(test: &TextTest) -> Option<u32> {
    if test.literals.len() > LITERALS {
        return None;
    }
    let mut bytes = BTreeSet::new();
    let found = test.literals.iter().try_fold(0_u32, |sum, literal| {
        let found = match chunk(&literal.bytes) {
            Some((chunk, window)) => {
                let window = chunk.get(usize::from(window)..)?;
                rarity::texts_with(window.get(..WINDOW).unwrap_or(window))
            }
            None => {
                let (rare, found) = rare(&literal.bytes)?;
                if bytes.insert(rare) { found } else { 0 }
            }
        };
        Some(sum.saturating_add(found))
    });
    found.filter(|_| bytes.len() <= BYTES)
}

/// The rarest byte of a literal, if it is rare, and the part of texts that have it.
fn rare(literal: &[u8]) -> Option<(Rare, u32)> {
    let found = literal.iter().filter_map(|byte| {
        let rare = if byte.is_ascii() { Rare::Byte(*byte) } else { Rare::High };
        Some((rare, rarity::texts_with_byte(*byte)?))
    });
    found.min_by_key(|(_, found)| *found)
}

/// The part of events whose text has the key of one of the literals, of 2^20: as far as a
/// key looks at a literal; `None` if one is too short to tell.
pub(super) fn found_at_end(test: &TextTest, subject: Subject) -> Option<u32> {
    test.literals.iter().try_fold(0_u32, |sum, literal| {
        let bytes = literal.bytes.as_slice();
        let n = match subject {
            Subject::Tail4(..) => 4,
            Subject::Tail8(..) => 8,
            _ => NAME,
        };
        let looked_at = bytes.get(bytes.len().saturating_sub(n)..)?;
        let rarest = looked_at.windows(WINDOW).map(rarity::texts_with).min()?;
        Some(sum.saturating_add(rarest))
    })
}

/// What leads to some entries.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) atoms: Vec<Atom>,
    pub(super) bytes: BTreeMap<Rare, Vec<u32>>,
    pub(super) stride: u32,
}

/// The atoms and bytes of these entries, each with the test that it is found by.
pub(super) fn atoms<'a>(entries: impl Iterator<Item = (u32, &'a TextTest)>) -> Found {
    let mut found: BTreeMap<(Vec<u8>, u8), Vec<u32>> = BTreeMap::new();
    let mut bytes: BTreeMap<Rare, Vec<u32>> = BTreeMap::new();
    for (entry, test) in entries {
        for literal in &test.literals {
            let entries = match (chunk(&literal.bytes), rare(&literal.bytes)) {
                (Some(chunk), _) => found.entry(chunk).or_default(),
                (None, Some((rare, _))) => bytes.entry(rare).or_default(),
                (None, None) => continue,
            };
            if entries.last() != Some(&entry) {
                entries.push(entry);
            }
        }
    }
    let n_short = found.keys().filter(|(chunk, _)| chunk.len() < WINDOW).count();
    let stride = if n_short > SHORT || found.len() <= FEW { 1 } else { 2 };
    let atoms = found
        .into_iter()
        .map(|((chunk, window), entries)| Atom { chunk, window, entries })
        .collect();
    Found { atoms, bytes, stride }
}

/// At most [`CHUNK`] bytes around the rarest window, and where in them it begins.
fn chunk(literal: &[u8]) -> Option<(Vec<u8>, u8)> {
    if literal.len() < SHORTEST {
        return None;
    }
    // Of equally rare windows the first.
    let rarest = literal
        .windows(WINDOW)
        .enumerate()
        .min_by_key(|(_, window)| rarity::texts_with(window))
        .map_or(0, |(at, _)| at);
    let start = rarest.saturating_sub(2).min(literal.len().saturating_sub(CHUNK));
    let end = start.saturating_add(CHUNK).min(literal.len());
    let chunk = literal.get(start..end)?.to_vec();
    Some((chunk, u8::try_from(rarest.saturating_sub(start)).ok()?))
}
