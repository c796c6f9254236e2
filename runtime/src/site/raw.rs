//! `site.toml` as it is written. A key that is not here is an error.

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

/// Most bytes of a site file.
const BYTES_MAX: usize = 64 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    #[serde(default)]
    pub(super) zone: Vec<RawZone>,
    #[serde(default)]
    pub(super) asset: Vec<RawAsset>,
    #[serde(default)]
    pub(super) maintenance: Vec<RawMaintenance>,
    #[serde(default)]
    pub(super) plugin: Vec<super::SitePlugin>,
    #[serde(default)]
    pub(super) params: toml::Table,
    #[serde(default)]
    pub(super) pack: std::collections::BTreeMap<String, RawPack>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPack {
    #[serde(default)]
    pub(super) params: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawZone {
    pub(super) name: String,
    /// Level of the Purdue model: 0 to 5, 3.5 for a DMZ.
    pub(super) purdue: Option<f64>,
    #[serde(default)]
    pub(super) prefixes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAsset {
    pub(super) name: String,
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) addresses: Vec<String>,
    #[serde(default)]
    pub(super) mac: OneOrMany,
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    pub(super) role: Option<String>,
    pub(super) criticality: Option<String>,
    pub(super) vendor: Option<String>,
    pub(super) model: Option<String>,
    pub(super) zone: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    pub(super) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// Of an asset or a zone; once or weekly.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMaintenance {
    pub(super) asset: Option<String>,
    pub(super) zone: Option<String>,
    pub(super) from: Option<toml::value::Datetime>,
    pub(super) to: Option<toml::value::Datetime>,
    pub(super) weekly: Option<RawWeekly>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWeekly {
    pub(super) days: Vec<String>,
    pub(super) from: String,
    pub(super) to: String,
}

pub(super) fn parse(text: &str) -> Result<Raw, String> {
    if text.len() > BYTES_MAX {
        return Err(format!("{} bytes, at most {BYTES_MAX} allowed", text.len()));
    }
    toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
}

/// A table in the form that parameters are given in everywhere.
pub(super) fn json(table: toml::Table) -> Map<String, Value> {
    table.into_iter().map(|(name, value)| (name, json_value(value))).collect()
}

fn json_value(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(n) => n.into(),
        toml::Value::Float(n) => n.into(),
        toml::Value::Boolean(b) => b.into(),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(items) => items.into_iter().map(json_value).collect(),
        toml::Value::Table(table) => Value::Object(json(table)),
    }
}
