//! Verdicts of our reference interpreter beside those of the second engine, on events
//! that are made from each rule's YAML.

use std::path::Path;

use rsigma_eval::{JsonEvent, compile_rule, evaluate_rule};
use rsigma_parser::{Modifier, SigmaValue, parse_sigma_yaml};
use serde_json::Value;
use tagout_compiler::import::sigma::Input;
use tagout_sigma_tests::cases::{Case, cases};
use tagout_sigma_tests::corpus::{COUNTED, corpus, inputs};
use tagout_sigma_tests::ours::{Ours, mapping_of};
use tagout_sigma_tests::tree::Leaf;
use tagout_sigma_tests::{place, tree};
use tagout_spec::schema::Schema;

/// A difference that a clause of the specification decides: whether a test of the rule
/// gives rise to it, and the clause. At most one event in a hundred may need one.
type Explanation = (fn(&Leaf) -> bool, &'static str);

const EXPLAINED: &[Explanation] = &[
    (
        |leaf| leaf.modifiers.contains(&Modifier::Base64Offset),
        "modifiers, base64offset: what is looked for is the static part in the middle; the \
         second engine keeps a last character that the text behind the value decides",
    ),
    (
        |leaf| leaf.modifiers.contains(&Modifier::WindAsh),
        "modifiers, windash: the dashes are interchangeable, so that `/` is replaced too, and \
         they are those of options; the second engine replaces every `-` and nothing else",
    ),
    (
        |leaf| {
            let sides = [Modifier::StartsWith, Modifier::EndsWith];
            leaf.modifiers.iter().any(|m| sides.contains(m)) && has_wildcards(leaf)
        },
        "modifiers, startswith and endswith: the value is expected at the beginning or the \
         end; beside wildcards the second engine anchors the other side",
    ),
    (
        |leaf| {
            let wide = [Modifier::Wide, Modifier::Utf16, Modifier::Utf16be];
            let base64 = [Modifier::Base64, Modifier::Base64Offset];
            leaf.modifiers.iter().any(|m| wide.contains(m))
                && !leaf.modifiers.iter().any(|m| base64.contains(m))
        },
        "modifiers, Encoding: the value is transformed; the second engine does so before \
         Base64 only",
    ),
    (
        |leaf| leaf.field.is_none() && leaf.modifiers.contains(&Modifier::All),
        "rules, Keywords search: keywords are looked for across the event; behind `|all` the \
         second engine wants each of them to be a whole value",
    ),
    (
        |leaf| leaf.modifiers.contains(&Modifier::Expand),
        "rules, Placeholders: they get their meaning from whoever uses the rule; the second \
         engine takes them from the event",
    ),
];

fn has_wildcards(leaf: &Leaf) -> bool {
    matches!(&leaf.value, SigmaValue::String(string) if string.contains_wildcards())
}

#[derive(Default)]
struct Count {
    rules: usize,
    matched: usize,
    events: usize,
    hits: usize,
    explained: usize,
    unexplained: Vec<String>,
}

/// The rules that show what becomes of each modifier and form.
#[test]
fn both_engines_agree_on_the_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../compiler/src/import/sigma/cases");
    let schema = Schema::builtin();
    let mut count = Count::default();
    for entry in std::fs::read_dir(folder).expect("there are cases") {
        let path = entry.expect("readable").path();
        let page = std::fs::read_to_string(&path).expect("cases are text");
        for block in page.split("```yaml\n").skip(1) {
            let text = block.split("```").next().unwrap_or_default().to_owned();
            let path = path.display().to_string();
            rule(&Input { path, text }, &schema, &mut count);
        }
    }
    tell(&count);
    assert!(count.rules >= 25, "{} rules", count.rules);
    assert_eq!(count.unexplained, Vec::<String>::new());
}

#[test]
fn both_engines_agree_on_events_of_every_rule() {
    let Some(root) = corpus("rules/sigma") else { return };
    let schema = Schema::builtin();
    let mut count = Count::default();
    for input in inputs(&root, COUNTED) {
        rule(&input, &schema, &mut count);
    }
    tell(&count);
    assert!(count.unexplained.is_empty());
    assert!(
        count.explained * 100 < count.events,
        "more than one in a hundred is explained"
    );
    assert!(
        count.matched * 100 >= count.rules * 97,
        "too few rules have an event that matches"
    );
}

fn tell(count: &Count) {
    println!(
        "{} rules, {} matched by an event; {} events, {} matches; {} explained, {} not",
        count.rules,
        count.matched,
        count.events,
        count.hits,
        count.explained,
        count.unexplained.len()
    );
    for line in count.unexplained.iter().take(100) {
        println!("{line}");
    }
}

/// Compares the verdicts on all events of a rule.
fn rule(input: &Input, schema: &Schema, count: &mut Count) {
    let Ok(collection) = parse_sigma_yaml(&input.text) else { return };
    let [sigma] = collection.rules.as_slice() else { return };
    let Ok(second) = compile_rule(sigma) else { return };
    let Some(tree) = tree::tree(sigma) else { return };
    let Some(mapping) = mapping_of(sigma) else { return };
    let Some(ours) = Ours::import(input, mapping, schema) else { return };
    count.rules += 1;
    let mut matched = false;
    let mut leaves = Vec::new();
    tree.leaves(false, &mut leaves);
    let asked = leaves.iter().filter_map(|(leaf, _)| leaf.field.clone()).collect();
    for case in cases(&tree) {
        let Some((kind, line)) =
            place::line(&case.event, &ours.mapping, &ours.schema, &asked)
        else {
            continue;
        };
        let theirs = evaluate_rule(&second, &JsonEvent::borrow(&json(&case))).is_some();
        let mine = ours.verdict(&kind, &line);
        count.events += 1;
        count.hits += usize::from(theirs);
        matched |= theirs;
        if mine != Some(theirs) {
            differ(input, &case, (mine, theirs), &leaves, count);
        }
    }
    count.matched += usize::from(matched);
}

fn differ(
    input: &Input,
    case: &Case,
    verdicts: (Option<bool>, bool),
    leaves: &[(&Leaf, bool)],
    count: &mut Count,
) {
    let explains = |(rises, _): &Explanation| leaves.iter().any(|(leaf, _)| rises(leaf));
    if EXPLAINED.iter().any(explains) {
        count.explained += 1;
        return;
    }
    let event = serde_json::to_string(&case.event).unwrap_or_default();
    count.unexplained.push(format!(
        "{}: {}: ours {:?}, theirs {}: {event}",
        input.path, case.about, verdicts.0, verdicts.1
    ));
}

fn json(case: &Case) -> Value {
    Value::Object(case.event.clone())
}
