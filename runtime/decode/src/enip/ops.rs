//! What a command does, in the words that all OT protocols share. Data commands do
//! nothing themselves: what they carry is an event of its own.

use tagout_spec::record::typed::codes::ot_op as op;

use crate::enip::encap::command;

/// Command, operation, section of Volume 2.
const TABLE: &[(u16, u16, &str)] = &[
    (command::LIST_SERVICES, op::DISCOVER, "2-4.6: who is there, and what it offers"),
    (command::LIST_IDENTITY, op::DISCOVER, "2-4.2: who is there"),
    (command::LIST_INTERFACES, op::DISCOVER, "2-4.3"),
    (command::REGISTER_SESSION, op::SESSION_OPEN, "2-4.4"),
    (command::UNREGISTER_SESSION, op::SESSION_CLOSE, "2-4.5"),
    (command::START_DTLS, op::SESSION_OPEN, "Volume 8: StartDTLS"),
];

/// The operation of a command.
pub(super) fn op(command: u16) -> Option<u16> {
    TABLE.iter().find(|line| line.0 == command).map(|line| line.1)
}
