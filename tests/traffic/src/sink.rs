//! Where the events of an input go: batches that are used again for the next input,
//! since making them costs more than most inputs, and a look at every event.

use std::cell::RefCell;

use tagout_decode::EventSink;
use tagout_spec::record::{BatchBuilder, EventJson, Needs, RecordView};
use tagout_spec::schema::{KindIdx, Schema};

/// Lends the thread's sink, whose events are then checked against the promises; there may
/// be no more than `feed` says.
pub(crate) fn with_sink(feed: impl FnOnce(&mut dyn EventSink) -> u64) {
    thread_local! {
        static SINK: RefCell<Sink> = RefCell::new(Sink::new());
    }
    SINK.with_borrow_mut(|sink| {
        // What an input left that broke a promise.
        sink.forget();
        let most = feed(sink);
        sink.look_at_all();
        assert!(sink.events <= most, "{} events, and {most} are the most", sink.events);
    });
}

struct Sink {
    json: EventJson,
    batches: Vec<BatchBuilder>,
    /// For events that are read again.
    again: Vec<BatchBuilder>,
    /// Batches that hold events.
    used: Vec<usize>,
    events: u64,
}

impl Sink {
    fn new() -> Sink {
        let schema = Schema::builtin();
        let batches = || {
            let batch = |(kind, _)| BatchBuilder::new(&schema, kind, Needs::ALL);
            schema.kinds().filter_map(batch).collect()
        };
        let (batches, again) = (batches(), batches());
        Sink {
            json: EventJson::new(&schema),
            batches,
            again,
            used: Vec::new(),
            events: 0,
        }
    }

    fn forget(&mut self) {
        self.events = 0;
        for at in self.used.drain(..) {
            if let Some(batch) = self.batches.get_mut(at) {
                batch.clear();
            }
        }
    }

    fn look_at_all(&mut self) {
        for at in std::mem::take(&mut self.used) {
            self.look(at);
        }
    }

    fn look(&mut self, at: usize) {
        let pair = (self.batches.get_mut(at), self.again.get_mut(at));
        let (Some(batch), Some(again)) = pair else { return };
        for record in batch.finish(0).view().records() {
            self.events += 1;
            reads_back(&self.json, &record, again);
        }
        batch.clear();
    }
}

/// An event as JSON is the same event again.
fn reads_back(json: &EventJson, record: &RecordView<'_>, again: &mut BatchBuilder) {
    let (mut once, mut twice) = (Vec::new(), Vec::new());
    json.write(record, &mut once);
    again.clear();
    let read = again.begin().is_some_and(|mut record| {
        let is_read = json.read(&once, &mut record).is_ok();
        record.commit();
        is_read
    });
    if let Some(record) = again.finish(0).view().record(0) {
        json.write(&record, &mut twice);
    }
    assert!(
        read && once == twice,
        "an event does not read back: {}",
        String::from_utf8_lossy(&once)
    );
}

impl EventSink for Sink {
    #[expect(
        clippy::indexing_slicing,
        reason = "the position is below the length, and a schema is never empty"
    )]
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        let at = usize::from(kind.0).min(self.batches.len().saturating_sub(1));
        if self.batches[at].is_full() {
            self.look(at);
        }
        if !self.used.contains(&at) {
            self.used.push(at);
        }
        &mut self.batches[at]
    }
}
