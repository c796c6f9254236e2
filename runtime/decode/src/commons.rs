//! What the flows of one pipeline share.
//!
//! Nearly all sessions keep to their flow. Some protocols do not, as when a server
//! answers from another port than it was asked on. What they have in common is here, one
//! field a protocol, each bounded by a constant of its own. A session that needs it takes
//! its share in [`Session::join`](crate::Session::join).

/// State that the sessions of a pipeline share.
#[derive(Default)]
pub struct Commons {}
