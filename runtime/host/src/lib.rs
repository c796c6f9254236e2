//! Events that computers report, from the texts that sources hand out to records.
//!
//! ```text
//! EVTX chunk --evtx----------.
//! XML --------xml------------+--> windows::Event --map--> record of process, logon, ...
//! shipper's JSON --json------'         names and texts    one table a channel
//!
//! audit lines --audit--> joined by serial --------------> record of process, file, ...
//! ```
//!
//! Whatever the layout, a Windows event is its system part and a list of names and
//! texts. What a table in [`windows::tables`] knows becomes fields of the schema; all
//! of it stands in the map `raw`, as far as somebody asks. So a new layout is one
//! reader, and a new event is one entry of a table.
//!
//! Pure: no files, no clock. Every text is hostile: what does not parse is refused or
//! left out and counted, and what waits for its other parts is bounded.
//!
//! Deliberately absent: message catalogues, so that texts such as `%%1842` stay as they
//! are in `raw`; ETW and live channels; syslog.

pub mod audit;
pub mod evtx;
mod fields;
mod time;
pub mod windows;

use std::fmt;

use tagout_decode::EventSink;
use tagout_spec::schema::Schema;

pub use time::time_of;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// One Windows event as XML.
    Xml,
    /// One record of a Windows event log, as [`evtx::Chunks`] hands it out.
    Evtx,
    /// One Windows event as JSON, as some shipper writes it.
    Json,
    /// One line of the Linux audit daemon.
    Audit,
}

/// Texts to records.
///
/// ```
/// use tagout_decode::EachEvent;
/// use tagout_host::{Host, Layout};
/// use tagout_spec::record::{Slot, Value};
/// use tagout_spec::schema::Schema;
///
/// let schema = Schema::builtin();
/// let mut host = Host::new(&schema);
/// let mut kinds = Vec::new();
/// let mut each = EachEvent::new(&schema, |kind, _| kinds.push(kind));
/// let text = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},
///     "EventID":5,"Channel":"Microsoft-Windows-Sysmon/Operational"},"EventData":{"ProcessId":4}}}"##;
/// host.text(Layout::Json, text, false, &mut each)?;
/// each.flush();
/// drop(each);
/// assert_eq!(kinds, [schema.kind_idx("process_end").unwrap()]);
/// # Ok::<(), tagout_host::Refused>(())
/// ```
#[derive(Debug)]
pub struct Host {
    windows: windows::Windows,
    audit: audit::Audit,
}

/// A text that is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not well-formed XML, or not an event.
    Xml,
    /// It is no record as the reader of logs hands them out.
    Log,
    /// It is not JSON.
    Json,
    /// It is JSON in none of the layouts of Windows events.
    Layout,
    /// It is not an audit record.
    Audit,
}

/// What was met on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostStats {
    /// Events written.
    pub events: u64,
    /// Events that no table knows, written as `winevent` or `audit`.
    pub unmapped: u64,
    /// Texts that were no events.
    pub refused: u64,
    /// Audit events given out before all their records can have come, since too many
    /// waited; and parts of scripts that were forgotten for the same reason.
    pub evicted: u64,
}

impl Host {
    /// For the kinds of a schema.
    #[must_use]
    pub fn new(schema: &Schema) -> Self {
        Self { windows: windows::Windows::new(schema), audit: audit::Audit::new(schema) }
    }

    /// Learns what a sink asks for: from now on, of Windows events only those names are
    /// read that become fields, or that are asked for by name. Without it all are.
    pub fn ask(&mut self, sink: &mut dyn EventSink) {
        self.windows.ask(sink);
    }

    /// Takes one text. An event that is made of several texts is written when its last
    /// one is there.
    ///
    /// # Errors
    /// The text is no event of this layout.
    pub fn text(
        &mut self,
        layout: Layout,
        text: &str,
        late: bool,
        sink: &mut dyn EventSink,
    ) -> Result<(), Refused> {
        match layout {
            Layout::Xml => self.windows.xml(text, late, sink),
            Layout::Evtx => self.windows.log(text, late, sink),
            Layout::Json => self.windows.json(text, late, sink),
            Layout::Audit => self.audit.line(text, late, sink),
        }
    }

    /// Writes what still waits for more: the input has ended, or is idle.
    pub fn finish(&mut self, sink: &mut dyn EventSink) {
        self.audit.finish(sink);
    }

    /// What was met so far.
    #[must_use]
    pub fn stats(&self) -> HostStats {
        let (windows, audit) = (self.windows.stats(), self.audit.stats());
        HostStats {
            events: windows.events.saturating_add(audit.events),
            unmapped: windows.unmapped.saturating_add(audit.unmapped),
            refused: windows.refused.saturating_add(audit.refused),
            evicted: windows.evicted.saturating_add(audit.evicted),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xml => "no Windows event as XML",
            Self::Log => "no record of a Windows event log",
            Self::Json => "no JSON",
            Self::Layout => {
                "no event: it has neither a `kind` nor a layout of Windows events that is \
                 known"
            },
            Self::Audit => "no record of the audit daemon",
        })
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests;
