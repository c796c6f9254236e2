//! User data: the extensions of the protocol, in groups.
//!
//! ```text
//! parameter  00 01 12 | length 1 | method 1 | type, group 1 | function 1 | sequence 1
//!            and in answers: data unit 1 | last 1 | error 2
//! data       return code 1 | transport 1 | length 2 | payload
//! ```
//!
//! [`Userdata`] is this frame, [`content`] what the payload says. A list that does not
//! fit into a message comes in several, of which only the first has its head: whether
//! a payload goes on with a list is the session's to know.

use tagout_spec::record::typed::codes::{
    s7_service as service, s7_userdata_type as kind,
};

use crate::cursor::Cursor;
use crate::s7::block::{self, Block};
use crate::s7::clock;
use crate::s7::item::{Data, Places};
use crate::s7::pdu::{Fault, FaultKind, Read, done};

/// A message's frame of user data.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Userdata<'a> {
    /// Request, response or push.
    pub(super) kind: u8,
    /// Function group.
    pub(super) group: u8,
    /// Function within it.
    pub(super) function: u8,
    /// Sequence number.
    pub(super) sequence: u8,
    /// Reference of a list that comes in pieces.
    pub(super) data_unit: Option<u8>,
    /// Whether more of the list follows.
    pub(super) more_follows: Option<bool>,
    /// Error.
    pub(super) error: Option<u16>,
    /// Return code of the payload.
    pub(super) return_code: Option<u8>,
    /// What the data part holds.
    pub(super) payload: &'a [u8],
    /// The byte of the message at which it begins.
    pub(super) payload_at: usize,
}

impl Userdata<'_> {
    /// Group and function in one.
    pub(super) fn service(&self) -> u16 {
        u16::from_be_bytes([self.group, self.function])
    }

    /// Whether it asks.
    pub(super) fn is_request(&self) -> bool {
        matches!(self.kind, kind::REQUEST | kind::NC_REQUEST)
    }

    /// Whether it answers.
    pub(super) fn is_response(&self) -> bool {
        matches!(self.kind, kind::RESPONSE | kind::NC_RESPONSE)
    }
}

/// Reads the parameter part.
pub(super) fn parameter(userdata: &mut Userdata<'_>, cursor: &mut Cursor<'_>) -> Read {
    cursor.array::<3>()?;
    let length = cursor.u8()?;
    cursor.u8()?;
    let code = cursor.u8()?;
    userdata.kind = code >> 4;
    userdata.group = code & 0x0f;
    userdata.function = cursor.u8()?;
    userdata.sequence = cursor.u8()?;
    if length >= LENGTH_OF_ANSWER {
        userdata.data_unit = Some(cursor.u8()?);
        userdata.more_follows = Some(cursor.u8()? != 0);
        userdata.error = Some(cursor.u16()?);
    }
    done()
}

/// Bytes of the parameter part behind its length, in an answer.
const LENGTH_OF_ANSWER: u8 = 8;

/// Reads the frame of the data part.
pub(super) fn data<'a>(userdata: &mut Userdata<'a>, cursor: &mut Cursor<'a>) -> Read {
    if cursor.rest().is_empty() {
        return done();
    }
    userdata.return_code = Some(cursor.u8()?);
    cursor.u8()?;
    let before = *cursor;
    let length = usize::from(cursor.u16()?);
    // Some controllers count what they could not send.
    let there = cursor.rest().len();
    userdata.payload = cursor.take(length.min(there))?;
    if length > there {
        *cursor = before;
        return Some(Err(FaultKind::Count));
    }
    done()
}

