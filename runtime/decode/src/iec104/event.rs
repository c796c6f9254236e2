//! An APDU's fields onto a record of kind `iec104`.

use tagout_spec::record::Value;
use tagout_spec::record::typed::codes::{
    iec104_afq as afq, iec104_cause as cause, iec104_command_state as state,
    iec104_lsq as lsq, iec104_se as se, iec104_u_function as u, ot_artifact, ot_outcome,
    ot_phase, ot_target,
};
use tagout_spec::record::typed::iec104::{KIND, Writer, directory, objects};
use tagout_spec::schema::FieldIdx;

use crate::iec104::apdu::{Apdu, Control, Fault};
use crate::iec104::asdu::{self, Asdu, Cause};
use crate::iec104::file::Seen;
use crate::iec104::object::{self, File, Object, Qualifier};
use crate::iec104::pending::Asked;
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};

/// Types whose objects are files; the directory has many, the others one.
const FILES: std::ops::RangeInclusive<u8> = 120..=127;
const DIRECTORY: u8 = 126;

/// Most bytes kept of what makes no sense.
const RAW_KEPT: usize = 255;

/// All that is known of an APDU.
pub(super) struct Event<'e> {
    /// None for bytes that are no APDU.
    pub(super) apdu: Option<&'e Apdu<'e>>,
    /// Of an I frame.
    pub(super) asdu: Option<&'e Asdu<'e>>,
    /// Whether the sender controls.
    pub(super) control_direction: bool,
    pub(super) op: Option<u16>,
    /// What it answers.
    pub(super) asked: Option<Asked>,
    pub(super) latency: Option<i64>,
    /// What is known of a file that it moves.
    pub(super) seen: Seen,
    fault: Option<Fault>,
    raw: &'e [u8],
}

