//! One input, whatever it is: opened once, then asked for the next item.

use std::io::Read;

use tagout_decode::Frame;

use crate::buffer::Buffer;
use crate::detect::{Detected, Format, detect};
use crate::error::{ErrorKind, SourceError};
use crate::evtx::Evtx;
use crate::lines::{FoundLine, Lines};
use crate::pcap::Pcap;
use crate::pcapng::Pcapng;
use crate::xml::Elements;

/// One input.
///
/// ```
/// use tagout_sources::{Item, Source};
///
/// let text = &b"{\"ts\":1}\n\n{\"ts\":2}"[..];
/// let mut source = Source::open(text, "events.jsonl", None)?;
/// let mut numbers = Vec::new();
/// while let Some(item) = source.next()? {
///     if let Item::Line(line) = item {
///         numbers.push(line.number);
///     }
/// }
/// assert_eq!(numbers, [1, 3]);
/// # Ok::<(), tagout_sources::SourceError>(())
/// ```
pub struct Source<'r> {
    name: String,
    format: Format,
    buffer: Buffer<'r, Box<dyn Read + Send + 'r>>,
    reader: Reader,
    stats: SourceStats,
    /// After an error or the end, nothing more is read.
    done: bool,
}

/// What a source hands out, borrowed from its buffer.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// A captured frame.
    Frame(Frame<'a>),
    /// A line of text.
    Line(Line<'a>),
}

/// A line of a text input, without its end and the blanks around it; or a piece of an
/// input that stands for one: an event of a Windows log, as XML, or an object of JSON
/// that was written over several lines.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The text, never empty.
    pub text: &'a str,
    /// What it is a line of.
    pub format: Format,
    /// Number of the line, from 1, blank and refused ones counted; of an event of a
    /// Windows log its own number there.
    pub number: u64,
    /// Byte at which the line begins.
    pub offset: u64,
    /// Which input of the run it comes from, from 0.
    pub input: u16,
}

/// What a source has read and what it has passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceStats {
    /// Bytes of the input that were passed.
    pub bytes: u64,
    /// Frames handed out.
    pub frames: u64,
    /// Lines handed out.
    pub lines: u64,
    /// Blocks of a capture, or records of a log, that could not be read and were passed.
    pub damaged: u64,
    /// Lines passed because they are too long.
    pub too_long: u64,
    /// Lines passed because they are not UTF-8.
    pub not_utf8: u64,
    /// Lines passed because they are blank.
    pub blank: u64,
    /// Inputs that ended inside a record: 0 or 1.
    pub truncated: u64,
}

enum Reader {
    Pcap(Pcap),
    Pcapng(Pcapng),
    Lines(Lines),
    Evtx(Evtx),
    Elements(Elements),
}

/// What a reader has found.
enum Step {
    End,
    /// What the reader of a capture holds.
    Frame,
    Line(FoundLine),
    /// What [`Evtx`] holds.
    Record,
}

impl<'r> Source<'r> {
    /// Opens an input. Its kind is found from its first bytes unless `format`
    /// says it. `name` is for messages.
    pub fn open(
        reader: impl Read + Send + 'r,
        name: &str,
        format: Option<Format>,
    ) -> Result<Source<'r>, SourceError> {
        let mut buffer = Buffer::new(Box::new(reader) as Box<dyn Read + Send + 'r>);
        match open_reader(&mut buffer, format) {
            Ok((format, reader)) => Ok(Source {
                name: name.to_owned(),
                format,
                buffer,
                reader,
                stats: SourceStats::default(),
                done: false,
            }),
            Err(kind) => Err(SourceError::new(name, kind)),
        }
    }

