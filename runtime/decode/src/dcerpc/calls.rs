//! Calls of connectionless DCE/RPC that wait for an answer.
//!
//! A call is known by its activity and its number therein, whatever ports request and
//! answer use: a server may take a request on a well-known port and answer from another.
//! A call stays when it is answered, since both sides repeat what got lost.

use std::collections::VecDeque;

use crate::dcerpc::Uuid;

/// Most calls that are remembered; the oldest gives way.
const MAX_CALLS: usize = 256;
/// Age at which a call is no longer waited for.
const FORGET_NS: i64 = 60_000_000_000;

/// A call, with what its stub remembers of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting<T> {
    activity: Uuid,
    sequence: u32,
    /// When the request was first seen.
    pub(crate) ts_ns: i64,
    /// What the stub has kept.
    pub(crate) asked: T,
}

/// Calls of all flows of a pipeline, oldest first.
pub(crate) struct Calls<T> {
    waiting: VecDeque<Waiting<T>>,
}

impl<T> Default for Calls<T> {
    fn default() -> Self {
        Calls { waiting: VecDeque::new() }
    }
}

impl<T: Copy> Calls<T> {
    /// Adds a call; one that is repeated keeps its first time.
    pub(crate) fn push(&mut self, activity: Uuid, sequence: u32, ts_ns: i64, asked: T) {
        if let Some(call) = self.find(activity, sequence, ts_ns) {
            call.asked = asked;
            return;
        }
        if self.waiting.len() >= MAX_CALLS {
            self.waiting.pop_front();
        }
        self.waiting.push_back(Waiting { activity, sequence, ts_ns, asked });
    }

    /// The call that an answer belongs to.
    pub(crate) fn get(
        &mut self,
        activity: Uuid,
        sequence: u32,
        now_ns: i64,
    ) -> Option<Waiting<T>> {
        self.find(activity, sequence, now_ns).map(|call| *call)
    }

    fn find(
        &mut self,
        activity: Uuid,
        sequence: u32,
        now_ns: i64,
    ) -> Option<&mut Waiting<T>> {
        self.waiting.iter_mut().rev().find(|call| {
            call.activity == activity
                && call.sequence == sequence
                && now_ns.saturating_sub(call.ts_ns) <= FORGET_NS
        })
    }
}
