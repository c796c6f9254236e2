//! Is this DCE/RPC? Found from content, on any port.
//!
//! A connectionless PDU states its own length and names an interface by a UUID of the
//! right variant; that is proof. A connection shows a bind, whose first transfer syntax
//! is one of two that are in use, or two whole PDUs, or a request that fills what was
//! sent to the last byte and whose hint is the length of its stub.

use crate::dcerpc::co::{HEADER_LEN, Header};
use crate::dcerpc::ndr::{self, Datagram, Ndr, Uuid, packet_type as kind};
use crate::protocol::{Probe, Verdict};

/// NDR, and its form for 64 bits ([MS-RPCE] 2.2.4.12, 2.2.5).
const SYNTAXES: [Uuid; 2] = [
    Uuid(0x8a885d04_1ceb_11c9_9fe8_08002b104860),
    Uuid(0x71710533_beba_4937_8319_b5dbef9ccc36),
];
/// Where the first transfer syntax of a bind stands: header 16, sizes and group 8,
/// count 4, then identifier and count 4, interface 20.
const FIRST_SYNTAX: usize = HEADER_LEN + 36;
/// PDUs that prove a connection without a bind.
const PROOF: usize = 2;

/// Whether a datagram is a PDU, to the last byte.
pub(super) fn is_pdu(datagram: &[u8]) -> bool {
    let Some(pdu) = Datagram::read(datagram) else { return false };
    let reserved = pdu.flags & 0x81 != 0 || datagram.get(3).is_some_and(|f| f & !3 != 0);
    let len = ndr::HEADER_LEN.saturating_add(pdu.body.len());
    let fits = !pdu.is_short && (len == datagram.len() || pdu.authentication != 0);
    fits && !reserved
        && pdu.kind <= kind::CANCEL_ACK
        && pdu.interface.is_dce()
        && pdu.activity.is_dce()
}

/// Judges the first datagrams of a flow.
pub(super) fn datagrams(probe: &Probe<'_>) -> Verdict<()> {
    let all = !probe.datagrams.is_empty() && probe.datagrams.iter().all(|d| is_pdu(d));
    if all { Verdict::Yes(()) } else { Verdict::No }
}

/// Judges the first bytes of a connection.
pub(super) fn stream(probe: &Probe<'_>) -> Verdict<()> {
    let mut proven = 0_usize;
    for mut bytes in probe.sides {
        while !bytes.is_empty() {
            if bytes.len() < HEADER_LEN {
                let begins = bytes.first() == Some(&5)
                    && bytes.get(1).is_none_or(|minor| *minor <= 1);
                if begins {
                    break;
                }
                return Verdict::No;
            }
            let Some(header) = Header::read(bytes) else { return Verdict::No };
            if matches!(header.kind, kind::BIND | kind::ALTER_CONTEXT) {
                match first_syntax(&header, bytes) {
                    Some(syntax) if SYNTAXES.contains(&syntax) => {
                        return Verdict::Yes(());
                    }
                    Some(_) => return Verdict::No,
                    None => break,
                }
            }
            let Some((_, rest)) = bytes.split_at_checked(header.length.into()) else {
                break;
            };
            proven = proven.saturating_add(if fills(&header, bytes) { PROOF } else { 1 });
            bytes = rest;
        }
    }
    if proven >= PROOF { Verdict::Yes(()) } else { Verdict::More }
}

/// Whether the bytes are one request whose allocation hint is the length of its stub.
fn fills(header: &Header, bytes: &[u8]) -> bool {
    const BEFORE_STUB: u32 = 24;
    let hint =
        bytes.get(HEADER_LEN..).and_then(|body| Ndr::new(body, header.little).u32());
    header.kind == kind::REQUEST
        && usize::from(header.length) == bytes.len()
        && hint == u32::from(header.length).checked_sub(BEFORE_STUB)
}

fn first_syntax(header: &Header, bytes: &[u8]) -> Option<Uuid> {
    Ndr::new(bytes.get(FIRST_SYNTAX..)?, header.little).uuid()
}
