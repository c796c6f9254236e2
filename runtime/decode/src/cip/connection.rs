//! Services of the Connection Manager: to open and close connections, and to send a
//! message on to another device.
//!
//! ```text
//! 54, 5B  tick 1 | ticks 1 | O->T id 4 | T->O id 4 | serial 2 | vendor 2 | originator 4
//!         | multiplier 1 | 0 3 | O->T RPI 4 | parameters | T->O RPI 4 | parameters
//!         | transport 1 | words 1 | path
//!   reply O->T id 4 | T->O id 4 | serial 2 | vendor 2 | originator 4 | O->T API 4
//!         | T->O API 4 | words 1 | 0 1 | application reply
//! 4E      tick 1 | ticks 1 | serial 2 | vendor 2 | originator 4 | words 1 | 0 1 | path
//!   reply serial 2 | vendor 2 | originator 4 | words 1 | 0 1 | application reply
//!   refused, of both: serial 2 | vendor 2 | originator 4 | words left 1 | 0 1
//! 52      tick 1 | ticks 1 | bytes 2 | message | pad | words 1 | 0 1 | route
//!
//! parameters  2 bytes: owner 1 | type 2 | 0 1 | priority 2 | variable 1 | size 9
//!             4 bytes, of 5B: the same, 0 in the lower half but for a size of 16
//! transport   server 1 | trigger 3 | class 4
//! ```
//!
//! O->T is originator to target; RPI and API are the requested and the actual packet
//! interval, in microseconds. Source: CIP Networks Library, Volume 1, 3-5.5.

use crate::cip::fault::FaultKind;
use crate::cip::little::Little as _;
use crate::cip::message::{OK, Read};
use crate::cip::path::Path;
use crate::cursor::Cursor;

/// What identifies a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Triad {
    /// Serial number that the originator gave it.
    pub serial: u16,
    /// Vendor of the originator.
    pub vendor: u16,
    /// Serial number of the originator.
    pub originator: u32,
}

/// One direction of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Direction {
    /// Network connection identifier.
    pub id: u32,
    /// Packet interval in microseconds.
    pub interval: Option<u32>,
    /// Parameters; an answer has none.
    pub parameters: Option<Parameters>,
}

/// Network connection parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Whether several originators may own it.
    pub is_redundant: bool,
    /// Null, multicast or point to point.
    pub kind: u8,
    /// Priority.
    pub priority: u8,
    /// Whether packets vary in size.
    pub is_variable: bool,
    /// Most bytes of a packet.
    pub size: u16,
}

/// A connection as a message states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connection<'a> {
    /// Time tick and timeout ticks of the request.
    pub timeout: Option<(u8, u8)>,
    /// What identifies it.
    pub triad: Option<Triad>,
    /// Code of the timeout multiplier.
    pub multiplier: Option<u8>,
    /// Both directions, originator to target first; not when it is closed.
    pub directions: Option<(Direction, Direction)>,
    /// Transport class and trigger.
    pub transport: Option<u8>,
    /// Its path.
    pub path: Path<'a>,
    /// Words of the path that were left where the request was refused.
    pub remaining: Option<u8>,
    /// What the application answers.
    pub reply: &'a [u8],
}

/// A message that is sent on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unconnected<'a> {
    /// Time tick and timeout ticks.
    pub timeout: (u8, u8),
    /// The message.
    pub message: &'a [u8],
    /// The way to the device it is for.
    pub route: Path<'a>,
}

impl<'a> Connection<'a> {
    /// Forward Open, or the large one.
    pub(crate) fn open(&mut self, cursor: &mut Cursor<'a>, is_large: bool) -> Read {
        let [tick, ticks] = cursor.array()?;
        self.timeout = Some((tick, ticks));
        let (mut ot, mut to) = (Direction::default(), Direction::default());
        ot.id = cursor.u32_le()?;
        to.id = cursor.u32_le()?;
        self.directions = Some((ot, to));
        self.triad = Some(triad(cursor)?);
        let [multiplier, ..] = cursor.array::<4>()?;
        self.multiplier = Some(multiplier);
        for direction in [&mut ot, &mut to] {
            direction.interval = Some(cursor.u32_le()?);
            direction.parameters = Some(if is_large {
                Parameters::large(cursor.u32_le()?)
            } else {
                Parameters::small(cursor.u16_le()?)
            });
        }
        self.directions = Some((ot, to));
        self.transport = Some(cursor.u8()?);
        let words = cursor.u8()?;
        self.path = path(cursor, words)?;
        OK
    }

