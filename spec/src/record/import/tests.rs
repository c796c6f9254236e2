//! Tests of records of a stranger: what arrives, and what comes of a lie.

use core::cell::Cell;

use proptest::prelude::*;

use super::*;
use crate::plugin::message;
use crate::record::testing;
use crate::record::typed::modbus;
use crate::record::{BATCH_HEADER, Needs, Slot, header};
use crate::schema::{KindIdx, Schema};

/// A head of a flow from 10.0.0.1:1000 to 10.0.0.2:502, at 7, in frame 9.
fn head() -> [u8; message::PAYLOAD] {
    let mut head = [0; message::PAYLOAD];
    let mut put = |at: usize, bytes: &[u8]| {
        head[at..at + bytes.len()].copy_from_slice(bytes);
    };
    put(message::TYPE, &[message::DATA]);
    put(message::TS, &7_i64.to_le_bytes());
    put(message::FRAME_NUMBER, &9_u64.to_le_bytes());
    put(message::FLOW, &42_u64.to_le_bytes());
    put(message::TRANSPORT, &[6]);
    put(message::SRC_IP, &address(1));
    put(message::DST_IP, &address(2));
    put(message::SRC_PORT, &1000_u16.to_le_bytes());
    put(message::DST_PORT, &502_u16.to_le_bytes());
    put(message::COMMUNITY, &[b'c'; 30]);
    head
}

fn address(last: u8) -> [u8; 16] {
    let mut address = [0; 16];
    address[10..].copy_from_slice(&[0xff, 0xff, 10, 0, 0, last]);
    address
}

