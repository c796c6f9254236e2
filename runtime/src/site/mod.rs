//! The site: zones, assets, parameters and maintenance windows, from
//! `site.toml`.
//!
//! ```toml
//! [[zone]]
//! name = "cell 1"
//! purdue = 1
//! prefixes = ["10.10.0.0/24"]
//!
//! [[asset]]
//! name = "press 7"
//! addresses = ["10.10.0.5"]
//! role = "plc"
//! criticality = "high"
//!
//! [[maintenance]]
//! asset = "press 7"
//! weekly = { days = ["sun"], from = "02:00", to = "04:00" }
//!
//! [[plugin]]                   # see `spec/plugin.md`
//! file = "assets.wasm"
//! allow = ["data"]
//! data = { assets = "assets.csv" }
//!
//! [params]                     # of every pack that has such a parameter
//! engineering = ["10.30.1.0/24"]
//! [pack.modbus.params]         # of one pack
//! max_registers = 40
//! ```
//!
//! ```text
//! text -> raw (what is written) -> check (what contradicts) -> Site
//! Site: address -> asset; address -> zone; asset, zone, time -> maintenance
//! ```
//!
//! All times are UTC. A key that is not known is an error, and so is everything
//! that contradicts itself; all of it is reported at once.

mod check;
mod lookup;
mod params;
mod raw;
#[cfg(test)]
mod tests;
mod windows;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use tagout_spec::plugin::manifest::SomeLimits;
use tagout_spec::schema::Schema;

pub(crate) use self::lookup::Lookup;
pub(crate) use self::params::bind;
use self::windows::Window;

/// A checked site.
#[derive(Clone, Debug, Default)]
pub struct Site {
    pub(crate) zones: Vec<Zone>,
    pub(crate) assets: Vec<Asset>,
    /// Values for every pack, and for one.
    pub(crate) params: Map<String, Value>,
    pub(crate) pack_params: Map<String, Value>,
}

/// A part of the network.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    pub(crate) name: String,
    pub(crate) prefixes: Vec<Prefix>,
    pub(crate) windows: Vec<Window>,
}

/// A computer or device.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asset {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) addresses: Vec<[u8; 16]>,
    pub(crate) macs: Vec<[u8; 6]>,
    /// Names under which host events report it, folded.
    pub(crate) hosts: Vec<Vec<u8>>,
    /// Number of the enumeration `asset_role`.
    pub(crate) role: Option<u64>,
    /// Number of the enumeration `criticality`.
    pub(crate) criticality: Option<u64>,
    pub(crate) vendor: Option<String>,
    pub(crate) model: Option<String>,
    /// As written, else by its first address that lies in one.
    pub(crate) zone: Option<usize>,
    pub(crate) windows: Vec<Window>,
}

/// Addresses that share their first bits; 96 more bits for IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    pub(crate) first: u128,
    pub(crate) last: u128,
}

/// Everything that is wrong with a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteError {
    problems: Vec<String>,
}

impl SiteError {
    /// The problems, in the order of the file.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for SiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for SiteError {}

/// What a site says of a plugin. Its files are named as they are written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SitePlugin {
    /// File of the plugin.
    pub file: PathBuf,
    /// What it is allowed besides what its role needs.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Files that it is given, by the names that it uses.
    #[serde(default)]
    pub data: BTreeMap<String, PathBuf>,
    /// Limits in place of those that it asks for.
    #[serde(default)]
    pub limits: SomeLimits,
    /// Faults after which it is off.
    pub faults: Option<u32>,
}

impl Site {
    /// The plugins that a site names: they add to the schema, which the rest of the site
    /// is read with.
    ///
    /// # Errors
    ///
    /// The text is no site.
    pub fn plugins(text: &str) -> Result<Vec<SitePlugin>, SiteError> {
        let raw = raw::parse(text);
        raw.map(|raw| raw.plugin).map_err(|problem| SiteError { problems: vec![problem] })
    }

    /// Reads and checks a site.
    ///
    /// # Errors
    ///
    /// Everything that is malformed, unknown or contradictory.
    pub fn parse(text: &str, schema: &Schema) -> Result<Self, SiteError> {
        let raw =
            raw::parse(text).map_err(|problem| SiteError { problems: vec![problem] })?;
        let (site, problems) = check::check(raw, schema);
        if problems.is_empty() { Ok(site) } else { Err(SiteError { problems }) }
    }
}
