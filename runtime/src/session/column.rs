//! Computed columns, out of the module's memory: as keys, as JSON, as text.

use serde_json::Value as Json;
use tagout_spec::pack::manifest::ColumnInfo;
use tagout_spec::pack::rows::Column as Borrowed;
use tagout_spec::schema::Schema;

use crate::json;

/// A column of one row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Ip([u8; 16]),
    Mac([u8; 6]),
    Text(Vec<u8>),
    Range(u32, u32),
}

impl From<Borrowed<'_>> for Column {
    fn from(column: Borrowed<'_>) -> Self {
        match column {
            Borrowed::None => Self::None,
            Borrowed::Bool(v) => Self::Bool(v),
            Borrowed::Int(v) => Self::Int(v),
            Borrowed::Float(v) => Self::Float(v),
            Borrowed::Ip(v) => Self::Ip(v),
            Borrowed::Mac(v) => Self::Mac(v),
            Borrowed::Text { bytes, .. } => Self::Text(bytes.to_vec()),
            Borrowed::Range(first, last) => Self::Range(first, last),
        }
    }
}

impl Column {
    /// Appends it to a key, so that different columns give different keys.
    pub(crate) fn add_to_key(&self, key: &mut Vec<u8>) {
        let (tag, bytes): (u8, &[u8]) = match self {
            Self::None => (0, &[]),
            Self::Bool(v) => (1, &[u8::from(*v)]),
            Self::Int(v) => (2, &v.to_le_bytes()),
            Self::Float(v) => (3, &v.to_bits().to_le_bytes()),
            Self::Ip(v) => (4, v),
            Self::Mac(v) => (5, v),
            Self::Text(v) => (6, v),
            Self::Range(first, last) => {
                key.push(7);
                key.extend(first.to_le_bytes());
                (0, &last.to_le_bytes())
            }
        };
        key.push(tag);
        key.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        key.extend(bytes);
    }

    /// As JSON, and the label if it is a number of an enumeration that has one.
    pub(crate) fn json(
        &self,
        info: &ColumnInfo,
        schema: &Schema,
    ) -> (Json, Option<String>) {
        let print = info.print.as_deref();
        let value = match (self, print) {
            (Self::None, _) => Json::Null,
            (Self::Bool(v), _) => Json::Bool(*v),
            (Self::Int(v), Some("time")) => json::time(*v),
            (Self::Int(v), _) => json::int(*v),
            (Self::Float(v), _) => json::float(*v),
            (Self::Ip(v), _) => json::ip(*v),
            (Self::Mac(v), _) => json::mac(*v),
            (Self::Text(v), Some("bytes")) => json::hex(v),
            (Self::Text(v), _) => json::text(v),
            (Self::Range(first, last), _) => json::range(*first, *last),
        };
        (value, self.label(info, schema).map(str::to_owned))
    }

    /// As a person reads it in a title.
    pub(crate) fn text(&self, info: &ColumnInfo, schema: &Schema) -> String {
        if let Some(label) = self.label(info, schema) {
            return label.to_owned();
        }
        match (self, info.print.as_deref()) {
            (Self::Int(v), Some("duration")) => json::duration(*v),
            _ => match self.json(info, schema).0 {
                Json::Null => "(unknown)".to_owned(),
                Json::String(text) => text,
                Json::Object(object) => json::plain(&object),
                other => other.to_string(),
            },
        }
    }

    fn label<'s>(&self, info: &ColumnInfo, schema: &'s Schema) -> Option<&'s str> {
        let Self::Int(value) = self else { return None };
        let enumeration = schema.enumeration(info.enumeration.as_deref()?)?;
        schema.enum_label(enumeration, u64::try_from(*value).ok()?)
    }
}
