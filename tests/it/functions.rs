//! Functions of plugins in rules, from text to alert, with closures for the plugin.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tagout_compiler::{PackSource, build};
use tagout_runtime::verify::Bound;
use tagout_runtime::{
    Argument, Cache, Functions, Library, Options, Origin, Output, Runtime, Session,
    Strategy, Value, inspect,
};
use tagout_spec::function::{ArgumentType, CallCost, Function, ResultType};
use tagout_spec::schema::Schema;

const RULES: &str = r#"
rule random_line {
    meta { id = "FN-1" severity = low }
    on process as p
    where entropy(p.command_line) > 3.5 and p.pid == 4
    on_unknown = alert
    emit { title = "{entropy(p.command_line)} bits" evidence = [score(p.pid, 2)] }

    test "random" {
        at 0s process { pid: 4, command_line: "q8Zx1LmP0vR7tYc3KdWb" }
        expect match
    }
    test "words" {
        at 0s process { pid: 4, command_line: "aaaa bbbb aaaa" }
        expect none
    }
    test "nothing to compute on" {
        at 0s process { pid: 4, command_line: "" }
        expect indeterminate on entropy
    }
    test "nothing to pass" {
        at 0s process { pid: 4 }
        expect indeterminate on p.command_line
    }
}

rule plain {
    meta { id = "FN-2" severity = low }
    on process as p
    where p.pid == 4
}

rule is_listed {
    meta { id = "FN-3" severity = low }
    on modbus as m
    where listed(m.src.ip, true) and not (listed(m.dst.ip, false) else true)
}
"#;

/// The declarations of a plugin.
fn declared(version: &str) -> Vec<Function> {
    use ArgumentType::{Bool, Int, Ip, Text};
    let function = |name: &str, arguments: &[ArgumentType], returns| Function {
        plugin: "analyst".to_owned(),
        version: version.parse().expect("a version"),
        name: name.to_owned(),
        arguments: arguments.to_vec(),
        returns,
        cost: CallCost { call: 200, byte: 12 },
        doc: "for tests".to_owned(),
        example: "none".to_owned(),
    };
    vec![
        function("entropy", &[Text], ResultType::Float),
        function("score", &[Int, Int], ResultType::Int),
        function("listed", &[Ip, Bool], ResultType::Bool),
    ]
}

/// A plugin that counts its calls, and goes off after some.
#[derive(Clone)]
struct Analyst {
    functions: Vec<Function>,
    calls: Arc<AtomicU32>,
    off_after: u32,
    starts: bool,
}

impl Analyst {
    fn new(version: &str) -> Self {
        let functions = declared(version);
        Self { functions, calls: Arc::default(), off_after: u32::MAX, starts: true }
    }
}

impl Library for Analyst {
    fn functions(&self) -> &[Function] {
        &self.functions
    }

    fn open(&self) -> Result<Box<dyn Functions>, String> {
        match self.starts {
            true => Ok(Box::new(self.clone())),
            false => Err("it does not want to".to_owned()),
        }
    }
}

impl Functions for Analyst {
    fn call(&mut self, function: usize, arguments: &[Argument<'_>]) -> Option<Value> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if self.is_off() {
            return None;
        }
        match (self.functions.get(function)?.name.as_str(), arguments) {
            ("entropy", [Argument::Text(text)]) => {
                let count = |byte: u8| text.iter().filter(|b| **b == byte).count();
                let shares = (0..=255).map(count).filter(|n| *n > 0);
                let shares = shares.map(|n| n as f64 / text.len() as f64);
                let bits = shares.map(|share| -share * share.log2()).sum();
                (!text.is_empty()).then_some(Value::Float(bits))
            }
            ("score", [Argument::Int(one), Argument::Int(two)]) => {
                Some(Value::Int(one * two))
            }
            ("listed", [Argument::Ip(ip), Argument::Bool(invert)]) => {
                Some(Value::Bool((ip[15] == 7) != *invert))
            }
            (name, arguments) => panic!("{name} of {arguments:?}"),
        }
    }

    fn is_off(&self) -> bool {
        self.calls.load(Ordering::Relaxed) > self.off_after
    }
}

