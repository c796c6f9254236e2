//! The chores of the project.
//!
//! ```text
//! cargo xtask codegen [--check]    spec/schema/*.toml -> generated Rust
//! cargo xtask fuzz --minutes N [TARGET...]    the fuzz targets, N minutes each
//! ```

mod codegen;
mod folding;
mod fuzz;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        ["fuzz", "--minutes", minutes, targets @ ..] => fuzz_targets(minutes, targets),
        _ => Err("usage: cargo xtask codegen [--check] | fuzz --minutes N [TARGET...]"
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
    let targets: Vec<String> = targets.iter().map(|t| (*t).to_owned()).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fuzz::run(&root, minutes, &targets)
}

#[expect(clippy::print_stderr, reason = "a chore talks to the person who runs it")]
fn say(message: &str) {
    eprintln!("xtask: {message}");
}
