//! EVTX: chunks of a Windows event log to events as XML.
//!
//! ```text
//! file    header 4 KiB | chunk 64 KiB | chunk 64 KiB | ...
//! chunk   header 512 B | record | record | ... | slack
//! ```
//!
//! A chunk says all that its records need (names, templates), so a file is read chunk
//! by chunk, and a damaged one costs no other. Within a damaged chunk, what is readable
//! is given, and the rest is counted. Checksums are not held against a chunk: a log that
//! was copied while it was written has old ones, and its records are fine.

use std::sync::Arc;

use evtx::{EvtxChunkData, ParserSettings};

/// First bytes of a file.
pub const MAGIC: &[u8] = b"ElfFile\0";
/// Bytes of a file's header.
pub const HEADER: usize = 4096;
/// Bytes of a chunk.
pub const CHUNK: usize = 65536;
/// First bytes of a chunk; one that was never used has none.
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";

/// An event of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number in the log.
    pub id: u64,
    /// The event.
    pub xml: String,
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
}

impl Default for Chunks {
    fn default() -> Self {
        let settings = ParserSettings::new().num_threads(1).indent(false);
        Self { settings: Arc::new(settings) }
    }
}

impl Chunks {
    /// Reads one chunk. One that is shorter than a chunk, as at the end of a file that
    /// was cut, is read as far as it goes.
    #[must_use]
    pub fn read(&self, bytes: &[u8]) -> Chunk {
        let mut chunk = Chunk::default();
        if bytes.iter().all(|byte| *byte == 0) {
            return chunk;
        }
        if !bytes.starts_with(CHUNK_MAGIC) {
            chunk.note("no chunk begins here");
            return chunk;
        }
        let mut whole = bytes.to_vec();
        whole.resize(CHUNK, 0);
        let mut data = match EvtxChunkData::new(whole, false) {
            Ok(data) => data,
            Err(error) => {
                chunk.note(error);
                return chunk;
            }
        };
        match data.parse(Arc::clone(&self.settings)) {
            Ok(mut parsed) => {
                for record in parsed.iter() {
                    match record.and_then(evtx::EvtxRecord::into_xml) {
                        Ok(record) => chunk.records.push(Record {
                            id: record.event_record_id,
                            xml: record.data,
                        }),
                        Err(error) => chunk.note(error),
                    }
                }
            }
            Err(error) => chunk.note(error),
        }
        chunk
    }
}

impl Chunk {
    fn note(&mut self, why: impl ToString) {
        self.damaged = self.damaged.saturating_add(1);
        self.why.get_or_insert_with(|| why.to_string());
    }
}
