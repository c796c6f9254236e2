//! CPU time, and a stream of events timed with it.

use std::error::Error;

use rustix::time::{ClockId, clock_gettime};
use tagout_runtime::Replay;
use tagout_spec::record::BatchBuilder;
use tagout_spec::schema::KindIdx;

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

/// CPU time of this thread in nanoseconds.
pub(crate) fn thread_ns() -> f64 {
    nanoseconds(ClockId::ThreadCPUTime)
}

/// CPU seconds of all threads of this process.
pub(crate) fn process_seconds() -> f64 {
    nanoseconds(ClockId::ProcessCPUTime) / 1e9
}

fn nanoseconds(clock: ClockId) -> f64 {
    let now = clock_gettime(clock);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

/// Writes and evaluates a stream of events, and writes it alone.
pub(crate) fn stream<E>(
    replay: &mut Replay,
    kind: KindIdx,
    events: &[E],
    write: impl Fn(&mut BatchBuilder, &E),
) -> Result<Measured, Box<dyn Error>> {
    let (mut wholes, mut writes, mut rows) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        for evaluate in [true, false] {
            let (start, mut found) = (thread_ns(), 0);
            for chunk in events.chunks(256) {
                let batch = replay.batch(kind).ok_or("no such kind")?;
                for event in chunk {
                    write(batch, event);
                }
                if evaluate {
                    found += replay.drain()?;
                } else {
                    batch.clear();
                }
            }
            let each = (thread_ns() - start) / events.len() as f64;
            if evaluate {
                rows = found;
                wholes.push(each);
            } else {
                writes.push(each);
            }
        }
    }
    Ok(Measured { write: median(writes), whole: median(wholes), rows })
}

/// The middle one.
pub(crate) fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}
