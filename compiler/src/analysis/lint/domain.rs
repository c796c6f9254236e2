//! What is left of an expression's values under the conditions seen so far.
//!
//! A domain is a safe over-approximation: if it is empty, no event satisfies the
//! conditions; if it is not, nothing is claimed.

use std::collections::BTreeSet;

use crate::ir::TextOp;

/// Values that an expression may still have.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Domain {
    /// Integers, or floats by their order, in sorted disjoint inclusive ranges.
    Ints(Vec<(i64, i64)>),
    /// Addresses.
    Ips(Vec<(u128, u128)>),
    /// Texts.
    Texts(Texts),
    /// Any of a few cases, one bit each.
    Cases(u8),
}

/// Texts that are allowed, denied, or tested.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Texts {
    /// Only these; `None` for any.
    pub(super) allowed: Option<BTreeSet<Vec<u8>>>,
    /// None of these.
    pub(super) denied: BTreeSet<Vec<u8>>,
    /// All of these tests with these outcomes.
    pub(super) tests: Vec<Test>,
}

/// A literal test and its outcome.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub(super) op: TextOp,
    pub(super) needles: Vec<Vec<u8>>,
    pub(super) all: bool,
    pub(super) holds: bool,
}

impl Domain {
    /// Whether no value is left.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Domain::Ints(ranges) => ranges.is_empty(),
            Domain::Ips(ranges) => ranges.is_empty(),
            Domain::Texts(texts) => texts.is_empty(),
            Domain::Cases(mask) => *mask == 0,
        }
    }

    /// What is in both; `None` if they are of different sorts.
    pub(super) fn intersect(&self, other: &Domain) -> Option<Domain> {
        Some(match (self, other) {
            (Domain::Ints(a), Domain::Ints(b)) => Domain::Ints(intersect(a, b)),
            (Domain::Ips(a), Domain::Ips(b)) => Domain::Ips(intersect(a, b)),
            (Domain::Texts(a), Domain::Texts(b)) => Domain::Texts(a.intersect(b)),
            (Domain::Cases(a), Domain::Cases(b)) => Domain::Cases(a & b),
            _ => return None,
        })
    }

    /// What is in either, if that can be said.
    pub(super) fn unite(&self, other: &Domain) -> Option<Domain> {
        Some(match (self, other) {
            (Domain::Ints(a), Domain::Ints(b)) => {
                let all = a.iter().chain(b).copied().collect();
                Domain::Ints(crate::analysis::lower::merge_ints(all))
            }
            (Domain::Ips(a), Domain::Ips(b)) => {
                let all = a.iter().chain(b).copied().collect();
                Domain::Ips(crate::analysis::lower::merge_ips(all))
            }
            (Domain::Texts(a), Domain::Texts(b)) => {
                let plain = |t: &Texts| t.denied.is_empty() && t.tests.is_empty();
                let both = a.allowed.as_ref().zip(b.allowed.as_ref());
                let (x, y) = both.filter(|_| plain(a) && plain(b))?;
                let allowed = Some(x.union(y).cloned().collect());
                Domain::Texts(Texts { allowed, ..Texts::default() })
            }
            (Domain::Cases(a), Domain::Cases(b)) => Domain::Cases(a | b),
            _ => return None,
        })
    }
}

impl Texts {
    /// Exactly these.
    pub(super) fn only(texts: impl IntoIterator<Item = Vec<u8>>) -> Texts {
        Texts { allowed: Some(texts.into_iter().collect()), ..Texts::default() }
    }

    fn is_empty(&self) -> bool {
        if let Some(allowed) = &self.allowed {
            return !allowed.iter().any(|text| self.admits(text));
        }
        self.have_opposite_ends()
    }

    fn admits(&self, text: &[u8]) -> bool {
        !self.denied.contains(text) && self.tests.iter().all(|test| test.admits(text))
    }

