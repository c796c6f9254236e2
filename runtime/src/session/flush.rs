//! A flush: all batches through all packs, and their rows back in event order.

use tagout_spec::pack::Cause;
use tagout_spec::pack::Verdict;
use tagout_spec::pack::manifest::OnUnknown;
use tagout_spec::pack::manifest::Plan;
use tagout_spec::record::Batch;
use tagout_spec::record::RecordView;
use tagout_spec::record::Slot;
use tagout_spec::record::Value;
use tagout_spec::schema::KindIdx;

use super::FaultReport;
use super::Output;
use super::Pending;
use super::Place;
use super::Session;
use super::Waiting;
use super::dedup::Key;
use super::running::Computed;
use super::running::Running;
use super::stats::Counters;
use crate::alert::Alert;
use crate::alert::Found;
use crate::engine::Fault;
use crate::pack::Pack;

/// How long a rule that cannot be decided is held back for equal reasons and
/// keys, if it does not deduplicate itself.
const INDETERMINATE_WINDOW: i64 = 3_600_000_000_000;

/// A row, in the order of results: by event, pack and rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    sequence: u64,
    pack: usize,
    rule: usize,
    verdict: Verdict,
    predicate: u32,
    /// Position in the batches of this flush, and of the record in the batch.
    batch: usize,
    record: u32,
}

/// A batch of this flush.
struct Part<'a> {
    kind: KindIdx,
    batch: Batch<'a>,
    events: &'a [Waiting],
}

/// Everything a row needs besides its batch.
struct Reporter<'s> {
    packs: &'s mut [Running],
    runtime: &'s crate::runtime::Runtime,
    inputs: &'s [std::sync::Arc<str>],
    dedup: &'s mut super::dedup::Dedup,
    counters: &'s mut Counters,
    outputs: &'s mut std::collections::VecDeque<Output>,
}

impl Session {
    pub(super) fn run_flush(&mut self) {
        if self.waiting == 0 {
            return;
        }
        #[cfg(feature = "decode")]
        self.take_deferred();
        self.enrich();
        let Self { packs, runtime, inputs, dedup, counters, outputs, .. } = self;
        let mut hits = std::mem::take(&mut self.hits);
        let mut reporter = Reporter { packs, runtime, inputs, dedup, counters, outputs };
        let parts: Vec<Part<'_>> = filled(&mut self.kinds, &mut self.aside)
            .filter_map(|(kind, pending)| {
                let first = pending.events.first()?.sequence;
                let batch = pending.builder.finish(first);
                Some(Part { kind, batch, events: &pending.events })
            })
            .collect();
        let mut now = || self.clock.as_mut().map_or(0, |clock| clock());
        let start = now();
        reporter.evaluate(&parts, &mut hits);
        let evaluated = now();
        hits.sort_unstable();
        hits.dedup();
        for hit in &hits {
            if let Some(part) = parts.get(hit.batch) {
                reporter.report(hit, part);
            }
        }
        let reported = now();
        drop(parts);
        hits.clear();
        self.hits = hits;
        self.counters.evaluate += evaluated.saturating_sub(start);
        self.counters.report += reported.saturating_sub(evaluated);
        self.clear();
    }

    /// Has plugins add what they know, in the order in which they were given.
    fn enrich(&mut self) {
        if !self.enriches {
            return;
        }
        for live in self.plugins.lives() {
            for (kind, pending) in filled(&mut self.kinds, &mut self.aside) {
                if let Some(first) = pending.events.first() {
                    live.enrich(kind, &mut pending.builder, first.sequence);
                }
            }
        }
    }

    fn clear(&mut self) {
        for pending in self.kinds.iter_mut().flatten() {
            pending.builder.clear();
            pending.events.clear();
        }
        self.aside.clear();
        self.waiting = 0;
    }
}

/// The batches of a flush.
fn filled<'s>(
    kinds: &'s mut [Option<Pending>],
    aside: &'s mut [(KindIdx, Pending)],
) -> impl Iterator<Item = (KindIdx, &'s mut Pending)> {
    let kinds = (0_u16..).map(KindIdx).zip(kinds);
    let open = kinds.filter_map(|(kind, pending)| Some((kind, pending.as_mut()?)));
    open.chain(aside.iter_mut().map(|(kind, pending)| (*kind, pending)))
}

