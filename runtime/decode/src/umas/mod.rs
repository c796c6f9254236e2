//! UMAS: how Schneider Electric's tools program and watch Modicon controllers, inside
//! Modbus function 90.
//!
//! ```text
//! modbus::session --PDU behind 5a, its pair--> pdu       a message's fields (pure)
//!                                              transfer  programs that are moved
//!                                              event     fields to a record -> ops
//! ```
//!
//! There is no decoder of its own to register: what carries UMAS is a Modbus flow, which
//! frames and pairs its messages and then hands them on. Each gives an event of kind
//! `umas` besides the Modbus one, and the common OT fields stand on the former alone.
//!
//! The maker publishes nothing. The sources are named in `spec/schema/umas.toml`.
//!
//! Left out: functions whose data nobody has described, the data dictionary's entries,
//! values whose types only that dictionary tells. Their bytes are kept.

mod event;
mod ops;
mod pdu;
#[cfg(test)]
mod tests;
mod transfer;

use crate::protocol::{Context, EventSink};

pub(crate) use event::Carrier;
pub(crate) use pdu::{Asked, Message, answer, request};

/// What a flow has under way.
#[derive(Default)]
pub(crate) struct UmasFlow {
    transfers: transfer::Transfers,
}

impl UmasFlow {
    /// Writes the event of a message.
    pub(crate) fn write(
        &mut self,
        cx: Context<'_>,
        message: &Message<'_>,
        carrier: &Carrier,
        sink: &mut dyn EventSink,
    ) {
        let digest = self.transfers.see(message, carrier.request);
        event::write(message, carrier, digest.as_ref(), cx, sink);
    }

    /// Says that messages are missing.
    pub(crate) fn tear(&mut self) {
        self.transfers.tear();
    }
}
