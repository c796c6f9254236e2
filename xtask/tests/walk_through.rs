//! The walk-through of `docs/plugins.md`, from nothing to a plugin whose tests pass: the
//! commands that it names are run in a copy of the checkout.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::copy_tree;

#[test]
fn a_new_plugin_builds_and_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().expect("a checkout");
    let page = std::fs::read_to_string(root.join("docs/plugins.md")).expect("the page");
    let commands = commands(&page);
    assert_eq!(commands.len(), 3, "{commands:?}");
    let copy = tempfile::tempdir().expect("a folder");
    copy_tree(&root, copy.path());
    for command in &commands {
        let words: Vec<&str> = command.split_whitespace().collect();
        let output = match words.as_slice() {
            ["cargo", arguments @ ..] => cargo(&root, copy.path(), arguments),
            ["tagout", arguments @ ..] => Command::new(tagout(&root))
                .args(arguments)
                .current_dir(copy.path())
                .output()
                .expect("tagout starts"),
            _ => panic!("the page says `{command}`, which nobody runs here"),
        };
        let says = String::from_utf8_lossy(&output.stderr);
        if says.contains("xtask: no ") && std::env::var_os("CI").is_none() {
            say(&format!("SKIPPED: {says}so nothing is known of the walk-through"));
            return;
        }
        assert!(output.status.success(), "{command}: {says}");
        if words.first() == Some(&"tagout") {
            let passed = String::from_utf8_lossy(&output.stdout);
            assert!(passed.ends_with("passed, 0 failed\n"), "{passed}");
            assert!(!passed.starts_with("0 passed"), "{passed}");
        }
    }
}

/// The commands of the section about a decoder in Rust.
fn commands(page: &str) -> Vec<String> {
    let section = page.split("\n## ").find(|section| section.starts_with("A decoder"));
    let blocks = section.expect("the section").split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|rest| Some(rest.split_once("```")?.0));
    blocks
        .flat_map(str::lines)
        .map(|line| line.trim().to_owned())
        .filter(|l| !l.is_empty())
        .collect()
}

fn cargo(root: &Path, copy: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(copy)
        // Beside the other results, so that dependencies are built once.
        .env("CARGO_TARGET_DIR", root.join("target/walk-through"))
        .output()
        .expect("cargo starts")
}

/// The command, which is built if that has not happened.
fn tagout(root: &Path) -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_xtask")).with_file_name("tagout");
    if !built.exists() {
        let built = Command::new(env!("CARGO"))
            .args(["build", "-q", "--workspace", "--bin", "tagout"])
            .current_dir(root)
            .status();
        assert!(built.is_ok_and(|status| status.success()), "tagout does not build");
    }
    built
}

#[expect(clippy::print_stderr, reason = "a test that shows nothing says so")]
fn say(line: &str) {
    eprintln!("{line}");
}
