//! The tables of a scan: which four bytes may open or end an atom, and what to
//! compare then.
//!
//! ```text
//! bitmap   word  32 bits that begin at a byte, by a hash of a window's last three bytes
//!          bit   by its first byte, turned by that hash
//! slot     window u32, address of its references u32
//! refs     their number u64
//!          mask u64, value u64, distance i32 from the window to the atom's
//!          beginning, atom u32
//! ```
//!
//! With a stride of two every atom is registered under two windows, one at an
//! even and one at an odd distance, so that one of them is looked at wherever the
//! atom stands. An atom of four bytes has no second window: it is registered under
//! any byte and its first three, which is one whole word of the bitmap and one slot
//! ([`any`]). One of three bytes stands under all windows that begin with it, too.

use std::collections::{BTreeMap, BTreeSet};

use super::perfect::{self, Perfect};
use crate::index::Atoms;
use crate::index::atoms::WINDOW;

/// Multiplier of the bitmap's hash; odd.
pub(super) const BITMAP_ODD: u32 = 0x9E37_79B1;
/// Multiplier that chooses a displacement; odd.
pub(super) const GROUP_ODD: u32 = 0x85EB_CA6B;
/// Log2 of the bits in the smallest and the largest bitmap.
const BITMAP: (u32, u32) = (14, 18);
/// Bits for each window.
const SPARSE: usize = 32;

/// What is compared when a window is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    pub(super) mask: u64,
    pub(super) value: u64,
    pub(super) distance: i32,
    pub(super) atom: u32,
}

/// The tables before they have addresses.
#[derive(Debug)]
pub(super) struct Windows {
    pub(super) bitmap: Vec<u8>,
    pub(super) bitmap_bits: u32,
    pub(super) table: Perfect,
    /// In the order of the keys of the table.
    pub(super) windows: Vec<(u32, Vec<Reference>)>,
    /// Most references of one window.
    pub(super) longest: u32,
    /// Some windows stand for any first byte.
    pub(super) has_any: bool,
}

/// The window that stands for all that differ in their first byte. A text may have it
/// itself: then more is compared than need be.
pub(super) fn any(window: u32) -> u32 {
    window & ANY
}

/// What is left of a window that stands for any first byte.
pub(super) const ANY: u32 = !0xFF;

/// The tables of a scan; `None` if there is no table, which does not happen.
pub(super) fn build(atoms: &Atoms) -> Option<Windows> {
    let mut by_window: BTreeMap<u32, Vec<Reference>> = BTreeMap::new();
    let mut of_any = BTreeSet::new();
    for (number, atom) in (0_u32..).zip(&atoms.atoms) {
        let (mask, value) = compared(&atom.chunk);
        for (window, distance) in places(&atom.chunk, atom.window, atoms.stride) {
            let reference = Reference { mask, value, distance, atom: number };
            by_window.entry(window).or_default().push(reference);
        }
        if atoms.stride > 1
            && let Some(window) = after_any(&atom.chunk)
        {
            let reference = Reference { mask, value, distance: 1, atom: number };
            by_window.entry(window).or_default().push(reference);
            of_any.insert(window);
        }
    }
    let windows: Vec<(u32, Vec<Reference>)> = by_window.into_iter().collect();
    let bitmap_bits = windows
        .len()
        .saturating_mul(SPARSE)
        .next_power_of_two()
        .ilog2()
        .clamp(BITMAP.0, BITMAP.1);
    // The word that begins at the last byte goes beyond it.
    let mut bitmap = vec![0_u8; 1_usize.checked_shl(bitmap_bits)? / 8 + 3];
    for (window, _) in &windows {
        let hash = (window >> 8).wrapping_mul(BITMAP_ODD);
        let byte = usize::try_from(hash >> (32 + 3 - bitmap_bits)).ok()?;
        let bit = 1_u32.rotate_left(window.wrapping_add(hash));
        let bits = if of_any.contains(window) { u32::MAX } else { bit };
        let word = bitmap.get_mut(byte..)?.first_chunk_mut()?;
        *word = (u32::from_le_bytes(*word) | bits).to_le_bytes();
    }
    let keys: Vec<(u32, u32)> = windows
        .iter()
        .map(|(window, _)| (window.wrapping_mul(GROUP_ODD) >> 16, *window))
        .collect();
    let table = perfect::build(&keys)?;
    let longest = windows.iter().map(|(_, references)| references.len()).max();
    let longest = u32::try_from(longest.unwrap_or(0)).ok()?;
    let has_any = !of_any.is_empty();
    Some(Windows { bitmap, bitmap_bits, table, windows, longest, has_any })
}

/// All bytes of a chunk as one number, and which of its bytes count.
fn compared(chunk: &[u8]) -> (u64, u64) {
    chunk.iter().rev().fold((0, 0), |(mask, value), byte| {
        (mask << 8 | 0xFF, value << 8 | u64::from(*byte))
    })
}

/// Windows with their distance to the beginning of the chunk.
fn places(chunk: &[u8], window: u8, stride: u32) -> Vec<(u32, i32)> {
    let first = usize::from(window);
    let mut places = Vec::new();
    if chunk.len() > WINDOW {
        places.extend(inside(chunk, first));
        if stride > 1 {
            let fits = first + 1 + WINDOW <= chunk.len();
            places.extend(inside(chunk, if fits { first + 1 } else { first - 1 }));
        }
        return places;
    }
    match chunk {
        [_, _, _, _] => places.extend(inside(chunk, 0)),
        [a, b, c] => places.extend(
            (0..=u8::MAX).map(|last| (u32::from_le_bytes([*a, *b, *c, last]), 0)),
        ),
        _ => {}
    }
    places
}

fn inside(chunk: &[u8], at: usize) -> Option<(u32, i32)> {
    let window = chunk.get(at..at.checked_add(WINDOW)?)?;
    let window = u32::from_le_bytes(window.try_into().ok()?);
    Some((window, -i32::try_from(at).ok()?))
}

/// The window of any byte and the first three of a chunk that has no two windows.
fn after_any(chunk: &[u8]) -> Option<u32> {
    let (&[a, b, c] | &[a, b, c, _]) = chunk else { return None };
    Some(any(u32::from_le_bytes([0, a, b, c])))
}
