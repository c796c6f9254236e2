//! Requests that wait for their answer.
//!
//! An answer belongs to the oldest request with its transaction, unit and
//! function. Some clients never change the transaction identifier, so requests
//! that nobody answered must not shift the pairs of those that follow: they are
//! forgotten when bytes of the answers are missing and when they are old, and one
//! whose size is not the answer's gives way to one whose size is.

use crate::modbus::code::function;
use crate::modbus::pdu::{Message, Values};
use crate::umas;

/// Most requests that wait in a flow: the most that a client may have open
/// (MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 4.3.1).
const MAX_WAITING: usize = 16;
/// Age at which a request is no longer waited for.
const FORGET_NS: i64 = 60_000_000_000;

/// What is kept of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Transaction identifier; none in RTU framing.
    pub(super) transaction: Option<u16>,
    /// Unit identifier.
    pub(super) unit: u8,
    /// Function code.
    pub(super) function: u8,
    /// When it was sent.
    pub(super) ts_ns: i64,
    /// What the answer does not repeat.
    pub(super) asked: AskedFields,
}

/// Fields of a request that its answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AskedFields {
    pub(super) address: Option<u16>,
    pub(super) quantity: Option<u16>,
    pub(super) read_address: Option<u16>,
    pub(super) read_quantity: Option<u16>,
    pub(super) fifo_address: Option<u16>,
    pub(super) subfunction: Option<u16>,
    pub(super) mei_type: Option<u8>,
    /// Of function 90.
    pub(super) umas: Option<umas::Asked>,
}

impl AskedFields {
    /// Nothing.
    pub(super) const NONE: AskedFields = AskedFields {
        address: None,
        quantity: None,
        read_address: None,
        read_quantity: None,
        fifo_address: None,
        subfunction: None,
        mei_type: None,
        umas: None,
    };
}

/// How an answer compares with what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has the size that was asked for, as far as it shows.
    Fits,
    /// It has another, but there is no other request that it could belong to.
    Differs,
}

/// The requests of a flow that wait, oldest first.
#[derive(Default)]
pub(super) struct Pending {
    waiting: Vec<Request>,
}

impl Pending {
    /// Adds a request; the oldest gives way if there are too many. Of so many parameters
    /// a call passes some through memory.
    #[inline(always)]
    pub(super) fn push(
        &mut self,
        transaction: Option<u16>,
        unit: u8,
        ts_ns: i64,
        message: &Message<'_>,
        umas: Option<umas::Asked>,
    ) {
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.remove(0);
        }
        let function = message.function;
        let asked = AskedFields::NONE;
        self.waiting.push(Request { transaction, unit, function, ts_ns, asked });
        // Filled where it lies: a copy of many small fields would be read back before they
        // have left the core.
        let Some(Request { asked, .. }) = self.waiting.last_mut() else { return };
        asked.address = message.address;
        asked.quantity = message.quantity;
        asked.read_address = message.read_address;
        asked.read_quantity = message.read_quantity;
        asked.fifo_address = message.fifo_address;
        asked.subfunction = message.subfunction;
        asked.mei_type = message.mei_type;
        asked.umas = umas;
    }

    /// Forgets all: answers are missing.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The request that an answer belongs to, which then waits no more.
    /// `message` is the answer, parsed without knowing the request.
    pub(super) fn take(
        &mut self,
        transaction: Option<u16>,
        unit: u8,
        message: &Message<'_>,
        now_ns: i64,
    ) -> Option<(Request, Answer)> {
        let same = |request: &Request| {
            request.transaction == transaction
                && request.unit == unit
                && request.function == message.function
                && now_ns.saturating_sub(request.ts_ns) <= FORGET_NS
        };
        let fits = |request: &Request| same(request) && answers(request, message);
        if let Some(at) = self.waiting.iter().position(fits) {
            return Some((self.waiting.remove(at), Answer::Fits));
        }
        let at = self.waiting.iter().position(same)?;
        let only = self.waiting.iter().filter(|request| same(request)).count() == 1;
        only.then(|| (self.waiting.remove(at), Answer::Differs))
    }
}

/// Whether an answer has what was asked for, as far as it shows.
fn answers(request: &Request, message: &Message<'_>) -> bool {
    if message.exception.is_some() || message.fault.is_some() {
        return true;
    }
    match (message.function, message.values) {
        (_, Values::Bits(bits, _)) => request
            .asked
            .quantity
            .is_none_or(|n| usize::from(n.div_ceil(8)) == bits.len()),
        (function::READ_WRITE_MULTIPLE_REGISTERS, Values::Registers(bytes)) => {
            request.asked.read_quantity.is_none_or(|n| usize::from(n) == bytes.len() / 2)
        }
        (function::READ_FIFO_QUEUE, _) => true,
        (_, Values::Registers(bytes)) => {
            request.asked.quantity.is_none_or(|n| usize::from(n) == bytes.len() / 2)
        }
        (function::DIAGNOSTICS, _) => request.asked.subfunction == message.subfunction,
        (function::UMAS, _) => true,
        _ => message.address.is_none() || request.asked.address == message.address,
    }
}
