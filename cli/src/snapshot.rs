//! Snapshots of alerts, in the file format of `insta`, so that its reviewers and
//! its `assert_snapshot!` read them too:
//!
//! ```text
//! ---
//! source: rules/modbus/broadcast_write.tag
//! expression: a write to all units
//! ---
//! { ...the alert... }
//! ```
//!
//! A snapshot lies in the pack's `snapshots/` as `RULE__TEST.snap`, the test's
//! name made fit for a file name.

use std::fs;
use std::path::{Path, PathBuf};

use similar::{ChangeTag, TextDiff};

use crate::failure::Failure;

/// What a test's alerts should look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The rule file.
    pub source: String,
    /// The name of the test.
    pub expression: String,
    /// The alerts, in a stable form.
    pub content: String,
}

impl Snapshot {
    /// The text of the file.
    #[must_use]
    pub fn render(&self) -> String {
        let quote = |text: &str| serde_json::Value::from(text).to_string();
        format!(
            "---\nsource: {}\nexpression: {}\n---\n{}\n",
            quote(&self.source),
            quote(&self.expression),
            self.content.trim_end()
        )
    }

    /// The content of a snapshot file: what stands behind its head.
    #[must_use]
    pub fn content_of(text: &str) -> Option<&str> {
        let head = text.strip_prefix("---\n")?;
        let (_, content) = head.split_once("\n---\n")?;
        Some(content.trim_end())
    }
}

/// Where the snapshot of a test lies.
#[must_use]
pub fn path(folder: &Path, rule: &str, test: &str) -> PathBuf {
    folder.join(format!("{}.snap", name(rule, test)))
}

/// The name of a test's snapshot, without the ending.
#[must_use]
pub fn name(rule: &str, test: &str) -> String {
    let mut slug = String::new();
    for c in test.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    format!("{rule}__{}", slug.trim_end_matches('_'))
}

/// Reads the content of a snapshot; `None` if there is none yet.
pub fn read(path: &Path) -> Result<Option<String>, Failure> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Failure::usage(format!(
                "cannot read `{}`: {error}",
                path.display()
            )));
        }
    };
    let content = Snapshot::content_of(&text);
    let content = content.ok_or_else(|| {
        Failure::usage(format!("`{}` is not a snapshot", path.display()))
    })?;
    Ok(Some(content.to_owned()))
}

/// Writes a snapshot.
pub fn write(path: &Path, snapshot: &Snapshot) -> Result<(), Failure> {
    let fail =
        |error| Failure::usage(format!("cannot write `{}`: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    fs::write(path, snapshot.render()).map_err(fail)
}

/// What differs, a line each: `-` was expected, `+` is there.
#[must_use]
pub fn difference(expected: &str, found: &str) -> String {
    let diff = TextDiff::from_lines(expected, found);
    let mut text = String::new();
    for group in diff.grouped_ops(2) {
        if !text.is_empty() {
            text.push_str("    ...\n");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let line = change.value().trim_end_matches('\n');
            text.push_str(&format!("  {sign} {line}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Snapshot, difference, name};

    #[test]
    fn a_snapshot_reads_back_whatever_its_names_hold() {
        for expression in ["plain", "with \"quotes\": and #", "---", "zwei\nZeilen"] {
            let snapshot = Snapshot {
                source: "rules/a.tag".into(),
                expression: expression.into(),
                content: "{\n  \"a\": 1\n}".into(),
            };
            assert_eq!(
                Snapshot::content_of(&snapshot.render()),
                Some("{\n  \"a\": 1\n}")
            );
        }
        assert_eq!(Snapshot::content_of("no head"), None);
    }

    #[test]
    fn names_are_fit_for_files() {
        assert_eq!(name("r", "a write, from \"10.0.0.1\"!"), "r__a_write_from_10_0_0_1");
        assert_eq!(name("r", "../../etc"), "r__etc");
    }

    #[test]
    fn differences_show_what_was_expected_and_what_is_there() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), "    a\n  - b\n  + c\n");
    }
}
