//! A sink that hands every event on by itself, in the order they come.

use tagout_spec::record::{BatchBuilder, Needs, RecordView};
use tagout_spec::schema::{KindIdx, Schema};

use crate::protocol::EventSink;

/// Calls a function with every event: for `decode`, and for tests. A runtime
/// that evaluates takes whole batches instead.
///
/// The event in progress is handed on when the next one begins, and the last
/// one by [`EachEvent::flush`].
pub struct EachEvent<F: FnMut(KindIdx, RecordView<'_>)> {
    batches: Vec<BatchBuilder>,
    open: Option<usize>,
    each: F,
}

impl<F: FnMut(KindIdx, RecordView<'_>)> EachEvent<F> {
    /// A sink for the kinds of this schema.
    pub fn new(schema: &Schema, each: F) -> EachEvent<F> {
        let batch = |(kind, _)| BatchBuilder::new(schema, kind, Needs::ALL);
        EachEvent {
            batches: schema.kinds().filter_map(batch).collect(),
            open: None,
            each,
        }
    }

    /// Hands on the event in progress.
    pub fn flush(&mut self) {
        let Some(batch) = self.open.take().and_then(|at| self.batches.get_mut(at)) else {
            return;
        };
        let kind = batch.kind_idx();
        if let Some(record) = batch.finish(0).view().record(0) {
            (self.each)(kind, record);
        }
        batch.clear();
    }
}

impl<F: FnMut(KindIdx, RecordView<'_>)> EventSink for EachEvent<F> {
    #[expect(
        clippy::indexing_slicing,
        reason = "the position is below the length, and a schema is never empty"
    )]
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        self.flush();
        // A kind that is not in the schema gets a batch that refuses it.
        let at = usize::from(kind.0).min(self.batches.len().saturating_sub(1));
        self.open = Some(at);
        &mut self.batches[at]
    }
}
