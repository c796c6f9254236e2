//! Precompiled packs: native code with what it was made from.
//!
//! ```text
//! "tagout-native-1\n"           16 bytes
//! length of the header          u32, little endian
//! header                        postcard: key, SHA-256 of the code, Verified
//! code                          the engine's own format
//! ```
//!
//! The verifier's result travels with the code, so that loading verifies nothing
//! again. Both are believed only because the file is.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;

use super::Digest;
use super::config::Options;
use crate::verify::Limits;
use crate::verify::Verified;

const MAGIC: &[u8; 16] = b"tagout-native-1\n";
/// Most bytes of a header.
const HEADER_MAX: usize = 4096;

/// Which pack, for which engine and configuration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    pack: Digest,
    environment: Digest,
}

impl Key {
    pub(super) fn new(pack: &Digest, options: &Options, limits: &Limits) -> Self {
        let environment = format!("{}; {limits:?}", options.describe());
        Self { pack: *pack, environment: Sha256::digest(environment).into() }
    }

    /// A file name for it.
    pub(super) fn file_name(&self) -> String {
        let key = Sha256::new().chain_update(self.pack).chain_update(self.environment);
        let mut name = crate::hex(&key.finalize());
        name.push_str(".native");
        name
    }
}

/// A pack compiled ahead of time for one engine and configuration.
#[derive(Clone)]
pub struct Artefact {
    header: Header,
    /// The whole file, and where the code begins in it.
    bytes: Vec<u8>,
    at: usize,
}

#[derive(Clone, Serialize, Deserialize)]
struct Header {
    key: Key,
    code: Digest,
    verified: Verified,
}

/// Why bytes are not the artefact that is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadArtefact {
    /// Not an artefact, or cut off.
    Format,
    /// The code is damaged.
    Digest,
    /// Made from another pack.
    OtherPack,
    /// Made by another version, or for other options or limits.
    OtherEnvironment,
}

impl fmt::Display for BadArtefact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "not an artefact, or cut off",
            Self::Digest => "damaged: its digest differs",
            Self::OtherPack => "made from another pack",
            Self::OtherEnvironment => {
                "made by another version, or for other options or limits"
            }
        })
    }
}

impl std::error::Error for BadArtefact {}

impl Artefact {
    #[cfg(feature = "cranelift")]
    pub(super) fn new(key: &Key, verified: Verified, code: &[u8]) -> Self {
        let digest = Sha256::digest(code).into();
        let header = Header { key: key.clone(), code: digest, verified };
        // Serialising into memory fails only for types that this is not.
        let encoded = postcard::to_allocvec(&header).unwrap_or_default();
        let len = u32::try_from(encoded.len()).unwrap_or(u32::MAX);
        let parts: [&[u8]; 4] = [MAGIC, &len.to_le_bytes(), &encoded, code];
        let bytes = parts.concat();
        let at = bytes.len().saturating_sub(code.len());
        Self { header, bytes, at }
    }

    /// Reads an artefact that [`as_bytes`](Self::as_bytes) wrote.
    ///
    /// # Errors
    ///
    /// The bytes are not an artefact, or are damaged.
    ///
    /// # Safety
    ///
    /// Native code is executed as it is. The bytes must come unchanged from
    /// `as_bytes`, as a signature or a private file system proves.
    #[expect(unsafe_code, reason = "the caller must vouch for native code")]
    pub unsafe fn from_trusted_bytes(bytes: Vec<u8>) -> Result<Self, BadArtefact> {
        Self::read(bytes)
    }

    /// The artefact as bytes, to be kept or sent.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads bytes that are trusted for another reason; see [`super::Engines`].
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, BadArtefact> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(BadArtefact::Format)?;
        let (len, rest) = rest.split_first_chunk::<4>().ok_or(BadArtefact::Format)?;
        let len = usize::try_from(u32::from_le_bytes(*len)).unwrap_or(usize::MAX);
        if len > HEADER_MAX {
            return Err(BadArtefact::Format);
        }
        let (header, code) = rest.split_at_checked(len).ok_or(BadArtefact::Format)?;
        let header: Header =
            postcard::from_bytes(header).map_err(|_| BadArtefact::Format)?;
        if header.code != Digest::from(Sha256::digest(code)) {
            return Err(BadArtefact::Digest);
        }
        let at = bytes.len().saturating_sub(code.len());
        Ok(Self { header, bytes, at })
    }

    pub(super) fn fits(&self, key: &Key) -> Result<(), BadArtefact> {
        if self.header.key.pack != key.pack {
            return Err(BadArtefact::OtherPack);
        }
        if self.header.key.environment != key.environment {
            return Err(BadArtefact::OtherEnvironment);
        }
        Ok(())
    }

    pub(super) fn key(&self) -> &Key {
        &self.header.key
    }

    pub(super) fn code(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn verified(&self) -> &Verified {
        &self.header.verified
    }
}
