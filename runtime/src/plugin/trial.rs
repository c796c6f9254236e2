//! The tests that a plugin brings in its manifest, run as a sensor would run it.
//!
//! ```text
//! [[test]] udp, tcp, frame --packets--> Pipeline, no other decoders --> events as JSON
//!          given           --lines----> session, flushed            --> events as JSON
//!          calls           --> function --> result
//! ```
//!
//! Events must be there in their order; each with at least the members that the test
//! states.

use serde_json::Value as Json;
use tagout_decode::{Config, EachEvent, FlowEvents, Frame, LinkType, Pipeline};
use tagout_spec::function::{ArgumentType, Function};
use tagout_spec::plugin::manifest::{Message, Side, Test, TestCall};
use tagout_spec::record::EventJson;

use super::function::Offered;
use super::live::{Live, Plugins};
use crate::engine::{Argument, Functions, Library, Value};
use crate::runtime::{BuildError, Runtime};

/// What became of the tests of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginTestResult {
    /// Name of the plugin.
    pub plugin: String,
    /// Each of its tests.
    pub results: Vec<Tried>,
}

/// A test and what was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Its name.
    pub name: String,
    /// Empty if it passed.
    pub problems: Vec<String>,
}

impl Runtime {
    /// Runs the tests that the plugins bring.
    ///
    /// # Errors
    ///
    /// No session can be started.
    pub fn test_plugins(&self) -> Result<Vec<PluginTestResult>, BuildError> {
        let tested = self.plugins.iter().map(|loaded| {
            let manifest = &loaded.plugin.manifest;
            let tests = manifest.tests.iter();
            let results = tests.map(|test| {
                let live = std::sync::Arc::new(Live::new(loaded));
                let problems = Trial { runtime: self, live }.run(test);
                Tried { name: test.name.clone(), problems }
            });
            PluginTestResult { plugin: manifest.name.clone(), results: results.collect() }
        });
        Ok(tested.collect())
    }
}

/// A plugin that works for one test.
struct Trial<'r> {
    runtime: &'r Runtime,
    live: std::sync::Arc<Live>,
}

impl Trial<'_> {
    fn run(&self, test: &Test) -> Vec<String> {
        let mut problems = Vec::new();
        let mut events = match packets(test) {
            Ok(packets) => self.decode(&packets),
            Err(problem) => vec![Err(problem)],
        };
        events.extend(test.given.iter().map(|line| self.enrich(line)));
        let mut found = Vec::new();
        for event in events {
            match event {
                Ok(event) => found.push(event),
                Err(problem) => problems.push(problem),
            }
        }
        let mut at = 0;
        for text in &test.events {
            let expected: Json = match serde_json::from_str(text) {
                Ok(expected) => expected,
                Err(error) => {
                    problems.push(format!("an event of the test is no JSON: {error}"));
                    continue;
                }
            };
            let rest = found.get(at..).unwrap_or_default();
            match rest.iter().position(|event| holds(event, &expected)) {
                Some(n) => at = at.saturating_add(n).saturating_add(1),
                None => {
                    problems.push(format!("expected {expected}"));
                    let seen =
                        rest.iter().take(8).map(|event| format!("found    {event}"));
                    problems.extend(seen);
                }
            }
        }
        for call in &test.calls {
            problems.extend(self.call(call).err());
        }
        let reports = Plugins(vec![std::sync::Arc::clone(&self.live)]).take_reports();
        problems.extend(reports.iter().map(ToString::to_string));
        problems
    }

    fn decode(&self, packets: &[(LinkType, Vec<u8>)]) -> Vec<Result<Json, String>> {
        let (schema, json) = (&self.runtime.schema, &self.runtime.events);
        let mut events = Vec::new();
        let mut sink = EachEvent::new(schema, |_, record| {
            let mut line = Vec::new();
            json.write(&record, &mut line);
            events.push(parsed(&line));
        });
        let config = Config { flow_events: FlowEvents::None, ..Config::default() };
        let added = super::decoder::of(&self.live).into_iter().collect();
        let mut pipeline = Pipeline::with_added(config, &[], added);
        for (number, (link_type, data)) in (1_u64..).zip(packets) {
            let frame = Frame {
                ts_ns: i64::try_from(number).unwrap_or(0).saturating_mul(1_000_000),
                nanos: false,
                link_type: *link_type,
                data,
                orig_len: u32::try_from(data.len()).unwrap_or(u32::MAX),
                index: number,
                input: 0,
                interface: 0,
            };
            pipeline.frame(&frame, false, &mut sink);
        }
        pipeline.finish(&mut sink);
        sink.flush();
        drop(sink);
        events
    }

    /// An event that was given, with what the plugin adds.
    fn enrich(&self, line: &str) -> Result<Json, String> {
        let json: &EventJson = &self.runtime.events;
        let said = |error: tagout_spec::record::JsonError| error.to_string();
        let kind = json.kind(line.as_bytes()).map_err(said)?;
        let needs = tagout_spec::record::Needs::ALL;
        let mut batch =
            tagout_spec::record::BatchBuilder::new(&self.runtime.schema, kind, needs)
                .ok_or("unknown kind")?;
        if let Some(mut record) = batch.begin() {
            json.read(line.as_bytes(), &mut record).map_err(said)?;
            record.commit();
        }
        self.live.enrich(kind, &mut batch, 0);
        let batch = batch.finish(0);
        let record = batch.view().record(0).ok_or("the event was lost")?;
        let mut out = Vec::new();
        json.write(&record, &mut out);
        parsed(&out)
    }

    fn call(&self, call: &TestCall) -> Result<(), String> {
        let offered = Offered::of(&self.live).ok_or("the plugin has no functions")?;
        let mut declared = offered.functions().iter().enumerate();
        let (number, function) = declared
            .find(|(_, function)| function.name == call.function)
            .ok_or_else(|| format!("there is no function `{}`", call.function))?;
        let texts = texts(function, call)?;
        let arguments: Option<Vec<Argument<'_>>> =
            texts.iter().map(Given::lend).collect();
        let arguments = arguments.ok_or("an argument that cannot be passed")?;
        let mut open: Box<dyn Functions> = offered.open()?;
        let result = open.call(number, &arguments);
        if is_result(result, call.returns.as_ref()) {
            return Ok(());
        }
        let expected = &call.returns;
        Err(format!("`{}` returned {result:?}, expected {expected:?}", call.function))
    }
}

