//! Targets that read traffic: a capture, frames, the two sides of one flow.

use tagout_decode::{Config, DECODERS, EachEvent, Frame, LinkType, Pipeline, Transport};
use tagout_sources::{Item, Source};
use tagout_spec::schema::Schema;

/// Any bytes as an input: its kind is found, it is read to the end, and what it
/// captures is decoded.
///
/// # Panics
/// If a frame is lost between source and pipeline.
pub fn capture(data: &[u8]) {
    let Ok(mut source) = Source::open(data, "fuzz", None) else { return };
    let mut frames = 0;
    decode(|pipeline, sink| {
        while let Ok(Some(item)) = source.next() {
            if let Item::Frame(frame) = item {
                frames += 1;
                pipeline.frame(&frame, false, sink);
            }
        }
        assert_eq!(pipeline.stats().packets, frames, "a frame was lost");
    });
}

/// Frames of any link type: `link type 1 | (length 1 | frame)*`.
pub fn packets(data: &[u8]) {
    const LINKS: [u32; 6] = [1, 0, 101, 108, 113, 276];
    let Some((&link, mut rest)) = data.split_first() else { return };
    let at = usize::from(link) % LINKS.len();
    let link_type = LinkType(LINKS.get(at).copied().unwrap_or_default());
    decode(|pipeline, sink| {
        let mut index = 0_u64;
        while let Some((&len, behind)) = rest.split_first() {
            let (data, behind) = behind.split_at(usize::from(len).min(behind.len()));
            rest = behind;
            index += 1;
            let ts_ns = i64::from(len) * 100_000_000 * i64::try_from(index).unwrap_or(1);
            pipeline.frame(&frame(link_type, ts_ns, index, data), false, sink);
        }
    });
}

/// A flow to a port, whose sides send any bytes in any segments or datagrams:
/// `(side and length 1 | bytes)*`. In a stream, length 0 is a gap.
pub fn flow(transport: Transport, port: u16, data: &[u8]) {
    let mut next = [1_000_u32, 2_000];
    let mut rest = data;
    decode(|pipeline, sink| {
        let mut index = 0_u64;
        while let Some((&head, behind)) = rest.split_first() {
            let (to_client, len) = (head & 0x80 != 0, usize::from(head & 0x7f));
            let (payload, behind) = behind.split_at(len.min(behind.len()));
            rest = behind;
            index += 1;
            let [client, server] = &mut next;
            let (own, other) =
                if to_client { (server, *client) } else { (client, *server) };
            let used = u32::try_from(payload.len()).unwrap_or_default();
            let packet = match transport {
                Transport::Tcp if len == 0 => {
                    *own = own.wrapping_add(7);
                    continue;
                }
                Transport::Tcp => tcp(to_client, port, *own, other, payload),
                Transport::Udp => udp(to_client, port, payload),
            };
            *own = own.wrapping_add(used);
            let ts_ns = i64::try_from(index).unwrap_or(0).saturating_mul(150_000_000);
            pipeline.frame(&frame(LinkType::RAW, ts_ns, index, &packet), false, sink);
        }
    });
}

/// Runs a pipeline to its end; its events are thrown away.
fn decode(feed: impl FnOnce(&mut Pipeline, &mut dyn tagout_decode::EventSink)) {
    let schema = Schema::builtin();
    let mut sink = EachEvent::new(&schema, |_, _| {});
    let mut pipeline = Pipeline::new(Config::default(), DECODERS);
    feed(&mut pipeline, &mut sink);
    pipeline.finish(&mut sink);
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

fn tcp(
    to_client: bool,
    port: u16,
    sequence: u32,
    acknowledged: u32,
    data: &[u8],
) -> Vec<u8> {
    let mut out = ports(to_client, port);
    out.extend(sequence.to_be_bytes());
    out.extend(acknowledged.to_be_bytes());
    out.extend([0x50, 0x10, 0x10, 0, 0, 0, 0, 0]);
    out.extend_from_slice(data);
    ipv4(to_client, 6, &out)
}

fn udp(to_client: bool, port: u16, data: &[u8]) -> Vec<u8> {
    let mut out = ports(to_client, port);
    out.extend(u16::try_from(8 + data.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend([0, 0]);
    out.extend_from_slice(data);
    ipv4(to_client, 17, &out)
}

/// The ports of a packet, sender's first.
fn ports(to_client: bool, port: u16) -> Vec<u8> {
    let (client, server) = (50_000_u16.to_be_bytes(), port.to_be_bytes());
    if to_client { [server, client].concat() } else { [client, server].concat() }
}

fn ipv4(to_client: bool, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let (client, server) = ([10, 0, 0, 1], [10, 0, 0, 2]);
    let (src, dst) = if to_client { (server, client) } else { (client, server) };
    let mut out = vec![0x45, 0];
    out.extend(u16::try_from(20 + payload.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
    out.extend(src);
    out.extend(dst);
    out.extend_from_slice(payload);
    out
}
