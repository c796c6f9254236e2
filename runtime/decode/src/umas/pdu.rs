//! A UMAS message: what stands behind the function code 90. Numbers are little endian.
//!
//! ```text
//! request  session 1 | function 1 | data
//! answer   session 1 | fe         | data           ok
//!          session 1 | fd         | error ...      error
//! signed   session 1 | 38         | magic 1 | signature 32 | 5a | request
//!          session 1 | fe         | magic 1 | signature 32 | 5a | answer
//! ```
//!
//! An answer does not say what it answers; its request does. Reading never fails: what
//! does not make sense is a [`Fault`], what was understood before it stays, and all
//! bytes behind the function are kept.

use tagout_spec::record::typed::codes::{
    umas_fault, umas_function as function, umas_status as status,
};

use crate::cursor::Cursor;

/// Modbus function code, once more within a signed message.
const MODBUS_FUNCTION: u8 = 0x5a;
/// Magic byte and signature.
const SIGNATURE: usize = 33;

/// Where a message stops making sense, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Byte of the message; the session key is byte 0.
    pub(super) at: u16,
    /// A label of `umas_fault`.
    pub(super) why: u8,
}

/// What an answer is given of its request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(super) function: u8,
    pub(super) signed: bool,
    pub(super) subfunction: Option<u8>,
    pub(super) file: Option<u8>,
    pub(super) block: Option<u16>,
    pub(super) memory: Option<Memory>,
    /// Offset of the first variable.
    pub(super) variable: Option<u32>,
}

/// A part of a memory block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) block: u16,
    pub(super) offset: u16,
    pub(super) length: u16,
}

/// What a message says. What it does not have is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Message<'a> {
    pub(super) session: Option<u8>,
    pub(super) status: Option<u8>,
    pub(super) error: Option<u8>,
    /// The request's, in answers as far as it is known.
    pub(super) asked: Option<Asked>,
    pub(super) signature: Option<&'a [u8]>,
    pub(super) body: Body<'a>,
    /// What is in no other field.
    pub(super) data: &'a [u8],
    pub(super) fault: Option<Fault>,
}

/// The data of functions that are understood.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Body<'a> {
    #[default]
    None,
    Reservation(&'a [u8]),
    Key(u8),
    Comm(Comm<'a>),
    Identity(Identity<'a>),
    Project(Project<'a>),
    /// Checksums, four bytes each.
    Crcs(&'a [u8]),
    Memory(&'a [u8]),
    Variables(Variables<'a>),
    Dictionary {
        record: u16,
        block: u16,
        offset: u16,
    },
    /// Length of the program that will be moved.
    Length(u32),
    /// A block of it.
    Block {
        last: Option<bool>,
        bytes: &'a [u8],
    },
    /// How many blocks there were.
    Blocks(u16),
}

/// Answer to the beginning of communication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comm<'a> {
    pub(super) max_frame: u16,
    pub(super) firmware: u16,
    pub(super) name: &'a [u8],
}

/// Who a controller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity<'a> {
    pub(super) id: u32,
    pub(super) model: u16,
    pub(super) firmware: u16,
    pub(super) patch: u16,
    pub(super) internal: u16,
    pub(super) hardware: u16,
    pub(super) crash: u32,
    pub(super) name: &'a [u8],
}

/// Which program it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Project<'a> {
    /// Second, minute, hour, day, month, and the year in two bytes.
    pub(super) modified: [u8; 7],
    /// Major, minor, revision.
    pub(super) version: [u8; 3],
    pub(super) name: &'a [u8],
}

/// Variables, one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variables<'a> {
    pub(super) crc: Option<u32>,
    layout: Layout,
    bytes: &'a [u8],
}

/// How a variable is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// array 4 bits, size 4 bits | block 2 | 01 | base 2 | offset 1 | length 2 of arrays
    Read,
    /// array 4 bits, size 4 bits | block 2 | base 2 | offset 2 | length 2 of arrays | value
    Write,
    /// operation 1 | what that needs
    Monitor,
}

/// A variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Variable<'a> {
    pub(super) operation: Option<u8>,
    pub(super) block: Option<u16>,
    pub(super) offset: Option<u32>,
    pub(super) size: Option<u8>,
    pub(super) count: Option<u16>,
    pub(super) data: Option<&'a [u8]>,
}

/// None: the bytes end too early. The cursor stands where it went wrong.
type Read<'a> = Option<Result<Body<'a>, u8>>;

