//! Runs compiled packs over events and reports alerts. Made to be embedded.

mod engine;
mod pack;
mod site;
#[cfg(test)]
mod testing;
pub mod verify;

pub use engine::Artefact;
pub use engine::BadArtefact;
pub use engine::Cache;
pub use engine::CacheError;
pub use engine::CodeError;
pub use engine::Memory;
pub use engine::Options;
pub use engine::Origin;
pub use engine::Strategy;
pub use pack::Blind;
pub use pack::Lack;
pub use pack::LoadError;
pub use site::Site;
pub use site::SiteError;

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
