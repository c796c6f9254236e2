//! How long it takes to write an event: `cargo run --release --example write_speed`.
//!
//! Prints nanoseconds an event, the best of several runs over batches of 256. The
//! values differ from event to event, so that nothing is computed ahead. The time
//! is that of the thread where the system tells it (Linux), so that other
//! programs matter less.

use std::hint::black_box;
use std::time::Instant;

use tagout_spec::record::{BatchBuilder, EventJson, Needs, Value, typed};
use tagout_spec::schema::Schema;

const ROUNDS: u32 = 5_000;
const RUNS: u32 = 5;

fn main() {
    if measure(&Schema::builtin()).is_none() {
        say("the schema lacks a built-in kind", f64::NAN);
    }
}

fn measure(schema: &Schema) -> Option<()> {
    let mut modbus = builder(schema, "modbus", Needs::ALL)?;
    report("modbus, 12 numbers, typed", &mut modbus, modbus_numbers);
    report("modbus, the same and 10 registers", &mut modbus, modbus_values);
    report("modbus, 12 numbers, by number", &mut modbus, modbus_dynamic);
    let mut process = builder(schema, "process", Needs::ALL)?;
    report("process, 6 texts", &mut process, process_event);
    process.set_needs(Needs::ALL_FOLDED);
    report("process, 6 texts, folded too", &mut process, process_event);
    copies(&mut modbus);
    lines(schema, &mut modbus);
    Some(())
}

fn builder(schema: &Schema, kind: &str, needs: Needs) -> Option<BatchBuilder> {
    BatchBuilder::new(schema, schema.kind_idx(kind)?, needs)
}

fn modbus_numbers(batch: &mut BatchBuilder, n: u32) -> Option<()> {
    let mut w = typed::modbus::Writer::begin(batch)?;
    numbers(&mut w, n);
    w.commit();
    Some(())
}

fn modbus_values(batch: &mut BatchBuilder, n: u32) -> Option<()> {
    let mut w = typed::modbus::Writer::begin(batch)?;
    numbers(&mut w, n);
    let [low, ..] = n.to_le_bytes();
    w.values((0..10).map(|i| i ^ u16::from(low)));
    w.commit();
    Some(())
}

#[inline]
fn numbers(w: &mut typed::modbus::Writer<'_>, n: u32) {
    let [a, b, c, d] = n.to_le_bytes();
    let port = u16::from_le_bytes([a, b]);
    w.ts(i64::from(n))
        .src_ip([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, a, b, c])
        .dst_ip([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, c, d, a])
        .src_port(port)
        .dst_port(502)
        .transport(6)
        .transaction(port)
        .unit(a)
        .function(16)
        .request(n.is_multiple_of(2))
        .address(port)
        .quantity(u16::from(a) + 1);
}

fn modbus_dynamic(batch: &mut BatchBuilder, n: u32) -> Option<()> {
    use typed::modbus as m;
    let mut w = batch.begin()?;
    let [a, b, c, d] = n.to_le_bytes();
    let port = i64::from(u16::from_le_bytes([a, b]));
    let ip = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, c, d, a];
    for (idx, value) in [
        (m::TS, Value::Int(i64::from(n))),
        (m::SRC_IP, Value::Ip(ip)),
        (m::DST_IP, Value::Ip(ip)),
        (m::SRC_PORT, Value::Int(port)),
        (m::DST_PORT, Value::Int(502)),
        (m::TRANSPORT, Value::Int(6)),
        (m::TRANSACTION, Value::Int(port)),
        (m::UNIT, Value::Int(a.into())),
        (m::FUNCTION, Value::Int(16)),
        (m::REQUEST, Value::Bool(n.is_multiple_of(2))),
        (m::ADDRESS, Value::Int(port)),
        (m::QUANTITY, Value::Int(i64::from(a) + 1)),
    ] {
        w.set(idx, value);
    }
    w.commit();
    Some(())
}

