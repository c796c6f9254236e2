//! A TPDU's fields onto a record of kind `cotp`.

use tagout_spec::record::typed::codes::ot_target;
use tagout_spec::record::typed::cotp::{KIND, Writer};

use crate::iso::cotp::{Control, Fault, kind};
use crate::iso::{ops, tpkt, tsap};
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};

/// Most bytes kept of what makes no sense.
const RAW_KEPT: usize = 512;

/// Writes the event of a TPDU that carries no data; `asked_ns` is the time of the
/// connection request that it answers.
#[cold]
pub(super) fn control(
    control: &Control<'_>,
    asked_ns: Option<i64>,
    cx: Context<'_>,
    sink: &mut dyn EventSink,
) {
    let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
    envelope!(w, cx);
    w.r#type(control.kind);
    some!(w, source_reference, control.source);
    some!(w, destination_reference, control.destination);
    some!(w, class, control.class);
    some!(w, reason, control.reason);
    some!(w, cause, control.cause);
    some!(w, tpdu_size, control.tpdu_size);
    some!(w, calling_tsap, control.calling);
    some!(w, called_tsap, control.called);
    if let Some(place) = control.called.and_then(tsap::place) {
        w.connection(place.connection).rack(place.rack).slot(place.slot);
    }
    let is_error = matches!(control.kind, kind::DISCONNECT_REQUEST | kind::ERROR);
    if is_error {
        w.refused(asked_ns.is_some());
    }
    if is_error || control.kind == kind::CONNECTION_CONFIRM {
        w.paired(asked_ns.is_some());
        some!(w, latency, asked_ns.map(|asked_ns| cx.ts_ns().saturating_sub(asked_ns)));
    }
    if let Some((op, phase, outcome)) = ops::op(control.kind, asked_ns.is_some()) {
        w.op(op).phase(phase).target_kind(ot_target::DEVICE);
        some!(w, outcome, outcome);
    }
    w.malformed(control.fault.is_some());
    if let Some(Fault { at, why }) = control.fault {
        let header = u16::try_from(tpkt::HEADER).unwrap_or_default();
        w.malformed_at(at.saturating_add(header));
        w.malformed_why(why as u8);
    }
    w.commit();
}

/// Writes the event of bytes that are no packet, or of a message that is too long.
#[cold]
pub(super) fn fault(
    fault: Fault,
    bytes: &[u8],
    cx: Context<'_>,
    sink: &mut dyn EventSink,
) {
    let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
    envelope!(w, cx);
    w.malformed(true).malformed_at(fault.at).malformed_why(fault.why as u8);
    w.data(bytes.get(..RAW_KEPT).unwrap_or(bytes));
    w.commit();
}
