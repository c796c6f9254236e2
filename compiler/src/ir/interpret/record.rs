//! A record of a batch as a source of the interpreter.
//!
//! Only the bytes as they came are read: the folded copies of a record are the
//! writer's work, and the interpreter folds by itself.

use tagout_spec::record::{self, RecordView};

use super::event::{Place, Slot, Source};
use crate::ir::Value;

impl Source for RecordView<'_> {
    fn slot(&self, place: Place) -> Slot {
        let found = match place {
            Place::Field(field) => self.get(field),
            Place::Element(group, position, field) => match self.get(group) {
                record::Slot::Value(record::Value::Repeated(elements)) => elements
                    .element(position)
                    .map_or(record::Slot::Absent, |element| element.get(field)),
                _ => record::Slot::Absent,
            },
            Place::Item(list, position) => match self.get(list) {
                record::Slot::Value(record::Value::Repeated(items)) => {
                    items.item(position).map_or(record::Slot::Absent, record::Slot::Value)
                }
                _ => record::Slot::Absent,
            },
        };
        match found {
            record::Slot::Absent => Slot::Absent,
            record::Slot::Null => Slot::Null,
            record::Slot::Invalid => Slot::Invalid,
            record::Slot::Value(found) => value(found),
        }
    }
}

fn value(found: record::Value<'_>) -> Slot {
    Slot::Value(match found {
        record::Value::Bool(holds) => Value::Bool(holds),
        record::Value::Int(number) => Value::Int(number),
        record::Value::Large(_) => return Slot::Invalid,
        record::Value::Float(float) => Value::Float(float),
        record::Value::Ip(ip) => Value::Ip(ip),
        record::Value::Mac(mac) => Value::Mac(mac),
        record::Value::Range(first, last) => Value::Range(first, last),
        record::Value::Text(text) if text.truncated() => {
            return Slot::Cut(text.bytes.to_vec());
        }
        record::Value::Text(text) => Value::Bytes(text.bytes.to_vec()),
        record::Value::Repeated(repeated) => {
            let (len, truncated) = (repeated.len(), repeated.truncated());
            return Slot::Repeated { len, truncated };
        }
    })
}

#[cfg(test)]
mod tests {
    use tagout_spec::record::{self, BatchBuilder, Needs};

    use super::{Place, Slot, Source};
    use crate::ir::FieldRef;
    use crate::ir::build::{at, kind_idx, schema};

    #[test]
    fn a_field_that_rules_cannot_use_is_written_as_invalid() {
        let mut builder = BatchBuilder::new(schema(), kind_idx(), Needs::ALL).unwrap();
        let cases = [
            ("real", record::Value::Float(f64::NAN)),
            ("widest", record::Value::Large(1 << 63)),
            ("span", record::Value::Range(2, 1)),
            ("small", record::Value::Int(256)),
        ];
        for (path, value) in cases {
            let FieldRef::Event(field) = at(path) else {
                panic!("no field of the event")
            };
            builder.clear();
            let mut writer = builder.begin().unwrap();
            assert!(!writer.set(field, value), "{path}");
            writer.commit();
            let batch = builder.finish(0);
            let record = batch.view().record(0).unwrap();
            assert_eq!(record.slot(Place::Field(field)), Slot::Invalid, "{path}");
        }
    }
}
