//! A flow that speaks DNP3: bytes to frames, frames to fragments.
//!
//! ```text
//! bytes --> [carry] --> frame --> user data --> segment --> [assembly] --> fragment
//!              ^  an incomplete frame waits here, one for each side
//! ```
//!
//! A stream that stops making sense (no start octets, a header whose checksum does not
//! hold) is *lost*: that is said by an event, and frames go on at the next header that
//! proves itself, or with the next segment of the stream that begins like a frame.

use crate::dnp3::conversation::Conversation;
use crate::dnp3::event::{Event, Story};
use crate::dnp3::fault::{Fault, layer, why};
use crate::dnp3::fragment;
use crate::dnp3::link::{self, HEADER_LEN, Header, MIN_LENGTH, START};
use crate::dnp3::transport::{Assemblies, Carriage, SegmentOctet, Step};
use crate::net::flow::Side;
use crate::protocol::{Context, EventSink, Session, Transport};

/// Where the length octet and the header's checksum stand.
const LENGTH_AT: usize = 2;
const CHECKSUM_AT: usize = 8;

/// A DNP3 flow.
#[derive(Default)]
pub(super) struct Dnp3Session {
    a: Half,
    b: Half,
    conversation: Conversation,
    /// User data of the frame at hand.
    payload: Vec<u8>,
}

/// What one side has begun.
#[derive(Default)]
struct Half {
    carry: Vec<u8>,
    is_lost: bool,
    /// Whether its first bytes were looked at.
    is_begun: bool,
    /// Whether a fragment may have begun before what was seen.
    is_torn: bool,
    assemblies: Assemblies,
}

/// What stands at the start of some bytes.
enum Found {
    /// A frame of so many bytes was used.
    Frame(usize),
    /// More bytes are needed.
    Part,
    /// No frame begins here.
    Lost,
}

impl Session for Dnp3Session {
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        let half = self.half(cx.side());
        if !half.is_begun {
            half.is_begun = true;
            half.is_torn = cx.client().is_none();
        }
        match cx.transport() {
            Transport::Udp => self.datagram(cx, bytes, sink),
            Transport::Tcp => self.stream(cx, bytes, sink),
        }
    }

    fn kept(&self) -> usize {
        let kept = |half: &Half| half.carry.len().saturating_add(half.assemblies.kept());
        kept(&self.a).saturating_add(kept(&self.b))
    }

    fn on_gap(&mut self, cx: Context<'_>, _missing: u32, _sink: &mut dyn EventSink) {
        // What has begun will not be completed, and where the next frame begins is not
        // known. The packet path counts the gap.
        let half = self.half(cx.side());
        half.carry = Vec::new();
        half.is_lost = true;
        half.is_torn = true;
        half.assemblies.lose();
        self.conversation.forget();
    }
}

impl Dnp3Session {
    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    fn stream(&mut self, cx: Context<'_>, mut bytes: &[u8], sink: &mut dyn EventSink) {
        // Complete what waits with as few bytes as that needs, so that the rest can be
        // read where it lies.
        while !self.half(cx.side()).carry.is_empty() && !bytes.is_empty() {
            let mut carry = std::mem::take(&mut self.half(cx.side()).carry);
            let wanted = match Header::read(&carry) {
                Some(header) if carry.len() >= HEADER_LEN => header.frame_len(),
                _ => HEADER_LEN,
            };
            let n = wanted.saturating_sub(carry.len()).clamp(1, bytes.len());
            let (head, tail) = bytes.split_at_checked(n).unwrap_or((bytes, &[]));
            carry.extend_from_slice(head);
            bytes = tail;
            let rest = self.frames(cx, &carry, sink);
            let used = carry.len().saturating_sub(rest.len());
            carry.drain(..used);
            self.half(cx.side()).carry = carry;
        }
        if bytes.is_empty() {
            return;
        }
        if bytes.starts_with(&START) {
            self.half(cx.side()).is_lost = false;
        }
        let rest = self.frames(cx, bytes, sink);
        if !rest.is_empty() {
            self.half(cx.side()).carry.extend_from_slice(rest);
        }
    }

    /// A datagram holds whole frames.
    fn datagram(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        self.half(cx.side()).is_lost = false;
        let rest = self.frames(cx, bytes, sink);
        if !rest.is_empty() && !self.half(cx.side()).is_lost {
            let fault = Fault::new(layer::LINK, rest.len(), why::SHORT);
            frame_event(cx, rest, fault, sink);
        }
    }

