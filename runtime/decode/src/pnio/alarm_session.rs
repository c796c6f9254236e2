//! Alarms of a network: frames that stand for themselves, since an acknowledgement
//! repeats which alarm it is about.

use crate::dcp::ETHERTYPE;
use crate::pnio::alarm::{self, frame_id};
use crate::protocol::{EventSink, FrameContext, FrameSession};

/// Takes the alarm frames of a network.
pub(super) struct AlarmSession;

impl FrameSession for AlarmSession {
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
        if !matches!(id, Some(frame_id::ALARM_HIGH | frame_id::ALARM_LOW)) {
            return false;
        }
        alarm::parse(payload, cx.missing).write(cx, sink);
        true
    }
}
