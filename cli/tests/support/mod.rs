//! The command, as tests run it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs a command in a folder, whose cache is there too.
pub(crate) fn tagout(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tagout"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("NO_COLOR", "1")
        .env("TAGOUT_CACHE_DIR", folder.join("cache"))
        .output()
        .expect("the command starts")
}

/// Runs a command that must succeed, and gives what it printed.
pub(crate) fn printed(arguments: &[&str], folder: &Path) -> String {
    let output = tagout(arguments, folder);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
