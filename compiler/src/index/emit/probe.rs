//! Nodes and their probes, as code.

use wasm_encoder::ValType;

use super::lists::{append, room};
use super::perfect;
use super::{Emit, GRID_LISTS, at, number};
use crate::codegen::{Error, Local};
use crate::index::{BUCKETS_OF_EVENT, Cell, Fault, Grid, Hash, Node, Probe, Span};

/// Most places that one of some lists needs.
pub(super) fn longest<'a>(lists: impl Iterator<Item = &'a Vec<u32>>) -> u32 {
    lists.map(|list| room(list.len())).max().unwrap_or(0)
}

impl Emit<'_, '_> {
    /// Writes the probes of a node, and its rest.
    pub(super) fn node(&mut self, node: &Node) -> Result<(), Error> {
        for probe in &node.probes {
            match probe {
                Probe::Hash(hash) => self.hash(hash)?,
                Probe::Grid(grid) => self.grid(grid)?,
                Probe::Atoms(atoms) => self.atoms(atoms)?,
            }
        }
        if !node.rest.is_empty() {
            let rest = self.lists.address(self.ctx, &node.rest)?;
            self.f.u32(rest);
            self.append(room(node.rest.len()));
        }
        Ok(())
    }

    /// Appends the list whose address is on the stack.
    fn append(&mut self, longest: u32) {
        append(&mut self.f, self.found, &self.filter, longest);
    }

    /// What stands in for a probe where its field is missing.
    pub(super) fn beside(&mut self, node: Option<&Node>) -> Result<(), Error> {
        if let Some(node) = node {
            let saved = self.saved();
            self.node(node)?;
            self.restore(saved);
        }
        Ok(())
    }

    fn hash(&mut self, hash: &Hash) -> Result<(), Error> {
        let lists: Vec<(u64, u32)> = hash
            .table
            .iter()
            .map(|(key, list)| Ok((*key, self.lists.address(self.ctx, list)?)))
            .collect::<Result<_, Error>>()?;
        let keys: Vec<(u32, u32)> = lists.iter().map(|(key, _)| halves(*key)).collect();
        let (has, key) = self.key(hash.subject)?;
        match perfect::build(&keys) {
            Some(table) => {
                let (displacements, slots) = self.perfect_tables(&table, &lists)?;
                self.f.get(has);
                self.f.if_();
                self.look_up(&table, displacements, slots, key);
                self.append(longest(hash.table.values()));
            }
            // Keys that cannot be told apart: every list is a candidate.
            None => {
                self.f.get(has);
                self.f.if_();
                let mut all: Vec<u32> = hash.table.values().flatten().copied().collect();
                all.sort_unstable();
                all.dedup();
                let address = self.lists.address(self.ctx, &all)?;
                self.f.u32(address);
                self.append(room(all.len()));
            }
        }
        if hash.missing.is_some() {
            self.f.else_();
            self.beside(hash.missing.as_deref())?;
        }
        self.f.end();
        Ok(())
    }

    fn perfect_tables(
        &mut self,
        table: &perfect::Perfect,
        lists: &[(u64, u32)],
    ) -> Result<(u32, u32), Error> {
        let displacements: Vec<u8> =
            table.displacements.iter().flat_map(|d| d.to_le_bytes()).collect();
        let mut slots = Vec::with_capacity(table.slots.len().saturating_mul(8));
        for slot in &table.slots {
            let (key, list) = slot
                .and_then(|position| lists.get(position))
                .copied()
                .unwrap_or((0, self.lists.empty));
            slots.extend(halves(key).0.to_le_bytes());
            slots.extend(list.to_le_bytes());
        }
        let displacements = self.ctx.module.data.append(&displacements, 2)?;
        Ok((displacements, self.ctx.module.data.append(&slots, 8)?))
    }