/// A batch of one record, as a stranger would hand it on.
fn batch(
    (schema, kind): (&Schema, KindIdx),
    write: impl FnOnce(&mut RecordWriter<'_>),
) -> Vec<u8> {
    let mut builder = BatchBuilder::new(schema, kind, Needs::ALL).unwrap();
    let mut record = builder.begin().unwrap();
    write(&mut record);
    record.commit();
    builder.finish(0).bytes().to_vec()
}

/// Imports the one record of a batch; how many of its fields made no sense.
fn import(
    importer: &mut Importer,
    to: &mut BatchBuilder,
    batch: &[u8],
    head: &[u8; message::PAYLOAD],
) -> Option<u32> {
    let header = ForeignHeader::read(batch.first_chunk()?)?;
    let records = batch[BATCH_HEADER..].get(..header.records_len())?;
    let arena = batch.get(header.arena..header.bytes)?;
    let budget = Cell::new(header.budget());
    let foreign = Foreign::new(header, records, arena, &budget);
    importer.record(to, &foreign, 0, Context::of(head))
}

/// A record of kind `modbus`, after its bytes were changed, as it arrives.
#[track_caller]
fn check(change: impl FnOnce(&mut Vec<u8>), invalid: u32, says: &[(FieldIdx, Slot<'_>)]) {
    let schema = Schema::builtin();
    let kind = schema.kind_idx("modbus").unwrap();
    let mut bytes = batch((&schema, kind), |record| {
        record.set(modbus::UNIT, Value::Int(17));
        record.set(modbus::REQUEST, Value::Bool(true));
        record.set(modbus::MALFORMED, Value::Bool(false));
        record.set(modbus::TARGET_VALUE, Value::Float(0.5));
        record.set(modbus::TRANSACTION, Value::Int(3));
    });
    change(&mut bytes);
    let mut to = BatchBuilder::new(&schema, kind, Needs::ALL).unwrap();
    let mut importer = Importer::new(to.kind());
    // Twice: once the shape is new, and once it is known.
    for _ in 0..2 {
        assert_eq!(import(&mut importer, &mut to, &bytes, &head()), Some(invalid));
    }
    let batch = to.finish(0);
    for record in batch.view().records() {
        for (idx, slot) in says {
            assert_eq!(record.get(*idx), *slot, "{:?}", record.kind().field(*idx));
        }
    }
}

fn int(value: i64) -> Slot<'static> {
    Slot::Value(Value::Int(value))
}

/// Where a field's slot lies in a batch of one record.
fn at(idx: FieldIdx) -> usize {
    let schema = Schema::builtin();
    let kind = schema.kind(schema.kind_idx("modbus").unwrap()).unwrap();
    BATCH_HEADER + usize::from(kind.field(idx).unwrap().offset)
}

/// Marks a field in the words at an offset of a record.
fn mark(bytes: &mut [u8], words: u16, idx: FieldIdx) {
    let byte = BATCH_HEADER + usize::from(words) + usize::from(idx.0 / 8);
    bytes[byte] |= 1 << (idx.0 % 8);
}

/// Else they are written the slow way, and nobody sees it.
#[test]
fn the_common_fields_of_the_network_lie_where_they_always_do() {
    let schema = Schema::builtin();
    let network = |kind: &&Kind| kind.family == crate::schema::Family::Network;
    let kinds: Vec<&Kind> =
        schema.kinds().map(|(_, kind)| kind).filter(network).collect();
    assert!(kinds.len() > 10);
    for kind in kinds {
        assert!(Common::of(kind).is_usual(), "{}", kind.name);
    }
}

#[test]
fn what_is_the_plugins_arrives_and_the_rest_is_the_hosts() {
    check(
        |_| {},
        0,
        &[
            (modbus::UNIT, int(17)),
            (modbus::REQUEST, Slot::Value(Value::Bool(true))),
            (modbus::MALFORMED, Slot::Value(Value::Bool(false))),
            (modbus::TARGET_VALUE, Slot::Value(Value::Float(0.5))),
            (modbus::TRANSACTION, int(3)),
            (modbus::TS, int(7)),
            (modbus::FRAME, int(9)),
            (modbus::FLOW, int(42)),
            (modbus::SRC_IP, Slot::Value(Value::Ip(address(1)))),
            (modbus::DST_PORT, int(502)),
            (modbus::LATE, Slot::Absent),
            (modbus::FUNCTION, Slot::Absent),
        ],
    );
}

#[test]
fn a_bool_of_two_is_invalid_and_the_others_stay() {
    for (lie, other) in
        [(modbus::REQUEST, modbus::MALFORMED), (modbus::MALFORMED, modbus::REQUEST)]
    {
        let says = Slot::Value(Value::Bool(other == modbus::REQUEST));
        check(
            |bytes| bytes[at(lie)] = 2,
            1,
            &[(lie, Slot::Invalid), (other, says), (modbus::UNIT, int(17))],
        );
    }
}

#[test]
fn a_float_that_is_no_number_is_invalid() {
    let nan = f64::NAN.to_le_bytes();
    check(
        |bytes| bytes[at(modbus::TARGET_VALUE)..][..8].copy_from_slice(&nan),
        1,
        &[(modbus::TARGET_VALUE, Slot::Invalid), (modbus::TRANSACTION, int(3))],
    );
}

#[test]
fn fields_of_the_host_and_of_nobody_are_not_believed() {
    check(
        |bytes| {
            // All that it could say is there, and most of it null and invalid besides.
            for words in [0, NULL_OFFSET, INVALID_OFFSET] {
                for idx in [modbus::LATE, modbus::VLAN, modbus::SRC_MAC, FieldIdx(191)] {
                    mark(bytes, words, idx);
                }
            }
            bytes[at(modbus::TS)] = 99;
            mark(bytes, 0, modbus::TS);
        },
        0,
        &[
            (modbus::TS, int(7)),
            (modbus::LATE, Slot::Absent),
            (modbus::VLAN, Slot::Absent),
            (modbus::SRC_MAC, Slot::Absent),
        ],
    );
}

#[test]
fn one_thing_is_true_of_a_field() {
    check(
        |bytes| {
            mark(bytes, NULL_OFFSET, modbus::UNIT);
            mark(bytes, NULL_OFFSET, modbus::FUNCTION);
            mark(bytes, INVALID_OFFSET, modbus::FUNCTION);
        },
        0,
        &[(modbus::UNIT, int(17)), (modbus::FUNCTION, Slot::Null)],
    );
}

/// Each event says what it is told of its flow, however often a batch has that; what needs
/// a folding is written each time.
#[test]
fn the_community_of_a_flow_is_written_once() {
    let schema = Schema::builtin();
    let kind = schema.kind_idx("modbus").unwrap();
    let bytes = batch((&schema, kind), |record| {
        record.set(modbus::DATA, b"data"[..].into());
    });
    let said = *b"ccdc";
    for (needs, times) in [(Needs::ALL, 2), (Needs::ALL_FOLDED, 3)] {
        let mut to = BatchBuilder::new(&schema, kind, needs).unwrap();
        let mut importer = Importer::new(to.kind());
        for _ in 0..2 {
            for letter in said {
                let mut head = head();
                head[message::COMMUNITY..][..30].fill(letter);
                import(&mut importer, &mut to, &bytes, &head).unwrap();
            }
            let batch = to.finish(0);
            for (record, letter) in batch.view().records().zip(said) {
                let Slot::Value(Value::Text(text)) = record.get(modbus::COMMUNITY_ID)
                else {
                    panic!("no text");
                };
                assert_eq!(text.bytes, [letter; 30]);
            }
            let written = batch.bytes().windows(30).filter(|w| *w == [b'c'; 30]);
            assert_eq!(written.count(), times);
            to.clear();
        }
    }
}

#[test]
fn a_record_may_go_the_other_way_but_not_elsewhere() {
    let from = |ip: [u8; 16], port: u16| {
        move |bytes: &mut Vec<u8>| {
            for (idx, value) in [(modbus::SRC_IP, ip), (modbus::DST_IP, address(1))] {
                bytes[at(idx)..][..16].copy_from_slice(&value);
                mark(bytes, 0, idx);
            }
            for (idx, value) in [(modbus::SRC_PORT, port), (modbus::DST_PORT, 1000)] {
                bytes[at(idx)..][..2].copy_from_slice(&value.to_le_bytes());
                mark(bytes, 0, idx);
            }
        }
    };
    let sender = |last| [(modbus::SRC_IP, Slot::Value(Value::Ip(address(last))))];
    check(from(address(2), 502), 0, &sender(2));
    check(from(address(3), 502), 0, &sender(1));
    check(from(address(2), 503), 0, &sender(1));
}

/// The last bytes of a record that ends soon behind its fixed part are copied together
/// with bits that the stranger must not set.
#[test]
fn a_short_record_says_no_more_than_a_long_one() {
    let file = r#"
        [[kind]]
        name = "short"
        family = "host"
        doc = ""
    "#;
    let mut file = file.to_owned();
    for n in 0..20 {
        file.push_str(&format!(
            "[[kind.field]]\npath = \"n{n}\"\ntype = \"i64\"\ndoc = \"\"\nexample = \"\"\n"
        ));
    }
    let mut schema = Schema::builtin();
    let kind = schema.add_file(&file).unwrap()[0];
    let bytes = {
        let mut bytes = batch((&schema, kind), |record| {
            let fields = record.kind().fields.iter();
            let own: Vec<_> = fields.filter(|f| f.bit >= VIEW_BIT).cloned().collect();
            for (n, field) in (0..).zip(&own) {
                record.set_field(field, Value::Int(n));
            }
        });
        bytes[BATCH_HEADER..][NULL_OFFSET.into()..COLD_OFFSET.into()].fill(0xff);
        bytes
    };
    let full = ForeignHeader::read(bytes.first_chunk().unwrap()).unwrap();
    for stride in (usize::from(COLD_OFFSET)..=full.stride).step_by(8) {
        let mut cut = bytes.clone();
        let word = u32::try_from(stride).unwrap();
        cut[header::STRIDE..][..4].copy_from_slice(&word.to_le_bytes());
        let mut to = BatchBuilder::new(&schema, kind, Needs::ALL).unwrap();
        let mut importer = Importer::new(to.kind());
        assert_eq!(import(&mut importer, &mut to, &cut, &head()), Some(0));
        let batch = to.finish(0);
        let record = batch.view().record(0).unwrap();
        let own = record.kind().fields.iter().filter(|f| f.bit >= VIEW_BIT);
        for (n, field) in (0..).zip(own) {
            let is_in = usize::from(field.offset) + 8 <= stride;
            let says = if is_in { int(n) } else { Slot::Absent };
            assert_eq!(record.field(field), says, "{stride}: {}", field.path);
        }
        let common = record.kind().fields.iter().filter(|f| f.bit < VIEW_BIT);
        for field in common.filter(|field| !["ts", "frame"].contains(&&*field.path)) {
            let slot = record.field(field);
            let is_own = field.path == "malformed";
            assert!(is_own || slot == Slot::Absent, "{stride}: {}", field.path);
        }
    }
}

/// What others add to a kind comes from them, and not in a record.
#[test]
fn fields_that_another_plugin_adds_are_not_taken() {
    let file = r#"
        [[extend]]
        kinds = ["modbus"]
        [[extend.field]]
        path = "owner.number"
        type = "u32"
        doc = ""
        example = ""
    "#;
    let mut schema = Schema::builtin();
    schema.add_file(file).unwrap();
    let kind = schema.kind_idx("modbus").unwrap();
    let idx = schema.kind(kind).unwrap().lookup("owner.number").unwrap().0;
    let bytes = batch((&schema, kind), |record| {
        record.set(idx, Value::Int(5));
        record.set(modbus::UNIT, Value::Int(17));
    });
    let mut to = BatchBuilder::new(&schema, kind, Needs::ALL).unwrap();
    let mut importer = Importer::new(to.kind());
    assert_eq!(import(&mut importer, &mut to, &bytes, &head()), Some(0));
    let batch = to.finish(0);
    let record = batch.view().record(0).unwrap();
    assert_eq!(record.get(modbus::UNIT), int(17));
    assert_eq!(record.get(idx), Slot::Absent);
}

proptest! {
    /// Of more sets of fields than are kept, each arrives as it was written.
    #[test]
    fn random_records_arrive(all in {
        let (schema, zoo) = testing::schema();
        prop::collection::vec(testing::records(schema.kind(zoo).unwrap()), 1..24)
    }) {
        let (schema, zoo) = testing::schema();
        let mut to = BatchBuilder::new(&schema, zoo, Needs::ALL_FOLDED).unwrap();
        let mut importer = Importer::new(to.kind());
        for said in &all {
            let bytes = batch((&schema, zoo), |record| testing::write(record, said));
            prop_assert_eq!(import(&mut importer, &mut to, &bytes, &head()), Some(0));
        }
        let batch = to.finish(0);
        for (record, said) in batch.view().records().zip(&all) {
            for (field, said) in record.kind().fields.iter().zip(said) {
                if field.bit >= VIEW_BIT {
                    let max = usize::from(field.items.as_ref().map_or(0, |i| i.max));
                    testing::check(record.field(field), said, max);
                }
            }
        }
    }

    /// Whatever the bytes, what arrives is what rules can use.
    #[test]
    fn hostile_records_become_usable(
        said in {
            let (schema, zoo) = testing::schema();
            testing::records(schema.kind(zoo).unwrap())
        },
        lies in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..200),
    ) {
        let (schema, zoo) = testing::schema();
        let mut bytes = batch((&schema, zoo), |record| testing::write(record, &said));
        let stride = ForeignHeader::read(bytes.first_chunk().unwrap()).unwrap().stride;
        for (index, lie) in lies {
            bytes[BATCH_HEADER + index.index(stride)] = lie;
        }
        let mut to = BatchBuilder::new(&schema, zoo, Needs::ALL).unwrap();
        let mut importer = Importer::new(to.kind());
        prop_assert!(import(&mut importer, &mut to, &bytes, &head()).is_some());
        let batch = to.finish(0);
        let record = batch.view().record(0).unwrap();
        for field in record.kind().fields.iter() {
            match record.field(field) {
                Slot::Value(Value::Large(_)) => prop_assert!(false, "{}", field.path),
                Slot::Value(Value::Float(number)) => prop_assert!(!number.is_nan()),
                Slot::Value(Value::Range(first, last)) => prop_assert!(first <= last),
                Slot::Value(Value::Bool(_)) => {
                    let at = BATCH_HEADER + usize::from(field.offset);
                    prop_assert!(batch.bytes()[at] <= 1, "{}", field.path);
                }
                _ => {}
            }
        }
    }
}
