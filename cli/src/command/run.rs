//! `tagout run -p PACK INPUT...`: alerts.

use std::fs;
use std::io::{IsTerminal as _, stdout};
use std::time::Instant;

use tagout_runtime::{Alert, FaultReport, Output as Found, Session};
use tagout_spec::pack::manifest::Severity;

use crate::args::{AlertFormat, Global, Level, Run};
use crate::inputs::{Feed, IntoSession};
use crate::output::Output;
use crate::packs;
use crate::setup::Setup;
use crate::{Exit, Failure, Terminal};

/// Runs packs over inputs.
pub(super) fn run(
    args: &Run,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let setup = Setup::read(global, args.packs.site.as_deref())?;
    let schema = &setup.schema;
    let runtime = match packs::load(&args.packs, &setup, terminal) {
        Ok(runtime) => runtime,
        Err(reason) => return reason.exit(),
    };
    let session =
        runtime.session().map_err(|error| Failure::environment(error.to_string()))?;
    let start = Instant::now();
    let clock = move || u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let mut session = session.with_clock(clock);
    for blind in session.blind() {
        terminal.note(&format!("blind: {blind}"));
    }
    let mut feed = Feed::open(&args.inputs, &session.plugins(), terminal)?;
    for name in feed.names() {
        session.add_input(&name);
    }
    let mut printer = Printer::new(args, terminal);
    let fed = {
        let mut taker = IntoSession::new(&mut session, schema, |session| {
            printer.print(session, terminal)
        })?;
        feed.run(&mut taker, terminal)
    };
    session.flush();
    printer.print(&mut session, terminal)?;
    printer.output.finish()?;
    fed?;
    if let Some(path) = &args.stats {
        let mut stats = feed.stats();
        merge(&mut stats, serde_json::to_value(session.stats()));
        fs::write(path, format!("{stats:#}\n")).map_err(|error| {
            Failure::usage(format!("cannot write `{}`: {error}", path.display()))
        })?;
    }
    Ok(if printer.findings { Exit::Findings } else { Exit::Fine })
}

/// Adds the members of one object to another; counters of the same name add up.
fn merge(stats: &mut serde_json::Value, more: serde_json::Result<serde_json::Value>) {
    let (Some(stats), Ok(serde_json::Value::Object(more))) =
        (stats.as_object_mut(), more)
    else {
        return;
    };
    for (key, value) in more {
        let sum = stats.get(&key).and_then(serde_json::Value::as_u64).zip(value.as_u64());
        let value = sum.map_or(value, |(a, b)| a.saturating_add(b).into());
        stats.insert(key, value);
    }
}

/// Prints what comes out of a session.
struct Printer {
    output: Output,
    format: AlertFormat,
    fail_on: Option<Level>,
    findings: bool,
}

impl Printer {
    fn new(args: &Run, _terminal: &Terminal) -> Self {
        let default =
            if stdout().is_terminal() { AlertFormat::Text } else { AlertFormat::Eve };
        Self {
            output: Output::new(),
            format: args.format.unwrap_or(default),
            fail_on: args.fail_on_alert,
            findings: false,
        }
    }

    /// Prints all that waits; `Ok(false)` if nobody reads any more.
    fn print(
        &mut self,
        session: &mut Session,
        terminal: &Terminal,
    ) -> Result<bool, Failure> {
        let mut any = false;
        let mut open = true;
        while let Some(found) = session.next_output() {
            any = true;
            match found {
                Found::Alert(alert) => open &= self.alert(&alert)?,
                Found::Fault(fault) => terminal.error(&describe(&fault)),
                Found::Plugin(report) => terminal.error(&report.to_string()),
                _ => {}
            }
        }
        if any {
            open &= self.output.flush()?;
        }
        Ok(open)
    }

    fn alert(&mut self, alert: &Alert) -> Result<bool, Failure> {
        self.findings |= self.fail_on.is_some_and(|level| reaches(alert.severity, level));
        match self.format {
            AlertFormat::Eve => self.output.line(&alert.to_eve()),
            AlertFormat::Text => self.output.line(&alert.to_text()),
        }
    }
}

fn reaches(severity: Severity, level: Level) -> bool {
    severity
        >= match level {
            Level::Info => Severity::Info,
            Level::Low => Severity::Low,
            Level::Medium => Severity::Medium,
            Level::High => Severity::High,
            Level::Critical => Severity::Critical,
        }
}

pub(super) fn describe(fault: &FaultReport) -> String {
    let off = if fault.off { "; the pack is off from now on" } else { "" };
    format!(
        "fault of pack `{}` on {} events of kind `{}`: {}{off}",
        fault.pack, fault.events, fault.kind, fault.problem
    )
}
