//! Sessions over packs written by hand.

use serde_json::json;
use tagout_spec::pack::manifest::ColumnInfo;
use tagout_spec::pack::manifest::Dedup;
use tagout_spec::pack::manifest::EvidenceFrom;
use tagout_spec::pack::manifest::EvidenceInfo;
use tagout_spec::pack::manifest::OnUnknown;
use tagout_spec::pack::manifest::TitlePart;
use tagout_spec::record::RecordWriter;
use tagout_spec::record::Value;
use tagout_spec::schema::FieldIdx;
use tagout_spec::schema::Schema;

use super::Budget;
use super::Output;
use super::Session;
use crate::runtime::Builder;
use crate::runtime::Runtime;
use crate::testing::Module;
use crate::testing::Sections;

/// Predicate 0: `function` is 16; unknown if the event lacks it. The loop is in
/// the counted form. Predicates 1 and up never hold.
fn module() -> Module {
    let schema = Schema::builtin();
    let kind = schema.kind(schema.kind_idx("modbus").expect("built in")).expect("it");
    let (idx, field) = kind.lookup("function").expect("a field");
    let (byte, mask) = (idx.0 / 8, 1 << (idx.0 % 8));
    let offset = field.offset;
    let mut module = Module::new(&format!(
        "(local.set $row (i32.add (local.get $out) (i32.const 8)))
        (local.set $i (local.get $from))
        (local.set $j (i32.sub (local.get $n) (local.get $from)))
        local.get $j i32.const 1 i32.sub i32.const 256 i32.lt_u
        if loop
          (local.set $at (i32.add (i32.add (local.get $records) (i32.const 64))
            (i32.mul (local.get $i) (i32.load offset=4 (local.get $records)))))
          (local.set $code (i32.const 1))
          (if (i32.and (i32.load8_u offset={byte} (local.get $at)) (i32.const {mask}))
            (then (local.set $code (i32.shl (i32.eq (i32.const 16)
              (i32.load8_u offset={offset} (local.get $at))) (i32.const 1)))))
          (if (local.get $code) (then
            (i32.store (local.get $row) (local.get $i))
            (i32.store offset=4 (local.get $row) (local.get $code))
            (local.set $row (i32.add (local.get $row) (i32.const 8)))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          local.get $j i32.const 1 i32.sub local.tee $j br_if 0
        end else local.get $j if unreachable end end
        (i32.store (local.get $out) (local.get $n))
        (return (local.get $row))"
    ));
    // One column: the function, as an integer.
    module.columns = format!(
        "(i32.store (local.get $out) (i32.const 255))
         (i32.store offset=4 (local.get $out) (i32.const 1))
         (i64.store offset=8 (local.get $out) (i64.const 2))
         (i64.store offset=24 (local.get $out) (i64.const 0))
         (i64.store offset=16 (local.get $out) (i64.load8_u offset={offset}
           (i32.add (i32.add (local.get $records) (i32.const 64))
             (i32.mul (local.get $event) (i32.load offset=4 (local.get $records))))))
         (return (i32.add (local.get $out) (i32.const 32)))"
    );
    // One condition, unknown; one field, absent.
    module.explain = "(i32.store (local.get $out) (i32.const 1))
         (i32.store offset=4 (local.get $out) (i32.const 1))
         (i32.store16 offset=8 (local.get $out) (i32.const 0x0101))
         (return (i32.add (local.get $out) (i32.const 10)))"
        .to_owned();
    module
}

fn sections() -> Sections {
    let mut sections = Sections::new("p", 2);
    sections.infos[0].columns.push(ColumnInfo {
        source: "m.function".to_owned(),
        enumeration: Some("modbus_function".to_owned()),
        print: None,
    });
    sections.infos[0].title =
        vec![TitlePart::Text("wrote with ".to_owned()), TitlePart::Column(0)];
    sections.infos[0].evidence.push(EvidenceInfo {
        label: "function".to_owned(),
        from: EvidenceFrom::Column(0),
    });
    sections
}

fn builder(edit: impl Fn(&mut Sections, &mut Module)) -> Builder {
    let (mut sections, mut module) = (sections(), module());
    edit(&mut sections, &mut module);
    Runtime::builder().pack("p.wasm", sections.pack(&module))
}

fn session(edit: impl Fn(&mut Sections, &mut Module)) -> Session {
    let runtime = builder(edit).build().expect("loads");
    runtime.session().expect("starts")
}

fn set(record: &mut RecordWriter<'_>, path: &str, value: Value<'_>) {
    let idx: FieldIdx = record.kind().lookup(path).expect(path).0;
    assert!(record.set(idx, value), "{path}");
}

const SECOND: i64 = 1_000_000_000;

/// An event at a second, perhaps with a function.
fn event(session: &mut Session, at: i64, function: Option<i64>) -> u64 {
    let kind = session.runtime.schema.kind_idx("modbus").expect("built in");
    let write = |record: &mut RecordWriter<'_>| {
        set(record, "ts", Value::Int(at * SECOND));
        set(record, "src.ip", Value::Ip(crate::testing::ip("10.30.1.9")));
        set(record, "dst.ip", Value::Ip(crate::testing::ip("10.10.0.5")));
        if let Some(function) = function {
            set(record, "function", Value::Int(function));
        }
    };
    session.event(kind, write).expect("a known kind")
}

fn outputs(session: &mut Session) -> Vec<Output> {
    session.flush();
    std::iter::from_fn(|| session.next_output()).collect()
}

fn show(output: &Output) -> String {
    match output {
        Output::Alert(alert) => {
            format!("{} {} {:?}", alert.sequence, alert.title, alert.verdict)
        }
        Output::Plugin(report) => report.to_string(),
        Output::Fault(fault) => format!(
            "{} events of {}: {}{}",
            fault.events,
            fault.kind,
            fault.problem,
            if fault.off { ", off" } else { "" }
        ),
    }
}

#[track_caller]
fn check(session: &mut Session, expected: &[&str]) {
    let outputs: Vec<String> = outputs(session).iter().map(show).collect();
    assert_eq!(outputs, expected);
}

#[test]
fn matches_are_reported_in_order_across_flushes() {
    let mut session = session(|_, _| {});
    assert!(session.runtime.packs()[0].bound.is_proven());
    for n in 0..1_000 {
        event(&mut session, n, Some(if n % 300 == 299 { 16 } else { 3 }));
    }
    check(
        &mut session,
        &[
            "299 wrote with write_multiple_registers Match",
            "599 wrote with write_multiple_registers Match",
            "899 wrote with write_multiple_registers Match",
        ],
    );
    let stats = session.stats();
    assert_eq!(stats.events["modbus"], 1_000);
    assert_eq!(stats.alerts["p/r0"], 3);
    assert!(stats.indeterminate.is_empty() && stats.faults.is_empty());
}

#[test]
fn what_is_undecided_is_counted_or_reported_once() {
    let mut count = session(|_, _| {});
    let mut alert = session(|s, _| s.plans[0].on_unknown = OnUnknown::Alert);
    for session in [&mut count, &mut alert] {
        event(session, 0, None);
        event(session, 1, None);
        event(session, 3_601, None);
    }
    check(&mut count, &[]);
    let lines =
        ["0 wrote with (unknown) Indeterminate", "2 wrote with (unknown) Indeterminate"];
    let outputs = outputs(&mut alert);
    // The hand-written column reads 0 where the field is absent.
    let shown: Vec<String> =
        outputs.iter().map(|o| show(o).replace("with 0", "with (unknown)")).collect();
    assert_eq!(shown, lines);
    let Some(Output::Alert(first)) = outputs.first() else { panic!("an alert") };
    assert_eq!(first.lacks, [("function".to_owned(), crate::Lacked::Absent)]);
    for session in [&count, &alert] {
        assert_eq!(session.stats().indeterminate["p/r0"], 3);
    }
}

#[test]
fn repetitions_are_held_back_by_event_time() {
    let mut session = session(|s, _| {
        s.plans[0].dedup = Some(Dedup { by: vec![0], window: 10 * SECOND });
    });
    for at in [0, 3, 9, 10, 12, 25] {
        event(&mut session, at, Some(16));
    }
    let sequences: Vec<u64> = outputs(&mut session)
        .iter()
        .map(|output| match output {
            Output::Alert(alert) => alert.sequence,
            Output::Fault(_) => panic!("no fault"),
            Output::Plugin(report) => panic!("{report}"),
        })
        .collect();
    assert_eq!(sequences, [0, 3, 5]);
    assert_eq!(session.stats().deduplicated["p/r0"], 3);
}

#[test]
fn alerts_beyond_the_budget_are_counted() {
    let budget = Budget { alerts_per_rule: Some(2), ..Budget::default() };
    let runtime = builder(|_, _| {}).budget(budget).build().expect("loads");
    let mut session = runtime.session().expect("starts");
    for at in 0..5 {
        event(&mut session, at, Some(16));
    }
    assert_eq!(outputs(&mut session).len(), 2);
    assert_eq!(session.stats().suppressed["p/r0"], 3);
    // Outputs that nobody takes do not pile up.
    let budget = Budget { outputs: 2, ..Budget::default() };
    let runtime = builder(|_, _| {}).budget(budget).build().expect("loads");
    let mut session = runtime.session().expect("starts");
    for at in 0..5 {
        event(&mut session, at, Some(16));
    }
    assert_eq!(outputs(&mut session).len(), 2);
    assert_eq!(session.stats().dropped, 3);
}

#[test]
fn faults_make_the_batch_indeterminate_and_end_with_the_pack_off() {
    // Each body and what is said about it.
    for (body, problem) in [
        ("unreachable", "wasm trap: wasm `unreachable` instruction executed"),
        ("(return (i32.const 0))", "the output of the module has a wrong size"),
        ("(return (i32.const -1))", "it does not end in its area"),
        ("(return (i32.add (local.get $out) (i32.const 4)))", "the output of the module has a wrong size"),
        // Resumes where it started, for ever.
        (
            "(i32.store (local.get $out) (local.get $from)) (return (i32.add (local.get $out) (i32.const 8)))",
            "the module does not advance",
        ),
        // Resumes after the end.
        (
            "(i32.store (local.get $out) (i32.const 77)) (return (i32.add (local.get $out) (i32.const 8)))",
            "the module reported event 77 of a batch",
        ),
        // Rows with an event or a predicate that there is not, or one twice over.
        (
            "(i32.store (local.get $out) (local.get $n)) (i32.store offset=8 (local.get $out) (i32.const 9))
             (i32.store offset=12 (local.get $out) (i32.const 2)) (return (i32.add (local.get $out) (i32.const 16)))",
            "the module reported event 9 of a batch",
        ),
        (
            "(i32.store (local.get $out) (local.get $n)) (i32.store offset=8 (local.get $out) (i32.const 0))
             (i32.store offset=12 (local.get $out) (i32.const 0x1002)) (return (i32.add (local.get $out) (i32.const 16)))",
            "the module reported predicate 1024",
        ),
        (
            "(i32.store (local.get $out) (local.get $n)) (i32.store offset=8 (local.get $out) (i32.const 0))
             (i32.store offset=12 (local.get $out) (i32.const 3)) (return (i32.add (local.get $out) (i32.const 16)))",
            "the module wrote a code 3",
        ),
        ("loop br 0 end", "did not end in time"),
    ] {
        let options = crate::Options {
            deadline: std::time::Duration::from_millis(10),
            ..crate::Options::default()
        };
        let edit = |_: &mut Sections, m: &mut Module| m.evaluate = body.to_owned();
        let budget = Budget { faults: 2, ..Budget::default() };
        let runtime =
            builder(edit).options(options).budget(budget).build().expect("loads");
        let mut session = runtime.session().expect("starts");
        event(&mut session, 0, Some(16));
        event(&mut session, 0, Some(3));
        check(&mut session, &[&format!("2 events of modbus: {problem}")]);
        event(&mut session, 1, Some(16));
        check(&mut session, &[&format!("1 events of modbus: {problem}, off")]);
        event(&mut session, 2, Some(16));
        check(&mut session, &[]);
        let stats = session.stats();
        assert_eq!((stats.faults["p"], &*stats.off), (2, &["p".to_owned()][..]));
        assert_eq!(stats.indeterminate["p/r0"], 3);
        assert_eq!(stats.indeterminate["p/r1"], 3);
    }
}

#[test]
fn faults_in_the_cold_calls_are_contained() {
    for fault in ["unreachable", "(return (i32.const -8))", "loop br 0 end"] {
        let mut on_match = session(|_, m| m.columns = fault.to_owned());
        event(&mut on_match, 0, Some(16));
        let found = outputs(&mut on_match);
        assert!(matches!(&found[..], [Output::Fault(f)] if f.events == 1), "{found:?}");
        assert_eq!(on_match.stats().indeterminate["p/r0"], 1);
        let mut on_unknown = session(|s, m| {
            s.plans[0].on_unknown = OnUnknown::Alert;
            m.explain = fault.to_owned();
        });
        event(&mut on_unknown, 0, None);
        let found = outputs(&mut on_unknown);
        assert!(matches!(&found[..], [Output::Fault(f)] if f.events == 1), "{found:?}");
    }
    for fault in ["unreachable", "(return (i32.const 1))", "loop br 0 end"] {
        let runtime = builder(|_, m| m.bind = fault.to_owned()).build().expect("loads");
        let error = runtime.session().err().expect(fault).to_string();
        assert!(error.contains("the module does not take its parameters"), "{error}");
    }
}

#[test]
fn blind_rules_are_masked_and_reported() {
    let mut session = session(|s, _| {
        s.manifest.kinds[0].fields[0].fingerprint = "0000000000000000".to_owned();
        s.plans[1].reads.clear();
    });
    let blind: Vec<String> = session.blind().iter().map(ToString::to_string).collect();
    let expected = "rule `p/r0` is blind: \
                    another type, unit or place of `function` in `modbus`";
    assert_eq!(blind, [expected]);
    event(&mut session, 0, Some(3));
    check(&mut session, &[]);
    // This module does not heed its mask, which is nonsense in its output.
    event(&mut session, 0, Some(16));
    let found = outputs(&mut session);
    assert!(matches!(&found[..], [Output::Fault(_)]), "{found:?}");
}

#[test]
fn several_packs_keep_the_order_of_events() {
    let other = {
        let mut sections = sections();
        sections.manifest.name = "q".to_owned();
        for info in &mut sections.infos {
            info.id = info.id.replace("p/", "q/");
            info.title = vec![TitlePart::Text("q".to_owned())];
        }
        sections.pack(&module())
    };
    let runtime = builder(|_, _| {}).pack("q.wasm", other.clone()).build().expect("load");
    let mut session = runtime.session().expect("starts");
    event(&mut session, 0, Some(16));
    event(&mut session, 1, Some(16));
    check(
        &mut session,
        &[
            "0 wrote with write_multiple_registers Match",
            "0 q Match",
            "1 wrote with write_multiple_registers Match",
            "1 q Match",
        ],
    );
    let twice =
        builder(|_, _| {}).pack("q.wasm", other.clone()).pack("again.wasm", other);
    let error = twice.build().err().expect("refused").to_string();
    assert_eq!(error, "again.wasm: two packs or plugins are named `q`");
}

#[test]
fn the_site_is_joined_unless_the_event_says_otherwise() {
    let schema = Schema::builtin();
    let site = crate::Site::parse(
        r#"
        [[zone]]
        name = "cell 1"
        prefixes = ["10.10.0.0/24"]
        [[asset]]
        name = "press 7"
        addresses = ["10.10.0.5"]
        role = "plc"
        [[maintenance]]
        asset = "press 7"
        from = 1970-01-01T00:00:05Z
        to = 1970-01-01T00:00:06Z
        "#,
        &schema,
    )
    .expect("sound");
    let runtime = builder(|_, _| {}).site(site).build().expect("loads");
    let mut session = runtime.session().expect("starts");
    event(&mut session, 4, Some(16));
    event(&mut session, 5, Some(16));
    let kind = schema.kind_idx("modbus").expect("built in");
    let write = |record: &mut RecordWriter<'_>| {
        set(record, "dst.ip", Value::Ip(crate::testing::ip("10.10.0.5")));
        set(record, "dst.zone", Value::from("elsewhere"));
        set(record, "function", Value::Int(16));
    };
    session.event(kind, write).expect("known");
    let dst: Vec<serde_json::Value> = outputs(&mut session)
        .iter()
        .map(|output| match output {
            Output::Alert(alert) => alert.event["dst"].clone(),
            Output::Fault(fault) => panic!("{fault:?}"),
            Output::Plugin(report) => panic!("{report}"),
        })
        .collect();
    let asset = |maintenance| {
        json!({
            "ip": "10.10.0.5",
            "zone": "cell 1",
            "asset": {
                "role": 1, "role_name": "plc", "maintenance": maintenance,
                "id": "press 7", "name": "press 7",
            },
        })
    };
    assert_eq!(dst[0], asset(false));
    assert_eq!(dst[1], asset(true));
    assert_eq!(dst[2]["zone"], "elsewhere");
    assert_eq!(dst[2]["asset"]["name"], "press 7");
    assert_eq!(dst[2]["asset"].get("maintenance"), None);
}

