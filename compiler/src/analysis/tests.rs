//! What rules come to. Programs are verified in every test.

use tagout_spec::schema::Schema;

use super::{Checked, PackSource, check};
use crate::diagnostic::render::{self, text::Colour};
use crate::ir::verify;

/// Checks a file and holds that what came of it is valid.
#[track_caller]
fn checked(text: &str) -> Checked {
    let schema = Schema::builtin();
    let checked = check(&PackSource::single("a.tag", text), &schema);
    let faults = verify(&checked.program, &checked.schema(&schema));
    assert!(faults.is_empty(), "{faults:?}");
    checked
}

/// Codes of the errors of a file, in order.
fn errors(checked: &Checked) -> Vec<&'static str> {
    let is_error = |d: &&crate::diagnostic::Diagnostic| d.code.id().starts_with('E');
    checked.diagnostics.iter().filter(is_error).map(|d| d.code.id()).collect()
}

/// The same rule around conditions on Modbus events.
#[track_caller]
fn check_where(cond: &str, expected: &[&str]) {
    let text = format!("rule r {{ on modbus as m where {cond} }}");
    let checked = checked(&text);
    let found = errors(&checked);
    assert_eq!(found, expected, "{cond}: {:#?}", checked.diagnostics);
}

const SKETCH: &str = r#"
param engineering: set<ip> max 1024 = {}
pred  writes(m: modbus) = m.function in { write_single_coil, write_single_register,
    write_multiple_coils, write_multiple_registers, mask_write_register,
    read_write_multiple_registers }

rule modbus_write_from_unexpected_host {
  meta { id = "OT-NET-0007"  severity = high  attack = [ics.T0855, ics.T0836]
         reference = "https://attack.mitre.org/techniques/T0855/"  falsepositives = "commissioning" }
  on modbus as m
  where m.request and writes(m)
    and m.address_range overlaps 9..98
    and m.dst.asset.role in { plc, rtu, safety }
    and m.src.ip not in engineering and m.src.ip not in 10.20.0.0/24
  unless maintenance(m.dst.asset)
  dedup by (m.src.ip, m.dst.ip, m.unit) for 10m
  emit { title = "Modbus write to {m.dst.asset.name ?? m.dst.ip}"  evidence = [m.function, m.address, m.values] }

  test "a write from the office network" {
    at 0s modbus { request: true, function: 16, address: 10, quantity: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.role: plc }
    expect match
  }
  test "the engineering station may write" with { engineering: {10.30.1.9} } {
    at 0s modbus { request: true, function: 16, address: 10, quantity: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5, dst.asset.role: plc }
    expect none
  }
  test "an unknown role is not silence" {
    at 0s modbus { request: true, function: 16, address: 10, quantity: 1, src.ip: 10.30.1.9, dst.ip: 10.10.0.5 }
    expect indeterminate on m.dst.asset.role
  }
}

rule engineering_tool_spawns_shell {
  meta { id = "OT-HOST-0012"  severity = high  attack = [ics.T0807] }
  on process as p
  where p.parent.image.name in { "S7tgtopx.exe", "LogixDesigner.exe" }
    and p.image.name in { "cmd.exe", "powershell.exe", "mshta.exe" }
    and (p.command_line contains any i{ "-enc", "downloadstring" } or p.image glob r"C:\Users\**\Temp\**")
    and not (p.signer == "Siemens AG" else false)
  emit { evidence = [p.command_line] }
}
"#;

#[test]
fn the_sketch_of_the_language_is_understood() {
    let checked = checked(SKETCH);
    assert_eq!(errors(&checked), [""; 0], "{:#?}", checked.diagnostics);
    assert_eq!(checked.program.predicates.len(), 2);
    assert_eq!(checked.tests.len(), 3);
}

