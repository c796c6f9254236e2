//! An alarm frame: the protocol for acyclic real time (IEC 61158-6-10, 4.8).
//!
//! ```text
//! frame id 2 | destination 2 | source 2 | version, type 1 | flags 1
//! | sequence 2 | acknowledged 2 | length 2 | what the type says
//!
//! data     a block: type 2 | length 2 | version 2
//!   notification    alarm 2 | API 4 | slot 2 | subslot 2 | module 4 | submodule 4 | specifier 2
//!   acknowledgement alarm 2 | API 4 | slot 2 | subslot 2 | specifier 2 | status 4
//! error    status 4
//! ```

use crate::cursor::Cursor;
use crate::pnio::code::block;
use crate::pnio::pdu::{Fault, FaultKind};

/// Frame identifiers of alarms.
pub(super) mod frame_id {
    pub(in crate::pnio) const ALARM_HIGH: u16 = 0xfc01;
    pub(in crate::pnio) const ALARM_LOW: u16 = 0xfe01;
}

/// Types of PDUs.
pub(super) mod pdu_type {
    pub(in crate::pnio) const DATA: u8 = 1;
    pub(in crate::pnio) const ERROR: u8 = 4;
}

/// An alarm frame. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Alarm {
    pub(super) frame_id: u16,
    pub(super) destination: Option<u16>,
    pub(super) source: Option<u16>,
    /// Type of the PDU.
    pub(super) kind: Option<u8>,
    pub(super) sequence: Option<u16>,
    /// Type of the block.
    pub(super) block: Option<u16>,
    /// Type of the alarm.
    pub(super) alarm: Option<u16>,
    pub(super) api: Option<u32>,
    pub(super) slot: Option<u16>,
    pub(super) subslot: Option<u16>,
    pub(super) module: Option<u32>,
    pub(super) submodule: Option<u32>,
    pub(super) specifier: Option<u16>,
    pub(super) status: Option<u32>,
    pub(super) fault: Option<Fault>,
}

/// Reads a frame; `missing` bytes of its end were not captured.
pub(super) fn parse(frame: &[u8], missing: usize) -> Alarm {
    let mut alarm = Alarm::default();
    let mut cursor = Cursor::new(frame);
    if alarm.header(&mut cursor).is_none() && missing == 0 {
        let at = u16::try_from(cursor.at()).unwrap_or(u16::MAX);
        alarm.fault.get_or_insert(Fault { at, why: FaultKind::Short });
    }
    alarm
}

impl Alarm {
    fn header(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        self.frame_id = cursor.u16()?;
        self.destination = Some(cursor.u16()?);
        self.source = Some(cursor.u16()?);
        let [version_and_type, _flags] = cursor.array()?;
        self.kind = Some(version_and_type & 0x0f);
        self.sequence = Some(cursor.u16()?);
        let _acknowledged = cursor.u16()?;
        let length = cursor.u16()?;
        let start = u16::try_from(cursor.at()).unwrap_or(u16::MAX);
        let Some(body) = cursor.rest().get(..length.into()) else {
            self.fault =
                Some(Fault { at: start.saturating_sub(2), why: FaultKind::Length });
            return None;
        };
        let mut inside = Cursor::new(body);
        let read = match self.kind {
            Some(pdu_type::DATA) if !body.is_empty() => self.data(&mut inside),
            Some(pdu_type::ERROR) => inside.u32().map(|status| {
                self.status = Some(status);
            }),
            _ => Some(()),
        };
        if read.is_none() {
            let at = u16::try_from(inside.at()).unwrap_or(u16::MAX);
            let at = start.saturating_add(at);
            self.fault = Some(Fault { at, why: FaultKind::BlockLength });
        }
        read
    }

    fn data(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        let kind = cursor.u16()?;
        self.block = Some(kind);
        let _length_and_version = cursor.u32()?;
        self.alarm = Some(cursor.u16()?);
        self.api = Some(cursor.u32()?);
        self.slot = Some(cursor.u16()?);
        self.subslot = Some(cursor.u16()?);
        if kind & block::RESPONSE == 0 {
            self.module = Some(cursor.u32()?);
            self.submodule = Some(cursor.u32()?);
            self.specifier = Some(cursor.u16()?);
        } else {
            self.specifier = Some(cursor.u16()?);
            self.status = Some(cursor.u32()?);
        }
        Some(())
    }
}
