//! Plugins: what third parties add, typed and sandboxed.
//!
//! ```text
//! file  --check--> Plugin: manifest, schema, imports            nothing runs yet
//! Plugin + what the site allows --load--> Loaded: native code, places in the schema
//! Loaded --a session--> Live: counters, faults   .- decoder  -> Decoder, Session
//!                             an instance each --+- enricher -> in the flush
//!                                                '- functions -> Library, a pack each
//! ```
//!
//! The contract is `spec/plugin.md`. A plugin is a stranger: its module runs with a limit
//! of memory and of instructions, sees what it is given, and what it brings is checked
//! before anybody uses it. A fault costs the events of its call and its instance; after
//! some faults the plugin is off, and said to be. Roles have an instance each, so that
//! nothing of one depends on when another is called.

mod change;
mod check;
#[cfg(feature = "decode")]
mod decoder;
mod enricher;
mod error;
mod function;
mod live;
mod loaded;
mod replace;
mod stats;
#[cfg(test)]
mod tests;
#[cfg(feature = "decode")]
mod trial;

use std::collections::BTreeMap;
use std::sync::Arc;

use tagout_spec::plugin::manifest::{Manifest, SomeLimits};
use tagout_spec::schema::{Added, Origin, Schema};

#[cfg(feature = "decode")]
pub(crate) use self::decoder::{Brought, Decoding, MESSAGES_MAX};
pub use self::error::PluginError;
pub use self::live::{PluginReport, Plugins};
pub(crate) use self::loaded::Loaded;
pub use self::replace::ReplaceError;
pub use self::stats::PluginStats;
#[cfg(feature = "decode")]
pub use self::trial::{PluginTestResult, Tried};

use crate::engine::Digest;

/// A plugin's file, read and checked. Nothing of it has run.
#[derive(Clone, Debug)]
pub struct Plugin {
    bytes: Arc<[u8]>,
    digest: Digest,
    manifest: Manifest,
    schema: String,
    imports: Vec<String>,
    code_bytes: u64,
    memory_bytes: u64,
}

/// What a site lets a plugin do.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginOptions {
    /// Capabilities that it is given: `log`, `data`.
    pub allow: Vec<String>,
    /// Files that it can read, by the names that it uses.
    pub data: BTreeMap<String, Arc<[u8]>>,
    /// Limits in place of those that it asks for.
    pub limits: SomeLimits,
    /// Faults after which it is off.
    pub faults: u32,
}

impl Default for PluginOptions {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            data: BTreeMap::new(),
            limits: SomeLimits::default(),
            faults: 16,
        }
    }
}

impl Plugin {
    /// Reads and checks a plugin's file.
    ///
    /// # Errors
    ///
    /// What it must not be, or what its sections say that its bytes do not hold.
    pub fn read(bytes: &[u8]) -> Result<Self, PluginError> {
        let checked = check::check(bytes)?;
        Ok(Self {
            digest: crate::pack::digest(bytes),
            bytes: bytes.into(),
            manifest: checked.manifest,
            schema: checked.schema,
            imports: checked.imports,
            code_bytes: checked.code_bytes,
            memory_bytes: checked.memory_bytes,
        })
    }

    /// Whether bytes are a module that says it is a plugin.
    #[must_use]
    pub fn is_plugin(bytes: &[u8]) -> bool {
        check::is_plugin(bytes)
    }

    /// What it says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The kinds and fields that it adds, as a schema file.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// SHA-256 of its bytes, in hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        crate::hex(&self.digest)
    }

    /// Bytes of its file.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether its file is empty, which it never is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes of its functions.
    #[must_use]
    pub fn code_bytes(&self) -> u64 {
        self.code_bytes
    }

    /// Bytes of memory that it starts with.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    /// What it imports: what it needs to be allowed.
    #[must_use]
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// Adds its kinds and fields to a schema: what a compiler of rules does, in the order
    /// in which a sensor is given the plugins.
    ///
    /// # Errors
    ///
    /// What is wrong with its schema.
    pub fn extend(&self, schema: &mut Schema) -> Result<(), PluginError> {
        self.add_to(schema).map(drop)
    }

    pub(crate) fn add_to(&self, schema: &mut Schema) -> Result<Added, PluginError> {
        let mut next = schema.clone();
        let added = next.add_all(&self.schema).map_err(PluginError::schema)?;
        loaded::check_schema(&self.manifest, &next, &added)?;
        let fields = added.fields.iter();
        let fields =
            fields.flat_map(|(kind, fields)| fields.iter().map(|field| (*kind, *field)));
        next.origins.push(Origin {
            plugin: self.manifest.name.clone().into(),
            version: self.manifest.version.to_string().into(),
            kinds: added.kinds.clone(),
            fields: fields.collect(),
        });
        *schema = next;
        Ok(added)
    }
}
