//! Is this EtherNet/IP? Found from content, on any port.
//!
//! A message proves it that keeps to the standard from its header to its first items,
//! whose lengths must fit into each other. A header alone proves nothing on another
//! port than the registered one: commands without data are small numbers and zeros.

use crate::enip::body::{begins_well, is_implicit};
use crate::enip::encap::{HEADER_LEN, Header, command, is_known};
use crate::protocol::{Probe, Transport, Verdict};

/// The registered port.
pub(super) const PORT: u16 = 44818;

/// How the messages of a flow come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// One after the other.
    Stream,
    /// One a datagram.
    Datagrams,
}

/// Judges the first bytes of a flow.
pub(super) fn probe(probe: &Probe<'_>) -> Verdict<Framing> {
    let known_port = probe.ports.contains(&PORT);
    match probe.transport {
        Transport::Tcp => stream(probe, known_port),
        Transport::Udp => datagrams(probe, known_port),
    }
}

fn stream(probe: &Probe<'_>, known_port: bool) -> Verdict<Framing> {
    let mut more = true;
    for bytes in probe.sides {
        match first(bytes, known_port) {
            Verdict::Yes(()) => return Verdict::Yes(Framing::Stream),
            Verdict::More => {}
            Verdict::No => more = false,
        }
    }
    if more { Verdict::More } else { Verdict::No }
}

fn datagrams(probe: &Probe<'_>, known_port: bool) -> Verdict<Framing> {
    for datagram in probe.datagrams {
        if is_implicit(datagram) {
            return Verdict::Yes(Framing::Datagrams);
        }
        let is_whole = Header::read(datagram)
            .is_some_and(|header| header.frame_len() == datagram.len());
        if !is_whole {
            return Verdict::No;
        }
        match first(datagram, known_port) {
            Verdict::Yes(()) => return Verdict::Yes(Framing::Datagrams),
            Verdict::More => {}
            Verdict::No => return Verdict::No,
        }
    }
    Verdict::More
}

/// Judges what stands at the start of a side. A message that proves nothing is
/// passed, and the next one is looked at.
fn first(bytes: &[u8], known_port: bool) -> Verdict<()> {
    let mut rest = bytes;
    loop {
        let Some(header) = Header::read(rest) else {
            let command = rest.first_chunk().map(|two| u16::from_le_bytes(*two));
            return match command {
                Some(command) if !is_known(command) => Verdict::No,
                _ => Verdict::More,
            };
        };
        if !header.is_strict() {
            return Verdict::No;
        }
        match proof(&header, rest, known_port) {
            Verdict::More => {}
            verdict => return verdict,
        }
        match rest.get(header.frame_len()..) {
            Some(behind) if !behind.is_empty() => rest = behind,
            _ => return Verdict::More,
        }
    }
}

/// Whether a message shows that the flow is EtherNet/IP.
pub(super) fn proof(header: &Header, bytes: &[u8], known_port: bool) -> Verdict<()> {
    let rest = bytes.get(HEADER_LEN..).unwrap_or_default();
    let rest = rest.get(..usize::from(header.length)).unwrap_or(rest);
    match header.command {
        command::NOP => Verdict::More,
        command::LIST_TARGETS
        | command::LIST_IDENTITY
        | command::LIST_SERVICES
        | command::LIST_INTERFACES
        | command::UNREGISTER_SESSION
            if header.length == 0 =>
        {
            if known_port && header.status == 0 {
                Verdict::Yes(())
            } else {
                Verdict::More
            }
        }
        _ => match begins_well(header, rest) {
            Some(true) => Verdict::Yes(()),
            Some(false) => Verdict::No,
            None if rest.len() < usize::from(header.length) => Verdict::More,
            None => Verdict::No,
        },
    }
}
