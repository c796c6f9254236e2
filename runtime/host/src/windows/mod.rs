//! Windows events: a layout's reader, a channel's table, a record.
//!
//! ```text
//! xml, json --> Event --(provider, number)--> Entry --> record of its kind
//!                  '--------------------------------->  common fields, raw
//! ```
//!
//! The tables name fields by their paths, which are looked up once, and texts by the
//! source's names, which are numbered ([`names`]). An event that no table knows is a
//! `winevent`.
//!
//! There is one [`Event`], which each text fills anew: reading allocates nothing.

pub(crate) mod event;
mod json;
pub(crate) mod names;
mod script;
pub(crate) mod special;
mod tables;
pub(crate) mod walk;
mod xml;

use std::borrow::Cow;
use std::collections::BTreeMap;

use tagout_decode::EventSink;
use tagout_spec::record::typed::codes::os_family;
use tagout_spec::record::{NameCache, RecordWriter, Text, Value};
use tagout_spec::schema::{FieldIdx, Kind, KindIdx, Schema};

use self::event::{Event, PARTS, Part};
use self::json::Json;
use self::names::{Name, Names, Order};
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
    pub(crate) os: Option<FieldIdx>,
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
            os: find("host.os"),
            id: find("event_id"),
            level: find("level"),
            provider: find("provider"),
            channel: find("channel"),
            record: find("record_id"),
            message: find("message"),
        }
    }

    /// The field that is a part of the system part.
    fn of_part(&self, part: Part) -> Option<FieldIdx> {
        match part {
            Part::Provider => self.provider,
            Part::Channel => self.channel,
            Part::Computer => self.host,
            Part::Message => self.message,
            _ => None,
        }
    }
}

/// Turns Windows events into records.
#[derive(Debug)]
pub(crate) struct Windows {
    names: Names,
    /// Names of the parts that have one.
    parts: Vec<(Name, Part)>,
    entries: Vec<Resolved>,
    /// Position of the provider, and number of the event, to entries.
    found: BTreeMap<(usize, u32), Vec<usize>>,
    /// The entry of events that no table knows.
    other: Option<Resolved>,
    json: Json,
    /// The order of names in logs.
    order: Order,
    /// The event that is being read.
    event: Event,
    /// By position of its data, the field that was set from it.
    taken: Vec<Option<FieldIdx>>,
    /// By number of a kind, where its batch knows the names.
    caches: Vec<NameCache>,
    scripts: Scripts,
    stats: HostStats,
}

