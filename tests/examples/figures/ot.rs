//! Modbus requests.

use std::error::Error;
use std::net::Ipv4Addr;

use tagout_compiler::PackSource;
use tagout_runtime::{Options, Replay, Runtime};
use tagout_spec::record::BatchBuilder;
use tagout_spec::record::typed::modbus::{KIND, Writer};
use tagout_spec::schema::Schema;
use tagout_tests::clock::{median, thread_ns};
use tagout_tests::mix::native;
use tagout_tests::mix::ot::{Event, Mix, Shape};

use crate::clock::{self, Measured};
use crate::{EVENTS, ROUNDS};

/// Measures a mix.
pub(crate) fn measure(
    rules: usize,
    shape: Shape,
    options: &Options,
) -> Result<Measured, Box<dyn Error>> {
    let mut mix = Mix::new(rules, shape, 7);
    let events: Vec<Event> = (0..EVENTS).map(|_| mix.event()).collect();
    clock::stream(&mut replay(&mix, options)?, KIND, &events, write)
}

/// Measures the usual mix when no event has a destination.
pub(crate) fn measure_lacking(
    rules: usize,
    options: &Options,
) -> Result<Measured, Box<dyn Error>> {
    let mut mix = Mix::new(rules, Shape::Realistic, 7);
    let lack = |event: Event| Event { dst: None, ..event };
    let events: Vec<Event> = (0..EVENTS).map(|_| lack(mix.event())).collect();
    clock::stream(&mut replay(&mix, options)?, KIND, &events, write)
}

/// The worst single event that could be made, over the median event.
pub(crate) struct Crafted {
    /// Of events that are complete.
    pub(crate) complete: f64,
    /// Of events that lack the destination, so that many rules are undecided.
    pub(crate) lacking: f64,
}

/// Times single events that satisfy a rule and lie in as many ranges as they can.
pub(crate) fn crafted(
    rules: usize,
    options: &Options,
) -> Result<Crafted, Box<dyn Error>> {
    let mut mix = Mix::new(rules, Shape::Realistic, 7);
    let mut replay = replay(&mix, options)?;
    let usual: Vec<Event> = (0..200).map(|_| mix.event()).collect();
    let mut candidates = usual.clone();
    for rule in mix.rules.iter().step_by(5) {
        let function = rule.functions.first().copied().unwrap_or(6);
        let address = rule.range.map_or(0, |(low, _)| low.saturating_sub(60));
        let wide = Event {
            src: Ipv4Addr::new(10, 30, 1, 1),
            dst: rule.to.or(Some(Ipv4Addr::new(10, 10, 0, 3))),
            unit: rule.unit.unwrap_or(1),
            function,
            address,
            quantity: 2_000,
        };
        candidates.extend([wide, Event { dst: None, ..wide }]);
    }
    let mut time = |event: &Event| -> Result<f64, Box<dyn Error>> {
        let batch = replay.batch(KIND).ok_or("no such kind")?;
        (0..256).for_each(|_| write(batch, event));
        let mut times = Vec::new();
        for _ in 0..3 {
            let start = thread_ns();
            replay.round()?;
            times.push((thread_ns() - start) / 256.0);
        }
        replay.drain()?;
        Ok(times.into_iter().fold(f64::INFINITY, f64::min))
    };
    let mut usual_times = Vec::new();
    for event in &usual {
        usual_times.push(time(event)?);
    }
    let median = median(usual_times);
    let mut crafted = Crafted { complete: 0.0, lacking: 0.0 };
    for event in &candidates {
        let worst = match event.dst {
            Some(_) => &mut crafted.complete,
            None => &mut crafted.lacking,
        };
        *worst = worst.max(time(event)? / median);
    }
    Ok(crafted)
}

/// The same plan by hand.
pub(crate) fn native(rules: usize) -> f64 {
    let mut mix = Mix::new(rules, Shape::Realistic, 7);
    let events: Vec<Event> = (0..EVENTS).map(|_| mix.event()).collect();
    let plan = native::Ot::new(&mix.rules);
    let mut found = Vec::new();
    let times = (0..ROUNDS).map(|_| {
        let start = thread_ns();
        for event in &events {
            found.clear();
            plan.evaluate(event, &mut found);
            std::hint::black_box(&found);
        }
        (thread_ns() - start) / EVENTS as f64
    });
    median(times.collect())
}

/// A pack of a mix, ready to evaluate.
fn replay(mix: &Mix, options: &Options) -> Result<Replay, Box<dyn Error>> {
    let source = PackSource::single("mix.tag", mix.source());
    let built = tagout_compiler::build(&source, &Schema::builtin());
    let pack = built.pack.ok_or("the mix does not build")?;
    let builder = Runtime::builder().options(options.clone()).pack("mix", pack);
    Ok(builder.build()?.replay()?)
}

/// A record of twelve fields.
fn write(batch: &mut BatchBuilder, event: &Event) {
    let Some(mut w) = Writer::begin(batch) else { return };
    w.ts(1_767_225_600_000_000_000).src_ip(event.src.to_ipv6_mapped().octets());
    if let Some(dst) = event.dst {
        w.dst_ip(dst.to_ipv6_mapped().octets());
    }
    w.src_port(50_000).dst_port(502).transport(6).transaction(7).unit(event.unit);
    w.function(event.function).request(true);
    w.address(event.address).quantity(event.quantity);
    w.commit();
}
