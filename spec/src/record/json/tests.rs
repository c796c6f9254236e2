//! Tests of event JSON.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;
use crate::record::typed::modbus;
use crate::record::{BatchBuilder, Needs, testing};

/// Reads a line and writes the event again.
fn again(schema: &Schema, line: &[u8]) -> Result<(String, ReadReport), JsonError> {
    let json = EventJson::new(schema);
    let kind = json.kind(line)?;
    let mut batch = BatchBuilder::new(schema, kind, Needs::ALL_FOLDED).unwrap();
    let mut record = batch.begin().unwrap();
    let report = json.read(line, &mut record)?;
    record.commit();
    let mut out = Vec::new();
    json.write(&batch.finish(0).view().record(0).unwrap(), &mut out);
    Ok((String::from_utf8(out).unwrap(), report))
}

/// Checks what an event of a kind with the given rest comes back as.
fn check(rest: &str, canonical: &str, unknown: u32, invalid: u32) {
    let line = format!("{{\"kind\":\"modbus\"{rest}}}");
    let (out, report) = again(&Schema::builtin(), line.as_bytes()).unwrap();
    assert_eq!(out, format!("{{\"kind\":\"modbus\"{canonical}}}"), "{line}");
    assert_eq!(report, ReadReport { unknown, invalid }, "{line}");
}

/// The same, for members of the group.
fn check_group(members: &str, canonical: &str, unknown: u32, invalid: u32) {
    let canonical = match canonical {
        "" => String::new(),
        members => format!(",\"modbus\":{{{members}}}"),
    };
    check(&format!(",\"modbus\":{{{members}}}"), &canonical, unknown, invalid);
}