impl Reporter<'_> {
    /// Gets the rows of all batches from all packs.
    fn evaluate(&mut self, parts: &[Part<'_>], hits: &mut Vec<Hit>) {
        let mut rows = Vec::new();
        for pack in 0..self.packs.len() {
            for (at, part) in parts.iter().enumerate() {
                let Some(running) = self.packs.get_mut(pack) else { continue };
                if running.off || running.loaded.pack.local_kind(part.kind).is_none() {
                    continue;
                }
                running.forget();
                rows.clear();
                let result = running.evaluate(part.kind, &part.batch, &mut rows);
                for row in &rows {
                    let event = usize::try_from(row.event).ok();
                    let event = event.and_then(|event| part.events.get(event));
                    let rule = running.loaded.pack.plan_of(row.predicate);
                    let (Some(event), Some((rule, _))) = (event, rule) else { continue };
                    hits.push(Hit {
                        sequence: event.sequence,
                        pack,
                        rule,
                        verdict: row.verdict,
                        predicate: row.predicate,
                        batch: at,
                        record: row.event,
                    });
                }
                if let Err((from, fault)) = result {
                    self.fault(pack, part, from, &fault);
                }
            }
            // What is in the memory now is the last batch, complete.
        }
    }

    /// A fault while evaluating: all rules are undecided from a record on.
    fn fault(&mut self, pack: usize, part: &Part<'_>, from: u32, fault: &Fault) {
        let Some(running) = self.packs.get_mut(pack) else { return };
        let n = u32::try_from(part.batch.len()).unwrap_or(u32::MAX).saturating_sub(from);
        let local = running.loaded.pack.local_kind(part.kind);
        for (rule, plan) in running.loaded.pack.plans.iter().enumerate() {
            let decides = local.is_some_and(|kind| running.decides(plan.predicate, kind));
            if let Some(counter) = self.counters.rule(pack, rule).filter(|_| decides) {
                counter.indeterminate = counter.indeterminate.saturating_add(n.into());
            }
        }
        self.charge(pack, part, n, fault);
    }

    fn charge(&mut self, pack: usize, part: &Part<'_>, events: u32, fault: &Fault) {
        let Some(running) = self.packs.get_mut(pack) else { return };
        running.charge(self.runtime.budget.faults);
        let report = FaultReport {
            pack: running.loaded.pack.manifest.name.clone(),
            kind: name_of(self.runtime, part.kind),
            events,
            problem: fault.to_string(),
            off: running.off,
        };
        self.put(Output::Fault(report));
    }

    /// Reports one row.
    fn report(&mut self, hit: &Hit, part: &Part<'_>) {
        let Some(running) = self.packs.get_mut(hit.pack) else { return };
        if running.off {
            // It failed after it gave this row: the row is undecided.
            self.indeterminate(hit);
            return;
        }
        let result = match hit.verdict {
            Verdict::True => self.report_match(hit, part),
            Verdict::Unknown => self.report_unknown(hit, part),
            Verdict::False => Ok(()),
        };
        if let Err(fault) = result {
            self.indeterminate(hit);
            self.charge(hit.pack, part, 1, &fault);
        }
    }

    fn report_match(&mut self, hit: &Hit, part: &Part<'_>) -> Result<(), Fault> {
        let Some(running) = self.packs.get_mut(hit.pack) else { return Ok(()) };
        let loaded = running.loaded.clone();
        let Some((_, plan)) = loaded.pack.plan_of(hit.predicate) else { return Ok(()) };
        let computed =
            running.columns(part.kind, &part.batch, hit.record, hit.predicate)?;
        if let Some(counter) = self.counters.rule(hit.pack, hit.rule) {
            counter.matches = counter.matches.saturating_add(1);
        }
        let key = key_of(&loaded.pack, hit, &computed, &[]);
        if let Some(dedup) = &plan.dedup
            && !self.is_first(hit, part, &key, dedup.window)
        {
            if let Some(counter) = self.counters.rule(hit.pack, hit.rule) {
                counter.deduplicated = counter.deduplicated.saturating_add(1);
            }
            return Ok(());
        }
        self.alert(hit, part, plan, &computed, &key, Vec::new());
        Ok(())
    }

    fn report_unknown(&mut self, hit: &Hit, part: &Part<'_>) -> Result<(), Fault> {
        let Some(running) = self.packs.get_mut(hit.pack) else { return Ok(()) };
        let loaded = running.loaded.clone();
        let Some((_, plan)) = loaded.pack.plan_of(hit.predicate) else { return Ok(()) };
        if plan.on_unknown == OnUnknown::Count {
            self.indeterminate(hit);
            return Ok(());
        }
        let (_, causes) =
            running.explain(part.kind, &part.batch, hit.record, hit.predicate)?;
        let computed =
            running.columns(part.kind, &part.batch, hit.record, hit.predicate)?;
        self.indeterminate(hit);
        let fields = loaded.pack.info(hit.rule).fields.iter();
        let lacks: Vec<(String, Cause)> = fields
            .zip(causes)
            .filter(|(_, cause)| *cause != Cause::None)
            .map(|(field, cause)| (field.clone(), cause))
            .collect();
        let key = key_of(&loaded.pack, hit, &computed, &lacks);
        let window = plan.dedup.as_ref().map_or(INDETERMINATE_WINDOW, |d| d.window);
        if self.is_first(hit, part, &key, window) {
            self.alert(hit, part, plan, &computed, &key, lacks);
        }
        Ok(())
    }

    fn is_first(&mut self, hit: &Hit, part: &Part<'_>, key: &[u8], window: i64) -> bool {
        // An event without a time has no window to lie in.
        let ts = record(part, hit).as_ref().and_then(time_of);
        ts.is_none_or(|ts| self.dedup.is_first(Key::new(key), ts, window))
    }

    fn alert(
        &mut self,
        hit: &Hit,
        part: &Part<'_>,
        plan: &Plan,
        computed: &Computed,
        key: &[u8],
        lacks: Vec<(String, Cause)>,
    ) {
        let Some(running) = self.packs.get(hit.pack) else { return };
        let Some(counter) = self.counters.rule(hit.pack, hit.rule) else { return };
        if self.runtime.budget.alerts_per_rule.is_some_and(|max| counter.alerts >= max) {
            counter.suppressed = counter.suppressed.saturating_add(1);
            return;
        }
        counter.alerts = counter.alerts.saturating_add(1);
        let Some(record) = record(part, hit) else { return };
        let place = usize::try_from(hit.record).ok().and_then(|at| part.events.get(at));
        let place = place.map_or(Place::default(), |event| event.place);
        let input =
            place.input.and_then(|input| self.inputs.get(usize::try_from(input).ok()?));
        let found = Found {
            pack: &running.loaded.pack,
            rule: hit.rule,
            plan,
            schema: &self.runtime.schema,
            json: &self.runtime.events,
            record,
            sequence: hit.sequence,
            input: input.map(AsRef::as_ref),
            number: place.number,
            severity: computed.severity.unwrap_or(plan.severity),
            columns: &computed.columns,
            key,
            verdict: hit.verdict,
            lacks,
        };
        self.put(Output::Alert(Box::new(Alert::new(found))));
    }

    fn indeterminate(&mut self, hit: &Hit) {
        if let Some(counter) = self.counters.rule(hit.pack, hit.rule) {
            counter.indeterminate = counter.indeterminate.saturating_add(1);
        }
    }

    fn put(&mut self, output: Output) {
        if self.outputs.len() < self.runtime.budget.outputs {
            self.outputs.push_back(output);
        } else {
            self.counters.dropped = self.counters.dropped.saturating_add(1);
        }
    }
}

