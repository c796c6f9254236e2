//! A fragment's fields, or a link frame's, onto a record of kind `dnp3`.

use tagout_spec::record::typed::codes::{
    dnp3_file_status, dnp3_group as group, ot_artifact, ot_target,
};
use tagout_spec::record::typed::dnp3::{KIND, Writer};

use crate::artifact::Digest;
use crate::dnp3::auth::Auth;
use crate::dnp3::elements;
use crate::dnp3::fault::Fault;
use crate::dnp3::file::File;
use crate::dnp3::fragment::{Fragment, Gist};
use crate::dnp3::point::nanoseconds;
use crate::dnp3::transport::{Carriage, SegmentOctet};
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};

/// Variation of an aggressive mode request.
const AGGRESSIVE_MODE: u8 = 3;

/// Most bytes kept of what makes no sense.
const RAW_KEPT: usize = 512;

/// All that is known of a message.
pub(super) struct Event<'e> {
    /// How it was carried, as far as that can be read.
    pub(super) carriage: Option<&'e Carriage>,
    /// The fragment, if there is one.
    pub(super) fragment: Option<&'e Fragment<'e>>,
    /// What only the session knows.
    pub(super) story: Story<'e>,
    /// Where the link or the transport stops making sense.
    pub(super) fault: Option<Fault>,
    /// Octets that are not understood, for a message without a fragment.
    pub(super) raw: &'e [u8],
}

/// What a message is among those before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Story<'e> {
    pub(super) request_function: Option<u8>,
    pub(super) paired: Option<bool>,
    pub(super) latency: Option<i64>,
    pub(super) selected: Option<bool>,
    pub(super) op: Option<u16>,
    pub(super) phase: Option<u8>,
    pub(super) outcome: Option<u8>,
    /// Kind, first and last number.
    pub(super) target: Option<(u8, u32, u32)>,
    pub(super) file_name: Option<&'e [u8]>,
    pub(super) digest: Option<Digest>,
}

impl Event<'_> {
    /// Writes the event.
    pub(super) fn write(&self, cx: Context<'_>, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        if let Some(carriage) = self.carriage {
            carried(carriage, &mut w);
        }
        self.fault(&mut w);
        // Where there is no fragment nothing is asked: rules need not say so.
        w.request(self.fragment.is_some_and(Fragment::is_request));
        match self.fragment {
            Some(fragment) => {
                self.fragment(fragment, &mut w);
                self.story(&fragment.gist, &mut w);
            }
            None => data(self.raw, &mut w),
        }
        w.commit();
    }

    /// Where it goes wrong: at the lowest layer that does.
    fn fault(&self, w: &mut Writer<'_>) {
        let inner = self.fragment.and_then(|fragment| fragment.fault);
        let fault = self.fault.or(inner);
        w.malformed(fault.is_some());
        if let Some(fault) = fault {
            w.malformed_layer(fault.layer);
            w.malformed_at(fault.at);
            w.malformed_why(fault.why);
        }
    }

    fn fragment(&self, fragment: &Fragment<'_>, w: &mut Writer<'_>) {
        if let Some(control) = fragment.control {
            w.app_fir(control.fir()).app_fin(control.fin()).app_con(control.con());
            w.app_uns(control.uns()).app_sequence(control.sequence());
        }
        if let Some(function) = fragment.function {
            w.function(function);
        }
        if let Some(iin) = fragment.iin {
            indications(iin, w);
        }
        let gist = &fragment.gist;
        if gist.first.is_some() {
            w.objects(|to| elements::objects(fragment, to));
        }
        if gist.has_controls {
            w.controls(|to| elements::controls(fragment, to));
        }
        if gist.has_points {
            w.points(|to| elements::points(fragment, to));
        }
        if gist.has_attributes {
            w.attributes(|to| elements::attributes(fragment, to));
        }
        let [class_0, class_1, class_2, class_3] = gist.classes;
        if fragment.is_request() {
            w.class_0(class_0).class_1(class_1).class_2(class_2).class_3(class_3);
        }
        self.rare(gist, w);
        if fragment.is_unknown {
            w.unknown_object(true);
        }
        if !fragment.rest.is_empty() {
            data(fragment.rest, w);
        }
    }

    /// Objects that are rarely seen.
    fn rare(&self, gist: &Gist<'_>, w: &mut Writer<'_>) {
        some!(w, time_value, gist.time.map(nanoseconds));
        some!(w, time_interval, gist.interval);
        some!(w, time_delay, gist.delay.map(|ms| nanoseconds(ms.into())));
        some!(w, application, gist.application);
        if let Some(file) = &gist.file {
            file_object(file, w);
        }
        if let Some((variation, auth)) = &gist.auth {
            w.auth_aggressive(*variation == AGGRESSIVE_MODE);
            auth_object(auth, w);
        }
    }

    /// The fields that all OT protocols share, and those of pairs.
    fn story(&self, gist: &Gist<'_>, w: &mut Writer<'_>) {
        let story = &self.story;
        some!(w, request_function, story.request_function);
        some!(w, paired, story.paired);
        some!(w, latency, story.latency);
        some!(w, selected, story.selected);
        some!(w, op, story.op);
        some!(w, phase, story.phase);
        some!(w, outcome, story.outcome);
        if let Some((kind, first, last)) = story.target {
            w.target_kind(kind);
            // A file has a name and no number.
            if kind != ot_target::FILE {
                w.target_id(first).target_id_end(last);
            }
        }
        some!(w, target_value, gist.value);
        if let Some(name) = story.file_name {
            w.file_name(name).target_name(name);
            w.artifact_kind(ot_artifact::FILE).artifact_name(name);
        } else {
            some!(w, target_name, gist.application);
        }
        if let Some(digest) = &story.digest {
            w.artifact_kind(ot_artifact::FILE);
            w.artifact_size(digest.size).artifact_sha256(&digest.sha256);
        }
    }
}

