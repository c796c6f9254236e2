//! A flow that speaks Modbus: finds its messages, who asks, and which answer
//! belongs to which request.
//!
//! ```text
//! bytes --> [carry] --> frame --> PDU --> pair with its request --> event
//!              ^  an incomplete frame waits here, one for each side
//! ```
//!
//! A stream that stops making sense (a header that cannot be true, a gap) is
//! *lost*: that is said once by an event, and from then on every byte is tried as
//! the start of a message that follows the standard exactly, until one does, or
//! until a segment is one message from its first byte to its last.

use crate::modbus::adu::{MAX_LENGTH, MBAP_LEN, Mbap, Rtu, rtu};
use crate::modbus::code::function;
use crate::modbus::event::Event;
use crate::modbus::pdu::{self, Fault, FaultKind, Message, Role};
use crate::modbus::pending::{Answer, Pending, Request};
use crate::modbus::probe::{Framing, PORT, is_standard};
use crate::net::flow::Side;
use crate::protocol::{Context, EventSink, Session};
use crate::umas::{self, Carrier, UmasFlow};

/// Bytes before the PDU, for faults that count from the frame's first byte.
const MBAP_AND_UNIT: u16 = 7;

/// A Modbus flow.
pub(super) struct ModbusSession {
    framing: Framing,
    client: Option<Side>,
    a: Half,
    b: Half,
    pending: Pending,
    umas: UmasFlow,
}

/// One side's bytes that are not yet a message.
#[derive(Default)]
struct Half {
    carry: Vec<u8>,
    lost: bool,
}

/// A frame: where it comes from, its header if it has one, unit and PDU, and what is wrong
/// with the whole.
struct Frame<'b> {
    cx: Context<'b>,
    mbap: Option<Mbap>,
    body: &'b [u8],
    fault: Option<Fault>,
}

/// What stands at the start of some bytes.
enum Step {
    /// A frame of so many bytes was used.
    Used(usize),
    /// More bytes are needed.
    More,
    /// No message begins here.
    Lost,
}

