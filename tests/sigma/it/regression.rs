//! Recorded events of the rules' authors: each fires the rule it was recorded for, and
//! among the rules of its log source those that the second engine fires.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rsigma_eval::{CompiledRule, JsonEvent, compile_rule, evaluate_rule};
use rsigma_parser::parse_sigma_yaml;
use serde_json::{Map, Value};
use tagout_sigma_tests::corpus::{COUNTED, corpus, inputs};
use tagout_sigma_tests::ours::{Ours, mapping_of};
use tagout_sigma_tests::place;
use tagout_spec::schema::Schema;

/// A rule in both engines.
struct Both {
    id: String,
    /// Product, category, service.
    source: [Option<String>; 3],
    ours: Ours,
    theirs: CompiledRule,
}

#[test]
fn recorded_events_fire_their_rules() {
    let (Some(rules), Some(events)) =
        (corpus("rules/sigma"), corpus("host/sigma-regression"))
    else {
        return;
    };
    let schema = Schema::builtin();
    let rules = both(&rules, &schema);
    let (mut recorded, mut fired, mut compared) = (0, 0, 0);
    let (mut others, mut faults) = (Vec::new(), Vec::new());
    for (path, id) in recordings(&events) {
        let Some(rule) = rules.iter().find(|rule| rule.id == id) else {
            others.push(path.display().to_string());
            continue;
        };
        recorded += 1;
        let mut hit = false;
        for event in flattened(&path) {
            for other in rules.iter().filter(|other| other.source == rule.source) {
                let theirs = evaluate_rule(
                    &other.theirs,
                    &JsonEvent::borrow(&Value::Object(event.clone())),
                );
                let asked = event.keys().cloned().collect();
                let mine =
                    place::line(&event, &other.ours.mapping, &other.ours.schema, &asked)
                        .and_then(|(kind, line)| other.ours.verdict(&kind, &line));
                compared += 1;
                let where_ = || format!("{} on {}", other.id, path.display());
                if mine.unwrap_or(false) != theirs.is_some() {
                    faults.push(format!(
                        "{}: ours {mine:?}, theirs {}",
                        where_(),
                        theirs.is_some()
                    ));
                }
                hit |= other.id == id && mine == Some(true);
            }
        }
        if !hit {
            faults.push(format!("{} does not fire {id}", path.display()));
        }
        fired += usize::from(hit);
    }
    println!(
        "{recorded} recordings, {fired} fire their rule, {compared} verdicts compared"
    );
    println!("without a rule of ours: {others:?}");
    assert!(recorded >= 85, "{recorded}");
    assert_eq!(faults, Vec::<String>::new());
}

fn both(root: &Path, schema: &Schema) -> Vec<Both> {
    let mut found = Vec::new();
    for input in inputs(root, COUNTED) {
        let Ok(collection) = parse_sigma_yaml(&input.text) else { continue };
        let [sigma] = collection.rules.as_slice() else { continue };
        let Some(mapping) = mapping_of(sigma) else { continue };
        let (Ok(theirs), Some(ours)) =
            (compile_rule(sigma), Ours::import(&input, mapping, schema))
        else {
            continue;
        };
        let logs = sigma.logsource.clone();
        let source = [logs.product, logs.category, logs.service];
        found.push(Both {
            id: sigma.id.clone().unwrap_or_default(),
            source,
            ours,
            theirs,
        });
    }
    found
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

/// The events of a recording under the names of Sigma: the fields of the event's data,
/// and attributes of its head behind the names of their elements.
fn flattened(path: &Path) -> Vec<Map<String, Value>> {
    let text = std::fs::read_to_string(path).expect("a recording reads");
    let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let mut events = Vec::new();
    for value in values.map_while(Result::ok) {
        let list = match value {
            Value::Array(items) => items,
            one => vec![one],
        };
        for value in list {
            let mut event = Map::new();
            leaves(&value, "", &mut event);
            events.push(event);
        }
    }
    events
}

fn leaves(value: &Value, name: &str, event: &mut Map<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match key.as_str() {
                    "#attributes" => {
                        for (attribute, value) in value.as_object().into_iter().flatten()
                        {
                            event.insert(format!("{name}_{attribute}"), value.clone());
                        }
                    }
                    "#text" => leaves(value, name, event),
                    // Sigma leaves the blanks of names out, or writes them as `_`.
                    key if key.contains(' ') => {
                        leaves(value, &key.replace(' ', ""), event);
                        leaves(value, &key.replace(' ', "_"), event);
                    }
                    key => leaves(value, key, event),
                }
            }
        }
        Value::Array(items) => {
            let texts: Vec<String> = items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect();
            event.insert(name.to_owned(), Value::from(texts.join("\n")));
        }
        Value::Null => {}
        scalar => {
            event.insert(name.to_owned(), scalar.clone());
        }
    }
}
