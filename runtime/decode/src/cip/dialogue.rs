//! The CIP of a flow: what messages carry within them, and which reply belongs to
//! which request.
//!
//! ```text
//! Unconnected Send ---> the message it sends on, which is answered in its place
//! Multiple Service ---> each service, whose reply stands at the same place
//! ```
//!
//! Each of them is an event of its own, the carrier first.

use crate::cip::code::service;
use crate::cip::event::{Event, Nest};
use crate::cip::fault::{Fault, FaultKind};
use crate::cip::message::{self, Body, Message};
pub(crate) use crate::cip::pending::Carrier;
use crate::cip::pending::Pending;
use crate::cip::transfer::Moving;
use crate::protocol::{Context, EventSink};

/// Deepest level of messages within messages.
const MAX_DEPTH: u8 = 4;

/// The CIP of a flow.
#[derive(Debug, Default)]
pub(crate) struct Dialogue {
    pending: Pending,
    upload: Moving,
    download: Moving,
}

/// A request that was seen, for its reply.
#[derive(Clone, Copy)]
struct Asked<'r> {
    message: &'r Message<'r>,
    ts_ns: i64,
}

impl Dialogue {
    /// Takes a message and writes its events.
    pub(crate) fn message(
        &mut self,
        cx: Context<'_>,
        carrier: &Carrier,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) {
        match message::is_reply(bytes) {
            Some(true) => self.answer(cx, carrier, bytes, sink),
            _ => {
                let request = self.request(cx, carrier, bytes, Nest::default(), sink);
                self.pending.push(carrier, &request, bytes, cx.ts_ns());
            }
        }
    }

    /// Bytes that it holds for replies to come.
    pub(crate) fn kept(&self) -> usize {
        self.pending.kept()
    }

    /// Learns that messages are missing.
    pub(crate) fn gap(&mut self) {
        self.pending.gap();
        self.upload.tear();
        self.download.tear();
    }

    /// Lets go of all that it holds.
    pub(crate) fn let_go(&mut self) {
        self.pending.clear();
    }

    /// Writes a request and what it carries.
    fn request<'a>(
        &mut self,
        cx: Context<'_>,
        carrier: &Carrier,
        bytes: &'a [u8],
        nest: Nest<'_>,
        sink: &mut dyn EventSink,
    ) -> Message<'a> {
        let mut message = message::request(bytes);
        let carries = matches!(message.body, Body::Multiple(_) | Body::Unconnected(_));
        let is_too_deep = carries && nest.depth >= MAX_DEPTH;
        if is_too_deep {
            message.fault.get_or_insert(Fault { at: 0, why: FaultKind::Depth });
        }
        let artifact = match &message.body {
            Body::Transfer(packet) => {
                self.download.packet(message.target.instance.unwrap_or(0), packet)
            }
            _ => None,
        };
        Event { carrier, message: &message, asked: None, since: None, nest, artifact }
            .write(cx, sink);
        if is_too_deep {
            return message;
        }
        match message.body {
            Body::Multiple(services) => {
                for (index, bytes) in (0..).zip(services.each()) {
                    let nest = nest.within(message.service, Some(index));
                    self.request(cx, carrier, bytes, nest, sink);
                }
            }
            Body::Unconnected(send) if !send.message.is_empty() => {
                let nest =
                    Nest { route: send.route, ..nest.within(message.service, None) };
                self.request(cx, carrier, send.message, nest, sink);
            }
            _ => {}
        }
        message
    }

    /// Finds the request of a reply and writes the reply.
    fn answer(
        &mut self,
        cx: Context<'_>,
        carrier: &Carrier,
        bytes: &[u8],
        sink: &mut dyn EventSink,
    ) {
        let service = bytes.first().map_or(0, |first| first & !service::REPLY);
        let Some(waiting) = self.pending.take(carrier, service, cx.ts_ns()) else {
            self.reply(cx, carrier, bytes, None, Nest::default(), sink);
            return;
        };
        let ts_ns = waiting.ts_ns;
        let outer = message::request(&waiting.bytes);
        match outer.body {
            Body::Unconnected(send) if service != outer.service => {
                let inner = message::request(send.message);
                let asked = Asked { message: &inner, ts_ns };
                let nest = Nest { route: send.route, ..Nest::default() };
                self.reply(cx, carrier, bytes, Some(asked), nest, sink);
            }
            _ => {
                let asked = Asked { message: &outer, ts_ns };
                self.reply(cx, carrier, bytes, Some(asked), Nest::default(), sink);
            }
        }
        self.pending.done(waiting);
    }

    /// Writes a reply and what it carries.
    fn reply(
        &mut self,
        cx: Context<'_>,
        carrier: &Carrier,
        bytes: &[u8],
        asked: Option<Asked<'_>>,
        nest: Nest<'_>,
        sink: &mut dyn EventSink,
    ) {
        let same = bytes.first().map(|first| first & !service::REPLY);
        let asked = asked.filter(|asked| Some(asked.message.service) == same);
        let mut message = message::reply(bytes, asked.map(|asked| asked.message));
        let is_too_deep =
            matches!(message.body, Body::Multiple(_)) && nest.depth >= MAX_DEPTH;
        if is_too_deep {
            message.fault.get_or_insert(Fault { at: 0, why: FaultKind::Depth });
        }
        let artifact = match &message.body {
            Body::Transfer(packet) => {
                self.upload.packet(message.target.instance.unwrap_or(0), packet)
            }
            _ => None,
        };
        Event {
            carrier,
            message: &message,
            asked: asked.map(|asked| asked.message),
            since: asked.map(|asked| asked.ts_ns),
            nest,
            artifact,
        }
        .write(cx, sink);
        match message.body {
            Body::Multiple(services) if !is_too_deep => {
                let mut requests = match asked.map(|asked| asked.message.body) {
                    Some(Body::Multiple(requests)) => Some(requests.each()),
                    _ => None,
                };
                for (index, bytes) in (0..).zip(services.each()) {
                    let request = requests.as_mut().and_then(Iterator::next);
                    let request = request.map(message::request);
                    let asked = request
                        .as_ref()
                        .zip(asked)
                        .map(|(message, of)| Asked { message, ts_ns: of.ts_ns });
                    let nest = nest.within(message.service, Some(index));
                    // What does not claim to be a reply cannot be one.
                    match message::is_reply(bytes) {
                        Some(true) => self.reply(cx, carrier, bytes, asked, nest, sink),
                        _ => {
                            self.request(cx, carrier, bytes, nest, sink);
                        }
                    }
                }
            }
            Body::Connection(connection) if message.is_success() => {
                if let Some((ot, to)) = connection.directions {
                    self.pending.link(ot.id, to.id);
                }
            }
            _ => {}
        }
    }
}