/// What a payload says. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Content<'a> {
    /// Identifier and index of a system status list.
    pub(super) szl: Option<(u16, u16)>,
    /// Bytes of each of its records, and their number.
    pub(super) szl_records: Option<(u16, u16)>,
    /// Type of blocks that are listed.
    pub(super) block_type: Option<u8>,
    /// A block that is asked about.
    pub(super) block: Option<Block>,
    /// A list of blocks.
    pub(super) list: List<'a>,
    /// What is known of a block.
    pub(super) info: Option<Info<'a>>,
    /// Events that are subscribed to, and by whom.
    pub(super) message: Option<(u8, Option<&'a [u8]>)>,
    /// Identifier of a diagnostic event.
    pub(super) diagnostic_event: Option<u16>,
    /// A time, in nanoseconds since 1970.
    pub(super) clock: Option<i64>,
    /// Interval of cyclic data: its unit and factor.
    pub(super) cyclic: Option<(u8, u8)>,
    /// Variables that are asked for.
    pub(super) places: Option<(u8, &'a [u8])>,
    /// Variables' values.
    pub(super) values: Option<(u8, &'a [u8])>,
    /// Identifier of a connection partner.
    pub(super) r_id: Option<u32>,
    /// What is not in the others.
    pub(super) data: Option<&'a [u8]>,
}

/// A list of blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum List<'a> {
    /// None.
    #[default]
    None,
    /// (type 2 | count 2)*
    Types(&'a [u8]),
    /// (number 2 | flags 1 | language 1)*
    Numbers(&'a [u8]),
}

/// One entry of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Type.
    pub(super) kind: Option<u8>,
    /// How many there are of it.
    pub(super) count: Option<u16>,
    /// Number of a block.
    pub(super) number: Option<u16>,
    /// Its flags.
    pub(super) flags: Option<u8>,
    /// Its language.
    pub(super) language: Option<u8>,
}

impl List<'_> {
    /// The entries that are whole.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        let (bytes, is_types) = match *self {
            List::None => (&[][..], true),
            List::Types(bytes) => (bytes, true),
            List::Numbers(bytes) => (bytes, false),
        };
        let (entries, _) = bytes.as_chunks::<4>();
        entries.iter().map(move |&[a, b, c, d]| {
            let (first, second) =
                (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            if is_types {
                let kind = block::kind([a, b]);
                Entry { kind, count: Some(second), ..Entry::default() }
            } else {
                let (flags, language) = (Some(c), Some(d));
                Entry { number: Some(first), flags, language, ..Entry::default() }
            }
        })
    }
}

/// What is known of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Info<'a> {
    pub(super) flags: u8,
    pub(super) language: u8,
    pub(super) kind: u8,
    pub(super) number: u16,
    pub(super) load_length: u32,
    pub(super) security: u32,
    pub(super) mc7_length: u16,
    pub(super) author: &'a [u8],
    pub(super) family: &'a [u8],
    pub(super) name: &'a [u8],
    pub(super) version: u8,
    pub(super) checksum: u16,
}

/// Reads the payload; `goes_on` is whether it goes on with a list. None of the fault is
/// the usual case.
pub(super) fn content<'a>(
    userdata: &Userdata<'a>,
    goes_on: bool,
) -> (Content<'a>, Option<Fault>) {
    let mut content = Content::default();
    let payload = userdata.payload;
    let mut cursor = Cursor::new(payload);
    // A password is nobody's to keep.
    if payload.is_empty() || userdata.service() == service::SET_PASSWORD {
        return (content, None);
    }
    if goes_on {
        match userdata.service() {
            service::LIST_BLOCKS_OF_TYPE => content.list = List::Numbers(payload),
            service::LIST_BLOCKS => content.list = List::Types(payload),
            _ => content.data = Some(payload),
        }
        return (content, None);
    }
    let read = if userdata.is_request() {
        request(userdata.service(), &mut content, &mut cursor)
    } else {
        answer(userdata.service(), &mut content, &mut cursor)
    };
    let why = match read {
        Some(Ok(())) => return (content, None),
        Some(Err(why)) => why,
        None => FaultKind::Short,
    };
    content.data = Some(payload);
    let at = userdata.payload_at.saturating_add(cursor.at());
    let at = u16::try_from(at).unwrap_or(u16::MAX);
    (content, Some(Fault { at, why }))
}

fn request<'a>(code: u16, content: &mut Content<'a>, cursor: &mut Cursor<'a>) -> Read {
    match code {
        service::READ_SZL => content.szl = Some((cursor.u16()?, cursor.u16()?)),
        service::LIST_BLOCKS_OF_TYPE => {
            let before = *cursor;
            content.block_type = block::kind(cursor.array()?);
            if content.block_type.is_none() {
                *cursor = before;
                return Some(Err(FaultKind::Block));
            }
        }
        service::BLOCK_INFO => {
            let before = *cursor;
            content.block = Block::read(cursor);
            if content.block.is_none() {
                *cursor = before;
                return Some(Err(FaultKind::Block));
            }
        }
        service::MESSAGE_SERVICE => {
            let events = cursor.u8()?;
            cursor.u8()?;
            let user = cursor.take(8).map(trimmed);
            content.message = Some((events, user));
        }
        service::SET_CLOCK | service::SET_CLOCK_FOLLOWING => {
            return time(content, cursor);
        }
        service::CYCLIC_TRANSFER | service::CHANGE_DRIVEN => {
            return cyclic(content, cursor);
        }
        _ => content.data = Some(cursor.rest()),
    }
    done()
}

