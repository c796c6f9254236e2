//! Frames in, events out: the packet path and the decoders, put together.
//!
//! ```text
//! Frame --net::packet--> Packet --tcp|udp--> Flow --app--> Session --> EventSink
//!               |                              '---flow_event--------> EventSink
//!               '--not IP--> ether --> FrameSession -----------------> EventSink
//! ```
//!
//! Events leave in the order in which frames complete them. All state is
//! bounded: flows by [`FlowLimits`], what waits in each of them by `net::tcp` and
//! `app`, what is not IP by its sessions. The only clock is the greatest timestamp seen.

mod app;
mod ether;
mod flow;
mod flow_event;
#[cfg(test)]
mod tests;

use crate::commons::Commons;
use crate::frame::Frame;
use crate::net::flow::{Age, FlowIdx, FlowKey, FlowLimits, FlowTable};
use crate::net::fragment::Fragments;
use crate::net::ip::protocol;
use crate::net::link::{Link, LinkError};
use crate::net::packet::{self, Packet, PacketError};
use crate::net::redundancy::Copies;
use crate::net::tcp::Segment;
use crate::net::transport::{self, TcpSegment, flag};
use crate::pipeline::ether::Ether;
use crate::pipeline::flow::{Arrival, Flow, Seen};
use crate::pipeline::flow_event::FlowState;
use crate::protocol::{Decoder, EventSink, Transport};
use crate::stats::{Stats, count};

/// How a [`Pipeline`] is set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Bounds of the flow table.
    pub flows: FlowLimits,
    /// Seed of the flow table's hash: no result depends on it, but a sender who
    /// knows it could choose tuples that fall together.
    pub seed: u64,
    /// Whether `flow` events are written.
    pub flow_events: FlowEvents,
}

/// Which `flow` events are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlowEvents {
    /// When a flow begins, when it ends, and when it shows an anomaly.
    #[default]
    All,
    /// None: nobody asks for them.
    None,
}

/// The way from frames to events.
pub struct Pipeline {
    flow_events: FlowEvents,
    known: Known,
    ether: Ether,
    flows: FlowTable<Flow>,
    fragments: Fragments,
    copies: Copies,
    /// Greatest time seen.
    now_ns: i64,
    /// When flows were last looked through for idle ones.
    swept_ns: i64,
    /// Bytes that all flows hold until more come.
    kept: usize,
    stats: Stats,
}

/// What flows need to find out and speak their protocol.
pub(crate) struct Known {
    decoders: &'static [&'static dyn Decoder],
    added: Vec<Box<dyn Decoder + Send>>,
    /// Changes when other decoders are added.
    pub(crate) generation: u32,
    pub(crate) commons: Commons,
}

impl Known {
    /// All decoders, in the order in which they are asked.
    pub(crate) fn decoders(&self) -> impl Iterator<Item = &dyn Decoder> {
        let added = self.added.iter().map(|decoder| decoder.as_ref() as &dyn Decoder);
        self.decoders.iter().copied().chain(added)
    }
}

/// Most bytes that all flows may hold until more come. A flow that would hold more
/// lets go of its own, which is counted.
const MAX_KEPT: usize = 16 * 1024 * 1024;

/// Idle flows are looked for so often, in the packets' time.
const SWEEP_NS: i64 = 1_000_000_000;

