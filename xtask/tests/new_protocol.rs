//! The skeleton of a decoder, made in a copy of the checkout: it is formatted, its
//! tables are generated, it compiles without a warning, and its tests pass.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

mod support;

use std::path::Path;
use std::process::Command;

use support::copy_tree;

#[test]
fn a_new_protocol_compiles_and_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().expect("a checkout");
    let copy = tempfile::tempdir().expect("a folder");
    copy_tree(&root, copy.path());
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(copy.path())
            // Beside the other results, so that dependencies are built once.
            .env("CARGO_TARGET_DIR", root.join("target/new-protocol"))
            .env("RUSTFLAGS", "-D warnings")
            .output()
            .expect("cargo starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo {arguments:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    cargo(&["run", "-q", "-p", "xtask", "new-protocol", "sample_bus"]);
    cargo(&["run", "-q", "-p", "xtask", "codegen"]);
    cargo(&["fmt", "-p", "tagout-decode", "-p", "tagout-sources", "--check"]);
    let tests = cargo(&["test", "-q", "-p", "tagout-decode", "--lib", "sample_bus::"]);
    assert!(tests.contains("2 passed"), "{tests}");
    let tshark = ["-p", "tagout-sources", "--test", "tshark", "sample_bus::"];
    let tests = cargo(&[&["test", "-q"][..], &tshark].concat());
    assert!(tests.contains("1 passed"), "{tests}");
    let page = std::fs::read_to_string(copy.path().join("docs/protocols.md"));
    assert!(page.is_ok_and(|page| page.contains("`sample_bus`")));
}