#[test]
fn rules_are_explained() {
    let mut session = session(|_, _| {});
    let kind = session.runtime.schema.kind_idx("modbus").expect("built in");
    let why = session.explain("r0", kind, |_| {}).expect("explained");
    assert_eq!(why.verdict, "indeterminate");
    assert_eq!(why.conditions[0].source, "m.function == 16");
    assert_eq!(why.lacks, [("function".to_owned(), crate::Lacked::Absent)]);
    let error = session.explain("r9", kind, |_| {}).expect_err("no such rule");
    assert_eq!(error.to_string(), "there is no rule `r9`");
    let process = session.runtime.schema.kind_idx("process").expect("built in");
    let error = session.explain("r0", process, |_| {}).expect_err("another kind");
    assert_eq!(error.to_string(), "the rule is about another kind of event");
}

#[test]
fn lines_are_events_and_bad_lines_are_not() {
    let mut session = session(|_, _| {});
    let good = br#"{"ts":"2026-11-22T10:00:00Z","kind":"modbus","src":{"ip":"10.0.0.1","port":50000},"modbus":{"function":16,"quantity":2}}"#;
    assert_eq!(session.line(good).expect("an event").0, 0);
    for bad in [&b""[..], b"{", b"[]", b"{\"kind\":\"telex\"}", b"\xff\xfe", b"{}"] {
        assert!(session.line(bad).is_err());
    }
    assert_eq!(session.line(good).expect("an event").0, 1);
    let alerts = outputs(&mut session);
    assert_eq!(alerts.len(), 2);
    let Output::Alert(alert) = &alerts[0] else { panic!("an alert") };
    let event: serde_json::Value = serde_json::from_slice(good).expect("JSON");
    assert_eq!(alert.event["src"], event["src"]);
    assert_eq!(alert.event["modbus"]["quantity"], 2);
    assert_eq!(alert.event["modbus"]["function_name"], "write_multiple_registers");
    assert_eq!(alert.evidence["function"], 16);
    let why = session.explain_line("p/r0", good).expect("explained");
    assert_eq!(why.rule, "p/r0");
}