    /// Uses as many frames as there are; returns the bytes that are left.
    fn frames<'b>(
        &mut self,
        cx: Context<'_>,
        mut bytes: &'b [u8],
        sink: &mut dyn EventSink,
    ) -> &'b [u8] {
        while !bytes.is_empty() {
            if self.half(cx.side()).is_lost {
                bytes = find(bytes);
                if !Header::is_sound(bytes) {
                    return bytes;
                }
                self.half(cx.side()).is_lost = false;
            }
            match self.frame(cx, bytes, sink) {
                Found::Frame(n) => bytes = bytes.get(n..).unwrap_or_default(),
                Found::Part => return bytes,
                Found::Lost => {
                    self.half(cx.side()).is_lost = true;
                    // From the next byte on, so that every turn uses some.
                    bytes = bytes.get(1..).unwrap_or_default();
                }
            }
        }
        bytes
    }

    fn frame(
        &mut self,
        cx: Context<'_>,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) -> Found {
        let mut start = bytes.iter().zip(START);
        if let Some(at) = start.position(|(byte, expected)| *byte != expected) {
            frame_event(cx, bytes, Fault::new(layer::LINK, at, why::START), sink);
            return Found::Lost;
        }
        if bytes.get(LENGTH_AT).is_some_and(|length| *length < MIN_LENGTH) {
            frame_event(cx, bytes, Fault::new(layer::LINK, LENGTH_AT, why::LENGTH), sink);
            return Found::Lost;
        }
        let header = Header::read(bytes).filter(|_| bytes.len() >= HEADER_LEN);
        let Some(header) = header else { return Found::Part };
        let len = header.frame_len();
        if !Header::is_sound(bytes) {
            let fault = Fault::new(layer::LINK, CHECKSUM_AT, why::HEADER_CHECKSUM);
            let frame = bytes.get(..len).unwrap_or(bytes);
            frame_event(cx, frame, fault, sink);
            // Where the length leads to the next frame, or to the end, it holds.
            let next = bytes.get(len..);
            let is_framed = next.is_some_and(|next| next.is_empty() || is_start(next));
            return if is_framed { Found::Frame(len) } else { Found::Lost };
        }
        let Some(frame) = bytes.get(..len) else { return Found::Part };
        let mut payload = std::mem::take(&mut self.payload);
        match link::user_data(frame, &mut payload) {
            Ok(()) => self.user_data(cx, header, &payload, sink),
            Err(fault) => {
                self.half(cx.side()).assemblies.break_off(&header);
                frame_event(cx, frame, fault, sink);
            }
        }
        self.payload = payload;
        Found::Frame(len)
    }

    /// Takes a frame whose checksums hold.
    fn user_data(
        &mut self,
        cx: Context<'_>,
        header: Header,
        payload: &[u8],
        sink: &mut dyn EventSink,
    ) {
        let why = match (header.has_user_data(), payload.split_first()) {
            (true, Some((octet, data))) => {
                self.segment(cx, header, SegmentOctet(*octet), data, sink);
                return;
            }
            (true, None) => Some(why::SHORT),
            (false, Some(_)) if header.is_bare() => Some(why::LONG),
            (false, _) => None,
        };
        let (carriage, story) = (Carriage::frame(header, None), Story::default());
        let (carriage, raw) = (Some(&carriage), payload);
        let fault = why.map(|why| Fault::new(layer::LINK, HEADER_LEN, why));
        Event { carriage, fragment: None, story, fault, raw }.write(cx, sink);
    }

    fn segment(
        &mut self,
        cx: Context<'_>,
        header: Header,
        octet: SegmentOctet,
        data: &[u8],
        sink: &mut dyn EventSink,
    ) {
        let carriage = Carriage::frame(header, Some(octet));
        let half = self.half(cx.side());
        if octet.fir() {
            if let Some((old, bytes)) = half.assemblies.give_way(&header) {
                let at = bytes.len();
                let fault = Fault::new(layer::TRANSPORT, at, why::UNFINISHED);
                fault_event(cx, Some(&old), &bytes, fault, sink);
            }
            if octet.fin() {
                self.fragment(cx, &carriage, data, sink);
            } else {
                self.half(cx.side()).assemblies.begin(carriage, data);
            }
            return;
        }
        // What began before the capture, or within a gap, is nobody's fault.
        if std::mem::take(&mut half.is_torn) && !half.assemblies.knows(&header) {
            half.assemblies.pass(&header);
        }
        match half.assemblies.go_on(&header, octet, data) {
            Step::Wait => {}
            Step::Whole(carriage, bytes) => {
                self.fragment(cx, &carriage, &bytes, sink);
                self.half(cx.side()).assemblies.reuse(bytes);
            }
            Step::Fault(fault) => fault_event(cx, Some(&carriage), data, fault, sink),
        }
    }

    fn fragment(
        &mut self,
        cx: Context<'_>,
        carriage: &Carriage,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) {
        let fragment = fragment::parse(bytes);
        let story =
            self.conversation.story(cx.ts_ns(), &carriage.header, &fragment, bytes);
        let (carriage, fragment) = (Some(carriage), Some(&fragment));
        Event { carriage, fragment, story, fault: None, raw: &[] }.write(cx, sink);
    }
}

/// The first byte from which a header may be: one that proves itself, or else the
/// beginning of one, of which more may come.
fn find(bytes: &[u8]) -> &[u8] {
    let may_be = |at: &usize| {
        let rest = bytes.get(*at..).unwrap_or_default();
        is_start(rest) && (rest.len() < HEADER_LEN || Header::is_sound(rest))
    };
    (0..bytes.len()).find(may_be).and_then(|at| bytes.get(at..)).unwrap_or_default()
}

/// Whether bytes begin like a frame, as far as there are any.
fn is_start(bytes: &[u8]) -> bool {
    bytes.iter().zip(START).all(|(byte, expected)| *byte == expected)
}

/// Says that a frame makes no sense, with its header's fields as far as there are any.
fn frame_event(cx: Context<'_>, bytes: &[u8], fault: Fault, sink: &mut dyn EventSink) {
    let carriage = Header::read(bytes).map(|header| Carriage::frame(header, None));
    fault_event(cx, carriage.as_ref(), bytes, fault, sink);
}

/// Says that a segment, or a frame, does not fit.
fn fault_event(
    cx: Context<'_>,
    carriage: Option<&Carriage>,
    raw: &[u8],
    fault: Fault,
    sink: &mut dyn EventSink,
) {
    let (fault, story) = (Some(fault), Story::default());
    Event { carriage, fragment: None, story, fault, raw }.write(cx, sink);
}
