//! A TPDU (ITU-T X.224, section 13).
//!
//! ```text
//! DT      LI 1 = 2 | F0 | EOT and number 1 | data
//! CR, CC  LI 1 | E0, D0 | destination 2 | source 2 | class 1 | parameters
//! DR      LI 1 | 80     | destination 2 | source 2 | reason 1 | parameters
//! DC      LI 1 | C0     | destination 2 | source 2 | parameters
//! ER      LI 1 | 70     | destination 2 | cause 1 | parameters
//!         '-- counts the header behind it, without data
//! parameter: code 1 | length 1 | value
//! ```
//!
//! [`parse`] never fails: what was understood stays, and a [`Fault`] says where the
//! bytes stop making sense. Bytes are counted from the TPDU's first.

use crate::cursor::Cursor;

/// Kinds of TPDU: the upper half of the code (13.1).
pub mod kind {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const EXPEDITED_DATA: u8 = 0x1;
    pub const EXPEDITED_ACKNOWLEDGEMENT: u8 = 0x2;
    pub const REJECT: u8 = 0x5;
    pub const ACKNOWLEDGEMENT: u8 = 0x6;
    pub const ERROR: u8 = 0x7;
    pub const DISCONNECT_REQUEST: u8 = 0x8;
    pub const DISCONNECT_CONFIRM: u8 = 0xc;
    pub const CONNECTION_CONFIRM: u8 = 0xd;
    pub const CONNECTION_REQUEST: u8 = 0xe;
    pub const DATA: u8 = 0xf;
}

/// Codes of parameters (13.3.4).
mod parameter {
    pub(super) const TPDU_SIZE: u8 = 0xc0;
    pub(super) const CALLING_TSAP: u8 = 0xc1;
    pub(super) const CALLED_TSAP: u8 = 0xc2;
}

/// Length indicator of a data TPDU in class 0.
const DATA_LI: u8 = 2;
/// Length indicator that the standard reserves.
const RESERVED_LI: u8 = 255;

/// A TPDU.
#[derive(Clone, Copy, Debug)]
pub enum Tpdu<'a> {
    /// Data: all of a message, or a piece of one.
    Data(Data<'a>),
    /// One that opens, refuses or closes a connection, or of another class.
    Control(Control<'a>),
}

/// A data TPDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data<'a> {
    /// Whether it is the last of its message.
    pub is_last: bool,
    /// What it carries.
    pub payload: &'a [u8],
}

/// Any other TPDU. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Control<'a> {
    /// Kind, as in [`kind`].
    pub kind: u8,
    /// The receiver's reference.
    pub destination: Option<u16>,
    /// The sender's reference.
    pub source: Option<u16>,
    /// Class of procedure, options removed.
    pub class: Option<u8>,
    /// Why a connection is refused or closed.
    pub reason: Option<u8>,
    /// Why a TPDU is in error.
    pub cause: Option<u8>,
    /// Largest TPDU.
    pub tpdu_size: Option<u32>,
    /// TSAP of the side that opens.
    pub calling: Option<&'a [u8]>,
    /// TSAP of the side that is asked.
    pub called: Option<&'a [u8]>,
    /// Where it stops making sense.
    pub fault: Option<Fault>,
}

/// Where and why a frame stops making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte.
    pub at: u16,
    /// What is wrong there.
    pub why: FaultKind,
}

/// What can be wrong, as the schema numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The bytes end within a field.
    Short = 1,
    /// Bytes follow where nothing should.
    Long = 2,
    /// No packet begins here.
    Version = 3,
    /// A length cannot be true.
    Length = 4,
    /// No TPDU of the standard's.
    Type = 5,
    /// A message that is too long.
    TooLong = 6,
}

/// Reads a TPDU.
#[inline]
pub fn parse(tpdu: &[u8]) -> Tpdu<'_> {
    // What nearly all traffic is.
    if let [DATA_LI, 0xf0, eot, payload @ ..] = tpdu {
        return Tpdu::Data(Data { is_last: eot & 0x80 != 0, payload });
    }
    other(tpdu)
}

