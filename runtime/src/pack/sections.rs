//! The custom sections of a pack.
//!
//! Sections of others are skipped. One of ours that occurs twice is refused:
//! which of two readers would take which?

use serde::de::DeserializeOwned;
use tagout_spec::pack::manifest::section;
use wasmparser::Parser;
use wasmparser::Payload;

use super::error::LoadError;

/// Names that a pack may have once.
const NAMES: [&str; 5] = [
    section::MANIFEST,
    section::PLANS,
    section::RULES,
    section::TESTS,
    section::SOURCE_MAP,
];

/// Sections by position in [`NAMES`].
pub(super) struct Sections<'a>([Option<&'a [u8]>; NAMES.len()]);

/// Finds the sections.
pub(super) fn read(bytes: &[u8]) -> Result<Sections<'_>, LoadError> {
    let mut sections = Sections([None; NAMES.len()]);
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| LoadError::File {
            problem: format!("{} (at byte {:#x})", error.message(), error.offset()),
        })?;
        let Payload::CustomSection(found) = payload else { continue };
        for (&name, slot) in NAMES.iter().zip(&mut sections.0) {
            if found.name() == name && slot.replace(found.data()).is_some() {
                return Err(LoadError::section(name, "occurs twice"));
            }
        }
    }
    Ok(sections)
}

impl<'a> Sections<'a> {
    /// A section that there must be.
    pub(super) fn bytes(&self, name: &'static str) -> Result<&'a [u8], LoadError> {
        self.find(name).ok_or_else(|| LoadError::section(name, "is missing"))
    }

    /// A section that there may be.
    pub(super) fn optional(&self, name: &'static str) -> &'a [u8] {
        self.find(name).unwrap_or_default()
    }

    pub(super) fn json<T: DeserializeOwned>(
        &self,
        name: &'static str,
    ) -> Result<T, LoadError> {
        parse_json(name, self.bytes(name)?)
    }

    pub(super) fn postcard<T: DeserializeOwned>(
        &self,
        name: &'static str,
    ) -> Result<T, LoadError> {
        let (value, rest) = postcard::take_from_bytes(self.bytes(name)?)
            .map_err(|error| LoadError::section(name, format!("malformed: {error}")))?;
        if rest.is_empty() {
            return Ok(value);
        }
        Err(LoadError::section(name, format!("{} bytes too many", rest.len())))
    }

    fn find(&self, name: &str) -> Option<&'a [u8]> {
        NAMES.iter().zip(self.0).find(|(n, _)| **n == name).and_then(|(_, bytes)| bytes)
    }
}

/// Parses a section of JSON.
pub(super) fn parse_json<T: DeserializeOwned>(
    name: &'static str,
    bytes: &[u8],
) -> Result<T, LoadError> {
    serde_json::from_slice(bytes)
        .map_err(|error| LoadError::section(name, format!("malformed: {error}")))
}
