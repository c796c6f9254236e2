//! What the packet path has met: every loss has a number here.

use crate::net::fragment::FragmentStats;
use crate::net::tcp::HalfStats;

/// Counters of a [`Pipeline`](crate::Pipeline).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Frames taken.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Frames that the capture cut.
    pub cut: u64,
    /// Frames of a link type that is not known.
    pub unsupported: u64,
    /// Frames that carry something other than IP, which no decoder took.
    pub not_ip: u64,
    /// Frames that carry something other than IP, which a decoder took.
    pub ethernet: u64,
    /// Frames whose link, network or transport header is cut or contradicts
    /// itself.
    pub malformed: u64,
    /// Packets of transports other than TCP and UDP.
    pub other_transport: u64,
    /// Second copies of frames in redundant networks.
    pub copies: u64,
    /// Packets that came out of a tunnel.
    pub tunnelled: u64,
    /// Flows begun.
    pub flows: u64,
    /// Flows given up to make room.
    pub evicted: u64,
    /// Flows that went idle.
    pub expired: u64,
    /// Times that a flow let go of bytes that it held for more to come, since all
    /// flows held too many.
    pub dropped: u64,
    /// Flows whose protocol was not recognised within the bytes looked at.
    pub unrecognised: u64,
    /// Fragments.
    pub fragments: FragmentStats,
    /// TCP segments, summed over the connections that have ended.
    pub tcp: TcpStats,
}

/// Counters of TCP reassembly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpStats {
    /// Segments that came before their turn.
    pub out_of_order: u64,
    /// Segments of which all was there already.
    pub retransmitted: u64,
    /// Segments with bytes that differ from those that came first.
    pub conflicts: u64,
    /// Times that something missing was given up.
    pub gaps: u64,
    /// Bytes given up.
    pub gap_bytes: u64,
    /// Segments too far from what is expected.
    pub out_of_window: u64,
}

impl TcpStats {
    /// Adds what one direction has met.
    pub fn add(&mut self, half: &HalfStats) {
        let sum = |to: &mut u64, n: u32| *to = to.saturating_add(u64::from(n));
        sum(&mut self.out_of_order, half.out_of_order);
        sum(&mut self.retransmitted, half.retransmitted);
        sum(&mut self.conflicts, half.conflicts);
        sum(&mut self.gaps, half.gaps);
        sum(&mut self.out_of_window, half.out_of_window);
        self.gap_bytes = self.gap_bytes.saturating_add(half.gap_bytes);
    }
}

/// Adds one to a counter.
pub(crate) fn count(to: &mut u64) {
    *to = to.saturating_add(1);
}