impl<'e> Event<'e> {
    /// An APDU without an ASDU.
    pub(super) fn supervision(apdu: &'e Apdu<'e>, control_direction: bool) -> Event<'e> {
        Event {
            apdu: Some(apdu),
            asdu: None,
            control_direction,
            op: None,
            asked: None,
            latency: None,
            seen: Seen::default(),
            fault: apdu.fault,
            raw: &[],
        }
    }

    /// Bytes that are no APDU.
    pub(super) fn senseless(
        raw: &'e [u8],
        fault: Fault,
        control_direction: bool,
    ) -> Event<'e> {
        Event {
            apdu: None,
            asdu: None,
            control_direction,
            op: None,
            asked: None,
            latency: None,
            seen: Seen::default(),
            fault: Some(fault),
            raw,
        }
    }

    /// Writes the event.
    pub(super) fn write(&self, cx: Context<'_>, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        w.control_direction(self.control_direction);
        if let Some(apdu) = self.apdu {
            frame(&mut w, apdu);
        } else {
            w.data(self.raw.get(..RAW_KEPT).unwrap_or(self.raw));
        }
        if let Some(asdu) = self.asdu {
            self.asdu(&mut w, asdu);
        }
        some!(w, op, self.op);
        some!(w, latency, self.latency);
        self.exchange(&mut w);
        let fault = self.fault.or(self.asdu.and_then(|asdu| asdu.fault));
        w.malformed(fault.is_some());
        if let Some(fault) = fault {
            w.malformed_at(fault.at).malformed_why(fault.why);
        }
        w.commit();
    }

    fn asdu(&self, w: &mut Writer<'_>, asdu: &Asdu<'_>) {
        w.r#type(asdu.type_id);
        some!(w, category, asdu::category(asdu.type_id));
        let Some(why) = asdu.cause else { return };
        w.sq(asdu.sq).number(asdu.number);
        w.cause(why.code).negative(why.negative).test(why.test);
        some!(w, originator, asdu.originator);
        if let Some(address) = asdu.common_address {
            w.common_address(address).broadcast(asdu.broadcast);
        }
        some!(w, value_type, asdu.elements.and_then(object::value_type));
        if asdu.elements.is_none() || asdu.fault.is_some() {
            w.data(asdu.body());
        }
        let Some(first) = asdu.first else { return };
        self.first(w, asdu, &first);
        if FILES.contains(&asdu.type_id) {
            self.files(w, asdu, &first);
        } else if asdu.elements.is_some() {
            w.objects(|to| {
                for object in asdu.objects() {
                    to.element(|element| {
                        set_object(&object, |idx, value| {
                            element.set_idx(idx, value);
                        });
                    });
                }
            });
        }
        self.target(w, asdu, &first);
        if (45..=69).contains(&asdu.type_id) {
            some!(w, command_state, self.command_state(why, &first));
        }
    }

    /// What of the first object stands beside the objects.
    fn first(&self, w: &mut Writer<'_>, asdu: &Asdu<'_>, first: &Object<'_>) {
        w.ioa(first.ioa);
        some!(w, se, first.se.or(self.asked.and_then(|asked| asked.se)));
        some!(w, qu, first.qu);
        some!(w, ql, first.ql);
        some!(w, test_pattern, first.test_pattern);
        some!(w, time, first.moment.and_then(|time| time.ns));
        // Of protection equipment it belongs to the object.
        if asdu.type_id == 106 {
            some!(w, delay, first.elapsed);
        }
        match first.qualifier {
            None => {}
            Some(Qualifier::Coi(bits)) => {
                w.coi(bits & 0x7f).coi_changed(bits & 0x80 != 0);
            }
            Some(Qualifier::Interrogation(code)) => {
                w.qoi(code);
            }
            Some(Qualifier::Counter(bits)) => {
                w.qcc_request(bits & 0x3f).qcc_freeze(bits >> 6);
            }
            Some(Qualifier::Parameter(bits)) => {
                w.qpm_kind(bits & 0x3f);
                w.qpm_changed(bits & 0x40 != 0).qpm_inactive(bits & 0x80 != 0);
            }
            Some(Qualifier::Activation(code)) => {
                w.qpa(code);
            }
            Some(Qualifier::Reset(code)) => {
                w.qrp(code);
            }
        }
    }

    fn files(&self, w: &mut Writer<'_>, asdu: &Asdu<'_>, first: &Object<'_>) {
        if asdu.type_id == DIRECTORY {
            w.directory(|to| {
                for object in asdu.objects() {
                    to.element(|element| {
                        set_entry(&object, |idx, value| {
                            element.set_idx(idx, value);
                        });
                    });
                }
            });
            return;
        }
        let Some(file) = first.file else { return };
        w.file_name(file.name);
        some!(w, file_section, file.section);
        some!(w, file_length, file.length);
        if let Some(bits) = file.ready {
            w.file_refused(bits & 0x80 != 0);
        }
        if let Some(bits) = file.call {
            w.file_call(bits & 0x0f);
        }
        some!(w, file_last, file.last);
        if let Some(bits) = file.acknowledge {
            w.file_acknowledge(bits & 0x0f);
        }
        let error = file.call.or(file.acknowledge).map(|bits| bits >> 4);
        some!(w, file_error, error.filter(|error| *error != 0));
        some!(w, file_checksum, file.checksum);
        some!(w, file_checksum_ok, self.seen.checksum_ok);
        if let Some(segment) = file.segment {
            w.file_segment(segment);
        }
        if let Some(until) = first.until {
            some!(w, file_from, first.moment.and_then(|time| time.ns));
            some!(w, file_until, until.ns);
        }
        w.artifact_kind(ot_artifact::FILE).artifact_number(file.name.into());
        if let Some(digest) = self.seen.digest {
            w.artifact_size(digest.size).artifact_sha256(&digest.sha256);
        } else {
            some!(w, artifact_size, whole_length(asdu, &file));
        }
    }

    fn target(&self, w: &mut Writer<'_>, asdu: &Asdu<'_>, first: &Object<'_>) {
        if self.op.is_none() {
            return;
        }
        if FILES.contains(&asdu.type_id) {
            w.target_kind(ot_target::FILE);
            some!(w, target_id, first.file.map(|file| file.name.into()));
            return;
        }
        // Address 0 is none: the station is meant (101, 7.2.5).
        if first.ioa == 0 {
            w.target_kind(ot_target::DEVICE);
            return;
        }
        w.target_kind(ot_target::IOA).target_id(first.ioa);
        some!(w, target_id_end, asdu.last_ioa());
        some!(w, target_value, first.value);
    }

    fn command_state(&self, why: Cause, first: &Object<'_>) -> Option<u8> {
        Some(match (why.code, self.control_direction) {
            (cause::ACTIVATION, true) if first.se == Some(se::SELECT) => state::SELECTED,
            (cause::ACTIVATION, true) => state::EXECUTED,
            (cause::DEACTIVATION, true) => state::CANCELLED,
            (_, true) => return None,
            (_, false) if why.negative || why.is_unknown() => state::REJECTED,
            (
                cause::ACTIVATION_CONFIRMATION | cause::DEACTIVATION_CONFIRMATION,
                false,
            ) => state::CONFIRMED,
            (cause::ACTIVATION_TERMINATION, false) => state::TERMINATED,
            _ => return None,
        })
    }

    /// Where in an exchange it stands, and what came of that.
    fn exchange(&self, w: &mut Writer<'_>) {
        let Some(apdu) = self.apdu else { return };
        let (phase, outcome, is_answer) = match (apdu.control, self.asdu) {
            (Control::U { function }, _) => match function {
                u::STARTDT_ACT | u::STOPDT_ACT | u::TESTFR_ACT => {
                    (Some(ot_phase::REQUEST), None, false)
                }
                u::STARTDT_CON | u::STOPDT_CON | u::TESTFR_CON => {
                    (Some(ot_phase::ACCEPTED), Some(ot_outcome::OK), true)
                }
                _ => return,
            },
            (_, Some(asdu)) => self.progress(asdu),
            (Control::I { .. } | Control::S { .. }, None) => return,
        };
        if is_answer {
            w.paired(self.latency.is_some());
        }
        // A test of the connection is no operation, and neither is a report.
        if self.op.is_some() {
            some!(w, phase, phase);
            some!(w, outcome, outcome);
        }
    }

    fn progress(&self, asdu: &Asdu<'_>) -> (Option<u8>, Option<u8>, bool) {
        let Some(why) = asdu.cause else { return (None, None, false) };
        if let Some(file) = asdu.first.and_then(|first| first.file) {
            let (phase, outcome) = file_progress(asdu.type_id, &file, why);
            return (Some(phase), outcome, false);
        }
        if self.control_direction {
            return (Some(ot_phase::REQUEST), None, false);
        }
        let (phase, outcome, is_answer) = match why.code {
            _ if why.is_unknown() => (ot_phase::REJECTED, ot_outcome::EXCEPTION, true),
            cause::ACTIVATION_CONFIRMATION | cause::DEACTIVATION_CONFIRMATION
                if why.negative =>
            {
                (ot_phase::REJECTED, ot_outcome::REJECTED, true)
            }
            cause::ACTIVATION_TERMINATION if why.negative => {
                (ot_phase::COMPLETED, ot_outcome::EXCEPTION, true)
            }
            cause::ACTIVATION_TERMINATION => (ot_phase::COMPLETED, ot_outcome::OK, true),
            cause::ACTIVATION_CONFIRMATION
            | cause::DEACTIVATION_CONFIRMATION
            | cause::REQUEST => (ot_phase::ACCEPTED, ot_outcome::OK, true),
            _ => return (Some(ot_phase::CHUNK), None, false),
        };
        (Some(phase), Some(outcome), is_answer)
    }
}

