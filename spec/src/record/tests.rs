//! Tests of batches: writing, limits, copies, and the two kinds of writers.

use proptest::prelude::*;

use super::typed::{modbus, process};
use super::*;
use crate::fold;
use crate::schema::layout::HOT_BYTES;
use crate::schema::{FieldIdx, Schema};

fn builder(kind: &str, needs: Needs) -> BatchBuilder {
    let schema = Schema::builtin();
    BatchBuilder::new(&schema, schema.kind_idx(kind).unwrap(), needs).unwrap()
}

fn int(value: i64) -> Slot<'static> {
    Slot::Value(Value::Int(value))
}

fn text<'a>(record: &RecordView<'a>, idx: FieldIdx) -> Text<'a> {
    match record.get(idx) {
        Slot::Value(Value::Text(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_typed_writer_writes_what_a_dynamic_one_writes() {
    let mut typed = builder("modbus", Needs::ALL_FOLDED);
    let mut w = modbus::Writer::begin(&mut typed).unwrap();
    w.ts(-5).src_ip([9; 16]).src_port(502).src_mac([1, 2, 3, 4, 5, 6]).request(true);
    w.function(16).unit(255).address(65535).quantity(2).values([1, 2, 3]).latency(7);
    w.src_zone("Büro".as_bytes()).target_value(0.5).flow(1 << 62).data(b"\xff");
    w.read_range(4, 9);
    w.files(|files| {
        files.element(|e| e.set_idx(modbus::files::FILE, Value::Int(4)));
        files.element(|e| e.set_idx(modbus::files::DATA, b"AB"[..].into()));
    });
    w.commit();

    let mut dynamic = builder("modbus", Needs::ALL_FOLDED);
    let mut r = dynamic.begin().unwrap();
    let kind = r.kind();
    let zone = "Büro".as_bytes();
    let sets: &[(FieldIdx, Value<'_>)] = &[
        (modbus::TS, Value::Int(-5)),
        (modbus::SRC_IP, Value::Ip([9; 16])),
        (modbus::SRC_PORT, Value::Int(502)),
        (modbus::SRC_MAC, Value::Mac([1, 2, 3, 4, 5, 6])),
        (modbus::REQUEST, Value::Bool(true)),
        (modbus::FUNCTION, Value::Int(16)),
        (modbus::UNIT, Value::Int(255)),
        (modbus::ADDRESS, Value::Int(65535)),
        (modbus::QUANTITY, Value::Int(2)),
    ];
    for (idx, value) in sets {
        assert!(r.set(*idx, *value));
    }
    let mut values = r.repeated(kind.field(modbus::VALUES).unwrap()).unwrap();
    (1..=3).for_each(|v| values.push(Value::Int(v)));
    assert!(values.end());
    assert!(r.set(modbus::LATENCY, Value::Int(7)));
    assert!(r.set(modbus::SRC_ZONE, zone.into()));
    assert!(r.set(modbus::TARGET_VALUE, Value::Float(0.5)));
    assert!(r.set(modbus::FLOW, Value::Int(1 << 62)));
    assert!(r.set(modbus::DATA, b"\xff"[..].into()));
    assert!(r.set(modbus::READ_RANGE, Value::Range(4, 9)));
    let mut files = r.repeated(kind.field(modbus::FILES).unwrap()).unwrap();
    files.element(|e| e.set_idx(modbus::files::FILE, Value::Int(4)));
    files.element(|e| e.set_idx(modbus::files::DATA, b"AB"[..].into()));
    assert!(files.end());
    r.commit();

    let (typed, dynamic) = (typed.finish(3), dynamic.finish(3));
    assert!(typed.bytes() == dynamic.bytes());
    let record = typed.view().record(0).unwrap();
    assert_eq!(
        record.get(modbus::ADDRESS_RANGE),
        Slot::Value(Value::Range(65535, 65536))
    );
    assert_eq!(text(&record, modbus::SRC_ZONE).folded, Some("büro".as_bytes()));
}

#[test]
fn a_number_that_no_rule_can_use_is_invalid() {
    let mut batch = builder("modbus", Needs::ALL);
    let mut w = modbus::Writer::begin(&mut batch).unwrap();
    w.flow(u64::MAX).target_value(f64::NAN).artifact_size(1 << 63);
    w.commit();
    let mut r = batch.begin().unwrap();
    assert!(!r.set(modbus::FLOW, u64::MAX.into()));
    assert!(!r.set(modbus::TARGET_VALUE, f64::NAN.into()));
    assert!(!r.set(modbus::ARTIFACT_SIZE, Value::Large(1 << 63)));
    r.commit();
    for record in batch.finish(0).view().records() {
        for idx in [modbus::FLOW, modbus::TARGET_VALUE, modbus::ARTIFACT_SIZE] {
            assert_eq!(record.get(idx), Slot::Invalid);
        }
    }
}

#[test]
fn states_replace_each_other() {
    let mut batch = builder("modbus", Needs::ALL);
    let mut r = batch.begin().unwrap();
    let unit = modbus::UNIT;
    assert!(r.is_absent(unit));
    r.set_null(unit);
    assert_eq!(r.get(unit), Slot::Null);
    assert!(!r.set(unit, Value::Int(256)));
    assert_eq!(r.get(unit), Slot::Invalid);
    assert!(r.set(unit, Value::Int(255)));
    assert_eq!(r.get(unit), int(255));
    r.set_absent(unit);
    assert_eq!(r.get(unit), Slot::Absent);
    assert!(!r.set(FieldIdx(39), Value::Int(1)), "a reserved bit");
    assert!(!r.set(FieldIdx(9999), Value::Int(1)));
    r.set_null(FieldIdx(9999));
    r.commit();
    assert_eq!(batch.finish(0).view().record(0).unwrap().get(unit), Slot::Absent);
}

/// Also of a text, which has a way of its own, and of a record that is opened again and is
/// not asked what it had.
#[test]
fn a_text_replaces_what_was_said_of_it() {
    let mut batch = builder("process", Needs::ALL);
    let says = Value::Text(Text::whole(b"a"));
    for is_invalid in [false, true] {
        let mut r = batch.begin().unwrap();
        let (image, _) = r.kind().lookup("image").unwrap();
        let (user, _) = r.kind().lookup("user").unwrap();
        for idx in [image, user] {
            if is_invalid {
                r.set_invalid(idx)
            } else {
                r.set_null(idx)
            }
            assert!(!r.is_absent(idx));
        }
        assert!(r.set(image, says));
        r.commit();
        let mut r = batch.reopen_last().unwrap();
        assert!(!r.is_absent(user));
        assert!(r.set(user, says));
        r.commit();
        let finished = batch.finish(0);
        let record = finished.view().records().last().unwrap();
        assert_eq!([image, user].map(|idx| text(&record, idx).bytes), [b"a", b"a"]);
    }
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing() {
    let mut batch = builder("process", Needs::ALL_FOLDED);
    let mut w = process::Writer::begin(&mut batch).unwrap();
    w.image(b"kept").pid(1);
    w.commit();
    let kept = batch.finish(0).bytes().to_vec();
    process::Writer::begin(&mut batch).unwrap().image(b"DROPPED").pid(2);
    assert_eq!(batch.len(), 1);
    // The second record's room is behind the first's and is not part of it.
    let n = BATCH_HEADER + usize::from(batch.kind().stride);
    let again = batch.finish(0);
    assert_eq!(again.bytes()[..n], kept[..n]);
    assert_eq!(again.bytes().len(), kept.len());
    // A record behind it begins clean.
    let mut w = process::Writer::begin(&mut batch).unwrap();
    w.user(b"u");
    w.commit();
    let batch = batch.finish(0);
    let record = batch.view().record(1).unwrap();
    assert_eq!(record.get(process::PID), Slot::Absent);
    assert_eq!(record.get(process::IMAGE), Slot::Absent);
}

#[test]
fn a_batch_is_full_at_its_limits_and_useful_again_when_cleared() {
    let mut batch = builder("modbus", Needs::ALL);
    for round in 0..2 {
        let mut n = 0;
        while let Some(mut w) = modbus::Writer::begin(&mut batch) {
            w.transaction(n);
            w.commit();
            n += 1;
        }
        assert_eq!(usize::from(n), BATCH_MAX);
        assert!(batch.is_full() && batch.begin().is_none());
        let finished = batch.finish(round);
        assert_eq!(finished.view().sequence(), round);
        let last = finished.view().record(BATCH_MAX - 1).unwrap();
        assert_eq!(last.get(modbus::TRANSACTION), int(255));
        assert!(finished.view().record(BATCH_MAX).is_none());
        batch.clear();
        assert!(batch.is_empty());
    }
}

#[test]
fn long_texts_fill_the_arena_and_are_cut_never_lost() {
    let long = vec![b'X'; 2 * TEXT_MAX];
    let mut batch = builder("process", Needs::ALL_FOLDED);
    let mut n = 0;
    while let Some(mut r) = batch.begin() {
        for field in r.kind().fields.iter().filter(|f| f.ty.is_text()) {
            assert!(r.set_field(field, Value::from(long.as_slice())));
        }
        r.commit();
        n += 1;
    }
    assert!(n > 1 && n < BATCH_MAX, "{n}");
    let finished = batch.finish(0);
    assert!(finished.bytes().len() <= batch_bytes_max(finished.view().kind().stride));
    for record in finished.view().records() {
        for field in record.kind().fields.iter().filter(|f| f.ty.is_text()) {
            let text = text(&record, field.idx());
            assert!(text.truncated() && text.bytes.len() <= TEXT_MAX);
            assert_eq!(text.original as usize, long.len());
            assert_eq!(text.folded, Some(&vec![b'x'; text.bytes.len()][..]));
        }
    }
}

#[test]
fn only_what_is_needed_is_filled_and_folded() {
    let mut needs = Needs::NONE;
    needs.fill(process::USER);
    needs.fold(process::IMAGE);
    let mut batch = builder("process", needs);
    let mut w = process::Writer::begin(&mut batch).unwrap();
    w.user(b"U").image(b"I").company(b"C").pid(4).arguments(|a| a.push("x".into()));
    w.commit();
    let batch = batch.finish(0);
    let record = batch.view().record(0).unwrap();
    assert_eq!(text(&record, process::USER).folded, None);
    assert_eq!(text(&record, process::IMAGE).folded, Some(&b"i"[..]));
    assert_eq!(record.get(process::COMPANY), Slot::Absent);
    assert_eq!(record.get(process::ARGUMENTS), Slot::Absent);
    assert_eq!(record.get(process::PID), int(4));
}

#[test]
fn a_text_that_is_folded_already_is_kept_once() {
    let mut batch = builder("process", Needs::ALL_FOLDED);
    let mut w = process::Writer::begin(&mut batch).unwrap();
    w.image(b"low\xff").user("ÄB".as_bytes());
    w.commit();
    let batch = batch.finish(0);
    let record = batch.view().record(0).unwrap();
    let image = text(&record, process::IMAGE);
    assert_eq!(image.folded.unwrap().as_ptr(), image.bytes.as_ptr());
    let user = text(&record, process::USER);
    assert_eq!(user.folded.unwrap(), fold::fold(user.bytes));
    assert_ne!(user.folded.unwrap().as_ptr(), user.bytes.as_ptr());
}

#[test]
fn a_copy_has_the_packs_kind_stride_and_records() {
    let mut batch = builder("modbus", Needs::ALL_FOLDED);
    for n in 0..10 {
        let mut w = modbus::Writer::begin(&mut batch).unwrap();
        w.transaction(n).src_zone(b"Zone").values([n, n]).data(b"behind the hot part");
        w.commit();
    }
    let batch = batch.finish(100);
    let kind = batch.view().kind();
    let mut memory = vec![0xee; batch.bytes().len()];
    assert!(batch.copy_to(&mut memory[1..], 5, kind.stride, 0..10).is_none());
    assert!(batch.copy_to(&mut memory, 5, kind.stride + 8, 0..10).is_none());
    assert!(batch.copy_to(&mut memory, 5, STRIDE_MIN - 8, 0..10).is_none());
    assert!(batch.copy_to(&mut memory, 5, STRIDE_MIN, 3..11).is_none());

    let len = batch.copy_to(&mut memory, 5, STRIDE_MIN, 3..10).unwrap();
    assert_eq!(len, memory.len());
    assert_eq!(memory[header::KIND..][..4], 5_u32.to_le_bytes());
    let copy = BatchView::new(kind, &memory).unwrap();
    assert_eq!((copy.len(), copy.sequence()), (7, 103));
    let record = copy.record(0).unwrap();
    assert_eq!(record.get(modbus::TRANSACTION), int(3));
    assert_eq!(record.get(modbus::DATA), Slot::Absent);
    let Slot::Value(Value::Repeated(values)) = record.get(modbus::VALUES) else {
        panic!()
    };
    assert_eq!(values.items().collect::<Vec<_>>(), [Value::Int(3), Value::Int(3)]);

    // One record whole, over the same arena.
    batch.copy_records_to(&mut memory, 5, kind.stride, 9..10).unwrap();
    let copy = BatchView::new(kind, &memory).unwrap();
    let record = copy.record(0).unwrap();
    assert_eq!(copy.sequence(), 109);
    assert_eq!(text(&record, modbus::SRC_ZONE).folded, Some(&b"zone"[..]));
    assert_eq!(text(&record, modbus::DATA).bytes, b"behind the hot part");
}

#[test]
fn the_stride_covers_what_is_needed() {
    let schema = Schema::builtin();
    let kind = schema.kind(schema.kind_idx("modbus").unwrap()).unwrap();
    let stride = |idx: &[FieldIdx]| {
        let mut needs = Needs::NONE;
        idx.iter().for_each(|idx| needs.fill(*idx));
        needs.stride(kind)
    };
    assert_eq!(stride(&[]), STRIDE_MIN);
    assert_eq!(stride(&[modbus::FUNCTION, modbus::VALUES]), STRIDE_MIN);
    assert_eq!(Needs::ALL.stride(kind), kind.stride);
    for field in kind.fields.iter() {
        let (bytes, _) = crate::schema::layout::slot(field.ty);
        assert!(stride(&[field.idx()]) >= field.offset + bytes);
    }
    let hot = kind.fields.iter().filter(|f| f.offset < HOT_BYTES).count();
    assert!(hot > 20, "{hot}");
}

proptest! {
    /// Any bytes under any header are read or refused, without a panic.
    #[test]
    fn a_view_survives_hostile_bytes(
        bytes in prop::collection::vec(any::<u8>(), 0..3000),
        n in 0..5_u32,
        stride in prop_oneof![Just(880_u32), any::<u32>()],
        fix in any::<bool>(),
    ) {
        let schema = Schema::builtin();
        let kind = schema.kind(schema.kind_idx("modbus").unwrap()).unwrap();
        let mut bytes = bytes;
        if fix && bytes.len() >= BATCH_HEADER {
            let stride = if stride == 880 { u32::from(kind.stride) } else { stride };
            bytes[header::STRIDE..][..4].copy_from_slice(&stride.to_le_bytes());
            bytes[header::N..][..4].copy_from_slice(&n.to_le_bytes());
        }
        let json = EventJson::new(&schema);
        if let Some(view) = BatchView::new(kind, &bytes) {
            for record in view.records() {
                json.write(&record, &mut Vec::new());
            }
        }
    }

    /// What a random record was given is what a view of it says.
    #[test]
    fn a_view_says_what_was_written(said in {
        let (schema, zoo) = testing::schema();
        testing::records(schema.kind(zoo).unwrap())
    }) {
        let (schema, zoo) = testing::schema();
        let mut batch = BatchBuilder::new(&schema, zoo, Needs::ALL_FOLDED).unwrap();
        let mut record = batch.begin().unwrap();
        testing::write(&mut record, &said);
        record.commit();
        let batch = batch.finish(0);
        let record = batch.view().record(0).unwrap();
        for (field, said) in record.kind().fields.iter().zip(&said) {
            testing::check(record.field(field), said, usize::from(field.items.as_ref().map_or(0, |i| i.max)));
        }
    }
}

/// Writes a map of the pairs; what the row says of each name, and how many are kept.
fn map(names: &[&str], needs: Needs, pairs: &[(&str, &str)]) -> (Vec<u8>, usize, bool) {
    let schema = Schema::builtin().with_names(names);
    let kind = schema.kind_idx("winevent").unwrap();
    let mut builder = BatchBuilder::new(&schema, kind, needs).unwrap();
    let raw = schema.kind(kind).unwrap().map().unwrap();
    let mut record = builder.begin().unwrap();
    let mut map = record.repeated(raw).unwrap();
    for (name, value) in pairs {
        map.pair(name.as_bytes(), Text::whole(value.as_bytes()));
    }
    map.end();
    record.commit();
    let batch = builder.finish(0);
    let record = batch.view().record(0).unwrap();
    for (name, field) in names.iter().zip(schema.kind(kind).unwrap().named()) {
        let said = pairs.iter().find(|(known, _)| known == name);
        let found = match record.field(field) {
            Slot::Value(Value::Text(text)) => Some(text.bytes),
            slot => {
                assert_eq!(slot, Slot::Absent);
                None
            }
        };
        assert_eq!(found, said.map(|(_, value)| value.as_bytes()), "{name}");
    }
    let slot = usize::from(raw.offset) + super::BATCH_HEADER;
    let bytes = batch.bytes();
    let at = u32::from_le_bytes(*bytes[slot..].first_chunk().unwrap()) as usize;
    let row = bytes[at - names.len()..at].iter().rev().copied().collect();
    match record.field(raw) {
        Slot::Value(Value::Repeated(kept)) => (row, kept.len(), kept.truncated()),
        slot => panic!("{slot:?}"),
    }
}

/// Names and values of the maps of a batch, and the texts of its arena.
fn pairs_of(batch: &Batch<'_>) -> Vec<Vec<(String, String)>> {
    let text = |text: Text<'_>| String::from_utf8(text.bytes.to_vec()).unwrap();
    let of = |record: RecordView<'_>| match record.field(record.kind().map().unwrap()) {
        Slot::Value(Value::Repeated(map)) => {
            map.pairs().map(|(name, value)| (text(name), text(value))).collect()
        }
        slot => panic!("{slot:?}"),
    };
    batch.view().records().map(of).collect()
}

#[test]
fn names_of_a_batch_are_shared_whatever_was_dropped() {
    let mut builder = builder("winevent", Needs::ALL_FOLDED);
    for round in ["first", "second"] {
        builder.clear();
        for (n, kept) in [true, false, false, true, true].into_iter().enumerate() {
            let mut record = builder.begin().unwrap();
            let raw = record.kind().map().unwrap();
            let mut map = record.repeated(raw).unwrap();
            // A record that is dropped may be the first with a name.
            let other = format!("{round}{}", n / 2);
            for name in ["Image", other.as_str(), "User"] {
                let value = format!("{name} {n}");
                map.pair(name.as_bytes(), Text::whole(value.as_bytes()));
            }
            map.end();
            if kept {
                record.commit();
            }
        }
        let batch = builder.finish(0);
        for (record, n) in pairs_of(&batch).into_iter().zip([0, 3, 4]) {
            let other = format!("{round}{}", n / 2);
            let pairs = ["Image", &other, "User"]
                .map(|name| (name.to_owned(), format!("{name} {n}")));
            assert_eq!(record, pairs);
        }
        let times = batch.bytes().windows(5).filter(|bytes| *bytes == b"Image").count();
        // The third record brought a name and was dropped: after it, names are written
        // once more. And once for each value.
        assert_eq!(times, 2 + 3);
    }
}

#[test]
fn a_value_that_is_a_field_is_written_once() {
    let mut needs = Needs::ALL_FOLDED;
    for folds in [true, false] {
        let mut builder = builder("process", needs);
        let mut cache = NameCache::default();
        let mut record = builder.begin().unwrap();
        let kind = record.kind();
        let (raw, image) = (kind.map().unwrap(), kind.lookup("image").unwrap().0);
        let (map_idx, user) = (raw.idx(), kind.lookup("user").unwrap().0);
        record.set(image, Value::Text(Text::whole(b"C:\\A.exe")));
        let mut map = record.repeated(raw).unwrap();
        let given = [
            ("Image", Some(image), "C:\\A.exe"),
            ("OtherImage", Some(image), "C:\\B.exe"),
            ("User", Some(user), "C:\\A.exe"),
            ("Plain", None, "C:\\A.exe"),
        ];
        for (number, (name, field, value)) in given.iter().enumerate() {
            let value = Text::whole(value.as_bytes());
            map.pair_of((&mut cache, number), name.as_bytes(), *field, value);
        }
        // The beginning of a longer text is another value.
        let cut = Text { original: 100, ..Text::whole(b"C:\\A.exe") };
        map.pair_of((&mut cache, 4), b"Cut", Some(image), cut);
        map.end();
        record.commit();
        let batch = builder.finish(0);
        let pairs = given.map(|(name, _, value)| (name.to_owned(), value.to_owned()));
        let cut = ("Cut".to_owned(), "C:\\A.exe".to_owned());
        assert_eq!(
            pairs_of(&batch),
            [pairs.into_iter().chain([cut]).collect::<Vec<_>>()]
        );
        // A copy that is not folded is none for a map that is.
        let times = batch.bytes().windows(8).filter(|at| *at == b"C:\\A.exe").count();
        assert_eq!(times, if folds { 4 } else { 5 });
        needs = Needs::ALL;
        needs.fold(map_idx);
    }
}

/// A cache of names belongs to the builder that was used last: another one has other places
/// for the same names.
#[test]
fn names_that_are_numbered_are_right_in_every_builder() {
    let names = ["Alpha", "Beta", "Gamma", "Delta"];
    let mut builders = [Needs::ALL, Needs::ALL].map(|needs| builder("process", needs));
    let mut cache = NameCache::default();
    for round in 0..8_usize {
        let at = round % builders.len();
        if round == 4 {
            builders[1] = builder("process", Needs::ALL);
        }
        let to = &mut builders[at];
        let mut record = to.begin().unwrap();
        let raw = record.kind().map().unwrap();
        let mut map = record.repeated(raw).unwrap();
        // Each builder learns them in another order.
        let order = (0..names.len()).map(|n| (n * 3 + at + round) % names.len());
        for number in order.clone() {
            let name = names[number];
            let value = Text::whole(name.as_bytes());
            map.pair_of((&mut cache, number), name.as_bytes(), None, value);
        }
        map.end();
        record.commit();
        let expected: Vec<_> =
            order.map(|n| (names[n].to_owned(), names[n].to_owned())).collect();
        assert_eq!(pairs_of(&to.finish(0)).last(), Some(&expected));
        if round == 5 {
            to.clear();
        }
    }
}

#[test]
fn the_row_of_a_map_leads_to_names() {
    let pairs = [("b", "1"), ("x", "2"), ("a", "3"), ("b", "4")];
    // All of it, or what is asked for by name; of a name given twice the first.
    assert_eq!(map(&["a", "b", "c"], Needs::ALL, &pairs), (vec![3, 1, 0], 4, false));
    assert_eq!(map(&["a", "b", "c"], Needs::NONE, &pairs), (vec![2, 1, 0], 3, false));
    assert_eq!(map(&["c"], Needs::ALL, &[]), (vec![0], 0, false));
}

#[test]
fn what_is_asked_for_by_name_has_room_in_a_map() {
    let many: Vec<String> = (0..300).map(|n| format!("n{n}")).collect();
    let mut pairs: Vec<_> = many.iter().map(|name| (name.as_str(), "v")).collect();
    pairs.push(("late", "v"));
    assert_eq!(map(&["late"], Needs::ALL, &pairs), (vec![255], 255, true));
    // It takes the place of others, from the last to the first.
    pairs.push(("later", "v"));
    let found = map(&["late", "n254", "later"], Needs::ALL, &pairs);
    assert_eq!(found, (vec![254, 255, 253], 255, true));
}

/// Packs ask for some hundred names, of which an event has few.
#[test]
fn names_that_an_event_does_not_have_need_no_room_in_a_map() {
    let names: Vec<String> = (0..1_000).map(|n| format!("asked{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let many: Vec<String> = (0..254).map(|n| format!("n{n}")).collect();
    let mut pairs: Vec<_> = many.iter().map(|name| (name.as_str(), "v")).collect();
    pairs.push(("asked7", "v"));
    let (row, kept, truncated) = map(&names, Needs::ALL, &pairs);
    assert_eq!((row.get(7), kept, truncated), (Some(&255), 255, false));
}

#[test]
fn a_folded_value_is_written_for_a_name() {
    let schema = Schema::builtin().with_names(&["A"]);
    let kind = schema.kind_idx("winevent").unwrap();
    let mut builder = BatchBuilder::new(&schema, kind, Needs::NONE).unwrap();
    let raw = schema.kind(kind).unwrap().map().unwrap();
    let mut record = builder.begin().unwrap();
    let mut map = record.repeated(raw).unwrap();
    map.pair(b"A", Text::whole(b"ABC"));
    map.end();
    record.commit();
    let batch = builder.finish(0);
    let Slot::Value(Value::Repeated(map)) = batch.view().record(0).unwrap().field(raw)
    else {
        panic!("no map")
    };
    assert_eq!(map.pairs().next().unwrap().1.folded, Some(&b"abc"[..]));
}

#[test]
fn a_typed_writer_takes_names() {
    let schema = Schema::builtin().with_names(&["A"]);
    let kind = super::typed::process::KIND;
    let mut builder = BatchBuilder::new(&schema, kind, Needs::ALL).unwrap();
    assert!(super::typed::process::Writer::begin(&mut builder).is_some());
}
