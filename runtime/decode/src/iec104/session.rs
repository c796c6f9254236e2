//! A flow of 104: bytes to APDUs, who controls whom, and what belongs together.
//!
//! ```text
//! bytes --> [carry] --> APDU --> ASDU --> pair, selection, file --> event
//!              ^  an incomplete APDU waits here, one for each side
//! ```
//!
//! A stream that stops making sense (no start octet, a length that cannot be true, a
//! gap) is *lost*: that is said once by an event, and from then on an APDU must prove
//! itself, or fill its segment from the first byte to the last.

use tagout_spec::record::typed::codes::{
    iec104_cause as cause, iec104_se as se, iec104_u_function as u,
};

use crate::iec104::apdu::{self, Apdu, Control, Start};
use crate::iec104::asdu::{self, Asdu};
use crate::iec104::event::Event;
use crate::iec104::file::Files;
use crate::iec104::ops;
use crate::iec104::pending::{Asked, Pending};
use crate::iec104::probe;
use crate::iec104::widths::{Recogniser, Widths};
use crate::net::flow::Side;
use crate::protocol::{Context, EventSink, Session};

/// The registered port of a controlled station.
const PORT: u16 = 2404;
/// Read command.
const READ: u8 = 102;

/// A 104 flow.
pub(super) struct Iec104Session {
    widths: Recogniser,
    /// The side that controls.
    controlling: Option<Side>,
    a: Half,
    b: Half,
    pending: Pending,
    files: Files,
}

/// One side's bytes that are not yet an APDU.
#[derive(Default)]
struct Half {
    carry: Vec<u8>,
    lost: bool,
}

impl Iec104Session {
    /// Begins a session at a site with these widths.
    pub(super) fn new(agreed: Widths) -> Iec104Session {
        Iec104Session {
            widths: Recogniser::new(agreed),
            controlling: None,
            a: Half::default(),
            b: Half::default(),
            pending: Pending::default(),
            files: Files::default(),
        }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    /// Uses as many APDUs as there are; returns the bytes that are left.
    fn apdus<'b>(
        &mut self,
        cx: Context<'_>,
        mut bytes: &'b [u8],
        sink: &mut dyn EventSink,
    ) -> &'b [u8] {
        while !bytes.is_empty() {
            if self.half(cx.side()).lost {
                bytes = self.find_again(cx, bytes);
                continue;
            }
            match apdu::start(bytes) {
                Start::More => return bytes,
                Start::Frame(len) => {
                    let Some((frame, rest)) = bytes.split_at_checked(len) else {
                        return bytes;
                    };
                    bytes = rest;
                    if let Some(apdu) = apdu::read(frame) {
                        self.apdu(cx, &apdu, sink);
                    }
                }
                Start::None(fault) => {
                    let direction = self.direction(cx, None);
                    Event::senseless(bytes, fault, direction).write(cx, sink);
                    self.half(cx.side()).lost = true;
                    // From the next byte on, so that every turn uses some.
                    bytes = bytes.get(1..).unwrap_or_default();
                }
            }
        }
        bytes
    }

    /// Where a lost stream makes sense again; nothing if nowhere.
    fn find_again<'b>(&mut self, cx: Context<'_>, bytes: &'b [u8]) -> &'b [u8] {
        let widths = self.widths.widths();
        for at in 0..bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let Start::Frame(len) = apdu::start(rest) else { continue };
            let found = rest.get(..len).is_some_and(|frame| {
                (at == 0 && rest.len() == len) || probe::is_proof(frame, widths)
            });
            if found {
                self.half(cx.side()).lost = false;
                return rest;
            }
        }
        &[]
    }

    fn apdu(&mut self, cx: Context<'_>, apdu: &Apdu<'_>, sink: &mut dyn EventSink) {
        match apdu.control {
            Control::I { .. } => self.information(cx, apdu, sink),
            Control::S { .. } => {
                let direction = self.direction(cx, None);
                Event::supervision(apdu, direction).write(cx, sink);
            }
            Control::U { function } => {
                let direction = self.direction(cx, sender_controls(function));
                let since = self.pending.control(function, cx.ts_ns());
                let mut event = Event::supervision(apdu, direction);
                event.op = ops::control(function);
                event.latency = since.map(|since| cx.ts_ns().saturating_sub(since));
                event.write(cx, sink);
            }
        }
    }

    fn information(
        &mut self,
        cx: Context<'_>,
        apdu: &Apdu<'_>,
        sink: &mut dyn EventSink,
    ) {
        let widths = self.widths.see(apdu.asdu);
        let asdu = asdu::parse(apdu.asdu, widths);
        let code = asdu.cause.map(|cause| cause.code);
        let controls = match code {
            Some(cause::ACTIVATION | cause::DEACTIVATION) => Some(true),
            Some(
                cause::ACTIVATION_CONFIRMATION
                | cause::DEACTIVATION_CONFIRMATION
                | cause::ACTIVATION_TERMINATION,
            ) => Some(false),
            _ => None,
        };
        let is_control = self.direction(cx, controls);
        let mut event = Event::supervision(apdu, is_control);
        event.asdu = Some(&asdu);
        if asdu.first.is_some_and(|first| first.file.is_some()) {
            event.seen = self.files.see(cx.side(), &asdu);
        }
        if is_control {
            event.op = self.asks(cx, &asdu);
        } else {
            let asked = self.answers(cx, &asdu);
            event.op = match asked {
                Some(asked) => asked.op,
                None => ops::op(&asdu, false, false),
            };
            event.latency = asked.map(|asked| cx.ts_ns().saturating_sub(asked.ts_ns));
            event.asked = asked;
        }
        event.write(cx, sink);
    }

    /// Takes what the controlling station sends; returns its operation.
    fn asks(&mut self, cx: Context<'_>, asdu: &Asdu<'_>) -> Option<u16> {
        let (why, first) = (asdu.cause?, asdu.first);
        let is_activation = why.code == cause::ACTIVATION;
        let se = first.and_then(|first| first.se);
        let is_command = se.is_some();
        let was_selected = is_command
            && se != Some(se::SELECT)
            && self.pending.unselect(asdu, cx.ts_ns());
        let op = ops::op(asdu, true, was_selected);
        let is_read = asdu.type_id == READ && why.code == cause::REQUEST;
        if !(is_activation || is_read || why.code == cause::DEACTIVATION) {
            return op;
        }
        if se == Some(se::SELECT) && is_activation {
            self.pending.select(asdu, cx.ts_ns());
        }
        if let (Some(first), Some(common_address)) = (first, asdu.common_address) {
            self.pending.ask(Asked {
                ts_ns: cx.ts_ns(),
                type_id: asdu.type_id,
                common_address,
                broadcast: asdu.broadcast,
                ioa: first.ioa,
                se,
                op,
            });
        }
        op
    }

    /// What an ASDU of the controlled station answers.
    fn answers(&mut self, cx: Context<'_>, asdu: &Asdu<'_>) -> Option<Asked> {
        let why = asdu.cause?;
        let is_answer = matches!(
            why.code,
            cause::REQUEST
                | cause::ACTIVATION_CONFIRMATION
                | cause::DEACTIVATION_CONFIRMATION
                | cause::ACTIVATION_TERMINATION
        ) || why.is_unknown();
        if !is_answer {
            return None;
        }
        let asked = self.pending.answered(asdu, cx.ts_ns())?;
        // A selection that was refused is none.
        if asked.se == Some(se::SELECT) && (why.negative || why.is_unknown()) {
            self.pending.unselect(asdu, cx.ts_ns());
        }
        Some(asked)
    }

    /// Whether the sender controls. What it sends may tell, for the whole flow; else
    /// the port does, or who opened the connection (104, 4), or the lower port.
    fn direction(&mut self, cx: Context<'_>, controls: Option<bool>) -> bool {
        let told = controls.map(|is| if is { cx.side() } else { cx.side().other() });
        self.controlling = told.or(self.controlling);
        let by_port = match (cx.src_port() == PORT, cx.dst_port() == PORT) {
            (true, false) => Some(cx.side().other()),
            (false, true) => Some(cx.side()),
            _ => None,
        };
        let lower =
            if cx.src_port() < cx.dst_port() { cx.side().other() } else { cx.side() };
        let controlling = self.controlling.or(by_port).or(cx.client()).unwrap_or(lower);
        controlling == cx.side()
    }
}

