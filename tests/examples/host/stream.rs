//! Events through the host's reader and a pack, timed.

use std::error::Error;

use tagout_decode::EventSink;
use tagout_host::{Host, Layout};
use tagout_runtime::{Output, Replay, Runtime, Session};
use tagout_spec::record::{BATCH_MAX, BatchBuilder, Needs};
use tagout_spec::schema::{KindIdx, Schema};
use tagout_tests::clock::{median, thread_ns};

use crate::parsed::{Caches, Parsed};
use crate::rules::Rules;
use crate::{ROUNDS, row};

/// Nanoseconds an event.
pub(crate) struct Measured {
    /// Reading and writing the records.
    pub(crate) read: f64,
    /// And evaluating them.
    pub(crate) whole: f64,
    /// Writing the records of parsed events alone.
    pub(crate) write: f64,
    /// And evaluating them.
    pub(crate) parsed: f64,
    /// Verdicts that are not false, over all events.
    pub(crate) rows: u64,
}

impl Measured {
    /// Evaluating alone.
    pub(crate) fn evaluate(&self) -> f64 {
        self.parsed - self.write
    }
}

/// The reader and a pack.
pub(crate) struct Stream {
    host: Host,
    sink: Sink,
    waiting: usize,
    rows: u64,
}

struct Sink {
    replay: Replay,
    spare: BatchBuilder,
}

impl EventSink for Sink {
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        self.spare.clear();
        self.replay.batch(kind).unwrap_or(&mut self.spare)
    }
}

/// Learns the kind of an event.
struct One<'s> {
    sink: &'s mut Sink,
    kind: Option<KindIdx>,
}

impl EventSink for One<'_> {
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        self.kind = Some(kind);
        self.sink.batch(kind)
    }
}

impl Stream {
    pub(crate) fn new(pack: &[u8]) -> Result<Self, Box<dyn Error>> {
        let runtime = Runtime::builder().pack("sigma", pack.to_vec()).build()?;
        let spare = BatchBuilder::new(&Schema::builtin(), KindIdx(0), Needs::NONE);
        let mut sink =
            Sink { replay: runtime.replay()?, spare: spare.ok_or("no kinds")? };
        let mut host = Host::new(runtime.schema());
        host.ask(&mut sink);
        Ok(Self { host, sink, waiting: 0, rows: 0 })
    }

    /// Takes an event; evaluates when a batch is full.
    pub(crate) fn text(
        &mut self,
        layout: Layout,
        text: &str,
        evaluate: bool,
    ) -> Result<(), Box<dyn Error>> {
        self.host.text(layout, text, false, &mut self.sink)?;
        self.count(evaluate)
    }

    /// An event was written.
    fn count(&mut self, evaluate: bool) -> Result<(), Box<dyn Error>> {
        self.waiting += 1;
        if self.waiting == BATCH_MAX { self.flush(evaluate) } else { Ok(()) }
    }

    /// What the records of some lines hold.
    fn parsed(&mut self, lines: &[String]) -> Result<Parsed, Box<dyn Error>> {
        let mut parsed = Parsed::default();
        for line in lines {
            let mut one = One { sink: &mut self.sink, kind: None };
            self.host.text(Layout::Json, line, false, &mut one)?;
            let kind = one.kind.ok_or("a line without an event")?;
            let batch = self.sink.batch(kind).finish(0);
            let record = batch.view().records().last().ok_or("no record")?;
            parsed.push(kind, &record);
            self.sink.replay.clear();
        }
        Ok(parsed)
    }

    /// Ends a batch.
    pub(crate) fn flush(&mut self, evaluate: bool) -> Result<(), Box<dyn Error>> {
        self.waiting = 0;
        if evaluate {
            self.rows += self.sink.replay.drain()?;
        } else {
            self.sink.replay.clear();
        }
        Ok(())
    }
}

/// Reads lines of JSON, with and without evaluating them; and writes what was read of
/// them, as it is behind a parser.
pub(crate) fn measure(pack: &[u8], lines: &[String]) -> Result<Measured, Box<dyn Error>> {
    let mut stream = Stream::new(pack)?;
    let (parsed, mut caches) = (stream.parsed(lines)?, Caches::default());
    let mut times = [const { Vec::new() }; 4];
    let mut rows = 0;
    for _ in 0..ROUNDS {
        let [reads, wholes, writes, parseds] = &mut times;
        for (evaluate, times) in [(true, wholes), (false, reads)] {
            let start = thread_ns();
            stream.rows = 0;
            for line in lines {
                stream.text(Layout::Json, line, evaluate)?;
            }
            stream.flush(evaluate)?;
            times.push((thread_ns() - start) / lines.len() as f64);
            rows = rows.max(stream.rows);
        }
        for (evaluate, times) in [(true, parseds), (false, writes)] {
            let start = thread_ns();
            for event in parsed.events() {
                parsed.write(event, stream.sink.batch(event.kind), &mut caches);
                stream.count(evaluate)?;
            }
            stream.flush(evaluate)?;
            times.push((thread_ns() - start) / lines.len() as f64);
        }
    }
    let [read, whole, write, parsed] = times.map(median);
    Ok(Measured { read, whole, write, parsed, rows })
}

/// What twice the rules cost.
pub(crate) fn growth(rules: &Rules, lines: &[String]) -> Result<(), Box<dyn Error>> {
    let mut before: Option<Measured> = None;
    for n in [375, 750, 1_500, 3_000] {
        let found = measure(&rules.first(n)?, lines)?;
        let growth = |of: fn(&Measured) -> f64| match &before {
            Some(before) => {
                format!("{:.0} ns, {:.2} times", of(&found), of(&found) / of(before))
            }
            None => format!("{:.0} ns", of(&found)),
        };
        row(&format!("{n} rules: parsed events"), "1.3 times", &growth(|of| of.parsed));
        row(&format!("{n} rules: from JSON"), "1.3 times", &growth(|of| of.whole));
        row(&format!("{n} rules: evaluation alone"), "", &growth(Measured::evaluate));
        before = Some(found);
    }
    Ok(())
}

/// Which rules match single events.
pub(crate) struct Verdicts {
    host: Host,
    session: Session,
}

impl Verdicts {
    pub(crate) fn new(pack: &[u8]) -> Result<Self, Box<dyn Error>> {
        let runtime = Runtime::builder().pack("sigma", pack.to_vec()).build()?;
        let (mut host, mut session) = (Host::new(runtime.schema()), runtime.session()?);
        host.ask(&mut session);
        Ok(Self { host, session })
    }

    /// Identifiers of the rules that match an event.
    pub(crate) fn of(
        &mut self,
        layout: Layout,
        text: &str,
    ) -> Result<Vec<String>, Box<dyn Error>> {
        self.host.text(layout, text, false, &mut self.session)?;
        self.session.flush();
        let mut ids = Vec::new();
        while let Some(output) = self.session.next_output() {
            match output {
                Output::Alert(alert) => ids.push(alert.id),
                other => return Err(format!("{other:?}").into()),
            }
        }
        Ok(ids)
    }
}
