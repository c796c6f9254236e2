//! Several inputs as one, in the order of their times.
//!
//! ```text
//! source 0 --.                 heap of (time, input, arrival)
//! source 1 --+--> least head ----> hold for the lateness ----> caller
//! source 2 --'
//! ```
//!
//! One input is passed through in its own order and without delay. Several are
//! held back until no input can bring an earlier item within the lateness: an
//! item leaves when the slowest input has passed its time by the lateness, when the
//! inputs have ended, or when the heap is full. An item whose time lies more than
//! the lateness before one that already left is *late*: it is handed out at
//! once, marked and counted.
//!
//! A line's time is its `ts`, or where the logs of computers have theirs; a line
//! without one takes the time of the line before it. Several live inputs wait for each other: the next item of each is
//! needed to know the least.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::Deserialize;
use tagout_decode::Frame;
use tagout_host::{Layout, time_of};

use crate::Format;
use crate::error::SourceError;
use crate::source::{Item, Line, Source};

/// How far items of several inputs are put in order, unless said otherwise.
pub const DEFAULT_LATENESS_NS: i64 = 5_000_000_000;

/// Most bytes that are held back for the sake of order.
const MAX_HELD_BYTES: usize = 64 * 1024 * 1024;

/// Several inputs as one.
pub struct Merge<'r> {
    inputs: Vec<Input<'r>>,
    lateness_ns: i64,
    heap: BinaryHeap<Reverse<Held>>,
    held_bytes: usize,
    arrivals: u64,
    /// Buffers of items that left, for items to come.
    spare: Vec<Vec<u8>>,
    /// The item on loan to the caller.
    lent: Option<Held>,
    latest_ns: i64,
    stats: MergeStats,
}

/// An item of a [`Merge`].
#[derive(Clone, Copy, Debug)]
pub struct Merged<'a> {
    /// The item, with the position of its input.
    pub item: Item<'a>,
    /// Its time lies more than the lateness before that of an earlier item.
    pub late: bool,
}

/// What merging has met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeStats {
    /// Items handed out late.
    pub late: u64,
    /// Items handed out before their time was safe, because too many were held.
    pub forced: u64,
}

struct Input<'r> {
    source: Source<'r>,
    /// Greatest time seen; None before the first item.
    latest_ns: Option<i64>,
    done: bool,
}

/// An item that waits, with bytes of its own.
struct Held {
    ts_ns: i64,
    arrival: u64,
    late: bool,
    bytes: Vec<u8>,
    what: HeldKind,
}

enum HeldKind {
    Frame(Frame<'static>),
    Line { format: Format, number: u64, offset: u64, input: u16 },
}

impl<'r> Merge<'r> {
    /// Merges `sources`, whose positions become their items' input numbers.
    pub fn new(sources: Vec<Source<'r>>, lateness_ns: i64) -> Merge<'r> {
        let input = |source| Input { source, latest_ns: None, done: false };
        Merge {
            inputs: sources.into_iter().map(input).collect(),
            lateness_ns: lateness_ns.max(0),
            heap: BinaryHeap::new(),
            held_bytes: 0,
            arrivals: 0,
            spare: Vec::new(),
            lent: None,
            latest_ns: i64::MIN,
            stats: MergeStats::default(),
        }
    }

    /// The sources, in the order they were given.
    pub fn sources(&self) -> impl Iterator<Item = &Source<'r>> {
        self.inputs.iter().map(|input| &input.source)
    }

    /// What merging has met so far.
    pub fn stats(&self) -> MergeStats {
        self.stats
    }

