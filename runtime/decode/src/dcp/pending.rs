//! Requests that wait for their answer.
//!
//! An answer goes back to who asked, with the transaction and the service of the
//! request. Identify goes to all stations, and each that fits answers, so its request
//! waits until it is old; the others wait for the station that they were sent to.

use crate::dcp::pdu::service;
use crate::net::addr::Mac;
use crate::protocol::FrameContext;

/// Most requests that wait in a network.
const MAX_WAITING: usize = 64;
/// Age at which a request is no longer waited for. The greatest response delay is
/// 64 s (IEC 61158-6-10, 4.3: `ResponseDelayFactor`).
const FORGET_NS: i64 = 70_000_000_000;
/// Most bytes of a station's name.
const NAME_MAX: usize = 240;

/// What is kept of a request.
#[derive(Clone)]
pub(super) struct Request {
    service: u8,
    xid: u32,
    from: Option<Mac>,
    to: Option<Mac>,
    /// When it was sent.
    pub(super) ts_ns: i64,
    name: [u8; NAME_MAX],
    name_len: usize,
}

impl Request {
    /// The station name that it held.
    pub(super) fn name(&self) -> Option<&[u8]> {
        self.name.get(..self.name_len).filter(|name| !name.is_empty())
    }
}

/// The requests of a network that wait, oldest first.
#[derive(Default)]
pub(super) struct Pending {
    waiting: Vec<Request>,
}

impl Pending {
    /// Adds a request, with the station name that it holds; one that is repeated takes
    /// the place of the first, and the oldest gives way if there are too many.
    pub(super) fn push(
        &mut self,
        cx: &FrameContext,
        service: u8,
        xid: u32,
        name: Option<&[u8]>,
    ) {
        let same = |waiting: &Request| {
            (waiting.service, waiting.xid, waiting.from, waiting.to)
                == (service, xid, cx.src, cx.dst)
        };
        if let Some(at) = self.waiting.iter().position(same) {
            self.waiting.remove(at);
        } else if self.waiting.len() >= MAX_WAITING {
            self.waiting.remove(0);
        }
        let mut kept = [0; NAME_MAX];
        let name = name.unwrap_or_default();
        for (to, from) in kept.iter_mut().zip(name) {
            *to = *from;
        }
        self.waiting.push(Request {
            service,
            xid,
            from: cx.src,
            to: cx.dst,
            ts_ns: cx.ts_ns,
            name: kept,
            name_len: name.len().min(NAME_MAX),
        });
    }

    /// The request that an answer belongs to.
    pub(super) fn take(
        &mut self,
        cx: &FrameContext,
        service: u8,
        xid: u32,
    ) -> Option<Request> {
        let answers_all = service == service::IDENTIFY;
        let fits = |request: &Request| {
            request.service == service
                && request.xid == xid
                && request.from == cx.dst
                && (answers_all || request.to == cx.src)
                && cx.ts_ns.saturating_sub(request.ts_ns) <= FORGET_NS
        };
        let at = self.waiting.iter().rposition(fits)?;
        if answers_all {
            self.waiting.get(at).cloned()
        } else {
            Some(self.waiting.remove(at))
        }
    }
}