    /// Pushes the list of a key.
    fn look_up(
        &mut self,
        table: &perfect::Perfect,
        displacements: u32,
        slots: u32,
        key: Local,
    ) {
        let n_groups = number(table.displacements.len());
        let slot = self.f.temp(ValType::I32);
        self.f.get(key).i64(32).i().i64_shr_u().i32_wrap_i64();
        self.f.get(key).i().i32_wrap_i64();
        self.f.u32(n_groups.saturating_sub(1)).i().i32_and().i32_const(1).i32_shl();
        self.f.i().i32_load16_u(at(displacements)).i32_xor();
        self.f.u32(perfect::ODD).i().i32_mul();
        self.f.u32(32_u32.saturating_sub(table.bits)).i().i32_shr_u();
        self.f.u32(3).i().i32_shl();
        self.f.tee(slot).i().i32_load(at(slots + 4));
        self.f.u32(self.lists.empty);
        self.f.get(slot).i().i32_load(at(slots));
        self.f.get(key).i().i32_wrap_i64().i32_eq().select();
    }

    fn grid(&mut self, grid: &Grid) -> Result<(), Error> {
        let i32 = ValType::I32;
        let cover = self.cells(&grid.cells, |cell| &cell.cover)?;
        let start = match grid.span {
            Some(span) if span.range => Some(self.cells(&grid.cells, |c| &c.start)?),
            _ => None,
        };
        let cell = self.f.temp(i32);
        let more = self.f.temp(i32);
        let out = self.f.block();
        let missing_code = self.f.block();
        let missing_span = self.f.block();
        // Whatever is missing: the other lane follows if both are.
        let saved = self.saved();
        let has_code = match &grid.code {
            Some(code) => Some(self.present(code.field)?),
            None => None,
        };
        let has_span = match &grid.span {
            Some(span) => Some(self.columns(*span, cell, more)?),
            None => None,
        };
        if let Some(has) = has_span {
            self.f.get(has).i().i32_eqz();
            self.f.br_if(missing_span);
        }
        if let Some(has) = has_code {
            self.f.get(has).i().i32_eqz();
            self.f.br_if(missing_code);
        }
        if has_span.is_none() {
            self.f.u32(0).set(cell);
        }
        if let Some(code) = &grid.code {
            let mut bytes = code.slots.clone();
            bytes.resize(256, code.other);
            bytes.push(code.other);
            let table = self.ctx.module.data.constant(&bytes, 1)?;
            let value = self.int(code.field)?;
            self.push_byte_of(table, code.field, value)?;
            self.f.u32(grid.span.map_or(1, |span| span.n)).i().i32_mul();
            self.f.get(cell).i().i32_add();
            self.f.set(cell);
        }
        self.f.get(cell).u32(2).i().i32_shl();
        self.f.tee(cell).i().i32_load(at(cover));
        let longest = longest(grid.cells.iter().map(|cell| &cell.cover));
        self.append(longest);
        if self.fault == Some(Fault::LaterBuckets) {
            self.f.u32(0).set(more);
        }
        if let Some(start) = start {
            self.second(cell, more, start, longest);
            let counted = self.f.counted(more, BUCKETS_OF_EVENT);
            self.f.get(cell).u32(4).i().i32_add();
            self.f.tee(cell).i().i32_load(at(start));
            self.append(longest);
            self.f.end_counted(counted);
        }
        self.f.br(out);
        self.f.end();
        self.restore(saved.clone());
        self.beside(grid.missing_span.as_deref())?;
        if let Some(code) = &grid.code {
            let has = self.present(code.field)?;
            self.f.get(has);
            self.f.br_if(out);
        } else {
            self.f.br(out);
        }
        self.f.end();
        self.restore(saved.clone());
        self.beside(grid.missing_code.as_deref())?;
        self.f.end();
        self.restore(saved);
        Ok(())
    }

    /// Appends the list of the second bucket, or of nothing. Whether an event reaches
    /// into a second bucket is a toss-up, into a third it is rare: so no branch here.
    fn second(&mut self, cell: Local, more: Local, start: u32, longest: u32) {
        self.f.get(cell).u32(4).i().i32_add();
        self.f.tee(cell).i().i32_load(at(start));
        self.f.u32(self.lists.empty).get(more).i().select();
        self.append(longest);
        self.f.get(more).get(more).u32(0).i().i32_ne().i32_sub();
        self.f.set(more);
    }

