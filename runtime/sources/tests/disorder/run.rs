//! Captures as frames, and their events.

use std::fs::File;
use std::path::Path;

use serde_json::{Map, Value as Json};
use tagout_decode::{
    Config, DECODERS, EachEvent, FlowEvents, Frame, LinkType, Pipeline, Stats,
};
use tagout_sources::{Item, Source};
use tagout_spec::record::{EventJson, RecordView, Slot, Value};
use tagout_spec::schema::{FieldIdx, Schema};

#[derive(Clone)]
pub(crate) struct Captured {
    pub(crate) ts_ns: i64,
    pub(crate) link_type: LinkType,
    pub(crate) orig_len: usize,
    pub(crate) data: Vec<u8>,
}

/// What came of frames.
pub(crate) struct Decoded {
    /// Events as JSON, without what tells when they came.
    pub(crate) events: Vec<String>,
    /// Their kinds.
    pub(crate) kinds: Vec<String>,
    /// How many of them came before the end was known.
    pub(crate) before_end: usize,
    pub(crate) stats: Stats,
}

pub(crate) fn decode(frames: &[Captured]) -> Decoded {
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let out = std::cell::RefCell::new((Vec::new(), Vec::new()));
    let mut sink = EachEvent::new(&schema, |kind, record| {
        let mut line = Vec::new();
        json.write(&record, &mut line);
        assert_guarded(&record);
        let (events, kinds) = &mut *out.borrow_mut();
        let kind = schema.kind(kind).unwrap().name.to_string();
        events.push(timeless(&line, &kind));
        kinds.push(kind);
    });
    let config = Config { flow_events: FlowEvents::None, ..Config::default() };
    let mut pipeline = Pipeline::new(config, DECODERS);
    for (at, captured) in frames.iter().enumerate() {
        let frame = Frame {
            ts_ns: captured.ts_ns,
            nanos: false,
            link_type: captured.link_type,
            data: &captured.data,
            orig_len: u32::try_from(captured.orig_len).unwrap(),
            index: at as u64 + 1,
            input: 0,
            interface: 0,
        };
        pipeline.frame(&frame, false, &mut sink);
    }
    sink.flush();
    let before_end = out.borrow().0.len();
    pipeline.finish(&mut sink);
    sink.flush();
    drop(sink);
    let (events, kinds) = out.into_inner();
    Decoded { events, kinds, before_end, stats: pipeline.stats() }
}

/// Holds that fields are there only beside what the schema says they depend on.
fn assert_guarded(record: &RecordView<'_>) {
    for guard in record.kind().guards.iter() {
        let by = match record.get(guard.by) {
            Slot::Value(Value::Bool(value)) => Some(u64::from(value)),
            Slot::Value(Value::Int(value)) => u64::try_from(value).ok(),
            _ => None,
        };
        if by.is_some_and(|by| guard.values.contains(&by)) {
            continue;
        }
        let is_there = |field: &&FieldIdx| matches!(record.get(**field), Slot::Value(_));
        let found = guard.fields.iter().find(is_there);
        let path = found.and_then(|idx| record.kind().field(*idx)).map(|f| &f.path);
        assert_eq!(path, None, "{} beside {by:?}", record.kind().name);
    }
}

/// An event's JSON without what tells when it came. Of a message that does not parse,
/// where and why is all that counts: how many of its bytes were at hand to be shown is
/// a matter of its segments.
fn timeless(line: &[u8], kind: &str) -> String {
    let mut event: Map<String, Json> = serde_json::from_slice(line).unwrap();
    let is_malformed = event.get("malformed") == Some(&Json::Bool(true));
    event.retain(|name, _| name != "ts" && name != "frame");
    if let Some(Json::Object(own)) = event.get_mut(kind) {
        own.retain(|name, _| name != "latency");
        if is_malformed {
            own.retain(|name, _| name.starts_with("malformed"));
        }
    }
    Json::Object(event).to_string()
}

pub(crate) fn frames(path: &Path) -> Vec<Captured> {
    let mut out = Vec::new();
    let Ok(mut source) = Source::open(File::open(path).unwrap(), "capture", None) else {
        // A file of another kind under a capture's name.
        return out;
    };
    while let Ok(Some(item)) = source.next() {
        if let Item::Frame(frame) = item {
            out.push(own(&frame));
        }
    }
    out
}

pub(crate) fn own(frame: &Frame<'_>) -> Captured {
    let Frame { ts_ns, link_type, data, .. } = *frame;
    let orig_len = usize::try_from(frame.orig_len).unwrap();
    Captured { ts_ns, link_type, orig_len, data: data.to_vec() }
}
