//! The scan of one text, or of that of all elements: all atoms at once.
//!
//! ```text
//! for each stretch of 512 windows
//!   look     a bit for four bytes; its position is always stored, and kept
//!            if the bit is set: no branch depends on the text
//!            of few atoms: sixteen places at a time, see `few`
//!   confirm  each position kept: slot of the window; kept if it is that window's
//!   compare  each window found: its references; an atom that was not yet found
//!            in this event gives its list
//! bytes      entries that hang on a rare byte, see `bytes`
//! ```
//!
//! The loops that look and confirm have no call and no branch but their own. A text that was made
//! to hit costs a few times one that does not: each position kept is compared
//! with the few atoms that share its window, and an atom found again does nothing.

use tagout_spec::schema::{Field, FieldIdx};
use wasm_encoder::ValType;

use super::bytes::Bytes;
use super::few::{self, Few};
use super::lists::append;
use super::probe::longest;
use super::sample::{FilterSample, TEXT_CAP};
use super::windows::{self, BITMAP_ODD, GROUP_ODD, Windows};
use super::{Emit, SCAN_CHUNK, Scratch, WINDOW_FOUND, at, number, perfect};
use crate::codegen::{Error, FnBuilder, FuncId, Local};
use crate::index::Atoms;

const I32: ValType = ValType::I32;
/// Windows looked at in one round of the loop.
const UNROLL: u32 = 4;
/// Bytes of a slot.
const SLOT: u32 = 8;
/// Bytes of the number of references.
const NUMBER: u32 = 8;
/// Bytes of a reference.
const REFERENCE: u32 = 24;

/// How windows are looked for.
enum Look {
    /// By a bit for each window: address, and log2 of the bits.
    Bitmap(u32, u32),
    /// Sixteen places at a time, by these tables.
    Few(Few),
}

/// Where the tables of a scan are.
struct Tables {
    look: Look,
    displacements: u32,
    n_groups: u32,
    slots: u32,
    slot_bits: u32,
    lists: u32,
    n_atoms: usize,
    /// Some windows stand for any first byte.
    has_any: bool,
    /// Most references of a window.
    longest: u32,
    /// Most entries of an atom.
    longest_list: u32,
}

impl Emit<'_, '_> {
    /// Writes `(text, length, found, epoch, low, high, classes) -> found`; of elements
    /// it is `(elements, number, base, ...)`.
    pub(super) fn scan(&mut self, atoms: &Atoms) -> Result<FuncId, Error> {
        let windows = windows::build(atoms);
        let windows =
            windows.ok_or(Error::Internal("windows that are not told apart"))?;
        let tables = self.scan_tables(atoms, &windows)?;
        let stamps = self.scratch.stamps.at + self.n_stamps.saturating_mul(8);
        self.n_stamps = self.n_stamps.saturating_add(number(atoms.atoms.len()));
        let bytes = self.byte_tables(atoms)?;
        let field = self.field(atoms.field)?;
        let path = &field.path;
        let (i32, i64) = (ValType::I32, ValType::I64);
        let v128 = ValType::V128;
        let params = [
            ("text", i32),
            ("length", i32),
            ("base", i32),
            ("found", i32),
            ("epoch", i64),
            ("low", v128),
            ("high", v128),
            ("classes", v128),
        ];
        let f = FnBuilder::new(format!("scan:{path}"), &params, &[i32]);
        let (scratch, stride) = (self.scratch, atoms.stride);
        let mut scan = Scan { f, tables, scratch, stamps, stride };
        let bits = scan.f.named("bits", v128);
        let bytes = bytes.as_ref().map(|bytes| (bytes, bits));
        match atoms.element {
            Some(element) => {
                scan.elements(&element_of(&field, element, atoms.fold)?, bytes);
            }
            None => scan.text(scan.f.param(0), scan.f.param(1), bytes),
        }
        if let Some((bytes, bits)) = bytes {
            scan.append_bytes(bytes, bits);
        }
        let found = scan.found();
        scan.f.get(found);
        Ok(self.ctx.module.function(scan.f))
    }

