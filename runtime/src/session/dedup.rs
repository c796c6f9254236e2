//! Deduplication: what was reported lately.
//!
//! ```text
//! key: 128 bits of SHA-256 over pack, rule and columns
//! 256 shards by the key's first byte, each with its share of the capacity:
//!   map     key -> time of the alert, window
//!   order   keys by when they came; the oldest goes when the shard is full
//! ```
//!
//! Time is the events' own. Shards are fixed, so what is evicted depends on the
//! events and on nothing else: a replay gives the same alerts.

use std::collections::VecDeque;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use sha2::Digest;
use sha2::Sha256;

/// Number of shards.
const SHARDS: usize = 256;

/// A key, hashed: an attacker chooses columns, and must not choose collisions.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 16]);

impl Key {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        Self(*hash.first_chunk().unwrap_or(&[0; 16]))
    }
}

/// The table.
pub(super) struct Dedup {
    shards: Vec<Shard>,
    capacity: usize,
    /// Keys forgotten before their window was over.
    pub(super) evicted: u64,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<Key, Entry, FixedState>,
    order: VecDeque<(Key, i64)>,
}

#[derive(Clone, Copy)]
struct Entry {
    since: i64,
    window: i64,
}

impl Dedup {
    pub(super) fn new(capacity: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Shard::default()).collect();
        Self { shards, capacity: capacity.div_ceil(SHARDS).max(1), evicted: 0 }
    }

    /// Whether an event at a time is the first with its key in the window. An
    /// event from before the alert, but within a window of it, is not.
    pub(super) fn is_first(&mut self, key: Key, ts: i64, window: i64) -> bool {
        let [index, ..] = key.0;
        let Some(shard) = self.shards.get_mut(usize::from(index)) else { return true };
        if let Some(entry) = shard.entries.get(&key)
            && ts.abs_diff(entry.since) < entry.window.unsigned_abs()
        {
            return false;
        }
        shard.entries.insert(key, Entry { since: ts, window });
        shard.order.push_back((key, ts));
        while shard.order.len() > self.capacity {
            let Some((old, since)) = shard.order.pop_front() else { break };
            // Renewed since, then a younger place in the order stands for it.
            let Some(entry) = shard.entries.get(&old).filter(|e| e.since == since) else {
                continue;
            };
            if ts.abs_diff(entry.since) < entry.window.unsigned_abs() {
                self.evicted = self.evicted.saturating_add(1);
            }
            shard.entries.remove(&old);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_hold_back_and_open_again() {
        let mut dedup = Dedup::new(1_000);
        let key = Key::new(b"a");
        for (ts, first) in
            [(100, true), (149, false), (60, false), (150, true), (160, false)]
        {
            assert_eq!(dedup.is_first(key, ts, 50), first, "{ts}");
        }
        assert!(dedup.is_first(Key::new(b"b"), 160, 50));
    }

    #[test]
    fn the_oldest_is_evicted_and_counted() {
        let mut dedup = Dedup::new(1);
        let same_shard = |n: u8| Key([7, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert!(dedup.is_first(same_shard(1), 0, 100));
        assert!(dedup.is_first(same_shard(2), 1, 100));
        assert_eq!(dedup.evicted, 1);
        assert!(!dedup.is_first(same_shard(2), 2, 100));
        assert!(dedup.is_first(same_shard(1), 3, 100));
        // What has expired is not counted.
        assert!(dedup.is_first(same_shard(3), 1_000, 100));
        assert_eq!(dedup.evicted, 2);
    }
}
