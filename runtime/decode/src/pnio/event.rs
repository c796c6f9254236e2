//! A service's or an alarm's fields onto a record of kind `pnio`.

use tagout_spec::record::typed::codes::{ot_op, ot_outcome, ot_phase, ot_target};
use tagout_spec::record::typed::pnio::{KIND, Writer, iocrs, records, submodules};

use crate::artifact::Artifact;
use crate::dcerpc::{Datagram, Waiting};
use crate::pnio::alarm::{Alarm, pdu_type};
use crate::pnio::code::{self, block, operation};
use crate::pnio::modules::{self, Submodule};
use crate::pnio::ops;
use crate::pnio::pdu::{self, Fault, Message};
use crate::pnio::record::Record;
use crate::pnio::stub::{Asked, AskedRecord};
use crate::protocol::{Context, EventSink, FrameContext};
use crate::put::{envelope, frame_envelope, some};

/// Most bytes that are kept of a record.
const DATA_KEPT: usize = 512;
/// Second part of a status that is about a record.
const PNIORW: u8 = 0x80;

/// All that is known of a service.
pub(super) struct Event<'e> {
    /// The call that carries it.
    pub(super) pdu: &'e Datagram<'e>,
    pub(super) is_request: bool,
    /// Whether the call itself failed.
    pub(super) failed: bool,
    pub(super) message: &'e Message<'e>,
    /// Why it failed.
    pub(super) rpc_status: Option<u32>,
    /// The call that it answers, if it was seen.
    pub(super) waiting: Option<&'e Waiting<Asked>>,
}

