//! Runs compiled packs over events and reports alerts. Made to be embedded.
//!
//! ```text
//! pack bytes -> verify (module) + sections (claims) -> native code, cached
//! site.toml  -> zones, assets, parameters, windows     '-> Runtime -> Session
//! events     -> records -> modules -> rows in event order -> Alert -> EVE, text
//! plugins    -> more kinds and fields, decoders, fields of events, functions
//! ```
//!
//! A [`Runtime`] holds the packs; a [`Session`] takes events and gives
//! [`Output`]s. Nothing here reads files (but the cache of native code), clocks
//! or the environment, and everything that comes from outside is checked: packs,
//! sites, events.

mod alert;
mod engine;
mod inspect;
mod json;
mod pack;
mod packtest;
mod plugin;
mod runtime;
mod session;
mod site;
#[cfg(test)]
mod testing;
pub mod verify;

pub use alert::Alert;
pub use alert::Lacked;
pub use alert::Outcome;
pub use engine::Argument;
pub use engine::Artefact;
pub use engine::BadArtefact;
pub use engine::Cache;
pub use engine::CacheError;
pub use engine::CodeError;
pub use engine::Functions;
pub use engine::Library;
pub use engine::Memory;
pub use engine::Options;
pub use engine::Origin;
pub use engine::Reason;
pub use engine::Strategy;
pub use engine::Value;
pub use engine::Watch;
pub use inspect::InspectedRule;
pub use inspect::Inspection;
pub use inspect::inspect;
pub use pack::Blind;
pub use pack::Lack;
pub use pack::LoadError;
pub use packtest::TestResult;
pub use plugin::Plugin;
pub use plugin::PluginError;
pub use plugin::PluginOptions;
pub use plugin::PluginReport;
pub use plugin::PluginStats;
#[cfg(feature = "decode")]
pub use plugin::PluginTestResult;
pub use plugin::Plugins;
pub use plugin::ReplaceError;
#[cfg(feature = "decode")]
pub use plugin::Tried;
pub use runtime::BuildError;
pub use runtime::Builder;
pub use runtime::PackSummary;
pub use runtime::PluginSummary;
pub use runtime::Runtime;
#[cfg(feature = "cranelift")]
pub use runtime::precompile;
pub use session::Budget;
pub use session::Condition;
pub use session::Explanation;
pub use session::FaultReport;
pub use session::Output;
pub use session::Place;
pub use session::Replay;
pub use session::Session;
pub use session::Stats;
pub use session::UnknownKind;
pub use session::WhyError;
pub use site::Site;
pub use site::SiteError;
pub use site::SitePlugin;

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
