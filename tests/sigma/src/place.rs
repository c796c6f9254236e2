//! Events in the names of Sigma as events of ours: what a source would make of them.
//!
//! Every field stands in `raw` under its own name, and under the typed field that the
//! importer's table names for it. The table is the importer's, the conversion is not.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tagout_compiler::import::sigma::Mapping;
use tagout_spec::schema::{FieldType, Kind, Schema};

use crate::value::ANY;

/// Sigma's words for labels of ours that are spelt otherwise.
const LABELS: &[(&str, &str)] = &[
    ("createkey", "key_create"),
    ("deletekey", "key_delete"),
    ("setvalue", "value_set"),
    ("deletevalue", "value_delete"),
    ("renamekey", "rename"),
];

/// An event as a line of JSON, and the name of its kind. Nothing if it is no event of
/// the log source: if the field that tells it from others has another value.
#[must_use]
pub fn line(
    event: &Map<String, Value>,
    mapping: &Mapping,
    schema: &Schema,
    asked: &BTreeSet<String>,
) -> Option<(String, String)> {
    // Every audit record states its type.
    if mapping.records && asked.contains("type") && !event.contains_key("type") {
        return None;
    }
    // Events of a log that have no kind of their own.
    let kind_name = if mapping.kind == "host" { "winevent" } else { mapping.kind };
    let kind = schema.kind(schema.kind_idx(kind_name)?)?;
    let mut line = Map::new();
    line.insert("kind".into(), json!(kind_name));
    line.insert("ts".into(), json!("2026-11-28T10:00:00Z"));
    for (path, values) in &mapping.guard {
        let own =
            mapping.fields.iter().find(|(_, ours)| ours == path).map(|(name, _)| *name);
        if let Some(name) = own.filter(|name| asked.contains(*name)) {
            let stated = event.get(name).and_then(text).map(|text| text.to_lowercase());
            let label =
                LABELS.iter().find(|(sigma, _)| Some(*sigma) == stated.as_deref());
            let label = label.map(|(_, label)| (*label).to_owned()).or(stated)?;
            let is_it =
                |value: &String| value.trim_matches('"').eq_ignore_ascii_case(&label);
            if !values.iter().any(is_it) {
                return None;
            }
            continue;
        }
        let value = values.first()?;
        let text = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        put(&mut line, kind, schema, path, text.unwrap_or(value));
    }
    let mut raw = Map::new();
    for (name, value) in event {
        let Some(text) = text(value) else { continue };
        let own = if mapping.records { record(event, name) } else { name.clone() };
        for path in
            mapping.fields.iter().filter(|(sigma, _)| sigma == name).map(|(_, p)| *p)
        {
            // Of two values there is no third.
            let is_bool = kind.lookup(path).is_some_and(|(_, f)| f.ty == FieldType::Bool);
            if is_bool && text.eq_ignore_ascii_case(ANY) {
                return None;
            }
            if path == "hashes" {
                hashes(&mut line, kind, schema, &text);
            } else {
                put(&mut line, kind, schema, path, &text);
            }
        }
        let plain = own.replace('_', "");
        let other = mapping.own.iter().find(|(sigma, _)| *sigma == plain);
        raw.insert(
            other.map_or(own, |(_, other)| (*other).to_owned()),
            Value::from(text),
        );
    }
    line.insert("raw".into(), Value::Object(raw));
    Some((kind_name.to_owned(), serde_json::to_string(&line).ok()?))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// The name of a field of an audit record.
fn record(event: &Map<String, Value>, name: &str) -> String {
    let stated = event.get("type").and_then(Value::as_str).map(str::to_uppercase);
    let is_argument = name.strip_prefix('a').is_some_and(|n| n.parse::<u8>().is_ok());
    let usual = match name {
        "name" | "nametype" => "PATH",
        _ if is_argument => "EXECVE",
        _ => "SYSCALL",
    };
    format!("{}.{name}", stated.unwrap_or_else(|| usual.to_owned()))
}

/// Sets a typed field, if the text is a value of its type.
fn put(
    line: &mut Map<String, Value>,
    kind: &Kind,
    schema: &Schema,
    path: &str,
    text: &str,
) {
    let Some((_, field)) = kind.lookup(path) else { return };
    let text = match field.ty {
        // Any value will do, but it is one of the type.
        FieldType::Int(_) | FieldType::Enum(..) if text.eq_ignore_ascii_case(ANY) => {
            "251"
        }
        FieldType::Ip if text.eq_ignore_ascii_case(ANY) => "192.0.2.251",
        _ => text,
    };
    let value = match field.ty {
        FieldType::Text | FieldType::Name | FieldType::Path => json!(text),
        FieldType::Int(_) => match number(text) {
            Some(number) => json!(number),
            None => return,
        },
        FieldType::Bool => match text.to_lowercase().as_str() {
            "true" => json!(true),
            "false" => json!(false),
            _ => return,
        },
        FieldType::Ip if text.parse::<std::net::IpAddr>().is_ok() => json!(text),
        FieldType::Enum(idx, _) => {
            let lower = text.to_lowercase();
            let known = LABELS.iter().find(|(sigma, _)| *sigma == lower);
            let label = known.map_or(lower.as_str(), |(_, label)| label);
            let sid = text.strip_prefix("S-1-16-").and_then(|n| n.parse::<u64>().ok());
            match schema.enum_value(idx, label).or(sid).or_else(|| number(text)) {
                Some(number) => json!(number),
                None => return,
            }
        }
        _ => return,
    };
    let path =
        if field.common { path.to_owned() } else { format!("{}.{path}", kind.group) };
    insert(line, &path, value);
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn insert(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = object.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// `MD5=...,SHA256=...` as single hashes.
fn hashes(line: &mut Map<String, Value>, kind: &Kind, schema: &Schema, text: &str) {
    for part in text.split([',', ' ']) {
        let Some((algorithm, digits)) = part.split_once('=') else { continue };
        let path = format!("hashes.{}", algorithm.to_lowercase());
        put(line, kind, schema, &path, digits);
    }
}
