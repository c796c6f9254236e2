//! A share of what the flows of one pipeline have in common; see
//! [`Commons`](tagout_spec::decoder::Commons).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use tagout_spec::decoder::Commons;

/// A share of some state. A pipeline runs on one thread at a time, so nobody waits
/// for the lock.
#[derive(Default)]
pub(crate) struct Shared<T>(Arc<Mutex<T>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(Arc::clone(&self.0))
    }
}

impl<T> Shared<T> {
    /// The state itself.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