/// An entry whose paths and names are looked up.
#[derive(Debug)]
struct Resolved {
    kind: KindIdx,
    common: Common,
    set: Vec<(FieldIdx, Value<'static>)>,
    from: Vec<Source>,
    /// Fields below `hashes`, by the names of the algorithms.
    hashes: Vec<(&'static str, FieldIdx)>,
    special: Option<(Special, special::Fields)>,
    when: fn(&Event) -> bool,
    map: Option<FieldIdx>,
    raw: Raw,
}

/// Where a field comes from.
#[derive(Clone, Copy, Debug)]
struct Source {
    name: Name,
    field: FieldIdx,
    how: How,
    /// The name of the domain, if the text is an account.
    domain: Option<Name>,
}

/// What is asked for of the map of a kind.
#[derive(Clone, Debug)]
enum Raw {
    /// All of it.
    All,
    /// By known name, whether it is.
    Asked(Vec<bool>),
}

impl Raw {
    fn asks(&self, name: Option<Name>) -> bool {
        match self {
            Self::All => true,
            Self::Asked(asked) => {
                name.and_then(|name| asked.get(name.idx())).is_some_and(|asked| *asked)
            }
        }
    }
}

impl Windows {
    /// For the kinds of a schema; what it does not have is left out.
    pub(crate) fn new(schema: &Schema) -> Self {
        let mut names = Names::default();
        names.set_reads_all(true);
        for name in json::NAMES.iter().chain(special::NAMES) {
            names.learn(name);
        }
        let mut windows = Self {
            parts: PARTS.iter().map(|(name, part)| (names.learn(name), *part)).collect(),
            entries: Vec::new(),
            found: BTreeMap::new(),
            other: Resolved::new(schema, &OTHER, &mut names),
            json: Json::default(),
            order: Order::default(),
            event: Event::default(),
            taken: Vec::new(),
            caches: schema.kinds().map(|_| NameCache::default()).collect(),
            scripts: Scripts::default(),
            stats: HostStats::default(),
            names,
        };
        for (provider, table) in PROVIDERS.iter().enumerate() {
            for entry in table.entries {
                let resolved = Resolved::new(schema, entry, &mut windows.names);
                let Some(resolved) = resolved else { continue };
                for id in entry.ids {
                    let at = windows.entries.len();
                    windows.found.entry((provider, *id)).or_default().push(at);
                }
                windows.entries.push(resolved);
            }
        }
        windows
    }

    /// Learns which of the source's names a sink asks for; others are not read any more.
    pub(crate) fn ask(&mut self, sink: &mut dyn EventSink) {
        let mut all = false;
        for entry in self.entries.iter_mut().chain(&mut self.other) {
            let batch = sink.batch(entry.kind);
            let kind = batch.kind();
            entry.raw = match entry.map {
                Some(map) if batch.needs().fills(map) => Raw::All,
                _ => Raw::Asked(asked(kind, &mut self.names)),
            };
            all |= matches!(entry.raw, Raw::All);
        }
        self.names.set_reads_all(all);
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
        let read = xml::read(text, &self.names, &mut self.event);
        self.take(read, late, sink)
    }

    /// A record of a log, or XML where a log's reader had nothing better.
    pub(crate) fn log(
        &mut self,
        text: &str,
        late: bool,
        sink: &mut dyn EventSink,
    ) -> Result<(), Refused> {
        if text.starts_with('<') {
            return self.xml(text, late, sink);
        }
        let read = self.event.read_text(text, &self.names, &mut self.order);
        self.take(read, late, sink)
    }

    pub(crate) fn json(
        &mut self,
        text: &str,
        late: bool,
        sink: &mut dyn EventSink,
    ) -> Result<(), Refused> {
        let read = self.json.read(text, &self.names, &mut self.event);
        self.take(read, late, sink)
    }

    /// Writes the event, if there is one.
    fn take(
        &mut self,
        read: Result<(), Refused>,
        late: bool,
        sink: &mut dyn EventSink,
    ) -> Result<(), Refused> {
        read.inspect_err(|_| {
            self.stats.refused = self.stats.refused.saturating_add(1);
        })?;
        let (event, parts) = (&self.event, &self.parts);
        let id = fields::int(event.part(Part::Id)).and_then(|id| u32::try_from(id).ok());
        let known = id.and_then(|id| {
            let name = event.provider();
            let is_it = |known: &str| known.eq_ignore_ascii_case(name);
            let provider = PROVIDERS
                .iter()
                .position(|provider| provider.names.iter().any(|n| is_it(n)))?;
            let entries = self.found.get(&(provider, id))?.iter();
            entries
                .filter_map(|at| self.entries.get(*at))
                .find(|entry| (entry.when)(event))
        });
        if known.is_none() {
            self.stats.unmapped = self.stats.unmapped.saturating_add(1);
        }
        let Some(entry) = known.or(self.other.as_ref()) else { return Ok(()) };
        let cache = self.caches.get_mut(usize::from(entry.kind.0));
        let Some(cache) = cache else { return Ok(()) };
        let taken = &mut self.taken;
        let mut writer = Writer { entry, event, parts, late, taken, cache };
        if let Some((Special::ScriptBlock, _)) = entry.special {
            for window in self.scripts.windows(event) {
                writer.write(Some(&window), sink);
                self.stats.events = self.stats.events.saturating_add(1);
            }
            return Ok(());
        }
        writer.write(None, sink);
        self.stats.events = self.stats.events.saturating_add(1);
        Ok(())
    }
}

/// By known name, whether rules ask for it in the map of a kind.
fn asked(kind: &Kind, names: &mut Names) -> Vec<bool> {
    let mut asked = Vec::new();
    for name in kind.named().filter_map(|field| field.name()) {
        let at = names.learn(name).idx();
        if asked.len() <= at {
            asked.resize(at.saturating_add(1), false);
        }
        if let Some(asked) = asked.get_mut(at) {
            *asked = true;
        }
    }
    asked
}

/// The provider of Sysmon for Linux, which writes events as Windows does.
const LINUX: &str = "Linux-Sysmon";

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
    fn new(schema: &Schema, entry: &Entry, names: &mut Names) -> Option<Self> {
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
                let domain = match how {
                    How::Account(domain) => Some(names.learn(domain)),
                    _ => None,
                };
                let (field, _) = find(path)?;
                Some(Source { name: names.learn(name), field, how: *how, domain })
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
            map: kind.map().map(|map| map.idx()),
            raw: Raw::All,
        })
    }
}

/// Writes the records of an event.
struct Writer<'w> {
    entry: &'w Resolved,
    event: &'w Event,
    parts: &'w [(Name, Part)],
    late: bool,
    taken: &'w mut Vec<Option<FieldIdx>>,
    cache: &'w mut NameCache,
}

