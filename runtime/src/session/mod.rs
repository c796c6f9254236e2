//! A session: events in, alerts and reports out.
//!
//! ```text
//! event --RecordWriter--> batch of its kind --site facts joined--> ... 256 events
//!   flush: each batch: enrichers add fields
//!          each batch, each pack: copy, evaluate   -> rows (event, predicate, verdict)
//!          rows of all batches and packs, by sequence number, pack, rule
//!          true      columns -> dedup -> alert
//!          unknown   counted; explained and reported where the rule asks for it
//! ```
//!
//! There is one batch builder for each kind, and one rule: all are flushed when
//! [`BATCH_MAX`] events wait in total or a batch is full, so that results come in
//! event order whatever the batches were. A caller flushes when input is idle and
//! at the end.
//!
//! No clock, no file, no thread is used here. A trap or nonsense in a module's
//! output is a fault of its pack: what was undecided of the batch is
//! indeterminate, it is counted, and after some faults the pack is off.

mod budget;
mod column;
mod dedup;
#[cfg(feature = "decode")]
mod deferred;
mod flush;
mod input;
mod join;
mod replay;
mod running;
mod stats;
#[cfg(test)]
mod tests;
mod why;

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value as Json;
use tagout_spec::record::ARENA_MAX;
use tagout_spec::record::ARENA_SLACK;
use tagout_spec::record::BATCH_MAX;
use tagout_spec::record::BatchBuilder;
use tagout_spec::record::Needs;
use tagout_spec::record::RecordWriter;
use tagout_spec::record::arena_start;
use tagout_spec::schema::Field;
use tagout_spec::schema::FieldType;
use tagout_spec::schema::Kind;
use tagout_spec::schema::KindIdx;

pub use self::budget::Budget;
pub(crate) use self::column::Column;
pub use self::replay::Replay;
pub use self::stats::Stats;
pub use self::why::Condition;
pub use self::why::Explanation;
pub use self::why::WhyError;

use self::dedup::Dedup;
use self::flush::Hit;
use self::join::End;
use self::join::Join;
use self::running::Running;
use self::stats::Counters;
use crate::alert::Alert;
use crate::pack::Blind;
use crate::plugin::PluginReport;
use crate::plugin::Plugins;
use crate::plugin::ReplaceError;
use crate::runtime::BuildError;
use crate::runtime::Runtime;

/// What comes out of a session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Output {
    /// A rule matched, or could not be decided and says so.
    Alert(Box<Alert>),
    /// A pack failed.
    Fault(FaultReport),
    /// A plugin failed, or has something to say.
    Plugin(PluginReport),
}

/// A pack failed on a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultReport {
    /// Name of the pack.
    pub pack: String,
    /// Kind of the batch.
    pub kind: String,
    /// Events that the pack left undecided.
    pub events: u32,
    /// What happened.
    pub problem: String,
    /// Whether the pack is off from now on.
    pub off: bool,
}

/// Where an event was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Which input: a number that [`Session::add_input`] gave.
    pub input: Option<u32>,
    /// Number of the frame or record in it.
    pub number: Option<u64>,
    /// Whether it came too late to be put in order. Decoders say so in the records
    /// that they write; for lines the session does.
    pub late: bool,
}

/// The event is of a kind that the schema does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownKind(pub KindIdx);

impl std::fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the schema has no kind number {}", self.0.0)
    }
}

impl std::error::Error for UnknownKind {}

/// Events in, alerts out.
pub struct Session {
    runtime: Runtime,
    packs: Vec<Running>,
    join: Option<Join>,
    /// By number of the kind; made when first needed.
    kinds: Vec<Option<Pending>>,
    /// Events that wait, over all kinds.
    waiting: usize,
    /// The kind whose batch was lent to a decoder and not looked at since.
    lent: Option<KindIdx>,
    /// Sequence number of the next event.
    sequence: u64,
    place: Place,
    inputs: Vec<Arc<str>>,
    hits: Vec<Hit>,
    dedup: Dedup,
    counters: Counters,
    outputs: VecDeque<Output>,
    clock: Option<Clock>,
    /// Values of parameters that go before those of the site.
    params: Map<String, Json>,
    plugins: Plugins,
    /// Whether plugins add to events what they know.
    enriches: bool,
    /// Places of events that plugins bring when all that waits is evaluated.
    #[cfg(feature = "decode")]
    deferred: Vec<deferred::Deferred>,
    /// Batches that were full before all events of a flush were in.
    aside: Vec<(KindIdx, Pending)>,
    /// For a decoder that writes a kind that the schema does not have.
    #[cfg(feature = "decode")]
    scratch: BatchBuilder,
}

/// Nanoseconds since some time, given by the caller.
type Clock = Box<dyn FnMut() -> u64 + Send>;

