//! A request or a reply: the message router's format, and what the service says.
//!
//! ```text
//! request  service 1 | words 1 | path | data
//! reply    service 1, with bit 7 | 0 1 | status 1 | words 1 | additional status | data
//! ```
//!
//! Source: CIP Networks Library, Volume 1, 2-4. Neither [`request`] nor [`reply`]
//! fails: they read as far as the bytes make sense and leave a [`Fault`]. What a reply
//! holds depends on its request, which is given along where it was seen.

use crate::cip::code::{class, operation, service, status};
use crate::cip::connection::{Connection, Unconnected};
use crate::cip::fault::{Fault, FaultKind};
use crate::cip::little::Little as _;
use crate::cip::path::{Path, Target};
use crate::cip::pccc::Pccc;
use crate::cip::tag::Tag;
use crate::cursor::Cursor;

/// What a message says. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// Service, without the bit that marks a reply.
    pub service: u8,
    /// Whether it is a reply.
    pub is_reply: bool,
    /// Path of a request.
    pub path: Path<'a>,
    /// What the path says.
    pub target: Target,
    /// The service within its class; a reply has its request's.
    pub operation: Option<u32>,
    /// General status of a reply.
    pub status: Option<u8>,
    /// Additional status, in words with the low byte first.
    pub additional: &'a [u8],
    /// What follows path or status.
    pub data: &'a [u8],
    /// What the service makes of it.
    pub body: Body<'a>,
    /// Where it stops making sense.
    pub fault: Option<Fault>,
}

