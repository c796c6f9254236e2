//! All public rules in both engines, and what becomes of events that are put before
//! them: verdicts of ours and of the second engine, and where they differ a third
//! opinion.
//!
//! ```text
//! source --our reader--> record --Judge::ours--> Ours --.
//!    '----- names as Sigma means them -------> Theirs --+--> Trial --settle--> sums
//! ```
//!
//! Which rules read an event is said by the table of log sources; what those rules say is
//! compared both ways. A difference is decided by the third if it is of our opinion; else
//! it needs an [`Explained`], and of those at most one in a hundred events may have one.
//!
//! Left out is where events come from: each source is a file of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use rsigma_eval::{CompiledRule, JsonEvent, compile_rule, evaluate_rule};
use rsigma_parser::parse_sigma_yaml;
use serde_json::{Map, Value};
use tagout_compiler::import::sigma::{Input, Mapping, import};
use tagout_compiler::ir::interpret::Interpreter;
use tagout_compiler::ir::{Constant, Plan};
use tagout_compiler::{Checked, PackSource, check};
use tagout_sigma_tests::corpus::{COUNTED, corpus, inputs};
use tagout_sigma_tests::ours::mapping_of;
use tagout_sigma_tests::third;
use tagout_spec::pack::Verdict;
use tagout_spec::record::{EventJson, RecordView};
use tagout_spec::schema::{Family, KindIdx, Schema};

/// The rules that both engines have.
pub(crate) struct Rules {
    /// The schema with the names that the rules read.
    pub(crate) schema: Schema,
    checked: Checked,
    groups: Vec<Group>,
}

/// Rules that read the same events.
struct Group {
    mapping: Mapping,
    rules: Vec<Rule>,
}

/// A rule of one document a file, in both engines.
struct Rule {
    id: String,
    predicate: usize,
    second: CompiledRule,
    text: String,
}

/// The rules of the corpus; none without one.
pub(crate) fn rules() -> Option<&'static Rules> {
    static RULES: LazyLock<Option<Rules>> =
        LazyLock::new(|| Some(Rules::new(&inputs(&corpus("rules/sigma")?, COUNTED))));
    RULES.as_ref()
}

impl Rules {
    fn new(all: &[Input]) -> Self {
        let builtin = Schema::builtin();
        let imported = import(all, "sigma", &builtin);
        let source = PackSource { files: imported.files, ..PackSource::default() };
        let checked = check(&source, &builtin);
        let plans = checked.program.plans.iter();
        let predicates: BTreeMap<&str, usize> = plans
            .filter_map(|plan| Some((id(plan), usize::try_from(plan.predicate).ok()?)))
            .collect();
        let mut groups: Vec<Group> = Vec::new();
        for input in all {
            let Ok(collection) = parse_sigma_yaml(&input.text) else { continue };
            let [rule] = collection.rules.as_slice() else { continue };
            let id = rule.id.clone().unwrap_or_default();
            let (Some(predicate), Ok(second), Some(mapping)) =
                (predicates.get(id.as_str()), compile_rule(rule), mapping_of(rule))
            else {
                continue;
            };
            let text = input.text.clone();
            let rule = Rule { id, predicate: *predicate, second, text };
            match groups.iter_mut().find(|group| group.mapping == mapping) {
                Some(group) => group.rules.push(rule),
                None => groups.push(Group { mapping, rules: vec![rule] }),
            }
        }
        Self { schema: checked.schema(&builtin), checked, groups }
    }

    /// Whether there is a rule of this identifier.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.groups.iter().flat_map(|group| &group.rules).any(|rule| rule.id == id)
    }
}

/// The identifier of a rule.
fn id(plan: &Plan) -> &str {
    let id = plan.meta.iter().find(|(key, _)| key == "id");
    id.and_then(|(_, id)| id.as_str()).unwrap_or_default()
}

/// Says what our rules say.
pub(crate) struct Judge<'r> {
    rules: &'r Rules,
    interpreter: Interpreter<'r>,
    json: EventJson,
}

/// A record of ours, and the verdicts of the rules that read it.
pub(crate) struct Ours<'r> {
    /// What it prints as.
    pub(crate) json: Value,
    verdicts: Vec<(&'r Mapping, &'r Rule, bool)>,
}

impl Ours<'_> {
    /// Identifiers of the rules that it fires.
    pub(crate) fn fired(&self) -> impl Iterator<Item = &str> {
        let fired = self.verdicts.iter().filter(|(_, _, fires)| *fires);
        fired.map(|(_, rule, _)| rule.id.as_str())
    }
}

impl<'r> Judge<'r> {
    pub(crate) fn new(rules: &'r Rules) -> Self {
        static NONE: Vec<Option<Constant>> = Vec::new();
        let interpreter = Interpreter::new(&rules.schema, &rules.checked.program, &NONE)
            .expect("patterns are sound");
        Self { rules, interpreter, json: EventJson::new(&rules.schema) }
    }

