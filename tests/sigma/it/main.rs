//! The public rules: how many are imported, what the second engine says to them, and
//! the events that their authors and others recorded.

#[cfg(test)]
mod agree;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod imported;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod recordings;
#[cfg(test)]
mod regression;