/// Whether the sender of a U frame controls, where that is told.
fn sender_controls(function: u8) -> Option<bool> {
    match function {
        u::STARTDT_ACT | u::STOPDT_ACT => Some(true),
        u::STARTDT_CON | u::STOPDT_CON => Some(false),
        _ => None,
    }
}

impl Session for Iec104Session {
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        let mut bytes = bytes;
        // Complete what waits with as few bytes as that needs, so that the rest can be
        // read where it lies.
        while !self.half(cx.side()).carry.is_empty() && !bytes.is_empty() {
            let mut carry = std::mem::take(&mut self.half(cx.side()).carry);
            let wanted = match apdu::start(&carry) {
                Start::Frame(len) => len,
                Start::More | Start::None(_) => 2,
            };
            let n = wanted.saturating_sub(carry.len()).clamp(1, bytes.len());
            let (head, tail) = bytes.split_at_checked(n).unwrap_or((bytes, &[]));
            carry.extend_from_slice(head);
            bytes = tail;
            let rest = self.apdus(cx, &carry, sink).len();
            carry.drain(..carry.len().saturating_sub(rest));
            self.half(cx.side()).carry = carry;
        }
        if bytes.is_empty() {
            return;
        }
        let rest = self.apdus(cx, bytes, sink);
        if !rest.is_empty() {
            self.half(cx.side()).carry.extend_from_slice(rest);
        }
    }

    fn kept(&self) -> usize {
        self.a.carry.len().saturating_add(self.b.carry.len())
    }

    fn on_gap(&mut self, cx: Context<'_>, _missing: u32, _sink: &mut dyn EventSink) {
        // What has begun will not be completed, and where the next APDU begins is not
        // known. The packet path counts the gap.
        let half = self.half(cx.side());
        half.carry = Vec::new();
        half.lost = true;
        self.files.tear(cx.side());
        self.pending.clear();
    }
}
