//! What a connection of S7comm-plus remembers: pieces of messages, and requests that
//! wait.
//!
//! ```text
//! frame --> [pieces] --> message --> pair with its request --> event
//! ```

use tagout_spec::record::typed::codes::s7plus_function as function;

use crate::iso::{Tsdu, User};
use crate::net::flow::Side;
use crate::protocol::{Context, EventSink};
use crate::s7plus::event::{Event, Summary};
use crate::s7plus::frame::{self, Frame};
use crate::s7plus::pdu::{self, Fault, FaultKind, Message};

/// Longest message that is joined. Programs are moved in some tens of kilobytes.
const MAX_MESSAGE: usize = 1 << 20;
/// Bytes of room that are kept for the pieces of the next message.
const KEEP: usize = 2048;
/// Most requests that wait in a connection.
const MAX_WAITING: usize = 16;
/// Age at which a request is no longer waited for.
const FORGET_NS: i64 = 60_000_000_000;
/// What records of TLS begin with.
const TLS: std::ops::RangeInclusive<u8> = 0x14..=0x17;

/// A connection of S7comm-plus.
#[derive(Default)]
pub(super) struct PlusUser {
    a: Half,
    b: Half,
    waiting: Vec<Request>,
    may_be_tls: bool,
}

/// The pieces of a side's message.
#[derive(Default)]
struct Half {
    message: Vec<u8>,
    pieces: u16,
    first_length: u16,
    digest: Option<[u8; 32]>,
}

/// What is kept of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    side: Side,
    sequence: u16,
    function: u16,
    /// When it was sent.
    pub(super) ts_ns: i64,
    /// Session.
    pub(super) session: Option<u32>,
    /// Object.
    pub(super) object: Option<u32>,
    /// Operation.
    pub(super) op: Option<u16>,
}

impl User for PlusUser {
    fn message(&mut self, cx: Context<'_>, tsdu: Tsdu<'_>, sink: &mut dyn EventSink) {
        let Some(frame) = frame::frame(tsdu.bytes) else {
            let is_tls = tsdu.bytes.first().is_some_and(|byte| TLS.contains(byte));
            if self.may_be_tls && is_tls {
                return;
            }
            let fault = Fault { at: 0, why: FaultKind::Protocol };
            let message = Message { fault: Some(fault), ..Message::default() };
            let event = Event::new(&message, None, tsdu);
            return event.write(&Summary::default(), cx, sink);
        };
        let half = if cx.side() == Side::A { &mut self.a } else { &mut self.b };
        if frame.is_last && half.message.is_empty() {
            let digest = frame.digest.and_then(|digest| digest.first_chunk().copied());
            let pieces = Pieces { n: 1, length: frame.header.length, digest };
            self.whole(cx, &frame, frame.message, pieces, tsdu, sink);
            return;
        }
        let joined = half.message.len().saturating_add(frame.message.len());
        if half.message.is_empty() {
            half.first_length = frame.header.length;
            half.digest = frame.digest.and_then(|digest| digest.first_chunk().copied());
        }
        half.pieces = half.pieces.saturating_add(1);
        if joined > MAX_MESSAGE {
            *half = Half::default();
            let fault = Fault { at: 0, why: FaultKind::TooLong };
            let message = Message { fault: Some(fault), ..Message::default() };
            let event = Event::new(&message, Some(frame.header), tsdu);
            return event.write(&Summary::default(), cx, sink);
        }
        half.message.extend_from_slice(frame.message);
        if !frame.is_last {
            return;
        }
        let mut room = std::mem::take(&mut half.message);
        let Half { pieces: n, first_length: length, digest, .. } = std::mem::take(half);
        let pieces = Pieces { n, length, digest };
        self.whole(cx, &frame, &room, pieces, tsdu, sink);
        room.clear();
        room.shrink_to(KEEP);
        let half = if cx.side() == Side::A { &mut self.a } else { &mut self.b };
        half.message = room;
    }

    fn on_gap(&mut self, _side: Side) {
        self.a = Half::default();
        self.b = Half::default();
        self.waiting.clear();
    }

    fn kept(&self) -> usize {
        self.a.message.len().saturating_add(self.b.message.len())
    }
}

/// How a message was put together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pieces {
    /// Number of frames.
    pub(super) n: u16,
    /// Length that the first states.
    pub(super) length: u16,
    /// Digest of the first.
    pub(super) digest: Option<[u8; 32]>,
}

impl PlusUser {
    /// A message that is whole; `last` is its only or last frame.
    fn whole(
        &mut self,
        cx: Context<'_>,
        last: &Frame<'_>,
        bytes: &[u8],
        pieces: Pieces,
        tsdu: Tsdu<'_>,
        sink: &mut dyn EventSink,
    ) {
        let header = last.header;
        let mut message = if header.has_message() {
            pdu::parse(bytes)
        } else {
            Message { body: bytes, ..Message::default() }
        };
        let mut summary = Summary::of(&message);
        let fault = message.fault.or(summary.fault);
        // Bytes are counted from the frame's first, if there is but one.
        let before = if pieces.n == 1 { last.message_at } else { 0 };
        message.fault =
            fault.map(|fault| Fault { at: fault.at.saturating_add(before), ..fault });
        if last.is_cut {
            message.fault = Some(Fault { at: 2, why: FaultKind::Length });
        }
        let mut request = None;
        if message.is_request() {
            self.wait(cx, &message, &summary);
        } else if message.is_response() {
            request = self.take(cx, &message);
            summary.op = request.and_then(|request| request.op);
            self.may_be_tls |= message.function == Some(function::INIT_SSL);
        }
        let mut event = Event::new(&message, Some(header), tsdu);
        event.pieces = pieces;
        event.request = request;
        event.digest_behind = frame::digest_behind(header.version, bytes);
        event.write(&summary, cx, sink);
    }

    fn wait(&mut self, cx: Context<'_>, message: &Message<'_>, summary: &Summary) {
        let (Some(sequence), Some(function)) = (message.sequence, message.function)
        else {
            return;
        };
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.remove(0);
        }
        self.waiting.push(Request {
            side: cx.side(),
            sequence,
            function,
            ts_ns: cx.ts_ns(),
            session: message.session,
            object: message.object,
            op: summary.op,
        });
    }

    /// The request that a response belongs to, which then waits no more.
    fn take(&mut self, cx: Context<'_>, message: &Message<'_>) -> Option<Request> {
        let fits = |request: &Request| {
            request.side != cx.side()
                && Some(request.sequence) == message.sequence
                && Some(request.function) == message.function
                && cx.ts_ns().saturating_sub(request.ts_ns) <= FORGET_NS
        };
        let at = self.waiting.iter().position(fits)?;
        Some(self.waiting.remove(at))
    }
}
