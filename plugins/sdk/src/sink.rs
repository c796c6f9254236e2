//! Where a decoder's events go: a batch of one kind, handed on when it is full, when an
//! event of another kind comes, and when the call ends. So events stay in their order.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use tagout_spec::decoder::EventSink;
use tagout_spec::record::{BatchBuilder, Needs, Room};
use tagout_spec::schema::KindIdx;

use crate::EventKind;

/// What a batch of a plugin has room for. The longest text has half of the arena.
const ROOM: Room = Room { records: 16, arena: 64 * 1024 };

/// Collects events and hands batches on.
pub(crate) struct Sink<E> {
    batches: Vec<Batch>,
    open: usize,
    emit: E,
}

struct Batch {
    kind: &'static EventKind,
    /// Made when the first event of the kind comes.
    builder: Option<BatchBuilder>,
}

impl<E: FnMut(&[u8])> Sink<E> {
    pub(crate) fn new(kinds: &'static [EventKind], emit: E) -> Self {
        let batch = |kind| Batch { kind, builder: None };
        Self { batches: kinds.iter().map(batch).collect(), open: 0, emit }
    }

    /// Hands on what waits.
    pub(crate) fn flush(&mut self) {
        let Some(batch) = self.batches.get_mut(self.open) else { return };
        let Some(builder) = batch.builder.as_mut().filter(|b| !b.is_empty()) else {
            return;
        };
        let number = u32::try_from(self.open).unwrap_or(u32::MAX);
        (self.emit)(builder.finish_as(number, 0).bytes());
        builder.clear();
    }
}

impl<E: FnMut(&[u8])> EventSink for Sink<E> {
    #[expect(
        clippy::indexing_slicing,
        reason = "the position is below the length, and a decoder has a kind"
    )]
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        let found = self.batches.iter().position(|batch| batch.kind.idx == kind);
        // A kind that is not the plugin's gets a batch that refuses it.
        let at = found.unwrap_or(0);
        if at != self.open || self.is_full() {
            self.flush();
            self.open = at;
        }
        let batch = &mut self.batches[at];
        let EventKind { kind, idx, layout } = *batch.kind;
        batch.builder.get_or_insert_with(|| {
            BatchBuilder::with_room(Cow::Borrowed(kind), idx, layout, Needs::ALL, ROOM)
        })
    }
}

impl<E> Sink<E> {
    fn is_full(&self) -> bool {
        let builder = self.batches.get(self.open).and_then(|b| b.builder.as_ref());
        builder.is_some_and(BatchBuilder::is_full)
    }
}