/// What the link and the transport say.
fn carried(carriage: &Carriage, w: &mut Writer<'_>) {
    let Carriage { header, first, last, frames } = *carriage;
    w.source(header.source).destination(header.destination);
    w.broadcast(header.is_broadcast());
    w.link_function(header.function()).link_length(header.length);
    w.link_dir(header.dir()).link_prm(header.prm());
    some!(w, link_fcb, header.fcb());
    some!(w, link_fcv, header.fcv());
    some!(w, link_dfc, header.dfc());
    w.frames(frames);
    some!(w, transport_fir, first.map(SegmentOctet::fir));
    some!(w, transport_fin, last.map(SegmentOctet::fin));
    some!(w, transport_sequence, first.map(SegmentOctet::sequence));
}

fn data(bytes: &[u8], w: &mut Writer<'_>) {
    let kept = bytes.get(..RAW_KEPT).unwrap_or(bytes);
    if !kept.is_empty() {
        w.data(kept);
    }
}

fn indications(iin: u16, w: &mut Writer<'_>) {
    let bit = |octet: u16, n: u16| iin >> (if octet == 1 { 8 } else { 0 } + n) & 1 == 1;
    w.iin(iin);
    w.indication_broadcast(bit(1, 0)).indication_class_1_events(bit(1, 1));
    w.indication_class_2_events(bit(1, 2)).indication_class_3_events(bit(1, 3));
    w.indication_need_time(bit(1, 4)).indication_local_control(bit(1, 5));
    w.indication_device_trouble(bit(1, 6)).indication_device_restart(bit(1, 7));
    w.indication_no_func_code_support(bit(2, 0)).indication_object_unknown(bit(2, 1));
    w.indication_parameter_error(bit(2, 2)).indication_event_buffer_overflow(bit(2, 3));
    w.indication_already_executing(bit(2, 4)).indication_config_corrupt(bit(2, 5));
}

fn file_object(file: &File<'_>, w: &mut Writer<'_>) {
    some!(w, file_handle, file.handle);
    some!(w, file_mode, file.mode);
    some!(w, file_type, file.kind);
    some!(w, file_size, file.size);
    some!(w, file_block, file.block);
    some!(w, file_last, file.last);
    some!(w, file_max_block, file.max_block);
    some!(w, file_request, file.request);
    some!(w, file_permissions, file.permissions);
    some!(w, file_created, file.created.map(nanoseconds));
    some!(w, file_auth_key, file.auth_key);
    some!(w, file_status, file.status);
    some!(w, file_user, file.user);
    some!(w, file_text, file.text);
    if let Some(data) = file.data.filter(|data| !data.is_empty()) {
        w.file_data(data);
    }
}

fn auth_object(auth: &Auth<'_>, w: &mut Writer<'_>) {
    some!(w, auth_user, auth.user);
    some!(w, auth_sequence, auth.sequence);
    some!(w, auth_method, auth.method);
    some!(w, auth_reason, auth.reason);
    some!(w, auth_error, auth.error);
    some!(w, auth_error_text, auth.error_text);
    some!(w, auth_error_time, auth.error_time.map(nanoseconds));
    some!(w, auth_association, auth.association);
    some!(w, auth_key_status, auth.key_status);
    some!(w, auth_key_wrap, auth.key_wrap);
    some!(w, auth_key_change, auth.key_change);
    some!(w, auth_operation, auth.operation);
    some!(w, auth_role, auth.role);
    some!(w, auth_user_name, auth.user_name);
    some!(w, auth_data, auth.data);
}

/// Whether a response says that the request was refused, and by what.
pub(super) fn refusal(fragment: &Fragment<'_>) -> Option<Refusal> {
    /// IIN2.0 to IIN2.2 and IIN2.4: the request was not carried out.
    const ERRORS: u16 = 0x0017;
    let gist = &fragment.gist;
    let file = gist.file.as_ref().and_then(|file| file.status);
    let auth = gist.auth.as_ref().and_then(|(_, auth)| auth.error);
    if fragment.iin.is_some_and(|iin| iin & ERRORS != 0) {
        Some(Refusal::Indication)
    } else if gist.is_refused
        || file.is_some_and(|status| status != dnp3_file_status::SUCCESS)
        || auth.is_some()
    {
        Some(Refusal::Status)
    } else {
        None
    }
}

/// What says that a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// An internal indication.
    Indication,
    /// The status of a control, a file or an authentication.
    Status,
}

/// What a request is done to: kind, first and last number.
pub(super) fn target(fragment: &Fragment<'_>, outstation: u16) -> (u8, u32, u32) {
    let gist = &fragment.gist;
    let outstation = u32::from(outstation);
    match gist.first {
        Some((group::FILE_CONTROL, _)) => (ot_target::FILE, 0, 0),
        Some((group::DEVICE_ATTRIBUTES, variation)) => {
            (ot_target::ATTRIBUTE, variation.into(), variation.into())
        }
        Some((group::APPLICATION, _)) => (ot_target::PROGRAM, outstation, outstation),
        _ => match gist.place {
            Some((group::INTERNAL_INDICATIONS, first, last)) => {
                (ot_target::OBJECT, first, last)
            }
            Some((_, first, last)) => (ot_target::POINT, first, last),
            None if gist.has_classes => {
                let mut named = (0_u32..)
                    .zip(gist.classes)
                    .filter(|(_, named)| *named)
                    .map(|(n, _)| n);
                let first = named.next().unwrap_or_default();
                (ot_target::DATASET, first, named.last().unwrap_or(first))
            }
            None => (ot_target::DEVICE, outstation, outstation),
        },
    }
}
