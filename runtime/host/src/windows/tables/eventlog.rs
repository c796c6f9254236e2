//! The event log about itself: Microsoft-Windows-Eventlog.

use super::How::{Account, If};
use super::{Entry, Provider};
use crate::windows::special::Special;

pub(super) const PROVIDER: Provider = Provider {
    names: &["Microsoft-Windows-Eventlog"],
    entries: &[
        Entry::of(&[1100], "audit").set(&[("op", "service_stop"), ("success", "true")]),
        Entry::of(&[104, 1102], "audit")
            .set(&[("op", "log_clear"), ("success", "true")])
            .from(&[&[
                ("Channel", "log", If),
                ("SubjectUserName", "user", Account("SubjectDomainName")),
            ]])
            .special(Special::ClearedLog),
    ],
};
