//! Names of rules and files: words of ours from names and titles of others.

use std::collections::BTreeSet;

/// Words that are never a name (`spec/language.md`, Tokens).
const RESERVED: &[&str] = &[
    "and",
    "contains",
    "else",
    "endswith",
    "false",
    "glob",
    "in",
    "is",
    "matches",
    "not",
    "null",
    "or",
    "overlaps",
    "rule",
    "startswith",
    "true",
    "unless",
    "when",
    "where",
];
/// Most characters of a name that is made of a title.
const MAX_CHARS: usize = 80;

/// Names that are given once.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// The name of a rule: of its file, or of its title if the file holds several.
    pub(super) fn rule(&mut self, path: &str, title: Option<&str>) -> String {
        let wanted = identifier(title.unwrap_or_else(|| stem(path)));
        let mut name = wanted.clone();
        let mut n = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted}_{n}");
            n += 1;
        }
        name
    }
}

/// A word that may name something.
pub(super) fn identifier(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars().take(MAX_CHARS) {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_matches('_');
    match name.chars().next() {
        Some('0'..='9') => format!("rule_{name}"),
        Some(_) if RESERVED.contains(&name) => format!("rule_{name}"),
        Some(_) => name.to_owned(),
        None => "rule_without_name".to_owned(),
    }
}

/// The name of a file without its folders and its ending.
pub(super) fn stem(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let mut names = Names::default();
        assert_eq!(names.rule("a/b/proc_x.yml", None), "proc_x");
        assert_eq!(names.rule("c/proc_x.yml", None), "proc_x_2");
        assert_eq!(names.rule("x.yml", Some("Net.EXE - Use!")), "net_exe_use");
        assert_eq!(identifier("7zip"), "rule_7zip");
        assert_eq!(identifier("where"), "rule_where");
        assert_eq!(identifier("\u{4e00}"), "rule_without_name");
    }
}
