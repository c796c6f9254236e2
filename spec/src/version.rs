//! Versions of plugins: `major.minor.patch`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The version of a plugin.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize
)]
#[serde(try_from = "String", into = "String")]
#[expect(missing_docs, reason = "the names say all there is")]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Version {
    /// Whether what was made with `wanted` can be run with `self`: the same major
    /// version, and not an older one.
    #[must_use]
    pub fn serves(&self, wanted: &Version) -> bool {
        self.major == wanted.major && self >= wanted
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The text is not three numbers without leading zeros and with dots between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadVersion;

impl fmt::Display for BadVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version is `major.minor.patch`")
    }
}

impl std::error::Error for BadVersion {}

impl FromStr for Version {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let mut parts = text.split('.').map(number);
        let mut next = || parts.next().flatten().ok_or(BadVersion);
        let version = Version { major: next()?, minor: next()?, patch: next()? };
        if parts.next().is_some() { Err(BadVersion) } else { Ok(version) }
    }
}

impl TryFrom<String> for Version {
    type Error = BadVersion;

    fn try_from(text: String) -> Result<Self, BadVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> String {
        version.to_string()
    }
}

fn number(part: &str) -> Option<u32> {
    let is_plain = !part.is_empty()
        && part.bytes().all(|b| b.is_ascii_digit())
        && (part == "0" || !part.starts_with('0'));
    is_plain.then(|| part.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn three_plain_numbers() {
        for text in ["0.1.0", "10.20.30", "4294967295.0.0"] {
            let version: Version = text.parse().expect(text);
            assert_eq!(version.to_string(), text);
        }
        for text in
            ["", "1", "1.0", "1.0.0.0", "1.0.x", "01.0.0", "1.0.+1", "4294967296.0.0"]
        {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_newer_one_of_the_same_major_version_serves() {
        let serves = |has: &str, wanted: &str| {
            has.parse::<Version>().unwrap().serves(&wanted.parse().unwrap())
        };
        assert!(serves("1.2.3", "1.2.3"));
        assert!(serves("1.10.0", "1.9.9"));
        assert!(!serves("1.2.2", "1.2.3"));
        assert!(!serves("2.0.0", "1.9.9"));
    }
}
