//! Texts of sources to values of fields.

use std::net::IpAddr;

use tagout_spec::record::{RecordWriter, Value, ip_octets};
use tagout_spec::schema::{Field, FieldType, Schema};

use crate::time;

/// The number that a text states: decimal, or hexadecimal with `0x`.
pub(crate) fn int(text: &str) -> Option<i64> {
    let text = text.trim();
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match hex {
        Some(hex) => {
            u64::from_str_radix(hex, 16).ok().and_then(|v| i64::try_from(v).ok())
        }
        None => text.parse().ok(),
    }
}

/// Whether a source says nothing by this text.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(text.trim(), "" | "-")
}

/// Sets a field from a text, as its type reads it; what does not fit makes it invalid.
pub(crate) fn set(record: &mut RecordWriter<'_>, field: &Field, text: &str) {
    let value = match field.ty {
        ty if ty.is_text() => Some(Value::from(text)),
        FieldType::Int(_) | FieldType::Enum(..) => int(text).map(Value::Int),
        FieldType::Bool => boolean(text).map(Value::Bool),
        FieldType::Ip => ip(text).map(Value::Ip),
        FieldType::Time => time::parse(text).map(Value::Int),
        _ => None,
    };
    match value {
        Some(value) => {
            record.set_field(field, value);
        }
        None => record.set_invalid(field.idx()),
    }
}

/// An address, perhaps with the name of an interface behind it, or in brackets.
pub(crate) fn ip(text: &str) -> Option<[u8; 16]> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let text = text.split_once('%').map_or(text, |(address, _)| address);
    text.parse::<IpAddr>().ok().map(ip_octets)
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "True" | "TRUE" | "1" | "yes" | "success" => Some(true),
        "false" | "False" | "FALSE" | "0" | "no" | "failed" => Some(false),
        // `Yes` and `No` of Windows messages.
        "%%1842" => Some(true),
        "%%1843" => Some(false),
        _ => None,
    }
}

/// The number of a label of the field's enumeration.
pub(crate) fn label(schema: &Schema, field: &Field, label: &str) -> Option<i64> {
    let FieldType::Enum(idx, _) = field.ty else { return None };
    schema.enum_value(idx, label).and_then(|value| i64::try_from(value).ok())
}
