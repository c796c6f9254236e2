//! The filters that entries carry: which fields they are about, and for each
//! entry the hull of what its conjunction allows.
//!
//! ```text
//! lane   low <= x <= high, eight numbers of 16 bits at once
//! mask   (set >> class) & 1, four sets at once
//! ```
//!
//! A field is worth a place if it turns away enough events: the worth of a
//! candidate is the sum over all entries of the part of events that it excludes,
//! by a guess that events are spread evenly over what rules mention.

use std::collections::{BTreeMap, BTreeSet};

use tagout_spec::schema::FieldIdx;

use super::event::Subject;
use super::need::{Allowed, Conjunction};
use super::{Entry, LANES, Lane, MASKS, Mask, keys};

/// Most bounds of a mask over networks: two vectors of four.
const NET_BOUNDS: usize = 8;
/// The v4-mapped addresses begin here.
pub(super) const V4: u128 = 0xFFFF_0000_0000;
/// A filter that turns away less than one entry in so many is left out.
const WORTH: f64 = 24.0;

/// Chooses lanes and masks for these conjunctions and makes the entries.
pub(super) fn entries(
    conjunctions: &[(u32, Conjunction)],
) -> (Vec<Lane>, Vec<Mask>, Vec<Entry>) {
    let tests: Vec<&Conjunction> = conjunctions.iter().map(|(_, c)| c).collect();
    let masks = masks(&tests);
    let lanes = lanes(&tests, &masks);
    let entries = conjunctions
        .iter()
        .map(|(predicate, conjunction)| entry(*predicate, conjunction, &lanes, &masks))
        .collect();
    (lanes, masks, entries)
}

fn entry(
    predicate: u32,
    conjunction: &Conjunction,
    lanes: &[Lane],
    masks: &[Mask],
) -> Entry {
    let mut entry = Entry {
        predicate,
        low: [0; LANES],
        high: [u16::MAX; LANES],
        masks: [u32::MAX; MASKS],
    };
    let bounds = entry.low.iter_mut().zip(&mut entry.high);
    for (lane, (low, high)) in lanes.iter().zip(bounds) {
        (*low, *high) = lane_hull(lane, conjunction);
    }
    for (mask, set) in masks.iter().zip(&mut entry.masks) {
        *set = mask_hull(mask, conjunction);
    }
    entry
}

// ---- lanes ----

fn lanes(tests: &[&Conjunction], masks: &[Mask]) -> Vec<Lane> {
    let exact = |field: FieldIdx| {
        masks.iter().any(|mask| match mask {
            Mask::Int { field: of, exact, .. } => *of == field && *exact,
            _ => false,
        })
    };
    let mut worth: Vec<(f64, Vec<Lane>)> = Vec::new();
    for field in fields(tests, |c| c.overlaps.keys()) {
        let share = share_of(tests, |c| {
            c.overlaps.get(&field).map(|allowed| {
                let span =
                    hull(allowed).map_or(0, |(low, high)| high.saturating_sub(low));
                1.0 - f64::from(span.min(65_536)) / 65_536.0
            })
        });
        worth.push((share, vec![Lane::First(field), Lane::Last(field)]));
    }
    for field in fields(tests, |c| c.ints.keys()) {
        if exact(field) {
            continue;
        }
        let bounds: Vec<i64> = tests
            .iter()
            .filter_map(|c| hull(c.ints.get(&field)?))
            .flat_map(|(low, high)| [low, high])
            .filter(|bound| *bound != i64::MIN && *bound != i64::MAX)
            .collect();
        let (Some(least), Some(most)) = (bounds.iter().min(), bounds.iter().max()) else {
            continue;
        };
        let base = least.saturating_sub(1);
        let span = most.saturating_add(1).saturating_sub(base);
        let shift = (0..48).find(|shift| span >> shift < 0xFFFF).unwrap_or(48);
        let lane = Lane::Int { field, base, shift };
        let share = share_of(tests, |c| {
            c.ints.contains_key(&field).then(|| {
                let (low, high) = lane_hull(&lane, c);
                let part = f64::from(high.saturating_sub(low));
                let whole = keys::as_f64(span >> shift).clamp(1.0, 65_535.0);
                (1.0 - part / whole).max(0.0)
            })
        });
        worth.push((share, vec![lane]));
    }
    for field in fields(tests, |c| c.ips.keys()) {
        // One address is the business of a hash.
        let is_wide = |c: &Conjunction| {
            c.ips
                .get(&field)
                .is_some_and(|a| a.ranges.iter().any(|(low, high)| low < high))
        };
        let share = |lane: Lane| {
            share_of(tests, |c| {
                is_wide(c).then(|| {
                    let (low, high) = lane_hull(&lane, c);
                    1.0 - f64::from(high.saturating_sub(low)) / 65_535.0
                })
            })
        };
        for lane in [Lane::IpHigh(field), Lane::IpLow(field)] {
            worth.push((share(lane), vec![lane]));
        }
    }
    chosen(worth, LANES, tests.len())
}

