//! Whether the first bytes of a flow are IEC 60870-5-104.
//!
//! Proof is what no other protocol is likely to send: a U frame, which is six octets
//! of which all are known, an S frame, of which 33 bits are, or an ASDU of a known type
//! and cause whose length is just what its type and number of objects make. With widths
//! other than the agreed ones there must be two of these, since there are many choices
//! to fit.

use crate::iec104::apdu::{self, Control, Start};
use crate::iec104::asdu;
use crate::iec104::widths::{Recogniser, Widths};
use crate::protocol::{Probe, Transport, Verdict};

/// Judges the first bytes of a flow.
pub(super) fn probe(probe: &Probe<'_>, agreed: Widths) -> Verdict<()> {
    if probe.transport != Transport::Tcp {
        return Verdict::No;
    }
    let mut recogniser = Recogniser::new(agreed);
    for side in probe.sides {
        let mut bytes = side;
        loop {
            let frame = match apdu::start(bytes) {
                Start::None(_) => return Verdict::No,
                Start::More => break,
                Start::Frame(len) => match bytes.split_at_checked(len) {
                    None => break,
                    Some((frame, rest)) => {
                        bytes = rest;
                        frame
                    }
                },
            };
            match weigh(frame, &mut recogniser) {
                Weight::Against => return Verdict::No,
                Weight::Proof => return Verdict::Yes(()),
                Weight::None => {}
            }
        }
    }
    Verdict::More
}

/// Whether a whole APDU proves itself, for a stream that makes sense again.
pub(super) fn is_proof(frame: &[u8], widths: Widths) -> bool {
    weigh(frame, &mut Recogniser::new(widths)) == Weight::Proof
}

/// What an APDU says for a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// It is no good one.
    Against,
    /// It may be one.
    None,
    /// It is one.
    Proof,
}

fn weigh(frame: &[u8], recogniser: &mut Recogniser) -> Weight {
    let Some(apdu) = apdu::read(frame).filter(|apdu| apdu.fault.is_none()) else {
        return Weight::Against;
    };
    if !matches!(apdu.control, Control::I { .. }) {
        return Weight::Proof;
    }
    let widths = recogniser.see(apdu.asdu);
    let code = asdu::parse(apdu.asdu, widths).cause.map(|cause| cause.code);
    match (widths.fit(apdu.asdu), code) {
        (_, None | Some(0 | 48..)) => Weight::Against,
        (Some(true), Some(_)) => Weight::Proof,
        // Perhaps other widths, which more will show.
        (Some(false), Some(_)) if recogniser.is_open() => Weight::None,
        (Some(false), Some(_)) => Weight::Against,
        // A type without a fixed length.
        (None, Some(_)) => Weight::None,
    }
}
