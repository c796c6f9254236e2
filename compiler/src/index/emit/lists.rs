//! Entries and lists of them, as constant data.

use std::collections::BTreeMap;

use super::{ENTRY, number};
use crate::codegen::{Ctx, Error};
use crate::index::{Entry, KindPlan};

/// Where the entries of a kind are, and the lists written so far.
#[derive(Debug)]
pub(super) struct Lists {
    entries: u32,
    written: BTreeMap<Vec<u32>, u32>,
    /// Most entries in one list.
    pub(super) longest: u32,
}

impl Lists {
    /// Writes the entries.
    pub(super) fn new(ctx: &mut Ctx<'_>, plan: &KindPlan) -> Result<Self, Error> {
        let mut bytes = Vec::with_capacity(plan.entries.len().saturating_mul(64));
        plan.entries.iter().for_each(|entry| write_entry(entry, &mut bytes));
        let entries = ctx.module.data.append(&bytes, 64)?;
        Ok(Self { entries, written: BTreeMap::new(), longest: 0 })
    }

    /// Address of a list; 0 for an empty one.
    pub(super) fn address(
        &mut self,
        ctx: &mut Ctx<'_>,
        list: &[u32],
    ) -> Result<u32, Error> {
        if list.is_empty() {
            return Ok(0);
        }
        if let Some(address) = self.written.get(list) {
            return Ok(*address);
        }
        let n = number(list.len());
        let mut bytes = n.to_le_bytes().to_vec();
        for entry in list {
            let address = self.entries.saturating_add(entry.saturating_mul(ENTRY));
            bytes.extend(address.to_le_bytes());
        }
        let address = ctx.module.data.append(&bytes, 4)?;
        self.written.insert(list.to_vec(), address);
        self.longest = self.longest.max(n);
        Ok(address)
    }
}

fn write_entry(entry: &Entry, bytes: &mut Vec<u8>) {
    entry.low.iter().for_each(|low| bytes.extend(low.to_le_bytes()));
    entry.high.iter().for_each(|high| bytes.extend(high.to_le_bytes()));
    entry.masks.iter().for_each(|mask| bytes.extend(mask.to_le_bytes()));
    bytes.extend(entry.predicate.to_le_bytes());
    bytes.extend([0; 12]);
}
