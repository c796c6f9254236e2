//! Events behind their parser, one behind the other in memory: what a reader that is not
//! ours hands to the engine.
//!
//! ```text
//! event   kind | numbers | texts of fields | names and texts of the map
//! bytes   all texts, in the order in which events have them
//! ```

use std::collections::HashMap;

use tagout_spec::record::{BatchBuilder, NameCache, RecordView, Slot, Text, Value};
use tagout_spec::schema::{FieldIdx, KindIdx};

/// Events, and where the parts of each lie.
#[derive(Default)]
pub(crate) struct Parsed {
    events: Vec<Event>,
    plain: Vec<(FieldIdx, Value<'static>)>,
    texts: Vec<(FieldIdx, Place)>,
    named: Vec<Named>,
    bytes: Vec<u8>,
    /// Names of maps, which are the same in many events, with their numbers.
    numbers: HashMap<Vec<u8>, usize>,
}

/// By number of a kind, where its batch knows the names.
#[derive(Default)]
pub(crate) struct Caches(Vec<NameCache>);

/// One event; parts end where those of the next begin.
#[derive(Clone, Copy)]
pub(crate) struct Event {
    pub(crate) kind: KindIdx,
    map: Option<FieldIdx>,
    plain: Place,
    texts: Place,
    named: Place,
}

/// A name and a value of the map, and the field that is the value, if one is.
#[derive(Clone, Copy)]
struct Named {
    number: usize,
    name: Place,
    value: Place,
    field: Option<FieldIdx>,
}

/// Where something lies.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    len: usize,
}

impl Place {
    fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.start..).and_then(|rest| rest.get(..self.len)).unwrap_or_default()
    }

    /// From a length to that of now.
    fn since<T>(start: usize, all: &[T]) -> Self {
        Self { start, len: all.len().saturating_sub(start) }
    }
}

impl Parsed {
    pub(crate) fn events(&self) -> impl Iterator<Item = Event> {
        self.events.iter().copied()
    }

    /// Adds an event that has been read.
    pub(crate) fn push(&mut self, kind: KindIdx, record: &RecordView<'_>) {
        let map = record.kind().map().map(|map| map.idx());
        let starts = (self.plain.len(), self.texts.len(), self.named.len());
        // The map last, since it has the texts of fields.
        let fields = record.kind().fields.iter().filter(|field| !field.is_named());
        let (maps, plain): (Vec<_>, Vec<_>) =
            fields.partition(|field| Some(field.idx()) == map);
        for field in plain.into_iter().chain(maps) {
            let Slot::Value(value) = record.get(field.idx()) else { continue };
            let plain = match value {
                Value::Text(text) => {
                    let text = self.add(text.bytes);
                    self.texts.push((field.idx(), text));
                    continue;
                }
                Value::Repeated(repeated) => {
                    for (name, value) in repeated.pairs() {
                        let mut fields = self.texts.iter().skip(starts.1);
                        let field = fields
                            .find(|(_, text)| text.of(&self.bytes) == value.bytes)
                            .copied();
                        let name = self.add(name.bytes);
                        let value = match field {
                            Some((_, text)) => text,
                            None => self.add(value.bytes),
                        };
                        let field = field.map(|(field, _)| field);
                        let next = self.numbers.len();
                        let text = name.of(&self.bytes).to_vec();
                        let number = *self.numbers.entry(text).or_insert(next);
                        self.named.push(Named { number, name, value, field });
                    }
                    continue;
                }
                Value::Bool(value) => Value::Bool(value),
                Value::Int(value) => Value::Int(value),
                Value::Large(value) => Value::Large(value),
                Value::Float(value) => Value::Float(value),
                Value::Ip(value) => Value::Ip(value),
                Value::Mac(value) => Value::Mac(value),
                Value::Range(first, last) => Value::Range(first, last),
            };
            self.plain.push((field.idx(), plain));
        }
        self.events.push(Event {
            kind,
            map,
            plain: Place::since(starts.0, &self.plain),
            texts: Place::since(starts.1, &self.texts),
            named: Place::since(starts.2, &self.named),
        });
    }

    fn add(&mut self, text: &[u8]) -> Place {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text);
        Place::since(start, &self.bytes)
    }

    /// Writes an event as a record.
    pub(crate) fn write(
        &self,
        event: Event,
        batch: &mut BatchBuilder,
        caches: &mut Caches,
    ) {
        let Some(mut record) = batch.begin() else { return };
        for (field, value) in event.plain.of(&self.plain) {
            record.set(*field, *value);
        }
        for (field, text) in event.texts.of(&self.texts) {
            record.set(*field, Value::Text(Text::whole(text.of(&self.bytes))));
        }
        let map = event.map.and_then(|map| record.kind().field(map));
        let map = map.and_then(|map| record.repeated(map));
        if let Some((mut map, cache)) = map.zip(caches.of(event.kind)) {
            for Named { number, name, value, field } in event.named.of(&self.named) {
                let (name, value) = (name.of(&self.bytes), value.of(&self.bytes));
                map.pair_of((cache, *number), name, *field, Text::whole(value));
            }
            map.end();
        }
        record.commit();
    }
}

impl Caches {
    fn of(&mut self, kind: KindIdx) -> Option<&mut NameCache> {
        let at = usize::from(kind.0);
        if self.0.len() <= at {
            self.0.resize_with(at.saturating_add(1), NameCache::default);
        }
        self.0.get_mut(at)
    }
}
