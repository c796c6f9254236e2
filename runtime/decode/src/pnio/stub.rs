//! Calls of PROFINET IO: read, paired, written as events.

use crate::dcerpc::{Datagram, Ndr, Stub, Uuid, Waiting, packet_type};
use crate::pnio::event::Event;
use crate::pnio::pdu::{self, Message};
use crate::protocol::{Context, EventSink};

/// Who understands the calls.
pub(super) struct PnioStub;

/// What an answer is given of its request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    pub(super) ar: Option<Uuid>,
    pub(super) session_key: Option<u16>,
    pub(super) control: Option<u16>,
    pub(super) record: Option<AskedRecord>,
}

/// Which record was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedRecord {
    pub(super) api: u32,
    pub(super) slot: u16,
    pub(super) subslot: u16,
    pub(super) index: u16,
}

impl Asked {
    fn of(message: &Message<'_>) -> Asked {
        Asked {
            ar: message.ar.uuid,
            session_key: message.ar.session_key,
            control: message.control,
            record: message.record.map(|record| AskedRecord {
                api: record.api,
                slot: record.slot,
                subslot: record.subslot,
                index: record.index,
            }),
        }
    }
}

impl Stub for PnioStub {
    type Asked = Asked;

    fn on_call(
        &mut self,
        cx: Context<'_>,
        pdu: &Datagram<'_>,
        waiting: Option<&Waiting<Asked>>,
        stub: &[u8],
        sink: &mut dyn EventSink,
    ) -> Asked {
        let is_request = pdu.kind == packet_type::REQUEST;
        let failed = matches!(pdu.kind, packet_type::FAULT | packet_type::REJECT);
        // A call that failed has a status of its own in place of arguments.
        let (message, rpc_status) = if failed {
            (Message::default(), Ndr::new(stub, pdu.little).u32())
        } else {
            (pdu::parse(is_request, pdu.little, stub), None)
        };
        let asked = Asked::of(&message);
        let event =
            Event { pdu, is_request, failed, message: &message, rpc_status, waiting };
        event.write(cx, sink);
        asked
    }
}
