//! Makes deterministic traffic, or measures how fast it is decoded.
//!
//! ```text
//! traffic write FILE [PACKETS]    a capture: mixed traffic
//! traffic modbus [PACKETS]        speed: 500 connections that are polled
//! traffic mixed [PACKETS]         speed: OT with DNS, HTTP and TLS behind it
//! traffic decoders [NAME...]      speed: each decoder alone, over the packs' captures
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
use tagout_traffic::made::{self, Counts, Made, Plan, Talk};

type Outcome = Result<(), Box<dyn Error>>;

const PACKETS: u32 = 2_000_000;
const CONNECTIONS: u16 = 500;
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
        ["decoders", wanted @ ..] => decoders_speed(wanted),
        _ => {
            Err("usage: write FILE | modbus | mixed, then PACKETS; decoders [NAME...]"
                .into())
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

/// Events and bytes a second of each decoder alone, numbers only and with all texts.
fn decoders_speed(wanted: &[&str]) -> Outcome {
    let mut by_decoder: BTreeMap<&str, Vec<Talk>> = BTreeMap::new();
    for talk in made::talks().into_iter().filter(|talk| talk.bytes() > 0) {
        by_decoder.entry(talk.decoder.name()).or_default().push(talk);
    }
    by_decoder.retain(|name, _| wanted.is_empty() || wanted.contains(name));
    by_decoder.iter().try_for_each(|(name, talks)| decoder_speed(name, talks))
}

fn decoder_speed(name: &str, talks: &[Talk]) -> Outcome {
    let mut times = 1_000;
    while said(talks, times, Needs::NONE).1 < SHORTEST * 2.0 {
        times *= 2;
    }
    // A session may learn from the first time how to read what follows.
    let (once, twice) = (said(talks, 1, Needs::NONE).0, said(talks, 2, Needs::NONE).0);
    let expected = |kind: &String, n: &u64| {
        let first = once.get(kind).copied().unwrap_or(0);
        (kind.clone(), first + (n - first) * u64::from(times - 1))
    };
    let expected: BTreeMap<String, u64> =
        twice.iter().map(|(kind, n)| expected(kind, n)).collect();
    let mut best = [f64::INFINITY; 2];
    for (best, needs) in best.iter_mut().zip([Needs::NONE, Needs::ALL]) {
        for _ in 0..3 {
            let (seen, seconds) = said(talks, times, needs);
            if seen != expected {
                return Err(format!("{name}: {seen:?}, expected {expected:?}").into());
            }
            *best = best.min(seconds);
        }
    }
    let [numbers, all] = best;
    let events = float(expected.values().sum::<u64>());
    let bytes = float(talks.iter().map(Talk::bytes).sum::<u64>()) * f64::from(times);
    println!(
        "{name}: {:.1} million events a CPU-second ({:.1} with texts and lists), {:.0} ns \
         each ({:.0}), {:.0} MB ({:.0}); {once:?}",
        events / numbers / 1e6,
        events / all / 1e6,
        numbers / events * 1e9,
        all / events * 1e9,
        bytes / numbers / 1e6,
        bytes / all / 1e6,
    );
    Ok(())
}

/// The events of talks so many times, and how long they took.
fn said(talks: &[Talk], times: u32, needs: Needs) -> (BTreeMap<String, u64>, f64) {
    let mut sink = Counts::new(needs);
    let start = cpu_seconds();
    talks.iter().for_each(|talk| talk.say(times, &mut sink));
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
