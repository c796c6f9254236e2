//! IPv4 and IPv6 headers.

use crate::cursor::Cursor;
use crate::net::addr::Ip;
use crate::net::link::ethertype;

/// Numbers of protocols above IP, as far as they matter here.
pub mod protocol {
    #![expect(missing_docs, reason = "the registry's own names")]
    pub const HOP_BY_HOP: u8 = 0;
    pub const IPV4: u8 = 4;
    pub const TCP: u8 = 6;
    pub const UDP: u8 = 17;
    pub const IPV6: u8 = 41;
    pub const ROUTING: u8 = 43;
    pub const FRAGMENT: u8 = 44;
    pub const GRE: u8 = 47;
    pub const AUTHENTICATION: u8 = 51;
    pub const DESTINATION: u8 = 60;
    pub const MOBILITY: u8 = 135;
    pub const HOST_IDENTITY: u8 = 139;
    pub const SHIM6: u8 = 140;
}

/// Most extension headers that are passed.
const MAX_EXTENSIONS: usize = 12;

/// An IP packet or a fragment of one.
#[derive(Clone, Copy, Debug, Default)]
pub struct IpPacket<'a> {
    /// Sender.
    pub src: Ip,
    /// Receiver.
    pub dst: Ip,
    /// What the payload is; see [`protocol`].
    pub protocol: u8,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// What was captured of the payload.
    pub payload: &'a [u8],
    /// Bytes of payload on the wire that the capture cut off.
    pub missing: usize,
    /// Set if this is a fragment.
    pub fragment: Option<Fragment>,
}

/// Which part of which datagram a fragment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Identification, unique for sender, receiver and protocol for a while.
    pub id: u32,
    /// Bytes before it.
    pub offset: usize,
    /// Whether others follow.
    pub more: bool,
}

/// Why a packet goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpError {
    /// It ends within its header.
    Short,
    /// A field contradicts the others.
    Malformed,
}

/// Parses the packet of that network type into `packet`.
#[inline]
pub fn parse<'a>(
    kind: u16,
    data: &'a [u8],
    packet: &mut IpPacket<'a>,
) -> Result<(), IpError> {
    if kind == ethertype::IPV4 {
        ipv4(data, packet)
    } else {
        *packet = ipv6(data)?;
        Ok(())
    }
}

/// RFC 791.
#[inline]
fn ipv4<'a>(data: &'a [u8], packet: &mut IpPacket<'a>) -> Result<(), IpError> {
    let (header, _) = data.split_first_chunk::<20>().ok_or(IpError::Short)?;
    let [
        version,
        _,
        len_high,
        len_low,
        id_high,
        id_low,
        flags,
        offset_low,
        ttl,
        protocol,
        ..,
    ] = *header;
    let header_len = usize::from(version & 0x0f).wrapping_mul(4);
    if version >> 4 != 4 || header_len < 20 {
        return Err(IpError::Malformed);
    }
    let mut total = usize::from(u16::from_be_bytes([len_high, len_low]));
    if total == 0 {
        // Segmentation offload: the length was not yet known.
        total = data.len();
    }
    let wire = total.checked_sub(header_len).ok_or(IpError::Malformed)?;
    let rest = data.get(header_len..).ok_or(IpError::Short)?;
    let payload = rest.get(..wire).unwrap_or(rest);
    let offset =
        usize::from(u16::from_be_bytes([flags & 0x1f, offset_low])).wrapping_mul(8);
    let more = flags & 0x20 != 0;
    let id = u32::from(u16::from_be_bytes([id_high, id_low]));
    let [_, _, _, _, _, _, _, _, _, _, _, _, a, b, c, d, e, f, g, h] = *header;
    packet.src = Ip::v4([a, b, c, d]);
    packet.dst = Ip::v4([e, f, g, h]);
    packet.protocol = protocol;
    packet.ttl = ttl;
    packet.payload = payload;
    packet.missing = wire.saturating_sub(payload.len());
    packet.fragment = (more || offset > 0).then_some(Fragment { id, offset, more });
    Ok(())
}

/// RFC 8200, with the extension headers that IANA lists.
fn ipv6(data: &[u8]) -> Result<IpPacket<'_>, IpError> {
    let mut cursor = Cursor::new(data);
    let version = cursor.u32().ok_or(IpError::Short)? >> 28;
    if version != 6 {
        return Err(IpError::Malformed);
    }
    let len = usize::from(cursor.u16().ok_or(IpError::Short)?);
    let [protocol, ttl] = cursor.array().ok_or(IpError::Short)?;
    let src = Ip::v6(cursor.array().ok_or(IpError::Short)?);
    let dst = Ip::v6(cursor.array().ok_or(IpError::Short)?);
    let rest = cursor.rest();
    // Zero: a jumbogram or segmentation offload; the capture's end decides.
    let wire = if len == 0 { rest.len() } else { len };
    let body = rest.get(..wire).unwrap_or(rest);
    let missing = wire.saturating_sub(body.len());
    let packet =
        IpPacket { src, dst, protocol, ttl, payload: body, missing, fragment: None };
    extensions(packet)
}

fn extensions(mut packet: IpPacket<'_>) -> Result<IpPacket<'_>, IpError> {
    for _ in 0..MAX_EXTENSIONS {
        let mut cursor = Cursor::new(packet.payload);
        let skip = match packet.protocol {
            protocol::HOP_BY_HOP
            | protocol::ROUTING
            | protocol::DESTINATION
            | protocol::MOBILITY
            | protocol::HOST_IDENTITY
            | protocol::SHIM6 => {
                let [next, units] = cursor.array().ok_or(IpError::Short)?;
                packet.protocol = next;
                usize::from(units).wrapping_add(1).wrapping_mul(8)
            }
            protocol::AUTHENTICATION => {
                let [next, units] = cursor.array().ok_or(IpError::Short)?;
                packet.protocol = next;
                usize::from(units).wrapping_add(2).wrapping_mul(4)
            }
            protocol::FRAGMENT if packet.fragment.is_none() => {
                let [next, _] = cursor.array().ok_or(IpError::Short)?;
                let place = cursor.u16().ok_or(IpError::Short)?;
                let id = cursor.u32().ok_or(IpError::Short)?;
                packet.protocol = next;
                let (offset, more) = (usize::from(place & 0xfff8), place & 1 != 0);
                // An "atomic" fragment (RFC 6946) is the whole packet.
                packet.fragment =
                    (more || offset > 0).then_some(Fragment { id, offset, more });
                packet.payload = cursor.rest();
                if offset > 0 {
                    return Ok(packet);
                }
                continue;
            }
            _ => return Ok(packet),
        };
        packet.payload = packet.payload.get(skip..).ok_or(IpError::Short)?;
    }
    Err(IpError::Malformed)
}
