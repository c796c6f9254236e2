//! PROFINET IO: the context manager's services over DCE/RPC, and alarms on Ethernet.
//!
//! ```text
//! DCE/RPC call --stub--> pdu: arguments, blocks  (pure; never fails)  -> record, modules
//!                   '--> event: fields to a record                    -> ops
//! frame 0x8892 --alarm_session--> alarm: RTA-PDU (pure) --> event
//! ```
//!
//! Source: IEC 61158-6-10:2023, 4.8 (real time acyclic protocol), 4.10 (remote procedure
//! call) and 5 (IO protocol machines' PDUs).
//!
//! Left out: cyclic data, which is process values without a description and makes no
//! event; blocks of isochronous mode, multicast and IR data beyond their type; what the
//! data of a record means; alarms over UDP.

mod alarm;
mod alarm_session;
pub mod code;
mod event;
mod modules;
mod ops;
pub mod pdu;
mod record;
mod stub;
#[cfg(test)]
mod tests;

use crate::dcerpc::{Datagram, DatagramSession};
use crate::pnio::alarm_session::AlarmSession;
use crate::pnio::stub::PnioStub;
use crate::protocol::{Decoder, FrameSession, Probe, Session, Transport, Verdict};

/// The PROFINET IO decoder.
pub struct Pnio;

impl Decoder for Pnio {
    fn name(&self) -> &'static str {
        "pnio"
    }

    /// The interface tells: nobody else's calls have it.
    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        let is_pnio = |datagram: &Vec<u8>| {
            Datagram::read(datagram)
                .is_some_and(|pdu| code::interface(pdu.interface).is_some())
        };
        let all = !probe.datagrams.is_empty() && probe.datagrams.iter().all(is_pnio);
        if probe.transport == Transport::Udp && all {
            Verdict::Yes(Box::new(DatagramSession::new(PnioStub)))
        } else {
            Verdict::No
        }
    }

    fn open_frames(&self) -> Option<Box<dyn FrameSession>> {
        Some(Box::new(AlarmSession))
    }
}
