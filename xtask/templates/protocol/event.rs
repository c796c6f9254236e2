//! A message's fields onto a record of kind `NAME`.

use tagout_spec::record::typed::NAME::{KIND, Writer};
use tagout_spec::record::typed::codes::ot_phase;

use crate::NAME::ops;
use crate::NAME::pdu::Message;
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};

/// Writes an event.
pub(super) fn write(message: &Message<'_>, cx: Context<'_>, sink: &mut dyn EventSink) {
    let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
    envelope!(w, cx);
    w.function(message.function).request(message.request);
    w.data(message.data);
    w.malformed(message.fault.is_some());
    if let Some(fault) = message.fault {
        w.malformed_at(fault.at).malformed_why(fault.why);
    }
    some!(w, op, ops::op(message.function));
    w.phase(if message.request { ot_phase::REQUEST } else { ot_phase::ACCEPTED });
    w.commit();
}
