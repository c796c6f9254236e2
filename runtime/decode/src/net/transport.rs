//! TCP and UDP headers.

use crate::cursor::Cursor;

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub struct TcpSegment<'a> {
    /// Sender's port.
    pub src_port: u16,
    /// Receiver's port.
    pub dst_port: u16,
    /// Sequence number of the first byte, or of the SYN.
    pub sequence: u32,
    /// Next sequence number expected from the other side, if `ACK` is set.
    pub acknowledgment: u32,
    /// See [`flag`].
    pub flags: u8,
    /// What was captured of the data.
    pub payload: &'a [u8],
}

/// Bits of [`TcpSegment::flags`].
pub mod flag {
    #![expect(missing_docs, reason = "RFC 9293's own names")]
    pub const FIN: u8 = 0x01;
    pub const SYN: u8 = 0x02;
    pub const RST: u8 = 0x04;
    pub const PSH: u8 = 0x08;
    pub const ACK: u8 = 0x10;
}

/// A UDP datagram.
#[derive(Clone, Copy, Debug)]
pub struct UdpDatagram<'a> {
    /// Sender's port.
    pub src_port: u16,
    /// Receiver's port.
    pub dst_port: u16,
    /// What was captured of the data.
    pub payload: &'a [u8],
}

/// RFC 9293; none if the header is cut or contradicts itself.
#[inline]
pub fn tcp(data: &[u8]) -> Option<TcpSegment<'_>> {
    let (header, _) = data.split_first_chunk::<20>()?;
    let [a, b, c, d, e, f, g, h, i, j, k, l, offset, flags, ..] = *header;
    let header_len = usize::from(offset >> 4).wrapping_mul(4);
    if header_len < 20 {
        return None;
    }
    Some(TcpSegment {
        src_port: u16::from_be_bytes([a, b]),
        dst_port: u16::from_be_bytes([c, d]),
        sequence: u32::from_be_bytes([e, f, g, h]),
        acknowledgment: u32::from_be_bytes([i, j, k, l]),
        flags,
        payload: data.get(header_len..)?,
    })
}

/// RFC 768; none if the header is cut or contradicts itself.
#[inline]
pub fn udp(data: &[u8]) -> Option<UdpDatagram<'_>> {
    let mut cursor = Cursor::new(data);
    let (src_port, dst_port) = (cursor.u16()?, cursor.u16()?);
    let len = usize::from(cursor.u16()?);
    let _checksum = cursor.u16()?;
    let rest = cursor.rest();
    let payload = match len.checked_sub(8) {
        // Zero: a jumbogram or segmentation offload.
        None if len == 0 => rest,
        None => return None,
        Some(len) => rest.get(..len).unwrap_or(rest),
    };
    Some(UdpDatagram { src_port, dst_port, payload })
}
