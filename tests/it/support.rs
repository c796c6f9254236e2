//! What several subjects need: paths, the corpus, loud absence.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").into()
}

/// Something that a plain checkout may lack.
pub(crate) fn need<T>(what: &str, found: Option<T>) -> Option<T> {
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "{what} is needed in continuous integration and is not here"
        );
        eprintln!("SKIPPED: {what} is not here, so this test shows nothing");
    }
    found
}

/// A program on the search path, if it answers.
pub(crate) fn program(name: &str, version_flag: &str) -> Option<String> {
    let found = Command::new(name).arg(version_flag).output().ok();
    need(name, found.filter(|out| out.status.success()).map(|_| name.to_owned()))
}

/// All files below a folder whose names end so, in order.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name =
                path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
