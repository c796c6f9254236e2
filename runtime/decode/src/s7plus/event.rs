//! A message's fields onto a record of kind `s7plus`.

use tagout_spec::record::typed::codes::{
    ot_op, ot_outcome, ot_phase, ot_target, s7plus_function as function,
};
use tagout_spec::record::typed::s7plus::{KIND, Writer, attributes, items, objects};
use tagout_spec::record::{ElementWriter, Value as Field};
use tagout_spec::schema::FieldIdx;

use crate::iso::Tsdu;
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};
use crate::s7plus::frame::Header;
use crate::s7plus::known::data_block;
use crate::s7plus::ops::{self, About};
use crate::s7plus::pdu::{self, Fault, Message};
use crate::s7plus::session::{Pieces, Request};
use crate::s7plus::tree::{Item, Node};
use crate::s7plus::value::Value;

/// Most bytes kept of what has no field.
const RAW_KEPT: usize = 512;

/// All that is known of a message.
pub(super) struct Event<'e> {
    message: &'e Message<'e>,
    header: Option<Header>,
    tsdu: Tsdu<'e>,
    /// How it was put together.
    pub(super) pieces: Pieces,
    /// The request that it answers.
    pub(super) request: Option<Request>,
    /// The digest behind it, in version 2.
    pub(super) digest_behind: Option<&'e [u8]>,
}

/// What a walk over a message shows at once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Summary {
    /// Operation of a request.
    pub(super) op: Option<u16>,
    /// Where the body stops making sense.
    pub(super) fault: Option<Fault>,
    class: Option<u32>,
    item_count: Option<u32>,
    has_objects: bool,
    has_attributes: bool,
    has_items: bool,
    has_created: bool,
    value: Option<f64>,
    data_block: Option<u16>,
}

impl Summary {
    /// Walks a message once.
    pub(super) fn of(message: &Message<'_>) -> Summary {
        let mut summary = Summary::default();
        let mut about = About {
            function: message.function.unwrap_or_default(),
            session: message.session.unwrap_or_default(),
            object: message.object,
            ..About::default()
        };
        let mut is_first = true;
        summary.fault = pdu::content(message, |node| match node {
            Node::Object(object) => {
                summary.class.get_or_insert(object.class);
                summary.has_objects = true;
            }
            Node::Attribute(_, id, value) => {
                summary.has_attributes = true;
                if std::mem::take(&mut is_first) {
                    (about.attribute, about.value) = (id, value.number);
                    summary.value = value.number;
                }
            }
            Node::Item(item) => {
                summary.has_items = true;
                let block = item.area.and_then(data_block);
                summary.data_block = summary.data_block.or(block);
            }
            Node::Count(count) => summary.item_count = Some(count),
            Node::Created(_) => summary.has_created = true,
        });
        // A session's key is agreed on by writing several of its attributes.
        if message.is_request() {
            summary.op = ops::op(&about);
        }
        summary
    }

    fn is_empty(&self) -> bool {
        !(self.has_objects || self.has_attributes || self.has_items || self.has_created)
    }
}

