//! `tagout inspect FILE.wasm`: what a compiled pack holds and needs.

use std::fmt::Write as _;

use tagout_runtime::verify::{Bound, Limits};
use tagout_runtime::{Inspection, inspect};

use crate::args::Inspect;
use crate::output::Output;
use crate::{Exit, Failure, folder};

/// Prints what the pack says of itself, and what its bytes prove.
pub(super) fn run(args: &Inspect) -> Result<Exit, Failure> {
    let bytes = folder::read_bytes(&args.file)?;
    let found = inspect(&bytes, &Limits::default())
        .map_err(|error| Failure::usage(format!("`{}`: {error}", args.file.display())))?;
    let mut output = Output::new();
    if args.json {
        let json = serde_json::to_string(&found)
            .map_err(|error| Failure::environment(error.to_string()))?;
        output.line(&json)?;
    } else {
        output.write(text(&found).as_bytes())?;
    }
    output.finish()?;
    Ok(Exit::Fine)
}

fn text(found: &Inspection) -> String {
    let manifest = &found.manifest;
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<12} {value}");
    };
    line("pack", format!("{} {}", manifest.name, manifest.version));
    line("digest", format!("sha256:{}", found.digest));
    line("signature", "none; packs are not signed yet".to_owned());
    line("licence", manifest.license.clone());
    line("compiler", manifest.compiler.clone());
    line(
        "size",
        format!("{} bytes, of which code {}", found.bytes, found.verified.code_bytes),
    );
    line("memory", format!("{} bytes, fixed", found.verified.memory_bytes));
    line(
        "bound",
        match &found.verified.bound {
            Bound::Proven(ops) => {
                format!("proven: {} instructions a batch", ops.evaluate)
            }
            other => format!("not proven, runs with interruption: {other:?}"),
        },
    );
    for kind in &manifest.kinds {
        let fields: Vec<_> =
            kind.fields.iter().map(|field| field.path.as_str()).collect();
        line("reads", format!("{}: {}", kind.name, fields.join(", ")));
    }
    for param in &manifest.params {
        let max = param.max.map(|max| format!(" max {max}")).unwrap_or_default();
        let default = param.default.as_ref().map(|value| format!(" = {value}"));
        line(
            "parameter",
            format!("{}: {:?}{max}{}", param.name, param.ty, default.unwrap_or_default())
                .to_lowercase(),
        );
    }
    line("rules", found.rules.len().to_string());
    line("tests", found.tests.to_string());
    for rule in &found.rules {
        let severity = format!("{:?}", rule.severity).to_lowercase();
        let _ = writeln!(text, "  {severity:<9} {:<16} {}", rule.info.id, rule.info.name);
    }
    text
}