    /// The answer to either.
    pub(crate) fn opened(&mut self, cursor: &mut Cursor<'a>) -> Read {
        let (mut ot, mut to) = (Direction::default(), Direction::default());
        ot.id = cursor.u32_le()?;
        to.id = cursor.u32_le()?;
        self.triad = Some(triad(cursor)?);
        ot.interval = Some(cursor.u32_le()?);
        to.interval = Some(cursor.u32_le()?);
        self.directions = Some((ot, to));
        self.application(cursor)
    }

    /// Forward Close.
    pub(crate) fn close(&mut self, cursor: &mut Cursor<'a>) -> Read {
        let [tick, ticks] = cursor.array()?;
        self.timeout = Some((tick, ticks));
        self.triad = Some(triad(cursor)?);
        let [words, _] = cursor.array()?;
        self.path = path(cursor, words)?;
        OK
    }

    /// Its answer.
    pub(crate) fn closed(&mut self, cursor: &mut Cursor<'a>) -> Read {
        self.triad = Some(triad(cursor)?);
        self.application(cursor)
    }

    /// The answer that refuses to open or close. Some devices send nothing.
    pub(crate) fn refused(&mut self, cursor: &mut Cursor<'a>) -> Read {
        if cursor.rest().is_empty() {
            return OK;
        }
        self.triad = Some(triad(cursor)?);
        if let Some([words, _]) = cursor.array() {
            self.remaining = Some(words);
        }
        OK
    }

    fn application(&mut self, cursor: &mut Cursor<'a>) -> Read {
        let [words, _] = cursor.array()?;
        self.reply = cursor.take(usize::from(words).saturating_mul(2))?;
        OK
    }
}

impl<'a> Unconnected<'a> {
    /// Unconnected Send.
    pub(crate) fn send(&mut self, cursor: &mut Cursor<'a>) -> Read {
        let [tick, ticks] = cursor.array()?;
        self.timeout = (tick, ticks);
        let before = *cursor;
        let len = usize::from(cursor.u16_le()?);
        let Some(message) = cursor.take(len) else {
            self.message = cursor.rest();
            *cursor = before;
            return Some(Err(FaultKind::Count));
        };
        self.message = message;
        if len % 2 != 0 {
            cursor.u8()?;
        }
        let [words, _] = cursor.array()?;
        self.route = path(cursor, words)?;
        OK
    }
}

impl Parameters {
    fn small(bits: u16) -> Parameters {
        Parameters { size: bits & 0x1ff, ..Parameters::flags(bits) }
    }

    fn large(bits: u32) -> Parameters {
        let [a, b, c, d] = bits.to_le_bytes();
        let flags = u16::from_le_bytes([c, d]);
        Parameters { size: u16::from_le_bytes([a, b]), ..Parameters::flags(flags) }
    }

    fn flags(bits: u16) -> Parameters {
        let [_, high] = bits.to_le_bytes();
        Parameters {
            is_redundant: high & 0x80 != 0,
            kind: high >> 5 & 3,
            priority: high >> 2 & 3,
            is_variable: high & 2 != 0,
            size: 0,
        }
    }
}

fn triad(cursor: &mut Cursor<'_>) -> Option<Triad> {
    let (serial, vendor) = (cursor.u16_le()?, cursor.u16_le()?);
    Some(Triad { serial, vendor, originator: cursor.u32_le()? })
}

fn path<'a>(cursor: &mut Cursor<'a>, words: u8) -> Option<Path<'a>> {
    Some(Path(cursor.take(usize::from(words).saturating_mul(2))?))
}
