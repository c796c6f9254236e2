//! Projections of diagnostics: one file a form.

pub mod json;
pub mod sarif;
pub mod text;
