//! Tests that cross the crates: one binary, one module a subject.
//!
//! A test that needs something which a plain checkout lacks (the corpus, Node,
//! tshark) asks [`support::need`] for it: in continuous integration its absence
//! is a failure, elsewhere it is said loudly on standard error.

#[cfg(test)]
mod arrows;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod embed;
#[cfg(test)]
mod engines;
#[cfg(test)]
mod functions;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod guests;
#[cfg(test)]
mod packs;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod plugin;
#[cfg(test)]
mod sarif;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tidy;
