//! A flow of ISO transport: packets, and the messages that they carry in pieces.
//!
//! ```text
//! bytes --> [carry] --> packet --> TPDU --> data --> [message] --> User
//!              ^                     |                  ^ pieces wait here until EOT
//!              '- one for each side  '-> event `cotp`
//! ```
//!
//! A stream that stops making sense (no packet where one should begin, a gap) is
//! *lost*: that is said once by an event, and from then on every byte is tried as the
//! start of a packet whose TPDU is one of class 0.

use crate::iso::cotp::{self, Control, Data, Fault, FaultKind, Tpdu, kind};
use crate::iso::event;
use crate::iso::tpkt::{self, Tpkt};
use crate::iso::tsap::Tsap;
use crate::net::flow::Side;
use crate::protocol::{Context, EventSink, Session};

/// Longest message that is joined; RFC 1006 has no bound, the protocols above do.
const MAX_MESSAGE: usize = 65_535;

/// Bytes of room that are kept for the pieces of the next message.
const KEEP: usize = 2048;

/// A message, whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tsdu<'m> {
    /// Its bytes.
    pub(crate) bytes: &'m [u8],
    /// Data TPDUs that had a part of it.
    pub(crate) pieces: u16,
    /// The connection that it came by.
    pub(crate) connection: &'m Connection,
}

/// What travels in ISO transport.
pub(crate) trait User: Send {
    /// Takes the next message of a side.
    fn message(&mut self, cx: Context<'_>, message: Tsdu<'_>, sink: &mut dyn EventSink);

    /// Learns that messages of a side may be missing here.
    fn on_gap(&mut self, _side: Side) {}

    /// Bytes that it holds, to be counted; it lets go of them at a gap.
    fn kept(&self) -> usize {
        0
    }
}

/// What is known of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Connection {
    /// TSAP of the side that opened it.
    pub(crate) calling: Tsap,
    /// TSAP of the side that was called.
    pub(crate) called: Tsap,
    /// When it was asked for, until that is answered.
    asked_ns: Option<i64>,
}

/// A flow of ISO transport with its user.
pub(crate) struct IsoSession<U> {
    user: U,
    connection: Connection,
    a: Half,
    b: Half,
}

/// One side's bytes that are not yet a packet, and pieces that are not yet a message.
#[derive(Default)]
struct Half {
    carry: Vec<u8>,
    message: Vec<u8>,
    pieces: u16,
    /// The message became too long: its other pieces are passed.
    is_over: bool,
    is_lost: bool,
}

impl<U: User> IsoSession<U> {
    /// Begins a session with what travels in it.
    pub(crate) fn new(user: U) -> IsoSession<U> {
        IsoSession {
            user,
            connection: Connection::default(),
            a: Half::default(),
            b: Half::default(),
        }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    /// Uses as many packets as there are; returns the bytes that are left.
    fn packets<'b>(
        &mut self,
        cx: Context<'_>,
        mut bytes: &'b [u8],
        sink: &mut dyn EventSink,
    ) -> &'b [u8] {
        while !bytes.is_empty() {
            if self.half(cx.side()).is_lost {
                let (rest, sign) = find_again(bytes);
                if sign != Sign::Yes {
                    return rest;
                }
                self.half(cx.side()).is_lost = false;
                bytes = rest;
                continue;
            }
            match tpkt::tpkt(bytes) {
                Tpkt::More => return bytes,
                Tpkt::Packet(len) => {
                    let Some((packet, rest)) = bytes.split_at_checked(len) else {
                        return bytes;
                    };
                    self.packet(cx, packet, sink);
                    bytes = rest;
                }
                Tpkt::None(at) => {
                    let why = if at < 2 { FaultKind::Version } else { FaultKind::Length };
                    event::fault(Fault { at, why }, bytes, cx, sink);
                    self.lose(cx.side());
                    // From the next byte on, so that every turn uses some.
                    bytes = bytes.get(1..).unwrap_or_default();
                }
            }
        }
        bytes
    }

    fn packet(&mut self, cx: Context<'_>, packet: &[u8], sink: &mut dyn EventSink) {
        match cotp::parse(packet.get(tpkt::HEADER..).unwrap_or_default()) {
            Tpdu::Data(data) => self.data(cx, data, packet, sink),
            Tpdu::Control(control) => self.control(cx, &control, sink),
        }
    }

    fn data(
        &mut self,
        cx: Context<'_>,
        data: Data<'_>,
        packet: &[u8],
        sink: &mut dyn EventSink,
    ) {
        let half = match cx.side() {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        };
        // Most messages are one TPDU, and are read where they lie.
        if data.is_last && half.message.is_empty() && !half.is_over {
            if !data.payload.is_empty() {
                let message =
                    Tsdu { bytes: data.payload, pieces: 1, connection: &self.connection };
                self.user.message(cx, message, sink);
            }
            return;
        }
        // Pieces without bytes are sent to keep a connection alive.
        if !data.payload.is_empty() && !half.is_over {
            if half.message.len().saturating_add(data.payload.len()) > MAX_MESSAGE {
                let at = u16::try_from(tpkt::HEADER).unwrap_or_default();
                let fault = Fault { at, why: FaultKind::TooLong };
                event::fault(fault, packet, cx, sink);
                half.message = Vec::new();
                half.is_over = true;
            } else {
                half.message.extend_from_slice(data.payload);
                half.pieces = half.pieces.saturating_add(1);
            }
        }
        if !data.is_last {
            return;
        }
        half.is_over = false;
        let pieces = std::mem::take(&mut half.pieces);
        if !half.message.is_empty() {
            let message =
                Tsdu { bytes: &half.message, pieces, connection: &self.connection };
            self.user.message(cx, message, sink);
            half.message.clear();
            half.message.shrink_to(KEEP);
        }
    }

    #[cold]
    fn control(
        &mut self,
        cx: Context<'_>,
        control: &Control<'_>,
        sink: &mut dyn EventSink,
    ) {
        let mut asked_ns = None;
        match control.kind {
            kind::CONNECTION_REQUEST => self.connection.asked_ns = Some(cx.ts_ns()),
            kind::CONNECTION_CONFIRM | kind::DISCONNECT_REQUEST | kind::ERROR => {
                asked_ns = self.connection.asked_ns.take();
            }
            _ => {}
        }
        if let Some(calling) = control.calling {
            self.connection.calling = Tsap::new(calling);
        }
        if let Some(called) = control.called {
            self.connection.called = Tsap::new(called);
        }
        event::control(control, asked_ns, cx, sink);
    }

    /// What has begun on a side will not be completed.
    fn lose(&mut self, side: Side) {
        *self.half(side) = Half { is_lost: true, ..Half::default() };
        self.user.on_gap(side);
    }
}

