//! S7comm-plus: the protocol of Siemens S7-1200 and S7-1500 controllers.
//!
//! ```text
//! probe    is it S7comm-plus                   (content, any port)
//! session  pieces to messages, pairs           -> frame
//! pdu      header, and what a function says    -> tree, value, vlq
//! event    fields to a record                  -> ops, known
//! ```
//!
//! A message travels in ISO transport ([`iso`](crate::iso)). The maker publishes no
//! specification. Sources: Lei, Donghong, Liang, "The spear to break the security wall
//! of S7CommPlus" (Black Hat Europe 2017); Biham and others, "Rogue7: Rogue
//! Engineering-Station attacks on S7 Simatic PLCs" (Black Hat USA 2019); ICSNPP s7comm;
//! S7CommPlusDriver (layout of objects and values, numbers of objects); captures.
//!
//! Left out: whether a digest is right, which needs the session's key; sessions that go
//! on in TLS after `init_ssl`; what notifications and compressed blobs hold.

mod event;
mod frame;
mod known;
mod ops;
mod pdu;
mod probe;
mod session;
#[cfg(test)]
mod tests;
mod tree;
mod value;
mod vlq;

use crate::iso::IsoSession;
use crate::protocol::{Decoder, Probe, Session, Verdict};
use crate::s7plus::session::PlusUser;

/// The S7comm-plus decoder.
pub struct S7Plus;

impl Decoder for S7Plus {
    fn name(&self) -> &'static str {
        "s7plus"
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        match probe::probe(probe) {
            Verdict::No => Verdict::No,
            Verdict::More => Verdict::More,
            Verdict::Yes(()) => {
                Verdict::Yes(Box::new(IsoSession::new(PlusUser::default())))
            }
        }
    }
}
