//! The flows that are known, within a bound.
//!
//! ```text
//! map  tuple -> slot                       slots  [flow | flow | free | ...]
//! ages one list for each way of ageing, oldest first, linked through the slots
//! ```
//!
//! A flow ages by the packets' time. Its place in its list is renewed at most
//! once a second, so that a packet of a busy flow touches nothing but the flow.
//! Where the table is full the flow that was idle longest is evicted, which is
//! independent of the hash seed.

use std::hash::{BuildHasher as _, Hash, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use sha1::{Digest as _, Sha1};

use crate::net::addr::Ip;

pub use tagout_spec::decoder::Side;

/// One end of a flow.
pub type End = (Ip, u16);

/// What packets of one flow share: both ends, the lesser first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowKey {
    a: Ip,
    b: Ip,
    /// Port of a, then of b, then the protocol: one number to compare.
    rest: u64,
}

impl FlowKey {
    /// The key of a packet, and which end sent it.
    #[inline]
    pub fn new(protocol: u8, src: End, dst: End) -> (FlowKey, Side) {
        let (a, b, side) =
            if src <= dst { (src, dst, Side::A) } else { (dst, src, Side::B) };
        let rest = u64::from(a.1) << 24 | u64::from(b.1) << 8 | u64::from(protocol);
        (FlowKey { a: a.0, b: b.0, rest }, side)
    }

    /// The end on that side.
    #[inline]
    pub fn end(&self, side: Side) -> End {
        let [_, _, _, a, b, c, d, _] = self.rest.to_be_bytes();
        match side {
            Side::A => (self.a, u16::from_be_bytes([a, b])),
            Side::B => (self.b, u16::from_be_bytes([c, d])),
        }
    }

    /// Protocol above IP.
    #[inline]
    pub fn protocol(&self) -> u8 {
        let [.., protocol] = self.rest.to_be_bytes();
        protocol
    }

    /// Identifier of a flow: 63 bits of a hash of its tuple, the time of its
    /// first packet, and its input.
    pub fn id(&self, first_ns: i64, input: u16) -> u64 {
        let mut hash = Sha1::new();
        for side in [Side::A, Side::B] {
            let (ip, port) = self.end(side);
            hash.update(ip.octets());
            hash.update(port.to_be_bytes());
        }
        hash.update([self.protocol()]);
        hash.update(first_ns.to_be_bytes());
        hash.update(input.to_be_bytes());
        let digest = hash.finalize();
        let first = digest.first_chunk::<8>().copied().unwrap_or_default();
        u64::from_be_bytes(first) >> 1
    }
}

impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.a.hash(state);
        self.b.hash(state);
        state.write_u64(self.rest);
    }
}

/// How a flow ages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// A connection whose end was not seen.
    Connection,
    /// A flow without connections.
    Datagrams,
    /// A connection that has ended and may still be mopping up.
    Closed,
}

/// Bounds of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowLimits {
    /// Most flows.
    pub flows: usize,
    /// Idle time after which a connection is given up.
    pub connection_ns: i64,
    /// Idle time after which a flow of datagrams is given up.
    pub datagrams_ns: i64,
    /// Idle time after which an ended connection is forgotten.
    pub closed_ns: i64,
}

impl Default for FlowLimits {
    fn default() -> FlowLimits {
        FlowLimits {
            flows: 65_536,
            connection_ns: 3_600_000_000_000,
            datagrams_ns: 120_000_000_000,
            closed_ns: 5_000_000_000,
        }
    }
}

/// Place of a flow in the table, until it is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowIdx(u32);

/// Renewals closer than this to the one before are left out.
const RENEW_NS: i64 = 1_000_000_000;
const NONE: u32 = u32::MAX;

/// The table, over whatever is kept of a flow.
pub struct FlowTable<T> {
    map: HashTable<u32>,
    hasher: FixedState,
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    lists: [List; 3],
    limits: FlowLimits,
}

struct Slot<T> {
    key: FlowKey,
    value: Option<T>,
    age: Age,
    /// When its place was last renewed.
    renewed_ns: i64,
    before: u32,
    after: u32,
}

#[derive(Clone, Copy)]
struct List {
    oldest: u32,
    newest: u32,
}

