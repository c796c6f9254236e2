//! S7comm: the protocol of Siemens S7-300 and S7-400 controllers.
//!
//! ```text
//! probe      is it S7comm                       (content, any port)
//! session    messages, pairs, transfers         -> pending, transfers
//! pdu        header, and what a function says   -> item, transfer, control, userdata
//! block      names of blocks                    clock   date and time
//! event      fields to a record                 -> ops
//! ```
//!
//! A message travels in ISO transport ([`iso`](crate::iso)). The maker publishes no
//! specification; layouts are those that Snap7, libnodave, ICSNPP and captures of
//! controllers agree on. Numbers and their names are the schema's.
//!
//! Left out: what SZL lists, alarms and test functions carry (their bytes are kept),
//! and the password of the security group, which is not kept at all.

mod block;
mod clock;
mod control;
mod event;
mod item;
mod ops;
mod pdu;
mod pending;
mod probe;
mod session;
#[cfg(test)]
mod tests;
mod transfer;
mod transfers;
mod userdata;

use crate::iso::IsoSession;
use crate::protocol::{Decoder, Probe, Session, Verdict};
use crate::s7::session::S7User;

/// The S7comm decoder.
pub struct S7;

impl Decoder for S7 {
    fn name(&self) -> &'static str {
        "s7"
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        match probe::probe(probe) {
            Verdict::No => Verdict::No,
            Verdict::More => Verdict::More,
            Verdict::Yes(()) => {
                Verdict::Yes(Box::new(IsoSession::new(S7User::default())))
            }
        }
    }
}
