//! What a message does, in the words that all OT protocols share: data, with the
//! section that each meaning is from.

use tagout_spec::record::typed::codes::{NAME_function, ot_op};

/// Function, operation, and where that meaning is from.
const TABLE: [(u8, u16, &str); 2] = [
    (NAME_function::READ, ot_op::READ, "section"),
    (NAME_function::WRITE, ot_op::WRITE, "section"),
];

/// The operation of a function.
pub(super) fn op(function: u8) -> Option<u16> {
    TABLE.iter().find(|(code, _, _)| *code == function).map(|(_, op, _)| *op)
}