    /// Watches a reader that may have to wait, such as a pipe: `ready` says whether
    /// a read would return at once. Before one that would not, [`Source::next`]
    /// gives an error that [is idle](SourceError::is_idle) once, so that the caller
    /// can finish what it has begun; called again, it waits.
    #[must_use]
    pub fn watched(mut self, ready: impl FnMut() -> bool + Send + 'r) -> Source<'r> {
        self.buffer.watch(Box::new(ready));
        self
    }

    /// The name it was opened with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it reads.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What was read and passed so far.
    pub fn stats(&self) -> SourceStats {
        let damaged = match &self.reader {
            Reader::Pcapng(pcapng) => pcapng.damaged,
            Reader::Evtx(evtx) => evtx.damaged,
            Reader::Elements(elements) => elements.damaged,
            Reader::Pcap(_) | Reader::Lines(_) => 0,
        };
        SourceStats { bytes: self.buffer.offset(), damaged, ..self.stats }
    }

    /// The next item; none at the end. After an error there are none.
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator cannot lend from itself"
    )]
    pub fn next(&mut self) -> Result<Option<Item<'_>>, SourceError> {
        let step = self.step()?;
        Ok(self.lend(&step))
    }

    fn step(&mut self) -> Result<Step, SourceError> {
        if self.done {
            return Ok(Step::End);
        }
        let buffer = &mut self.buffer;
        // An idle reader may have interrupted what was to be passed.
        if !buffer.skip(0).map_err(|e| SourceError::new(&self.name, ErrorKind::Io(e)))? {
            self.done = true;
            return Ok(Step::End);
        }
        let frame = |found: bool| if found { Step::Frame } else { Step::End };
        let line = |found: Option<FoundLine>| found.map_or(Step::End, Step::Line);
        let step = match &mut self.reader {
            Reader::Pcap(pcap) => pcap.next(buffer).map(frame),
            Reader::Pcapng(pcapng) => pcapng.next(buffer).map(frame),
            Reader::Lines(lines) => lines.next(buffer, &mut self.stats).map(line),
            Reader::Evtx(evtx) => evtx
                .next(buffer)
                .map(|found| if found { Step::Record } else { Step::End }),
            Reader::Elements(elements) => {
                elements.next(buffer, &mut self.stats).map(line)
            }
        };
        match &step {
            Ok(Step::Frame) => {
                self.stats.frames = self.stats.frames.saturating_add(1);
            }
            Ok(Step::Line(_) | Step::Record) => {
                self.stats.lines = self.stats.lines.saturating_add(1);
            }
            Ok(Step::End) => self.done = true,
            Err(kind) if kind.is_idle() => {}
            Err(kind) => {
                self.done = true;
                let truncated = matches!(kind, ErrorKind::Truncated { .. });
                self.stats.truncated = u64::from(truncated);
            }
        }
        step.map_err(|kind| SourceError::new(&self.name, kind))
    }

    #[inline]
    fn lend(&self, step: &Step) -> Option<Item<'_>> {
        match step {
            Step::End => None,
            Step::Frame => {
                let found = match &self.reader {
                    Reader::Pcap(pcap) => pcap.found(),
                    Reader::Pcapng(pcapng) => pcapng.found(),
                    Reader::Lines(_) | Reader::Evtx(_) | Reader::Elements(_) => {
                        return None;
                    }
                };
                Some(Item::Frame(found.frame(&self.buffer)))
            }
            Step::Line(found) => {
                let bytes = self.buffer.lent(found.at, found.len).trim_ascii();
                let text = std::str::from_utf8(bytes).ok()?;
                let FoundLine { number, offset, .. } = *found;
                let format = self.format;
                Some(Item::Line(Line { text, format, number, offset, input: 0 }))
            }
            Step::Record => match &self.reader {
                Reader::Evtx(evtx) => evtx.current().map(Item::Line),
                _ => None,
            },
        }
    }
}

impl<'a> Item<'a> {
    /// The same item, said to come from this input of the run.
    #[must_use]
    pub fn of_input(self, input: u16) -> Item<'a> {
        match self {
            Item::Frame(frame) => Item::Frame(Frame { input, ..frame }),
            Item::Line(line) => Item::Line(Line { input, ..line }),
        }
    }
}

fn open_reader<R: Read>(
    buffer: &mut Buffer<'_, R>,
    format: Option<Format>,
) -> Result<(Format, Reader), ErrorKind> {
    let format = match format {
        Some(format) => format,
        None => detect_input(buffer)?,
    };
    let reader = match format {
        Format::Pcap => Reader::Pcap(Pcap::open(buffer)?),
        Format::Pcapng => Reader::Pcapng(Pcapng::new()),
        Format::JsonLines => Reader::Lines(Lines::open(buffer, true)?),
        Format::Auditd => Reader::Lines(Lines::open(buffer, false)?),
        Format::Evtx => Reader::Evtx(Evtx::open(buffer)?),
        Format::Xml => Reader::Elements(Elements::default()),
    };
    Ok((format, reader))
}

fn detect_input<R: Read>(buffer: &mut Buffer<'_, R>) -> Result<Format, ErrorKind> {
    loop {
        let available = buffer.available();
        if !available.is_empty() {
            match detect(available) {
                Detected::Is(format) => return Ok(format),
                Detected::Compressed(how) => return Err(ErrorKind::Compressed(how)),
                Detected::Unknown => return Err(ErrorKind::Unrecognized),
                Detected::NeedMore => {}
            }
        }
        let had = available.len();
        if !buffer.more(had.saturating_add(1)).map_err(ErrorKind::Io)? {
            return Err(if had == 0 {
                ErrorKind::Empty
            } else {
                ErrorKind::Unrecognized
            });
        }
    }
}
