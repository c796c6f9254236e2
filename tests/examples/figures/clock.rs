//! A stream of events, timed.

use std::error::Error;

use tagout_runtime::Replay;
use tagout_spec::record::BatchBuilder;
use tagout_spec::schema::KindIdx;
use tagout_tests::clock::{median, thread_ns};

use crate::ROUNDS;

/// Nanoseconds an event.
pub(crate) struct Measured {
    /// Writing the records alone.
    pub(crate) write: f64,
    /// Writing and evaluating.
    pub(crate) whole: f64,
    /// Verdicts that are not false, over all events.
    pub(crate) rows: u64,
}

impl Measured {
    /// Copying and evaluating alone.
    pub(crate) fn evaluate(&self) -> f64 {
        self.whole - self.write
    }
}

/// Writes and evaluates a stream of events, and writes it alone: the median of rounds.
pub(crate) fn stream<E>(
    replay: &mut Replay,
    kind: KindIdx,
    events: &[E],
    write: impl Fn(&mut BatchBuilder, &E),
) -> Result<Measured, Box<dyn Error>> {
    let (mut wholes, mut writes, mut rows) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let measured = round(replay, kind, events, &write)?;
        wholes.push(measured.whole);
        writes.push(measured.write);
        rows = measured.rows;
    }
    Ok(Measured { write: median(writes), whole: median(wholes), rows })
}

/// One round of it.
pub(crate) fn round<E>(
    replay: &mut Replay,
    kind: KindIdx,
    events: &[E],
    write: impl Fn(&mut BatchBuilder, &E),
) -> Result<Measured, Box<dyn Error>> {
    let mut rows = 0;
    let [whole, write] = [true, false].map(|evaluate| {
        let start = thread_ns();
        for chunk in events.chunks(256) {
            let batch = replay.batch(kind).ok_or("no such kind")?;
            for event in chunk {
                write(batch, event);
            }
            if evaluate {
                rows += replay.drain()?;
            } else {
                batch.clear();
            }
        }
        Ok::<_, Box<dyn Error>>((thread_ns() - start) / events.len() as f64)
    });
    Ok(Measured { write: write?, whole: whole?, rows })
}
