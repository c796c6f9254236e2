//! EVTX: all logs of the corpus, by the `evtx` crate alone and through ours.

use std::error::Error;
use std::fs;
use std::path::Path;

use evtx::{EvtxParser, ParserSettings};
use tagout_host::Layout;
use tagout_sources::{Item, Source};
use tagout_tests::clock::{median, thread_ns};

use crate::events::files;
use crate::stream::Stream;
use crate::{ROUNDS, row, speed};

pub(crate) fn measure(
    host: &Path,
    pack: &[u8],
    by_field: &[u8],
) -> Result<(), Box<dyn Error>> {
    let mut logs = Vec::new();
    for path in files(host)? {
        logs.push(fs::read(path)?);
    }
    let xml = time(|| alone(&logs, true))?;
    let json = time(|| alone(&logs, false))?;
    row("EVTX: the crate alone, to XML", "", &speed(xml));
    row("EVTX: the crate alone, to JSON", "", &speed(json));
    for (pack, which) in [(pack, "all rules"), (by_field, "without those of all fields")]
    {
        let mut stream = Stream::new(pack)?;
        let read = time(|| whole(&logs, &mut stream, false))?;
        let ours = time(|| whole(&logs, &mut stream, true))?;
        row(&format!("EVTX, {which}: read and write alone"), "", &speed(read));
        row(&format!("EVTX, {which}: read, write, scan, evaluate"), "", &speed(ours));
        let share = xml.min(json) / ours * 100.0;
        row(
            &format!("EVTX, {which}: of the crate's speed"),
            "50 %",
            &format!("{share:.0} %"),
        );
    }
    Ok(())
}

/// Nanoseconds a record.
fn time(
    mut read: impl FnMut() -> Result<usize, Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = thread_ns();
        let n = read()?;
        times.push((thread_ns() - start) / n as f64);
    }
    Ok(median(times))
}

/// Records as texts, by the crate alone.
fn alone(logs: &[Vec<u8>], xml: bool) -> Result<usize, Box<dyn Error>> {
    let mut n = 0;
    for log in logs {
        let settings = ParserSettings::new().num_threads(1).indent(false);
        let Ok(parser) = EvtxParser::from_buffer(log.clone()) else { continue };
        let mut parser = parser.with_configuration(settings);
        n += if xml {
            parser.records().filter(Result::is_ok).count()
        } else {
            parser.records_json().filter(Result::is_ok).count()
        };
    }
    Ok(n)
}

/// The same through our source, reader and pack.
fn whole(
    logs: &[Vec<u8>],
    stream: &mut Stream,
    evaluate: bool,
) -> Result<usize, Box<dyn Error>> {
    let mut n = 0;
    for log in logs {
        let Ok(mut source) = Source::open(log.as_slice(), "log", None) else { continue };
        while let Some(Item::Line(line)) = source.next()? {
            stream.text(Layout::Evtx, line.text, evaluate)?;
            n += 1;
        }
    }
    stream.flush(evaluate)?;
    Ok(n)
}
