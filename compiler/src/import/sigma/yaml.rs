//! YAML as data: the documents of a file with their keys in order.
//!
//! The reader of YAML is held by budgets (events, depth, aliases), so that no file
//! grows in memory beyond its own size times a constant. Keys are texts; a key that
//! stands twice in a map is an error, since it is a condition that gets lost.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::DuplicateKeyPolicy;

/// Most bytes of a file.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Greatest depth of a document; rules need five.
const MAX_DEPTH: usize = 32;

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

/// Reads all documents of a file; empty ones are left out.
pub(super) fn read(text: &str) -> Result<Vec<Yaml>, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("the file has more than {MAX_BYTES} bytes"));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_events: 250_000,
            max_aliases: 1_000,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    };
    let documents: Vec<Yaml> = serde_saphyr::from_multiple_with_options(text, options)
        .map_err(|error| one_line(&error.to_string()))?;
    Ok(documents.into_iter().filter(|document| *document != Yaml::Null).collect())
}

fn one_line(message: &str) -> String {
    let words: Vec<&str> = message.split_whitespace().collect();
    words.join(" ")
}

impl Yaml {
    /// The value of a key; nothing if this is no map.
    pub(super) fn get(&self, key: &str) -> Option<&Yaml> {
        match self {
            Yaml::Map(entries) => {
                entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// A scalar as text; nothing for null and for collections.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Yaml::Text(text) => Some(text.clone()),
            Yaml::Int(n) => Some(n.to_string()),
            Yaml::Float(n) => Some(n.to_string()),
            Yaml::Bool(b) => Some(b.to_string()),
            Yaml::Null | Yaml::List(_) | Yaml::Map(_) => None,
        }
    }

    /// The scalars of a list, or the one that stands for itself.
    pub(super) fn texts(&self) -> Vec<String> {
        match self {
            Yaml::List(items) => items.iter().filter_map(Yaml::text).collect(),
            one => one.text().into_iter().collect(),
        }
    }

    /// What it is, for messages.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Yaml::Null => "null",
            Yaml::Bool(_) => "a boolean",
            Yaml::Int(_) | Yaml::Float(_) => "a number",
            Yaml::Text(_) => "a text",
            Yaml::List(_) => "a list",
            Yaml::Map(_) => "a map",
        }
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Yaml, D::Error> {
        deserializer.deserialize_any(Node)
    }
}

struct Node;

impl<'de> Visitor<'de> for Node {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        Yaml::deserialize(deserializer)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Yaml, E> {
        Ok(Yaml::Bool(b))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Yaml, E> {
        Ok(Yaml::Int(n.into()))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Yaml, E> {
        Ok(Yaml::Int(n.into()))
    }

    fn visit_i128<E>(self, n: i128) -> Result<Yaml, E> {
        Ok(Yaml::Int(n))
    }

    fn visit_f64<E>(self, n: f64) -> Result<Yaml, E> {
        Ok(Yaml::Float(n))
    }

    fn visit_str<E>(self, text: &str) -> Result<Yaml, E> {
        Ok(Yaml::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Yaml, E> {
        Ok(Yaml::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Yaml, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Yaml::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Yaml, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = access.next_entry::<Yaml, Yaml>()? {
            entries.push((key.text().unwrap_or_default(), value));
        }
        Ok(Yaml::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_their_types() {
        let read =
            read("a: 1\nb: '1'\nc: ~\nd: true\ne: yes\nf: 2023-02-15\ng:\nh: ''\n");
        let texts = |text: &str| Yaml::Text(text.to_owned());
        let Ok([Yaml::Map(entries)]) = read.as_deref() else { panic!("{read:?}") };
        let values: Vec<&Yaml> = entries.iter().map(|(_, value)| value).collect();
        let wanted = [
            Yaml::Int(1),
            texts("1"),
            Yaml::Null,
            Yaml::Bool(true),
            texts("yes"),
            texts("2023-02-15"),
            Yaml::Null,
            texts(""),
        ];
        assert_eq!(values, wanted.iter().collect::<Vec<_>>());
    }

    #[test]
    fn documents_are_told_apart() {
        assert_eq!(read("a: 1\n---\nb: 2\n").unwrap().len(), 2);
        assert_eq!(read("").unwrap(), []);
    }

    #[test]
    fn what_grows_is_refused() {
        let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (name, inner) in "bcdefghij".chars().zip("abcdefghi".chars()) {
            let inner = format!("*{inner}, ").repeat(9);
            bomb.push_str(&format!("{name}: &{name} [{inner}]\n"));
        }
        assert!(read(&bomb).is_err());
        assert!(read(&"[".repeat(10_000)).is_err());
        assert!(read("a: 1\na: 2\n").is_err());
        assert!(read("a: b: c").is_err());
    }
}