/// What the frame says.
fn frame(w: &mut Writer<'_>, apdu: &Apdu<'_>) {
    w.length(apdu.length);
    match apdu.control {
        Control::I { ns, nr } => {
            w.apci(0).ns(ns).nr(nr);
        }
        Control::S { nr } => {
            w.apci(1).nr(nr);
        }
        Control::U { function } => {
            w.apci(3).u_function(function);
        }
    }
}

/// Length of the whole file, where an object says that.
fn whole_length(asdu: &Asdu<'_>, file: &File<'_>) -> Option<u64> {
    let is_section = asdu.type_id == 121;
    file.length.filter(|_| !is_section).map(u64::from)
}

fn file_progress(type_id: u8, file: &File<'_>, why: Cause) -> (u8, Option<u8>) {
    let accepted = (ot_phase::ACCEPTED, Some(ot_outcome::OK));
    let rejected = (ot_phase::REJECTED, Some(ot_outcome::REJECTED));
    let is_refused = file.ready.is_some_and(|bits| bits & 0x80 != 0);
    match type_id {
        _ if why.is_unknown() => (ot_phase::REJECTED, Some(ot_outcome::EXCEPTION)),
        _ if is_refused || why.negative => rejected,
        120 => (ot_phase::START, None),
        122 | 127 => (ot_phase::REQUEST, None),
        123 if matches!(file.last, Some(lsq::FILE | lsq::FILE_DEACTIVATED)) => {
            (ot_phase::END, None)
        }
        124 => match file.acknowledge.map(|bits| bits & 0x0f) {
            Some(afq::FILE_REJECTED | afq::SECTION_REJECTED) => rejected,
            _ => accepted,
        },
        126 => accepted,
        _ => (ot_phase::CHUNK, None),
    }
}

