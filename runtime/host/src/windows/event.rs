//! A Windows event as all layouts state it: a system part, and data under names.
//!
//! ```text
//! texts   Microsoft-Windows-Sysmon|1|...|Image|C:\\Windows\\System32\\cmd.exe|...
//! system  [span; one for each part]
//! data    [(name, span of its name, span of its text); in the order of the source]
//! ```
//!
//! All texts lie in one buffer, which the next event uses again, and whose length is
//! bounded by that of the source's text.

pub(crate) mod text;

use tagout_spec::schema::layout::MAP_MAX;

use super::names::{Name, Names};

/// Most names of an event that are kept: as many as a record's map holds.
const DATA_MAX: usize = MAP_MAX as usize;
/// Most bytes of unnamed data that are joined.
const JOINED_MAX: usize = 64 * 1024;

/// Where a text lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: usize,
    end: usize,
}

/// The texts of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Texts(String);

impl Texts {
    /// Adds a text.
    pub(crate) fn add(&mut self, text: &str) -> Span {
        let start = self.begin();
        self.0.push_str(text);
        self.end(start)
    }

    /// Adds a number.
    pub(crate) fn add_number(&mut self, number: impl itoa::Integer) -> Span {
        self.add(itoa::Buffer::new().format(number))
    }

    /// Adds bits as hexadecimal digits behind `0x`.
    pub(crate) fn add_bits(&mut self, bits: u64) -> Span {
        let start = self.begin();
        self.0.push_str("0x");
        let digits = u64::BITS.saturating_sub(bits.leading_zeros()).div_ceil(4).max(1);
        for digit in (0..digits).rev() {
            let digit = bits >> digit.saturating_mul(4) & 0xf;
            let digit = u32::try_from(digit).ok().and_then(|d| char::from_digit(d, 16));
            self.0.extend(digit);
        }
        self.end(start)
    }

    /// The place where the next text begins, which is made of what is pushed.
    pub(crate) fn begin(&self) -> usize {
        self.0.len()
    }

    /// A piece of the text that was begun.
    pub(crate) fn push(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// A number as a piece of the text that was begun.
    pub(crate) fn push_number(&mut self, number: impl itoa::Integer) {
        self.0.push_str(itoa::Buffer::new().format(number));
    }

    /// Ends the text that was begun.
    pub(crate) fn end(&self, start: usize) -> Span {
        Span { start, end: self.0.len() }
    }

    /// Adds a copy of a part of the buffer.
    pub(crate) fn push_span(&mut self, span: Span) {
        self.0.extend_from_within(span.start..span.end);
    }

    /// A text without the quotes around it, if there are any.
    pub(crate) fn unquoted(&self, span: Span) -> Span {
        let is_quoted =
            |text: &str| text.strip_prefix('"').is_some_and(|rest| rest.ends_with('"'));
        if !is_quoted(self.get(span)) {
            return span;
        }
        let (start, end) = (span.start.saturating_add(1), span.end.saturating_sub(1));
        Span { start, end }
    }

    /// A name without its prefix.
    pub(crate) fn local(&self, name: Span) -> Span {
        let prefix = self
            .get(name)
            .split_once(':')
            .map_or(0, |(prefix, _)| prefix.len().saturating_add(1));
        Span { start: name.start.saturating_add(prefix), ..name }
    }

    /// The first character of a text, and what follows it.
    pub(crate) fn split_first(&self, span: Span) -> (Option<char>, Span) {
        let first = self.get(span).chars().next();
        let start = span.start.saturating_add(first.map_or(0, char::len_utf8));
        (first, Span { start, ..span })
    }

    pub(crate) fn get(&self, span: Span) -> &str {
        span.of(&self.0)
    }

    /// All of it.
    pub(crate) fn all(&self) -> &str {
        &self.0
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Makes it what a function writes to an empty buffer; nothing if that fails or writes
    /// something else than text.
    pub(crate) fn fill(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Option<()>,
    ) -> Option<()> {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.clear();
        write(&mut bytes)?;
        self.0 = String::from_utf8(bytes).ok()?;
        Some(())
    }
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// What lies there in a text.
    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

/// Parts of the system part, under the names that shippers and rules use for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Provider,
    Id,
    Version,
    Level,
    Task,
    Opcode,
    Keywords,
    Time,
    Record,
    Activity,
    Pid,
    Tid,
    Channel,
    Computer,
    UserSid,
    /// What the event says for people.
    Message,
}

/// Parts that have a name.
pub(crate) const PARTS: [(&str, Part); 16] = [
    ("Provider_Name", Part::Provider),
    ("EventID", Part::Id),
    ("Version", Part::Version),
    ("Level", Part::Level),
    ("Task", Part::Task),
    ("Opcode", Part::Opcode),
    ("Keywords", Part::Keywords),
    ("TimeCreated", Part::Time),
    ("EventRecordID", Part::Record),
    ("Correlation_ActivityID", Part::Activity),
    ("Execution_ProcessID", Part::Pid),
    ("Execution_ThreadID", Part::Tid),
    ("Channel", Part::Channel),
    ("Computer", Part::Computer),
    ("Security_UserID", Part::UserSid),
    ("Message", Part::Message),
];

/// The part that is the content of an element of Windows's system part.
pub(crate) fn content(name: &str) -> Option<Part> {
    Some(match name {
        "EventID" => Part::Id,
        "Version" => Part::Version,
        "Level" => Part::Level,
        "Task" => Part::Task,
        "Opcode" => Part::Opcode,
        "Keywords" => Part::Keywords,
        "EventRecordID" => Part::Record,
        "Channel" => Part::Channel,
        "Computer" => Part::Computer,
        _ => return None,
    })
}

/// A text with its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Datum {
    /// The name, if it is known.
    pub(crate) known: Option<Name>,
    pub(crate) name: Span,
    pub(crate) text: Span,
}

/// The system part and the names of an event; empty texts stand for what is not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Event {
    pub(crate) texts: Texts,
    system: [Span; PARTS.len()],
    /// Names and texts, in the order of the source.
    pub(crate) data: Vec<Datum>,
    /// Data without names.
    unnamed: Vec<Span>,
    /// By known name, one more than the position of its first text, which it has if
    /// that is one of this name.
    first: Vec<u16>,
    /// Whether there was more data than is kept.
    pub(crate) cut: bool,
}

