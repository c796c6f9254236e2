//! What the host writes to the input: a probe, or messages; see `spec/plugin.md`.
//!
//! The host keeps to the contract, so what does not make sense is not told apart: it
//! reads as nothing.

use alloc::vec::Vec;

use tagout_spec::decoder::{Context, FrameContext, Probe, Transport};
use tagout_spec::plugin::{message, probe};

/// The first bytes of a flow.
pub(crate) struct ProbeMessage<'a> {
    transport: Transport,
    ports: [u16; 2],
    is_start: bool,
    sides: [&'a [u8]; 2],
    datagrams: Vec<Vec<u8>>,
}

impl<'a> ProbeMessage<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let transport = transport(byte(bytes, probe::TRANSPORT)?)?;
        let mut sides = [&[][..]; 2];
        let mut datagrams = Vec::new();
        let pieces = usize::from(u16_at(bytes, probe::PIECES)?);
        let mut at = pieces.checked_mul(probe::ENTRY)?.checked_add(probe::LIST)?;
        for piece in 0..pieces {
            let entry = bytes.get(piece.checked_mul(probe::ENTRY)? + probe::LIST..)?;
            let len = usize::try_from(u32_at(entry, 4)?).ok()?;
            let end = at.checked_add(len)?;
            let piece = bytes.get(at..end)?;
            match transport {
                Transport::Udp => datagrams.push(piece.to_vec()),
                Transport::Tcp => {
                    *sides.get_mut(usize::from(byte(entry, 0)?))? = piece;
                }
            }
            at = end.next_multiple_of(8);
        }
        Some(Self {
            transport,
            ports: [u16_at(bytes, probe::PORT_A)?, u16_at(bytes, probe::PORT_B)?],
            is_start: byte(bytes, probe::FLAGS)? & probe::IS_START != 0,
            sides,
            datagrams,
        })
    }

    /// As a decoder sees it.
    pub(crate) fn probe(&self) -> Probe<'_> {
        Probe {
            transport: self.transport,
            ports: self.ports,
            sides: self.sides,
            datagrams: &self.datagrams,
            is_start: self.is_start,
        }
    }
}

/// One message.
pub(crate) struct Message<'a> {
    head: &'a [u8; message::PAYLOAD],
    /// What follows the head, without padding.
    pub(crate) payload: &'a [u8],
}

impl<'a> Message<'a> {
    /// The first message and what follows it.
    pub(crate) fn next(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let whole = usize::try_from(u32_at(bytes, message::BYTES)?).ok()?;
        let (own, rest) = bytes.split_at_checked(whole)?;
        let (head, behind) = own.split_first_chunk()?;
        let message = Message { head, payload: &[] };
        let payload = match message.ty() {
            message::GAP => &[],
            _ => behind.get(..usize::try_from(message.length()).ok()?)?,
        };
        Some((Message { payload, ..message }, rest))
    }

    pub(crate) fn ty(&self) -> u8 {
        self.u8(message::TYPE)
    }

    /// Number of the session.
    pub(crate) fn session(&self) -> u32 {
        self.u32(message::SESSION)
    }

    /// Bytes of the payload, or of the gap.
    pub(crate) fn length(&self) -> u32 {
        self.u32(message::LENGTH)
    }

    /// What it says of bytes of a flow.
    pub(crate) fn context(&self) -> Context<'a> {
        Context::of(self.head)
    }

    /// What it says of a frame.
    pub(crate) fn frame_context(&self) -> FrameContext {
        FrameContext::of(self.head)
    }

    fn u8(&self, at: usize) -> u8 {
        let [byte] = self.array(at);
        byte
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    /// Bytes of the head; the offsets are constants within it.
    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        self.head.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
    }
}

fn transport(number: u8) -> Option<Transport> {
    [Transport::Tcp, Transport::Udp].into_iter().find(|t| t.number() == number)
}

fn byte(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}
