//! CPU time, for the figures: what else runs on the machine does not count.

use rustix::time::{ClockId, clock_gettime};

/// CPU time of this thread in nanoseconds.
#[must_use]
pub fn thread_ns() -> f64 {
    nanoseconds(ClockId::ThreadCPUTime)
}

/// CPU seconds of all threads of this process.
#[must_use]
pub fn process_seconds() -> f64 {
    nanoseconds(ClockId::ProcessCPUTime) / 1e9
}

/// The middle one.
#[must_use]
pub fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}

fn nanoseconds(clock: ClockId) -> f64 {
    let now = clock_gettime(clock);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}
