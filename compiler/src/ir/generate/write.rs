//! An event in memory, written as a record.

use tagout_spec::record::{self, RecordWriter, Text};
use tagout_spec::schema::{FieldIdx, FieldType, Kind, layout};

use crate::ir::Value;
use crate::ir::interpret::{Content, Event, Slot};

/// Writes the fields of an event; the record is not committed.
pub fn write(event: &Event, kind: &Kind, record: &mut RecordWriter<'_>) {
    for (idx, content) in &event.fields {
        let Some(field) = kind.field(*idx).filter(|field| !field.is_named()) else {
            continue;
        };
        match content {
            Content::One(Slot::Null) => record.set_null(*idx),
            Content::One(Slot::Invalid) => record.set_invalid(*idx),
            Content::One(slot) => {
                if let Some(value) = value(slot) {
                    record.set(*idx, value);
                }
            }
            Content::List(items, truncated) => {
                let Some(mut list) = record.repeated(field) else { continue };
                for item in items {
                    // The only item that a list can hold without a value for it.
                    list.push(value(item).unwrap_or(record::Value::Large(u64::MAX)));
                }
                if *truncated {
                    list.set_truncated();
                }
                list.end();
            }
            Content::Group(elements, truncated) if field.ty == FieldType::Map => {
                let Some(mut map) = record.repeated(field) else { continue };
                for element in elements {
                    let part = |at| element.get(&FieldIdx(at)).and_then(value);
                    let parts = part(0).zip(part(layout::MAP_VALUE_BIT));
                    if let Some((record::Value::Text(name), record::Value::Text(text))) =
                        parts
                    {
                        map.pair(name.bytes, text);
                    }
                }
                if *truncated {
                    map.set_truncated();
                }
                map.end();
            }
            Content::Group(elements, truncated) => {
                let Some(mut group) = record.repeated(field) else { continue };
                for element in elements {
                    group.element(|writer| {
                        let fields =
                            field.items.iter().flat_map(|items| items.fields.iter());
                        for field in fields {
                            match element.get(&field.idx()) {
                                Some(Slot::Null) => writer.set_null(field),
                                Some(slot) => {
                                    if let Some(value) = value(slot) {
                                        writer.set(field, value);
                                    }
                                }
                                None => {}
                            }
                        }
                    });
                }
                if *truncated {
                    group.set_truncated();
                }
                group.end();
            }
        }
    }
}

fn value(slot: &Slot) -> Option<record::Value<'_>> {
    Some(match slot {
        Slot::Cut(bytes) => {
            let original = u32::try_from(bytes.len()).ok()?.checked_add(7)?;
            record::Value::Text(Text { bytes, original, folded: None })
        }
        Slot::Value(value) => match value {
            Value::Bool(holds) => record::Value::Bool(*holds),
            Value::Int(number) => record::Value::Int(*number),
            Value::Float(float) => record::Value::Float(*float),
            Value::Ip(ip) => record::Value::Ip(*ip),
            Value::Mac(mac) => record::Value::Mac(*mac),
            Value::Bytes(bytes) => record::Value::Text(Text::whole(bytes)),
            Value::Range(first, last) => record::Value::Range(*first, *last),
        },
        Slot::Absent | Slot::Null | Slot::Invalid | Slot::Repeated { .. } => return None,
    })
}