    /// Sets the first bucket of the event, and for a range the number of buckets
    /// after it; a local that is 0 if the number is missing or the range too wide.
    fn columns(&mut self, span: Span, cell: Local, more: Local) -> Result<Local, Error> {
        let has = self.f.temp(ValType::I32);
        let present = self.present(span.field)?;
        if !span.range {
            let value = self.int(span.field)?;
            self.push_moved(span.field, value, span.base, span.shift)?;
            self.push_bucket(span);
            self.f.set(cell);
            self.f.get(present).set(has);
            return Ok(has);
        }
        let slot = u32::from(self.field(span.field)?.offset);
        let value = self.f.temp(ValType::I64);
        let ends = [(slot, cell), (slot + 4, more)];
        for (offset, to) in ends {
            self.f.get(self.rec).i().i64_load32_u(at(offset));
            self.f.i64(span.base).i().i64_sub();
            self.f.tee(value).i64(0).get(value).i64(0).i().i64_gt_s().select();
            self.f.i64(i64::from(span.shift)).i().i64_shr_u();
            self.push_bucket(span);
            self.f.set(to);
        }
        self.f.get(more).get(cell).i().i32_sub();
        self.f.tee(more).u32(BUCKETS_OF_EVENT).i().i32_lt_u();
        self.f.get(present).i().i32_and();
        self.f.set(has);
        Ok(has)
    }

    /// From the moved number on the stack to a bucket.
    fn push_bucket(&mut self, span: Span) {
        let moved = self.f.temp(ValType::I64);
        let last = i64::from(span.n.saturating_sub(1));
        self.f.tee(moved).i64(last).get(moved).i64(last).i().i64_lt_u().select();
        self.f.i().i32_wrap_i64();
    }

    /// Writes the addresses of one list of each cell.
    fn cells(
        &mut self,
        cells: &[Cell],
        list: impl Fn(&Cell) -> &Vec<u32>,
    ) -> Result<u32, Error> {
        let mut bytes = Vec::with_capacity(cells.len().saturating_mul(4));
        for cell in cells {
            bytes.extend(self.lists.address(self.ctx, list(cell))?.to_le_bytes());
        }
        self.ctx.module.data.append(&bytes, 4)
    }

    fn atoms(&mut self, atoms: &crate::index::Atoms) -> Result<(), Error> {
        let scan = self.scan(atoms)?;
        let present = self.present(atoms.field)?;
        let fold = atoms.fold && self.fault != Some(Fault::AtomCase);
        let (first, n) = match atoms.element {
            Some(_) => self.elements(atoms.field)?,
            None => self.text(atoms.field, fold)?,
        };
        // What is left of a text that was cut can be enough for a verdict.
        self.f.get(n);
        self.f.if_();
        self.f.get(first).get(n).get(self.base).get(self.found).get(self.epoch);
        self.f.get(self.filter.low).get(self.filter.high).get(self.filter.classes);
        self.f.call(scan);
        self.f.set(self.found);
        self.f.end();
        if atoms.missing.is_none() {
            return Ok(());
        }
        let whole = match atoms.element {
            _ if self.fault == Some(Fault::CutIsMiss) => present,
            Some(element) => self.elements_whole(atoms.field, element, (first, n))?,
            None => self.text_ok(atoms.field, atoms.fold)?,
        };
        self.f.get(whole).i().i32_eqz();
        self.f.if_();
        self.beside(atoms.missing.as_deref())?;
        self.f.end();
        Ok(())
    }
}

/// The key as perfect hashing takes it.
fn halves(key: u64) -> (u32, u32) {
    let low = u32::try_from(key & 0xFFFF_FFFF).unwrap_or(0);
    (low, u32::try_from(key >> 32).unwrap_or(0))
}

const _: () = assert!(GRID_LISTS > BUCKETS_OF_EVENT, "one list for each bucket");