impl Event {
    /// Forgets the event, but keeps its memory.
    pub(crate) fn clear(&mut self) {
        self.texts.clear();
        self.system = Default::default();
        self.data.clear();
        self.unnamed.clear();
        self.cut = false;
    }

    /// States a part.
    pub(crate) fn state(&mut self, part: Part, text: Span) {
        if let Some(slot) = self.system.get_mut(part as usize) {
            *slot = text;
        }
    }

    /// Where a part lies.
    pub(crate) fn span(&self, part: Part) -> Span {
        self.system.get(part as usize).copied().unwrap_or_default()
    }

    /// The text of a part.
    pub(crate) fn part(&self, part: Part) -> &str {
        self.texts.get(self.span(part))
    }

    /// The text under a name; of a name that is given twice the first.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.data.iter().find(|datum| self.texts.get(datum.name) == name);
        found.map(|datum| self.texts.get(datum.text))
    }

    /// The same for a known name.
    pub(crate) fn text(&self, name: Name) -> Option<&str> {
        self.find(name).map(|(_, text)| text)
    }

    /// The text under a known name, and its position in the data.
    pub(crate) fn find(&self, name: Name) -> Option<(usize, &str)> {
        let at = usize::from(self.first.get(name.idx())?.checked_sub(1)?);
        let datum = self.data.get(at)?;
        (datum.known == Some(name)).then(|| (at, self.texts.get(datum.text)))
    }

    /// Adds a name, unless there are too many.
    pub(crate) fn push(&mut self, known: Option<Name>, name: Span, text: Span) {
        if self.data.len() >= DATA_MAX {
            self.cut = true;
            return;
        }
        if let Some(known) = known
            && self.text(known).is_none()
        {
            if self.first.len() <= known.idx() {
                self.first.resize(known.idx().saturating_add(1), 0);
            }
            let next = u16::try_from(self.data.len()).unwrap_or(u16::MAX);
            if let Some(first) = self.first.get_mut(known.idx()) {
                *first = next.saturating_add(1);
            }
        }
        self.data.push(Datum { known, name, text });
    }

    /// Adds data without a name.
    pub(crate) fn push_unnamed(&mut self, text: Span) {
        if self.unnamed.len() < DATA_MAX {
            self.unnamed.push(text);
        } else {
            self.cut = true;
        }
    }

    /// Gives names to data that has none: `param1`, `param2`, ... and all of it, joined
    /// by line feeds, `Data`.
    pub(crate) fn name_unnamed(&mut self, names: &Names) {
        if self.unnamed.is_empty() {
            return;
        }
        let unnamed = std::mem::take(&mut self.unnamed);
        for (text, n) in unnamed.iter().zip(1_usize..) {
            let start = self.texts.begin();
            self.texts.push("param");
            self.texts.add_number(n);
            let name = self.texts.end(start);
            self.push(names.find(self.texts.get(name)), name, *text);
        }
        let start = self.texts.begin();
        for (n, text) in unnamed.iter().enumerate() {
            if n > 0 {
                self.texts.push("\n");
            }
            if self.texts.end(start).len().saturating_add(text.len()) <= JOINED_MAX {
                self.texts.push_span(*text);
            }
        }
        let joined = self.texts.end(start);
        let name = self.texts.add("Data");
        self.push(names.find("Data"), name, joined);
        self.unnamed = unnamed;
        self.unnamed.clear();
    }

    /// The provider's name; where a shipper leaves it out, that of the channel.
    pub(crate) fn provider(&self) -> &str {
        match self.part(Part::Channel) {
            _ if !self.span(Part::Provider).is_empty() => self.part(Part::Provider),
            "Security" => "Microsoft-Windows-Security-Auditing",
            "Windows PowerShell" => "PowerShell",
            channel => channel.split_once('/').map_or(channel, |(provider, _)| provider),
        }
    }
}
