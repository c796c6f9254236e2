//! Techniques of MITRE ATT&CK, as far as rules need them.
//!
//! The techniques for ICS are listed in `data/attack-ics.txt`. Those of the
//! enterprise matrix are many and change with every version, so only the shape
//! of their identifiers is checked.

/// What the list is, for messages.
pub(super) const VERSION: &str =
    "the list is that of ATT&CK for ICS, version 18, with renamings of version 19";

const LIST: &str = include_str!("../../data/attack-ics.txt");

/// What is known of an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It exists.
    Known,
    /// It exists under a new name.
    Renamed(&'static str),
    /// It exists in another domain than the one written.
    OtherDomain(&'static str),
    /// It does not.
    Unknown,
}

/// `ics.T0836` as its domain and its identifier.
pub(super) fn split(written: &str) -> (Option<&str>, &str) {
    match written.split_once('.') {
        Some((domain @ ("ics" | "enterprise" | "mobile"), id)) => (Some(domain), id),
        _ => (None, written),
    }
}

/// Looks an identifier up.
pub(super) fn find(domain: Option<&str>, id: &str) -> Found {
    if id.starts_with("TA") && is_number(id.get(2..).unwrap_or(""), 4) {
        return Found::Known;
    }
    let ics = || LIST.lines().any(|line| line.split(' ').next() == Some(id));
    let renamed = LIST.lines().find_map(|line| {
        line.split_once(" -> ").filter(|(old, _)| *old == id).map(|(_, new)| new)
    });
    match domain {
        Some("enterprise" | "mobile") if is_enterprise(id) => Found::Known,
        Some("enterprise") if ics() => Found::OtherDomain("ics"),
        Some("enterprise" | "mobile") => Found::Unknown,
        _ if renamed.is_some() => Found::Renamed(renamed.unwrap_or("")),
        _ if ics() => Found::Known,
        None if is_enterprise(id) => Found::Known,
        Some(_) if is_enterprise(id) => Found::OtherDomain("enterprise"),
        _ => Found::Unknown,
    }
}

/// Identifiers that a mistyped one may have been meant to be.
pub(super) fn ids(domain: Option<&str>) -> impl Iterator<Item = &'static str> {
    let wanted = !matches!(domain, Some("enterprise" | "mobile"));
    LIST.lines()
        .filter(move |line| wanted && line.starts_with('T'))
        .filter_map(|line| line.split(' ').next())
}

/// `T1059` or `T1059.001`.
fn is_enterprise(id: &str) -> bool {
    let Some(rest) = id.strip_prefix("T1") else { return false };
    match rest.split_once('.') {
        Some((technique, sub)) => is_number(technique, 3) && is_number(sub, 3),
        None => is_number(rest, 3),
    }
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_belong_to_domains() {
        #[track_caller]
        fn check(written: &str, expected: Found) {
            let (domain, id) = split(written);
            assert_eq!(find(domain, id), expected, "{written}");
        }
        check("ics.T0836", Found::Known);
        check("T0836", Found::Known);
        check("ics.T0855", Found::Renamed("T1692.001"));
        check("ics.T1692.001", Found::Known);
        check("ics.T0999", Found::Unknown);
        check("enterprise.T1059.001", Found::Known);
        check("ics.T1059", Found::OtherDomain("enterprise"));
        check("enterprise.T0836", Found::OtherDomain("ics"));
        check("ics.TA0106", Found::Known);
    }
}