/// Hands on the fields of an information object.
fn set_object(object: &Object<'_>, mut set: impl FnMut(FieldIdx, Value<'static>)) {
    set(objects::IOA, i64::from(object.ioa).into());
    if let Some(value) = object.value {
        set(objects::VALUE, value.into());
    }
    if let Some(quality) = object.quality {
        set(objects::IV, quality.iv().into());
        if let Some([nt, sb, bl]) = quality.nt_sb_bl() {
            set(objects::NT, nt.into());
            set(objects::SB, sb.into());
            set(objects::BL, bl.into());
        }
        if let Some(ov) = quality.ov() {
            set(objects::OV, ov.into());
        }
        if let Some(ei) = quality.ei() {
            set(objects::EI, ei.into());
        }
    }
    if let Some(transient) = object.transient {
        set(objects::TRANSIENT, transient.into());
    }
    if let Some(bits) = object.counter {
        set(objects::SEQUENCE, i64::from(bits & 0x1f).into());
        set(objects::CARRY, (bits & 0x20 != 0).into());
        set(objects::ADJUSTED, (bits & 0x40 != 0).into());
    }
    if let Some(se) = object.se {
        set(objects::SE, i64::from(se).into());
    }
    if let Some(elapsed) = object.elapsed {
        set(objects::ELAPSED, elapsed.into());
    }
    if let Some(time) = object.moment.or(object.in_hour) {
        let field =
            if object.moment.is_some() { objects::TIME } else { objects::TIME_IN_HOUR };
        if let Some(ns) = time.ns {
            set(field, ns.into());
        }
        set(objects::TIME_INVALID, time.invalid.into());
        set(objects::TIME_SUBSTITUTED, time.substituted.into());
        if object.moment.is_some() {
            set(objects::TIME_SUMMER, time.summer.into());
        }
    }
}

/// Hands on the fields of a directory's entry.
fn set_entry(object: &Object<'_>, mut set: impl FnMut(FieldIdx, Value<'static>)) {
    let Some(file) = object.file else { return };
    set(directory::IOA, i64::from(object.ioa).into());
    set(directory::NAME, i64::from(file.name).into());
    if let Some(length) = file.length {
        set(directory::LENGTH, i64::from(length).into());
    }
    if let Some(bits) = file.status {
        set(directory::STATUS, i64::from(bits & 0x1f).into());
        set(directory::LAST, (bits & 0x20 != 0).into());
        set(directory::SUBDIRECTORY, (bits & 0x40 != 0).into());
        set(directory::ACTIVE, (bits & 0x80 != 0).into());
    }
    if let Some(ns) = object.moment.and_then(|time| time.ns) {
        set(directory::TIME, ns.into());
    }
}
