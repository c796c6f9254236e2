//! The DCP of a network: which frames are its, and which answer belongs to which
//! request.

use crate::dcp::ETHERTYPE;
use crate::dcp::event::Event;
use crate::dcp::pdu::{self, Message, block, frame_id, service};
use crate::dcp::pending::Pending;
use crate::protocol::{EventSink, FrameContext, FrameSession};

/// What is kept of a network's DCP.
#[derive(Default)]
pub(super) struct DcpSession {
    pending: Pending,
}

impl FrameSession for DcpSession {
    fn ethertypes(&self) -> &'static [u16] {
        &[ETHERTYPE]
    }

    fn on_frame(
        &mut self,
        cx: &FrameContext,
        payload: &[u8],
        sink: &mut dyn EventSink,
    ) -> bool {
        let id = payload.first_chunk().map(|id| u16::from_be_bytes(*id));
        if !id.is_some_and(|id| {
            (frame_id::HELLO..=frame_id::IDENTIFY_RESPONSE).contains(&id)
        }) {
            return false;
        }
        let message = pdu::parse(payload, cx.missing);
        let mut request = None;
        if let (Some(service), Some(xid)) = (message.service, message.xid) {
            if message.is_answer() {
                request = self.pending.take(cx, service, xid);
            } else if service != service::HELLO {
                self.pending.push(cx, service, xid, name(&message));
            }
        }
        Event { message: &message, request: request.as_ref() }.write(cx, sink);
        true
    }
}

fn name<'a>(message: &Message<'a>) -> Option<&'a [u8]> {
    let mut blocks = message.blocks.iter();
    blocks.find(|block| block.code == block::NAME_OF_STATION).map(|block| block.value)
}
