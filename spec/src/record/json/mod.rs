//! Events as JSON: one object a line, as `decode` prints them and `run` reads them.
//!
//! ```text
//! {"ts":"2026-11-22T10:00:00.000001Z","kind":"modbus",   common fields at the top,
//!  "src":{"ip":"10.0.0.1","port":50000},"dst":{...},     nested by their paths
//!  "modbus":{"function":16,                              the kind's group
//!            "function_name":"write_multiple_registers", number, then label
//!            "values":[1,2],"files":[{"file":4}]}}       lists, groups
//! ```
//!
//! | type | JSON |
//! |---|---|
//! | integers | number; beyond 2^53 a string; with the unit `hex` a string of 16 hex digits |
//! | enumerations | the number, and beside it `NAME_name` with the label if it has one |
//! | float | number; infinities `"inf"`, `"-inf"`; a NaN in a list is null |
//! | time | `"2026-11-22T10:00:00.000001Z"`, nine digits where six do not say it |
//! | duration | nanoseconds |
//! | ip, mac | `"10.0.0.1"`, `"00:1b:1b:00:00:01"` |
//! | range | `[first, last]` |
//! | text, name, path | a string; `{"hex":"ff41"}` if not UTF-8 |
//! | bytes | `{"hex":"ff41"}` |
//! | a text that was cut | `{"text":"...","length":N}` or `{"hex":"...","length":N}`, the length it had |
//! | list, group | an array; if cut `{"items":[...],"truncated":true}` |
//! | map | an object of texts; if cut there is `NAME_truncated` beside it, true |
//!
//! A field that is absent is left out; null is null; a field that is invalid is
//! left out when written, since what it held is not known. A NaN, or a number of
//! 2^63 or more, makes its field invalid: see [`Value`](super::Value).
//!
//! The reader takes the same and more: the label in place of the number, or only
//! under `NAME_name`; numbers as strings; keys in any order. Unknown keys are
//! counted and skipped. A value that does not fit its field makes the field
//! invalid. Of a key that is given twice the last one counts; objects given
//! twice are merged; two different kinds are an error. Nothing is built but the record: memory is bounded by the
//! line and the record. A string that is not Unicode, in what is otherwise JSON,
//! is read as its bytes.

mod format;
mod read;
mod repair;
mod seeds;
mod shape;
mod write;

use std::fmt;

use crate::schema::{KindIdx, Schema};

use super::view::RecordView;
use super::writer::RecordWriter;
use shape::Shape;

/// Most bytes of a line.
pub const LINE_MAX: usize = 1 << 20;

/// Writes and reads events of all kinds of a schema.
///
/// ```
/// use tagout_spec::record::{BatchBuilder, EventJson, Needs};
/// use tagout_spec::schema::Schema;
///
/// let schema = Schema::builtin();
/// let json = EventJson::new(&schema);
/// let line = br#"{"ts":"2026-11-22T10:00:00Z","kind":"modbus","modbus":{"function":6}}"#;
///
/// let kind = json.kind(line)?;
/// let mut batch = BatchBuilder::new(&schema, kind, Needs::ALL).unwrap();
/// let mut record = batch.begin().unwrap();
/// json.read(line, &mut record)?;
/// record.commit();
///
/// let mut out = Vec::new();
/// json.write(&batch.finish(0).view().record(0).unwrap(), &mut out);
/// assert_eq!(
///     String::from_utf8(out).unwrap(),
///     r#"{"ts":"2026-11-22T10:00:00.000000Z","kind":"modbus","modbus":{"function":6,"function_name":"write_single_register"}}"#
/// );
/// # Ok::<(), tagout_spec::record::JsonError>(())
/// ```
#[derive(Clone, Debug)]
pub struct EventJson {
    schema: Schema,
    shapes: Vec<Shape>,
}

impl EventJson {
    /// Prepares for the kinds of a schema.
    #[must_use]
    pub fn new(schema: &Schema) -> Self {
        let shapes = schema.kinds().map(|(_, kind)| Shape::new(kind)).collect();
        Self { schema: schema.clone(), shapes }
    }

    /// Finds the kind of an event, without looking at what follows it.
    ///
    /// # Errors
    /// If the line is not a JSON object or does not name a kind of the schema.
    pub fn kind(&self, line: &[u8]) -> Result<KindIdx, JsonError> {
        read::kind(&self.schema, line)
    }

    /// Fills a record that was begun for the event's kind. The caller commits it,
    /// or drops it after an error.
    ///
    /// # Errors
    /// If the line is not JSON. What does not fit the schema is no error.
    pub fn read(
        &self,
        line: &[u8],
        record: &mut RecordWriter<'_>,
    ) -> Result<ReadReport, JsonError> {
        let shape = self.shape(record.kind());
        let shape = shape.ok_or_else(|| JsonError::new(JsonErrorKind::UnknownKind, 0))?;
        read::event(&self.schema, shape, line, record)
    }

    /// Appends an event, without a line break.
    pub fn write(&self, record: &RecordView<'_>, out: &mut Vec<u8>) {
        if let Some(shape) = self.shape(record.kind()) {
            write::event(&self.schema, shape, record, out);
        }
    }

    fn shape(&self, kind: &crate::schema::Kind) -> Option<&Shape> {
        self.shapes.get(usize::from(self.schema.kind_idx(&kind.name)?.0))
    }
}

/// What was passed over while an event was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ReadReport {
    /// Keys that the schema does not have.
    pub unknown: u32,
    /// Values that do not fit their field.
    pub invalid: u32,
}

/// Why a line is not an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    kind: JsonErrorKind,
    column: usize,
}

/// Kinds of [`JsonError`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// The line has more than [`LINE_MAX`] bytes.
    TooLong,
    /// It is not JSON, or ends too early, or is nested too deeply.
    Syntax(String),
    /// It is not an object.
    NotAnObject,
    /// It has no `kind`, or that is not a text.
    NoKind,
    /// Its kind is not in the schema, or not the one that was begun.
    UnknownKind,
}

impl JsonError {
    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &JsonErrorKind {
        &self.kind
    }

    /// The byte of the line it was found at, from 1; 0 if it is about the whole.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    fn new(kind: JsonErrorKind, column: usize) -> Self {
        Self { kind, column }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            JsonErrorKind::TooLong => {
                write!(f, "the line has more than {LINE_MAX} bytes")
            }
            JsonErrorKind::Syntax(message) => {
                write!(f, "column {}: {message}", self.column)
            }
            JsonErrorKind::NotAnObject => f.write_str("the line is not a JSON object"),
            JsonErrorKind::NoKind => f.write_str("the event has no `kind`"),
            JsonErrorKind::UnknownKind => f.write_str("the event's kind is not known"),
        }
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests;
