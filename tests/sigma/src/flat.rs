//! Recorded events under the names of Sigma, for the second engine.

use serde_json::{Map, Value};

/// An event as Windows renders it, flat: the fields of its data, and attributes of its
/// head behind the names of their elements.
#[must_use]
pub fn flat(event: &Value) -> Map<String, Value> {
    let mut flat = Map::new();
    leaves(event, "", &mut flat);
    flat
}

fn leaves(value: &Value, name: &str, event: &mut Map<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match key.as_str() {
                    "#attributes" => {
                        for (attribute, value) in value.as_object().into_iter().flatten()
                        {
                            event.insert(format!("{name}_{attribute}"), value.clone());
                        }
                    }
                    "#text" => leaves(value, name, event),
                    // Sigma leaves the blanks of names out, or writes them as `_`.
                    key if key.contains(' ') => {
                        leaves(value, &key.replace(' ', ""), event);
                        leaves(value, &key.replace(' ', "_"), event);
                    }
                    key => leaves(value, key, event),
                }
            }
        }
        Value::Array(items) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            event.insert(name.to_owned(), Value::from(texts.join("\n")));
        }
        Value::Null => {}
        scalar => {
            event.insert(name.to_owned(), scalar.clone());
        }
    }
}
