//! Values as both sides write them, made comparable.

use std::fmt;

/// A value of a field.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A number, or a truth as 0 or 1.
    Int(i128),
    /// A number with a fraction.
    Float(f64),
    /// Text; bytes are their hexadecimal digits.
    Text(String),
}

impl Value {
    /// A number as tshark shows it: decimal, `0x` and digits, or `True`.
    pub(crate) fn number(text: &str) -> Option<Value> {
        let text = text.trim();
        match text {
            "True" => return Some(Value::Int(1)),
            "False" => return Some(Value::Int(0)),
            _ => {}
        }
        if let Some(digits) = text.strip_prefix("0x") {
            return i128::from_str_radix(digits, 16).ok().map(Value::Int);
        }
        let int = text.parse().ok().map(Value::Int);
        int.or_else(|| text.parse().ok().map(Value::Float))
    }

    /// Bytes as `-T pdml` writes them: digits, perhaps with colons between.
    pub(crate) fn hex(text: &str) -> Value {
        Value::Text(text.replace(':', "").to_lowercase())
    }

    /// A value of an event's JSON; none for null and for objects.
    pub(crate) fn json(json: &serde_json::Value) -> Option<Value> {
        match json {
            serde_json::Value::Bool(truth) => Some(Value::Int(i128::from(*truth))),
            serde_json::Value::Number(number) => Value::number(&number.to_string()),
            serde_json::Value::String(text) => Some(Value::Text(text.clone())),
            serde_json::Value::Object(object) => match object.get("hex") {
                Some(serde_json::Value::String(digits)) => Some(Value::hex(digits)),
                _ => None,
            },
            serde_json::Value::Null | serde_json::Value::Array(_) => None,
        }
    }

    pub(crate) fn as_int(&self) -> Option<i128> {
        match self {
            Value::Int(int) => Some(*int),
            Value::Float(_) => None,
            // JSON writes integers above 2^53 as text.
            Value::Text(text) => text.parse().ok(),
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Int(i128::from(truth))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        // tshark shows six digits of a float of four bytes.
        let near = |a: f64, b: f64| {
            (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= a.abs() * 1e-5
        };
        let float = |int: i128| int.to_string().parse::<f64>().unwrap_or(f64::NAN);
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => near(*a, *b),
            (Value::Int(int), Value::Float(a)) | (Value::Float(a), Value::Int(int)) => {
                near(*a, float(*int))
            }
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Text(_), Value::Int(b)) => self.as_int() == Some(*b),
            (Value::Int(a), Value::Text(_)) => other.as_int() == Some(*a),
            (Value::Text(_), Value::Float(_)) | (Value::Float(_), Value::Text(_)) => {
                false
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Int(int) => write!(f, "{int}"),
            Value::Float(float) => write!(f, "{float}"),
            Value::Text(text) => write!(f, "{text}"),
        }
    }
}

/// Values as reports and explanations write them: `7`, `1 2 3`, `-` for none.
pub(crate) fn shown(values: &[Value]) -> String {
    if values.is_empty() {
        return "-".to_owned();
    }
    let texts: Vec<String> = values.iter().map(Value::to_string).collect();
    texts.join(" ")
}
