//! What the interpreter reads: an event, wherever it lies.
//!
//! [`Source`] is the one door. [`Event`] is an event in memory, for tests and
//! searches; a record of a batch is the other implementation.

use std::collections::BTreeMap;

use tagout_spec::schema::{FieldIdx, Kind};

use crate::ir::Value;

/// A place in an event that holds at most one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A field of the event.
    Field(FieldIdx),
    /// A field of an element: group, position of the element, field.
    Element(FieldIdx, usize, FieldIdx),
    /// An item of a list: list, position.
    Item(FieldIdx, usize),
}

/// What a place holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// Nothing.
    Absent,
    /// Null.
    Null,
    /// Something that is not of the field's type, or out of its range.
    Invalid,
    /// A value.
    Value(Value),
    /// The first bytes of a longer text.
    Cut(Vec<u8>),
    /// A repeated field.
    Repeated {
        /// Elements that are there.
        len: usize,
        /// Whether there were more.
        truncated: bool,
    },
}

/// An event that can be read.
pub trait Source {
    /// What stands at a place. A place outside the event is absent.
    fn slot(&self, place: Place) -> Slot;
}

/// An event in memory; a field that is not in it is absent.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Event {
    /// The fields that are there.
    pub fields: BTreeMap<FieldIdx, Content>,
}

/// What a field of an [`Event`] holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A scalar, a null or something invalid; never [`Slot::Repeated`].
    One(Slot),
    /// A list of scalars and whether it was truncated.
    List(Vec<Slot>, bool),
    /// A group of elements and whether it was truncated.
    Group(Vec<BTreeMap<FieldIdx, Slot>>, bool),
}

impl Event {
    /// The event with a field set to a scalar.
    #[must_use]
    pub fn with(mut self, field: FieldIdx, value: Value) -> Event {
        self.fields.insert(field, Content::One(Slot::Value(value)));
        self
    }

    /// The event with a field set.
    #[must_use]
    pub fn with_content(mut self, field: FieldIdx, content: Content) -> Event {
        self.fields.insert(field, content);
        self
    }
}

impl Event {
    /// Fills in the ranges that a writer of records derives from other fields.
    pub fn complete(&mut self, kind: &Kind) {
        for derived in kind.ranges.iter() {
            let number = |field| match self.slot(Place::Field(field)) {
                Slot::Value(Value::Int(number)) => u32::try_from(number).ok(),
                _ => None,
            };
            let last = |first: u32, count: u32| first.checked_add(count.checked_sub(1)?);
            let range = number(derived.first).zip(number(derived.count));
            let range =
                range.and_then(|(first, count)| Some((first, last(first, count)?)));
            if let Some((first, last)) = range {
                let range = Content::One(Slot::Value(Value::Range(first, last)));
                self.fields.entry(derived.range).or_insert(range);
            }
        }
    }
}

impl Source for Event {
    fn slot(&self, place: Place) -> Slot {
        self.find(place).unwrap_or(Slot::Absent)
    }
}

impl Event {
    fn find(&self, place: Place) -> Option<Slot> {
        match place {
            Place::Field(field) => Some(match self.fields.get(&field)? {
                Content::One(slot) => slot.clone(),
                Content::List(items, truncated) => {
                    Slot::Repeated { len: items.len(), truncated: *truncated }
                }
                Content::Group(elements, truncated) => {
                    Slot::Repeated { len: elements.len(), truncated: *truncated }
                }
            }),
            Place::Element(group, position, field) => match self.fields.get(&group)? {
                Content::Group(elements, _) => {
                    elements.get(position)?.get(&field).cloned()
                }
                _ => None,
            },
            Place::Item(list, position) => match self.fields.get(&list)? {
                Content::List(items, _) => items.get(position).cloned(),
                _ => None,
            },
        }
    }
}
