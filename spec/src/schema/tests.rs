//! Tests of the schema: what files say, where fields lie, what is refused.

use std::path::Path;

use super::*;

/// A small file, into which the tests put what they are about.
const PRESS: &str = r#"
[[enum]]
name = "press_mode"
labels = [{ value = 1, name = "idle" }, { value = 7, name = "run" }]

[[kind]]
name = "press"
family = "network"
views = ["ot"]
doc = "a message of the press"

[[kind.field]]
path = "mode"
type = "enum press_mode u8"
hot = true
doc = "what it does"
example = "e.mode == run"

[[kind.field]]
path = "points"
type = "group"
max = 10
doc = "measured points"
example = "any p in e.points (p.force > 3)"
[[kind.field.field]]
path = "force"
type = "i32"
unit = "N"
doc = "its force"
example = "p.force > 3"
"#;

fn read_builtin() -> Vec<(&'static str, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let read = |name| (name, std::fs::read_to_string(folder.join(name)).unwrap());
    emit::FILES.iter().copied().map(read).collect()
}

#[test]
fn generated_tables_are_fresh() {
    let schema = emit::parse(&read_builtin()).unwrap();
    let stale = "stale: run `cargo xtask codegen`";
    assert!(emit::tables(&schema) == include_str!("generated.rs"), "{stale}");
    let writers = include_str!("../record/typed/generated.rs");
    assert!(emit::writers(&schema) == writers, "{stale}");
    assert!(Schema::builtin() == schema, "{stale}");
}

#[test]
fn every_file_in_the_folder_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut listed = emit::FILES.to_vec();
    listed.sort_unstable();
    assert_eq!(names, listed);
}

/// All schemas that the invariants are checked on.
fn schemas() -> Vec<Schema> {
    let mut loaded = Schema::builtin();
    loaded.add_file(PRESS).unwrap();
    vec![Schema::builtin(), loaded]
}

#[test]
fn slots_are_disjoint_and_aligned_within_the_record() {
    for schema in schemas() {
        for (_, kind) in schema.kinds() {
            check_slots(&kind.name, &kind.fields, 0..24, kind.stride);
            let reserved = layout::HOT_BYTES..layout::COLD_OFFSET;
            check_slots(&kind.name, &kind.fields, reserved, kind.stride);
            for field in kind.fields.iter() {
                if let Some(items) = field.elements() {
                    check_slots(&field.path, &items.fields, 0..8, items.stride);
                }
            }
        }
    }
}

fn check_slots(
    name: &str,
    fields: &[Field],
    reserved: std::ops::Range<u16>,
    stride: u16,
) {
    let mut taken = vec![false; stride.into()];
    taken[reserved.start.into()..reserved.end.into()].fill(true);
    for field in fields {
        let (bytes, align) = layout::slot(field.ty);
        assert_eq!(field.offset % align, 0, "{name}.{}", field.path);
        for byte in field.offset..field.offset + bytes {
            let byte = &mut taken[usize::from(byte)];
            assert!(!*byte, "{name}.{} overlaps", field.path);
            *byte = true;
        }
    }
    assert_eq!(stride % 8, 0);
}

#[test]
fn fields_are_found_by_number_and_by_path() {
    for schema in schemas() {
        for (_, kind) in schema.kinds() {
            for bit in 0..layout::END_BIT {
                let by_bit = kind.fields.iter().find(|f| f.bit == bit);
                assert_eq!(kind.field(FieldIdx(bit)), by_bit);
            }
            for field in kind.fields.iter() {
                assert_eq!(kind.lookup(&field.path), Some((field.idx(), field)));
            }
        }
    }
}

#[test]
fn fields_of_a_view_lie_at_the_same_place_in_every_kind() {
    for schema in schemas() {
        for view in schema.views() {
            for (_, kind) in schema.kinds_of_view(&view.name) {
                for field in view.fields.iter() {
                    assert_eq!(kind.field(field.idx()), Some(field), "{}", kind.name);
                }
            }
        }
    }
}

