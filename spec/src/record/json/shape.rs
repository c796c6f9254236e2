//! The objects that a kind's fields nest in.

use crate::schema::{Field, FieldType, Kind};

/// How the events of a kind nest.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) top: Object,
    /// For each field of the kind that is a group: how its elements nest.
    pub(super) elements: Vec<Object>,
}

/// An object: its members in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    pub(super) members: Vec<(String, Member)>,
    /// Positions in `members`, by length of the key and then by key.
    sorted: Vec<usize>,
    /// Keys that are read but never written.
    aliases: Vec<(String, Member)>,
}

/// What stands under a key.
#[derive(Clone, Debug)]
pub(super) enum Member {
    /// The name of the kind.
    Kind,
    /// Position of a field.
    Field(usize),
    /// Position of an enumeration field whose label this is.
    Label(usize),
    /// Position of a map of which it says whether there was more.
    Cut(usize),
    /// More members.
    Object(Object),
}

impl Shape {
    pub(super) fn new(kind: &Kind) -> Self {
        let mut top = Object::default();
        // The order in which people read an event; the rest follows by number.
        for first in ["ts", "kind", "host", "src", "dst", "flow"] {
            if first == "kind" {
                top.members.push((first.into(), Member::Kind));
            }
            for (at, field) in fields(kind, true) {
                if field.path.split('.').next() == Some(first) {
                    top.add(at, field, &field.path);
                }
            }
        }
        for (at, field) in fields(kind, true) {
            if !top.has(&field.path) {
                top.add(at, field, &field.path);
            }
        }
        for (at, field) in fields(kind, false) {
            if let Some(group) = top.object(&kind.group) {
                group.add(at, field, &field.path);
            }
        }
        // Whether the message is malformed is common to all protocols, and
        // others write it where they write the protocol's fields.
        let malformed = fields(kind, true).find(|(_, f)| f.path == "malformed");
        if let Some(((at, _), group)) = malformed.zip(top.object(&kind.group)) {
            group.aliases.push(("malformed".into(), Member::Field(at)));
        }
        top.sort();

        let elements = kind.fields.iter().map(|field| {
            let mut object = Object::default();
            let items =
                field.elements().into_iter().flat_map(|items| items.fields.iter());
            for (at, inner) in items.enumerate() {
                object.add(at, inner, &inner.path);
            }
            object.sort();
            object
        });
        Self { elements: elements.collect(), top }
    }
}

fn fields(kind: &Kind, common: bool) -> impl Iterator<Item = (usize, &Field)> {
    let fields = kind.fields.iter().enumerate();
    fields.filter(move |(_, field)| field.common == common && !field.is_named())
}

impl Object {
    /// The member under a key.
    pub(super) fn member(&self, key: &str) -> Option<&Member> {
        let by_key = |at: &usize| self.members.get(*at).map_or("", |(key, _)| key);
        let found = self.sorted.binary_search_by(|at| rank(by_key(at)).cmp(&rank(key)));
        if let Ok(at) = found {
            return self.members.get(*self.sorted.get(at)?).map(|(_, member)| member);
        }
        self.aliases.iter().find(|(alias, _)| alias == key).map(|(_, member)| member)
    }

    fn add(&mut self, at: usize, field: &Field, path: &str) {
        if let Some((key, rest)) = path.split_once('.') {
            if let Some(object) = self.object(key) {
                object.add(at, field, rest);
            }
            return;
        }
        self.members.push((path.into(), Member::Field(at)));
        match field.ty {
            FieldType::Enum(..) => {
                self.members.push((format!("{path}_name"), Member::Label(at)));
            }
            FieldType::Map => {
                self.members.push((format!("{path}_truncated"), Member::Cut(at)));
            }
            _ => {}
        }
    }

    fn object(&mut self, key: &str) -> Option<&mut Self> {
        let is_it = |(k, member): &(String, Member)| {
            k == key && matches!(member, Member::Object(_))
        };
        let at = self.members.iter().position(is_it).unwrap_or_else(|| {
            self.members.push((key.into(), Member::Object(Self::default())));
            self.members.len().saturating_sub(1)
        });
        match self.members.get_mut(at) {
            Some((_, Member::Object(object))) => Some(object),
            _ => None,
        }
    }

    fn has(&self, path: &str) -> bool {
        let (key, rest) =
            path.split_once('.').map_or((path, None), |(k, r)| (k, Some(r)));
        self.members.iter().any(|(k, member)| match (member, rest) {
            (Member::Object(object), Some(rest)) => k == key && object.has(rest),
            (Member::Field(_), None) => k == key,
            _ => false,
        })
    }

    fn sort(&mut self) {
        self.sorted = (0..self.members.len()).collect();
        let members = &self.members;
        self.sorted.sort_by_key(|at| members.get(*at).map(|(key, _)| rank(key)));
        for (_, member) in &mut self.members {
            if let Member::Object(object) = member {
                object.sort();
            }
        }
    }
}

/// What keys are ordered by: most look-ups are decided by the length.
fn rank(key: &str) -> (usize, &str) {
    (key.len(), key)
}