impl Writer<'_> {
    fn write(&mut self, window: Option<&Window>, sink: &mut dyn EventSink) {
        let (entry, event) = (self.entry, self.event);
        self.taken.clear();
        self.taken.resize(event.data.len(), None);
        let Some(mut record) = sink.batch(entry.kind).begin() else { return };
        self.common(&mut record);
        for (idx, value) in &entry.set {
            record.set(*idx, *value);
        }
        for source in &entry.from {
            if let Some((at, text)) = event.find(source.name)
                && record.is_absent(source.field)
            {
                self.field(source, text, &mut record);
                if let Some(taken) = self.taken.get_mut(at) {
                    *taken = Some(source.field);
                }
            }
        }
        if let Some((special, fields)) = &entry.special {
            special::apply(*special, fields, event, window, &mut record);
        }
        self.raw(&mut record);
        record.commit();
    }

    fn common(&self, record: &mut RecordWriter<'_>) {
        let Self { event, entry: Resolved { common, .. }, .. } = self;
        if let (Some(idx), Some(ts)) = (common.ts, time::parse(event.part(Part::Time))) {
            record.set(idx, Value::Int(ts));
        }
        if let Some(idx) = common.late.filter(|_| self.late) {
            record.set(idx, Value::Bool(true));
        }
        let provider = event.provider();
        set(record, common.provider, provider);
        if let Some(idx) = common.os {
            let is_linux = provider.eq_ignore_ascii_case(LINUX);
            let os = if is_linux { os_family::LINUX } else { os_family::WINDOWS };
            record.set(idx, Value::Int(os.into()));
        }
        for (idx, part) in [
            (common.host, Part::Computer),
            (common.id, Part::Id),
            (common.level, Part::Level),
            (common.channel, Part::Channel),
            (common.record, Part::Record),
            (common.message, Part::Message),
        ] {
            set(record, idx, event.part(part));
        }
    }

    fn field(&self, source: &Source, text: &str, record: &mut RecordWriter<'_>) {
        let Source { field, how, domain, .. } = *source;
        match how {
            How::As => set(record, Some(field), text),
            How::If if is_nothing(text) => {}
            How::If => set(record, Some(field), text.trim_end()),
            How::Account(_) => {
                let domain = domain.and_then(|domain| self.event.text(domain));
                if let Some(account) = account(domain.unwrap_or_default(), text) {
                    set(record, Some(field), &account);
                }
            }
            How::Hashes => {
                for (name, hash) in
                    text.split(',').filter_map(|hash| hash.split_once('='))
                {
                    let mut known = self.entry.hashes.iter();
                    let known = known.find(|(known, _)| *known == name.trim());
                    set(record, known.map(|(_, idx)| *idx), hash.trim());
                }
            }
            How::Key => set(record, Some(field), &key(text)),
            How::Rid => {
                if let Some(rid) = text.rsplit('-').next().and_then(fields::int) {
                    record.set(field, Value::Int(rid));
                }
            }
            How::One(known) => one(field, known, text, record),
        }
    }

    /// All names and texts, as far as somebody asks. Most texts are those of fields, and
    /// lie in the record by now.
    fn raw(&mut self, record: &mut RecordWriter<'_>) {
        let Self { event, entry, cache, .. } = self;
        let map = entry.map.and_then(|map| record.kind().field(map));
        let Some(mut map) = map.and_then(|map| record.repeated(map)) else { return };
        let mut push = |known: Option<Name>, name: &str, field, text: &str| {
            let (name, text) = (name.as_bytes(), Text::whole(text.as_bytes()));
            match known {
                Some(known) => map.pair_of((cache, known.idx()), name, field, text),
                None => map.pair(name, text),
            }
        };
        let texts = &event.texts;
        for (datum, field) in event.data.iter().zip(&*self.taken) {
            if entry.raw.asks(datum.known) {
                push(datum.known, texts.get(datum.name), *field, texts.get(datum.text));
            }
        }
        for ((name, _), (known, part)) in PARTS.iter().zip(self.parts) {
            // A name that the event's data has, too, stays the data's.
            let text = event.part(*part);
            if entry.raw.asks(Some(*known))
                && !text.is_empty()
                && event.text(*known).is_none()
            {
                push(Some(*known), name, entry.common.of_part(*part), text);
            }
        }
        if event.cut {
            map.set_truncated();
        }
        map.end();
    }
}

/// Sets a field from a text, unless that is empty.
fn set(record: &mut RecordWriter<'_>, idx: Option<FieldIdx>, text: &str) {
    let Some(idx) = idx.filter(|_| !text.is_empty()) else { return };
    if record.is_text(idx) {
        record.set(idx, Value::from(text));
    } else if let Some(field) = record.field(idx) {
        fields::set(record, field, text);
    }
}

/// Sets a field to the number that a word means.
fn one(idx: FieldIdx, known: &[(&str, i64)], text: &str, record: &mut RecordWriter<'_>) {
    let found = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
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

/// `DOMAIN\NAME`, or what there is of it.
fn account(domain: &str, name: &str) -> Option<String> {
    match (is_nothing(domain), is_nothing(name)) {
        (_, true) => None,
        (true, false) => Some(name.to_owned()),
        (false, false) => Some(format!("{domain}\\{name}")),
    }
}

/// A path of the registry from its short root.
pub(crate) fn key(text: &str) -> Cow<'_, str> {
    const ROOTS: [(&str, &str); 2] =
        [("\\REGISTRY\\MACHINE", "HKLM"), ("\\REGISTRY\\USER", "HKU")];
    for (long, short) in ROOTS {
        if let (Some(head), Some(rest)) = (text.get(..long.len()), text.get(long.len()..))
            && head.eq_ignore_ascii_case(long)
        {
            return Cow::Owned(format!("{short}{rest}"));
        }
    }
    Cow::Borrowed(text)
}
