//! Look-ups in a schema, by name and by number.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

#[cfg(feature = "std")]
use super::error::SchemaError;
use super::layout::{ADDED_BIT, END_BIT};
use super::{
    Common, Enum, EnumIdx, Family, Field, FieldIdx, FieldType, Guard, IntRepr, Items,
    Kind, KindIdx, Label, Scalar, Schema, View, generated,
};

impl Schema {
    /// The kinds, enumerations and views that are built in.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            kinds: generated::KINDS.iter().map(Cow::Borrowed).collect(),
            enums: generated::ENUMS.iter().map(Cow::Borrowed).collect(),
            views: generated::VIEWS.iter().map(Cow::Borrowed).collect(),
            common: Common {
                network: Cow::Borrowed(&generated::COMMON_NETWORK),
                host: Cow::Borrowed(&generated::COMMON_HOST),
                other: Cow::Borrowed(&generated::COMMON_OTHER),
            },
            origins: Vec::new(),
        }
    }

    /// Adds the kinds and enumerations of a schema file.
    ///
    /// The file may use enumerations that exist and its kinds may join views; it
    /// redefines nothing. On an error the schema is unchanged.
    ///
    /// ```
    /// use tagout_spec::schema::Schema;
    ///
    /// let mut schema = Schema::builtin();
    /// let kinds = schema.add_file(
    ///     r#"
    ///     [[kind]]
    ///     name = "press"
    ///     family = "network"
    ///     views = ["ot"]
    ///     doc = "a message of the press controller"
    ///     [[kind.field]]
    ///     path = "force"
    ///     type = "u32"
    ///     unit = "N"
    ///     doc = "force that is asked for"
    ///     example = "e.force > 9_000"
    ///     "#,
    /// )?;
    /// let press = schema.kind(kinds[0]).unwrap();
    /// assert!(press.lookup("force").is_some());
    /// # Ok::<(), tagout_spec::schema::SchemaError>(())
    /// ```
    ///
    /// # Errors
    /// The first thing that is wrong with the file, with its line if known.
    #[cfg(feature = "std")]
    pub fn add_file(&mut self, toml: &str) -> Result<Vec<KindIdx>, SchemaError> {
        super::place::add(self, toml, false).map(|added| added.kinds)
    }

    /// The same, and tells what became of the whole file.
    ///
    /// # Errors
    /// As [`add_file`](Self::add_file).
    #[cfg(feature = "std")]
    pub fn add_all(&mut self, toml: &str) -> Result<super::Added, SchemaError> {
        super::place::add(self, toml, false)
    }

    /// A kind by its number.
    #[must_use]
    pub fn kind(&self, idx: KindIdx) -> Option<&Kind> {
        self.kinds.get(usize::from(idx.0)).map(AsRef::as_ref)
    }

    /// The number of a kind, by name. A view is not a kind.
    #[must_use]
    pub fn kind_idx(&self, name: &str) -> Option<KindIdx> {
        let at = self.kinds.iter().position(|kind| kind.name == name)?;
        u16::try_from(at).ok().map(KindIdx)
    }

    /// All kinds with their numbers.
    pub fn kinds(&self) -> impl Iterator<Item = (KindIdx, &Kind)> {
        (0..).map(KindIdx).zip(self.kinds.iter().map(AsRef::as_ref))
    }

    /// All views.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        self.views.iter().map(AsRef::as_ref)
    }

    /// A view by name.
    #[must_use]
    pub fn view(&self, name: &str) -> Option<&View> {
        self.views().find(|view| view.name == name)
    }

    /// The kinds that joined a view, in the schema's order.
    pub fn kinds_of_view(&self, view: &str) -> impl Iterator<Item = (KindIdx, &Kind)> {
        self.kinds().filter(move |(_, kind)| kind.views.iter().any(|v| v == view))
    }

    /// The number of an enumeration, by name.
    #[must_use]
    pub fn enumeration(&self, name: &str) -> Option<EnumIdx> {
        let at = self.enums.iter().position(|e| e.name == name)?;
        u16::try_from(at).ok().map(EnumIdx)
    }

    /// What a guard asks for, as a rule writes it behind the event's name:
    /// `function == diagnostics`, `not request`.
    #[must_use]
    pub fn guard_text(&self, kind: &Kind, guard: &Guard) -> String {
        let Some(field) = kind.field(guard.by) else { return String::new() };
        let values: Vec<String> =
            guard.values.iter().map(|value| self.value_text(field.ty, *value)).collect();
        match (field.ty, values.as_slice()) {
            (FieldType::Bool, [one]) if one == "false" => format!("not {}", field.path),
            (FieldType::Bool, _) => field.path.to_string(),
            (_, [one]) => format!("{} == {one}", field.path),
            (_, many) => format!("{} in {{ {} }}", field.path, many.join(", ")),
        }
    }

    fn value_text(&self, ty: FieldType, value: u64) -> String {
        let label = match ty {
            FieldType::Bool => return (value != 0).to_string(),
            FieldType::Enum(labels, _) => {
                self.enum_labels(labels).iter().find(|label| label.value == value)
            }
            _ => None,
        };
        label.map_or_else(|| value.to_string(), |label| label.name.to_string())
    }

    /// The labels of an enumeration, in order of their numbers.
    #[must_use]
    pub fn enum_labels(&self, idx: EnumIdx) -> &[Label] {
        self.enums.get(usize::from(idx.0)).map_or(&[], |e| &e.labels)
    }

    /// The number of a label.
    #[must_use]
    pub fn enum_value(&self, idx: EnumIdx, label: &str) -> Option<u64> {
        self.enum_labels(idx).iter().find(|l| l.name == label).map(|l| l.value)
    }

    /// The label of a number; an unknown number has none.
    #[must_use]
    pub fn enum_label(&self, idx: EnumIdx, value: u64) -> Option<&str> {
        let labels = self.enum_labels(idx);
        let at = labels.binary_search_by_key(&value, |l| l.value).ok()?;
        labels.get(at).map(|l| l.name.as_ref())
    }

    /// The name of a field's type as the schema files and `tagout fields` write
    /// it: `u16`, `enum modbus_function u8`, `list u16`.
    #[must_use]
    pub fn type_name(&self, ty: FieldType) -> String {
        let enum_name = |idx: EnumIdx| {
            self.enums.get(usize::from(idx.0)).map_or("?", |e: &Cow<Enum>| &e.name)
        };
        match ty {
            FieldType::Bool => "bool".into(),
            FieldType::Int(repr) => repr.name().into(),
            FieldType::Enum(e, repr) => format!("enum {} {}", enum_name(e), repr.name()),
            FieldType::Float => "float".into(),
            FieldType::Time => "time".into(),
            FieldType::Duration => "duration".into(),
            FieldType::Ip => "ip".into(),
            FieldType::Mac => "mac".into(),
            FieldType::Text => "text".into(),
            FieldType::Name => "name".into(),
            FieldType::Path => "path".into(),
            FieldType::Bytes => "bytes".into(),
            FieldType::Range => "range".into(),
            FieldType::List(scalar) => {
                format!("list {}", self.type_name(scalar.field_type()))
            }
            FieldType::Group => "group".into(),
            FieldType::Map => "map".into(),
        }
    }
}

