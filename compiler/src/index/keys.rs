//! The keys that a conjunction offers, and texts made alike for all rules.

use std::collections::BTreeSet;

use tagout_spec::schema::FieldIdx;

use super::event::{self, NAME, Subject};
use super::need::{Conjunction, Literal, Place, TextTest};

/// Most keys under which one entry may hang.
const KEYS: usize = 64;

/// Every text field is read in one copy only: if any test of it folds, tests that
/// do not are weakened to folded ones. ASCII folds byte by byte, whatever stands
/// around it; of a literal with other bytes the longest ASCII part remains.
pub(super) fn alike(conjunctions: &mut [(u32, Conjunction)]) {
    let folded: BTreeSet<(FieldIdx, Option<FieldIdx>)> = conjunctions
        .iter()
        .flat_map(|(_, conjunction)| &conjunction.texts)
        .filter(|test| test.fold)
        .map(|test| (test.field, test.element))
        .collect();
    for (_, conjunction) in conjunctions {
        for test in &mut conjunction.texts {
            if !test.fold && folded.contains(&(test.field, test.element)) {
                test.fold = true;
                test.literals.iter_mut().for_each(fold_literal);
            }
        }
        conjunction.texts.retain(|test| {
            test.literals
                .iter()
                .all(|literal| !literal.bytes.is_empty() || literal.place == Place::Whole)
        });
    }
}

fn fold_literal(literal: &mut Literal) {
    if literal.bytes.is_ascii() {
        literal.bytes.make_ascii_lowercase();
        return;
    }
    let ascii = literal
        .bytes
        .split(|byte| !byte.is_ascii())
        .max_by_key(|run| run.len())
        .unwrap_or(&[]);
    literal.bytes = ascii.to_ascii_lowercase();
    literal.place = Place::Anywhere;
}

/// The subject that tells the literals of a test apart best.
pub(super) fn text_subject(test: &TextTest) -> Option<Subject> {
    let TextTest { field, fold, .. } = *test;
    [
        Subject::Whole(field, fold),
        Subject::Name(field, fold),
        Subject::Tail8(field, fold),
        Subject::Tail4(field, fold),
    ]
    .into_iter()
    .find(|subject| text_keys(test, *subject).is_some())
}

/// The keys of a subject of which an event that passes has one.
pub(super) fn text_keys(test: &TextTest, subject: Subject) -> Option<Vec<u64>> {
    let mut keys = Vec::new();
    for literal in &test.literals {
        literal_keys(literal, subject, &mut keys)?;
    }
    keys.sort_unstable();
    keys.dedup();
    Some(keys)
}

fn literal_keys(literal: &Literal, subject: Subject, keys: &mut Vec<u64>) -> Option<()> {
    let Literal { bytes, place } = literal;
    if *place == Place::Anywhere {
        return None;
    }
    match subject {
        Subject::Whole(..) if *place == Place::Whole => {
            keys.push(event::whole_key(bytes));
        }
        Subject::Name(..) => keys.push(event::name_key(name_of(literal)?)),
        Subject::Tail8(..) => tails(literal, 8, event::tail8_key, keys)?,
        Subject::Tail4(..) => tails(literal, 4, event::tail4_key, keys)?,
        _ => return None,
    }
    Some(())
}

/// The last component of every text that has the literal in its place.
fn name_of(literal: &Literal) -> Option<&[u8]> {
    let separator = |byte: &u8| matches!(byte, b'\\' | b'/');
    let bytes = literal.bytes.as_slice();
    match literal.place {
        Place::Whole | Place::Name => bytes.rsplit(separator).next(),
        Place::End if bytes.iter().any(separator) => bytes.rsplit(separator).next(),
        // As much of the end as a key looks at.
        Place::End if bytes.len() >= NAME => Some(bytes),
        Place::End | Place::Anywhere => None,
    }
}

fn tails(
    literal: &Literal,
    n: usize,
    key: impl Fn(&[u8]) -> u64,
    keys: &mut Vec<u64>,
) -> Option<()> {
    let bytes = literal.bytes.as_slice();
    match literal.place {
        Place::Whole => keys.push(key(bytes)),
        _ if bytes.len() >= n => keys.push(key(bytes)),
        Place::Name if bytes.len() + 1 == n => {
            keys.push(key(&[b"\\", bytes].concat()));
            keys.push(key(&[b"/", bytes].concat()));
            keys.push(key(bytes));
        }
        _ => return None,
    }
    Some(())
}

/// Every subject by which a conjunction can be found, with its keys.
pub(super) fn hashes(conjunction: &Conjunction) -> Vec<(Subject, Vec<u64>, bool)> {
    let mut found = Vec::new();
    for (field, allowed) in &conjunction.ips {
        if let Some(keys) = singles(&allowed.ranges, |ip| event::ip_key(ip.to_be_bytes()))
        {
            found.push((Subject::Ip(*field), keys, allowed.missing));
        }
    }
    for (field, allowed) in &conjunction.ints {
        if let Some(keys) = singles(&allowed.ranges, event::int_key) {
            found.push((Subject::Int(*field), keys, allowed.missing));
        }
    }
    for test in &conjunction.texts {
        let subject = text_subject(test);
        let keys = subject.and_then(|subject| text_keys(test, subject));
        if let (Some(subject), Some(keys)) = (subject, keys)
            && keys.len() <= KEYS
        {
            found.push((subject, keys, test.missing));
        }
    }
    found
}

/// The keys of ranges that are all one value.
fn singles<T: Copy + Eq>(ranges: &[(T, T)], key: impl Fn(T) -> u64) -> Option<Vec<u64>> {
    if ranges.len() > KEYS || ranges.iter().any(|(low, high)| low != high) {
        return None;
    }
    let mut keys: Vec<u64> = ranges.iter().map(|(value, _)| key(*value)).collect();
    keys.sort_unstable();
    keys.dedup();
    Some(keys)
}

/// A number for estimates; exact up to 2^32.
pub(super) fn as_f64(n: impl TryInto<u32>) -> f64 {
    f64::from(n.try_into().unwrap_or(u32::MAX))
}
