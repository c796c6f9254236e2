//! What waits for an answer: activations, read commands, connection tests; and what is
//! selected.
//!
//! A confirmation mirrors its activation: type, common address and object address are
//! the same (101, 6.8). An activation waits beyond its confirmation, for the
//! termination or the reason of a refusal, or until the next one of the same object.

use tagout_spec::record::typed::codes::{iec104_cause as cause, iec104_u_function as u};

use crate::iec104::asdu::Asdu;

/// Most activations, and most selections, that are kept of a flow.
const MAX_KEPT: usize = 64;
/// Age at which an activation is no longer waited for.
const FORGET_NS: i64 = 600_000_000_000;
/// Age at which a selection is over; stations end it after some seconds.
const SELECTED_NS: i64 = 60_000_000_000;
/// Read command, whose answer is of another type.
const READ: u8 = 102;

/// What is kept of an activation or a read command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) ts_ns: i64,
    pub(super) type_id: u8,
    pub(super) common_address: u16,
    /// It goes to all stations, each of which answers with its own address.
    pub(super) broadcast: bool,
    pub(super) ioa: u32,
    pub(super) se: Option<u8>,
    pub(super) op: Option<u16>,
}

/// A selected object.
#[derive(Clone, Copy, Debug)]
struct Selection {
    ts_ns: i64,
    type_id: u8,
    common_address: u16,
    ioa: u32,
}

/// What waits in a flow, oldest first.
#[derive(Default)]
pub(super) struct Pending {
    asked: Vec<Asked>,
    selected: Vec<Selection>,
    /// When STARTDT, STOPDT and TESTFR were asked for.
    control: [Option<i64>; 3],
}

impl Pending {
    /// Adds an activation, in place of one of the same object.
    pub(super) fn ask(&mut self, asked: Asked) {
        let same = |other: &Asked| {
            other.type_id == asked.type_id
                && other.common_address == asked.common_address
                && other.ioa == asked.ioa
        };
        self.asked.retain(|other| !same(other));
        if self.asked.len() >= MAX_KEPT {
            self.asked.remove(0);
        }
        self.asked.push(asked);
    }

    /// What an ASDU of the controlled station answers; it waits no more if this is
    /// the last answer.
    pub(super) fn answered(&mut self, asdu: &Asdu<'_>, now_ns: i64) -> Option<Asked> {
        let (first, why) = (asdu.first?, asdu.cause?);
        let address = asdu.common_address?;
        let is_read = why.code == cause::REQUEST;
        let at = self.asked.iter().position(|asked| {
            (asked.type_id == asdu.type_id || is_read && asked.type_id == READ)
                && (asked.broadcast || asked.common_address == address)
                && asked.ioa == first.ioa
                && now_ns.saturating_sub(asked.ts_ns) <= FORGET_NS
        })?;
        let asked = *self.asked.get(at)?;
        // Known stations refuse twice: a negative confirmation, then the reason.
        let more_follows = why.code == cause::ACTIVATION_CONFIRMATION;
        // Other stations may still answer a broadcast.
        if !more_follows && !asked.broadcast {
            self.asked.remove(at);
        }
        Some(asked)
    }

    /// Notes that an object is selected.
    pub(super) fn select(&mut self, asdu: &Asdu<'_>, now_ns: i64) {
        self.unselect(asdu, now_ns);
        let (Some(first), Some(common_address)) = (asdu.first, asdu.common_address)
        else {
            return;
        };
        if self.selected.len() >= MAX_KEPT {
            self.selected.remove(0);
        }
        let type_id = without_time(asdu.type_id);
        self.selected.push(Selection {
            ts_ns: now_ns,
            type_id,
            common_address,
            ioa: first.ioa,
        });
    }

    /// Ends the selection of an object; whether there was one.
    pub(super) fn unselect(&mut self, asdu: &Asdu<'_>, now_ns: i64) -> bool {
        let same = |selection: &Selection| {
            selection.type_id == without_time(asdu.type_id)
                && Some(selection.common_address) == asdu.common_address
                && asdu.first.is_some_and(|first| first.ioa == selection.ioa)
        };
        let Some(at) = self.selected.iter().position(same) else { return false };
        let selection = self.selected.remove(at);
        now_ns.saturating_sub(selection.ts_ns) <= SELECTED_NS
    }

    /// Notes a U frame; for a confirmation, when it was asked for.
    pub(super) fn control(&mut self, function: u8, now_ns: i64) -> Option<i64> {
        let (at, asks) = match function {
            u::STARTDT_ACT => (0, true),
            u::STARTDT_CON => (0, false),
            u::STOPDT_ACT => (1, true),
            u::STOPDT_CON => (1, false),
            u::TESTFR_ACT => (2, true),
            u::TESTFR_CON => (2, false),
            _ => return None,
        };
        let slot = self.control.get_mut(at)?;
        if asks {
            *slot = Some(now_ns);
            return None;
        }
        slot.take()
    }

    /// Forgets all: answers are missing.
    pub(super) fn clear(&mut self) {
        *self = Pending::default();
    }
}

/// A command's type without a time tag: an object may be selected with one and
/// executed without.
fn without_time(type_id: u8) -> u8 {
    match type_id {
        58..=64 => type_id.saturating_sub(13),
        _ => type_id,
    }
}
