//! Which key an entry hangs on.
//!
//! For each entry every possible key has a guess at the part of events that
//! reach the entry by it; the entry takes the smallest. Then probes that save
//! less than they cost every event are given up, the worst first, and their
//! entries take the next best.

use std::collections::{BTreeMap, BTreeSet};

use tagout_spec::schema::FieldIdx;

use super::Fault;
use super::atoms;
use super::event::Subject;
use super::keys::{self, as_f64};
use super::need::{Allowed, Conjunction, TextTest};

/// What a probe costs an event, in entries looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// Of a lookup by a key.
    pub hash: f64,
    /// Of a lookup in a grid.
    pub grid: f64,
    /// Of the scan of a text.
    pub atoms: f64,
    /// A seeded fault, to show that tests find it.
    pub fault: Option<Fault>,
}

impl Default for Tuning {
    /// Guesses, held against the benches.
    fn default() -> Self {
        Self { hash: 5.0, grid: 5.0, atoms: 60.0, fault: None }
    }
}

impl Tuning {
    /// Probes cost nothing, so that even a few rules get all of them: for tests.
    pub const EAGER: Self = Self { hash: 0.0, grid: 0.0, atoms: 0.0, fault: None };

    fn cost(&self, probe: ProbeId) -> f64 {
        match probe {
            ProbeId::Hash(_) => self.hash,
            ProbeId::Grid => self.grid,
            ProbeId::Atoms(_, None) => self.atoms,
            ProbeId::Atoms(_, Some(_)) => self.atoms * ELEMENTS,
        }
    }
}

/// Texts of elements that are scanned where one text is, as far as that costs.
const ELEMENTS: f64 = 5.0;
/// What looking in vain at an entry costs at most: few predicates need all their parts.
const WORK: u32 = 400;
/// Most cells that one entry may stand in.
const CELLS_OF_ENTRY: f64 = 2048.0;
/// Narrowest field that is worth a grid's columns.
const SPAN_WIDTH: i64 = 32;
/// Fewest different bounds of a field that is worth a grid's columns.
const SPAN_BOUNDS: usize = 6;
/// Cells of a grid.
pub(super) const CELLS: u32 = 16_384;
/// Buckets of a grid.
pub(super) const BUCKETS: u32 = 1024;

/// A probe of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ProbeId {
    Hash(Subject),
    Grid,
    /// Of a text, or of one of each element.
    Atoms(FieldIdx, Option<FieldIdx>),
}

/// What is known of a node's entries before keys are chosen.
#[derive(Debug, Default)]
pub(super) struct Survey {
    keys: BTreeMap<Subject, BTreeMap<u64, u32>>,
    pub(super) code: Option<FieldIdx>,
    mentioned: BTreeMap<i64, u32>,
    pub(super) span: Option<SpanOf>,
}

/// The numbers that a grid's columns stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SpanOf {
    pub(super) field: FieldIdx,
    pub(super) range: bool,
    pub(super) least: i64,
    pub(super) most: i64,
}

/// Chooses for each entry; `None`: no key.
pub(super) fn choose(
    entries: &[(u32, &Conjunction)],
    survey: &Survey,
    banned: &BTreeSet<FieldIdx>,
    tuning: &Tuning,
) -> Vec<Option<ProbeId>> {
    let options: Vec<Vec<(ProbeId, f64)>> = entries
        .iter()
        .map(|(_, conjunction)| options(conjunction, survey, banned))
        .collect();
    let mut active: BTreeSet<ProbeId> =
        options.iter().flatten().map(|(probe, _)| *probe).collect();
    loop {
        let mut savings: BTreeMap<ProbeId, f64> =
            active.iter().map(|probe| (*probe, -tuning.cost(*probe))).collect();
        for ((_, conjunction), options) in entries.iter().zip(&options) {
            let mut usable = options.iter().filter(|(probe, _)| active.contains(probe));
            let Some((best, part)) = usable.next() else { continue };
            let next = usable.next().map_or(1.0, |(_, part)| *part);
            let weight = 1.0 + as_f64(conjunction.work.min(WORK));
            if let Some(saving) = savings.get_mut(best) {
                *saving += (next - part) * weight;
            }
        }
        let worst = savings.iter().min_by(|a, b| a.1.total_cmp(b.1));
        match worst {
            Some((probe, saving)) if *saving < 0.0 => active.remove(probe),
            _ => break,
        };
    }
    options
        .iter()
        .map(|options| {
            options.iter().map(|(probe, _)| *probe).find(|probe| active.contains(probe))
        })
        .collect()
}

