//! Addresses, in forms that are cheap to carry and compare.

pub use tagout_spec::decoder::{Ip, Mac};
