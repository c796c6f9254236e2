//! The index in plain Rust: what the generated code finds, or a little less,
//! since that may be content with a hash where this compares.

use std::collections::BTreeSet;

use tagout_spec::schema::FieldIdx;

use super::event::{self, Event};
use super::filter;
use super::{
    Atoms, BUCKETS_OF_EVENT, Entry, Grid, Hash, KindPlan, Lane, Mask, Node, Probe,
};

impl KindPlan {
    /// The predicates that the index reaches on an event, ascending.
    pub fn candidates(&self, event: &Event<'_>) -> Vec<u32> {
        let mut found = BTreeSet::new();
        search(&self.root, event, &mut found);
        let sample = Sample::of(self, event);
        let passed: BTreeSet<u32> = found
            .into_iter()
            .filter_map(|entry| self.entries.get(usize::try_from(entry).ok()?))
            .filter(|entry| sample.passes(entry))
            .map(|entry| entry.predicate)
            .collect();
        passed.into_iter().collect()
    }

    /// The entries that keys lead to, before the filters: the work of an event.
    pub fn reached(&self, event: &Event<'_>) -> Vec<u32> {
        let mut found = BTreeSet::new();
        search(&self.root, event, &mut found);
        found.into_iter().collect()
    }
}

fn search(node: &Node, event: &Event<'_>, found: &mut BTreeSet<u32>) {
    found.extend(&node.rest);
    for probe in &node.probes {
        match probe {
            Probe::Hash(hash) => search_hash(hash, event, found),
            Probe::Grid(grid) => search_grid(grid, event, found),
            Probe::Atoms(atoms) => search_atoms(atoms, event, found),
        }
    }
}

fn beside(node: Option<&Node>, event: &Event<'_>, found: &mut BTreeSet<u32>) {
    if let Some(node) = node {
        search(node, event, found);
    }
}

fn search_hash(hash: &Hash, event: &Event<'_>, found: &mut BTreeSet<u32>) {
    match event.key(hash.subject) {
        Some(key) => found.extend(hash.table.get(&key).into_iter().flatten()),
        None => beside(hash.missing.as_deref(), event, found),
    }
}

fn search_grid(grid: &Grid, event: &Event<'_>, found: &mut BTreeSet<u32>) {
    let row = match &grid.code {
        None => Some(0),
        Some(code) => event.int(code.field).map(|value| {
            let slot = usize::try_from(value).ok().and_then(|v| code.slots.get(v));
            u32::from(*slot.unwrap_or(&code.other))
        }),
    };
    let columns = match &grid.span {
        None => Some((0, 0)),
        Some(span) if span.range => event
            .range(span.field)
            .map(|(low, high)| (span.bucket(low.into()), span.bucket(high.into())))
            .filter(|(low, high)| high.saturating_sub(*low) < BUCKETS_OF_EVENT),
        Some(span) => event.int(span.field).map(|value| {
            let bucket = span.bucket(value);
            (bucket, bucket)
        }),
    };
    if row.is_none() {
        beside(grid.missing_code.as_deref(), event, found);
    }
    if columns.is_none() {
        beside(grid.missing_span.as_deref(), event, found);
    }
    if let (Some(row), Some((low, high))) = (row, columns) {
        let n = grid.span.map_or(1, |span| span.n);
        for bucket in low..=high {
            let at = row.saturating_mul(n).saturating_add(bucket);
            let cell = usize::try_from(at).ok().and_then(|at| grid.cells.get(at));
            let Some(cell) = cell else { continue };
            found.extend(if bucket == low { &cell.cover } else { &cell.start });
        }
    }
}

fn search_atoms(atoms: &Atoms, event: &Event<'_>, found: &mut BTreeSet<u32>) {
    let (texts, whole) = event.texts(atoms.field, atoms.element, atoms.fold);
    for text in texts {
        for atom in &atoms.atoms {
            if text.windows(atom.chunk.len().max(1)).any(|w| w == atom.chunk) {
                found.extend(&atom.entries);
            }
        }
        for (rare, entries) in &atoms.bytes {
            if text.iter().any(|byte| rare.is(*byte)) {
                found.extend(entries);
            }
        }
    }
    if !whole {
        beside(atoms.missing.as_deref(), event, found);
    }
}

/// What the filters look at.
struct Sample {
    low: Vec<u16>,
    high: Vec<u16>,
    classes: Vec<u32>,
}

impl Sample {
    fn of(plan: &KindPlan, event: &Event<'_>) -> Self {
        let lanes: Vec<Option<u16>> =
            plan.lanes.iter().map(|lane| lane_of(lane, event)).collect();
        Self {
            low: lanes.iter().map(|lane| lane.unwrap_or(0)).collect(),
            high: lanes.iter().map(|lane| lane.unwrap_or(u16::MAX)).collect(),
            classes: plan
                .masks
                .iter()
                .map(|mask| class_of(mask, event).map_or(u32::MAX, |class| 1 << class))
                .collect(),
        }
    }

    fn passes(&self, entry: &Entry) -> bool {
        let low = entry.low.iter().zip(&self.high).all(|(low, x)| low <= x);
        let high = entry.high.iter().zip(&self.low).all(|(high, x)| x <= high);
        low && high && entry.masks.iter().zip(&self.classes).all(|(set, c)| set & c != 0)
    }
}

fn lane_of(lane: &Lane, event: &Event<'_>) -> Option<u16> {
    match *lane {
        Lane::Int { field, base, shift } => {
            event.int(field).map(|value| filter::lane_int(value, base, shift))
        }
        Lane::IpHigh(field) => low_word(event, field).map(filter::upper),
        Lane::IpLow(field) => low_word(event, field).map(filter::lower),
        Lane::First(field) => event.range(field).map(|(low, _)| filter::clamped(low)),
        Lane::Last(field) => event.range(field).map(|(_, high)| filter::clamped(high)),
    }
}

fn low_word(event: &Event<'_>, field: FieldIdx) -> Option<u32> {
    let address = u128::from_be_bytes(event.ip(field)?);
    u32::try_from(address & 0xFFFF_FFFF).ok()
}

fn class_of(mask: &Mask, event: &Event<'_>) -> Option<u32> {
    match mask {
        Mask::Int { field, classes, other, .. } => event.int(*field).map(|value| {
            let class = usize::try_from(value).ok().and_then(|v| classes.get(v));
            u32::from(*class.unwrap_or(other))
        }),
        Mask::Net { field, bounds } => event
            .ip(*field)
            .map(|address| filter::net_class(bounds, u128::from_be_bytes(address))),
        Mask::Key(subject) => {
            event.key(*subject).and_then(|key| u32::try_from(key & 31).ok())
        }
    }
}

const _: () = assert!(event::NAME == 16, "the generated code loads one vector");
