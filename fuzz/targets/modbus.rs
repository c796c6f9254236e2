//! A connection to port 502 whose sides send any bytes in any segments:
//! `(side and length 1 | bytes)*`; length 0 is a gap.
#![no_main]

use tagout_decode::{Config, DECODERS, EachEvent, Frame, LinkType, Pipeline};
use tagout_spec::schema::Schema;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let schema = Schema::builtin();
    let mut sink = EachEvent::new(&schema, |_, _| {});
    let mut pipeline = Pipeline::new(Config::default(), DECODERS);
    let mut next = [1_000_u32, 2_000];
    let (mut rest, mut index) = (data, 0);
    while let Some((&head, behind)) = rest.split_first() {
        let (side, len) = (usize::from(head >> 7), usize::from(head & 0x7f));
        let (payload, behind) = behind.split_at(len.min(behind.len()));
        rest = behind;
        index += 1;
        if len == 0 {
            next[side] = next[side].wrapping_add(7);
            continue;
        }
        let data = segment(side, next, payload);
        next[side] = next[side].wrapping_add(u32::try_from(payload.len()).unwrap_or(0));
        let frame = Frame {
            ts_ns: i64::try_from(index).unwrap_or(0) * 150_000_000,
            nanos: false,
            link_type: LinkType::RAW,
            data: &data,
            orig_len: u32::try_from(data.len()).unwrap_or(0),
            index,
            input: 0,
            interface: 0,
        };
        pipeline.frame(&frame, false, &mut sink);
    }
    pipeline.finish(&mut sink);
});

fn segment(side: usize, next: [u32; 2], payload: &[u8]) -> Vec<u8> {
    let (hosts, ports) = ([[10, 0, 0, 1], [10, 0, 0, 2]], [[0xc3, 0x50], [0x01, 0xf6]]);
    let total = u16::try_from(40 + payload.len()).unwrap_or(u16::MAX);
    let mut out = vec![0x45, 0];
    out.extend(total.to_be_bytes());
    out.extend([0, 0, 0, 0, 64, 6, 0, 0]);
    out.extend(hosts[side]);
    out.extend(hosts[1 - side]);
    out.extend(ports[side]);
    out.extend(ports[1 - side]);
    out.extend(next[side].to_be_bytes());
    out.extend(next[1 - side].to_be_bytes());
    out.extend([0x50, 0x10, 0x10, 0, 0, 0, 0, 0]);
    out.extend_from_slice(payload);
    out
}
