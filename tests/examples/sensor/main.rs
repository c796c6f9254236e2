//! The figures that the whole program owes, `tagout run` from a capture to alerts:
//!
//! ```text
//! cargo build --release --workspace --bin tagout
//! cargo run --release -p tagout-tests --example sensor [capture|mixed|latency]
//!
//! capture    2,000,000 packets of Modbus, 500 connections; 50 and 10,000 rules
//! mixed      the same number, of all protocols with DNS, HTTP and TLS behind them
//! latency    1,000 packets a second through a pipe: from packet to alert
//! ```
//!
//! Times are CPU times of the whole process, start and all, the best of three. A figure
//! counts only if the run counted as many events and alerts as the traffic holds.
#![expect(clippy::print_stdout, reason = "the report is the purpose")]

mod latency;
mod rules;
mod whole;

use std::error::Error;
use std::path::PathBuf;

use rules::Watch;
use tagout_traffic::made::{self, Plan};

/// Packets of a capture.
const PACKETS: u32 = 2_000_000;
/// Connections that are polled.
const CONNECTIONS: u16 = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1);
    let is_wanted = |part: &str| wanted.as_deref().is_none_or(|wanted| wanted == part);
    println!("| figure | owed | found |\n|---|---|---|");
    let folder = tempfile::tempdir()?;
    for (name, mixed, owed) in [("capture", false, 4.0), ("mixed", true, 2.0)] {
        if !is_wanted(name) {
            continue;
        }
        let plan = Plan { packets: PACKETS, connections: CONNECTIONS, mixed };
        let traffic = made::capture(plan);
        let capture = folder.path().join("traffic.pcap");
        std::fs::write(&capture, &traffic.capture)?;
        let of = |rules: usize| {
            let pack = rules::built(folder.path(), rules, Watch::Address)?;
            whole::measure(&capture, &traffic, &pack)
        };
        let (few, many) = (of(50)?, of(10_000)?);
        let speed = f64::from(PACKETS) / few.seconds / 1e6;
        row(
            &format!("{name}, 50 rules: million packets a CPU-second"),
            &format!("{owed}"),
            &format!("{speed:.2}"),
        );
        let ratio = many.seconds / few.seconds;
        row(&format!("{name}, 10,000 rules over 50"), "2", &format!("{ratio:.2}"));
        let peak = format!("{} and {} MB", few.peak_mb, many.peak_mb);
        row(&format!("{name}, peak memory"), "100 MB", &peak);
    }
    if is_wanted("latency") {
        let latency = latency::measure(&rules::built(folder.path(), 50, Watch::Writes)?)?;
        row("packet to alert, median", "", &format!("{:.2} ms", latency.median_ms));
        row(
            "packet to alert, 99th percentile",
            "5 ms",
            &format!("{:.2} ms", latency.p99_ms),
        );
    }
    Ok(())
}

fn row(what: &str, owed: &str, found: &str) {
    println!("| {what} | {owed} | {found} |");
}

/// The program, which is built beside the examples.
fn tagout() -> Result<PathBuf, Box<dyn Error>> {
    let example = std::env::current_exe()?;
    let program = example.parent().and_then(|examples| examples.parent());
    let program = program.ok_or("no target folder")?.join("tagout");
    program.is_file().then_some(program).ok_or_else(|| "`tagout` is not built".into())
}
