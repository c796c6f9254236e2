//! Objects, controls, points and attributes of a fragment onto repeated fields.
//!
//! All of them walk the objects where they lie in the fragment; nothing is collected.

use tagout_spec::record::RepeatedWriter;
use tagout_spec::record::typed::codes::dnp3_attribute_type as attribute_type;
use tagout_spec::record::typed::codes::dnp3_group as group;
use tagout_spec::record::typed::dnp3::{attributes, controls, objects, points};
use tagout_spec::record::{ElementWriter, Value};
use tagout_spec::schema::FieldIdx;

use crate::cursor::Cursor;
use crate::dnp3::control::{Control, Relay};
use crate::dnp3::fragment::{Fragment, control};
use crate::dnp3::layout::Layout;
use crate::dnp3::object::{Content, Item, Object};
use crate::dnp3::point::{Point, nanoseconds, time};

/// The flags that all groups with flags have (11): the five lowest bits.
const FLAGS: [(u8, FieldIdx); 5] = [
    (0x01, points::ONLINE),
    (0x02, points::RESTART),
    (0x04, points::COMM_LOST),
    (0x08, points::REMOTE_FORCED),
    (0x10, points::LOCAL_FORCED),
];

/// Object headers.
pub(super) fn objects(fragment: &Fragment<'_>, to: &mut RepeatedWriter<'_, '_>) {
    for object in fragment.objects() {
        to.element(|element| {
            put(element, objects::GROUP, object.group);
            put(element, objects::VARIATION, object.variation);
            put(element, objects::QUALIFIER, object.qualifier);
            put(element, objects::PREFIX, object.prefix());
            put(element, objects::RANGE, object.range());
            maybe(element, objects::START, object.start);
            maybe(element, objects::STOP, object.stop);
            maybe(element, objects::COUNT, object.count);
        });
    }
}

/// Control objects.
pub(super) fn controls(fragment: &Fragment<'_>, to: &mut RepeatedWriter<'_, '_>) {
    for object in fragment.objects() {
        if !matches!(object.group, group::BINARY_OUTPUT_COMMAND | group::ANALOG_OUTPUT) {
            continue;
        }
        for item in object.items() {
            if let Some(control) = control(&object, &item) {
                to.element(|element| control_element(&object, &item, &control, element));
            }
        }
    }
}

fn control_element(
    object: &Object<'_>,
    item: &Item<'_>,
    control: &Control,
    element: &mut ElementWriter<'_, '_>,
) {
    put(element, controls::GROUP, object.group);
    put(element, controls::VARIATION, object.variation);
    maybe(element, controls::INDEX, item.index);
    if let Some(relay) = control.relay {
        relay_fields(&relay, element);
    }
    if let Some(value) = control.value {
        element.set_idx(controls::VALUE, Value::Float(value));
    }
    put(element, controls::STATUS, control.status);
}

fn relay_fields(relay: &Relay, element: &mut ElementWriter<'_, '_>) {
    put(element, controls::CODE, relay.code);
    put(element, controls::OPERATION, relay.operation());
    put(element, controls::TRIP_CLOSE, relay.trip_close());
    element.set_idx(controls::CLEAR, Value::Bool(relay.clear()));
    element.set_idx(controls::QUEUE, Value::Bool(relay.queue()));
    put(element, controls::COUNT, relay.count);
    put(element, controls::ON_TIME, relay.on_time);
    put(element, controls::OFF_TIME, relay.off_time);
}

/// Points. A relative time is added to the common time of occurrence in front of it.
pub(super) fn points(fragment: &Fragment<'_>, to: &mut RepeatedWriter<'_, '_>) {
    let mut common = None;
    for (n, object) in (0_u16..).zip(fragment.objects()) {
        if object.group == group::COMMON_TIME_OF_OCCURRENCE {
            common = common_time(&object);
        }
        if !holds_points(&object) {
            continue;
        }
        for item in object.items() {
            if !to.takes_more() {
                to.set_truncated();
                return;
            }
            let Some(point) = Point::read(object.layout, item.content) else { continue };
            to.element(|element| {
                put(element, points::OBJECT, n);
                put(element, points::GROUP, object.group);
                put(element, points::VARIATION, object.variation);
                maybe(element, points::INDEX, item.index);
                point_fields(&point, common, element);
            });
        }
    }
}

