//! A message's fields onto a record of kind `cip`.

use tagout_spec::record::typed::cip::{
    KIND, Writer, connection_path, path as path_fields, route as route_fields,
};
use tagout_spec::record::typed::codes::{
    cip_segment, ot_artifact, ot_outcome, ot_phase, ot_target,
};
use tagout_spec::record::{RepeatedWriter, Value};
use tagout_spec::schema::FieldIdx;

use crate::artifact::Digest;
use crate::cip::code::class;
use crate::cip::connection::Connection;
use crate::cip::dialogue::Carrier;
use crate::cip::message::{Body, Message, Transfer};
use crate::cip::ops;
use crate::cip::path::{Name, Path, Segment, Target};
use crate::cip::pccc::{Pccc, function};
use crate::cip::tag::Tag;
use crate::cip::value;
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};

/// Port that stands for the backplane: the link address is a slot.
const BACKPLANE: u16 = 1;

/// Where a message stands within others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Nest<'a> {
    /// Service that carries it.
    pub(super) parent: Option<u8>,
    /// Place among those that it carries.
    pub(super) index: Option<u16>,
    /// Way that it is sent on.
    pub(super) route: Path<'a>,
    /// How many carry it.
    pub(super) depth: u8,
}

/// All that is known of a message.
pub(super) struct Event<'e> {
    /// What carries it.
    pub(super) carrier: &'e Carrier,
    /// The message.
    pub(super) message: &'e Message<'e>,
    /// The request that it answers, if it was seen.
    pub(super) asked: Option<&'e Message<'e>>,
    /// When that was sent.
    pub(super) since: Option<i64>,
    /// Where it stands within others.
    pub(super) nest: Nest<'e>,
    /// The file that it completes.
    pub(super) artifact: Option<Digest>,
}

impl<'a> Nest<'a> {
    /// One level deeper.
    pub(super) fn within(self, parent: u8, index: Option<u16>) -> Nest<'a> {
        let depth = self.depth.saturating_add(1);
        Nest { parent: Some(parent), index, depth, ..self }
    }
}

