//! Copies of a frame that arrive over the second LAN of a PRP network or the
//! other way round an HSR ring (IEC 62439-3): the first is taken, the copy is
//! counted and dropped, as a receiver does.

use crate::net::addr::Mac;

/// How long a copy may lag behind: the standard's `EntryForgetTime`.
const FORGET_NS: u64 = 400_000_000;

/// Entries of the table; a newer frame takes the place of an older one whose
/// entry is the same, which can only let a copy through.
const ENTRIES: usize = 1024;

/// Frames seen of late.
#[derive(Default)]
pub struct Copies {
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    sender: Option<Mac>,
    sequence: u16,
    ts_ns: i64,
}

impl Copies {
    /// Notes a frame; true if it is a copy of one seen before.
    pub fn is_copy(&mut self, sender: Mac, sequence: u16, ts_ns: i64) -> bool {
        if self.entries.is_empty() {
            self.entries.resize(ENTRIES, Entry::default());
        }
        let [_, _, _, _, e, f] = sender.octets();
        let mixed = usize::from(sequence) ^ (usize::from(f) << 5) ^ (usize::from(e) << 2);
        let Some(entry) = self.entries.get_mut(mixed % ENTRIES) else { return false };
        let copy = entry.sender == Some(sender)
            && entry.sequence == sequence
            && entry.ts_ns.abs_diff(ts_ns) < FORGET_NS;
        if !copy {
            *entry = Entry { sender: Some(sender), sequence, ts_ns };
        }
        copy
    }
}
