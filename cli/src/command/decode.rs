//! `tagout decode INPUT...`: one line of JSON for every event, in input order.

use crate::args::{Decode, Global};
use crate::event_lines::EventLines;
use crate::inputs::Feed;
use crate::output::Output;
use crate::setup::Setup;
use crate::{Exit, Failure, Terminal};

/// Prints events.
pub(super) fn run(
    args: &Decode,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let setup = Setup::read(global, None)?;
    let plugins = setup
        .builder()
        .build()
        .and_then(|runtime| runtime.session())
        .map_err(|error| Failure::usage(error.to_string()))?
        .plugins();
    let mut feed = Feed::open(&args.inputs, &plugins, terminal)?;
    let mut output = Output::new();
    {
        let mut lines = EventLines::new(&setup.schema, |line| match line {
            Some(line) => Ok(output.write(line)? && output.write(b"\n")?),
            None => output.flush(),
        });
        feed.run(&mut lines, terminal)?;
    }
    for report in plugins.take_reports() {
        terminal.error(&report.to_string());
    }
    output.finish()?;
    Ok(Exit::Fine)
}
