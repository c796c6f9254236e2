//! The chores of the project.
//!
//! ```text
//! cargo xtask codegen [--check]    spec/schema/*.toml -> generated Rust
//! cargo xtask fuzz --minutes N [TARGET...]    the fuzz targets, N minutes each
//! cargo xtask fuzz --keep [TARGET...]         their kept inputs, from the packs' captures
//! cargo xtask new-protocol NAME    the skeleton of a decoder
//! cargo xtask plugins [--check | NAME...]     plugins/NAME -> plugins/NAME/NAME.wasm
//! cargo xtask new-plugin NAME      the skeleton of a plugin
//! cargo xtask c-header SCHEMA      the C header of a plugin's schema, to standard output
//! cargo xtask prove SUBJECT [--minutes N]    all that proves a subject, in one report
//! ```

mod codegen;
mod folding;
mod fuzz;
mod new_plugin;
mod new_protocol;
mod plugins;
mod prove;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        ["fuzz", "--minutes", minutes, targets @ ..] => fuzz_targets(minutes, targets),
        ["fuzz", "--keep", targets @ ..] => fuzz::keep(&root(), &owned(targets)),
        // The generator runs anew, since the list of schema files is compiled into it.
        ["new-protocol", name] => new_protocol::run(&root(), name).map(|()| {
            say("made; now: cargo xtask codegen && cargo test -p tagout-decode");
        }),
        ["plugins", "--check"] => plugins::check(&root()),
        ["plugins", names @ ..] => plugins::write(&root(), &owned(names)),
        ["new-plugin", name] => new_plugin::run(&root(), name).map(|()| {
            say("made; now: cargo xtask plugins, and docs/plugins.md");
        }),
        ["c-header", schema] => c_header(schema),
        ["prove", subject] => prove::run(&root(), subject, "10"),
        ["prove", subject, "--minutes", n] => prove::run(&root(), subject, n),
        _ => Err("usage: cargo xtask codegen [--check] | fuzz --minutes N [TARGET...] \
                  | fuzz --keep [TARGET...] | new-protocol NAME \
                  | plugins [--check | NAME...] | new-plugin NAME | c-header SCHEMA \
                  | prove SUBJECT [--minutes N]"
            .to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

fn fuzz_targets(minutes: &str, targets: &[&str]) -> Result<(), String> {
    let minutes = minutes.parse().map_err(|_| format!("`{minutes}` is no number"))?;
    fuzz::run(&root(), minutes, &owned(targets))
}

#[expect(clippy::print_stdout, reason = "a chore that writes to standard output")]
fn c_header(schema: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(schema).map_err(|e| format!("{schema}: {e}"))?;
    print!("{}", plugins::c_header(&text)?);
    Ok(())
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[expect(clippy::print_stderr, reason = "a chore talks to the person who runs it")]
fn say(message: &str) {
    eprintln!("xtask: {message}");
}
