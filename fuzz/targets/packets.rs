//! Frames of any link type: `link type 1 | (length 1 | frame)*`.
#![no_main]

use tagout_decode::{Config, DECODERS, EachEvent, Frame, LinkType, Pipeline};
use tagout_spec::schema::Schema;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let links = [1, 0, 101, 108, 113, 276];
    let Some((&link, mut rest)) = data.split_first() else { return };
    let link_type = LinkType(links[usize::from(link) % links.len()]);
    let schema = Schema::builtin();
    let mut sink = EachEvent::new(&schema, |_, _| {});
    let mut pipeline = Pipeline::new(Config::default(), DECODERS);
    let mut index = 0;
    while let Some((&len, behind)) = rest.split_first() {
        let (data, behind) = behind.split_at(usize::from(len).min(behind.len()));
        rest = behind;
        index += 1;
        let frame = Frame {
            ts_ns: i64::from(len) * 100_000_000 * i64::try_from(index).unwrap_or(1),
            nanos: false,
            link_type,
            data,
            orig_len: u32::from(len),
            index,
            input: 0,
            interface: 0,
        };
        pipeline.frame(&frame, false, &mut sink);
    }
    pipeline.finish(&mut sink);
});
