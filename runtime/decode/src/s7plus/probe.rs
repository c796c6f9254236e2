//! Is this S7comm-plus? Found from content, on any port: in ISO transport, the first
//! bytes that a side carries are a header with a known version and a length that can
//! be true.

use crate::iso::sight;
use crate::protocol::{Probe, Verdict};
use crate::s7plus::frame::Header;

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
    if carried.all(|bytes| Header::read(bytes).is_some()) {
        Verdict::Yes(())
    } else {
        Verdict::No
    }
}
