//! Windows events: a layout's reader, a channel's table, a record.
//!
//! ```text
//! xml, json --> Event --(provider, number)--> Entry --> record of its kind
//!                  '--------------------------------->  common fields, raw
//! ```
//!
//! The tables name fields by their paths, which are looked up once. An event that no
//! table knows is a `winevent`.

pub(crate) mod event;
mod json;
mod script;
pub(crate) mod special;
mod tables;
mod xml;

use std::collections::BTreeMap;

use tagout_decode::EventSink;
use tagout_spec::record::{RecordWriter, Text, Value};
use tagout_spec::schema::{FieldIdx, KindIdx, Schema};

use self::event::Event;
use self::script::{Scripts, Window};
use self::special::Special;
use self::tables::{Entry, How, PROVIDERS};
use crate::fields::{self, is_nothing};
use crate::{HostStats, Refused, time};

/// What stands in every host event, at the same place in all kinds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Common {
    pub(crate) ts: Option<FieldIdx>,
    pub(crate) late: Option<FieldIdx>,
    pub(crate) host: Option<FieldIdx>,
    pub(crate) id: Option<FieldIdx>,
    pub(crate) level: Option<FieldIdx>,
    pub(crate) provider: Option<FieldIdx>,
    pub(crate) channel: Option<FieldIdx>,
    pub(crate) record: Option<FieldIdx>,
    pub(crate) message: Option<FieldIdx>,
}

impl Common {
    /// Looks the fields up in a kind.
    pub(crate) fn of(schema: &Schema, kind: KindIdx) -> Self {
        let find = |path| Some(schema.kind(kind)?.lookup(path)?.0);
        Self {
            ts: find("ts"),
            late: find("late"),
            host: find("host.name"),
            id: find("event_id"),
            level: find("level"),
            provider: find("provider"),
            channel: find("channel"),
            record: find("record_id"),
            message: find("message"),
        }
    }
}

/// Turns Windows events into records.
#[derive(Debug)]
pub(crate) struct Windows {
    entries: Vec<Resolved>,
    /// Position of the provider, and number of the event, to entries.
    found: BTreeMap<(usize, u32), Vec<usize>>,
    /// The entry of events that no table knows.
    other: Option<Resolved>,
    scripts: Scripts,
    stats: HostStats,
}

