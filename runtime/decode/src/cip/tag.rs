//! Tags of Logix controllers: read, write, in fragments, and read-modify-write.
//!
//! ```text
//! 4C  elements 2                                    reply  type | values
//! 52  elements 2 | offset 4                         reply  type | values
//! 4D  type | elements 2 | values
//! 53  type | elements 2 | offset 4 | values
//! 4E  size 2 | OR mask | AND mask
//!
//! type   C4 00             elementary: its code
//!        A0 02 | handle 2  a structure
//! ```
//!
//! Source: Logix 5000 Controllers Data Access, 1756-PM020, chapter 1. A structure's
//! values are bytes here: which members it has, its template says.

use crate::cip::fault::FaultKind;
use crate::cip::little::Little as _;
use crate::cip::message::{OK, Read};
use crate::cip::value::{self, datatype};
use crate::cursor::Cursor;

/// What a service on a tag says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Code of the type.
    pub datatype: Option<u16>,
    /// Handle of the structure, where the type is one.
    pub structure: Option<u16>,
    /// Elements asked for or written.
    pub elements: Option<u16>,
    /// Where the fragment begins, in bytes.
    pub offset: Option<u32>,
    /// Values as they lie in the message.
    pub values: &'a [u8],
    /// Masks of a read-modify-write.
    pub masks: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> Tag<'a> {
    /// elements 2, and offset 4 if fragmented
    pub(crate) fn read(&mut self, cursor: &mut Cursor<'a>, is_fragmented: bool) -> Read {
        self.elements = Some(cursor.u16_le()?);
        if is_fragmented {
            self.offset = Some(cursor.u32_le()?);
        }
        OK
    }

    /// type | elements 2 | offset 4, if fragmented | values
    pub(crate) fn write(&mut self, cursor: &mut Cursor<'a>, is_fragmented: bool) -> Read {
        self.datatype(cursor)?;
        let before = *cursor;
        let elements = cursor.u16_le()?;
        self.elements = Some(elements);
        if is_fragmented {
            self.offset = Some(cursor.u32_le()?);
        }
        self.values = cursor.take(cursor.rest().len())?;
        let Some(size) = self.datatype.and_then(value::size) else { return OK };
        let whole = size.saturating_mul(usize::from(elements));
        // One byte more is a pad; a fragment has a part of the whole.
        let fits = match self.offset {
            None => (whole..=whole.saturating_add(1)).contains(&self.values.len()),
            Some(_) => self.values.len() <= whole,
        };
        if fits {
            OK
        } else {
            *cursor = before;
            Some(Err(FaultKind::Count))
        }
    }

    /// type | values
    pub(crate) fn answer(&mut self, cursor: &mut Cursor<'a>) -> Read {
        self.datatype(cursor)?;
        let before = *cursor;
        self.values = cursor.take(cursor.rest().len())?;
        let size = self.datatype.and_then(value::size).unwrap_or(1);
        if self.values.len().is_multiple_of(size) {
            OK
        } else {
            *cursor = before;
            Some(Err(FaultKind::Datatype))
        }
    }

    /// size 2 | OR mask | AND mask
    pub(crate) fn modify(&mut self, cursor: &mut Cursor<'a>) -> Read {
        let size = usize::from(cursor.u16_le()?);
        self.masks = Some((cursor.take(size)?, cursor.take(size)?));
        OK
    }

    fn datatype(&mut self, cursor: &mut Cursor<'a>) -> Option<()> {
        let code = cursor.u16_le()?;
        // 0x02a0 is an abbreviated structure: its handle stands for its members.
        if code == 0x02a0 {
            self.datatype = Some(datatype::STRUCTURE);
            self.structure = Some(cursor.u16_le()?);
        } else {
            self.datatype = Some(code);
        }
        Some(())
    }
}
