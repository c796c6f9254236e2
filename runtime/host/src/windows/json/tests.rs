//! What the two passes read of a line, beside what serde_json reads of it.

use serde_json::Value as Theirs;

use super::document::{Document, Form, Value};
use crate::windows::event::Texts;
use crate::windows::names::Names;

/// Lines that have all that the grammar has, and lie across the ends of blocks.
const LINES: &[&str] = &[
    r#"{"Image":"C:\\Windows\\System32\\cmd.exe","CommandLine":"\"cmd\" /c \t \u00e4\ud83d\ude00","n":[1,-2,0,1.5,-0,1e3,18446744073709551615,99999999999999999999],"t":[true,false,null],"e":{},"l":[],"é":"ü"}"#,
    "{\"a\" :\t[ 1 ,\r\n{ \"b\" : \"c\" } , \"\" ] }",
    r#"{"\\":"\\\\","\"":"\"\\\"","slash":"\/\/","long":"a very long text without any mark in it, longer than two blocks of sixty-four bytes each, so that it is copied in more than one piece"}"#,
    r#""text""#,
    "7",
    r#"[[[[["\b\f\n\r\t"]]]]]"#,
];

/// Characters that matter to the grammar.
const PIECES: &[&str] = &[
    "\"", "\\", "\\\\", "\\\"", "\\u", "\\ud83d", "\\ude00", "\\n", "\\x", "/", "{", "}",
    "[", "]", ":", ",", "0", "-", ".", "e", "1", "\t", "\n", "\u{1}", "\u{7f}", "é", " ",
    "true", "null", "a",
];

/// A value as serde_json would have it, with numbers and truth values as texts.
fn ours(value: Value<'_>, texts: &Texts) -> Theirs {
    let text = || Theirs::from(texts.get(value.text().unwrap_or_default()));
    match value.form() {
        Form::Nothing => Theirs::Null,
        Form::Text | Form::Scalar => text(),
        Form::List => value.iter().map(|value| ours(value, texts)).collect(),
        Form::Object => {
            let pair = |value: Value<'_>| {
                (texts.get(value.key().name).to_owned(), ours(value, texts))
            };
            Theirs::Object(value.iter().map(pair).collect())
        }
    }
}

fn theirs(value: Theirs) -> Theirs {
    match value {
        Theirs::Bool(value) => value.to_string().into(),
        Theirs::Number(value) => value.to_string().into(),
        Theirs::Array(values) => values.into_iter().map(theirs).collect(),
        Theirs::Object(values) => {
            values.into_iter().map(|(name, value)| (name, theirs(value))).collect()
        }
        other => other,
    }
}

#[track_caller]
fn check(document: &mut Document, names: &Names, line: &str) {
    let mut texts = Texts::default();
    let found = document.read(line, names, &mut texts);
    let found = found.map(|value| ours(value, &texts));
    let expected = serde_json::from_str(line).ok().map(theirs);
    assert_eq!(found, expected, "{line:?}");
}

#[test]
fn lines_are_read_as_serde_json_reads_them() {
    let (mut document, mut names) = (Document::default(), Names::default());
    names.set_reads_all(true);
    names.learn("Image");
    names.learn("CommandLine");
    let mut state = 1_u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % n
    };
    for line in LINES {
        check(&mut document, &names, line);
        // What lies where in a block must not matter.
        for blanks in 0..130 {
            check(&mut document, &names, &format!("{}{line}", " ".repeat(blanks)));
            check(
                &mut document,
                &names,
                &format!(r#"["{}",{line}]"#, "x".repeat(blanks)),
            );
        }
        for (at, _) in line.char_indices() {
            check(&mut document, &names, line.split_at(at).0);
        }
        for _ in 0..4_000 {
            let mut changed = (*line).to_owned();
            for _ in 0..=below(3) {
                let places: Vec<_> = changed.char_indices().map(|(at, _)| at).collect();
                let Some(at) = places.get(below(places.len().max(1))) else { break };
                if below(2) == 0 {
                    changed.remove(*at);
                } else {
                    changed.insert_str(*at, PIECES[below(PIECES.len())]);
                }
            }
            check(&mut document, &names, &changed);
        }
    }
}

/// Depth costs stack, so it is bounded, as serde_json bounds it.
#[test]
fn depth_is_bounded() {
    let names = Names::default();
    for (depth, is_read) in [(127, true), (128, false), (1_000_000, false)] {
        let line = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let mut texts = Texts::default();
        let found = Document::default().read(&line, &names, &mut texts).is_some();
        assert_eq!(found, is_read, "{depth}");
    }
}

/// What is passed over is held against the grammar.
#[test]
fn broken_values_that_nobody_asks_for_are_refused() {
    let names = Names::default();
    for (line, is_read) in [
        (r#"{"a":{"b":[1,2,{"c":"\n"}]}}"#, true),
        (r#"{"a":1e999}"#, true),
        (r#"{"a":01}"#, false),
        (r#"{"a":[1,]}"#, false),
        (r#"{"a":{"b"}}"#, false),
        (r#"{"a":"\x"}"#, false),
        (r#"{"a":tru}"#, false),
        (r#"{\"a":1}"#, false),
    ] {
        let mut texts = Texts::default();
        let mut document = Document::default();
        let found = document.read(line, &names, &mut texts);
        assert_eq!(found.is_some(), is_read, "{line}");
        assert!(found.is_none_or(|value| value.iter().next().is_none()), "{line}");
    }
}
