//! Regular expressions: those of Sigma checked, and those that stand in for what the
//! language has no operator for.
//!
//! A rule's own expression is taken as it is if an automaton can run it. Wildcards
//! within a text, numbers in texts and parts of times become expressions.

use super::modifier::{Order, Part};
use super::test::Number;
use super::text::{Part as Piece, Text};

/// Most bytes of an expression, as the compiler has it.
const MAX_BYTES: usize = 1024;

/// A rule's own expression, in our dialect.
pub(super) fn regex(written: &str, lines: bool, dot_all: bool) -> Result<String, String> {
    let flags = match (lines, dot_all) {
        (false, false) => "",
        (true, false) => "(?m)",
        (false, true) => "(?s)",
        (true, true) => "(?ms)",
    };
    let regex = format!("{flags}{written}");
    if regex.len() > MAX_BYTES {
        return Err(format!("a regular expression of more than {MAX_BYTES} bytes"));
    }
    // Characters beyond ASCII in classes need Unicode, which is asked for alone.
    parsed(&regex).map(|_| regex.clone()).or_else(|why| {
        let unicode = format!("(?u){regex}");
        parsed(&unicode).map(|_| unicode).map_err(|_| why)
    })
}

/// Whether it makes a difference to an expression in which case a text is.
pub(super) fn has_case(regex: &str) -> bool {
    match (parsed(regex), parsed(&format!("(?i){regex}"))) {
        (Ok(exact), Ok(folded)) => exact != folded,
        _ => true,
    }
}

/// A text with wildcards as an expression for the whole value.
pub(super) fn wildcards(text: &Text) -> String {
    let pieces = text.0.as_slice();
    let has_one = pieces.contains(&Piece::One);
    // One character may be several bytes.
    let mut out = String::from(if has_one { "(?su)" } else { "" });
    let last = pieces.len().saturating_sub(1);
    let within = |n: usize| n > 0 && n < last;
    if !has_one
        && (0..pieces.len()).any(|n| within(n) && pieces.get(n) == Some(&Piece::Many))
    {
        out.push_str("(?s)");
    }
    if pieces.first() != Some(&Piece::Many) {
        out.push('^');
    }
    for (n, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Literal(text) => out.push_str(&escaped(text)),
            Piece::One => out.push('.'),
            Piece::Many if within(n) => out.push_str(".*"),
            Piece::Many => {}
        }
    }
    if pieces.last() != Some(&Piece::Many) {
        out.push('$');
    }
    out
}

/// A text for which an order holds, as a whole number in decimal digits.
pub(super) fn number(order: Order, number: Number) -> Result<String, String> {
    let Number::Int(n) = number else {
        return Err("a text is compared with a number that is not whole".to_owned());
    };
    let Ok(n) = u64::try_from(n) else {
        return Err("a text is compared with a number below zero".to_owned());
    };
    let none = || "nothing is below it".to_owned();
    let (alternatives, below_zero) = match order {
        Order::Greater => (at_least(n.checked_add(1).ok_or_else(none)?), false),
        Order::GreaterOrEqual => (at_least(n), false),
        Order::Less if n == 0 => (Vec::new(), true),
        Order::Less => (at_most(n - 1), true),
        Order::LessOrEqual => (at_most(n), true),
    };
    let mut sides = Vec::new();
    if !alternatives.is_empty() {
        sides.push(format!("0*({})", alternatives.join("|")));
    }
    if below_zero {
        sides.push(r"-\d+".to_owned());
    }
    Ok(format!("^({})$", sides.join("|")))
}

/// A text that is a time as ISO 8601 writes it, with a part of this value.
pub(super) fn time(part: Part, n: i128) -> Result<String, String> {
    let (least, greatest) = match part {
        Part::Minute => (0, 59),
        Part::Hour => (0, 23),
        Part::Day => (1, 31),
        Part::Month => (1, 12),
        Part::Year => (0, 9999),
        Part::Week => {
            return Err("the week of a year cannot be read off a date".to_owned());
        }
    };
    if !(least..=greatest).contains(&n) {
        return Err(format!("{n} is no such part of a time"));
    }
    Ok(match part {
        Part::Year => format!("^{n:04}-"),
        Part::Month => format!(r"^\d{{4}}-{n:02}-"),
        Part::Day | Part::Week => format!(r"^\d{{4}}-\d\d-{n:02}"),
        Part::Hour => format!(r"^\d{{4}}-\d\d-\d\d[T ]{n:02}:"),
        Part::Minute => format!(r"^\d{{4}}-\d\d-\d\d[T ]\d\d:{n:02}"),
    })
}

/// A text as an expression that matches it.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Numbers from this one on: with more digits, or greater in the first digit that
/// differs.
fn at_least(n: u64) -> Vec<String> {
    let digits = n.to_string();
    let mut out = vec![format!(r"[1-9]\d{{{},}}", digits.len())];
    for (place, digit) in digits.char_indices().filter(|(_, digit)| *digit < '9') {
        let next = char::from_u32(u32::from(digit) + 1).unwrap_or('9');
        out.push(with_rest(&digits, place, &span(next, '9')));
    }
    out.push(digits);
    out
}

