//! Requests that wait for their reply.
//!
//! An unconnected reply repeats session and sender context of its request; a connected
//! one repeats its sequence count, and comes over the connection that was opened
//! together with the request's. A request is kept as it lay in its message, so that its
//! reply, and each reply within it, finds all that was asked. Clients exist that never
//! change their context: the oldest request of the same service is then meant.

use crate::cip::message::{self, Body};

/// Most requests that wait in a flow.
const MAX_WAITING: usize = 32;
/// Most bytes kept of a request: its path stands at its beginning.
const MAX_BYTES: usize = 2048;
/// Age at which a request is no longer waited for.
const FORGET_NS: i64 = 60_000_000_000;
/// Most connections whose two identifiers are remembered.
const MAX_LINKS: usize = 64;
/// Most room that stays for the next request when one is done with.
const MAX_SPARE: usize = 1024;

/// What carries a message, and ties a reply to its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carrier {
    /// Session handle.
    pub(crate) session: u32,
    /// Sender context, of unconnected messages.
    pub(crate) context: [u8; 8],
    /// Connection and sequence count, of connected ones.
    pub(crate) connected: Option<(u32, u16)>,
}

/// A request that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    carrier: Carrier,
    service: u8,
    /// Service of the message that it sends on, which answers in its place.
    inner: Option<u8>,
    /// When it was sent.
    pub(super) ts_ns: i64,
    /// The request.
    pub(super) bytes: Vec<u8>,
}

/// The requests of a flow that wait, oldest first.
#[derive(Debug, Default)]
pub(super) struct Pending {
    waiting: Vec<Waiting>,
    /// Identifiers of connections: originator to target, target to originator.
    links: Vec<(u32, u32)>,
    spare: Vec<u8>,
    kept: usize,
}

impl Pending {
    /// Adds a request; the oldest gives way if there are too many.
    pub(super) fn push(
        &mut self,
        carrier: &Carrier,
        request: &message::Message<'_>,
        bytes: &[u8],
        ts_ns: i64,
    ) {
        if self.waiting.len() >= MAX_WAITING {
            let oldest = self.waiting.remove(0);
            self.kept = self.kept.saturating_sub(oldest.bytes.len());
            self.done(oldest);
        }
        let inner = match request.body {
            Body::Unconnected(send) => send.message.first().copied(),
            _ => None,
        };
        let mut copy = std::mem::take(&mut self.spare);
        copy.clear();
        copy.extend_from_slice(bytes.get(..MAX_BYTES).unwrap_or(bytes));
        self.kept = self.kept.saturating_add(copy.len());
        self.waiting.push(Waiting {
            carrier: *carrier,
            service: request.service,
            inner,
            ts_ns,
            bytes: copy,
        });
    }

    /// The request that a reply belongs to, which then waits no more.
    pub(super) fn take(
        &mut self,
        carrier: &Carrier,
        service: u8,
        now_ns: i64,
    ) -> Option<Waiting> {
        let link = carrier.connected.and_then(|(id, _)| {
            self.links.iter().rev().find(|(_, to)| *to == id).map(|(ot, _)| *ot)
        });
        let fits = |waiting: &Waiting| {
            let same = match (waiting.carrier.connected, carrier.connected) {
                (Some((id, asked)), Some((_, answered))) => {
                    asked == answered && link.is_none_or(|link| link == id)
                }
                (None, None) => {
                    let Carrier { session, context, .. } = waiting.carrier;
                    (session, context) == (carrier.session, carrier.context)
                }
                _ => false,
            };
            same && (waiting.service == service || waiting.inner == Some(service))
                && now_ns.saturating_sub(waiting.ts_ns) <= FORGET_NS
        };
        let at = self.waiting.iter().position(fits)?;
        let waiting = self.waiting.remove(at);
        self.kept = self.kept.saturating_sub(waiting.bytes.len());
        Some(waiting)
    }

    /// Gives back the room of a request that is done with.
    pub(super) fn done(&mut self, waiting: Waiting) {
        if waiting.bytes.capacity() <= MAX_SPARE {
            self.spare = waiting.bytes;
        }
    }

    /// Remembers that the two identifiers are of one connection.
    pub(super) fn link(&mut self, ot: u32, to: u32) {
        if self.links.contains(&(ot, to)) {
            return;
        }
        if self.links.len() >= MAX_LINKS {
            self.links.remove(0);
        }
        self.links.push((ot, to));
    }

    /// Bytes of the requests that wait.
    pub(super) fn kept(&self) -> usize {
        self.kept
    }

    /// Forgets those whose reply could be taken for another's, since messages are
    /// missing: what is connected has a count of its own, sender contexts repeat.
    pub(super) fn gap(&mut self) {
        self.waiting.retain(|waiting| waiting.carrier.connected.is_some());
        self.kept = self.waiting.iter().map(|waiting| waiting.bytes.len()).sum();
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.waiting = Vec::new();
        self.kept = 0;
    }
}
