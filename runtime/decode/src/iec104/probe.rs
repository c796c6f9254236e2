//! Whether the first bytes of a flow are IEC 60870-5-104.
//!
//! Proof is what no other protocol is likely to send: a U frame, which is six octets
//! of which all are known, or an ASDU of a known type and cause whose length is just
//! what its type and number of objects make. With widths other than the agreed ones
//! there must be two of these, since there are many choices to fit. S frames alone
//! prove little: two of them are wanted.

use crate::iec104::apdu::{self, Control, Start};
use crate::iec104::asdu;
use crate::iec104::widths::{Recogniser, Widths};
use crate::protocol::{Probe, Transport, Verdict};

/// The weight that a flow must show: that of a U frame or of an ASDU that fits.
const PROOF: u8 = 2;

/// Judges the first bytes of a flow.
pub(super) fn probe(probe: &Probe<'_>, agreed: Widths) -> Verdict<()> {
    if probe.transport != Transport::Tcp {
        return Verdict::No;
    }
    let mut weight = 0_u8;
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
                None => return Verdict::No,
                Some(more) => weight = weight.saturating_add(more),
            }
            if weight >= PROOF {
                return Verdict::Yes(());
            }
        }
    }
    Verdict::More
}

/// How much a whole APDU proves by itself, for a stream that makes sense again.
pub(super) fn is_proof(frame: &[u8], widths: Widths) -> bool {
    weigh(frame, &mut Recogniser::new(widths)) == Some(PROOF)
}

/// How much an APDU proves; none if it is no good one.
fn weigh(frame: &[u8], recogniser: &mut Recogniser) -> Option<u8> {
    let apdu = apdu::read(frame).filter(|apdu| apdu.fault.is_none())?;
    match apdu.control {
        Control::U { .. } => Some(PROOF),
        Control::S { .. } => Some(1),
        Control::I { .. } => {
            let before = recogniser.widths();
            let widths = recogniser.see(apdu.asdu);
            let Some(fits) = widths.fit(apdu.asdu) else {
                // A type without a fixed length: neither for nor against.
                return (apdu.asdu.len() > 4).then_some(0);
            };
            let code = asdu::parse(apdu.asdu, widths).cause.map(|cause| cause.code);
            match (fits, code) {
                (_, None | Some(0 | 48..)) => None,
                (true, Some(_)) => Some(PROOF),
                // Perhaps other widths, which more will show.
                (false, Some(_)) if recogniser.is_open() && widths == before => Some(0),
                (false, Some(_)) => None,
            }
        }
    }
}
