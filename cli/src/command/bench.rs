//! `tagout bench -p PACK INPUT...`: decode once, evaluate many times, on one
//! core. Times are of the process, so that a busy machine shows less.

use std::time::Instant;

use serde_json::json;
use tagout_runtime::{Runtime, Session};
use tagout_spec::record::EventJson;

use crate::args::{Bench, Global};
use crate::event_lines::EventLines;
use crate::inputs::{Feed, IntoSession};
use crate::output::Output;
use crate::packs;
use crate::setup::Setup;
use crate::{Exit, Failure, Terminal};

/// Measures.
pub(super) fn run(
    args: &Bench,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let setup = Setup::read(global, args.packs.site.as_deref())?;
    let schema = &setup.schema;
    let start = Instant::now();
    let runtime = match packs::load(&args.packs, &setup, terminal) {
        Ok(runtime) => runtime,
        Err(reason) => return reason.exit(),
    };
    let load = start.elapsed().as_secs_f64();

    // From the input to alerts, once.
    let mut session = session(&runtime)?;
    let mut feed = Feed::open(&args.inputs, &session.plugins(), terminal)?;
    let start = Instant::now();
    {
        let mut taker = IntoSession::new(&mut session, schema, drain)?;
        feed.run(&mut taker, terminal)?;
    }
    session.flush();
    drain(&mut session)?;
    let whole = start.elapsed().as_secs_f64();
    let stats = session.stats();
    let events: u64 = stats.events.values().sum();
    let alerts: u64 = stats.alerts.values().sum();

    // The events alone, read once, then written and evaluated again and again.
    let failed = |error: &dyn std::fmt::Display| Failure::environment(error.to_string());
    let mut replay = runtime.replay().map_err(|error| failed(&error))?;
    let json = EventJson::new(schema);
    // Its decoders have begun anew.
    let decoding = self::session(&runtime)?;
    let mut reading = Feed::open(&args.inputs, &decoding.plugins(), terminal)?;
    {
        let mut collect = EventLines::new(schema, |line| {
            let Some(line) = line else { return Ok(true) };
            let kind = json.kind(line).map_err(|error| failed(&error))?;
            let written = replay.event(kind, |record| {
                // The line is our own: it reads back.
                let _ = json.read(line, record);
            });
            written.map(|()| true).map_err(|error| failed(&error))
        });
        reading.run(&mut collect, terminal)?;
    }
    let mut rounds = Vec::new();
    for _ in 0..args.rounds.max(1) {
        let start = Instant::now();
        replay.round().map_err(|error| failed(&error))?;
        rounds.push(start.elapsed().as_secs_f64());
    }
    rounds.sort_by(f64::total_cmp);
    let best = rounds.first().copied().unwrap_or(0.0);
    let median = rounds.get(rounds.len() / 2).copied().unwrap_or(0.0);
    let mut output = Output::new();
    let ns = |seconds: f64| seconds * 1e9 / events.max(1).to_f64();
    if args.json {
        let report = json!({
            "events": events, "alerts": alerts, "load_s": load, "input_to_alerts_s": whole,
            "input_to_alerts_ns": ns(whole),
            "copy_and_evaluate_ns": { "best": ns(best), "median": ns(median) },
        });
        output.line(&report.to_string())?;
    } else {
        output.line(&format!("load packs              {:>10.3} ms", load * 1e3))?;
        output.line(&format!("events                  {events:>10}"))?;
        output.line(&format!("alerts                  {alerts:>10}"))?;
        output.line(&format!("input to alerts         {:>10.1} ns/event", ns(whole)))?;
        output.line(&format!(
            "copy and evaluate       {:>10.1} ns/event (best of {}), median {:.1}",
            ns(best),
            args.rounds,
            ns(median)
        ))?;
        output.line(&format!(
            "                        {:>10.2} million events/s",
            1e3 / ns(best).max(f64::MIN_POSITIVE)
        ))?;
    }
    output.finish()?;
    Ok(Exit::Fine)
}

fn session(runtime: &Runtime) -> Result<Session, Failure> {
    runtime.session().map_err(|error| Failure::environment(error.to_string()))
}

fn drain(session: &mut Session) -> Result<bool, Failure> {
    while session.next_output().is_some() {}
    Ok(true)
}

/// Counts as numbers with a point: none here comes near 2^53.
trait ToFloat {
    fn to_f64(self) -> f64;
}

impl ToFloat for u64 {
    fn to_f64(self) -> f64 {
        let low = u32::try_from(self & 0xffff_ffff).unwrap_or(u32::MAX);
        let high = u32::try_from(self >> 32).unwrap_or(u32::MAX);
        f64::from(high) * 4_294_967_296.0 + f64::from(low)
    }
}
