//! Reading of big-endian fields from bytes that may end anywhere.

pub use tagout_spec::decoder::Cursor;
