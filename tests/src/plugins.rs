//! Plugins as text, and what becomes of them: for tests and figures.
//!
//! `tests/plugins/*.wat` do little and do it right; a test replaces a marked line
//! (`;;@decoded`) or any other text to have one that does something else.

use tagout_decode::{Config, DECODERS, Decoder, FlowEvents, Frame, LinkType, Pipeline};
use tagout_runtime::{Output, Plugin, PluginOptions, Runtime, Session, Stats};

/// Each message is an event.
pub const ECHO: &str = include_str!("../plugins/echo.wat");
/// Each Modbus event has a level and an owner.
pub const TAG: &str = include_str!("../plugins/tag.wat");
/// Functions of each form.
pub const SUM: &str = include_str!("../plugins/sum.wat");

/// A plugin's text with parts replaced: what is to be replaced must be there.
///
/// # Errors
/// The text cannot be assembled, or lacks a part.
pub fn assemble(text: &str, edits: &[(&str, &str)]) -> Result<Vec<u8>, String> {
    let mut text = text.to_owned();
    for (from, to) in edits {
        if !text.contains(from) {
            return Err(format!("there is no `{from}`"));
        }
        text = text.replace(from, to);
    }
    wat::parse_str(&text).map_err(|error| error.to_string())
}

/// A packet of UDP over IPv4 between 10.0.0.1 and 10.0.0.2.
#[must_use]
pub fn udp(from: (u8, u16), to: (u8, u16), payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len()).unwrap_or(0).saturating_add(8);
    let [a, b] = len.to_be_bytes();
    ip(17, from, to, &[a, b, 0, 0], payload)
}

/// A segment of TCP, likewise. `at` is where its bytes stand in the stream, from 0.
#[must_use]
pub fn tcp(from: (u8, u16), to: (u8, u16), at: usize, payload: &[u8]) -> Vec<u8> {
    let [a, b, c, d] = u32::try_from(at).unwrap_or(0).to_be_bytes();
    // No acknowledgement; 5 words of header, PSH, ACK; a window; no checksum, not urgent.
    let head = [a, b, c, d, 0, 0, 0, 0, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0];
    ip(6, from, to, &head, payload)
}

/// A packet of a transport, whose header begins with the ports.
fn ip(
    protocol: u8,
    from: (u8, u16),
    to: (u8, u16),
    behind_ports: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let len = behind_ports.len().saturating_add(payload.len()).saturating_add(24);
    let mut packet = vec![0x45, 0];
    packet.extend(u16::try_from(len).unwrap_or(0).to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, from.0, 10, 0, 0, to.0]);
    packet.extend(from.1.to_be_bytes());
    packet.extend(to.1.to_be_bytes());
    packet.extend_from_slice(behind_ports);
    packet.extend_from_slice(payload);
    packet
}

/// What came of packets.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Alerts as EVE, in order.
    pub alerts: Vec<String>,
    /// What was said of packs and plugins.
    pub reports: Vec<String>,
    /// The numbers.
    pub stats: Stats,
}

/// A runtime with plugins and packs.
///
/// # Errors
/// One of them cannot be loaded.
pub fn runtime(
    plugins: &[(Vec<u8>, PluginOptions)],
    packs: &[Vec<u8>],
) -> Result<Runtime, String> {
    let mut builder = Runtime::builder();
    for (bytes, options) in plugins {
        let plugin = Plugin::read(bytes).map_err(|error| error.to_string())?;
        builder = builder.plugin("plugin", plugin, options.clone());
    }
    for pack in packs {
        builder = builder.pack("pack", pack.clone());
    }
    builder.build().map_err(|error| error.error.to_string())
}

/// A session and its pipeline.
pub struct Sensor {
    /// Where events go.
    pub session: Session,
    pipeline: Pipeline,
    number: u64,
    alerts: Vec<String>,
    reports: Vec<String>,
}

impl Sensor {
    /// Starts a session, with the built-in decoders beside those of plugins.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(runtime: &Runtime) -> Result<Self, String> {
        Self::start_with(runtime, DECODERS)
    }

    /// Starts a session with some of the built-in decoders.
    ///
    /// # Errors
    /// It does not start.
    pub fn start_with(
        runtime: &Runtime,
        built_in: &'static [&'static dyn Decoder],
    ) -> Result<Self, String> {
        let session = runtime.session().map_err(|error| error.to_string())?;
        let config = Config { flow_events: FlowEvents::None, ..Config::default() };
        let decoders = session.plugins().decoders();
        let pipeline = Pipeline::with_added(config, built_in, decoders);
        Ok(Self { session, pipeline, number: 0, alerts: Vec::new(), reports: Vec::new() })
    }

    /// Gives the pipeline the decoders of the plugins that are at work now.
    pub fn renew_decoders(&mut self) {
        self.pipeline.set_added(self.session.plugins().decoders());
    }

    /// Takes packets of raw IP, or frames of Ethernet.
    pub fn take(&mut self, link_type: LinkType, packets: &[Vec<u8>]) {
        for data in packets {
            self.number = self.number.saturating_add(1);
            let frame = Frame {
                ts_ns: i64::try_from(self.number).unwrap_or(0).saturating_mul(1_000_000),
                nanos: false,
                link_type,
                data,
                orig_len: u32::try_from(data.len()).unwrap_or(u32::MAX),
                index: self.number,
                input: 0,
                interface: 0,
            };
            self.pipeline.frame(&frame, false, &mut self.session);
        }
    }

    /// Ends it.
    #[must_use]
    pub fn finish(mut self) -> Seen {
        self.pipeline.finish(&mut self.session);
        self.session.flush();
        while let Some(output) = self.session.next_output() {
            match output {
                Output::Alert(alert) => self.alerts.push(alert.to_eve()),
                Output::Fault(fault) => self.reports.push(fault.problem),
                Output::Plugin(report) => self.reports.push(report.to_string()),
                _ => {}
            }
        }
        let stats = self.session.stats();
        Seen { alerts: self.alerts, reports: self.reports, stats }
    }
}
