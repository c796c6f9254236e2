//! Values as JSON, in the form of event JSON.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;
use tagout_spec::record::EventJson;
use tagout_spec::record::RecordView;
use tagout_spec::schema::Kind;

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

/// A whole field of an event, by path; `None` if the event lacks it.
pub(crate) fn field<'e>(event: &'e Json, kind: &Kind, path: &str) -> Option<&'e Json> {
    let (_, field) = kind.lookup(path)?;
    let group = (!field.common).then_some(kind.group.as_ref());
    let mut value = event;
    for part in group.into_iter().chain(path.split('.')) {
        value = value.get(part)?;
    }
    Some(value)
}

/// An event as JSON, as `decode` prints it.
pub(crate) fn event(json: &EventJson, record: &RecordView<'_>) -> Json {
    let mut line = Vec::new();
    json.write(record, &mut line);
    serde_json::from_slice(&line).unwrap_or_default()
}
