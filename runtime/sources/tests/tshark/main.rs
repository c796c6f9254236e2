//! Conformance: what is decoded from every capture at hand, against tshark, PDU by
//! PDU and field by field.
//!
//! ```text
//! capture --tagout-decode--> events (JSON) --.
//!                                            +--> compare --> differences, explained or not
//! capture --tshark -T pdml--> PDUs (trees) --'
//! ```
//!
//! A protocol is one file of [`protocols`]: which of tshark's layers are its PDUs, and
//! which of tshark's fields is which of ours. A capture is looked at if the corpus's
//! manifest, its path or our own decoder says that it holds the protocol; tshark's
//! answer is kept below `target/` and asked for again when capture or question change.
//!
//! The corpus is found through `$TAGOUT_CORPUS` or as `../shared/corpus` beside the
//! repository. Without it the packs' own captures are compared alone, and without
//! tshark nothing is: the tests say so loudly and pass.
//!
//! A difference is explained only in its protocol's file, by the clause of the standard
//! that decides; an explanation that explains nothing fails, and so do explained
//! differences above one in a hundred.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the report, and absence")]

mod align;
#[path = "../captures/mod.rs"]
mod captures;
mod claims;
mod compare;
mod labels;
mod manifest;
mod ours;
mod pdml;
mod protocol;
mod protocols;
mod theirs;
mod value;
