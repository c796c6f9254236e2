//! The commands: one file each.

mod bench;
pub(crate) mod build;
mod check;
mod completions;
mod decode;
mod diff;
mod explain;
mod fields;
mod fmt;
mod import;
mod inspect;
mod man;
mod plugin;
mod run;
pub(crate) mod test;
mod why;

use tagout_spec::schema::Schema;

use crate::args::{Cli, Command, Global, Import, Plugin};
use crate::setup::Setup;
use crate::{Exit, Failure, Terminal};

/// Runs a command.
pub(crate) fn run(cli: Cli, terminal: &Terminal) -> Result<Exit, Failure> {
    let Cli { command, global } = cli;
    match command {
        Command::Check(args) => check::run(&args, &global, terminal),
        Command::Build(args) => build::run(&args, &global, terminal),
        Command::Decode(args) => decode::run(&args, &global, terminal),
        Command::Diff(args) => diff::run(&args, &global, terminal),
        Command::Why(args) => why::run(&args, &global, terminal),
        Command::Import(Import::Sigma(args)) => import::sigma(&args, &global, terminal),
        Command::Bench(args) => bench::run(&args, &global, terminal),
        Command::Run(args) => run::run(&args, &global, terminal),
        Command::Test(args) => test::run(&args, &global, terminal),
        Command::Fmt(args) => fmt::run(&args, terminal),
        Command::Inspect(args) => inspect::run(&args),
        Command::Fields(args) => fields::run(&args, &global),
        Command::Explain(args) => explain::run(&args),
        Command::Plugin(Plugin::Test(args)) => plugin::test(&args, &global, terminal),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// The built-in schema with the files of `--schema` and `--plugin`.
fn schema(global: &Global) -> Result<Schema, Failure> {
    Setup::read(global, None).map(|setup| setup.schema)
}
