//! Whether a flow is FINS.
//!
//! A datagram is if it is a frame with a header that can be true and a command that is
//! known; a stream is if it begins with `FINS` and a command of FINS/TCP.

use tagout_plugin::{Probe, Transport, Verdict};

use crate::frame::Frame;
use crate::ops;
use crate::tcp::{HEADER, Header, MAGIC};

/// What the first bytes say.
pub(crate) fn probe(probe: &Probe<'_>) -> Verdict<()> {
    match probe.transport {
        Transport::Udp => match probe.datagrams.first() {
            Some(first) if is_frame(first) => Verdict::Yes(()),
            Some(_) => Verdict::No,
            None => Verdict::More,
        },
        Transport::Tcp => stream(probe.sides),
    }
}

fn is_frame(bytes: &[u8]) -> bool {
    let Some(frame) = Frame::read(bytes) else { return false };
    let fits = frame.is_command() || bytes.len() >= Frame::HEADER.saturating_add(4);
    fits && frame.is_plausible() && ops::is_known(frame.command)
}

fn stream(sides: [&[u8]; 2]) -> Verdict<()> {
    let mut verdict = Verdict::More;
    for bytes in sides.into_iter().filter(|bytes| !bytes.is_empty()) {
        let n = bytes.len().min(MAGIC.len());
        if bytes.get(..n) != MAGIC.get(..n) {
            return Verdict::No;
        }
        if bytes.len() >= HEADER {
            match Header::read(bytes) {
                Some(header) if header.is_plausible() => verdict = Verdict::Yes(()),
                _ => return Verdict::No,
            }
        }
    }
    verdict
}