impl Event<'_> {
    /// Writes the event.
    pub(super) fn write(&self, cx: Context<'_>, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        let message = self.message;
        w.service(message.service);
        w.response(message.is_reply);
        w.embedded(self.nest.parent.is_some());
        some!(w, parent_service, self.nest.parent);
        some!(w, index, self.nest.index);
        self.carrier(&mut w);
        self.status(&mut w);
        if message.is_reply {
            w.paired(self.asked.is_some());
            some!(w, latency, self.since.map(|since| cx.ts_ns().saturating_sub(since)));
        }
        // A reply carries what its request said of the object.
        let request = self.asked.unwrap_or(message);
        self.target(&mut w, request);
        self.body(&mut w);
        self.common(&mut w, request);
        w.malformed(message.fault.is_some());
        if let Some(fault) = message.fault {
            w.malformed_at(fault.at);
            w.malformed_why(fault.why as u8);
        }
        w.commit();
    }

    fn carrier(&self, w: &mut Writer<'_>) {
        w.session(self.carrier.session);
        if let Some((connection, sequence)) = self.carrier.connected {
            w.connection_id(connection);
            w.sequence(sequence);
        }
    }

    fn status(&self, w: &mut Writer<'_>) {
        some!(w, status, self.message.status);
        if self.message.additional.is_empty() {
            return;
        }
        let (words, _) = self.message.additional.as_chunks::<2>();
        let mut words = words.iter().map(|word| u16::from_le_bytes(*word));
        some!(w, extended_status, words.clone().next());
        w.additional_status(&mut words);
    }

    fn target(&self, w: &mut Writer<'_>, request: &Message<'_>) {
        let target = &request.target;
        some!(w, class, target.class);
        some!(w, instance, target.instance);
        some!(w, attribute, target.attribute);
        some!(w, member, target.member);
        some!(w, connection_point, target.connection_point);
        some!(w, operation, request.operation);
        if target.has_symbol {
            w.symbol(Name::of(request.path).as_bytes());
        }
        if !self.message.is_reply && !request.path.0.is_empty() {
            w.path(|to| segments(to, request.path, &PATH));
        }
        let has_route = target.has_port || !self.nest.route.0.is_empty();
        if has_route {
            w.route(|to| {
                route(to, self.nest.route);
                route(to, request.path);
            });
        }
        key(w, target);
    }

    fn body(&self, w: &mut Writer<'_>) {
        let message = self.message;
        if !message.data.is_empty() {
            w.data(message.data);
        }
        match &message.body {
            Body::Bytes => {}
            Body::Attributes(list) => {
                w.attributes(list.numbers());
                some!(w, attribute_status, list.status);
            }
            Body::Reset(kind) => {
                w.reset_type(kind.unwrap_or(0));
            }
            Body::Multiple(services) => {
                w.services(services.count);
            }
            Body::Unconnected(send) => {
                w.time_tick(send.timeout.0);
                w.timeout_ticks(send.timeout.1);
                if !send.route.0.is_empty() {
                    w.route(|to| route(to, send.route));
                }
            }
            Body::Connection(connection) => connection_fields(w, connection),
            Body::Tag(tag) => self.tag(w, tag),
            Body::Pccc(pccc) => pccc_fields(w, pccc),
            Body::Transfer(transfer) => self.transfer(w, transfer),
        }
        // What an answer does not repeat of its request.
        if let Some(Body::Reset(kind)) = self.asked.map(|asked| asked.body) {
            w.reset_type(kind.unwrap_or(0));
        }
    }

    fn tag(&self, w: &mut Writer<'_>, tag: &Tag<'_>) {
        let asked = match self.asked.map(|asked| &asked.body) {
            Some(Body::Tag(asked)) => *asked,
            _ => Tag::default(),
        };
        some!(w, datatype, tag.datatype);
        some!(w, structure, tag.structure);
        some!(w, elements, tag.elements.or(asked.elements));
        some!(w, offset, tag.offset.or(asked.offset));
        if let Some((or, and)) = tag.masks {
            w.or_mask(or);
            w.and_mask(and);
        }
        let Some(datatype) = tag.datatype else { return };
        if value::size(datatype).is_some() {
            floats(w, value::numbers(datatype, tag.values));
        }
        some!(w, text, value::text(datatype, tag.structure, tag.values));
    }

    fn transfer(&self, w: &mut Writer<'_>, transfer: &Transfer<'_>) {
        w.transfer_number(transfer.number);
        some!(w, transfer_type, transfer.kind);
        w.artifact_kind(ot_artifact::FILE);
        some!(w, artifact_number, self.message.target.instance);
        if let Some(digest) = &self.artifact {
            w.artifact_size(digest.size);
            w.artifact_sha256(&digest.sha256);
        }
    }

    /// The fields that all OT protocols share. What only carries other messages has
    /// none of them, unless it failed: then nothing else says so.
    fn common(&self, w: &mut Writer<'_>, request: &Message<'_>) {
        let message = self.message;
        let carries = matches!(request.body, Body::Multiple(_) | Body::Unconnected(_))
            || matches!(message.body, Body::Multiple(_));
        let has_failed = message.status.is_some() && !self.is_done();
        if carries && (!has_failed || matches!(message.body, Body::Multiple(_))) {
            return;
        }
        some!(w, op, ops::op(request));
        match message.status {
            None => {
                w.phase(self.request_phase());
            }
            Some(_) if self.is_done() => {
                w.phase(self.reply_phase());
                w.outcome(ot_outcome::OK);
            }
            Some(_) => {
                w.phase(ot_phase::REJECTED);
                w.outcome(ot_outcome::EXCEPTION);
            }
        }
        if !carries {
            self.common_target(w, request);
        }
    }

    /// Whether a reply says yes, and what it carries does too.
    fn is_done(&self) -> bool {
        let refused = match &self.message.body {
            Body::Pccc(pccc) => pccc.status.is_some_and(|status| status != 0),
            _ => false,
        };
        self.message.is_success() && !refused
    }

    fn request_phase(&self) -> u8 {
        match &self.message.body {
            Body::Transfer(transfer) => transfer_phase(transfer, ot_phase::REQUEST),
            _ => ot_phase::REQUEST,
        }
    }

    fn reply_phase(&self) -> u8 {
        match &self.message.body {
            Body::Transfer(transfer) => transfer_phase(transfer, ot_phase::ACCEPTED),
            _ => ot_phase::ACCEPTED,
        }
    }

    fn common_target(&self, w: &mut Writer<'_>, request: &Message<'_>) {
        let target = &request.target;
        if let Body::Pccc(pccc) = &request.body {
            let Some(element) = pccc.address.element else {
                w.target_kind(ot_target::DEVICE);
                return;
            };
            w.target_kind(ot_target::TAG);
            w.target_id(element.into());
            if let Some(name) = pccc.address.name() {
                w.target_name(name.as_bytes());
            }
            return;
        }
        let class = request.operation.map(|operation| operation >> 8).or(target.class);
        let kind = match class {
            None => return,
            Some(class::SYMBOL) => ot_target::TAG,
            Some(class::FILE) => ot_target::FILE,
            Some(class::LOGIX_PROGRAM) => ot_target::PROGRAM,
            Some(class::LOGIX_CONTROLLER | class::IDENTITY) => ot_target::DEVICE,
            Some(_) if target.attribute.is_some() => ot_target::ATTRIBUTE,
            Some(_) => ot_target::OBJECT,
        };
        w.target_kind(kind);
        if target.has_symbol {
            w.target_name(Name::of(request.path).as_bytes());
        }
        let id = match kind {
            ot_target::ATTRIBUTE => target.attribute,
            ot_target::TAG => target.last_instance,
            _ => target.instance,
        };
        if let Some(id) = id {
            w.target_id(id);
            w.target_id_end(id);
        }
        if let Body::Tag(Tag { datatype: Some(datatype), values, .. }) = self.message.body
        {
            some!(w, target_value, value::numbers(datatype, values).next());
        }
    }
}

