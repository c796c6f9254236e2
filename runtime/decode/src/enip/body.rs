//! What follows the header: fields of the command, and items of the common packet
//! format.
//!
//! ```text
//! 65      version 2 | flags 2
//! 6F, 70  interface 4 = 0 | timeout 2 | items
//! 04, 63, 64, in replies: items
//! items   count 2 | for each: type 2, length 2, data
//!
//! data of items
//!   0C    version 2 | socket address 16 | vendor 2 | device type 2 | product 2
//!         | revision 1, 1 | status 2 | serial 4 | name: length 1, text | state 1
//!   86    profiles 2 | state 1 | EtherNet/IP state 1 | open ports 1
//!   A1    connection 4                 B1   sequence 2 | CIP, or implicit data
//!   B2    CIP                          100  version 2 | capabilities 2 | name 16
//!   8002  connection 4 | sequence 4      8000, 8001  socket address 16
//!
//! socket address   family 2 | port 2 | IPv4 address 4 | 0 8, high bytes first
//! ```
//!
//! Source: CIP Networks Library, Volume 2, 2-4 and 2-6; Volume 8 for item 86. [`parse`]
//! never fails: it reads as far as the bytes make sense and leaves a [`Fault`].

use crate::cip::little::Little as _;
use crate::cursor::Cursor;
use crate::enip::encap::{HEADER_LEN, Header, command};

/// Types of items (2-6.1).
pub mod item {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const NULL_ADDRESS: u16 = 0x00;
    pub const IDENTITY: u16 = 0x0c;
    pub const CIP_SECURITY: u16 = 0x86;
    pub const CONNECTED_ADDRESS: u16 = 0xa1;
    pub const CONNECTED_DATA: u16 = 0xb1;
    pub const UNCONNECTED_DATA: u16 = 0xb2;
    pub const SERVICES: u16 = 0x100;
    pub const SOCKET_ADDRESS_OT: u16 = 0x8000;
    pub const SOCKET_ADDRESS_TO: u16 = 0x8001;
    pub const SEQUENCED_ADDRESS: u16 = 0x8002;
}

/// What a message says besides its header. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Body<'a> {
    /// RegisterSession: protocol version and flags.
    pub register: Option<(u16, u16)>,
    /// Data commands: interface and timeout.
    pub interface: Option<(u32, u16)>,
    /// Items, without their count.
    pub items: Option<Items<'a>>,
    /// Connection that carries the data.
    pub connection: Option<u32>,
    /// Sequence number of implicit data.
    pub io_sequence: Option<u32>,
    /// Implicit data.
    pub io_data: Option<&'a [u8]>,
    /// Sequence count of connected data.
    pub sequence: Option<u16>,
    /// A message of CIP, and where in the frame it begins.
    pub cip: Option<&'a [u8]>,
    /// Identity of a device.
    pub identity: Option<Identity<'a>>,
    /// What a device offers: version, capabilities, name.
    pub services: Option<(u16, u16, &'a [u8])>,
    /// What it says of CIP Security.
    pub security: Option<Security>,
    /// What has no layout here.
    pub data: &'a [u8],
    /// Where it stops making sense.
    pub fault: Option<Fault>,
}

/// Identity of a device (2-4.2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity<'a> {
    /// Encapsulation version.
    pub version: u16,
    /// Port and address that it states, in network order.
    pub socket: (u16, [u8; 4]),
    /// Vendor.
    pub vendor: u16,
    /// Device type.
    pub device_type: u16,
    /// Product code.
    pub product_code: u16,
    /// Major and minor revision.
    pub revision: (u8, u8),
    /// Status word.
    pub status: u16,
    /// Serial number.
    pub serial: u32,
    /// Product name.
    pub name: &'a [u8],
    /// State; older devices end before it.
    pub state: Option<u8>,
}

/// What a device says of CIP Security.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Security {
    /// Profiles.
    pub profiles: u16,
    /// State of CIP Security, and of EtherNet/IP Security.
    pub states: (u8, u8),
    /// Ports that are open.
    pub ports: u8,
}

/// Items of the common packet format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Items<'a> {
    count: u16,
    bytes: &'a [u8],
}

/// An item as it lies in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// Its type.
    pub kind: u16,
    /// Its bytes.
    pub data: &'a [u8],
}

/// Where and why a message stops making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte of the message, the command's first being byte 0.
    pub at: u16,
    /// What is wrong there.
    pub why: FaultKind,
}

/// What can be wrong, as the schema's `enip_fault` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The bytes end within a field.
    Short = 1,
    /// Bytes follow where nothing should.
    Long = 2,
    /// The length field cannot be true.
    Length = 3,
    /// A count or an item's length contradicts the bytes there are.
    Count = 4,
    /// No command that is known, where one must begin.
    Command = 5,
    /// The options are not 0.
    Options = 6,
    /// An item that must be there is not.
    Item = 7,
}

