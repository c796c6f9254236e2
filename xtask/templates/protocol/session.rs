//! A flow of Title: bytes to messages.
//!
//! A message that is not whole waits, within the length that the protocol allows.
//! After a gap, and where no message begins, the rest of the segment is passed: the
//! next one is looked at again.

use crate::NAME::{event, pdu};
use crate::net::flow::Side;
use crate::protocol::{Context, EventSink, Session};

/// The state of a flow: the beginning of a message of each side.
#[derive(Default)]
pub(super) struct TypeSession {
    a: Vec<u8>,
    b: Vec<u8>,
}

impl TypeSession {
    fn carry(&mut self, side: Side) -> &mut Vec<u8> {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }
}

impl Session for TypeSession {
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        let carry = std::mem::take(self.carry(cx.side()));
        // Most messages lie in one segment, and are read where they are.
        let joined = if carry.is_empty() { None } else { Some([&carry, bytes].concat()) };
        let rest = messages(cx, joined.as_deref().unwrap_or(bytes), sink);
        *self.carry(cx.side()) = rest.to_vec();
    }

    fn kept(&self) -> usize {
        self.a.len().saturating_add(self.b.len())
    }

    fn on_gap(&mut self, cx: Context<'_>, _missing: u32, _sink: &mut dyn EventSink) {
        // What has begun will not be completed.
        *self.carry(cx.side()) = Vec::new();
    }
}

/// Writes the messages that are whole; returns the beginning of one that is not.
fn messages<'a>(
    cx: Context<'_>,
    mut bytes: &'a [u8],
    sink: &mut dyn EventSink,
) -> &'a [u8] {
    while !bytes.is_empty() {
        let Some(len) = pdu::frame_len(bytes) else {
            return if bytes.len() < pdu::HEADER { bytes } else { &[] };
        };
        let Some((frame, rest)) = bytes.split_at_checked(len) else { return bytes };
        event::write(&pdu::parse(frame), cx, sink);
        bytes = rest;
    }
    bytes
}
