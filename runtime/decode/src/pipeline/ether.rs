//! Frames of other ether types than IP's: to the sessions that take them.
//!
//! A handful of decoders are asked in turn; most networks have one or two such
//! protocols, so nothing is gained by a table.

use crate::net::link::Link;
use crate::pipeline::Known;
use crate::pipeline::flow::Seen;
use crate::protocol::{Decoder, EventSink, FrameContext, FrameSession};

/// The sessions of the protocols directly on Ethernet.
pub(crate) struct Ether {
    sessions: Vec<Box<dyn FrameSession>>,
    /// How many are of decoders that are built in.
    built_in: usize,
}

impl Ether {
    /// A session for each decoder that has one.
    pub(crate) fn new(known: &Known) -> Ether {
        let built_in = known.decoders.iter().filter_map(|decoder| decoder.open_frames());
        let sessions: Vec<_> = built_in.collect();
        let mut ether = Ether { built_in: sessions.len(), sessions };
        ether.set_added(known.added.iter().map(|added| added.as_ref() as &dyn Decoder));
        ether
    }

    /// Exchanges the sessions of decoders that are not built in.
    pub(crate) fn set_added<'d>(&mut self, added: impl Iterator<Item = &'d dyn Decoder>) {
        self.sessions.truncate(self.built_in);
        self.sessions.extend(added.filter_map(|decoder| decoder.open_frames()));
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
