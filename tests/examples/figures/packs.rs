//! From rule text to a loaded pack.

use std::error::Error;
use std::time::Instant;

use tagout_compiler::PackSource;
use tagout_runtime::verify::{Limits, verify};
use tagout_runtime::{Cache, Options, Runtime, precompile};
use tagout_spec::schema::Schema;
use tagout_tests::clock::{median, process_seconds};
use tagout_tests::mix::ot::{Mix, Shape};

use crate::row;

/// Compiles, verifies and loads so many rules.
pub(crate) fn measure(rules: usize) -> Result<(), Box<dyn Error>> {
    let mix = Mix::new(rules, Shape::Realistic, 7);
    let source = PackSource::single("mix.tag", mix.source());
    let schema = Schema::builtin();
    let start = process_seconds();
    let built = tagout_compiler::build(&source, &schema);
    let seconds = |start: f64| format!("{:.2} CPU-s", process_seconds() - start);
    row("10,000 rules: text to module", "3 s", &seconds(start));
    let pack = built.pack.ok_or("the mix does not build")?;
    row("its size", "", &format!("{:.1} MB", pack.len() as f64 / 1e6));
    let start = Instant::now();
    let verified = verify(&pack, &Limits::default(), &[])?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    row("verifying it", "", &format!("{took:.1} ms, {:?}", verified.bound));
    let start = process_seconds();
    precompile(&pack, &Options::default(), &Limits::default())?;
    row("10,000 rules: to native code", "3 CPU-s", &seconds(start));
    let folder = tempfile::tempdir()?;
    let mut times = Vec::new();
    for _ in 0..10 {
        let cache = Cache::open(folder.path().join("cache"))?;
        let bytes = pack.clone();
        let start = process_seconds();
        let runtime = Runtime::builder().cache(cache).pack("mix", bytes).build()?;
        let session = runtime.session()?;
        times.push((process_seconds() - start) * 1e3);
        drop(session);
    }
    // The first one filled the cache.
    let cached = times.split_off(1);
    row(
        "10,000 rules: load from the cache",
        "10 ms",
        &format!("{:.1} ms of CPU time", median(cached)),
    );
    Ok(())
}
