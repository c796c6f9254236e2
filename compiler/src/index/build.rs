//! Builds the plan of a kind: entries, then nodes from the root down.

use std::collections::{BTreeMap, BTreeSet};

use tagout_spec::schema::FieldIdx;

use super::choose::{self, BUCKETS, CELLS, ProbeId, SpanOf, Survey, Tuning};
use super::need::Conjunction;
use super::{Atoms, Cell, Code, DEPTH, Fault, Grid, Hash, KindPlan, Node, Probe, Span};
use super::{atoms, filter, keys};

/// The plan over these predicates and their conjunctions.
pub(super) fn kind<'a>(
    predicates: impl Iterator<Item = (u32, &'a [Conjunction])>,
    tuning: &Tuning,
) -> KindPlan {
    let mut numbers = Vec::new();
    let mut conjunctions = Vec::new();
    for (predicate, alternatives) in predicates {
        numbers.push(predicate);
        conjunctions.extend(alternatives.iter().map(|c| (predicate, c.clone())));
    }
    keys::alike(&mut conjunctions);
    let (lanes, masks, entries) = filter::entries(&conjunctions);
    let all: Vec<(u32, &Conjunction)> =
        (0_u32..).zip(conjunctions.iter().map(|(_, c)| c)).collect();
    let root = node(&all, &Below { banned: &BTreeSet::new(), depth: 0, tuning });
    KindPlan { predicates: numbers, entries, lanes, masks, root }
}

type Entries<'a> = Vec<(u32, &'a Conjunction)>;

fn node(entries: &[(u32, &Conjunction)], at: &Below<'_>) -> Node {
    if at.depth >= DEPTH {
        return rest(entries);
    }
    let survey = choose::survey(entries, at.banned);
    let chosen = choose::choose(entries, &survey, at.banned, at.tuning);
    let mut by_probe: BTreeMap<ProbeId, Entries<'_>> = BTreeMap::new();
    let mut left = Vec::new();
    for ((entry, conjunction), probe) in entries.iter().zip(chosen) {
        match probe {
            Some(probe) => {
                by_probe.entry(probe).or_default().push((*entry, conjunction));
            }
            None => left.push((*entry, *conjunction)),
        }
    }
    let probes = by_probe
        .into_iter()
        .map(|(probe, entries)| match probe {
            ProbeId::Hash(subject) => Probe::Hash(hash(subject, &entries, at)),
            ProbeId::Grid => Probe::Grid(grid(&entries, &survey, at)),
            ProbeId::Atoms(field, element) => {
                Probe::Atoms(texts(field, element, &entries, at))
            }
        })
        .collect();
    Node { probes, ..rest(&left) }
}

fn rest(entries: &[(u32, &Conjunction)]) -> Node {
    let rest = entries.iter().map(|(entry, _)| *entry).collect();
    Node { probes: Vec::new(), rest }
}

/// Where a node stands: below which missing fields.
struct Below<'a> {
    banned: &'a BTreeSet<FieldIdx>,
    depth: usize,
    tuning: &'a Tuning,
}

impl Below<'_> {
    /// The node for events that lack a field.
    fn without(&self, field: FieldIdx, entries: &Entries<'_>) -> Option<Box<Node>> {
        let mut banned = self.banned.clone();
        banned.insert(field);
        if self.tuning.fault == Some(Fault::MissingLane) {
            return None;
        }
        let depth = self.depth.saturating_add(1);
        let below = Below { banned: &banned, depth, tuning: self.tuning };
        (!entries.is_empty()).then(|| Box::new(node(entries, &below)))
    }
}

fn hash(subject: super::Subject, entries: &Entries<'_>, below: &Below<'_>) -> Hash {
    let mut table: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    let mut lacking = Vec::new();
    for (entry, conjunction) in entries {
        let found = keys::hashes(conjunction)
            .into_iter()
            .filter(|(candidate, ..)| *candidate == subject)
            .min_by_key(|(_, keys, _)| keys.len());
        let Some((_, keys, missing)) = found else { continue };
        for key in keys {
            table.entry(key).or_default().push(*entry);
        }
        if missing {
            lacking.push((*entry, *conjunction));
        }
    }
    Hash { subject, table, missing: below.without(subject.field(), &lacking) }
}

fn texts(
    field: FieldIdx,
    element: Option<FieldIdx>,
    entries: &Entries<'_>,
    below: &Below<'_>,
) -> Atoms {
    let tests: Vec<_> = entries
        .iter()
        .filter_map(|(entry, c)| Some((*entry, *c, choose::test_of(c, field, element)?)))
        .collect();
    let atoms::Found { mut atoms, bytes, stride } =
        atoms::atoms(tests.iter().map(|(entry, _, test)| (*entry, *test)));
    if below.tuning.fault == Some(Fault::Alternative) {
        let mut seen = BTreeSet::new();
        atoms
            .iter_mut()
            .for_each(|atom| atom.entries.retain(|entry| seen.insert(*entry)));
    }
    let lacking: Entries<'_> = tests
        .iter()
        .filter(|(_, _, test)| test.missing)
        .map(|(entry, conjunction, _)| (*entry, *conjunction))
        .collect();
    let fold = tests.first().is_some_and(|(_, _, test)| test.fold);
    let missing = below.without(field, &lacking);
    Atoms { field, element, fold, atoms, bytes, stride, missing }
}

