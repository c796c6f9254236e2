//! EtherNet/IP: the encapsulation over TCP and UDP, and implicit I/O over UDP.
//!
//! ```text
//! probe    is it EtherNet/IP                    (content, any port)
//! session  frames, pairs                        -> encap
//! body     a command's fields, and its items    (pure; never fails)
//! event    fields to a record                   -> ops
//!                     '--- requests and replies of CIP --> cip::dialogue
//! ```
//!
//! Source: CIP Networks Library, Volume 2: EtherNet/IP Adaptation of CIP.
//!
//! Left out: TLS and DTLS (port 2221; there is nothing to see); device level ring,
//! which has an EtherType of its own; PCCC over TCP port 2222.

pub mod body;
pub mod encap;
mod event;
mod ops;
mod probe;
mod session;
#[cfg(test)]
mod tests;

use crate::enip::session::EnipSession;
use crate::protocol::{Decoder, Probe, Session, Verdict};

/// The EtherNet/IP decoder; it writes events of kinds `enip` and `cip`.
pub struct Enip;

impl Decoder for Enip {
    fn name(&self) -> &'static str {
        "enip"
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        match probe::probe(probe) {
            Verdict::No => Verdict::No,
            Verdict::More => Verdict::More,
            Verdict::Yes(framing) => Verdict::Yes(Box::new(EnipSession::new(framing))),
        }
    }
}
