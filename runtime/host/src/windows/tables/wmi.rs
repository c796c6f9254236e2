//! Microsoft-Windows-WMI-Activity/Operational.

use super::How::{As, If};
use super::{Entry, From, Provider};

const ACTIVITY: &[From] = &[
    ("ProviderName", "name", As),
    ("ProcessID", "pid", If),
    ("ProviderPath", "destination", If),
    ("ClientMachine", "client", If),
    ("User", "user", If),
    ("ClientProcessId", "pid", If),
    ("Operation", "query", If),
    ("Query", "query", If),
    ("Namespace", "namespace", If),
    ("NamespaceName", "namespace", If),
    ("CONSUMER", "consumer", If),
    ("ESS", "filter", If),
];

pub(super) const PROVIDER: Provider = Provider {
    names: &["Microsoft-Windows-WMI-Activity"],
    entries: &[
        Entry::of(&[5857], "wmi").set(&[("op", "provider")]).from(&[ACTIVITY]),
        Entry::of(&[5858], "wmi").set(&[("op", "failure")]).from(&[ACTIVITY]),
        Entry::of(&[5859, 5860], "wmi").set(&[("op", "subscription")]).from(&[ACTIVITY]),
        Entry::of(&[5861], "wmi").set(&[("op", "permanent")]).from(&[ACTIVITY]),
    ],
};
