//! Linux audit: records of one event joined by their serial number.
//!
//! ```text
//! SYSCALL 42 --.
//! CWD     42 --+--> event 42 --EOE, or nothing more can come--> record of its kind
//! PATH    42 --'
//! USER_LOGIN 43 ------------------------ at once -------------> record of its kind
//! ```
//!
//! Records of several events are mixed in a log, each of few. An event is over with its
//! EOE; where a log has none, when as many others have begun as are held open. What an
//! event keeps is bounded in records and bytes.

mod event;
mod record;
mod tables;

use std::collections::VecDeque;

use tagout_decode::EventSink;
use tagout_spec::schema::Schema;

use self::event::Mapper;
use crate::{HostStats, Refused};

/// Most events that wait for more of their records.
const OPEN_MAX: usize = 32;
/// Most records of an event.
const RECORDS_MAX: usize = 256;
/// Most bytes of an event's records.
const BYTES_MAX: usize = 256 * 1024;

/// Turns audit lines into records.
#[derive(Debug)]
pub(crate) struct Audit {
    mapper: Mapper,
    /// In the order in which they began.
    open: VecDeque<Open>,
    stats: HostStats,
}

/// An event whose records are being collected.
#[derive(Debug)]
struct Open {
    node: String,
    time: String,
    serial: u64,
    lines: Vec<String>,
    bytes: usize,
    late: bool,
}

impl Audit {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self {
            mapper: Mapper::new(schema),
            open: VecDeque::new(),
            stats: HostStats::default(),
        }
    }

    pub(crate) fn stats(&self) -> HostStats {
        self.stats
    }

    pub(crate) fn line(
        &mut self,
        line: &str,
        late: bool,
        sink: &mut dyn EventSink,
    ) -> Result<(), Refused> {
        let Some(record) = record::read(line) else {
            self.stats.refused = self.stats.refused.saturating_add(1);
            return Err(Refused::Audit);
        };
        if tables::is_single(record.ty) {
            self.write(&[record], late, sink);
            return Ok(());
        }
        let is_it = |open: &Open| {
            open.serial == record.serial
                && open.time == record.time
                && open.node == record.node
        };
        let at = self.open.iter().position(is_it);
        if record.ty == "EOE" {
            if let Some(open) = at.and_then(|at| self.open.remove(at)) {
                self.close(&open, sink);
            }
            return Ok(());
        }
        if at.is_none() {
            if self.open.len() >= OPEN_MAX
                && let Some(oldest) = self.open.pop_front()
            {
                self.stats.evicted = self.stats.evicted.saturating_add(1);
                self.close(&oldest, sink);
            }
            self.open.push_back(Open {
                node: record.node.to_owned(),
                time: record.time.to_owned(),
                serial: record.serial,
                lines: Vec::new(),
                bytes: 0,
                late,
            });
        }
        let at = at.unwrap_or(self.open.len().saturating_sub(1));
        if let Some(open) = self.open.get_mut(at) {
            let bytes = open.bytes.saturating_add(line.len());
            if open.lines.len() < RECORDS_MAX && bytes <= BYTES_MAX {
                open.bytes = bytes;
                open.lines.push(line.to_owned());
            }
        }
        Ok(())
    }

    /// Writes everything that is open.
    pub(crate) fn finish(&mut self, sink: &mut dyn EventSink) {
        while let Some(open) = self.open.pop_front() {
            self.close(&open, sink);
        }
    }

    fn close(&mut self, open: &Open, sink: &mut dyn EventSink) {
        let records: Vec<_> =
            open.lines.iter().filter_map(|line| record::read(line)).collect();
        self.write(&records, open.late, sink);
    }

    fn write(
        &mut self,
        records: &[record::Record<'_>],
        late: bool,
        sink: &mut dyn EventSink,
    ) {
        let mapped = self.mapper.write(records, late, sink);
        self.stats.events = self.stats.events.saturating_add(1);
        self.stats.unmapped = self.stats.unmapped.saturating_add(u64::from(!mapped));
    }
}