/// Reads a request.
pub(crate) fn request(bytes: &[u8]) -> Message<'_> {
    let mut message = Message::default();
    let mut cursor = Cursor::new(bytes);
    let Some([session, code]) = cursor.array() else { return short(bytes) };
    message.session = Some(session);
    let mut asked = Asked { function: code, ..Asked::default() };
    if code == function::SIGNED
        && let Some((signature, [session, code])) = inner(&mut cursor)
    {
        message.signature = Some(signature);
        message.session = Some(session);
        asked = Asked { function: code, signed: true, ..asked };
    }
    let data = cursor.rest();
    let read = ask(&mut asked, &mut cursor);
    if let Some(Ok(Body::Variables(list))) = read {
        asked.variable = list.iter().find_map(|variable| variable.offset);
    }
    message.asked = Some(asked);
    message.finish(read, cursor, data)
}

/// Reads an answer to what was asked for, if that is known.
pub(crate) fn answer(bytes: &[u8], asked: Option<Asked>) -> Message<'_> {
    let mut message = Message { asked, ..Message::default() };
    let mut cursor = Cursor::new(bytes);
    let Some([session, mut code]) = cursor.array() else { return short(bytes) };
    message.session = Some(session);
    if code == status::OK
        && asked.is_some_and(|asked| asked.signed)
        && let Some((signature, [session, inner_code])) = inner(&mut cursor)
    {
        message.signature = Some(signature);
        message.session = Some(session);
        code = inner_code;
    }
    message.status = Some(code);
    let data = cursor.rest();
    match code {
        status::OK => {
            let read = match &asked {
                Some(asked) => reply(asked, &mut cursor),
                None => Some(Ok(Body::None)),
            };
            message.finish(read, cursor, data)
        }
        status::ERROR => {
            message.error = data.first().copied();
            message.data = data;
            message
        }
        _ => {
            let at = u16::try_from(cursor.at().saturating_sub(1)).unwrap_or(u16::MAX);
            message.fault = Some(Fault { at, why: umas_fault::STATUS });
            message.data = data;
            message
        }
    }
}

fn short(bytes: &[u8]) -> Message<'_> {
    let at = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    Message {
        session: bytes.first().copied(),
        fault: Some(Fault { at, why: umas_fault::SHORT }),
        ..Message::default()
    }
}

/// The signature of a signed message, with session and function of the one inside; the
/// cursor then stands behind these.
fn inner<'a>(cursor: &mut Cursor<'a>) -> Option<(&'a [u8], [u8; 2])> {
    let mut ahead = *cursor;
    let signature = ahead.take(SIGNATURE)?;
    if ahead.u8()? != MODBUS_FUNCTION {
        return None;
    }
    let head = ahead.array()?;
    *cursor = ahead;
    Some((signature.get(1..)?, head))
}

/// The data of a request.
fn ask<'a>(asked: &mut Asked, cursor: &mut Cursor<'a>) -> Read<'a> {
    let body = match asked.function {
        function::INIT_COMM | function::READ_PROJECT_INFO | function::CHECK_PLC => {
            asked.subfunction = cursor.u8();
            Body::None
        }
        function::TAKE_PLC_RESERVATION => {
            // With a password it is laid out in ways that nobody has described.
            let mut ahead = *cursor;
            match reservation(&mut ahead) {
                Some(client) => {
                    *cursor = ahead;
                    Body::Reservation(client)
                }
                None => Body::None,
            }
        }
        function::READ_MEMORY_BLOCK => {
            cursor.u8()?;
            let (block, offset) = (u16(cursor)?, u16(cursor)?);
            u16(cursor)?;
            let length = u16(cursor)?;
            asked.memory = Some(Memory { block, offset, length });
            Body::None
        }
        function::READ_VARIABLES => return variables(cursor, Layout::Read),
        function::WRITE_VARIABLES => return variables(cursor, Layout::Write),
        function::MONITOR_PLC => {
            asked.subfunction = cursor.u8();
            cursor.u8()?;
            let number = cursor.u8()?;
            return listed(cursor, None, Layout::Monitor, number);
        }
        function::DATA_DICTIONARY => {
            let record = u16(cursor)?;
            cursor.take(5)?;
            Body::Dictionary { record, block: u16(cursor)?, offset: u16(cursor)? }
        }
        function::INITIALIZE_UPLOAD..=function::END_DOWNLOAD => {
            return transfer(asked, cursor);
        }
        _ => Body::None,
    };
    Some(Ok(body))
}

/// `4 | length 1 | name of the client`
fn reservation<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    u32(cursor)?;
    let length = cursor.u8()?;
    cursor.take(length.into())
}