#[test]
fn what_fits_comes_back_in_canonical_form() {
    let cases: &[(&str, &str)] = &[
        (r#""unit":1"#, r#""unit":1"#),
        (r#""unit":"1""#, r#""unit":1"#),
        (r#""unit":null"#, r#""unit":null"#),
        (r#""unit":1,"unit":2"#, r#""unit":2"#),
        (r#""unit":null,"unit":2"#, r#""unit":2"#),
        (r#""unit":2,"unit":null"#, r#""unit":null"#),
        (
            r#""function":16"#,
            r#""function":16,"function_name":"write_multiple_registers""#,
        ),
        (r#""function":99"#, r#""function":99"#),
        (r#""function":"read_coils""#, r#""function":1,"function_name":"read_coils""#),
        (
            r#""function_name":"read_coils""#,
            r#""function":1,"function_name":"read_coils""#,
        ),
        (r#""function_name":"read_coils","function":66"#, r#""function":66"#),
        (r#""function":66,"function_name":"read_coils""#, r#""function":66"#),
        (r#""request":true"#, r#""request":true"#),
        (r#""values":[]"#, r#""values":[]"#),
        (r#""values":[1,65535]"#, r#""values":[1,65535]"#),
        (
            r#""values":{"items":[1],"truncated":true}"#,
            r#""values":{"items":[1],"truncated":true}"#,
        ),
        (r#""values":{"truncated":false,"items":[1]}"#, r#""values":[1]"#),
        (r#""address_range":[9,12]"#, r#""address_range":[9,12]"#),
        (
            r#""quantity":4,"address":9"#,
            r#""address_range":[9,12],"address":9,"quantity":4"#,
        ),
        (r#""address":9,"quantity":0"#, r#""address":9,"quantity":0"#),
        (
            r#""address":9,"quantity":4,"address_range":null"#,
            r#""address_range":null,"address":9,"quantity":4"#,
        ),
        (r#""latency":1500000"#, r#""latency":1500000"#),
        (r#""latency":9007199254740993"#, r#""latency":"9007199254740993""#),
        (r#""server_id":{"hex":"FF00"}"#, r#""server_id":{"hex":"ff00"}"#),
        (r#""server_id":"AB""#, r#""server_id":{"hex":"4142"}"#),
        (
            r#""server_id":{"hex":"00","length":3}"#,
            r#""server_id":{"hex":"00","length":3}"#,
        ),
        (r#""target":{"name":"Pump \" 1"}"#, r#""target":{"name":"Pump \" 1"}"#),
        (r#""target":{"name":{"hex":"50"}}"#, r#""target":{"name":"P"}"#),
        (r#""target":{"name":{"hex":"ff"}}"#, r#""target":{"name":{"hex":"ff"}}"#),
        (
            r#""target":{"name":{"text":"Pum","length":4}}"#,
            r#""target":{"name":{"text":"Pum","length":4}}"#,
        ),
        (r#""target":{"value":2}"#, r#""target":{"value":2.0}"#),
        (r#""target":{"value":-0.5e3}"#, r#""target":{"value":-500.0}"#),
        (r#""target":{"value":"-inf"}"#, r#""target":{"value":"-inf"}"#),
        (r#""target":null"#, ""),
        (r#""device_id":{"code":1}"#, r#""device_id":{"code":1,"code_name":"basic"}"#),
        (
            r#""files":[{"file":4,"reference":null},{}]"#,
            r#""files":[{"reference":null,"file":4},{}]"#,
        ),
        (
            r#""device_id":{"objects":[{"id":"vendor_name","value":"X"}]}"#,
            r#""device_id":{"objects":[{"id":0,"id_name":"vendor_name","value":"X"}]}"#,
        ),
    ];
    for (members, canonical) in cases {
        check_group(members, canonical, 0, 0);
    }
}

#[test]
fn common_fields_stand_at_the_top() {
    let cases: &[(&str, &str)] = &[
        (r#","malformed":true"#, r#","malformed":true"#),
        (r#","modbus":{"malformed":true}"#, r#","malformed":true"#),
        (r#","flow":"00000000000000ff""#, r#","flow":"00000000000000ff""#),
        (r#","flow":255"#, r#","flow":"00000000000000ff""#),
        (r#","src":{"ip":"::ffff:10.0.0.1"}"#, r#","src":{"ip":"10.0.0.1"}"#),
        (r#","src":{"ip":"FE80::1","port":5}"#, r#","src":{"ip":"fe80::1","port":5}"#),
        (r#","src":{"port":5},"src":{"ip":"::"}"#, r#","src":{"ip":"::","port":5}"#),
        (
            r#","src":{"mac":"00-1B-1b-00-00-01"}"#,
            r#","src":{"mac":"00:1b:1b:00:00:01"}"#,
        ),
        (
            r#","dst":{"asset":{"role":"plc","maintenance":false}}"#,
            r#","dst":{"asset":{"role":1,"role_name":"plc","maintenance":false}}"#,
        ),
        (r#","dst":{"asset":{}}"#, ""),
    ];
    for (rest, canonical) in cases {
        check(rest, canonical, 0, 0);
    }
}

#[test]
fn times_have_six_digits_or_nine() {
    let cases = [
        ("2026-11-22T10:00:00.000001Z", "2026-11-22T10:00:00.000001Z"),
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000000Z"),
        ("2026-11-22T10:00:00.123456789Z", "2026-11-22T10:00:00.123456789Z"),
        ("2026-11-22T11:00:00.5+01:00", "2026-11-22T10:00:00.500000Z"),
        ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z"),
    ];
    for (given, canonical) in cases {
        let line = format!(r#"{{"ts":"{given}","kind":"modbus"}}"#);
        let (out, report) = again(&Schema::builtin(), line.as_bytes()).unwrap();
        assert_eq!(out, format!(r#"{{"ts":"{canonical}","kind":"modbus"}}"#));
        assert_eq!(report, ReadReport::default());
    }
    for bad in [r#""yesterday""#, r#""2026-11-22""#, r#""9999-01-01T00:00:00Z""#, "1"] {
        check(&format!(",\"ts\":{bad}"), "", 0, 1);
    }
}

#[test]
fn what_does_not_fit_makes_its_field_invalid_and_nothing_else() {
    let values: &[&str] = &[
        r#""unit":256"#,
        r#""unit":-1"#,
        r#""unit":1.0"#,
        r#""unit":true"#,
        r#""unit":"one""#,
        r#""unit":[1]"#,
        r#""unit":{"x":{"y":[]}}"#,
        r#""unit":18446744073709551616"#,
        r#""request":1"#,
        r#""request":"true""#,
        r#""function":"no_such_function""#,
        r#""values":7"#,
        r#""values":[1,null]"#,
        r#""values":[1,-1]"#,
        r#""values":[[1]]"#,
        r#""values":{"items":7}"#,
        r#""values":{"items":[1],"more":1}"#,
        r#""values":{"hex":"00"}"#,
        r#""address_range":[2,1]"#,
        r#""address_range":[1]"#,
        r#""address_range":[1,2,3]"#,
        r#""address_range":["1","2"]"#,
        r#""server_id":7"#,
        r#""server_id":{"hex":"0"}"#,
        r#""server_id":{"hex":"zz"}"#,
        r#""server_id":{"hex":"00","odd":1}"#,
        r#""server_id":{"items":[]}"#,
        r#""latency":"1s""#,
        r#""target":{"value":"nan"}"#,
        r#""target":7"#,
        r#""target":[1]"#,
        r#""files":[7]"#,
        r#""files":[{"file":4},null]"#,
    ];
    for value in values {
        check_group(&format!("{value},\"transaction\":1"), "\"transaction\":1", 0, 1);
    }
    check(r#","src":{"ip":"10.0.0.256"}"#, "", 0, 1);
    check(r#","src":{"mac":"00:1b:1b:00:00"}"#, "", 0, 1);
    check(r#","flow":"0x""#, "", 0, 1);
    check(r#","modbus":7"#, "", 0, 1);
}

/// Numbers that no rule can use are invalid as fields, and shown all the same.
#[test]
fn large_numbers_print_as_strings_and_nan_as_null() {
    let flow = r#","flow":"ffffffffffffffff""#;
    check(flow, flow, 0, 1);
    let large = r#""artifact":{"size":"18446744073709551615"}"#;
    check_group(large, large, 0, 1);
    check_group(r#""artifact":{"size":18446744073709551615}"#, large, 0, 1);
    let schema = Schema::builtin();
    let kind = schema.kind_idx("modbus").unwrap();
    let mut batch = BatchBuilder::new(&schema, kind, Needs::ALL).unwrap();
    let mut w = modbus::Writer::begin(&mut batch).unwrap();
    w.target_value(f64::NAN).artifact_size(1 << 63);
    w.commit();
    let mut line = Vec::new();
    let finished = batch.finish(0);
    EventJson::new(&schema).write(&finished.view().record(0).unwrap(), &mut line);
    assert_eq!(
        String::from_utf8(line).unwrap(),
        r#"{"kind":"modbus","modbus":{"target":{"value":null},"artifact":{"size":"9223372036854775808"}}}"#
    );
}

#[test]
fn unknown_keys_are_counted() {
    check(
        r#","color":{"a":[1]},"modbus":{"unit":1,"uint":2}"#,
        r#","modbus":{"unit":1}"#,
        2,
        0,
    );
}

#[test]
fn elements_beyond_the_maximum_truncate_the_list() {
    let many = vec!["1"; 2001].join(",");
    let kept = vec!["1"; 2000].join(",");
    check_group(
        &format!("\"values\":[{many}]"),
        &format!("\"values\":{{\"items\":[{kept}],\"truncated\":true}}"),
        0,
        0,
    );
    let file = r#"{"file":4}"#;
    let (many, kept) = (vec![file; 36].join(","), vec![file; 35].join(","));
    check_group(
        &format!("\"files\":[{many}]"),
        &format!("\"files\":{{\"items\":[{kept}],\"truncated\":true}}"),
        0,
        0,
    );
}

#[test]
fn a_long_text_is_cut_between_characters_and_says_so() {
    // The last character that fits only in part is left out.
    let text = format!("{}{}", "x".repeat(crate::record::TEXT_MAX - 1), "é".repeat(10));
    let kept = "x".repeat(crate::record::TEXT_MAX - 1);
    check_group(
        &format!(r#""target":{{"name":"{text}"}}"#),
        &format!(r#""target":{{"name":{{"text":"{kept}","length":{}}}}}"#, text.len()),
        0,
        0,
    );
}

#[test]
fn what_is_no_event_is_an_error() {
    let deep = format!(r#"{{"kind":"modbus","x":{}"#, "[".repeat(100_000));
    let long = format!(r#"{{"kind":"modbus","x":"{}"}}"#, "y".repeat(LINE_MAX));
    let cases: &[(&[u8], &str)] = &[
        (b"", "the line ends within the event"),
        (b"{\"kind\":\"mod", "the line ends within the event"),
        (b"[]", "not a JSON object"),
        (b"7", "not a JSON object"),
        (b"{}", "no `kind`"),
        (b"{\"kind\":7}", "no `kind`"),
        (b"{\"kind\":\"nodbus\"}", "not known"),
        (b"{\"kind\":\"ot\"}", "not known"),
        (b"{\"kind\":\"modbus\"} {}", "trailing"),
        (b"{\"kind\":\"modbus\",}", "column"),
        (b"{\"kind\":\"mod\xff\"}", "column"),
        (b"{\"kind\":\"modbus\",\"sensor\":\"\\ud8\"}", "column"),
        (b"{\"kind\":\"modbus\",\"sensor\":\"\xff", "ends within"),
        (b"{\"kind\":\"modbus\",\"x\":01}", "column"),
        (deep.as_bytes(), ""),
        (long.as_bytes(), "more than"),
    ];
    for (line, message) in cases {
        let error = again(&Schema::builtin(), line).unwrap_err().to_string();
        let shown = String::from_utf8_lossy(&line[..line.len().min(40)]);
        assert!(error.contains(message), "{shown}: {error}");
    }
}

#[test]
fn strings_that_are_not_unicode_are_read_as_their_bytes() {
    let cases: &[(&[u8], &str)] = &[
        (br#"{"sensor":"a\ud800\u0041","kind":"modbus"}"#, "61eda08041"),
        (br#"{"kind":"modbus","sensor":"\ud800\ud83d\ude00\n"}"#, "eda080f09f98800a"),
        (br#"{"kind":"modbus","sensor":"\udfff\"\\"}"#, "edbfbf225c"),
        (b"{\"kind\":\"modbus\",\"\xff\":1,\"sensor\":\"\xc3(\"}", "c328"),
    ];
    for (line, hex) in cases {
        let (out, report) = again(&Schema::builtin(), line).unwrap();
        assert_eq!(out, format!(r#"{{"kind":"modbus","sensor":{{"hex":"{hex}"}}}}"#));
        assert_eq!(report.invalid, 0);
    }
}

#[test]
fn an_event_of_another_kind_is_refused() {
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let kind = schema.kind_idx("flow").unwrap();
    let mut batch = BatchBuilder::new(&schema, kind, Needs::ALL).unwrap();
    let mut record = batch.begin().unwrap();
    let error = json.read(br#"{"kind":"modbus"}"#, &mut record).unwrap_err();
    assert_eq!(error.kind(), &JsonErrorKind::UnknownKind);
}

/// Writes a random record, reads what was written, and writes that again.
#[test]
fn what_is_written_reads_back_the_same() {
    let (schema, _) = testing::schema();
    let json = EventJson::new(&schema);
    for (idx, kind) in schema.kinds() {
        let first = RefCell::new(BatchBuilder::new(&schema, idx, Needs::ALL).unwrap());
        let second = BatchBuilder::new(&schema, idx, Needs::ALL_FOLDED).unwrap();
        let second = RefCell::new(second);
        let config = ProptestConfig { cases: 150, ..ProptestConfig::default() };
        TestRunner::new(config)
            .run(&testing::records(kind), |said| {
                let (mut first, mut second) = (first.borrow_mut(), second.borrow_mut());
                first.clear();
                let mut record = first.begin().unwrap();
                testing::write(&mut record, &said);
                record.commit();
                let mut line = Vec::new();
                json.write(&first.finish(0).view().record(0).unwrap(), &mut line);

                prop_assert_eq!(json.kind(&line), Ok(idx));
                second.clear();
                let mut record = second.begin().unwrap();
                let report = json.read(&line, &mut record).unwrap();
                record.commit();
                prop_assert_eq!(report, ReadReport::default());
                let mut out = Vec::new();
                json.write(&second.finish(0).view().record(0).unwrap(), &mut out);
                prop_assert_eq!(String::from_utf8(line), String::from_utf8(out));
                Ok(())
            })
            .unwrap();
    }
}

/// Bytes that are near to JSON never panic, and never leave a batch broken.
#[test]
fn any_bytes_are_read_or_refused() {
    let (schema, zoo) = testing::schema();
    let json = EventJson::new(&schema);
    let batch = BatchBuilder::new(&schema, zoo, Needs::ALL_FOLDED).unwrap();
    let batch = RefCell::new(batch);
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "true",
        "1",
        "-1e400",
        "\"hex\"",
        "\"ff\"",
        "\"kind\"",
        "\"zoo\"",
        "\"one\"",
        "\"u8\"",
        "\"items\"",
        "\"text\"",
        "\"beasts\"",
        "\"\\ud800\"",
        "\"many\"",
        "\"\\u0000\"",
        "1e5",
        "\"length\"",
        "\"truncated\"",
        "\"its\"",
    ]);
    let tokens = prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat());
    let line = prop_oneof![
        tokens.clone().prop_map(String::into_bytes),
        tokens.prop_map(|t| format!("{{\"kind\":\"zoo\",\"zoo\":{{{t}}}}}").into_bytes()),
        prop::collection::vec(any::<u8>(), 0..60),
    ];
    TestRunner::new(ProptestConfig { cases: 3000, ..ProptestConfig::default() })
        .run(&line, |line| {
            let mut batch = batch.borrow_mut();
            batch.clear();
            let mut record = batch.begin().unwrap();
            if json.read(&line, &mut record).is_ok() {
                record.commit();
            }
            let mut out = Vec::new();
            for record in batch.finish(0).view().records() {
                json.write(&record, &mut out);
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok());
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_map_is_an_object() {
    let line = r#"{"kind":"winevent","raw":{"A":"x","b.c":7,"D":true,"E":null,"F":[1],"G":{"hex":"ff"},"H":{"text":"ab","length":9}}}"#;
    let written = r#"{"kind":"winevent","raw":{"A":"x","b.c":"7","D":"true","G":{"hex":"ff"},"H":{"text":"ab","length":9}}}"#;
    let (report, json) = read_and_write(line);
    assert_eq!(json, written);
    assert_eq!(report.invalid, 1);
    assert_eq!(read_and_write(&json).1, written);
}

#[test]
fn a_map_says_that_it_was_cut() {
    let names: Vec<String> = (0..300).map(|n| format!("\"n{n}\":\"v\"")).collect();
    let line = format!(r#"{{"kind":"winevent","raw":{{{}}}}}"#, names.join(","));
    let (_, json) = read_and_write(&line);
    assert!(json.ends_with(r#""n254":"v"},"raw_truncated":true}"#), "{json}");
    assert_eq!(read_and_write(&json).1, json);
}

/// An event read and written again.
fn read_and_write(line: &str) -> (crate::record::ReadReport, String) {
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let kind = json.kind(line.as_bytes()).unwrap();
    let mut batch = BatchBuilder::new(&schema, kind, Needs::ALL).unwrap();
    let mut record = batch.begin().unwrap();
    let report = json.read(line.as_bytes(), &mut record).unwrap();
    record.commit();
    let mut out = Vec::new();
    json.write(&batch.finish(0).view().record(0).unwrap(), &mut out);
    (report, String::from_utf8(out).unwrap())
}
