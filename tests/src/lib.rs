//! What tests and benches of several crates share. The tests themselves stand
//! in `it/`, the benches in `benches/`.

pub mod clock;
pub mod differential;
pub mod engine;
pub mod fuzz;
pub mod mix;
pub mod plugins;
