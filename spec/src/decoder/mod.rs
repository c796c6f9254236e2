//! What a protocol's decoder is to the packet path, and the other way round.
//!
//! ```text
//! first bytes --Decoder::probe--> Yes --Decoder::open--> Session
//! bytes in order, gaps, end ------------------------------> Session --> EventSink
//! ```
//!
//! A decoder sees bytes and a [`Context`], nothing else: no clock, no input or
//! output, no other flow. It holds a bounded state for each flow and writes
//! records. A decoder that is a plugin has the same calls.
//!
//! What is directly on Ethernet has no flows. Its decoder opens one session for all
//! stations of a network, whose bounded tables pair what stations say:
//!
//! ```text
//! start of a pipeline --Decoder::open_frames--> FrameSession
//! a frame of one of its ether types, and FrameContext --> FrameSession --> EventSink
//! ```
//!
//! A decoder may have both, as one for a protocol that runs on Ethernet and over UDP.

mod address;
mod commons;
mod context;
mod cursor;
mod envelope;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::record::BatchBuilder;
use crate::schema::KindIdx;

pub use address::{Ip, Mac};
pub use commons::Commons;
pub use context::{Context, Endpoint, Facts, FrameContext, Head};
pub use cursor::Cursor;

/// Bytes of a community identifier.
pub const COMMUNITY_LEN: usize = 30;

/// Which end of a flow sent a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The lesser end.
    A,
    /// The greater end.
    B,
}

impl Side {
    /// The other end.
    #[must_use]
    pub fn other(self) -> Side {
        match self {
            Side::A => Side::B,
            Side::B => Side::A,
        }
    }
}

/// What carries a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A stream of bytes in each direction.
    Tcp,
    /// Messages.
    Udp,
}

impl Transport {
    /// Its number above IP.
    #[inline]
    pub fn number(self) -> u8 {
        match self {
            Transport::Tcp => 6,
            Transport::Udp => 17,
        }
    }
}

/// The first bytes of a flow.
#[derive(Clone, Copy, Debug)]
pub struct Probe<'a> {
    /// What carries it.
    pub transport: Transport,
    /// The ports of both ends, side A first.
    pub ports: [u16; 2],
    /// TCP: the first bytes of each side.
    pub sides: [&'a [u8]; 2],
    /// UDP: the first datagrams of either side.
    pub datagrams: &'a [Vec<u8>],
    /// Whether these are the first bytes that were seen of the flow; if not,
    /// what came before was of no protocol, and proof should be stronger.
    pub is_start: bool,
}

/// What a decoder makes of the first bytes of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<T> {
    /// It is not this protocol, whatever may follow.
    No,
    /// More bytes are needed to tell.
    More,
    /// It is; with what the decoder has found out.
    Yes(T),
}

/// Where events go.
pub trait EventSink {
    /// The batch that the next event of this kind goes to. It has room for one
    /// more record.
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder;

    /// Keeps the place of the events of one message, for a decoder that brings those of
    /// many messages at once: whoever evaluates asks it for them before anybody sees what
    /// comes later. False if there are no places, as for most; the decoder writes its events
    /// at once then. The sink knows the decoder by the number.
    fn defer(&mut self, decoder: u64) -> bool {
        let _ = decoder;
        false
    }
}

/// A protocol.
pub trait Decoder: Sync {
    /// Name of the protocol, as its event kind is named.
    fn name(&self) -> &'static str;

    /// Opens a session if the first bytes of a flow are of this protocol. One that
    /// has no flows is never found in them.
    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        let _ = probe;
        Verdict::No
    }

    /// Opens a session for what the protocol has directly on Ethernet. Called once
    /// for a pipeline.
    fn open_frames(&self) -> Option<Box<dyn FrameSession>> {
        None
    }
}

/// Bytes for a session, and all that goes with them. Of more than four words a call passes
/// the others through memory, and within a plugin they are read back before they have left
/// the core.
pub struct Given<'a> {
    /// What is known of the bytes.
    pub cx: Context<'a>,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Where events go.
    pub sink: &'a mut dyn EventSink,
}

/// A flow of a protocol.
pub trait Session: Send {
    /// Learns what the flows of its pipeline share. Called once, before all else.
    fn join(&mut self, commons: &Commons) {
        let _ = commons;
    }

    /// Takes the next bytes of one side: of a stream, or a whole datagram.
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink);

    /// The same, for a caller that passes all by one reference.
    fn on_given(&mut self, given: &mut Given<'_>) {
        self.on_data(given.cx, given.bytes, given.sink);
    }

    /// Bytes that it holds because a message is not complete yet. They count
    /// towards a bound over all flows; a session that holds some when the bound is
    /// reached is told of a gap, and must let go of them.
    fn kept(&self) -> usize;

    /// Learns that bytes of one side are missing here.
    fn on_gap(&mut self, cx: Context<'_>, missing: u32, sink: &mut dyn EventSink);

    /// Whether it knows of its flow no more, as when a plugin had to begin anew. The flow
    /// is looked at again then.
    fn is_over(&self) -> bool {
        false
    }
}

/// A protocol directly on Ethernet, as all stations of a network speak it. What it
/// keeps is bounded by a constant of its own.
pub trait FrameSession: Send {
    /// Ether types whose frames it is given.
    fn ethertypes(&self) -> &[u16];

    /// Takes a frame: what stands behind the ether type, with the padding of short
    /// frames. False if it is none of this protocol's; the next decoder of that
    /// ether type is asked then.
    fn on_frame(
        &mut self,
        cx: &FrameContext,
        payload: &[u8],
        sink: &mut dyn EventSink,
    ) -> bool;
}