#[test]
fn every_field_is_documented() {
    for (_, kind) in Schema::builtin().kinds() {
        for field in kind.fields.iter() {
            let inner = field.elements().into_iter().flat_map(|i| i.fields.iter());
            for field in inner.chain([field]) {
                let at = format!("{}.{}", kind.name, field.path);
                assert!(!field.doc.is_empty() && !field.example.is_empty(), "{at}");
                assert!(!field.doc.ends_with('.'), "{at}: no full stop");
            }
        }
    }
}

#[test]
fn a_field_added_at_the_end_moves_no_other() {
    let mut before = Schema::builtin();
    before.add_file(PRESS).unwrap();
    let mut after = Schema::builtin();
    let more = r#"
        [[kind.field]]
        path = "later"
        type = "u8"
        hot = true
        doc = "added later"
        example = "e.later == 1"
    "#;
    after.add_file(&format!("{PRESS}{more}")).unwrap();
    let kind = |schema: &Schema| schema.kinds.last().unwrap().clone();
    let (old, new) = (kind(&before), kind(&after));
    for field in old.fields.iter() {
        assert_eq!(new.field(field.idx()), Some(field));
        assert_eq!(
            before.fingerprint(&old, field.idx()),
            after.fingerprint(&new, field.idx())
        );
    }
    assert!(new.lookup("later").is_some());
}

#[test]
fn a_fingerprint_tells_what_code_relies_on() {
    let mut one = Schema::builtin();
    one.add_file(PRESS).unwrap();
    let fingerprint = |schema: &Schema, path| {
        let kind = schema.kinds.last().unwrap();
        schema.fingerprint(kind, kind.lookup(path).unwrap().0).unwrap()
    };
    let other = |from: &str, to: &str| {
        let mut other = Schema::builtin();
        other.add_file(&PRESS.replace(from, to)).unwrap();
        other
    };
    let same = |path, other: &Schema| fingerprint(&one, path) == fingerprint(other, path);
    assert!(same("points", &other("its force", "another text")));
    assert!(!same("points", &other("\"N\"", "\"kN\"")));
    assert!(!same("points", &other("i32", "u32")));
    assert!(!same("mode", &other("\"press\"", "\"presser\"")));
    assert!(!same("mode", &other("press_mode u8", "press_mode u16")));
    assert!(same("mode", &other("\"idle\"", "\"waiting\"")));
    let e = one.enumeration("press_mode").unwrap();
    let renumbered = other("value = 1", "value = 2");
    assert!(one.label_fingerprint(e, "run").is_some());
    assert_eq!(one.label_fingerprint(e, "run"), renumbered.label_fingerprint(e, "run"));
    assert_ne!(one.label_fingerprint(e, "idle"), renumbered.label_fingerprint(e, "idle"));
}

#[test]
fn type_names_read_as_they_are_written() {
    let schema = Schema::builtin();
    let kind = schema.kind(schema.kind_idx("modbus").unwrap()).unwrap();
    let name = |path| schema.type_name(kind.lookup(path).unwrap().1.ty);
    assert_eq!(name("function"), "enum modbus_function u8");
    assert_eq!(name("values"), "list u16");
    assert_eq!(name("files"), "group");
    assert_eq!(name("src.ip"), "ip");
}

/// Checks that a file made from [`PRESS`] is refused, on a line, with a message.
fn refused(from: &str, to: &str, line: Option<u32>, message: &str) {
    let text = PRESS.replacen(from, to, 1);
    assert_ne!(text, PRESS, "`{from}` is not in the file");
    let mut schema = Schema::builtin();
    let error = schema.add_file(&text).unwrap_err();
    assert!(error.message().contains(message), "`{to}` gives: {error}");
    if line.is_some() {
        assert_eq!(error.line(), line, "{error}");
    }
    assert!(schema == Schema::builtin(), "an error leaves the schema as it was");
}

