//! Values of parameters: JSON in one form, whether from `site.toml`, from a
//! pack's defaults or from a test.
//!
//! | type | written as |
//! |---|---|
//! | `bool`, `int`, `float` | themselves; `inf` and `-inf` as text |
//! | `time` | text in RFC 3339 |
//! | `duration` | text such as `1h30m`, or nanoseconds |
//! | `ip` | text; in a set also `10.0.0.0/24` and `10.0.0.1-10.0.0.9` |
//! | an enumeration | a label, or a number |
//! | `mac` | text such as `00:1b:1b:00:00:01` |
//! | `text`, `name`, `path` | text |
//! | `bytes` | `{ hex = "00ff" }` |
//! | a set | an array |

use serde_json::Value;
use tagout_spec::fold::fold;
use tagout_spec::pack::bindings::Binding;
use tagout_spec::pack::bindings::TEXT_PARAM_MAX;
use tagout_spec::pack::manifest::ParamInfo;
use tagout_spec::pack::manifest::ParamType;
use tagout_spec::schema::Schema;

use super::check;
use super::windows;

/// The value of a parameter.
pub(crate) fn bind(
    param: &ParamInfo,
    value: &Value,
    schema: &Schema,
) -> Result<Binding, String> {
    let unlabelled;
    let value = match &param.enumeration {
        Some(name) => {
            unlabelled = without_labels(name, value, schema)?;
            &unlabelled
        }
        None => value,
    };
    match (param.max, value) {
        (Some(max), Value::Array(values)) => {
            let n = u32::try_from(values.len()).unwrap_or(u32::MAX);
            if n > max {
                return Err(format!("{n} values, at most {max} allowed"));
            }
            set(param.ty, values)
        }
        (Some(_), _) => Err(format!("{} is not an array", show(value))),
        (None, value) => scalar(param.ty, value),
    }
}

/// The value with numbers in the place of labels.
fn without_labels(name: &str, value: &Value, schema: &Schema) -> Result<Value, String> {
    match value {
        Value::Array(values) => {
            values.iter().map(|value| without_labels(name, value, schema)).collect()
        }
        // A large number is a text, too.
        Value::String(text) if text.parse::<i64>().is_err() => {
            let idx = schema.enumeration(name);
            let number = idx.and_then(|idx| schema.enum_value(idx, text));
            number.map(Value::from).ok_or_else(|| {
                format!("{} is no label of `{name}`, nor a number", show(value))
            })
        }
        value => Ok(value.clone()),
    }
}

/// Nanoseconds of a duration as rules write it: `500ms`, `1h30m`.
#[must_use]
pub(super) fn duration(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 7] = [
        ("ns", 1),
        ("us", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
        ("d", 86_400_000_000_000),
    ];
    let (digits, sign) = text.strip_prefix('-').map_or((text, 1), |rest| (rest, -1));
    let mut rest = digits;
    let mut sum = 0_i64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(end)?;
        let (_, factor) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(factor)?)?;
        rest = tail;
    }
    (!digits.is_empty()).then(|| sum.saturating_mul(sign))
}

fn scalar(ty: ParamType, value: &Value) -> Result<Binding, String> {
    let wrong = || wrong(ty, value);
    Ok(match ty {
        ParamType::Bool => Binding::Bool(value.as_bool().ok_or_else(wrong)?),
        ParamType::Int | ParamType::Time | ParamType::Duration => {
            Binding::Int(integer(ty, value)?)
        }
        ParamType::Float => Binding::Float(float(value).ok_or_else(wrong)?),
        ParamType::Ip => Binding::Ip(check::address(value.as_str().ok_or_else(wrong)?)?),
        ParamType::Mac => Binding::Mac(mac(value).ok_or_else(wrong)?),
        ParamType::Text | ParamType::Name | ParamType::Path | ParamType::Bytes => {
            let bytes = bytes(ty, value)?;
            if u32::try_from(bytes.len()).is_ok_and(|len| len > TEXT_PARAM_MAX) {
                let len = bytes.len();
                return Err(format!("{len} bytes, at most {TEXT_PARAM_MAX} allowed"));
            }
            Binding::Text { folded: fold(&bytes), bytes }
        }
    })
}

