//! Names singled out of maps: `raw["TargetUserName"]` as a field.
//!
//! A map holds what a source says by the source's own names, of which there are
//! thousands. Those that rules ask for become fields of every kind with a map: a text
//! each, numbered from [`NAMED_BIT`] in the order in which they are given. Such a field
//! has no slot of its own. Its number says which byte of the map's row leads to its
//! element, so that nobody compares names to read it; see [`layout`](super::layout).
//!
//! The compiler adds the names of a pack, a host those of all its packs; how the two
//! numberings meet is told by `bind`.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::layout::{NAME_BYTES_MAX, NAMED_BIT, NAMES_MAX};
use super::{Field, FieldIdx, FieldType, Kind, Schema};

impl Schema {
    /// The same schema, whose kinds with a map have a field for each of the names.
    /// Names behind the first [`NAMES_MAX`] are left out, as are those that are empty
    /// or too long: nothing can have them.
    #[must_use]
    pub fn with_names<S: AsRef<str>>(&self, names: &[S]) -> Self {
        let mut schema = self.clone();
        for kind in &mut schema.kinds {
            let Some(map) = kind.map().cloned() else { continue };
            let named = names.iter().map(AsRef::as_ref).filter(|name| is_name(name));
            let named = named.zip(NAMED_BIT..NAMED_BIT.saturating_add(NAMES_MAX));
            let fields = kind.fields.iter().filter(|field| !field.is_named()).cloned();
            let fields: Vec<Field> =
                fields.chain(named.map(|(name, bit)| field(&map, name, bit))).collect();
            kind.to_mut().fields = Cow::Owned(fields);
        }
        schema
    }
}

impl Kind {
    /// The map whose names can be fields: the first one.
    #[must_use]
    pub fn map(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.ty == FieldType::Map)
    }

    /// The fields that are names of the map, in order.
    pub fn named(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.is_named())
    }
}

impl FieldIdx {
    /// The number among the names of the map, if the field is one.
    #[must_use]
    pub fn name_number(self) -> Option<u16> {
        self.0.checked_sub(NAMED_BIT)
    }
}

impl Field {
    /// Whether it is a name of a map.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.bit >= NAMED_BIT
    }

    /// The name in the map.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let (_, name) = self.path.split_once("[\"").filter(|_| self.is_named())?;
        name.strip_suffix("\"]")
    }
}

/// Whether a map of an event can be asked for the name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
}

/// How the path of a name is written: `raw["NAME"]`.
#[must_use]
pub fn path_of(map: &str, name: &str) -> String {
    format!("{map}[\"{name}\"]")
}

fn field(map: &Field, name: &str, bit: u16) -> Field {
    Field {
        path: path_of(&map.path, name).into(),
        common: map.common,
        ty: FieldType::Text,
        bit,
        offset: map.offset,
        unit: "".into(),
        doc: format!("what the source calls `{name}`").into(),
        example: "".into(),
        source: "".into(),
        items: None,
    }
}
