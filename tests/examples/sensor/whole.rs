//! One run over a capture: what it cost, and whether it saw everything.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use serde_json::Value;
use tagout_traffic::made::Made;

const ROUNDS: usize = 3;

/// A run.
pub(crate) struct Measured {
    /// CPU seconds of all of its threads.
    pub(crate) seconds: f64,
    /// Most memory of a run, as the system tells it every few milliseconds.
    pub(crate) peak_mb: u64,
}

/// Runs a pack over a capture, after a run that fills the cache of native code.
pub(crate) fn measure(
    capture: &Path,
    traffic: &Made,
    pack: &Path,
) -> Result<Measured, Box<dyn Error>> {
    let stats = pack.with_extension("json");
    let found = pack.with_extension("alerts");
    let (mut best, mut peak_mb) = (f64::INFINITY, 0);
    for round in 0..=ROUNDS {
        let before = cpu_seconds()?;
        let mut child = Command::new(super::tagout()?)
            .args(["run", "-p"])
            .arg(pack)
            .arg("--stats")
            .arg(&stats)
            .arg(capture)
            .stdout(File::create(&found)?)
            .spawn()?;
        let mut peak = 0;
        while child.try_wait()?.is_none() {
            peak = peak.max(peak_kb(child.id()).unwrap_or(0));
            thread::sleep(Duration::from_millis(2));
        }
        let seconds = cpu_seconds()? - before;
        // The first run makes native code.
        if round > 0 {
            best = best.min(seconds);
            peak_mb = peak_mb.max(peak / 1024);
        }
        let alerts = std::fs::read(&found)?;
        let alerts = alerts.iter().filter(|byte| **byte == b'\n').count();
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
    Ok(Measured { seconds: best, peak_mb })
}

/// Most memory that a process has had so far.
fn peak_kb(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// CPU time of all programs that were run and have ended.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| {
        time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
    };
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}
