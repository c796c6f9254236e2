//! Captures as inputs of targets: each flow is one, in the form that the target reads.
//!
//! Segments are taken as they come, so that what came twice or late is so in the input:
//! a seed need not be what was sent.

use std::collections::BTreeMap;

use tagout_decode::net::fragment::Fragments;
use tagout_decode::net::ip::protocol;
use tagout_decode::net::packet::{Packet, parse};
use tagout_decode::net::transport;
use tagout_decode::{Frame, LinkType};
use tagout_sources::{Item, Source};

use crate::target::{Carrier, Target};

/// Most bytes of a seed: what the fuzzer changes must be found in it.
const MOST_BYTES: usize = 3_000;
/// Most flows of a capture.
const MOST_FLOWS: usize = 24;

/// Inputs of a target that hold the flows of a capture: those to its port, or all if it
/// is known that the capture is of the target's protocol.
pub fn seeds(capture: &[u8], target: &Target, is_of_protocol: bool) -> Vec<Vec<u8>> {
    if target.carrier == Carrier::File {
        return vec![
            capture.get(..capture.len().min(MOST_BYTES)).unwrap_or_default().into(),
        ];
    }
    let Ok(mut source) = Source::open(capture, "seed", None) else { return Vec::new() };
    let mut flows: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let mut fragments = Fragments::default();
    while let Ok(Some(item)) = source.next() {
        let Item::Frame(frame) = item else { continue };
        let piece = match target.carrier {
            Carrier::File => None,
            Carrier::Frames => whole_frame(&frame),
            Carrier::Ethernet(kind) => ethernet(&frame, kind),
            Carrier::Tcp(_) | Carrier::Udp(_) => {
                segment(&frame, target.carrier, is_of_protocol, &mut fragments)
            }
        };
        let Some((flow, bytes)) = piece else { continue };
        if flows.len() < MOST_FLOWS || flows.contains_key(&flow) {
            let input = flows.entry(flow).or_insert_with(|| match target.carrier {
                Carrier::Frames => vec![0],
                _ => Vec::new(),
            });
            if input.len() + bytes.len() <= MOST_BYTES {
                input.extend(bytes);
            }
        }
    }
    let mut inputs: Vec<Vec<u8>> = flows.into_values().collect();
    inputs.retain(|input| input.len() > 1);
    inputs
}

/// A flow's name, and what it adds to the flow's input.
type Piece = (Vec<u8>, Vec<u8>);

fn whole_frame(frame: &Frame<'_>) -> Option<Piece> {
    let len = u8::try_from(frame.data.len()).ok()?;
    let is_ethernet = frame.link_type == LinkType::ETHERNET;
    is_ethernet.then(|| (Vec::new(), [&[len][..], frame.data].concat()))
}

fn ethernet(frame: &Frame<'_>, kind: u16) -> Option<Piece> {
    const VLAN: [u8; 2] = [0x81, 0x00];
    let mut at = 12;
    while frame.data.get(at..at + 2)? == VLAN {
        at += 4;
    }
    let is_it = frame.data.get(at..at + 2)? == kind.to_be_bytes();
    let (dst, src) = (frame.data.get(..6)?, frame.data.get(6..12)?);
    let data = frame.data.get(at + 2..)?;
    let piece = datagram(src > dst, data)?;
    (is_it && frame.link_type == LinkType::ETHERNET).then_some((Vec::new(), piece))
}

fn segment(
    frame: &Frame<'_>,
    carrier: Carrier,
    is_of_protocol: bool,
    fragments: &mut Fragments,
) -> Option<Piece> {
    let (mut whole, mut packet) = (Vec::new(), Packet::default());
    parse(frame, fragments, &mut whole, &mut packet).ok()?;
    let (port, is_tcp) = match carrier {
        Carrier::Tcp(port) => (port, true),
        Carrier::Udp(port) => (port, false),
        Carrier::File | Carrier::Frames | Carrier::Ethernet(_) => return None,
    };
    let (src, dst, payload) = match packet.ip.protocol {
        protocol::TCP if is_tcp => {
            let segment = transport::tcp(packet.ip.payload)?;
            (segment.src_port, segment.dst_port, segment.payload)
        }
        protocol::UDP if !is_tcp => {
            let datagram = transport::udp(packet.ip.payload)?;
            (datagram.src_port, datagram.dst_port, datagram.payload)
        }
        _ => return None,
    };
    let is_it = is_of_protocol || src == port || dst == port;
    if !is_it || payload.is_empty() {
        return None;
    }
    // The server has the port, or the lower one.
    let to_client = src == port || (dst != port && src < dst);
    let flow = [src.min(dst).to_be_bytes(), src.max(dst).to_be_bytes()].concat();
    let piece =
        if is_tcp { stream(to_client, payload) } else { datagram(to_client, payload)? };
    Some((flow, piece))
}

/// Bytes of a stream: a length has seven bits.
fn stream(to_client: bool, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in payload.chunks(0x7f) {
        let len = u8::try_from(part.len()).unwrap_or_default();
        out.push(len | if to_client { 0x80 } else { 0 });
        out.extend_from_slice(part);
    }
    out
}

/// A datagram: a length has fifteen bits.
fn datagram(to_client: bool, payload: &[u8]) -> Option<Vec<u8>> {
    let len = u16::try_from(payload.len()).ok().filter(|len| *len < 0x8000)?;
    let head = len | if to_client { 0x8000 } else { 0 };
    Some([&head.to_be_bytes()[..], payload].concat())
}