fn transfer_phase(transfer: &Transfer<'_>, without: u8) -> u8 {
    match transfer.kind {
        Some(0) => ot_phase::START,
        Some(1) => ot_phase::CHUNK,
        Some(2..=4) => ot_phase::END,
        _ => without,
    }
}

/// Numbers onto `values`.
fn floats(w: &mut Writer<'_>, values: impl Iterator<Item = f64>) {
    w.values(|to| {
        for value in values {
            // What no rule can compare has no place in a list.
            if value.is_nan() {
                to.set_invalid();
            }
            to.push(Value::Float(value));
        }
    });
}

fn connection_fields(w: &mut Writer<'_>, connection: &Connection<'_>) {
    if let Some((tick, ticks)) = connection.timeout {
        w.time_tick(tick);
        w.timeout_ticks(ticks);
    }
    if let Some(triad) = connection.triad {
        w.connection_serial(triad.serial);
        w.connection_vendor(triad.vendor);
        w.connection_originator(triad.originator);
    }
    if let Some(code @ 0..=7) = connection.multiplier {
        w.connection_multiplier(4 << code);
    }
    if let Some((ot, to)) = connection.directions {
        w.connection_ot_id(ot.id);
        w.connection_to_id(to.id);
        some!(w, connection_ot_interval, ot.interval.map(nanoseconds));
        some!(w, connection_to_interval, to.interval.map(nanoseconds));
        if let Some(parameters) = ot.parameters {
            w.connection_ot_size(parameters.size);
            w.connection_ot_type(parameters.kind);
            w.connection_ot_priority(parameters.priority);
            w.connection_ot_variable(parameters.is_variable);
            w.connection_ot_redundant(parameters.is_redundant);
        }
        if let Some(parameters) = to.parameters {
            w.connection_to_size(parameters.size);
            w.connection_to_type(parameters.kind);
            w.connection_to_priority(parameters.priority);
            w.connection_to_variable(parameters.is_variable);
            w.connection_to_redundant(parameters.is_redundant);
        }
    }
    if let Some(transport) = connection.transport {
        w.connection_transport(transport & 0x0f);
        w.connection_trigger(transport >> 4 & 7);
        w.connection_server(transport & 0x80 != 0);
    }
    some!(w, remaining_path, connection.remaining);
    if !connection.path.0.is_empty() {
        w.connection_path(|to| segments(to, connection.path, &CONNECTION_PATH));
        let (target, _) = connection.path.target();
        key(w, &target);
        if target.has_port {
            w.route(|to| route(to, connection.path));
        }
    }
}