/// Possible keys, best first.
fn options(
    conjunction: &Conjunction,
    survey: &Survey,
    banned: &BTreeSet<FieldIdx>,
) -> Vec<(ProbeId, f64)> {
    let mut options = Vec::new();
    for (subject, keys, _) in keys::hashes(conjunction) {
        if !banned.contains(&subject.field()) {
            let part = survey.keys.get(&subject).map_or(1.0, |all| share(&keys, all));
            // Even if all rules ask for one value, some events have another. And a text
            // that ends in something is no more frequent than one that has it.
            let part = (part * 0.8).min(key_part(conjunction, subject));
            options.push((ProbeId::Hash(subject), part));
        }
    }
    for test in &conjunction.texts {
        if !banned.contains(&test.field)
            && let Some(found) = atoms::found_in(test)
        {
            options.push((ProbeId::Atoms(test.field, test.element), part_of(found)));
        }
    }
    if let Some(part) = grid_part(conjunction, survey) {
        options.push((ProbeId::Grid, part));
    }
    options.retain(|(_, part)| *part < 0.9);
    options.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    // Of two tests of one text the rarer.
    let mut seen = BTreeSet::new();
    options.retain(|(probe, _)| seen.insert(*probe));
    options
}

/// The part of events that have one of the keys of a text, by how rare their bytes are.
fn key_part(conjunction: &Conjunction, subject: Subject) -> f64 {
    let found = conjunction
        .texts
        .iter()
        .filter(|test| keys::text_subject(test) == Some(subject))
        .filter_map(|test| atoms::found_at_end(test, subject))
        .min();
    found.map_or(1.0, part_of)
}

/// Of 2^20 events so many, as a part.
fn part_of(found: u32) -> f64 {
    (f64::from(found) / f64::from(1 << 20)).min(1.0)
}

/// The text test by which a probe finds the entry: the rarest on that field.
pub(super) fn test_of(
    conjunction: &Conjunction,
    field: FieldIdx,
    element: Option<FieldIdx>,
) -> Option<&TextTest> {
    conjunction
        .texts
        .iter()
        .filter(|test| (test.field, test.element) == (field, element))
        .filter_map(|test| Some((atoms::found_in(test)?, test)))
        .min_by_key(|(found, _)| *found)
        .map(|(_, test)| test)
}

fn grid_part(conjunction: &Conjunction, survey: &Survey) -> Option<f64> {
    let code = survey.code.and_then(|field| conjunction.ints.get(&field));
    let code = code.map_or(1.0, |allowed| code_part(allowed, &survey.mentioned));
    let span = survey.span.and_then(|span| span_part(conjunction, span)).unwrap_or(1.0);
    let rows = if survey.code.is_some() { as_f64(survey.mentioned.len()) } else { 1.0 };
    let columns = if survey.span.is_some() { f64::from(BUCKETS) } else { 1.0 };
    let cells = (rows * columns).min(f64::from(CELLS));
    (code * span * cells <= CELLS_OF_ENTRY && code * span < 0.9).then_some(code * span)
}

fn code_part(allowed: &Allowed<i64>, mentioned: &BTreeMap<i64, u32>) -> f64 {
    let inside = |value: &i64| {
        allowed.ranges.iter().any(|(low, high)| low <= value && value <= high)
    };
    let values: Vec<i64> = mentioned.keys().copied().filter(inside).collect();
    let wide = allowed.ranges.iter().any(|(low, high)| !small(*low, *high));
    let others = 1.0 / as_f64(mentioned.len().saturating_add(1));
    (share(&values, mentioned) + if wide { others } else { 0.0 }).min(1.0)
}

/// The part of events that have one of these values, if events have values as
/// often as rules ask for them.
fn share<K: Ord>(values: &[K], all: &BTreeMap<K, u32>) -> f64 {
    let total: u32 = all.values().sum();
    let of: u32 = values.iter().filter_map(|value| all.get(value)).sum();
    f64::from(of) / f64::from(total.max(1))
}

fn span_part(conjunction: &Conjunction, span: SpanOf) -> Option<f64> {
    let whole = as_f64(span.most.saturating_sub(span.least).max(1));
    let covered: f64 = span_ranges(conjunction, span)?
        .iter()
        .map(|(low, high)| as_f64(high.saturating_sub(*low).max(0)) + 1.0)
        .sum();
    Some(((covered + whole / f64::from(BUCKETS)) / whole).min(1.0))
}