/// Events of a kind that wait.
struct Pending {
    builder: BatchBuilder,
    events: Vec<Waiting>,
    ends: Vec<End>,
    /// Whether any pack asks for the kind.
    wanted: bool,
}

/// What is known of an event besides its record.
#[derive(Clone, Copy)]
struct Waiting {
    sequence: u64,
    place: Place,
}

impl Session {
    pub(crate) fn new(
        runtime: &Runtime,
        params: &Map<String, Json>,
    ) -> Result<Self, BuildError> {
        let plugins = Plugins::new(&runtime.plugins);
        let packs = running(runtime, params, &plugins)?;
        let rules = runtime.packs.iter().map(|loaded| loaded.pack.plans.len());
        let n_kinds = runtime.schema.kinds.len();
        Ok(Self {
            join: Join::new(&runtime.site),
            kinds: (0..n_kinds).map(|_| None).collect(),
            waiting: 0,
            lent: None,
            sequence: 0,
            place: Place::default(),
            inputs: Vec::new(),
            hits: Vec::new(),
            dedup: Dedup::new(runtime.budget.dedup_keys),
            counters: Counters::new(n_kinds, rules),
            outputs: VecDeque::new(),
            clock: None,
            params: params.clone(),
            plugins,
            enriches: true,
            #[cfg(feature = "decode")]
            deferred: Vec::new(),
            aside: Vec::new(),
            #[cfg(feature = "decode")]
            scratch: input::scratch()?,
            runtime: runtime.clone(),
            packs,
        })
    }

    /// Rules that this sensor and site can never decide.
    #[must_use]
    pub fn blind(&self) -> Vec<Blind> {
        self.packs.iter().flat_map(|pack| pack.blind.iter().cloned()).collect()
    }

    /// Names an input, for [`Place::input`].
    pub fn add_input(&mut self, name: &str) -> u32 {
        self.inputs.push(name.into());
        u32::try_from(self.inputs.len()).unwrap_or(u32::MAX).saturating_sub(1)
    }

    /// Says where the events that come next are found.
    pub fn at(&mut self, place: Place) {
        self.settle();
        self.place = place;
    }

