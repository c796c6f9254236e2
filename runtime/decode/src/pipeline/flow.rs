//! What is kept of a flow, and what a packet does to it.

use crate::frame::Frame;
use crate::net::community::{COMMUNITY_LEN, community_id};
use crate::net::flow::{Age, FlowKey, Side};
use crate::net::ip::protocol;
use crate::net::link::Link;
use crate::net::tcp::{Half, HalfStats, Segment};
use crate::net::transport::{TcpSegment, flag};
use crate::pipeline::Known;
use crate::pipeline::app::App;
use crate::pipeline::flow_event::FlowState;
use crate::protocol::{Endpoint, EventSink, Facts, Head, Transport};

/// A frame, and whether it was late.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) late: bool,
}

/// A packet at its flow.
#[derive(Clone, Copy)]
pub(crate) struct Arrival<'a> {
    pub(crate) seen: &'a Seen<'a>,
    pub(crate) link: &'a Link,
    pub(crate) key: &'a FlowKey,
    pub(crate) side: Side,
    pub(crate) transport: Transport,
}

impl Arrival<'_> {
    #[inline]
    pub(crate) fn ts_ns(&self) -> i64 {
        self.seen.frame.ts_ns
    }
}

/// A flow.
pub(crate) struct Flow {
    pub(crate) id: u64,
    pub(crate) community: [u8; COMMUNITY_LEN],
    pub(crate) first_ns: i64,
    pub(crate) last_ns: i64,
    /// The latest frame's number.
    last_frame: u64,
    /// The first packet's link layer, for events that no packet brings.
    link: Link,
    input: u16,
    nanos: bool,
    /// The side that opened it, if that was seen.
    client: Option<Side>,
    /// The side whose packet was the first.
    first: Side,
    pub(crate) midstream: bool,
    a: Sent,
    b: Sent,
    /// Ended by RST.
    reset: bool,
    pub(crate) app: App,
}

/// What one side has sent.
#[derive(Default)]
struct Sent {
    packets: u32,
    bytes: u64,
    half: Half,
    /// Sequence number of its SYN.
    syn: Option<u32>,
    /// Sequence number behind its last byte, once it has said so.
    fin: Option<u32>,
    acknowledged: Option<u32>,
}

impl Flow {
    pub(crate) fn new(arrival: &Arrival<'_>) -> Flow {
        let Arrival { key, side, seen, .. } = *arrival;
        let (a, b) = (key.end(Side::A), key.end(Side::B));
        Flow {
            id: key.id(seen.frame.ts_ns, seen.frame.input),
            community: community_id(key.protocol(), a, b),
            first_ns: seen.frame.ts_ns,
            last_ns: seen.frame.ts_ns,
            last_frame: seen.frame.index,
            link: *arrival.link,
            input: seen.frame.input,
            nanos: seen.frame.nanos,
            client: None,
            first: side,
            // Until the SYN that this packet may be is looked at.
            midstream: arrival.transport == Transport::Tcp,
            a: Sent::default(),
            b: Sent::default(),
            reset: false,
            app: App::Fresh(0),
        }
    }

    /// Counts a packet.
    #[inline]
    pub(crate) fn note(&mut self, arrival: &Arrival<'_>) {
        self.last_ns = self.last_ns.max(arrival.ts_ns());
        self.last_frame = arrival.seen.frame.index;
        let sent = self.sent(arrival.side);
        sent.packets = sent.packets.saturating_add(1);
        sent.bytes = sent.bytes.saturating_add(u64::from(arrival.seen.frame.orig_len));
    }

    /// Whether a SYN opens another connection with the same tuple. One that is
    /// repeated does not, and one that comes after the data that follows it.
    pub(crate) fn is_reused(&mut self, side: Side, segment: &TcpSegment<'_>) -> bool {
        const NEAR: u32 = 1 << 20;
        let sent = self.sent(side);
        if let Some(syn) = sent.syn {
            return syn != segment.sequence;
        }
        sent.half.next().is_some_and(|next| next.wrapping_sub(segment.sequence) > NEAR)
    }

