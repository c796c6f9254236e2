//! DCE/RPC: remote procedure calls, for protocols above and as an event of its own.
//!
//! ```text
//! probe     is it DCE/RPC, and which      (content, any port)
//! datagram  version 4, connectionless     -> ndr, fragments, calls (over flows)
//! stream    version 5, in a connection    -> co, contexts and calls of the flow
//! event     header fields to a record     -> known
//! ```
//!
//! An interface whose calls are understood is a [`Stub`]: `pnio` is one. It has its own
//! [`Decoder`], which finds the interface by its UUID and opens a session with the stub;
//! each PDU then gives an event of kind `dcerpc`, and each whole call one of the stub's.
//!
//! Sources: The Open Group C706 (DCE 1.1: Remote Procedure Call), chapters 12 (PDU
//! encodings) and 14 (transfer syntax NDR); [MS-RPCE] 2.2.2.
//!
//! Left out: named pipes of SMB, RPC over HTTP; fragments of version 5 are not put
//! together, since no stub asks for that yet.

mod calls;
mod co;
mod datagram;
mod event;
mod fragments;
mod known;
pub mod ndr;
mod probe;
mod stream;
#[cfg(test)]
mod tests;

pub(crate) use calls::Waiting;
pub(crate) use datagram::{DatagramSession, Stub};
pub(crate) use ndr::{Datagram, Ndr, Uuid, packet_type};

use crate::dcerpc::stream::StreamSession;
use crate::protocol::{Context, Decoder, EventSink, Probe, Session, Transport, Verdict};

/// The DCE/RPC decoder, for interfaces that no other decoder knows.
pub struct Dcerpc;

impl Decoder for Dcerpc {
    fn name(&self) -> &'static str {
        "dcerpc"
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        let verdict = match probe.transport {
            Transport::Udp => probe::datagrams(probe),
            Transport::Tcp => probe::stream(probe),
        };
        match (verdict, probe.transport) {
            (Verdict::No, _) => Verdict::No,
            (Verdict::More, _) => Verdict::More,
            (Verdict::Yes(()), Transport::Udp) => {
                Verdict::Yes(Box::new(DatagramSession::new(Opaque)))
            }
            (Verdict::Yes(()), Transport::Tcp) => {
                Verdict::Yes(Box::new(StreamSession::default()))
            }
        }
    }
}

/// The stub of interfaces that nobody understands.
struct Opaque;

impl Stub for Opaque {
    type Asked = ();

    fn on_call(
        &mut self,
        _cx: Context<'_>,
        _pdu: &Datagram<'_>,
        _waiting: Option<&Waiting<()>>,
        _stub: &[u8],
        _sink: &mut dyn EventSink,
    ) {
    }
}
