//! A flow that speaks FINS: finds its frames, and which response belongs to which
//! command.
//!
//! ```text
//! datagram ---------------------------------> frame --> pair --> event
//! stream --> [carry] --> FINS/TCP message --'
//!               ^  an incomplete message waits here, one for each side
//! ```
//!
//! A stream that stops making sense is *lost*: that is said once by an event, and from then
//! on the next `FINS` with a header that can be true is looked for.

use alloc::vec::Vec;
use core::mem;

use tagout_plugin::{Context, EventSink, Session, Side, Transport};

use crate::body::Body;
use crate::event::{self, Event, Handshake};
use crate::frame::{Fault, FaultKind, Frame};
use crate::pending::{Asked, Pending};
use crate::tcp::{HEADER, Header, MAGIC, command};

/// A FINS flow.
pub(crate) struct FinsSession {
    transport: Transport,
    a: Half,
    b: Half,
    pending: Pending,
}

/// One side's bytes that are not yet a message.
#[derive(Default)]
struct Half {
    carry: Vec<u8>,
    lost: bool,
}

/// What stands at the start of some bytes.
enum Step {
    Used(usize),
    More,
    Lost,
}

impl FinsSession {
    /// Begins a session over a flow.
    pub(crate) fn new(transport: Transport) -> FinsSession {
        FinsSession {
            transport,
            a: Half::default(),
            b: Half::default(),
            pending: Pending::default(),
        }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    /// Uses as many messages as there are; how many bytes they had.
    fn stream(
        &mut self,
        cx: Context<'_>,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) -> usize {
        let mut used = 0_usize;
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            if self.half(cx.side()).lost {
                let (skipped, found) = find_again(rest);
                used = used.saturating_add(skipped);
                self.half(cx.side()).lost = !found;
                if !found {
                    return used;
                }
                continue;
            }
            match self.step(cx, rest, sink) {
                Step::Used(n) => used = used.saturating_add(n),
                Step::More => return used,
                Step::Lost => {
                    self.half(cx.side()).lost = true;
                    // From the next byte on, so that every turn uses some.
                    used = used.saturating_add(1);
                }
            }
        }
        used
    }

    fn step(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) -> Step {
        let begins = bytes.len().min(MAGIC.len());
        let is_magic = bytes.get(..begins) == MAGIC.get(..begins);
        if is_magic && bytes.len() < HEADER {
            return Step::More;
        }
        let header = Header::read(bytes);
        let Some(header) = header.filter(Header::is_plausible) else {
            let fault = Fault { at: 4, why: FaultKind::Length };
            event::malformed(cx, header, bytes, fault, sink);
            return Step::Lost;
        };
        let Some(message) = bytes.get(..header.message_len()) else { return Step::More };
        let payload = message.get(HEADER..).unwrap_or_default();
        match header.command {
            command::FRAME => self.frame(cx, Some(header), payload, sink),
            _ => Handshake { header, payload }.write(cx, sink),
        }
        Step::Used(message.len())
    }

    /// Reads a frame, pairs it, and writes the event.
    fn frame(
        &mut self,
        cx: Context<'_>,
        tcp: Option<Header>,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) {
        let Some(frame) = Frame::read(bytes) else {
            let at = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
            let fault = Fault { at, why: FaultKind::Short };
            event::malformed(cx, tcp, bytes, fault, sink);
            return;
        };
        let mut body = Body::read(&frame);
        if !frame.is_plausible() {
            body.fault = Some(Fault { at: 0, why: FaultKind::Header });
        }
        let asked = if frame.is_command() {
            // One that asks for no response waits for none.
            if frame.asks() && body.fault.is_none() {
                self.pending.push(Asked::of(&frame, &body, cx.ts_ns()));
            }
            None
        } else {
            self.pending.take(&frame, cx.ts_ns())
        };
        Event { tcp, frame: &frame, body: &body, asked: asked.as_ref() }.write(cx, sink);
    }
}

impl Session for FinsSession {
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        if self.transport == Transport::Udp {
            self.frame(cx, None, bytes, sink);
            return;
        }
        let mut carry = mem::take(&mut self.half(cx.side()).carry);
        if carry.is_empty() {
            let used = self.stream(cx, bytes, sink);
            carry.extend_from_slice(bytes.get(used..).unwrap_or_default());
        } else {
            carry.extend_from_slice(bytes);
            let used = self.stream(cx, &carry, sink);
            carry.drain(..used.min(carry.len()));
        }
        self.half(cx.side()).carry = carry;
    }

    fn kept(&self) -> usize {
        self.a.carry.len().saturating_add(self.b.carry.len())
    }

    fn on_gap(&mut self, cx: Context<'_>, _missing: u32, _sink: &mut dyn EventSink) {
        let half = self.half(cx.side());
        half.carry = Vec::new();
        half.lost = true;
        // Whose answers were missed is not known.
        self.pending.clear();
    }
}

/// How many bytes to pass over, and whether a message may begin behind them. A beginning
/// of `FINS` at the very end is kept.
fn find_again(bytes: &[u8]) -> (usize, bool) {
    for at in 0..bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let n = rest.len().min(MAGIC.len());
        if rest.get(..n) != MAGIC.get(..n) {
            continue;
        }
        let is_whole = rest.len() >= HEADER;
        if !is_whole || Header::read(rest).is_some_and(|header| header.is_plausible()) {
            return (at, true);
        }
    }
    (bytes.len(), false)
}
