//! Recorded events of the rules' authors, by way of the source that reads them: each
//! fires the rule it was recorded for among all imported rules, and both engines say the
//! same to all of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tagout_decode::EachEvent;
use tagout_host::{Host, Layout};
use tagout_sigma_tests::corpus::corpus;
use tagout_sigma_tests::flat::flat;
use tagout_sigma_tests::taxonomy;

use crate::judge::{Judge, Theirs, Trial, rules};

#[test]
fn recorded_events_fire_their_rules() {
    let (Some(rules), Some(events)) = (rules(), corpus("host/sigma-regression")) else {
        return;
    };
    let judge = Judge::new(rules);
    let mut trial = Trial::default();
    let found = RefCell::new(Vec::new());
    let mut each = EachEvent::new(&rules.schema, |kind, view| {
        found.borrow_mut().push(judge.ours(kind, &view));
    });
    let (mut recorded, mut alerts) = (0, 0);
    let (mut others, mut faults) = (Vec::new(), Vec::new());
    for (path, id) in recordings(&events) {
        if !rules.has(&id) {
            others.push(id);
            continue;
        }
        recorded += 1;
        let mut host = Host::new(&rules.schema);
        let mut fired = BTreeSet::new();
        for (number, event) in values(&path).iter().enumerate() {
            let read = host.text(Layout::Json, &event.to_string(), false, &mut each);
            assert_eq!(read, Ok(()), "{event}");
            each.flush();
            let about = format!("event {number} for {id}");
            for ours in found.take() {
                alerts += ours.fired().count();
                fired.extend(ours.fired().map(str::to_owned));
                let log = flat(event);
                let category = taxonomy::category(&log);
                trial.hear(&ours, &Theirs { log: vec![log], category }, &about);
            }
        }
        if !fired.contains(&id) {
            faults.push(format!("{} does not fire {id}", path.display()));
        }
    }
    println!(
        "{recorded} recordings, {alerts} alerts; without a rule of both: {others:?}"
    );
    assert!(recorded >= 85, "{recorded}");
    assert_eq!(faults, Vec::<String>::new());
    let events = trial.settle("recordings of the rules' authors", &[]);
    assert!(events >= 90, "{events}");
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
