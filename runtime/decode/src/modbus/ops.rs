//! What a message does, in the words that all OT protocols share.
//!
//! The table is data: function, sub-function (of diagnostics, of the encapsulated
//! interface), operation, and where that meaning is from. Operations are numbers of
//! the schema's `ot_op`. What function 90 carries has a table of its own, in `umas`.

use tagout_spec::record::typed::codes::ot_op as op;

use crate::modbus::code::function;

/// A line of the table.
struct Line {
    function: u8,
    /// None: any.
    sub: Option<u16>,
    op: u16,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and tested"))]
    source: &'static str,
}

const fn line(function: u8, sub: Option<u16>, op: u16, source: &'static str) -> Line {
    Line { function, sub, op, source }
}

/// More specific lines first.
const TABLE: [Line; 22] = [
    line(0x01, None, op::READ, "V1.1b3, 6.1"),
    line(0x02, None, op::READ, "V1.1b3, 6.2"),
    line(0x03, None, op::READ, "V1.1b3, 6.3"),
    line(0x04, None, op::READ, "V1.1b3, 6.4"),
    line(0x05, None, op::WRITE, "V1.1b3, 6.5"),
    line(0x06, None, op::WRITE, "V1.1b3, 6.6"),
    line(0x07, None, op::DIAGNOSTIC, "V1.1b3, 6.7"),
    line(0x08, Some(1), op::RESET_WARM, "V1.1b3, 6.8.1: restart communications"),
    line(0x08, Some(3), op::CONFIG_WRITE, "V1.1b3, 6.8.1: change ASCII delimiter"),
    line(0x08, Some(4), op::COMMS_DISABLE, "V1.1b3, 6.8.1: force listen only mode"),
    line(0x08, None, op::DIAGNOSTIC, "V1.1b3, 6.8"),
    line(0x0b, None, op::DIAGNOSTIC, "V1.1b3, 6.9"),
    line(0x0c, None, op::DIAGNOSTIC, "V1.1b3, 6.10"),
    line(0x0f, None, op::WRITE, "V1.1b3, 6.11"),
    line(0x10, None, op::WRITE, "V1.1b3, 6.12"),
    line(0x11, None, op::IDENTIFY, "V1.1b3, 6.13"),
    line(0x14, None, op::FILE_READ, "V1.1b3, 6.14"),
    line(0x15, None, op::FILE_WRITE, "V1.1b3, 6.15"),
    line(0x16, None, op::WRITE, "V1.1b3, 6.16"),
    line(0x17, None, op::WRITE, "V1.1b3, 6.17: writes, then reads"),
    line(0x18, None, op::READ, "V1.1b3, 6.18"),
    line(0x2b, Some(14), op::IDENTIFY, "V1.1b3, 6.21"),
];

/// The operation of a function; `sub` gives its sub-function where it has one.
pub(super) fn op(code: u8, sub: impl FnOnce() -> Option<u16>) -> Option<u16> {
    // The four that make up nearly all traffic need no search.
    match code {
        function::READ_COILS..=function::READ_INPUT_REGISTERS => return Some(op::READ),
        function::WRITE_SINGLE_COIL
        | function::WRITE_SINGLE_REGISTER
        | function::WRITE_MULTIPLE_COILS
        | function::WRITE_MULTIPLE_REGISTERS => return Some(op::WRITE),
        _ => {}
    }
    let sub = sub();
    let fits =
        |line: &&Line| line.function == code && (line.sub.is_none() || line.sub == sub);
    TABLE.iter().find(fits).map(|line| line.op)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_cut_agrees_with_the_table() {
        for line in &TABLE {
            assert_eq!(op(line.function, || line.sub), Some(line.op), "{}", line.source);
        }
        assert_eq!(op(0x2b, || Some(13)), None);
        assert_eq!(op(0x08, || Some(99)), Some(op::DIAGNOSTIC));
        assert_eq!(op(0x41, || None), None);
    }
}