    fn scan_tables(&mut self, atoms: &Atoms, windows: &Windows) -> Result<Tables, Error> {
        let mut lists = Vec::new();
        for atom in &atoms.atoms {
            lists.extend(self.lists.address(self.ctx, &atom.entries)?.to_le_bytes());
        }
        let data = &mut self.ctx.module.data;
        let mut places = Vec::new();
        for (_, references) in &windows.windows {
            let mut bytes = u64::from(number(references.len())).to_le_bytes().to_vec();
            for reference in references {
                bytes.extend(reference.mask.to_le_bytes());
                bytes.extend(reference.value.to_le_bytes());
                bytes.extend(reference.distance.to_le_bytes());
                bytes.extend((reference.atom * 8).to_le_bytes());
            }
            places.push(data.constant(&bytes, 8)?);
        }
        // An empty slot has no references, whatever text it seems to have the window of.
        let none = data.constant(&0_u64.to_le_bytes(), 8)?;
        let mut slots = Vec::new();
        for slot in &windows.table.slots {
            let window = slot.and_then(|position| {
                Some((windows.windows.get(position)?.0, *places.get(position)?))
            });
            let (window, address) = window.unwrap_or((0, none));
            [window, address].iter().for_each(|n| slots.extend(n.to_le_bytes()));
        }
        let look = match few::tables(atoms, windows) {
            Some(tables) => Look::Few(Few { at: data.constant(&tables, 16)? }),
            None => Look::Bitmap(data.append(&windows.bitmap, 64)?, windows.bitmap_bits),
        };
        let displacements: Vec<u8> =
            windows.table.displacements.iter().flat_map(|d| d.to_le_bytes()).collect();
        Ok(Tables {
            look,
            displacements: data.append(&displacements, 2)?,
            n_groups: number(windows.table.displacements.len()),
            slots: data.append(&slots, SLOT)?,
            slot_bits: windows.table.bits,
            lists: data.append(&lists, 8)?,
            n_atoms: atoms.atoms.len(),
            has_any: windows.has_any,
            longest: windows.longest,
            longest_list: longest(atoms.atoms.iter().map(|atom| &atom.entries)),
        })
    }
}

/// A scan that is being written.
pub(super) struct Scan {
    pub(super) f: FnBuilder,
    tables: Tables,
    scratch: Scratch,
    stamps: u32,
    stride: u32,
}

/// Where the elements of a group have the text.
struct Element {
    stride: u32,
    max: u32,
    /// Offset of the text's own offset and length.
    offset: u32,
    length: u32,
}

fn element_of(field: &Field, element: FieldIdx, fold: bool) -> Result<Element, Error> {
    let items = field.items.as_ref();
    let items = items.ok_or(Error::Invalid("a group without elements"))?;
    let slot = items.field(element).ok_or(Error::Invalid("an element without it"))?;
    let offset = u32::from(slot.offset) + if fold { 12 } else { 0 };
    Ok(Element {
        stride: items.stride.into(),
        max: items.max.into(),
        offset,
        length: offset + 4,
    })
}

impl Scan {
    /// Where the next entry found is stored.
    fn found(&self) -> Local {
        self.f.param(3)
    }

    /// What entries are held against.
    fn sample(&self) -> FilterSample {
        let f = &self.f;
        FilterSample { low: f.param(5), high: f.param(6), classes: f.param(7) }
    }

    /// Scans the texts of all elements. One that is absent is zeros and has no length; one
    /// that is longer than a text can be is none.
    fn elements(&mut self, of: &Element, bytes: Option<(&Bytes, Local)>) {
        let (element, n, base) = (self.f.param(0), self.f.param(1), self.f.param(2));
        let (text, length) = (self.f.named("at", I32), self.f.named("bytes", I32));
        let walk = self.f.counted(n, of.max);
        self.f.get(base).get(element).i().i32_load(at(of.offset)).i32_add();
        self.f.set(text);
        self.f.get(element).i().i32_load(at(of.length));
        self.f.tee(length).u32(TEXT_CAP).i().i32_le_u();
        self.f.if_();
        self.text(text, length, bytes);
        self.f.end();
        self.f.get(element).u32(of.stride).i().i32_add();
        self.f.set(element);
        self.f.end_counted(walk);
    }

