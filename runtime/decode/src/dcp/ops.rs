//! What a frame does, in the words that all OT protocols share.
//!
//! The table is data: service, block, operation, and where that meaning is from.
//! Operations are numbers of the schema's `ot_op`.

use tagout_spec::record::typed::codes::ot_op as op;

use crate::dcp::pdu::{block, service};

/// A line of the table.
struct Line {
    service: u8,
    /// First and last block.
    blocks: (u16, u16),
    op: u16,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and tested"))]
    source: &'static str,
}

const fn line(service: u8, blocks: (u16, u16), op: u16, source: &'static str) -> Line {
    Line { service, blocks, op, source }
}

const ANY: (u16, u16) = (0, 0xffff);
const RESET: (u16, u16) = (block::RESET_FACTORY_SETTINGS, block::RESET_TO_FACTORY);
const SIGNAL: (u16, u16) = (block::SIGNAL, block::SIGNAL);

/// Sections are those of IEC 61158-5-10, which has the services, and of 6-10.
const TABLE: [Line; 7] = [
    line(service::GET, ANY, op::CONFIG_READ, "5-10, DCP ASE: Get"),
    line(service::SET, (0x0100, 0x03ff), op::CONFIG_WRITE, "6-10, 4.3: IP to DHCP"),
    line(service::SET, RESET, op::FACTORY_RESET, "6-10, 4.3: ControlOption"),
    line(service::SET, SIGNAL, op::IDENTIFY, "6-10, 4.3: a lamp shows which it is"),
    line(service::SET, (0x0600, 0x07ff), op::CONFIG_WRITE, "6-10, 4.3: initiative"),
    line(service::SET, (0x8000, 0xfeff), op::CONFIG_WRITE, "6-10, 4.3: of makers"),
    line(service::IDENTIFY, ANY, op::DISCOVER, "5-10, DCP ASE: Identify"),
];

/// The operation of a service on a block.
pub(super) fn op(service: u8, block: Option<u16>) -> Option<u16> {
    let block = block.unwrap_or(block::RESPONSE);
    let fits = |line: &&Line| {
        line.service == service && (line.blocks.0..=line.blocks.1).contains(&block)
    };
    TABLE.iter().find(fits).map(|line| line.op)
}

/// How much a block matters among those of a frame: the greatest names the frame.
pub(super) fn weight(code: u16) -> u8 {
    match code {
        block::RESET_FACTORY_SETTINGS | block::RESET_TO_FACTORY => 4,
        block::START_TRANSACTION | block::END_TRANSACTION | block::RESPONSE => 0,
        block::SIGNAL => 2,
        block::IP_PARAMETER | block::FULL_IP_SUITE | block::NAME_OF_STATION => 3,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_by_its_ends() {
        for line in &TABLE {
            for block in [line.blocks.0, line.blocks.1] {
                assert_eq!(
                    op(line.service, Some(block)),
                    Some(line.op),
                    "{}",
                    line.source
                );
            }
        }
        assert_eq!(op(service::SET, Some(block::END_TRANSACTION)), None);
        assert_eq!(op(service::HELLO, Some(block::NAME_OF_STATION)), None);
    }
}
