//! From an address to an asset and a zone, without allocation.
//!
//! Exact addresses are hashed. Prefixes may nest; they are cut at load into
//! ranges of which each belongs to the longest prefix around it:
//!
//! ```text
//! 10.0.0.0/8    plant   |-----------------------------|
//! 10.10.0.0/24  cell 1          |------|
//! starts                ^plant  ^cell1 ^plant          ^none
//! ```

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::Site;

/// What the events of a running session are joined with.
pub(crate) struct Lookup {
    assets: HashMap<[u8; 16], u32, FixedState>,
    macs: HashMap<[u8; 6], u32, FixedState>,
    hosts: HashMap<Vec<u8>, u32, FixedState>,
    /// First address of each range, ascending, and the zone from there on.
    starts: Vec<(u128, Option<u32>)>,
}

impl Lookup {
    pub(crate) fn new(site: &Site) -> Self {
        let hasher = FixedState::with_seed(0);
        let mut lookup = Self {
            assets: HashMap::with_hasher(hasher.clone()),
            macs: HashMap::with_hasher(hasher.clone()),
            hosts: HashMap::with_hasher(hasher),
            starts: starts(site),
        };
        for (number, asset) in (0_u32..).zip(&site.assets) {
            lookup.assets.extend(asset.addresses.iter().map(|&a| (a, number)));
            lookup.macs.extend(asset.macs.iter().map(|&mac| (mac, number)));
            lookup.hosts.extend(asset.hosts.iter().map(|host| (host.clone(), number)));
        }
        lookup
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.assets.is_empty()
            && self.macs.is_empty()
            && self.hosts.is_empty()
            && self.starts.is_empty()
    }

    pub(crate) fn asset(&self, address: &[u8; 16]) -> Option<usize> {
        number(self.assets.get(address))
    }

    pub(crate) fn asset_by_mac(&self, mac: &[u8; 6]) -> Option<usize> {
        number(self.macs.get(mac))
    }

    /// The asset that reports under a host name, folded.
    pub(crate) fn asset_by_host(&self, folded: &[u8]) -> Option<usize> {
        number(self.hosts.get(folded))
    }

    pub(crate) fn zone(&self, address: &[u8; 16]) -> Option<usize> {
        let address = u128::from_be_bytes(*address);
        let after = self.starts.partition_point(|(start, _)| *start <= address);
        let (_, zone) = self.starts.get(after.checked_sub(1)?)?;
        number(zone.as_ref())
    }
}

fn number(found: Option<&u32>) -> Option<usize> {
    found.and_then(|&number| usize::try_from(number).ok())
}

/// Sweeps over the prefixes, outer before inner, with a stack of open ones.
fn starts(site: &Site) -> Vec<(u128, Option<u32>)> {
    let mut prefixes: Vec<(u128, u128, u32)> = (0_u32..)
        .zip(&site.zones)
        .flat_map(|(zone, z)| z.prefixes.iter().map(move |p| (p.first, p.last, zone)))
        .collect();
    prefixes.sort_unstable_by_key(|&(first, last, _)| (first, std::cmp::Reverse(last)));
    let mut starts = Vec::new();
    let mut open: Vec<(u128, u32)> = Vec::new();
    for (first, last, zone) in prefixes {
        while let Some(&(end, _)) = open.last().filter(|(end, _)| *end < first) {
            open.pop();
            push_after(&mut starts, end, &open);
        }
        push(&mut starts, first, Some(zone));
        open.push((last, zone));
    }
    while let Some((end, _)) = open.pop() {
        push_after(&mut starts, end, &open);
    }
    starts
}

/// After a prefix ends, the one around it goes on.
fn push_after(starts: &mut Vec<(u128, Option<u32>)>, end: u128, open: &[(u128, u32)]) {
    if let Some(next) = end.checked_add(1) {
        push(starts, next, open.last().map(|(_, zone)| *zone));
    }
}

fn push(starts: &mut Vec<(u128, Option<u32>)>, start: u128, zone: Option<u32>) {
    match starts.last_mut() {
        Some(last) if last.0 == start => last.1 = zone,
        _ => starts.push((start, zone)),
    }
}