impl<'e> Event<'e> {
    /// An event of a message in one piece.
    pub(super) fn new(
        message: &'e Message<'e>,
        header: Option<Header>,
        tsdu: Tsdu<'e>,
    ) -> Event<'e> {
        let length = header.map_or(0, |header| header.length);
        let pieces = Pieces { n: 1, length, digest: None };
        Event { message, header, tsdu, pieces, request: None, digest_behind: None }
    }

    /// Writes the event.
    pub(super) fn write(
        &self,
        summary: &Summary,
        cx: Context<'_>,
        sink: &mut dyn EventSink,
    ) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        self.frame(&mut w);
        self.head(&mut w);
        self.course(summary, cx, &mut w);
        some!(w, class, summary.class);
        some!(w, item_count, summary.item_count);
        self.groups(summary, &mut w);
        if summary.is_empty() || self.message.fault.is_some() {
            let bytes = match self.header {
                Some(_) => self.message.body,
                None => self.tsdu.bytes,
            };
            let kept = bytes.get(..RAW_KEPT).unwrap_or(bytes);
            if !kept.is_empty() {
                w.data(kept);
            }
        }
        w.commit();
    }

    /// How the message came, and where it went wrong.
    fn frame(&self, w: &mut Writer<'_>) {
        let connection = self.tsdu.connection;
        some!(w, calling_tsap, connection.calling.bytes());
        some!(w, called_tsap, connection.called.bytes());
        if let Some(header) = self.header {
            w.version(header.version).length(self.pieces.length);
            let digest = self.pieces.digest.as_ref().map(<[u8; 32]>::as_slice);
            let digest = digest.or(self.digest_behind);
            w.integrity(digest.is_some());
            some!(w, digest, digest);
        }
        w.fragments(self.pieces.n);
        w.malformed(self.message.fault.is_some());
        if let Some(Fault { at, why }) = self.message.fault {
            w.malformed_at(u16::try_from(at).unwrap_or(u16::MAX));
            w.malformed_why(why as u8);
        }
    }

    fn head(&self, w: &mut Writer<'_>) {
        let message = self.message;
        some!(w, opcode, message.opcode);
        if message.opcode.is_some() {
            w.request(message.is_request());
        }
        some!(w, function, message.function);
        some!(w, sequence, message.sequence);
        some!(w, transport_flags, message.transport_flags);
        some!(w, subscription, message.subscription);
        some!(w, return_value, message.return_value);
        some!(w, error, message.error());
        let asked = self.request.as_ref();
        some!(w, session, message.session.or(asked.and_then(|asked| asked.session)));
        some!(w, object, self.object());
    }

    fn object(&self) -> Option<u32> {
        self.message.object.or(self.request.as_ref().and_then(|asked| asked.object))
    }

    /// The pair, and the fields that all OT protocols share.
    fn course(&self, summary: &Summary, cx: Context<'_>, w: &mut Writer<'_>) {
        let mut op = summary.op;
        if self.message.is_response() {
            w.paired(self.request.is_some());
            if let Some(request) = &self.request {
                w.latency(cx.ts_ns().saturating_sub(request.ts_ns));
            }
            if self.message.error().is_some_and(|error| error < 0) {
                w.phase(ot_phase::REJECTED).outcome(ot_outcome::EXCEPTION);
                if op == Some(ot_op::LOGIN) {
                    op = Some(ot_op::LOGIN_FAIL);
                }
            } else {
                w.phase(ot_phase::ACCEPTED).outcome(ot_outcome::OK);
            }
        } else if self.message.is_request() {
            w.phase(ot_phase::REQUEST);
        }
        some!(w, op, op);
        if let Some(block) = summary.data_block {
            w.target_kind(ot_target::BLOCK).target_id(block.into());
            w.target_id_end(block.into());
        } else if let Some(object) = self.object() {
            w.target_kind(ot_target::OBJECT).target_id(object).target_id_end(object);
        }
        if self.message.function == Some(function::SET_VARIABLE) {
            some!(w, target_value, summary.value);
        }
    }

    /// Objects, attributes, addresses and created objects: a walk for each.
    fn groups(&self, summary: &Summary, w: &mut Writer<'_>) {
        if summary.has_objects {
            w.objects(|to| {
                pdu::content(self.message, |node| {
                    let Node::Object(object) = node else { return };
                    to.element(|element| {
                        set(element, objects::RELATION, object.relation);
                        set(element, objects::CLASS, object.class);
                        set(element, objects::ATTRIBUTE, object.attribute);
                        set(element, objects::DEPTH, object.depth);
                    });
                });
            });
        }
        if summary.has_attributes {
            w.attributes(|to| {
                pdu::content(self.message, |node| {
                    let Node::Attribute(object, id, value) = node else { return };
                    let object = object.or(self.object()).filter(|object| *object != 0);
                    to.element(|element| write_value(object, id, &value, element));
                });
            });
        }
        if summary.has_items {
            w.items(|to| {
                pdu::content(self.message, |node| {
                    let Node::Item(item) = node else { return };
                    to.element(|element| write_item(&item, element));
                });
            });
        }
        if summary.has_created {
            w.created(|to| {
                pdu::content(self.message, |node| {
                    if let Node::Created(object) = node {
                        to.push(i64::from(object).into());
                    }
                });
            });
        }
    }
}

fn write_value(
    object: Option<u32>,
    id: Option<u32>,
    value: &Value<'_>,
    element: &mut ElementWriter<'_, '_>,
) {
    some_of(element, attributes::OBJECT, object);
    some_of(element, attributes::ID, id);
    set(element, attributes::TYPE, value.kind);
    element.set_idx(attributes::ARRAY, value.is_array.into());
    if let Some(number) = value.number {
        element.set_idx(attributes::VALUE, number.into());
    } else if let Some(text) = value.text {
        element.set_idx(attributes::TEXT, text.into());
    } else if !value.bytes.is_empty() {
        element.set_idx(attributes::DATA, value.bytes.into());
    }
}

fn write_item(item: &Item, element: &mut ElementWriter<'_, '_>) {
    some_of(element, items::ID, item.id);
    some_of(element, items::CRC, item.crc);
    some_of(element, items::AREA, item.area);
    some_of(element, items::DB, item.area.and_then(data_block));
    some_of(element, items::SUB_AREA, item.sub_area);
    some_of(element, items::LID, item.lid);
}

fn set(element: &mut ElementWriter<'_, '_>, field: FieldIdx, value: impl Into<i64>) {
    let value: i64 = value.into();
    element.set_idx(field, Field::from(value));
}

fn some_of(
    element: &mut ElementWriter<'_, '_>,
    field: FieldIdx,
    value: Option<impl Into<i64>>,
) {
    if let Some(value) = value {
        set(element, field, value);
    }
}
