//! A service of the context manager: its arguments and the blocks in them.
//!
//! ```text
//! request   most 4 | length 4 | array: most 4, offset 4, length 4 | blocks
//! answer  status 4 | length 4 | array: most 4, offset 4, length 4 | blocks
//!                                      in the byte order of the call, blocks big endian
//!
//! block     type 2 | length 2 | version 2 | what the type says, length - 2
//! 0x0101    AR type 2 | AR 16 | session 2 | MAC 6 | object 16 | properties 4
//!           | timeout 2 | port 2 | length 2, station name
//! 0x8101    AR type 2 | AR 16 | session 2 | MAC 6 | port 2
//! 0x0102    type 2 | reference 2 | ether type 2 | properties 4 | length 2 | frame id 2
//!           | send clock 2 | reduction 2 | phase 2 | sequence 2 | offset 4 | watchdog 2 | ...
//! 0x8102    type 2 | reference 2 | frame id 2
//! 0x0103    type 2 | ether type 2 | properties 4 | timeout 2 | retries 2 | reference 2
//!           | most 2 | tags 2 + 2                          0x8103  type 2 | reference 2 | most 2
//! 0x0110..  0 2 | AR 16 | session 2 | 0 2 | command 2 | properties 2
//! 0x8106    length 2, station name of the responder
//! ```
//!
//! [`parse`] never fails: it reads as far as the bytes make sense and leaves a
//! [`Fault`]. Records are in [`record`](super::record), submodules in
//! [`modules`](super::modules).

use crate::cursor::Cursor;
use crate::dcerpc::{Ndr, Uuid};
use crate::net::addr::Mac;
use crate::pnio::code::block;
use crate::pnio::modules;
use crate::pnio::record::{self, Record};

/// Bytes before the blocks.
const ARGUMENTS_LEN: usize = 20;

/// What a service says. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// Status of an answer: code, decode, code 1 and code 2 from the highest byte.
    pub status: Option<u32>,
    /// Length of the blocks, as stated.
    pub args_length: Option<u32>,
    /// The blocks.
    pub blocks: Blocks<'a>,
    /// Application relation.
    pub ar: Ar<'a>,
    /// Type of the first control block, the answer's bit removed.
    pub control: Option<u16>,
    /// Control command.
    pub command: Option<u16>,
    /// Local reference of the alarm relation and most bytes of an alarm.
    pub alarm_cr: Option<(u16, u16)>,
    /// The first record.
    pub record: Option<Record<'a>>,
    /// Where the service stops making sense.
    pub fault: Option<Fault>,
}

/// An application relation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ar<'a> {
    /// Type.
    pub kind: Option<u16>,
    /// Identifier.
    pub uuid: Option<Uuid>,
    /// Session key.
    pub session_key: Option<u16>,
    /// Properties.
    pub properties: Option<u32>,
    /// Hardware address of the one who sends this.
    pub mac: Option<Mac>,
    /// UDP port for real time.
    pub port: Option<u16>,
    /// Station name of the initiator.
    pub station_name: Option<&'a [u8]>,
    /// Station name of the responder.
    pub responder_name: Option<&'a [u8]>,
}

/// A communication relation for cyclic data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Iocr {
    /// Type: its direction.
    pub kind: u16,
    /// Reference.
    pub reference: u16,
    /// Frame identifier.
    pub frame_id: u16,
    /// What a request states besides: properties, length, send clock, reduction ratio,
    /// watchdog factor.
    pub asked: Option<(u32, u16, u16, u16, u16)>,
}

/// Where and why a service stops making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte, from the first behind the header of the call.
    pub at: u16,
    /// What is wrong there.
    pub why: FaultKind,
}

/// What can be wrong, as the schema numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The bytes end within a field.
    Short = 1,
    /// A length exceeds what it lies in.
    Length = 2,
    /// The length of the arguments contradicts the bytes there are.
    Arguments = 3,
    /// A block is shorter than its type must be.
    BlockLength = 4,
}

