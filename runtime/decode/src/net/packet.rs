//! From a frame to a transport packet, through at most one tunnel.
//!
//! ```text
//! GRE     flags 2 | type 2 | (checksum 4) (key 4) (sequence 4) | IP or Ethernet
//! ERSPAN  in GRE, type 0x88be: with a sequence, 8 bytes more before Ethernet
//! VXLAN   UDP to 4789: flags 1 | 0 3 | network 3 | 0 1 | Ethernet
//! IP      protocol 4 or 41: IP
//! ```

use crate::cursor::Cursor;
use crate::frame::Frame;
use crate::net::fragment::Fragments;
use crate::net::ip::{self, IpError, IpPacket, protocol};
use crate::net::link::{self, Link, LinkError, ethertype};

/// UDP port of VXLAN (RFC 7348).
const VXLAN_PORT: u16 = 4789;

/// An IP packet that is whole, with the link layer it came over: the tunnel's
/// inner one if there is a tunnel.
#[derive(Clone, Copy, Debug, Default)]
pub struct Packet<'a> {
    /// The link layer.
    pub link: Link,
    /// The packet.
    pub ip: IpPacket<'a>,
    /// Whether it came out of a tunnel.
    pub tunnelled: bool,
}

/// Why a frame gives no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketError<'a> {
    /// The link layer says why.
    Link(LinkError<'a>),
    /// The network layer says why.
    Ip(IpError),
    /// It is a fragment whose datagram is not whole yet.
    Waiting,
}

/// Parses a frame's outer packet into `packet`. A fragment goes to `fragments`;
/// if it makes a datagram whole, `whole` holds the datagram's bytes and the
/// packet lends them.
#[inline]
pub fn parse<'a>(
    frame: &Frame<'a>,
    fragments: &mut Fragments,
    whole: &'a mut Vec<u8>,
    packet: &mut Packet<'a>,
) -> Result<(), PacketError<'a>> {
    let (kind, data) = link::parse(frame, &mut packet.link).map_err(PacketError::Link)?;
    ip::parse(kind, data, &mut packet.ip).map_err(PacketError::Ip)?;
    if let Some(fragment) = packet.ip.fragment {
        let bytes = fragments.add(&packet.ip, fragment, frame.ts_ns);
        *whole = bytes.ok_or(PacketError::Waiting)?;
        packet.ip.payload = whole;
        packet.ip.missing = 0;
        packet.ip.fragment = None;
    }
    Ok(())
}

/// The packet inside, if this one is a tunnel's. A tunnelled fragment is not
/// put together: the outer packet stands for it.
#[inline]
pub fn inner<'a>(packet: &Packet<'a>) -> Option<Packet<'a>> {
    if packet.ip.protocol == protocol::TCP {
        return None;
    }
    tunnelled(packet)
}

fn tunnelled<'a>(packet: &Packet<'a>) -> Option<Packet<'a>> {
    let payload = packet.ip.payload;
    let mut inner = Packet { tunnelled: true, ..Packet::default() };
    let (kind, data) = match packet.ip.protocol {
        protocol::UDP => vxlan(payload, &mut inner.link)?,
        protocol::IPV4 => (ethertype::IPV4, payload),
        protocol::IPV6 => (ethertype::IPV6, payload),
        protocol::GRE => gre(payload, &mut inner.link)?,
        _ => return None,
    };
    // Without a link layer inside, the outer one stands.
    if inner.link == Link::default() {
        inner.link = packet.link;
    }
    ip::parse(kind, data, &mut inner.ip).ok()?;
    inner.ip.fragment.is_none().then_some(inner)
}

/// The frame that is no IP packet inside of a tunnel that carries Ethernet, as a
/// mirror port sends it (ERSPAN): its link layer, ether type and bytes.
pub fn inner_frame<'a>(packet: &Packet<'a>) -> Option<(Link, u16, &'a [u8])> {
    let mut cursor = Cursor::new(packet.ip.payload);
    let mut link = Link::default();
    match gre_carried(&mut cursor)? {
        ethertype::BRIDGED | ethertype::ERSPAN => {}
        _ => return None,
    }
    match link::ethernet(cursor.rest(), &mut link) {
        Err(LinkError::Other(kind, payload)) => Some((link, kind, payload)),
        _ => None,
    }
}

fn vxlan<'a>(payload: &'a [u8], link: &mut Link) -> Option<(u16, &'a [u8])> {
    let mut cursor = Cursor::new(payload);
    let _src_port = cursor.u16()?;
    if cursor.u16()? != VXLAN_PORT {
        return None;
    }
    let _len_and_checksum = cursor.u32()?;
    // The flag that says the network number is valid; the rest is reserved.
    let [flags, _, _, _, _, _, _, _] = cursor.array()?;
    if flags & 0x08 == 0 {
        return None;
    }
    link::ethernet(cursor.rest(), link).ok()
}

fn gre<'a>(payload: &'a [u8], link: &mut Link) -> Option<(u16, &'a [u8])> {
    let mut cursor = Cursor::new(payload);
    match gre_carried(&mut cursor)? {
        kind @ (ethertype::IPV4 | ethertype::IPV6) => Some((kind, cursor.rest())),
        ethertype::BRIDGED | ethertype::ERSPAN => {
            link::ethernet(cursor.rest(), link).ok()
        }
        _ => None,
    }
}

/// Passes a header of GRE (RFC 2784 and 2890), and of ERSPAN if that follows; what
/// type it carries.
fn gre_carried(cursor: &mut Cursor<'_>) -> Option<u16> {
    let flags = cursor.u16()?;
    let kind = cursor.u16()?;
    let version = flags & 0x0007;
    if version != 0 {
        return None;
    }
    let sequenced = flags & 0x1000 != 0;
    for present in [flags & 0x8000 != 0, flags & 0x2000 != 0, sequenced] {
        if present {
            cursor.u32()?;
        }
    }
    if kind == ethertype::ERSPAN && sequenced {
        cursor.take(8)?;
    }
    Some(kind)
}
