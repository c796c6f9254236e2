//! What a service does, in the words that all OT protocols share.
//!
//! The table is data: operation, what it is done to (first and last index of a record, or
//! type of a control block), and where that meaning is from. Operations are numbers of
//! the schema's `ot_op`.

use tagout_spec::record::typed::codes::ot_op as op;

use crate::pnio::code::{block, operation};

/// A line of the table.
struct Line {
    operation: u16,
    /// First and last index or control block.
    on: (u16, u16),
    op: u16,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and tested"))]
    source: &'static str,
}

const fn line(operation: u16, on: (u16, u16), op: u16, source: &'static str) -> Line {
    Line { operation, on, op, source }
}

const ANY: (u16, u16) = (0, 0xffff);
const IM: (u16, u16) = (0xaff0, 0xafff);
const IO_DATA: (u16, u16) = (0x8028, 0x8029);
const PRM_END: (u16, u16) = (block::PRM_END, block::PLUG_PRM_END);
const PRM_BEGIN: (u16, u16) = (block::PRM_BEGIN, block::PRM_BEGIN);

const SERVICES: &str = "IEC 61158-5-10: AR, Context and Record Data ASE";
const INDEX: &str = "IEC 61158-6-10, 5.2: coding of the field Index";
const CONTROL: &str = "IEC 61158-6-10, 5.2: coding of the field ControlCommand";

/// More specific lines first. An index of 0x0000 to 0x7fff is the maker's own.
const TABLE: [Line; 19] = [
    line(operation::CONNECT, ANY, op::SESSION_OPEN, SERVICES),
    line(operation::RELEASE, ANY, op::SESSION_CLOSE, SERVICES),
    line(operation::READ, IM, op::IDENTIFY, INDEX),
    line(operation::READ, IO_DATA, op::READ, INDEX),
    line(operation::READ, (0x800a, 0x8013), op::DIAGNOSTIC, INDEX),
    line(operation::READ, (0x8072, 0x8072), op::DIAGNOSTIC, INDEX),
    line(operation::READ, (0xc00a, 0xc013), op::DIAGNOSTIC, INDEX),
    line(operation::READ, (0xe00a, 0xe013), op::DIAGNOSTIC, INDEX),
    line(operation::READ, (0xf00a, 0xf013), op::DIAGNOSTIC, INDEX),
    line(operation::READ, (0xf80c, 0xf80c), op::DIAGNOSTIC, INDEX),
    line(operation::READ, (0xf830, 0xf830), op::DIAGNOSTIC, INDEX),
    line(operation::READ, ANY, op::CONFIG_READ, SERVICES),
    line(operation::READ_IMPLICIT, IM, op::IDENTIFY, INDEX),
    line(operation::READ_IMPLICIT, (0xf80c, 0xf80c), op::DIAGNOSTIC, INDEX),
    line(operation::READ_IMPLICIT, (0xf830, 0xf830), op::DIAGNOSTIC, INDEX),
    line(operation::READ_IMPLICIT, ANY, op::CONFIG_READ, SERVICES),
    line(operation::WRITE, ANY, op::CONFIG_WRITE, SERVICES),
    line(operation::CONTROL, PRM_END, op::CONFIG_WRITE, CONTROL),
    line(operation::CONTROL, PRM_BEGIN, op::CONFIG_WRITE, CONTROL),
];

/// The operation of a service on a record or by a control block.
pub(super) fn op(operation: u16, on: Option<u16>) -> Option<u16> {
    let fits = |line: &&Line| {
        line.operation == operation
            && match on {
                Some(on) => (line.on.0..=line.on.1).contains(&on),
                None => line.on == ANY,
            }
    };
    TABLE.iter().find(fits).map(|line| line.op)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_by_its_first() {
        for line in &TABLE {
            let on = if line.on == ANY { None } else { Some(line.on.0) };
            assert_eq!(op(line.operation, on), Some(line.op), "{}", line.source);
        }
        assert_eq!(op(operation::READ, Some(1)), Some(op::CONFIG_READ));
        assert_eq!(op(operation::CONTROL, Some(0x0112)), None);
        assert_eq!(op(6, None), None);
    }
}
