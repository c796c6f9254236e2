//! Inputs of a command: opened, merged by time, and handed on as events.

use std::fs::File;
use std::io::stdin;
#[cfg(unix)]
use std::os::fd::AsFd;
use std::path::Path;

use indicatif::ProgressBar;
use tagout_decode::{Config, DECODERS, EventSink, Pipeline};
use tagout_host::{Host, Layout, Refused};
use tagout_runtime::{Place, Plugins, Session};
use tagout_sources::{Format, Item, Line, Merge, Source, SourceError};
use tagout_spec::record::{BatchBuilder, JsonError, JsonErrorKind, Needs};
use tagout_spec::schema::{KindIdx, Schema};

use crate::args::{InputFormat, Inputs};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Inputs as one sequence of items, with what was wrong on the way.
pub(crate) struct Feed {
    merge: Merge<'static>,
    pipeline: Pipeline,
    host: Host,
    /// Whether the last line of JSON was of another's making.
    is_foreign: bool,
    /// Lines that are no events, with the first few of their errors.
    pub(crate) refused: u64,
    progress: ProgressBar,
}

/// Lines that are no events of which the reason is told.
const TOLD: u64 = 5;

/// Where events go.
pub(crate) trait Taker: EventSink {
    /// Takes a line of JSON.
    fn line(&mut self, line: &str) -> Result<(), JsonError>;
    /// Learns where the next events are found.
    fn at(&mut self, place: Place);
    /// An item has been handed on; `Ok(false)` ends the input.
    fn done(&mut self) -> Result<bool, Failure>;
    /// The next read waits: what is known so far should be said now; `Ok(false)` ends
    /// the input.
    fn idle(&mut self) -> Result<bool, Failure>;
}

impl Feed {
    /// Opens inputs, to be decoded with these plugins besides what is built in.
    pub(crate) fn open(
        args: &Inputs,
        plugins: &Plugins,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let format = args.input_format.map(|format| match format {
            InputFormat::Pcap => Format::Pcap,
            InputFormat::Pcapng => Format::Pcapng,
            InputFormat::Json => Format::JsonLines,
            InputFormat::Evtx => Format::Evtx,
            InputFormat::Xml => Format::Xml,
            InputFormat::Auditd => Format::Auditd,
        });
        let mut sources = Vec::new();
        let mut total = Some(0_u64);
        for path in &args.inputs {
            let (source, bytes) = open(path, format)?;
            total = total.zip(bytes).map(|(total, bytes)| total.saturating_add(bytes));
            sources.extend(source);
        }
        Ok(Self {
            merge: Merge::new(sources, args.lateness),
            pipeline: Pipeline::with_added(
                Config::default(),
                DECODERS,
                plugins.decoders(),
            ),
            // Kinds that are added later leave the numbers of these as they are.
            host: Host::new(&Schema::builtin()),
            is_foreign: false,
            refused: 0,
            progress: terminal.progress(total),
        })
    }

    /// Names of the inputs, by their numbers.
    pub(crate) fn names(&self) -> Vec<String> {
        self.merge.sources().map(|source| source.name().to_owned()).collect()
    }

