//! Whether the first bytes of a flow are Title.
//!
//! The proof must be strong enough that no other traffic passes: here the first bytes
//! of one side are a whole message, and those of the other, if there are any, too.

use crate::NAME::pdu::{self, HEADER};
use crate::protocol::{Probe, Transport, Verdict};

/// Looks for a whole message on each side that has spoken.
pub(super) fn probe(probe: &Probe<'_>) -> Verdict<()> {
    if probe.transport != Transport::Tcp {
        return Verdict::No;
    }
    let [a, b] = probe.sides;
    match (message(a), message(b)) {
        (Verdict::No, _) | (_, Verdict::No) => Verdict::No,
        (Verdict::Yes(()), _) | (_, Verdict::Yes(())) => Verdict::Yes(()),
        (Verdict::More, Verdict::More) => Verdict::More,
    }
}

fn message(bytes: &[u8]) -> Verdict<()> {
    match pdu::frame_len(bytes) {
        None if bytes.len() < HEADER => Verdict::More,
        None => Verdict::No,
        Some(len) => match bytes.get(..len) {
            None => Verdict::More,
            Some(frame) if pdu::parse(frame).fault.is_some() => Verdict::No,
            Some(_) => Verdict::Yes(()),
        },
    }
}
