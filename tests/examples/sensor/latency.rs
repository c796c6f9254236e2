//! From packet to alert, live through a pipe.
//!
//! ```text
//! here --1,000 packets a second--> tagout run - --alerts--> here
//! ```
//!
//! An alert names its packet, and the time between writing the one and reading the other
//! is taken. Both ends are on this machine, so waking up twice is part of it.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tagout_traffic::made::{self, Plan};

/// Packets that are sent.
const PACKETS: u32 = 60_000;
const EACH: Duration = Duration::from_millis(1);
/// Bytes before the first packet, and before each.
const HEADERS: (usize, usize) = (24, 16);

/// What was measured.
pub(crate) struct Latency {
    pub(crate) median_ms: f64,
    pub(crate) p99_ms: f64,
}

/// Feeds traffic of few connections, so that alerts come often.
pub(crate) fn measure(pack: &Path) -> Result<Latency, Box<dyn Error>> {
    let traffic = made::capture(Plan { packets: PACKETS, connections: 10, mixed: false });
    let mut child = Command::new(super::tagout()?)
        .args(["run", "-p"])
        .arg(pack)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (mut to, from) = child.stdin.take().zip(child.stdout.take()).ok_or("no pipes")?;
    let (seen, alerts) = mpsc::channel();
    let reader = thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = seen.send((Instant::now(), line));
        }
    });
    let mut sent = Vec::new();
    let (head, mut rest) = traffic.capture.split_at(HEADERS.0);
    to.write_all(head)?;
    // Native code is made or loaded meanwhile.
    thread::sleep(Duration::from_secs(2));
    let begin = Instant::now();
    while let Some(length) = rest.get(8..).and_then(|rest| rest.first_chunk()) {
        let bytes = HEADERS.1 + usize::try_from(u32::from_le_bytes(*length))?;
        let (packet, behind) = rest.split_at_checked(bytes).ok_or("a cut packet")?;
        rest = behind;
        let due = EACH * u32::try_from(sent.len())?;
        thread::sleep((begin + due).saturating_duration_since(Instant::now()));
        sent.push(Instant::now());
        to.write_all(packet)?;
    }
    drop(to);
    child.wait()?;
    reader.join().map_err(|_| "the reader failed")?;
    let mut waits = Vec::new();
    for (at, line) in alerts {
        let alert: Value = serde_json::from_str(&line)?;
        let number = alert.get("pcap_cnt").and_then(Value::as_u64).ok_or("no packet")?;
        let sent = sent.get(usize::try_from(number)? - 1).ok_or("no such packet")?;
        waits.push((at - *sent).as_secs_f64() * 1e3);
    }
    if u64::try_from(waits.len())? != traffic.modbus.writes {
        return Err(format!("{} alerts of {}", waits.len(), traffic.modbus.writes).into());
    }
    waits.sort_by(f64::total_cmp);
    let at = |percent: usize| {
        waits.get(waits.len() * percent / 100).copied().unwrap_or(f64::NAN)
    };
    Ok(Latency { median_ms: at(50), p99_ms: at(99) })
}
