//! A frame's fields onto a record of kind `dcp`.

use tagout_spec::record::typed::codes::{ot_outcome, ot_phase, ot_target};
use tagout_spec::record::typed::dcp::{KIND, Writer, blocks};

use crate::cursor::Cursor;
use crate::dcp::ops;
use crate::dcp::pdu::{Block, Message, block, service};
use crate::dcp::pending::Request;
use crate::net::addr::Ip;
use crate::protocol::{EventSink, FrameContext};
use crate::put::{frame_envelope, some};

/// All that is known of a frame.
pub(super) struct Event<'e> {
    /// Its fields.
    pub(super) message: &'e Message<'e>,
    /// The request that it answers, if it was seen.
    pub(super) request: Option<&'e Request>,
}

/// Type of an answer that the service is not supported.
const UNSUPPORTED: u8 = 5;

impl Event<'_> {
    /// Writes the event.
    pub(super) fn write(&self, cx: &FrameContext, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        frame_envelope!(w, cx);
        self.header(&mut w);
        let mut name = None;
        for block in self.message.blocks.iter() {
            fields(&mut w, &block);
            if block.code == block::NAME_OF_STATION && block.length.is_some() {
                name = Some(block.value);
            }
        }
        let name = name.or_else(|| self.request.and_then(Request::name));
        if let Some(name) = name {
            w.station_name(name);
            w.target_name(name);
        }
        self.blocks(&mut w);
        self.common(&mut w);
        if let Some(request) = self.request {
            w.latency(cx.ts_ns.saturating_sub(request.ts_ns));
        }
        w.commit();
    }

    fn header(&self, w: &mut Writer<'_>) {
        let message = self.message;
        w.frame_id(message.frame_id);
        some!(w, service, message.service);
        some!(w, service_type, message.service_type);
        some!(w, xid, message.xid);
        some!(w, response_delay, message.response_delay);
        some!(w, data_length, message.data_length);
        if message.service_type.is_some() {
            w.request(!message.is_answer());
        }
        if message.is_answer() {
            w.paired(self.request.is_some());
        }
        w.malformed(message.fault.is_some());
        if let Some(fault) = message.fault {
            w.malformed_at(fault.at);
            w.malformed_why(fault.why as u8);
        }
    }

    fn blocks(&self, w: &mut Writer<'_>) {
        w.blocks(|to| {
            for block in self.message.blocks.iter() {
                to.element(|element| {
                    let mut set = |idx, value| element.set_idx(idx, value);
                    let [option, suboption] = block.code.to_be_bytes();
                    set(blocks::BLOCK, i64::from(block.code).into());
                    set(blocks::OPTION, i64::from(option).into());
                    set(blocks::SUBOPTION, i64::from(suboption).into());
                    let mut number = |idx, value: Option<u16>| {
                        if let Some(value) = value {
                            set(idx, i64::from(value).into());
                        }
                    };
                    number(blocks::LENGTH, block.length);
                    number(blocks::QUALIFIER, block.qualifier);
                    number(blocks::INFO, block.info);
                    number(blocks::ANSWERS, block.answers);
                    number(blocks::ERROR, block.error.map(u16::from));
                    if !block.value.is_empty() {
                        set(blocks::DATA, block.value.into());
                    }
                });
            }
        });
    }

    /// The fields that all OT protocols share.
    fn common(&self, w: &mut Writer<'_>) {
        let message = self.message;
        let named = |block: &Block<'_>| block.answers.unwrap_or(block.code);
        // The first of those that matter most.
        let mut main: Option<u16> = None;
        for code in message.blocks.iter().map(|block| named(&block)) {
            if main.is_none_or(|main| ops::weight(code) > ops::weight(main)) {
                main = Some(code);
            }
        }
        some!(w, block, main);
        let error = message.blocks.iter().filter_map(|block| block.error);
        let error = error.reduce(|first, next| if first == 0 { next } else { first });
        some!(w, error, error);
        let Some(service) = message.service else { return };
        some!(w, op, ops::op(service, main));
        w.target_kind(ot_target::DEVICE);
        let refused = error.is_some_and(|error| error != 0);
        let (phase, outcome) = match message.service_type {
            Some(UNSUPPORTED) => (ot_phase::REJECTED, Some(ot_outcome::REJECTED)),
            _ if !message.is_answer() => (ot_phase::REQUEST, None),
            _ if refused => (ot_phase::REJECTED, Some(ot_outcome::EXCEPTION)),
            _ => (ot_phase::ACCEPTED, Some(ot_outcome::OK)),
        };
        // Nobody answers a hello.
        if service != service::HELLO {
            w.phase(phase);
        }
        some!(w, outcome, outcome);
    }
}

/// What a block says, in the fields of its own.
fn fields(w: &mut Writer<'_>, block: &Block<'_>) {
    let mut value = Cursor::new(block.value);
    match block.code {
        block::IP_PARAMETER | block::FULL_IP_SUITE => {
            some!(w, ip, address(&mut value));
            some!(w, mask, address(&mut value));
            some!(w, gateway, address(&mut value));
            some!(w, ip_info, block.info);
        }
        block::STANDARD_GATEWAY => some!(w, gateway, address(&mut value)),
        block::TYPE_OF_STATION if block.length.is_some() => {
            w.station_type(block.value);
        }
        block::ALIAS_NAME if block.length.is_some() => {
            w.alias(block.value);
        }
        block::DEVICE_ID => {
            some!(w, vendor_id, value.u16());
            some!(w, device_id, value.u16());
        }
        block::OEM_DEVICE_ID => {
            some!(w, oem_vendor_id, value.u16());
            some!(w, oem_device_id, value.u16());
        }
        block::DEVICE_ROLE => some!(w, role, value.u8()),
        block::DEVICE_INSTANCE => some!(w, instance, value.u16()),
        block::SIGNAL => some!(w, signal, value.u16()),
        // The lowest bit is not part of the mode.
        block::RESET_TO_FACTORY => some!(w, reset, block.qualifier.map(|bits| bits >> 1)),
        block::DEVICE_INITIATIVE => {
            some!(w, initiative, value.u16().map(|value| value & 1 != 0));
        }
        _ => {}
    }
    // What is controlled is not kept, so the bit says nothing there.
    let [option, _] = block.code.to_be_bytes();
    if option != 5 {
        some!(w, permanent, block.qualifier.map(|bits| bits & 1 != 0));
    }
}

fn address(cursor: &mut Cursor<'_>) -> Option<[u8; 16]> {
    cursor.array().map(|octets| Ip::v4(octets).octets())
}
