//! Seeds for the small parts of an event, and the values they give.
//!
//! A seed says what belongs at its place. Whatever else stands there is skipped,
//! without building anything, and becomes the value that means "something else".

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::record::value::{Text, Value};
use crate::schema::{EnumIdx, FieldType, Schema};

use super::format;

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

pub(super) use {any_seed, odd};

/// Reads a key and looks it up at once, so that no key is copied.
pub(super) struct KeySeed<F>(pub(super) F);

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

/// An object that stands for a value.
#[derive(Default)]
pub(super) struct Wrapped {
    bytes: Option<Vec<u8>>,
    length: Option<u32>,
    pub(super) items: bool,
    pub(super) truncated: bool,
    pub(super) odd: bool,
}

impl Wrapped {
    /// Reads the object; the function reads the value under `items`, if it can.
    pub(super) fn read<'de, A: MapAccess<'de>>(
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
    pub(super) fn text(&self) -> Option<Text<'_>> {
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

/// Reads a text; `None` for anything else.
pub(super) struct TextSeed;

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
pub(super) struct NumberSeed;

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
pub(super) struct TrueSeed;

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
pub(super) enum Json<'t> {
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Text(&'t str),
}

impl<'t> Json<'t> {
    /// The value that a slot of the type takes for it.
    pub(super) fn value(
        self,
        schema: &Schema,
        ty: FieldType,
        unit: &str,
    ) -> Option<Value<'t>> {
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
pub(super) fn enum_value(schema: &Schema, e: EnumIdx, label: &str) -> Option<i64> {
    schema.enum_value(e, label).and_then(|v| i64::try_from(v).ok())
}

pub(super) fn skip_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

pub(super) fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}
