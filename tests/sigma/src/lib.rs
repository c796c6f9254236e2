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
