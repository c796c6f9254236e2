//! A DCP frame: its header, and its blocks one by one.
//!
//! ```text
//! frame id 2 | service 1 | type 1 | xid 4 | response delay 2 | data length 2 | blocks
//!
//! block    option 1 | suboption 1 | length 2 | value      | padding to an even byte
//!   asked for by Identify                      value
//!   set                                        qualifier 2 | value
//!   had: answers to Get and Identify, Hello    information 2 | value
//!   5.4: what came of a block                  option 1 | suboption 1 | error 1
//!   asked for by Get        option 1 | suboption 1, and nothing else
//! ```
//!
//! [`parse`] never fails: it reads as far as the bytes make sense and leaves a
//! [`Fault`]. A block that is too short for what its option should hold is one too.

use crate::cursor::Cursor;

/// Bytes before the blocks.
pub const HEADER_LEN: usize = 12;

/// Frame identifiers, which say what may be in the frame.
pub mod frame_id {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const HELLO: u16 = 0xfefc;
    pub const GET_SET: u16 = 0xfefd;
    pub const IDENTIFY_REQUEST: u16 = 0xfefe;
    pub const IDENTIFY_RESPONSE: u16 = 0xfeff;
}

/// Services. An open set.
pub mod service {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const GET: u8 = 3;
    pub const SET: u8 = 4;
    pub const IDENTIFY: u8 = 5;
    pub const HELLO: u8 = 6;
}

/// Options and suboptions, the option in the high byte. An open set.
pub mod block {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const IP_PARAMETER: u16 = 0x0102;
    pub const FULL_IP_SUITE: u16 = 0x0103;
    pub const TYPE_OF_STATION: u16 = 0x0201;
    pub const NAME_OF_STATION: u16 = 0x0202;
    pub const DEVICE_ID: u16 = 0x0203;
    pub const DEVICE_ROLE: u16 = 0x0204;
    pub const ALIAS_NAME: u16 = 0x0206;
    pub const DEVICE_INSTANCE: u16 = 0x0207;
    pub const OEM_DEVICE_ID: u16 = 0x0208;
    pub const STANDARD_GATEWAY: u16 = 0x0209;
    pub const START_TRANSACTION: u16 = 0x0501;
    pub const END_TRANSACTION: u16 = 0x0502;
    pub const SIGNAL: u16 = 0x0503;
    pub const RESPONSE: u16 = 0x0504;
    pub const RESET_FACTORY_SETTINGS: u16 = 0x0505;
    pub const RESET_TO_FACTORY: u16 = 0x0506;
    pub const DEVICE_INITIATIVE: u16 = 0x0601;
}

/// What a frame says. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// Frame identifier.
    pub frame_id: u16,
    /// Service.
    pub service: Option<u8>,
    /// Type of the service: bit 0 is set in answers.
    pub service_type: Option<u8>,
    /// Transaction identifier.
    pub xid: Option<u32>,
    /// Response delay factor, or reserved.
    pub response_delay: Option<u16>,
    /// Length of all blocks.
    pub data_length: Option<u16>,
    /// The blocks, as far as there are bytes of them.
    pub blocks: Blocks<'a>,
    /// Where the frame stops making sense.
    pub fault: Option<Fault>,
}

impl Message<'_> {
    /// Whether it answers.
    pub fn is_answer(&self) -> bool {
        self.service_type.is_some_and(|kind| kind & 1 != 0)
    }
}

/// Where and why a frame stops making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte, that of the frame identifier being 0.
    pub at: u16,
    /// What is wrong there.
    pub why: FaultKind,
}

/// What can be wrong, as the schema numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The bytes end within a field.
    Short = 1,
    /// The length of the data exceeds the frame.
    Length = 2,
    /// A block is longer than the data, or too short for its kind.
    BlockLength = 3,
    /// The service does not belong to the frame identifier.
    Service = 4,
}

/// How the blocks of a frame are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Layout {
    /// Options without length or value.
    Options,
    /// The value alone.
    #[default]
    Plain,
    /// A qualifier before the value.
    Qualifier,
    /// Information before the value.
    Info,
}

/// The blocks of a frame, in their order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blocks<'a> {
    bytes: &'a [u8],
    layout: Layout,
}

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// Option and suboption.
    pub code: u16,
    /// Its length field, where it has one.
    pub length: Option<u16>,
    /// Qualifier of what is set.
    pub qualifier: Option<u16>,
    /// Information of what is had.
    pub info: Option<u16>,
    /// Of a response block: which block it answers.
    pub answers: Option<u16>,
    /// Of a response block: the error, 0 if there is none.
    pub error: Option<u8>,
    /// What is left.
    pub value: &'a [u8],
    /// Whether it ends where its length says.
    pub is_whole: bool,
}