fn parsed(line: &[u8]) -> Result<Json, String> {
    serde_json::from_slice(line).map_err(|error| error.to_string())
}

/// Whether an event has all members that are expected.
fn holds(event: &Json, expected: &Json) -> bool {
    match (event, expected) {
        (Json::Object(event), Json::Object(expected)) => expected
            .iter()
            .all(|(key, value)| event.get(key).is_some_and(|found| holds(found, value))),
        (Json::Array(event), Json::Array(expected)) => {
            event.len() == expected.len()
                && event.iter().zip(expected).all(|(a, b)| holds(a, b))
        }
        _ => event == expected,
    }
}

/// An argument that a test gives.
enum Given {
    Bytes(ArgumentType, Vec<u8>),
    Int(i64),
    Float(f64),
    Bool(bool),
    Ip([u8; 16]),
}

impl Given {
    fn lend(&self) -> Option<Argument<'_>> {
        Some(match self {
            Self::Bytes(ArgumentType::Bytes, bytes) => Argument::Bytes(bytes),
            Self::Bytes(_, bytes) => Argument::Text(bytes),
            Self::Int(n) => Argument::Int(*n),
            Self::Float(n) if n.is_nan() => return None,
            Self::Float(n) => Argument::Float(*n),
            Self::Bool(b) => Argument::Bool(*b),
            Self::Ip(ip) => Argument::Ip(ip),
        })
    }
}

fn texts(function: &Function, call: &TestCall) -> Result<Vec<Given>, String> {
    use toml::Value as Toml;
    if function.arguments.len() != call.arguments.len() {
        return Err(format!("`{function}` has {} arguments", function.arguments.len()));
    }
    let mut given = Vec::new();
    for (ty, value) in function.arguments.iter().zip(&call.arguments) {
        given.push(match (ty, value) {
            (ArgumentType::Text, Toml::String(text)) => {
                Given::Bytes(*ty, text.as_bytes().to_vec())
            }
            (ArgumentType::Bytes, Toml::String(text)) => Given::Bytes(*ty, hex(text)?),
            (ArgumentType::Int, Toml::Integer(n)) => Given::Int(*n),
            (ArgumentType::Float, Toml::Float(n)) => Given::Float(*n),
            (ArgumentType::Bool, Toml::Boolean(b)) => Given::Bool(*b),
            (ArgumentType::Ip, Toml::String(text)) => {
                let ip = text.parse().map_err(|_| format!("`{text}` is no address"))?;
                Given::Ip(tagout_spec::record::ip_octets(ip))
            }
            _ => return Err(format!("{value:?} is no {}", ty.name())),
        });
    }
    Ok(given)
}