fn pack(functions: Vec<Function>) -> Vec<u8> {
    let source = PackSource { functions, ..PackSource::single("rules.tag", RULES) };
    let built = build(&source, &Schema::builtin());
    built.pack.unwrap_or_else(|| panic!("{:?}", built.checked.diagnostics))
}

fn runtime(module: Vec<u8>, library: Option<Analyst>) -> Runtime {
    let builder = Runtime::builder().pack("functions", module);
    let builder = match library {
        Some(library) => builder.library(Arc::new(library)),
        None => builder,
    };
    builder.build().expect("it loads")
}

/// What a session says of some events: rule, outcome, title.
fn said(session: &mut Session, lines: &[&str]) -> Vec<String> {
    for line in lines {
        session.line(line.as_bytes()).expect("an event");
    }
    session.flush();
    let mut said = Vec::new();
    while let Some(output) = session.next_output() {
        match output {
            Output::Alert(alert) => {
                let lacks: Vec<_> = alert.lacks.iter().map(|(field, _)| field).collect();
                let (id, verdict, title) = (&alert.id, alert.verdict, &alert.title);
                let evidence = serde_json::Value::from(alert.evidence.clone());
                said.push(format!("{id} {verdict:?} {title:?} {evidence} {lacks:?}"));
            }
            other => said.push(format!("{other:?}")),
        }
    }
    said
}

const LINES: &[&str] = &[
    r#"{"kind":"process","process":{"pid":4,"command_line":"q8Zx1LmP0vR7tYc3KdWb"}}"#,
    r#"{"kind":"process","process":{"pid":4,"command_line":"aaaa"}}"#,
    r#"{"kind":"process","process":{"pid":5,"command_line":"q8Zx1LmP0vR7tYc3KdWb"}}"#,
    r#"{"kind":"process","process":{"pid":4,"command_line":""}}"#,
    r#"{"kind":"process","process":{"pid":4}}"#,
    r#"{"kind":"modbus","src":{"ip":"10.0.0.8"},"dst":{"ip":"10.0.0.9"}}"#,
    r#"{"kind":"modbus","src":{"ip":"10.0.0.7"},"dst":{"ip":"10.0.0.9"}}"#,
];

