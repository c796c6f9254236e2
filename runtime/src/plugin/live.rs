//! A plugin at work in a session: what its roles share, and what is said of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tagout_spec::record::BatchBuilder;
use tagout_spec::schema::KindIdx;

#[cfg(feature = "decode")]
use super::decoder::Decoding;
use super::enricher::Enriching;
use super::function::Offered;
use super::loaded::Loaded;
use super::stats::PluginStats;
use crate::engine::{Guest, GuestFault, Library, Line, Reason};

/// Most reports that wait for somebody to take them, and how many of them may be lines: a
/// plugin that logs much must not hide its faults.
const REPORTS_MAX: usize = 512;
const LINES_MAX: usize = 256;
/// Bytes of events that wait to be taken, from which on they should be taken soon.
const WAITING_MAX: usize = 1 << 20;

/// The plugins of a session, for those who give them work and ask for their numbers.
#[derive(Clone, Default)]
pub struct Plugins(pub(super) Vec<Arc<Live>>);

/// What a plugin has to say, or what there is to say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PluginReport {
    /// A call was of no use.
    Fault {
        /// Name of the plugin.
        plugin: String,
        /// Why.
        reason: Reason,
        /// What happened.
        problem: String,
        /// Whether the plugin is off from now on.
        off: bool,
    },
    /// A line for people.
    Line {
        /// Name of the plugin.
        plugin: String,
        /// 0 error, 1 warning, 2 information.
        level: u32,
        /// The line.
        text: String,
    },
}

impl std::fmt::Display for PluginReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fault { plugin, reason, problem, off } => {
                let end = if *off { "; the plugin is off from now on" } else { "" };
                let reason = reason.name();
                write!(f, "fault of plugin `{plugin}` ({reason}): {problem}{end}")
            }
            Self::Line { plugin, level, text } => {
                let word = ["error", "warning"].get(usize::try_from(*level).unwrap_or(2));
                match word {
                    Some(word) => write!(f, "plugin `{plugin}`: {word}: {text}"),
                    None => write!(f, "plugin `{plugin}`: {text}"),
                }
            }
        }
    }
}

/// A plugin at work.
pub(crate) struct Live {
    /// A number that no other plugin of the process has: by which a sink knows it.
    pub(crate) id: u64,
    pub(super) shared: Shared,
    #[cfg(feature = "decode")]
    pub(super) decoding: Mutex<Decoding>,
    pub(super) enriching: Mutex<Enriching>,
}

/// What the roles of a plugin have in common.
pub(super) struct Shared {
    name: String,
    /// Which version is at work; another one has another number.
    loaded: Mutex<Arc<Loaded>>,
    /// Changes with each fault of the decoder, with each new version and when the plugin is
    /// off: what was opened before is no longer known to it.
    pub(super) generation: AtomicU32,
    /// Changes with each new version.
    pub(super) version: AtomicU32,
    pub(super) off: AtomicBool,
    has_news: AtomicBool,
    /// Calls of functions.
    pub(super) called: AtomicU64,
    /// Whether many bytes of events wait to be taken.
    is_heavy: AtomicBool,
    tally: Mutex<Tally>,
}

#[derive(Default)]
struct Tally {
    faults: BTreeMap<Reason, u64>,
    reports: Vec<PluginReport>,
    /// Reports for which there was no room.
    unsaid: u64,
}

impl Live {
    pub(crate) fn new(loaded: &Arc<Loaded>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            shared: Shared {
                name: loaded.name().to_owned(),
                loaded: Mutex::new(Arc::clone(loaded)),
                generation: AtomicU32::new(0),
                version: AtomicU32::new(0),
                off: AtomicBool::new(false),
                has_news: AtomicBool::new(false),
                called: AtomicU64::new(0),
                is_heavy: AtomicBool::new(false),
                tally: Mutex::new(Tally::default()),
            },
            #[cfg(feature = "decode")]
            decoding: Mutex::new(Decoding::new(loaded)),
            enriching: Mutex::new(Enriching::new(loaded)),
        }
    }

    /// Adds what the plugin knows of the events of a batch.
    pub(crate) fn enrich(&self, kind: KindIdx, batch: &mut BatchBuilder, sequence: u64) {
        if !self.shared.is_off() {
            lock(&self.enriching).run(&self.shared, kind, batch, sequence);
        }
    }

    /// Whether its events should be taken before more are added.
    #[cfg(feature = "decode")]
    pub(crate) fn is_heavy(&self) -> bool {
        self.shared.is_heavy.load(Ordering::Relaxed)
    }

    /// Lends the decoder to who takes the events of a round: all that was written is
    /// decoded by now.
    #[cfg(feature = "decode")]
    pub(crate) fn decoded(&self) -> MutexGuard<'_, Decoding> {
        let mut decoding = lock(&self.decoding);
        if let Err(fault) = decoding.call() {
            decoding.fail(&self.shared, &fault);
        }
        decoding.speak(&self.shared);
        self.shared.is_heavy.store(false, Ordering::Relaxed);
        decoding
    }

    /// Puts another version to work.
    pub(crate) fn replace(&self, loaded: &Arc<Loaded>) {
        *lock(&self.shared.loaded) = Arc::clone(loaded);
        #[cfg(feature = "decode")]
        lock(&self.decoding).replace(loaded);
        lock(&self.enriching).replace(loaded);
        self.shared.version.fetch_add(1, Ordering::Relaxed);
        self.shared.end_sessions();
        lock(&self.shared.tally).faults.clear();
        self.shared.off.store(false, Ordering::Relaxed);
    }

    /// It is taken out: its sessions are over, and it is asked nothing more.
    pub(crate) fn retire(&self) {
        self.shared.off.store(true, Ordering::Relaxed);
        self.shared.end_sessions();
    }

    pub(crate) fn loaded(&self) -> Arc<Loaded> {
        self.shared.loaded()
    }

    /// Whether it is off.
    pub(crate) fn is_off(&self) -> bool {
        self.shared.is_off()
    }

    fn stats(&self) -> PluginStats {
        let mut stats = PluginStats {
            version: self.loaded().plugin.manifest.version.to_string(),
            off: self.is_off(),
            ..PluginStats::default()
        };
        #[cfg(feature = "decode")]
        lock(&self.decoding).count(&mut stats);
        lock(&self.enriching).count(&mut stats);
        let called = self.shared.called.load(Ordering::Relaxed);
        if called > 0 {
            stats.calls.insert("function", called);
        }
        let tally = lock(&self.shared.tally);
        stats.unsaid = tally.unsaid;
        for (reason, n) in &tally.faults {
            stats.faults.insert(reason.name(), *n);
        }
        stats
    }
}