    /// Two texts that both begin it, or both end it, and neither the other.
    fn have_opposite_ends(&self) -> bool {
        let single = |op: TextOp| {
            let of = move |test: &Test| match test.needles.as_slice() {
                [one] if test.holds && test.op == op => Some(one.clone()),
                _ => None,
            };
            self.tests.iter().filter_map(of).take(8).collect::<Vec<_>>()
        };
        let clash = |needles: &[Vec<u8>], fits: fn(&[u8], &[u8]) -> bool| {
            needles
                .iter()
                .any(|a| needles.iter().any(|b| a.len() <= b.len() && !fits(b, a)))
        };
        clash(&single(TextOp::StartsWith), |long, short| long.starts_with(short))
            || clash(&single(TextOp::EndsWith), |long, short| long.ends_with(short))
    }

    fn intersect(&self, other: &Texts) -> Texts {
        let allowed = match (&self.allowed, &other.allowed) {
            (Some(a), Some(b)) => Some(a.intersection(b).cloned().collect()),
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        let denied = self.denied.union(&other.denied).cloned().collect();
        let tests = self.tests.iter().chain(&other.tests).cloned().collect();
        Texts { allowed, denied, tests }
    }
}

impl Test {
    fn admits(&self, text: &[u8]) -> bool {
        let found = |needle: &Vec<u8>| match self.op {
            TextOp::Contains => text
                .windows(needle.len().max(1))
                .any(|window| window == needle.as_slice()),
            TextOp::StartsWith => text.starts_with(needle),
            TextOp::EndsWith => text.ends_with(needle),
        };
        let holds = if self.all {
            self.needles.iter().all(found)
        } else {
            self.needles.iter().any(found)
        };
        holds == self.holds
    }
}

/// What lies in a range of both lists.
fn intersect<T: Copy + Ord>(a: &[(T, T)], b: &[(T, T)]) -> Vec<(T, T)> {
    let mut out = Vec::new();
    let (mut i, mut j) = (0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let (low, high) = (x.0.max(y.0), x.1.min(y.1));
        if low <= high {
            out.push((low, high));
        }
        if x.1 < y.1 {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

/// What is between `least` and `most` and in no range of the list.
pub(super) fn complement(ranges: &[(i64, i64)], bounds: (i64, i64)) -> Vec<(i64, i64)> {
    let mut out = Vec::new();
    let mut next = Some(bounds.0);
    for (low, high) in ranges {
        if let Some(start) = next
            && start < *low
        {
            out.push((start, low.saturating_sub(1).min(bounds.1)));
        }
        let after = high.checked_add(1);
        next = match (next, after) {
            (Some(start), Some(after)) => Some(start.max(after)),
            _ => None,
        };
    }
    if let Some(start) = next.filter(|start| *start <= bounds.1) {
        out.push((start, bounds.1));
    }
    out.retain(|(low, high)| low <= high);
    out
}

/// The same for addresses.
pub(super) fn complement_ips(ranges: &[(u128, u128)]) -> Vec<(u128, u128)> {
    let mut out = Vec::new();
    let mut next = Some(0u128);
    for (low, high) in ranges {
        if let Some(start) = next
            && start < *low
        {
            out.push((start, low - 1));
        }
        next = high.checked_add(1);
    }
    if let Some(start) = next {
        out.push((start, u128::MAX));
    }
    out
}

/// A float by its place in the order of floats, so that ranges of floats are
/// ranges of integers.
pub(super) fn float_key(f: f64) -> i64 {
    let f = if f == 0.0 { 0.0 } else { f };
    let bits = f.to_bits().cast_signed();
    bits ^ ((bits >> 63) & i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_meet_and_leave_gaps() {
        assert_eq!(intersect(&[(0, 5), (8, 9)], &[(4, 8)]), [(4, 5), (8, 8)]);
        assert_eq!(complement(&[(3, 4)], (0, 9)), [(0, 2), (5, 9)]);
        assert_eq!(complement(&[(0, 9)], (0, 9)), []);
        assert_eq!(complement(&[], (0, 9)), [(0, 9)]);
        assert_eq!(complement(&[(0, i64::MAX)], (0, i64::MAX)), []);
        assert!(float_key(-1.0) < float_key(0.0) && float_key(0.0) < float_key(0.5));
        assert_eq!(float_key(-0.0), float_key(0.0));
    }
}