/// Numbers up to this one: with fewer digits, or less in the first that differs.
fn at_most(n: u64) -> Vec<String> {
    let digits = n.to_string();
    let mut out = Vec::new();
    match digits.len() {
        0 | 1 => {}
        2 => out.push(r"\d".to_owned()),
        n => out.push(format!(r"\d{{1,{}}}", n - 1)),
    }
    for (place, digit) in digits.char_indices().filter(|(_, digit)| *digit > '0') {
        let next = char::from_u32(u32::from(digit) - 1).unwrap_or('0');
        out.push(with_rest(&digits, place, &span('0', next)));
    }
    out.push(digits);
    out
}

/// Numbers of a range of at most three digits each, by their last digit.
pub(super) fn range(first: u8, last: u8) -> String {
    let mut spans: Vec<String> = Vec::new();
    for tens in first / 10..=last / 10 {
        let digit = |n: u8| char::from(b'0' + n % 10);
        let low = first.max(tens * 10);
        let high = last.min(tens.saturating_mul(10).saturating_add(9));
        let before = if tens == 0 { String::new() } else { tens.to_string() };
        spans.push(format!("{before}{}", span(digit(low), digit(high))));
    }
    spans.join("|")
}

fn span(first: char, last: char) -> String {
    if first == last { first.to_string() } else { format!("[{first}-{last}]") }
}

fn with_rest(digits: &str, place: usize, digit: &str) -> String {
    let before = digits.get(..place).unwrap_or("");
    let rest = digits.len().saturating_sub(place + 1);
    let rest = match rest {
        0 => String::new(),
        1 => r"\d".to_owned(),
        n => format!(r"\d{{{n}}}"),
    };
    format!("{before}{digit}{rest}")
}

fn parsed(regex: &str) -> Result<regex_syntax::hir::Hir, String> {
    use regex_syntax::ast::ErrorKind;
    let mut parser = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(64)
        .build();
    parser.parse(regex).map_err(|error| match &error {
        regex_syntax::Error::Parse(error) => match error.kind() {
            ErrorKind::UnsupportedLookAround => {
                "the regular expression looks around, which takes more than linear time"
                    .to_owned()
            }
            ErrorKind::UnsupportedBackreference => {
                "the regular expression refers back to a group, which takes more than \
                 linear time"
                    .to_owned()
            }
            other => format!("the regular expression is invalid: {other}"),
        },
        regex_syntax::Error::Translate(error) => {
            format!("the regular expression is invalid: {}", error.kind())
        }
        _ => "the regular expression is invalid".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use regex_automata::meta;
    use regex_automata::util::syntax;

    use super::*;

    fn matcher(regex: &str) -> meta::Regex {
        meta::Builder::new()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .build(regex)
            .unwrap_or_else(|e| panic!("{regex}: {e}"))
    }

    #[test]
    fn orders_of_numbers_in_texts() {
        for n in [0u64, 1, 9, 10, 99, 100, 443, 1024, 4999] {
            for (order, holds) in [
                (Order::Less, (|a, b| a < b) as fn(i64, i64) -> bool),
                (Order::LessOrEqual, |a, b| a <= b),
                (Order::Greater, |a, b| a > b),
                (Order::GreaterOrEqual, |a, b| a >= b),
            ] {
                let regex = number(order, Number::Int(n.into())).unwrap();
                let re = matcher(&regex);
                for value in (-20i64..1200).chain([4998, 4999, 5000, 50_000, 1_000_000]) {
                    let wanted = holds(value, i64::try_from(n).unwrap());
                    let found = re.is_match(value.to_string().as_str());
                    assert_eq!(found, wanted, "{value} {order:?} {n}: {regex}");
                }
                assert!(!re.is_match("x"));
            }
        }
    }

    #[test]
    fn wildcards_within_a_text() {
        let regex = |text: &str| wildcards(&Text::parse(text));
        assert_eq!(regex(r"C:\\*\a.exe"), r"(?s)^C:\\.*\\a\.exe$");
        assert_eq!(regex("a*b"), "(?s)^a.*b$");
        assert_eq!(regex("*a*b*"), "(?s)a.*b");
        assert_eq!(regex("a?"), "(?su)^a.$");
        assert!(matcher(&regex("a?")).is_match("a\u{e4}"));
        assert!(!matcher(&regex("a?")).is_match("ab\u{e4}"));
        assert!(matcher(&regex("a*b")).is_match("a\n\u{e4}b"));
    }

    #[test]
    fn what_is_not_linear_is_refused() {
        for (written, wanted) in [
            ("(?=a)b", "looks around"),
            (r"(a)\1", "refers back"),
            ("(", "invalid"),
            ("a(?<!b)", "looks around"),
        ] {
            let why = regex(written, false, false).unwrap_err();
            assert!(why.contains(wanted), "{written}: {why}");
        }
        assert_eq!(regex("^a.b", true, true).unwrap(), "(?ms)^a.b");
    }

    #[test]
    fn case() {
        assert!(has_case("a"));
        assert!(!has_case(r"\d+-\w"));
        assert!(!has_case("(?i)abc"));
        assert!(has_case("[a-z]"));
    }

    #[test]
    fn parts_of_times() {
        let re = matcher(&time(Part::Hour, 3).unwrap());
        assert!(
            re.is_match("2026-11-28T03:59:59Z") && !re.is_match("2026-03-03T13:00:00Z")
        );
        let re = matcher(&time(Part::Minute, 7).unwrap());
        assert!(re.is_match("2026-11-28 03:07:59"));
        let re = matcher(&time(Part::Day, 28).unwrap());
        assert!(re.is_match("2026-11-28") && !re.is_match("2028-11-08"));
        assert!(time(Part::Hour, 24).is_err() && time(Part::Week, 1).is_err());
    }
}