    /// Hands everything to a taker.
    pub(crate) fn run(
        &mut self,
        taker: &mut dyn Taker,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        self.host.ask(taker);
        let mut items = 0_u64;
        loop {
            // Looked at where it is: an item is large to be moved.
            let next = self.merge.next();
            let merged = match &next {
                Ok(Some(merged)) => merged,
                Ok(None) => break,
                Err(error) if error.is_idle() => {
                    self.host.finish(taker);
                    if !taker.done()? || !taker.idle()? {
                        return Ok(());
                    }
                    continue;
                }
                Err(error) => {
                    complain(error, terminal)?;
                    continue;
                }
            };
            match &merged.item {
                Item::Frame(frame) => {
                    let input = Some(u32::from(frame.input));
                    taker.at(Place {
                        input,
                        number: Some(frame.index),
                        late: merged.late,
                    });
                    self.pipeline.frame(frame, merged.late, taker);
                }
                Item::Line(line) => {
                    let input = Some(u32::from(line.input));
                    taker.at(Place {
                        input,
                        number: Some(line.number),
                        late: merged.late,
                    });
                    let (host, is_foreign) = (&mut self.host, &mut self.is_foreign);
                    if let Err(error) = take(host, is_foreign, line, merged.late, taker) {
                        self.refused = self.refused.saturating_add(1);
                        if self.refused <= TOLD {
                            terminal.note(&format!("line {}: {error}", line.number));
                        }
                    }
                }
            }
            items = items.saturating_add(1);
            if items.is_multiple_of(4096) {
                self.progress.set_position(self.bytes());
            }
            if !taker.done()? {
                return Ok(());
            }
        }
        self.pipeline.finish(taker);
        self.host.finish(taker);
        taker.done()?;
        self.progress.finish_and_clear();
        if self.refused > TOLD {
            terminal.note(&format!("{} lines are no events", self.refused));
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.merge.sources().map(|source| source.stats().bytes).sum()
    }

    /// Counters of reading and decoding, for `--stats`.
    pub(crate) fn stats(&self) -> serde_json::Value {
        let stats = self.pipeline.stats();
        let merge = self.merge.stats();
        let host = self.host.stats();
        let damaged = self.merge.sources().map(|source| source.stats().damaged);
        serde_json::json!({
            "packets": stats.packets,
            "bytes": self.bytes(),
            "lines": self.merge.sources().map(|source| source.stats().lines).sum::<u64>(),
            "refused": self.refused,
            "damaged": damaged.sum::<u64>(),
            "unmapped": host.unmapped,
            "malformed": stats.malformed,
            "cut": stats.cut,
            "unsupported": stats.unsupported,
            "evicted": stats.evicted.saturating_add(host.evicted),
            "late": merge.late,
        })
    }
}

/// Hands on a line as what it is. Lines of JSON are ours or a shipper's: what the last
/// one was is tried first.
fn take(
    host: &mut Host,
    is_foreign: &mut bool,
    line: &Line<'_>,
    late: bool,
    taker: &mut dyn Taker,
) -> Result<(), String> {
    let layout = match line.format {
        Format::Evtx => Layout::Evtx,
        Format::Xml => Layout::Xml,
        Format::Auditd => Layout::Audit,
        _ => Layout::Json,
    };
    let told = |refused: Refused| refused.to_string();
    if layout != Layout::Json {
        return host.text(layout, line.text, late, taker).map_err(told);
    }
    if *is_foreign && host.text(layout, line.text, late, taker).is_ok() {
        return Ok(());
    }
    let was_foreign = std::mem::take(is_foreign);
    let Err(own) = taker.line(line.text) else { return Ok(()) };
    let refused = match was_foreign {
        true => Refused::Layout,
        false => match host.text(layout, line.text, late, taker) {
            Ok(()) => {
                *is_foreign = true;
                return Ok(());
            }
            Err(refused) => refused,
        },
    };
    // What does not say that it is ours is nobody's.
    let is_claimed = *own.kind() != JsonErrorKind::NoKind;
    Err(if is_claimed { own.to_string() } else { refused.to_string() })
}

/// Opens one input and tells its size. A source without a single byte is an
/// empty input, which is no error.
fn open(
    path: &Path,
    format: Option<Format>,
) -> Result<(Option<Source<'static>>, Option<u64>), Failure> {
    let fail = |error: std::io::Error| {
        Failure::usage(format!("cannot read `{}`: {error}", path.display()))
    };
    let name = path.display().to_string();
    let opened = if path == Path::new("-") {
        (live(Source::open(stdin(), &name, format), stdin()), None)
    } else {
        let file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Err(Failure::usage(format!("`{name}` is a folder")));
        }
        if metadata.is_file() {
            (Source::open(file, &name, format), Some(metadata.len()))
        } else {
            let watched = file.try_clone().map_err(fail)?;
            (live(Source::open(file, &name, format), watched), None)
        }
    };
    match opened {
        (Ok(source), bytes) => Ok((Some(source), bytes)),
        (Err(error), bytes) if error.is_empty() => Ok((None, bytes)),
        (Err(error), _) => Err(Failure::usage(error.to_string())),
    }
}

/// Watches an input that may have to wait for its writer.
#[cfg(unix)]
fn live(
    source: Result<Source<'static>, SourceError>,
    reader: impl AsFd + Send + 'static,
) -> Result<Source<'static>, SourceError> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let ready = move || {
        let mut wanted = [PollFd::new(&reader, PollFlags::IN)];
        // What cannot be watched is read as a file is: it never seems to wait.
        poll(&mut wanted, Some(&Timespec::default())).map_or(true, |ready| ready > 0)
    };
    source.map(|source| source.watched(ready))
}

/// Without a way to ask, an input never seems to wait.
#[cfg(not(unix))]
fn live<R>(
    source: Result<Source<'static>, SourceError>,
    _reader: R,
) -> Result<Source<'static>, SourceError> {
    source
}

/// A damaged input is read as far as it goes; one that cannot be read at all is
/// a failure.
fn complain(error: &SourceError, terminal: &Terminal) -> Result<(), Failure> {
    if error.is_io() || error.is_unusable() {
        return Err(Failure::usage(error.to_string()));
    }
    terminal.error(&format!("warning: {error}"));
    Ok(())
}

/// A session as the taker of events.
pub(crate) struct IntoSession<'s, F> {
    session: &'s mut Session,
    /// Takes records of kinds that the session does not know: there are none,
    /// since its schema holds all that the decoders write.
    spare: BatchBuilder,
    done: F,
}

impl<'s, F: FnMut(&mut Session) -> Result<bool, Failure>> IntoSession<'s, F> {
    /// Calls `done` after each item, and after a flush when the input is idle.
    pub(crate) fn new(
        session: &'s mut Session,
        schema: &Schema,
        done: F,
    ) -> Result<Self, Failure> {
        let spare = BatchBuilder::new(schema, KindIdx(0), Needs::NONE)
            .ok_or_else(|| Failure::environment("the schema is empty"))?;
        Ok(Self { session, spare, done })
    }
}

impl<F> EventSink for IntoSession<'_, F> {
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        self.spare.clear();
        self.session.batch(kind).unwrap_or(&mut self.spare)
    }

    fn defer(&mut self, decoder: u64) -> bool {
        self.session.defer(decoder)
    }
}

impl<F: FnMut(&mut Session) -> Result<bool, Failure>> Taker for IntoSession<'_, F> {
    fn line(&mut self, line: &str) -> Result<(), JsonError> {
        self.session.line(line.as_bytes()).map(drop)
    }

    fn at(&mut self, place: Place) {
        self.session.at(place);
    }

    fn done(&mut self) -> Result<bool, Failure> {
        (self.done)(self.session)
    }

    fn idle(&mut self) -> Result<bool, Failure> {
        self.session.flush();
        (self.done)(self.session)
    }
}