/// The data of a service.
#[derive(Clone, Copy, Debug, Default)]
pub enum Body<'a> {
    /// Without a layout here.
    #[default]
    Bytes,
    /// Attributes by list.
    Attributes(Attributes<'a>),
    /// Reset, with its type.
    Reset(Option<u8>),
    /// Services in one message.
    Multiple(Services<'a>),
    /// A message that is sent on.
    Unconnected(Unconnected<'a>),
    /// A connection that is opened or closed.
    Connection(Connection<'a>),
    /// A tag.
    Tag(Tag<'a>),
    /// PCCC.
    Pccc(Pccc<'a>),
    /// A packet of a file.
    Transfer(Transfer<'a>),
}

/// Attributes by list (appendix A-4.3, A-4.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes<'a> {
    /// Their numbers, 2 bytes each, as many as are known without their values; in the
    /// answer to setting each is followed by its status.
    numbers: &'a [u8],
    /// Bytes from one number to the next.
    stride: usize,
    /// Status of the first, in a reply.
    pub status: Option<u8>,
}

/// The services of a Multiple Service Packet (appendix A-4.10): a count, an offset for
/// each, which counts from the count, and the services themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Services<'a> {
    /// How many it says there are.
    pub count: u16,
    bytes: &'a [u8],
}

/// A packet of an upload or download of the File object (5-42).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// Number of the packet.
    pub number: u8,
    /// Place in the transfer; who asks for a packet of an upload does not say.
    pub kind: Option<u8>,
    /// Bytes of the file.
    pub data: &'a [u8],
}

/// None: the bytes end too early. The cursor stands where it went wrong.
pub(crate) type Read = Option<Result<(), FaultKind>>;

pub(crate) const OK: Read = Some(Ok(()));

/// Whether the first byte of a message marks a reply.
pub fn is_reply(bytes: &[u8]) -> Option<bool> {
    bytes.first().map(|service| service & service::REPLY != 0)
}

/// Reads a request.
pub fn request(bytes: &[u8]) -> Message<'_> {
    let mut message = Message::default();
    let mut cursor = Cursor::new(bytes);
    let read = request_head(&mut message, &mut cursor).and_then(|()| {
        let data = cursor;
        message.data = data.rest();
        if message.fault.is_some() {
            return OK;
        }
        let read = request_body(&mut message, &mut cursor);
        if matches!(message.body, Body::Bytes) {
            cursor.take(cursor.rest().len())?;
        }
        read
    });
    message.close(&cursor, read);
    message
}

/// Reads a reply to a request, if that was seen.
pub fn reply<'a>(bytes: &'a [u8], asked: Option<&Message<'_>>) -> Message<'a> {
    let mut message = Message { is_reply: true, ..Message::default() };
    let mut cursor = Cursor::new(bytes);
    let read = reply_head(&mut message, &mut cursor).and_then(|()| {
        message.data = cursor.rest();
        if let Some(asked) = asked {
            message.operation = asked.operation;
            message.target = asked.target;
        }
        let read = reply_body(&mut message, &mut cursor, asked);
        if matches!(message.body, Body::Bytes) {
            cursor.take(cursor.rest().len())?;
        }
        read
    });
    message.close(&cursor, read);
    message
}

impl Message<'_> {
    /// Notes a fault, unless there is one already.
    fn close(&mut self, cursor: &Cursor<'_>, read: Read) {
        let why = match read {
            _ if self.fault.is_some() => return,
            Some(Ok(())) if cursor.rest().is_empty() => return,
            Some(Ok(())) => FaultKind::Long,
            Some(Err(why)) => why,
            None => FaultKind::Short,
        };
        let at = u16::try_from(cursor.at()).unwrap_or(u16::MAX);
        self.fault = Some(Fault { at, why });
    }

    /// Whether a reply says that what was asked for is done.
    pub fn is_success(&self) -> bool {
        matches!(self.status, Some(status::SUCCESS | status::PARTIAL_TRANSFER))
    }
}

fn request_head<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Option<()> {
    message.service = cursor.u8()? & !service::REPLY;
    if message.service == 0 {
        message.fault = Some(Fault { at: 0, why: FaultKind::Service });
    }
    let len = usize::from(cursor.u8()?).saturating_mul(2);
    let Some(path) = cursor.take(len) else {
        message.path = Path(cursor.rest());
        message.target = message.path.target().0;
        message.fault.get_or_insert(Fault { at: 1, why: FaultKind::Path });
        cursor.take(cursor.rest().len())?;
        return Some(());
    };
    message.path = Path(path);
    let (target, fault) = message.path.target();
    message.target = target;
    message.operation = meaning(&target, message.service);
    if let Some(fault) = fault {
        // The path begins at byte 2.
        let at = fault.at.saturating_add(2);
        message.fault.get_or_insert(Fault { at, why: fault.why });
    }
    Some(())
}

fn reply_head<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Option<()> {
    let [service, _, status, words] = cursor.array()?;
    message.service = service & !service::REPLY;
    message.status = Some(status);
    let len = usize::from(words).saturating_mul(2);
    let Some(additional) = cursor.take(len) else {
        message.additional = cursor.rest();
        message.fault = Some(Fault { at: 3, why: FaultKind::Status });
        cursor.take(cursor.rest().len())?;
        return Some(());
    };
    message.additional = additional;
    Some(())
}

/// The service within its class. What goes to a tag, by name or by instance and
/// maybe within a program, is a service of class Symbol.
fn meaning(target: &Target, service: u8) -> Option<u32> {
    let is_tag = target.has_symbol || target.last_class == Some(class::SYMBOL);
    let class = if is_tag { class::SYMBOL } else { target.class? };
    (class < 1 << 24).then(|| operation(class, service))
}

/// Operations whose data has a layout here.
mod op {
    use super::{class, operation};

    pub(super) const RESET: u32 = operation(class::IDENTITY, 0x05);
    pub(super) const FORWARD_CLOSE: u32 = operation(class::CONNECTION_MANAGER, 0x4e);
    pub(super) const UNCONNECTED_SEND: u32 = operation(class::CONNECTION_MANAGER, 0x52);
    pub(super) const FORWARD_OPEN: u32 = operation(class::CONNECTION_MANAGER, 0x54);
    pub(super) const LARGE_FORWARD_OPEN: u32 = operation(class::CONNECTION_MANAGER, 0x5b);
    pub(super) const UPLOAD_TRANSFER: u32 = operation(class::FILE, 0x4f);
    pub(super) const DOWNLOAD_TRANSFER: u32 = operation(class::FILE, 0x50);
    pub(super) const EXECUTE_PCCC: u32 = operation(0x67, 0x4b);
    pub(super) const READ_TAG: u32 = operation(class::SYMBOL, 0x4c);
    pub(super) const WRITE_TAG: u32 = operation(class::SYMBOL, 0x4d);
    pub(super) const MODIFY_TAG: u32 = operation(class::SYMBOL, 0x4e);
    pub(super) const READ_TAG_FRAGMENTED: u32 = operation(class::SYMBOL, 0x52);
    pub(super) const WRITE_TAG_FRAGMENTED: u32 = operation(class::SYMBOL, 0x53);
}

fn request_body<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    match message.service {
        service::GET_ATTRIBUTE_LIST => {
            let mut list = Attributes::default();
            let read = list.asked(cursor);
            message.body = Body::Attributes(list);
            return read;
        }
        service::SET_ATTRIBUTE_LIST => {
            let mut list = Attributes::default();
            let read = list.first(cursor, false);
            message.body = Body::Attributes(list);
            return read;
        }
        service::MULTIPLE_SERVICE_PACKET => return multiple(message, cursor),
        _ => {}
    }
    match message.operation {
        Some(op::RESET) => {
            message.body = Body::Reset(cursor.u8());
            OK
        }
        Some(op::FORWARD_OPEN) => connection(message, |c| c.open(cursor, false)),
        Some(op::LARGE_FORWARD_OPEN) => connection(message, |c| c.open(cursor, true)),
        Some(op::FORWARD_CLOSE) => connection(message, |c| c.close(cursor)),
        Some(op::UNCONNECTED_SEND) => {
            let mut send = Unconnected::default();
            let read = send.send(cursor);
            message.body = Body::Unconnected(send);
            read
        }
        Some(op::READ_TAG) => tag(message, |tag| tag.read(cursor, false)),
        Some(op::READ_TAG_FRAGMENTED) => tag(message, |tag| tag.read(cursor, true)),
        Some(op::WRITE_TAG) => tag(message, |tag| tag.write(cursor, false)),
        Some(op::WRITE_TAG_FRAGMENTED) => tag(message, |tag| tag.write(cursor, true)),
        Some(op::MODIFY_TAG) => tag(message, |tag| tag.modify(cursor)),
        Some(op::EXECUTE_PCCC) => {
            let mut pccc = Pccc::default();
            let read = pccc.request(cursor);
            message.body = Body::Pccc(pccc);
            read
        }
        Some(op::UPLOAD_TRANSFER) => {
            let number = cursor.u8()?;
            message.body = Body::Transfer(Transfer { number, ..Transfer::default() });
            OK
        }
        Some(op::DOWNLOAD_TRANSFER) => transfer(message, cursor),
        _ => OK,
    }
}

