//! The classic capture file of libpcap.
//!
//! ```text
//! file    magic 4 | version 2+2 | zone 4 | sigfigs 4 | snaplen 4 | link type 4
//! record  seconds 4 | fraction 4 | captured 4 | original 4 | captured bytes
//! ```
//!
//! The magic number gives byte order and whether the fraction counts micro- or
//! nanoseconds. Two bytes of the link type's upper half tell of a frame check
//! sequence; they are masked off.

use std::io::Read;

use pcap_parser::{PcapHeader, parse_pcap_header};
use tagout_decode::{Frame, LinkType};

use crate::buffer::Buffer;
use crate::error::ErrorKind;

/// Most captured bytes of a frame. Tools write up to 256 KiB; the rest is room
/// for offloaded segments.
pub(crate) const MAX_FRAME: usize = 4 * 1024 * 1024;

const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
/// The record header of the "modified" format has 8 more bytes.
const RECORD_HEADER_MODIFIED: usize = 24;

/// State between two records.
pub(crate) struct Pcap {
    header: PcapHeader,
    frames: u64,
    found: Found,
}

/// Where a frame lies in the buffer, with all else that makes a [`Frame`].
#[derive(Clone, Copy, Default)]
pub(crate) struct Found {
    pub(crate) at: usize,
    pub(crate) len: usize,
    pub(crate) ts_ns: i64,
    pub(crate) nanos: bool,
    pub(crate) link_type: LinkType,
    pub(crate) orig_len: u32,
    pub(crate) index: u64,
    pub(crate) interface: u32,
}

impl Found {
    /// The frame, lent from the buffer it was found in.
    pub(crate) fn frame<'a, R: Read>(&self, buffer: &'a Buffer<'_, R>) -> Frame<'a> {
        Frame {
            ts_ns: self.ts_ns,
            nanos: self.nanos,
            link_type: self.link_type,
            data: buffer.lent(self.at, self.len),
            orig_len: self.orig_len,
            index: self.index,
            input: 0,
            interface: self.interface,
        }
    }
}

impl Pcap {
    /// Reads the file header.
    pub(crate) fn open<R: Read>(buffer: &mut Buffer<'_, R>) -> Result<Pcap, ErrorKind> {
        let truncated =
            ErrorKind::Truncated { what: "the file header,", n: 0, offset: 0 };
        if !buffer.ensure(FILE_HEADER).map_err(ErrorKind::Io)? {
            return Err(truncated);
        }
        let header = match parse_pcap_header(buffer.available()) {
            Ok((_, header)) => header,
            Err(_) => return Err(ErrorKind::Unrecognized),
        };
        buffer.consume(FILE_HEADER);
        Ok(Pcap { header, frames: 0, found: Found::default() })
    }

    /// The frame that was found last.
    pub(crate) fn found(&self) -> &Found {
        &self.found
    }

    /// Finds the next frame; false at the end. It stays here, since moving it from
    /// result to result was a tenth of reading.
    pub(crate) fn next<R: Read>(
        &mut self,
        buffer: &mut Buffer<'_, R>,
    ) -> Result<bool, ErrorKind> {
        let n = self.frames.saturating_add(1);
        let offset = buffer.offset();
        let truncated = ErrorKind::Truncated { what: "frame", n, offset };
        let header_len = if self.header.is_modified_format() {
            RECORD_HEADER_MODIFIED
        } else {
            RECORD_HEADER
        };
        if !buffer.ensure(header_len).map_err(ErrorKind::Io)? {
            return if buffer.available().is_empty() {
                Ok(false)
            } else {
                Err(truncated)
            };
        }
        let Some(record) = Record::read(buffer.available(), self.header.is_bigendian())
        else {
            return Err(truncated);
        };
        let len = usize::try_from(record.captured).unwrap_or(usize::MAX);
        if len > MAX_FRAME {
            let why = format!("it claims {len} captured bytes");
            return Err(ErrorKind::Damaged { what: "frame", n, offset, why });
        }
        if !buffer.ensure(header_len.saturating_add(len)).map_err(ErrorKind::Io)? {
            return Err(truncated);
        }
        let at = buffer.consume(header_len.saturating_add(len));
        self.frames = n;
        let nanos = self.header.is_nanosecond_precision();
        let unit = if nanos { 1 } else { 1_000 };
        self.found = Found {
            at: at.saturating_add(header_len),
            len,
            ts_ns: i64::from(record.seconds)
                .saturating_mul(1_000_000_000)
                .saturating_add(i64::from(record.fraction).saturating_mul(unit)),
            nanos,
            link_type: LinkType(self.header.network.0.cast_unsigned() & 0xffff),
            orig_len: record.original,
            index: n,
            interface: 0,
        };
        Ok(true)
    }
}

/// A record's header.
struct Record {
    seconds: u32,
    fraction: u32,
    captured: u32,
    original: u32,
}

impl Record {
    fn read(bytes: &[u8], big_endian: bool) -> Option<Record> {
        let (header, _) = bytes.split_first_chunk::<RECORD_HEADER>()?;
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *header;
        let word = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        Some(Record {
            seconds: word([a, b, c, d]),
            fraction: word([e, f, g, h]),
            captured: word([i, j, k, l]),
            original: word([m, n, o, p]),
        })
    }
}
