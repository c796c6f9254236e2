//! JSON to records, without building a tree.
//!
//! The line is read up to its `kind`, which may stand anywhere, and then again to
//! fill the record. Each value is visited once, by a seed that knows
//! what belongs there; a value of another shape is skipped and noted.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use crate::record::value::{Text, Value};
use crate::record::writer::{ElementWriter, RecordWriter, RepeatedWriter};
use crate::schema::{Field, FieldType, KindIdx, Schema};

use super::repair::repair;
use super::seeds::{
    Json, KeySeed, NumberSeed, TextSeed, TrueSeed, Wrapped, any_seed, enum_value, odd,
    skip_map, skip_seq,
};
use super::shape::{Member, Object, Shape};
use super::{JsonError, JsonErrorKind, LINE_MAX, ReadReport};

/// Finds the kind of an event: the first that it names.
pub(super) fn kind(schema: &Schema, line: &[u8]) -> Result<KindIdx, JsonError> {
    or_repaired(line, |line| find_kind(schema, line))
}

fn find_kind(schema: &Schema, line: &[u8]) -> Result<KindIdx, JsonError> {
    let mut found = None;
    let read = parse(line, KindSeed(&mut found));
    match (found, read) {
        (Some(Some(name)), _) => schema
            .kind_idx(&name)
            .ok_or_else(|| JsonError::new(JsonErrorKind::UnknownKind, 0)),
        (None, Err(error)) => Err(error),
        (None | Some(None), _) => Err(JsonError::new(JsonErrorKind::NoKind, 0)),
    }
}

/// Fills a record.
pub(super) fn event(
    schema: &Schema,
    shape: &Shape,
    line: &[u8],
    record: &mut RecordWriter<'_>,
) -> Result<ReadReport, JsonError> {
    // What a first attempt has set, the second one sets again.
    or_repaired(line, |line| fill(schema, shape, line, record))
}

fn fill(
    schema: &Schema,
    shape: &Shape,
    line: &[u8],
    record: &mut RecordWriter<'_>,
) -> Result<ReadReport, JsonError> {
    let mut report = ReadReport::default();
    let kind = record.kind();
    let into = ObjectSeed {
        context: &mut Context { schema, report: &mut report },
        object: &shape.top,
        fields: &kind.fields,
        elements: &shape.elements,
        kind: &kind.name,
        to: Target::Record(record),
    };
    match parse(line, into)? {
        Seen::Object => Ok(report),
        Seen::OtherKind => Err(JsonError::new(JsonErrorKind::UnknownKind, 0)),
        Seen::Null | Seen::Other => Err(JsonError::new(JsonErrorKind::NotAnObject, 0)),
    }
}

/// Reads a line, or if it is not JSON, the line with its strings mended.
fn or_repaired<T>(
    line: &[u8],
    mut read: impl FnMut(&[u8]) -> Result<T, JsonError>,
) -> Result<T, JsonError> {
    if line.len() > LINE_MAX {
        return Err(JsonError::new(JsonErrorKind::TooLong, 0));
    }
    read(line).or_else(|error| match error.kind() {
        JsonErrorKind::Syntax(_) => {
            repair(line).and_then(|line| read(&line).ok()).ok_or(error)
        }
        _ => Err(error),
    })
}

/// Reads one object that fills the line.
fn parse<'de, S: DeserializeSeed<'de>>(
    line: &'de [u8],
    seed: S,
) -> Result<S::Value, JsonError> {
    if line.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err(JsonError::new(JsonErrorKind::NotAnObject, 0));
    }
    let mut json = serde_json::Deserializer::from_slice(line);
    let done = seed.deserialize(&mut json).and_then(|done| json.end().map(|()| done));
    done.map_err(|e| {
        let message = match e.classify() {
            Category::Eof => "the line ends within the event".to_owned(),
            _ => {
                let text = e.to_string();
                text.split_once(" at line ").map_or(text.clone(), |(m, _)| m.to_owned())
            }
        };
        JsonError::new(JsonErrorKind::Syntax(message), e.column())
    })
}

/// Finds what stands under `kind`, and then stops with an error that nobody sees:
/// the rest of the line is read when the record is filled.
struct KindSeed<'f>(&'f mut Option<Option<String>>);

