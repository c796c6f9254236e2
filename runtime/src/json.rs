//! Values as JSON, in the form of event JSON.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;
use tagout_spec::record::RecordView;
use tagout_spec::record::Slot;
use tagout_spec::record::Value;
use tagout_spec::schema::Field;
use tagout_spec::schema::FieldType;
use tagout_spec::schema::Schema;

/// Integers beyond this are text: many readers hold numbers as binary64.
const EXACT: u64 = 1 << 53;

pub(crate) fn int(value: i64) -> Json {
    if value.unsigned_abs() > EXACT { value.to_string().into() } else { value.into() }
}

pub(crate) fn float(value: f64) -> Json {
    serde_json::Number::from_f64(value).map_or(Json::Null, Json::Number)
}

pub(crate) fn ip(value: [u8; 16]) -> Json {
    std::net::Ipv6Addr::from(value).to_canonical().to_string().into()
}

pub(crate) fn mac(value: [u8; 6]) -> Json {
    value.map(|byte| format!("{byte:02x}")).join(":").into()
}

pub(crate) fn hex(bytes: &[u8]) -> Json {
    json!({ "hex": crate::hex(bytes) })
}

pub(crate) fn text(bytes: &[u8]) -> Json {
    std::str::from_utf8(bytes).map_or_else(|_| hex(bytes), Json::from)
}

pub(crate) fn range(first: u32, last: u32) -> Json {
    json!([first, last])
}

pub(crate) fn time(ns: i64) -> Json {
    time_text(ns, "Z").into()
}

/// A time in RFC 3339 with at least six digits, and the zone as given.
pub(crate) fn time_text(ns: i64, zone: &str) -> String {
    let digits = if ns.rem_euclid(1_000) == 0 { 6 } else { 9 };
    match jiff::Timestamp::from_nanosecond(ns.into()) {
        Ok(time) => {
            format!("{}{zone}", time.strftime(&format!("%Y-%m-%dT%H:%M:%S%.{digits}f")))
        }
        Err(_) => ns.to_string(),
    }
}

/// A duration as rules write it.
pub(crate) fn duration(ns: i64) -> String {
    const UNITS: [(&str, u64); 7] = [
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
    ];
    let mut rest = ns.unsigned_abs();
    let mut text = String::new();
    for (unit, size) in UNITS {
        let n = rest / size;
        rest %= size;
        if n > 0 {
            text.push_str(&format!("{n}{unit}"));
        }
    }
    let sign = if ns < 0 { "-" } else { "" };
    if text.is_empty() { "0s".to_owned() } else { format!("{sign}{text}") }
}

/// `{"hex": ...}` and its like, without the brackets.
pub(crate) fn plain(object: &Map<String, Json>) -> String {
    match object.get("hex") {
        Some(Json::String(hex)) => format!("0x{hex}"),
        _ => Json::Object(object.clone()).to_string(),
    }
}

/// A whole field of a record, by path; `None` if the event lacks it.
pub(crate) fn field(
    schema: &Schema,
    record: &RecordView<'_>,
    path: &str,
) -> Option<Json> {
    let event = event(schema, record);
    let (_, field) = record.kind().lookup(path)?;
    let group = (!field.common).then_some(record.kind().group.as_ref());
    let mut value = &event;
    for part in group.into_iter().chain(path.split('.')) {
        value = value.get(part)?;
    }
    Some(value.clone())
}

/// An event as JSON, as `decode` prints it.
pub(crate) fn event(schema: &Schema, record: &RecordView<'_>) -> Json {
    let kind = record.kind();
    let mut event = Map::new();
    event.insert("kind".to_owned(), Json::from(kind.name.as_ref()));
    for field in kind.fields.iter() {
        let value = match record.field(field) {
            Slot::Absent | Slot::Invalid => continue,
            Slot::Null => Json::Null,
            Slot::Value(value) => value_json(schema, field, value),
        };
        let label = match (field.ty, record.field(field)) {
            (FieldType::Enum(e, _), Slot::Value(Value::Int(n))) => {
                u64::try_from(n).ok().and_then(|n| schema.enum_label(e, n))
            }
            _ => None,
        };
        let group = (!field.common).then_some(kind.group.as_ref());
        let path: Vec<&str> = group.into_iter().chain(field.path.split('.')).collect();
        put(&mut event, &path, value);
        if let (Some(label), Some((last, head))) = (label, path.split_last()) {
            let name = format!("{last}_name");
            let path: Vec<&str> = head.iter().copied().chain([name.as_str()]).collect();
            put(&mut event, &path, label.into());
        }
    }
    Json::Object(event)
}

fn put(object: &mut Map<String, Json>, path: &[&str], value: Json) {
    match path {
        [] => {}
        [last] => {
            object.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let inner = object.entry(*first).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn value_json(schema: &Schema, field: &Field, value: Value<'_>) -> Json {
    match value {
        Value::Bool(v) => v.into(),
        Value::Int(v) if field.ty == FieldType::Time => time(v),
        Value::Int(v) => int(v),
        Value::Large(v) => v.to_string().into(),
        Value::Float(v) => float(v),
        Value::Ip(v) => ip(v),
        Value::Mac(v) => mac(v),
        Value::Range(first, last) => range(first, last),
        Value::Text(v) if field.ty == FieldType::Bytes => hex(v.bytes),
        Value::Text(v) => text(v.bytes),
        Value::Repeated(repeated) => {
            let items = repeated.items().map(|item| value_json(schema, field, item));
            let elements = repeated.elements().map(|element| {
                let mut object = Map::new();
                for field in field.items.iter().flat_map(|items| items.fields.iter()) {
                    if let Slot::Value(value) = element.field(field) {
                        let path: Vec<&str> = field.path.split('.').collect();
                        put(&mut object, &path, value_json(schema, field, value));
                    }
                }
                Json::Object(object)
            });
            items.chain(elements).collect()
        }
    }
}
