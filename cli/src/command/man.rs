//! `tagout man FOLDER`: a man page for each command, made from the arguments.

use std::fs;

use clap::CommandFactory as _;

use crate::args::{Cli, Man};
use crate::{Exit, Failure};

/// Writes the pages.
pub(super) fn run(args: &Man) -> Result<Exit, Failure> {
    let folder = &args.folder;
    let fail =
        |error| Failure::usage(format!("cannot write `{}`: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(fail)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(fail)?;
    Ok(Exit::Fine)
}
