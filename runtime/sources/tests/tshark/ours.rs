//! Events as this project decodes them. All captures are decoded once for all tests.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value as Json;
use tagout_decode::{Config, DECODERS, EachEvent, FlowEvents, Pipeline};
use tagout_sources::{Item, Source};
use tagout_spec::record::EventJson;
use tagout_spec::schema::Schema;

use crate::captures::{Capture, captures};
use crate::value::Value;

/// A capture and its events: JSON lines by kind, in order.
pub(crate) struct Decoded {
    pub(crate) capture: Capture,
    pub(crate) lines: BTreeMap<String, Vec<String>>,
}

/// An event, by its JSON.
pub(crate) struct Event {
    kind: String,
    json: Json,
}

impl Event {
    fn new(kind: &str, line: &str) -> Event {
        Event { kind: kind.to_owned(), json: serde_json::from_str(line).unwrap() }
    }

    /// Number of the frame that holds the PDU's last byte.
    pub(crate) fn frame(&self) -> u64 {
        self.json.get("frame").and_then(Json::as_u64).unwrap_or_default()
    }

    /// The values at a path such as `objects[].group`: of the kind's own fields, else of
    /// the envelope. Lists are flattened; what is absent or null gives nothing.
    pub(crate) fn values(&self, path: &str) -> Vec<Value> {
        let mut found = Vec::new();
        if let Some(own) = self.json.get(&self.kind) {
            collect(own, path, &mut found);
        }
        if found.is_empty() {
            collect(&self.json, path, &mut found);
        }
        found
    }

    /// The number at a path.
    pub(crate) fn int(&self, path: &str) -> Option<i128> {
        self.values(path).first().and_then(Value::as_int)
    }
}

fn collect(json: &Json, path: &str, out: &mut Vec<Value>) {
    if let Json::Array(items) = json {
        for item in items {
            collect(item, path, out);
        }
        return;
    }
    if path.is_empty() {
        out.extend(Value::json(json));
        return;
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(inner) = json.get(name.trim_end_matches("[]")) {
        collect(inner, rest, out);
    }
}

/// All captures at hand, decoded.
pub(crate) fn decoded() -> &'static [Decoded] {
    static DECODED: OnceLock<Vec<Decoded>> = OnceLock::new();
    DECODED.get_or_init(|| {
        let decode = |capture: Capture| {
            let lines = lines(&capture.path);
            Decoded { capture, lines }
        };
        captures().into_iter().map(decode).collect()
    })
}

impl Decoded {
    /// The events of a kind.
    pub(crate) fn events(&self, kind: &str) -> Vec<Event> {
        let lines = self.lines.get(kind).map(Vec::as_slice).unwrap_or_default();
        lines.iter().map(|line| Event::new(kind, line)).collect()
    }
}

/// The events of a kind in one capture of the corpus.
pub(crate) fn events(kind: &str, path: &Path) -> Vec<Event> {
    let lines = lines(path).remove(kind).unwrap_or_default();
    lines.iter().map(|line| Event::new(kind, line)).collect()
}

fn lines(path: &Path) -> BTreeMap<String, Vec<String>> {
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut sink = EachEvent::new(&schema, |kind, record| {
        let mut line = Vec::new();
        json.write(&record, &mut line);
        let kind = schema.kind(kind).unwrap().name.to_string();
        out.entry(kind).or_default().push(String::from_utf8(line).unwrap());
    });
    let config = Config { flow_events: FlowEvents::None, ..Config::default() };
    let mut pipeline = Pipeline::new(config, DECODERS);
    let Ok(mut source) = Source::open(File::open(path).unwrap(), "capture", None) else {
        // A file of another kind under a capture's name.
        return BTreeMap::new();
    };
    while let Ok(Some(item)) = source.next() {
        if let Item::Frame(item) = item {
            pipeline.frame(&item, false, &mut sink);
        }
    }
    pipeline.finish(&mut sink);
    sink.flush();
    drop(sink);
    out
}
