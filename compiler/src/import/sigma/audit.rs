//! Linux audit: Sigma describes one record, we read events of several records.
//!
//! ```text
//! type: EXECVE, a0: wget        ->  h.raw["EXECVE.a0"] == i"wget"
//! type: PATH, name: /etc/issue  ->  any r in h.raw (r.name startswith "PATH." and ...)
//! ```
//!
//! A field belongs to the record whose type stands beside it, else to the record
//! that usually has it. An event may hold several paths; a rule about paths asks for
//! one of them. What is lost: that two fields of a path belong to the same one.

use super::cond::{Compare, Cond, Subject};
use super::target::Target;
use super::test::{self, Leaf, Test, Tree};
use super::text::Shape;

/// Fields with the record that usually has them; others are those of the system call.
const RECORDS: &[(&str, &str)] = &[
    ("name", "PATH"),
    ("nametype", "PATH"),
    ("cwd", "CWD"),
    ("proctitle", "PROCTITLE"),
    ("cmd", "USER_CMD"),
    ("acct", "USER_LOGIN"),
    ("unit", "SERVICE_START"),
];

/// What stands between the type of a record and a field in the names that are passed
/// on within a search.
const SEPARATOR: char = '.';

/// A name with the type of its record, if it has one.
pub(super) fn split(name: &str) -> (Option<&str>, &str) {
    match name.split_once(SEPARATOR) {
        Some((record, field)) => (Some(record), field),
        None => (None, name),
    }
}

/// The name of the source's own field: `TYPE.field`.
pub(super) fn own(record: Option<&str>, name: &str) -> String {
    if split(name).0.is_some() {
        return name.to_owned();
    }
    let is_argument = name.strip_prefix('a').is_some_and(|n| n.parse::<u8>().is_ok());
    let usual = || match RECORDS.iter().find(|(field, _)| *field == name) {
        Some((_, record)) => record,
        None if is_argument => "EXECVE",
        None => "SYSCALL",
    };
    format!("{}{SEPARATOR}{name}", record.unwrap_or_else(usual))
}

/// Gives the fields of a search the type of the record that stands beside them; the
/// type itself need not be asked for then.
pub(super) fn named(tree: Tree) -> Tree {
    match tree {
        Tree::Any(parts) => Tree::Any(parts.into_iter().map(named).collect()),
        Tree::All(parts) => {
            let is_type = |part: &Tree| match part {
                Tree::Leaf(Leaf { field: Some(field), test, differs: false })
                    if field == "type" =>
                {
                    one_type(test)
                }
                _ => None,
            };
            let record = parts.iter().find_map(is_type);
            let has_others =
                parts.iter().any(|part| is_type(part).is_none() && has_field(part));
            match record {
                Some(record) if has_others => {
                    let others = parts.into_iter().filter(|part| is_type(part).is_none());
                    test::all(others.map(|part| within(&record, part)).collect())
                }
                _ => Tree::All(parts),
            }
        }
        other => other,
    }
}

impl Target<'_> {
    /// A condition on the type of a record: the event has a field of such a record.
    pub(super) fn record_type(&self, test: &Test) -> Result<Cond, String> {
        let Some(record) = one_type(test) else {
            return Err("the type of a record is a text without wildcards".to_owned());
        };
        let list = format!("{}.raw", self.source.alias);
        Ok(Cond::Plain(format!("any r in {list} (r.name startswith \"{record}.\")")))
    }

    /// A condition on one of the paths of an event, from that on its first.
    pub(super) fn any_path(&self, name: &str, cond: Cond) -> Cond {
        let (Some("PATH"), field) = split(name) else { return cond };
        let list = format!("{}.raw", self.source.alias);
        let only =
            format!("r.name startswith \"PATH.\" and r.name endswith \".{field}\"");
        match cond {
            Cond::Compare(compare) => {
                Cond::Compare(Compare { subject: Subject::Any { list, only }, ..compare })
            }
            other => other,
        }
    }
}

fn one_type(test: &Test) -> Option<String> {
    let Test::Text { text, .. } = test else { return None };
    match text.shape() {
        Shape::Is(record) => {
            let plain = record.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            plain.then(|| record.to_ascii_uppercase())
        }
        _ => None,
    }
}

fn has_field(tree: &Tree) -> bool {
    match tree {
        Tree::All(parts) | Tree::Any(parts) => parts.iter().any(has_field),
        Tree::Not(inner) => has_field(inner),
        Tree::Leaf(leaf) => leaf.field.is_some() && !leaf.differs,
    }
}

fn within(record: &str, tree: Tree) -> Tree {
    match tree {
        Tree::All(parts) => {
            Tree::All(parts.into_iter().map(|p| within(record, p)).collect())
        }
        Tree::Any(parts) => {
            Tree::Any(parts.into_iter().map(|p| within(record, p)).collect())
        }
        Tree::Not(inner) => Tree::Not(Box::new(within(record, *inner))),
        Tree::Leaf(leaf) => {
            let field = leaf.field.map(|name| own(Some(record), &name));
            Tree::Leaf(Leaf { field, ..leaf })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_records() {
        assert_eq!(own(None, "a0"), "EXECVE.a0");
        assert_eq!(own(Some("SYSCALL"), "a0"), "SYSCALL.a0");
        assert_eq!(own(None, "name"), "PATH.name");
        assert_eq!(own(None, "exe"), "SYSCALL.exe");
        assert_eq!(own(None, "PATH.name"), "PATH.name");
        assert_eq!(split("type"), (None, "type"));
    }
}