/// None: the bytes end too early. The cursor stands where it went wrong.
type Read = Option<Result<(), FaultKind>>;

const OK: Read = Some(Ok(()));

/// Reads what follows a header.
pub fn parse<'a>(header: &Header, bytes: &'a [u8]) -> Body<'a> {
    let mut body = Body::default();
    let mut cursor = Cursor::new(bytes);
    let read = command(&mut body, header, &mut cursor);
    body.close(&cursor, read, HEADER_LEN);
    if header.options != 0 {
        body.fault.get_or_insert(Fault { at: 20, why: FaultKind::Options });
    }
    body
}

/// Reads a datagram of implicit data: items without a header.
pub fn implicit(bytes: &[u8]) -> Body<'_> {
    let mut body = Body::default();
    let mut cursor = Cursor::new(bytes);
    let read = match items(&mut body, &mut cursor) {
        Some(Ok(())) if body.io_data.is_none() => Some(Err(FaultKind::Item)),
        read => read,
    };
    body.close(&cursor, read, 0);
    body
}

/// Whether a datagram is implicit data to the last byte: a sequenced address and
/// connected data, nothing else.
pub fn is_implicit(bytes: &[u8]) -> bool {
    let mut cursor = Cursor::new(bytes);
    let is_address = cursor.array() == Some([2, 0, 0x02, 0x80, 8, 0]);
    let is_data = cursor.take(8).is_some() && cursor.array() == Some([0xb1, 0]);
    is_address && is_data && cursor.u16_le().map(usize::from) == Some(cursor.rest().len())
}

/// Whether what follows a header begins as it must, as far as there are bytes; `None`
/// if there are too few to tell.
pub fn begins_well(header: &Header, bytes: &[u8]) -> Option<bool> {
    let mut cursor = Cursor::new(bytes);
    let left = |cursor: &Cursor<'_>| usize::from(header.length).checked_sub(cursor.at());
    match header.command {
        command::REGISTER_SESSION => {
            let is_one = cursor.array::<4>()? == [1, 0, 0, 0];
            Some(header.length == 4 && is_one)
        }
        command::SEND_RR_DATA | command::SEND_UNIT_DATA => {
            if header.status != 0 && header.length == 0 {
                return Some(true);
            }
            let interface = cursor.u32_le()?;
            cursor.u16_le()?;
            let count = cursor.u16_le()?;
            let address = (cursor.u16_le()?, cursor.u16_le()?);
            let is_address = match header.command {
                command::SEND_RR_DATA => address == (item::NULL_ADDRESS, 0),
                _ => address == (item::CONNECTED_ADDRESS, 4),
            };
            if interface != 0 || !(2..=4).contains(&count) || !is_address {
                return Some(false);
            }
            cursor.take(usize::from(address.1))?;
            let data = (cursor.u16_le()?, usize::from(cursor.u16_le()?));
            let is_data = match header.command {
                command::SEND_RR_DATA => data.0 == item::UNCONNECTED_DATA,
                _ => data.0 == item::CONNECTED_DATA,
            };
            let fits = left(&cursor).is_some_and(|left| match count {
                2 => left == data.1,
                _ => left >= data.1,
            });
            Some(is_data && fits && data.1 >= 2)
        }
        command::LIST_IDENTITY | command::LIST_SERVICES => {
            let count = cursor.u16_le()?;
            let (kind, len) = (cursor.u16_le()?, usize::from(cursor.u16_le()?));
            let expected = match header.command {
                command::LIST_IDENTITY => (item::IDENTITY, 33..=512),
                _ => (item::SERVICES, 20..=64),
            };
            let fits = left(&cursor).is_some_and(|left| match count {
                1 => left == len,
                _ => left >= len,
            });
            let is_item = kind == expected.0 && expected.1.contains(&len);
            Some((1..=8).contains(&count) && is_item && fits)
        }
        _ => Some(false),
    }
}

impl Body<'_> {
    fn close(&mut self, cursor: &Cursor<'_>, read: Read, before: usize) {
        let why = match read {
            Some(Ok(())) if cursor.rest().is_empty() => return,
            Some(Ok(())) => FaultKind::Long,
            Some(Err(why)) => why,
            None => FaultKind::Short,
        };
        let at = u16::try_from(cursor.at().saturating_add(before)).unwrap_or(u16::MAX);
        self.fault = Some(Fault { at, why });
    }
}

