//! A message's fields onto a record of kind `s7`.

use tagout_spec::record::typed::codes::{
    ot_artifact, ot_op, ot_outcome, ot_phase, ot_target, s7_area as area,
    s7_function as function, s7_return as return_code, s7_rosctr as rosctr,
    s7_syntax as syntax,
};
use tagout_spec::record::typed::s7::{KIND, Writer, blocks, items};
use tagout_spec::record::{ElementWriter, Value};

use crate::iso::Tsdu;
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};
use crate::s7::block::Block;
use crate::s7::control::Control;
use crate::s7::item::{self, Data, Datum, Place, Places};
use crate::s7::ops;
use crate::s7::pdu::{Body, Header, Message, Variables};
use crate::s7::pending::Asked;
use crate::s7::session::Known;
use crate::s7::transfer::Transfer;
use crate::s7::userdata::{Content, Info, Userdata};

/// All that is known of a message.
pub(super) struct Event<'e> {
    /// The message.
    pub(super) message: &'e Message<'e>,
    /// What the payload of user data says.
    pub(super) content: &'e Content<'e>,
    /// What came before it says of it.
    pub(super) known: &'e Known,
    /// How it came.
    pub(super) tsdu: Tsdu<'e>,
}

/// Most bytes kept of what makes no sense.
const RAW_KEPT: usize = 512;

/// Bytes of a parameter part in front of its places: function and count.
const BEFORE_PLACES: usize = 2;

/// What came of a message, in the words of all OT protocols.
struct Course {
    op: Option<u16>,
    phase: u8,
    outcome: Option<u8>,
}

