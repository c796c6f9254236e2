//! Fragments of a connectionless call, put together in their order.
//!
//! A fragment that was seen is passed over, one that comes too early ends the call:
//! the sender repeats from where the receiver misses one, so a capture that lost one
//! cannot know what is right.

use crate::dcerpc::{Datagram, Uuid};
use crate::net::flow::Side;

/// Most calls that are put together at a time in a flow.
const MAX_OPEN: usize = 4;
/// Most bytes of a call.
const MAX_BYTES: usize = 128 * 1024;

/// A call of which fragments are missing.
struct Open {
    side: Side,
    activity: Uuid,
    sequence: u32,
    next: u16,
    bytes: Vec<u8>,
}

/// What a fragment leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// More are needed, or it was seen already.
    Waiting,
    /// The call is whole.
    Whole(Vec<u8>),
    /// It contradicts the others, or is too much.
    Broken,
}

/// The calls of a flow that are put together.
#[derive(Default)]
pub(super) struct Fragments {
    open: Vec<Open>,
}

impl Fragments {
    /// Takes a fragment.
    pub(super) fn add(&mut self, side: Side, pdu: &Datagram<'_>) -> Joined {
        let same = |open: &Open| {
            open.side == side
                && open.activity == pdu.activity
                && open.sequence == pdu.sequence
        };
        let at = match self.open.iter().position(same) {
            Some(at) => at,
            None if pdu.fragment == 0 => self.begin(side, pdu),
            // Repeated after its call was whole, or the beginning was not seen.
            None => return Joined::Broken,
        };
        let Some(open) = self.open.get_mut(at) else { return Joined::Broken };
        if pdu.fragment < open.next {
            return Joined::Waiting;
        }
        let len = open.bytes.len().saturating_add(pdu.body.len());
        if pdu.fragment > open.next || pdu.is_short || len > MAX_BYTES {
            self.open.remove(at);
            return Joined::Broken;
        }
        open.bytes.extend_from_slice(pdu.body);
        open.next = open.next.saturating_add(1);
        if pdu.is_last() {
            return Joined::Whole(self.open.remove(at).bytes);
        }
        Joined::Waiting
    }

    fn begin(&mut self, side: Side, pdu: &Datagram<'_>) -> usize {
        if self.open.len() >= MAX_OPEN {
            self.open.remove(0);
        }
        let Datagram { activity, sequence, .. } = *pdu;
        self.open.push(Open { side, activity, sequence, next: 0, bytes: Vec::new() });
        self.open.len().saturating_sub(1)
    }

    /// Bytes that wait.
    pub(super) fn kept(&self) -> usize {
        self.open.iter().map(|open| open.bytes.len()).sum()
    }

    /// Lets go of them.
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }
}
