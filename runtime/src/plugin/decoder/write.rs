//! What is written to a plugin's input: a probe, or messages one after another, as
//! `spec/plugin.md` draws them.

use tagout_decode::net::addr::Mac;
use tagout_decode::net::flow::Side;
use tagout_decode::{Context, FrameContext, Probe, Transport};
use tagout_spec::plugin::{message, probe};

/// The head of a message, which begins as zeros.
pub(super) struct Head<'a>(&'a mut [u8; message::PAYLOAD]);

impl<'a> Head<'a> {
    /// Of a message of so many bytes, and so many of payload.
    #[inline]
    pub(super) fn of(
        bytes: &'a mut [u8; message::PAYLOAD],
        size: usize,
        payload: usize,
    ) -> Self {
        let word = |number| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let mut head = Self(bytes);
        head.put(message::BYTES, word(size));
        head.put(message::LENGTH, word(payload));
        head
    }

    /// The offsets are constants within the head.
    #[inline(always)]
    pub(super) fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        if let Some(to) = self.0.get_mut(at..).and_then(|to| to.first_chunk_mut()) {
            *to = bytes;
        }
    }

    /// What is known of bytes of a flow.
    #[inline]
    pub(super) fn context(&mut self, ty: u8, session: u32, cx: &Context<'_>) {
        self.put(message::TYPE, [ty]);
        let side = |side| match side {
            Side::A => 0,
            Side::B => 1,
        };
        self.put(message::SIDE, [side(cx.side)]);
        self.put(message::CLIENT, [cx.client.map_or(message::NO_SIDE, side)]);
        self.put(message::SESSION, session.to_le_bytes());
        self.put(message::FLOW, cx.flow.to_le_bytes());
        self.put(message::SRC_IP, cx.src.ip.octets());
        self.put(message::DST_IP, cx.dst.ip.octets());
        self.put(message::SRC_PORT, cx.src.port.to_le_bytes());
        self.put(message::DST_PORT, cx.dst.port.to_le_bytes());
        self.put(message::TRANSPORT, [cx.transport.number()]);
        self.put(message::COMMUNITY, *cx.community);
        self.common(&Common {
            ts_ns: cx.ts_ns,
            frame: cx.frame,
            input: cx.input,
            nanos: cx.nanos,
            late: cx.late,
            vlan: cx.vlan,
            macs: [cx.src.mac, cx.dst.mac],
        });
    }

    /// What is known of a frame without IP.
    pub(super) fn frame(&mut self, cx: &FrameContext) {
        self.put(message::TYPE, [message::FRAME]);
        let missing = u32::try_from(cx.missing).unwrap_or(u32::MAX);
        self.put(message::SIDE, [message::NO_SIDE]);
        self.put(message::CLIENT, [message::NO_SIDE]);
        self.put(message::SESSION, missing.to_le_bytes());
        self.put(message::ETHERTYPE, cx.ethertype.to_le_bytes());
        self.common(&Common {
            ts_ns: cx.ts_ns,
            frame: cx.frame,
            input: cx.input,
            nanos: cx.nanos,
            late: cx.late,
            vlan: cx.vlan,
            macs: [cx.src, cx.dst],
        });
    }

    #[inline]
    fn common(&mut self, cx: &Common) {
        self.put(message::TS, cx.ts_ns.to_le_bytes());
        self.put(message::FRAME_NUMBER, cx.frame.to_le_bytes());
        self.put(message::INPUT, cx.input.to_le_bytes());
        let mut flags = 0;
        for (is, flag) in [(cx.nanos, message::NANOS), (cx.late, message::LATE)] {
            flags |= if is { flag } else { 0 };
        }
        if let Some(vlan) = cx.vlan {
            flags |= message::HAS_VLAN;
            self.put(message::VLAN, vlan.to_le_bytes());
        }
        self.put(message::FLAGS, [flags]);
        let mut macs = 0;
        let places = [
            (message::HAS_SRC_MAC, message::SRC_MAC),
            (message::HAS_DST_MAC, message::DST_MAC),
        ];
        for (mac, (flag, at)) in cx.macs.into_iter().zip(places) {
            if let Some(mac) = mac {
                macs |= flag;
                self.put(at, mac.octets());
            }
        }
        self.put(message::MACS, [macs]);
    }

    /// A session that has ended: nothing else is said.
    pub(super) fn close(&mut self, session: u32) {
        self.put(message::TYPE, [message::CLOSE]);
        self.put(message::SESSION, session.to_le_bytes());
    }
}

/// What flows and frames have in common.
struct Common {
    ts_ns: i64,
    frame: u64,
    input: u16,
    nanos: bool,
    late: bool,
    vlan: Option<u16>,
    macs: [Option<Mac>; 2],
}

/// Writes a probe to the input; its bytes, `None` if it does not fit.
pub(super) fn write_probe(room: &mut [u8], from: &Probe<'_>) -> Option<usize> {
    let sides: [(u8, &[u8]); 2] = [(0, from.sides[0]), (1, from.sides[1])];
    let datagrams =
        from.datagrams.iter().map(|bytes| (message::NO_SIDE, bytes.as_slice()));
    let pieces: Vec<(u8, &[u8])> = match from.transport {
        Transport::Tcp => sides.to_vec(),
        Transport::Udp => datagrams.collect(),
    };
    let list = pieces.len().checked_mul(probe::ENTRY)?;
    let mut at = probe::LIST.checked_add(list)?;
    room.get_mut(..at)?.fill(0);
    let mut put = |at: usize, bytes: &[u8]| {
        let to = room.get_mut(at..)?.get_mut(..bytes.len())?;
        to.copy_from_slice(bytes);
        Some(())
    };
    put(probe::TRANSPORT, &[from.transport.number()])?;
    put(probe::FLAGS, &[if from.is_start { probe::IS_START } else { 0 }])?;
    put(probe::PORT_A, &from.ports[0].to_le_bytes())?;
    put(probe::PORT_B, &from.ports[1].to_le_bytes())?;
    put(probe::PIECES, &u16::try_from(pieces.len()).ok()?.to_le_bytes())?;
    for (number, (side, bytes)) in pieces.iter().enumerate() {
        let entry = number.checked_mul(probe::ENTRY)?.checked_add(probe::LIST)?;
        put(entry, &[*side])?;
        put(entry.checked_add(4)?, &u32::try_from(bytes.len()).ok()?.to_le_bytes())?;
        put(at, bytes)?;
        let end = at.checked_add(bytes.len())?;
        at = end.next_multiple_of(8);
        put(end, [0; 8].get(..at.checked_sub(end)?)?)?;
    }
    Some(at)
}
