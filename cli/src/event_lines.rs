//! Events as lines of JSON, whatever they came from: for commands that look at
//! one event after another and need not be fast.

use std::cell::RefCell;
use std::rc::Rc;

use tagout_decode::{EachEvent, EventSink};
use tagout_runtime::Place;
use tagout_spec::record::EventJson;
use tagout_spec::record::{BatchBuilder, JsonError, Needs, RecordView};
use tagout_spec::schema::{KindIdx, Schema};

use crate::Failure;
use crate::inputs::Taker;

/// Called with each event, and without one when the input is idle; `Ok(false)` ends
/// the input.
type Each<'f> = dyn FnMut(Option<&[u8]>) -> Result<bool, Failure> + 'f;

/// Called with each decoded record.
type OnRecord = Box<dyn FnMut(KindIdx, RecordView<'_>)>;

/// A taker that hands on lines.
pub(crate) struct EventLines<'f> {
    schema: Schema,
    json: Rc<EventJson>,
    /// Lines of events that a frame gave, until the frame is done with.
    waiting: Rc<RefCell<Vec<Vec<u8>>>>,
    decoded: EachEvent<OnRecord>,
    each: Box<Each<'f>>,
    /// Whether the next line came too late to be put in order.
    late: bool,
}

impl<'f> EventLines<'f> {
    /// Hands each event to a function, and nothing when the input is idle.
    pub(crate) fn new(
        schema: &Schema,
        each: impl FnMut(Option<&[u8]>) -> Result<bool, Failure> + 'f,
    ) -> Self {
        let json = Rc::new(EventJson::new(schema));
        let waiting = Rc::new(RefCell::new(Vec::new()));
        let (writer, lines) = (Rc::clone(&json), Rc::clone(&waiting));
        let write = move |_: KindIdx, record: RecordView<'_>| {
            let mut line = Vec::new();
            writer.write(&record, &mut line);
            lines.borrow_mut().push(line);
        };
        let write: OnRecord = Box::new(write);
        Self {
            schema: schema.clone(),
            json,
            waiting,
            decoded: EachEvent::new(schema, write),
            each: Box::new(each),
            late: false,
        }
    }

    /// A line of input in the one form that events have.
    fn canonical(&self, line: &[u8]) -> Result<Vec<u8>, JsonError> {
        let kind = self.json.kind(line)?;
        let mut out = Vec::new();
        let Some(mut batch) = BatchBuilder::new(&self.schema, kind, Needs::ALL) else {
            return Ok(out);
        };
        if let Some(mut record) = batch.begin() {
            self.json.read(line, &mut record)?;
            if self.late
                && let Some((late, _)) = record.kind().lookup("late")
            {
                record.set(late, true.into());
            }
            record.commit();
        }
        if let Some(record) = batch.finish(0).view().record(0) {
            self.json.write(&record, &mut out);
        }
        Ok(out)
    }
}

impl EventSink for EventLines<'_> {
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        self.decoded.batch(kind)
    }
}

impl Taker for EventLines<'_> {
    fn line(&mut self, line: &str) -> Result<(), JsonError> {
        let canonical = self.canonical(line.as_bytes())?;
        self.waiting.borrow_mut().push(canonical);
        Ok(())
    }

    fn at(&mut self, place: Place) {
        self.late = place.late;
    }

    fn done(&mut self) -> Result<bool, Failure> {
        self.decoded.flush();
        let lines = std::mem::take(&mut *self.waiting.borrow_mut());
        for line in lines {
            if !(self.each)(Some(&line))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn idle(&mut self) -> Result<bool, Failure> {
        (self.each)(None)
    }
}
