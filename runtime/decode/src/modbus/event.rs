//! A message's fields onto a record of kind `modbus`.

use crate::modbus::adu::Mbap;
use crate::modbus::code::{self, Table, function};
use crate::modbus::ops;
use crate::modbus::pdu::{Message, Role, Values};
use crate::modbus::pending::{AskedFields, Request};
use crate::modbus::probe::Framing;
use crate::protocol::{Context, EventSink};
use crate::put::{KINDS, Put};

/// All that is known of a message.
pub(super) struct Event<'e> {
    /// How it was framed.
    pub(super) framing: Framing,
    /// Its header, unless framed as on a serial line.
    pub(super) mbap: Option<Mbap>,
    /// Unit identifier, where there is one.
    pub(super) unit: Option<u8>,
    /// Who sends it, where that is known.
    pub(super) role: Option<Role>,
    /// The PDU's fields.
    pub(super) message: &'e Message<'e>,
    /// The request that it answers, if it was seen.
    pub(super) request: Option<&'e Request>,
    /// The bytes that did not make sense, for a message without a PDU.
    pub(super) raw: &'e [u8],
}

/// What a UMAS answer has in place of a function.
const UMAS_OK: u8 = 0xfe;
const UMAS_ERROR: u8 = 0xfd;

/// Phases and outcomes, as the schema numbers them.
mod ot {
    pub(super) const PHASE_REQUEST: u8 = 1;
    pub(super) const PHASE_ACCEPTED: u8 = 2;
    pub(super) const PHASE_REJECTED: u8 = 3;
    pub(super) const OUTCOME_OK: u8 = 1;
    pub(super) const OUTCOME_EXCEPTION: u8 = 2;
    pub(super) const TARGET_COIL: u8 = 1;
    pub(super) const TARGET_DISCRETE: u8 = 2;
    pub(super) const TARGET_HOLDING: u8 = 3;
    pub(super) const TARGET_INPUT: u8 = 4;
    pub(super) const TARGET_FILE: u8 = 12;
    pub(super) const TARGET_DEVICE: u8 = 13;
}

/// Most bytes kept of what makes no sense.
const RAW_KEPT: usize = 512;

