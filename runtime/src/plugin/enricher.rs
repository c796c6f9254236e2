//! An enricher: what it adds to the events of a batch, before any pack sees them.

use std::sync::Arc;

use tagout_spec::record::{BatchBuilder, RecordWriter, Value, set_value};
use tagout_spec::schema::{FieldIdx, KindIdx};

use super::live::Shared;
use super::loaded::{Enriches, Loaded};
use super::stats::PluginStats;
use crate::engine::{Guest, GuestFault, Reason, SetValue, Sets};

/// An enricher at work.
pub(super) struct Enriching {
    loaded: Arc<Loaded>,
    guest: Option<Guest>,
    calls: u64,
    events: u64,
    set: u64,
}

impl Enriching {
    pub(super) fn new(loaded: &Arc<Loaded>) -> Self {
        Self { loaded: Arc::clone(loaded), guest: None, calls: 0, events: 0, set: 0 }
    }

    pub(super) fn replace(&mut self, loaded: &Arc<Loaded>) {
        self.loaded = Arc::clone(loaded);
        self.guest = None;
    }

    pub(super) fn count(&self, stats: &mut PluginStats) {
        if self.calls > 0 {
            stats.calls.insert("enrich", self.calls);
        }
        (stats.enriched, stats.set) = (self.events, self.set);
    }

    /// Has a batch enriched.
    pub(super) fn run(
        &mut self,
        shared: &Shared,
        kind: KindIdx,
        batch: &mut BatchBuilder,
        sequence: u64,
    ) {
        let mut listed = (0_u32..).zip(&self.loaded.enriches);
        let Some((number, _)) =
            listed.find(|(_, e)| e.as_ref().is_some_and(|e| e.kind == kind))
        else {
            return;
        };
        let mut done = 0;
        while done < batch.len() && !shared.is_off() {
            match self.part(number, batch, sequence, done) {
                Ok(0) => break,
                Ok(n) => done = done.saturating_add(n),
                Err(fault) => {
                    // What was to be given in this call is given no more.
                    if let Some(mut guest) = self.guest.take() {
                        shared.hear(&mut guest);
                    }
                    shared.charge(&fault);
                    break;
                }
            }
        }
        if let Some(guest) = &mut self.guest {
            shared.hear(guest);
        }
    }

    /// Has the records from one on enriched, as many as a call takes; how many.
    fn part(
        &mut self,
        number: u32,
        batch: &mut BatchBuilder,
        sequence: u64,
        from: usize,
    ) -> Result<usize, GuestFault> {
        let Self { loaded, guest, calls, events, set } = self;
        let guest = match guest {
            Some(guest) => guest,
            None => guest.insert(loaded.instance()?),
        };
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(enriches) = loaded.enriches.get(at).and_then(Option::as_ref) else {
            return Ok(0);
        };
        let written = {
            let batch = batch.finish(sequence);
            enriches.exporter.write(&batch.view(), from, number, guest.input())
        };
        let Some((n, len)) = written.filter(|(n, _)| *n > 0) else { return Ok(0) };
        *calls = calls.saturating_add(1);
        *events = events.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
        let sets = guest.enrich(number, len, n, &enriches.types)?;
        let done = apply(sets, enriches, batch, from)?;
        *set = set.saturating_add(done);
        Ok(n)
    }
}

/// Writes what was set to the records.
fn apply(
    sets: &Sets,
    enriches: &Enriches,
    batch: &mut BatchBuilder,
    from: usize,
) -> Result<u64, GuestFault> {
    let mut rest = sets.values();
    let mut done = 0_u64;
    while let Some((record, ..)) = rest.first() {
        // Most set the fields of one record after another.
        let run = rest.iter().take_while(|(other, ..)| other == record).count();
        let (these, others) = rest.split_at_checked(run).unwrap_or((rest, &[]));
        rest = others;
        let at = usize::try_from(*record).unwrap_or(usize::MAX).saturating_add(from);
        let good = batch.amend(at, |record| {
            these.iter().all(|(_, field, value)| {
                let field = enriches.fields.get(usize::from(*field));
                field.is_some_and(|field| put(record, *field, *value, sets))
            })
        });
        if good != Some(true) {
            let problem = "a value that the field cannot hold".to_owned();
            return Err(GuestFault { reason: Reason::Set, problem });
        }
        done = done.saturating_add(u64::try_from(run).unwrap_or(u64::MAX));
    }
    Ok(done)
}

fn put(
    record: &mut RecordWriter<'_>,
    field: FieldIdx,
    value: SetValue,
    sets: &Sets,
) -> bool {
    let Some(field) = record.kind().field(field) else { return false };
    let value = match value {
        SetValue::Int(n) => Value::Int(n),
        SetValue::Float(n) => Value::Float(n),
        SetValue::Bool(b) => Value::Bool(b),
        SetValue::Ip(ip) => Value::Ip(ip),
        SetValue::Text(at, len) => sets.text(at, len).into(),
    };
    set_value(record, field, value)
}