fn nanoseconds(microseconds: u32) -> i64 {
    i64::from(microseconds).saturating_mul(1000)
}

fn pccc_fields(w: &mut Writer<'_>, pccc: &Pccc<'_>) {
    some!(w, pccc_command, pccc.command.map(|command| command & 0x0f));
    some!(w, pccc_operation, pccc.operation());
    some!(w, pccc_status, pccc.status);
    some!(w, pccc_extended_status, pccc.extended_status);
    some!(w, pccc_transaction, pccc.transaction);
    if let Some((vendor, serial)) = pccc.requester {
        w.pccc_vendor(vendor);
        w.pccc_serial(serial);
    }
    some!(w, pccc_file_type, pccc.address.file_type);
    some!(w, pccc_file, pccc.address.file);
    some!(w, pccc_element, pccc.address.element);
    some!(w, pccc_subelement, pccc.address.subelement);
    some!(w, pccc_size, pccc.size);
    some!(w, pccc_mask, pccc.mask);
    if pccc.function == Some(function::CHANGE_MODE) {
        some!(w, pccc_mode, pccc.mode);
    } else {
        some!(w, pccc_flags, pccc.mode);
    }
    if let Some(datatype) = pccc.datatype() {
        floats(w, value::numbers(datatype, pccc.data));
    }
}

fn key(w: &mut Writer<'_>, target: &Target) {
    if let Some(key) = target.key {
        w.key_vendor(key.vendor);
        w.key_device_type(key.device_type);
        w.key_product_code(key.product_code);
        w.key_major(key.major);
        w.key_minor(key.minor);
        w.key_compatible(key.compatible);
    }
}

/// Where the fields of a segment lie in the elements of a group.
struct Fields {
    kind: FieldIdx,
    value: FieldIdx,
    data: FieldIdx,
}

const PATH: Fields = Fields {
    kind: path_fields::TYPE,
    value: path_fields::VALUE,
    data: path_fields::DATA,
};

const CONNECTION_PATH: Fields = Fields {
    kind: connection_path::TYPE,
    value: connection_path::VALUE,
    data: connection_path::DATA,
};

/// The segments of a path onto a group.
fn segments(to: &mut RepeatedWriter<'_, '_>, path: Path<'_>, fields: &Fields) {
    for segment in path.segments() {
        let (kind, value, data) = match segment {
            Segment::Logical(kind, value) => (kind as u8, Some(value), None),
            Segment::Key(_) => (cip_segment::KEY, None, None),
            Segment::Port(port, link) => {
                (cip_segment::PORT, Some(port.into()), Some(link))
            }
            Segment::Symbol(name) => (cip_segment::SYMBOL, None, Some(name)),
            Segment::Data(data) => (cip_segment::DATA, None, Some(data)),
            Segment::Network(subtype, data) => {
                (cip_segment::NETWORK, Some(subtype.into()), Some(data))
            }
            Segment::Datatype(code) => (cip_segment::DATATYPE, Some(code.into()), None),
        };
        to.element(|element| {
            element.set_idx(fields.kind, i64::from(kind).into());
            if let Some(value) = value {
                element.set_idx(fields.value, i64::from(value).into());
            }
            if let Some(data) = data {
                element.set_idx(fields.data, data.into());
            }
        });
    }
}

/// The ports of a path, and the links behind them. A link of one byte is a number, a
/// longer one a text.
fn route(to: &mut RepeatedWriter<'_, '_>, path: Path<'_>) {
    for segment in path.segments() {
        let Segment::Port(port, link) = segment else { continue };
        to.element(|element| {
            element.set_idx(route_fields::PORT, i64::from(port).into());
            match link {
                [number] => {
                    element.set_idx(route_fields::LINK, i64::from(*number).into());
                    if port == BACKPLANE {
                        element.set_idx(route_fields::SLOT, i64::from(*number).into());
                    }
                }
                text => {
                    element.set_idx(route_fields::ADDRESS, text.into());
                }
            }
        });
    }
}