fn reply_body<'a>(
    message: &mut Message<'a>,
    cursor: &mut Cursor<'a>,
    asked: Option<&Message<'_>>,
) -> Read {
    if message.fault.is_some() {
        return OK;
    }
    if message.service == service::MULTIPLE_SERVICE_PACKET && !message.data.is_empty() {
        return multiple(message, cursor);
    }
    if !message.is_success() {
        let refuses = matches!(
            message.operation,
            Some(op::FORWARD_OPEN | op::LARGE_FORWARD_OPEN | op::FORWARD_CLOSE)
        );
        if refuses {
            return connection(message, |c| c.refused(cursor));
        }
        if message.operation == Some(op::UNCONNECTED_SEND) {
            let remaining = cursor.u8();
            let connection = Connection { remaining, ..Connection::default() };
            message.body = Body::Connection(connection);
            cursor.take(cursor.rest().len())?;
        }
        return OK;
    }
    match (message.service, message.operation) {
        (service::GET_ATTRIBUTE_LIST, Some(_)) => {
            let mut list = Attributes::default();
            let read = list.first(cursor, true);
            message.body = Body::Attributes(list);
            read
        }
        (service::SET_ATTRIBUTE_LIST, Some(_)) => {
            let mut list = Attributes::default();
            let read = list.answered(cursor);
            message.body = Body::Attributes(list);
            read
        }
        (_, Some(op::FORWARD_OPEN | op::LARGE_FORWARD_OPEN)) => {
            connection(message, |c| c.opened(cursor))
        }
        (_, Some(op::FORWARD_CLOSE)) => connection(message, |c| c.closed(cursor)),
        (_, Some(op::READ_TAG | op::READ_TAG_FRAGMENTED)) => {
            tag(message, |tag| tag.answer(cursor))
        }
        (_, Some(op::EXECUTE_PCCC)) => {
            let mut pccc = Pccc::default();
            let of = asked.and_then(|asked| match &asked.body {
                Body::Pccc(pccc) => Some(pccc),
                _ => None,
            });
            let read = pccc.reply(cursor, of);
            message.body = Body::Pccc(pccc);
            read
        }
        (_, Some(op::UPLOAD_TRANSFER)) => transfer(message, cursor),
        (_, Some(op::DOWNLOAD_TRANSFER)) => {
            let number = cursor.u8()?;
            message.body = Body::Transfer(Transfer { number, ..Transfer::default() });
            OK
        }
        _ => OK,
    }
}