/// Reads a frame; `missing` bytes of its end were not captured.
pub fn parse(frame: &[u8], missing: usize) -> Message<'_> {
    let mut message = Message::default();
    let mut cursor = Cursor::new(frame);
    if header(&mut message, &mut cursor).is_none() {
        let at = u16::try_from(cursor.at()).unwrap_or(u16::MAX);
        message.fault = Some(Fault { at, why: FaultKind::Short });
        return message;
    }
    let rest = cursor.rest();
    let data = rest.get(..message.data_length.unwrap_or_default().into());
    if data.is_none() && missing == 0 {
        message.fault = Some(Fault { at: 10, why: FaultKind::Length });
    }
    message.blocks = Blocks { bytes: data.unwrap_or(rest), layout: layout(&message) };
    if data.is_some() {
        message.fault = message.blocks.fault();
    }
    if !fits_frame(&message) {
        message.fault.get_or_insert(Fault { at: 2, why: FaultKind::Service });
    }
    message
}

fn header(message: &mut Message<'_>, cursor: &mut Cursor<'_>) -> Option<()> {
    message.frame_id = cursor.u16()?;
    message.service = Some(cursor.u8()?);
    message.service_type = Some(cursor.u8()?);
    message.xid = Some(cursor.u32()?);
    message.response_delay = Some(cursor.u16()?);
    message.data_length = Some(cursor.u16()?);
    Some(())
}

fn layout(message: &Message<'_>) -> Layout {
    match (message.service, message.is_answer()) {
        (Some(service::GET), false) => Layout::Options,
        (Some(service::SET), false) => Layout::Qualifier,
        (Some(service::GET | service::IDENTIFY), true) | (Some(service::HELLO), _) => {
            Layout::Info
        }
        _ => Layout::Plain,
    }
}

/// Services of makers may go where Get and Set go.
fn fits_frame(message: &Message<'_>) -> bool {
    let Some(service) = message.service else { return true };
    match message.frame_id {
        frame_id::HELLO => service == service::HELLO && !message.is_answer(),
        frame_id::IDENTIFY_REQUEST => {
            service == service::IDENTIFY && !message.is_answer()
        }
        frame_id::IDENTIFY_RESPONSE => {
            service == service::IDENTIFY && message.is_answer()
        }
        _ => !matches!(service, service::IDENTIFY | service::HELLO),
    }
}

impl<'a> Blocks<'a> {
    /// The blocks, up to and with one that is longer than the data.
    pub fn iter(self) -> impl Iterator<Item = Block<'a>> {
        let mut cursor = Cursor::new(self.bytes);
        std::iter::from_fn(move || {
            if cursor.rest().is_empty() { None } else { self.next(&mut cursor) }
        })
    }

    /// The next block; the cursor stands behind it and its padding.
    fn next(self, cursor: &mut Cursor<'a>) -> Option<Block<'a>> {
        let code = cursor.u16()?;
        let mut block = Block {
            code,
            length: None,
            qualifier: None,
            info: None,
            answers: None,
            error: None,
            value: &[],
            is_whole: true,
        };
        if self.layout == Layout::Options {
            return Some(block);
        }
        let length = cursor.u16()?;
        let rest = cursor.rest();
        let bytes = rest.get(..length.into()).unwrap_or(rest);
        block.is_whole = bytes.len() == usize::from(length);
        cursor.take(bytes.len())?;
        if length % 2 != 0 && !cursor.rest().is_empty() {
            cursor.u8()?;
        }
        let mut value = Cursor::new(bytes);
        block.length = Some(length);
        match self.layout {
            _ if code == block::RESPONSE => {
                block.answers = value.u16();
                block.error = value.u8();
            }
            Layout::Qualifier => block.qualifier = value.u16(),
            Layout::Info => block.info = value.u16(),
            Layout::Plain | Layout::Options => {}
        }
        block.value = value.rest();
        Some(block)
    }

    /// Where the blocks stop making sense, counted from the frame identifier.
    fn fault(self) -> Option<Fault> {
        let mut cursor = Cursor::new(self.bytes);
        while !cursor.rest().is_empty() {
            let start = cursor.at();
            let at = match self.next(&mut cursor) {
                Some(block) if self.is_sound(&block) => continue,
                // Behind option and suboption.
                Some(_) => start.saturating_add(2),
                None => cursor.at(),
            };
            let at = HEADER_LEN.saturating_add(at);
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            return Some(Fault { at, why: FaultKind::BlockLength });
        }
        None
    }

    /// Whether a block is as long as one of its kind must be.
    fn is_sound(self, block: &Block<'_>) -> bool {
        let least = match block.code {
            block::RESPONSE => return block.is_whole && block.error.is_some(),
            block::IP_PARAMETER => 12,
            block::FULL_IP_SUITE => 28,
            block::DEVICE_ID | block::OEM_DEVICE_ID | block::STANDARD_GATEWAY => 4,
            block::DEVICE_ROLE | block::DEVICE_INSTANCE | block::SIGNAL => 2,
            _ => 0,
        };
        let prefix = match self.layout {
            Layout::Options => return true,
            Layout::Plain => true,
            Layout::Qualifier => block.qualifier.is_some(),
            Layout::Info => block.info.is_some(),
        };
        prefix && block.is_whole && block.value.len() >= least
    }
}
