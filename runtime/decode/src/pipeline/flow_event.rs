//! The `flow` event: a flow began, ended, or showed an anomaly.

use crate::net::flow::FlowKey;
use crate::pipeline::flow::{Flow, Header};
use crate::protocol::EventSink;
use crate::put::{KINDS, Put};

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
        let cx = Header::of_last(self, key).context(&self.community, side);
        let Some(mut put) = Put::begin(&cx, sink.batch(KINDS.flow)) else { return };
        let (packets_out, bytes_out) = self.counts(side);
        let (packets_in, bytes_in) = self.counts(side.other());
        put.int("state", state as u8);
        put.bool("midstream", self.midstream);
        put.int("packets_out", packets_out);
        put.int("packets_in", packets_in);
        put.int("bytes_out", i64::try_from(bytes_out).unwrap_or(i64::MAX));
        put.int("bytes_in", i64::try_from(bytes_in).unwrap_or(i64::MAX));
        put.int("start", self.first_ns);
        put.int("duration", self.last_ns.saturating_sub(self.first_ns));
        if let Some(app) = self.app.name() {
            put.bytes("app", app.as_bytes());
        }
        let (a, b) = self.half_stats();
        put.int("gaps", a.gaps.saturating_add(b.gaps));
        put.int("out_of_order", a.out_of_order.saturating_add(b.out_of_order));
        put.int("retransmitted", a.retransmitted.saturating_add(b.retransmitted));
        put.int("conflicts", a.conflicts.saturating_add(b.conflicts));
        put.commit();
    }
}
