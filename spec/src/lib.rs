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
//! - [`plugin`]: the numbers of the plugin contract.
//! - [`function`]: what is declared of a function that a plugin adds to rules, and
//!   [`version`], the versions of plugins.
//!
//! It uses no other crate of the workspace.

pub mod fold;
pub mod function;
pub mod pack;
pub mod pages;
pub mod plugin;
pub mod record;
pub mod schema;
pub mod version;
