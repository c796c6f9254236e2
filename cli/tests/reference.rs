//! `docs/cli.md` is what `--help` prints, command by command.
//!
//! `TAGOUT_UPDATE=1 cargo test -p tagout-cli --test reference` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use clap::CommandFactory as _;
use tagout_cli::args::Cli;

const HEAD: &str = "\
# The command line

What `tagout COMMAND --help` prints; a test keeps this page equal to it. The names are those of a contract: scripts
rely on them. Data goes to standard output, everything else to standard error.
";

#[test]
fn the_page_of_the_command_line_is_current() {
    let mut root = Cli::command().term_width(100).color(clap::ColorChoice::Never);
    root.build();
    let mut page = HEAD.to_owned();
    write_page(&mut page, &mut root);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    if std::env::var_os("TAGOUT_UPDATE").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/cli.md is stale: TAGOUT_UPDATE=1 cargo test -p tagout-cli --test reference"
    );
}

#[expect(clippy::expect_used, reason = "writing to a String cannot fail")]
fn write_page(page: &mut String, command: &mut clap::Command) {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let text = help.join("\n");
    write!(page, "\n## {name}\n\n```text\n{}\n```\n", text.trim_end()).expect("a String");
    for command in command.get_subcommands_mut().filter(|c| c.get_name() != "help") {
        write_page(page, command);
    }
}
