//! What must hold for every text, checked on random ones.

use std::ops::Range;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::Config;

use super::tests::EXAMPLE;
use super::*;

/// Rules that use every section and operator, each from the start of a line.
fn rules() -> Vec<&'static str> {
    let mut rules: Vec<_> = EXAMPLE.split("\nrule ").skip(1).collect();
    rules.push(
        "name {\n    where a == \"x\" # c\n    emit { title = \"t\" }\n    test \"t\" { expect none }\n}",
    );
    rules.push("name { on flow unless f(x, y: 2) missing = false where m.x is null }");
    rules.push(
        "name {\n  meta {\n    id = \"a\"\n    x = [ a: 1, b.c ]\n  }\n  where m.a in { 1, 2 }\n}",
    );
    rules
}

/// The text of rule `n` with a name of its own.
fn rule(n: usize) -> String {
    let rules = rules();
    let text = rules[n % rules.len()];
    let body = text.find('{').map_or(0, |at| at);
    format!("rule r{n} {}", &text[body..])
}

/// One way to break a rule.
#[derive(Clone, Debug)]
enum Break {
    Delete(Index),
    Duplicate(Index),
    Swap(Index),
    Insert(Index, &'static str),
}

fn breaks() -> impl Strategy<Value = Break> {
    let inserted = select(vec![
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "rule",
        "where",
        "test",
        "#",
        "$",
        ".",
        ",",
        "=",
        "==",
        "and",
        "not",
        "in",
        "at",
        "meta {",
        "x y",
        "10.0.0.999",
        "5x",
        "i\"",
        "..",
        ":",
    ]);
    prop_oneof![
        any::<Index>().prop_map(Break::Delete),
        any::<Index>().prop_map(Break::Duplicate),
        any::<Index>().prop_map(Break::Swap),
        (any::<Index>(), inserted).prop_map(|(at, text)| Break::Insert(at, text)),
    ]
}

/// The rule with a change behind its opening brace.
fn broken(text: &str, change: &Break) -> String {
    let tokens = parse(text, FileId(0)).tokens;
    let body: Vec<Token> =
        tokens.iter().copied().filter(|t| !t.kind.is_trivia()).skip(3).collect();
    let bytes = |t: Token| t.start as usize..t.end as usize;
    let replace = |at: Range<usize>, with: &str| {
        format!("{} {with} {}", &text[..at.start], &text[at.end..])
    };
    match change {
        Break::Delete(n) => replace(bytes(*n.get(&body)), ""),
        Break::Duplicate(n) => {
            let token = *n.get(&body);
            replace(bytes(token).end..bytes(token).end, token.text(text))
        }
        Break::Swap(n) => {
            let n = n.index(body.len() - 1);
            let (a, b) = (body[n], body[n + 1]);
            let between = &text[a.end as usize..b.start as usize];
            let swapped = format!("{}{between} {}", b.text(text), a.text(text));
            replace(bytes(a).start..bytes(b).end, &swapped)
        }
        Break::Insert(n, inserted) => {
            let at = bytes(*n.get(&body)).start;
            replace(at..at, inserted)
        }
    }
}

/// Which of the blocks carry diagnostics.
fn blamed(blocks: &[String]) -> Vec<usize> {
    let text = blocks.concat();
    let ends: Vec<usize> = blocks
        .iter()
        .scan(0, |end, block| {
            *end += block.len();
            Some(*end)
        })
        .collect();
    let parsed = parse(&text, FileId(0));
    let mut blamed: Vec<usize> = parsed
        .diagnostics
        .iter()
        .map(|d| d.span().unwrap().start as usize)
        .map(|at| ends.partition_point(|end| *end <= at))
        .collect();
    blamed.sort_unstable();
    blamed.dedup();
    blamed
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(200) })]

    /// Break k rules of 25: exactly those k carry diagnostics.
    #[test]
    fn a_mistake_costs_its_rule_only(
        chosen in proptest::sample::subsequence((0..25).collect::<Vec<usize>>(), 1..=20),
        changes in proptest::collection::vec(breaks(), 400),
    ) {
        let mut blocks: Vec<_> = (0..25).map(|n| format!("{}\n\n", rule(n))).collect();
        prop_assert_eq!(blamed(&blocks), Vec::<usize>::new());
        let mut changes = changes.iter();
        for n in &chosen {
            // A change may leave a valid rule; then another is tried.
            let invalid = changes
                .by_ref()
                .map(|change| broken(&blocks[*n], change))
                .find(|text| !parse(text, FileId(0)).diagnostics.is_empty());
            prop_assume!(invalid.is_some());
            blocks[*n] = invalid.unwrap();
        }
        prop_assert_eq!(blamed(&blocks), chosen, "{}", blocks.concat());
    }

    /// No text makes the parser fail, and tokens cover every byte.
    #[test]
    fn any_text_parses(text in soup()) {
        let parsed = parse(&text, FileId(0));
        let mut at = 0;
        for token in &parsed.tokens {
            prop_assert_eq!(token.start, at);
            at = token.end;
        }
        prop_assert_eq!(at as usize, text.len());
    }
}