impl Event<'_> {
    /// Writes the event.
    pub(super) fn write(&self, cx: Context<'_>, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        let (pdu, message) = (self.pdu, self.message);
        w.operation(pdu.opnum).request(self.is_request);
        some!(w, interface, code::interface(pdu.interface));
        w.object(&pdu.object.text());
        if let Some([instance, device, vendor]) = code::object(pdu.object) {
            w.instance(instance).device_id(device).vendor_id(vendor);
        }
        malformed(&mut w, message.fault);
        some!(w, status, message.status);
        if let Some(status) = message.status {
            status_parts(&mut w, status);
        }
        some!(w, rpc_status, self.rpc_status);
        some!(w, args_length, message.args_length);
        self.relation(&mut w);
        self.lists(&mut w);
        self.common(&mut w);
        if !self.is_request {
            w.paired(self.waiting.is_some());
            some!(
                w,
                latency,
                self.waiting.map(|call| cx.ts_ns().saturating_sub(call.ts_ns))
            );
        }
        w.commit();
    }

    /// What the request said, for an answer.
    fn asked(&self) -> Asked {
        self.waiting.map(|call| call.asked).unwrap_or_default()
    }

    /// The first record, or the one that was asked for.
    fn record(&self) -> Option<AskedRecord> {
        let own = self.message.record.map(|record| AskedRecord {
            api: record.api,
            slot: record.slot,
            subslot: record.subslot,
            index: record.index,
        });
        own.or(self.asked().record)
    }

    fn relation(&self, w: &mut Writer<'_>) {
        let (ar, asked) = (&self.message.ar, self.asked());
        some!(w, ar_type, ar.kind);
        if let Some(uuid) = ar.uuid.or(asked.ar) {
            w.ar_uuid(&uuid.text());
        }
        some!(w, session_key, ar.session_key.or(asked.session_key));
        some!(w, ar_properties, ar.properties);
        some!(w, ar_mac, ar.mac.map(|mac| mac.octets()));
        some!(w, ar_port, ar.port);
        some!(w, ar_station_name, ar.station_name);
        some!(w, ar_responder_name, ar.responder_name);
        some!(w, command, self.message.command);
        if let Some((reference, most)) = self.message.alarm_cr {
            w.alarm_cr_reference(reference).alarm_cr_max_length(most);
        }
        if let Some(record) = self.record() {
            w.api(record.api).slot(record.slot).subslot(record.subslot);
            w.index(record.index);
        }
    }

    fn lists(&self, w: &mut Writer<'_>) {
        let blocks = self.message.blocks;
        let kinds = || blocks.walk().map(|block| block.kind);
        w.blocks(|to| {
            for kind in kinds() {
                to.push(i64::from(kind).into());
            }
        });
        if kinds().any(|kind| matches!(kind, block::IOCR_REQUEST | block::IOCR_RESPONSE))
        {
            self.iocrs(w);
        }
        let has_modules =
            |kind| matches!(kind, block::EXPECTED_SUBMODULE_REQUEST | block::MODULE_DIFF);
        if kinds().any(has_modules) {
            self.submodules(w);
        }
        if self.message.record.is_some() {
            self.records(w);
        }
    }

    fn iocrs(&self, w: &mut Writer<'_>) {
        w.iocrs(|to| {
            let relevant = self.message.blocks.walk().filter(|block| {
                matches!(block.kind, block::IOCR_REQUEST | block::IOCR_RESPONSE)
            });
            for iocr in relevant.filter_map(|block| pdu::iocr(&block)) {
                to.element(|element| {
                    let mut set = |idx, value: u32| {
                        element.set_idx(idx, i64::from(value).into());
                    };
                    set(iocrs::TYPE, iocr.kind.into());
                    set(iocrs::REFERENCE, iocr.reference.into());
                    set(iocrs::FRAME_ID, iocr.frame_id.into());
                    if let Some((properties, length, clock, ratio, watchdog)) = iocr.asked
                    {
                        set(iocrs::PROPERTIES, properties);
                        set(iocrs::LENGTH, length.into());
                        set(iocrs::SEND_CLOCK, clock.into());
                        set(iocrs::REDUCTION, ratio.into());
                        set(iocrs::WATCHDOG, watchdog.into());
                    }
                });
            }
        });
    }

    fn submodules(&self, w: &mut Writer<'_>) {
        w.submodules(|to| {
            let mut each = |one: Submodule| {
                to.element(|element| {
                    let mut set = |idx, value: Option<u32>| {
                        if let Some(value) = value {
                            element.set_idx(idx, i64::from(value).into());
                        }
                    };
                    set(submodules::API, Some(one.api));
                    set(submodules::SLOT, Some(one.slot.into()));
                    set(submodules::MODULE, Some(one.module));
                    set(submodules::SUBSLOT, one.subslot.map(u32::from));
                    set(submodules::SUBMODULE, one.submodule);
                    set(submodules::PROPERTIES, one.properties.map(u32::from));
                    set(submodules::MODULE_STATE, one.module_state.map(u32::from));
                    set(submodules::STATE, one.state.map(u32::from));
                });
            };
            for one in self.message.blocks.walk() {
                // One that ends too early has said so already.
                let _ = match one.kind {
                    block::EXPECTED_SUBMODULE_REQUEST => {
                        modules::expected(one.body, &mut each)
                    }
                    block::MODULE_DIFF => modules::differing(one.body, &mut each),
                    _ => None,
                };
            }
        });
    }

    fn records(&self, w: &mut Writer<'_>) {
        w.records(|to| {
            for record in self.message.blocks.walk().filter_map(|block| block.record) {
                to.element(|element| {
                    let mut set = |idx, value: u32| {
                        element.set_idx(idx, i64::from(value).into());
                    };
                    set(records::SEQUENCE, record.sequence.into());
                    set(records::API, record.api);
                    set(records::SLOT, record.slot.into());
                    set(records::SUBSLOT, record.subslot.into());
                    set(records::INDEX, record.index.into());
                    set(records::LENGTH, record.length);
                    if let Some(status) = record.status {
                        set(records::STATUS, status);
                    }
                    if let Some(data) = record.data {
                        let kept = data.get(..DATA_KEPT).unwrap_or(data);
                        element.set_idx(records::DATA, kept.into());
                    }
                });
            }
        });
    }

    /// The fields that all OT protocols share.
    fn common(&self, w: &mut Writer<'_>) {
        let record = self.record();
        let control = self.message.control.or(self.asked().control);
        let on = record.map(|record| record.index).or(control);
        some!(w, op, ops::op(self.pdu.opnum, on));
        let part = self.message.blocks.walk().filter_map(|block| block.record?.status);
        let refused =
            self.message.status.into_iter().chain(part).any(|status| status != 0);
        let (phase, outcome) = match (self.is_request, self.failed, refused) {
            (true, _, _) => (ot_phase::REQUEST, None),
            (_, true, _) => (ot_phase::REJECTED, Some(ot_outcome::REJECTED)),
            (_, _, true) => (ot_phase::REJECTED, Some(ot_outcome::EXCEPTION)),
            _ => (ot_phase::ACCEPTED, Some(ot_outcome::OK)),
        };
        w.phase(phase);
        some!(w, outcome, outcome);
        match record {
            Some(AskedRecord { index, .. }) => {
                w.target_kind(ot_target::OBJECT);
                w.target_id(index.into()).target_id_end(index.into());
            }
            None => {
                w.target_kind(ot_target::DEVICE);
            }
        }
        let writes = self.pdu.opnum == operation::WRITE && self.is_request;
        if let (true, Some(Record { index, data: Some(data), .. })) =
            (writes, self.message.record)
        {
            let mut artifact = Artifact::default();
            artifact.piece(data);
            if let Some(digest) = artifact.finish() {
                w.artifact_number(index.into()).artifact_size(digest.size);
                w.artifact_sha256(&digest.sha256);
            }
        }
    }
}