    /// Scans a text; of rare bytes it collects what is there.
    fn text(&mut self, text: Local, length: Local, bytes: Option<(&Bytes, Local)>) {
        if let Some((bytes, bits)) = bytes {
            self.collect(bytes, bits, text, length);
        }
        if self.tables.n_atoms == 0 {
            return;
        }
        let rounds = self.f.named("rounds", I32);
        let stretches = self.f.named("stretches", I32);
        let n = self.f.named("n", I32);
        let kept = self.f.named("kept", I32);
        let step = match &self.tables.look {
            Look::Bitmap(..) => UNROLL * self.stride,
            Look::Few(_) => few::PLACES,
        };
        let rounds_of_stretch = match &self.tables.look {
            Look::Bitmap(..) => SCAN_CHUNK / UNROLL,
            Look::Few(_) => SCAN_CHUNK / few::PLACES,
        };
        self.f.get(length).u32(step - 1).i().i32_add();
        self.f.u32(step).i().i32_div_u();
        self.f.tee(rounds).u32(rounds_of_stretch - 1).i().i32_add();
        self.f.u32(rounds_of_stretch).i().i32_div_u();
        self.f.set(stretches);
        let cap = TEXT_CAP.div_ceil(step).div_ceil(rounds_of_stretch);
        let outer = self.f.counted(stretches, cap);
        // The last stretch is short.
        self.f.get(rounds).u32(rounds_of_stretch);
        self.f.get(rounds).u32(rounds_of_stretch).i().i32_lt_u().select();
        self.f.set(n);
        self.f.get(rounds).get(n).i().i32_sub();
        self.f.set(rounds);
        self.f.u32(self.scratch.positions.at).set(kept);
        let looking = self.f.counted(n, rounds_of_stretch);
        match &self.tables.look {
            Look::Bitmap(bitmap, bits) => {
                let (bitmap, bits) = (*bitmap, *bits);
                for window in 0..UNROLL {
                    self.look(text, window * self.stride, kept, bitmap, bits);
                }
            }
            Look::Few(few) => few.look(&mut self.f, text, kept),
        }
        self.f.get(text).u32(step).i().i32_add();
        self.f.set(text);
        self.f.end_counted(looking);
        self.confirm(kept);
        self.f.end_counted(outer);
    }

    /// Looks at the window at a distance; keeps its position if its bit is set.
    fn look(&mut self, text: Local, distance: u32, kept: Local, bitmap: u32, bits: u32) {
        let window = self.f.temp(I32);
        self.f.get(kept).get(text).u32(distance).i().i32_add().i32_store(at(0));
        self.f.get(kept);
        self.f.get(text).i().i32_load(at(distance));
        self.f.set(window);
        let hash = self.word(window, bitmap, bits);
        // The distance of a shift is taken modulo 32.
        self.f.get(window).get(hash).i().i32_add().i32_shr_u();
        self.f.u32(1).i().i32_and().i32_const(2).i32_shl().i32_add();
        self.f.set(kept);
    }

    /// Pushes the bitmap's word for a window; returns the hash that it is found by.
    fn word(&mut self, window: Local, bitmap: u32, bits: u32) -> Local {
        let hash = self.f.temp(I32);
        self.f.get(window).u32(8).i().i32_shr_u();
        self.f.u32(BITMAP_ODD).i().i32_mul();
        self.f.tee(hash).u32(32 - (bits - 3)).i().i32_shr_u();
        self.f.i().i32_load(at(bitmap));
        hash
    }

    /// Of the positions kept those at which some atom's window is. A bit in vain and a
    /// window found are about as frequent, so that no branch depends on it either.
    fn confirm(&mut self, kept: Local) {
        let n = self.f.temp(I32);
        let next = self.f.temp(I32);
        let position = self.f.temp(I32);
        let window = self.f.temp(I32);
        let found = self.f.temp(I32);
        let (positions, windows) = (self.scratch.positions.at, self.scratch.windows.at);
        self.f.get(kept).u32(positions).i().i32_sub().i32_const(2).i32_shr_u();
        self.f.set(n);
        self.f.u32(positions).set(next);
        self.f.u32(windows).set(found);
        let counted = self.f.counted(n, SCAN_CHUNK);
        self.f.get(next).i().i32_load(at(0));
        self.f.tee(position).i().i32_load(at(0));
        self.f.set(window);
        self.f.get(next).u32(4).i().i32_add();
        self.f.set(next);
        self.slot(position, window, found);
        if let (Look::Bitmap(bitmap, bits), true) =
            (&self.tables.look, self.tables.has_any)
        {
            // The word in which every first byte has its bit.
            let (bitmap, bits) = (*bitmap, *bits);
            self.word(window, bitmap, bits);
            self.f.i().i32_const(-1).i32_eq();
            self.f.if_();
            self.f.get(window).u32(windows::ANY).i().i32_and();
            self.f.set(window);
            self.slot(position, window, found);
            self.f.end();
        }
        self.f.end_counted(counted);
        self.compare(found);
    }

