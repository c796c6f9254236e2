//! A message's fields onto a record of kind `fins`.

use tagout_plugin::{Context, Cursor, EventSink, Transport, envelope, some};

use crate::body::{Body, Items, element};
use crate::frame::{Fault, Frame};
use crate::ops::{self, command};
use crate::pending::Asked;
use crate::plugin::codes::{fins_framing, ot_artifact, ot_outcome, ot_phase, ot_target};
use crate::plugin::fins::{KIND, Writer, items};
use crate::tcp::{self, Header};

/// All that is known of a frame.
pub(crate) struct Event<'e> {
    /// The header of FINS/TCP, if it came so.
    pub(crate) tcp: Option<Header>,
    pub(crate) frame: &'e Frame<'e>,
    pub(crate) body: &'e Body<'e>,
    /// The command that it answers, if it was seen.
    pub(crate) asked: Option<&'e Asked>,
}

/// A message of FINS/TCP that holds no frame.
pub(crate) struct Handshake<'e> {
    pub(crate) header: Header,
    pub(crate) payload: &'e [u8],
}

/// Most bytes kept of what makes no sense.
const RAW_KEPT: usize = 512;

impl Event<'_> {
    /// Writes the event.
    pub(crate) fn write(&self, cx: Context<'_>, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        carrier(&mut w, cx, self.tcp);
        self.header(&mut w);
        self.fields(&mut w);
        self.values(&mut w);
        self.rare(&mut w);
        self.common(&mut w);
        fault(&mut w, self.body.fault);
        if let Some(asked) = self.asked {
            w.latency(cx.ts_ns().saturating_sub(asked.ts_ns));
        }
        w.commit();
    }

    fn header(&self, w: &mut Writer<'_>) {
        let frame = self.frame;
        w.icf(frame.icf).gateway_count(frame.gateway_count).sid(frame.sid);
        let (to, from) = (frame.destination, frame.source);
        w.dna(to.network).da1(to.node).da2(to.unit);
        w.sna(from.network).sa1(from.node).sa2(from.unit);
        w.command(frame.command).request(frame.is_command());
        if frame.is_command() {
            w.response_required(frame.asks());
        }
        if let Some(end) = self.body.end {
            w.end_code(end & 0x7f3f).relay_error(end & 0x8000 != 0);
            w.cpu_fatal(end & 0x0080 != 0).cpu_nonfatal(end & 0x0040 != 0);
        }
    }

    /// What a response does not repeat is its command's.
    fn fields(&self, w: &mut Writer<'_>) {
        let (body, asked) = (self.body, self.asked);
        some!(w, area, self.area());
        some!(w, address, self.address());
        some!(w, bit, body.bit.or(asked.and_then(|asked| asked.bit)));
        some!(w, quantity, self.quantity());
        some!(
            w,
            parameter_area,
            body.parameter_area.or(asked.and_then(|asked| asked.parameter_area))
        );
        some!(w, program, body.program.or(asked.and_then(|asked| asked.program)));
        some!(w, word, body.word.or(asked.and_then(|asked| asked.word)));
        some!(w, mode, body.mode.or(asked.and_then(|asked| asked.mode)));
        some!(w, disk, body.disk.or(asked.and_then(|asked| asked.disk)));
        some!(w, file, self.file());
        if !self.frame.is_command() {
            w.paired(asked.is_some());
        }
    }

    fn values(&self, w: &mut Writer<'_>) {
        let Some(bytes) = self.body.values else { return };
        if self.area().map_or(2, element) == 1 {
            w.values(bytes.iter().copied().map(u16::from));
        } else {
            let (words, _) = bytes.as_chunks::<2>();
            w.values(words.iter().copied().map(u16::from_be_bytes));
        }
    }

    fn rare(&self, w: &mut Writer<'_>) {
        let body = self.body;
        if let Some((area, address)) = body.to {
            w.to_area(area).to_address(address);
        }
        some!(w, length, body.length);
        some!(w, last, body.last);
        some!(w, password, body.password);
        some!(w, time, body.time);
        some!(w, running, body.running);
        some!(w, fatal, body.fatal);
        some!(w, nonfatal, body.nonfatal);
        some!(w, model, body.model);
        some!(w, version, body.version);
        some!(w, message, body.message);
        some!(w, to_file, body.to_file);
        some!(w, parameter, body.parameter);
        some!(w, holder, body.holder);
        some!(w, data, body.data);
        match body.items {
            Items::None => {}
            Items::Read(list) => {
                w.items(|to| {
                    for [area, high, low, bit] in list.iter().copied() {
                        to.element(|item| {
                            let mut set =
                                |idx, value: i64| item.set_idx(idx, value.into());
                            set(items::AREA, area.into());
                            set(items::ADDRESS, u16::from_be_bytes([high, low]).into());
                            set(items::BIT, bit.into());
                        });
                    }
                });
            }
            Items::Force(list) => {
                w.items(|to| {
                    for [a, b, area, high, low, bit] in list.iter().copied() {
                        to.element(|item| {
                            let mut set =
                                |idx, value: i64| item.set_idx(idx, value.into());
                            set(items::FORCE, u16::from_be_bytes([a, b]).into());
                            set(items::AREA, area.into());
                            set(items::ADDRESS, u16::from_be_bytes([high, low]).into());
                            set(items::BIT, bit.into());
                        });
                    }
                });
            }
        }
    }

    /// The fields that all OT protocols share.
    fn common(&self, w: &mut Writer<'_>) {
        some!(w, op, ops::op(self.frame.command));
        match self.body.end {
            // Normal, whatever the flags of the CPU unit say.
            Some(end) if end & 0x7f3f == 0 => {
                w.phase(ot_phase::ACCEPTED).outcome(ot_outcome::OK);
            }
            Some(_) => {
                w.phase(ot_phase::REJECTED).outcome(ot_outcome::EXCEPTION);
            }
            None if self.frame.is_command() => {
                w.phase(ot_phase::REQUEST);
            }
            None => {}
        }
        match self.frame.command {
            command::PROGRAM_AREA_READ | command::PROGRAM_AREA_WRITE => {
                w.target_kind(ot_target::PROGRAM).artifact_kind(ot_artifact::PROGRAM);
            }
            0x2201..=0x2215 => {
                w.target_kind(ot_target::FILE);
                some!(w, target_name, self.file());
            }
            0x0101..=0x0105 => self.target(w),
            0x0401..=0x0502 | 0x0601..=0x0702 => {
                w.target_kind(ot_target::DEVICE);
            }
            _ => {}
        }
    }

    fn target(&self, w: &mut Writer<'_>) {
        let Some(area) = self.area() else { return };
        let kind = if element(area) == 1 { ot_target::COIL } else { ot_target::HOLDING };
        w.target_kind(kind);
        let Some(first) = self.address() else { return };
        w.target_id(first.into());
        let more = self.quantity().unwrap_or(1).max(1).saturating_sub(1);
        w.target_id_end(u32::from(first).saturating_add(more.into()));
        let values = self.body.values.unwrap_or_default();
        let value = match element(area) {
            1 => values.first().copied().map(u16::from),
            _ => values.first_chunk().copied().map(u16::from_be_bytes),
        };
        some!(w, target_value, value.map(f64::from));
    }

    fn area(&self) -> Option<u8> {
        self.body.area.or(self.asked.and_then(|asked| asked.area))
    }

    fn address(&self) -> Option<u16> {
        self.body.address.or(self.asked.and_then(|asked| asked.address))
    }

    fn quantity(&self) -> Option<u16> {
        self.body.quantity.or(self.asked.and_then(|asked| asked.quantity))
    }

    fn file(&self) -> Option<&[u8]> {
        self.body.file.or(self.asked.and_then(Asked::file))
    }
}

