//! Makes deterministic Modbus traffic, or measures how fast it is decoded.
//!
//! ```text
//! modbus_traffic write FILE [PACKETS [CONNECTIONS]]
//! modbus_traffic speed [PACKETS [CONNECTIONS]]
//! ```
//!
//! `speed` reads the capture from memory through a source and a pipeline into
//! batches that are thrown away, and says how many packets a CPU-second takes.
//! It counts only if the numbers of requests, answers and writes are those that the
//! generator knows.
#![expect(clippy::print_stdout, reason = "the example's purpose")]

mod traffic;

use std::error::Error;
use std::time::Instant;

use tagout_decode::{Config, DECODERS, EventSink, FlowEvents, Pipeline};
use tagout_sources::{Item, Source};
use tagout_spec::record::typed::modbus as m;
use tagout_spec::record::{BatchBuilder, Needs, Slot, Value};
use tagout_spec::schema::{KindIdx, Schema};
use traffic::{Expected, Plan};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let file = if command == "write" { arguments.next() } else { None };
    let packets = arguments.next().map_or(Ok(2_000_000), |n| n.parse())?;
    let connections = arguments.next().map_or(Ok(500), |n| n.parse())?;
    let (capture, expected) = traffic::capture(Plan { packets, connections });
    match (command.as_str(), file) {
        ("write", Some(file)) => {
            std::fs::write(file, capture)?;
            println!("{expected:?}");
        }
        ("speed", None) => {
            for needs in [Needs::NONE, Needs::ALL] {
                for flow_events in [FlowEvents::None, FlowEvents::All] {
                    speed(&capture, expected, needs, flow_events)?;
                }
            }
        }
        _ => return Err("usage: write FILE | speed, then PACKETS and CONNECTIONS".into()),
    }
    Ok(())
}

fn speed(
    capture: &[u8],
    expected: Expected,
    needs: Needs,
    flow_events: FlowEvents,
) -> Result<(), Box<dyn Error>> {
    let mut best = f64::INFINITY;
    for check in [true, false, false, false] {
        let schema = Schema::builtin();
        let mut sink = Discard::new(&schema, needs, check).ok_or("no such kind")?;
        let mut pipeline =
            Pipeline::new(Config { flow_events, ..Config::default() }, DECODERS);
        let start = cpu_seconds();
        let mut source = Source::open(capture, "generated", None)?;
        while let Some(item) = source.next()? {
            if let Item::Frame(frame) = item {
                pipeline.frame(&frame, false, &mut sink);
            }
        }
        pipeline.finish(&mut sink);
        if check {
            sink.look_all();
            let seen = Expected {
                packets: pipeline.stats().packets,
                connections: pipeline.stats().flows,
                ..sink.seen
            };
            if seen != expected {
                return Err(format!("decoded {seen:?}, generated {expected:?}").into());
            }
        } else {
            best = best.min(cpu_seconds() - start);
        }
    }
    let packets = u32::try_from(expected.packets).map_or(f64::NAN, f64::from);
    println!(
        "{:.2} million packets a CPU-second, {:.0} ns a packet ({}, {flow_events:?} flow events)",
        packets / best / 1e6,
        best / packets * 1e9,
        if needs == Needs::ALL { "texts and lists written" } else { "numbers only" },
    );
    Ok(())
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

/// Throws full batches away, after a look if asked.
struct Discard {
    batches: Vec<BatchBuilder>,
    modbus: KindIdx,
    check: bool,
    seen: Expected,
}

impl Discard {
    fn new(schema: &Schema, needs: Needs, check: bool) -> Option<Discard> {
        let batch = |(kind, _)| BatchBuilder::new(schema, kind, needs);
        let batches = schema.kinds().filter_map(batch).collect();
        let modbus = schema.kind_idx("modbus")?;
        Some(Discard { batches, modbus, check, seen: Expected::default() })
    }

    fn look_all(&mut self) {
        for at in 0..self.batches.len() {
            self.look(at);
        }
    }

    fn look(&mut self, at: usize) {
        let Some(batch) = self.batches.get_mut(at) else { return };
        if self.check && batch.kind_idx() == self.modbus {
            for record in batch.finish(0).view().records() {
                let is_request = record.get(m::REQUEST) == Slot::Value(Value::Bool(true));
                let is_write = record.get(m::ACCESS) == Slot::Value(Value::Int(2));
                self.seen.requests += u64::from(is_request);
                self.seen.answers += u64::from(!is_request);
                self.seen.writes += u64::from(is_request && is_write);
            }
        }
        batch.clear();
    }
}

impl EventSink for Discard {
    #[expect(clippy::indexing_slicing, reason = "an example over the built-in kinds")]
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        let at = usize::from(kind.0);
        if self.batches[at].is_full() {
            self.look(at);
        }
        &mut self.batches[at]
    }
}
