//! What the flows of one pipeline share.
//!
//! Nearly all sessions keep to their flow. Some protocols do not: a server of
//! connectionless DCE/RPC may answer from another port than it was asked on, so that
//! request and answer lie in two flows. What they have in common is here, one field a
//! protocol, each bounded by a constant of its own. A session that needs it takes its
//! share in [`Session::join`](crate::Session::join).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dcerpc::Calls;
use crate::pnio;

/// State that the sessions of a pipeline share.
#[derive(Default)]
pub struct Commons {
    /// Calls of connectionless DCE/RPC that wait for an answer.
    pub(crate) dcerpc_calls: Shared<Calls<()>>,
    /// The same, of PROFINET IO, with what an answer needs of its request.
    pub(crate) pnio_calls: Shared<Calls<pnio::Asked>>,
}

/// A share of some state. A pipeline runs on one thread at a time, so nobody waits
/// for the lock.
#[derive(Default)]
pub(crate) struct Shared<T>(Arc<Mutex<T>>);

impl<T> Shared<T> {
    /// Another share of the same.
    pub(crate) fn share(&self) -> Shared<T> {
        Shared(Arc::clone(&self.0))
    }

    /// The state itself.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
