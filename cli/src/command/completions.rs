//! `tagout completions SHELL`: a completion script, made from the arguments.

use clap::CommandFactory as _;

use crate::args::{Cli, Completions};
use crate::output::Output;
use crate::{Exit, Failure};

/// Prints the script.
pub(super) fn run(args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tagout", &mut script);
    let mut output = Output::new();
    output.write(&script)?;
    output.finish()?;
    Ok(Exit::Fine)
}
