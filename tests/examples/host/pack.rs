//! The pack of all rules: how long it takes to make and to load, and its memory.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use tagout_runtime::verify::Limits;
use tagout_runtime::{Cache, Options, Runtime, precompile};
use tagout_tests::clock::{median, process_seconds};

use crate::row;

/// The argument by which this program measures the memory of a process that does
/// nothing but load the pack.
pub(crate) const CHILD: &str = "load";
/// Loads, of which the median counts.
const LOADS: usize = 11;

pub(crate) fn measure(pack: &[u8], built: f64) -> Result<(), Box<dyn Error>> {
    row("all rules: text to module", "10 s", &format!("{built:.2} CPU-s"));
    row("its size", "", &format!("{:.1} MB", pack.len() as f64 / 1e6));
    let start = process_seconds();
    precompile(pack, &Options::default(), &Limits::default())?;
    let took = process_seconds() - start;
    row("all rules: to native code", "10 CPU-s", &format!("{took:.2} CPU-s"));
    let folder = tempfile::tempdir()?;
    let (file, cache) = (folder.path().join("sigma.wasm"), folder.path().join("cache"));
    fs::write(&file, pack)?;
    let mut times = Vec::new();
    for _ in 0..=LOADS {
        let start = process_seconds();
        load(&file, &cache)?;
        times.push((process_seconds() - start) * 1e3);
    }
    // The first one filled the cache.
    let cached = median(times.split_off(1));
    row(
        "all rules: load from the cache",
        "30 ms",
        &format!("{cached:.1} ms of CPU time"),
    );
    let mut child = Command::new(env::current_exe()?);
    let output = child.arg(CHILD).args([&file, &cache]).output()?;
    let memory = String::from_utf8(output.stdout)?;
    row("a process with it: most memory", "200 MB", memory.trim());
    Ok(())
}

/// Loads the pack of a file, and tells what memory that took.
pub(crate) fn child(
    mut arguments: impl Iterator<Item = String>,
) -> Result<(), Box<dyn Error>> {
    let (file, cache) = arguments.next().zip(arguments.next()).ok_or("no files")?;
    load(Path::new(&file), Path::new(&cache))?;
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|text| text.split_whitespace().next());
    let kilobytes: f64 = kilobytes.ok_or("no peak")?.parse()?;
    println!("{:.0} MB", kilobytes / 1e3);
    Ok(())
}

fn load(file: &Path, cache: &Path) -> Result<(), Box<dyn Error>> {
    let builder = Runtime::builder().cache(Cache::open(cache)?);
    let session = builder.pack("sigma", fs::read(file)?).build()?.session()?;
    drop(session);
    Ok(())
}