#[test]
fn results_do_not_depend_on_where_batches_end() {
    let run = |flush_every: i64| {
        let mut session = session(|s, _| {
            s.plans[0].dedup = Some(Dedup { by: vec![0], window: 7 * SECOND });
            s.plans[0].on_unknown = OnUnknown::Alert;
        });
        let mut found = Vec::new();
        for n in 0..600 {
            let function = [Some(16), Some(3), None, Some(16)];
            event(&mut session, n / 3, function[usize::try_from(n % 4).expect("small")]);
            if n % flush_every == 0 {
                session.flush();
            }
        }
        found.extend(outputs(&mut session));
        (found, session.stats())
    };
    let whole = run(i64::MAX);
    assert!(!whole.0.is_empty());
    for flush_every in [1, 2, 7, 255, 256, 257] {
        assert_eq!(run(flush_every), whole, "{flush_every}");
    }
}

#[test]
fn the_packs_own_tests_are_run() {
    use tagout_spec::pack::manifest::Expectation;
    use tagout_spec::pack::manifest::PackTest;
    let event = |function: Option<u8>| {
        let mut event =
            json!({ "ts": "2026-11-22T10:00:00Z", "kind": "modbus", "modbus": {} });
        if let Some(function) = function {
            event["modbus"]["function"] = function.into();
        }
        event
    };
    let test = |rule: &str, function, expect| PackTest {
        rule: rule.to_owned(),
        name: "t".to_owned(),
        place: ("r.tag".to_owned(), 9),
        with: serde_json::Map::new(),
        events: vec![event(function)],
        expect: vec![expect],
    };
    let on = |field: &str| Expectation::Indeterminate(vec![field.to_owned()]);
    let cases = [
        (test("r0", Some(16), Expectation::Match), ""),
        (test("r0", Some(3), Expectation::None), ""),
        (test("r0", None, on("function")), ""),
        (
            test("r0", Some(3), Expectation::Match),
            "expected a match, but it did not match",
        ),
        (test("r0", Some(16), Expectation::None), "expected no match, but it matched"),
        (
            test("r0", None, on("unit")),
            "expected an indeterminate verdict on unit, but it was indeterminate on function",
        ),
        (test("r9", None, on("unit")), "the pack has no rule `r9`"),
    ];
    let tests: Vec<PackTest> = cases.iter().map(|(test, _)| test.clone()).collect();
    let runtime = builder(|s, _| s.tests.clone_from(&tests)).build().expect("loads");
    let results = runtime.run_tests().expect("sound");
    for (result, (_, expected)) in results.iter().zip(&cases) {
        assert_eq!(result.problems.join("; "), *expected);
        assert_eq!(result.passed(), expected.is_empty());
    }
    assert_eq!(results.len(), cases.len());
}