    /// Stores a position and the references of its window; they count if the window is
    /// that of the slot.
    fn slot(&mut self, position: Local, window: Local, found: Local) {
        let slot = self.f.temp(I32);
        self.f.get(window).get(window).u32(GROUP_ODD).i().i32_mul();
        self.f.u32(16).i().i32_shr_u();
        self.f.u32(self.tables.n_groups.saturating_sub(1)).i().i32_and();
        self.f.u32(1).i().i32_shl().i32_load16_u(at(self.tables.displacements));
        self.f.i().i32_xor();
        self.f.u32(perfect::ODD).i().i32_mul();
        self.f.u32(32_u32.saturating_sub(self.tables.slot_bits)).i().i32_shr_u();
        self.f.u32(SLOT.ilog2()).i().i32_shl();
        self.f.set(slot);
        self.f.get(found).get(position).i().i32_store(at(0));
        self.f.get(found);
        self.f.get(slot).i().i32_load(at(self.tables.slots + 4)).i32_store(at(4));
        self.f.get(slot).i().i32_load(at(self.tables.slots));
        self.f.get(window).i().i32_eq();
        self.f.u32(WINDOW_FOUND.ilog2()).i().i32_shl();
        self.f.get(found).i().i32_add();
        self.f.set(found);
    }

    /// Compares what is at the windows found.
    fn compare(&mut self, found: Local) {
        let n = self.f.temp(I32);
        let next = self.f.temp(I32);
        let (position, references) = (self.f.temp(I32), self.f.temp(I32));
        let many = self.f.temp(I32);
        let start = self.scratch.windows.at;
        self.f.get(found).u32(start).i().i32_sub();
        self.f.u32(WINDOW_FOUND.ilog2()).i().i32_shr_u();
        self.f.set(n);
        self.f.u32(start).set(next);
        let counted = self.f.counted(n, 2 * SCAN_CHUNK);
        self.f.get(next).i().i32_load(at(0));
        self.f.set(position);
        self.f.get(next).i().i32_load(at(4));
        self.f.tee(references).i().i32_load(at(0));
        self.f.set(many);
        self.references(position, references, many);
        self.f.get(next).u32(WINDOW_FOUND).i().i32_add();
        self.f.set(next);
        self.f.end_counted(counted);
    }

    /// Compares a position with all atoms that have the window.
    fn references(&mut self, position: Local, reference: Local, many: Local) {
        let atom = self.f.temp(I32);
        let epoch = self.f.param(4);
        let counted = self.f.counted(many, self.tables.longest);
        self.f.get(position).get(reference).i().i32_load(at(NUMBER + 16)).i32_add();
        self.f.i().i64_load(at(0));
        self.f.get(reference).i().i64_load(at(NUMBER)).i64_and();
        self.f.get(reference).i().i64_load(at(NUMBER + 8)).i64_eq();
        self.f.if_();
        self.f.get(reference).i().i32_load(at(NUMBER + 20));
        self.f.tee(atom).i().i64_load(at(self.stamps));
        self.f.get(epoch).i().i64_ne();
        self.f.if_();
        self.f.get(atom).get(epoch).i().i64_store(at(self.stamps));
        self.f.get(atom).u32(1).i().i32_shr_u().i32_load(at(self.tables.lists));
        self.append(self.tables.longest_list);
        self.f.end();
        self.f.end();
        self.f.get(reference).u32(REFERENCE).i().i32_add();
        self.f.set(reference);
        self.f.end_counted(counted);
    }

    /// Appends the list whose address is on the stack.
    pub(super) fn append(&mut self, longest: u32) {
        let (found, sample) = (self.found(), self.sample());
        append(&mut self.f, found, &sample, longest);
    }
}
