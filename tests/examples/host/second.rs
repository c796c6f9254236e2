//! The second engine over the same rules and events.
//!
//! It is told the log source of each event, as whoever feeds it must: the category that
//! Sigma's taxonomy gives to each number of Sysmon's events. Verdicts are compared rule
//! by rule and event by event.

use std::collections::BTreeSet;
use std::error::Error;

use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::{LogSource, parse_sigma_yaml};
use serde_json::Value;
use tagout_host::Layout;
use tagout_sigma_tests::flat::flat;
use tagout_tests::clock::thread_ns;

use crate::rules::Rules;
use crate::stream::Verdicts;
use crate::{row, speed};

/// Categories of Sysmon's events (Sigma taxonomy 2.1, Windows).
#[rustfmt::skip]
const CATEGORIES: &[(u64, &[&str])] = &[
    (1, &["process_creation"]),
    (2, &["file_change"]),
    (3, &["network_connection"]),
    (4, &["sysmon_status"]),
    (5, &["process_termination"]),
    (6, &["driver_load"]),
    (7, &["image_load"]),
    (8, &["create_remote_thread"]),
    (9, &["raw_access_thread"]),
    (10, &["process_access"]),
    (11, &["file_event"]),
    (12, &["registry_event", "registry_add", "registry_delete"]),
    (13, &["registry_event", "registry_set"]),
    (14, &["registry_event", "registry_rename"]),
    (15, &["create_stream_hash"]),
    (16, &["sysmon_status"]),
    (17, &["pipe_created"]),
    (18, &["pipe_created"]),
    (19, &["wmi_event"]),
    (20, &["wmi_event"]),
    (21, &["wmi_event"]),
    (22, &["dns_query"]),
    (23, &["file_delete"]),
    (24, &["clipboard_capture"]),
    (25, &["process_tampering"]),
    (26, &["file_delete"]),
    (255, &["sysmon_error"]),
];

/// Compares the verdicts, and measures the second engine; an event takes ours so many ns.
pub(crate) fn compare(
    rules: &Rules,
    pack: &[u8],
    lines: &[String],
    ours: f64,
) -> Result<(), Box<dyn Error>> {
    let ids = rules.ids();
    let engine = engine(rules, &ids)?;
    let mut events = Vec::new();
    for line in lines {
        let event: Value = serde_json::from_str(line)?;
        let number = event.pointer("/Event/System/EventID").and_then(Value::as_u64);
        events.push((number.unwrap_or(0), Value::Object(flat(&event))));
    }
    let start = thread_ns();
    let mut theirs = BTreeSet::new();
    for (at, (number, event)) in events.iter().enumerate() {
        for source in sources(*number) {
            let found = engine.evaluate_pruned(&JsonEvent::borrow(event), &source);
            let found = found.into_iter().filter_map(|found| found.header.rule_id);
            theirs.extend(found.map(|id| (at, id)));
        }
    }
    let each = (thread_ns() - start) / events.len() as f64;
    row("the second engine, parsed events", "47,000/s elsewhere", &speed(each));
    // The same as the speeds elsewhere: 1,000,000 over 47,000.
    let times = format!("{:.1} times", each / ours);
    row("all rules: parsed events, over the second engine", "21.3 times", &times);
    let mut verdicts = Verdicts::new(pack)?;
    let mut ours = BTreeSet::new();
    for (at, line) in lines.iter().enumerate() {
        ours.extend(verdicts.of(Layout::Json, line)?.into_iter().map(|id| (at, id)));
    }
    let agree = ours.intersection(&theirs).count();
    row(
        &format!("verdicts of both engines over {} events", lines.len()),
        "equal",
        &format!(
            "{agree} equal, {} ours alone, {} theirs alone",
            ours.len() - agree,
            theirs.len() - agree
        ),
    );
    for (at, id) in ours.symmetric_difference(&theirs).take(10) {
        let line = lines.get(*at).map_or("", String::as_str);
        println!("{id}: {line}");
    }
    Ok(())
}

/// The rules that we import as well.
fn engine(rules: &Rules, ids: &BTreeSet<&str>) -> Result<Engine, Box<dyn Error>> {
    let mut engine = Engine::new();
    for input in &rules.inputs {
        for rule in &parse_sigma_yaml(&input.text)?.rules {
            if rule.id.as_deref().is_some_and(|id| ids.contains(id)) {
                engine.add_rule(rule)?;
            }
        }
    }
    Ok(engine)
}

/// The log sources of an event of Sysmon's.
fn sources(number: u64) -> Vec<LogSource> {
    let found = CATEGORIES.iter().find(|(known, _)| *known == number);
    let categories = found.map_or(&[][..], |(_, categories)| categories);
    let source = |category: Option<&&str>| LogSource {
        product: Some("windows".into()),
        service: Some("sysmon".into()),
        category: category.map(|category| (*category).to_owned()),
        ..LogSource::default()
    };
    match categories {
        [] => vec![source(None)],
        some => some.iter().map(|category| source(Some(category))).collect(),
    }
}