impl Event<'_> {
    /// Writes the event.
    pub(super) fn write(&self, cx: &Context<'_>, sink: &mut dyn EventSink) {
        let Some(mut put) = Put::begin(cx, sink.batch(KINDS.modbus)) else { return };
        self.frame(&mut put);
        if self.unit.is_some() {
            self.pdu(&mut put);
            self.common(&mut put);
        } else {
            let kept = self.raw.get(..RAW_KEPT).unwrap_or(self.raw);
            put.bytes("data", kept);
        }
        if let (Some(request), Some(Role::Response)) = (self.request, self.role) {
            put.int("latency", cx.ts_ns.saturating_sub(request.ts_ns));
        }
        put.commit();
    }

    /// What the frame around the PDU says, and where it went wrong.
    fn frame(&self, put: &mut Put<'_>) {
        put.int("framing", self.framing as u8);
        if let Some(mbap) = self.mbap {
            put.int("transaction", mbap.transaction);
            put.int("protocol", mbap.protocol);
            put.int("length", mbap.length);
        }
        put.maybe("unit", self.unit);
        match self.role {
            Some(Role::Request) => put.bool("request", true),
            Some(Role::Response) => {
                put.bool("request", false);
                put.bool("paired", self.request.is_some());
            }
            None => {}
        }
        put.bool("malformed", self.message.fault.is_some());
        if let Some(fault) = self.message.fault {
            put.int("malformed_at", fault.at);
            put.int("malformed_why", fault.why as u8);
        }
    }

    fn pdu(&self, put: &mut Put<'_>) {
        let message = self.message;
        put.int("function", message.function);
        put.int("category", code::category(message.function) as u8);
        put.maybe("exception", message.exception);
        put.maybe("table", code::table(message.function).map(|table| table as u8));
        put.maybe("access", code::access(message.function).map(|access| access as u8));
        let asked = self.asked();
        put.maybe("address", message.address.or(asked.address));
        put.maybe("quantity", message.quantity.or(asked.quantity));
        put.maybe("read_address", message.read_address.or(asked.read_address));
        put.maybe("read_quantity", message.read_quantity.or(asked.read_quantity));
        put.maybe("subfunction", message.subfunction.or(asked.subfunction));
        put.maybe("mei", message.mei_type.or(asked.mei_type));
        put.maybe("fifo.address", message.fifo_address.or(asked.fifo_address));
        put.maybe("fifo.count", message.fifo_count);
        put.maybe("and_mask", message.and_mask);
        put.maybe("or_mask", message.or_mask);
        self.values(put);
        match message.function {
            function::READ_COILS..=function::WRITE_SINGLE_REGISTER
            | function::WRITE_MULTIPLE_COILS
            | function::WRITE_MULTIPLE_REGISTERS => {}
            _ => self.rare(put),
        }
    }

    /// What the request said that the answer does not repeat.
    fn asked(&self) -> AskedFields {
        self.request.map(|request| request.asked).unwrap_or_default()
    }

    fn values(&self, put: &mut Put<'_>) {
        let mut push = |values: &mut dyn Iterator<Item = u16>| {
            put.repeated("values", |to| {
                for value in values {
                    to.push(i64::from(value).into());
                }
            });
        };
        match self.message.values {
            Values::None => {}
            Values::Registers(bytes) => {
                let (registers, _) = bytes.as_chunks::<2>();
                push(&mut registers.iter().map(|register| u16::from_be_bytes(*register)));
            }
            Values::Bits(bytes, n) => {
                let bit = |byte: &u8, i: u8| u16::from(byte >> i & 1);
                let bits =
                    bytes.iter().flat_map(|byte| (0..8).map(move |i| bit(byte, i)));
                push(&mut bits.take(n.into()));
            }
            // On and off have values of their own; others stay as they are.
            Values::Coil(0xff00) => push(&mut std::iter::once(1)),
            Values::Coil(value) | Values::Register(value) => {
                push(&mut std::iter::once(value));
            }
        }
    }

    /// Fields of the functions that are rarely seen.
    #[cold]
    fn rare(&self, put: &mut Put<'_>) {
        let message = self.message;
        let data = message.data.unwrap_or_default();
        match message.function {
            function::READ_EXCEPTION_STATUS => {
                put.maybe("exception_status", message.status)
            }
            function::DIAGNOSTICS if message.subfunction.is_some() => {
                put.bytes("diagnostic_data", data);
            }
            function::GET_COMM_EVENT_COUNTER | function::GET_COMM_EVENT_LOG => {
                put.maybe("event_status", message.status);
                put.maybe("event_count", message.event_count);
                put.maybe("message_count", message.message_count);
                if message.data.is_some() {
                    put.bytes("events", data);
                }
            }
            function::REPORT_SERVER_ID if message.data.is_some() => {
                self.server_id(put, data)
            }
            function::READ_FILE_RECORD | function::WRITE_FILE_RECORD => self.files(put),
            function::ENCAPSULATED_INTERFACE if message.device.is_some() => {
                self.device(put)
            }
            function::UMAS => self.umas(put, data),
            _ if message.data.is_some() => put.bytes("data", data),
            _ => {}
        }
    }

    /// The identifier's length is the device's own; where it is one byte, as in
    /// most products, the indicator follows it.
    fn server_id(&self, put: &mut Put<'_>, data: &[u8]) {
        put.bytes("server_id", data);
        if let [_, indicator @ (0 | 0xff)] = data {
            put.int("run_indicator", *indicator);
        }
    }

    fn files(&self, put: &mut Put<'_>) {
        let Some(files) = self.message.files else { return };
        put.repeated("files", |to| {
            for (record, _) in files.records() {
                to.element(|element| {
                    let items = element.items().clone();
                    let mut set = |path: &str, value| {
                        if let Some((idx, _)) = items.lookup(path) {
                            element.set_idx(idx, value);
                        }
                    };
                    set("reference", i64::from(record.reference_type).into());
                    if let Some(file) = record.file {
                        set("file", i64::from(file).into());
                    }
                    if let Some(first) = record.record {
                        set("record", i64::from(first).into());
                    }
                    set("length", i64::from(record.length).into());
                    if let Some(data) = record.data {
                        set("data", data.into());
                    }
                });
            }
        });
    }

    fn device(&self, put: &mut Put<'_>) {
        let Some(device) = self.message.device else { return };
        put.int("device_id.code", device.code);
        put.maybe("device_id.conformity", device.conformity);
        if let Some(more) = device.more {
            put.bool("device_id.more_follows", more != 0);
        }
        put.maybe("device_id.object", device.object);
        if device.conformity.is_none() {
            return;
        }
        put.repeated("device_id.objects", |to| {
            for (id, value) in device.values() {
                to.element(|element| {
                    let items = element.items().clone();
                    if let Some((idx, _)) = items.lookup("id") {
                        element.set_idx(idx, i64::from(id).into());
                    }
                    if let Some((idx, _)) = items.lookup("value") {
                        element.set_idx(idx, value.into());
                    }
                });
            }
        });
    }

    fn umas(&self, put: &mut Put<'_>, data: &[u8]) {
        let Some((key, code)) = self.message.umas else { return };
        put.int("umas.session", key);
        match (self.role, code) {
            (Some(Role::Response), UMAS_OK | UMAS_ERROR) => {
                put.int("umas.status", code);
                put.maybe("umas.function", self.asked().umas);
            }
            _ => put.int("umas.function", code),
        }
        put.bytes("umas.data", data);
    }

    /// The fields that all OT protocols share.
    fn common(&self, put: &mut Put<'_>) {
        let (message, asked) = (self.message, self.asked());
        let umas = match (self.role, message.umas) {
            (Some(Role::Request), Some((_, code))) => Some(code),
            (_, Some(_)) => asked.umas,
            (_, None) => None,
        };
        let mei = message.mei_type.or(asked.mei_type).map(u16::from);
        let sub = message.subfunction.or(asked.subfunction).or(mei);
        let sub = sub.or(umas.or(asked.umas).map(u16::from));
        put.maybe("op", ops::op(message.function, sub));
        match self.role {
            Some(Role::Request) => put.int("phase", ot::PHASE_REQUEST),
            Some(Role::Response) => {
                let umas_failed =
                    message.umas.is_some_and(|(_, code)| code == UMAS_ERROR);
                let failed = message.exception.is_some() || umas_failed;
                let (phase, outcome) = if failed {
                    (ot::PHASE_REJECTED, ot::OUTCOME_EXCEPTION)
                } else {
                    (ot::PHASE_ACCEPTED, ot::OUTCOME_OK)
                };
                put.int("phase", phase);
                put.int("outcome", outcome);
            }
            None => {}
        }
        self.target(put, &asked);
    }

    fn target(&self, put: &mut Put<'_>, asked: &AskedFields) {
        let message = self.message;
        let kind = match code::table(message.function) {
            Some(Table::Coils) => ot::TARGET_COIL,
            Some(Table::DiscreteInputs) => ot::TARGET_DISCRETE,
            Some(Table::HoldingRegisters) => ot::TARGET_HOLDING,
            Some(Table::InputRegisters) => ot::TARGET_INPUT,
            None => match message.function {
                function::READ_FILE_RECORD | function::WRITE_FILE_RECORD => {
                    ot::TARGET_FILE
                }
                function::DIAGNOSTICS
                | function::REPORT_SERVER_ID
                | function::ENCAPSULATED_INTERFACE
                | function::UMAS => ot::TARGET_DEVICE,
                _ => return,
            },
        };
        put.int("target.kind", kind);
        let Some(first) = message.address.or(asked.address) else { return };
        put.int("target.id", first);
        let quantity = message.quantity.or(asked.quantity).unwrap_or(1).max(1);
        let last = u32::from(first).saturating_add(u32::from(quantity)).saturating_sub(1);
        put.int("target.id_end", last);
        let value = match message.values {
            Values::Coil(0xff00) => Some(1),
            Values::Coil(value) | Values::Register(value) => Some(value),
            Values::Registers(bytes) => {
                bytes.first_chunk().map(|register| u16::from_be_bytes(*register))
            }
            Values::Bits(bytes, 1..) => bytes.first().map(|byte| u16::from(byte & 1)),
            Values::Bits(..) | Values::None => None,
        };
        // For function 23 the values of the answer are those that were read.
        let is_other_part = message.function == function::READ_WRITE_MULTIPLE_REGISTERS
            && self.role == Some(Role::Response);
        if let Some(value) = value.filter(|_| !is_other_part) {
            put.set("target.value", f64::from(value).into());
        }
    }
}
