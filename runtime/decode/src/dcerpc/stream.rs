//! A connection of DCE/RPC: PDUs in a stream, contexts that bind has agreed upon, and
//! calls that wait.
//!
//! A stream that stops making sense (a header that cannot be true, a gap) is *lost*:
//! that is said once, and it is found again where a segment begins with a PDU's header.

use crate::dcerpc::co::{HEADER_LEN, Header, Offer, Pdu};
use crate::dcerpc::event::Event;
use crate::dcerpc::ndr::{Fault, FaultKind, packet_type as kind};
use crate::net::flow::Side;
use crate::protocol::{Context, EventSink, Session};

/// Most contexts of a connection that are known; more are not named.
const MAX_CONTEXTS: usize = 64;
/// Most calls that wait; the oldest gives way.
const MAX_CALLS: usize = 64;

/// A connection.
#[derive(Default)]
pub(super) struct StreamSession {
    a: Half,
    b: Half,
    contexts: Vec<(u16, Offer)>,
    calls: Vec<Call>,
}

/// One side's bytes that are not yet a PDU.
#[derive(Default)]
struct Half {
    carry: Vec<u8>,
    lost: bool,
}

/// A call that waits.
#[derive(Clone, Copy)]
struct Call {
    id: u32,
    ts_ns: i64,
    opnum: Option<u16>,
}

impl StreamSession {
    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    /// Uses as many PDUs as there are; returns the bytes that are left.
    fn pdus<'b>(
        &mut self,
        cx: Context<'_>,
        mut bytes: &'b [u8],
        sink: &mut dyn EventSink,
    ) -> &'b [u8] {
        while bytes.len() >= HEADER_LEN {
            let Some(header) = Header::read(bytes) else {
                let half = self.half(cx.side());
                if !half.lost {
                    half.lost = true;
                    let is_version = bytes.first() == Some(&5);
                    let fault = if is_version {
                        Fault { at: 8, why: FaultKind::Length }
                    } else {
                        Fault { at: 0, why: FaultKind::Version }
                    };
                    Event::broken(fault).write(cx, sink);
                }
                return &[];
            };
            self.half(cx.side()).lost = false;
            let Some((pdu, rest)) = bytes.split_at_checked(header.length.into()) else {
                break;
            };
            self.pdu(cx, &Pdu::read(&header, pdu), sink);
            bytes = rest;
        }
        if self.half(cx.side()).lost { &[] } else { bytes }
    }

    fn pdu(&mut self, cx: Context<'_>, pdu: &Pdu<'_>, sink: &mut dyn EventSink) {
        let mut event = Event::of_pdu(pdu);
        match pdu.kind {
            kind::BIND | kind::ALTER_CONTEXT => self.bind(pdu),
            kind::BIND_ACK | kind::BIND_NAK | kind::ALTER_CONTEXT_RESPONSE => {
                self.answer(&mut event, pdu);
            }
            kind::RESPONSE | kind::FAULT => self.answer(&mut event, pdu),
            _ => {}
        }
        let asks = matches!(pdu.kind, kind::REQUEST | kind::BIND | kind::ALTER_CONTEXT);
        if asks && pdu.is_first() {
            if self.calls.len() >= MAX_CALLS {
                self.calls.remove(0);
            }
            self.calls.push(Call {
                id: pdu.call_id,
                ts_ns: cx.ts_ns(),
                opnum: pdu.opnum,
            });
        }
        if let Some(context) = pdu.context {
            let known = self.contexts.iter().find(|(id, _)| *id == context);
            event.interface = known.map(|(_, offer)| *offer);
        }
        event.write(cx, sink);
    }

    fn bind(&mut self, pdu: &Pdu<'_>) {
        let Some(contexts) = pdu.contexts else { return };
        for context in contexts.iter() {
            let Some(offer) = context.offer else { continue };
            let same = self.contexts.iter_mut().find(|(id, _)| *id == context.id);
            if let Some((_, known)) = same {
                *known = offer;
            } else if self.contexts.len() < MAX_CONTEXTS {
                self.contexts.push((context.id, offer));
            }
        }
    }

    fn answer(&mut self, event: &mut Event<'_>, pdu: &Pdu<'_>) {
        let at = self.calls.iter().position(|call| call.id == pdu.call_id);
        let call = at.and_then(|at| self.calls.get(at)).copied();
        event.paired = Some(call.is_some());
        event.asked_ns = call.map(|call| call.ts_ns);
        event.opnum = call.and_then(|call| call.opnum);
        if let Some(at) = at
            && pdu.is_last()
        {
            self.calls.remove(at);
        }
    }
}

impl Session for StreamSession {
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        let mut carry = std::mem::take(&mut self.half(cx.side()).carry);
        if carry.is_empty() {
            let rest = self.pdus(cx, bytes, sink);
            self.half(cx.side()).carry.extend_from_slice(rest);
            return;
        }
        carry.extend_from_slice(bytes);
        let left = self.pdus(cx, &carry, sink).len();
        carry.drain(..carry.len().saturating_sub(left));
        self.half(cx.side()).carry = carry;
    }

    fn kept(&self) -> usize {
        self.a.carry.len().saturating_add(self.b.carry.len())
    }

    fn on_gap(&mut self, cx: Context<'_>, _missing: u32, _sink: &mut dyn EventSink) {
        let half = self.half(cx.side());
        half.carry = Vec::new();
        half.lost = true;
        self.calls.clear();
    }
}
