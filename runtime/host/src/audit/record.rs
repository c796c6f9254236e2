//! One line of the audit log.
//!
//! ```text
//! node=work type=EXECVE msg=audit(1615114232.375:15558): argc=2 a0="ls" a1=2F746D70
//! type=USER_AUTH msg=audit(..:..): pid=1 uid=0 msg='op=PAM:authentication acct="root" res=failed'
//! type=SYSCALL msg=audit(..:..): arch=c000003e syscall=59 ... key=(null)<GS>ARCH=x86_64 SYSCALL=execve
//! ```
//!
//! Texts that hold blanks, quotes or control characters are written by the kernel as
//! hexadecimal digits without quotes; which fields are such texts is a list here, since
//! `a1=2F` is a text in EXECVE and a number in SYSCALL. What is enriched by the daemon
//! follows a group separator, with names in capitals.

use std::borrow::Cow;

/// Fields that the kernel writes as a text in quotes, or as hexadecimal digits.
const TEXTS: &[&str] = &[
    "acct",
    "cmd",
    "comm",
    "cwd",
    "dir",
    "exe",
    "file",
    "grp",
    "key",
    "name",
    "ocomm",
    "path",
    "proctitle",
    "vm",
    "watch",
];
/// Most fields of a record that are kept.
const FIELDS_MAX: usize = 512;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record<'t> {
    pub(super) node: &'t str,
    pub(super) ty: &'t str,
    /// Seconds with their fraction, and the serial number: what records of one event share.
    pub(super) time: &'t str,
    pub(super) serial: u64,
    pub(super) fields: Vec<(&'t str, Cow<'t, str>)>,
}

/// Reads a line; none if it is no audit record.
pub(super) fn read(line: &str) -> Option<Record<'_>> {
    let (head, body) = line.split_once("msg=audit(")?;
    let mut node = "";
    let mut ty = "";
    for word in head.split_ascii_whitespace() {
        match word.split_once('=')? {
            ("node", name) => node = name,
            ("type", name) => ty = name,
            _ => return None,
        }
    }
    let (stamp, body) = body.split_once(')')?;
    let (time, serial) = stamp.split_once(':')?;
    let serial = serial.parse().ok().filter(|_| !ty.is_empty())?;
    crate::time::audit(time)?;
    let mut record = Record { node, ty, time, serial, fields: Vec::new() };
    let body = body.strip_prefix(':').unwrap_or(body);
    for part in body.split('\u{1d}') {
        record.fields(part);
    }
    Some(record)
}

impl<'t> Record<'t> {
    /// Reads fields up to the end of the text.
    fn fields(&mut self, mut rest: &'t str) {
        loop {
            rest = rest.trim_start_matches([' ', ',', '{', '}']);
            let Some((name, value)) = rest.split_once('=') else { return };
            // Words that are not fields, as `avc:  denied  { read } for  pid=1`.
            let name = match name.rsplit_once([' ', '\t']) {
                Some((words, name)) => {
                    self.words(words);
                    name
                }
                None => name,
            };
            let (value, behind) = split_value(value);
            rest = behind;
            if let Some(nested) = value.strip_prefix('\'') {
                self.fields(nested.strip_suffix('\'').unwrap_or(nested));
            } else if self.fields.len() < FIELDS_MAX && !name.is_empty() {
                let value = self.decode(name, value);
                self.fields.push((name, value));
            }
        }
    }

    /// What mandatory access control says in words: whether and what was refused.
    fn words(&mut self, words: &'t str) {
        for verdict in ["denied", "granted"] {
            if words.split_ascii_whitespace().any(|word| word == verdict) {
                self.fields.push(("seresult", Cow::Borrowed(verdict)));
            }
        }
    }

    fn decode(&self, name: &str, value: &'t str) -> Cow<'t, str> {
        if let Some(inner) = value.strip_prefix('"') {
            return Cow::Borrowed(inner.strip_suffix('"').unwrap_or(inner));
        }
        let is_text = match self.ty {
            "EXECVE" => is_argument(name),
            "TTY" | "USER_TTY" => name == "data",
            _ => false,
        };
        if (is_text || TEXTS.contains(&name))
            && let Some(bytes) = unhex(value)
        {
            let blank = if name == "proctitle" { b' ' } else { b'\0' };
            let bytes: Vec<u8> =
                bytes.into_iter().map(|b| if b == 0 { blank } else { b }).collect();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            return Cow::Owned(text.trim_end_matches([' ', '\0']).to_owned());
        }
        Cow::Borrowed(value)
    }

    /// The value of a field; `(null)`, `?` and nothing are none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, value)| value.as_ref())
            .filter(|value| !matches!(*value, "(null)" | "?" | ""))
    }
}

/// `a0`, `a1[2]`
pub(super) fn is_argument(name: &str) -> bool {
    let digits =
        name.strip_prefix('a').map(|rest| rest.split('[').next().unwrap_or(rest));
    digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
}

/// A value, and what follows it.
fn split_value(text: &str) -> (&str, &str) {
    let quote = match text.chars().next() {
        Some('{') => Some('}'),
        other => other.filter(|c| matches!(c, '"' | '\'')),
    };
    let end = match quote {
        // A nested message holds quotes of the other sort.
        Some(quote) => text
            .char_indices()
            .skip(1)
            .find(|(_, c)| *c == quote)
            .map_or(text.len(), |(at, c)| at.saturating_add(c.len_utf8())),
        None => text.find([' ', '\t', ',']).unwrap_or(text.len()),
    };
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Bytes of hexadecimal digits.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, fields: &[(&str, &str)]) {
        let record = read(line).unwrap();
        let found: Vec<_> = record.fields.iter().map(|(n, v)| (*n, v.as_ref())).collect();
        assert_eq!(found, fields);
    }

    #[test]
    fn texts_are_in_quotes_or_in_hexadecimal_digits() {
        check(
            r#"type=EXECVE msg=audit(1.2:3): argc=2 a0="ls" a1=2F746D702061"#,
            &[("argc", "2"), ("a0", "ls"), ("a1", "/tmp a")],
        );
        check(
            "type=SYSCALL msg=audit(1.2:3): a0=2F a1=41 comm=\"x y\" key=(null)\u{1d}UID=\"root\"",
            &[
                ("a0", "2F"),
                ("a1", "41"),
                ("comm", "x y"),
                ("key", "(null)"),
                ("UID", "root"),
            ],
        );
        check(
            "type=PROCTITLE msg=audit(1.2:3): proctitle=6C73002D6C00",
            &[("proctitle", "ls -l")],
        );
    }

    #[test]
    fn a_message_of_a_program_is_nested() {
        check(
            "node=a type=USER_AUTH msg=audit(1.2:3): pid=1 msg='op=PAM acct=\"root\" res=failed'",
            &[("pid", "1"), ("op", "PAM"), ("acct", "root"), ("res", "failed")],
        );
    }

    #[test]
    fn what_is_enriched_may_be_in_braces() {
        check(
            "type=SOCKADDR msg=audit(1.2:3): saddr=0200\u{1d}SADDR={ saddr_fam=inet laddr=::1 }",
            &[("saddr", "0200"), ("SADDR", "{ saddr_fam=inet laddr=::1 }")],
        );
    }

    #[test]
    fn what_is_no_record_is_none() {
        for line in ["", "type=X", "type=X msg=audit(1.2)", "x msg=audit(1.2:3): a=b"] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
