//! Any bytes as an input: its kind is found, it is read to the end, and what it
//! captures is decoded.
#![no_main]

use tagout_decode::{Config, DECODERS, EachEvent, Pipeline};
use tagout_sources::{Item, Source};
use tagout_spec::schema::Schema;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(mut source) = Source::open(data, "fuzz", None) else { return };
    let schema = Schema::builtin();
    let mut sink = EachEvent::new(&schema, |_, _| {});
    let mut pipeline = Pipeline::new(Config::default(), DECODERS);
    let mut frames = 0;
    while let Ok(Some(item)) = source.next() {
        if let Item::Frame(frame) = item {
            frames += 1;
            pipeline.frame(&frame, false, &mut sink);
        }
    }
    pipeline.finish(&mut sink);
    assert_eq!(pipeline.stats().packets, frames);
});