#[cold]
fn other(tpdu: &[u8]) -> Tpdu<'_> {
    let mut cursor = Cursor::new(tpdu);
    let mut control = Control::default();
    let (Some(li), Some(code)) = (cursor.u8(), cursor.u8()) else {
        control.fault = Some(Fault { at: 0, why: FaultKind::Short });
        return Tpdu::Control(control);
    };
    control.kind = code >> 4;
    let (header, behind) = match tpdu.split_at_checked(usize::from(li).saturating_add(1))
    {
        Some(split) if li >= 2 && li != RESERVED_LI => split,
        _ => {
            control.fault = Some(Fault { at: 0, why: FaultKind::Length });
            return Tpdu::Control(control);
        }
    };
    let mut cursor = Cursor::new(header.get(2..).unwrap_or_default());
    if control.kind == kind::DATA {
        // Classes 2 to 4: destination 2 | EOT and number | parameters.
        let eot = cursor.u16().and_then(|_| cursor.u8()).unwrap_or(0x80);
        return Tpdu::Data(Data { is_last: eot & 0x80 != 0, payload: behind });
    }
    let why = match fields(&mut control, &mut cursor) {
        Some(Ok(())) => return Tpdu::Control(control),
        Some(Err(why)) => why,
        None => FaultKind::Short,
    };
    let at = if why == FaultKind::Type { 1 } else { cursor.at().saturating_add(2) };
    let at = u16::try_from(at).unwrap_or(u16::MAX);
    control.fault = Some(Fault { at, why });
    Tpdu::Control(control)
}

/// None: the bytes end too early.
fn fields<'a>(
    control: &mut Control<'a>,
    cursor: &mut Cursor<'a>,
) -> Option<Result<(), FaultKind>> {
    match control.kind {
        kind::CONNECTION_REQUEST | kind::CONNECTION_CONFIRM => {
            control.destination = Some(cursor.u16()?);
            control.source = Some(cursor.u16()?);
            control.class = Some(cursor.u8()? >> 4);
            parameters(control, cursor)
        }
        kind::DISCONNECT_REQUEST => {
            control.destination = Some(cursor.u16()?);
            control.source = Some(cursor.u16()?);
            control.reason = Some(cursor.u8()?);
            parameters(control, cursor)
        }
        kind::DISCONNECT_CONFIRM => {
            control.destination = Some(cursor.u16()?);
            control.source = Some(cursor.u16()?);
            parameters(control, cursor)
        }
        kind::ERROR => {
            control.destination = Some(cursor.u16()?);
            control.cause = Some(cursor.u8()?);
            parameters(control, cursor)
        }
        kind::EXPEDITED_DATA
        | kind::EXPEDITED_ACKNOWLEDGEMENT
        | kind::REJECT
        | kind::ACKNOWLEDGEMENT => {
            control.destination = Some(cursor.u16()?);
            Some(Ok(()))
        }
        _ => Some(Err(FaultKind::Type)),
    }
}

/// (code 1 | length 1 | value)*
fn parameters<'a>(
    control: &mut Control<'a>,
    cursor: &mut Cursor<'a>,
) -> Option<Result<(), FaultKind>> {
    while !cursor.rest().is_empty() {
        let code = cursor.u8()?;
        let length = cursor.u8()?;
        let value = cursor.take(length.into())?;
        match (code, value) {
            // 7 is 128 bytes, 13 is 8,192 (13.3.4 b).
            (parameter::TPDU_SIZE, [exponent @ 7..=16]) => {
                control.tpdu_size = Some(1 << exponent);
            }
            (parameter::CALLING_TSAP, value) => control.calling = Some(value),
            (parameter::CALLED_TSAP, value) => control.called = Some(value),
            _ => {}
        }
    }
    Some(Ok(()))
}
