//! Windows event logs, a chunk at a time.
//!
//! A chunk is taken apart when it is there, and its records are handed out one after
//! another. A damaged chunk or record is counted and passed; a file that breaks
//! off gives what its last chunk holds.

use std::collections::VecDeque;
use std::io::Read;

use tagout_host::evtx::{CHUNK, Chunks, HEADER, Record};

use crate::Format;
use crate::buffer::Buffer;
use crate::error::ErrorKind;
use crate::source::Line;

/// State between two records.
pub(crate) struct Evtx {
    chunks: Chunks,
    waiting: VecDeque<Record>,
    current: Option<Record>,
    /// Byte at which the chunk of the current record begins.
    offset: u64,
    pub(crate) damaged: u64,
}

impl Evtx {
    /// Passes the header of the file, which says nothing that chunks do not say.
    pub(crate) fn open<R: Read>(buffer: &mut Buffer<'_, R>) -> Result<Self, ErrorKind> {
        if !buffer.ensure(HEADER).map_err(ErrorKind::Io)? {
            let offset = buffer.offset();
            return Err(ErrorKind::Truncated { what: "header", n: 1, offset });
        }
        let offset = buffer.offset();
        buffer.consume(HEADER);
        Ok(Self {
            chunks: Chunks::default(),
            waiting: VecDeque::new(),
            current: None,
            offset,
            damaged: 0,
        })
    }

    /// Goes on to the next record; false at the end.
    pub(crate) fn next<R: Read>(
        &mut self,
        buffer: &mut Buffer<'_, R>,
    ) -> Result<bool, ErrorKind> {
        loop {
            self.current = self.waiting.pop_front();
            if self.current.is_some() {
                return Ok(true);
            }
            buffer.ensure(CHUNK).map_err(ErrorKind::Io)?;
            let bytes = buffer.available();
            let bytes = bytes.get(..CHUNK).unwrap_or(bytes);
            if bytes.is_empty() {
                return Ok(false);
            }
            let len = bytes.len();
            let chunk = self.chunks.read(bytes);
            self.damaged = self.damaged.saturating_add(chunk.damaged);
            self.waiting.extend(chunk.records);
            self.offset = buffer.offset();
            buffer.consume(len);
        }
    }

    /// The record that [`Evtx::next`] went on to.
    pub(crate) fn current(&self) -> Option<Line<'_>> {
        let Record { id, text } = self.current.as_ref()?;
        let (format, offset) = (Format::Evtx, self.offset);
        Some(Line { text, format, number: *id, offset, input: 0 })
    }
}