    /// Takes what a segment's flags say.
    #[inline]
    pub(crate) fn flags(&mut self, arrival: &Arrival<'_>, segment: &TcpSegment<'_>) {
        let side = arrival.side;
        if segment.flags & flag::ACK != 0 {
            self.sent(side).acknowledged = Some(segment.acknowledgment);
            // Where the other side goes on, should its beginning not be seen.
            self.sent(side.other()).half.begin(segment.acknowledgment);
        }
        if segment.flags & flag::SYN != 0 {
            let answers = segment.flags & flag::ACK != 0;
            self.client = Some(if answers { side.other() } else { side });
            self.midstream = false;
            let sent = self.sent(side);
            sent.syn = Some(segment.sequence);
            sent.half.begin(segment.sequence.wrapping_add(1));
        } else if self.midstream
            && segment.payload.len() == 1
            && segment.flags & flag::PSH == 0
        {
            // The first that is seen of this side may be a keep-alive, whose octet is
            // none of the stream's and lies before what comes next (RFC 9293, 3.8.4).
            self.sent(side).half.begin(segment.sequence.wrapping_add(1));
        }
    }

    /// Hands a segment's bytes on; true if they are the first that contradict
    /// bytes of before.
    #[inline]
    pub(crate) fn segment(
        &mut self,
        arrival: &Arrival<'_>,
        segment: &Segment<'_>,
        known: &Known,
        sink: &mut dyn EventSink,
    ) -> bool {
        if self.app.is_nothing(known) {
            return false;
        }
        let side = arrival.side;
        let Flow { a, b, app, client, id, community, .. } = self;
        // Most segments bring nothing to anybody.
        let head = || head(arrival, *client, *id, community);
        let (ours, theirs) = match side {
            Side::A => (a, b),
            Side::B => (b, a),
        };
        let before = ours.half.stats.conflicts;
        // What this segment acknowledges was there before it was sent.
        if theirs.half.is_waiting() {
            let head = Head::of(&head().context().facts().turned());
            let acked = ours.acknowledged;
            theirs.half.give_up_late(segment.ts_ns, acked, &mut |delivery| {
                app.stream(head.context(), &delivery, known, sink);
            });
        }
        ours.half.accept(segment, &mut |delivery| {
            app.stream(head().context(), &delivery, known, sink);
        });
        if ours.half.is_waiting() {
            let acked = theirs.acknowledged;
            ours.half.give_up_late(segment.ts_ns, acked, &mut |delivery| {
                app.stream(head().context(), &delivery, known, sink);
            });
        }
        before == 0 && ours.half.stats.conflicts > 0
    }

    /// Bytes that are held until more come.
    #[inline]
    pub(crate) fn kept(&self) -> usize {
        let queued = self.a.half.queued_bytes().wrapping_add(self.b.half.queued_bytes());
        queued.wrapping_add(self.app.kept())
    }

    /// Lets go of the bytes that are held.
    pub(crate) fn let_go(
        &mut self,
        key: &FlowKey,
        known: &Known,
        sink: &mut dyn EventSink,
    ) {
        self.flush(key, known, sink);
        for side in [Side::A, Side::B] {
            let head = self.head(key, side);
            let cx = head.context();
            self.app.let_go(cx, known, sink);
        }
    }

    /// Hands a datagram on.
    pub(crate) fn datagram(
        &mut self,
        arrival: &Arrival<'_>,
        payload: &[u8],
        known: &Known,
        sink: &mut dyn EventSink,
    ) {
        if payload.is_empty() || self.app.is_nothing(known) {
            return;
        }
        let Flow { app, client, id, community, .. } = self;
        let head = head(arrival, *client, *id, community);
        app.datagram(head.context(), payload, known, sink);
    }

    /// How it ages after this segment.
    #[inline]
    pub(crate) fn age(&mut self, side: Side, segment: &TcpSegment<'_>) -> Age {
        if segment.flags & (flag::FIN | flag::RST) != 0 {
            self.closing(side, segment);
        }
        if self.reset || self.is_closed() { Age::Closed } else { Age::Connection }
    }

    #[cold]
    fn closing(&mut self, side: Side, segment: &TcpSegment<'_>) {
        const NEAR: u32 = 1 << 20;
        if segment.flags & flag::FIN != 0 {
            let len = u32::try_from(segment.payload.len()).unwrap_or(u32::MAX);
            self.sent(side).fin = Some(segment.sequence.wrapping_add(len));
        }
        if segment.flags & flag::RST != 0 {
            // One that is far from what is expected was not sent by the peer.
            let next = self.sent(side).half.next();
            let near = |next: u32| {
                segment.sequence.wrapping_sub(next) < NEAR
                    || next.wrapping_sub(segment.sequence) < NEAR
            };
            self.reset |= next.is_none_or(near);
        }
    }

