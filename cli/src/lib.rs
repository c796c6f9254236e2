//! The `tagout` command: arguments in, data on standard output, all else on
//! standard error.
//!
//! One file a command in [`command`]; what they share is beside it. This is the
//! only crate that prints, reads the environment or looks at the clock.

pub mod args;
mod command;
mod duration;
mod event_lines;
mod failure;
pub mod folder;
mod inputs;
mod output;
mod packs;
mod setup;
pub mod snapshot;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

pub use command::test::mutate::{Mutation, mutate};
pub use command::test::snapshots::stable_alerts;
pub use failure::{Exit, Failure};
pub use terminal::Terminal;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; everything else is wrong usage, 2.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() {
                Exit::Usage.code()
            } else {
                0
            });
        }
    };
    let terminal = Terminal::new(&cli.global);
    let exit = command::run(cli, &terminal).unwrap_or_else(|failure| {
        terminal.error(&format!("error: {failure}"));
        failure.exit
    });
    ExitCode::from(exit.code())
}
