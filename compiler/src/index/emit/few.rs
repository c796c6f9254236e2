//! Looking for the windows of a few atoms, sixteen places at a time.
//!
//! ```text
//! bytes 0..16    at the place        v0    ) eight groups of windows are eight bits; a bit
//! bytes 1..17    one further         v1    ) is left where each of the four bytes has the
//! bytes 2..18                        v2    ) halves of that byte in some window of the
//! bytes 3..19                        v3    ) group, which two tables of sixteen tell
//! ```
//!
//! A place with a bit is compared as one that a bitmap keeps. With more windows a group
//! says yes to too much; a bitmap takes three times as long whatever their number.

use std::collections::BTreeSet;

use wasm_encoder::ValType;

use super::windows::Windows;
use super::{SCAN_CHUNK, at};
use crate::codegen::{FnBuilder, Local};
use crate::index::Atoms;
use crate::index::atoms::{FEW, WINDOW};

/// Places that are looked at together.
pub(super) const PLACES: u32 = 16;
/// Groups of windows.
const GROUPS: usize = 8;
/// Values of half a byte.
const HALF: usize = 16;

/// Address of the tables: for each byte of a window the low halves, then the high ones.
pub(super) struct Few {
    pub(super) at: u32,
}

/// The tables, if there are few enough windows.
pub(super) fn tables(atoms: &Atoms, windows: &Windows) -> Option<Vec<u8>> {
    if atoms.stride > 1 || atoms.atoms.len() > FEW {
        return None;
    }
    // A short atom has a window with each fourth byte: it is one here.
    let mut short = BTreeSet::new();
    let mut wanted = Vec::new();
    for (window, references) in &windows.windows {
        let [a, b, c, d] = window.to_le_bytes();
        if references.iter().all(|reference| reference.mask < 1 << 24) {
            if short.insert([a, b, c]) {
                wanted.push(([a, b, c, 0], true));
            }
        } else {
            wanted.push(([a, b, c, d], false));
        }
    }
    wanted.sort_unstable();
    let mut tables = vec![0_u8; 2 * HALF * WINDOW];
    let size = wanted.len().div_ceil(GROUPS).max(1);
    for (group, windows) in wanted.chunks(size).enumerate() {
        for (bytes, is_short) in windows {
            for ((byte, halves), place) in
                bytes.iter().zip(tables.chunks_exact_mut(2 * HALF)).zip(0..)
            {
                let any = *is_short && place == 3;
                let (low, high) = halves.split_at_mut(HALF);
                for (half, value) in [(low, byte & 15), (high, byte >> 4)] {
                    for (bits, of) in half.iter_mut().zip(0..) {
                        *bits |= u8::from(any || of == value) << group;
                    }
                }
            }
        }
    }
    Some(tables)
}

impl Few {
    /// Keeps the places of sixteen at which one of the windows may be.
    pub(super) fn look(&self, f: &mut FnBuilder, text: Local, kept: Local) {
        let (i32, v128) = (ValType::I32, ValType::V128);
        let bytes = f.temp(v128);
        for byte in 0..4_u32 {
            f.get(text).i().v128_load(at(byte));
            f.set(bytes);
            let tables = self.at + byte * 32;
            f.u32(tables).i().v128_load(at(0));
            f.get(bytes).i().v128_const(HALVES).v128_and().i8x16_swizzle();
            f.u32(tables).i().v128_load(at(16));
            f.get(bytes).u32(4).i().i8x16_shr_u().i8x16_swizzle().v128_and();
            if byte > 0 {
                f.i().v128_and();
            }
        }
        let (bits, n) = (f.temp(i32), f.temp(i32));
        f.i().v128_const(0).i8x16_ne().i8x16_bitmask();
        f.tee(bits);
        f.if_();
        f.get(bits).i().i32_popcnt();
        f.set(n);
        let counted = f.counted(n, PLACES);
        f.get(kept);
        f.get(text).get(bits).i().i32_ctz().i32_add().i32_store(at(0));
        f.get(kept).u32(4).i().i32_add();
        f.set(kept);
        f.get(bits).get(bits).u32(1).i().i32_sub().i32_and();
        f.set(bits);
        f.end_counted(counted);
        f.end();
    }
}

/// The low halves of sixteen bytes.
const HALVES: i128 = 0x0F0F_0F0F_0F0F_0F0F_0F0F_0F0F_0F0F_0F0F;

const _: () = assert!(SCAN_CHUNK.is_multiple_of(PLACES), "a stretch is whole rounds");
