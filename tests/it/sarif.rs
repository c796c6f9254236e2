//! Our SARIF holds to the official schema, which the crate `serde-sarif` carries.

use cargo_metadata::MetadataCommand;
use tagout_compiler::diagnostic::render::sarif;
use tagout_compiler::diagnostic::{Applicability, Diagnostic, Fix, Sources, Span, codes};

use crate::support::root;

fn schema() -> serde_json::Value {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .exec()
        .expect("cargo metadata answers");
    let package = metadata.packages.iter().find(|p| p.name.as_str() == "serde-sarif");
    let folder = package.expect("serde-sarif is a dependency").manifest_path.parent();
    let path = folder.expect("a manifest has a folder").join("src/schema.json");
    let text = std::fs::read_to_string(path).expect("serde-sarif carries the schema");
    serde_json::from_str(&text).expect("the schema is JSON")
}

#[test]
fn every_diagnostic_is_valid_sarif() {
    let mut sources = Sources::new();
    let file = sources.add("rules/a b.tag", "rule x {\r\n  on mödbus\n}\n");
    let span = Span::new(file, 15, 22);
    let mut diagnostics: Vec<_> = codes::ALL
        .iter()
        .map(|code| {
            Diagnostic::new(*code, span, "unknown kind `mödbus`")
                .label("no such kind")
                .also(Span::new(file, 5, 6), "in this rule")
                .help("write `modbus`")
                .fix(Fix::replace(
                    "write `modbus`",
                    Applicability::Machine,
                    span,
                    "modbus",
                ))
        })
        .collect();
    diagnostics.push(Diagnostic::unplaced(codes::ALL[0], "no such file"));
    for list in [&diagnostics[..], &[]] {
        let text = sarif::render(&sources, list);
        let document = serde_json::from_str(&text).expect("SARIF is JSON");
        let validator =
            jsonschema::validator_for(&schema()).expect("the schema is valid");
        let faults: Vec<_> =
            validator.iter_errors(&document).map(|e| e.to_string()).collect();
        assert!(faults.is_empty(), "{}\n{text}", faults.join("\n"));
    }
}