impl ModbusSession {
    /// Begins a session over a flow framed so.
    pub(super) fn new(framing: Framing) -> ModbusSession {
        ModbusSession {
            framing,
            client: None,
            a: Half::default(),
            b: Half::default(),
            pending: Pending::default(),
            umas: UmasFlow::default(),
        }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    /// Completes what waits with as few bytes as that needs, so that the rest can be read
    /// where it lies.
    #[cold]
    fn complete(&mut self, cx: Context<'_>, mut bytes: &[u8], sink: &mut dyn EventSink) {
        while !self.half(cx.side()).carry.is_empty() && !bytes.is_empty() {
            let mut carry = std::mem::take(&mut self.half(cx.side()).carry);
            let wanted = match self.framing {
                Framing::Tcp | Framing::Udp => match Mbap::read(&carry) {
                    Some(mbap) => mbap.frame_len(),
                    None => MBAP_LEN,
                },
                Framing::RtuOverTcp => usize::MAX,
            };
            let n = wanted.saturating_sub(carry.len()).clamp(1, bytes.len());
            let (head, tail) = bytes.split_at_checked(n).unwrap_or((bytes, &[]));
            carry.extend_from_slice(head);
            bytes = tail;
            let rest = self.messages_apart(cx, &carry, sink);
            let used = carry.len().saturating_sub(rest.len());
            carry.drain(..used);
            self.half(cx.side()).carry = carry;
        }
        if !bytes.is_empty() {
            let rest = self.messages_apart(cx, bytes, sink);
            self.half(cx.side()).carry.extend_from_slice(rest);
        }
    }

    /// The same as [`messages`](Self::messages), for bytes that had to wait.
    #[inline(never)]
    fn messages_apart<'b>(
        &mut self,
        cx: Context<'_>,
        bytes: &'b [u8],
        sink: &mut dyn EventSink,
    ) -> &'b [u8] {
        self.messages(cx, bytes, sink)
    }

    /// Uses as many messages as there are; returns the bytes that are left.
    #[inline(always)]
    fn messages<'b>(
        &mut self,
        cx: Context<'_>,
        mut bytes: &'b [u8],
        sink: &mut dyn EventSink,
    ) -> &'b [u8] {
        loop {
            if bytes.is_empty() {
                return bytes;
            }
            if self.half(cx.side()).lost {
                bytes = self.find_again(cx, bytes, 0);
                continue;
            }
            let step = match self.framing {
                Framing::Tcp => self.with_header(cx, bytes, sink),
                Framing::Udp => self.datagram(cx, bytes, sink),
                Framing::RtuOverTcp => self.serial(cx, bytes, sink),
            };
            match step {
                Step::Used(n) => bytes = bytes.get(n..).unwrap_or_default(),
                Step::More => return bytes,
                Step::Lost => {
                    self.half(cx.side()).lost = true;
                    // From the next byte on, so that every turn uses some.
                    bytes = self.find_again(cx, bytes, 1);
                }
            }
        }
    }

    /// Where a lost stream makes sense again, at a byte or behind it; nothing if
    /// nowhere.
    #[cold]
    fn find_again<'b>(
        &mut self,
        cx: Context<'_>,
        bytes: &'b [u8],
        from: usize,
    ) -> &'b [u8] {
        let roles = self.serial_roles(cx);
        for at in from..bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let found = match self.framing {
                Framing::RtuOverTcp => {
                    matches!(rtu(rest, roles), Rtu::Frame(..))
                }
                Framing::Tcp | Framing::Udp => Mbap::read(rest)
                    .filter(Mbap::is_plausible)
                    .and_then(|mbap| rest.get(MBAP_LEN..mbap.frame_len()))
                    .and_then(|body| body.get(1..))
                    .is_some_and(|pdu| {
                        let is_whole = at == 0 && rest.len() == pdu.len().wrapping_add(7);
                        is_whole || is_standard(pdu)
                    }),
            };
            if found {
                self.half(cx.side()).lost = false;
                return rest;
            }
        }
        &[]
    }

    #[inline(always)]
    fn with_header(
        &mut self,
        cx: Context<'_>,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) -> Step {
        let Some(mbap) = Mbap::read(bytes) else { return Step::More };
        if !mbap.is_plausible() {
            self.implausible(cx, &mbap, bytes, sink);
            return Step::Lost;
        }
        let len = mbap.frame_len();
        let Some(body) = bytes.get(MBAP_LEN..len) else { return Step::More };
        // UMAS agrees on a length of its own, about a thousand in newer controllers.
        let is_umas = body.get(1).is_some_and(|code| code & 0x7f == function::UMAS);
        let over = mbap.length > MAX_LENGTH && !is_umas;
        let fault = over.then_some(Fault { at: 4, why: FaultKind::Length });
        self.read(&Frame { cx, mbap: Some(mbap), body, fault }, sink);
        Step::Used(len)
    }

    /// A datagram holds one message; what its length field says otherwise is
    /// a fault.
    fn datagram(
        &mut self,
        cx: Context<'_>,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) -> Step {
        let Some(mbap) = Mbap::read(bytes).filter(Mbap::is_plausible) else {
            let mbap = Mbap::read(bytes).unwrap_or(Mbap {
                transaction: 0,
                protocol: 0,
                length: 0,
            });
            self.implausible(cx, &mbap, bytes, sink);
            return Step::Used(bytes.len());
        };
        let (body, fault) = match bytes.get(MBAP_LEN..mbap.frame_len()) {
            Some(body) if mbap.frame_len() == bytes.len() => (body, None),
            _ => {
                let fault = Fault { at: 4, why: FaultKind::Length };
                (bytes.get(MBAP_LEN..).unwrap_or_default(), Some(fault))
            }
        };
        self.message(&Frame { cx, mbap: Some(mbap), body, fault }, sink);
        Step::Used(bytes.len())
    }

    fn serial(
        &mut self,
        cx: Context<'_>,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) -> Step {
        match rtu(bytes, self.serial_roles(cx)) {
            Rtu::Frame(body, len) => {
                self.message(&Frame { cx, mbap: None, body, fault: None }, sink);
                Step::Used(len)
            }
            Rtu::More => Step::More,
            Rtu::None => {
                let at = u16::try_from(bytes.len().saturating_sub(2)).unwrap_or(u16::MAX);
                let fault = Fault { at, why: FaultKind::Checksum };
                let fault = Some(fault);
                self.message(&Frame { cx, mbap: None, body: bytes, fault }, sink);
                Step::Lost
            }
        }
    }

    /// What a frame on a serial line can be: both, until it is known who asks.
    fn serial_roles(&self, cx: Context<'_>) -> &'static [Role] {
        match self.client(cx).map(|client| role(client, cx.side())) {
            Some(Role::Request) => &[Role::Request],
            Some(Role::Response) => &[Role::Response],
            None => &[Role::Request, Role::Response],
        }
    }

    /// Says that a header cannot be true.
    fn implausible(
        &self,
        cx: Context<'_>,
        mbap: &Mbap,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) {
        let fault = if mbap.protocol == 0 {
            Fault { at: 4, why: FaultKind::Length }
        } else {
            Fault { at: 2, why: FaultKind::ProtocolId }
        };
        let message = Message { fault: Some(fault), ..Message::default() };
        let event = Event {
            framing: self.framing,
            mbap: Some(*mbap),
            unit: None,
            role: self.client(cx).map(|client| role(client, cx.side())),
            message: &message,
            request: None,
            raw: bytes,
        };
        event.write(cx, sink);
    }

    /// The same as [`read`](Self::read), for what is rarer than a stream with headers.
    #[inline(never)]
    fn message(&mut self, frame: &Frame<'_>, sink: &mut dyn EventSink) {
        self.read(frame, sink);
    }

    /// Reads a frame's unit and PDU, pairs it, and writes the event. A fault of
    /// the frame goes before one of the PDU.
    #[inline(always)]
    fn read(&mut self, frame: &Frame<'_>, sink: &mut dyn EventSink) {
        let Frame { cx, mbap, body, fault } = *frame;
        let Some((&unit, pdu)) = body.split_first() else { return };
        let role = self.role_of(cx, pdu);
        let transaction = mbap.map(|mbap| mbap.transaction);
        let mut message = Message::default();
        pdu::read(&mut message, role, pdu);
        let mut request = None;
        if role == Role::Response && fault.is_none() {
            let answered = self.pending.take(transaction, unit, &message, cx.ts_ns());
            if let Some((answered, answer)) = answered {
                if answer == Answer::Differs {
                    // Its count of bytes, behind the function code.
                    message.fault.get_or_insert(Fault { at: 1, why: FaultKind::Count });
                }
                if let (pdu::Values::Bits(bits, n), Some(asked)) =
                    (message.values, answered.asked.quantity)
                {
                    message.values = pdu::Values::Bits(bits, n.min(asked));
                }
                request = Some(answered);
            }
        }
        if let Some(inside) = &mut message.fault {
            let before = if mbap.is_some() { MBAP_AND_UNIT } else { 1 };
            inside.at = inside.at.saturating_add(before);
        }
        message.fault = fault.or(message.fault);
        let event = Event {
            framing: self.framing,
            mbap,
            unit: Some(unit),
            role: Some(role),
            message: &message,
            request: request.as_ref(),
            raw: body,
        };
        if message.function == function::UMAS {
            self.carrier(cx, unit, role, &event, sink);
        } else {
            if role == Role::Request {
                self.ask(cx, unit, &event, None);
            }
            event.write(cx, sink);
        }
    }

    /// Remembers what a request asks for, until its answer comes.
    #[inline(always)]
    fn ask(
        &mut self,
        cx: Context<'_>,
        unit: u8,
        event: &Event<'_>,
        umas: Option<umas::Asked>,
    ) {
        let message = event.message;
        if message.fault.is_none() {
            let transaction = event.mbap.map(|mbap| mbap.transaction);
            self.pending.push(transaction, unit, cx.ts_ns(), message, umas);
        }
    }

    /// Writes the event of a message of function 90, and the one that it carries. On its
    /// own, since few messages do and what it keeps at hand would burden the others.
    #[inline(never)]
    fn carrier(
        &mut self,
        cx: Context<'_>,
        unit: u8,
        role: Role,
        event: &Event<'_>,
        sink: &mut dyn EventSink,
    ) {
        let (message, request) = (event.message, event.request);
        let inner = inner(role, message, request);
        if role == Role::Request {
            self.ask(cx, unit, event, inner.asked());
        }
        event.write(cx, sink);
        let before = if event.mbap.is_some() { MBAP_AND_UNIT } else { 1 };
        let carrier = Carrier {
            unit,
            transaction: event.mbap.map(|mbap| mbap.transaction),
            request: role == Role::Request,
            exception: message.exception,
            latency: request.map(|asked| cx.ts_ns().saturating_sub(asked.ts_ns)),
            before: before.saturating_add(1),
        };
        self.umas.write(cx, &inner, &carrier, sink);
    }

    /// The side that asks, if something but the messages' shape tells.
    fn client(&self, cx: Context<'_>) -> Option<Side> {
        if self.client.is_some() {
            return self.client;
        }
        match (cx.src_port() == PORT, cx.dst_port() == PORT) {
            (true, false) => Some(cx.side().other()),
            (false, true) => Some(cx.side()),
            _ => cx.client(),
        }
    }

    /// Whether a PDU asks or answers. Where neither the port nor the beginning
    /// of the connection tells, a PDU that fits only one of both does, for the
    /// whole flow; until then the lower port is taken for the server's.
    fn role_of(&mut self, cx: Context<'_>, pdu: &[u8]) -> Role {
        if let Some(client) = self.client(cx) {
            self.client = Some(client);
            return role(client, cx.side());
        }
        let fits = |role| pdu::parse(role, pdu).fault.is_none();
        let client = match (fits(Role::Request), fits(Role::Response)) {
            (true, false) => Some(cx.side()),
            (false, true) => Some(cx.side().other()),
            _ => None,
        };
        if client.is_some() {
            self.client = client;
        }
        let by_port =
            if cx.src_port() < cx.dst_port() { cx.side().other() } else { cx.side() };
        role(client.unwrap_or(by_port), cx.side())
    }
}