impl Event<'_> {
    /// Writes the event; `is_request` is none for what is neither asked nor answered.
    pub(super) fn write(
        &self,
        is_request: Option<bool>,
        cx: Context<'_>,
        sink: &mut dyn EventSink,
    ) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        self.connection(&mut w);
        some!(w, request, is_request);
        w.malformed(self.message.fault.is_some());
        if let Some(fault) = self.message.fault {
            w.malformed_at(fault.at);
            w.malformed_why(fault.why as u8);
        }
        match &self.message.header {
            Some(header) => self.header(header, &mut w),
            None => {
                let bytes = self.tsdu.bytes;
                w.data(bytes.get(..RAW_KEPT).unwrap_or(bytes));
            }
        }
        let asked = self.asked();
        some!(w, function, self.message.function.or(asked.function));
        match &self.message.body {
            Body::None => {}
            Body::Setup(calling, called, length) => {
                w.max_calling(*calling).max_called(*called).pdu_length(*length);
            }
            Body::Variables(variables) => self.variables(variables, &mut w),
            Body::Transfer(transfer) => self.transfer(transfer, &mut w),
            Body::Control(control) => self.control(control, &mut w),
            Body::Userdata(userdata) => self.userdata(userdata, &mut w),
            Body::Other(bytes) => {
                w.data(bytes.get(..RAW_KEPT).unwrap_or(bytes));
            }
        }
        if let Some(name) = asked.pi_service {
            w.pi_service(name.bytes());
        }
        self.block(&mut w);
        self.pair(cx, &mut w);
        if let Some(Course { op, phase, outcome }) = self.course() {
            some!(w, op, op);
            w.phase(phase);
            some!(w, outcome, outcome);
        }
        w.commit();
    }

    /// What the request said that the answer does not repeat.
    fn asked(&self) -> Asked {
        self.known.request.as_ref().map(|request| request.asked).unwrap_or_default()
    }

    fn connection(&self, w: &mut Writer<'_>) {
        w.fragments(self.tsdu.pieces);
        let connection = self.tsdu.connection;
        some!(w, calling_tsap, connection.calling.bytes());
        some!(w, called_tsap, connection.called.bytes());
        if let Some(place) = connection.called.place() {
            w.connection(place.connection).rack(place.rack).slot(place.slot);
        }
    }

    fn header(&self, header: &Header, w: &mut Writer<'_>) {
        w.rosctr(header.rosctr).redundancy(header.redundancy);
        w.reference(header.reference);
        w.parameter_length(header.parameter_length).data_length(header.data_length);
        if let Some((class, code)) = header.error {
            w.error_class(class).error_code(code);
            w.error(u16::from_be_bytes([class, code]));
        }
    }

    fn pair(&self, cx: Context<'_>, w: &mut Writer<'_>) {
        let is_answer = match (&self.message.body, self.message.header) {
            (Body::Userdata(userdata), _) => userdata.is_response(),
            (_, Some(header)) => header.error.is_some(),
            (_, None) => false,
        };
        if is_answer {
            w.paired(self.known.request.is_some());
        }
        if let Some(request) = &self.known.request {
            w.latency(cx.ts_ns().saturating_sub(request.ts_ns));
        }
    }

    fn variables(&self, variables: &Variables<'_>, w: &mut Writer<'_>) {
        w.item_count(variables.count);
        let places = match (variables.places, &self.known.request) {
            (None, Some(request)) => {
                let kept = request.parameter.get(BEFORE_PLACES..).unwrap_or_default();
                Places::new(variables.count, kept)
            }
            _ => variables.places(),
        };
        let is_answer = variables.places.is_none();
        write_items(places, variables.values(), is_answer, w);
    }

    #[cold]
    fn transfer(&self, transfer: &Transfer<'_>, w: &mut Writer<'_>) {
        some!(w, filename, transfer.filename);
        some!(w, load_length, transfer.load_length);
        some!(w, mc7_length, transfer.mc7_length);
        some!(w, transfer, transfer.id.or(self.asked().transfer));
        some!(w, more_follows, transfer.more_follows());
        w.transfer_failed(transfer.has_failed());
        if let Some(error) = transfer.error.filter(|error| *error != 0) {
            w.error(error);
        }
        if let Some(piece) = transfer.piece {
            w.piece_length(u16::try_from(piece.len()).unwrap_or(u16::MAX)).data(piece);
        }
        let Some(block) = self.known.block else { return };
        w.artifact_kind(ot_artifact::BLOCK).artifact_number(block.number);
        some!(w, artifact_name, block.name().bytes());
        if let Some(digest) = &self.known.digest {
            w.artifact_size(digest.size).artifact_sha256(&digest.sha256);
        }
    }

    #[cold]
    fn control(&self, control: &Control<'_>, w: &mut Writer<'_>) {
        some!(w, pi_service, control.service);
        some!(w, pi_argument, control.argument);
        if control.blocks.is_none() {
            return;
        }
        w.blocks(|to| {
            for block in control.blocks() {
                to.element(|element| {
                    element.set_idx(blocks::TYPE, number(block.kind));
                    element.set_idx(blocks::NUMBER, number(block.number));
                    element.set_idx(blocks::FILE_SYSTEM, number(block.file_system));
                });
            }
        });
    }

    #[cold]
    fn userdata(&self, userdata: &Userdata<'_>, w: &mut Writer<'_>) {
        w.userdata_type(userdata.kind).userdata_group(userdata.group);
        w.userdata_function(userdata.function).service(userdata.service());
        w.userdata_sequence(userdata.sequence);
        some!(w, data_unit, userdata.data_unit);
        some!(w, more_follows, userdata.more_follows);
        some!(w, error, userdata.error);
        some!(w, return_code, userdata.return_code);
        if userdata.group == 0 {
            w.mode(userdata.function);
        }
        let content = self.content;
        if let Some((id, index)) = self.szl() {
            w.szl_id(id).szl_index(index);
        }
        let begun = self.known.list.and_then(|list| list.szl_records);
        if let Some((length, count)) = content.szl_records.or(begun) {
            w.szl_length(length).szl_count(count);
        }
        some!(w, block_type, self.block_type());
        if let Some((events, user)) = content.message {
            w.message_events(events);
            some!(w, message_user, user);
        }
        some!(w, diagnostic_event, content.diagnostic_event);
        some!(w, clock, content.clock);
        some!(w, r_id, content.r_id);
        some!(w, data, content.data);
        if let Some((timebase, factor)) = content.cyclic {
            w.cyclic_timebase(timebase).cyclic_factor(factor);
        }
        if let Some(info) = &content.info {
            block_info(info, w);
        }
        self.list(w);
        self.cyclic(w);
    }

    /// The system status list: the message says it, or one before it.
    fn szl(&self) -> Option<(u16, u16)> {
        let begun = self.known.list.and_then(|list| list.szl);
        self.content.szl.or(begun).or(self.asked().szl)
    }

    /// The type of blocks that are listed, likewise.
    fn block_type(&self) -> Option<u8> {
        let begun = self.known.list.and_then(|list| list.block_type);
        self.content.block_type.or(begun).or(self.asked().block_type)
    }

    /// The entries of a list of blocks.
    fn list(&self, w: &mut Writer<'_>) {
        let list = self.content.list;
        if list.entries().next().is_none() {
            return;
        }
        w.blocks(|to| {
            for entry in list.entries() {
                to.element(|element| {
                    let kind = entry.kind.or(self.block_type());
                    optional(element, blocks::TYPE, kind);
                    optional(element, blocks::COUNT, entry.count);
                    optional(element, blocks::NUMBER, entry.number);
                    optional(element, blocks::FLAGS, entry.flags);
                    optional(element, blocks::LANGUAGE, entry.language);
                });
            }
        });
    }

    /// Variables of cyclic services. A push does not say which they are.
    fn cyclic(&self, w: &mut Writer<'_>) {
        let content = self.content;
        let (places, values) = (content.places, content.values);
        let Some(count) = places.or(values).map(|(count, _)| count) else { return };
        w.item_count(count);
        let kept = self.known.request.as_ref().map(|request| &*request.parameter);
        let places_bytes = places.map(|(_, bytes)| bytes).or(kept).unwrap_or_default();
        let value_bytes = values.map(|(_, bytes)| bytes).unwrap_or_default();
        let places_of = Places::new(count, places_bytes);
        write_items(places_of, Data::new(count, value_bytes), values.is_some(), w);
    }

    /// The block, and what is common to all OT protocols of it or of the variable.
    fn block(&self, w: &mut Writer<'_>) {
        if let Some(block) = self.block_of() {
            w.block_type(block.kind).block_number(block.number);
            if block.file_system != 0 {
                w.file_system(block.file_system);
            }
            w.target_kind(ot_target::BLOCK).target_id(block.number);
            w.target_id_end(block.number);
            some!(w, target_name, block.name().bytes());
            return;
        }
        match &self.message.body {
            Body::Variables(variables) => self.variable(variables, w),
            Body::Control(_) | Body::Userdata(_) | Body::Setup(..) => {
                w.target_kind(ot_target::DEVICE);
            }
            Body::None | Body::Transfer(_) | Body::Other(_) => {}
        }
    }

    fn block_of(&self) -> Option<Block> {
        let named = match &self.message.body {
            Body::Control(control) => control.blocks().next(),
            Body::Userdata(_) => self.content.block.or(self.asked().block),
            _ => None,
        };
        named.or(self.known.block)
    }

    /// The first variable as the target.
    fn variable(&self, variables: &Variables<'_>, w: &mut Writer<'_>) {
        let mut places = variables.places();
        if let (None, Some(request)) = (variables.places, &self.known.request) {
            let kept = request.parameter.get(BEFORE_PLACES..).unwrap_or_default();
            places = Places::new(variables.count, kept);
        }
        let Some(place) = places.next() else { return };
        w.target_kind(ot_target::POINT);
        if let Some(first) = place.address {
            w.target_id(first);
            if let (Some(bits), Some(length)) = (place.element_bits(), place.length) {
                let n = bits.saturating_mul(length.into()).max(1);
                w.target_id_end(first.saturating_add(n).saturating_sub(1));
            }
        }
        if let (Some(area::DATA_BLOCK), Some(db)) = (place.area, place.db) {
            let block = Block { kind: DB, number: db.into(), file_system: 0 };
            some!(w, target_name, block.name().bytes());
        }
        if let Some(datum) = variables.values().next() {
            some!(w, target_value, item::number(place.kind, &datum));
        }
    }

    fn course(&self) -> Option<Course> {
        let header = self.message.header?;
        if let Body::Userdata(userdata) = &self.message.body {
            return Some(self.course_of_userdata(userdata));
        }
        let asked = self.asked();
        let code = self.message.function.or(asked.function);
        let of_control = match &self.message.body {
            Body::Control(control) if code == Some(function::PLC_CONTROL) => {
                ops::pi(control.service.unwrap_or_default(), control.argument)
            }
            _ => asked.op,
        };
        let op = of_control.or_else(|| code.and_then(ops::job));
        let phase_of_transfer = match (code, header.rosctr == rosctr::JOB) {
            (Some(function::REQUEST_DOWNLOAD | function::START_UPLOAD), true) => {
                Some(ot_phase::START)
            }
            (Some(function::DOWNLOAD_ENDED | function::END_UPLOAD), true) => {
                Some(ot_phase::END)
            }
            (Some(function::DOWNLOAD_BLOCK | function::UPLOAD), false) => {
                Some(ot_phase::CHUNK)
            }
            _ => None,
        };
        if header.rosctr == rosctr::JOB {
            let phase = phase_of_transfer.unwrap_or(ot_phase::REQUEST);
            return Some(Course { op, phase, outcome: None });
        }
        if !header.is_known() {
            return None;
        }
        let outcome = if self.has_failed(&header) {
            (ot_phase::REJECTED, ot_outcome::EXCEPTION)
        } else {
            (phase_of_transfer.unwrap_or(ot_phase::ACCEPTED), ot_outcome::OK)
        };
        Some(Course { op, phase: outcome.0, outcome: Some(outcome.1) })
    }

    /// Whether an answer says that something went wrong.
    fn has_failed(&self, header: &Header) -> bool {
        let failed = match &self.message.body {
            Body::Variables(variables) => {
                let mut values = variables.values();
                values.any(|value| value.return_code != return_code::SUCCESS)
            }
            Body::Transfer(transfer) => transfer.has_failed(),
            _ => false,
        };
        failed || header.error.is_some_and(|error| error != (0, 0))
    }

    #[cold]
    fn course_of_userdata(&self, userdata: &Userdata<'_>) -> Course {
        let op = ops::userdata(userdata.service(), self.szl().map(|(id, _)| id));
        if userdata.is_request() {
            return Course { op, phase: ot_phase::REQUEST, outcome: None };
        }
        if !userdata.is_response() {
            return Course { op, phase: ot_phase::COMPLETED, outcome: None };
        }
        // Answers without data have "object does not exist" as their return code.
        let refused = matches!(
            userdata.return_code,
            Some(
                return_code::HARDWARE_FAULT
                    | return_code::ACCESS_DENIED
                    | return_code::INVALID_ADDRESS
                    | return_code::TYPE_NOT_SUPPORTED
                    | return_code::TYPE_INCONSISTENT
            )
        );
        if !refused && userdata.error.unwrap_or_default() == 0 {
            let outcome = Some(ot_outcome::OK);
            return Course { op, phase: ot_phase::ACCEPTED, outcome };
        }
        let op = match op {
            Some(ot_op::LOGIN) => Some(ot_op::LOGIN_FAIL),
            other => other,
        };
        let outcome = Some(ot_outcome::EXCEPTION);
        Course { op, phase: ot_phase::REJECTED, outcome }
    }
}

