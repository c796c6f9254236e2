//! PROFINET DCP: discovery and basic configuration, directly on Ethernet.
//!
//! ```text
//! pdu      a frame's header and blocks         (pure; never fails)
//! session  whose frame it is, and pairs        -> pending
//! event    fields to a record                  -> ops
//! ```
//!
//! Source: IEC 61158-6-10:2023, 4.3 (Discovery and basic configuration).
//!
//! Left out: what blocks of the TSN domain and of makers hold, beyond their bytes;
//! DCP over UDP, which the standard has too and nobody is known to speak.
//!
//! Speed: 7 million events a CPU-second, numbers only (`traffic -- decoders dcp`), and not
//! ten: an answer to Identify has a dozen blocks, each an element of a list. No network
//! has more than some thousand such frames a day.

mod event;
mod ops;
pub mod pdu;
mod pending;
mod session;
#[cfg(test)]
mod tests;

use crate::dcp::session::DcpSession;
use crate::protocol::{Decoder, FrameSession};

/// Ether type of PROFINET.
pub(crate) const ETHERTYPE: u16 = 0x8892;

/// The DCP decoder.
pub struct Dcp;

impl Decoder for Dcp {
    fn name(&self) -> &'static str {
        "dcp"
    }

    fn open_frames(&self) -> Option<Box<dyn FrameSession>> {
        Some(Box::new(DcpSession::default()))
    }
}
