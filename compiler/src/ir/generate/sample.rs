//! A kind that has every type of field, so that every construct can be tried.

use std::borrow::Cow;

use tagout_spec::schema::{
    Enum, EnumIdx, Family, Field, FieldIdx, FieldType, IntRepr, Items, Kind, KindIdx,
    Label, Registers, Scalar, Schema,
};

/// The schema of the sample kind, and the kind.
pub fn schema() -> (Schema, KindIdx) {
    let labels = [(0, "alpha"), (1, "beta"), (3, "gamma"), (16, "delta")];
    let labels = labels.map(|(value, name)| Label {
        value,
        name: Cow::Borrowed(name),
        doc: Cow::Borrowed(""),
    });
    let letters = Enum { name: Cow::Borrowed("letter"), labels: labels.to_vec().into() };
    let kind = kind();
    let schema =
        Schema { kinds: vec![Cow::Owned(kind)], enums: vec![Cow::Owned(letters)] };
    (schema, KindIdx(0))
}

/// The position of a field of the sample kind by its path.
pub fn field(path: &str) -> Option<FieldIdx> {
    let mut fields = FIELDS.iter().chain(REPEATED.iter().map(|(field, _, _)| field));
    let position = fields.position(|(name, _)| *name == path)?;
    Some(FieldIdx(u16::try_from(position).ok()?))
}

const LETTER: EnumIdx = EnumIdx(0);

