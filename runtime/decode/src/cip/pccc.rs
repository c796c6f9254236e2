//! PCCC within CIP: commands of PLC-5, SLC 500 and `MicroLogix` controllers.
//!
//! ```text
//! requester  length 1 = 7 | vendor 2 | serial 4
//! command    CMD 1 | STS 1 | TNS 2 | FNC 1, for CMD 06, 07 and 0F | data
//! reply      CMD 1, with bit 6 | STS 1 | TNS 2 | EXT STS 1, if STS is F0 | data
//!
//! typed logical address   size 1 | file | type 1 | element | sub-element, if three
//! PLC-5 address           levels 1 | a number for each bit of it, from bit 0
//! a number of either      1 byte, or FF and 2 bytes
//! ```
//!
//! Sources: DF1 Protocol and Command Set Reference Manual, 1770-6.5.16, chapters 7, 8,
//! 13; CIP Networks Library, Volume 1 (PCCC object). Data of functions whose layout
//! depends on the controller stays bytes.

use crate::cip::fault::FaultKind;
use crate::cip::little::Little as _;
use crate::cip::message::{OK, Read};
use crate::cip::path::Name;
use crate::cip::value::datatype;
use crate::cursor::Cursor;

/// Commands, without the bits that mark a reply and its priority.
pub mod command {
    #![expect(missing_docs, reason = "the manual's own names")]
    pub const PROTECTED_WRITE: u8 = 0x00;
    pub const UNPROTECTED_READ: u8 = 0x01;
    pub const PROTECTED_BIT_WRITE: u8 = 0x02;
    pub const UNPROTECTED_BIT_WRITE: u8 = 0x05;
    pub const DIAGNOSTICS: u8 = 0x06;
    pub const CONTROL: u8 = 0x07;
    pub const UNPROTECTED_WRITE: u8 = 0x08;
    pub const EXTENDED: u8 = 0x0f;
    /// Set in the command of a reply.
    pub const REPLY: u8 = 0x40;
}

/// Functions of command 0x0f.
pub mod function {
    #![expect(missing_docs, reason = "the manual's own names")]
    pub const WORD_RANGE_WRITE: u8 = 0x00;
    pub const WORD_RANGE_READ: u8 = 0x01;
    pub const BIT_WRITE: u8 = 0x02;
    pub const READ_MODIFY_WRITE: u8 = 0x26;
    pub const SET_CPU_MODE: u8 = 0x3a;
    pub const TYPED_WRITE: u8 = 0x67;
    pub const TYPED_READ: u8 = 0x68;
    pub const CHANGE_MODE: u8 = 0x80;
    pub const TYPED_LOGICAL_READ_2: u8 = 0xa1;
    pub const TYPED_LOGICAL_READ_3: u8 = 0xa2;
    pub const TYPED_FILE_READ: u8 = 0xa7;
    pub const TYPED_LOGICAL_WRITE_2: u8 = 0xa9;
    pub const TYPED_LOGICAL_WRITE_3: u8 = 0xaa;
    pub const TYPED_LOGICAL_MASKED_WRITE_3: u8 = 0xab;
    pub const TYPED_FILE_WRITE: u8 = 0xaf;
}

/// Status that says that another byte follows.
const EXTENDED_STATUS: u8 = 0xf0;

/// A PCCC command or its reply. What it does not have is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pccc<'a> {
    /// Vendor and serial number of the requester.
    pub requester: Option<(u16, u32)>,
    /// Command, without the bit that marks a reply.
    pub command: Option<u8>,
    /// Function; a reply has its request's.
    pub function: Option<u8>,
    /// Status.
    pub status: Option<u8>,
    /// Extended status.
    pub extended_status: Option<u8>,
    /// Transaction number.
    pub transaction: Option<u16>,
    /// Where in the data table.
    pub address: Address,
    /// Bytes asked for or written.
    pub size: Option<u8>,
    /// Mask of a masked write.
    pub mask: Option<u16>,
    /// Mode asked for: of change mode, or flags of set CPU mode.
    pub mode: Option<u8>,
    /// Values, or what has no layout here.
    pub data: &'a [u8],
    /// Whether `data` is values of the address.
    pub has_values: bool,
}

