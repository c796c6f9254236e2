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
use crate::schema::{EnumIdx, Field, FieldType, KindIdx, Schema};

use super::format;
use super::shape::{Member, Object, Shape};
use super::{JsonError, JsonErrorKind, LINE_MAX, ReadReport};

/// Finds the kind of an event: the first that it names.
pub(super) fn kind(schema: &Schema, line: &[u8]) -> Result<KindIdx, JsonError> {
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

/// Reads one object that fills the line.
fn parse<'de, S: DeserializeSeed<'de>>(
    line: &'de [u8],
    seed: S,
) -> Result<S::Value, JsonError> {
    if line.len() > LINE_MAX {
        return Err(JsonError::new(JsonErrorKind::TooLong, 0));
    }
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

/// Visitor methods for shapes of JSON that do not belong where they stand: the
/// value is skipped and the expression says what comes of it.
macro_rules! odd {
    ($this:ident => $odd:expr; $($shape:ident)*) => {
        $(odd!(@$shape $this $odd);)*
    };
    (@bool $this:ident $odd:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            let $this = self;
            Ok($odd)
        }
    };
    (@number $this:ident $odd:expr) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            let $this = self;
            Ok($odd)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            let $this = self;
            Ok($odd)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            let $this = self;
            Ok($odd)
        }
    };
    (@str $this:ident $odd:expr) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            let $this = self;
            Ok($odd)
        }
    };
    (@null $this:ident $odd:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            let $this = self;
            Ok($odd)
        }
    };
    (@seq $this:ident $odd:expr) => {
        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
            skip_seq(seq)?;
            let $this = self;
            Ok($odd)
        }
    };
    (@map $this:ident $odd:expr) => {
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            skip_map(map)?;
            let $this = self;
            Ok($odd)
        }
    };
}

/// A seed that is its own visitor of any value.
macro_rules! any_seed {
    ($seed:ty, $value:ty) => {
        impl<'de> DeserializeSeed<'de> for $seed {
            type Value = $value;

            fn deserialize<D: Deserializer<'de>>(
                self,
                from: D,
            ) -> Result<$value, D::Error> {
                from.deserialize_any(self)
            }
        }
    };
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

/// Reads a key and looks it up at once, so that no key is copied.
struct KeySeed<F>(F);

impl<'de, T, F: FnOnce(&str) -> T> DeserializeSeed<'de> for KeySeed<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        from.deserialize_str(self)
    }
}

impl<T, F: FnOnce(&str) -> T> Visitor<'_> for KeySeed<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<T, E> {
        Ok((self.0)(key))
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

/// An object that stands for a value.
#[derive(Default)]
struct Wrapped {
    bytes: Option<Vec<u8>>,
    length: Option<u32>,
    items: bool,
    truncated: bool,
    odd: bool,
}

impl Wrapped {
    /// Reads the object; the function reads the value under `items`, if it can.
    fn read<'de, A: MapAccess<'de>>(
        mut map: A,
        mut read_items: impl FnMut(&mut A) -> Result<bool, A::Error>,
    ) -> Result<Self, A::Error> {
        let mut read = Self::default();
        while let Some(key) = map.next_key_seed(KeySeed(WrapperKey::of))? {
            match key {
                WrapperKey::Hex => {
                    let digits = map.next_value_seed(TextSeed)?;
                    read.bytes = digits.as_deref().and_then(format::parse_hex);
                    read.odd |= read.bytes.is_none();
                }
                WrapperKey::Text => {
                    read.bytes = map.next_value_seed(TextSeed)?.map(String::into_bytes);
                    read.odd |= read.bytes.is_none();
                }
                WrapperKey::Length => {
                    read.length = map.next_value_seed(NumberSeed)?;
                    read.odd |= read.length.is_none();
                }
                WrapperKey::Items => {
                    read.items = read_items(&mut map)?;
                    read.odd |= !read.items;
                }
                WrapperKey::Truncated => {
                    read.truncated = map.next_value_seed(TrueSeed)?
                }
                WrapperKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                    read.odd = true;
                }
            }
        }
        Ok(read)
    }

    /// The text that it stands for.
    fn text(&self) -> Option<Text<'_>> {
        let whole = Text::whole(self.bytes.as_deref()?);
        let original = self.length.unwrap_or(0).max(whole.original);
        Some(Text { original, ..whole }).filter(|_| !self.odd && !self.items)
    }
}