/// Reads a service; `little` is the byte order of its call.
pub fn parse(is_request: bool, little: bool, stub: &[u8]) -> Message<'_> {
    let mut message = Message::default();
    let mut ndr = Ndr::new(stub, little);
    let Some(length) = arguments(&mut message, &mut ndr, is_request) else {
        let at = u16::try_from(ndr.cursor.at()).unwrap_or(u16::MAX);
        message.fault = Some(Fault { at, why: FaultKind::Short });
        return message;
    };
    let rest = ndr.cursor.rest();
    let args = usize::try_from(length).ok().and_then(|length| rest.get(..length));
    message.blocks = Blocks { bytes: args.unwrap_or(rest), is_request };
    let mut walk = message.blocks.walk();
    for block in walk.by_ref() {
        if message.block(&block).is_none() {
            let at = ARGUMENTS_LEN.saturating_add(block.at).saturating_add(2);
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            message.fault.get_or_insert(Fault { at, why: FaultKind::BlockLength });
        }
    }
    message.fault = match (message.fault, walk.fault) {
        (Some(block), Some(walk)) if block.at < walk.at => Some(block),
        (block, walk) => walk.or(block),
    };
    if args.is_none() {
        message.fault = Some(Fault { at: 4, why: FaultKind::Arguments });
    }
    message
}

/// The length of the blocks. The array's own length must be the same.
fn arguments(message: &mut Message<'_>, ndr: &mut Ndr<'_>, asks: bool) -> Option<u32> {
    let first = ndr.u32()?;
    message.status = (!asks).then_some(first);
    let length = ndr.u32()?;
    message.args_length = Some(length);
    let (_most, _offset, _actual) = (ndr.u32()?, ndr.u32()?, ndr.u32()?);
    Some(length)
}

impl<'a> Message<'a> {
    /// Takes what a block says; nothing if it is too short.
    fn block(&mut self, block: &Block<'a>) -> Option<()> {
        let mut cursor = Cursor::new(block.body);
        match block.kind {
            block::AR_REQUEST => self.ar_request(&mut cursor),
            block::AR_RESPONSE => {
                let ar = &mut self.ar;
                ar.kind = Some(cursor.u16()?);
                ar.uuid = Some(uuid(&mut cursor)?);
                ar.session_key = Some(cursor.u16()?);
                ar.mac = Some(Mac::new(cursor.array()?));
                ar.port = Some(cursor.u16()?);
                Some(())
            }
            block::AR_SERVER_RESPONSE => {
                let length = cursor.u16()?;
                self.ar.responder_name = Some(cursor.take(length.into())?);
                Some(())
            }
            block::IOCR_REQUEST | block::IOCR_RESPONSE => iocr(block).map(|_| ()),
            block::ALARM_CR_REQUEST => {
                let _kind_to_retries = cursor.array::<12>()?;
                self.alarm_cr = Some((cursor.u16()?, cursor.u16()?));
                Some(())
            }
            block::ALARM_CR_RESPONSE => {
                let _kind = cursor.u16()?;
                self.alarm_cr = Some((cursor.u16()?, cursor.u16()?));
                Some(())
            }
            block::EXPECTED_SUBMODULE_REQUEST => {
                modules::expected(block.body, &mut |_| {})
            }
            block::MODULE_DIFF => modules::differing(block.body, &mut |_| {}),
            _ => match (block.record, control(block.kind)) {
                (Some(record), _) => {
                    self.ar.uuid = self.ar.uuid.or(Some(record.ar));
                    self.record = self.record.or(Some(record));
                    Some(())
                }
                (None, Some(kind)) => self.control_block(kind, &mut cursor),
                (None, None) => (!record::is_header(block.kind)).then_some(()),
            },
        }
    }

    fn ar_request(&mut self, cursor: &mut Cursor<'a>) -> Option<()> {
        let ar = &mut self.ar;
        ar.kind = Some(cursor.u16()?);
        ar.uuid = Some(uuid(cursor)?);
        ar.session_key = Some(cursor.u16()?);
        ar.mac = Some(Mac::new(cursor.array()?));
        let _object = cursor.array::<16>()?;
        ar.properties = Some(cursor.u32()?);
        let _timeout = cursor.u16()?;
        ar.port = Some(cursor.u16()?);
        let length = cursor.u16()?;
        ar.station_name = Some(cursor.take(length.into())?);
        Some(())
    }

    fn control_block(&mut self, kind: u16, cursor: &mut Cursor<'a>) -> Option<()> {
        self.control = self.control.or(Some(kind));
        let _reserved = cursor.u16()?;
        self.ar.uuid = Some(uuid(cursor)?);
        self.ar.session_key = Some(cursor.u16()?);
        let _reserved = cursor.u16()?;
        self.command = Some(cursor.u16()?);
        let _properties = cursor.u16()?;
        Some(())
    }
}

