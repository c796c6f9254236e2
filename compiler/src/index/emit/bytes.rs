//! Entries that hang on a rare byte, since their literals are too short for a window.
//!
//! ```text
//! sixteen bytes   low halves -> table, high halves -> table   a bit for each byte
//!                 what is behind the end: masked
//! all bits of a text, in one byte -> the list of each bit that is set
//! ```

use wasm_encoder::ValType;

use super::lists::BLOCK;
use super::probe::longest;
use super::sample::TEXT_CAP;
use super::scan::Scan;
use super::{Emit, at, number};
use crate::codegen::{Error, Local};
use crate::index::{Atoms, Rare};

/// Bytes that have a bit of their own; beyond, they share.
const BITS: usize = 8;
/// The low halves of sixteen bytes.
const HALVES: i128 = 0x0F0F_0F0F_0F0F_0F0F_0F0F_0F0F_0F0F_0F0F;

/// What is looked for.
pub(super) struct Bytes {
    /// Address of the two tables.
    tables: u32,
    /// Address of sixteen bytes of ones, then as many zeros.
    ends: u32,
    /// Address of the list of each bit.
    lists: Vec<u32>,
    longest: u32,
}

impl Emit<'_, '_> {
    /// Writes the tables for the bytes of a scan, if there are any.
    pub(super) fn byte_tables(&mut self, atoms: &Atoms) -> Result<Option<Bytes>, Error> {
        if atoms.bytes.is_empty() {
            return Ok(None);
        }
        let mut tables = [0_u8; 32];
        let mut of_bit = vec![Vec::new(); BITS.min(atoms.bytes.len())];
        let n = of_bit.len();
        for (at, (rare, entries)) in atoms.bytes.iter().enumerate() {
            let bit = at % n;
            let (low, high) = tables.split_at_mut(16);
            for (half, value) in low.iter_mut().zip(0..) {
                let has = match rare {
                    Rare::Byte(byte) => byte & 15 == value,
                    Rare::High => true,
                };
                *half |= u8::from(has) << bit;
            }
            for (half, value) in high.iter_mut().zip(0..) {
                let has = match rare {
                    Rare::Byte(byte) => byte >> 4 == value,
                    Rare::High => value >= 8,
                };
                *half |= u8::from(has) << bit;
            }
            let list: &mut Vec<u32> =
                of_bit.get_mut(bit).ok_or(Error::Internal("a bit too many"))?;
            list.extend(entries);
        }
        for list in &mut of_bit {
            list.sort_unstable();
            list.dedup();
        }
        let lists = of_bit.iter().map(|list| self.lists.address(self.ctx, list));
        let lists = lists.collect::<Result<_, Error>>()?;
        let data = &mut self.ctx.module.data;
        let ends = [[0xFF_u8; 16], [0; 16]].concat();
        Ok(Some(Bytes {
            tables: data.constant(&tables, 16)?,
            ends: data.constant(&ends, 16)?,
            lists,
            longest: longest(of_bit.iter()),
        }))
    }
}

/// Most places that the lists need; those that share a bit are one.
pub(super) fn room(atoms: &Atoms) -> u32 {
    let rooms =
        atoms.bytes.values().map(|list| number(list.len().next_multiple_of(BLOCK)));
    rooms.fold(0, u32::saturating_add)
}

impl Scan {
    /// Collects the bits of a text. The text itself is not moved.
    pub(super) fn collect(
        &mut self,
        bytes: &Bytes,
        found: Local,
        text: Local,
        length: Local,
    ) {
        let (i32, v128) = (ValType::I32, ValType::V128);
        let (n, next, left) = (self.f.temp(i32), self.f.temp(i32), self.f.temp(i32));
        let block = self.f.temp(v128);
        let f = &mut self.f;
        f.get(text).set(next);
        f.get(length).u32(15).i().i32_add();
        f.u32(4).i().i32_shr_u();
        f.set(n);
        f.get(length).set(left);
        let counted = f.counted(n, TEXT_CAP / 16);
        f.get(next).i().v128_load(at(0));
        f.set(block);
        f.u32(bytes.tables).i().v128_load(at(0));
        f.get(block).i().v128_const(HALVES).v128_and().i8x16_swizzle();
        f.u32(bytes.tables).i().v128_load(at(16));
        f.get(block).u32(4).i().i8x16_shr_u().i8x16_swizzle().v128_and();
        // As many ones as bytes are left.
        f.u32(16).get(left).u32(16).get(left).u32(16).i().i32_lt_u().select();
        f.i().i32_sub().v128_load(at(bytes.ends)).v128_and();
        f.get(found).i().v128_or();
        f.set(found);
        f.get(next).u32(16).i().i32_add();
        f.set(next);
        f.get(left).u32(16).i().i32_sub();
        f.set(left);
        f.end_counted(counted);
    }

    /// Appends the lists of the bits that were collected, each once an event.
    pub(super) fn append_bytes(&mut self, bytes: &Bytes, found: Local) {
        for (bit, list) in (0..).zip(&bytes.lists) {
            // A bit of a byte becomes its sign.
            self.f.get(found).u32(7 - bit).i().i8x16_shl().i8x16_bitmask();
            self.f.if_();
            self.f.u32(*list);
            self.append(bytes.longest);
            self.f.end();
        }
    }
}
