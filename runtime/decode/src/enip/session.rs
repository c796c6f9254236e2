//! A flow that speaks EtherNet/IP: finds its messages, tells requests from replies,
//! and hands on what they carry of CIP.
//!
//! ```text
//! bytes --> [carry] --> frame --> body --> event --> cip::dialogue --> its events
//!              ^  an incomplete frame waits here, one for each side
//! ```
//!
//! A stream that stops making sense is *lost*: that is said once by an event, and from
//! then on every byte is tried as the start of a message that proves itself, as at the
//! beginning of a flow.

use crate::cip::dialogue::{Carrier, Dialogue};
use crate::cip::message;
use crate::enip::body::{self, Body, Fault, FaultKind};
use crate::enip::encap::{HEADER_LEN, Header, command, is_known};
use crate::enip::event::Event;
use crate::enip::probe::{Framing, proof};
use crate::net::flow::Side;
use crate::protocol::{Context, EventSink, Session, Verdict};

/// Most commands of the encapsulation that wait for their answer.
const MAX_WAITING: usize = 16;

/// An EtherNet/IP flow.
pub(super) struct EnipSession {
    framing: Framing,
    a: Half,
    b: Half,
    /// Commands that wait: command, sender context, when it was sent.
    waiting: Vec<(u16, [u8; 8], i64)>,
    dialogue: Dialogue,
}

/// One side's bytes that are not yet a message.
#[derive(Default)]
struct Half {
    carry: Vec<u8>,
    is_lost: bool,
}

impl EnipSession {
    /// Begins a session over a flow framed so.
    pub(super) fn new(framing: Framing) -> EnipSession {
        EnipSession {
            framing,
            a: Half::default(),
            b: Half::default(),
            waiting: Vec::new(),
            dialogue: Dialogue::default(),
        }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    /// Uses as many messages as there are; returns the bytes that are left.
    fn messages<'b>(
        &mut self,
        cx: Context<'_>,
        mut bytes: &'b [u8],
        sink: &mut dyn EventSink,
    ) -> &'b [u8] {
        loop {
            if self.half(cx.side()).is_lost {
                let (rest, is_found) = find_again(bytes);
                if !is_found {
                    return rest;
                }
                self.half(cx.side()).is_lost = false;
                bytes = rest;
            }
            let Some(header) = Header::read(bytes) else { return bytes };
            if !header.is_plausible() {
                self.lose(cx, &header, bytes, sink);
                // From the next byte on, so that every turn uses some.
                bytes = bytes.get(1..).unwrap_or_default();
                continue;
            }
            let Some((frame, behind)) = bytes.split_at_checked(header.frame_len()) else {
                return bytes;
            };
            let data = frame.get(HEADER_LEN..).unwrap_or_default();
            self.frame(cx, &header, &body::parse(&header, data), sink);
            bytes = behind;
        }
    }

    /// Says that no message begins where one must.
    fn lose(
        &mut self,
        cx: Context<'_>,
        header: &Header,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) {
        self.half(cx.side()).is_lost = true;
        self.dialogue.gap();
        let fault = Some(Fault { at: 0, why: FaultKind::Command });
        let body = Body { data: bytes, fault, ..Body::default() };
        let event =
            Event { header: Some(header), body: &body, is_request: None, since: None };
        event.write(cx, sink);
    }

    /// A datagram holds one message; what its length field says otherwise is a fault.
    fn datagram(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        let header = Header::read(bytes).filter(Header::is_plausible);
        let Some(header) = header.filter(|_| !body::is_implicit(bytes)) else {
            let body = body::implicit(bytes);
            let body = match body.fault {
                Some(_) => Body { data: bytes, ..body },
                None => body,
            };
            let event =
                Event { header: None, body: &body, is_request: None, since: None };
            event.write(cx, sink);
            return;
        };
        let mut body = body::parse(&header, bytes.get(HEADER_LEN..).unwrap_or_default());
        if header.frame_len() != bytes.len() {
            body.fault = Some(Fault { at: 2, why: FaultKind::Length });
        }
        self.frame(cx, &header, &body, sink);
    }

    /// Writes the event of a message and those of what it carries.
    fn frame(
        &mut self,
        cx: Context<'_>,
        header: &Header,
        body: &Body<'_>,
        sink: &mut dyn EventSink,
    ) {
        let is_request = is_request(header, body);
        let mut since = None;
        let is_paired = header.command != command::SEND_UNIT_DATA;
        match is_request {
            Some(true) if is_paired => self.wait(header, cx.ts_ns()),
            Some(false) if is_paired => since = self.answered(header),
            _ => {}
        }
        Event { header: Some(header), body, is_request, since }.write(cx, sink);
        if let Some(cip) = body.cip {
            let connected = body.connection.zip(body.sequence);
            let Header { session, context, .. } = *header;
            let carrier = Carrier { session, context, connected };
            self.dialogue.message(cx, &carrier, cip, sink);
        }
    }

    fn wait(&mut self, header: &Header, ts_ns: i64) {
        if matches!(header.command, command::NOP | command::UNREGISTER_SESSION) {
            return;
        }
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.remove(0);
        }
        self.waiting.push((header.command, header.context, ts_ns));
    }

    fn answered(&mut self, header: &Header) -> Option<i64> {
        let fits = |waiting: &(u16, [u8; 8], i64)| {
            (waiting.0, waiting.1) == (header.command, header.context)
        };
        let at = self.waiting.iter().position(fits)?;
        Some(self.waiting.remove(at).2)
    }
}

