//! What is refused before anything of it runs, or when it first starts.

use std::collections::BTreeMap;

use tagout_runtime::{Plugin, PluginOptions};
use tagout_tests::plugins::{ECHO, SUM, TAG, assemble, runtime};

/// Why a plugin is refused; empty if it is loaded.
fn why(bytes: &[u8]) -> String {
    if let Err(error) = Plugin::read(bytes) {
        return error.to_string();
    }
    runtime(&[(bytes.to_vec(), PluginOptions::default())], &[]).err().unwrap_or_default()
}

#[track_caller]
fn check(name: &str, text: &str, edits: &[(&str, &str)], expected: &str) {
    let bytes = assemble(text, edits).unwrap_or_else(|error| panic!("{name}: {error}"));
    let why = why(&bytes);
    assert!(why.contains(expected) && !why.is_empty(), "{name}: `{why}`");
}

#[test]
fn the_plugins_of_the_tests_load() {
    for text in [ECHO, TAG, SUM] {
        assert_eq!(why(&assemble(text, &[]).unwrap()), "");
    }
}

#[test]
fn modules_that_are_none_of_the_contract() {
    let cases = [
        (
            "a start function",
            with(";;@functions", "(func $s) (start $s)"),
            "start function",
        ),
        ("two memories", with(";;@functions", "(memory 1)"), "2 memories"),
        ("a huge table", with(";;@functions", "(table 10000000 funcref)"), "table"),
        (
            "two tables",
            with(";;@functions", "(table 1 funcref) (table 1 funcref)"),
            "tables: 2",
        ),
        (
            "a system interface",
            with(
                ";;@imports",
                "(import \"wasi_snapshot_preview1\" \"fd_write\"
                   (func (param i32 i32 i32 i32) (result i32)))",
            ),
            "which no plugin is given",
        ),
        (
            "an unknown import",
            with(";;@imports", "(import \"tagout\" \"sleep\" (func (param i32)))"),
            "which no plugin is given",
        ),
        (
            "an imported global",
            with(";;@imports", "(import \"tagout\" \"emit\" (global i32))"),
            "no function",
        ),
        (
            "an import of another type",
            with(";;@imports", "(import \"tagout\" \"emit\" (func (param i64)))"),
            "another type",
        ),
    ];
    check_all(&cases);
}

/// Text that goes before a mark.
fn with(at: &str, more: &str) -> (String, String) {
    (at.to_owned(), format!("{more}\n{at}"))
}

type Case<'a> = (&'a str, (String, String), &'a str);

fn check_all(cases: &[Case<'_>]) {
    for (name, (at, text), expected) in cases {
        check(name, ECHO, &[(at, text)], expected);
    }
}

#[test]
fn modules_that_want_more_than_they_are_given() {
    let cases = [
        (
            "another role's import",
            with(
                ";;@imports",
                "(import \"tagout\" \"set_int\" (func (param i32 i32 i64)))",
            ),
            "only an enricher",
        ),
        (
            "a capability that is not allowed",
            with(";;@imports", "(import \"tagout\" \"log\" (func (param i32 i32 i32)))"),
            "`log`, which the site does not allow",
        ),
        (
            "files that are not allowed",
            with(
                ";;@imports",
                "(import \"tagout\" \"data\"
                   (func (param i32 i32 i32 i32 i32) (result i64)))",
            ),
            "`data`, which the site does not allow",
        ),
        (
            "relaxed vectors",
            with(
                ";;@functions",
                "(func (param v128) (result v128)
                   (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))",
            ),
            "relaxed",
        ),
        (
            "threads",
            with(";;@functions", "(func (drop (i32.atomic.load (i32.const 0))))"),
            "thread",
        ),
        (
            "a role that it does not state",
            with(
                ";;@functions",
                "(func (export \"tagout_enrich\") (param i32 i32) (result i32) (i32.const 0))",
            ),
            "does not have the role",
        ),
        (
            "a start that refuses",
            with(
                ";;@functions",
                "(func (export \"tagout_start\") (result i32) (i32.const 7))",
            ),
            "refuses to start: 7",
        ),
        (
            "a start without an end",
            with(
                ";;@functions",
                "(func (export \"tagout_start\") (result i32) (loop (br 0)) (unreachable))",
            ),
            "fuel",
        ),
        (
            "data outside of its memory",
            with(";;@functions", "(data (i32.const 0x7fffffff) \"x\")"),
            "out of bounds",
        ),
    ];
    check_all(&cases);
}

