//! Omron FINS, over UDP and FINS/TCP.
//!
//! ```text
//! probe    is it FINS                      (content; ports by the manifest)
//! tcp      the FINS/TCP header             (a stream to frames)
//! frame    the FINS header and its body    (pure; never fails) -> body
//! session  frames, pairs                   -> pending
//! event    fields to a record              -> ops
//! ```
//!
//! Sources: SYSMAC CS/CJ/CP Series Communications Commands Reference Manual, W342-E1
//! (frames and commands); SYSMAC CS and CJ Series Ethernet Units, Construction of
//! Applications, W421-E1 (FINS/TCP).
//!
//! Left out: Host Link frames around FINS, and tables of network units, whose bytes are
//! kept.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod body;
mod event;
mod frame;
mod ops;
mod pending;
mod probe;
mod session;
mod tcp;

tagout_plugin::plugin!();
tagout_plugin::decoder!(Fins);

use alloc::boxed::Box;

use tagout_plugin::{Decoder, Probe, Session, Verdict};

use crate::session::FinsSession;

/// The FINS decoder.
pub struct Fins;

impl Decoder for Fins {
    fn name(&self) -> &'static str {
        "fins"
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        match probe::probe(probe) {
            Verdict::No => Verdict::No,
            Verdict::More => Verdict::More,
            Verdict::Yes(()) => Verdict::Yes(Box::new(FinsSession::new(probe.transport))),
        }
    }
}