    /// The verdicts on a record.
    pub(crate) fn ours(&self, kind: KindIdx, view: &RecordView<'_>) -> Ours<'r> {
        let kind = self.rules.schema.kind(kind).expect("a kind");
        let mut line = Vec::new();
        self.json.write(view, &mut line);
        let json = serde_json::from_slice(&line).expect("it prints JSON");
        let mut verdicts = Vec::new();
        for group in &self.rules.groups {
            if !reads(&group.mapping, &kind.name, kind.family, &json) {
                continue;
            }
            for rule in &group.rules {
                let outcome = self.interpreter.evaluate(rule.predicate, view);
                let fires = outcome.is_some_and(|found| found.verdict == Verdict::True);
                verdicts.push((&group.mapping, rule, fires));
            }
        }
        Ours { json, verdicts }
    }
}

/// Whether the rules of a log source read an event.
fn reads(mapping: &Mapping, kind: &str, family: Family, event: &Value) -> bool {
    let is_kind = match mapping.kind {
        "host" => family == Family::Host,
        named => named == kind,
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

/// An event in the names of Sigma, made without anything of ours.
pub(crate) struct Theirs {
    /// The messages of the log that the event consists of, by the names of the log: what
    /// rules of a service ask for. One of them has to match.
    pub(crate) log: Vec<Map<String, Value>>,
    /// By the names of the taxonomy's categories, if it is told how they are had.
    pub(crate) category: Option<Map<String, Value>>,
}

/// A difference in which the third is of no or another opinion, and who is right.
pub(crate) struct Explained {
    /// Identifier of the rule.
    pub(crate) rule: &'static str,
    /// Which event, as the source names it.
    pub(crate) event: &'static str,
    /// The field.
    pub(crate) field: &'static str,
    /// The clause of the specification that decides.
    pub(crate) clause: &'static str,
}

/// What was heard of a source.
#[derive(Default)]
pub(crate) struct Trial<'r> {
    events: usize,
    verdicts: usize,
    matches: usize,
    /// Events that rules of a category read, and of which it is not told what they are in
    /// its names, by source and number.
    nameless: BTreeMap<String, usize>,
    differences: Vec<Difference<'r>>,
}

struct Difference<'r> {
    rule: &'r Rule,
    events: Vec<Map<String, Value>>,
    ours: bool,
    about: String,
    json: String,
}

impl<'r> Trial<'r> {
    /// Compares what both say to an event.
    pub(crate) fn hear(&mut self, ours: &Ours<'r>, theirs: &Theirs, about: &str) {
        self.events += 1;
        let objects = |maps: &[Map<String, Value>]| -> Vec<Value> {
            maps.iter().cloned().map(Value::Object).collect()
        };
        let log = objects(&theirs.log);
        let category = theirs.category.as_ref().map(std::slice::from_ref);
        let in_category = category.map(objects);
        let mut is_nameless = false;
        for (mapping, rule, fires) in &ours.verdicts {
            let is_category = mapping.kind != "host";
            let events = if is_category { in_category.as_ref() } else { Some(&log) };
            let Some(events) = events else {
                is_nameless = true;
                continue;
            };
            let says = |event| evaluate_rule(&rule.second, &JsonEvent::borrow(event));
            let theirs_fires = events.iter().any(|event| says(event).is_some());
            self.verdicts += 1;
            self.matches += usize::from(*fires);
            if theirs_fires != *fires {
                let maps = if is_category { category } else { None };
                self.differences.push(Difference {
                    rule,
                    events: maps.unwrap_or(&theirs.log).to_vec(),
                    ours: *fires,
                    about: about.to_owned(),
                    json: ours.json.to_string(),
                });
            }
        }
        if is_nameless {
            let of = |name: &str| ours.json.get(name).unwrap_or_default().to_string();
            let event = format!("{} {}", of("provider"), of("event_id"));
            *self.nameless.entry(event).or_default() += 1;
        }
    }

    /// Asks the third opinion on all differences, tells, judges, and gives the number of
    /// events.
    pub(crate) fn settle(self, source: &str, explained: &[Explained]) -> usize {
        let questions = self.differences.iter();
        let questions = questions.map(|d| (d.rule.text.as_str(), d.events.as_slice()));
        let opinions = third::opinions(questions);
        let (mut decided, mut told) = (0, 0);
        let (mut undecided, mut used) = (Vec::new(), BTreeSet::new());
        for (at, difference) in self.differences.iter().enumerate() {
            let verdicts = opinions.as_ref().and_then(|all| all.get(at)?.as_ref());
            let third = verdicts.map(|verdicts| verdicts.contains(&true));
            let Difference { rule, ours, about, json, .. } = difference;
            let is_it = |e: &Explained| e.rule == rule.id && e.event == about;
            if third == Some(*ours) {
                decided += 1;
            } else if let Some(at) = explained.iter().position(is_it) {
                told += 1;
                used.insert(at);
            } else {
                undecided.push(format!(
                    "{} on {about}: ours {ours}, third {third:?}: {json}",
                    rule.id
                ));
            }
        }
        println!(
            "{source}: {} events, {} verdicts, {} matches; {} differ: {decided} decided by \
             the third, {told} explained, {} not",
            self.events,
            self.verdicts,
            self.matches,
            self.differences.len(),
            undecided.len(),
        );
        for Explained { rule, event, field, clause } in explained {
            println!("  {rule} on {event}: {field}: {clause}");
        }
        for (event, count) in &self.nameless {
            println!("  {count} of {event}, by the names of their log alone");
        }
        for line in undecided.iter().take(40) {
            println!("{line}");
        }
        assert!(opinions.is_none() || undecided.is_empty(), "{source} differs");
        let is_asked = opinions.is_some();
        assert!(!is_asked || used.len() == explained.len(), "one explains nothing");
        assert!(told * 100 <= self.events, "more than one in a hundred is explained");
        self.events
    }
}