fn malformed(w: &mut Writer<'_>, fault: Option<Fault>) {
    w.malformed(fault.is_some());
    if let Some(fault) = fault {
        w.malformed_at(fault.at);
        w.malformed_why(fault.why as u8);
    }
}

fn status_parts(w: &mut Writer<'_>, status: u32) {
    let [code, decode, code1, code2] = status.to_be_bytes();
    w.error_code(code).error_decode(decode).error_code1(code1).error_code2(code2);
    if decode == PNIORW {
        w.error_reason(code1);
    }
}

impl Alarm {
    /// Writes the event of an alarm frame.
    pub(super) fn write(&self, cx: &FrameContext, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        frame_envelope!(w, cx);
        w.frame_id(self.frame_id);
        malformed(&mut w, self.fault);
        some!(w, alarm_destination, self.destination);
        some!(w, alarm_source, self.source);
        some!(w, alarm_pdu, self.kind);
        some!(w, alarm_sequence, self.sequence);
        if let Some(block) = self.block {
            w.blocks(|to| to.push(i64::from(block).into()));
        }
        some!(w, alarm_type, self.alarm);
        some!(w, api, self.api);
        some!(w, slot, self.slot);
        some!(w, subslot, self.subslot);
        some!(w, alarm_module, self.module);
        some!(w, alarm_submodule, self.submodule);
        some!(w, alarm_specifier, self.specifier);
        some!(w, status, self.status);
        if let Some(status) = self.status {
            status_parts(&mut w, status);
        }
        if self.block.is_some_and(|block| block & block::RESPONSE != 0) {
            let refused = self.status.is_some_and(|status| status != 0);
            let (phase, outcome) = if refused {
                (ot_phase::REJECTED, ot_outcome::EXCEPTION)
            } else {
                (ot_phase::ACCEPTED, ot_outcome::OK)
            };
            w.op(ot_op::ALARM_ACK).phase(phase).outcome(outcome).request(false);
        } else if self.kind == Some(pdu_type::DATA) {
            w.request(true);
        }
        w.target_kind(ot_target::DEVICE);
        w.commit();
    }
}
