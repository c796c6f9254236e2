//! ISO transport over TCP, for what travels in it: S7comm, S7comm-plus, and others
//! to come (MMS).
//!
//! ```text
//! bytes --tpkt--> frames --cotp--> TPDUs --session--> whole messages --> a User
//!                                    '-- opening, refusing, closing --> events `cotp`
//! ```
//!
//! A protocol above implements [`User`] and wraps it in [`IsoSession`]; its probe
//! asks [`sight`] for the first bytes that each side carries. [`Cotp`] is the decoder
//! of what nobody above claims: connections that are refused, and those whose
//! content is not known.
//!
//! Sources: RFC 1006; RFC 2126 (class 0); ITU-T X.224 (ISO/IEC 8073).
//!
//! Left out: classes 1 to 4 beyond their header, since RFC 1006 has class 0 only;
//! splitting and checksums, which belong to them.

pub mod cotp;
mod event;
mod ops;
mod session;
mod sight;
#[cfg(test)]
mod tests;
pub mod tpkt;
pub mod tsap;

pub(crate) use session::{IsoSession, Tsdu, User};
pub(crate) use sight::sight;

use crate::protocol::{Decoder, EventSink, Probe, Session, Verdict};

/// The decoder of connections that nothing above claims.
pub struct Cotp;

impl Decoder for Cotp {
    fn name(&self) -> &'static str {
        "cotp"
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        match sight(probe) {
            Verdict::No => Verdict::No,
            Verdict::More => Verdict::More,
            Verdict::Yes(seen) if seen.is_cotp() => {
                Verdict::Yes(Box::new(IsoSession::new(Unknown)))
            }
            Verdict::Yes(seen) if seen.is_open() => Verdict::More,
            Verdict::Yes(_) => Verdict::No,
        }
    }
}

/// Content that is not known: nothing is said of it.
struct Unknown;

impl User for Unknown {
    fn message(
        &mut self,
        _cx: crate::protocol::Context<'_>,
        _message: Tsdu<'_>,
        _sink: &mut dyn EventSink,
    ) {
    }
}
