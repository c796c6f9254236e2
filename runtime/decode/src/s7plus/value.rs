//! A value: flags, type, and what the type says.
//!
//! ```text
//! flags 1 | type 1 | body
//!   array (10, 20)   count | elements
//!   sparse (40)      (key | element)* | 00
//!   struct (17)      id 4 | (member | value)* | 00
//!   wstring (15)     length | UTF-8      blob (14)   root | length | bytes
//! counts, keys, lengths and members are numbers of variable length
//! ```

use tagout_spec::record::typed::codes::s7plus_type as kind;

use crate::cursor::Cursor;
use crate::s7plus::vlq;

const ARRAY: u8 = 0x10;
const ADDRESS_ARRAY: u8 = 0x20;
const SPARSE: u8 = 0x40;

/// A value's head, and its number or text where it is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Value<'a> {
    /// Type.
    pub(super) kind: u8,
    /// Whether it is an array of any form.
    pub(super) is_array: bool,
    /// One number.
    pub(super) number: Option<f64>,
    /// A text.
    pub(super) text: Option<&'a [u8]>,
    /// The body.
    pub(super) bytes: &'a [u8],
}

/// Why a value could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The bytes end within it.
    Short,
    /// A type, or a form of it, whose layout is not known.
    Unknown,
}

/// Flags and type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    flags: u8,
    /// Type.
    pub(super) kind: u8,
}

impl Head {
    /// Whether it is an array of any form.
    pub(super) fn is_array(self) -> bool {
        self.flags & (ARRAY | ADDRESS_ARRAY | SPARSE) != 0
    }
}

/// flags 1 | type 1
pub(super) fn head(cursor: &mut Cursor<'_>) -> Result<Head, Unread> {
    let flags = cursor.u8().ok_or(Unread::Short)?;
    let kind = cursor.u8().ok_or(Unread::Short)?;
    Ok(Head { flags, kind })
}

/// Reads a value that is no structure, whose head was read.
pub(super) fn body<'a>(head: Head, cursor: &mut Cursor<'a>) -> Result<Value<'a>, Unread> {
    let start = *cursor;
    let mut value = Value {
        kind: head.kind,
        is_array: head.is_array(),
        number: None,
        text: None,
        bytes: &[],
    };
    if head.flags & SPARSE != 0 {
        while vlq::u32(cursor).ok_or(Unread::Short)? != 0 {
            element(head.kind, cursor)?;
        }
    } else if head.is_array() {
        let count = vlq::u32(cursor).ok_or(Unread::Short)?;
        // Each element has a byte at least, but for nulls.
        if count as usize > cursor.rest().len() {
            return Err(Unread::Short);
        }
        for _ in 0..count {
            element(head.kind, cursor)?;
        }
    } else {
        (value.number, value.text) = element(head.kind, cursor)?;
    }
    let used = cursor.at().saturating_sub(start.at());
    value.bytes = start.rest().get(..used).unwrap_or_default();
    Ok(value)
}

type Element<'a> = (Option<f64>, Option<&'a [u8]>);

/// Reads one element: a number, a text, or neither.
fn element<'a>(code: u8, cursor: &mut Cursor<'a>) -> Result<Element<'a>, Unread> {
    let number = match code {
        kind::NULL => return Ok((None, None)),
        kind::BOOL | kind::USINT | kind::BYTE => cursor.u8().map(f64::from),
        kind::UINT | kind::WORD => cursor.u16().map(f64::from),
        kind::SINT => cursor.array().map(i8::from_be_bytes).map(f64::from),
        kind::INT => cursor.array().map(i16::from_be_bytes).map(f64::from),
        kind::UDINT | kind::AID => vlq::u32(cursor).map(f64::from),
        kind::DINT => vlq::i32(cursor).map(f64::from),
        kind::DWORD | kind::RID => cursor.u32().map(f64::from),
        kind::REAL => cursor.array().map(f32::from_be_bytes).map(f64::from),
        kind::LREAL => cursor.array().map(f64::from_be_bytes),
        kind::ULINT => vlq::u64(cursor).map(wide),
        kind::LINT | kind::TIMESPAN => vlq::i64(cursor).map(signed),
        kind::LWORD | kind::TIMESTAMP => cursor.array().map(u64::from_be_bytes).map(wide),
        kind::WSTRING => {
            let length = vlq::u32(cursor).ok_or(Unread::Short)?;
            let text = take(cursor, length).ok_or(Unread::Short)?;
            return Ok((None, Some(text)));
        }
        kind::BLOB => {
            // A blob with a root has a head of its own.
            if vlq::u32(cursor).ok_or(Unread::Short)? != 0 {
                return Err(Unread::Unknown);
            }
            let length = vlq::u32(cursor).ok_or(Unread::Short)?;
            take(cursor, length).ok_or(Unread::Short)?;
            return Ok((None, None));
        }
        _ => return Err(Unread::Unknown),
    };
    number.map(|number| (Some(number), None)).ok_or(Unread::Short)
}

fn take<'a>(cursor: &mut Cursor<'a>, length: u32) -> Option<&'a [u8]> {
    cursor.take(usize::try_from(length).ok()?)
}

#[expect(clippy::cast_precision_loss, reason = "a field of numbers is a float")]
fn wide(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "a field of numbers is a float")]
fn signed(number: i64) -> f64 {
    number as f64
}