/// What the conjunction allows of a span, clamped to it.
pub(super) fn span_ranges(
    conjunction: &Conjunction,
    span: SpanOf,
) -> Option<Vec<(i64, i64)>> {
    let clamp = |value: i64| value.clamp(span.least, span.most);
    if span.range {
        let allowed = conjunction.overlaps.get(&span.field)?;
        let ranges = allowed.ranges.iter();
        Some(ranges.map(|(a, b)| (clamp((*a).into()), clamp((*b).into()))).collect())
    } else {
        let allowed = conjunction.ints.get(&span.field)?;
        Some(allowed.ranges.iter().map(|(a, b)| (clamp(*a), clamp(*b))).collect())
    }
}

fn small(low: i64, high: i64) -> bool {
    low >= 0 && high <= 255 && high - low < 128
}

/// Looks over the entries of a node.
pub(super) fn survey(
    entries: &[(u32, &Conjunction)],
    banned: &BTreeSet<FieldIdx>,
) -> Survey {
    let mut survey = Survey::default();
    for (_, conjunction) in entries {
        for (subject, keys, _) in keys::hashes(conjunction) {
            let all = survey.keys.entry(subject).or_default();
            keys.into_iter().for_each(|key| *all.entry(key).or_insert(0) += 1);
        }
    }
    survey_code(entries, banned, &mut survey);
    survey_span(entries, banned, &mut survey);
    survey
}

/// The field whose small numbers tell entries apart best.
fn survey_code(
    entries: &[(u32, &Conjunction)],
    banned: &BTreeSet<FieldIdx>,
    survey: &mut Survey,
) {
    let mut mentioned: BTreeMap<FieldIdx, BTreeMap<i64, u32>> = BTreeMap::new();
    for (field, allowed) in entries.iter().flat_map(|(_, c)| &c.ints) {
        for (low, high) in &allowed.ranges {
            if small(*low, *high) && !banned.contains(field) {
                let of_field = mentioned.entry(*field).or_default();
                (*low..=*high).for_each(|value| *of_field.entry(value).or_insert(0) += 1);
            }
        }
    }
    let mut best = 0.0;
    for (field, values) in mentioned {
        let worth: f64 = entries
            .iter()
            .filter_map(|(_, c)| c.ints.get(&field))
            .map(|allowed| 1.0 - code_part(allowed, &values))
            .sum();
        if worth > best {
            best = worth;
            survey.code = Some(field);
            survey.mentioned = values;
        }
    }
}

/// The field whose ranges tell entries apart best.
fn survey_span(
    entries: &[(u32, &Conjunction)],
    banned: &BTreeSet<FieldIdx>,
    survey: &mut Survey,
) {
    let mut bounds: BTreeMap<(FieldIdx, bool), Vec<i64>> = BTreeMap::new();
    for (_, conjunction) in entries {
        for (field, allowed) in &conjunction.ints {
            let bounds = bounds.entry((*field, false)).or_default();
            bounds.extend(allowed.ranges.iter().flat_map(|(low, high)| [*low, *high]));
        }
        for (field, allowed) in &conjunction.overlaps {
            let bounds = bounds.entry((*field, true)).or_default();
            let ranges = allowed.ranges.iter();
            bounds.extend(ranges.flat_map(|(a, b)| [i64::from(*a), i64::from(*b)]));
        }
    }
    let mut best = 0.0;
    for ((field, range), mut bounds) in bounds {
        bounds.retain(|bound| *bound != i64::MIN && *bound != i64::MAX);
        let (Some(least), Some(most)) = (bounds.iter().min(), bounds.iter().max()) else {
            continue;
        };
        // Of few numbers a code makes more, or a hash: events are not spread evenly over
        // them, as a span takes them to be (files are created far more often than renamed).
        let distinct: BTreeSet<i64> = bounds.iter().copied().collect();
        if most.saturating_sub(*least) < SPAN_WIDTH
            || banned.contains(&field)
            || survey.code == Some(field)
            || distinct.len() < SPAN_BOUNDS
        {
            continue;
        }
        // Room on both sides, so that values beyond the bounds stand apart.
        let (least, most) = (least.saturating_sub(1), most.saturating_add(1));
        let span = SpanOf { field, range, least, most };
        let worth: f64 = entries
            .iter()
            .filter_map(|(_, c)| span_part(c, span))
            .map(|part| 1.0 - part)
            .sum();
        if worth > best {
            best = worth;
            survey.span = Some(span);
        }
    }
}