#[test]
fn rules_call_functions() {
    let analyst = Analyst::new("1.0.0");
    let runtime = runtime(pack(declared("1.0.0")), Some(analyst.clone()));
    let mut session = runtime.session().expect("it starts");
    assert!(session.blind().is_empty(), "{:?}", session.blind());
    insta::assert_snapshot!(said(&mut session, LINES).join("\n"));
    // The dearer condition comes last, and what is lacking is not passed: entropy for three
    // events, once more for a title and twice for a reason; the others as they are needed.
    assert!(analyst.calls.load(Ordering::Relaxed) < 20, "{:?}", analyst.calls);
    // Tests in the pack see the same.
    let failed: Vec<_> = runtime
        .run_tests()
        .expect("its tests")
        .into_iter()
        .filter(|result| !result.passed())
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn the_pack_says_what_it_calls() {
    let module = pack(declared("1.0.0"));
    assert_eq!(module, pack(declared("1.0.0").into_iter().rev().collect()));
    let found = inspect(&module, &Default::default()).expect("a pack");
    let functions: Vec<_> = found
        .manifest
        .functions
        .iter()
        .map(|needed| (needed.function.to_string(), needed.rules.clone()))
        .collect();
    let expected = [
        ("entropy(text) -> float", vec![0]),
        ("listed(ip, bool) -> bool", vec![2]),
        // Only an alert needs it.
        ("score(int, int) -> int", vec![]),
    ];
    let expected = expected.map(|(function, rules)| (function.to_owned(), rules));
    assert_eq!(functions, expected);
    let Bound::Proven(ops) = found.verified.bound else { panic!("not proven") };
    // A call of `entropy` for each event of a batch, on texts of 16 KiB.
    assert!(ops.evaluate > 256 * (200 + 12 * 16_384), "{ops:?}");
    let wat = tagout_compiler::wat(&module).expect("a module");
    assert!(wat.contains("call $analyst/entropy"), "{wat}");
    // A pack without calls imports nothing, whatever is declared.
    let source = PackSource {
        functions: declared("1.0.0"),
        ..PackSource::single(
            "a.tag",
            "rule a { meta { id = \"A\" severity = low } on process as p where p.pid == 4 }",
        )
    };
    let module = build(&source, &Schema::builtin()).pack.expect("it builds");
    assert!(!tagout_compiler::wat(&module).expect("a module").contains("import"));
    let found = inspect(&module, &Default::default()).expect("a pack");
    assert!(found.manifest.functions.is_empty());
}

#[test]
fn what_is_not_there_makes_its_rules_blind() {
    let module = pack(declared("1.2.0"));
    let blind = |library: Option<Analyst>| {
        let mut session = runtime(module.clone(), library).session().expect("it starts");
        let blind: Vec<_> = session.blind().iter().map(ToString::to_string).collect();
        // The rule without calls goes on.
        let said = said(&mut session, &LINES[..1]);
        assert!(said.iter().any(|line| line.starts_with("FN-2 ")), "{said:?}");
        assert_eq!(said.len(), if blind.is_empty() { 2 } else { 1 }, "{said:?}");
        blind
    };
    let of_both = |problem: &str| {
        ["random_line", "is_listed"]
            .map(|rule| format!("rule `pack/{rule}` is blind: {problem}"))
            .to_vec()
    };
    assert_eq!(blind(None), of_both("no plugin `analyst` 1.2.0"));
    assert_eq!(blind(Some(Analyst::new("1.3.0"))), Vec::<String>::new());
    for version in ["1.1.9", "2.0.0"] {
        let problem =
            format!("plugin `analyst` is {version}, which does not serve for 1.2.0");
        assert_eq!(blind(Some(Analyst::new(version))), of_both(&problem));
    }
    let mut other = Analyst::new("1.2.0");
    other.functions[0].returns = ResultType::Int;
    assert_eq!(
        blind(Some(other)),
        ["rule `pack/random_line` is blind: no function `entropy(text) -> float` in \
          plugin `analyst`"]
    );
    let fails = Analyst { starts: false, ..Analyst::new("1.2.0") };
    let problem = "plugin `analyst` gives no values: it does not want to";
    assert_eq!(blind(Some(fails)), of_both(problem));
}

#[test]
fn a_plugin_that_goes_off_makes_its_rules_blind() {
    let analyst = Analyst { off_after: 0, ..Analyst::new("1.0.0") };
    let runtime = runtime(pack(declared("1.0.0")), Some(analyst));
    let mut session = runtime.session().expect("it starts");
    assert!(session.blind().is_empty());
    said(&mut session, &LINES[..1]);
    let problem = "plugin `analyst` gives no values: it failed too often";
    let blind: Vec<_> = session.blind().iter().map(ToString::to_string).collect();
    assert_eq!(
        blind,
        ["random_line", "is_listed"]
            .map(|rule| format!("rule `pack/{rule}` is blind: {problem}"))
    );
    let said = said(&mut session, &LINES[..1]);
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn native_code_is_kept_for_the_cost_that_it_was_bounded_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let load = |cost: u64, strategy| {
        let mut analyst = Analyst::new("1.0.0");
        analyst.functions[0].cost.call = cost;
        let cache = Cache::open(folder.path().join("native")).expect("a cache");
        let runtime = Runtime::builder()
            .options(Options { strategy, ..Options::default() })
            .cache(cache)
            .library(Arc::new(analyst))
            .pack("functions", pack(declared("1.0.0")))
            .build()
            .expect("it loads");
        let mut session = runtime.session().expect("it starts");
        let summary = runtime.packs().remove(0);
        let Bound::Proven(ops) = summary.bound else { panic!("not proven") };
        (summary.origin, ops.evaluate, said(&mut session, LINES))
    };
    let compiled = Origin::Compiled { cache: None };
    let first = load(200, Strategy::Native);
    assert_eq!(first.0, compiled);
    let again = load(200, Strategy::Native);
    assert_eq!((&again.0, again.1), (&Origin::Cache, first.1));
    assert_eq!(again.2, first.2);
    // Less than the pack declares changes nothing; more is another bound.
    assert_eq!(load(100, Strategy::Native).0, Origin::Cache);
    let dearer = load(1_200, Strategy::Native);
    assert_eq!(dearer.0, compiled);
    assert!(dearer.1 >= first.1 + 256 * 1_000, "{} and {}", dearer.1, first.1);
    assert_eq!(load(200, Strategy::Pulley).2, first.2);
}
