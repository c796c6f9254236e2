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
const ROOM: Room = Room { records: 64, arena: 64 * 1024 };

/// What an event is of: position of its message, its own number.
pub(crate) type Of = [u16; 2];

/// Hands on a batch with what each of its events is of.
pub(crate) type Emit = fn(&[u8], &[Of]);

/// Collects events and hands batches on.
pub(crate) struct Sink<E> {
    batches: Vec<Batch>,
    /// The batch that was lent last.
    open: usize,
    /// Position of the message at hand.
    message: u16,
    /// How often a batch was lent in the call: the number of the next event.
    lent: u16,
    /// Batches that were handed on during the call.
    full: Vec<BatchBuilder>,
    emit: E,
}

struct Batch {
    kind: &'static EventKind,
    /// Made when the first event of the kind comes.
    builder: Option<BatchBuilder>,
    /// Of each event, and of the one that the batch was lent for last.
    of: Vec<Of>,
}

impl<E: FnMut(&[u8], &[Of])> Sink<E> {
    pub(crate) fn new(kinds: &'static [EventKind], emit: E) -> Self {
        let batch = |kind| Batch { kind, builder: None, of: Vec::new() };
        Self {
            batches: kinds.iter().map(batch).collect(),
            open: 0,
            message: 0,
            lent: 0,
            full: Vec::new(),
            emit,
        }
    }

    /// A call begins: what was handed on in the last one has been read.
    pub(crate) fn begin(&mut self) {
        self.lent = 0;
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
        self.message = position;
    }

    /// Hands on what waits: the call ends.
    pub(crate) fn end(&mut self) {
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
        if of.len() != builder.len() {
            settle(of, builder.len());
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
    #[inline]
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        // The kind of the last event is the next one's too, as a rule.
        if self.batches.get(self.open).is_none_or(|batch| batch.kind.idx != kind) {
            let found = self.batches.iter().position(|batch| batch.kind.idx == kind);
            // A kind that is not the plugin's gets a batch that refuses it.
            self.open = found.unwrap_or(0);
        }
        let at = self.open;
        if self.batches[at].builder.as_ref().is_some_and(BatchBuilder::is_full) {
            self.put_aside(at);
        }
        let Batch { kind, builder, of } = &mut self.batches[at];
        let builder = builder.get_or_insert_with(|| new_builder(kind));
        if of.len() != builder.len() {
            settle(of, builder.len());
        }
        of.push([self.message, self.lent]);
        self.lent = self.lent.saturating_add(1);
        builder
    }
}

/// Makes good what a batch's events are of, where it was lent for one and none came, or
/// more.
#[cold]
fn settle(of: &mut Vec<Of>, events: usize) {
    let last = of.last().copied().unwrap_or_default();
    of.resize(events, last);
}

#[cold]
fn new_builder(kind: &EventKind) -> BatchBuilder {
    let EventKind { kind, idx, layout } = *kind;
    BatchBuilder::with_room(Cow::Borrowed(kind), idx, layout, Needs::ALL, ROOM)
}