/// Keys of the objects that stand for a value.
enum WrapperKey {
    Hex,
    Text,
    Length,
    Items,
    Truncated,
    Other,
}

impl WrapperKey {
    fn of(key: &str) -> Self {
        match key {
            "hex" => Self::Hex,
            "text" => Self::Text,
            "length" => Self::Length,
            "items" => Self::Items,
            "truncated" => Self::Truncated,
            _ => Self::Other,
        }
    }
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

/// Reads a text; `None` for anything else.
struct TextSeed;

any_seed! { TextSeed, Option<String> }

impl<'de> Visitor<'de> for TextSeed {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<String>, E> {
        Ok(Some(text.to_owned()))
    }

    odd! { _this => None; bool number null seq map }
}

/// Reads an unsigned number of 32 bits; `None` for anything else.
struct NumberSeed;

any_seed! { NumberSeed, Option<u32> }

impl<'de> Visitor<'de> for NumberSeed {
    type Value = Option<u32>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_u64<E>(self, value: u64) -> Result<Option<u32>, E> {
        Ok(u32::try_from(value).ok())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Option<u32>, E> {
        Ok(u32::try_from(value).ok())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Option<u32>, E> {
        Ok(None)
    }

    odd! { _this => None; bool str null seq map }
}

/// Reads a bool; anything else is false.
struct TrueSeed;

any_seed! { TrueSeed, bool }

impl<'de> Visitor<'de> for TrueSeed {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bool")
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    odd! { _this => false; number str null seq map }
}

/// A value that is not nested.
#[derive(Clone, Copy)]
enum Json<'t> {
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Text(&'t str),
}

impl<'t> Json<'t> {
    /// The value that a slot of the type takes for it.
    fn value(self, schema: &Schema, ty: FieldType, unit: &str) -> Option<Value<'t>> {
        match (ty, self) {
            (FieldType::Bool, Self::Bool(v)) => Some(Value::Bool(v)),
            (FieldType::Int(_), Self::Text(v)) if unit == "hex" => {
                format::parse_hex_id(v).map(Value::from)
            }
            (FieldType::Enum(e, _), Self::Text(label)) => enum_value(schema, e, label)
                .map(Value::Int)
                .or_else(|| Self::Text(label).int()),
            (FieldType::Int(_) | FieldType::Enum(..) | FieldType::Duration, v) => v.int(),
            (FieldType::Float, v) => v.float().map(Value::Float),
            (FieldType::Time, Self::Text(v)) => format::parse_time(v).map(Value::Int),
            (FieldType::Ip, Self::Text(v)) => format::parse_ip(v).map(Value::Ip),
            (FieldType::Mac, Self::Text(v)) => format::parse_mac(v).map(Value::Mac),
            (ty, Self::Text(v)) if ty.is_text() => Some(v.into()),
            _ => None,
        }
    }

    fn int(self) -> Option<Value<'t>> {
        match self {
            Self::Int(v) => Some(Value::Int(v)),
            Self::Unsigned(v) => Some(v.into()),
            Self::Text(v) => {
                let signed = v.parse().map(Value::Int);
                signed.or_else(|_| v.parse::<u64>().map(Value::from)).ok()
            }
            Self::Bool(_) | Self::Float(_) => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a float field holds the nearest")]
    fn float(self) -> Option<f64> {
        match self {
            Self::Int(v) => Some(v as f64),
            Self::Unsigned(v) => Some(v as f64),
            Self::Float(v) => Some(v),
            Self::Text("inf") => Some(f64::INFINITY),
            Self::Text("-inf") => Some(f64::NEG_INFINITY),
            Self::Bool(_) | Self::Text(_) => None,
        }
    }
}

/// The number of a label.
fn enum_value(schema: &Schema, e: EnumIdx, label: &str) -> Option<i64> {
    schema.enum_value(e, label).and_then(|v| i64::try_from(v).ok())
}

fn skip_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}
