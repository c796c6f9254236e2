//! `tagout inspect FILE.wasm`: what a compiled pack holds and needs.

use std::fmt::Write as _;

use tagout_runtime::verify::{Bound, Limits};
use tagout_runtime::{Inspection, Plugin, inspect};

use crate::args::Inspect;
use crate::output::Output;
use crate::{Exit, Failure, folder};

/// Prints what the pack says of itself, and what its bytes prove.
pub(super) fn run(args: &Inspect) -> Result<Exit, Failure> {
    let bytes = folder::read_bytes(&args.file)?;
    if Plugin::is_plugin(&bytes) {
        return plugin(args, &bytes);
    }
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

/// Prints what a plugin says of itself.
fn plugin(args: &Inspect, bytes: &[u8]) -> Result<Exit, Failure> {
    let found = Plugin::read(bytes)
        .map_err(|error| Failure::usage(format!("`{}`: {error}", args.file.display())))?;
    let mut output = Output::new();
    if args.json {
        output.line(&plugin_json(&found).to_string())?;
    } else {
        output.write(plugin_text(&found).as_bytes())?;
    }
    output.finish()?;
    Ok(Exit::Fine)
}

fn plugin_json(found: &Plugin) -> serde_json::Value {
    let manifest = found.manifest();
    let limits = &manifest.limits;
    serde_json::json!({
        "plugin": manifest.name,
        "version": manifest.version,
        "licence": manifest.licence,
        "doc": manifest.doc,
        "bytes": found.len(),
        "digest": found.digest(),
        "signed": false,
        "imports": found.imports(),
        "decoder": manifest.decoder.as_ref().map(|decoder| serde_json::json!({
            "udp": decoder.udp, "tcp": decoder.tcp, "ethertypes": decoder.ethertypes,
        })),
        "enricher": manifest.enricher.as_ref().map(|enricher| serde_json::json!({
            "kinds": enricher.kinds, "reads": enricher.reads,
        })),
        "functions": manifest.functions,
        "limits": {
            "memory": limits.memory, "fuel": limits.fuel,
            "sessions": limits.sessions, "events": limits.events,
        },
        "schema": found.schema(),
        "tests": manifest.tests.len(),
    })
}

fn plugin_text(found: &Plugin) -> String {
    let manifest = found.manifest();
    let limits = &manifest.limits;
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<12} {value}");
    };
    line("plugin", format!("{} {}: {}", manifest.name, manifest.version, manifest.doc));
    line("digest", format!("sha256:{}", found.digest()));
    line("signature", "none; plugins are not signed yet".to_owned());
    line("licence", manifest.licence.clone());
    line("size", format!("{} bytes, of which code {}", found.len(), found.code_bytes()));
    line("memory", format!("{} bytes, at most {}", found.memory_bytes(), limits.memory));
    let fuel = limits.fuel;
    line("fuel", format!("{} a call and {} a byte", fuel.call, fuel.byte));
    line("imports", found.imports().join(", "));
    if let Some(decoder) = &manifest.decoder {
        for (name, ports) in [("udp", &decoder.udp), ("tcp", &decoder.tcp)] {
            let Some(ports) = ports else { continue };
            let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
            let ports =
                if ports.is_empty() { "any port".to_owned() } else { ports.join(", ") };
            line("decodes", format!("{name} {ports}"));
        }
        for ethertype in &decoder.ethertypes {
            line("decodes", format!("ether type {ethertype:#06x}"));
        }
        line(
            "limits",
            format!("{} flows, {} events a message", limits.sessions, limits.events),
        );
    }
    if let Some(enricher) = &manifest.enricher {
        let reads = enricher.reads.join(", ");
        line("enriches", format!("{}; reads {reads}", enricher.kinds.join(", ")));
    }
    for function in &manifest.functions {
        line("function", format!("{function}: {}", function.doc));
    }
    line("tests", manifest.tests.len().to_string());
    text
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
    for needed in &manifest.functions {
        let function = &needed.function;
        let (plugin, version) = (&function.plugin, function.version);
        line("calls", format!("{function}, of plugin {plugin} {version}"));
    }
    for param in &manifest.params {
        let max = param.max.map(|max| format!(" max {max}")).unwrap_or_default();
        let default = param.default.as_ref().map(|value| format!(" = {value}"));
        let ty = format!("{:?}", param.ty).to_lowercase();
        let ty = param.enumeration.as_deref().unwrap_or(&ty);
        let (name, default) = (&param.name, default.unwrap_or_default());
        line("parameter", format!("{name}: {ty}{max}{default}"));
    }
    line("rules", found.rules.len().to_string());
    line("tests", found.tests.to_string());
    for rule in &found.rules {
        let severity = format!("{:?}", rule.severity).to_lowercase();
        let _ = writeln!(text, "  {severity:<9} {:<16} {}", rule.info.id, rule.info.name);
    }
    text
}