fn grid(entries: &Entries<'_>, survey: &Survey, below: &Below<'_>) -> Grid {
    let code = survey.code.map(|field| code(field, entries)).filter(|code| code.n > 1);
    let rows = code.as_ref().map_or(1, |code| code.n);
    let span = survey.span.map(|of| (of, span(of, rows, below.depth)));
    let columns = span.map_or(1, |(_, span)| span.n);
    let n_cells = usize::try_from(rows.saturating_mul(columns)).unwrap_or(0);
    let mut cells = vec![Cell::default(); n_cells];
    for (entry, conjunction) in entries {
        let buckets = match span {
            Some((of, span)) if below.tuning.fault == Some(Fault::BucketEdge) => {
                let edge =
                    |(low, high): (u32, u32)| (low, high.saturating_sub(1).max(low));
                buckets(conjunction, of, span).into_iter().map(edge).collect()
            }
            Some((of, span)) => buckets(conjunction, of, span),
            None => vec![(0, 0)],
        };
        for row in rows_of(conjunction, code.as_ref()) {
            for (low, high) in &buckets {
                for bucket in *low..=*high {
                    let at = row.saturating_mul(columns).saturating_add(bucket);
                    let cell = usize::try_from(at).ok().and_then(|at| cells.get_mut(at));
                    let Some(cell) = cell else { continue };
                    if cell.cover.last() != Some(entry) {
                        cell.cover.push(*entry);
                    }
                    if bucket == *low && cell.start.last() != Some(entry) {
                        cell.start.push(*entry);
                    }
                }
            }
        }
    }
    let missing_code = code.as_ref().and_then(|code| {
        let may_lack = |c: &Conjunction| {
            c.ints.get(&code.field).is_none_or(|allowed| allowed.missing)
        };
        below.without(code.field, &retained(entries, may_lack))
    });
    let missing_span = span.and_then(|(of, _)| {
        // A range that is too wide is looked up here, too; so all entries of a
        // range stand here, and those of a number that may lack it.
        let may_lack = |c: &Conjunction| {
            of.range || c.ints.get(&of.field).is_none_or(|allowed| allowed.missing)
        };
        below.without(of.field, &retained(entries, may_lack))
    });
    Grid { code, span: span.map(|(_, span)| span), cells, missing_code, missing_span }
}

fn retained<'a>(
    entries: &Entries<'a>,
    keep: impl Fn(&Conjunction) -> bool,
) -> Entries<'a> {
    entries.iter().filter(|(_, conjunction)| keep(conjunction)).copied().collect()
}

fn code(field: FieldIdx, entries: &Entries<'_>) -> Code {
    let mut sets: Vec<_> =
        entries.iter().filter_map(|(_, c)| c.ints.get(&field)).collect();
    sets.sort_by(|a, b| a.ranges.cmp(&b.ranges));
    sets.dedup_by(|a, b| a.ranges == b.ranges);
    let (slots, other, n) = filter::classes(&sets, 256);
    Code { field, slots, other, n }
}

fn rows_of(conjunction: &Conjunction, code: Option<&Code>) -> BTreeSet<u32> {
    let Some(code) = code else { return BTreeSet::from([0]) };
    let Some(allowed) = conjunction.ints.get(&code.field) else {
        return (0..code.n).collect();
    };
    let mut rows = BTreeSet::new();
    for (low, high) in &allowed.ranges {
        if *low < 0 || *high > 255 {
            rows.insert(u32::from(code.other));
        }
        let values = (*low).max(0)..=(*high).min(255);
        rows.extend(values.filter_map(|value| {
            code.slots.get(usize::try_from(value).ok()?).copied().map(u32::from)
        }));
    }
    rows
}

/// Bits of what a message of most protocols reads or writes at once at most.
const RANGE_SHIFT: u32 = 6;

/// Buckets are as wide as what an event reads or writes at once, so that it reaches
/// into two at most; where a field is missing, which is rare, a few have to do, since
/// hulls tell the entries of a long list apart.
fn span(of: SpanOf, rows: u32, depth: usize) -> Span {
    let (cells, buckets) =
        if depth == 0 { (CELLS, BUCKETS) } else { (CELLS / 8, BUCKETS / 8) };
    let most = (cells / rows.max(1)).clamp(1, buckets);
    let width = of.most.saturating_sub(of.least);
    let finest = if of.range && width >> RANGE_SHIFT >= 16 { RANGE_SHIFT } else { 0 };
    let fits = |shift: &u32| width >> shift < i64::from(most);
    let shift = (finest..63).find(fits).unwrap_or(63);
    let n = u32::try_from(width >> shift).unwrap_or(0).saturating_add(1);
    Span { field: of.field, range: of.range, base: of.least, shift, n }
}

fn buckets(conjunction: &Conjunction, of: SpanOf, span: Span) -> Vec<(u32, u32)> {
    match choose::span_ranges(conjunction, of) {
        None => vec![(0, span.n.saturating_sub(1))],
        Some(ranges) => ranges
            .into_iter()
            .map(|(low, high)| (span.bucket(low), span.bucket(high)))
            .collect(),
    }
}

impl Span {
    /// The bucket of a number.
    pub fn bucket(&self, value: i64) -> u32 {
        let moved = value.saturating_sub(self.base).max(0) >> self.shift;
        u32::try_from(moved).unwrap_or(u32::MAX).min(self.n.saturating_sub(1))
    }
}
