//! The arrows of the house: which crate may use which. ARCHITECTURE.md draws
//! them; this test holds them.

use std::collections::BTreeMap;
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::support::root;

/// Crate and the crates of the workspace that its product may use. Arrows that
/// are allowed and not drawn yet are here too; a missing one is no failure.
const ARROWS: &[(&str, &[&str])] = &[
    ("tagout-spec", &[]),
    ("tagout-compiler", &["tagout-spec"]),
    ("tagout-decode", &["tagout-spec"]),
    ("tagout-host", &["tagout-spec", "tagout-decode"]),
    ("tagout-sources", &["tagout-spec", "tagout-decode", "tagout-host"]),
    ("tagout-runtime", &["tagout-spec", "tagout-decode"]),
    (
        "tagout-cli",
        &[
            "tagout-spec",
            "tagout-compiler",
            "tagout-decode",
            "tagout-host",
            "tagout-sources",
            "tagout-runtime",
        ],
    ),
    (
        "tagout-tests",
        &[
            "tagout-spec",
            "tagout-compiler",
            "tagout-runtime",
            "tagout-decode",
            "tagout-host",
            "tagout-sources",
            "tagout-cli",
            "tagout-traffic",
            "tagout-sigma-tests",
        ],
    ),
    ("tagout-traffic", &["tagout-spec", "tagout-decode", "tagout-sources"]),
    (
        "tagout-sigma-tests",
        &["tagout-spec", "tagout-compiler", "tagout-decode", "tagout-host"],
    ),
    ("tagout-plugin", &["tagout-spec"]),
    ("tagout-plugin-build", &["tagout-spec"]),
    ("tagout-fins", &["tagout-plugin"]),
    ("tagout-assets", &["tagout-plugin"]),
    ("tagout-names", &["tagout-plugin"]),
    ("tagout-modbus", &["tagout-plugin", "tagout-decode"]),
    ("xtask", &["tagout-spec", "tagout-compiler", "tagout-decode", "tagout-sources"]),
];

#[test]
fn crates_use_only_what_the_house_allows() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata answers");
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let members: Vec<_> = metadata.workspace_packages();
    let names: Vec<_> = members.iter().map(|p| p.name.to_string()).collect();
    for package in &members {
        let targets = allowed.get(package.name.as_str());
        let targets = targets.unwrap_or_else(|| panic!("{} has no arrows", package.name));
        let used = package.dependencies.iter().filter(|d| {
            d.kind == DependencyKind::Normal && names.contains(&d.name.to_string())
        });
        for dependency in used {
            let name = dependency.name.as_str();
            assert!(targets.contains(&name), "{} must not use {name}", package.name);
        }
    }
}

/// What a sensor links: a build of the runtime alone, since a build of the
/// workspace unifies features.
#[test]
fn a_sensor_without_the_code_generator_links_none() {
    let tree = |features: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--package", "tagout-runtime", "--edges", "normal"])
            .args(["--prefix", "none", "--no-default-features"])
            .args(features)
            .current_dir(root())
            .output()
            .expect("cargo tree answers");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let bare = tree(&[]);
    for absent in ["tagout-compiler ", "cranelift-codegen ", "regalloc2 "] {
        assert!(!bare.contains(absent), "the bare runtime reaches {absent}:\n{bare}");
    }
    assert!(tree(&["--features", "cranelift"]).contains("cranelift-codegen "));
}