fn answer<'a>(code: u16, content: &mut Content<'a>, cursor: &mut Cursor<'a>) -> Read {
    match code {
        service::READ_SZL => {
            content.szl = Some((cursor.u16()?, cursor.u16()?));
            // A list that is not there ends here.
            if !cursor.rest().is_empty() {
                content.szl_records = Some((cursor.u16()?, cursor.u16()?));
                content.data = Some(cursor.rest()).filter(|data| !data.is_empty());
            }
        }
        service::LIST_BLOCKS => content.list = List::Types(cursor.rest()),
        service::LIST_BLOCKS_OF_TYPE => content.list = List::Numbers(cursor.rest()),
        service::BLOCK_INFO => {
            let info = info(cursor)?;
            let (kind, number) = (info.kind, info.number.into());
            content.block_type = Some(kind);
            content.block = Some(Block { kind, number, file_system: 0 });
            content.info = Some(info);
        }
        service::DIAGNOSTIC_MESSAGE => {
            content.diagnostic_event = Some(cursor.u16()?);
            content.data = Some(cursor.rest());
        }
        service::READ_CLOCK | service::READ_CLOCK_FOLLOWING => {
            return time(content, cursor);
        }
        service::CYCLIC_TRANSFER | service::CHANGE_DRIVEN => {
            let before = *cursor;
            let count = u8::try_from(cursor.u16()?).unwrap_or(u8::MAX);
            content.values = Some((count, cursor.rest()));
            let mut values = Data::new(count, cursor.rest());
            if values.by_ref().count() != usize::from(count) {
                *cursor = before;
                return Some(Err(FaultKind::Count));
            }
        }
        service::BSEND => {
            // 12 | length 1 | syntax 1 | 1 | identifier 4
            let before = *cursor;
            if let Some([0x12, _, 0x13, _]) = cursor.array() {
                content.r_id = Some(cursor.u32()?);
            } else {
                *cursor = before;
            }
            content.data = Some(cursor.rest());
        }
        _ => content.data = Some(cursor.rest()),
    }
    done()
}

/// Ten bytes of date and time.
fn time<'a>(content: &mut Content<'a>, cursor: &mut Cursor<'a>) -> Read {
    let before = *cursor;
    content.clock = clock::nanoseconds(&cursor.array::<{ clock::LEN }>()?);
    if content.clock.is_none() {
        *cursor = before;
        return Some(Err(FaultKind::Time));
    }
    done()
}

/// items 2 | unit 1 | factor 1 | places
fn cyclic<'a>(content: &mut Content<'a>, cursor: &mut Cursor<'a>) -> Read {
    let before = *cursor;
    let count = u8::try_from(cursor.u16()?).unwrap_or(u8::MAX);
    content.cyclic = Some((cursor.u8()?, cursor.u8()?));
    content.places = Some((count, cursor.rest()));
    let mut places = Places::new(count, cursor.rest());
    places.by_ref().for_each(drop);
    if places.left() > 0 {
        *cursor = before;
        return Some(Err(FaultKind::Count));
    }
    done()
}

fn info<'a>(cursor: &mut Cursor<'a>) -> Option<Info<'a>> {
    cursor.array::<9>()?;
    let (flags, language, kind) = (cursor.u8()?, cursor.u8()?, cursor.u8()?);
    let number = cursor.u16()?;
    let (load_length, security) = (cursor.u32()?, cursor.u32()?);
    // Two times, and lengths of parts.
    cursor.array::<12>()?;
    cursor.array::<6>()?;
    let mc7_length = cursor.u16()?;
    let author = trimmed(cursor.take(8)?);
    let family = trimmed(cursor.take(8)?);
    let name = trimmed(cursor.take(8)?);
    let version = cursor.u8()?;
    cursor.u8()?;
    let checksum = cursor.u16()?;
    Some(Info {
        flags,
        language,
        kind,
        number,
        load_length,
        security,
        mc7_length,
        author,
        family,
        name,
        version,
        checksum,
    })
}

/// A text without what fills it up.
fn trimmed(text: &[u8]) -> &[u8] {
    let is_fill = |byte: &&u8| matches!(**byte, 0 | b' ');
    let fill = text.iter().rev().take_while(is_fill).count();
    text.get(..text.len().saturating_sub(fill)).unwrap_or_default()
}
