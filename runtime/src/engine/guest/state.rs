//! What the host keeps of an instance of a plugin while a call runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use tagout_spec::schema::FieldType;

use super::Reason;
use super::emitted::Emitted;

/// Most bytes of texts that one call sets.
const TEXTS_MAX: usize = 4 << 20;
/// Most lines that wait, and most bytes of one.
const LINES_MAX: usize = 64;
const LINE_MAX: usize = 1024;
/// Most elements of a table: tables are not memory that a guest counts.
const TABLE_MAX: usize = 65_536;

/// Files that a site gives to a plugin, by the names that the plugin uses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files(pub(crate) BTreeMap<String, Arc<[u8]>>);

impl Files {
    /// Their bytes in all.
    pub(crate) fn bytes(&self) -> usize {
        self.0.values().map(|file| file.len()).sum()
    }
}

/// A line that a plugin logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// 0 error, 1 warning, 2 information.
    pub(crate) level: u32,
    pub(crate) text: String,
}

/// What a call is for: what its imports may do.
#[derive(Clone, Default)]
pub(super) enum Phase {
    #[default]
    Other,
    Decode,
    Enrich {
        records: usize,
        fields: Arc<[FieldType]>,
    },
}

/// An instance's side of the host.
pub(super) struct State {
    pub(super) memory: Option<wasmtime::Memory>,
    /// What is left of a call's fuel; the call is given it.
    pub(super) left: Option<wasmtime::Global>,
    pub(super) phase: Phase,
    pub(super) emitted: Box<Emitted>,
    pub(super) sets: Sets,
    pub(super) lines: Vec<Line>,
    /// Lines for which there was no room.
    pub(super) unsaid: u64,
    pub(super) files: Arc<Files>,
    /// Which import refused, for the fault that follows.
    pub(super) blame: Option<Reason>,
    /// Whether it asked for more memory than it may have.
    pub(super) grew_too_far: bool,
    memory_max: usize,
}

impl State {
    pub(super) fn new(memory: u64, files: Arc<Files>) -> Self {
        Self {
            memory: None,
            left: None,
            phase: Phase::Other,
            emitted: Box::default(),
            sets: Sets::default(),
            lines: Vec::new(),
            unsaid: 0,
            files,
            blame: None,
            grew_too_far: false,
            memory_max: usize::try_from(memory).unwrap_or(usize::MAX),
        }
    }

    /// Takes what was emitted so far, which is to be fetched when the call is over.
    pub(super) fn begin_decode(&mut self, emitted: &mut Box<Emitted>) {
        self.phase = Phase::Decode;
        std::mem::swap(&mut self.emitted, emitted);
    }

    pub(super) fn begin_enrich(&mut self, records: usize, fields: &Arc<[FieldType]>) {
        self.phase = Phase::Enrich { records, fields: Arc::clone(fields) };
        self.sets.clear();
    }

    pub(super) fn end(&mut self) {
        self.phase = Phase::Other;
    }

    pub(super) fn sets(&mut self) -> &Sets {
        &self.sets
    }

    pub(super) fn log(&mut self, level: u32, text: &[u8]) {
        if self.lines.len() < LINES_MAX {
            let text = text.get(..LINE_MAX).unwrap_or(text);
            let text = String::from_utf8_lossy(text);
            let text = text.chars().map(|c| if c.is_control() { ' ' } else { c });
            self.lines.push(Line { level: level.min(2), text: text.collect() });
        } else {
            self.unsaid = self.unsaid.saturating_add(1);
        }
    }
}

impl wasmtime::ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits = desired <= self.memory_max;
        self.grew_too_far |= !fits;
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_MAX)
    }
}

/// Fields that a call has set.
#[derive(Default)]
pub(crate) struct Sets {
    texts: Vec<u8>,
    values: Vec<(u32, u16, Value)>,
}

/// A value that was set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Int(i64),
    Float(f64),
    Bool(bool),
    Ip([u8; 16]),
    /// Where it lies in the texts.
    Text(u32, u32),
}

impl Sets {
    /// Values in the order in which they were set: record, field, value.
    pub(crate) fn values(&self) -> &[(u32, u16, Value)] {
        &self.values
    }

    /// The text of a value.
    pub(crate) fn text(&self, at: u32, len: u32) -> &[u8] {
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        self.texts.get(start..).and_then(|rest| rest.get(..len)).unwrap_or_default()
    }

    pub(super) fn push(
        &mut self,
        record: u32,
        field: u16,
        value: Value,
        room: usize,
    ) -> bool {
        // Each field of each record once is all that makes sense.
        let fits = self.values.len() < room;
        if fits {
            self.values.push((record, field, value));
        }
        fits
    }

    /// Keeps a text.
    pub(super) fn keep(&mut self, text: &[u8]) -> Option<Value> {
        let (at, len) = (self.texts.len(), text.len());
        if at.saturating_add(len) > TEXTS_MAX {
            return None;
        }
        self.texts.extend_from_slice(text);
        Some(Value::Text(u32::try_from(at).ok()?, u32::try_from(len).ok()?))
    }

    fn clear(&mut self) {
        self.texts.clear();
        self.values.clear();
    }
}