/// Where a lost stream makes sense again, and whether that is proven: what may be the
/// beginning of a message, but is too short to tell, is not.
fn find_again(bytes: &[u8]) -> (&[u8], bool) {
    for at in 0..bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(header) = Header::read(rest) else {
            let command = rest.first_chunk().map(|two| u16::from_le_bytes(*two));
            if command.is_none_or(is_known) {
                return (rest, false);
            }
            continue;
        };
        if !header.is_strict() || header.command == command::NOP {
            continue;
        }
        match proof(&header, rest, false) {
            Verdict::Yes(()) => return (rest, true),
            Verdict::More if rest.len() < header.frame_len() => return (rest, false),
            Verdict::More | Verdict::No => {}
        }
    }
    (&[], false)
}

/// Whether a message asks, as its content tells.
fn is_request(header: &Header, body: &Body<'_>) -> Option<bool> {
    if let Some(is_reply) = body.cip.and_then(message::is_reply) {
        return Some(!is_reply);
    }
    if header.status != 0 {
        return Some(false);
    }
    match header.command {
        command::LIST_TARGETS
        | command::LIST_IDENTITY
        | command::LIST_SERVICES
        | command::LIST_INTERFACES => Some(header.length == 0),
        // Who asks has no session yet.
        command::REGISTER_SESSION => Some(header.session == 0),
        command::UNREGISTER_SESSION | command::NOP => Some(true),
        _ => None,
    }
}

impl Session for EnipSession {
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        if self.framing == Framing::Datagrams {
            self.datagram(cx, bytes, sink);
            return;
        }
        let mut bytes = bytes;
        // Complete what waits with as few bytes as that needs, so that the rest can be
        // read where it lies.
        while !self.half(cx.side()).carry.is_empty() && !bytes.is_empty() {
            let mut carry = std::mem::take(&mut self.half(cx.side()).carry);
            let wanted = match Header::read(&carry) {
                Some(header) if !self.half(cx.side()).is_lost => header.frame_len(),
                Some(_) => usize::MAX,
                None => HEADER_LEN,
            };
            let n = wanted.saturating_sub(carry.len()).clamp(1, bytes.len());
            let (head, tail) = bytes.split_at_checked(n).unwrap_or((bytes, &[]));
            carry.extend_from_slice(head);
            bytes = tail;
            let left = self.messages(cx, &carry, sink).len();
            carry.drain(..carry.len().saturating_sub(left));
            self.half(cx.side()).carry = carry;
        }
        if bytes.is_empty() {
            return;
        }
        let left = self.messages(cx, bytes, sink);
        if !left.is_empty() {
            self.half(cx.side()).carry.extend_from_slice(left);
        }
    }

    fn kept(&self) -> usize {
        let carried = self.a.carry.len().saturating_add(self.b.carry.len());
        carried.saturating_add(self.dialogue.kept())
    }

    fn on_gap(&mut self, cx: Context<'_>, missing: u32, _sink: &mut dyn EventSink) {
        // What has begun will not be completed, and where the next message begins is
        // not known. The packet path counts the gap. Where nothing is missing, all
        // flows hold too much.
        if missing == 0 {
            self.dialogue.let_go();
        }
        let half = self.half(cx.side());
        half.carry = Vec::new();
        half.is_lost = true;
        self.waiting.clear();
        self.dialogue.gap();
    }
}
