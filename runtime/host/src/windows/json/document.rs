//! JSON as a list of values, as far as somebody asks for it.
//!
//! ```text
//! {"Event":{"EventID":1,"Data":["x"]}}
//!
//! node   0 object         1 "Event" object   2 "EventID" text   3 "Data" list   4 text
//! end    5                5                  3                  5               5
//! ```
//!
//! A value stands before what is in it, and knows the place behind. Numbers and the like
//! are texts. Names that nobody knows are passed over with what is under them, without
//! being decoded, unless all are read; but not within data whose layout has elements of
//! any name around those that matter ([`is_nested`]).
//!
//! The parser is serde_json. Behind this list, over lines of Sysmon's events and built for
//! any x86-64, it took 3.5 us a line of 1,223 bytes where sonic-rs took 4.1 (reading and
//! writing the record together); texts with escapes, as paths of Windows are, are what a
//! line mostly holds, and they are copied by both. A tokenizer of our own, which decoded texts
//! eight bytes at a time right into the event's buffer, was no faster than serde_json either:
//! what costs is where each text ends and where in it an escape stands, which no processor
//! foresees.

use std::fmt;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::windows::event::{Span, Texts};
use crate::windows::names::{Name, Names};

/// A text as a document.
#[derive(Debug, Default)]
pub(super) struct Document {
    nodes: Vec<Node>,
    order: Order,
}

/// Which name came behind which the last time: a source writes its names in an order that
/// hardly changes, so that most are found by one comparison.
#[derive(Debug, Default)]
struct Order {
    /// By one more than the number of the name before.
    next: Vec<Option<Name>>,
    before: usize,
}

impl Order {
    fn find(&mut self, text: &str, names: &Names) -> Option<Name> {
        let expected = self.next.get(self.before).copied().flatten();
        let found = match expected.filter(|name| names.text(*name) == text) {
            None => {
                let found = names.find(text)?;
                if self.next.len() <= self.before {
                    self.next.resize(self.before.saturating_add(1), None);
                }
                if let Some(next) = self.next.get_mut(self.before) {
                    *next = Some(found);
                }
                found
            }
            Some(found) => found,
        };
        self.before = found.idx().saturating_add(1);
        Some(found)
    }
}

#[derive(Debug)]
struct Node {
    key: Key,
    form: Form,
    /// The text, where it is one.
    text: Span,
    /// One more than the position of the last node in it.
    end: usize,
}

/// The name of a value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Key {
    pub(super) known: Option<Name>,
    pub(super) name: Span,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `null`, or of no interest.
    Nothing,
    /// A text.
    Text,
    /// A number or a truth value.
    Scalar,
    /// A list.
    List,
    /// An object.
    Object,
}

/// A value of a document.
#[derive(Clone, Copy)]
pub(super) struct Value<'d> {
    nodes: &'d [Node],
    at: usize,
}

impl Document {
    /// Reads a text; its texts go to `texts`.
    pub(super) fn read(
        &mut self,
        text: &str,
        names: &Names,
        texts: &mut Texts,
    ) -> Result<Value<'_>, serde_json::Error> {
        let Self { nodes, order } = self;
        nodes.clear();
        order.before = 0;
        let mut json = serde_json::Deserializer::from_str(text);
        let mut reading = Reading { nodes, order, names, texts };
        let (key, scope) = (Key::default(), Scope::Known);
        Build { reading: &mut reading, key, scope }.deserialize(&mut json)?;
        json.end()?;
        Ok(Value { nodes: &self.nodes, at: 0 })
    }
}

impl<'d> Value<'d> {
    fn node(self) -> Option<&'d Node> {
        self.nodes.get(self.at)
    }

    pub(super) fn key(self) -> Key {
        self.node().map_or(Key::default(), |node| node.key)
    }

    pub(super) fn form(self) -> Form {
        self.node().map_or(Form::Nothing, |node| node.form)
    }

    /// Whether it is an object.
    pub(super) fn is_object(self) -> bool {
        self.form() == Form::Object
    }

    /// A text, number or truth value, as text.
    pub(super) fn text(self) -> Option<Span> {
        let node = self.node()?;
        matches!(node.form, Form::Text | Form::Scalar).then_some(node.text)
    }

    /// What is in a list or an object.
    pub(super) fn iter(self) -> impl Iterator<Item = Value<'d>> {
        let end = self.node().map_or(0, |node| node.end);
        let mut next = self.at.saturating_add(1);
        std::iter::from_fn(move || {
            let at = next;
            next = self.nodes.get(at).filter(|_| at < end)?.end;
            Some(Value { nodes: self.nodes, at })
        })
    }
}

