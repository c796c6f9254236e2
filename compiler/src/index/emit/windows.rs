//! The tables of a scan: which four bytes may open or end an atom, and what to
//! compare then.
//!
//! ```text
//! bitmap   one bit for each hash of a window that some atom has
//! slot     window u32, address of its references u32, their number u32, 0
//! ref      mask u64, value u64, distance i32 from the window to the atom's
//!          beginning, atom u32
//! ```
//!
//! With a stride of two every atom is registered under two windows, one at an
//! even and one at an odd distance, so that one of them is looked at wherever the
//! atom stands. An atom that is too short for that is registered under all
//! windows that end or begin with it.

use std::collections::BTreeMap;

use super::perfect::{self, Perfect};
use crate::index::Atoms;
use crate::index::atoms::WINDOW;

/// Multiplier of the bitmap's hash; odd.
pub(super) const BITMAP_ODD: u32 = 0x9E37_79B1;
/// Multiplier that chooses a displacement; odd.
pub(super) const GROUP_ODD: u32 = 0x85EB_CA6B;
/// Log2 of the bits in the smallest and the largest bitmap.
const BITMAP: (u32, u32) = (12, 18);
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
}

/// The tables of a scan; `None` if there is no table, which does not happen.
pub(super) fn build(atoms: &Atoms) -> Option<Windows> {
    let mut by_window: BTreeMap<u32, Vec<Reference>> = BTreeMap::new();
    for (number, atom) in (0_u32..).zip(&atoms.atoms) {
        let (mask, value) = compared(&atom.chunk);
        for (window, distance) in places(&atom.chunk, atom.window, atoms.stride) {
            let reference = Reference { mask, value, distance, atom: number };
            by_window.entry(window).or_default().push(reference);
        }
    }
    let windows: Vec<(u32, Vec<Reference>)> = by_window.into_iter().collect();
    let bitmap_bits = windows
        .len()
        .saturating_mul(SPARSE)
        .next_power_of_two()
        .ilog2()
        .clamp(BITMAP.0, BITMAP.1);
    let mut bitmap = vec![0_u8; 1_usize.checked_shl(bitmap_bits)? / 8];
    for (window, _) in &windows {
        let bit = window.wrapping_mul(BITMAP_ODD) >> (32 - bitmap_bits);
        *bitmap.get_mut(usize::try_from(bit / 8).ok()?)? |= 1 << (bit % 8);
    }
    let keys: Vec<(u32, u32)> = windows
        .iter()
        .map(|(window, _)| (window.wrapping_mul(GROUP_ODD) >> 16, *window))
        .collect();
    let table = perfect::build(&keys)?;
    let longest = windows.iter().map(|(_, references)| references.len()).max();
    let longest = u32::try_from(longest.unwrap_or(0)).ok()?;
    Some(Windows { bitmap, bitmap_bits, table, windows, longest })
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
        [_, _, _, _] => {
            places.extend(inside(chunk, 0));
            if stride > 1 {
                places.extend(after_any(chunk));
            }
        }
        [a, b, c] => {
            places.extend(
                (0..=u8::MAX).map(|any| (u32::from_le_bytes([*a, *b, *c, any]), 0)),
            );
            if stride > 1 {
                places.extend(after_any(chunk));
            }
        }
        _ => {}
    }
    places
}

fn inside(chunk: &[u8], at: usize) -> Option<(u32, i32)> {
    let window = chunk.get(at..at.checked_add(WINDOW)?)?;
    let window = u32::from_le_bytes(window.try_into().ok()?);
    Some((window, -i32::try_from(at).ok()?))
}

/// Windows of any byte and the chunk's first three.
fn after_any(chunk: &[u8]) -> impl Iterator<Item = (u32, i32)> {
    let rest = chunk.iter().take(3).rev().fold(0, |w, byte| w << 8 | u32::from(*byte));
    (0..256_u32).map(move |any| (rest << 8 | any, 1))
}