#[test]
fn memories_and_bytes_that_are_none() {
    let memory = "(memory (export \"memory\") 4)";
    for (name, new, expected) in [
        ("much memory", "(memory (export \"memory\") 2000)", "bytes of memory"),
        ("wide addresses", "(memory (export \"memory\") i64 4)", "no plain one"),
        ("a memory of its own", "(memory 4)", "`memory`"),
    ] {
        check(name, ECHO, &[(memory, new)], expected);
    }
    assert!(why(b"\0asm").contains("not a plugin"));
    assert!(why(b"\0asm\x0d\0\x01\0").contains("component"));
    assert!(why(&[0xff; 100]).contains("not a plugin"));
    let whole = assemble(ECHO, &[]).unwrap();
    for cut in (0..whole.len()).step_by(7) {
        assert_ne!(why(&whole[..cut]), "", "cut at {cut}");
    }
}

#[test]
fn headers_that_lie() {
    let global = "(global (export \"tagout_plugin\") i32 (i32.const 0x100))";
    for (name, new, expected) in [
        ("none", "", "`tagout_plugin`"),
        (
            "one that changes",
            "(global (export \"tagout_plugin\") (mut i32) (i32.const 0x100))",
            "mutable global",
        ),
        (
            "one that is outside",
            "(global (export \"tagout_plugin\") i32 (i32.const -8))",
            "outside of its memory",
        ),
        (
            "one that is something else",
            "(global (export \"tagout_plugin\") i32 (i32.const 0x300))",
            "does not begin with",
        ),
    ] {
        check(name, ECHO, &[(global, new)], expected);
    }
    let header = "\"TGPL\\01\\00\\00\\00\\00\\00\\01\\00\\00\\00\\01\\00\"";
    for (name, new, expected) in [
        ("another major version", r#""TGPL\02\00\00\00\00\00\01\00\00\00\01\00""#, "2.0"),
        ("a later minor version", r#""TGPL\01\00\09\00\00\00\01\00\00\00\01\00""#, "1.9"),
        (
            "an odd input",
            r#""TGPL\01\00\00\00\08\00\01\00\00\00\01\00""#,
            "multiple of 16",
        ),
        ("a small input", r#""TGPL\01\00\00\00\00\00\01\00\00\01\00\00""#, "are needed"),
        (
            "an input outside",
            r#""TGPL\01\00\00\00\00\00\01\00\00\00\00\10""#,
            "outside of",
        ),
        (
            "an input that wraps",
            r#""TGPL\01\00\00\00\f0\ff\ff\ff\ff\ff\ff\ff""#,
            "outside of its memory",
        ),
    ] {
        check(name, ECHO, &[(header, new)], expected);
    }
}

#[test]
fn manifests_that_lie() {
    for (name, from, to, expected) in [
        ("no manifest", "\"tagout.plugin\"", "\"other.section\"", "is missing"),
        (
            "an unknown key",
            "\"doc = 'every",
            "\"door = 1\\n\"\n\"doc = 'every",
            "unknown field",
        ),
        (
            "no name",
            "name = 'echo'\\n\"\n    \"version",
            "name = ''\\n\"\n    \"version",
            "no name",
        ),
        ("no version", "'1.2.3'", "'1.2'", "major.minor.patch"),
        ("not UTF-8", "licence = 'MIT'", "licence = '\\ff'", "UTF-8"),
        (
            "much memory",
            ";;@manifest",
            "\"[limits]\\nmemory = 99999999999\\n\"",
            "at most",
        ),
        (
            "an enricher without its export",
            ";;@manifest",
            "\"[enricher]\\nkinds = ['modbus']\\n\"",
            "`tagout_enrich`",
        ),
        (
            "a function that is not there",
            ";;@manifest",
            "\"[[function]]\\nname = 'f'\\narguments = ['int']\\nreturns = 'int'\\n\"
             \"doc = ''\\nexample = ''\\ncost = { call = 1 }\\n\"",
            "`tagout_fn_f`",
        ),
    ] {
        check(name, ECHO, &[(from, to)], expected);
    }
    let other_type = (
        "(param $at i32) (param $len i32) (result i64)",
        "(param $at i32) (result i64) (local $len i32)",
    );
    check("a function of another type", SUM, &[other_type], "as its manifest declares");
    let twice = "(@custom \"tagout.plugin\" \"\")";
    check("two manifests", ECHO, &[(";;@functions", twice)], "occurs twice");
    let bomb = format!("(@custom \"tagout.schema\" \"{}\")", "#".repeat(1_100_000));
    let edits =
        [("(@custom \"tagout.schema\"", "(@custom \"x\""), (";;@functions", &bomb)];
    check("a section bomb", ECHO, &edits, "more than 1048576 bytes");
}

#[test]
fn schemas_that_lie() {
    let add = |more: &str| {
        let lines = more.lines().map(|line| format!("    \"{line}\\n\"\n"));
        lines.collect::<String>()
    };
    let labels = (0..5000).map(|n| format!("{{ value = {n}, name = 'l{n}' }}, "));
    let labels: String = labels.collect();
    let cases = [
        (
            "a kind that is built in",
            "[[kind]]\nname = 'modbus'\nfamily = 'network'\ndoc = ''".to_owned(),
            "exists",
        ),
        (
            "a kind of a computer",
            "[[kind]]\nname = 'own'\nfamily = 'host'\ndoc = ''".to_owned(),
            "not of the network",
        ),
        (
            "common fields",
            "[[common]]\nfamilies = ['network']\npath = 'x'\ntype = 'u8'\ndoc = ''\n\
             example = ''"
                .to_owned(),
            "only built-in files",
        ),
        (
            "fields of a kind that it does not enrich",
            "[[extend]]\nkinds = ['modbus']\n[[extend.field]]\npath = 'x'\ntype = 'u8'\n\
             doc = ''\nexample = ''"
                .to_owned(),
            "does not enrich",
        ),
        (
            "too many labels",
            format!("[[enum]]\nname = 'e'\nlabels = [{labels}]"),
            "at most",
        ),
        (
            "a list without an end",
            "[[kind]]\nname = 'own'\nfamily = 'network'\ndoc = ''\n[[kind.field]]\n\
             path = 'x'\ntype = 'list u8'\nmax = 65535\ndoc = ''\nexample = ''"
                .to_owned(),
            "lies between",
        ),
        ("no TOML", "[[kind]".to_owned(), "line"),
    ];
    for (name, more, expected) in cases {
        check(name, ECHO, &[(";;@schema", &add(&more))], expected);
    }
    let extend = [("path = 'tag.level'", "path = 'unit'")];
    check("a field that is there", TAG, &extend, "has the path of");
    let inside = [("path = 'tag.level'", "path = 'modbus.level'")];
    check("a field in the kind's group", TAG, &inside, "begins with");
    let reads = [("reads = ['src.ip', 'unit']", "reads = ['values']")];
    check("a list is read", TAG, &reads, "is not given");
    let ty = [("type = 'u8'", "type = 'list u8'\\nmax = 3")];
    check("a list is set", TAG, &ty, "cannot set");
}

#[test]
fn what_the_site_says_counts() {
    let plugin = assemble(ECHO, &[]).unwrap();
    let with = |options: PluginOptions| {
        runtime(&[(plugin.clone(), options)], &[]).err().unwrap_or_default()
    };
    let unknown = PluginOptions { allow: vec!["fly".into()], ..PluginOptions::default() };
    assert!(with(unknown).contains("no capability `fly`"));
    let mut small = PluginOptions::default();
    small.limits.memory = Some(65_536);
    assert!(with(small).contains("does not start"), "its memory is larger than that");
    let mut large = PluginOptions::default();
    large.limits.events = Some(1_000_000);
    assert!(with(large).contains("`events` is 1000000"));
    let data = BTreeMap::from([("a".to_owned(), vec![0; (64 << 20) + 1].into())]);
    assert!(with(PluginOptions { data, ..PluginOptions::default() }).contains("at most"));
    let twice =
        [(plugin.clone(), PluginOptions::default()), (plugin, PluginOptions::default())];
    assert!(runtime(&twice, &[]).err().unwrap().contains("named `echo`"));
}
