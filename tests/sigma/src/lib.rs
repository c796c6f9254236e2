//! Imported Sigma rules beside a second engine, over the public rules.
//!
//! ```text
//! YAML --second engine's reader--> tree --cases--> events (Sigma's names)
//!   |                                               |            |
//!   '--import--> pack --check--> program            |            |
//!                                 |                 v            v
//!                        reference interpreter <- place    second engine
//!                                 |                              |
//!                                 '---------- verdicts ----------'
//! ```
//!
//! Recorded events go the same way without cases: by our reader of their source to the
//! interpreter, and under the names that Sigma has for them ([`flat`], [`taxonomy`]) to the
//! second engine.
//!
//! Nothing of an event comes from our importer or from the source that it writes, but
//! for the table that says where a field of Sigma lies ([`place`]).

pub mod cases;
pub mod corpus;
pub mod flat;
pub mod ours;
pub mod place;
pub mod taxonomy;
pub mod third;
pub mod tree;
pub mod value;
