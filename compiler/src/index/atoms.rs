//! Literals as keys: which part of a literal is kept, and how often it is found.

use std::collections::BTreeMap;

use super::need::TextTest;
use super::rarity;
use super::{Atom, CHUNK};

/// Fewest bytes of a literal that can be a key.
const SHORTEST: usize = 3;
/// Bytes of a window.
pub(super) const WINDOW: usize = 4;
/// Most literals under which one entry may hang.
const LITERALS: usize = 4096;
/// Most literals too short for every second byte that are still spread over all
/// windows that contain them.
const SHORT: usize = 24;

/// The part of events that have one of the literals, of 2^20; `None` if one of
/// them is too short.
pub(super) fn found_in(test: &TextTest) -> Option<u32> {
    if test.literals.len() > LITERALS {
        return None;
    }
    test.literals.iter().try_fold(0_u32, |sum, literal| {
        let (chunk, window) = chunk(&literal.bytes)?;
        let window = chunk.get(usize::from(window)..)?;
        let window = window.get(..WINDOW).unwrap_or(window);
        Some(sum.saturating_add(rarity::texts_with(window)))
    })
}

/// The atoms of these entries, each with the test that it is found by.
pub(super) fn atoms<'a>(
    entries: impl Iterator<Item = (u32, &'a TextTest)>,
) -> (Vec<Atom>, u32) {
    let mut found: BTreeMap<(Vec<u8>, u8), Vec<u32>> = BTreeMap::new();
    for (entry, test) in entries {
        for literal in &test.literals {
            if let Some(chunk) = chunk(&literal.bytes) {
                let entries = found.entry(chunk).or_default();
                if entries.last() != Some(&entry) {
                    entries.push(entry);
                }
            }
        }
    }
    let n_short = found.keys().filter(|(chunk, _)| chunk.len() <= WINDOW).count();
    let stride = if n_short > SHORT { 1 } else { 2 };
    let atoms = found
        .into_iter()
        .map(|((chunk, window), entries)| Atom { chunk, window, entries })
        .collect();
    (atoms, stride)
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
