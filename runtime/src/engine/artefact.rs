//! Precompiled packs: native code with what it was made from.
//!
//! ```text
//! "tagout-native-3\n"           16 bytes
//! length of the header          u32, little endian
//! header                        postcard: key, length and CRC-32 of the code, Verified
//! code                          the engine's own format
//! ```
//!
//! The verifier's result travels with the code, so that loading verifies nothing
//! again. Both are believed only because the file is; the checksum is there for bits
//! that fell over, not for bits that somebody turned.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;
use tagout_spec::function::Function;

use super::Digest;
use super::config::Options;
use super::fuel;
use crate::verify::Limits;
use crate::verify::Verified;

const MAGIC: &[u8; 16] = b"tagout-native-3\n";
/// Most bytes of a header.
const HEADER_MAX: usize = 4096;

/// Which pack, for which engine and configuration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    pack: Digest,
    environment: Digest,
}

impl Key {
    /// The functions that the pack declares are part of it, as the bound rests on what
    /// a call of them costs here.
    pub(super) fn new(
        pack: &Digest,
        options: &Options,
        limits: &Limits,
        declared: &[Function],
    ) -> Self {
        let cost = |function: &Function| (function.import(), function.cost);
        let costs: Vec<_> = declared.iter().map(cost).collect();
        let environment = format!("{}; {limits:?}; {costs:?}", options.describe());
        Self { pack: *pack, environment: Sha256::digest(environment).into() }
    }

    /// Which plugin.
    pub(super) fn of_plugin(plugin: &Digest, options: &Options) -> Self {
        let environment =
            format!("plugin; fuel {}; {}", fuel::VERSION, options.describe());
        Self { pack: *plugin, environment: Sha256::digest(environment).into() }
    }

    /// A file name for it, without an extension.
    pub(super) fn file_stem(&self) -> String {
        let key = Sha256::new().chain_update(self.pack).chain_update(self.environment);
        crate::hex(&key.finalize())
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

/// What is said of native code.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Header {
    key: Key,
    code_len: u64,
    /// CRC-32 (ISO 3309) of the code.
    code_crc: u32,
    /// None of a plugin.
    verified: Option<Verified>,
}

impl Header {
    #[cfg(feature = "cranelift")]
    fn new(key: &Key, verified: Option<Verified>, code: &[u8]) -> Self {
        let code_len = u64::try_from(code.len()).unwrap_or(u64::MAX);
        Self { key: key.clone(), code_len, code_crc: crc32fast::hash(code), verified }
    }

    /// Reads a header as [`encode`](Self::encode) wrote it, and what is behind it.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let len = usize::try_from(u32::from_le_bytes(*len)).unwrap_or(usize::MAX);
        let (header, rest) = rest.split_at_checked(len).filter(|_| len <= HEADER_MAX)?;
        Some((postcard::from_bytes(header).ok()?, rest))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        // Serialising into memory fails only for types that this is not.
        let encoded = postcard::to_allocvec(self).unwrap_or_default();
        let len = u32::try_from(encoded.len()).unwrap_or(u32::MAX);
        let parts: [&[u8]; 3] = [MAGIC, &len.to_le_bytes(), &encoded];
        parts.concat()
    }

    /// Whether it is about code of this length and checksum.
    pub(super) fn is_of(&self, code_len: u64, code_crc: u32) -> bool {
        (self.code_len, self.code_crc) == (code_len, code_crc)
    }

    pub(super) fn fits(&self, key: &Key) -> Result<(), BadArtefact> {
        if self.key.pack != key.pack {
            return Err(BadArtefact::OtherPack);
        }
        if self.key.environment != key.environment {
            return Err(BadArtefact::OtherEnvironment);
        }
        Ok(())
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    pub(super) fn verified(&self) -> Option<&Verified> {
        self.verified.as_ref()
    }
}

/// Why bytes are not the artefact that is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadArtefact {
    /// Not an artefact, or cut off.
    Format,
    /// The code is damaged.
    Checksum,
    /// Made from another pack.
    OtherPack,
    /// Made by another version, or for other options or limits.
    OtherEnvironment,
}

impl fmt::Display for BadArtefact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "not an artefact, or cut off",
            Self::Checksum => "damaged: its checksum differs",
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
    pub(super) fn new(key: &Key, verified: Option<Verified>, code: &[u8]) -> Self {
        let header = Header::new(key, verified, code);
        let mut bytes = header.encode();
        let at = bytes.len();
        bytes.extend_from_slice(code);
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

    fn read(bytes: Vec<u8>) -> Result<Self, BadArtefact> {
        let (header, code) = Header::read(&bytes).ok_or(BadArtefact::Format)?;
        let len = u64::try_from(code.len()).unwrap_or(u64::MAX);
        if !header.is_of(len, crc32fast::hash(code)) {
            return Err(BadArtefact::Checksum);
        }
        let at = bytes.len().saturating_sub(code.len());
        Ok(Self { header, bytes, at })
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    pub(super) fn code(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }
}