fn process_event(batch: &mut BatchBuilder, n: u32) -> Option<()> {
    let mut w = typed::process::Writer::begin(batch)?;
    w.ts(i64::from(n)).pid(n);
    w.host_name(b"ENG-WS-01").user(b"PLANT\\operator");
    w.image(br"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe");
    w.command_line(
        b"powershell.exe -NoProfile -ExecutionPolicy Bypass -File C:\\Temp\\backup_project.ps1 -Target PLC7",
    );
    w.parent_image(br"C:\Program Files\Siemens\Step7\S7BIN\S7tgtopx.exe");
    w.current_directory(br"C:\Users\operator\Documents");
    w.commit();
    Some(())
}

/// Times a function that writes one event and says `None` when the batch is full.
fn report(
    what: &str,
    batch: &mut BatchBuilder,
    write: impl Fn(&mut BatchBuilder, u32) -> Option<()>,
) {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let mut events = 0_u32;
        let start = Clock::start();
        for round in 0..ROUNDS {
            batch.clear();
            let mut n = round;
            while write(batch, black_box(n)).is_some() {
                n = n.wrapping_add(0x9e37);
                events = events.wrapping_add(1);
            }
            black_box(batch.finish(0).bytes());
        }
        best = best.min(start.elapsed() / f64::from(events));
    }
    say(what, best);
}

/// Times the copy of a batch to a pack, whole and at the least stride.
fn copies(batch: &mut BatchBuilder) {
    batch.clear();
    while modbus_values(batch, 7).is_some() {}
    let full = batch.kind().stride;
    let least = tagout_spec::record::STRIDE_MIN;
    let batch = batch.finish(0);
    let mut out = vec![0; batch.bytes().len()];
    for stride in [full, least] {
        let mut best = f64::INFINITY;
        for _ in 0..RUNS {
            let start = Clock::start();
            for _ in 0..ROUNDS {
                black_box(batch.copy_to(&mut out, 0, stride, 0..batch.len()));
            }
            let events = f64::from(ROUNDS) * 256.0;
            best = best.min(start.elapsed() / events);
        }
        say(&format!("copy to a pack, stride {stride}"), best);
    }
}

/// Times an event as a JSON line: written, and read with a look for its kind.
fn lines(schema: &Schema, batch: &mut BatchBuilder) {
    let json = EventJson::new(schema);
    batch.clear();
    modbus_values(batch, 7);
    let mut line = Vec::new();
    let finished = batch.finish(0);
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Clock::start();
        for _ in 0..10 * ROUNDS {
            line.clear();
            if let Some(record) = finished.view().record(0) {
                json.write(black_box(&record), &mut line);
            }
        }
        best = best.min(start.elapsed() / (10.0 * f64::from(ROUNDS)));
    }
    say(&format!("modbus to a JSON line of {} bytes", line.len()), best);
    report("modbus from that line", batch, |batch, _| {
        json.kind(black_box(&line)).ok()?;
        let mut record = batch.begin()?;
        json.read(&line, &mut record).ok()?;
        record.commit();
        Some(())
    });
}

/// Processor time of this thread, or time on the wall.
struct Clock {
    wall: Instant,
    thread: Option<f64>,
}

impl Clock {
    fn start() -> Self {
        Self { wall: Instant::now(), thread: thread_time() }
    }

    /// Nanoseconds since the start.
    fn elapsed(&self) -> f64 {
        match self.thread.zip(thread_time()) {
            Some((start, end)) => end - start,
            None => self.wall.elapsed().as_secs_f64() * 1e9,
        }
    }
}

fn thread_time() -> Option<f64> {
    // The kernel brings the number up to date when the thread gives way.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}

#[expect(clippy::print_stdout, reason = "the example's purpose")]
fn say(what: &str, nanoseconds: f64) {
    println!("{nanoseconds:7.1} ns  {what}");
}
