//! `tagout decode INPUT...`: one line of JSON for every event, in input order.

use crate::args::{Decode, Global};
use crate::event_lines::EventLines;
use crate::inputs::Feed;
use crate::output::Output;
use crate::{Exit, Failure, Terminal};

/// Prints events.
pub(super) fn run(
    args: &Decode,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let schema = super::schema(global)?;
    let mut feed = Feed::open(&args.inputs, terminal)?;
    let mut output = Output::new();
    {
        let mut lines = EventLines::new(&schema, |line| match line {
            Some(line) => Ok(output.write(line)? && output.write(b"\n")?),
            None => output.flush(),
        });
        feed.run(&mut lines, terminal)?;
    }
    output.finish()?;
    Ok(Exit::Fine)
}
