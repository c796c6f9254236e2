//! What a reader should not stumble over: overlong files and functions,
//! silenced lints, names that belong to one machine.

use std::fs;

use crate::support::{files, root};

/// Production lines: a file has one subject. Generated tables are exempt.
const FILE_LINES: usize = 1_000;
/// A function fits on two screens.
const FUNCTION_LINES: usize = 100;

#[test]
fn files_and_functions_stay_readable() {
    let mut faults = Vec::new();
    for path in files(&root(), ".rs") {
        let text = fs::read_to_string(&path).expect("sources are UTF-8");
        if text.contains("@generated") && !path.ends_with("tidy.rs") {
            continue;
        }
        let production =
            text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = production.lines().count();
        let place = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        if lines > FILE_LINES {
            faults.push(format!("{place}: {lines} lines"));
        }
        for (name, lines) in functions(production) {
            if lines > FUNCTION_LINES {
                faults.push(format!("{place}: fn {name} has {lines} lines"));
            }
        }
    }
    assert!(faults.is_empty(), "too long:\n{}", faults.join("\n"));
}

/// Functions with their lengths, by indentation: rustfmt closes a function at
/// the column where its line began.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<_> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let Some((head, name)) = code.split_once("fn ") else { continue };
        if !head.split_whitespace().all(|w| {
            w.starts_with("pub") || ["const", "unsafe", "async", "extern"].contains(&w)
        }) {
            continue;
        }
        let name = name.split(['(', '<']).next().unwrap_or_default().to_owned();
        let close = format!("{}}}", " ".repeat(line.len() - code.len()));
        let length = lines[start..].iter().position(|l| *l == close).unwrap_or(0);
        found.push((name, length));
    }
    found
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    for path in files(&root(), ".rs") {
        let text = fs::read_to_string(&path).expect("sources are UTF-8");
        let silenced = text.lines().any(|l| l.trim_start().starts_with("#[allow("));
        assert!(!silenced, "{} silences a lint", path.display());
    }
}

#[test]
fn nothing_names_one_machine() {
    // Spelled in two parts, so that this file passes its own test.
    let names = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/")];
    let endings = [".rs", ".toml", ".md", ".tag", ".sh", ".py", ".js", ".json"];
    for path in endings.iter().flat_map(|ending| files(&root(), ending)) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for name in names {
            assert!(!text.contains(name), "{} names {name}", path.display());
        }
    }
}