impl Kind {
    /// A field by its number.
    #[must_use]
    pub fn field(&self, idx: FieldIdx) -> Option<&Field> {
        // Bits have gaps behind the common fields and the view's, no others: a common
        // field is found from the front, an own one from the back, before the names.
        let last = self.fields.last()?.idx();
        let n_named = last.name_number().map_or(0, |number| usize::from(number) + 1);
        let n_own = self.fields.len().checked_sub(n_named)?;
        let (fields, named) = self.fields.split_at_checked(n_own)?;
        if let Some(number) = idx.name_number() {
            return named.get(usize::from(number));
        }
        let is_it = |field: &&Field| field.bit == idx.0;
        if let Some(common) = fields.get(usize::from(idx.0)).filter(is_it) {
            return Some(common);
        }
        let from_last = usize::from(fields.last()?.bit.checked_sub(idx.0)?);
        let own = n_own.checked_sub(from_last.saturating_add(1));
        own.and_then(|at| fields.get(at)).filter(is_it).or_else(|| {
            let at = fields.binary_search_by_key(&idx.0, |f| f.bit).ok()?;
            fields.get(at)
        })
    }

    /// A field by its path.
    #[must_use]
    pub fn lookup(&self, path: &str) -> Option<(FieldIdx, &Field)> {
        self.fields.iter().find(|f| f.path == path).map(|f| (f.idx(), f))
    }
}

