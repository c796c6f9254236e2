//! Verdicts of our reference interpreter beside those of the second engine, on events
//! that are made from each rule's YAML.
//!
//! Where the two differ, a clause of the specification says who is right, and pySigma with
//! its SQLite backend is asked as a third ([`third`]). A difference that has a clause and
//! in which the third is of our opinion is decided; one in which it is not, or has none,
//! is explained, and of those at most one event in a hundred may be.

use std::path::Path;

use rsigma_eval::{JsonEvent, compile_rule, evaluate_rule};
use rsigma_parser::{Modifier, SigmaValue, parse_sigma_yaml};
use serde_json::{Map, Value};
use tagout_compiler::import::sigma::Input;
use tagout_sigma_tests::cases::cases;
use tagout_sigma_tests::corpus::{COUNTED, corpus, inputs};
use tagout_sigma_tests::ours::{Ours, mapping_of};
use tagout_sigma_tests::tree::Leaf;
use tagout_sigma_tests::{place, third, tree};
use tagout_spec::schema::Schema;

/// A difference that a clause of the specification decides: whether a test of the rule
/// gives rise to it, and the clause.
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
    differences: Vec<Difference>,
}

/// An event on which the two engines differ.
struct Difference {
    /// The rule's text.
    rule: String,
    /// Which clause decides, if one does.
    clause: Option<usize>,
    event: Map<String, Value>,
    ours: Option<bool>,
    /// For people.
    about: String,
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
    assert!(count.rules >= 25, "{} rules", count.rules);
    settle(&count);
}

#[test]
fn both_engines_agree_on_events_of_every_rule() {
    let Some(root) = corpus("rules/sigma") else { return };
    let schema = Schema::builtin();
    let mut count = Count::default();
    for input in inputs(&root, COUNTED) {
        rule(&input, &schema, &mut count);
    }
    settle(&count);
    assert!(
        count.matched * 100 >= count.rules * 97,
        "too few rules have an event that matches"
    );
}

/// What the third opinion is on the differences that a clause decides.
#[derive(Clone, Copy, Default)]
struct Opinions {
    with_us: usize,
    against_us: usize,
    none: usize,
}

/// Asks the third opinion on all differences, tells, and judges.
fn settle(count: &Count) {
    let questions = count.differences.iter();
    let questions = questions.map(|d| (d.rule.as_str(), std::slice::from_ref(&d.event)));
    let answers = third::opinions(questions);
    let mut clauses = [Opinions::default(); EXPLAINED.len()];
    let mut unexplained = Vec::new();
    for (at, difference) in count.differences.iter().enumerate() {
        let answer = answers.as_ref().and_then(|answers| answers.get(at));
        let third = answer.and_then(|verdicts| verdicts.as_ref()?.first().copied());
        match difference.clause.and_then(|clause| clauses.get_mut(clause)) {
            None => unexplained.push(format!("{}, third {third:?}", difference.about)),
            Some(opinions) if third.is_none() => opinions.none += 1,
            Some(opinions) if third == difference.ours => opinions.with_us += 1,
            Some(opinions) => opinions.against_us += 1,
        }
    }
    println!(
        "{} rules, {} matched by an event; {} events, {} matches, {} differences",
        count.rules,
        count.matched,
        count.events,
        count.hits,
        count.differences.len(),
    );
    let mut explained = 0;
    for (opinions, (_, clause)) in clauses.iter().zip(EXPLAINED) {
        let Opinions { with_us, against_us, none } = *opinions;
        explained += against_us + none;
        if with_us + against_us + none > 0 {
            println!(
                "  third with us {with_us}, against us {against_us}, none {none}: {clause}"
            );
        }
    }
    println!("  explained {explained}, not {}", unexplained.len());
    for line in unexplained.iter().take(100) {
        println!("{line}");
    }
    assert!(unexplained.is_empty());
    if answers.is_some() {
        let most = count.events / 100;
        assert!(explained <= most, "more than one in a hundred is explained");
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
        let event = Value::Object(case.event.clone());
        let theirs = evaluate_rule(&second, &JsonEvent::borrow(&event)).is_some();
        let mine = ours.verdict(&kind, &line);
        count.events += 1;
        count.hits += usize::from(theirs);
        matched |= theirs;
        if mine != Some(theirs) {
            let clause = EXPLAINED
                .iter()
                .position(|(rises, _)| leaves.iter().any(|(leaf, _)| rises(leaf)));
            count.differences.push(Difference {
                rule: input.text.clone(),
                clause,
                ours: mine,
                about: format!(
                    "{}: {}: ours {mine:?}, theirs {theirs}: {event}",
                    input.path, case.about
                ),
                event: case.event,
            });
        }
    }
    count.matched += usize::from(matched);
}