    /// The next item; none when all inputs have ended. An error ends the one
    /// input that it names, unless it only is [idle](SourceError::is_idle); the others
    /// go on.
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator cannot lend from itself"
    )]
    pub fn next(&mut self) -> Result<Option<Merged<'_>>, SourceError> {
        if self.inputs.len() == 1 {
            return self.next_of_one();
        }
        self.next_of_many()
    }

    fn next_of_many(&mut self) -> Result<Option<Merged<'_>>, SourceError> {
        if let Some(lent) = self.lent.take() {
            self.spare.push(lent.bytes);
        }
        while !self.is_head_safe() {
            self.pull()?;
        }
        let Some(Reverse(mut held)) = self.heap.pop() else { return Ok(None) };
        self.held_bytes = self.held_bytes.saturating_sub(held.bytes.len());
        held.late =
            note(&mut self.latest_ns, &mut self.stats, self.lateness_ns, held.ts_ns);
        let held = self.lent.insert(held);
        Ok(held.merged())
    }

    #[inline]
    fn next_of_one(&mut self) -> Result<Option<Merged<'_>>, SourceError> {
        let Some(input) = self.inputs.first_mut() else { return Ok(None) };
        let Some(item) = input.source.next()? else { return Ok(None) };
        let ts_ns = match item {
            Item::Frame(frame) => frame.ts_ns,
            Item::Line(line) => line_time(&line).unwrap_or(self.latest_ns),
        };
        let late = note(&mut self.latest_ns, &mut self.stats, self.lateness_ns, ts_ns);
        Ok(Some(Merged { item, late }))
    }

    /// Whether the least item held may leave (or there is nothing to wait for).
    fn is_head_safe(&mut self) -> bool {
        let mut running = self.inputs.iter().filter(|input| !input.done).peekable();
        if running.peek().is_none() {
            return true;
        }
        let Some(Reverse(head)) = self.heap.peek() else { return false };
        let slowest = running.map(|input| input.latest_ns.unwrap_or(i64::MIN)).min();
        let safe = slowest.unwrap_or(i64::MAX).saturating_sub(self.lateness_ns);
        if head.ts_ns <= safe {
            return true;
        }
        let full = self.held_bytes > MAX_HELD_BYTES;
        self.stats.forced = self.stats.forced.saturating_add(u64::from(full));
        full
    }

    /// Takes one item from the input whose times are furthest behind.
    fn pull(&mut self) -> Result<(), SourceError> {
        let slowest = self
            .inputs
            .iter_mut()
            .enumerate()
            .filter(|(_, input)| !input.done)
            .min_by_key(|(_, input)| input.latest_ns.unwrap_or(i64::MIN));
        let Some((number, input)) = slowest else { return Ok(()) };
        let number = u16::try_from(number).unwrap_or(u16::MAX);
        let item = match input.source.next() {
            Ok(Some(item)) => item,
            Ok(None) => {
                input.done = true;
                return Ok(());
            }
            Err(error) => {
                input.done = !error.is_idle();
                return Err(error);
            }
        };
        let mut bytes = self.spare.pop().unwrap_or_default();
        bytes.clear();
        let (ts_ns, what) = match item {
            Item::Frame(frame) => {
                bytes.extend_from_slice(frame.data);
                let kept = Frame { data: &[], input: number, ..frame };
                (frame.ts_ns, HeldKind::Frame(kept))
            }
            Item::Line(line) => {
                bytes.extend_from_slice(line.text.as_bytes());
                let Line { number: line_number, format, offset, .. } = line;
                let before = input.latest_ns.unwrap_or(i64::MIN);
                let (input, number) = (number, line_number);
                let what = HeldKind::Line { format, number, offset, input };
                (line_time(&line).unwrap_or(before), what)
            }
        };
        input.latest_ns = Some(input.latest_ns.unwrap_or(i64::MIN).max(ts_ns));
        self.arrivals = self.arrivals.saturating_add(1);
        self.held_bytes = self.held_bytes.saturating_add(bytes.len());
        let arrival = self.arrivals;
        self.heap.push(Reverse(Held { ts_ns, arrival, late: false, bytes, what }));
        Ok(())
    }
}

impl Held {
    fn input(&self) -> u16 {
        match &self.what {
            HeldKind::Frame(frame) => frame.input,
            HeldKind::Line { input, .. } => *input,
        }
    }

    fn merged(&self) -> Option<Merged<'_>> {
        let item = match &self.what {
            HeldKind::Frame(frame) => Item::Frame(Frame { data: &self.bytes, ..*frame }),
            HeldKind::Line { format, number, offset, input } => Item::Line(Line {
                text: std::str::from_utf8(&self.bytes).ok()?,
                format: *format,
                number: *number,
                offset: *offset,
                input: *input,
            }),
        };
        Some(Merged { item, late: self.late })
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Held) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Held {}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Held) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Held {
    fn cmp(&self, other: &Held) -> std::cmp::Ordering {
        let key = |held: &Held| (held.ts_ns, held.input(), held.arrival);
        key(self).cmp(&key(other))
    }
}

/// Records that an item of this time leaves; true if it is late.
fn note(
    latest_ns: &mut i64,
    stats: &mut MergeStats,
    lateness_ns: i64,
    ts_ns: i64,
) -> bool {
    let late = ts_ns < latest_ns.saturating_sub(lateness_ns);
    *latest_ns = (*latest_ns).max(ts_ns);
    stats.late = stats.late.saturating_add(u64::from(late));
    late
}

/// The time of a line; none if it has none that is a time.
fn line_time(line: &Line<'_>) -> Option<i64> {
    match line.format {
        Format::Evtx => time_of(Layout::Evtx, line.text),
        Format::Xml => time_of(Layout::Xml, line.text),
        Format::Auditd => time_of(Layout::Audit, line.text),
        _ => own_time(line.text).or_else(|| time_of(Layout::Json, line.text)),
    }
}

/// The time of an event of our own. It begins with it, so that it need not be parsed
/// for it.
fn own_time(text: &str) -> Option<i64> {
    if let Some((ts, _)) =
        text.strip_prefix("{\"ts\":\"").and_then(|rest| rest.split_once('"'))
        && let Ok(ts) = ts.parse::<jiff::Timestamp>()
    {
        return i64::try_from(ts.as_nanosecond()).ok();
    }
    #[derive(Deserialize)]
    struct Timed<'a> {
        #[serde(borrow)]
        ts: std::borrow::Cow<'a, str>,
    }
    let timed: Timed<'_> = serde_json::from_str(text).ok()?;
    let ts: jiff::Timestamp = timed.ts.parse().ok()?;
    i64::try_from(ts.as_nanosecond()).ok()
}
