//! Verdicts on every event of every Windows log in the corpus: ours by way of our reader
//! of EVTX, those of the second engine on what the `evtx` crate prints as JSON.
//!
//! Which rules read an event is said by the table of log sources; what those rules say is
//! compared both ways. Left out are events that have another's names: rules of a category
//! ask for Sysmon's, and a 4688 of the Security log has none of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use evtx::{EvtxParser, ParserSettings};
use rsigma_eval::{CompiledRule, JsonEvent, compile_rule, evaluate_rule};
use rsigma_parser::parse_sigma_yaml;
use serde_json::{Map, Value};
use tagout_compiler::import::sigma::{Input, Mapping};
use tagout_compiler::ir::interpret::Interpreter;
use tagout_decode::EachEvent;
use tagout_host::evtx::{CHUNK, Chunks, HEADER};
use tagout_host::{Host, Layout};
use tagout_sigma_tests::corpus::{COUNTED, corpus, inputs};
use tagout_sigma_tests::flat::flat;
use tagout_sigma_tests::ours::mapping_of;
use tagout_sigma_tests::third;
use tagout_spec::pack::Verdict;
use tagout_spec::record::EventJson;
use tagout_spec::schema::{Family, Schema};

use crate::regression::{id, whole};

/// A rule in both engines.
struct Rule {
    predicate: usize,
    second: CompiledRule,
    mapping: Mapping,
    text: String,
}

/// A record of ours: its kind, what it prints as, and the rules that it fires.
struct Record {
    kind: String,
    json: Value,
    fired: Vec<(String, bool)>,
}

/// A rule, an event, and what we say to it.
type Difference = (String, Map<String, Value>, bool, String);

#[test]
fn both_engines_agree_on_every_log() {
    let (Some(sigma), Some(host)) = (corpus("rules/sigma"), corpus("host")) else {
        return;
    };
    let all = inputs(&sigma, COUNTED);
    let checked = whole(&all);
    let schema = checked.schema(&Schema::builtin());
    let bindings = Vec::new();
    let interpreter = Interpreter::new(&schema, &checked.program, &bindings)
        .expect("patterns are sound");
    let rules = rules(&all, &checked.program.plans);
    let (mut events, mut verdicts, mut matches) = (0, 0, 0);
    let mut differences: Vec<Difference> = Vec::new();
    for path in logs(&host) {
        let theirs = theirs(&path);
        for (number, record) in ours(&path, &schema, &interpreter, &rules) {
            let Some(event) = theirs.get(&number) else { continue };
            events += 1;
            let flat = flat(event);
            let value = Value::Object(flat.clone());
            for (id, mine) in record.fired {
                let rule = &rules[&id];
                verdicts += 1;
                matches += usize::from(mine);
                let second = evaluate_rule(&rule.second, &JsonEvent::borrow(&value));
                if second.is_some() != mine {
                    let about = format!(
                        "{id} on record {number} of {}, a {}: ours {mine}: {}",
                        path.display(),
                        record.kind,
                        record.json
                    );
                    differences.push((rule.text.clone(), flat.clone(), mine, about));
                }
            }
        }
    }
    let questions = differences.iter();
    let questions =
        questions.map(|(rule, event, ..)| (rule.as_str(), std::slice::from_ref(event)));
    let opinions = third::opinions(questions);
    let mut undecided = Vec::new();
    for (at, (_, _, mine, about)) in differences.iter().enumerate() {
        let opinion = opinions.as_ref().and_then(|all| all.get(at)?.as_ref()?.first());
        if opinion != Some(mine) {
            undecided.push(format!("{about}, third {opinion:?}"));
        }
    }
    println!(
        "{events} events of logs, {verdicts} verdicts, {matches} matches; {} differ, {} of \
         them undecided",
        differences.len(),
        undecided.len()
    );
    for line in undecided.iter().take(40) {
        println!("{line}");
    }
    assert!(events > 3_000, "{events}");
    assert!(opinions.is_none() || undecided.is_empty());
}

