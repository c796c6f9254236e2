//! What the tests of records share: a kind of every type, and random records.

use proptest::prelude::*;

use crate::schema::{Field, FieldType, IntRepr, Kind, KindIdx, Scalar, Schema};

use super::{RecordWriter, Text, Value};

/// A kind with a field of every type, as a file gives it at load.
pub(super) const EVERY_TYPE: &str = r#"
[[enum]]
name = "color"
labels = [{ value = 0, name = "red" }, { value = 3, name = "blue" }]

[[kind]]
name = "zoo"
family = "host"
doc = "one of each"
"#;

/// The built-in schema and the kind of every type.
pub(super) fn schema() -> (Schema, KindIdx) {
    let mut file = EVERY_TYPE.to_owned();
    let mut field = |path: &str, ty: &str, head: &str| {
        let max = if ty.starts_with("list") || ty == "group" { "max = 5\n" } else { "" };
        file.push_str(&format!(
            "[[{head}]]\npath = \"{path}\"\ntype = \"{ty}\"\n{max}doc = \"\"\nexample = \"\"\n"
        ));
    };
    let scalars = [
        "bool",
        "u8",
        "u16",
        "u32",
        "u64",
        "i8",
        "i16",
        "i32",
        "i64",
        "float",
        "time",
        "duration",
        "ip",
        "mac",
        "text",
        "name",
        "path",
        "bytes",
        "range",
        "enum color u8",
    ];
    let lists =
        ["u8", "u16", "i64", "u64", "float", "text", "name", "ip", "enum color u16"];
    for ty in scalars {
        field(&format!("one.{}", ty.replace(' ', "_")), ty, "kind.field");
    }
    for ty in lists {
        let path = format!("many.{}", ty.replace(' ', "_"));
        field(&path, &format!("list {ty}"), "kind.field");
    }
    field("beasts", "group", "kind.field");
    for ty in scalars {
        field(&format!("its.{}", ty.replace(' ', "_")), ty, "kind.field.field");
    }
    let mut schema = Schema::builtin();
    let kinds = schema.add_file(&file).unwrap();
    (schema, kinds[0])
}

/// What a random record says about a field.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Nothing,
    Null,
    Value(Owned),
    Items(Vec<Owned>),
    Elements(Vec<Vec<Said>>),
    Pairs(Vec<(String, Owned)>),
}

/// A value of its own.
#[derive(Clone, Debug)]
pub(super) enum Owned {
    Plain(Value<'static>),
    /// A text, and how much was cut off it.
    Text(Vec<u8>, u32),
}

impl Owned {
    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::Plain(value) => *value,
            Self::Text(bytes, cut) => {
                let whole = Text::whole(bytes);
                Value::Text(Text { original: whole.original + cut, ..whole })
            }
        }
    }
}

/// Random records of a kind: what each says about each field.
pub(super) fn records(kind: &Kind) -> impl Strategy<Value = Vec<Said>> + use<> {
    kind.fields.iter().map(|field| said(field, true)).collect::<Vec<_>>()
}

fn said(field: &Field, whole: bool) -> BoxedStrategy<Said> {
    let value = match field.ty {
        FieldType::List(scalar) => {
            let items = prop::collection::vec(value(scalar.field_type()), 0..8);
            items.prop_map(Said::Items).boxed()
        }
        FieldType::Group => {
            let items = field.items.as_ref().unwrap();
            let element: Vec<_> = items.fields.iter().map(|f| said(f, false)).collect();
            prop::collection::vec(element, 0..7).prop_map(Said::Elements).boxed()
        }
        FieldType::Map => {
            let pair = ("[A-Za-z\\PC]{0,6}", value(FieldType::Text));
            prop::collection::vec(pair, 0..7).prop_map(Said::Pairs).boxed()
        }
        ty => value(ty).prop_map(Said::Value).boxed(),
    };
    // A NaN, or a number that rules cannot see, makes a field invalid.
    let usable = |said: &Said| match said {
        Said::Value(value) => value.value().is_usable(),
        _ => true,
    };
    let value = value.prop_filter("not usable", usable);
    let present = if whole { 3 } else { 6 };
    prop_oneof![4 => Just(Said::Nothing), 1 => Just(Said::Null), present => value].boxed()
}