#[cfg(feature = "pulley")]
#[test]
fn the_interpreter_and_precompiled_code_give_equal_alerts() {
    let run = |runtime: Runtime| {
        let mut session = runtime.session().expect("starts");
        for n in 0..300 {
            event(&mut session, n, Some(15 + n % 2));
        }
        outputs(&mut session)
    };
    let native = run(builder(|_, _| {}).build().expect("loads"));
    assert_eq!(native.len(), 150);
    let options =
        crate::Options { strategy: crate::Strategy::Pulley, ..crate::Options::default() };
    let bytes = sections().pack(&module());
    let limits = crate::verify::Limits::default();
    let artefact = crate::precompile(&bytes, &options, &limits).expect("compiles");
    let runtime = Runtime::builder().options(options).precompiled("p", bytes, artefact);
    assert_eq!(run(runtime.build().expect("loads")), native);
}

#[test]
fn a_host_is_found_by_the_name_it_reports() {
    use tagout_spec::fold::fold;
    use tagout_spec::record::{BatchBuilder, Needs, Slot};

    let text = r#"
        [[zone]]
        name = "control"
        prefixes = ["10.20.0.0/24"]
        [[asset]]
        name = "Engineering 1"
        role = "engineering"
        addresses = ["10.20.0.11"]
        hosts = ["ENG-1"]
    "#;
    let schema = tagout_spec::schema::Schema::builtin();
    let site = crate::site::Site::parse(text, &schema).expect("a site");
    let join = super::Join::new(&std::sync::Arc::new(site)).expect("something to join");
    let kind = schema.kind_idx("process").expect("built in");
    let ends = super::join::ends(schema.kind(kind).expect("built in"));
    for (name, found) in [("eng-1", true), ("ENG-1.plant.local", true), ("eng-2", false)]
    {
        let mut batch = BatchBuilder::new(&schema, kind, Needs::ALL).expect("a batch");
        let mut record = batch.begin().expect("room");
        set(&mut record, "host.name", name.into());
        record.commit();
        let mut record = batch.reopen_last().expect("a record");
        join.complete(&ends, &mut record, None);
        record.commit();
        let batch = batch.finish(0);
        let view = batch.view().record(0).expect("a record");
        let get = |path| view.get(view.kind().lookup(path).expect(path).0);
        let role = found
            .then_some(12)
            .map_or(Slot::Absent, |role| Slot::Value(Value::Int(role)));
        assert_eq!(get("host.asset.role"), role, "{name}");
        let ip = crate::testing::ip("10.20.0.11");
        let ip = if found { Slot::Value(Value::Ip(ip)) } else { Slot::Absent };
        assert_eq!(get("host.ip"), ip, "{name}");
        let Slot::Value(Value::Text(zone)) = get("host.zone") else {
            assert!(!found, "{name}");
            continue;
        };
        assert_eq!(fold(zone.bytes), b"control");
    }
}