/// An address of the data table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Type of the file.
    pub file_type: Option<u8>,
    /// Number of the file.
    pub file: Option<u16>,
    /// Element of the file.
    pub element: Option<u16>,
    /// Part of the element.
    pub subelement: Option<u16>,
}

impl<'a> Pccc<'a> {
    /// Reads a command.
    pub(crate) fn request(&mut self, cursor: &mut Cursor<'a>) -> Read {
        self.requester(cursor)?;
        let [command, status] = cursor.array()?;
        self.command = Some(command & !command::REPLY);
        self.status = Some(status);
        self.transaction = Some(cursor.u16_le()?);
        match command & 0x0f {
            command::DIAGNOSTICS | command::CONTROL => {
                self.function = Some(cursor.u8()?);
            }
            command::EXTENDED => {
                let function = cursor.u8()?;
                self.function = Some(function);
                self.extended(function, cursor)?;
            }
            command::UNPROTECTED_READ => {
                self.address.element = Some(cursor.u16_le()?);
                self.size = Some(cursor.u8()?);
            }
            command::PROTECTED_WRITE
            | command::UNPROTECTED_WRITE
            | command::PROTECTED_BIT_WRITE
            | command::UNPROTECTED_BIT_WRITE => {
                self.address.element = Some(cursor.u16_le()?);
            }
            _ => {}
        }
        self.data = cursor.take(cursor.rest().len())?;
        let is_short = self.has_values
            && self.size.is_some_and(|size| self.data.len() < usize::from(size));
        if is_short { Some(Err(FaultKind::Count)) } else { OK }
    }

    /// Reads a reply to a command, if that was seen.
    pub(crate) fn reply(
        &mut self,
        cursor: &mut Cursor<'a>,
        asked: Option<&Pccc<'_>>,
    ) -> Read {
        self.requester(cursor)?;
        let [command, status] = cursor.array()?;
        self.command = Some(command & !command::REPLY);
        self.status = Some(status);
        self.transaction = Some(cursor.u16_le()?);
        if status == EXTENDED_STATUS {
            self.extended_status = Some(cursor.u8()?);
        }
        self.data = cursor.take(cursor.rest().len())?;
        let Some(asked) = asked.filter(|asked| asked.command == self.command) else {
            return OK;
        };
        self.function = asked.function;
        self.address = asked.address;
        self.size = asked.size;
        self.mode = asked.mode;
        self.has_values = status == 0
            && matches!(
                (asked.command, asked.function),
                (
                    Some(command::EXTENDED),
                    Some(
                        function::TYPED_LOGICAL_READ_2
                            | function::TYPED_LOGICAL_READ_3
                            | function::TYPED_FILE_READ
                    )
                )
            );
        OK
    }

    /// The number of the function within its command, as the schema's
    /// `pccc_operation` has it.
    pub fn operation(&self) -> Option<u16> {
        let command = self.command? & 0x0f;
        Some(u16::from_be_bytes([command, self.function?]))
    }

    /// Type of the values, as CIP numbers it.
    pub(crate) fn datatype(&self) -> Option<u16> {
        match self.address.file_type? {
            _ if !self.has_values => None,
            0x82..=0x89 => Some(datatype::INT),
            0x8a => Some(datatype::REAL),
            0x91 => Some(datatype::DINT),
            _ => None,
        }
    }

    /// length 1 | vendor 2 | serial 4 | what else the length counts
    fn requester(&mut self, cursor: &mut Cursor<'a>) -> Option<()> {
        let len = usize::from(cursor.u8()?);
        let mut inner = Cursor::new(cursor.take(len.saturating_sub(1))?);
        self.requester = inner.u16_le().zip(inner.u32_le());
        Some(())
    }

