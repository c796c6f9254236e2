//! The link layer: what stands before the network layer's first byte.
//!
//! ```text
//! Ethernet  dst 6 | src 6 | type 2 | ...      type < 0x600: length, LLC, SNAP
//! VLAN      tag 2 | type 2                    0x8100, 0x88a8 (QinQ), 0x9100
//! HSR       path+size 2 | sequence 2 | type 2 0x892f, IEC 62439-3
//! PRP       ... | sequence 2 | lan+size 2 | 0x88fb   a trailer, same standard
//! SLL       packet 2 | hardware 2 | length 2 | address 8 | type 2
//! SLL2      type 2 | 0 2 | interface 4 | hardware 2 | packet 1 | length 1 | address 8
//! NULL      family 4, the writer's byte order     LOOP  family 4, big endian
//! ```

use crate::cursor::Cursor;
use crate::frame::{Frame, LinkType};
use crate::net::addr::Mac;

/// Types of what an Ethernet frame carries, as far as they matter here.
pub mod ethertype {
    #![expect(missing_docs, reason = "the registry's own names")]
    pub const IPV4: u16 = 0x0800;
    pub const IPV6: u16 = 0x86dd;
    pub const VLAN: u16 = 0x8100;
    pub const QINQ: u16 = 0x88a8;
    pub const QINQ_OLD: u16 = 0x9100;
    pub const HSR: u16 = 0x892f;
    pub const PRP: u16 = 0x88fb;
    pub const BRIDGED: u16 = 0x6558;
    pub const ERSPAN: u16 = 0x88be;
}

/// Most tags that are passed; a frame with more is not looked into.
const MAX_TAGS: usize = 8;

/// What the link layer says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Sender's hardware address.
    pub src: Option<Mac>,
    /// Receiver's hardware address.
    pub dst: Option<Mac>,
    /// Outermost VLAN identifier.
    pub vlan: Option<u16>,
    /// The next VLAN identifier inside.
    pub inner_vlan: Option<u16>,
    /// Redundancy tag or trailer.
    pub redundancy: Option<Redundancy>,
}

/// The sequence number by which HSR and PRP recognise a frame's copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redundancy {
    /// Sequence number of the sender.
    pub sequence: u16,
    /// LAN (PRP: 10 or 11) or path (HSR).
    pub lan: u8,
}

/// Why a frame goes no further on the way of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError<'a> {
    /// The link type is not known.
    Unsupported(LinkType),
    /// The frame ends within its header.
    Short,
    /// What it carries is not IP, and has no ether type.
    NotIp,
    /// What it carries has another ether type than IP's. The bytes may end with
    /// padding, or with a trailer of PRP.
    Other(u16, &'a [u8]),
}

/// What the link layer carries: its network type and its bytes.
pub type Carried<'a> = Result<(u16, &'a [u8]), LinkError<'a>>;

/// Splits a frame into link layer, network type and network bytes. `link` is
/// filled where it stands, since copying it about costs more than parsing it.
#[inline]
pub fn parse<'a>(frame: &Frame<'a>, link: &mut Link) -> Carried<'a> {
    if frame.link_type == LinkType::ETHERNET {
        return ethernet(frame.data, link);
    }
    other_than_ethernet(frame, link)
}

/// An Ethernet frame, also one inside a tunnel.
#[inline]
pub fn ethernet<'a>(data: &'a [u8], link: &mut Link) -> Carried<'a> {
    let (header, rest) = data.split_first_chunk::<14>().ok_or(LinkError::Short)?;
    let [a, b, c, d, e, f, g, h, i, j, k, l, kind_high, kind_low] = *header;
    link.dst = Some(Mac::new([a, b, c, d, e, f]));
    link.src = Some(Mac::new([g, h, i, j, k, l]));
    let kind = u16::from_be_bytes([kind_high, kind_low]);
    if data.ends_with(&ethertype::PRP.to_be_bytes()) {
        link.redundancy = prp_trailer(data);
    }
    if kind == ethertype::IPV4 {
        return Ok((kind, rest));
    }
    tags(link, kind, Cursor::new(rest))
}