/// Type of a data block.
const DB: u8 = 0xa;

#[cold]
fn block_info(info: &Info<'_>, w: &mut Writer<'_>) {
    w.block_info_flags(info.flags).block_info_language(info.language);
    w.block_info_load_length(info.load_length).block_info_mc7_length(info.mc7_length);
    w.block_info_security(info.security);
    w.block_info_author(info.author).block_info_family(info.family);
    w.block_info_name(info.name).block_info_version(info.version);
    w.block_info_checksum(info.checksum);
}

/// Places and values side by side.
fn write_items(
    mut places: Places<'_>,
    mut values: Data<'_>,
    is_answer: bool,
    w: &mut Writer<'_>,
) {
    w.items(|to| {
        loop {
            let (place, value) = (places.next(), values.next());
            if place.is_none() && value.is_none() {
                return;
            }
            to.element(|element| {
                if let Some(place) = &place {
                    write_place(place, element);
                }
                if let Some(value) = &value {
                    let kind = place.as_ref().and_then(|place| place.kind);
                    write_value(value, kind, is_answer, element);
                }
            });
        }
    });
}

fn write_place(place: &Place<'_>, element: &mut ElementWriter<'_, '_>) {
    element.set_idx(items::SYNTAX, number(place.syntax));
    optional(element, items::AREA, place.area);
    optional(element, items::DB, place.db);
    optional(element, items::ADDRESS, place.address);
    if let Some(address) = place.address.filter(|_| place.counts_bits()) {
        element.set_idx(items::BYTE, number(address / 8));
        element.set_idx(items::BIT, number(address % 8));
    }
    optional(element, items::TYPE, place.kind);
    optional(element, items::LENGTH, place.length);
    if place.syntax != syntax::S7_ANY {
        write_rare_place(place, element);
    }
}