fn is_result(found: Option<Value>, expected: Option<&toml::Value>) -> bool {
    use toml::Value as Toml;
    match (found, expected) {
        (None, None) => true,
        (Some(Value::Int(a)), Some(Toml::Integer(b))) => a == *b,
        (Some(Value::Bool(a)), Some(Toml::Boolean(b))) => a == *b,
        (Some(Value::Float(a)), Some(Toml::Float(b))) => {
            (a - b).abs() <= 1e-6 * b.abs().max(1.0)
        }
        _ => false,
    }
}

/// The packets of a test: each flow from 10.0.0.1 to 10.0.0.2.
fn packets(test: &Test) -> Result<Vec<(LinkType, Vec<u8>)>, String> {
    let mut packets = Vec::new();
    for message in &test.udp {
        let payload = hex(&message.hex)?;
        let (from, to) = ports(message);
        let len =
            u16::try_from(payload.len().saturating_add(8)).map_err(|_| "too long")?;
        let mut udp =
            [from.to_be_bytes(), to.to_be_bytes(), len.to_be_bytes(), [0; 2]].concat();
        udp.extend(payload);
        packets.push((LinkType::RAW, ipv4(message.from, 17, &udp)?));
    }
    packets.extend(connection(&test.tcp)?);
    for frame in &test.frame {
        let mut bytes = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
        bytes.extend(frame.ethertype.to_be_bytes());
        bytes.extend(hex(&frame.hex)?);
        packets.push((LinkType::ETHERNET, bytes));
    }
    Ok(packets)
}

/// A connection that is opened, and its segments.
fn connection(messages: &[Message]) -> Result<Vec<(LinkType, Vec<u8>)>, String> {
    const SYN: u8 = 2;
    const ACK: u8 = 16;
    let Some(first) = messages.first() else { return Ok(Vec::new()) };
    let port = first.port;
    let mut next = [1000_u32, 5000];
    let mut packets = Vec::new();
    let mut send = |from: Side, flags: u8, next: [u32; 2], payload: &[u8]| {
        let [own, other] = match from {
            Side::A => next,
            Side::B => [next[1], next[0]],
        };
        let (src, dst) = match from {
            Side::A => (50_000, port),
            Side::B => (port, 50_000),
        };
        let mut tcp: Vec<u8> = [src.to_be_bytes(), dst.to_be_bytes()].concat();
        tcp.extend(own.to_be_bytes());
        tcp.extend(other.to_be_bytes());
        tcp.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend(payload);
        packets.push((LinkType::RAW, ipv4(from, 6, &tcp)?));
        Ok::<(), String>(())
    };
    send(Side::A, SYN, [next[0].wrapping_sub(1), 0], &[])?;
    send(Side::B, SYN | ACK, [next[0], next[1].wrapping_sub(1)], &[])?;
    for message in messages {
        let payload = hex(&message.hex)?;
        send(message.from, ACK, next, &payload)?;
        let len = u32::try_from(payload.len()).unwrap_or(0);
        let side = match message.from {
            Side::A => &mut next[0],
            Side::B => &mut next[1],
        };
        *side = side.wrapping_add(len);
    }
    Ok(packets)
}

fn ports(message: &Message) -> (u16, u16) {
    match message.from {
        Side::A => (50_000, message.port),
        Side::B => (message.port, 50_000),
    }
}

fn ipv4(from: Side, protocol: u8, payload: &[u8]) -> Result<Vec<u8>, String> {
    let len = u16::try_from(payload.len().saturating_add(20)).map_err(|_| "too long")?;
    let (src, dst) = match from {
        Side::A => (1, 2),
        Side::B => (2, 1),
    };
    let mut packet = vec![0x45, 0];
    packet.extend(len.to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, src, 10, 0, 0, dst]);
    packet.extend(payload);
    Ok(packet)
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || format!("`{text}` is not hexadecimal digits in pairs");
    let digits: Option<Vec<u32>> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16)).collect();
    let digits = digits.ok_or_else(wrong)?;
    let pairs = digits.as_chunks::<2>();
    if !pairs.1.is_empty() {
        return Err(wrong());
    }
    let byte =
        |[high, low]: &[u32; 2]| u8::try_from(high * 16 + low).map_err(|_| wrong());
    pairs.0.iter().map(byte).collect()
}
