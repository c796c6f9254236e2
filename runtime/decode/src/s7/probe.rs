//! Is this S7comm? Found from content, on any port: in ISO transport, the first
//! bytes that a side carries are a header of S7comm whose lengths can be true.

use crate::iso::sight;
use crate::protocol::{Probe, Verdict};
use crate::s7::pdu::Header;

/// Judges the first bytes of a flow.
pub(super) fn probe(probe: &Probe<'_>) -> Verdict<()> {
    let seen = match sight(probe) {
        Verdict::No => return Verdict::No,
        Verdict::More => return Verdict::More,
        Verdict::Yes(seen) => seen,
    };
    let mut carried = seen.carried.into_iter().flatten().peekable();
    if carried.peek().is_none() {
        return if seen.is_open() { Verdict::More } else { Verdict::No };
    }
    let is_header = |bytes: &[u8]| {
        let header = Header::read(bytes).filter(Header::is_known);
        // A piece of a message may end before the message does.
        header.is_some_and(|header| bytes.len() <= header.message_len())
    };
    if carried.all(is_header) { Verdict::Yes(()) } else { Verdict::No }
}
