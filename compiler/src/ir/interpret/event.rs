//! What the interpreter reads: an event, wherever it lies.
//!
//! [`Source`] is the one door. [`Event`] is an event in memory, for tests and
//! searches; a record of a batch is the other implementation.

use std::collections::BTreeMap;

use tagout_spec::schema::{Field, FieldIdx, Kind, layout};

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
    /// Fills in what follows from other fields: the ranges that a writer of records
    /// derives, and names of a map and its elements from each other.
    pub fn complete(&mut self, kind: &Kind) {
        self.complete_map(kind);
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

    /// An element for each name that has a value, and a value for each name of an element.
    fn complete_map(&mut self, kind: &Kind) {
        let Some(map) = kind.map().filter(|_| kind.named().next().is_some()) else {
            return;
        };
        let (name, value) = (FieldIdx(0), FieldIdx(layout::MAP_VALUE_BIT));
        let before = self.fields.remove(&map.idx());
        let mut elements = match &before {
            Some(Content::Group(elements, _)) => elements.clone(),
            _ => Vec::new(),
        };
        // What lacks a part is no element of a map.
        elements.retain(|element| {
            let name = matches!(element.get(&name), Some(Slot::Value(_)));
            let text = element.get(&value);
            name && matches!(text, Some(Slot::Value(_) | Slot::Cut(_)))
        });
        // As in a record, room is kept for what is asked for by name.
        let most = map.items.as_ref().map_or(0, |items| usize::from(items.max));
        let is_named = |element: &BTreeMap<FieldIdx, Slot>| {
            let said = element.get(&name);
            kind.named().filter_map(Field::name).any(|known| {
                said == Some(&Slot::Value(Value::Bytes(known.as_bytes().to_vec())))
            })
        };
        let mut others = 0;
        elements.retain(|element| {
            others += usize::from(!is_named(element));
            is_named(element) || others <= most.saturating_sub(kind.named().count())
        });
        for field in kind.named() {
            let said = field.name().unwrap_or_default().as_bytes();
            let is_it = |element: &&BTreeMap<FieldIdx, Slot>| {
                element.get(&name) == Some(&Slot::Value(Value::Bytes(said.to_vec())))
            };
            match self.fields.remove(&field.idx()) {
                Some(Content::One(slot @ (Slot::Value(_) | Slot::Cut(_)))) => {
                    elements.retain(|element| !is_it(&element));
                    let said = Slot::Value(Value::Bytes(said.to_vec()));
                    elements.push([(name, said), (value, slot)].into());
                }
                _ => elements.retain(|element| !is_it(&element)),
            }
        }
        for field in kind.named() {
            let said = field.name().unwrap_or_default().as_bytes();
            let found = elements.iter().find(|element| {
                element.get(&name) == Some(&Slot::Value(Value::Bytes(said.to_vec())))
            });
            if let Some(slot) = found.and_then(|element| element.get(&value)) {
                self.fields.insert(field.idx(), Content::One(slot.clone()));
            }
        }
        let after = match before {
            before @ (None | Some(Content::One(_))) if elements.is_empty() => before,
            _ => Some(Content::Group(elements, false)),
        };
        self.fields.extend(after.map(|after| (map.idx(), after)));
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