impl Session for ModbusSession {
    #[inline(always)]
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        if !self.half(cx.side()).carry.is_empty() {
            return self.complete(cx, bytes, sink);
        }
        let rest = self.messages(cx, bytes, sink);
        if !rest.is_empty() {
            self.half(cx.side()).carry.extend_from_slice(rest);
        }
    }

    fn kept(&self) -> usize {
        self.a.carry.len().saturating_add(self.b.carry.len())
    }

    fn on_gap(&mut self, cx: Context<'_>, _missing: u32, _sink: &mut dyn EventSink) {
        // What has begun will not be completed, and where the next message
        // begins is not known. The packet path counts the gap.
        let half = self.half(cx.side());
        half.carry = Vec::new();
        half.lost = true;
        self.pending.clear();
        self.umas.tear();
    }
}

/// What function 90 carries.
fn inner<'a>(
    role: Role,
    message: &Message<'a>,
    request: Option<&Request>,
) -> umas::Message<'a> {
    let asked = request.and_then(|request| request.asked.umas);
    match (role, message.data) {
        (Role::Request, data) => umas::request(data.unwrap_or_default()),
        (Role::Response, Some(data)) => umas::answer(data, asked),
        // An exception.
        (Role::Response, None) => umas::Message::refused(asked),
    }
}

fn role(client: Side, side: Side) -> Role {
    if client == side { Role::Request } else { Role::Response }
}
