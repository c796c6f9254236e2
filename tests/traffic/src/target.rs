//! The targets, and what each does with an input.

use tagout_decode::{Config, DECODERS, Frame, LinkType, Pipeline};
use tagout_sources::{Item, Source};

use crate::frames::{Sides, ethernet, tcp, udp};
use crate::sink::with_sink;

/// A fuzz target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name, which is that of its folders in `fuzz/corpus` and `fuzz/cases`.
    pub name: &'static str,
    /// What its inputs stand for.
    pub carrier: Carrier,
    /// The decoders that it is for, and the packs (`rules/PACK/captures`) whose captures
    /// are seeds, whatever their ports.
    pub packs: &'static [&'static str],
}

/// What the bytes of an input stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A file, whose kind is found.
    File,
    /// Frames of any link type: `link type 1 | (length 1 | frame)*`.
    Frames,
    /// A connection to a port, whose sides send bytes in any segments:
    /// `(side and length 1 | bytes)*`; length 0 is a gap.
    Tcp(u16),
    /// Datagrams to a port and back: `(side and length 2 | bytes)*`.
    Udp(u16),
    /// Frames of an Ethernet type, likewise.
    Ethernet(u16),
}

const fn target(
    name: &'static str,
    carrier: Carrier,
    packs: &'static [&'static str],
) -> Target {
    Target { name, carrier, packs }
}

/// All targets, by name. Every one runs all decoders: flows are told by content.
#[rustfmt::skip]
pub const TARGETS: &[Target] = &[
    target("capture", Carrier::File, &[]),
    target("dcerpc", Carrier::Tcp(135), &["dcerpc"]),
    target("dcp", Carrier::Ethernet(0x8892), &["dcp", "pnio", "profinet"]),
    target("dnp3", Carrier::Tcp(20_000), &["dnp3"]),
    target("dnp3_udp", Carrier::Udp(20_000), &["dnp3"]),
    target("enip", Carrier::Tcp(44_818), &["enip", "cip"]),
    target("enip_udp", Carrier::Udp(44_818), &["enip", "cip"]),
    target("iec104", Carrier::Tcp(2404), &["iec104"]),
    target("modbus", Carrier::Tcp(502), &["modbus", "umas"]),
    target("modbus_udp", Carrier::Udp(502), &["modbus", "umas"]),
    target("packets", Carrier::Frames, &[]),
    target("pnio", Carrier::Udp(34_964), &["pnio", "profinet"]),
    target("s7", Carrier::Tcp(102), &["s7", "s7plus", "cotp"]),
];

impl Target {
    /// Does with an input what the target is for.
    ///
    /// # Panics
    /// If a promise is broken.
    pub fn run(&self, data: &[u8]) {
        match self.carrier {
            Carrier::File => file(data),
            Carrier::Frames => frames(data),
            Carrier::Tcp(port) => tcp_flow(port, data),
            Carrier::Udp(port) => {
                datagrams(LinkType::RAW, data, &|sides, bytes| udp(sides, port, bytes))
            }
            Carrier::Ethernet(kind) => {
                datagrams(LinkType::ETHERNET, data, &|sides, bytes| {
                    ethernet(sides, kind, bytes)
                });
            }
        }
    }
}

/// A file is read to the end, and what it captures is decoded.
fn file(data: &[u8]) {
    let Ok(mut source) = Source::open(data, "fuzz", None) else { return };
    let mut frames = 0;
    decode(data.len(), |feed| {
        while let Ok(Some(item)) = source.next() {
            if let Item::Frame(frame) = item {
                frames += 1;
                feed(&frame);
            }
        }
        frames
    });
}

fn frames(data: &[u8]) {
    const LINKS: [u32; 6] = [1, 0, 101, 108, 113, 276];
    let Some((&link, mut rest)) = data.split_first() else { return };
    let at = usize::from(link) % LINKS.len();
    let link_type = LinkType(LINKS.get(at).copied().unwrap_or_default());
    decode(data.len(), |feed| {
        let mut index = 0_u64;
        while let Some((&len, behind)) = rest.split_first() {
            let (data, behind) = behind.split_at(usize::from(len).min(behind.len()));
            rest = behind;
            index += 1;
            let ts_ns = i64::from(len) * 100_000_000 * i64::try_from(index).unwrap_or(1);
            feed(&frame(link_type, ts_ns, index, data));
        }
        index
    });
}

fn tcp_flow(port: u16, data: &[u8]) {
    let mut next = [1_000_u32, 2_000];
    let mut rest = data;
    decode(data.len(), |feed| {
        let mut index = 0_u64;
        while let Some((&head, behind)) = rest.split_first() {
            let (sides, len) = (Sides::from_bit(head & 0x80 != 0), head & 0x7f);
            let (payload, behind) = behind.split_at(usize::from(len).min(behind.len()));
            rest = behind;
            let [client, server] = &mut next;
            let (own, other) = match sides {
                Sides::ToServer => (client, *server),
                Sides::ToClient => (server, *client),
            };
            if len == 0 {
                *own = own.wrapping_add(7);
                continue;
            }
            index += 1;
            let packet = tcp(sides, port, (*own, other), payload);
            *own = own.wrapping_add(u32::try_from(payload.len()).unwrap_or_default());
            feed(&frame(LinkType::RAW, time(index), index, &packet));
        }
        index
    });
}

/// Datagrams, each made into a frame.
fn datagrams(link_type: LinkType, data: &[u8], packet: &dyn Fn(Sides, &[u8]) -> Vec<u8>) {
    let mut rest = data;
    decode(data.len(), |feed| {
        let mut index = 0_u64;
        while let Some((head, behind)) = rest.split_first_chunk() {
            let head = u16::from_be_bytes(*head);
            let (sides, len) = (Sides::from_bit(head & 0x8000 != 0), head & 0x7fff);
            let (payload, behind) = behind.split_at(usize::from(len).min(behind.len()));
            rest = behind;
            index += 1;
            feed(&frame(link_type, time(index), index, &packet(sides, payload)));
        }
        index
    });
}

/// Runs a pipeline to its end; `frames` feeds it and says how many it fed.
fn decode(bytes: usize, frames: impl FnOnce(&mut dyn FnMut(&Frame<'_>)) -> u64) {
    with_sink(|sink| {
        let mut pipeline = Pipeline::new(Config::default(), DECODERS);
        let fed = frames(&mut |frame| pipeline.frame(frame, false, sink));
        assert_eq!(pipeline.stats().packets, fed, "a frame was lost");
        pipeline.finish(sink);
        // Two of each flow itself: it is new, it has ended.
        bytes as u64 + 2 * pipeline.stats().flows
    });
}

fn time(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(0).saturating_mul(150_000_000)
}

fn frame(link_type: LinkType, ts_ns: i64, index: u64, data: &[u8]) -> Frame<'_> {
    Frame {
        ts_ns,
        nanos: false,
        link_type,
        data,
        orig_len: u32::try_from(data.len()).unwrap_or(u32::MAX),
        index,
        input: 0,
        interface: 0,
    }
}

#[test]
fn every_decoder_is_a_targets() {
    for decoder in DECODERS {
        let name = decoder.name();
        let is_fuzzed = TARGETS.iter().any(|target| target.packs.contains(&name));
        assert!(is_fuzzed, "{name} is not fuzzed");
    }
}