impl<'de> DeserializeSeed<'de> for KindSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for KindSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(is_kind) = map.next_key_seed(KeySeed(|key: &str| key == "kind"))? {
            if is_kind {
                *self.0 = Some(map.next_value_seed(TextSeed)?);
                return Err(serde::de::Error::custom("found"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Where the fields of an object go.
enum Target<'w, 'x, 'y> {
    Record(&'w mut RecordWriter<'x>),
    Element(&'w mut ElementWriter<'x, 'y>),
}

impl<'x, 'y> Target<'_, 'x, 'y> {
    fn reborrow(&mut self) -> Target<'_, 'x, 'y> {
        match self {
            Self::Record(record) => Target::Record(record),
            Self::Element(element) => Target::Element(element),
        }
    }

    fn set(&mut self, field: &Field, value: Value<'_>) -> bool {
        match self {
            Self::Record(record) => record.set_field(field, value),
            Self::Element(element) => element.set(field, value),
        }
    }

    fn set_null(&mut self, field: &Field) {
        match self {
            Self::Record(record) => record.set_null(field.idx()),
            Self::Element(element) => element.set_null(field),
        }
    }

    fn set_invalid(&mut self, field: &Field) {
        match self {
            Self::Record(record) => record.set_invalid(field.idx()),
            Self::Element(element) => element.set_absent(field),
        }
    }

    fn is_absent(&self, field: &Field) -> bool {
        match self {
            Self::Record(record) => record.is_absent(field.idx()),
            Self::Element(element) => element.is_absent(field),
        }
    }
}

/// What all seeds of one event share.
struct Context<'a> {
    schema: &'a Schema,
    report: &'a mut ReadReport,
}

impl Context<'_> {
    fn note_unknown(&mut self) {
        self.report.unknown = self.report.unknown.saturating_add(1);
    }

    fn note_invalid(&mut self) {
        self.report.invalid = self.report.invalid.saturating_add(1);
    }
}

/// What stood where an object belongs.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    /// An object.
    Object,
    /// An object that names another kind than the record's.
    OtherKind,
    /// Null, which says nothing about the members.
    Null,
    /// Something else.
    Other,
}

/// Reads the members of an object into a target.
struct ObjectSeed<'s, 'a, 'w, 'x, 'y> {
    context: &'s mut Context<'a>,
    object: &'s Object,
    fields: &'s [Field],
    elements: &'s [Object],
    kind: &'s str,
    to: Target<'w, 'x, 'y>,
}

any_seed! { ObjectSeed<'_, '_, '_, '_, '_>, Seen }

impl<'de> Visitor<'de> for ObjectSeed<'_, '_, '_, '_, '_> {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Seen, A::Error> {
        let object = self.object;
        let mut seen = Seen::Object;
        // Said at last, since to read the map says anew whether it was cut.
        let mut cuts: Option<&Field> = None;
        while let Some(member) =
            map.next_key_seed(KeySeed(|key: &str| object.member(key)))?
        {
            match member {
                None => {
                    map.next_value::<IgnoredAny>()?;
                    self.context.note_unknown();
                }
                Some(Member::Kind) => {
                    let kind = map.next_value_seed(TextSeed)?;
                    if kind.as_deref() != Some(self.kind) {
                        seen = Seen::OtherKind;
                    }
                }
                Some(Member::Label(at)) => {
                    let label = map.next_value_seed(TextSeed)?;
                    self.label(*at, label.as_deref());
                }
                Some(Member::Cut(at)) => {
                    let cut = map.next_value_seed(TrueSeed)?;
                    cuts = self.fields.get(*at).filter(|_| cut).or(cuts);
                }
                Some(Member::Field(at)) => self.field(*at, &mut map)?,
                Some(Member::Object(inner)) => {
                    let seen = map.next_value_seed(ObjectSeed {
                        context: self.context,
                        object: inner,
                        fields: self.fields,
                        elements: self.elements,
                        kind: self.kind,
                        to: self.to.reborrow(),
                    })?;
                    if seen == Seen::Other {
                        self.context.note_invalid();
                    }
                }
            }
        }
        if let (Some(field), Target::Record(record)) = (cuts, &mut self.to)
            && record.is_present(field.idx())
        {
            record.set_truncated(field);
        }
        Ok(seen)
    }

    fn visit_unit<E>(self) -> Result<Seen, E> {
        Ok(Seen::Null)
    }

    odd! { _this => Seen::Other; bool number str seq }
}