impl Handshake<'_> {
    /// Writes the event: node addresses, or what is wrong.
    pub(crate) fn write(&self, cx: Context<'_>, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        carrier(&mut w, cx, Some(self.header));
        // It is no command, so that rules on commands need not doubt it.
        w.request(false);
        let mut nodes = Cursor::new(self.payload);
        match self.header.command {
            tcp::command::CLIENT_ADDRESS => {
                w.phase(ot_phase::REQUEST);
                some!(w, tcp_client_node, nodes.u32());
            }
            tcp::command::SERVER_ADDRESS => {
                some!(w, tcp_client_node, nodes.u32());
                some!(w, tcp_server_node, nodes.u32());
                let (phase, outcome) = match self.header.error {
                    0 => (ot_phase::ACCEPTED, ot_outcome::OK),
                    _ => (ot_phase::REJECTED, ot_outcome::REJECTED),
                };
                w.phase(phase).outcome(outcome);
            }
            _ => {}
        }
        if !nodes.rest().is_empty() {
            w.data(nodes.rest());
        }
        w.malformed(false);
        w.commit();
    }
}

/// Writes that some bytes are no message.
pub(crate) fn malformed(
    cx: Context<'_>,
    tcp: Option<Header>,
    bytes: &[u8],
    why: Fault,
    sink: &mut dyn EventSink,
) {
    let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
    envelope!(w, cx);
    carrier(&mut w, cx, tcp);
    w.data(bytes.get(..RAW_KEPT).unwrap_or(bytes));
    fault(&mut w, Some(why));
    w.commit();
}

fn carrier(w: &mut Writer<'_>, cx: Context<'_>, tcp: Option<Header>) {
    w.framing(match cx.transport() {
        Transport::Udp => fins_framing::UDP,
        Transport::Tcp => fins_framing::TCP,
    });
    if let Some(header) = tcp {
        w.tcp_command(header.command).tcp_error(header.error);
    }
}

fn fault(w: &mut Writer<'_>, fault: Option<Fault>) {
    w.malformed(fault.is_some());
    if let Some(fault) = fault {
        w.malformed_at(fault.at).malformed_why(fault.why as u8);
    }
}
