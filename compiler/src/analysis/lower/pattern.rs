//! Globs and regular expressions: checked here, so that later phases only meet
//! patterns that they can run in linear time.
//!
//! A glob becomes a regular expression anchored on both sides:
//!
//! ```text
//! *      [^\\/]*          within a component
//! **     [\s\S]*          across; between two separators also none at all
//! ?      one character of a component
//! [a-z]  a class, [!a-z] its complement; neither holds a separator
//! \ /    themselves; on a path each stands for both
//! ```
//!
//! Regular expressions are those of `regex-syntax` over bytes with Unicode off;
//! look-around and back-references do not exist in linear time and are refused
//! with a proposal. The limits on size are on the compiled automaton, and on the table that
//! the module holds: a pattern that passes here can be built.

use std::collections::BTreeMap;

use regex_automata::nfa::thompson;
use regex_automata::util::syntax;

use crate::codegen;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::Pattern;
use tagout_spec::fold::fold_char;

/// Most bytes of a pattern as written.
const MAX_TEXT: usize = 1024;
/// Most bytes of the automaton of one pattern.
const MAX_AUTOMATON: usize = 256 * 1024;

/// The patterns of a pack, each once.
#[derive(Debug, Default)]
pub(in crate::analysis) struct Patterns {
    list: Vec<Pattern>,
    known: BTreeMap<(String, bool), u32>,
}

impl Patterns {
    /// All patterns in the order in which they were first met.
    pub(in crate::analysis) fn into_list(self) -> Vec<Pattern> {
        self.list
    }

    /// The number of a glob.
    pub(super) fn glob(
        &mut self,
        glob: &str,
        fold: bool,
        is_path: bool,
        span: Span,
    ) -> Result<u32, Box<Diagnostic>> {
        let regex = translate(glob, fold, is_path).map_err(|problem| {
            Box::new(
                Diagnostic::new(Code::E0220, span, problem).label("in this glob").note(
                    "a glob knows `*`, `**`, `?` and `[...]`; `[*]` is a star itself",
                ),
            )
        })?;
        self.add(glob, regex, fold, span)
    }

    /// The number of a regular expression.
    pub(super) fn regex(
        &mut self,
        text: &str,
        fold: bool,
        span: Span,
    ) -> Result<u32, Box<Diagnostic>> {
        let regex = if fold {
            // The letters of ASCII match in either case; others are folded here.
            let folded: String = text
                .chars()
                .map(|c| if c.is_ascii() { c } else { fold_char(c) })
                .collect();
            format!("(?i){folded}")
        } else {
            text.to_owned()
        };
        self.add(text, regex, fold, span)
    }

    fn add(
        &mut self,
        source: &str,
        regex: String,
        fold: bool,
        span: Span,
    ) -> Result<u32, Box<Diagnostic>> {
        if let Some(known) = self.known.get(&(regex.clone(), fold)) {
            return Ok(*known);
        }
        check(source, &regex, span)?;
        let n = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.known.insert((regex.clone(), fold), n);
        self.list.push(Pattern { source: source.to_owned(), regex, fold });
        Ok(n)
    }
}

/// Whether later phases can run the pattern.
fn check(source: &str, regex: &str, span: Span) -> Result<(), Box<Diagnostic>> {
    if source.len() > MAX_TEXT {
        return Err(Box::new(
            too_large(span, "the pattern is too long")
                .note(format!("a pattern has at most {MAX_TEXT} bytes")),
        ));
    }
    let mut parser = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(64)
        .build();
    let hir = parser.parse(regex).map_err(|error| Box::new(refused(&error, span)))?;
    if hir.properties().look_set().contains_word_unicode() {
        let message = "word boundaries of Unicode are not supported";
        return Err(Box::new(
            Diagnostic::new(Code::E0218, span, message)
                .label("in this regular expression")
                .help("leave `u` out around `\\b`"),
        ));
    }
    let config = thompson::Config::new().utf8(false).nfa_size_limit(Some(MAX_AUTOMATON));
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    let built = thompson::Compiler::new().configure(config).syntax(syntax).build(regex);
    match built {
        Ok(_) => {}
        Err(_) => return Err(Box::new(without_room(span))),
    }
    // What is small as it is written may need one state for each set of places that it
    // can be at: only the table itself tells.
    let pattern = Pattern { source: String::new(), regex: regex.to_owned(), fold: false };
    match codegen::pattern::table(&pattern) {
        Err(codegen::pattern::Error::TooLarge) => Err(Box::new(
            without_room(span)
                .help("a repetition counted behind what may begin anywhere multiplies"),
        )),
        // Nothing else is left to be wrong; if it were, the module says so.
        Ok(_) | Err(codegen::pattern::Error::Syntax) => Ok(()),
    }
}

fn without_room(span: Span) -> Diagnostic {
    too_large(span, "the pattern needs too large an automaton")
        .help("shorten counted repetitions such as `{1000}`")
        .help("split it into several patterns, or use `contains`")
}

fn too_large(span: Span, message: &str) -> Diagnostic {
    Diagnostic::new(Code::E0219, span, message).label("too large")
}