/// An entry whose paths are looked up.
#[derive(Debug)]
struct Resolved {
    kind: KindIdx,
    common: Common,
    set: Vec<(FieldIdx, Value<'static>)>,
    from: Vec<(&'static str, FieldIdx, How)>,
    /// Fields below `hashes`, by the names of the algorithms.
    hashes: Vec<(&'static str, FieldIdx)>,
    special: Option<(Special, special::Fields)>,
    when: fn(&Event<'_>) -> bool,
}

impl Windows {
    /// For the kinds of a schema; what it does not have is left out.
    pub(crate) fn new(schema: &Schema) -> Self {
        let mut windows = Self {
            entries: Vec::new(),
            found: BTreeMap::new(),
            other: Resolved::new(schema, &OTHER),
            scripts: Scripts::default(),
            stats: HostStats::default(),
        };
        for (provider, table) in PROVIDERS.iter().enumerate() {
            for entry in table.entries {
                let Some(resolved) = Resolved::new(schema, entry) else { continue };
                for id in entry.ids {
                    let at = windows.entries.len();
                    windows.found.entry((provider, *id)).or_default().push(at);
                }
                windows.entries.push(resolved);
            }
        }
        windows
    }

    pub(crate) fn stats(&self) -> HostStats {
        HostStats { evicted: self.scripts.evicted, ..self.stats }
    }

    pub(crate) fn xml(
        &mut self,
        text: &str,
        late: bool,
        sink: &mut dyn EventSink,
    ) -> Result<(), Refused> {
        let event = xml::read(text);
        self.take(event, late, sink)
    }

    pub(crate) fn json(
        &mut self,
        text: &str,
        late: bool,
        sink: &mut dyn EventSink,
    ) -> Result<(), Refused> {
        let event = json::read(text);
        self.take(event, late, sink)
    }

    fn take(
        &mut self,
        event: Result<Event<'_>, Refused>,
        late: bool,
        sink: &mut dyn EventSink,
    ) -> Result<(), Refused> {
        let event = event.inspect_err(|_| {
            self.stats.refused = self.stats.refused.saturating_add(1);
        })?;
        let id = fields::int(&event.id).and_then(|id| u32::try_from(id).ok());
        let known = id.and_then(|id| {
            let name = event.provider();
            let is_it = |known: &str| known.eq_ignore_ascii_case(name);
            let provider = PROVIDERS
                .iter()
                .position(|provider| provider.names.iter().any(|n| is_it(n)))?;
            let entries = self.found.get(&(provider, id))?.iter();
            entries
                .filter_map(|at| self.entries.get(*at))
                .find(|entry| (entry.when)(&event))
        });
        if known.is_none() {
            self.stats.unmapped = self.stats.unmapped.saturating_add(1);
        }
        let Some(entry) = known.or(self.other.as_ref()) else { return Ok(()) };
        if let Some((Special::ScriptBlock, _)) = entry.special {
            for window in self.scripts.windows(&event) {
                write(entry, &event, Some(&window), late, sink);
                self.stats.events = self.stats.events.saturating_add(1);
            }
            return Ok(());
        }
        write(entry, &event, None, late, sink);
        self.stats.events = self.stats.events.saturating_add(1);
        Ok(())
    }
}

/// Events that no table knows.
const OTHER: Entry = Entry {
    ids: &[],
    kind: "winevent",
    set: &[],
    from: &[&[
        ("User", "user", How::If),
        ("SubjectUserName", "user", How::Account("SubjectDomainName")),
    ]],
    special: Some(Special::System),
    when: |_| true,
};

impl Resolved {
    fn new(schema: &Schema, entry: &Entry) -> Option<Self> {
        let idx = schema.kind_idx(entry.kind)?;
        let kind = schema.kind(idx)?;
        let find = |path: &str| kind.lookup(path);
        let set = entry.set.iter().filter_map(|(path, text)| {
            let (idx, field) = find(path)?;
            let value = match *text {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                label => Value::Int(fields::label(schema, field, label)?),
            };
            Some((idx, value))
        });
        let hashes = [
            ("MD5", "hashes.md5"),
            ("SHA1", "hashes.sha1"),
            ("SHA256", "hashes.sha256"),
            ("IMPHASH", "hashes.imphash"),
        ];
        let from = entry.from.iter().flat_map(|part| part.iter()).filter_map(
            |(name, path, how)| {
                let path = if matches!(how, How::Hashes) { "hashes.md5" } else { path };
                Some((*name, find(path)?.0, *how))
            },
        );
        Some(Self {
            kind: idx,
            common: Common::of(schema, idx),
            set: set.collect(),
            from: from.collect(),
            hashes: hashes
                .into_iter()
                .filter_map(|(name, path)| Some((name, find(path)?.0)))
                .collect(),
            special: entry.special.map(|special| (special, special::Fields::of(kind))),
            when: entry.when,
        })
    }
}

fn write(
    entry: &Resolved,
    event: &Event<'_>,
    window: Option<&Window>,
    late: bool,
    sink: &mut dyn EventSink,
) {
    let Some(mut record) = sink.batch(entry.kind).begin() else { return };
    common(&entry.common, event, late, &mut record);
    for (idx, value) in &entry.set {
        record.set(*idx, *value);
    }
    for (name, idx, how) in &entry.from {
        if let Some(text) = event.get(name)
            && record.is_absent(*idx)
        {
            field(entry, event, *idx, *how, text, &mut record);
        }
    }
    if let Some((special, fields)) = &entry.special {
        special::apply(*special, fields, event, window, &mut record);
    }
    raw(event, &mut record);
    record.commit();
}

fn common(common: &Common, event: &Event<'_>, late: bool, record: &mut RecordWriter<'_>) {
    if let (Some(idx), Some(ts)) = (common.ts, time::parse(&event.time)) {
        record.set(idx, Value::Int(ts));
    }
    if let Some(idx) = common.late.filter(|_| late) {
        record.set(idx, Value::Bool(true));
    }
    let texts = [
        (common.host, event.computer.as_ref()),
        (common.id, event.id.as_ref()),
        (common.level, event.level.as_ref()),
        (common.provider, event.provider()),
        (common.channel, event.channel.as_ref()),
        (common.record, event.record.as_ref()),
        (common.message, event.message.as_ref()),
    ];
    for (idx, text) in texts {
        set(record, idx, text);
    }
}

/// Sets a field from a text, unless that is empty.
fn set(record: &mut RecordWriter<'_>, idx: Option<FieldIdx>, text: &str) {
    let kind = record.kind();
    if let Some(field) = idx.and_then(|idx| kind.field(idx))
        && !text.is_empty()
    {
        fields::set(record, field, text);
    }
}

fn field(
    entry: &Resolved,
    event: &Event<'_>,
    idx: FieldIdx,
    how: How,
    text: &str,
    record: &mut RecordWriter<'_>,
) {
    match how {
        How::As => set(record, Some(idx), text),
        How::If if is_nothing(text) => {}
        How::If => set(record, Some(idx), text.trim_end()),
        How::Account(domain) => {
            if let Some(account) = account(event.get(domain).unwrap_or_default(), text) {
                set(record, Some(idx), &account);
            }
        }
        How::Hashes => {
            for (name, hash) in text.split(',').filter_map(|hash| hash.split_once('=')) {
                let known = entry.hashes.iter().find(|(known, _)| *known == name.trim());
                set(record, known.map(|(_, idx)| *idx), hash.trim());
            }
        }
        How::Key => set(record, Some(idx), &key(text)),
        How::Rid => {
            if let Some(rid) = text.rsplit('-').next().and_then(fields::int) {
                record.set(idx, Value::Int(rid));
            }
        }
        How::One(known) => {
            let found =
                known.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
            let kind = record.kind();
            let is_bool = kind
                .field(idx)
                .is_some_and(|field| field.ty == tagout_spec::schema::FieldType::Bool);
            match found.map(|(_, number)| *number).or_else(|| fields::int(text)) {
                Some(number) if is_bool => record.set(idx, Value::Bool(number != 0)),
                Some(number) => record.set(idx, Value::Int(number)),
                None => false,
            };
        }
    }
}

/// `DOMAIN\NAME`, or what there is of it.
fn account(domain: &str, name: &str) -> Option<String> {
    match (is_nothing(domain), is_nothing(name)) {
        (_, true) => None,
        (true, false) => Some(name.to_owned()),
        (false, false) => Some(format!("{domain}\\{name}")),
    }
}

/// A path of the registry from its short root.
pub(crate) fn key(text: &str) -> String {
    const ROOTS: [(&str, &str); 2] =
        [("\\REGISTRY\\MACHINE", "HKLM"), ("\\REGISTRY\\USER", "HKU")];
    for (long, short) in ROOTS {
        if let (Some(head), Some(rest)) = (text.get(..long.len()), text.get(long.len()..))
            && head.eq_ignore_ascii_case(long)
        {
            return format!("{short}{rest}");
        }
    }
    text.to_owned()
}

/// All names and texts, as far as somebody asks.
fn raw(event: &Event<'_>, record: &mut RecordWriter<'_>) {
    let kind = record.kind();
    let Some(mut map) = kind.map().and_then(|map| record.repeated(map)) else { return };
    for (name, text) in &event.data {
        map.pair(name.as_bytes(), Text::whole(text.as_bytes()));
    }
    for (name, text) in event.system() {
        // A name that the event's data has, too, stays the data's.
        if !text.is_empty() && event.get(name).is_none() {
            map.pair(name.as_bytes(), Text::whole(text.as_bytes()));
        }
    }
    if event.cut {
        map.set_truncated();
    }
    map.end();
}