impl Pipeline {
    /// A pipeline with these decoders.
    pub fn new(config: Config, decoders: &'static [&'static dyn Decoder]) -> Pipeline {
        Pipeline::with_added(config, decoders, Vec::new())
    }

    /// The same with more decoders, such as plugins, which are asked after those.
    pub fn with_added(
        config: Config,
        decoders: &'static [&'static dyn Decoder],
        added: Vec<Box<dyn Decoder + Send>>,
    ) -> Pipeline {
        let known = Known { decoders, added, generation: 0, commons: Commons::default() };
        Pipeline {
            flow_events: config.flow_events,
            ether: Ether::new(&known),
            known,
            flows: FlowTable::new(config.flows, config.seed),
            fragments: Fragments::default(),
            copies: Copies::default(),
            now_ns: i64::MIN,
            swept_ns: i64::MIN,
            kept: 0,
            stats: Stats::default(),
        }
    }

    /// Exchanges the decoders that were added. Flows that nobody knew are looked at again;
    /// those of a decoder that is gone, as soon as their sessions say that they are over.
    pub fn set_added(&mut self, added: Vec<Box<dyn Decoder + Send>>) {
        self.known.added = added;
        self.known.generation = self.known.generation.wrapping_add(1);
        let added = self.known.added.iter();
        self.ether.set_added(added.map(|decoder| decoder.as_ref() as &dyn Decoder));
    }

    /// What was met so far. TCP's counters are of connections that have ended.
    pub fn stats(&self) -> Stats {
        Stats { fragments: self.fragments.stats, ..self.stats }
    }

    /// Takes a frame and writes the events that it completes. `late` marks them.
    pub fn frame(&mut self, frame: &Frame<'_>, late: bool, sink: &mut dyn EventSink) {
        count(&mut self.stats.packets);
        self.stats.bytes = self.stats.bytes.saturating_add(u64::from(frame.orig_len));
        let cut = usize::try_from(frame.orig_len).is_ok_and(|len| len > frame.data.len());
        self.stats.cut = self.stats.cut.saturating_add(u64::from(cut));
        self.now_ns = self.now_ns.max(frame.ts_ns);
        if self.now_ns.saturating_sub(self.swept_ns) >= SWEEP_NS {
            self.swept_ns = self.now_ns;
            self.sweep(sink);
        }
        let seen = Seen { frame, late };
        let mut whole = Vec::new();
        let mut outer = Packet::default();
        if let Err(error) =
            packet::parse(frame, &mut self.fragments, &mut whole, &mut outer)
        {
            return self.refuse(&seen, &outer.link, error, sink);
        }
        if self.is_copy(&outer.link, frame.ts_ns) {
            return;
        }
        match packet::inner(&outer) {
            None => self.transport(&seen, &outer, sink),
            Some(inner) => {
                count(&mut self.stats.tunnelled);
                self.transport(&seen, &inner, sink);
            }
        }
    }

    /// Ends all flows, since no more frames will come.
    pub fn finish(&mut self, sink: &mut dyn EventSink) {
        while let Some(at) = self.flows.oldest() {
            self.end(at, FlowState::Open, sink);
        }
    }

    /// Whether a redundant network has brought the frame already, which is counted.
    #[inline]
    fn is_copy(&mut self, link: &Link, ts_ns: i64) -> bool {
        let (Some(tag), Some(sender)) = (link.redundancy, link.src) else {
            return false;
        };
        let copy = self.copies.is_copy(sender, tag.sequence, ts_ns);
        if copy {
            count(&mut self.stats.copies);
        }
        copy
    }

    /// A frame without a packet: for the decoders of its ether type, or counted.
    #[cold]
    fn refuse(
        &mut self,
        seen: &Seen<'_>,
        link: &Link,
        error: PacketError<'_>,
        sink: &mut dyn EventSink,
    ) {
        match error {
            PacketError::Link(LinkError::Unsupported(_)) => {
                count(&mut self.stats.unsupported);
            }
            PacketError::Link(LinkError::NotIp) => count(&mut self.stats.not_ip),
            PacketError::Link(LinkError::Other(ethertype, payload)) => {
                if !self.is_copy(link, seen.frame.ts_ns) {
                    self.ethernet(seen, link, ethertype, payload, sink);
                }
            }
            PacketError::Link(LinkError::Short) | PacketError::Ip(_) => {
                count(&mut self.stats.malformed);
            }
            // Counted by the fragments themselves.
            PacketError::Waiting => {}
        }
    }

    fn ethernet(
        &mut self,
        seen: &Seen<'_>,
        link: &Link,
        ethertype: u16,
        payload: &[u8],
        sink: &mut dyn EventSink,
    ) {
        if self.ether.frame(seen, link, ethertype, payload, sink) {
            count(&mut self.stats.ethernet);
        } else {
            count(&mut self.stats.not_ip);
        }
    }

    fn transport(
        &mut self,
        seen: &Seen<'_>,
        packet: &Packet<'_>,
        sink: &mut dyn EventSink,
    ) {
        let ip = &packet.ip;
        match ip.protocol {
            protocol::TCP => match transport::tcp(ip.payload) {
                Some(segment) => self.tcp(seen, packet, &segment, sink),
                None => count(&mut self.stats.malformed),
            },
            protocol::UDP => match transport::udp(ip.payload) {
                Some(datagram) => {
                    let src = (ip.src, datagram.src_port);
                    let dst = (ip.dst, datagram.dst_port);
                    let (key, side) = FlowKey::new(protocol::UDP, src, dst);
                    let arrival = Arrival {
                        seen,
                        link: &packet.link,
                        key: &key,
                        side,
                        transport: Transport::Udp,
                    };
                    let at = self.flow(&arrival, sink);
                    let Some((_, flow)) = self.flows.get_mut(at) else { return };
                    flow.note(&arrival);
                    let payload = datagram.payload;
                    let before = flow.kept();
                    flow.datagram(&arrival, payload, &self.known, sink);
                    let after = flow.kept();
                    self.keep(at, before, after, sink);
                    self.flows.renew(at, Age::Datagrams, self.now_ns);
                }
                None => count(&mut self.stats.malformed),
            },
            _ => match packet::inner_frame(packet) {
                Some((link, ethertype, payload))
                    if ip.protocol == protocol::GRE && !packet.tunnelled =>
                {
                    count(&mut self.stats.tunnelled);
                    self.ethernet(seen, &link, ethertype, payload, sink);
                }
                _ => count(&mut self.stats.other_transport),
            },
        }
    }

    fn tcp(
        &mut self,
        seen: &Seen<'_>,
        packet: &Packet<'_>,
        segment: &TcpSegment<'_>,
        sink: &mut dyn EventSink,
    ) {
        let src = (packet.ip.src, segment.src_port);
        let dst = (packet.ip.dst, segment.dst_port);
        let (key, side) = FlowKey::new(protocol::TCP, src, dst);
        let arrival = Arrival {
            seen,
            link: &packet.link,
            key: &key,
            side,
            transport: Transport::Tcp,
        };
        if segment.flags & flag::SYN != 0
            && let Some(at) = self.flows.find(&key)
            && let Some((_, flow)) = self.flows.get_mut(at)
            && flow.is_reused(side, segment)
        {
            let state = flow.ended();
            self.end(at, state, sink);
        }
        let at = self.flow(&arrival, sink);
        let Some((_, flow)) = self.flows.get_mut(at) else { return };
        flow.note(&arrival);
        let syn = u32::from(segment.flags & flag::SYN != 0);
        let data = Segment {
            sequence: segment.sequence.wrapping_add(syn),
            payload: segment.payload,
            missing: packet.ip.missing,
            ts_ns: seen.frame.ts_ns,
            frame: seen.frame.index,
        };
        flow.flags(&arrival, segment);
        let before = flow.kept();
        let conflict = flow.segment(&arrival, &data, &self.known, sink);
        let after = flow.kept();
        let age = flow.age(side, segment);
        if conflict && self.flow_events == FlowEvents::All {
            flow.write(&key, FlowState::Conflict, sink);
        }
        self.flows.renew(at, age, self.now_ns);
        self.keep(at, before, after, sink);
    }

    /// Accounts for the bytes that a flow holds, and makes it let go of them when
    /// all flows hold too many.
    #[inline]
    fn keep(
        &mut self,
        at: FlowIdx,
        before: usize,
        after: usize,
        sink: &mut dyn EventSink,
    ) {
        if before == after {
            return;
        }
        self.kept = self.kept.saturating_sub(before).saturating_add(after);
        if self.kept <= MAX_KEPT {
            return;
        }
        let Some((key, flow)) = self.flows.get_mut(at) else { return };
        let key = *key;
        flow.let_go(&key, &self.known, sink);
        let left = flow.kept();
        self.kept = self.kept.saturating_sub(after).saturating_add(left);
        count(&mut self.stats.dropped);
    }

    /// The flow of a packet, begun if there is none.
    #[inline]
    fn flow(&mut self, arrival: &Arrival<'_>, sink: &mut dyn EventSink) -> FlowIdx {
        if let Some(at) = self.flows.find(arrival.key) {
            let last_ns = self.flows.get_mut(at).map_or(0, |(_, flow)| flow.last_ns);
            if !self.flows.is_over(at, last_ns, arrival.ts_ns()) {
                return at;
            }
            count(&mut self.stats.expired);
            self.end(at, FlowState::Idle, sink);
        }
        self.begin(arrival, sink)
    }

    #[cold]
    fn begin(&mut self, arrival: &Arrival<'_>, sink: &mut dyn EventSink) -> FlowIdx {
        while self.flows.is_full()
            && let Some(oldest) = self.flows.oldest()
        {
            count(&mut self.stats.evicted);
            self.end(oldest, FlowState::Evicted, sink);
        }
        count(&mut self.stats.flows);
        let flow = Flow::new(arrival);
        if self.flow_events == FlowEvents::All {
            flow.write(arrival.key, FlowState::New, sink);
        }
        let age = match arrival.transport {
            Transport::Tcp => Age::Connection,
            Transport::Udp => Age::Datagrams,
        };
        self.flows.insert(*arrival.key, flow, age, self.now_ns)
    }

    /// Ends the flows that have been idle for too long.
    fn sweep(&mut self, sink: &mut dyn EventSink) {
        while let Some(at) = self.flows.expired(self.now_ns) {
            count(&mut self.stats.expired);
            self.end(at, FlowState::Idle, sink);
        }
    }

    /// Takes a flow out: delivers what still waits, and says that it is over.
    /// A connection that ended by itself keeps its own reason.
    fn end(&mut self, at: FlowIdx, state: FlowState, sink: &mut dyn EventSink) {
        let Some((key, mut flow)) = self.flows.remove(at) else { return };
        self.kept = self.kept.saturating_sub(flow.kept());
        flow.flush(&key, &self.known, sink);
        let (a, b) = flow.half_stats();
        self.stats.tcp.add(&a);
        self.stats.tcp.add(&b);
        let unrecognised = u64::from(flow.is_unrecognised());
        self.stats.unrecognised = self.stats.unrecognised.saturating_add(unrecognised);
        if self.flow_events == FlowEvents::All {
            flow.write(&key, flow.final_state(state), sink);
        }
    }
}
