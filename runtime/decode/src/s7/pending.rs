//! Requests that wait for their answer.
//!
//! An answer repeats the reference of its request and comes from the other side. Of a
//! job that addresses variables its parameter part is kept, since the answer does not
//! say what it answers. Room is used again: once a flow has run for a while, nothing is
//! allocated for a message.

use crate::net::flow::Side;
use crate::s7::block::Block;

/// Most requests that wait in a flow; controllers negotiate eight at most.
const MAX_WAITING: usize = 16;
/// Most bytes of a parameter part that are kept: the longest message that
/// controllers negotiate has 960.
const MAX_PARAMETER: usize = 1024;
/// Age at which a request is no longer waited for.
const FORGET_NS: i64 = 60_000_000_000;

/// What is kept of a request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// Who sent it.
    pub(super) side: Side,
    /// Reference.
    pub(super) reference: u16,
    /// When it was sent.
    pub(super) ts_ns: i64,
    /// What the answer does not repeat.
    pub(super) asked: Asked,
    /// The parameter part, where it addresses variables.
    pub(super) parameter: Vec<u8>,
}

/// What an answer is given of its request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Function of a job.
    pub(super) function: Option<u8>,
    /// Service of user data.
    pub(super) service: Option<u16>,
    /// Operation, where the answer alone does not tell.
    pub(super) op: Option<u16>,
    /// Block.
    pub(super) block: Option<Block>,
    /// Type of blocks that are listed.
    pub(super) block_type: Option<u8>,
    /// Identifier of a transfer.
    pub(super) transfer: Option<u32>,
    /// System status list.
    pub(super) szl: Option<(u16, u16)>,
    /// Name of a PI service.
    pub(super) pi_service: Option<PiName>,
}

/// The name of a PI service, as far as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PiName {
    bytes: [u8; 16],
    len: u8,
}

impl PiName {
    /// Keeps a name; those that are known have 12 bytes at most.
    pub(super) fn new(name: &[u8]) -> PiName {
        let mut kept = PiName { bytes: [0; 16], len: 0 };
        for (to, from) in kept.bytes.iter_mut().zip(name) {
            *to = *from;
            kept.len = kept.len.saturating_add(1);
        }
        kept
    }

    /// The name.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }
}

/// The requests of a flow that wait, oldest first.
#[derive(Default)]
pub(super) struct Pending {
    waiting: Vec<Request>,
    /// Room of requests that wait no more.
    spare: Vec<Vec<u8>>,
}

impl Pending {
    /// Adds a request; the oldest gives way if there are too many.
    pub(super) fn push(
        &mut self,
        side: Side,
        reference: u16,
        ts_ns: i64,
        asked: Asked,
        parameter: &[u8],
    ) {
        if self.waiting.len() >= MAX_WAITING {
            let oldest = self.waiting.remove(0);
            self.recycle(oldest);
        }
        let mut room = self.spare.pop().unwrap_or_default();
        room.clear();
        room.extend_from_slice(parameter.get(..MAX_PARAMETER).unwrap_or(parameter));
        self.waiting.push(Request { side, reference, ts_ns, asked, parameter: room });
    }

    /// The request that an answer of a side belongs to, which then waits no more. An
    /// answer that says its function or service belongs to none with another.
    pub(super) fn take(
        &mut self,
        side: Side,
        reference: u16,
        function: Option<u8>,
        service: Option<u16>,
        now_ns: i64,
    ) -> Option<Request> {
        let fits = |request: &Request| {
            request.side != side
                && request.reference == reference
                && (function.is_none() || request.asked.function == function)
                && request.asked.service == service
                && now_ns.saturating_sub(request.ts_ns) <= FORGET_NS
        };
        let at = self.waiting.iter().position(fits)?;
        Some(self.waiting.remove(at))
    }

    /// Gives the room of a request back.
    pub(super) fn recycle(&mut self, request: Request) {
        if self.spare.len() < MAX_WAITING {
            self.spare.push(request.parameter);
        }
    }

    /// Forgets requests whose answers, which a side sends, may be missing.
    pub(super) fn forget_answers_of(&mut self, side: Side) {
        self.waiting.retain(|request| request.side == side);
    }
}