#[cold]
fn write_rare_place(place: &Place<'_>, element: &mut ElementWriter<'_, '_>) {
    optional(element, items::CRC, place.crc);
    if let Some(nck) = place.nck {
        element.set_idx(items::NCK_AREA, number(nck.area));
        element.set_idx(items::NCK_UNIT, number(nck.unit));
        element.set_idx(items::NCK_COLUMN, number(nck.column));
        element.set_idx(items::NCK_LINE, number(nck.line));
        element.set_idx(items::NCK_MODULE, number(nck.module));
        element.set_idx(items::NCK_LINES, number(nck.lines));
    }
    if let Some((parameter, index)) = place.drive {
        element.set_idx(items::PARAMETER, number(parameter));
        element.set_idx(items::PARAMETER_INDEX, number(index));
    }
    if let Some(bytes) = place.bytes {
        element.set_idx(items::ADDRESS_BYTES, bytes.into());
    }
}

fn write_value(
    value: &Datum<'_>,
    kind: Option<u8>,
    is_answer: bool,
    element: &mut ElementWriter<'_, '_>,
) {
    if is_answer {
        element.set_idx(items::RETURN_CODE, number(value.return_code));
    }
    let Some(transport) = value.transport else { return };
    element.set_idx(items::TRANSPORT, number(transport));
    let size = u16::try_from(value.bytes.len()).unwrap_or(u16::MAX);
    element.set_idx(items::SIZE, number(size));
    if let Some(number) = item::number(kind, value) {
        element.set_idx(items::VALUE, number.into());
    }
    if !value.bytes.is_empty() {
        element.set_idx(items::DATA, value.bytes.into());
    }
}

fn number<'v>(value: impl Into<i64>) -> Value<'v> {
    value.into().into()
}

fn optional(
    element: &mut ElementWriter<'_, '_>,
    field: tagout_spec::schema::FieldIdx,
    value: Option<impl Into<i64>>,
) {
    if let Some(value) = value {
        element.set_idx(field, number(value));
    }
}
