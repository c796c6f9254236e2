//! What each event of each channel is: one file a channel.
//!
//! An entry says for some event numbers of a provider which kind they are, which fields
//! are always the same, and which of the source's names goes where and how it is read.
//! The rest of an event stands in `raw`.

mod devices;
mod dns;
mod eventlog;
mod powershell;
mod remote_desktop;
mod security;
mod services;
mod sysmon;
mod tasks;
mod wmi;

use super::event::Event;
use super::special::Special;

/// How a text becomes a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// As the field's type reads it, whatever it is.
    As,
    /// The same, but `-` and nothing are nothing.
    If,
    /// The account of this name, behind the domain under the other name.
    Account(&'static str),
    /// `MD5=..,SHA256=..`, below the path.
    Hashes,
    /// A key or value of the registry, from a short root.
    Key,
    /// The last part of a security identifier.
    Rid,
    /// One of these texts means this number.
    One(&'static [(&'static str, i64)]),
}

/// Source's name, path of the field, how.
pub(super) type From = (&'static str, &'static str, How);

/// What some events of a provider are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) ids: &'static [u32],
    pub(super) kind: &'static str,
    /// Paths and what they are set to: a label, a number, `true`.
    pub(super) set: &'static [(&'static str, &'static str)],
    pub(super) from: &'static [&'static [From]],
    /// What a table cannot say.
    pub(super) special: Option<Special>,
    /// Whether the entry is for this one of several events of a number.
    pub(super) when: fn(&Event) -> bool,
}

impl Entry {
    const fn of(ids: &'static [u32], kind: &'static str) -> Self {
        Self { ids, kind, set: &[], from: &[], special: None, when: |_| true }
    }

    const fn set(self, set: &'static [(&'static str, &'static str)]) -> Self {
        Self { set, ..self }
    }

    const fn from(self, from: &'static [&'static [From]]) -> Self {
        Self { from, ..self }
    }

    const fn special(self, special: Special) -> Self {
        Self { special: Some(special), ..self }
    }

    const fn when(self, when: fn(&Event) -> bool) -> Self {
        Self { when, ..self }
    }
}

/// Names of a provider, and what its events are.
pub(super) struct Provider {
    pub(super) names: &'static [&'static str],
    pub(super) entries: &'static [Entry],
}

/// All providers that have a table.
pub(super) const PROVIDERS: &[Provider] = &[
    sysmon::PROVIDER,
    security::PROVIDER,
    eventlog::PROVIDER,
    services::PROVIDER,
    powershell::PROVIDER,
    powershell::CLASSIC,
    tasks::PROVIDER,
    remote_desktop::PROVIDER,
    wmi::PROVIDER,
    dns::PROVIDER,
    devices::PNP,
    devices::USER_PNP,
    devices::DRIVER_FRAMEWORKS,
    devices::PARTITION,
];