#[test]
fn conditions_have_types() {
    check_where("m.unit == 1", &[]);
    check_where("m.unit == 1.5", &[]);
    check_where("m.unit == \"a\"", &["E0206"]);
    check_where("m.function == write_single_coil", &[]);
    check_where("m.function == write_single_coul", &["E0203"]);
    check_where("m.unti == 1", &["E0202"]);
    check_where("unit == 1", &["E0204"]);
    check_where("n.unit == 1", &["E0204"]);
    check_where("m.unit == 256", &["E0208"]);
    check_where("m.unit + 1 == 9223372036854775808", &["E0209"]);
    check_where("m.unit == 1 / 0", &["E0209"]);
    check_where("m.src.ip in 10.0.0.1/24", &["E0210"]);
    check_where("m.unit in 9..3", &["E0211"]);
    check_where("m.values == 1", &["E0212"]);
    check_where("m.unit", &["E0213"]);
    check_where("any v in m.values (v > 3)", &[]);
    check_where("count v in m.values (v > 3) >= 2", &[]);
    check_where("2 <= count v in m.values (v > 3)", &[]);
    check_where("any v in m.values (any w in m.values (w > v))", &["E0217"]);
    check_where("register(m, 40, f32, word_order: little) > 10", &[]);
    check_where("register(m, ref(40001), i16, scale: 0.1) > 10.5", &[]);
    check_where("register(m, 65535, u32) > 10", &["E0221"]);
    check_where("m.src.asset.name contains any { \"a\", \"\" }", &["E0226"]);
    check_where("m.src.asset.name matches r\"(?=a)\"", &["E0229"]);
    check_where("m.src.asset.name matches r\"(\"", &["E0218"]);
    check_where("m.src.asset.name matches r\"(a{900}){900}\"", &["E0219"]);
    // Few states as written, and two to the eighteenth as a table.
    check_where("m.src.asset.name matches r\"a[ab]{18}\"", &["E0219"]);
    check_where("m.src.asset.name glob \"[a\"", &["E0220"]);
    check_where("m.address_range overlaps 5", &["E0206"]);
    check_where("m.address_range overlaps { 1..3, 9..12 }", &[]);
    check_where("m.exception == null", &["E0206"]);
    check_where("m.exception is null", &[]);
    check_where("m.src is missing", &["E0202"]);
    check_where("m.ts - m.ts < 5s", &[]);
    check_where("m.ts > \"2026-01-01T00:00:00Z\"", &[]);
    check_where("len(m.values) > 100 and len(m.src.zone) == 3", &[]);
    check_where("foo(m)", &["E0205"]);
    check_where("m.unit in { 1, 3..5, 7 } and m.unit & 0x0f != 0", &[]);
    check_where("m.src.ip in { 10.0.0.1, 10.1.0.0/16, 10.2.0.1..10.2.0.9 }", &[]);
    check_where("m.src.mac in { 00:1b:1b:00:00:01 }", &[]);
    check_where("(m.unit ?? 3) == 3", &[]);
    check_where("m.transport == tcp and m.src.zone == i\"Office\"", &[]);
}

#[test]
fn every_render_of_a_diagnostic_works() {
    let text = "rule r { on modbus as m where m.unti == 1 }";
    let source = PackSource::single("a.tag", text);
    let checked = checked(text);
    let shown =
        render::text::render(&source.sources(), &checked.diagnostics, Colour::Never);
    assert!(shown.contains("did you mean `unit`"), "{shown}");
}

/// Codes of everything but what every bare rule lacks.
#[track_caller]
fn check_lints(text: &str, expected: &[&str]) {
    let checked = checked(text);
    let found: Vec<_> = checked
        .diagnostics
        .iter()
        .map(|d| d.code.id())
        .filter(|id| !["W0511", "W0512", "W0507"].contains(id))
        .collect();
    assert_eq!(found, expected, "{text}: {:#?}", checked.diagnostics);
}

#[test]
fn fields_that_may_not_be_there_are_found() {
    #[track_caller]
    fn check(cond: &str, expected: &[&str]) {
        check_lints(&format!("rule r {{ on modbus as m where {cond} }}"), expected);
    }
    const MAY_LACK: &[&str] = &["W0519"];
    check("m.subfunction == 4", MAY_LACK);
    check("m.request and m.subfunction == 4", MAY_LACK);
    check("m.function == 8 and m.subfunction == 4", &[]);
    check("m.subfunction == 4 and m.function == diagnostics", &[]);
    check("m.function == 8 and (m.unit == 1 or m.subfunction == 4)", &[]);
    check("(m.function == 8 or m.unit == 1) and m.subfunction == 4", MAY_LACK);
    check("m.unit == 1 or m.function == 8 and m.subfunction == 4", &[]);
    // A guard that lets more through than the field's is none.
    check("m.function in { 8, 43 } and m.subfunction == 4", MAY_LACK);
    check("m.function in { 11, 12 } and m.event_count > 5", &[]);
    check("m.function == 11 and m.event_count > 5", &[]);
    // What is said about its absence decides.
    check("(m.subfunction == 4 else false)", &[]);
    check("(m.subfunction ?? 0) == 4", &[]);
    check("m.subfunction is present", &[]);
    check("m.unit == 1 and not m.subfunction == 4", MAY_LACK);
    check("m.latency > 5s", MAY_LACK);
    check("not m.request and m.latency > 5s", &[]);
    check("m.request == false and m.latency > 5s", &[]);
    check("m.request and any f in m.files (f.file == 4)", MAY_LACK);
    check("m.function == 20 and any f in m.files (f.file == 4)", &[]);
    check_lints(
        "pred restart(m: modbus) = m.subfunction == 1 \
         rule r { on modbus as m where m.function == 8 and restart(m) }",
        &[],
    );
    check_lints(
        "rule r { on modbus as m missing = false where m.subfunction == 4 }",
        &[],
    );
}

