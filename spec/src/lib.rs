//! What rule authors, compiler, runtime and sensors agree on.
//!
//! This leaf crate holds the contracts of the project and nothing that
//! decides or executes:
//!
//! - [`schema`]: every event kind and field, with types, units and the place of
//!   each field in a record. The built-in kinds are generated from
//!   `spec/schema/*.toml`; more kinds can be added at run time from the same
//!   text form, and are treated no differently.
//! - [`record`]: how events lie in memory, and the writers and readers of that
//!   layout. One write serves every loaded pack.
//! - [`mod@fold`]: how names compare without regard to case.
//! - [`pack`]: what a compiled pack exports, its custom sections and their
//!   encoding.
//! - [`decoder`]: what a protocol's decoder is to the packet path, built in or not.
//! - [`plugin`]: the numbers of the plugin contract, and the manifest of a plugin.
//! - [`function`]: what is declared of a function that a plugin adds to rules, and
//!   [`version`], the versions of plugins.
//!
//! It uses no other crate of the workspace.
//!
//! Without its feature `std` it needs nothing but an allocator, as plugins do: they
//! decode and write records, but read no schema files, packs or JSON.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod decoder;
pub mod fold;
#[cfg(feature = "std")]
pub mod function;
#[cfg(feature = "std")]
pub mod pack;
#[cfg(feature = "std")]
pub mod pages;
pub mod plugin;
pub mod record;
pub mod schema;
#[cfg(feature = "std")]
pub mod version;
