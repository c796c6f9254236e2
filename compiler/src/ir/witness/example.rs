//! Short texts that a regular expression finds itself in.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Most examples of one pattern.
const MOST: usize = 12;
/// Longest example.
const LONGEST: usize = 512;

/// An example, and whether it must open or close the text.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Example {
    pub(super) text: Vec<u8>,
    pub(super) opens: bool,
    pub(super) closes: bool,
}

/// Examples of a pattern, one for each of its first alternatives.
pub(super) fn examples(regex: &str) -> Vec<Example> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    match parser.parse(regex) {
        Ok(hir) => walk(&hir),
        Err(_) => Vec::new(),
    }
}

fn walk(hir: &Hir) -> Vec<Example> {
    match hir.kind() {
        HirKind::Empty => vec![Example::default()],
        HirKind::Literal(literal) => vec![plain(literal.0.to_vec())],
        HirKind::Class(class) => match member(class) {
            Some(text) => vec![plain(text)],
            None => Vec::new(),
        },
        HirKind::Look(look) => {
            let opens = matches!(look, Look::Start | Look::StartLF | Look::StartCRLF);
            let closes = matches!(look, Look::End | Look::EndLF | Look::EndCRLF);
            vec![Example { text: Vec::new(), opens, closes }]
        }
        HirKind::Repetition(repetition) => {
            let times = usize::try_from(repetition.min).unwrap_or(LONGEST);
            let inner = walk(&repetition.sub);
            let mut found: Vec<_> =
                inner.iter().filter_map(|one| repeat(one, times)).collect();
            if times == 0 {
                found = vec![Example::default()];
                found.extend(inner);
            }
            found.truncate(MOST);
            found
        }
        HirKind::Capture(capture) => walk(&capture.sub),
        HirKind::Concat(parts) => {
            parts.iter().fold(vec![Example::default()], |left, part| {
                let right = walk(part);
                let pairs =
                    left.iter().flat_map(|one| right.iter().map(move |two| (one, two)));
                pairs.take(MOST).filter_map(|(one, two)| join(one, two)).collect()
            })
        }
        HirKind::Alternation(parts) => {
            let mut found: Vec<_> = parts.iter().flat_map(walk).collect();
            found.truncate(MOST);
            found
        }
    }
}

fn plain(text: Vec<u8>) -> Example {
    Example { text, opens: false, closes: false }
}

fn join(left: &Example, right: &Example) -> Option<Example> {
    let text = [left.text.as_slice(), right.text.as_slice()].concat();
    let opens = left.opens || (left.text.is_empty() && right.opens);
    let closes = right.closes || (right.text.is_empty() && left.closes);
    (text.len() <= LONGEST).then_some(Example { text, opens, closes })
}

fn repeat(one: &Example, times: usize) -> Option<Example> {
    let len = one.text.len().checked_mul(times)?;
    (len <= LONGEST).then(|| Example { text: one.text.repeat(times), ..one.clone() })
}

/// A member of a class, one that reads well if there is one.
fn member(class: &Class) -> Option<Vec<u8>> {
    let preferred = "xa0-_ ".chars();
    match class {
        Class::Unicode(class) => {
            let holds = |char: &char| {
                let mut ranges = class.ranges().iter();
                ranges.any(|range| (range.start()..=range.end()).contains(char))
            };
            let first = || class.ranges().first().map(|range| range.start());
            let char = preferred.clone().find(holds).or_else(first)?;
            Some(char.to_string().into_bytes())
        }
        Class::Bytes(class) => {
            let holds = |byte: &u8| {
                let mut ranges = class.ranges().iter();
                ranges.any(|range| (range.start()..=range.end()).contains(byte))
            };
            let bytes = preferred.filter_map(|char| u8::try_from(char).ok());
            let first = || class.ranges().first().map(|range| range.start());
            let byte = bytes.into_iter().find(holds).or_else(first)?;
            Some(vec![byte])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::examples;

    #[test]
    fn an_example_is_found_by_its_pattern() {
        let cases = [
            (r"(?s-u)\A[^/\\]*\.exe\z", ".exe"),
            (r"^C:\\Users\\.+\\Temp\\", r"C:\Users\x\Temp\"),
            (r"a{3}b+", "aaab"),
            (r"foo|bar", "foo"),
            (r"[0-9]{2,4}$", "00"),
            (r"(?i)cmd", "CMD"),
            (r"\bx\b", "x"),
            (r"(?u)\p{Greek}", "\u{370}"),
        ];
        for (regex, expected) in cases {
            let found = examples(regex);
            let text = String::from_utf8_lossy(&found[0].text).into_owned();
            assert_eq!(text, expected, "{regex}: {found:?}");
        }
        assert!(examples(r"(a|b|c|d|e|f|g|h|i|j|k|l|m|n)*x").len() <= super::MOST);
    }
}
