//! `tagout diff OLD NEW INPUT...`: which alerts a new pack adds, drops and changes.
//!
//! ```text
//! events --> session of OLD --> alerts --.
//!       \'-> session of NEW --> alerts ---+--> pairs by (event, rule): + - ~
//! ```
//!
//! Both packs see the same events in the same order, a batch at a time, so only the
//! alerts of one batch wait. Alerts are pairs if they are of the same event and of
//! rules of the same name; they are equal if they say the same, whatever
//! the digest and the version of the pack. Both formats end with the three counts.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, stdout};
use std::path::Path;

use serde_json::{Value as Json, json};
use tagout_runtime::{Alert, Output as Found, Session};

use crate::args::{AlertFormat, Diff, Global, Packs};
use crate::event_lines::EventLines;
use crate::inputs::Feed;
use crate::output::Output;
use crate::packs::{self, NotLoaded};
use crate::setup::Setup;
use crate::{Exit, Failure, Terminal};

/// Events between two comparisons: what a session evaluates at once.
const BATCH: u32 = 256;

/// Compares two packs.
pub(super) fn run(
    args: &Diff,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let setup = Setup::read(global, args.site.as_deref())?;
    let both = session(&args.old, args, &setup, terminal)
        .and_then(|old| Ok((old, session(&args.new, args, &setup, terminal)?)));
    let (mut old, mut new) = match both {
        Ok(both) => both,
        Err(reason) => return reason.exit(),
    };
    let mut feed = Feed::open(&args.inputs, &old.plugins(), terminal)?;
    let mut report = Report::new(args.format);
    let mut waiting = 0_u32;
    let mut lines = EventLines::new(&setup.schema, |line| {
        let Some(line) = line else { return Ok(true) };
        for session in [&mut old, &mut new] {
            session.line(line).map_err(|error| Failure::usage(error.to_string()))?;
        }
        waiting = waiting.saturating_add(1);
        if waiting < BATCH {
            return Ok(true);
        }
        waiting = 0;
        report.compare(alerts(&mut old, terminal), alerts(&mut new, terminal))
    });
    feed.run(&mut lines, terminal)?;
    drop(lines);
    report.compare(alerts(&mut old, terminal), alerts(&mut new, terminal))?;
    report.finish()?;
    Ok(Exit::Fine)
}

fn session(
    pack: &Path,
    args: &Diff,
    setup: &Setup,
    terminal: &Terminal,
) -> Result<Session, NotLoaded> {
    let packs = Packs {
        packs: vec![pack.to_owned()],
        site: args.site.clone(),
        no_cache: args.no_cache,
    };
    let runtime = packs::load(&packs, setup, terminal)?;
    let session =
        runtime.session().map_err(|error| Failure::environment(error.to_string()))?;
    for blind in session.blind() {
        terminal.note(&format!("blind in `{}`: {blind}", pack.display()));
    }
    Ok(session)
}

/// Alerts of one pack, by their event and their rule.
type Alerts = BTreeMap<(u64, String), Alert>;

/// What a session has to say of the events so far.
fn alerts(session: &mut Session, terminal: &Terminal) -> Alerts {
    session.flush();
    let mut alerts = Alerts::new();
    while let Some(found) = session.next_output() {
        match found {
            Found::Alert(alert) => {
                let rule = alert.rule.rsplit('/').next().unwrap_or_default().to_owned();
                alerts.insert((alert.sequence, rule), *alert);
            }
            Found::Fault(fault) => terminal.error(&super::run::describe(&fault)),
            Found::Plugin(report) => terminal.error(&report.to_string()),
            _ => {}
        }
    }
    alerts
}

/// Prints differences and counts them.
struct Report {
    output: Output,
    format: AlertFormat,
    added: u64,
    dropped: u64,
    changed: u64,
}

impl Report {
    fn new(format: Option<AlertFormat>) -> Self {
        let default =
            if stdout().is_terminal() { AlertFormat::Text } else { AlertFormat::Eve };
        let format = format.unwrap_or(default);
        Self { output: Output::new(), format, added: 0, dropped: 0, changed: 0 }
    }

    /// Prints how two sets of alerts differ, in the order of their events.
    fn compare(&mut self, mut old: Alerts, mut new: Alerts) -> Result<bool, Failure> {
        let mut keys: Vec<_> = old.keys().chain(new.keys()).cloned().collect();
        keys.sort();
        keys.dedup();
        let mut open = true;
        for key in keys {
            open &= match (old.remove(&key), new.remove(&key)) {
                (None, Some(new)) => {
                    self.added = self.added.saturating_add(1);
                    self.one("added", '+', &new)?
                }
                (Some(old), None) => {
                    self.dropped = self.dropped.saturating_add(1);
                    self.one("dropped", '-', &old)?
                }
                (Some(old), Some(new)) if said(&old) != said(&new) => {
                    self.changed = self.changed.saturating_add(1);
                    self.pair(&old, &new)?
                }
                _ => true,
            };
        }
        Ok(open)
    }

    fn one(&mut self, word: &str, mark: char, alert: &Alert) -> Result<bool, Failure> {
        match self.format {
            AlertFormat::Eve => self
                .output
                .line(&json!({ "diff": word, "alert": eve(alert) }).to_string()),
            AlertFormat::Text => self.marked(mark, alert),
        }
    }

    fn pair(&mut self, old: &Alert, new: &Alert) -> Result<bool, Failure> {
        match self.format {
            AlertFormat::Eve => {
                let line =
                    json!({ "diff": "changed", "old": eve(old), "alert": eve(new) });
                self.output.line(&line.to_string())
            }
            AlertFormat::Text => {
                self.output.line("~ changed")?;
                self.marked('-', old)?;
                self.marked('+', new)
            }
        }
    }

    /// The text of an alert, each line behind a mark.
    fn marked(&mut self, mark: char, alert: &Alert) -> Result<bool, Failure> {
        let mut open = true;
        for line in alert.to_text().lines() {
            open &= self.output.line(format!("{mark} {line}").trim_end())?;
        }
        Ok(open)
    }

    fn finish(mut self) -> Result<(), Failure> {
        let Self { added, dropped, changed, .. } = self;
        match self.format {
            AlertFormat::Eve => {
                let counts =
                    json!({ "added": added, "dropped": dropped, "changed": changed });
                self.output.line(&counts.to_string())?
            }
            AlertFormat::Text => self
                .output
                .line(&format!("{added} added, {dropped} dropped, {changed} changed"))?,
        };
        self.output.finish()
    }
}

fn eve(alert: &Alert) -> Json {
    serde_json::from_str(&alert.to_eve()).unwrap_or_default()
}

/// An alert without what differs between any two versions of a pack: its digest and
/// version, and what follows from the pack's name if the rule states no id.
fn said(alert: &Alert) -> Alert {
    let mut said = alert.clone();
    if said.id == said.rule {
        said.id.clear();
        said.signature = Default::default();
    }
    said.rule.clear();
    said.alert_id.clear();
    said.pack = Default::default();
    said
}
