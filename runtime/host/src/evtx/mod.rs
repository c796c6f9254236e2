//! EVTX: chunks of a Windows event log to events.
//!
//! ```text
//! file    header 4 KiB | chunk 64 KiB | chunk 64 KiB | ...
//! chunk   header 512 B | record | record | ... | slack
//! ```
//!
//! A chunk says all that its records need (names, templates), so a file is read chunk
//! by chunk, and a damaged one costs no other. Within a damaged chunk, what is readable
//! is given, and what is missing of the records that its header counts is counted.
//! Checksums are not held against a chunk: a log that was copied while it was written
//! has old ones, and its records are fine.
//!
//! Most records are read by [`record`] without a way over XML; those that are not as most
//! are, and all of a chunk that is not whole, by the `evtx` crate.

mod cursor;
mod record;
mod template;
mod value;

use std::ops::RangeInclusive;
use std::sync::Arc;

use evtx::{EvtxChunkData, ParserSettings};

/// First bytes of a file.
pub const MAGIC: &[u8] = b"ElfFile\0";
/// Bytes of a file's header.
pub const HEADER: usize = 4096;
/// Bytes of a chunk.
pub const CHUNK: usize = 65536;
/// Most bytes of text that the records of a chunk may become: a thousand times what they
/// are. A template can say much for records that say nothing.
const TEXT_MAX: usize = CHUNK * 1024;
/// Most records that a chunk has room for, with nothing in them.
const RECORDS_MAX: usize = CHUNK / 28;
/// First bytes of a chunk; one that was never used has none.
const CHUNK_MAGIC: &[u8; 8] = b"ElfChnk\0";

/// An event of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number in the log.
    pub id: u64,
    /// The event, as a text of [`Layout::Evtx`](crate::Layout::Evtx).
    pub text: String,
}

/// What a chunk gave.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Its events, in order.
    pub records: Vec<Record>,
    /// Records that cannot be read.
    pub damaged: u64,
    /// What was wrong with the first of them, or with the chunk.
    pub why: Option<String>,
}

/// Reads chunks.
#[derive(Debug)]
pub struct Chunks {
    settings: Arc<ParserSettings>,
    /// Looks for records where none is expected, too.
    searching: Arc<ParserSettings>,
    records: Box<record::Reader>,
}

impl Default for Chunks {
    fn default() -> Self {
        let settings = ParserSettings::new().num_threads(1).indent(false);
        let searching = settings.clone().recover_records(true);
        Self {
            settings: Arc::new(settings),
            searching: Arc::new(searching),
            records: Box::default(),
        }
    }
}

impl Chunks {
    /// Reads one chunk. One that is shorter than a chunk, as at the end of a file that
    /// was cut, is read as far as it goes.
    #[must_use]
    pub fn read(&mut self, bytes: &[u8]) -> Chunk {
        if bytes.iter().all(|byte| *byte == 0) {
            return Chunk::default();
        }
        match self.read_whole(bytes) {
            Some(records) => Chunk { records, ..Chunk::default() },
            None => self.read_damaged(bytes),
        }
    }

    /// Reads a chunk that has all records that it counts, one behind the other.
    fn read_whole(&mut self, bytes: &[u8]) -> Option<Vec<Record>> {
        if bytes.len() != CHUNK || !bytes.starts_with(CHUNK_MAGIC) {
            return None;
        }
        let ids = ids(bytes);
        let expected = expected(&ids);
        let mut records = Vec::with_capacity(expected);
        let (mut at, mut others, mut room) = (record::FIRST, false, TEXT_MAX);
        self.records.begin();
        for id in ids.take(expected) {
            let (found, end, text) = self.records.record(bytes, at)?;
            if found != id {
                return None;
            }
            others |= text.is_none();
            room = room.checked_sub(text.as_ref().map_or(0, String::len))?;
            records.push(Record { id, text: text.unwrap_or_default() });
            at = end;
        }
        if others {
            let mut notes = Chunk::default();
            let read = parse(bytes.to_vec(), &self.settings, &mut notes);
            if notes.damaged > 0 || read.len() != records.len() {
                return None;
            }
            for (record, read) in records.iter_mut().zip(read) {
                if record.id != read.id {
                    return None;
                }
                if record.text.is_empty() {
                    record.text = read.text;
                }
            }
        }
        (expected > 0).then_some(records)
    }

    /// Reads what is readable of any chunk.
    fn read_damaged(&self, bytes: &[u8]) -> Chunk {
        let mut chunk = Chunk::default();
        let is_marked = bytes.starts_with(CHUNK_MAGIC);
        let ids = ids(bytes);
        chunk.records = parse(whole(bytes), &self.settings, &mut chunk);
        // A record that is broken hides those behind it, so they are searched for. What
        // is found beyond those that the chunk counts are leftovers of an older one.
        if chunk.records.len() < expected(&ids) {
            let mut again = Chunk::default();
            for record in parse(whole(bytes), &self.searching, &mut again) {
                let is_known = chunk.records.iter().any(|known| known.id == record.id);
                if ids.contains(&record.id) && !is_known {
                    chunk.records.push(record);
                }
            }
            chunk.records.sort_by_key(|record| record.id);
            let lost = expected(&ids).saturating_sub(chunk.records.len());
            chunk.damaged = u64::try_from(lost).unwrap_or(u64::MAX);
            chunk.why = chunk.why.or(again.why);
        }
        if !is_marked {
            chunk.note("a chunk has no mark");
        }
        chunk
    }
}

/// A chunk in its full length. Without its mark it may be one all the same.
fn whole(bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(CHUNK);
    whole.extend_from_slice(bytes);
    whole.resize(CHUNK, 0);
    if let Some(magic) = whole.first_chunk_mut() {
        *magic = *CHUNK_MAGIC;
    }
    whole
}

/// All records that can be read; what cannot is noted.
fn parse(
    bytes: Vec<u8>,
    settings: &Arc<ParserSettings>,
    notes: &mut Chunk,
) -> Vec<Record> {
    let mut records = Vec::new();
    let mut data = match EvtxChunkData::new(bytes, false) {
        Ok(data) => data,
        Err(error) => {
            notes.note(error);
            return records;
        }
    };
    match data.parse(Arc::clone(settings)) {
        Ok(mut parsed) => {
            let mut room = TEXT_MAX;
            for record in parsed.iter() {
                let record = match record.and_then(evtx::EvtxRecord::into_xml) {
                    Ok(record) => record,
                    Err(error) => {
                        notes.note(error);
                        continue;
                    }
                };
                let Some(left) = room.checked_sub(record.data.len()) else {
                    notes.note("the records of a chunk become too much text");
                    break;
                };
                room = left;
                records.push(Record { id: record.event_record_id, text: record.data });
            }
        }
        Err(error) => notes.note(error),
    }
    records
}

/// Identifiers of the records that a chunk says to hold: u64 at 24, and at 32 the last.
fn ids(chunk: &[u8]) -> RangeInclusive<u64> {
    let id = |at: usize| {
        let bytes = chunk.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    id(24)..=id(32)
}

/// How many those are; none if the header cannot be true.
fn expected(ids: &RangeInclusive<u64>) -> usize {
    let n = ids.end().checked_sub(*ids.start()).and_then(|n| n.checked_add(1));
    let n = n.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if n <= RECORDS_MAX { n } else { 0 }
}

impl Chunk {
    fn note(&mut self, why: impl ToString) {
        self.damaged = self.damaged.saturating_add(1);
        self.why.get_or_insert_with(|| why.to_string());
    }
}
