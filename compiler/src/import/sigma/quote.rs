//! Texts as literals of ours.
//!
//! `"..."` is what a reader expects; `r"..."` spares the doubled backslashes of
//! Windows paths and regular expressions. Characters that hide or reorder text are
//! written as escapes.

use std::fmt::Write as _;

/// Which literal is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// `"..."`
    Plain,
    /// `i"..."`
    Fold,
    /// `r"..."`; for regular expressions, which can write a quotation mark otherwise.
    Raw,
}

/// A text in the literal that is easiest to read.
pub(super) fn literal(text: &str) -> String {
    if text.contains('\\') && !text.chars().any(|c| c == '"' || is_hidden(c)) {
        format!("r\"{text}\"")
    } else {
        quoted(text, Quote::Plain)
    }
}

/// A text in a literal.
pub(super) fn quoted(text: &str, quote: Quote) -> String {
    match quote {
        Quote::Plain => format!("\"{}\"", escaped(text)),
        Quote::Fold => format!("i\"{}\"", escaped(text)),
        Quote::Raw if text.chars().any(is_hidden) => quoted(text, Quote::Plain),
        Quote::Raw if text.contains('\\') || text.contains('"') => {
            format!("r\"{}\"", without_quotes(text))
        }
        Quote::Raw => quoted(text, Quote::Plain),
    }
}

/// A text for people within a comment: one line without anything hidden.
pub(super) fn comment(text: &str) -> String {
    let seen = text.chars().map(|c| if is_hidden(c) { ' ' } else { c });
    let line: String = seen.collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A regular expression without quotation marks, escaped or not.
fn without_quotes(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len());
    let mut chars = regex.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('"', _) | (_, Some('"')) => out.push_str("\\x22"),
            (c, escaped) => out.extend(std::iter::once(c).chain(escaped)),
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            c if is_hidden(c) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Characters that a literal does not hold as they are (`spec/language.md`, Source
/// text), and those that look like a blank.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            u32::from(c),
            0xa0 | 0xad
                | 0x61c
                | 0x200b..=0x200f
                | 0x2028..=0x202e
                | 0x2060..=0x206f
                | 0xfeff
                | 0xe0000..=0xe007f
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals() {
        assert_eq!(literal("a b"), r#""a b""#);
        assert_eq!(literal(r"\cmd.exe"), r#"r"\cmd.exe""#);
        assert_eq!(literal("say \"\\\""), r#""say \"\\\"""#);
        assert_eq!(literal("a\u{202e}b\t"), r#""a\u{202e}b\t""#);
        assert_eq!(quoted(r"\a", Quote::Fold), r#"i"\\a""#);
        assert_eq!(quoted(r#"\s"a""#, Quote::Raw), r#"r"\s\x22a\x22""#);
        assert_eq!(quoted(r#"\"a"#, Quote::Raw), r#"r"\x22a""#);
        assert_eq!(quoted(r#"\\"a"#, Quote::Raw), r#"r"\\\x22a""#);
        assert_eq!(comment("a\n  b\u{200b}c"), "a b c");
    }
}