impl Shared {
    pub(super) fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&lock(&self.loaded))
    }

    pub(super) fn is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed)
    }

    /// What the decoder was told of flows is of no more use.
    pub(super) fn end_sessions(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
    }

    /// Remembers whether many bytes wait.
    #[cfg(feature = "decode")]
    pub(super) fn note_waiting(&self, bytes: usize) {
        if bytes > WAITING_MAX {
            self.is_heavy.store(true, Ordering::Relaxed);
        }
    }

    /// Counts a fault; after too many the plugin is off.
    #[cold]
    pub(super) fn charge(&self, fault: &GuestFault) {
        let allowed = self.loaded().faults;
        let mut tally = lock(&self.tally);
        let of_reason = tally.faults.entry(fault.reason).or_default();
        *of_reason = of_reason.saturating_add(1);
        let all: u64 = tally.faults.values().sum();
        let off = all >= allowed.into();
        self.off.store(off, Ordering::Relaxed);
        if off {
            self.end_sessions();
        }
        let (plugin, problem) = (self.name.clone(), fault.problem.clone());
        let reason = fault.reason;
        let report = PluginReport::Fault { plugin, reason, problem, off };
        self.put(&mut tally, report, REPORTS_MAX);
    }

    /// Keeps what an instance has logged: after each of its calls, and before a fault that
    /// ends it is told.
    #[inline]
    pub(super) fn hear(&self, guest: &mut Guest) {
        if guest.has_lines() {
            self.keep_lines(guest);
        }
    }

    #[cold]
    fn keep_lines(&self, guest: &mut Guest) {
        let (lines, unsaid) = guest.take_lines();
        let mut tally = lock(&self.tally);
        tally.unsaid = tally.unsaid.saturating_add(unsaid);
        for Line { level, text } in lines {
            let plugin = self.name.clone();
            let line = PluginReport::Line { plugin, level, text };
            self.put(&mut tally, line, LINES_MAX);
        }
    }

    /// Has a report wait if there are fewer than so many.
    fn put(&self, tally: &mut Tally, report: PluginReport, most: usize) {
        if tally.reports.len() < most {
            tally.reports.push(report);
        } else {
            tally.unsaid = tally.unsaid.saturating_add(1);
        }
        self.has_news.store(true, Ordering::Relaxed);
    }
}

impl Plugins {
    /// How many places of messages a sink keeps before it takes their events: as many as a
    /// call decodes.
    #[cfg(feature = "decode")]
    pub const PLACES: usize = super::MESSAGES_MAX;

    pub(crate) fn new(loaded: &[Arc<Loaded>]) -> Self {
        Self(loaded.iter().map(|loaded| Arc::new(Live::new(loaded))).collect())
    }

    /// The plugins that decode traffic, for a pipeline whose events go to the session:
    /// asked after the decoders that are built in.
    #[cfg(feature = "decode")]
    #[must_use]
    pub fn decoders(&self) -> Vec<Box<dyn tagout_decode::Decoder + Send>> {
        self.0.iter().filter_map(super::decoder::of).collect()
    }

    /// Hands on the events of a decoder's messages that wait, in the order of the messages:
    /// for a sink that keeps places and is no session.
    #[cfg(feature = "decode")]
    pub fn hand_on(&self, decoder: u64, sink: &mut dyn tagout_decode::EventSink) {
        for live in self.0.iter().filter(|live| live.id == decoder) {
            let mut decoding = live.decoded();
            decoding.brought().hand_on_all(sink);
            decoding.end_round();
        }
    }

    /// The functions of each, for the packs of the session.
    pub(crate) fn libraries(&self) -> impl Iterator<Item = Arc<dyn Library>> + '_ {
        let library = |offered| Arc::new(offered) as Arc<dyn Library>;
        self.0.iter().filter_map(Offered::of).map(library)
    }

    /// The numbers of each, by name.
    #[must_use]
    pub fn stats(&self) -> BTreeMap<String, PluginStats> {
        self.0.iter().map(|live| (live.shared.name.clone(), live.stats())).collect()
    }

    /// What plugins have to say, and what there is to say of them, since it was last
    /// asked for.
    pub fn take_reports(&self) -> Vec<PluginReport> {
        let mut reports = Vec::new();
        for live in &self.0 {
            if live.shared.has_news.swap(false, Ordering::Relaxed) {
                reports.append(&mut lock(&live.shared.tally).reports);
            }
        }
        reports
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn lives(&self) -> &[Arc<Live>] {
        &self.0
    }

    /// Whether somebody has something to say.
    pub(crate) fn have_news(&self) -> bool {
        self.0.iter().any(|live| live.shared.has_news.load(Ordering::Relaxed))
    }
}

/// A lock that nobody waits for: a session and its pipeline run on one thread at a time.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