impl ObjectSeed<'_, '_, '_, '_, '_> {
    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        at: usize,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let Some(field) = self.fields.get(at) else { return Ok(()) };
        map.next_value_seed(FieldSeed {
            context: self.context,
            field,
            elements: self.elements.get(at),
            to: self.to.reborrow(),
        })
    }

    /// A label counts if the number is not given; a number behind it replaces it.
    fn label(&mut self, at: usize, label: Option<&str>) {
        let Some(field) = self.fields.get(at) else { return };
        let FieldType::Enum(e, _) = field.ty else { return };
        let value = label.and_then(|label| enum_value(self.context.schema, e, label));
        if let Some(value) = value.filter(|_| self.to.is_absent(field)) {
            self.to.set(field, Value::Int(value));
        }
    }
}

/// Reads the value of one field.
struct FieldSeed<'s, 'a, 'w, 'x, 'y> {
    context: &'s mut Context<'a>,
    field: &'s Field,
    elements: Option<&'s Object>,
    to: Target<'w, 'x, 'y>,
}

any_seed! { FieldSeed<'_, '_, '_, '_, '_>, () }

impl FieldSeed<'_, '_, '_, '_, '_> {
    /// Sets the field, or makes it invalid if the value is none that it can hold.
    fn set<E>(mut self, value: Option<Value<'_>>) -> Result<(), E> {
        let fits = value.is_some_and(|value| self.to.set(self.field, value));
        if !fits {
            self.to.set_invalid(self.field);
            self.context.note_invalid();
        }
        Ok(())
    }

    fn plain<E>(self, json: Json<'_>) -> Result<(), E> {
        let value = json.value(self.context.schema, self.field.ty, &self.field.unit);
        self.set(value)
    }

    /// Reads an array as the elements of the field; `None` if it has none.
    fn repeated<'de, A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        let field = self.field;
        let writer = match &mut self.to {
            Target::Record(record) => record.repeated(field),
            Target::Element(_) => None,
        };
        let Some(mut writer) = writer else {
            skip_seq(seq)?;
            return Ok(());
        };
        while let Some(()) = seq.next_element_seed(ItemSeed {
            context: self.context,
            field,
            object: self.elements,
            to: &mut writer,
        })? {}
        if !writer.end() {
            self.context.note_invalid();
        }
        Ok(())
    }
}

impl FieldSeed<'_, '_, '_, '_, '_> {
    /// Reads an object as the names and values of the field.
    fn map<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let field = self.field;
        let writer = match &mut self.to {
            Target::Record(record) => record.repeated(field),
            Target::Element(_) => None,
        };
        let Some(mut writer) = writer else { return skip_map(map) };
        let mut name = Vec::new();
        while let Some(()) = map.next_key_seed(KeySeed(|key: &str| {
            name.clear();
            name.extend_from_slice(key.as_bytes());
        }))? {
            let odd = map.next_value_seed(PairSeed { name: &name, to: &mut writer })?;
            if odd {
                self.context.note_invalid();
            }
        }
        writer.end();
        Ok(())
    }
}

