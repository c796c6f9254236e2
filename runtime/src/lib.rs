//! Runs compiled packs over events and reports alerts. Made to be embedded.

pub mod verify;
