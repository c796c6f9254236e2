//! The same events evaluated again and again: what a bench of packs measures.
//!
//! Events are written once, into as many batches as they need, and plugins add to them
//! what they know; a round copies each batch to each pack and evaluates it. Columns,
//! deduplication and alerts are left out. Time is the caller's business.

use serde_json::Map;
use tagout_spec::pack::Verdict;
use tagout_spec::record::{BatchBuilder, RecordWriter};
use tagout_spec::schema::KindIdx;

use super::{Session, UnknownKind, needs};
use crate::runtime::{BuildError, Runtime};

/// Events ready to be evaluated.
pub struct Replay {
    session: Session,
    batches: Vec<Written>,
    /// By kind, the batch that takes the next event.
    open: Vec<Option<usize>>,
}

/// A batch.
struct Written {
    kind: KindIdx,
    builder: BatchBuilder,
    /// Whether plugins have added what they know.
    is_enriched: bool,
}

impl Runtime {
    /// Begins a replay without events.
    ///
    /// # Errors
    ///
    /// As [`Runtime::session`].
    pub fn replay(&self) -> Result<Replay, BuildError> {
        let session = Session::new(self, &Map::new())?;
        let open = vec![None; self.schema.kinds.len()];
        Ok(Replay { session, batches: Vec::new(), open })
    }
}

impl Replay {
    /// Adds an event that a function writes.
    ///
    /// # Errors
    ///
    /// The schema does not have the kind.
    pub fn event(
        &mut self,
        kind: KindIdx,
        write: impl FnOnce(&mut RecordWriter<'_>),
    ) -> Result<(), UnknownKind> {
        let batch = self.batch(kind).ok_or(UnknownKind(kind))?;
        if let Some(mut record) = batch.begin() {
            write(&mut record);
            record.commit();
        }
        Ok(())
    }

    /// The batch that takes the next event of a kind; `None` if the schema does
    /// not have the kind.
    pub fn batch(&mut self, kind: KindIdx) -> Option<&mut BatchBuilder> {
        let slot = self.open.get_mut(usize::from(kind.0))?;
        let open = slot.and_then(|at| self.batches.get(at));
        if open.is_none_or(|batch| batch.builder.is_full()) {
            // One that was cleared has its memory, which a new one would have to touch.
            let free = |batch: &Written| batch.kind == kind && batch.builder.is_empty();
            *slot = self.batches.iter().position(free);
        }
        if slot.is_none() {
            let runtime = &self.session.runtime;
            let needs = needs(&self.session.packs, runtime, kind).unwrap_or_default();
            let batch = BatchBuilder::new(&runtime.schema, kind, needs)?;
            *slot = Some(self.batches.len());
            self.batches.push(Written { kind, builder: batch, is_enriched: false });
        }
        let batch = self.batches.get_mut((*slot)?)?;
        batch.is_enriched = false;
        Some(&mut batch.builder)
    }

    /// Has plugins add what they know to events that are new.
    fn enrich(&mut self) {
        for batch in self.batches.iter_mut().filter(|batch| !batch.is_enriched) {
            batch.is_enriched = true;
            for live in self.session.plugins.lives() {
                live.enrich(batch.kind, &mut batch.builder, 0);
            }
        }
    }

    /// Evaluates all events once; the number of verdicts that are not false.
    ///
    /// # Errors
    ///
    /// A pack failed: what happened.
    pub fn round(&mut self) -> Result<u64, String> {
        self.enrich();
        let mut rows = Vec::new();
        let mut total = 0_u64;
        for Written { kind, builder, .. } in &mut self.batches {
            if builder.is_empty() {
                continue;
            }
            let batch = builder.finish(0);
            for running in &mut self.session.packs {
                if running.loaded.pack.local_kind(*kind).is_none() {
                    continue;
                }
                running.forget();
                rows.clear();
                running
                    .evaluate(*kind, &batch, &mut rows)
                    .map_err(|(_, fault)| fault.to_string())?;
                total =
                    total.saturating_add(u64::try_from(rows.len()).unwrap_or(u64::MAX));
            }
        }
        Ok(total)
    }

    /// Evaluates all events once and forgets them, but keeps their memory: what a
    /// stream does with each batch.
    ///
    /// # Errors
    ///
    /// A pack failed: what happened.
    pub fn drain(&mut self) -> Result<u64, String> {
        let total = self.round()?;
        self.clear();
        Ok(total)
    }

    /// Forgets all events, but keeps their memory.
    pub fn clear(&mut self) {
        for batch in &mut self.batches {
            batch.builder.clear();
        }
    }

    /// Evaluates all events once, and tells every verdict that is not false:
    /// position of the batch in order of its first event, event in it, predicate,
    /// verdict. Of one pack, for comparing engines.
    ///
    /// # Errors
    ///
    /// A pack failed: what happened.
    pub fn verdicts(&mut self) -> Result<Vec<(usize, u32, u32, Verdict)>, String> {
        self.enrich();
        let mut found = Vec::new();
        let mut rows = Vec::new();
        for (at, Written { kind, builder, .. }) in self.batches.iter_mut().enumerate() {
            let batch = builder.finish(0);
            let Some(running) = self.session.packs.first_mut() else { break };
            running.forget();
            rows.clear();
            running
                .evaluate(*kind, &batch, &mut rows)
                .map_err(|(_, fault)| fault.to_string())?;
            found.extend(rows.iter().map(|r| (at, r.event, r.predicate, r.verdict)));
        }
        Ok(found)
    }
}