impl<'de> Visitor<'de> for FieldSeed<'_, '_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.to.set_null(self.field);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.plain(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.plain(Json::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.plain(Json::Unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.plain(Json::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.plain(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        match self.field.ty {
            FieldType::List(_) | FieldType::Group => self.repeated(seq),
            FieldType::Range => {
                let first = seq.next_element_seed(NumberSeed)?.flatten();
                let last = seq.next_element_seed(NumberSeed)?.flatten();
                let more = seq.next_element::<IgnoredAny>()?.is_some();
                skip_seq(seq)?;
                let range = first.zip(last).filter(|_| !more);
                self.set(range.map(|(first, last)| Value::Range(first, last)))
            }
            _ => {
                skip_seq(seq)?;
                self.set(None)
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, map: A) -> Result<(), A::Error> {
        if self.field.ty == FieldType::Map {
            return self.map(map);
        }
        let repeats = self.field.items.is_some();
        let wrapped = Wrapped::read(map, |map| match repeats {
            true => map.next_value_seed(ItemsSeed(&mut self)),
            false => map.next_value::<IgnoredAny>().map(|_| false),
        })?;
        if wrapped.items && !wrapped.odd {
            if let (true, Target::Record(record)) = (wrapped.truncated, &mut self.to) {
                record.set_truncated(self.field);
            }
            return Ok(());
        }
        let text = wrapped.text().filter(|_| self.field.ty.is_text());
        self.set(text.map(Value::Text))
    }
}

/// Reads one element of a repeated field.
struct ItemSeed<'s, 'a, 'w, 'x> {
    context: &'s mut Context<'a>,
    field: &'s Field,
    object: Option<&'s Object>,
    to: &'s mut RepeatedWriter<'w, 'x>,
}

impl<'de> DeserializeSeed<'de> for ItemSeed<'_, '_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        let Self { context, field, object, to } = self;
        if !to.takes_more() {
            to.set_truncated();
            return IgnoredAny::deserialize(from).map(|_| ());
        }
        if let FieldType::List(scalar) = field.ty {
            let ty = scalar.field_type();
            return from.deserialize_any(ListItem { context, ty, unit: &field.unit, to });
        }
        let fields = field.elements().map_or(&[][..], |items| &items.fields);
        let seen = to.element(|to| match object {
            None => IgnoredAny::deserialize(from).map(|_| Seen::Other),
            Some(object) => {
                let to = Target::Element(to);
                let elements = &[];
                ObjectSeed { context, object, fields, elements, kind: "", to }
                    .deserialize(from)
            }
        });
        // The function is always called: there was room.
        if !matches!(seen.transpose()?, Some(Seen::Object)) {
            to.set_invalid();
        }
        Ok(())
    }
}

/// Reads a scalar of a list.
struct ListItem<'s, 'a, 'w, 'x> {
    context: &'s mut Context<'a>,
    ty: FieldType,
    unit: &'s str,
    to: &'s mut RepeatedWriter<'w, 'x>,
}

impl ListItem<'_, '_, '_, '_> {
    fn push<E>(self, json: Json<'_>) -> Result<(), E> {
        match json.value(self.context.schema, self.ty, self.unit) {
            Some(value) => self.to.push(value),
            None => self.to.set_invalid(),
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for ListItem<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an element")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.push(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.push(Json::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.push(Json::Unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.push(Json::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.push(Json::Text(value))
    }

    /// NaN prints as null, and a list of floats must come back as long as it was.
    fn visit_unit<E>(self) -> Result<(), E> {
        match self.ty {
            FieldType::Float => self.to.push(Value::Float(f64::NAN)),
            _ => self.to.set_invalid(),
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let wrapped = Wrapped::read(map, |_| Ok(false))?;
        match wrapped.text().filter(|_| self.ty.is_text()) {
            Some(text) => self.to.push(Value::Text(text)),
            None => self.to.set_invalid(),
        }
        Ok(())
    }

    odd! { this => this.to.set_invalid(); seq }
}

/// Reads the value of a name of a map; whether it is none. A null is no value.
struct PairSeed<'n, 's, 'w, 'x> {
    name: &'n [u8],
    to: &'s mut RepeatedWriter<'w, 'x>,
}

any_seed! { PairSeed<'_, '_, '_, '_>, bool }

impl PairSeed<'_, '_, '_, '_> {
    fn pair<E>(self, text: &str) -> Result<bool, E> {
        self.to.pair(self.name, Text::whole(text.as_bytes()));
        Ok(false)
    }
}

impl<'de> Visitor<'de> for PairSeed<'_, '_, '_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        self.pair(if value { "true" } else { "false" })
    }

    fn visit_i64<E>(self, value: i64) -> Result<bool, E> {
        self.pair(&value.to_string())
    }

    fn visit_u64<E>(self, value: u64) -> Result<bool, E> {
        self.pair(&value.to_string())
    }

    fn visit_f64<E>(self, value: f64) -> Result<bool, E> {
        self.pair(&value.to_string())
    }

    fn visit_str<E>(self, value: &str) -> Result<bool, E> {
        self.pair(value)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        let wrapped = Wrapped::read(map, |_| Ok(false))?;
        let text = wrapped.text();
        text.into_iter().for_each(|text| self.to.pair(self.name, text));
        Ok(text.is_none())
    }

    odd! { _this => true; seq }
}

/// Reads the array under `items`; whether it is one.
struct ItemsSeed<'f, 's, 'a, 'w, 'x, 'y>(&'f mut FieldSeed<'s, 'a, 'w, 'x, 'y>);

any_seed! { ItemsSeed<'_, '_, '_, '_, '_, '_>, bool }

impl<'de> Visitor<'de> for ItemsSeed<'_, '_, '_, '_, '_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<bool, A::Error> {
        self.0.repeated(seq).map(|()| true)
    }

    odd! { _this => false; bool number str null map }
}
