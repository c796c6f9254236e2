//! From and/or trees of tests to a few conjunctions, of which one must hold.
//!
//! Trees are multiplied out as long as that gives few; beyond, alternatives become their
//! hull, which allows more.

use std::collections::{BTreeMap, BTreeSet};

use tagout_spec::schema::FieldIdx;

use super::need::{Allowed, Conjunction, Literal, Need, SET_MAX, TextTest};
use super::ranges::{Ranges, union};

/// Most conjunctions that one predicate is split into.
const ALTERNATIVES: usize = 32;

/// The conjunctions of which one holds whenever a need is met. None: it cannot be.
pub(super) fn alternatives(need: &Need) -> Vec<Conjunction> {
    match need {
        Need::Anything => vec![Conjunction::default()],
        Need::Nothing => Vec::new(),
        Need::Test(test) => vec![test.clone()],
        Need::All(parts) => {
            parts.iter().fold(vec![Conjunction::default()], |left, part| {
                product(&left, &alternatives(part))
            })
        }
        Need::Any(parts) => {
            let mut joined = Vec::new();
            for part in parts {
                joined.extend(alternatives(part));
            }
            fewer(joined)
        }
    }
}

/// Every pair, or if those are too many, the left with the hull of the right.
fn product(left: &[Conjunction], right: &[Conjunction]) -> Vec<Conjunction> {
    let hull;
    let right = if left.len().saturating_mul(right.len()) > ALTERNATIVES {
        hull = hull_of(right).into_iter().collect::<Vec<_>>();
        hull.as_slice()
    } else {
        right
    };
    let mut pairs = Vec::new();
    for a in left {
        for b in right {
            if let Some(both) = both(a, b) {
                pairs.push(both);
            }
        }
    }
    pairs
}

/// Alternatives on one and the same subject become one; if too many are left, they
/// become their hull.
fn fewer(joined: Vec<Conjunction>) -> Vec<Conjunction> {
    let mut grouped: Vec<(Option<Subject>, Vec<Conjunction>)> = Vec::new();
    for conjunction in joined {
        let of = subject(&conjunction);
        match grouped.iter_mut().find(|(known, _)| of.is_some() && *known == of) {
            Some((_, group)) => group.push(conjunction),
            None => grouped.push((of, vec![conjunction])),
        }
    }
    let groups = grouped.into_iter();
    let kept: Vec<Conjunction> =
        groups.filter_map(|(_, group)| hull_of(&group)).collect();
    if kept.len() > ALTERNATIVES { hull_of(&kept).into_iter().collect() } else { kept }
}

/// The one thing that a conjunction tests.
type Subject = (u8, FieldIdx, Option<FieldIdx>, bool);

/// The one thing that a conjunction tests, if it is one.
fn subject(conjunction: &Conjunction) -> Option<Subject> {
    let Conjunction { ints, ips, overlaps, texts, work: _ } = conjunction;
    let mut subjects = ints
        .keys()
        .map(|field| (0, *field, None, false))
        .chain(ips.keys().map(|field| (1, *field, None, false)))
        .chain(overlaps.keys().map(|field| (2, *field, None, false)))
        .chain(texts.iter().map(|test| (3, test.field, test.element, test.fold)));
    let first = subjects.next()?;
    subjects.next().is_none().then_some(first)
}

/// The tests that hold if both conjunctions hold; `None` if they cannot.
fn both(a: &Conjunction, b: &Conjunction) -> Option<Conjunction> {
    let mut out = a.clone();
    for (field, more) in &b.ints {
        let merged = match out.ints.get(field) {
            Some(old) => intersection(old, more)?,
            None => more.clone(),
        };
        out.ints.insert(*field, merged);
    }
    for (field, more) in &b.ips {
        let merged = match out.ips.get(field) {
            Some(old) => intersection(old, more)?,
            None => more.clone(),
        };
        out.ips.insert(*field, merged);
    }
    for (field, more) in &b.overlaps {
        // Two overlaps are no overlap with the intersection: the narrower stays.
        let keep = match out.overlaps.get(field) {
            Some(old) => Allowed {
                ranges: if width(&old.ranges) <= width(&more.ranges) {
                    old.ranges.clone()
                } else {
                    more.ranges.clone()
                },
                missing: old.missing && more.missing,
            },
            None => more.clone(),
        };
        out.overlaps.insert(*field, keep);
    }
    for test in &b.texts {
        if !out.texts.contains(test) {
            out.texts.push(test.clone());
        }
    }
    Some(out)
}

fn width(ranges: &Ranges<u32>) -> u64 {
    ranges.iter().map(|(low, high)| u64::from(high.saturating_sub(*low))).sum()
}

fn intersection<T: Copy + Ord>(a: &Allowed<T>, b: &Allowed<T>) -> Option<Allowed<T>> {
    let mut ranges = Vec::new();
    for (low, high) in &a.ranges {
        for (other_low, other_high) in &b.ranges {
            let (low, high) = (*low.max(other_low), *high.min(other_high));
            if low <= high {
                ranges.push((low, high));
            }
        }
    }
    ranges.sort_unstable();
    let missing = a.missing && b.missing;
    (missing || !ranges.is_empty()).then_some(Allowed { ranges, missing })
}

/// What all alternatives have in common, with the union of what they allow.
fn hull_of(alternatives: &[Conjunction]) -> Option<Conjunction> {
    let (first, others) = alternatives.split_first()?;
    let mut hull = first.clone();
    for other in others {
        hull.ints = common(&hull.ints, &other.ints);
        hull.ips = common(&hull.ips, &other.ips);
        hull.overlaps = common(&hull.overlaps, &other.overlaps);
        hull.texts = hull
            .texts
            .iter()
            .filter_map(|test| {
                let same = other.texts.iter().find(|more| {
                    (more.field, more.element, more.fold)
                        == (test.field, test.element, test.fold)
                })?;
                let literals = test.literals.iter().chain(&same.literals);
                let literals: BTreeSet<&Literal> = literals.collect();
                let literals: Vec<Literal> = literals.into_iter().cloned().collect();
                (literals.len() <= SET_MAX).then_some(TextTest {
                    literals,
                    missing: test.missing || same.missing,
                    ..test.clone()
                })
            })
            .collect();
    }
    Some(hull)
}

fn common<T: Copy + Ord>(
    a: &BTreeMap<FieldIdx, Allowed<T>>,
    b: &BTreeMap<FieldIdx, Allowed<T>>,
) -> BTreeMap<FieldIdx, Allowed<T>> {
    a.iter()
        .filter_map(|(field, left)| {
            let right = b.get(field)?;
            let ranges =
                union(left.ranges.iter().chain(&right.ranges).copied().collect());
            (ranges.len() <= SET_MAX).then_some((
                *field,
                Allowed { ranges, missing: left.missing || right.missing },
            ))
        })
        .collect()
}
