//! Microsoft-Windows-DNS-Client/Operational.

use super::How::{As, If};
use super::{Entry, Provider};

pub(super) const PROVIDER: Provider = Provider {
    names: &["Microsoft-Windows-DNS-Client"],
    entries: &[Entry::of(&[3006, 3008, 3020], "dns_query").from(&[&[
        ("QueryName", "name", As),
        ("QueryStatus", "status", If),
        ("Status", "status", If),
        ("QueryResults", "results", If),
    ]])],
};
