//! Recorded events of the rules' authors, by way of the source that reads them: each
//! fires the rule it was recorded for among all imported rules, and nothing that the
//! second engine does not fire.
//!
//! The second engine knows no log sources and fires rules of others, too, so that what
//! it fires holds what we fire.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rsigma_eval::{CompiledRule, JsonEvent, compile_rule, evaluate_rule};
use rsigma_parser::parse_sigma_yaml;
use serde_json::Value;
use tagout_compiler::import::sigma::{Input, import};
use tagout_compiler::ir::Plan;
use tagout_compiler::ir::interpret::Interpreter;
use tagout_compiler::{Checked, PackSource, check};
use tagout_decode::EachEvent;
use tagout_host::{Host, Layout};
use tagout_sigma_tests::corpus::{COUNTED, corpus, inputs};
use tagout_sigma_tests::flat::flat;
use tagout_spec::pack::Verdict;
use tagout_spec::schema::Schema;

#[test]
fn recorded_events_fire_their_rules() {
    let (Some(rules), Some(events)) =
        (corpus("rules/sigma"), corpus("host/sigma-regression"))
    else {
        return;
    };
    let all = inputs(&rules, COUNTED);
    let checked = whole(&all);
    let schema = checked.schema(&Schema::builtin());
    let bindings = Vec::new();
    let interpreter = Interpreter::new(&schema, &checked.program, &bindings)
        .expect("patterns are sound");
    let second = second(&all);
    let ids: BTreeSet<&str> = checked.program.plans.iter().map(id).collect();
    let (mut recorded, mut alerts) = (0, 0);
    let (mut others, mut faults) = (Vec::new(), Vec::new());
    for (path, id) in recordings(&events) {
        if !ids.contains(id.as_str()) {
            others.push(path.display().to_string());
            continue;
        }
        recorded += 1;
        let mut fired = BTreeSet::new();
        for event in values(&path) {
            let ours = ours(&event, &checked, &schema, &interpreter);
            let flat = Value::Object(flat(&event));
            for id in &ours {
                let theirs = second.get(id.as_str());
                if theirs.is_some_and(|r| {
                    evaluate_rule(r, &JsonEvent::borrow(&flat)).is_none()
                }) {
                    faults.push(format!("{id} fires for us alone on {}", path.display()));
                }
            }
            alerts += ours.len();
            fired.extend(ours);
        }
        if !fired.contains(&id) {
            faults.push(format!("{} does not fire {id}", path.display()));
        }
    }
    println!(
        "{recorded} recordings, {alerts} alerts; without a rule of ours: {others:?}"
    );
    assert!(recorded >= 85, "{recorded}");
    assert_eq!(faults, Vec::<String>::new());
}

/// All imported rules as one pack.
pub(crate) fn whole(all: &[Input]) -> Checked {
    let schema = Schema::builtin();
    let imported = import(all, "sigma", &schema);
    let source = PackSource { files: imported.files, ..PackSource::default() };
    check(&source, &schema)
}

/// The identifier of a rule.
pub(crate) fn id(plan: &Plan) -> &str {
    let id = plan.meta.iter().find(|(key, _)| key == "id");
    id.and_then(|(_, id)| id.as_str()).unwrap_or_default()
}

/// The rules of the second engine by their identifiers.
fn second(all: &[Input]) -> BTreeMap<String, CompiledRule> {
    let mut found = BTreeMap::new();
    for input in all {
        for rule in parse_sigma_yaml(&input.text).iter().flat_map(|all| &all.rules) {
            if let (Some(id), Ok(compiled)) = (&rule.id, compile_rule(rule)) {
                found.insert(id.clone(), compiled);
            }
        }
    }
    found
}

/// Identifiers of the rules that an event fires.
fn ours(
    event: &Value,
    checked: &Checked,
    schema: &Schema,
    interpreter: &Interpreter<'_>,
) -> BTreeSet<String> {
    let mut fired = BTreeSet::new();
    let mut each = EachEvent::new(schema, |kind, record| {
        for plan in &checked.program.plans {
            let number = usize::try_from(plan.predicate).expect("a small number");
            let predicate = &checked.program.predicates[number];
            let kinds = predicate.kinds.iter();
            let mut kinds = kinds.map(|n| checked.program.kinds[usize::from(*n)]);
            let asked = kinds.any(|known| known == kind);
            let verdict = asked.then(|| interpreter.evaluate(number, &record)).flatten();
            if verdict.is_some_and(|outcome| outcome.verdict == Verdict::True) {
                fired.insert(id(plan).to_owned());
            }
        }
    });
    let text = serde_json::to_string(event).expect("an event");
    let read = Host::new(schema).text(Layout::Json, &text, false, &mut each);
    assert_eq!(read, Ok(()), "{text}");
    each.flush();
    drop(each);
    fired
}

/// Recordings with the identifiers of their rules, as `info.yml` beside them says.
fn recordings(root: &Path) -> Vec<(PathBuf, String)> {
    let mut folders = vec![root.to_path_buf()];
    let mut found = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).expect("a folder");
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "json") {
                let info = std::fs::read_to_string(folder.join("info.yml"));
                let info = info.unwrap_or_default();
                let metadata = info.split("rule_metadata:").nth(1).unwrap_or_default();
                let id =
                    metadata.split("id:").nth(1).and_then(|rest| rest.lines().next());
                found.insert(path, id.unwrap_or_default().trim().to_owned());
            }
        }
    }
    found.into_iter().collect()
}

/// The events of a recording, one behind the other or in a list.
fn values(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("a recording reads");
    let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let lists = values.map_while(Result::ok).map(|value| match value {
        Value::Array(items) => items,
        one => vec![one],
    });
    lists.flatten().collect()
}
