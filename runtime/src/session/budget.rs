//! What packs may spend.

/// Budgets of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Most instructions that a call of `evaluate` may be proven to need; a pack
    /// whose bound is proven and greater is not loaded. No limit by default: the
    /// bound counts with every text and list at its longest.
    pub ops: Option<u64>,
    /// Faults after which a pack is off.
    pub faults: u32,
    /// Alerts of one rule; more are counted only. No limit by default.
    pub alerts_per_rule: Option<u64>,
    /// Keys that deduplication remembers.
    pub dedup_keys: usize,
    /// Outputs that wait for the caller; more are dropped, and counted.
    pub outputs: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            ops: None,
            faults: 3,
            alerts_per_rule: None,
            dedup_keys: 65_536,
            outputs: 65_536,
        }
    }
}