fn command<'a>(body: &mut Body<'a>, header: &Header, cursor: &mut Cursor<'a>) -> Read {
    match header.command {
        command::REGISTER_SESSION => {
            // What refuses a session may leave them out.
            if header.status == 0 || !cursor.rest().is_empty() {
                body.register = Some((cursor.u16_le()?, cursor.u16_le()?));
            }
            OK
        }
        command::SEND_RR_DATA | command::SEND_UNIT_DATA => {
            if header.status != 0 && cursor.rest().is_empty() {
                return OK;
            }
            body.interface = Some((cursor.u32_le()?, cursor.u16_le()?));
            match items(body, cursor) {
                Some(Ok(())) if body.cip.is_none() => Some(Err(FaultKind::Item)),
                read => read,
            }
        }
        command::LIST_IDENTITY | command::LIST_SERVICES | command::LIST_INTERFACES => {
            if cursor.rest().is_empty() {
                OK
            } else {
                items(body, cursor)
            }
        }
        command::UNREGISTER_SESSION => OK,
        _ => {
            body.data = cursor.take(cursor.rest().len())?;
            OK
        }
    }
}

/// count 2 | items
fn items<'a>(body: &mut Body<'a>, cursor: &mut Cursor<'a>) -> Read {
    let count = cursor.u16_le()?;
    body.items = Some(Items { count, bytes: cursor.rest() });
    for _ in 0..count {
        let before = *cursor;
        let kind = cursor.u16_le()?;
        let len = usize::from(cursor.u16_le()?);
        let inner = *cursor;
        let Some(data) = cursor.take(len) else {
            *cursor = before;
            return Some(Err(FaultKind::Count));
        };
        if item(body, kind, data).is_none() {
            *cursor = inner;
            return None;
        }
    }
    OK
}

fn item<'a>(body: &mut Body<'a>, kind: u16, data: &'a [u8]) -> Option<()> {
    let mut cursor = Cursor::new(data);
    match kind {
        item::CONNECTED_ADDRESS => body.connection = Some(cursor.u32_le()?),
        item::SEQUENCED_ADDRESS => {
            body.connection = Some(cursor.u32_le()?);
            body.io_sequence = Some(cursor.u32_le()?);
        }
        item::CONNECTED_DATA if body.io_sequence.is_some() => body.io_data = Some(data),
        item::CONNECTED_DATA => {
            body.sequence = Some(cursor.u16_le()?);
            body.cip = Some(cursor.rest()).filter(|cip| !cip.is_empty());
        }
        item::UNCONNECTED_DATA => {
            body.cip = Some(data).filter(|cip| !cip.is_empty());
        }
        item::IDENTITY if body.identity.is_none() => identity(body, &mut cursor)?,
        item::SERVICES if body.services.is_none() => {
            let (version, capabilities) = (cursor.u16_le()?, cursor.u16_le()?);
            let name = cursor.take(cursor.rest().len().min(16))?;
            let end = name.iter().position(|&c| c == 0).unwrap_or(name.len());
            let name = name.get(..end).unwrap_or_default();
            body.services = Some((version, capabilities, name));
        }
        item::CIP_SECURITY => {
            let profiles = cursor.u16_le()?;
            let [state, eip_state, ports] = cursor.array()?;
            body.security =
                Some(Security { profiles, states: (state, eip_state), ports });
        }
        _ => {}
    }
    Some(())
}

fn identity<'a>(body: &mut Body<'a>, cursor: &mut Cursor<'a>) -> Option<()> {
    let mut identity = Identity { version: cursor.u16_le()?, ..Identity::default() };
    identity.socket = socket(cursor)?;
    identity.vendor = cursor.u16_le()?;
    identity.device_type = cursor.u16_le()?;
    identity.product_code = cursor.u16_le()?;
    identity.revision = (cursor.u8()?, cursor.u8()?);
    identity.status = cursor.u16_le()?;
    identity.serial = cursor.u32_le()?;
    body.identity = Some(identity);
    let len = usize::from(cursor.u8()?);
    identity.name = cursor.take(len)?;
    identity.state = cursor.u8();
    body.identity = Some(identity);
    Some(())
}

impl<'a> Items<'a> {
    /// The items, as far as they make sense.
    pub fn each(self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let mut cursor = Cursor::new(self.bytes);
        (0..self.count).map_while(move |_| {
            let (kind, len) = (cursor.u16_le()?, cursor.u16_le()?);
            cursor.take(usize::from(len)).map(|data| Item { kind, data })
        })
    }

    /// The socket addresses among them: type, port and address.
    pub fn sockets(self) -> impl Iterator<Item = (u16, u16, [u8; 4])> + use<'a> {
        self.each().filter_map(|item| {
            let is_socket =
                matches!(item.kind, item::SOCKET_ADDRESS_OT | item::SOCKET_ADDRESS_TO);
            let (port, ip) = socket(&mut Cursor::new(item.data)).filter(|_| is_socket)?;
            Some((item.kind, port, ip))
        })
    }
}

/// A socket address: port and address.
fn socket(cursor: &mut Cursor<'_>) -> Option<(u16, [u8; 4])> {
    let _family = cursor.u16()?;
    let socket = (cursor.u16()?, cursor.array()?);
    cursor.take(8)?;
    Some(socket)
}
