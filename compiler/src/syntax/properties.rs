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
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(100) })]

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

/// A token or comment, and for a comment whether it stands alone on its line.
type Word = (TokenKind, String, bool);

/// The tokens of a text with a comment put in before some of them.
fn commented(text: &str, comments: &[(Index, bool)]) -> Vec<Word> {
    let tokens = parse(text, FileId(0)).tokens;
    let mut words: Vec<Word> = tokens
        .iter()
        .filter(|t| !t.kind.is_trivia())
        .map(|t| (t.kind, t.text(text).to_owned(), false))
        .collect();
    for (n, (at, alone)) in comments.iter().enumerate() {
        let at = at.index(words.len() + 1);
        let behind = at.checked_sub(1).map(|before| words[before].0);
        let alone = *alone || matches!(behind, None | Some(TokenKind::Comment));
        // What followed at the end of a line stands alone now.
        if let Some((TokenKind::Comment, _, alone)) = words.get_mut(at) {
            *alone = true;
        }
        words.insert(at, (TokenKind::Comment, format!("# note {n}"), alone));
    }
    words
}

/// The words with other blanks between them.
fn spaced(words: &[Word], blanks: &[u8], dense: bool) -> String {
    let mut blanks = blanks.iter().cycle();
    let mut text = String::new();
    let mut last = None;
    for (kind, word, alone) in words {
        let mut blank = match blanks.next().unwrap_or(&0) % 8 {
            0..=2 if dense => "",
            3 | 4 => "\n",
            5 => " \t ",
            6 => "\r\n  \n",
            _ => " ",
        };
        let newline = blank.contains('\n');
        blank = match (kind, *alone) {
            _ if last == Some(TokenKind::Comment) && !newline => " \n",
            (TokenKind::Comment, true) if !newline && last.is_some() => "\n  ",
            (TokenKind::Comment, false) if newline => " ",
            _ => blank,
        };
        text.push_str(blank);
        text.push_str(word);
        last = Some(*kind);
    }
    text
}

/// Two spacings of the same words.
fn respaced(words: &[Word], a: &[u8], b: &[u8]) -> (String, String) {
    let same = |text: &str| {
        let tokens = parse(text, FileId(0)).tokens;
        let expected = words.iter().map(|(kind, word, _)| (*kind, word.as_str()));
        format::words(text, &tokens).eq(expected)
    };
    // Some tokens need a blank between them; then all get one.
    let spaced = |blanks: &[u8]| {
        Some(spaced(words, blanks, true))
            .filter(|text| same(text))
            .unwrap_or_else(|| spaced(words, blanks, false))
    };
    (spaced(a), spaced(b))
}

/// Formats without the safety net of [`format`].
fn print(text: &str) -> Result<String, TestCaseError> {
    let parsed = parse(text, FileId(0));
    prop_assert!(parsed.diagnostics.is_empty(), "{text}\n{:#?}", parsed.diagnostics);
    Ok(format::print(text, &parsed))
}

/// Random expressions that use every production.
fn expression() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "a",
        "m.src.ip",
        "1",
        "0xff",
        "1.5",
        "10m",
        "10.0.0.1",
        "10.0.0.0/8",
        "fe80::1",
        "00:1b:1b:00:00:01",
        "\"text\"",
        "i\"x\"",
        "r\"C:\\\"",
        "true",
        "null",
        "m.x[\"y\"]",
        "m.xs",
        "write_multiple_registers",
        "2001:db8::/32",
        "m.dst.asset.role",
        "{}",
        "[]",
        "f()",
        "any",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(6, 60, 6, |inner| {
        let tight = inner.clone().prop_map(|e| format!("({e})"));
        let several =
            proptest::collection::vec(tight.clone(), 0..12).prop_map(|v| v.join(", "));
        let infix = select(vec![
            "and",
            "or",
            "and",
            "or",
            "else",
            "==",
            "!=",
            "<",
            "<=",
            "in",
            "not in",
            "overlaps",
            "contains",
            "contains all",
            "contains any",
            "startswith",
            "endswith",
            "glob",
            "matches",
            "??",
            "|",
            "^",
            "&",
            "<<",
            ">>",
            "+",
            "-",
            "*",
            "/",
            "%",
            "..",
        ]);
        let loose = select(vec!["and", "or", "+", "*", "??", "|"]);
        prop_oneof![
            inner.clone().prop_map(|e| format!("({e})")),
            (tight.clone(), infix, tight.clone())
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (proptest::collection::vec(tight.clone(), 2..30), loose)
                .prop_map(|(v, op)| v.join(&format!(" {op} "))),
            (select(vec!["not ", "-", "~", "- -"]), tight.clone())
                .prop_map(|(op, e)| format!("{op}{e}")),
            (tight.clone(), select(vec!["is missing", "is not null", "is present"]))
                .prop_map(|(e, op)| format!("{e} {op}")),
            (tight.clone(), tight.clone(), tight.clone())
                .prop_map(|(a, c, b)| format!("{a} when {c} else {b}")),
            (several.clone(), select(vec!["{", "i{", "[", "f(", "[l: "])).prop_map(
                |(e, open)| match open {
                    "[" => format!("[{e}]"),
                    "f(" => format!("f({e})"),
                    "[l: " => format!("[l: 1, {e}]"),
                    open => format!("{open}{e}}}"),
                }
            ),
            (select(vec!["any", "all", "count"]), inner.clone())
                .prop_map(|(q, e)| format!("{q} v in m.items ({e})")),
            inner.prop_map(|e| format!("{{ a.b: {e}, c[\"d\"]: {{ e: 1 }}, }}")),
        ]
    })
}