impl<U: User> Session for IsoSession<U> {
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        let mut bytes = bytes;
        // Complete what waits with as few bytes as that needs, so that the rest
        // can be read where it lies.
        while !self.half(cx.side()).carry.is_empty() && !bytes.is_empty() {
            let mut carry = std::mem::take(&mut self.half(cx.side()).carry);
            let wanted = match tpkt::tpkt(&carry) {
                Tpkt::Packet(len) => len,
                Tpkt::More | Tpkt::None(_) => tpkt::HEADER,
            };
            let n = wanted.saturating_sub(carry.len()).clamp(1, bytes.len());
            let (head, tail) = bytes.split_at_checked(n).unwrap_or((bytes, &[]));
            carry.extend_from_slice(head);
            bytes = tail;
            let used = carry.len().saturating_sub(self.packets(cx, &carry, sink).len());
            carry.drain(..used);
            self.half(cx.side()).carry = carry;
        }
        let rest = self.packets(cx, bytes, sink);
        if !rest.is_empty() {
            self.half(cx.side()).carry.extend_from_slice(rest);
        }
    }

    fn kept(&self) -> usize {
        let half = |half: &Half| half.carry.len().saturating_add(half.message.len());
        half(&self.a).saturating_add(half(&self.b)).saturating_add(self.user.kept())
    }

    fn on_gap(&mut self, cx: Context<'_>, _missing: u32, _sink: &mut dyn EventSink) {
        // The packet path counts the gap.
        self.lose(cx.side());
    }
}

/// Whether a packet with a TPDU of class 0 begins somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    No,
    /// It does as far as there are bytes.
    More,
    Yes,
}

/// Where a lost stream makes sense again, or may do with the next bytes; nothing if
/// nowhere.
fn find_again(bytes: &[u8]) -> (&[u8], Sign) {
    let rests = (0..bytes.len()).filter_map(|at| bytes.get(at..));
    let mut signs = rests.map(|rest| (rest, class_0(rest)));
    signs.find(|(_, sign)| *sign != Sign::No).unwrap_or((&[], Sign::No))
}

/// The sign of a packet here: seven bytes at most decide.
fn class_0(bytes: &[u8]) -> Sign {
    let len = match tpkt::tpkt(bytes) {
        Tpkt::Packet(len) => len,
        Tpkt::More => return Sign::More,
        Tpkt::None(_) => return Sign::No,
    };
    match *bytes.get(tpkt::HEADER..).unwrap_or_default() {
        [] | [_] | [2, 0xf0] => Sign::More,
        [2, 0xf0, 0 | 0x80, ..] => Sign::Yes,
        [li, 0xe0 | 0xd0 | 0x80, ..] if usize::from(li).saturating_add(5) == len => {
            Sign::Yes
        }
        _ => Sign::No,
    }
}