fn other_than_ethernet<'a>(frame: &Frame<'a>, link: &mut Link) -> Carried<'a> {
    let mut cursor = Cursor::new(frame.data);
    match frame.link_type {
        LinkType::RAW
        | LinkType::RAW_BSD
        | LinkType::RAW_OPENBSD
        | LinkType::IPV4
        | LinkType::IPV6 => {
            let kind = match frame.data.first().ok_or(LinkError::Short)? >> 4 {
                4 => ethertype::IPV4,
                6 => ethertype::IPV6,
                _ => return Err(LinkError::NotIp),
            };
            Ok((kind, frame.data))
        }
        LinkType::NULL | LinkType::LOOP => {
            let family = cursor.u32().ok_or(LinkError::Short)?;
            let kind = loopback(family).ok_or(LinkError::NotIp)?;
            Ok((kind, cursor.rest()))
        }
        LinkType::LINUX_SLL => sll(link, cursor).ok_or(LinkError::Short)?,
        LinkType::LINUX_SLL2 => sll2(link, cursor).ok_or(LinkError::Short)?,
        other => Err(LinkError::Unsupported(other)),
    }
}

/// Passes tags until something is left that is none.
fn tags<'a>(link: &mut Link, mut kind: u16, mut cursor: Cursor<'a>) -> Carried<'a> {
    for _ in 0..MAX_TAGS {
        match kind {
            ethertype::IPV4 | ethertype::IPV6 => return Ok((kind, cursor.rest())),
            ethertype::VLAN | ethertype::QINQ | ethertype::QINQ_OLD => {
                let id = cursor.u16().ok_or(LinkError::Short)? & 0x0fff;
                if link.vlan.is_none() {
                    link.vlan = Some(id);
                } else if link.inner_vlan.is_none() {
                    link.inner_vlan = Some(id);
                }
                kind = cursor.u16().ok_or(LinkError::Short)?;
            }
            ethertype::HSR => {
                let [path, _] = cursor.array().ok_or(LinkError::Short)?;
                let sequence = cursor.u16().ok_or(LinkError::Short)?;
                link.redundancy = Some(Redundancy { sequence, lan: path >> 4 });
                kind = cursor.u16().ok_or(LinkError::Short)?;
            }
            // IEEE 802.3 with LLC; SNAP (RFC 1042) carries a type again.
            0..0x600 => match cursor.array() {
                Some([0xaa, 0xaa, 3, 0, 0, 0]) => {
                    kind = cursor.u16().ok_or(LinkError::Short)?;
                }
                _ => return Err(LinkError::NotIp),
            },
            _ => return Err(LinkError::Other(kind, cursor.rest())),
        }
    }
    Err(LinkError::NotIp)
}

/// Sequence, LAN and size stand before the suffix. The size counts the payload
/// with the trailer, so it tells a trailer from payload that ends alike.
fn prp_trailer(data: &[u8]) -> Option<Redundancy> {
    let (_, trailer) = data.split_last_chunk::<6>()?;
    let [sequence_high, sequence_low, high, low, _, _] = *trailer;
    let (lan, size) = (high >> 4, u16::from_be_bytes([high & 0x0f, low]));
    // Without and with a VLAN tag before the payload.
    let fits = [14_usize, 18].iter().any(|header| {
        data.len().checked_sub(*header).is_some_and(|len| len == usize::from(size))
    });
    let sequence = u16::from_be_bytes([sequence_high, sequence_low]);
    (fits && matches!(lan, 10 | 11)).then_some(Redundancy { sequence, lan })
}

/// The address families that systems write, in either byte order.
fn loopback(family: u32) -> Option<u16> {
    let family = if family > 0xffff { family.swap_bytes() } else { family };
    match family {
        2 => Some(ethertype::IPV4),
        // NetBSD and OpenBSD, FreeBSD, Darwin; Linux.
        24 | 28 | 30 | 10 => Some(ethertype::IPV6),
        _ => None,
    }
}

fn sll<'a>(link: &mut Link, mut cursor: Cursor<'a>) -> Option<Carried<'a>> {
    let _packet_and_hardware = cursor.u32()?;
    let len = cursor.u16()?;
    let [a, b, c, d, e, f, _, _] = cursor.array()?;
    let kind = cursor.u16()?;
    link.src = (len == 6).then_some(Mac::new([a, b, c, d, e, f]));
    Some(tags(link, kind, cursor))
}

fn sll2<'a>(link: &mut Link, mut cursor: Cursor<'a>) -> Option<Carried<'a>> {
    let kind = cursor.u16()?;
    let _reserved = cursor.u16()?;
    let _interface = cursor.u32()?;
    let [_, _, _packet, len] = cursor.array()?;
    let [a, b, c, d, e, f, _, _] = cursor.array()?;
    link.src = (len == 6).then_some(Mac::new([a, b, c, d, e, f]));
    Some(tags(link, kind, cursor))
}
