//! Other dialects to rule source: what comes in is text of others, what goes out
//! is text of ours, formatted, with a report of what could not be said.
//!
//! An importer knows the schema and the language, never the compiler behind them:
//! its output is checked and compiled like any rule that a person wrote.

pub mod sigma;
