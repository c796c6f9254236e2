//! Literals that every match of a regular expression contains.
//!
//! `required` walks the parsed expression and keeps runs of exact text; of all
//! runs in a concatenation the one that is longest where it is shortest wins.
//! A class of the two cases of a letter counts as that letter, and says that the
//! literal is to be looked for in folded text. What is not understood ends a
//! run; if no run is left, there is no answer.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Most literals in one answer.
const LITERALS: usize = 64;
/// Most strings that a run is multiplied out to.
const RUN: usize = 8;
/// More bytes than this make a literal no better.
const LONG: usize = 8;

/// One of the literals is in every match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Required {
    /// The literals; lower case ASCII with `fold`.
    pub(crate) literals: Vec<Vec<u8>>,
    /// Whether they are to be looked for in the folded text.
    pub(crate) fold: bool,
}

/// The literals of an expression as [`crate::ir::Pattern`] holds it.
pub(crate) fn required(regex: &str) -> Option<Required> {
    let hir =
        ParserBuilder::new().unicode(false).utf8(false).build().parse(regex).ok()?;
    let mut best = best(&hir)?;
    if best.fold {
        for literal in &mut best.literals {
            *literal = longest_ascii(literal).to_ascii_lowercase();
        }
    }
    best.literals.sort_unstable();
    best.literals.dedup();
    (best.shortest() > 0).then_some(best)
}

impl Required {
    fn shortest(&self) -> usize {
        self.literals.iter().map(Vec::len).min().unwrap_or(0)
    }

    /// Greater is better.
    fn worth(&self) -> (usize, usize) {
        let fewer = LITERALS.saturating_sub(self.literals.len());
        (self.shortest().min(LONG), fewer)
    }
}

/// The best literals of which one is in every match.
fn best(hir: &Hir) -> Option<Required> {
    let found = match hir.kind() {
        HirKind::Concat(parts) => best_of_concat(parts),
        HirKind::Alternation(parts) => {
            let mut union = Required { literals: Vec::new(), fold: false };
            for part in parts {
                let part = best(part)?;
                union.literals.extend(part.literals);
                union.fold |= part.fold;
            }
            Some(union)
        }
        HirKind::Capture(capture) => best(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => best(&repetition.sub),
        _ => exact(hir),
    }?;
    (found.literals.len() <= LITERALS && found.shortest() > 0).then_some(found)
}

fn best_of_concat(parts: &[Hir]) -> Option<Required> {
    let mut candidates = Vec::new();
    let mut run: Option<Required> = None;
    for part in parts {
        let joined = exact(part).and_then(|next| match &run {
            Some(run) => crossed(run, &next),
            None => Some(next),
        });
        if joined.is_some() {
            run = joined;
            continue;
        }
        candidates.extend(run.take());
        candidates.extend(best(part));
        run = exact(part);
    }
    candidates.extend(run);
    candidates
        .into_iter()
        .filter(|candidate| candidate.shortest() > 0)
        .max_by_key(Required::worth)
}

fn crossed(left: &Required, right: &Required) -> Option<Required> {
    let n = left.literals.len().saturating_mul(right.literals.len());
    if n > RUN {
        return None;
    }
    let literals = left
        .literals
        .iter()
        .flat_map(|a| right.literals.iter().map(|b| [a.as_slice(), b].concat()))
        .collect();
    Some(Required { literals, fold: left.fold || right.fold })
}

/// All texts that the expression matches, if they are few.
fn exact(hir: &Hir) -> Option<Required> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {
            Some(Required { literals: vec![Vec::new()], fold: false })
        }
        HirKind::Literal(literal) => {
            Some(Required { literals: vec![literal.0.to_vec()], fold: false })
        }
        HirKind::Class(class) => exact_class(class),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(
            Required { literals: vec![Vec::new()], fold: false },
            |run, part| crossed(&run, &exact(part)?),
        ),
        HirKind::Alternation(parts) if parts.len() <= RUN => {
            let mut union = Required { literals: Vec::new(), fold: false };
            for part in parts {
                let part = exact(part)?;
                union.literals.extend(part.literals);
                union.fold |= part.fold;
            }
            (union.literals.len() <= RUN).then_some(union)
        }
        _ => None,
    }
}

fn exact_class(class: &Class) -> Option<Required> {
    let chars: Vec<char> = match class {
        Class::Unicode(class) => {
            let ranges = class.ranges();
            if ranges.len() > RUN {
                return None;
            }
            ranges
                .iter()
                .flat_map(|range| (range.start()..=range.end()).take(RUN + 1))
                .collect()
        }
        Class::Bytes(class) => {
            let ranges = class.ranges();
            if ranges.len() > RUN {
                return None;
            }
            ranges
                .iter()
                .flat_map(|range| (range.start()..=range.end()).take(RUN + 1))
                .map(|byte| byte.is_ascii().then_some(char::from(byte)))
                .collect::<Option<_>>()?
        }
    };
    if let Some(lower) = one_letter(&chars) {
        return Some(Required {
            literals: vec![vec![lower]],
            fold: chars.len() > 1 || chars.first().is_some_and(char::is_ascii_uppercase),
        });
    }
    if chars.is_empty() || chars.len() > RUN {
        return None;
    }
    let literals = chars.iter().map(|c| c.to_string().into_bytes()).collect();
    Some(Required { literals, fold: false })
}

/// The ASCII letter of which all characters are cases. Letters beyond ASCII that
/// fold to one are left to whoever folds.
fn one_letter(chars: &[char]) -> Option<u8> {
    let lower = |c: &char| {
        u8::try_from(*c)
            .ok()
            .filter(u8::is_ascii_alphabetic)
            .map(|byte| byte.to_ascii_lowercase())
    };
    let first = lower(chars.first()?)?;
    chars.iter().all(|c| lower(c) == Some(first)).then_some(first)
}

fn longest_ascii(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| !byte.is_ascii()).max_by_key(|run| run.len()).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_match_contains_one_of_them() {
        type Expected<'a> = Option<(&'a [&'a str], bool)>;
        let cases: [(&str, Expected<'_>); 12] = [
            ("abcd", Some((&["abcd"], false))),
            ("ab.*cdefg", Some((&["cdefg"], false))),
            ("(foo|quux)bar", Some((&["foobar", "quuxbar"], false))),
            ("(?i)mimikatz", Some((&["mimikatz"], true))),
            ("(?iu)ski", Some((&["i", "ki"], true))),
            (r"^c:[\\/]users[\\/].*\.ps1$", Some((&[], false))),
            ("x*", None),
            (".*", None),
            ("(abc)+", Some((&["abc"], false))),
            ("a|.*", None),
            ("[0-9]+", None),
            ("(?i)A", Some((&["a"], true))),
        ];
        for (regex, expected) in cases {
            let got = required(regex);
            match expected {
                Some((&[], _)) => assert!(got.unwrap().shortest() >= 4, "{regex}"),
                expected => {
                    let expected = expected.map(|(literals, fold)| Required {
                        literals: literals
                            .iter()
                            .map(|literal| literal.as_bytes().to_vec())
                            .collect(),
                        fold,
                    });
                    assert_eq!(got, expected, "{regex}");
                }
            }
        }
    }
}
