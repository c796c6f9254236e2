//! The `flow` event: a flow began, ended, or showed an anomaly.

use tagout_spec::record::typed::flow::{KIND, Writer};

use crate::net::flow::FlowKey;
use crate::pipeline::flow::Flow;
use crate::protocol::EventSink;
use crate::put::envelope;

/// What happened to a flow, as the schema numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlowState {
    /// First packet.
    New = 1,
    /// Ended in order.
    Closed = 3,
    /// Ended by RST.
    Reset = 4,
    /// Never opened.
    Rejected = 5,
    /// Nothing seen for the time-out.
    Idle = 6,
    /// Given up to make room for another.
    Evicted = 7,
    /// The input ended first.
    Open = 8,
    /// A segment says something else than one before; the first was kept.
    Conflict = 9,
}

impl Flow {
    /// Writes an event about the flow as it stands.
    pub(crate) fn write(
        &self,
        key: &FlowKey,
        state: FlowState,
        sink: &mut dyn EventSink,
    ) {
        let side = self.initiator();
        let head = self.head(key, side);
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, head.context());
        let (packets_out, bytes_out) = self.counts(side);
        let (packets_in, bytes_in) = self.counts(side.other());
        w.state(state as u8);
        w.midstream(self.midstream);
        w.packets_out(packets_out);
        w.packets_in(packets_in);
        w.bytes_out(bytes_out);
        w.bytes_in(bytes_in);
        w.start(self.first_ns);
        w.duration(self.last_ns.saturating_sub(self.first_ns));
        if let Some(app) = self.app.name() {
            w.app(app.as_bytes());
        }
        let (a, b) = self.half_stats();
        w.gaps(a.gaps.saturating_add(b.gaps));
        w.out_of_order(a.out_of_order.saturating_add(b.out_of_order));
        w.retransmitted(a.retransmitted.saturating_add(b.retransmitted));
        w.conflicts(a.conflicts.saturating_add(b.conflicts));
        w.commit();
    }
}
