//! A message: its header, and what its function says.
//!
//! ```text
//! 31 | 2 | function 2 | 2 | sequence 2 | session 4 | flags 1 | body      request
//! 32 | 2 | function 2 | 2 | sequence 2 | flags 1 | return value | body   response
//! 33 | subscription 4 | ...                                              notification
//! ```
//!
//! [`parse`] never fails, and reads the header alone. [`content`] walks the body and
//! tells a visitor what it meets; it ends where the layout is no longer known.

use tagout_spec::record::typed::codes::{
    s7plus_function as function, s7plus_opcode as opcode,
};

use crate::cursor::Cursor;
use crate::s7plus::tree::{Item, Node, Stop, Walk, Walked};
use crate::s7plus::vlq;

/// A message's header. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Message<'a> {
    /// Kind of message.
    pub(super) opcode: Option<u8>,
    /// Function.
    pub(super) function: Option<u16>,
    /// Sequence number.
    pub(super) sequence: Option<u16>,
    /// Session of a request.
    pub(super) session: Option<u32>,
    /// Transport flags.
    pub(super) transport_flags: Option<u8>,
    /// Return value of a response.
    pub(super) return_value: Option<u64>,
    /// Subscription of a notification.
    pub(super) subscription: Option<u32>,
    /// Object that a request names.
    pub(super) object: Option<u32>,
    /// What follows the header.
    pub(super) body: &'a [u8],
    /// The byte of the message at which that begins.
    pub(super) body_at: usize,
    /// Where the message stops making sense.
    pub(super) fault: Option<Fault>,
}

impl Message<'_> {
    /// Whether it asks.
    pub(super) fn is_request(&self) -> bool {
        self.opcode == Some(opcode::REQUEST)
    }

    /// Whether it answers.
    pub(super) fn is_response(&self) -> bool {
        matches!(self.opcode, Some(opcode::RESPONSE | opcode::RESPONSE_2))
    }

    /// The error in a return value: its lower half, signed.
    pub(super) fn error(&self) -> Option<i16> {
        let [.., high, low] = self.return_value?.to_be_bytes();
        Some(i16::from_be_bytes([high, low]))
    }
}

/// Where and why a message stops making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Byte.
    pub(super) at: usize,
    /// What is wrong there.
    pub(super) why: FaultKind,
}

/// What can be wrong, as the schema numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The bytes end within a field.
    Short = 1,
    /// The length in the header is not that of the message.
    Length = 3,
    /// The message does not begin as it should.
    Protocol = 4,
    /// The opcode is not known.
    Opcode = 5,
    /// A message that is too long.
    TooLong = 7,
    /// Objects or structures too deep within each other.
    Depth = 8,
}

/// Reads the header of a message.
pub(super) fn parse(bytes: &[u8]) -> Message<'_> {
    let mut message = Message::default();
    let mut cursor = Cursor::new(bytes);
    let read = header(&mut message, &mut cursor);
    message.body = cursor.rest();
    message.body_at = cursor.at();
    message.fault = match read {
        Some(Ok(())) => None,
        Some(Err(why)) => Some(Fault { at: 0, why }),
        None => Some(Fault { at: cursor.at(), why: FaultKind::Short }),
    };
    message
}

/// None: the bytes end too early.
fn header<'a>(
    message: &mut Message<'a>,
    cursor: &mut Cursor<'a>,
) -> Option<Result<(), FaultKind>> {
    let code = cursor.u8()?;
    message.opcode = Some(code);
    match code {
        opcode::NOTIFICATION => {
            message.subscription = Some(cursor.u32()?);
            return Some(Ok(()));
        }
        opcode::REQUEST | opcode::RESPONSE | opcode::RESPONSE_2 => {}
        _ => return Some(Err(FaultKind::Opcode)),
    }
    cursor.u16()?;
    message.function = Some(cursor.u16()?);
    cursor.u16()?;
    message.sequence = Some(cursor.u16()?);
    if message.is_request() {
        message.session = Some(cursor.u32()?);
        message.transport_flags = Some(cursor.u8()?);
        if message.function.is_some_and(names_object) {
            message.object = Some(cursor.u32()?);
        }
    } else {
        message.transport_flags = Some(cursor.u8()?);
        message.return_value = Some(vlq::u64(cursor)?);
    }
    Some(Ok(()))
}