/// The type of a control block, the answer's bit removed.
fn control(kind: u16) -> Option<u16> {
    let kind = kind & !block::RESPONSE;
    (block::CONTROL_FIRST..=block::CONTROL_LAST).contains(&kind).then_some(kind)
}

/// The communication relation that a block describes.
pub fn iocr(block: &Block<'_>) -> Option<Iocr> {
    let mut cursor = Cursor::new(block.body);
    let mut iocr = Iocr { kind: cursor.u16()?, ..Iocr::default() };
    iocr.reference = cursor.u16()?;
    if block.kind == block::IOCR_RESPONSE {
        iocr.frame_id = cursor.u16()?;
        return Some(iocr);
    }
    let _ethertype = cursor.u16()?;
    let (properties, length) = (cursor.u32()?, cursor.u16()?);
    iocr.frame_id = cursor.u16()?;
    let (send_clock, reduction) = (cursor.u16()?, cursor.u16()?);
    let _phase_sequence_offset = cursor.array::<8>()?;
    iocr.asked = Some((properties, length, send_clock, reduction, cursor.u16()?));
    Some(iocr)
}

/// A UUID in a block, which is big endian whatever the call is.
pub(super) fn uuid(cursor: &mut Cursor<'_>) -> Option<Uuid> {
    cursor.array().map(|bytes| Uuid(u128::from_be_bytes(bytes)))
}

/// The blocks of a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blocks<'a> {
    bytes: &'a [u8],
    is_request: bool,
}

/// A block.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Type.
    pub kind: u16,
    /// Where it begins among the blocks.
    pub at: usize,
    /// What follows the version.
    pub body: &'a [u8],
    /// The record, of a block that is the header of one.
    pub record: Option<Record<'a>>,
}

impl<'a> Blocks<'a> {
    /// The blocks one by one, also those of many records in one.
    pub fn walk(self) -> Walk<'a> {
        let cursor = Cursor::new(self.bytes);
        Walk { cursor, is_request: self.is_request, is_within: false, fault: None }
    }
}

/// A walk over blocks; one that is longer than what it lies in is the last.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'a> {
    cursor: Cursor<'a>,
    is_request: bool,
    /// Whether what follows are the records of one that holds many.
    is_within: bool,
    fault: Option<Fault>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        if self.cursor.rest().is_empty() || self.fault.is_some() {
            return None;
        }
        let block = self.block();
        if block.is_none() {
            self.fail();
        }
        block
    }
}

impl<'a> Walk<'a> {
    /// The next block; nothing if not even its header is there.
    fn block(&mut self) -> Option<Block<'a>> {
        let at = self.cursor.at();
        let kind = self.cursor.u16()?;
        let mut ahead = self.cursor;
        let length = ahead.u16()?;
        let _version = ahead.u16()?;
        let length = usize::from(length).checked_sub(2)?;
        let body = match ahead.take(length) {
            Some(body) => body,
            None => {
                self.fail();
                ahead.rest()
            }
        };
        let mut block = Block { kind, at, body, record: None };
        if self.fault.is_some() {
            return Some(block);
        }
        self.cursor = ahead;
        if record::is_header(kind) {
            block.record = record::header(kind, body).map(|record| self.data(record));
        }
        Some(block)
    }

    /// A record with its data, if they follow the header.
    fn data(&mut self, mut record: Record<'a>) -> Record<'a> {
        if record.holds_many() {
            self.is_within = true;
            return record;
        }
        if !record.has_data(self.is_request) {
            return record;
        }
        let rest = self.cursor.rest();
        let length = usize::try_from(record.length).unwrap_or(usize::MAX);
        if rest.len() < length {
            record.data = Some(rest);
            self.fail();
            return record;
        }
        record.data = self.cursor.take(length);
        // Each of many begins at a multiple of four; the last needs no padding.
        let padding = length.wrapping_neg() % 4;
        if self.is_within && self.cursor.rest().len() >= padding {
            self.cursor.take(padding);
        }
        record
    }

    /// Says that a length does not fit, at the place that was read last.
    fn fail(&mut self) {
        let at = ARGUMENTS_LEN.saturating_add(self.cursor.at());
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        self.fault = Some(Fault { at, why: FaultKind::Length });
    }
}
