//! Up- and download of blocks, as the parameter part says it.
//!
//! ```text
//! job 1A  status 1 | 2 | identifier 4 | name | length 1 = 13 | '1' | load 6 | code 6
//! job 1B  status 1 | 2 | identifier 4 | name          answer: status 1
//! job 1C  status 1 | error 2 | identifier 4 | name
//! job 1D  status 1 | 2 | identifier 4 | name          answer: status 1 | 2 |
//!                                                      identifier 4 | length 1 | load
//! job 1E  status 1 | 2 | identifier 4                 answer: status 1
//! job 1F  status 1 | error 2 | identifier 4
//! name: length 1 | bytes; load and code: decimal digits
//! data of the answers to 1B and 1E: length 2 | 2 | a piece of the block
//! ```
//!
//! In a download the controller asks for the pieces: jobs 1B and 1C come from it.

use tagout_spec::record::typed::codes::s7_function as function;

use crate::cursor::Cursor;
use crate::s7::block::Block;
use crate::s7::pdu::{FaultKind, Read, done};

/// What a message of a transfer says. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Transfer<'a> {
    /// Status: 1 is more follows, 2 is an error.
    pub(super) status: Option<u8>,
    /// Error that ends it.
    pub(super) error: Option<u16>,
    /// Identifier of the transfer.
    pub(super) id: Option<u32>,
    /// File as it is named.
    pub(super) filename: Option<&'a [u8]>,
    /// The block that this names.
    pub(super) block: Option<Block>,
    /// Bytes in load memory.
    pub(super) load_length: Option<u32>,
    /// Bytes of code.
    pub(super) mc7_length: Option<u32>,
    /// A piece of the block.
    pub(super) piece: Option<&'a [u8]>,
}

/// More pieces follow.
const MORE: u8 = 1;
/// It went wrong.
const FAILED: u8 = 2;

impl Transfer<'_> {
    /// Whether more pieces follow.
    pub(super) fn more_follows(&self) -> Option<bool> {
        self.status.map(|status| status & MORE != 0)
    }

    /// Whether the transfer went wrong.
    pub(super) fn has_failed(&self) -> bool {
        self.status.is_some_and(|status| status & FAILED != 0)
            || self.error.is_some_and(|error| error != 0)
    }
}

/// Reads the parameter part of a job behind its function.
pub(super) fn job<'a>(
    code: u8,
    transfer: &mut Transfer<'a>,
    cursor: &mut Cursor<'a>,
) -> Read {
    transfer.status = Some(cursor.u8()?);
    let second = cursor.u16()?;
    if matches!(code, function::DOWNLOAD_ENDED | function::END_UPLOAD) {
        transfer.error = Some(second);
    }
    transfer.id = Some(cursor.u32()?);
    if matches!(code, function::UPLOAD | function::END_UPLOAD) {
        return done();
    }
    let before = *cursor;
    let length = cursor.u8()?;
    let name = cursor.take(length.into())?;
    transfer.filename = Some(name);
    transfer.block = Block::of_file(name);
    if transfer.block.is_none() {
        // Other files are named too: a name that begins as a block's must be one.
        if name.starts_with(b"_0") {
            *cursor = before;
            return Some(Err(FaultKind::Block));
        }
    }
    if code == function::REQUEST_DOWNLOAD && !cursor.rest().is_empty() {
        let length = cursor.u8()?;
        let mut part = Cursor::new(cursor.take(length.into())?);
        part.u8()?;
        transfer.load_length = digits(part.take(6)?);
        transfer.mc7_length = digits(part.take(6)?);
    }
    done()
}

/// Reads the parameter part of an answer behind its function, and the data part.
pub(super) fn answer<'a>(
    code: u8,
    transfer: &mut Transfer<'a>,
    cursor: &mut Cursor<'a>,
    data: &mut Cursor<'a>,
) -> Read {
    if cursor.rest().is_empty() {
        return done();
    }
    transfer.status = Some(cursor.u8()?);
    if code == function::START_UPLOAD {
        cursor.u16()?;
        transfer.id = Some(cursor.u32()?);
        if let Some(length) = cursor.u8() {
            transfer.load_length = digits(cursor.take(length.into())?);
        }
    }
    if matches!(code, function::DOWNLOAD_BLOCK | function::UPLOAD)
        && !data.rest().is_empty()
    {
        let length = data.u16()?;
        data.u16()?;
        transfer.piece = Some(data.take(length.into())?);
    }
    done()
}

/// A decimal number in ASCII; none if it is not one.
fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u32, |number, digit| {
        number.checked_mul(10)?.checked_add(char::from(*digit).to_digit(10)?)
    })
}
