//! Is this DNP3? Found from content, on any port.
//!
//! A header proves itself: two start octets, a length that can be true, and a checksum
//! of 16 bits over all of it. On the registered port the start octets and the length
//! are enough, so that frames with a wrong checksum are seen as such.

use crate::dnp3::link::{HEADER_LEN, Header, MIN_LENGTH, START};
use crate::protocol::{Probe, Transport, Verdict};

/// The registered port.
const PORT: u16 = 20000;

/// Judges the first bytes of a flow.
pub(super) fn probe(probe: &Probe<'_>) -> Verdict<()> {
    let known_port = probe.ports.contains(&PORT);
    let judge = |bytes: &[u8]| judge(bytes, known_port);
    let verdict = match probe.transport {
        Transport::Udp => {
            probe.datagrams.iter().map(|bytes| judge(bytes)).fold(Verdict::More, worst)
        }
        Transport::Tcp => {
            let sides = probe.sides.iter().filter(|bytes| !bytes.is_empty());
            sides.map(|bytes| judge(bytes)).fold(Verdict::More, worst)
        }
    };
    // A datagram is whole: more of it will not come.
    match (probe.transport, verdict) {
        (Transport::Udp, Verdict::More) => Verdict::No,
        (_, verdict) => verdict,
    }
}

fn judge(bytes: &[u8], known_port: bool) -> Verdict<()> {
    let start = bytes.iter().zip(START);
    if start.clone().any(|(byte, expected)| *byte != expected) {
        return Verdict::No;
    }
    if bytes.get(2).is_some_and(|length| *length < MIN_LENGTH) {
        return Verdict::No;
    }
    if bytes.len() < HEADER_LEN {
        return Verdict::More;
    }
    let is_proven = Header::is_sound(bytes) || known_port;
    if is_proven { Verdict::Yes(()) } else { Verdict::No }
}

/// Both sides, and all datagrams, must be of the protocol.
fn worst(so_far: Verdict<()>, next: Verdict<()>) -> Verdict<()> {
    match (so_far, next) {
        (Verdict::No, _) | (_, Verdict::No) => Verdict::No,
        (Verdict::Yes(()), _) | (_, Verdict::Yes(())) => Verdict::Yes(()),
        (Verdict::More, Verdict::More) => Verdict::More,
    }
}
