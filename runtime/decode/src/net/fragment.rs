//! Datagrams from fragments, within bounds.
//!
//! Where fragments overlap the first byte to arrive stays; a later byte that
//! differs is an anomaly and is counted. Time is the packets' own. A datagram
//! that is not complete in time, or that would exceed a bound, is dropped and counted.

use crate::net::addr::Ip;
use crate::net::ip::{Fragment, IpPacket};

/// RFC 8200 waits 60 seconds for IPv6, RFC 1122 60 to 120 for IPv4; systems
/// take 30, and so do we, since a longer wait can only add false joins.
const TIMEOUT_NS: i64 = 30_000_000_000;
/// Most datagrams that wait.
const MAX_DATAGRAMS: usize = 256;
/// Most separate parts of a datagram.
const MAX_PARTS: usize = 128;
/// Most bytes of a datagram.
const MAX_BYTES: usize = 65_535;
/// Most bytes of all that wait.
const MAX_TOTAL: usize = 8 * 1024 * 1024;

/// Datagrams of which something is missing.
#[derive(Default)]
pub struct Fragments {
    waiting: Vec<Datagram>,
    bytes: usize,
    /// What was met.
    pub stats: FragmentStats,
}

/// What reassembly has met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FragmentStats {
    /// Fragments seen.
    pub fragments: u64,
    /// Datagrams completed.
    pub datagrams: u64,
    /// Datagrams dropped because they were not complete in time.
    pub expired: u64,
    /// Datagrams dropped to keep a bound.
    pub dropped: u64,
    /// Fragments with bytes that differ from those of an earlier one.
    pub conflicts: u64,
}

struct Datagram {
    key: Key,
    first_ns: i64,
    bytes: Vec<u8>,
    /// Parts that are there, in order, apart: from, to.
    parts: Vec<(usize, usize)>,
    total: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    src: Ip,
    dst: Ip,
    protocol: u8,
    id: u32,
}

impl Fragments {
    /// Takes a fragment; returns the payload of its datagram if that is whole.
    pub fn add(
        &mut self,
        packet: &IpPacket<'_>,
        fragment: Fragment,
        ts_ns: i64,
    ) -> Option<Vec<u8>> {
        self.stats.fragments = self.stats.fragments.saturating_add(1);
        self.expire(ts_ns);
        let IpPacket { src, dst, protocol, .. } = *packet;
        // For a later IPv6 fragment the protocol is that of its first header.
        let key = Key { src, dst, protocol, id: fragment.id };
        let at = match self.waiting.iter().position(|datagram| datagram.key == key) {
            Some(at) => at,
            None => self.begin(key, ts_ns),
        };
        let datagram = self.waiting.get_mut(at)?;
        let before = datagram.bytes.len();
        let added = datagram.add(fragment, packet.payload, packet.missing > 0);
        self.bytes =
            self.bytes.saturating_sub(before).saturating_add(datagram.bytes.len());
        let whole = datagram.is_whole();
        match added {
            Ok(conflict) => {
                self.stats.conflicts =
                    self.stats.conflicts.saturating_add(u64::from(conflict));
            }
            Err(OverBound) => {
                self.drop_at(at);
                return None;
            }
        }
        if !whole {
            return None;
        }
        let datagram = self.waiting.remove(at);
        self.bytes = self.bytes.saturating_sub(datagram.bytes.len());
        self.stats.datagrams = self.stats.datagrams.saturating_add(1);
        Some(datagram.bytes)
    }

    fn begin(&mut self, key: Key, first_ns: i64) -> usize {
        while self.waiting.len() >= MAX_DATAGRAMS || self.bytes > MAX_TOTAL {
            self.drop_at(0);
        }
        let (bytes, parts) = (Vec::new(), Vec::new());
        self.waiting.push(Datagram { key, first_ns, bytes, parts, total: None });
        self.waiting.len().saturating_sub(1)
    }

    fn drop_at(&mut self, at: usize) {
        if at < self.waiting.len() {
            let datagram = self.waiting.remove(at);
            self.bytes = self.bytes.saturating_sub(datagram.bytes.len());
            self.stats.dropped = self.stats.dropped.saturating_add(1);
        }
    }

    fn expire(&mut self, now_ns: i64) {
        let before = self.waiting.len();
        let bytes = &mut self.bytes;
        self.waiting.retain(|datagram| {
            let keep = now_ns.saturating_sub(datagram.first_ns) <= TIMEOUT_NS;
            if !keep {
                *bytes = bytes.saturating_sub(datagram.bytes.len());
            }
            keep
        });
        let expired = before.saturating_sub(self.waiting.len());
        self.stats.expired = self.stats.expired.saturating_add(expired as u64);
    }
}

/// A fragment would exceed what a datagram may be.
struct OverBound;

impl Datagram {
    /// Adds a fragment's bytes where none are yet; says whether others differ.
    fn add(
        &mut self,
        fragment: Fragment,
        payload: &[u8],
        cut: bool,
    ) -> Result<bool, OverBound> {
        let from = fragment.offset;
        let to = from.saturating_add(payload.len());
        if to > MAX_BYTES || self.parts.len() >= MAX_PARTS {
            return Err(OverBound);
        }
        if !fragment.more && !cut && self.total.is_none() {
            self.total = Some(to);
        }
        if self.bytes.len() < to {
            self.bytes.resize(to, 0);
        }
        let mut conflict = false;
        let mut at = from;
        for &(part_from, part_to) in &self.parts {
            let (shared_from, shared_to) = (part_from.max(from), part_to.min(to));
            if shared_from >= shared_to {
                continue;
            }
            fill(&mut self.bytes, at, shared_from, payload, from);
            at = at.max(shared_to);
            let ours = self.bytes.get(shared_from..shared_to);
            let theirs =
                payload.get(shared_from.wrapping_sub(from)..shared_to.wrapping_sub(from));
            conflict |= ours != theirs;
        }
        fill(&mut self.bytes, at, to, payload, from);
        self.join(from, to);
        Ok(conflict)
    }

    fn join(&mut self, mut from: usize, mut to: usize) {
        self.parts.retain(|&(part_from, part_to)| {
            let apart = part_to < from || to < part_from;
            if !apart {
                from = from.min(part_from);
                to = to.max(part_to);
            }
            apart
        });
        let at = self.parts.partition_point(|&(part_from, _)| part_from < from);
        self.parts.insert(at, (from, to));
    }

    fn is_whole(&self) -> bool {
        match (self.total, self.parts.as_slice()) {
            (Some(total), [(0, to)]) => *to == total && self.bytes.len() == total,
            _ => false,
        }
    }
}

/// Copies `from..to` of the datagram out of a payload that lies at `offset`.
fn fill(bytes: &mut [u8], from: usize, to: usize, payload: &[u8], offset: usize) {
    let source = payload.get(from.saturating_sub(offset)..to.saturating_sub(offset));
    if let (Some(target), Some(source)) = (bytes.get_mut(from..to), source) {
        target.copy_from_slice(source);
    }
}
