//! Modbus: over TCP, over UDP, and RTU frames over TCP.
//!
//! ```text
//! probe    is it Modbus, and how framed        (content, any port)
//! session  frames, roles, pairs                -> adu, pending
//! pdu      a PDU's fields                      (pure; never fails)
//! event    fields to a record                  -> code, ops
//! ```
//!
//! Sources: MODBUS Application Protocol Specification V1.1b3; MODBUS Messaging
//! on TCP/IP Implementation Guide V1.0b; MODBUS over Serial Line V1.02.
//!
//! What function 90 carries, UMAS, is handed to its own module with its pair.
//!
//! Left out: ASCII framing, and Modbus over TLS (port 802; there is nothing to see).

pub mod adu;
pub mod code;
pub mod crc;
mod event;
mod ops;
pub mod pdu;
mod pending;
mod probe;
mod session;
#[cfg(test)]
mod tests;

use crate::modbus::session::ModbusSession;
use crate::protocol::{Decoder, Probe, Session, Verdict};

/// The Modbus decoder.
pub struct Modbus;

impl Decoder for Modbus {
    fn name(&self) -> &'static str {
        "modbus"
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        match probe::probe(probe) {
            Verdict::No => Verdict::No,
            Verdict::More => Verdict::More,
            Verdict::Yes(framing) => Verdict::Yes(Box::new(ModbusSession::new(framing))),
        }
    }
}