    /// What follows a function of command 0x0f.
    fn extended(&mut self, function: u8, cursor: &mut Cursor<'a>) -> Option<()> {
        match function {
            function::TYPED_LOGICAL_READ_2 | function::TYPED_LOGICAL_WRITE_2 => {
                self.typed_logical(cursor, false)?;
            }
            function::TYPED_LOGICAL_READ_3 | function::TYPED_LOGICAL_WRITE_3 => {
                self.typed_logical(cursor, true)?;
            }
            function::TYPED_LOGICAL_MASKED_WRITE_3 => {
                self.typed_logical(cursor, true)?;
                self.mask = Some(cursor.u16_le()?);
            }
            function::TYPED_FILE_READ | function::TYPED_FILE_WRITE => {
                self.size = Some(cursor.u8()?);
                // Which opening of the file, and where in it.
                cursor.u16_le()?;
                self.address.element = Some(cursor.u16_le()?);
                self.address.file_type = Some(cursor.u8()?);
            }
            function::TYPED_READ
            | function::TYPED_WRITE
            | function::WORD_RANGE_READ
            | function::WORD_RANGE_WRITE => {
                // Where the packet lies in the whole, and how long that is.
                cursor.u32_le()?;
                self.address.levels(cursor)?;
            }
            function::BIT_WRITE | function::READ_MODIFY_WRITE => {
                self.address.levels(cursor)?;
            }
            function::CHANGE_MODE | function::SET_CPU_MODE => {
                self.mode = Some(cursor.u8()?);
            }
            _ => {}
        }
        self.has_values = matches!(
            function,
            function::TYPED_LOGICAL_WRITE_2
                | function::TYPED_LOGICAL_WRITE_3
                | function::TYPED_LOGICAL_MASKED_WRITE_3
                | function::TYPED_FILE_WRITE
        );
        Some(())
    }

    /// size 1 | file | type 1 | element | sub-element, if there are three
    fn typed_logical(&mut self, cursor: &mut Cursor<'a>, has_three: bool) -> Option<()> {
        self.size = Some(cursor.u8()?);
        self.address.file = Some(number(cursor)?);
        self.address.file_type = Some(cursor.u8()?);
        self.address.element = Some(number(cursor)?);
        if has_three {
            self.address.subelement = Some(number(cursor)?);
        }
        Some(())
    }
}

impl Address {
    /// A PLC-5 logical address in binary. One in text, which begins with 0, stays
    /// part of the data.
    fn levels(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        if cursor.rest().first() == Some(&0) {
            return Some(());
        }
        let levels = cursor.u8()?;
        for level in 0..8 {
            if levels >> level & 1 == 0 {
                continue;
            }
            let number = number(cursor)?;
            match level {
                1 => self.file = Some(number),
                2 => self.element = Some(number),
                3 => self.subelement = Some(number),
                _ => {}
            }
        }
        Some(())
    }

    /// As engineers write it: `N7:0`; nothing if it is not whole.
    pub(crate) fn name(&self) -> Option<Name> {
        let letter: &[u8] = match self.file_type? {
            0x82 | 0x8b => b"O",
            0x83 | 0x8c => b"I",
            0x84 => b"S",
            0x85 => b"B",
            0x86 => b"T",
            0x87 => b"C",
            0x88 => b"R",
            0x89 => b"N",
            0x8a => b"F",
            0x8d => b"ST",
            0x8e => b"A",
            0x8f => b"D",
            0x91 => b"L",
            _ => return None,
        };
        let mut name = Name::empty();
        name.push(letter);
        name.push_number(self.file?.into());
        name.push(b":");
        name.push_number(self.element?.into());
        if let Some(sub) = self.subelement.filter(|sub| *sub != 0) {
            name.push(b".");
            name.push_number(sub.into());
        }
        Some(name)
    }
}

/// 1 byte, or FF and 2 bytes
fn number(cursor: &mut Cursor<'_>) -> Option<u16> {
    match cursor.u8()? {
        0xff => cursor.u16_le(),
        byte => Some(byte.into()),
    }
}
