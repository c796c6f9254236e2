//! Is this Modbus? Found from content, on any port.
//!
//! On port 502 a plausible header is enough, as it is for other tools. On any
//! other port two whole messages must follow the standard to the last byte,
//! since a header of zeros and small numbers proves nothing.

use crate::modbus::adu::{MBAP_LEN, Mbap, Rtu, rtu};
use crate::modbus::code::{Category, category, function};
use crate::modbus::pdu::{self, Role};
use crate::protocol::{Probe, Transport, Verdict};

/// The registered port.
pub(super) const PORT: u16 = 502;

/// Messages that a flow on another port must show first.
const PROOF: usize = 2;

/// How the messages of a flow are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// With a header, in a stream.
    Tcp = 1,
    /// With a header, one message a datagram.
    Udp = 2,
    /// As on a serial line, in a stream.
    RtuOverTcp = 3,
}

/// Judges the first bytes of a flow.
pub(super) fn probe(probe: &Probe<'_>) -> Verdict<Framing> {
    let known_port = probe.ports.contains(&PORT);
    match probe.transport {
        Transport::Udp => datagrams(probe, known_port),
        Transport::Tcp => match stream(probe, known_port) {
            Verdict::No => serial(probe, known_port),
            verdict => verdict,
        },
    }
}

fn stream(probe: &Probe<'_>, known_port: bool) -> Verdict<Framing> {
    let mut proven = 0_usize;
    for bytes in probe.sides {
        let mut rest = bytes;
        while !rest.is_empty() {
            let Some(mbap) = Mbap::read(rest) else {
                // The protocol identifier may be there already.
                if rest.get(2..).is_some_and(|rest| rest.iter().take(2).any(|&b| b != 0))
                {
                    return Verdict::No;
                }
                break;
            };
            if !mbap.is_plausible() {
                return Verdict::No;
            }
            // After bytes that made no sense a header must also tell where the
            // segment ends.
            let is_exact = mbap.frame_len() == rest.len();
            let has_pdu = rest.len() >= MBAP_LEN.saturating_add(2);
            if known_port && has_pdu && (probe.is_start || is_exact) {
                return Verdict::Yes(Framing::Tcp);
            }
            let Some((frame, behind)) = rest.split_at_checked(mbap.frame_len()) else {
                break;
            };
            if !is_standard(frame.get(MBAP_LEN.saturating_add(1)..).unwrap_or_default()) {
                return Verdict::No;
            }
            proven = proven.saturating_add(1);
            rest = behind;
        }
    }
    if proven >= PROOF { Verdict::Yes(Framing::Tcp) } else { Verdict::More }
}

fn datagrams(probe: &Probe<'_>, known_port: bool) -> Verdict<Framing> {
    let mut proven = 0_usize;
    for datagram in probe.datagrams {
        let Some(mbap) = Mbap::read(datagram).filter(Mbap::is_plausible) else {
            return Verdict::No;
        };
        let pdu = datagram.get(MBAP_LEN.saturating_add(1)..).unwrap_or_default();
        if mbap.frame_len() != datagram.len() || !(known_port || is_standard(pdu)) {
            return Verdict::No;
        }
        proven = proven.saturating_add(1);
    }
    if proven >= PROOF || (known_port && proven > 0) {
        Verdict::Yes(Framing::Udp)
    } else {
        Verdict::More
    }
}

fn serial(probe: &Probe<'_>, known_port: bool) -> Verdict<Framing> {
    let mut proven = 0_usize;
    for bytes in probe.sides {
        let mut rest = bytes;
        while let Some(&code) = rest.get(1) {
            // Before any checksum: most flows are something else altogether.
            if category(code & !function::EXCEPTION) != Category::Assigned {
                return Verdict::No;
            }
            match rtu(rest, &[Role::Request, Role::Response]) {
                Rtu::Frame(body, len) => {
                    let Some((_unit, pdu)) = body.split_first() else {
                        return Verdict::No;
                    };
                    if !is_standard(pdu) {
                        return Verdict::No;
                    }
                    proven = proven.saturating_add(1);
                    rest = rest.get(len..).unwrap_or_default();
                }
                Rtu::More => break,
                Rtu::None => return Verdict::No,
            }
        }
    }
    if proven >= PROOF || (known_port && proven > 0) {
        Verdict::Yes(Framing::RtuOverTcp)
    } else {
        Verdict::More
    }
}

/// Whether a whole PDU is one of the standard's, to the last byte.
pub(super) fn is_standard(pdu: &[u8]) -> bool {
    [Role::Request, Role::Response].into_iter().any(|role| {
        let message = pdu::parse(role, pdu);
        message.fault.is_none()
            && category(message.function) == Category::Assigned
            && message.exception.is_none_or(|code| (1..=11).contains(&code))
            && message.quantity.is_none_or(|quantity| (1..=2000).contains(&quantity))
    })
}
