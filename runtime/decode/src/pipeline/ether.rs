//! Frames of other ether types than IP's: to the sessions that take them.
//!
//! A handful of decoders are asked in turn; most networks have one or two such
//! protocols, so nothing is gained by a table.

use crate::net::link::Link;
use crate::pipeline::flow::Seen;
use crate::protocol::{Decoder, EventSink, FrameContext, FrameSession};

/// The sessions of the protocols directly on Ethernet.
pub(crate) struct Ether {
    sessions: Vec<Box<dyn FrameSession>>,
}

impl Ether {
    /// A session for each decoder that has one.
    pub(crate) fn new<'d>(decoders: impl Iterator<Item = &'d dyn Decoder>) -> Ether {
        let sessions = decoders.filter_map(|decoder| decoder.open_frames());
        Ether { sessions: sessions.collect() }
    }

    /// Hands a frame on; false if nobody takes it.
    pub(crate) fn frame(
        &mut self,
        seen: &Seen<'_>,
        link: &Link,
        ethertype: u16,
        payload: &[u8],
        sink: &mut dyn EventSink,
    ) -> bool {
        let frame = seen.frame;
        let wire = usize::try_from(frame.orig_len).unwrap_or(usize::MAX);
        let cx = FrameContext {
            ts_ns: frame.ts_ns,
            nanos: frame.nanos,
            frame: frame.index,
            input: frame.input,
            late: seen.late,
            ethertype,
            src: link.src,
            dst: link.dst,
            vlan: link.vlan,
            missing: wire.saturating_sub(frame.data.len()),
        };
        let mut sessions = self.sessions.iter_mut();
        sessions.any(|session| {
            session.ethertypes().contains(&ethertype)
                && session.on_frame(&cx, payload, sink)
        })
    }
}