#[test]
fn files_with_mistakes_are_refused_with_their_line() {
    let cases: &[(&str, &str, Option<u32>, &str)] = &[
        ("hot = true", "hot = 1", Some(15), "expected a boolean"),
        ("hot = true", "warm = true", Some(15), "unknown field `warm`"),
        ("[[kind]]", "[[kind]", Some(6), ""),
        ("\"press\"", "\"modbus\"", Some(7), "kind `modbus` exists"),
        ("\"press\"", "\"ot\"", Some(7), "kind `ot` exists"),
        ("\"press\"", "\"Press\"", Some(7), "is not a name"),
        ("\"press\"", "\"src\"", Some(7), "a common field is"),
        ("\"ot\"", "\"it\"", Some(9), "there is no view `it`"),
        ("\"ot\"]", "\"ot\", \"ot\"]", Some(9), "at most one view"),
        ("\"network\"", "\"host\"", Some(9), "another family"),
        ("\"network\"", "\"cosmic\"", Some(8), "unknown variant `cosmic`"),
        ("press_mode\"", "modbus_function\"", Some(3), "exists"),
        ("value = 7", "value = 1", Some(4), "unique and ascending"),
        ("\"run\"", "\"idle\"", Some(4), "given twice"),
        ("enum press_mode u8", "enum press_mood u8", Some(14), "no enumeration"),
        ("enum press_mode u8", "enum press_mode u9", Some(14), "unknown width"),
        ("enum press_mode u8", "u24", Some(14), "unknown type `u24`"),
        ("enum press_mode u8", "list bool", Some(14), "no list can hold"),
        ("enum press_mode u8", "list u8", Some(14), "needs `max`"),
        ("value = 7", "value = 700", Some(14), "do not fit its width"),
        ("path = \"mode\"", "", None, "`path` or `paths`"),
        ("\"mode\"", "\"mode.\"", Some(13), "not a path"),
        ("\"mode\"", "\"a.b.c.d.e.f.g\"", Some(13), "at most 6 parts"),
        ("\"mode\"", "\"points\"", Some(7), "declared twice"),
        ("\"mode\"", "\"points.x\"", Some(7), "cannot hold"),
        ("\"mode\"", "\"src.ip\"", Some(7), "path of a common field"),
        ("\"mode\"", "\"op\"", Some(7), "declared twice"),
        ("max = 10", "max = 0", None, "between 1 and"),
        ("max = 10", "max = 5000", None, "between 1 and"),
        ("max = 10", "", None, "needs `max`"),
        ("\"i32\"", "\"group\"", None, "group"),
        ("\"group\"", "\"u8\"", None, "only lists and groups"),
    ];
    for (from, to, line, message) in cases {
        refused(from, to, *line, message);
    }
}

#[test]
fn only_builtin_files_declare_views_and_common_fields() {
    let view = "[[view]]\nname = \"v\"\nfamily = \"host\"\ndoc = \"\"\nfield = []";
    let error = Schema::builtin().add_file(view).unwrap_err();
    assert!(error.message().contains("only built-in files declare views"));
    let common = "[[common]]\nfamilies = [\"host\"]\npath = \"x\"\ntype = \"u8\"\n\
                  doc = \"\"\nexample = \"\"";
    let error = Schema::builtin().add_file(common).unwrap_err();
    assert!(error.message().contains("only built-in files declare common"));
}

#[test]
fn limits_hold() {
    let fields = |n: usize, ty: &str| {
        let field = |at| {
            format!(
                "[[kind.field]]\npath = \"f{at}\"\ntype = \"{ty}\"\ndoc = \"\"\nexample = \"\"\n"
            )
        };
        let fields: String = (0..n).map(field).collect();
        format!("[[kind]]\nname = \"wide\"\nfamily = \"other\"\ndoc = \"\"\n{fields}")
    };
    let add = |text: &str| Schema::builtin().add_file(text);
    assert!(add(&fields(104, "text")).is_ok());
    let error = add(&fields(105, "u8")).unwrap_err();
    assert!(error.message().contains("no presence bit"), "{error}");
    let long = " ".repeat(text::FILE_MAX + 1);
    assert!(add(&long).unwrap_err().message().contains("at most"));
    let deep = format!("x = {}", "[".repeat(100_000));
    assert!(add(&deep).is_err());
}
