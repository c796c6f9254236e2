//! Counters, and their form for `--stats`.

use std::collections::BTreeMap;

use serde::Serialize;
use tagout_spec::schema::KindIdx;

use super::Session;
use crate::plugin::PluginStats;

/// What a session has counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Events by kind.
    pub events: BTreeMap<String, u64>,
    /// Alerts by rule.
    pub alerts: BTreeMap<String, u64>,
    /// Verdicts that could not be decided, by rule.
    pub indeterminate: BTreeMap<String, u64>,
    /// Matches held back as repetitions, by rule.
    pub deduplicated: BTreeMap<String, u64>,
    /// Matches beyond the budget of the rule, by rule.
    pub suppressed: BTreeMap<String, u64>,
    /// Outputs that the caller did not take in time.
    pub dropped: u64,
    /// Keys that deduplication forgot too early.
    pub evicted: u64,
    /// Faults by pack.
    pub faults: BTreeMap<String, u32>,
    /// Packs that are off.
    pub off: Vec<String>,
    /// Plugins, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<String, PluginStats>,
    /// Seconds by stage, if there is a clock.
    pub seconds: BTreeMap<String, f64>,
}

/// The counters themselves.
pub(super) struct Counters {
    events: Vec<u64>,
    /// By pack, by rule.
    rules: Vec<Vec<Rule>>,
    pub(super) dropped: u64,
    /// Nanoseconds.
    pub(super) evaluate: u64,
    pub(super) report: u64,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Rule {
    pub(super) matches: u64,
    pub(super) alerts: u64,
    pub(super) indeterminate: u64,
    pub(super) deduplicated: u64,
    pub(super) suppressed: u64,
}

impl Session {
    /// How often a rule held, repetitions and what is over the budget included.
    #[must_use]
    pub fn matches(&self, full_name: &str) -> u64 {
        let counts = self.packs.iter().zip(&self.counters.rules);
        let mut of_packs = counts.filter_map(|(running, rules)| {
            let rule = running.loaded.pack.rule(full_name)?;
            rules.get(rule).map(|rule| rule.matches)
        });
        of_packs.next().unwrap_or(0)
    }
}

impl Counters {
    pub(super) fn new(kinds: usize, rules: impl Iterator<Item = usize>) -> Self {
        Self {
            events: vec![0; kinds],
            rules: rules.map(|n| vec![Rule::default(); n]).collect(),
            dropped: 0,
            evaluate: 0,
            report: 0,
        }
    }

    /// Counts more kinds.
    pub(super) fn grow(&mut self, kinds: usize) {
        self.events.resize(kinds.max(self.events.len()), 0);
    }

    pub(super) fn event(&mut self, kind: KindIdx) {
        if let Some(n) = self.events.get_mut(usize::from(kind.0)) {
            *n = n.saturating_add(1);
        }
    }

    /// The counters of a rule.
    pub(super) fn rule(&mut self, pack: usize, rule: usize) -> Option<&mut Rule> {
        self.rules.get_mut(pack)?.get_mut(rule)
    }

    pub(super) fn stats(&self, session: &Session) -> Stats {
        let mut stats = Stats {
            dropped: self.dropped,
            evicted: session.dedup.evicted,
            plugins: session.plugins.stats(),
            ..Stats::default()
        };
        for (n, (_, kind)) in self.events.iter().zip(session.runtime.schema.kinds()) {
            put(&mut stats.events, || kind.name.to_string(), *n);
        }
        for (pack, rules) in session.packs.iter().zip(&self.rules) {
            let pack = &pack.loaded.pack;
            for (number, rule) in rules.iter().enumerate() {
                let name = || pack.full_name(number);
                put(&mut stats.alerts, name, rule.alerts);
                put(&mut stats.indeterminate, name, rule.indeterminate);
                put(&mut stats.deduplicated, name, rule.deduplicated);
                put(&mut stats.suppressed, name, rule.suppressed);
            }
        }
        for running in &session.packs {
            let name = &running.loaded.pack.manifest.name;
            if running.faults > 0 {
                stats.faults.insert(name.clone(), running.faults);
            }
            if running.off {
                stats.off.push(name.clone());
            }
        }
        if session.clock.is_some() {
            let seconds = |ns: u64| std::time::Duration::from_nanos(ns).as_secs_f64();
            stats.seconds.insert("evaluate".to_owned(), seconds(self.evaluate));
            stats.seconds.insert("report".to_owned(), seconds(self.report));
        }
        stats
    }
}

fn put(map: &mut BTreeMap<String, u64>, name: impl Fn() -> String, n: u64) {
    if n > 0 {
        map.insert(name(), n);
    }
}
