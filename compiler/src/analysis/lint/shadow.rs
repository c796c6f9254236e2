//! Rules that another rule makes needless.
//!
//! Rule B is shadowed by A if A's conditions are among B's, so that A matches
//! whenever B does, and B is no more severe. Conditions are compared as keys. A
//! rule is found by the rarest of its conditions, so that a pack costs about its
//! size; at most a few rules are compared for each condition.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::canon;
use crate::analysis::rule::Lowered;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Cond, CondKind};

/// Most rules that are found by one condition.
const MAX_CANDIDATES: usize = 32;

/// Reports rules that are shadowed.
pub(super) fn check(rules: &[Lowered], diagnostics: &mut Vec<Diagnostic>) {
    let mut numbers: BTreeMap<canon::Key, usize> = BTreeMap::new();
    let mut uses: Vec<usize> = Vec::new();
    let mut sets: Vec<BTreeSet<usize>> = Vec::new();
    for rule in rules {
        let mut set = BTreeSet::new();
        for leaf in conjuncts(&rule.predicate.cond) {
            let next = numbers.len();
            let n = *numbers.entry(canon::cond_key(leaf)).or_insert(next);
            if n == next {
                uses.push(0);
            }
            if set.insert(n)
                && let Some(count) = uses.get_mut(n)
            {
                *count += 1;
            }
        }
        sets.push(set);
    }
    let mut by_rarest: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (n, set) in sets.iter().enumerate() {
        let rarest = set.iter().min_by_key(|leaf| uses.get(**leaf));
        if let Some(rarest) = rarest {
            let found = by_rarest.entry(*rarest).or_default();
            if found.len() < MAX_CANDIDATES {
                found.push(n);
            }
        }
    }
    for (n, (rule, set)) in rules.iter().zip(&sets).enumerate() {
        let candidates =
            set.iter().flat_map(|leaf| by_rarest.get(leaf).into_iter().flatten());
        for other in candidates {
            let Some((wider, wider_set)) = rules.get(*other).zip(sets.get(*other)) else {
                continue;
            };
            if *other != n && shadows(wider, wider_set, rule, set, *other < n) {
                diagnostics.push(report(wider, wider_set.len() == set.len(), rule));
                break;
            }
        }
    }
}

/// Whether `wider` matches whenever `rule` does and is as severe; of two equal
/// rules the later one is the needless one.
fn shadows(
    wider: &Lowered,
    wider_set: &BTreeSet<usize>,
    rule: &Lowered,
    set: &BTreeSet<usize>,
    is_earlier: bool,
) -> bool {
    wider_set.is_subset(set)
        && (wider_set.len() < set.len() || wider.kinds != rule.kinds || is_earlier)
        && rule.kinds.iter().all(|kind| wider.kinds.contains(kind))
        && rule.plan.severity <= wider.plan.severity
        && rule.predicate.severity.is_empty()
}

fn report(wider: &Lowered, same: bool, rule: &Lowered) -> Diagnostic {
    let how = if same { "has the same condition" } else { "matches whenever it does" };
    Diagnostic::new(
        Code::W0506,
        rule.name.span,
        format!("`{}` adds nothing: `{}` {how}", rule.name.kind, wider.name.kind),
    )
    .label("shadowed")
    .secondary(wider.name.span, "by this rule, which is at least as severe")
}

/// The conditions that must all hold.
fn conjuncts(cond: &Cond) -> Vec<&Cond> {
    let mut leaves = Vec::new();
    let mut todo = vec![cond];
    while let Some(cond) = todo.pop() {
        match &cond.kind {
            CondKind::All(parts) => todo.extend(parts),
            _ => leaves.push(cond),
        }
    }
    leaves
}
