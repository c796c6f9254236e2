//! `tagout why RULE -p PACK INPUT...`: the events nearest to a match, and the
//! condition that failed or lacked a field.
//!
//! Nearness is counted over the rule's leaf conditions: an event with fewer that
//! are not true is nearer, among equals one that fails fewer and lacks fields
//! instead, then the earlier one. Events that match are nearest of all.

use tagout_runtime::{Condition, Explanation, WhyError};

use crate::args::{Global, Why};
use crate::event_lines::EventLines;
use crate::inputs::Feed;
use crate::output::Output;
use crate::packs;
use crate::setup::Setup;
use crate::{Exit, Failure, Terminal};

/// How far an event is from a match: whether it is none, leaves that are not
/// true, leaves that are false, its number.
type Distance = (bool, usize, usize, u64);

/// An event with its explanation.
struct Near {
    distance: Distance,
    event: String,
    explanation: Explanation,
}

/// Prints the nearest events.
pub(super) fn run(
    args: &Why,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let setup = Setup::read(global, args.packs.site.as_deref())?;
    let schema = &setup.schema;
    let runtime = match packs::load(&args.packs, &setup, terminal) {
        Ok(runtime) => runtime,
        Err(reason) => return reason.exit(),
    };
    let mut session =
        runtime.session().map_err(|error| Failure::environment(error.to_string()))?;
    let mut feed = Feed::open(&args.inputs, &session.plugins(), terminal)?;
    let mut nearest: Vec<Near> = Vec::new();
    let (mut number, mut others) = (0_u64, 0_u64);
    let mut lines = EventLines::new(schema, |line| {
        let Some(line) = line else { return Ok(true) };
        number = number.saturating_add(1);
        let explanation = match session.explain_line(&args.rule, line) {
            Ok(explanation) => explanation,
            Err(WhyError::OtherKind) => {
                others = others.saturating_add(1);
                return Ok(true);
            }
            Err(error) => return Err(Failure::usage(error.to_string())),
        };
        let distance = distance(&explanation, number);
        let at = nearest.partition_point(|near| near.distance < distance);
        if at < args.number {
            let event = String::from_utf8_lossy(line).into_owned();
            nearest.insert(at, Near { distance, event, explanation });
            nearest.truncate(args.number);
        }
        Ok(true)
    });
    feed.run(&mut lines, terminal)?;
    drop(lines);
    if number == 0 {
        known(&args.rule, &runtime.rules())?;
    }
    let mut output = Output::new();
    for near in &nearest {
        output.write(text(near).as_bytes())?;
    }
    output.line(&format!(
        "{} events, {others} of other kinds, the nearest {} shown",
        number,
        nearest.len()
    ))?;
    output.finish()?;
    Ok(Exit::Fine)
}

/// Without events nothing has asked whether there is such a rule.
fn known(rule: &str, rules: &[String]) -> Result<(), Failure> {
    let found = rules.iter().any(|full| {
        full == rule || full.rsplit_once('/').is_some_and(|(_, short)| short == rule)
    });
    if found { Ok(()) } else { Err(Failure::usage(format!("there is no rule `{rule}`"))) }
}

fn distance(explanation: &Explanation, number: u64) -> Distance {
    let leaves = || explanation.conditions.iter().filter(|condition| condition.leaf);
    let not_true = leaves().filter(|leaf| leaf.verdict != "true").count();
    let falsehoods = leaves().filter(|leaf| leaf.verdict == "false").count();
    (explanation.verdict != "match", not_true, falsehoods, number)
}

fn text(near: &Near) -> String {
    let explanation = &near.explanation;
    let mut text = format!(
        "event {}: {} is {}\n  {}\n",
        near.distance.3,
        explanation.rule,
        verdict(explanation),
        near.event
    );
    for condition in &explanation.conditions {
        text.push_str(&line(condition));
    }
    if !explanation.lacks.is_empty() {
        let lacks: Vec<_> = explanation
            .lacks
            .iter()
            .map(|(field, how)| format!("{field} ({how:?})").to_lowercase())
            .collect();
        text.push_str(&format!("  lacks {}\n", lacks.join(", ")));
    }
    text.push('\n');
    text
}

fn verdict(explanation: &Explanation) -> &str {
    match explanation.verdict {
        "none" => "no match",
        verdict => verdict,
    }
}

fn line(condition: &Condition) -> String {
    let mark = match condition.verdict {
        "true" => "  holds ",
        "false" => "  FAILS ",
        _ => "  lacks ",
    };
    let indent = "  ".repeat(usize::from(condition.depth));
    format!("{mark} {indent}{}\n", condition.source)
}
