//! Microsoft-Windows-TerminalServices-LocalSessionManager/Operational.

use super::How::{As, If};
use super::{Entry, From, Provider};

const SESSION: &[From] =
    &[("User", "user", As), ("SessionID", "session", If), ("Address", "src.ip", If)];

pub(super) const PROVIDER: Provider = Provider {
    names: &["Microsoft-Windows-TerminalServices-LocalSessionManager"],
    entries: &[
        Entry::of(&[21], "logon")
            .set(&[("op", "logon"), ("success", "true"), ("type", "remote_interactive")])
            .from(&[SESSION]),
        Entry::of(&[25], "logon")
            .set(&[
                ("op", "reconnect"),
                ("success", "true"),
                ("type", "remote_interactive"),
            ])
            .from(&[SESSION]),
        Entry::of(&[23], "logoff").set(&[("op", "logoff")]).from(&[SESSION]),
        Entry::of(&[24], "logoff").set(&[("op", "disconnect")]).from(&[SESSION]),
    ],
};