/// Requests that move a program: `0 | file 1 | ...`.
fn transfer<'a>(asked: &mut Asked, cursor: &mut Cursor<'a>) -> Read<'a> {
    cursor.u8()?;
    asked.file = Some(cursor.u8()?);
    Some(Ok(match asked.function {
        function::UPLOAD_BLOCK => {
            asked.block = Some(u16(cursor)?);
            match counted(cursor, |cursor| u16(cursor).map(usize::from))? {
                Ok(bytes) => Body::Block { last: None, bytes },
                Err(why) => return Some(Err(why)),
            }
        }
        function::DOWNLOAD_BLOCK => {
            asked.block = Some(u16(cursor)?);
            Body::None
        }
        function::END_UPLOAD | function::END_DOWNLOAD => Body::Blocks(u16(cursor)?),
        _ => Body::None,
    }))
}

/// The data of an answer.
fn reply<'a>(asked: &Asked, cursor: &mut Cursor<'a>) -> Read<'a> {
    let body = match asked.function {
        function::INIT_COMM => {
            let (max_frame, firmware) = (u16(cursor)?, u16(cursor)?);
            cursor.take(8)?;
            match counted(cursor, |cursor| cursor.u8().map(usize::from))? {
                Ok(name) => Body::Comm(Comm { max_frame, firmware, name }),
                Err(why) => return Some(Err(why)),
            }
        }
        function::READ_ID => return identity(cursor),
        function::READ_PROJECT_INFO if asked.subfunction == Some(0) => {
            // Only what is laid out as it was seen is taken for it.
            let mut ahead = *cursor;
            match project(&mut ahead) {
                Some(project) => {
                    *cursor = ahead;
                    Body::Project(project)
                }
                None => Body::None,
            }
        }
        function::READ_PLC_INFO => {
            cursor.take(3)?;
            let before = *cursor;
            let number = usize::from(cursor.u8()?);
            match cursor.take(number.saturating_mul(4)) {
                Some(bytes) => Body::Crcs(bytes),
                None => {
                    *cursor = before;
                    return Some(Err(umas_fault::COUNT));
                }
            }
        }
        function::TAKE_PLC_RESERVATION => match cursor.u8() {
            Some(key) => Body::Key(key),
            None => Body::None,
        },
        function::READ_MEMORY_BLOCK => {
            cursor.u8()?;
            return Some(
                counted(cursor, |cursor| u16(cursor).map(usize::from))?.map(Body::Memory),
            );
        }
        function::INITIALIZE_DOWNLOAD => {
            cursor.take(2)?;
            Body::Length(u32(cursor)?)
        }
        function::DOWNLOAD_BLOCK => {
            let last = Some(cursor.u8()? != 0);
            cursor.u8()?;
            match counted(cursor, |cursor| u16(cursor).map(usize::from))? {
                Ok(bytes) => Body::Block { last, bytes },
                Err(why) => return Some(Err(why)),
            }
        }
        _ => Body::None,
    };
    Some(Ok(body))
}

/// ```text
/// range 2 | id 4 | model 2 | firmware 2 | patch 2 | internal 2 | hardware 2 | crash 4 |
/// 2 | length 1 | name | memory banks
/// ```
fn identity<'a>(cursor: &mut Cursor<'a>) -> Read<'a> {
    u16(cursor)?;
    let (id, model) = (u32(cursor)?, u16(cursor)?);
    let (firmware, patch) = (u16(cursor)?, u16(cursor)?);
    let (internal, hardware) = (u16(cursor)?, u16(cursor)?);
    let crash = u32(cursor)?;
    u16(cursor)?;
    let name = counted(cursor, |cursor| cursor.u8().map(usize::from))?;
    Some(name.map(|name| {
        Body::Identity(Identity {
            id,
            model,
            firmware,
            patch,
            internal,
            hardware,
            crash,
            name,
        })
    }))
}

/// ```text
/// 9 | 9 | weekday 1, created 7 | weekday 1, modified 7 | revision 1 | minor 1 | major 1 |
/// 0 | length 1 | name, ended by 0
/// ```
fn project<'a>(cursor: &mut Cursor<'a>) -> Option<Project<'a>> {
    cursor.take(26)?;
    cursor.u8()?;
    let modified = cursor.array()?;
    let [revision, minor, major, zero] = cursor.array()?;
    let length = usize::from(cursor.u8()?);
    let name = cursor.take(length)?.split_last().filter(|(end, _)| **end == 0)?.1;
    (zero == 0).then_some(Project { modified, version: [major, minor, revision], name })
}

/// `crc 4 | number 1 | variables`
fn variables<'a>(cursor: &mut Cursor<'a>, layout: Layout) -> Read<'a> {
    let crc = Some(u32(cursor)?);
    let number = cursor.u8()?;
    listed(cursor, crc, layout, number)
}

