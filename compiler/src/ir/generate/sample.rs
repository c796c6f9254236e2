//! A kind that has every type of field, so that every construct can be tried.

use tagout_spec::schema::{KindIdx, Schema};

/// Names of the map that are fields.
const NAMES: [&str; 2] = ["Alpha", "beta.2"];

/// The built-in schema with the sample kind added, and that kind.
pub fn schema() -> Option<(Schema, KindIdx)> {
    let mut schema = Schema::builtin();
    let kind = schema.add_file(include_str!("sample.toml")).ok()?.first().copied()?;
    Some((schema.with_names(&NAMES), kind))
}

/// The same names, as a program lists them.
pub fn names() -> Vec<String> {
    NAMES.map(str::to_owned).into()
}