/// Whether requests of a function begin with the object that they are about.
fn names_object(code: u16) -> bool {
    matches!(
        code,
        function::EXPLORE
            | function::CREATE_OBJECT
            | function::DELETE_OBJECT
            | function::SET_VARIABLE
            | function::GET_VARIABLE
            | function::ADD_LINK
            | function::REMOVE_LINK
            | function::GET_LINK
            | function::SET_MULTI_VARIABLES
            | function::GET_MULTI_VARIABLES
            | function::INVOKE
            | function::SET_VAR_SUBSTREAMED
            | function::GET_VAR_SUBSTREAMED
    )
}

/// Walks the body of a message.
pub(super) fn content<'a>(
    message: &Message<'a>,
    visit: impl FnMut(Node<'a>),
) -> Option<Fault> {
    let code = message.function.filter(|_| message.fault.is_none())?;
    let mut walk = Walk::new(Cursor::new(message.body), visit);
    let walked = if message.is_request() {
        request(code, message.object, &mut walk)
    } else if message.error().is_some_and(|error| error < 0) {
        return None;
    } else {
        response(code, &mut walk)
    };
    match walked {
        Ok(()) | Err(Stop::Unknown) => None,
        Err(Stop::Fault(why)) => {
            Some(Fault { at: message.body_at.saturating_add(walk.cursor.at()), why })
        }
    }
}

fn request<'a, F: FnMut(Node<'a>)>(
    code: u16,
    object: Option<u32>,
    walk: &mut Walk<'a, F>,
) -> Walked {
    match code {
        function::CREATE_OBJECT => {
            // The value of the request, and four bytes that are always zero.
            crate::s7plus::value::head(&mut walk.cursor)?;
            walk.vlq()?;
            walk.u32()?;
            walk.objects()
        }
        function::SET_VARIABLE => {
            walk.vlq()?;
            let id = walk.vlq()?;
            walk.value(object, Some(id), 0)
        }
        function::SET_MULTI_VARIABLES | function::GET_MULTI_VARIABLES => {
            let named = object.filter(|object| *object != 0);
            let ids = items(named, walk)?;
            if code == function::SET_MULTI_VARIABLES {
                walk.values(named, ids)?;
            }
            Ok(())
        }
        function::GET_VAR_SUBSTREAMED => {
            // An array of the addresses.
            crate::s7plus::value::head(&mut walk.cursor)?;
            let count = walk.vlq()?;
            walk.node(Node::Count(count))?;
            for _ in 0..count {
                let id = Some(walk.vlq()?);
                walk.node(Node::Item(Item { id, ..Item::default() }))?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn response<'a, F: FnMut(Node<'a>)>(code: u16, walk: &mut Walk<'a, F>) -> Walked {
    match code {
        function::CREATE_OBJECT => {
            let count = walk.u8()?;
            for _ in 0..count {
                let created = walk.vlq()?;
                walk.node(Node::Created(created))?;
            }
            walk.objects()
        }
        function::EXPLORE => {
            walk.u32()?;
            walk.objects()
        }
        function::GET_MULTI_VARIABLES => walk.values(None, None),
        function::GET_VAR_SUBSTREAMED => {
            walk.u8()?;
            walk.value(None, None, 0)
        }
        _ => Ok(()),
    }
}

/// items | fields | addresses: attributes of the object, or checksum, area, number of
/// identifiers, part of the area, identifiers. The attributes are given back.
fn items<'a, F: FnMut(Node<'a>)>(
    named: Option<u32>,
    walk: &mut Walk<'a, F>,
) -> Result<Option<Cursor<'a>>, Stop> {
    let count = walk.vlq()?;
    let fields = walk.vlq()?;
    walk.node(Node::Count(count))?;
    let ids = walk.cursor;
    if named.is_some() {
        for _ in 0..fields {
            let id = Some(walk.vlq()?);
            walk.node(Node::Item(Item { id, ..Item::default() }))?;
        }
        return Ok(Some(ids));
    }
    for _ in 0..count {
        let (crc, area) = (Some(walk.vlq()?), Some(walk.vlq()?));
        let identifiers = walk.vlq()?;
        let mut item = Item { crc, area, ..Item::default() };
        for at in 0..identifiers {
            let identifier = Some(walk.vlq()?);
            match at {
                0 => item.sub_area = identifier,
                1 => item.lid = identifier,
                _ => {}
            }
        }
        walk.node(Node::Item(item))?;
    }
    Ok(None)
}
