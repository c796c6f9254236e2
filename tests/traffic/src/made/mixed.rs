//! A capture of polled Modbus connections; mixed, with what else is on the network:
//!
//! ```text
//! 10 exchanges of Modbus | 3 of the office | ... | a pack's captures | ...
//! ```
//!
//! The packs' captures come whole, one pack after the other, as often as there is room.

use std::collections::BTreeMap;

use tagout_decode::{Config, DECODERS, FlowEvents, Pipeline};
use tagout_spec::record::Needs;

use super::modbus::{EXCHANGE, Expected, Polling};
use super::office::{Office, STEP};
use super::replay::{Replay, packs};
use super::sink::Counts;
use super::wire::Wire;

/// How much traffic.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// At most so many packets.
    pub packets: u32,
    /// Connections that are polled.
    pub connections: u16,
    /// Whether there is more than Modbus.
    pub mixed: bool,
}

/// A capture, and what it holds.
pub struct Made {
    /// A file in the classic format.
    pub capture: Vec<u8>,
    /// Its packets.
    pub packets: u64,
    /// Its flows.
    pub flows: u64,
    /// What was polled.
    pub modbus: Expected,
    /// Events by kind: Modbus from what was polled, and those of the packs' captures,
    /// each decoded once by itself.
    pub events: BTreeMap<String, u64>,
}

/// Microseconds between frames.
const STEP_US: u64 = 500;
/// Exchanges of Modbus for each of three of the office.
const POLLS: u32 = 10;

/// Makes a capture.
pub fn capture(plan: Plan) -> Made {
    let mut wire = Wire::new(STEP_US);
    let mut polling = Polling::open(plan.connections, &mut wire);
    let mut behind = plan.mixed.then(|| Behind::open(&mut wire));
    let longest = behind.as_ref().map_or(0, Behind::longest_step);
    let most = u64::from(plan.packets);
    while wire.packets + EXCHANGE * u64::from(POLLS) + longest <= most {
        for _ in 0..POLLS {
            polling.exchange(&mut wire);
        }
        if let Some(behind) = &mut behind {
            behind.step(&mut wire);
        }
    }
    while wire.packets + EXCHANGE <= most {
        polling.exchange(&mut wire);
    }
    let expected = polling.expected;
    let mut events = behind.map(|behind| behind.events).unwrap_or_default();
    *events.entry("modbus".to_owned()).or_default() +=
        expected.requests + expected.answers;
    Made {
        capture: wire.bytes,
        packets: wire.packets,
        flows: wire.connections,
        modbus: expected,
        events,
    }
}

/// What is behind the polling.
struct Behind {
    office: Office,
    packs: Vec<Pack>,
    turn: usize,
    events: BTreeMap<String, u64>,
}

struct Pack {
    replay: Replay,
    /// Of one time.
    flows: u64,
    events: BTreeMap<String, u64>,
}

impl Behind {
    fn open(wire: &mut Wire) -> Behind {
        let measured = |mut replay: Replay| {
            let mut sink = Counts::new(Needs::NONE);
            let config = Config { flow_events: FlowEvents::None, ..Config::default() };
            let mut pipeline = Pipeline::new(config, DECODERS);
            replay.each(1, |frame| pipeline.frame(frame, false, &mut sink));
            pipeline.finish(&mut sink);
            Pack { replay, flows: pipeline.stats().flows, events: sink.by_kind() }
        };
        let packs = packs().into_iter().map(measured).collect();
        Behind { office: Office::open(wire), packs, turn: 0, events: BTreeMap::new() }
    }

    /// Most packets of a step.
    fn longest_step(&self) -> u64 {
        let longest = self.packs.iter().map(|pack| pack.replay.len()).max();
        STEP * 3 + longest.unwrap_or_default() as u64
    }

    /// Three exchanges of the office; every hundredth step, a pack's captures.
    fn step(&mut self, wire: &mut Wire) {
        for _ in 0..3 {
            self.office.exchange(wire);
        }
        self.turn += 1;
        if !self.turn.is_multiple_of(100) || self.packs.is_empty() {
            return;
        }
        let at = self.turn / 100 % self.packs.len();
        let Some(pack) = self.packs.get_mut(at) else { return };
        for frame in 0..pack.replay.len() {
            wire.frame(pack.replay.bytes(frame).unwrap_or_default());
        }
        wire.connections += pack.flows;
        for (kind, n) in &pack.events {
            *self.events.entry(kind.clone()).or_default() += n;
        }
    }
}
