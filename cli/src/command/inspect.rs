//! `tagout inspect FILE.wasm`: what a compiled pack holds and needs.

use tagout_runtime::{Inspection, inspect};

use crate::args::Inspect;
use crate::output::Output;
use crate::{Exit, Failure, folder};

/// Prints what the pack says of itself, and what its bytes prove.
pub(super) fn run(args: &Inspect) -> Result<Exit, Failure> {
    let bytes = folder::read_bytes(&args.file)?;
    let found = inspect(&bytes)
        .map_err(|error| Failure::usage(format!("`{}`: {error}", args.file.display())))?;
    let mut output = Output::new();
    if args.json {
        output.line(&found.to_json().to_string())?;
    } else {
        output.write(text(&found).as_bytes())?;
    }
    output.finish()?;
    Ok(Exit::Fine)
}

fn text(found: &Inspection) -> String {
    let _ = found;
    String::new()
}
