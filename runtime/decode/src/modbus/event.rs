//! A message's fields onto a record of kind `modbus`.

use tagout_spec::record::typed::codes::{ot_outcome, ot_phase, ot_target};
use tagout_spec::record::typed::modbus::{KIND, Writer, device_id_objects, files};

use crate::modbus::adu::Mbap;
use crate::modbus::code::{self, Table, function};
use crate::modbus::ops;
use crate::modbus::pdu::{Message, Role, Values};
use crate::modbus::pending::{AskedFields, Request};
use crate::modbus::probe::Framing;
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};

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

/// What was asked for as far as nobody knows.
static NOTHING: AskedFields = AskedFields::NONE;

/// Most bytes kept of what makes no sense.
const RAW_KEPT: usize = 512;

impl Event<'_> {
    /// Writes the event.
    pub(super) fn write(&self, cx: Context<'_>, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        self.frame(&mut w);
        if self.unit.is_some() {
            self.pdu(&mut w);
            self.common(&mut w);
        } else {
            let kept = self.raw.get(..RAW_KEPT).unwrap_or(self.raw);
            w.data(kept);
        }
        if let (Some(request), Some(Role::Response)) = (self.request, self.role) {
            w.latency(cx.ts_ns().saturating_sub(request.ts_ns));
        }
        w.commit();
    }

    /// What the frame around the PDU says, and where it went wrong.
    fn frame(&self, w: &mut Writer<'_>) {
        w.framing(self.framing as u8);
        if let Some(mbap) = self.mbap {
            w.transaction(mbap.transaction);
            w.protocol(mbap.protocol);
            w.length(mbap.length);
        }
        some!(w, unit, self.unit);
        match self.role {
            Some(Role::Request) => {
                w.request(true);
            }
            Some(Role::Response) => {
                w.request(false);
                w.paired(self.request.is_some());
            }
            None => {}
        }
        w.malformed(self.message.fault.is_some());
        if let Some(fault) = self.message.fault {
            w.malformed_at(fault.at);
            w.malformed_why(fault.why as u8);
        }
    }

    fn pdu(&self, w: &mut Writer<'_>) {
        let message = self.message;
        w.function(message.function);
        let known = code::known(message.function);
        w.category(known.category as u8);
        some!(w, exception, message.exception);
        some!(w, table, known.table.map(|table| table as u8));
        some!(w, access, known.access.map(|access| access as u8));
        let (address, quantity) = self.place();
        some!(w, address, address);
        some!(w, quantity, quantity);
        self.values(w);
        match message.function {
            function::READ_COILS..=function::WRITE_SINGLE_REGISTER
            | function::WRITE_MULTIPLE_COILS
            | function::WRITE_MULTIPLE_REGISTERS => {}
            _ => w.apart(|w| self.rare(w)),
        }
    }

    /// First address and quantity: those of the values that the message holds.
    /// An answer takes them from its request; in function 23 a request holds
    /// what is written and an answer what is read.
    fn place(&self) -> (Option<u16>, Option<u16>) {
        let (message, asked) = (self.message, self.asked());
        let is_read_part = message.function == function::READ_WRITE_MULTIPLE_REGISTERS
            && self.role == Some(Role::Response);
        if is_read_part {
            return (asked.read_address, asked.read_quantity);
        }
        (message.address.or(asked.address), message.quantity.or(asked.quantity))
    }

    /// What the request said that the answer does not repeat.
    fn asked(&self) -> &AskedFields {
        self.request.map_or(&NOTHING, |request| &request.asked)
    }

    fn values(&self, w: &mut Writer<'_>) {
        match self.message.values {
            Values::None => {}
            Values::Registers(bytes) => {
                let (registers, _) = bytes.as_chunks::<2>();
                w.values(registers.iter().map(|register| u16::from_be_bytes(*register)));
            }
            Values::Bits(bytes, n) => {
                let bit = |byte: &u8, i: u8| u16::from(byte >> i & 1);
                let bits =
                    bytes.iter().flat_map(|byte| (0..8).map(move |i| bit(byte, i)));
                w.values(bits.take(n.into()));
            }
            // On and off have values of their own; others stay as they are.
            Values::Coil(0xff00) => {
                w.values([1]);
            }
            Values::Coil(value) | Values::Register(value) => {
                w.values([value]);
            }
        }
    }

    /// Fields of the functions that are rarely seen.
    #[cold]
    fn rare(&self, w: &mut Writer<'_>) {
        let (message, asked) = (self.message, self.asked());
        some!(w, read_address, message.read_address.or(asked.read_address));
        some!(w, read_quantity, message.read_quantity.or(asked.read_quantity));
        some!(w, subfunction, message.subfunction.or(asked.subfunction));
        some!(w, mei, message.mei_type.or(asked.mei_type));
        some!(w, fifo_address, message.fifo_address.or(asked.fifo_address));
        some!(w, fifo_count, message.fifo_count);
        some!(w, and_mask, message.and_mask);
        some!(w, or_mask, message.or_mask);
        let data = message.data.unwrap_or_default();
        match message.function {
            function::READ_EXCEPTION_STATUS => {
                some!(
                    w,
                    exception_status,
                    message.status.and_then(|n| u8::try_from(n).ok())
                )
            }
            function::DIAGNOSTICS if message.subfunction.is_some() => {
                w.diagnostic_data(data);
            }
            function::GET_COMM_EVENT_COUNTER | function::GET_COMM_EVENT_LOG => {
                some!(w, event_status, message.status);
                some!(w, event_count, message.event_count);
                some!(w, message_count, message.message_count);
                if message.data.is_some() {
                    w.events(data);
                }
            }
            function::REPORT_SERVER_ID if message.data.is_some() => {
                self.server_id(w, data)
            }
            function::READ_FILE_RECORD | function::WRITE_FILE_RECORD => self.files(w),
            function::ENCAPSULATED_INTERFACE if message.device.is_some() => {
                self.device(w)
            }
            _ if message.data.is_some() => {
                w.data(data);
            }
            _ => {}
        }
    }

    /// The identifier's length is the device's own; where it is one byte, as in
    /// most products, the indicator follows it.
    fn server_id(&self, w: &mut Writer<'_>, data: &[u8]) {
        w.server_id(data);
        if let [_, indicator @ (0 | 0xff)] = data {
            w.run_indicator(*indicator);
        }
    }

    fn files(&self, w: &mut Writer<'_>) {
        let Some(files) = self.message.files else { return };
        w.files(|to| {
            for (record, _) in files.records() {
                to.element(|element| {
                    let mut set = |idx, value| element.set_idx(idx, value);
                    set(files::REFERENCE, i64::from(record.reference_type).into());
                    if let Some(file) = record.file {
                        set(files::FILE, i64::from(file).into());
                    }
                    if let Some(first) = record.record {
                        set(files::RECORD, i64::from(first).into());
                    }
                    set(files::LENGTH, i64::from(record.length).into());
                    if let Some(data) = record.data {
                        set(files::DATA, data.into());
                    }
                });
            }
        });
    }

    fn device(&self, w: &mut Writer<'_>) {
        let Some(device) = self.message.device else { return };
        w.device_id_code(device.code);
        some!(w, device_id_conformity, device.conformity);
        if let Some(more) = device.more {
            w.device_id_more_follows(more != 0);
        }
        some!(w, device_id_object, device.object);
        if device.conformity.is_none() {
            return;
        }
        w.device_id_objects(|to| {
            for (id, value) in device.values() {
                to.element(|element| {
                    element.set_idx(device_id_objects::ID, i64::from(id).into());
                    element.set_idx(device_id_objects::VALUE, value.into());
                });
            }
        });
    }

    /// The fields that all OT protocols share. Of function 90 they stand on the event
    /// of what it carries.
    fn common(&self, w: &mut Writer<'_>) {
        let message = self.message;
        if message.function == function::UMAS {
            return;
        }
        let sub = || {
            let asked = self.asked();
            let mei = message.mei_type.or(asked.mei_type).map(u16::from);
            message.subfunction.or(asked.subfunction).or(mei)
        };
        some!(w, op, ops::op(message.function, sub));
        match self.role {
            Some(Role::Request) => {
                w.phase(ot_phase::REQUEST);
            }
            Some(Role::Response) => {
                let (phase, outcome) = if message.is_exception {
                    (ot_phase::REJECTED, ot_outcome::EXCEPTION)
                } else {
                    (ot_phase::ACCEPTED, ot_outcome::OK)
                };
                w.phase(phase);
                w.outcome(outcome);
            }
            None => {}
        }
        self.target(w);
    }

    fn target(&self, w: &mut Writer<'_>) {
        let message = self.message;
        let kind = match code::known(message.function).table {
            Some(Table::Coils) => ot_target::COIL,
            Some(Table::DiscreteInputs) => ot_target::DISCRETE,
            Some(Table::HoldingRegisters) => ot_target::HOLDING,
            Some(Table::InputRegisters) => ot_target::INPUT,
            None => match message.function {
                function::READ_FILE_RECORD | function::WRITE_FILE_RECORD => {
                    ot_target::FILE
                }
                function::DIAGNOSTICS
                | function::REPORT_SERVER_ID
                | function::ENCAPSULATED_INTERFACE => ot_target::DEVICE,
                _ => return,
            },
        };
        w.target_kind(kind);
        let (Some(first), quantity) = self.place() else { return };
        w.target_id(first.into());
        let quantity = quantity.unwrap_or(1).max(1);
        let last = u32::from(first).saturating_add(u32::from(quantity)).saturating_sub(1);
        w.target_id_end(last);
        let value = match message.values {
            Values::Coil(0xff00) => Some(1),
            Values::Coil(value) | Values::Register(value) => Some(value),
            Values::Registers(bytes) => {
                bytes.first_chunk().map(|register| u16::from_be_bytes(*register))
            }
            Values::Bits(bytes, 1..) => bytes.first().map(|byte| u16::from(byte & 1)),
            Values::Bits(..) | Values::None => None,
        };
        some!(w, target_value, value.map(f64::from));
    }
}