    /// Measures stages with the caller's clock, which returns nanoseconds.
    #[must_use]
    pub fn with_clock(mut self, clock: impl FnMut() -> u64 + Send + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Takes an event that a function writes; returns its sequence number.
    ///
    /// # Errors
    ///
    /// The schema does not have the kind.
    pub fn event(
        &mut self,
        kind: KindIdx,
        write: impl FnOnce(&mut RecordWriter<'_>),
    ) -> Result<u64, UnknownKind> {
        self.settle();
        let pending = self.pending(kind).ok_or(UnknownKind(kind))?;
        if let Some(mut record) = pending.builder.begin() {
            write(&mut record);
            record.commit();
        }
        let sequence = self.sequence;
        self.take(kind, None);
        Ok(sequence)
    }

    /// The batch that takes the next event of a kind, for a decoder that writes
    /// one record; `None` if the schema does not have the kind.
    pub fn batch(&mut self, kind: KindIdx) -> Option<&mut BatchBuilder> {
        self.settle();
        self.pending(kind)?;
        self.lent = Some(kind);
        self.pending(kind).map(|pending| &mut pending.builder)
    }

    /// Evaluates all events that wait: when input is idle, and at the end.
    pub fn flush(&mut self) {
        self.settle();
        self.run_flush();
    }

    /// The oldest output that nobody has taken yet.
    pub fn next_output(&mut self) -> Option<Output> {
        if self.plugins.have_news() {
            let reports = self.plugins.take_reports();
            self.outputs.extend(reports.into_iter().map(Output::Plugin));
        }
        self.outputs.pop_front()
    }

    /// The plugins at work in this session: what decodes traffic for it, and their
    /// numbers.
    #[must_use]
    pub fn plugins(&self) -> Plugins {
        self.plugins.clone()
    }

    /// The numbers so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.stats(self)
    }

    /// Leaves events as they are given, for tests that state what plugins would add.
    pub(crate) fn without_enrichers(mut self) -> Self {
        self.enriches = false;
        self
    }

    /// Goes on with the same packs over another runtime's schema, and other plugins, from
    /// the next event on; returns its number.
    pub(crate) fn change(
        &mut self,
        runtime: Runtime,
        plugins: Plugins,
    ) -> Result<u64, ReplaceError> {
        let mut packs =
            running(&runtime, &self.params, &plugins).map_err(ReplaceError::Pack)?;
        self.flush();
        for (new, old) in packs.iter_mut().zip(&self.packs) {
            new.go_on(old);
        }
        let n_kinds = runtime.schema.kinds.len();
        self.kinds = (0..n_kinds).map(|_| None).collect();
        self.counters.grow(n_kinds);
        (self.packs, self.runtime, self.plugins) = (packs, runtime, plugins);
        Ok(self.sequence)
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(crate) fn next_sequence(&self) -> u64 {
        self.sequence
    }

    /// Looks at a batch that was lent.
    fn settle(&mut self) {
        if let Some(kind) = self.lent.take() {
            self.take(kind, None);
        }
    }

    /// Makes a written record an event, and flushes if it is time.
    fn take(&mut self, kind: KindIdx, host: Option<&[u8]>) {
        let (sequence, place) = (self.sequence, self.place);
        let Some(waits) = self.admit(kind, host, sequence, place) else { return };
        self.sequence = sequence.saturating_add(1);
        if waits {
            self.waiting = self.waiting.saturating_add(1);
            let pending = self.kinds.get(usize::from(kind.0)).and_then(Option::as_ref);
            let is_full = pending.is_some_and(|pending| pending.builder.is_full());
            if self.waiting >= BATCH_MAX || is_full {
                self.run_flush();
            }
        }
    }

    /// Makes a written record an event with a number: counts it and joins the site.
    /// `None` if there is none; whether anybody asks for it.
    fn admit(
        &mut self,
        kind: KindIdx,
        host: Option<&[u8]>,
        sequence: u64,
        place: Place,
    ) -> Option<bool> {
        let pending = self.kinds.get_mut(usize::from(kind.0))?.as_mut()?;
        if pending.builder.len() <= pending.events.len() {
            return None; // The decoder wrote nothing after all.
        }
        self.counters.event(kind);
        if !pending.wanted {
            pending.builder.clear();
            return Some(false);
        }
        if let Some(join) = &self.join
            && let Some(mut record) = pending.builder.reopen_last()
        {
            join.complete(&pending.ends, &mut record, host);
            record.commit();
        }
        pending.events.push(Waiting { sequence, place });
        Some(true)
    }

    fn pending(&mut self, kind: KindIdx) -> Option<&mut Pending> {
        let slot = self.kinds.get_mut(usize::from(kind.0))?;
        if slot.is_none() {
            let needs = needs(&self.packs, &self.runtime, kind);
            let wanted = needs.is_some();
            let mut builder = BatchBuilder::new(
                &self.runtime.schema,
                kind,
                needs.unwrap_or(Needs::NONE),
            )?;
            builder.limit_arena(arena(&self.packs, builder.kind(), kind));
            let ends = join::ends(builder.kind());
            let events = Vec::with_capacity(BATCH_MAX);
            *slot = Some(Pending { builder, events, ends, wanted });
        }
        slot.as_mut()
    }
}

/// The packs of a runtime, at work.
fn running(
    runtime: &Runtime,
    params: &Map<String, Json>,
    plugins: &Plugins,
) -> Result<Vec<Running>, BuildError> {
    let mut libraries = runtime.libraries.clone();
    libraries.extend(plugins.libraries());
    let start = |loaded: &Arc<crate::runtime::Loaded>| {
        let label = loaded.pack.manifest.name.clone();
        let running = Running::new(loaded, runtime, params, &libraries);
        running.map_err(|error| BuildError { label, error })
    };
    runtime.packs.iter().map(start).collect()
}

/// Bytes of the arena that all packs have room for.
fn arena(packs: &[Running], kind: &Kind, idx: KindIdx) -> usize {
    let rest = arena_start(kind.stride).saturating_add(ARENA_SLACK).saturating_add(8);
    let of_kind = packs.iter().filter(|pack| pack.loaded.pack.local_kind(idx).is_some());
    let room = of_kind.map(|running| {
        let area = running.loaded.code.verified.batch.len;
        usize::try_from(area).unwrap_or(usize::MAX).saturating_sub(rest)
    });
    room.min().unwrap_or(ARENA_MAX)
}

/// What packs need of a kind: every field, since an alert shows the whole event,
/// and the folding where a rule reads it. Of a map they need the names that rules
/// ask for, which the schema has, and the rest only if a rule looks through all of
/// it. `None` if no pack has rules for the kind.
fn needs(packs: &[Running], runtime: &Runtime, kind: KindIdx) -> Option<Needs> {
    let schema_kind = runtime.schema.kind(kind)?;
    let mut needs = Needs::ALL;
    let is_map = |field: &Field| field.ty == FieldType::Map;
    schema_kind.fields.iter().filter(|f| is_map(f)).for_each(|f| needs.skip(f.idx()));
    let mut wanted = false;
    for running in packs {
        let pack = &running.loaded.pack;
        let Some(local) = pack.local_kind(kind) else { continue };
        wanted = true;
        let Some(needed) = pack.manifest.kinds.get(usize::from(local)) else { continue };
        for field in &needed.fields {
            // Texts in elements fold with their list or group.
            if let Some((idx, found)) = schema_kind.lookup(&field.path)
                && (field.folded || (found.items.is_some() && !is_map(found)))
            {
                needs.fold(idx);
            }
        }
    }
    wanted.then_some(needs)
}
