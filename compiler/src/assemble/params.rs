//! Parameters and their defaults, values in the form of `site.toml`.

use std::net::{IpAddr, Ipv6Addr};

use serde_json::{Value as Json, json};
use tagout_spec::pack::manifest::{ParamInfo, ParamType};
use tagout_spec::schema::Schema;

use crate::ir::{Constant, Param, Type, Value};

/// What the manifest says of a parameter.
pub(super) fn info(schema: &Schema, param: &Param) -> ParamInfo {
    ParamInfo {
        name: param.name.clone(),
        ty: param_type(param.ty),
        enumeration: match param.ty {
            Type::Enum(idx) => {
                schema.enums.get(usize::from(idx.0)).map(|of| of.name.to_string())
            }
            _ => None,
        },
        max: param.set_max,
        default: param.default.as_ref().map(|default| match default {
            Constant::One(value) => json_of(param.ty, value),
            Constant::Set(values) => {
                values.iter().map(|value| json_of(param.ty, value)).collect()
            }
            Constant::Ips(ranges) => {
                ranges.iter().map(|(low, high)| range(low, high)).collect()
            }
        }),
    }
}

fn param_type(ty: Type) -> ParamType {
    match ty {
        Type::Bool => ParamType::Bool,
        // A site binds a number, or the label of one.
        Type::Int | Type::Enum(_) | Type::Range => ParamType::Int,
        Type::Float => ParamType::Float,
        Type::Time => ParamType::Time,
        Type::Duration => ParamType::Duration,
        Type::Ip => ParamType::Ip,
        Type::Mac => ParamType::Mac,
        Type::Text => ParamType::Text,
        Type::Name => ParamType::Name,
        Type::Path => ParamType::Path,
        Type::Bytes => ParamType::Bytes,
    }
}

fn json_of(ty: Type, value: &Value) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::Int(ns) if ty == Type::Duration => json!(duration(*ns)),
        Value::Int(value) => json!(value),
        // JSON has no number for it.
        Value::Float(value) if value.is_infinite() => json!(value.to_string()),
        Value::Float(value) => json!(value),
        Value::Ip(ip) => json!(address(ip)),
        Value::Mac(mac) => {
            let parts: Vec<_> = mac.iter().map(|byte| format!("{byte:02x}")).collect();
            json!(parts.join(":"))
        }
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if ty != Type::Bytes => json!(text),
            _ => {
                let hex: String =
                    bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                json!({ "hex": hex })
            }
        },
        Value::Range(low, high) => json!([low, high]),
    }
}

/// `10.0.0.1`, or `10.0.0.0-10.0.0.255` for more than one address.
fn range(low: &[u8; 16], high: &[u8; 16]) -> Json {
    if low == high {
        json!(address(low))
    } else {
        json!(format!("{}-{}", address(low), address(high)))
    }
}

fn address(bytes: &[u8; 16]) -> String {
    let ip = Ipv6Addr::from(*bytes);
    ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4).to_string()
}

/// The largest unit that divides it.
fn duration(ns: i64) -> String {
    const UNITS: [(i64, &str); 5] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
    ];
    let unit = UNITS.iter().find(|(scale, _)| ns % scale == 0);
    match unit {
        Some((scale, name)) => format!("{}{name}", ns / scale),
        None => format!("{ns}ns"),
    }
}