/// What the parser of regular expressions refused, in our words.
fn refused(error: &regex_syntax::Error, span: Span) -> Diagnostic {
    use regex_syntax::ast::ErrorKind;
    let (kind, why) = match error {
        regex_syntax::Error::Parse(e) => (Some(e.kind()), e.kind().to_string()),
        regex_syntax::Error::Translate(e) => (None, e.kind().to_string()),
        _ => (None, "it cannot be read".to_owned()),
    };
    let (what, help) = match kind {
        Some(ErrorKind::UnsupportedBackreference) => (
            "back-references",
            "no automaton can follow them; compare the parts in separate conditions",
        ),
        Some(ErrorKind::UnsupportedLookAround) => (
            "look-around",
            "write two conditions: `x matches \"...\" and not x matches \"...\"`",
        ),
        _ => {
            let why = why.trim_end_matches('.');
            return Diagnostic::new(
                Code::E0218,
                span,
                format!("invalid regular expression: {why}"),
            )
            .label("in this regular expression");
        }
    };
    Diagnostic::new(
        Code::E0229,
        span,
        format!("{what} are not part of regular expressions that run in linear time")
            .replace("look-around are", "look-around is"),
    )
    .label("in this regular expression")
    .help(help)
}

/// A glob as a regular expression, or what is wrong with it.
fn translate(glob: &str, fold: bool, is_path: bool) -> Result<String, &'static str> {
    const ONE: &str = r"(?:[\x00-\x2E\x30-\x5B\x5D-\x7F]|[\xC2-\xDF][\x80-\xBF]|[\xE0-\xEF][\x80-\xBF]{2}|[\xF0-\xF4][\x80-\xBF]{3})";
    let folded = |c: char| if fold { fold_char(c) } else { c };
    let chars: Vec<char> = glob.chars().map(folded).collect();
    let at = |i: usize| chars.get(i).copied();
    let is_separator = |c: char| c == '\\' || c == '/';
    let mut out = String::from(r"\A");
    let mut i = 0;
    while let Some(c) = at(i) {
        i += 1;
        match c {
            '*' if at(i) == Some('*') => {
                i += 1;
                if at(i) == Some('*') {
                    return Err("three stars mean nothing");
                }
                let before = i.checked_sub(3).and_then(at).is_none_or(is_separator);
                match at(i).filter(|c| is_separator(*c)) {
                    // Between separators it may stand for no component at all.
                    Some(next) if before => {
                        i += 1;
                        out.push_str(r"(?:[\s\S]*");
                        push_separator(&mut out, next, is_path);
                        out.push_str(")?");
                    }
                    _ => out.push_str(r"[\s\S]*"),
                }
            }
            '*' => out.push_str(r"[^\\/]*"),
            '?' => out.push_str(ONE),
            '[' => i = class(&chars, i, &mut out)?,
            c if is_separator(c) => push_separator(&mut out, c, is_path),
            c => out.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out.push_str(r"\z");
    Ok(out)
}

fn push_separator(out: &mut String, c: char, is_path: bool) {
    match (is_path, c) {
        (true, _) => out.push_str(r"[\\/]"),
        (false, '\\') => out.push_str(r"\\"),
        (false, _) => out.push('/'),
    }
}

/// A class from behind its `[`; gives the place behind its `]`.
fn class(chars: &[char], start: usize, out: &mut String) -> Result<usize, &'static str> {
    let mut i = start;
    let negated = matches!(chars.get(i), Some('!' | '^'));
    if negated {
        i += 1;
    }
    let first = i;
    let mut members = String::new();
    loop {
        match chars.get(i) {
            None => return Err("a class is not closed with `]`"),
            Some(']') if i > first => break,
            Some(c) if !c.is_ascii() => {
                return Err("a class holds ASCII characters only");
            }
            Some('-') if i > first && chars.get(i + 1).is_some_and(|c| *c != ']') => {
                let ends = chars.get(i - 1).zip(chars.get(i + 1));
                if ends.is_none_or(|(low, high)| low > high) {
                    return Err("a range in a class runs backwards");
                }
                members.push('-');
            }
            Some(c) => {
                let code = u32::from(*c);
                members.push_str(&format!(r"\x{code:02X}"));
            }
        }
        i += 1;
    }
    if negated {
        out.push_str(&format!(r"[^{members}\\/]"));
    } else {
        out.push_str(&format!(r"[[{members}]&&[^\\/]]"));
    }
    Ok(i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_glob(glob: &str, is_path: bool, yes: &[&str], no: &[&str]) {
        let regex = translate(glob, is_path, is_path).unwrap();
        let re = regex_automata::meta::Builder::new()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .build(&regex)
            .unwrap_or_else(|e| panic!("{regex}: {e}"));
        for text in yes {
            assert!(re.is_match(text.as_bytes()), "{glob} should match {text}: {regex}");
        }
        for text in no {
            assert!(!re.is_match(text.as_bytes()), "{glob} matches {text}: {regex}");
        }
    }

    #[test]
    fn a_glob_says_where_components_end() {
        check_glob(
            r"C:\Users\**\Temp\**",
            true,
            &[r"c:\users\temp\x", r"c:\users\a\b\temp\c\d", "c:/users/a/temp/"],
            &[r"c:\users\xtemp\a", r"c:\users\a\temp"],
        );
        check_glob("*.exe", true, &["a.exe"], &[r"b\a.exe", "a.exe.txt"]);
        check_glob("a?c", false, &["abc", "aéc"], &["ac", "a/c", "abbc", "aBBc"]);
        check_glob("[a-c]*[!0-9]", false, &["bx", "a-"], &["dx", "a1"]);
        check_glob("[*]", false, &["*"], &["x"]);
        check_glob("a/b", false, &["a/b"], &[r"a\b"]);
        check_glob("**", false, &["", "a/b\n"], &[]);
    }
}
