//! What a TPDU does, in the words that all OT protocols share (ITU-T X.224, 6.5 to
//! 6.7, 6.22). A data TPDU does what it carries.

use tagout_spec::record::typed::codes::{ot_op as op, ot_outcome, ot_phase};

use crate::iso::cotp::kind;

/// Operation, phase and outcome of a TPDU; `answers` is whether it answers a
/// connection request.
pub(super) fn op(code: u8, answers: bool) -> Option<(u16, u8, Option<u8>)> {
    match (code, answers) {
        (kind::CONNECTION_REQUEST, _) => {
            Some((op::SESSION_OPEN, ot_phase::REQUEST, None))
        }
        (kind::CONNECTION_CONFIRM, _) => {
            Some((op::SESSION_OPEN, ot_phase::ACCEPTED, Some(ot_outcome::OK)))
        }
        (kind::DISCONNECT_REQUEST | kind::ERROR, true) => {
            Some((op::SESSION_OPEN, ot_phase::REJECTED, Some(ot_outcome::REJECTED)))
        }
        (kind::DISCONNECT_REQUEST, false) => {
            Some((op::SESSION_CLOSE, ot_phase::REQUEST, None))
        }
        (kind::DISCONNECT_CONFIRM, _) => {
            Some((op::SESSION_CLOSE, ot_phase::COMPLETED, Some(ot_outcome::OK)))
        }
        _ => None,
    }
}