fn set(ty: ParamType, values: &[Value]) -> Result<Binding, String> {
    Ok(match ty {
        ParamType::Bool => return Err("a set of `bool`".to_owned()),
        ParamType::Int | ParamType::Time | ParamType::Duration => {
            Binding::Ints(each(values, |value| integer(ty, value))?)
        }
        ParamType::Float => Binding::Floats(each(values, |value| {
            float(value).ok_or_else(|| wrong(ty, value))
        })?),
        ParamType::Ip => Binding::Ips(each(values, addresses)?),
        ParamType::Mac => Binding::Macs(each(values, |value| {
            mac(value).ok_or_else(|| wrong(ty, value))
        })?),
        ParamType::Text | ParamType::Bytes => {
            Binding::Texts(each(values, |value| bytes(ty, value))?)
        }
        ParamType::Name | ParamType::Path => Binding::Texts(each(values, |value| {
            bytes(ty, value).map(|bytes| fold(&bytes))
        })?),
    })
}

fn each<T>(
    values: &[Value],
    read: impl Fn(&Value) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    values.iter().map(read).collect()
}

fn integer(ty: ParamType, value: &Value) -> Result<i64, String> {
    let number = match (ty, value) {
        (ParamType::Time, Value::String(text)) => return windows::time(text),
        (ParamType::Duration, Value::String(text)) => duration(text),
        // Above 2^53 integers are written as text, here as in events.
        (ParamType::Int, Value::String(text)) => text.parse().ok(),
        (_, value) => value.as_i64(),
    };
    number.ok_or_else(|| wrong(ty, value))
}

/// A pack's own default may be infinite, for which JSON has no number.
fn float(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("inf") => Some(f64::INFINITY),
        Some("-inf") => Some(f64::NEG_INFINITY),
        _ => value.as_f64().filter(|n| !n.is_nan()),
    }
}

fn mac(value: &Value) -> Option<[u8; 6]> {
    check::mac(value.as_str()?)
}

fn bytes(ty: ParamType, value: &Value) -> Result<Vec<u8>, String> {
    let hex = |text: &str| {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let pair = |&pair: &[u8; 2]| {
            let digits = std::str::from_utf8(&pair).ok()?.to_owned();
            u8::from_str_radix(&digits, 16).ok().filter(|_| !digits.starts_with('+'))
        };
        let bytes = pairs.iter().map(pair).collect::<Option<Vec<u8>>>();
        bytes.filter(|_| rest.is_empty())
    };
    let found = match value {
        Value::String(text) if ty != ParamType::Bytes => Some(text.as_bytes().to_vec()),
        Value::Object(object) if object.len() == 1 => {
            object.get("hex").and_then(Value::as_str).and_then(hex)
        }
        _ => None,
    };
    found.ok_or_else(|| wrong(ty, value))
}

/// An element of a set of addresses: one, a prefix, or a range.
fn addresses(value: &Value) -> Result<([u8; 16], [u8; 16]), String> {
    let text = value.as_str().ok_or_else(|| wrong(ParamType::Ip, value))?;
    if let Some((first, last)) = text.split_once('-') {
        let (first, last) = (check::address(first)?, check::address(last)?);
        let ascends = first <= last;
        return ascends.then_some((first, last)).ok_or(format!("`{text}` descends"));
    }
    let prefix = check::prefix(text)?;
    Ok((prefix.first.to_be_bytes(), prefix.last.to_be_bytes()))
}

fn wrong(ty: ParamType, value: &Value) -> String {
    let ty = serde_json::to_value(ty).unwrap_or_default();
    format!("{} is no `{}`", show(value), ty.as_str().unwrap_or_default())
}

fn show(value: &Value) -> String {
    let text: String = value.to_string().chars().take(60).collect();
    format!("`{text}`")
}
