//! The public rules beside the checkout.

use std::path::{Path, PathBuf};

use tagout_compiler::import::sigma::Input;

/// Folders of the public rules that count; the others are reported apart.
pub const COUNTED: &[&str] =
    &["rules", "rules-compliance", "rules-emerging-threats", "rules-threat-hunting"];

/// Folders whose rules are reported apart.
pub const APART: &[&str] = &["deprecated", "unsupported"];

/// The corpus beside the checkout, or none, which is said loudly.
#[must_use]
pub fn corpus(folder: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("TAGOUT_CORPUS") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
    };
    let found = Some(root.join(folder)).filter(|path| path.is_dir());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "the corpus is needed in continuous integration and is not here"
        );
    }
    found
}

/// All rules below some folders, in order; paths are relative to the corpus.
#[must_use]
pub fn inputs(root: &Path, folders: &[&str]) -> Vec<Input> {
    let mut paths = Vec::new();
    for folder in folders {
        walk(&root.join(folder), &mut paths);
    }
    paths.sort();
    let input = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).ok()?;
        let path = path.strip_prefix(root).unwrap_or(path).display().to_string();
        Some(Input { path, text })
    };
    paths.iter().filter_map(input).collect()
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            walk(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "yml") {
            into.push(path);
        }
    }
}