/// Names below which elements of any name may stand around those that matter.
fn is_nested(name: &str) -> bool {
    matches!(name, "UserData" | "user_data" | "event_data" | "eventdata")
}

/// What is kept of the values of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Those of known names.
    Known,
    /// Those of known names, and of others what is in them.
    Nested,
    /// Nothing but what is in it.
    Within,
}

/// What a document is read into, and by what.
struct Reading<'r> {
    nodes: &'r mut Vec<Node>,
    order: &'r mut Order,
    names: &'r Names,
    texts: &'r mut Texts,
}

/// Adds a value and what is in it.
struct Build<'b, 'r> {
    reading: &'b mut Reading<'r>,
    key: Key,
    scope: Scope,
}

impl Build<'_, '_> {
    fn add<E>(self, form: Form, text: Span) -> Result<(), E> {
        let nodes = &mut *self.reading.nodes;
        let end = nodes.len().saturating_add(1);
        nodes.push(Node { key: self.key, form, text, end });
        Ok(())
    }

    fn open(&mut self, form: Form) -> usize {
        let nodes = &mut *self.reading.nodes;
        let at = nodes.len();
        nodes.push(Node { key: self.key, form, text: Span::default(), end: at });
        at
    }

    fn close(self, at: usize) {
        let end = self.reading.nodes.len();
        if let Some(node) = self.reading.nodes.get_mut(at) {
            node.end = end;
        }
    }
}

impl<'de> DeserializeSeed<'de> for Build<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.add(Form::Nothing, Span::default())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        let text = self.reading.texts.add(if value { "true" } else { "false" });
        self.add(Form::Scalar, text)
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        let text = self.reading.texts.add_number(value);
        self.add(Form::Scalar, text)
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        let text = self.reading.texts.add_number(value);
        self.add(Form::Scalar, text)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        let number = serde_json::Number::from_f64(value);
        let number = number.ok_or_else(|| E::custom("no number"))?;
        let text = self.reading.texts.add(&number.to_string());
        self.add(Form::Scalar, text)
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        if self.scope == Scope::Within {
            return self.add(Form::Nothing, Span::default());
        }
        let text = self.reading.texts.add(value);
        self.add(Form::Text, text)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let at = self.open(Form::List);
        let (key, scope) = (Key::default(), self.scope);
        while list
            .next_element_seed(Build { reading: self.reading, key, scope })?
            .is_some()
        {}
        self.close(at);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let at = self.open(Form::Object);
        let scope = self.scope;
        while let Some(found) =
            map.next_key_seed(OfKey { reading: self.reading, scope })?
        {
            let Some((key, scope)) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            map.next_value_seed(Build { reading: self.reading, key, scope })?;
        }
        self.close(at);
        Ok(())
    }
}

/// Reads a name, and says what of its value is kept.
struct OfKey<'b, 'r> {
    reading: &'b mut Reading<'r>,
    scope: Scope,
}

impl<'de> DeserializeSeed<'de> for OfKey<'_, '_> {
    type Value = Option<(Key, Scope)>;

    fn deserialize<D: serde::Deserializer<'de>>(
        self,
        json: D,
    ) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for OfKey<'_, '_> {
    type Value = Option<(Key, Scope)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        let Reading { order, names, texts, .. } = self.reading;
        let known = order.find(text, names);
        let nested = self.scope != Scope::Known;
        let scope = match known {
            None if names.reads_all() => self.scope,
            None if nested => Scope::Within,
            None => return Ok(None),
            Some(_) if nested || is_nested(text) => Scope::Nested,
            Some(_) => Scope::Known,
        };
        let name = texts.add(text);
        Ok(Some((Key { known, name }, scope)))
    }
}