/// Random valid files.
fn files() -> impl Strategy<Value = String> {
    let item = (0..16usize, expression(), expression()).prop_map(|(n, e, f)| match n {
        0 => format!("param p: set<ip> max 1024 = {e}"),
        1 => "param p: int".to_owned(),
        2 => "data d: map<ip, text> replaceable = \"f.csv\"".to_owned(),
        3 => format!("pred p(m: modbus, n: flow) = {e}"),
        4 => "missing = false".to_owned(),
        5 => format!("rule r {{ where {e} unless {f} dedup by ({e}, {f}) for 10m }}"),
        6 => format!("rule r {{ meta {{ a = {e} b = {f} }} emit {{ c = {f} }} }}"),
        7 => format!(
            "rule r {{ on modbus as m test \"t\" with {{ p: {e}, }} {{ at 0s m {{ a: {e}, b.c: {f} }} \
             expect none expect indeterminate on a.b, c at 1h30m m {{}} expect match }} test \"u\" {{}} }}"
        ),
        8 => "rule r {} pred p() = a".to_owned(),
        n => rule(n),
    });
    proptest::collection::vec(item, 0..5).prop_map(|items| items.join("\n"))
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(300) })]

    /// Blanks do not matter; comments stay; what is formatted stays as it is.
    #[test]
    fn layout_is_canonical(
        file in files(),
        comments in proptest::collection::vec((any::<Index>(), any::<bool>()), 0..6),
        a in proptest::collection::vec(any::<u8>(), 1..200),
        b in proptest::collection::vec(any::<u8>(), 1..200),
    ) {
        let words = commented(&file, &comments);
        let (a, b) = respaced(&words, &a, &b);
        let formatted = print(&a)?;
        prop_assert_eq!(&formatted, &print(&b)?, "{}\n=====\n{}", a, b);
        prop_assert_eq!(&formatted, &print(&formatted)?);
        let tokens = parse(&formatted, FileId(0)).tokens;
        let kept: Vec<_> = format::words(&formatted, &tokens).collect();
        let expected: Vec<_> = words.iter().map(|(kind, word, _)| (*kind, word.as_str())).collect();
        prop_assert_eq!(kept, expected, "{}", formatted);
        let blank_ends = formatted.lines().filter(|line| line.ends_with(' ')).count();
        prop_assert_eq!(blank_ends, 0, "{}", formatted);
    }

    /// No text makes the formatter fail.
    #[test]
    fn any_text_formats_or_is_refused(text in soup()) {
        if let Ok(formatted) = format(&text) {
            prop_assert_eq!(format(&formatted), Ok(formatted.clone()));
        }
    }
}

/// Mistakes at the end of a rule, where they are nearest to the next one.
#[test]
fn a_mistake_at_the_end_stays_there() {
    for tail in [
        "m.", "m. # }", "m.x ==", "(", "{", "[", "not", "rule", "m.rule", "\"", "on",
        "x y",
    ] {
        let blocks = [
            "rule a { where b }\n".to_owned(),
            format!("rule c {{ where {tail}\n"),
            "rule d { where e }\n".to_owned(),
        ];
        assert_eq!(blamed(&blocks), [1], "{tail}");
    }
}

/// Words that start declarations are fields and labels elsewhere.
#[test]
fn declaration_words_are_names_where_nothing_else_could_be_meant() {
    let text = "rule r {
        where m.rule in { a } and m.x == pred and (m.data == data or m.param == param)
            and m.rule
        emit { rules = m.rule }
        test \"t\" { at 0s m { rule: 1, data: 2, rule.name: 3, param: 4 } expect none }
    }";
    assert_eq!(parse(text, FileId(0)).diagnostics, vec![]);
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

/// A megabyte of anything is read in no time and within the stack, and laid out
/// if it is valid. Unoptimised, an eighth of that has to do.
#[test]
fn hostile_texts_cost_linear_time() {
    #[track_caller]
    fn check(name: &str, head: &str, piece: &str) {
        let size = if cfg!(debug_assertions) { 1 << 17 } else { 1 << 20 };
        let text = format!("{head}{}", piece.repeat(size / piece.len()));
        let start = Instant::now();
        let parsed = parse(&text, FileId(0));
        let formatted = format(&text);
        let elapsed = start.elapsed();
        // For a busy machine; quadratic work would take hours.
        assert!(elapsed < Duration::from_secs(20), "{name}: {elapsed:?}");
        assert_eq!(formatted.is_ok(), parsed.diagnostics.is_empty(), "{name}");
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
    check("comments in a chain", "pred p() = a", " # c\n and a");
    check("comments in a set", "param p: int = {", "1, # c\n");
    check("sets", "", "param p: int = {1, 2, 3,} ");
    check("long names", "pred p() = a", "bc");
    check("unknown", "", "$ ");
    check("hidden", "#", "\u{202e}");
    check("blanks", "", " \n");
}
