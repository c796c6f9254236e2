//! Makes deterministic traffic, or measures how fast it is decoded.
//!
//! ```text
//! traffic write FILE [PACKETS]    a capture: mixed traffic
//! traffic modbus [PACKETS]        speed: 500 connections that are polled
//! traffic mixed [PACKETS]         speed: OT with DNS, HTTP and TLS behind it
//! traffic decoders [TIMES]        speed: the packs' captures, each so many times
//! ```
//!
//! Captures are read from memory through a source and a pipeline into batches that are
//! thrown away. A speed counts only if there are as many events of every kind as the
//! generator knows; numbers are per CPU-second of this thread, the best of three.
#![expect(clippy::print_stdout, reason = "the example's purpose")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use tagout_decode::{Config, DECODERS, FlowEvents, Pipeline};
use tagout_sources::{Item, Source};
use tagout_spec::record::Needs;
use tagout_traffic::made::{self, Counts, Made, Plan, Replay};

type Outcome = Result<(), Box<dyn Error>>;

const PACKETS: u32 = 2_000_000;
const CONNECTIONS: u16 = 500;
const TIMES: u32 = 20_000;
/// Shortest time that is measured: the system counts a thread's time in steps.
const SHORTEST: f64 = 0.05;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: Option<&&str>, default| text.map_or(Ok(default), |n| n.parse());
    match arguments.as_slice() {
        ["write", file, rest @ ..] => {
            let packets = number(rest.first(), PACKETS)?;
            let made =
                made::capture(Plan { packets, connections: CONNECTIONS, mixed: true });
            std::fs::write(file, &made.capture)?;
            println!("{} packets, {} flows, {:?}", made.packets, made.flows, made.modbus);
            Ok(())
        }
        [which @ ("modbus" | "mixed"), rest @ ..] => {
            let packets = number(rest.first(), PACKETS)?;
            let is_mixed = *which == "mixed";
            let plan = Plan { packets, connections: CONNECTIONS, mixed: is_mixed };
            let made = made::capture(plan);
            for needs in [Needs::NONE, Needs::ALL] {
                for flow_events in [FlowEvents::None, FlowEvents::All] {
                    packets_speed(&made, needs, flow_events)?;
                }
            }
            Ok(())
        }
        ["decoders", rest @ ..] => {
            let times = number(rest.first(), TIMES)?;
            made::packs().iter_mut().try_for_each(|pack| decoder_speed(pack, times))
        }
        _ => {
            Err("usage: write FILE | modbus | mixed, then PACKETS; decoders TIMES".into())
        }
    }
}

/// Packets a second of a capture.
fn packets_speed(made: &Made, needs: Needs, flow_events: FlowEvents) -> Outcome {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let mut sink = Counts::new(needs);
        let mut pipeline =
            Pipeline::new(Config { flow_events, ..Config::default() }, DECODERS);
        let start = cpu_seconds();
        let mut source = Source::open(made.capture.as_slice(), "generated", None)?;
        while let Some(item) = source.next()? {
            if let Item::Frame(frame) = item {
                pipeline.frame(&frame, false, &mut sink);
            }
        }
        pipeline.finish(&mut sink);
        best = best.min(cpu_seconds() - start);
        let stats = pipeline.stats();
        let mut seen = sink.by_kind();
        seen.remove("flow");
        if (stats.packets, stats.flows) != (made.packets, made.flows)
            || seen != made.events
        {
            return Err(format!(
                "decoded {} packets, {} flows, {seen:?}; generated {}, {}, {:?}",
                stats.packets, stats.flows, made.packets, made.flows, made.events
            )
            .into());
        }
    }
    let packets = float(made.packets);
    println!(
        "{:.2} million packets a CPU-second, {:.0} ns a packet ({}, {flow_events:?} flow events)",
        packets / best / 1e6,
        best / packets * 1e9,
        if needs == Needs::ALL { "texts and lists written" } else { "numbers only" },
    );
    Ok(())
}

/// PDUs and their bytes a second of a pack's captures.
fn decoder_speed(pack: &mut Replay, times: u32) -> Outcome {
    let once = events_of(pack, 1).0;
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let (seen, seconds) = events_of(pack, times);
        let expected: BTreeMap<String, u64> =
            once.iter().map(|(kind, n)| (kind.clone(), n * u64::from(times))).collect();
        if seen != expected {
            return Err(format!("{}: {seen:?}, expected {expected:?}", pack.pack).into());
        }
        best = best.min(seconds);
    }
    if best < SHORTEST {
        return Err(format!("{}: {times} times are too few to measure", pack.pack).into());
    }
    let events = float(once.values().sum::<u64>()) * f64::from(times);
    let bytes = float(pack.payload_bytes()) * f64::from(times);
    println!(
        "{}: {:.2} million events a CPU-second, {:.0} ns each, {:.1} MB of payload ({once:?})",
        pack.pack,
        events / best / 1e6,
        best / events * 1e9,
        bytes / best / 1e6,
    );
    Ok(())
}

/// The events of a pack's captures so many times, and how long they took.
fn events_of(pack: &mut Replay, times: u32) -> (BTreeMap<String, u64>, f64) {
    let mut sink = Counts::new(Needs::ALL);
    let config = Config { flow_events: FlowEvents::None, ..Config::default() };
    let mut pipeline = Pipeline::new(config, DECODERS);
    let start = cpu_seconds();
    pack.each(times, |frame| pipeline.frame(frame, false, &mut sink));
    pipeline.finish(&mut sink);
    (sink.by_kind(), cpu_seconds() - start)
}

/// CPU time of this thread, where the system tells it; else the time that passes.
fn cpu_seconds() -> f64 {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    match nanoseconds {
        Some(nanoseconds) => nanoseconds / 1e9,
        None => START.get_or_init(Instant::now).elapsed().as_secs_f64(),
    }
}

fn float(n: u64) -> f64 {
    u32::try_from(n).map_or(f64::NAN, f64::from)
}
