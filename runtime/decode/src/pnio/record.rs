//! The header of a record that is read or written, behind the block's own header.
//!
//! ```text
//! sequence 2 | AR 16 | API 4 | slot 2 | subslot 2 | 0 2 | index 2 | length 4
//! then, in the answer to a write:  values 2 + 2 | status 4 | 0 16
//!       in others:                 24 bytes that matter to the reader only
//! ```
//!
//! The data follow the header in requests to write and in answers to read. Index 0xe040
//! writes many records at once: its data are headers with their data in turn.

use crate::cursor::Cursor;
use crate::dcerpc::Uuid;
use crate::pnio::code::{WRITE_MULTIPLE, block};
use crate::pnio::pdu::uuid;

/// A record that is read or written.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    kind: u16,
    /// Sequence number.
    pub sequence: u16,
    /// Application relation.
    pub ar: Uuid,
    /// Application process instance.
    pub api: u32,
    /// Slot.
    pub slot: u16,
    /// Subslot.
    pub subslot: u16,
    /// Index.
    pub index: u16,
    /// Bytes of its data.
    pub length: u32,
    /// Answer to a write: status.
    pub status: Option<u32>,
    /// Its data, where they are.
    pub data: Option<&'a [u8]>,
}

impl Record<'_> {
    /// Whether it is many records in one.
    pub fn holds_many(&self) -> bool {
        self.index == WRITE_MULTIPLE
    }

    /// Whether data follow the header.
    pub(super) fn has_data(&self, is_request: bool) -> bool {
        match self.kind {
            block::WRITE_REQUEST => is_request,
            block::READ_RESPONSE => !is_request,
            _ => false,
        }
    }
}

/// Whether blocks of this type are headers of records.
pub(super) fn is_header(kind: u16) -> bool {
    matches!(
        kind,
        block::WRITE_REQUEST
            | block::READ_REQUEST
            | block::WRITE_RESPONSE
            | block::READ_RESPONSE
    )
}

/// Reads a header; nothing if it is too short.
pub(super) fn header(kind: u16, body: &[u8]) -> Option<Record<'static>> {
    let mut cursor = Cursor::new(body);
    let sequence = cursor.u16()?;
    let ar = uuid(&mut cursor)?;
    let api = cursor.u32()?;
    let (slot, subslot) = (cursor.u16()?, cursor.u16()?);
    let _padding = cursor.u16()?;
    let (index, length) = (cursor.u16()?, cursor.u32()?);
    let status = if kind == block::WRITE_RESPONSE {
        let _values = cursor.u32()?;
        Some(cursor.u32()?)
    } else {
        None
    };
    let data = None;
    Some(Record { kind, sequence, ar, api, slot, subslot, index, length, status, data })
}
