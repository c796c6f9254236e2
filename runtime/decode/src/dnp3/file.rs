//! File objects (IEEE Std 1815-2012, Annex A, group 70).
//!
//! ```text
//! 2 authentication  user at 2 | length 2 | password at 2 | length 2 | key 4 | texts
//! 3 command         name at 2 | length 2 | created 6 | permissions 2 | key 4 | size 4
//!                   | mode 2 | largest block 2 | request 2 | name
//! 4 command status  handle 4 | size 4 | largest block 2 | request 2 | status 1 | text
//! 5 transport       handle 4 | block 4, highest bit: last | data
//! 6 its status      handle 4 | block 4 | status 1 | text
//! 7 descriptor      name at 2 | length 2 | type 2 | size 4 | created 6
//!                   | permissions 2 | request 2 | name
//! 8 specification   name
//! ```
//!
//! Passwords are passed by: an event is no place for them.

use crate::cursor::Cursor;
use crate::dnp3::point::time;

/// A file object. What its variation does not have is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the standard's own names")]
pub struct File<'a> {
    pub name: Option<&'a [u8]>,
    pub handle: Option<u32>,
    pub mode: Option<u16>,
    pub kind: Option<u16>,
    pub size: Option<u32>,
    /// Block number, without the bit that says last.
    pub block: Option<u32>,
    /// Whether it is the last block.
    pub last: Option<bool>,
    pub max_block: Option<u16>,
    pub request: Option<u16>,
    pub permissions: Option<u16>,
    /// Milliseconds since 1970.
    pub created: Option<u64>,
    pub auth_key: Option<u32>,
    pub status: Option<u8>,
    pub user: Option<&'a [u8]>,
    pub text: Option<&'a [u8]>,
    pub data: Option<&'a [u8]>,
}

/// Bit of a block number that says last.
const LAST: u32 = 0x8000_0000;

/// Reads a file object as far as its octets make sense, and says whether they all do.
pub fn read(variation: u8, octets: &[u8]) -> (File<'_>, bool) {
    let mut file = File::default();
    let mut cursor = Cursor::new(octets);
    let read = match variation {
        2 => authentication(&mut file, &mut cursor, octets),
        3 => command(&mut file, &mut cursor, octets),
        4 => command_status(&mut file, &mut cursor),
        5 => transport(&mut file, &mut cursor),
        6 => transport_status(&mut file, &mut cursor),
        7 => descriptor(&mut file, &mut cursor, octets),
        8 => {
            file.name = Some(octets);
            Some(())
        }
        _ => Some(()),
    };
    (file, read.is_some())
}

fn authentication<'a>(
    file: &mut File<'a>,
    cursor: &mut Cursor<'a>,
    octets: &'a [u8],
) -> Option<()> {
    let user = (word(cursor)?, word(cursor)?);
    let password = (word(cursor)?, word(cursor)?);
    file.auth_key = Some(long(cursor)?);
    file.user = Some(text(octets, user)?);
    text(octets, password).map(|_| ())
}

fn command<'a>(
    file: &mut File<'a>,
    cursor: &mut Cursor<'a>,
    octets: &'a [u8],
) -> Option<()> {
    let name = (word(cursor)?, word(cursor)?);
    file.created = Some(time(cursor)?);
    file.permissions = Some(word(cursor)?);
    file.auth_key = Some(long(cursor)?);
    file.size = Some(long(cursor)?);
    file.mode = Some(word(cursor)?);
    file.max_block = Some(word(cursor)?);
    file.request = Some(word(cursor)?);
    file.name = Some(text(octets, name)?);
    Some(())
}

fn command_status<'a>(file: &mut File<'a>, cursor: &mut Cursor<'a>) -> Option<()> {
    file.handle = Some(long(cursor)?);
    file.size = Some(long(cursor)?);
    file.max_block = Some(word(cursor)?);
    file.request = Some(word(cursor)?);
    status(file, cursor)
}

fn transport<'a>(file: &mut File<'a>, cursor: &mut Cursor<'a>) -> Option<()> {
    block(file, cursor)?;
    file.data = Some(cursor.rest());
    Some(())
}

fn transport_status<'a>(file: &mut File<'a>, cursor: &mut Cursor<'a>) -> Option<()> {
    block(file, cursor)?;
    status(file, cursor)
}

fn descriptor<'a>(
    file: &mut File<'a>,
    cursor: &mut Cursor<'a>,
    octets: &'a [u8],
) -> Option<()> {
    let name = (word(cursor)?, word(cursor)?);
    file.kind = Some(word(cursor)?);
    file.size = Some(long(cursor)?);
    file.created = Some(time(cursor)?);
    file.permissions = Some(word(cursor)?);
    file.request = Some(word(cursor)?);
    file.name = Some(text(octets, name)?);
    Some(())
}

fn block<'a>(file: &mut File<'a>, cursor: &mut Cursor<'a>) -> Option<()> {
    file.handle = Some(long(cursor)?);
    let number = long(cursor)?;
    file.block = Some(number & !LAST);
    file.last = Some(number & LAST != 0);
    Some(())
}

fn status<'a>(file: &mut File<'a>, cursor: &mut Cursor<'a>) -> Option<()> {
    file.status = Some(cursor.u8()?);
    file.text = Some(cursor.rest()).filter(|text| !text.is_empty());
    Some(())
}

/// A text by its place from the object's first octet, and its length. Where there is
/// no text, products write any place.
fn text(octets: &[u8], (at, length): (u16, u16)) -> Option<&[u8]> {
    if length == 0 {
        return Some(&[]);
    }
    octets.get(usize::from(at)..)?.get(..usize::from(length))
}

fn word(cursor: &mut Cursor<'_>) -> Option<u16> {
    cursor.array().map(u16::from_le_bytes)
}

fn long(cursor: &mut Cursor<'_>) -> Option<u32> {
    cursor.array().map(u32::from_le_bytes)
}