fn connection<'a>(
    message: &mut Message<'a>,
    read: impl FnOnce(&mut Connection<'a>) -> Read,
) -> Read {
    let mut connection = Connection::default();
    let read = read(&mut connection);
    message.body = Body::Connection(connection);
    read
}

fn tag<'a>(message: &mut Message<'a>, read: impl FnOnce(&mut Tag<'a>) -> Read) -> Read {
    let mut tag = Tag::default();
    let read = read(&mut tag);
    message.body = Body::Tag(tag);
    read
}

/// number 1 | type 1 | bytes of the file | checksum 2, in the last
fn transfer<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    let [number, kind] = cursor.array()?;
    let is_last = matches!(kind, 2 | 4);
    let before = *cursor;
    let rest = cursor.take(cursor.rest().len())?;
    let len = rest.len().checked_sub(if is_last { 2 } else { 0 });
    let data = len.and_then(|len| rest.get(..len));
    message.body = Body::Transfer(Transfer {
        number,
        kind: Some(kind),
        data: data.unwrap_or_default(),
    });
    if data.is_none() {
        *cursor = before;
        return None;
    }
    OK
}

/// count 2 | offsets, 2 each | services
fn multiple<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    let bytes = cursor.rest();
    let before = *cursor;
    let count = cursor.u16_le()?;
    let services = Services { count, bytes };
    message.body = Body::Multiple(services);
    cursor.take(cursor.rest().len())?;
    let whole = services.each().count();
    if whole != usize::from(count) {
        *cursor = before;
        // The offset that makes no sense.
        cursor.take(whole.saturating_mul(2).saturating_add(2).min(bytes.len()))?;
        return Some(Err(FaultKind::Count));
    }
    OK
}

impl<'a> Services<'a> {
    /// The services, as far as their offsets make sense.
    pub fn each(self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let Services { count, bytes } = self;
        let first = usize::from(count).saturating_mul(2).saturating_add(2);
        let offset = move |i: u16| {
            let at = usize::from(i).saturating_mul(2).saturating_add(2);
            let (low, _) = bytes.get(at..first)?.split_first_chunk()?;
            Some(usize::from(u16::from_le_bytes(*low)))
        };
        let mut i = 0;
        std::iter::from_fn(move || {
            let start = offset(i).filter(|_| i < count)?;
            i = i.saturating_add(1);
            let end = if i < count { offset(i)? } else { bytes.len() };
            bytes.get(start..end).filter(|service| start >= first && !service.is_empty())
        })
    }
}

impl<'a> Attributes<'a> {
    /// The numbers.
    pub fn numbers(self) -> impl Iterator<Item = u16> + use<'a> {
        self.numbers.chunks(self.stride.max(2)).filter_map(|chunk| {
            chunk.split_first_chunk().map(|(number, _)| u16::from_le_bytes(*number))
        })
    }

    /// count 2 | numbers, 2 each
    fn asked(&mut self, cursor: &mut Cursor<'a>) -> Read {
        let before = *cursor;
        let count = usize::from(cursor.u16_le()?);
        let rest = cursor.rest();
        self.stride = 2;
        let Some(numbers) = cursor.take(count.saturating_mul(2)) else {
            self.numbers = rest;
            *cursor = before;
            return Some(Err(FaultKind::Count));
        };
        self.numbers = numbers;
        OK
    }

    /// count 2 | number 2 | status 2, in a reply | its value, and so on
    fn first(&mut self, cursor: &mut Cursor<'a>, has_status: bool) -> Read {
        let count = cursor.u16_le()?;
        self.stride = 2;
        if count > 0 {
            self.numbers = cursor.take(2)?;
            if has_status {
                self.status = Some(cursor.u8()?);
                cursor.u8()?;
            }
        }
        cursor.take(cursor.rest().len())?;
        OK
    }

    /// count 2 | for each: number 2, status 2
    fn answered(&mut self, cursor: &mut Cursor<'a>) -> Read {
        let before = *cursor;
        let count = usize::from(cursor.u16_le()?);
        let rest = cursor.rest();
        self.stride = 4;
        self.status = rest.get(2).copied().filter(|_| count > 0);
        let Some(numbers) = cursor.take(count.saturating_mul(4)) else {
            self.numbers = rest;
            *cursor = before;
            return Some(Err(FaultKind::Count));
        };
        self.numbers = numbers;
        OK
    }
}
