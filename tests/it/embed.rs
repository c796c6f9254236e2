//! An embedder outside the workspace: with a code generator and without one, in
//! native code and in Pulley, the same alerts; and what the bare build links and
//! weighs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tagout_cli::folder;
use tagout_spec::schema::Schema;

use crate::support::root;

/// The stripped embedder without a code generator may weigh so much. wasmtime's
/// runtime with both execution engines is most of it.
const BARE_BYTES: u64 = 4 * 1024 * 1024;

/// Builds the embedder; features differ, so each build has a folder of its own.
fn build(features: &str, profile: &str) -> PathBuf {
    // One lock for both: cargo takes of the copy what the embedder needs.
    let lock = root().join("tests/embed/Cargo.lock");
    std::fs::copy(root().join("Cargo.lock"), lock).expect("a lock");
    let target = root().join("target/embed").join(features.replace(',', "-"));
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", profile, "--features", features])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(root().join("tests/embed"))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let folder = if profile == "dev" { "debug" } else { profile };
    target.join(folder).join("embedder")
}

fn run(program: &Path, arguments: &[&str]) -> String {
    let events = std::fs::File::open(root().join("docs/first-events.jsonl"));
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::from(events.expect("the first events")))
        .output()
        .expect("the embedder starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("alerts are UTF-8")
}

#[test]
fn an_embedder_gets_equal_alerts_with_and_without_a_code_generator() {
    let folder = tempfile::tempdir().expect("a folder");
    let read = folder::read(&root().join("rules/modbus")).expect("a pack");
    let built = tagout_compiler::build(&read.source, &Schema::builtin());
    let pack = folder.path().join("modbus.wasm");
    std::fs::write(&pack, built.pack.expect("it builds")).expect("a file");
    let pack = pack.display().to_string();
    let artefacts = folder.path().display().to_string();

    let full = build("cranelift,pulley", "dev");
    let bare = build("pulley", "release");
    let expected = run(&full, &["run", &pack]);
    assert!(expected.lines().count() >= 3, "{expected}");
    run(&full, &["compile", &pack, &artefacts]);
    for program in [&full, &bare] {
        for strategy in ["native", "pulley"] {
            let found = run(program, &["run", &pack, strategy, &artefacts]);
            assert_eq!(found, expected, "{} {strategy}", program.display());
        }
    }
    let bytes = std::fs::metadata(&bare).expect("a program").len();
    println!("the embedder without a code generator has {bytes} bytes, stripped");
    assert!(bytes <= BARE_BYTES, "{bytes} bytes");
}
