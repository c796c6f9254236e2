//! Where a decoder's events go: a batch a kind, handed on when it is full and when the call
//! ends. With a batch goes what each of its events is of: the position of the message in the
//! call, and the number of the event.
//!
//! The host reads a batch after the call, so one that is full waits until the next call
//! begins before its memory is used again.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use tagout_spec::decoder::EventSink;
use tagout_spec::record::{BatchBuilder, Needs, Room};
use tagout_spec::schema::KindIdx;

use crate::EventKind;

/// What a batch of a plugin has room for: as much as a call brings, as a rule. The longest
/// text has half of the arena.
const ROOM: Room = Room { records: 32, arena: 64 * 1024 };

/// What an event is of: position of its message, its own number.
pub(crate) type Of = [u16; 2];

/// Hands on a batch with what each of its events is of.
pub(crate) type Emit = fn(&[u8], &[Of]);

/// Collects events and hands batches on.
pub(crate) struct Sink<E> {
    batches: Vec<Batch>,
    /// The batch that was lent, and whether it has been looked at since.
    open: usize,
    is_lent: bool,
    /// Position of the message at hand.
    message: u16,
    /// Events of the call.
    events: u16,
    /// Batches that were handed on during the call.
    full: Vec<BatchBuilder>,
    emit: E,
}

struct Batch {
    kind: &'static EventKind,
    /// Made when the first event of the kind comes.
    builder: Option<BatchBuilder>,
    /// Of each event.
    of: Vec<Of>,
}

impl<E: FnMut(&[u8], &[Of])> Sink<E> {
    pub(crate) fn new(kinds: &'static [EventKind], emit: E) -> Self {
        let batch = |kind| Batch { kind, builder: None, of: Vec::new() };
        Self {
            batches: kinds.iter().map(batch).collect(),
            open: 0,
            is_lent: false,
            message: 0,
            events: 0,
            full: Vec::new(),
            emit,
        }
    }

    /// A call begins: what was handed on in the last one has been read.
    pub(crate) fn begin(&mut self) {
        self.events = 0;
        if !self.full.is_empty() {
            self.forget_full();
        }
    }

    #[cold]
    fn forget_full(&mut self) {
        self.full.clear();
    }

    /// Says which message the events that come next are of.
    pub(crate) fn message(&mut self, position: u16) {
        self.settle();
        self.message = position;
    }

    /// Hands on what waits: the call ends.
    pub(crate) fn end(&mut self) {
        self.settle();
        for at in 0..self.batches.len() {
            self.hand_on(at);
        }
    }

    fn hand_on(&mut self, at: usize) {
        let number = u32::try_from(at).unwrap_or(u32::MAX);
        let Some(Batch { builder: Some(builder), of, .. }) = self.batches.get_mut(at)
        else {
            return;
        };
        if builder.is_empty() {
            return;
        }
        (self.emit)(builder.finish_as(number, 0).bytes(), of);
        // Its bytes stay as they are until another event begins.
        builder.clear();
        of.clear();
    }

    /// Puts a full batch aside.
    #[cold]
    fn put_aside(&mut self, at: usize) {
        self.hand_on(at);
        let full = self.batches.get_mut(at).and_then(|batch| batch.builder.take());
        self.full.extend(full);
    }
}

impl<E: FnMut(&[u8], &[Of])> EventSink for Sink<E> {
    #[expect(
        clippy::indexing_slicing,
        reason = "the position is below the length, and a decoder has a kind"
    )]
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        self.settle();
        let found = self.batches.iter().position(|batch| batch.kind.idx == kind);
        // A kind that is not the plugin's gets a batch that refuses it.
        let at = found.unwrap_or(0);
        if self.batches[at].builder.as_ref().is_some_and(BatchBuilder::is_full) {
            self.put_aside(at);
        }
        (self.open, self.is_lent) = (at, true);
        let batch = &mut self.batches[at];
        batch.builder.get_or_insert_with(|| builder(batch.kind))
    }
}

#[cold]
fn builder(kind: &EventKind) -> BatchBuilder {
    let EventKind { kind, idx, layout } = *kind;
    BatchBuilder::with_room(Cow::Borrowed(kind), idx, layout, Needs::ALL, ROOM)
}

impl<E> Sink<E> {
    /// Looks at the batch that was lent.
    #[inline]
    fn settle(&mut self) {
        if !self.is_lent {
            return;
        }
        self.is_lent = false;
        let Some(batch) = self.batches.get_mut(self.open) else { return };
        let n = batch.builder.as_ref().map_or(0, BatchBuilder::len);
        let new = n.saturating_sub(batch.of.len());
        if new > 0 {
            batch.of.push([self.message, self.events]);
            self.events = self.events.saturating_add(1);
        }
        // Room for one event is lent: whoever wrote more is rare, and pays for a loop.
        if new > 1 {
            self.settle_more(n);
        }
    }

    #[cold]
    fn settle_more(&mut self, n: usize) {
        let Some(batch) = self.batches.get_mut(self.open) else { return };
        while batch.of.len() < n {
            batch.of.push([self.message, self.events]);
            self.events = self.events.saturating_add(1);
        }
    }
}