impl Common {
    /// The fields of a family.
    #[must_use]
    pub fn of(&self, family: Family) -> &[Field] {
        match family {
            Family::Network => &self.network,
            Family::Host => &self.host,
            Family::Other => &self.other,
        }
    }
}

impl Field {
    /// Its number in its kind or element.
    #[must_use]
    pub fn idx(&self) -> FieldIdx {
        FieldIdx(self.bit)
    }

    /// Whether another file than its kind's has added it.
    #[must_use]
    pub fn is_added(&self) -> bool {
        (ADDED_BIT..END_BIT).contains(&self.bit)
    }

    /// The elements' layout if it is a group or a map.
    #[must_use]
    pub fn elements(&self) -> Option<&Items> {
        self.items.as_ref().filter(|_| self.ty.has_elements())
    }
}

impl Items {
    /// A field of an element by its number.
    #[must_use]
    pub fn field(&self, idx: FieldIdx) -> Option<&Field> {
        self.fields.get(usize::from(idx.0))
    }

    /// A field of an element by its path.
    #[must_use]
    pub fn lookup(&self, path: &str) -> Option<(FieldIdx, &Field)> {
        self.fields.iter().find(|f| f.path == path).map(|f| (f.idx(), f))
    }
}

impl FieldType {
    /// Whether it repeats elements with fields of their own.
    #[must_use]
    pub const fn has_elements(self) -> bool {
        matches!(self, Self::Group | Self::Map)
    }

    /// Whether the slot is a text slot and the language folds or may fold it.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Name | Self::Path | Self::Bytes)
    }
}

impl Scalar {
    /// The type of a field that holds one such value.
    #[must_use]
    pub fn field_type(self) -> FieldType {
        match self {
            Self::Int(repr) => FieldType::Int(repr),
            Self::Enum(e, repr) => FieldType::Enum(e, repr),
            Self::Float => FieldType::Float,
            Self::Text => FieldType::Text,
            Self::Name => FieldType::Name,
            Self::Ip => FieldType::Ip,
        }
    }
}

impl IntRepr {
    /// All widths, with the names that schema files use.
    const NAMES: [(&str, Self); 8] = [
        ("u8", Self::U8),
        ("u16", Self::U16),
        ("u32", Self::U32),
        ("u64", Self::U64),
        ("i8", Self::I8),
        ("i16", Self::I16),
        ("i32", Self::I32),
        ("i64", Self::I64),
    ];

    /// Bytes of the slot.
    #[must_use]
    pub const fn bytes(self) -> u16 {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 => 4,
            Self::U64 | Self::I64 => 8,
        }
    }

    /// Least and greatest number as the language sees them; a `u64` slot can hold
    /// more than that, which no rule can use.
    #[must_use]
    pub const fn limits(self) -> (i64, i64) {
        match self {
            Self::U8 => (0, 0xff),
            Self::U16 => (0, 0xffff),
            Self::U32 => (0, 0xffff_ffff),
            Self::U64 => (0, i64::MAX),
            Self::I8 => (-0x80, 0x7f),
            Self::I16 => (-0x8000, 0x7fff),
            Self::I32 => (-0x8000_0000, 0x7fff_ffff),
            Self::I64 => (i64::MIN, i64::MAX),
        }
    }

    /// Its name in schema files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, repr)| *repr == self).map_or("", |(name, _)| name)
    }

    /// The width with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(n, _)| *n == name).map(|(_, repr)| *repr)
    }

    /// Whether a label's number fits.
    #[cfg(feature = "std")]
    pub(super) fn holds(self, value: u64) -> bool {
        i64::try_from(value).is_ok_and(|v| v <= self.limits().1)
    }
}