/// The best groups that fit, in a stable order.
fn chosen<T>(mut worth: Vec<(f64, Vec<T>)>, room: usize, n: usize) -> Vec<T> {
    worth.retain(|(share, _)| *share * WORTH > keys::as_f64(n));
    worth.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut out = Vec::new();
    for (_, group) in worth {
        if out.len() + group.len() <= room {
            out.extend(group);
        }
    }
    out
}

fn share_of(tests: &[&Conjunction], part: impl Fn(&Conjunction) -> Option<f64>) -> f64 {
    tests.iter().filter_map(|test| part(test)).sum()
}

fn fields<'a, I>(
    tests: &[&'a Conjunction],
    of: impl Fn(&'a Conjunction) -> I,
) -> BTreeSet<FieldIdx>
where
    I: Iterator<Item = &'a FieldIdx>,
{
    tests.iter().flat_map(|test| of(test)).copied().collect()
}

fn hull<T: Copy>(allowed: &Allowed<T>) -> Option<(T, T)> {
    Some((allowed.ranges.first()?.0, allowed.ranges.last()?.1))
}

/// Least and greatest number that the conjunction lets through.
pub(super) fn lane_hull(lane: &Lane, conjunction: &Conjunction) -> (u16, u16) {
    let all = (0, u16::MAX);
    match *lane {
        Lane::Int { field, base, shift } => {
            conjunction.ints.get(&field).and_then(hull).map_or(all, |(low, high)| {
                (lane_int(low, base, shift), lane_int(high, base, shift))
            })
        }
        Lane::First(field) => conjunction
            .overlaps
            .get(&field)
            .and_then(hull)
            .map_or(all, |(_, high)| (0, clamped(high))),
        Lane::Last(field) => conjunction.overlaps.get(&field).map_or(all, |allowed| {
            let low = allowed.ranges.iter().map(|(low, _)| *low).min();
            low.map_or(all, |low| (clamped(low), u16::MAX))
        }),
        Lane::IpHigh(field) => conjunction
            .ips
            .get(&field)
            .and_then(v4_hull)
            .map_or(all, |(low, high)| (upper(low), upper(high))),
        Lane::IpLow(field) => match conjunction.ips.get(&field).and_then(v4_hull) {
            Some((low, high)) if upper(low) == upper(high) => (lower(low), lower(high)),
            _ => all,
        },
    }
}

/// The number of an integer in a lane.
pub(super) fn lane_int(value: i64, base: i64, shift: u32) -> u16 {
    let moved = value.saturating_sub(base).max(0) >> shift;
    u16::try_from(moved).unwrap_or(u16::MAX)
}

pub(super) fn clamped(value: u32) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

pub(super) fn upper(value: u32) -> u16 {
    u16::try_from(value >> 16).unwrap_or(u16::MAX)
}

pub(super) fn lower(value: u32) -> u16 {
    u16::try_from(value & 0xFFFF).unwrap_or(u16::MAX)
}

/// The hull, if it holds IPv4 addresses only.
fn v4_hull(allowed: &Allowed<u128>) -> Option<(u32, u32)> {
    let (low, high) = hull(allowed)?;
    Some((v4(low)?, v4(high)?))
}

/// An IPv4 address as a number.
pub(super) fn v4(address: u128) -> Option<u32> {
    address.checked_sub(V4).and_then(|low| u32::try_from(low).ok())
}

// ---- masks ----

fn masks(tests: &[&Conjunction]) -> Vec<Mask> {
    let mut candidates: Vec<Mask> = Vec::new();
    for field in fields(tests, |c| c.ints.keys()) {
        candidates.extend(int_mask(field, tests));
    }
    for field in fields(tests, |c| c.ips.keys()) {
        candidates.extend(net_mask(field, tests));
    }
    let subjects: BTreeSet<Subject> = tests
        .iter()
        .flat_map(|c| c.texts.iter())
        .filter_map(keys::text_subject)
        .collect();
    candidates.extend(subjects.into_iter().map(Mask::Key));
    let worth = candidates
        .into_iter()
        .map(|mask| {
            let n_classes = match &mask {
                Mask::Int { classes, other, .. } => {
                    classes.iter().copied().max().max(Some(*other)).unwrap_or(0)
                }
                Mask::Net { bounds, .. } => u8::try_from(bounds.len()).unwrap_or(31),
                Mask::Key(_) => 31,
            };
            let all = u32::MAX >> (31 - n_classes.min(31));
            let share = share_of(tests, |c| {
                let let_through = (mask_hull(&mask, c) & all).count_ones();
                Some(1.0 - f64::from(let_through) / f64::from(all.count_ones()))
            });
            (share, vec![mask])
        })
        .collect();
    chosen(worth, MASKS, tests.len())
}

/// Numbers below 256 that no conjunction tells apart share a class.
fn int_mask(field: FieldIdx, tests: &[&Conjunction]) -> Option<Mask> {
    let mut sets: Vec<&Allowed<i64>> =
        tests.iter().filter_map(|c| c.ints.get(&field)).collect();
    sets.sort_by(|a, b| a.ranges.cmp(&b.ranges));
    sets.dedup_by(|a, b| a.ranges == b.ranges);
    // Many different sets are ranges of numbers: a lane does better.
    if sets.is_empty() || sets.len() > 4096 {
        return None;
    }
    let (slots, other, n) = classes(&sets, 32);
    // Numbers that share the class of all others are told apart no further.
    let exact = n < 32
        && sets.iter().all(|set| set.ranges.iter().all(|(_, high)| *high <= 255))
        && sets.iter().all(|set| set.ranges.iter().all(|(low, _)| *low >= 0));
    Some(Mask::Int { field, classes: slots, other, exact })
}

/// Equivalence classes of the numbers 0..256 and of all others under some sets;
/// if they are more than `most`, some share a number.
pub(super) fn classes(sets: &[&Allowed<i64>], most: usize) -> (Vec<u8>, u8, u32) {
    let n_words = sets.len().div_ceil(64);
    let mut signatures = vec![vec![0_u64; n_words]; 257];
    for (i, allowed) in sets.iter().enumerate() {
        let mut mark = |value: usize| {
            let word = signatures.get_mut(value).and_then(|s| s.get_mut(i / 64));
            if let Some(word) = word {
                *word |= 1 << (i % 64);
            }
        };
        for (low, high) in &allowed.ranges {
            if *low < 0 || *high > 255 {
                mark(256);
            }
            for value in (*low).max(0)..=(*high).min(255) {
                mark(usize::try_from(value).unwrap_or(256));
            }
        }
    }
    let mut numbers: BTreeMap<&Vec<u64>, u8> = BTreeMap::new();
    let mut slots: Vec<u8> = signatures
        .iter()
        .map(|signature| {
            let next = u8::try_from(numbers.len() % most).unwrap_or(0);
            *numbers.entry(signature).or_insert(next)
        })
        .collect();
    let n = u32::try_from(numbers.len().min(most)).unwrap_or(0);
    let other = slots.pop().unwrap_or(0);
    (slots, other, n)
}

/// The bounds of the networks that most conjunctions name, in or out.
fn net_mask(field: FieldIdx, tests: &[&Conjunction]) -> Option<Mask> {
    let mut named: BTreeMap<u32, u32> = BTreeMap::new();
    for allowed in tests.iter().filter_map(|c| c.ips.get(&field)) {
        // One address is the business of a hash.
        for (low, high) in &allowed.ranges {
            if low == high {
                continue;
            }
            let starts = v4(*low);
            let after = high.checked_add(1).and_then(v4);
            for bound in [starts, after].into_iter().flatten().filter(|b| *b != 0) {
                *named.entry(bound).or_insert(0) += 1;
            }
        }
    }
    let mut by_count: Vec<(u32, u32)> = named.into_iter().map(|(b, n)| (n, b)).collect();
    by_count.sort_by(|a, b| b.cmp(a));
    let mut bounds: Vec<u32> =
        by_count.into_iter().take(NET_BOUNDS).map(|(_, bound)| bound).collect();
    bounds.sort_unstable();
    (!bounds.is_empty()).then_some(Mask::Net { field, bounds })
}

/// The classes that the conjunction lets through. Where no value passes it may
/// still be that the field must be missing, and then every class is let through.
pub(super) fn mask_hull(mask: &Mask, conjunction: &Conjunction) -> u32 {
    match classes_let_through(mask, conjunction) {
        0 => u32::MAX,
        set => set,
    }
}

fn classes_let_through(mask: &Mask, conjunction: &Conjunction) -> u32 {
    match mask {
        Mask::Int { field, classes, other, .. } => {
            let Some(allowed) = conjunction.ints.get(field) else { return u32::MAX };
            let mut set = 0;
            for (low, high) in &allowed.ranges {
                if *low < 0 || *high > 255 {
                    set |= 1 << other;
                }
                for value in (*low).max(0)..=(*high).min(255) {
                    let class = usize::try_from(value).ok().and_then(|v| classes.get(v));
                    set |= class.map_or(u32::MAX, |class| 1 << class);
                }
            }
            set
        }
        Mask::Net { field, bounds } => {
            let Some(allowed) = conjunction.ips.get(field) else { return u32::MAX };
            let mut set = 0;
            for (low, high) in &allowed.ranges {
                for class in net_class(bounds, *low)..=net_class(bounds, *high) {
                    set |= 1_u32 << class;
                }
                // Addresses beyond IPv4 are of class 0, whatever lies between.
                if v4(*low).is_none() || v4(*high).is_none() {
                    set |= 1;
                }
                if v4(*high).is_none() {
                    for class in net_class(bounds, *low)..=net_last(bounds, *high) {
                        set |= 1 << class;
                    }
                }
            }
            set
        }
        Mask::Key(subject) => key_hull(*subject, conjunction),
    }
}

/// Class of an address.
pub(super) fn net_class(bounds: &[u32], address: u128) -> u32 {
    let Some(address) = v4(address) else { return 0 };
    let n = bounds.iter().filter(|bound| address >= **bound).count();
    u32::try_from(n).unwrap_or(0)
}

/// Greatest class of an IPv4 address up to this one.
fn net_last(bounds: &[u32], high: u128) -> u32 {
    if high >= V4 { u32::try_from(bounds.len()).unwrap_or(0) } else { 0 }
}

fn key_hull(subject: Subject, conjunction: &Conjunction) -> u32 {
    conjunction
        .texts
        .iter()
        .filter(|test| test.field == subject.field())
        .filter_map(|test| keys::text_keys(test, subject))
        .map(|keys| keys.iter().fold(0_u32, |set, key| set | 1 << (key & 31)))
        .fold(u32::MAX, |all, set| all & set)
}