/// Rules of one document a file that both engines have, by their identifiers.
fn rules(all: &[Input], plans: &[tagout_compiler::ir::Plan]) -> BTreeMap<String, Rule> {
    let predicates: BTreeMap<&str, u32> =
        plans.iter().map(|plan| (id(plan), plan.predicate)).collect();
    let mut rules = BTreeMap::new();
    for input in all {
        let Ok(collection) = parse_sigma_yaml(&input.text) else { continue };
        let [rule] = collection.rules.as_slice() else { continue };
        let Some(id) = &rule.id else { continue };
        let predicate =
            predicates.get(id.as_str()).and_then(|p| usize::try_from(*p).ok());
        if let (Some(predicate), Ok(second), Some(mapping)) =
            (predicate, compile_rule(rule), mapping_of(rule))
        {
            let text = input.text.clone();
            rules.insert(id.clone(), Rule { predicate, second, mapping, text });
        }
    }
    rules
}

/// The records of a log by their numbers, with the verdicts of the rules that read them.
fn ours(
    path: &Path,
    schema: &Schema,
    interpreter: &Interpreter<'_>,
    rules: &BTreeMap<String, Rule>,
) -> BTreeMap<u64, Record> {
    let json = EventJson::new(schema);
    let found = std::cell::RefCell::new(Vec::new());
    let mut each = EachEvent::new(schema, |kind, view| {
        let kind = schema.kind(kind).expect("a kind");
        let mut line = Vec::new();
        json.write(&view, &mut line);
        let json: Value = serde_json::from_slice(&line).expect("it prints JSON");
        let reads = |rule: &&Rule| reads(&rule.mapping, &kind.name, kind.family, &json);
        let fired = rules.iter().filter(|(_, rule)| reads(rule)).map(|(id, rule)| {
            let verdict = interpreter.evaluate(rule.predicate, &view);
            (id.clone(), verdict.is_some_and(|found| found.verdict == Verdict::True))
        });
        let fired = fired.collect();
        found.borrow_mut().push(Record { kind: kind.name.to_string(), json, fired });
    });
    let bytes = std::fs::read(path).expect("a log reads");
    let (mut chunks, mut host) = (Chunks::default(), Host::new(schema));
    let mut records = BTreeMap::new();
    for chunk in bytes.get(HEADER..).unwrap_or_default().chunks(CHUNK) {
        for record in chunks.read(chunk).records {
            let read = host.text(Layout::Evtx, &record.text, false, &mut each);
            assert_eq!(read, Ok(()), "{}", record.text);
            each.flush();
            // A script that comes in parts is another text than the record has.
            let mut events = found.take();
            if events.len() == 1 && !is_part(&events[0].json) {
                records.extend(events.pop().map(|event| (record.id, event)));
            }
        }
    }
    records
}

/// Whether an event is one of several parts of a script.
fn is_part(event: &Value) -> bool {
    event.pointer("/raw/MessageTotal").is_some_and(|total| total != "1")
}

/// Whether a rule of a log source reads an event, and asks for names that it has.
fn reads(mapping: &Mapping, kind: &str, family: Family, event: &Value) -> bool {
    let is_kind = match mapping.kind {
        "host" => family == Family::Host,
        named => {
            let provider = event.get("provider").and_then(Value::as_str);
            named == kind
                && (kind == "script" || provider == Some("Microsoft-Windows-Sysmon"))
        }
    };
    is_kind
        && mapping.guard.iter().all(|(path, values)| {
            let stated = stated(event, kind, path);
            values.iter().any(|value| {
                let value = value.trim_matches('"');
                stated.iter().any(|stated| stated.eq_ignore_ascii_case(value))
            })
        })
}

/// What an event says of a field: text or number, and label.
fn stated(event: &Value, kind: &str, path: &str) -> Vec<String> {
    let mut stated = Vec::new();
    for base in ["", kind] {
        for ending in ["", "_name"] {
            let path = format!("{base}.{path}{ending}");
            let pointer = format!("/{}", path.trim_start_matches('.').replace('.', "/"));
            match event.pointer(&pointer) {
                Some(Value::String(text)) => stated.push(text.clone()),
                Some(number @ Value::Number(_)) => stated.push(number.to_string()),
                _ => {}
            }
        }
    }
    stated
}

/// The events of a log as the crate prints them.
fn theirs(path: &Path) -> BTreeMap<u64, Value> {
    let settings = ParserSettings::new().num_threads(1);
    let Ok(parser) = EvtxParser::from_path(path) else { return BTreeMap::new() };
    let mut parser = parser.with_configuration(settings);
    let records = parser.records_json_value().filter_map(Result::ok);
    records.map(|record| (record.event_record_id, record.data)).collect()
}

fn logs(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(logs(&path));
        } else if path.extension().is_some_and(|ending| ending == "evtx") {
            found.push(path);
        }
    }
    found.sort();
    found
}
