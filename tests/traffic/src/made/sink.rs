//! Where events go that are only counted.

use std::collections::BTreeMap;

use tagout_decode::EventSink;
use tagout_spec::record::{BatchBuilder, Needs};
use tagout_spec::schema::{KindIdx, Schema};

/// Counts the events of each kind, and throws full batches away.
pub struct Counts {
    batches: Vec<(BatchBuilder, u64)>,
}

impl Counts {
    /// Counts nothing yet; records hold what is needed.
    pub fn new(needs: Needs) -> Counts {
        let schema = Schema::builtin();
        let batch = |(kind, _)| Some((BatchBuilder::new(&schema, kind, needs)?, 0));
        Counts { batches: schema.kinds().filter_map(batch).collect() }
    }

    /// Events so far by kind, without kinds that had none.
    pub fn by_kind(&self) -> BTreeMap<String, u64> {
        let count = |(batch, n): &(BatchBuilder, u64)| {
            (batch.kind().name.to_string(), n + batch.len() as u64)
        };
        self.batches.iter().map(count).filter(|(_, n)| *n > 0).collect()
    }
}

impl EventSink for Counts {
    #[expect(clippy::indexing_slicing, reason = "only built-in kinds come")]
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        let (batch, n) = &mut self.batches[usize::from(kind.0)];
        if batch.is_full() {
            *n += batch.len() as u64;
            batch.clear();
        }
        batch
    }
}
