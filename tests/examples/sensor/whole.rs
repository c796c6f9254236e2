//! One run over a capture: what it cost, and whether it saw everything.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};
use serde_json::Value;
use tagout_traffic::made::Made;

const ROUNDS: usize = 3;

/// A run.
pub(crate) struct Measured {
    /// CPU seconds of all of its threads.
    pub(crate) seconds: f64,
    /// Most memory of all runs so far.
    pub(crate) peak_mb: i64,
}

/// Runs a pack over a capture, after a run that fills the cache of native code.
pub(crate) fn measure(
    capture: &Path,
    traffic: &Made,
    pack: &Path,
) -> Result<Measured, Box<dyn Error>> {
    let stats = pack.with_extension("json");
    let mut best = f64::INFINITY;
    for round in 0..=ROUNDS {
        let before = cpu_seconds()?;
        let output = Command::new(super::tagout()?)
            .args(["run", "-p"])
            .arg(pack)
            .arg("--stats")
            .arg(&stats)
            .arg(capture)
            .stderr(Stdio::inherit())
            .output()?;
        let seconds = cpu_seconds()? - before;
        if round > 0 {
            best = best.min(seconds);
        }
        let alerts = output.stdout.iter().filter(|byte| **byte == b'\n').count();
        if u64::try_from(alerts)? != traffic.modbus.watched {
            return Err(format!("{alerts} alerts of {}", traffic.modbus.watched).into());
        }
        let said: Value = serde_json::from_slice(&std::fs::read(&stats)?)?;
        for (kind, n) in &traffic.events {
            let seen = said.pointer(&format!("/events/{kind}")).and_then(Value::as_u64);
            if seen != Some(*n) {
                return Err(format!("{seen:?} events of {kind}, not {n}").into());
            }
        }
    }
    let peak_mb = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() / 1024;
    Ok(Measured { seconds: best, peak_mb })
}

/// CPU time of all programs that were run and have ended.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| {
        time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
    };
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}
