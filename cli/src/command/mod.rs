//! The commands: one file each.

mod completions;
mod explain;
mod fields;
mod man;

use tagout_spec::schema::Schema;

use crate::args::{Cli, Command, Global};
use crate::{Exit, Failure, Terminal, folder};

/// Runs a command.
pub(crate) fn run(cli: Cli, terminal: &Terminal) -> Result<Exit, Failure> {
    let Cli { command, global } = cli;
    match command {
        Command::Fields(args) => fields::run(&args, &global),
        Command::Explain(args) => explain::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// The built-in schema with the files of `--schema`.
fn schema(global: &Global) -> Result<Schema, Failure> {
    let mut schema = Schema::builtin();
    for path in &global.schemas {
        let text = folder::read_text(path)?;
        schema
            .add_file(&text)
            .map_err(|error| Failure::usage(format!("`{}`: {error}", path.display())))?;
    }
    Ok(schema)
}