fn listed<'a>(
    cursor: &mut Cursor<'a>,
    crc: Option<u32>,
    layout: Layout,
    number: u8,
) -> Read<'a> {
    let bytes = cursor.rest();
    let begin = cursor.at();
    for _ in 0..number {
        let before = *cursor;
        if layout.variable(cursor).is_none() {
            *cursor = before;
            if layout == Layout::Monitor {
                // An operation that nobody has described.
                break;
            }
            return None;
        }
    }
    let len = cursor.at().saturating_sub(begin);
    let bytes = bytes.get(..len).unwrap_or_default();
    Some(Ok(Body::Variables(Variables { crc, layout, bytes })))
}

/// So many bytes as the count in front of them says; else the cursor stands at it.
fn counted<'a>(
    cursor: &mut Cursor<'a>,
    count: impl Fn(&mut Cursor<'a>) -> Option<usize>,
) -> Option<Result<&'a [u8], u8>> {
    let before = *cursor;
    let count = count(cursor)?;
    Some(match cursor.take(count) {
        Some(bytes) => Ok(bytes),
        None => {
            *cursor = before;
            Err(umas_fault::COUNT)
        }
    })
}

fn u16(cursor: &mut Cursor<'_>) -> Option<u16> {
    cursor.array().map(u16::from_le_bytes)
}

fn u32(cursor: &mut Cursor<'_>) -> Option<u32> {
    cursor.array().map(u32::from_le_bytes)
}

impl<'a> Message<'a> {
    /// Function of the request, as far as it is known.
    pub(super) fn function(&self) -> Option<u8> {
        self.asked.map(|asked| asked.function)
    }

    /// A Modbus exception in place of an answer.
    pub(crate) fn refused(asked: Option<Asked>) -> Message<'static> {
        Message { asked, ..Message::default() }
    }

    /// What an answer to this request is given.
    pub(crate) fn asked(&self) -> Option<Asked> {
        self.asked
    }

    fn finish(
        mut self,
        read: Read<'a>,
        cursor: Cursor<'a>,
        data: &'a [u8],
    ) -> Message<'a> {
        let why = match read {
            Some(Ok(body)) => {
                self.body = body;
                self.data = cursor.rest();
                return self;
            }
            Some(Err(why)) => why,
            None => umas_fault::SHORT,
        };
        let at = u16::try_from(cursor.at()).unwrap_or(u16::MAX);
        self.fault = Some(Fault { at, why });
        self.data = data;
        self
    }
}

impl<'a> Variables<'a> {
    pub(super) fn iter(&self) -> impl Iterator<Item = Variable<'a>> + use<'a> {
        let (layout, mut cursor) = (self.layout, Cursor::new(self.bytes));
        std::iter::from_fn(move || layout.variable(&mut cursor))
    }
}

impl Layout {
    fn variable<'a>(self, cursor: &mut Cursor<'a>) -> Option<Variable<'a>> {
        if self == Layout::Monitor {
            return monitored(cursor);
        }
        let kind = cursor.u8()?;
        // 1, 2, 3, 4 are 1, 2, 4, 8 bytes.
        let size = (kind & 0x0f)
            .checked_sub(1)
            .and_then(|n| 1_u8.checked_shl(n.into()))
            .filter(|size| *size <= 8);
        let block = u16(cursor)?;
        if self == Layout::Read {
            cursor.u8()?;
        }
        let base = u32::from(u16(cursor)?);
        let offset = match self {
            Layout::Read => u32::from(cursor.u8()?),
            _ => u32::from(u16(cursor)?),
        };
        let count = if kind & 0xf0 != 0 { Some(u16(cursor)?) } else { None };
        let data = if self == Layout::Write {
            let number = usize::from(count.unwrap_or(1));
            Some(cursor.take(usize::from(size?).saturating_mul(number))?)
        } else {
            None
        };
        let offset = Some(base.saturating_add(offset));
        Some(Variable { operation: None, block: Some(block), offset, size, count, data })
    }
}

/// An operation of monitoring.
fn monitored<'a>(cursor: &mut Cursor<'a>) -> Option<Variable<'a>> {
    let operation = cursor.u8()?;
    let mut variable = Variable { operation: Some(operation), ..Variable::default() };
    match operation {
        5 | 9 => {
            cursor.u8()?;
            variable.block = Some(u16(cursor)?);
            variable.offset = Some(u32::from(u16(cursor)?));
            if operation == 5 {
                cursor.u8()?;
            }
        }
        7 | 11 => {}
        // How much another one takes is not known.
        _ => return None,
    }
    Some(variable)
}