/// Texts that look like rules from afar.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(vec![
            "rule", "r", "{", "}", "meta", "on", "modbus", "as", "m", "where", "unless", "emit",
            "dedup", "by", "for", "test", "with", "at", "expect", "match", "indeterminate",
            "param", "data", "pred", "set", "<", ">", "missing", "=", "on_unknown", "(", ")",
            "[", "]", ",", ":", ".", "..", "==", "and", "or", "not", "else", "when", "in", "is",
            "contains", "any", "all", "count", "i", "-", "~", "??", "|", "&&", "!", "10m", "0s",
            "1", "1.5", "10.0.0.1", "10.0.0.0/8", "fe80::1", "00:1b:1b:00:00:01", "\"a\"",
            "i\"a\"", "r\"\\\"", "\"", "\"\\", "# c\n", "\n", "0x", "1e", "true", "null", "$",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
        1 => proptest::char::any().prop_map(String::from),
    ];
    let blank = select(vec!["", " ", "\n"]);
    proptest::collection::vec((piece, blank), 0..80).prop_map(|pieces| {
        pieces.into_iter().map(|(piece, blank)| piece + blank).collect()
    })
}

/// A megabyte of anything is read in no time, and without end of the stack.
#[test]
fn hostile_texts_cost_linear_time() {
    #[track_caller]
    fn check(name: &str, head: &str, piece: &str) {
        let text = format!("{head}{}", piece.repeat((1 << 20) / piece.len()));
        let start = Instant::now();
        let parsed = parse(&text, FileId(0));
        let elapsed = start.elapsed();
        // Unoptimised and on a busy machine; quadratic work would take hours.
        assert!(elapsed < Duration::from_secs(20), "{name}: {elapsed:?}");
        assert!(parsed.diagnostics.len() <= sink::MAX_DIAGNOSTICS + 1, "{name}");
        eprintln!("{name}: {elapsed:?}, {} diagnostics", parsed.diagnostics.len());
    }
    check("open brackets", "rule r { where ", "(");
    check("open lists", "rule r { where ", "[");
    check("open sets", "rule r { where ", "{");
    check("closed brackets", "rule r { where ", ")");
    check("closed braces", "rule r { where ", "}");
    check("prefixes", "rule r { where ", "-");
    check("nots", "rule r { where ", "not ");
    check("and chain", "pred p() = a", " and a");
    check("or of ands", "pred p() = a", " and a or b");
    check("sum chain", "pred p() = a", " + a");
    check("else chain", "pred p() = a", " else a");
    check("when chain", "pred p() = a", " when b else c");
    check("comparison chain", "pred p() = a", " == a");
    check("is chain", "pred p() = a", " is missing");
    check("index chain", "pred p() = a", "[1]");
    check("path", "pred p() = a", ".a");
    check("set", "pred p() = a in {", "1, ");
    check("records", "rule r { test \"t\" { at 0s m { a: ", "{a: ");
    check("texts without end", "rule r { where ", "\"\n");
    check("one long text", "rule r { where \"", "a");
    check("escapes", "rule r { where \"", "\\q");
    check("unicode escapes", "rule r { where \"", "\\u{");
    check("rules", "", "rule r{}");
    check("broken rules", "", "rule r{where}");
    check("rule words", "", "rule ");
    check("on words", "rule r { where a ", "on ");
    check("params", "", "param x: ");
    check("sections", "rule r {", "where ");
    check("bad sections", "rule r {", "x ");
    check("entries", "rule r { meta {", "a b ");
    check("statements", "rule r { test \"t\" {", "at ");
    check("colons", "pred p() = ", "a:");
    check("double colons", "pred p() = ", "::");
    check("digits and dots", "pred p() = ", "1.");
    check("digits", "pred p() = ", "1");
    check("units", "pred p() = 1", "1d");
    check("comments", "", "#\n");
    check("unknown", "", "$ ");
    check("hidden", "#", "\u{202e}");
    check("blanks", "", " \n");
}