/// Path and type of a field.
type Declared = (&'static str, FieldType);

const FIELDS: &[Declared] = &[
    ("flag", FieldType::Bool),
    ("other", FieldType::Bool),
    ("small", FieldType::Int(IntRepr::U8)),
    ("address", FieldType::Int(IntRepr::U16)),
    ("wide", FieldType::Int(IntRepr::U32)),
    ("widest", FieldType::Int(IntRepr::U64)),
    ("tiny", FieldType::Int(IntRepr::I8)),
    ("short", FieldType::Int(IntRepr::I16)),
    ("long", FieldType::Int(IntRepr::I32)),
    ("number", FieldType::Int(IntRepr::I64)),
    ("letter", FieldType::Enum(LETTER, IntRepr::U8)),
    ("code", FieldType::Enum(LETTER, IntRepr::U32)),
    ("real", FieldType::Float),
    ("ratio", FieldType::Float),
    ("at", FieldType::Time),
    ("until", FieldType::Time),
    ("took", FieldType::Duration),
    ("src", FieldType::Ip),
    ("dst", FieldType::Ip),
    ("mac", FieldType::Mac),
    ("line", FieldType::Text),
    ("note", FieldType::Text),
    ("user", FieldType::Name),
    ("image", FieldType::Path),
    ("payload", FieldType::Bytes),
    ("span", FieldType::Range),
    ("window", FieldType::Range),
];

const REPEATED: &[(Declared, u16, &[Declared])] = &[
    (("words", FieldType::List(Scalar::Int(IntRepr::U16))), 8, &[]),
    (("huge", FieldType::List(Scalar::Int(IntRepr::U64))), 4, &[]),
    (("signed", FieldType::List(Scalar::Int(IntRepr::I32))), 4, &[]),
    (("letters", FieldType::List(Scalar::Enum(LETTER, IntRepr::U8))), 4, &[]),
    (("reals", FieldType::List(Scalar::Float)), 4, &[]),
    (("lines", FieldType::List(Scalar::Text)), 4, &[]),
    (("users", FieldType::List(Scalar::Name)), 4, &[]),
    (("hops", FieldType::List(Scalar::Ip)), 4, &[]),
    (("objects", FieldType::Group), 4, &ELEMENT),
    (("points", FieldType::Group), 3, &POINT),
];

const ELEMENT: [Declared; 13] = [
    ("index", FieldType::Int(IntRepr::U16)),
    ("value", FieldType::Int(IntRepr::I32)),
    ("flag", FieldType::Bool),
    ("letter", FieldType::Enum(LETTER, IntRepr::U8)),
    ("real", FieldType::Float),
    ("peer", FieldType::Ip),
    ("line", FieldType::Text),
    ("user", FieldType::Name),
    ("image", FieldType::Path),
    ("mac", FieldType::Mac),
    ("payload", FieldType::Bytes),
    ("span", FieldType::Range),
    ("took", FieldType::Duration),
];

const POINT: [Declared; 2] =
    [("index", FieldType::Int(IntRepr::U8)), ("value", FieldType::Float)];

fn kind() -> Kind {
    let mut place = Place { bit: 0, offset: 0 };
    let n_fields = FIELDS.len().saturating_add(REPEATED.len());
    let words = u8::try_from(n_fields.div_ceil(64)).unwrap_or(u8::MAX);
    place.offset = u16::from(words).saturating_mul(24);
    let mut fields: Vec<Field> = Vec::new();
    for (path, ty) in FIELDS {
        fields.push(place.field(path, *ty, None));
    }
    for ((path, ty), max, elements) in REPEATED {
        let items = match ty {
            FieldType::List(scalar) => {
                Items { max: *max, stride: item_size(*scalar), fields: Vec::new().into() }
            }
            _ => {
                let mut inner = Place { bit: 0, offset: 8 };
                let fields =
                    elements.iter().map(|(path, ty)| inner.field(path, *ty, None));
                let fields: Vec<_> = fields.collect();
                let stride = inner.offset.next_multiple_of(8);
                Items { max: *max, stride, fields: fields.into() }
            }
        };
        fields.push(place.field(path, *ty, Some(items)));
    }
    let at = |path| field(path).unwrap_or(FieldIdx(0));
    Kind {
        name: Cow::Borrowed("sample"),
        doc: Cow::Borrowed("Every type of field."),
        source: Cow::Borrowed(""),
        family: Family::Other,
        group: Cow::Borrowed("sample"),
        views: Vec::new().into(),
        fields: fields.into(),
        presence_words: words,
        stride: place.offset.next_multiple_of(8),
        registers: Some(Registers {
            address: at("address"),
            values: at("words"),
            table: at("letter"),
            register_tables: vec![1, 3].into(),
        }),
    }
}

/// The next free bit and byte.
struct Place {
    bit: u16,
    offset: u16,
}

impl Place {
    fn field(
        &mut self,
        path: &'static str,
        ty: FieldType,
        items: Option<Items>,
    ) -> Field {
        let size = size(ty);
        self.offset = self.offset.next_multiple_of(size.min(8));
        let field = Field {
            path: Cow::Borrowed(path),
            common: false,
            ty,
            bit: self.bit,
            offset: self.offset,
            unit: Cow::Borrowed(""),
            doc: Cow::Borrowed(""),
            example: Cow::Borrowed(""),
            source: Cow::Borrowed(""),
            items,
        };
        self.bit = self.bit.saturating_add(1);
        self.offset = self.offset.saturating_add(size);
        field
    }
}

fn size(ty: FieldType) -> u16 {
    match ty {
        FieldType::Bool => 1,
        FieldType::Int(repr) | FieldType::Enum(_, repr) => width(repr),
        FieldType::Float | FieldType::Time | FieldType::Duration | FieldType::Mac => 8,
        FieldType::Range | FieldType::List(_) | FieldType::Group => 8,
        FieldType::Ip => 16,
        FieldType::Text | FieldType::Name | FieldType::Path | FieldType::Bytes => 24,
    }
}

fn item_size(scalar: Scalar) -> u16 {
    match scalar {
        Scalar::Int(repr) | Scalar::Enum(_, repr) => width(repr),
        Scalar::Float => 8,
        Scalar::Text | Scalar::Name => 24,
        Scalar::Ip => 16,
    }
}

fn width(repr: IntRepr) -> u16 {
    match repr {
        IntRepr::U8 | IntRepr::I8 => 1,
        IntRepr::U16 | IntRepr::I16 => 2,
        IntRepr::U32 | IntRepr::I32 => 4,
        IntRepr::U64 | IntRepr::I64 => 8,
    }
}
