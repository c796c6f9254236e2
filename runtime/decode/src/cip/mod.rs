//! CIP, the Common Industrial Protocol: what EtherNet/IP carries.
//!
//! ```text
//! dialogue  requests, replies, what they carry, pairs   -> pending, transfer
//! message   a message's fields (pure; never fails)      -> path, tag, connection, pccc
//! event     fields to a record                          -> ops
//! ```
//!
//! Sources: CIP Networks Library, Volume 1; Logix 5000 Controllers Data Access,
//! 1756-PM020; DF1 Protocol and Command Set, 1770-6.5.16.
//!
//! Left out: values of attributes, whose types only each object's definition tells;
//! members of structures; the services of CIP Motion, Safety and Security, but for
//! their names; the vendor's services of Logix objects, which are not published.

pub mod code;
pub mod connection;
pub(crate) mod dialogue;
mod event;
pub mod fault;
pub(crate) mod little;
pub mod message;
mod ops;
pub mod path;
pub mod pccc;
mod pending;
pub mod tag;
#[cfg(test)]
mod tests;
mod transfer;
pub mod value;