    /// Delivers what still waits, with gaps.
    pub(crate) fn flush(
        &mut self,
        key: &FlowKey,
        known: &Known,
        sink: &mut dyn EventSink,
    ) {
        for side in [Side::A, Side::B] {
            if !self.sent(side).half.is_waiting() {
                continue;
            }
            let head = self.head(key, side);
            let cx = head.context();
            let Flow { a, b, app, .. } = self;
            let sent = match side {
                Side::A => a,
                Side::B => b,
            };
            sent.half.flush(&mut |delivery| app.stream(cx, &delivery, known, sink));
        }
    }

    /// How a connection that is replaced by another one has ended.
    pub(crate) fn ended(&self) -> FlowState {
        self.final_state(FlowState::Closed)
    }

    /// What its last event says, where `state` is why it is taken out.
    pub(crate) fn final_state(&self, state: FlowState) -> FlowState {
        let (opener, answerer) = match self.initiator() {
            Side::A => (&self.a, &self.b),
            Side::B => (&self.b, &self.a),
        };
        if self.reset {
            let opened = answerer.syn.is_some() || self.midstream;
            let rejected = !opened && opener.syn.is_some();
            return if rejected { FlowState::Rejected } else { FlowState::Reset };
        }
        if self.is_closed() { FlowState::Closed } else { state }
    }

    /// The side that its events name as source: the one that opened it; where
    /// that was not seen, the one without a well-known port, or else the first.
    pub(crate) fn initiator(&self) -> Side {
        self.client.unwrap_or(self.first)
    }

    /// Packets and bytes that a side has sent.
    pub(crate) fn counts(&self, side: Side) -> (u32, u64) {
        let sent = match side {
            Side::A => &self.a,
            Side::B => &self.b,
        };
        (sent.packets, sent.bytes)
    }

    /// The context of what no packet brings: as of the last one, with the first
    /// one's link layer.
    pub(crate) fn head(&self, key: &FlowKey, side: Side) -> Head {
        let link = &self.link;
        let (src_mac, dst_mac) =
            if side == self.first { (link.src, link.dst) } else { (link.dst, link.src) };
        let (src, dst) = (key.end(side), key.end(side.other()));
        Head::of(&Facts {
            ts_ns: self.last_ns,
            nanos: self.nanos,
            frame: self.last_frame,
            input: self.input,
            late: false,
            transport: match key.protocol() {
                protocol::UDP => Transport::Udp,
                _ => Transport::Tcp,
            },
            src: Endpoint { ip: src.0, port: src.1, mac: src_mac },
            dst: Endpoint { ip: dst.0, port: dst.1, mac: dst_mac },
            side,
            client: self.client,
            vlan: link.vlan,
            flow: self.id,
            community: &self.community,
        })
    }

    pub(crate) fn half_stats(&self) -> (HalfStats, HalfStats) {
        (self.a.half.stats, self.b.half.stats)
    }

    pub(crate) fn is_unrecognised(&self) -> bool {
        matches!(self.app, App::Nothing(_) | App::Looking(_) | App::Fresh(1..))
    }

    fn is_closed(&self) -> bool {
        self.a.fin.is_some() && self.b.fin.is_some()
    }

    fn sent(&mut self, side: Side) -> &mut Sent {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }
}

/// The context of the bytes that a packet brings.
#[inline]
fn head(
    arrival: &Arrival<'_>,
    client: Option<Side>,
    flow: u64,
    community: &[u8; COMMUNITY_LEN],
) -> Head {
    let (frame, link, side) = (arrival.seen.frame, arrival.link, arrival.side);
    let (src, dst) = (arrival.key.end(side), arrival.key.end(side.other()));
    Head::of(&Facts {
        ts_ns: frame.ts_ns,
        nanos: frame.nanos,
        frame: frame.index,
        input: frame.input,
        late: arrival.seen.late,
        transport: arrival.transport,
        src: Endpoint { ip: src.0, port: src.1, mac: link.src },
        dst: Endpoint { ip: dst.0, port: dst.1, mac: link.dst },
        side,
        client,
        vlan: link.vlan,
        flow,
        community,
    })
}