#[test]
fn contradictions_are_found() {
    #[track_caller]
    fn check(cond: &str, expected: &[&str]) {
        check_lints(&format!("rule r {{ on modbus as m where {cond} }}"), expected);
    }
    check("m.function == 5 and m.function == 6", &["E0301"]);
    check("m.function in {5, 6} and m.function == 6", &[]);
    check("m.unit < 0", &["E0302"]);
    check("m.unit >= 0", &["W0501"]);
    check("m.unit == 1 and (m.unit == 2 or m.request)", &["W0517"]);
    check("m.unit == 1 and (m.unit == 2 or m.unit == 3)", &["E0301"]);
    check("m.request and not m.request", &["E0301"]);
    check("m.request and m.request", &["W0502"]);
    check("m.src.zone == \"A\" and m.src.zone == \"b\"", &["E0301"]);
    check("m.src.zone == \"A\" and m.src.zone == \"a\"", &["W0502"]);
    check("m.src.zone == \"office\" and m.src.zone contains \"plant\"", &["E0301"]);
    check("m.src.zone startswith \"a\" and m.src.zone startswith \"b\"", &["E0301"]);
    check("m.src.ip in 10.0.0.0/24 and m.src.ip in 10.0.1.0/24", &["E0301"]);
    check("m.src.ip in 10.0.0.0/24 and m.src.ip not in 10.0.0.0/8", &["E0301"]);
    check("m.ts is missing", &["E0303"]);
    check("m.unit is missing and m.unit == 3", &["E0301"]);
    check("m.unit is missing and (m.unit ?? 3) == 3", &[]);
    check("not (m.unit == 1) and m.unit == 1", &["E0301"]);
    check("m.unit & 0x0f == 20", &["E0302"]);
    check("any v in m.values (v == 1 and v == 2)", &["E0301"]);
    check("any v in m.values (v == 1) and any v in m.values (v == 2)", &[]);
    check("m.unit in {1, 1}", &["W0513"]);
    check("m.address == 40001", &["W0514"]);
    check("m.address == ref(40001)", &[]);
}

#[test]
fn packs_are_linted() {
    check_lints("param p: int = 3", &["W0503"]);
    check_lints("# tagout: allow(W0503)\nparam p: int = 3", &[]);
    check_lints("# tagout: allow(W0504)\nparam p: int = 3", &["W0515", "W0503"]);
    check_lints("pred p(m: modbus) = m.request", &["W0505"]);
    check_lints(
        "pred p(m: modbus) = p(m)\nrule r { on modbus as m where p(m) }",
        &["E0215"],
    );
    check_lints(
        "pred p(m: modbus) = m.nix == 1\nrule r { on modbus as m where p(m) }",
        &["E0202"],
    );
    check_lints(
        "rule a { on modbus as m where m.unit == 1 } rule b { on modbus as n where n.unit == 1 and n.request }",
        &["W0506"],
    );
    check_lints(
        "rule a { meta { attack = [ics.T0855, ics.T9999] } on modbus as m where m.unit == 1 }",
        &["W0509", "W0508"],
    );
    check_lints(
        "rule a { on modbus as m where m.unit == 1 } rule a { on modbus as m where m.unit == 2 }",
        &["E0216"],
    );
    check_lints(
        "param s: set<ip> = {}\nrule a { on modbus as m where m.src.ip in s }",
        &["E0230"],
    );
    check_lints(
        "data d: set<ip> = \"data/d.csv\"\nrule a { on modbus as m where m.src.ip in d }",
        &["E0403"],
    );
    check_lints(
        "rule a { on modbus as m where m.unit == 1 emit { titel = \"\" } }",
        &["E0224"],
    );
    check_lints(
        "rule a { on modbus as m where m.unit == 1 emit { title = \"{m.unti}\" } }",
        &["E0202"],
    );
    check_lints(
        "rule a { on modbus as m where m.unit == 1 emit { title = \"{m.unit\" } }",
        &["E0228"],
    );
    check_lints("rule a { where m.unit == 1 }", &["E0223"]);
    check_lints("rule a { on modbux as m where m.unit == 1 }", &["E0201"]);
    check_lints("missing = false rule a { on modbus as m where m.unit == 1 }", &[]);
}