fn point_fields(
    point: &Point<'_>,
    common: Option<u64>,
    element: &mut ElementWriter<'_, '_>,
) {
    if let Some(value) = point.value {
        element.set_idx(points::VALUE, Value::Float(value));
    }
    if let Some(flags) = point.flags {
        put(element, points::FLAGS, flags);
        for (bit, field) in FLAGS {
            element.set_idx(field, Value::Bool(flags & bit != 0));
        }
    }
    maybe(element, points::STATUS, point.status);
    maybe(element, points::DELAY, point.delay);
    let relative = common
        .zip(point.delay)
        .map(|(common, delay)| common.saturating_add(delay.into()));
    if let Some(milliseconds) = point.time.or(relative) {
        element.set_idx(points::TIME, Value::Int(nanoseconds(milliseconds)));
    }
    if let Some(octets) = point.octets {
        element.set_idx(points::DATA, octets.into());
    }
}

/// Whether what is behind a header are points; the rest has fields of its own.
fn holds_points(object: &Object<'_>) -> bool {
    let is_pattern = object.layout == Layout::Bits(1);
    match object.group {
        group::BINARY_OUTPUT_COMMAND => is_pattern,
        group::DEVICE_ATTRIBUTES
        | group::ANALOG_OUTPUT
        | group::TIME_AND_DATE..=group::FILE_CONTROL
        | group::APPLICATION
        | group::AUTHENTICATION => false,
        _ => true,
    }
}

fn common_time(object: &Object<'_>) -> Option<u64> {
    match object.items().next()?.content {
        Content::Octets(octets) => time(&mut Cursor::new(octets)),
        Content::Nothing | Content::Bits(_) => None,
    }
}

/// Device attributes: type 1 | length 1 | value.
pub(super) fn attributes(fragment: &Fragment<'_>, to: &mut RepeatedWriter<'_, '_>) {
    for object in fragment.objects() {
        if object.group != group::DEVICE_ATTRIBUTES {
            continue;
        }
        for item in object.items() {
            let Content::Octets([kind, _, value @ ..]) = item.content else { continue };
            to.element(|element| {
                maybe(element, attributes::SET, item.index);
                put(element, attributes::VARIATION, object.variation);
                put(element, attributes::TYPE, *kind);
                attribute_value(*kind, value, element);
            });
        }
    }
}

fn attribute_value(kind: u8, octets: &[u8], element: &mut ElementWriter<'_, '_>) {
    let number = match (kind, octets) {
        (attribute_type::VSTR, text) => {
            element.set_idx(attributes::TEXT, text.into());
            return;
        }
        (attribute_type::UINT, [a]) => Some(f64::from(*a)),
        (attribute_type::UINT, [a, b]) => Some(u16::from_le_bytes([*a, *b]).into()),
        (attribute_type::UINT, [a, b, c, d]) => {
            Some(u32::from_le_bytes([*a, *b, *c, *d]).into())
        }
        (attribute_type::INT, [a]) => Some(i8::from_le_bytes([*a]).into()),
        (attribute_type::INT, [a, b]) => Some(i16::from_le_bytes([*a, *b]).into()),
        (attribute_type::INT, [a, b, c, d]) => {
            Some(i32::from_le_bytes([*a, *b, *c, *d]).into())
        }
        (attribute_type::FLT, [a, b, c, d]) => {
            Some(f32::from_le_bytes([*a, *b, *c, *d]).into())
        }
        (attribute_type::FLT, octets) => octets.try_into().ok().map(f64::from_le_bytes),
        _ => None,
    };
    match number {
        Some(number) => element.set_idx(attributes::VALUE, Value::Float(number)),
        None => element.set_idx(attributes::DATA, octets.into()),
    };
}

fn put(element: &mut ElementWriter<'_, '_>, field: FieldIdx, value: impl Into<i64>) {
    element.set_idx(field, Value::Int(value.into()));
}

fn maybe(
    element: &mut ElementWriter<'_, '_>,
    field: FieldIdx,
    value: Option<impl Into<i64>>,
) {
    if let Some(value) = value {
        put(element, field, value);
    }
}
