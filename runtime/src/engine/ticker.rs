//! The thread that counts epochs for modules whose bound is not proven.
//!
//! It lives as long as its engine and does nothing else. What it measures is
//! never part of a result: a call either ends by itself, with the same result as
//! ever, or it is a fault of its pack.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Time from one epoch to the next.
const TICK: Duration = Duration::from_millis(5);

/// Ends its thread when dropped.
pub(super) struct Ticker {
    /// Closed by the drop, which is what the thread waits for.
    _alive: mpsc::Sender<()>,
}

impl Ticker {
    /// Starts counting for an engine.
    pub(super) fn start(engine: &wasmtime::Engine) -> Result<Self, String> {
        let (alive, ended) = mpsc::channel();
        let engine = engine.weak();
        thread::Builder::new()
            .name("tagout-epochs".to_owned())
            .spawn(move || {
                while ended.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
                    let Some(engine) = engine.upgrade() else { break };
                    engine.increment_epoch();
                }
            })
            .map_err(|error| format!("cannot start the watching thread: {error}"))?;
        Ok(Self { _alive: alive })
    }

    /// A deadline in epochs, one more than the time needs: the first may end at
    /// once.
    pub(super) fn ticks(deadline: Duration) -> u64 {
        let ticks = deadline.as_millis() / TICK.as_millis();
        u64::try_from(ticks).unwrap_or(u64::MAX).saturating_add(1)
    }
}
