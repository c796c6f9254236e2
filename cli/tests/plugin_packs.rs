//! The packs of the plugins in `plugins/`: they check, and their tests pass, with what their
//! site gives to the plugin.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

mod support;

use std::path::{Path, PathBuf};

use support::{printed, tagout};

/// Folders of plugins with rules.
fn plugins() -> Vec<PathBuf> {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    let entries = std::fs::read_dir(plugins).expect("the plugins").flatten();
    let folders = entries.map(|entry| entry.path());
    let mut folders: Vec<_> =
        folders.filter(|path| path.join("rules").is_dir()).collect();
    folders.sort();
    folders
}

/// The plugin by its site, or by its file if it needs nothing of one.
fn with_plugin(folder: &Path) -> [String; 2] {
    let site = folder.join("site.toml");
    if site.exists() {
        return ["--site".to_owned(), site.display().to_string()];
    }
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    let file = folder.join(format!("{name}.wasm"));
    ["--plugin".to_owned(), file.display().to_string()]
}

#[test]
fn they_check_and_their_tests_pass() {
    let folders = plugins();
    assert_eq!(folders.len(), 4, "{folders:?}");
    for folder in folders {
        let scratch = tempfile::tempdir().expect("a folder");
        let rules = folder.join("rules").display().to_string();
        let [option, file] = with_plugin(&folder);
        printed(&["check", &option, &file, &rules], scratch.path());
        let tested = printed(&["test", &option, &file, &rules], scratch.path());
        assert!(tested.ends_with("passed, 0 failed\n"), "{rules}: {tested}");
        assert!(!tested.starts_with("0 passed"), "{rules}: {tested}");
        let module = scratch.path().join("pack.wasm").display().to_string();
        printed(&["build", &option, &file, &rules, "-o", &module], scratch.path());
        let tested = printed(&["test", &option, &file, &module], scratch.path());
        assert!(tested.ends_with("passed, 0 failed\n"), "{module}: {tested}");
    }
}

/// Without its file a plugin does not start, and the message says what to look up.
#[test]
fn what_a_plugin_lacks_is_said_with_its_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/names");
    let scratch = tempfile::tempdir().expect("a folder");
    let plugin = folder.join("names.wasm").display().to_string();
    let rules = folder.join("rules").display().to_string();
    let output = tagout(&["test", "--plugin", &plugin, &rules], scratch.path());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("[E0604]"), "{error}");
    let page = printed(&["explain", "E0604"], scratch.path());
    assert!(page.contains("allow = [\"data\"]"), "{page}");
}
