//! Counters of a plugin, for `--stats`.

use std::collections::BTreeMap;

use serde::Serialize;

/// What a plugin did in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PluginStats {
    /// Its version.
    pub version: String,
    /// Calls of its module, by what they are for.
    pub calls: BTreeMap<&'static str, u64>,
    /// Messages that it was told, of which a call has several.
    pub messages: u64,
    /// Events that it gave.
    pub events: u64,
    /// Events that were given to it to be enriched.
    pub enriched: u64,
    /// Fields that it set.
    pub set: u64,
    /// Flows that it decodes.
    pub sessions: u64,
    /// Times that it was not asked about a flow, since it decodes as many as it may.
    pub refused: u64,
    /// Datagrams and frames that did not fit its input.
    pub oversized: u64,
    /// Fields of its events that made no sense.
    pub invalid: u64,
    /// Events for which there was no room.
    pub lost: u64,
    /// Reports, and lines that it logged, which nobody is told since too many waited.
    pub unsaid: u64,
    /// Faults, by reason.
    pub faults: BTreeMap<&'static str, u64>,
    /// Whether it is off, for too many faults.
    pub off: bool,
}
