//! A kind that has every type of field, so that every construct can be tried.

use tagout_spec::schema::{KindIdx, Schema};

/// The built-in schema with the sample kind added, and that kind.
pub fn schema() -> Option<(Schema, KindIdx)> {
    let mut schema = Schema::builtin();
    let kind = schema.add_file(include_str!("sample.toml")).ok()?.first().copied()?;
    Some((schema, kind))
}
