//! Frames of one flow between a client and a server.

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sides {
    ToServer,
    ToClient,
}

impl Sides {
    pub(crate) fn from_bit(bit: bool) -> Sides {
        if bit { Sides::ToClient } else { Sides::ToServer }
    }

    /// Sender and receiver.
    fn order<T>(self, client: T, server: T) -> (T, T) {
        match self {
            Sides::ToServer => (client, server),
            Sides::ToClient => (server, client),
        }
    }
}

/// A segment with these sequence and acknowledgment numbers, in an IPv4 packet.
pub(crate) fn tcp(sides: Sides, port: u16, numbers: (u32, u32), data: &[u8]) -> Vec<u8> {
    let mut out = ports(sides, port);
    out.extend(numbers.0.to_be_bytes());
    out.extend(numbers.1.to_be_bytes());
    out.extend([0x50, 0x10, 0x10, 0, 0, 0, 0, 0]);
    out.extend_from_slice(data);
    ipv4(sides, 6, &out)
}

/// A datagram, in an IPv4 packet.
pub(crate) fn udp(sides: Sides, port: u16, data: &[u8]) -> Vec<u8> {
    let mut out = ports(sides, port);
    out.extend(u16::try_from(8 + data.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend([0, 0]);
    out.extend_from_slice(data);
    ipv4(sides, 17, &out)
}

/// An Ethernet frame.
pub(crate) fn ethernet(sides: Sides, kind: u16, data: &[u8]) -> Vec<u8> {
    let (src, dst) = sides.order([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    [&dst[..], &src, &kind.to_be_bytes(), data].concat()
}

fn ports(sides: Sides, port: u16) -> Vec<u8> {
    let (src, dst) = sides.order(50_000_u16, port);
    [src.to_be_bytes(), dst.to_be_bytes()].concat()
}

fn ipv4(sides: Sides, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let (src, dst) = sides.order([10, 0, 0, 1], [10, 0, 0, 2]);
    let mut out = vec![0x45, 0];
    out.extend(u16::try_from(20 + payload.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
    out.extend(src);
    out.extend(dst);
    out.extend_from_slice(payload);
    out
}
