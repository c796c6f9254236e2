//! Title: what is read of it.
//!
//! ```text
//! probe    is it Title               (content, any port)
//! session  bytes to messages         (bounded; one for each flow)
//! pdu      a message's fields        (pure; never fails)
//! event    fields to a record        -> ops
//! ```
//!
//! Source: name and edition of the standard.
//!
//! Left out: say what, and why.

mod event;
mod ops;
mod pdu;
mod probe;
mod session;
#[cfg(test)]
mod tests;

use crate::NAME::session::TypeSession;
use crate::protocol::{Decoder, Probe, Session, Verdict};

/// The Title decoder.
pub struct Type;

impl Decoder for Type {
    fn name(&self) -> &'static str {
        "NAME"
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        match probe::probe(probe) {
            Verdict::No => Verdict::No,
            Verdict::More => Verdict::More,
            Verdict::Yes(()) => Verdict::Yes(Box::<TypeSession>::default()),
        }
    }
}