/// Digest of the pack, rule and columns; for what is undecided also the fields.
fn key_of(
    pack: &Pack,
    hit: &Hit,
    computed: &Computed,
    lacks: &[(String, Cause)],
) -> Vec<u8> {
    let mut key = pack.digest.to_vec();
    key.extend(hit.predicate.to_le_bytes());
    let plan = pack.plans.get(hit.rule);
    let by = plan
        .and_then(|plan| plan.dedup.as_ref())
        .map(|dedup| dedup.by.as_slice())
        .unwrap_or_default();
    for column in by {
        if let Some(column) = computed.columns.get(usize::from(*column)) {
            column.add_to_key(&mut key);
        }
    }
    for (field, _) in lacks {
        key.push(b'?');
        key.extend(field.as_bytes());
    }
    key
}

fn record<'a>(part: &Part<'a>, hit: &Hit) -> Option<RecordView<'a>> {
    part.batch.view().record(usize::try_from(hit.record).ok()?)
}

/// The time of an event.
pub(super) fn time_of(record: &RecordView<'_>) -> Option<i64> {
    let (ts, _) = record.kind().lookup("ts")?;
    match record.get(ts) {
        Slot::Value(Value::Int(ts)) => Some(ts),
        _ => None,
    }
}

fn name_of(runtime: &crate::runtime::Runtime, kind: KindIdx) -> String {
    runtime.schema.kind(kind).map_or_else(String::new, |kind| kind.name.to_string())
}