/// Rules that are valid one by one, and a way to break each.
const RULES: &[(&str, &str, &str)] = &[
    ("m.unit == 1", "unit == 1", "unit = 1"),
    ("m.src.ip in 10.0.0.0/8", "10.0.0.0/8", "10.0.0.1/8"),
    ("m.function in { 1, 2 }", "}", ""),
    ("any v in m.values (v > 3)", "(v > 3)", "(v > 3"),
    ("m.request", "m.request", "m.requets"),
    ("m.src.zone contains \"abcd\"", "\"abcd\"", "\"abcd"),
    ("p(m)", "p(m)", "p(m, m)"),
    ("m.src.ip in s", "in s", "in t"),
    ("m.quantity > 3 and m.unit == 1", "and", "&&"),
    ("m.src.zone matches \"a+\"", "a+", "a(+"),
];

/// k broken rules of a file yield errors in exactly these k rules, and the
/// others stay in the program.
#[test]
fn errors_stay_in_their_rules() {
    let mut seed = 1u64;
    let mut random = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % n
    };
    for k in 1..=20 {
        let mut broken = std::collections::BTreeSet::new();
        while broken.len() < k {
            broken.insert(random(40));
        }
        let mut text =
            String::from("param s: set<ip> max 3 = {}\npred p(m: modbus) = m.request\n");
        let mut places = Vec::new();
        for n in 0..40 {
            let (cond, old, new) = RULES[random(RULES.len())];
            let cond = match broken.contains(&n) {
                true => cond.replacen(old, new, 1),
                false => cond.to_owned(),
            };
            let start = text.len();
            text.push_str(&format!(
                "rule r{n} {{\n    on modbus as m\n    where {cond}\n    dedup by (m.unit) for 3s\n}}\n"
            ));
            places.push(start..text.len());
        }
        let checked = checked(&text);
        let mut hit = std::collections::BTreeSet::new();
        for d in checked.diagnostics.iter().filter(|d| d.code.id().starts_with('E')) {
            let at = usize::try_from(d.span().unwrap().start).unwrap();
            hit.insert(places.iter().position(|place| place.contains(&at)).unwrap());
        }
        assert_eq!(hit, broken, "{text}\n{:#?}", checked.diagnostics);
        assert_eq!(checked.program.predicates.len(), 40 - k, "{text}");
    }
}

/// No text makes the analysis panic or yields a program that is not valid.
#[test]
fn mutilated_files_are_survived() {
    let mut seed = 7u64;
    let mut random = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % n.max(1)
    };
    let language = include_str!("../../../spec/language.md");
    let blocks: Vec<&str> = language
        .split("```tagout")
        .skip(1)
        .filter_map(|b| b.split_once('\n')?.1.split("```").next())
        .chain([SKETCH])
        .collect();
    for _ in 0..600 {
        let mut words: Vec<&str> =
            blocks[random(blocks.len())].split_inclusive([' ', '\n', '.', '(']).collect();
        for _ in 0..=random(4) {
            let (a, b) = (random(words.len()), random(words.len()));
            match random(3) {
                0 => words.swap(a, b),
                1 => words[a] = words[b],
                _ => drop(words.remove(a)),
            }
        }
        checked(&words.concat());
    }
}

#[test]
fn deep_and_large_rules_are_refused() {
    let not =
        format!("rule r {{ on modbus as m where {}m.request }}", "not ".repeat(200));
    assert_eq!(errors(&checked(&not)), ["E0407"]);
    let mut tower = String::new();
    for n in 0..20 {
        let next = n + 1;
        tower.push_str(&format!("pred p{n}(m: modbus) = p{next}(m) or p{next}(m)\n"));
    }
    tower.push_str(
        "pred p20(m: modbus) = m.request\nrule r { on modbus as m where p0(m) }",
    );
    assert_eq!(errors(&checked(&tower)), ["E0407"]);
}

#[test]
fn a_repeated_field_is_mended_with_any() {
    #[track_caller]
    fn check(cond: &str, mended: &str) {
        let text = format!("rule r {{ on modbus as m where {cond} }}");
        let sources = PackSource::single("a.tag", text.as_str()).sources();
        let checked = checked(&text);
        assert_eq!(errors(&checked), ["E0212"]);
        let all = crate::diagnostic::Applicability::Maybe;
        let fixed = crate::diagnostic::apply_fixes(&sources, &checked.diagnostics, all);
        let expected = format!("rule r {{ on modbus as m where {mended} }}");
        assert_eq!(fixed.files[0].1, expected);
        assert_eq!(errors(&super::tests::checked(&expected)), [""; 0]);
    }
    check("m.request and m.values > 3", "m.request and any v in m.values (v > 3)");
    check("m.files.file == 4", "any v in m.files (v.file == 4)");
    check("m.values in { 1, 2 }", "any v in m.values (v in { 1, 2 })");
}
