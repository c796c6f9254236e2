//! What the first bytes of a flow show of ISO transport, for the probes of what
//! travels in it.

use crate::iso::cotp::{self, Tpdu, kind};
use crate::iso::tpkt::{self, Tpkt};
use crate::protocol::{Probe, Transport, Verdict};

/// What was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sight<'a> {
    /// The first bytes that each side carries, which may be a piece of a message.
    pub(crate) carried: [Option<&'a [u8]>; 2],
    /// Whether a connection request with TSAPs was seen.
    asked: bool,
    confirmed: bool,
    refused: bool,
}

impl Sight<'_> {
    /// Whether this is ISO transport beyond doubt, though its content is not known: a
    /// connection with TSAPs was asked for, and refused or used.
    pub(super) fn is_cotp(&self) -> bool {
        let used = self.confirmed && self.carried.iter().any(Option::is_some);
        self.asked && (self.refused || used)
    }

    /// Whether nothing was carried yet, but may be.
    pub(crate) fn is_open(&self) -> bool {
        self.carried.iter().all(Option::is_none) && !self.refused
    }
}

/// Looks at the first bytes of a flow: `No` if they are not ISO transport, `More` if
/// not even one packet is there.
pub(crate) fn sight<'a>(probe: &Probe<'a>) -> Verdict<Sight<'a>> {
    if probe.transport != Transport::Tcp {
        return Verdict::No;
    }
    let mut seen = Sight::default();
    let mut packets = 0_usize;
    for (bytes, carried) in probe.sides.into_iter().zip(0..2_usize) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let len = match tpkt::tpkt(rest) {
                Tpkt::Packet(len) => len,
                Tpkt::More => break,
                Tpkt::None(_) => return Verdict::No,
            };
            let Some((packet, behind)) = rest.split_at_checked(len) else { break };
            rest = behind;
            match cotp::parse(packet.get(tpkt::HEADER..).unwrap_or_default()) {
                Tpdu::Data(data) => {
                    let slot = seen.carried.get_mut(carried);
                    if let Some(slot) = slot.filter(|_| !data.payload.is_empty()) {
                        slot.get_or_insert(data.payload);
                    }
                }
                Tpdu::Control(control) => {
                    if control.fault.is_some() {
                        return Verdict::No;
                    }
                    match control.kind {
                        kind::CONNECTION_REQUEST => {
                            seen.asked |= control.called.is_some();
                        }
                        kind::CONNECTION_CONFIRM => seen.confirmed = true,
                        kind::DISCONNECT_REQUEST | kind::ERROR => seen.refused = true,
                        _ => {}
                    }
                }
            }
            packets = packets.saturating_add(1);
        }
    }
    if packets == 0 { Verdict::More } else { Verdict::Yes(seen) }
}