fn value(ty: FieldType) -> BoxedStrategy<Owned> {
    let plain =
        |value: BoxedStrategy<Value<'static>>| value.prop_map(Owned::Plain).boxed();
    let int = |least, greatest| {
        let edge = prop_oneof![Just(least), Just(greatest)];
        prop_oneof![4 => least..=greatest, 1 => edge].prop_map(Value::Int).boxed()
    };
    match ty {
        FieldType::Bool => plain(any::<bool>().prop_map(Value::Bool).boxed()),
        FieldType::Int(IntRepr::U64) => {
            let near = (1 << 53) - 2..=(1 << 53) + 2_u64;
            let any = 0..=u64::MAX;
            plain(
                prop_oneof![1 => any, 4 => 0..=u64::MAX / 2, 1 => near]
                    .prop_map(Value::from)
                    .boxed(),
            )
        }
        FieldType::Int(repr) => plain(int(repr.limits().0, repr.limits().1)),
        FieldType::Enum(_, repr) => {
            let (_, greatest) = repr.limits();
            plain(prop_oneof![int(0, 4), int(0, greatest)].boxed())
        }
        FieldType::Float => plain(any::<f64>().prop_map(Value::Float).boxed()),
        FieldType::Time | FieldType::Duration => plain(int(i64::MIN, i64::MAX)),
        FieldType::Ip => plain(ip()),
        FieldType::Mac => plain(any::<[u8; 6]>().prop_map(Value::Mac).boxed()),
        FieldType::Range => {
            let pair = any::<(u32, u32)>();
            plain(pair.prop_map(|(a, b)| Value::Range(a.min(b), a.max(b))).boxed())
        }
        FieldType::Text | FieldType::Name | FieldType::Path | FieldType::Bytes => {
            let bytes = prop_oneof![
                3 => "\\PC{0,20}".prop_map(String::into_bytes),
                1 => prop::collection::vec(any::<u8>(), 0..20),
            ];
            let cut = prop_oneof![9 => Just(0), 1 => 1..100_u32];
            (bytes, cut).prop_map(|(bytes, cut)| Owned::Text(bytes, cut)).boxed()
        }
        FieldType::List(_) | FieldType::Group | FieldType::Map => {
            panic!("not a plain value")
        }
    }
}

fn ip() -> BoxedStrategy<Value<'static>> {
    let v4 = any::<[u8; 4]>().prop_map(|v4| super::ip_octets(v4.into()));
    prop_oneof![v4, any::<[u8; 16]>()].prop_map(Value::Ip).boxed()
}

/// Writes a random record.
pub(super) fn write(record: &mut RecordWriter<'_>, said: &[Said]) {
    let kind = record.kind();
    for (field, said) in kind.fields.iter().zip(said) {
        match said {
            Said::Nothing => {}
            Said::Null => record.set_null(field.idx()),
            Said::Value(value) => {
                assert!(record.set_field(field, value.value()), "{field:?}")
            }
            Said::Items(items) => {
                let mut list = record.repeated(field).unwrap();
                items.iter().for_each(|item| list.push(item.value()));
                assert!(list.end());
            }
            Said::Elements(elements) => {
                let mut group = record.repeated(field).unwrap();
                for said in elements {
                    group.element(|element| write_element(element, said));
                }
                assert!(group.end());
            }
            Said::Pairs(pairs) => {
                let mut map = record.repeated(field).unwrap();
                for (name, value) in pairs {
                    let Value::Text(value) = value.value() else { panic!("no text") };
                    map.pair(name.as_bytes(), value);
                }
                assert!(map.end());
            }
        }
    }
}

fn write_element(element: &mut super::ElementWriter<'_, '_>, said: &[Said]) {
    let items = element.items().clone();
    for (field, said) in items.fields.iter().zip(said) {
        match said {
            Said::Nothing => {}
            Said::Null => element.set_null(field),
            Said::Value(value) => assert!(element.set(field, value.value())),
            Said::Items(_) | Said::Elements(_) | Said::Pairs(_) => {
                panic!("not in an element")
            }
        }
    }
}

/// Scalars that the schema can put into lists; so that no type is forgotten.
const _: fn(Scalar) = |scalar| match scalar {
    Scalar::Int(_) | Scalar::Enum(..) | Scalar::Float => {}
    Scalar::Text | Scalar::Name | Scalar::Ip => {}
};

/// Checks what is read of a field against what was said.
pub(super) fn check(slot: super::Slot<'_>, said: &Said, max: usize) {
    use super::Slot;
    match (slot, said) {
        (Slot::Absent, Said::Nothing) | (Slot::Null, Said::Null) => {}
        (Slot::Value(value), Said::Value(said)) => same(value, said),
        (Slot::Value(Value::Repeated(items)), Said::Items(said)) => {
            assert_eq!(items.len(), said.len().min(max));
            assert_eq!(items.truncated(), said.len() > max);
            items.items().zip(said).for_each(|(item, said)| same(item, said));
        }
        (Slot::Value(Value::Repeated(items)), Said::Elements(said)) => {
            assert_eq!(items.len(), said.len().min(max));
            assert_eq!(items.truncated(), said.len() > max);
            for (element, said) in items.elements().zip(said) {
                for (idx, said) in (0..).zip(said) {
                    check(element.get(crate::schema::FieldIdx(idx)), said, max);
                }
            }
        }
        (Slot::Value(Value::Repeated(map)), Said::Pairs(said)) => {
            assert_eq!(map.len(), said.len().min(max));
            for ((name, value), said) in map.pairs().zip(said) {
                assert_eq!(name.bytes, said.0.as_bytes());
                same(Value::Text(value), &said.1);
            }
        }
        (slot, said) => panic!("{slot:?} is not {said:?}"),
    }
}

fn same(value: Value<'_>, said: &Owned) {
    match (value, said.value()) {
        (Value::Text(value), Value::Text(said)) => {
            assert_eq!((value.bytes, value.original), (said.bytes, said.original));
            assert_eq!(value.folded, Some(&crate::fold::fold(said.bytes)[..]));
        }
        (Value::Float(value), Value::Float(said)) => {
            assert_eq!(value.to_bits(), said.to_bits());
        }
        (value, said) => assert_eq!(value, said),
    }
}
