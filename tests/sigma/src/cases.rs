//! The events of a rule: one that matches for every alternative, and near misses for
//! every test that it needs and for every exception.

use serde_json::{Map, Value};

use crate::tree::{Leaf, Tree};
use crate::value::event;

/// Most events of a rule: rules of a thousand alternatives are sampled.
const MAX_EVENTS: usize = 600;

/// An event with what it is meant to show.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is special about it.
    pub about: String,
    /// The event, in the names of Sigma.
    pub event: Map<String, Value>,
}

/// Makes the events of a rule.
#[must_use]
pub fn cases(tree: &Tree) -> Vec<Case> {
    let mut leaves = Vec::new();
    tree.leaves(false, &mut leaves);
    let mut cases = Vec::new();
    let step = leaves.len().div_ceil(MAX_EVENTS / 4).max(1);
    for (leaf, negated) in leaves.iter().step_by(step) {
        if !negated {
            alternative(tree, leaf, &mut cases);
        }
    }
    let mut negations = Vec::new();
    tree.negations(&mut negations);
    for negation in negations {
        exceptions(tree, negation, &mut cases);
    }
    cases.push(Case { about: "nothing".into(), event: Map::new() });
    let mut seen = std::collections::BTreeSet::new();
    cases.retain(|case| {
        seen.insert(serde_json::to_string(&case.event).unwrap_or_default())
    });
    cases.truncate(MAX_EVENTS);
    cases
}

/// A match by way of a leaf, in several forms, and what it is without the leaf.
fn alternative(tree: &Tree, leaf: &Leaf, cases: &mut Vec<Case>) {
    let mut plan = Vec::new();
    tree.plan(true, leaf.number, &mut plan);
    for variant in 0..if leaf.modifiers.is_empty() { 2 } else { 5 } {
        let event = event(&plan, variant);
        cases.push(Case { about: format!("by leaf {}", leaf.number), event });
    }
    let whole = event(&plan, 0);
    cases.push(Case {
        about: "in capitals".into(),
        event: changed(&whole, str::to_uppercase),
    });
    let dropped: Vec<_> =
        plan.iter().filter(|(other, _)| other.number != leaf.number).copied().collect();
    cases.push(Case {
        about: format!("without leaf {}", leaf.number),
        event: event(&dropped, 0),
    });
    let name = leaf.field.clone().unwrap_or_else(|| "keyword_field".to_owned());
    if let Some(Value::String(text)) = whole.get(&name) {
        let mut chars: Vec<char> = text.chars().collect();
        chars.pop();
        let shorter: String = chars.iter().collect();
        let other: String =
            text.chars().map(|c| if c == '\\' { '_' } else { c }).collect();
        // A list of hashes stays a list.
        let (before, behind) =
            if name.starts_with("Hash") { ("X=0,", ",X=0") } else { ("~", "~") };
        for (about, value) in [
            ("with more behind", format!("{text}{behind}")),
            ("with more before", format!("{before}{text}")),
            ("with less", shorter),
            ("without separators", other),
            ("empty", String::new()),
        ] {
            let mut event = whole.clone();
            event.insert(name.clone(), Value::from(value));
            cases.push(Case { about: format!("leaf {} {about}", leaf.number), event });
        }
    }
    let mut without = whole;
    without.remove(&name);
    cases.push(Case {
        about: format!("no field of leaf {}", leaf.number),
        event: without,
    });
}

/// A match that an exception takes back, for every alternative of the exception, and
/// the same without one test of it.
fn exceptions(tree: &Tree, negation: &Tree, cases: &mut Vec<Case>) {
    let mut leaves = Vec::new();
    negation.leaves(false, &mut leaves);
    let step = leaves.len().div_ceil(MAX_EVENTS / 8).max(1);
    for (leaf, _) in leaves.iter().step_by(step) {
        let mut plan = Vec::new();
        tree.plan(true, usize::MAX, &mut plan);
        plan.retain(|(_, wanted)| *wanted);
        let base = plan.len();
        negation.plan(true, leaf.number, &mut plan);
        let event_with = event(&plan, 0);
        cases.push(Case {
            about: format!("exception by leaf {}", leaf.number),
            event: event_with,
        });
        if plan.len() > base + 1 {
            let dropped: Vec<_> = plan
                .iter()
                .filter(|(other, _)| other.number != leaf.number)
                .copied()
                .collect();
            cases.push(Case {
                about: format!("exception without leaf {}", leaf.number),
                event: event(&dropped, 0),
            });
        }
    }
}

fn changed(
    event: &Map<String, Value>,
    change: impl Fn(&str) -> String,
) -> Map<String, Value> {
    let changed = event.iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) => Value::from(change(text)),
            other => other.clone(),
        };
        (name.clone(), value)
    });
    changed.collect()
}