impl<T> FlowTable<T> {
    /// An empty table. The seed keeps senders from choosing tuples that fall
    /// together; it changes no result.
    pub fn new(limits: FlowLimits, seed: u64) -> FlowTable<T> {
        FlowTable {
            map: HashTable::new(),
            hasher: FixedState::with_seed(seed),
            slots: Vec::new(),
            free: Vec::new(),
            lists: [List { oldest: NONE, newest: NONE }; 3],
            limits,
        }
    }

    /// Number of flows.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Whether an insertion needs an eviction first.
    pub fn is_full(&self) -> bool {
        self.map.len() >= self.limits.flows.max(1)
    }

    /// The flow with that key.
    #[inline]
    pub fn find(&self, key: &FlowKey) -> Option<FlowIdx> {
        let hash = self.hasher.hash_one(key);
        let same = |&at: &u32| self.slot(at).is_some_and(|slot| slot.key == *key);
        self.map.find(hash, same).copied().map(FlowIdx)
    }

    /// Adds a flow whose key is not there.
    pub fn insert(&mut self, key: FlowKey, value: T, age: Age, now_ns: i64) -> FlowIdx {
        let slot = Slot {
            key,
            value: Some(value),
            age,
            renewed_ns: now_ns,
            before: NONE,
            after: NONE,
        };
        let at = match self.free.pop() {
            Some(at) => {
                if let Some(place) = self.slot_mut(at) {
                    *place = slot;
                }
                at
            }
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len().saturating_sub(1)).unwrap_or(NONE)
            }
        };
        let (hasher, slots) = (&self.hasher, &self.slots);
        let rehash = |&at: &u32| {
            let key = usize::try_from(at).ok().and_then(|at| slots.get(at));
            key.map_or(0, |slot| hasher.hash_one(slot.key))
        };
        self.map.insert_unique(hasher.hash_one(key), at, rehash);
        self.link(at);
        FlowIdx(at)
    }

    /// The key and content of a flow.
    #[inline]
    pub fn get_mut(&mut self, at: FlowIdx) -> Option<(&FlowKey, &mut T)> {
        let slot = self.slot_mut(at.0)?;
        slot.value.as_mut().map(|value| (&slot.key, value))
    }

    /// Notes that a flow was seen, and how it ages from now on.
    #[inline]
    pub fn renew(&mut self, at: FlowIdx, age: Age, now_ns: i64) {
        let Some(slot) = self.slot(at.0) else { return };
        if slot.age == age && now_ns.saturating_sub(slot.renewed_ns) < RENEW_NS {
            return;
        }
        self.unlink(at.0);
        if let Some(slot) = self.slot_mut(at.0) {
            slot.age = age;
            slot.renewed_ns = now_ns;
        }
        self.link(at.0);
    }

    /// Whether a flow has been idle for so long that a packet now belongs to a
    /// new one. `last_ns` is when it was last seen.
    #[inline]
    pub fn is_over(&self, at: FlowIdx, last_ns: i64, now_ns: i64) -> bool {
        let idle = now_ns.saturating_sub(last_ns);
        self.slot(at.0).is_none_or(|slot| idle > self.timeout(slot.age))
    }

    /// A flow that has been idle for longer than it may, if there is one.
    pub fn expired(&self, now_ns: i64) -> Option<FlowIdx> {
        let ages = [Age::Connection, Age::Datagrams, Age::Closed];
        ages.into_iter().find_map(|age| {
            let oldest = self.list(age).oldest;
            let slot = self.slot(oldest)?;
            // Renewals lag by up to a second.
            let idle = now_ns.saturating_sub(slot.renewed_ns).saturating_sub(RENEW_NS);
            (idle > self.timeout(age)).then_some(FlowIdx(oldest))
        })
    }

    /// The flow to evict: ended ones first, then the one longest idle.
    pub fn oldest(&self) -> Option<FlowIdx> {
        let oldest = |age| Some(self.list(age).oldest).filter(|&at| at != NONE);
        if let Some(at) = oldest(Age::Closed) {
            return Some(FlowIdx(at));
        }
        let renewed = |at: &u32| self.slot(*at).map_or(i64::MAX, |slot| slot.renewed_ns);
        [Age::Datagrams, Age::Connection]
            .into_iter()
            .filter_map(oldest)
            .min_by_key(renewed)
            .map(FlowIdx)
    }

    /// Takes a flow out.
    pub fn remove(&mut self, at: FlowIdx) -> Option<(FlowKey, T)> {
        let key = self.slot(at.0)?.key;
        let hash = self.hasher.hash_one(key);
        if let Ok(entry) = self.map.find_entry(hash, |&there| there == at.0) {
            entry.remove();
        }
        self.unlink(at.0);
        self.free.push(at.0);
        let value = self.slot_mut(at.0)?.value.take()?;
        Some((key, value))
    }

    fn timeout(&self, age: Age) -> i64 {
        match age {
            Age::Connection => self.limits.connection_ns,
            Age::Datagrams => self.limits.datagrams_ns,
            Age::Closed => self.limits.closed_ns,
        }
    }

    #[inline]
    fn slot(&self, at: u32) -> Option<&Slot<T>> {
        self.slots.get(usize::try_from(at).ok()?)
    }

    #[inline]
    fn slot_mut(&mut self, at: u32) -> Option<&mut Slot<T>> {
        self.slots.get_mut(usize::try_from(at).ok()?)
    }

    fn list(&self, age: Age) -> List {
        let [connection, datagrams, closed] = self.lists;
        match age {
            Age::Connection => connection,
            Age::Datagrams => datagrams,
            Age::Closed => closed,
        }
    }

    fn list_mut(&mut self, age: Age) -> &mut List {
        let [connection, datagrams, closed] = &mut self.lists;
        match age {
            Age::Connection => connection,
            Age::Datagrams => datagrams,
            Age::Closed => closed,
        }
    }

    /// Appends a slot to the list of its age.
    fn link(&mut self, at: u32) {
        let Some(age) = self.slot(at).map(|slot| slot.age) else { return };
        let newest = self.list(age).newest;
        if let Some(slot) = self.slot_mut(at) {
            slot.before = newest;
            slot.after = NONE;
        }
        match self.slot_mut(newest) {
            Some(slot) => slot.after = at,
            None => self.list_mut(age).oldest = at,
        }
        self.list_mut(age).newest = at;
    }

    fn unlink(&mut self, at: u32) {
        let Some(slot) = self.slot(at) else { return };
        let (age, before, after) = (slot.age, slot.before, slot.after);
        match self.slot_mut(before) {
            Some(slot) => slot.after = after,
            None => self.list_mut(age).oldest = after,
        }
        match self.slot_mut(after) {
            Some(slot) => slot.before = before,
            None => self.list_mut(age).newest = before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> FlowKey {
        FlowKey::new(6, (Ip::v4([10, 0, 0, n]), 502), (Ip::v4([10, 0, 1, 1]), 9)).0
    }

    const SECOND: i64 = 1_000_000_000;

    #[test]
    fn both_directions_have_one_key() {
        let (one, other) = ((Ip::v4([1, 2, 3, 4]), 9), (Ip::v4([1, 2, 3, 4]), 7));
        let (there, from) = FlowKey::new(6, one, other);
        let (back, to) = FlowKey::new(6, other, one);
        assert_eq!((there, from), (back, to.other()));
        assert_eq!(there.end(from), one);
    }

    #[test]
    fn flows_expire_in_the_order_they_were_last_seen() {
        let mut table = FlowTable::new(FlowLimits::default(), 7);
        for n in 1..=3 {
            table.insert(key(n), n, Age::Datagrams, i64::from(n) * SECOND);
        }
        let first = table.find(&key(1)).unwrap();
        table.renew(first, Age::Datagrams, 100 * SECOND);
        let mut gone = Vec::new();
        for now in [122, 124, 125, 222, 223] {
            while let Some(at) = table.expired(now * SECOND) {
                gone.push((now, table.remove(at).unwrap().1));
            }
        }
        assert_eq!(gone, [(124, 2), (125, 3), (222, 1)]);
        assert!(table.is_empty());
    }

    #[test]
    fn ended_flows_are_evicted_first() {
        let mut table =
            FlowTable::new(FlowLimits { flows: 3, ..FlowLimits::default() }, 7);
        for n in 1..=3 {
            table.insert(key(n), n, Age::Connection, i64::from(n) * SECOND);
        }
        assert!(table.is_full());
        let third = table.find(&key(3)).unwrap();
        table.renew(third, Age::Closed, 4 * SECOND);
        let mut gone = Vec::new();
        while let Some(at) = table.oldest() {
            gone.push(table.remove(at).unwrap().1);
        }
        assert_eq!(gone, [3, 1, 2]);
        // Slots are used again.
        table.insert(key(9), 9, Age::Closed, 0);
        assert_eq!(table.slots.len(), 3);
        assert_eq!(table.find(&key(1)), None);
        assert!(table.find(&key(9)).is_some());
    }
}
