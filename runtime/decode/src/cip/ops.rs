//! What a message does, in the words that all OT protocols share.
//!
//! The table is data: class, service, operation, and where that meaning is from; then
//! the same for PCCC. More specific lines stand first. Carriers of other messages do
//! nothing themselves. Operations are numbers of the schema's `ot_op`.

use tagout_spec::record::typed::codes::ot_op as op;

use crate::cip::code::class;
use crate::cip::message::{Body, Message};

/// A line of the table.
struct Line {
    /// None: any.
    class: Option<u32>,
    service: u8,
    op: u16,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and tested"))]
    source: &'static str,
}

const fn of(class: u32, service: u8, op: u16, source: &'static str) -> Line {
    Line { class: Some(class), service, op, source }
}

const fn any(service: u8, op: u16, source: &'static str) -> Line {
    Line { class: None, service, op, source }
}

/// Described by users of the controllers (AdvancedHMI, "Class Codes for ControlLogix",
/// 2016) and seen in public captures of their tools; the maker publishes none of it.
const OBSERVED: &str = "observed; AdvancedHMI, Class Codes for ControlLogix";

/// Services of parts of a program: what they do is the standard's, that the classes
/// hold the program is of PM020 and of captures of the maker's tools.
const PROGRAM: &str = "V1, A-4: creates or deletes an instance; PM020";

const TABLE: &[Line] = &[
    of(class::IDENTITY, 0x01, op::IDENTIFY, "V1, 5-2"),
    of(class::IDENTITY, 0x03, op::IDENTIFY, "V1, 5-2"),
    of(class::IDENTITY, 0x0e, op::IDENTIFY, "V1, 5-2"),
    of(class::IDENTITY, 0x05, op::RESET_WARM, "V1, 5-2.3: power cycle, if no type"),
    of(0x02, 0x01, op::BROWSE, "V1, 5-3: the objects that there are"),
    of(0x02, 0x0e, op::BROWSE, "V1, 5-3"),
    of(0x04, 0x0e, op::READ, "V1, 5-5: assemblies hold process values"),
    of(0x04, 0x10, op::WRITE, "V1, 5-5"),
    of(0x04, 0x18, op::READ, "V1, 5-5"),
    of(0x04, 0x19, op::WRITE, "V1, 5-5"),
    of(0x06, 0x4e, op::SESSION_CLOSE, "V1, 3-5.5: Forward Close"),
    of(0x06, 0x54, op::SESSION_OPEN, "V1, 3-5.5: Forward Open"),
    of(0x06, 0x5b, op::SESSION_OPEN, "V1, 3-5.5: Large Forward Open"),
    of(0x06, 0x56, op::DIAGNOSTIC, "V1, 3-5.5: Get Connection Data"),
    of(0x06, 0x57, op::DIAGNOSTIC, "V1, 3-5.5: Search Connection Data"),
    of(0x06, 0x5a, op::DIAGNOSTIC, "V1, 3-5.5: Get Connection Owner"),
    of(0x08, 0x0e, op::READ, "V1, 5: discrete input point"),
    of(0x09, 0x10, op::WRITE, "V1, 5: discrete output point"),
    of(0x0a, 0x0e, op::READ, "V1, 5: analog input point"),
    of(0x0b, 0x10, op::WRITE, "V1, 5: analog output point"),
    of(0x37, 0x4b, op::FILE_READ, "V1, 5-42: Initiate Upload"),
    of(0x37, 0x4c, op::FILE_WRITE, "V1, 5-42: Initiate Download"),
    of(0x37, 0x4d, op::FILE_READ, "V1, 5-42: Initiate Partial Read"),
    of(0x37, 0x4e, op::FILE_WRITE, "V1, 5-42: Initiate Partial Write"),
    of(0x37, 0x4f, op::FILE_READ, "V1, 5-42: Upload Transfer"),
    of(0x37, 0x50, op::FILE_WRITE, "V1, 5-42: Download Transfer"),
    of(0x37, 0x51, op::FILE_DELETE, "V1, 5-42: Clear File"),
    of(0x39, 0x05, op::RESET_WARM, "V5: Safety Supervisor, Reset"),
    of(0x39, 0x4f, op::CONFIG_WRITE, "V5: Configure Request"),
    of(0x39, 0x51, op::PASSWORD_SET, "V5: Set Password"),
    of(0x39, 0x52, op::CONFIG_WRITE, "V5: Configuration (Un)Lock"),
    of(0x39, 0x53, op::MODE_CHANGE, "V5: Mode Change"),
    of(0x39, 0x54, op::RESET_WARM, "V5: Safety Reset"),
    of(0x39, 0x55, op::PASSWORD_SET, "V5: Reset Password"),
    of(0x43, 0x10, op::TIME_SET, "V1, 5-47: Time Sync"),
    of(0x44, 0x4b, op::READ, "V7: Modbus object, discrete inputs"),
    of(0x44, 0x4c, op::READ, "V7: coils"),
    of(0x44, 0x4d, op::READ, "V7: input registers"),
    of(0x44, 0x4e, op::READ, "V7: holding registers"),
    of(0x44, 0x4f, op::WRITE, "V7: coils"),
    of(0x44, 0x50, op::WRITE, "V7: holding registers"),
    of(0x64, 0x07, op::STOP, "public analyses of a command that stops ControlLogix"),
    of(0x68, 0x08, op::PROGRAM_DOWNLOAD, PROGRAM),
    of(0x68, 0x09, op::BLOCK_DELETE, PROGRAM),
    of(0x68, 0x4d, op::FORCE, OBSERVED),
    of(0x68, 0x4e, op::UNFORCE, OBSERVED),
    of(0x69, 0x4d, op::FORCE, OBSERVED),
    of(0x69, 0x4e, op::UNFORCE, OBSERVED),
    of(class::SYMBOL, 0x03, op::BROWSE, "PM020, 2: attributes of a tag"),
    of(class::SYMBOL, 0x08, op::PROGRAM_DOWNLOAD, PROGRAM),
    of(class::SYMBOL, 0x09, op::BLOCK_DELETE, PROGRAM),
    of(class::SYMBOL, 0x4c, op::READ, "PM020, 1: Read Tag"),
    of(class::SYMBOL, 0x4d, op::WRITE, "PM020, 1: Write Tag"),
    of(class::SYMBOL, 0x4e, op::WRITE, "PM020, 1: Read-Modify-Write Tag"),
    of(class::SYMBOL, 0x52, op::READ, "PM020, 1: Read Tag Fragmented"),
    of(class::SYMBOL, 0x53, op::WRITE, "PM020, 1: Write Tag Fragmented"),
    of(class::SYMBOL, 0x55, op::BROWSE, "PM020, 2: Get Instance Attribute List"),
    of(0x6c, 0x03, op::BROWSE, "PM020, 2: attributes of a template"),
    of(0x6c, 0x4c, op::BROWSE, "PM020, 2: Read Template"),
    of(0x8b, 0x04, op::TIME_SET, "1756-RM003: WALLCLOCKTIME"),
    of(0x8b, 0x10, op::TIME_SET, "1756-RM003: WALLCLOCKTIME"),
    of(0x8e, 0x06, op::START, OBSERVED),
    of(0x8e, 0x07, op::STOP, OBSERVED),
    any(0x01, op::CONFIG_READ, "V1, A-4: Get Attributes All"),
    any(0x02, op::CONFIG_WRITE, "V1, A-4: Set Attributes All"),
    any(0x03, op::CONFIG_READ, "V1, A-4: Get Attribute List"),
    any(0x04, op::CONFIG_WRITE, "V1, A-4: Set Attribute List"),
    any(0x0d, op::CONFIG_WRITE, "V1, A-4: Apply Attributes"),
    any(0x0e, op::CONFIG_READ, "V1, A-4: Get Attribute Single"),
    any(0x10, op::CONFIG_WRITE, "V1, A-4: Set Attribute Single"),
    any(0x11, op::BROWSE, "V1, A-4: Find Next Object Instance"),
    any(0x15, op::CONFIG_WRITE, "V1, A-4: Restore"),
    any(0x16, op::CONFIG_WRITE, "V1, A-4: Save"),
    any(0x18, op::CONFIG_READ, "V1, A-4: Get Member"),
    any(0x19, op::CONFIG_WRITE, "V1, A-4: Set Member"),
    any(0x1a, op::CONFIG_WRITE, "V1, A-4: Insert Member"),
    any(0x1b, op::CONFIG_WRITE, "V1, A-4: Remove Member"),
];

/// A line of PCCC's table: command, function, operation, section of the DF1 manual.
struct PcccLine(
    u8,
    Option<u8>,
    u16,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and tested"))]
    &'static str,
);

const PCCC: &[PcccLine] = &[
    PcccLine(0x00, None, op::WRITE, "7: protected write"),
    PcccLine(0x01, None, op::READ, "7: unprotected read"),
    PcccLine(0x02, None, op::WRITE, "7: protected bit write"),
    PcccLine(0x05, None, op::WRITE, "7: unprotected bit write"),
    PcccLine(0x06, Some(0x02), op::CONFIG_WRITE, "7: set variables"),
    PcccLine(0x06, Some(0x03), op::IDENTIFY, "7: diagnostic status"),
    PcccLine(0x06, Some(0x04), op::CONFIG_WRITE, "7: set timeout"),
    PcccLine(0x06, Some(0x05), op::CONFIG_WRITE, "7: set NAKs"),
    PcccLine(0x06, Some(0x06), op::CONFIG_WRITE, "7: set ENQs"),
    PcccLine(0x06, Some(0x08), op::CONFIG_WRITE, "7: set data table size"),
    PcccLine(0x06, Some(0x0a), op::CONFIG_WRITE, "7: set link parameters"),
    PcccLine(0x06, None, op::DIAGNOSTIC, "7: echo, counters, link parameters"),
    PcccLine(0x07, Some(0x00), op::MODE_CHANGE, "7: disable outputs"),
    PcccLine(0x07, Some(0x01), op::MODE_CHANGE, "7: enable outputs"),
    PcccLine(0x07, Some(0x03), op::MODE_CHANGE, "7: enable scanning"),
    PcccLine(0x07, Some(0x04), op::PROGRAM_DOWNLOAD, "7: enter download mode"),
    PcccLine(0x07, Some(0x05), op::PROGRAM_DOWNLOAD, "7: exit download/upload mode"),
    PcccLine(0x07, Some(0x06), op::PROGRAM_UPLOAD, "7: enter upload mode"),
    PcccLine(0x08, None, op::WRITE, "7: unprotected write"),
    PcccLine(0x0f, Some(0x00), op::WRITE, "7: word range write"),
    PcccLine(0x0f, Some(0x01), op::READ, "7: word range read"),
    PcccLine(0x0f, Some(0x02), op::WRITE, "7: bit write"),
    PcccLine(0x0f, Some(0x03), op::FILE_WRITE, "7: file write"),
    PcccLine(0x0f, Some(0x04), op::FILE_READ, "7: file read"),
    PcccLine(0x0f, Some(0x05), op::PROGRAM_DOWNLOAD, "7: download request"),
    PcccLine(0x0f, Some(0x06), op::PROGRAM_UPLOAD, "7: upload"),
    PcccLine(0x0f, Some(0x07), op::STOP, "7: shutdown"),
    PcccLine(0x0f, Some(0x08), op::WRITE, "7: physical write"),
    PcccLine(0x0f, Some(0x09), op::READ, "7: physical read"),
    PcccLine(0x0f, Some(0x0a), op::RESET_WARM, "7: restart request"),
    PcccLine(0x0f, Some(0x11), op::ONLINE_EDIT, "7: get edit resource"),
    PcccLine(0x0f, Some(0x12), op::ONLINE_EDIT, "7: return edit resource"),
    PcccLine(0x0f, Some(0x17), op::READ, "7: read bytes physical"),
    PcccLine(0x0f, Some(0x18), op::WRITE, "7: write bytes physical"),
    PcccLine(0x0f, Some(0x26), op::WRITE, "7: read-modify-write"),
    PcccLine(0x0f, Some(0x29), op::BROWSE, "7: read section size"),
    PcccLine(0x0f, Some(0x3a), op::MODE_CHANGE, "7: set CPU mode"),
    PcccLine(0x0f, Some(0x41), op::UNFORCE, "7: disable forces"),
    PcccLine(0x0f, Some(0x50), op::PROGRAM_DOWNLOAD, "7: download all request"),
    PcccLine(0x0f, Some(0x52), op::PROGRAM_DOWNLOAD, "7: download completed"),
    PcccLine(0x0f, Some(0x53), op::PROGRAM_UPLOAD, "7: upload all request"),
    PcccLine(0x0f, Some(0x55), op::PROGRAM_UPLOAD, "7: upload completed"),
    PcccLine(0x0f, Some(0x57), op::MEMORY_CLEAR, "7: initialize memory"),
    PcccLine(0x0f, Some(0x5e), op::CONFIG_WRITE, "7: modify PLC-2 compatibility file"),
    PcccLine(0x0f, Some(0x67), op::WRITE, "7: typed write"),
    PcccLine(0x0f, Some(0x68), op::READ, "7: typed read"),
    PcccLine(0x0f, Some(0x79), op::WRITE, "7: read-modify-write N"),
    PcccLine(0x0f, Some(0x80), op::MODE_CHANGE, "7: change mode"),
    PcccLine(0x0f, Some(0x8f), op::CONFIG_WRITE, "7: apply port configuration"),
    PcccLine(0x0f, Some(0xa1), op::READ, "7: protected typed logical read, 2 fields"),
    PcccLine(0x0f, Some(0xa2), op::READ, "7: protected typed logical read, 3 fields"),
    PcccLine(0x0f, Some(0xa7), op::FILE_READ, "7: protected typed file read"),
    PcccLine(0x0f, Some(0xa9), op::WRITE, "7: protected typed logical write, 2 fields"),
    PcccLine(0x0f, Some(0xaa), op::WRITE, "7: protected typed logical write, 3 fields"),
    PcccLine(0x0f, Some(0xab), op::WRITE, "7: the same, with mask"),
    PcccLine(0x0f, Some(0xaf), op::FILE_WRITE, "7: protected typed file write"),
];

/// Modes of change mode that run the program, or end that.
const MODE_PROGRAM: u8 = 1;
const MODE_RUN: u8 = 6;

/// What a request does; a reply does what its request does.
pub(super) fn op(request: &Message<'_>) -> Option<u16> {
    match &request.body {
        Body::Pccc(pccc) => {
            return match (pccc.operation(), pccc.mode) {
                (Some(0x0f80), Some(MODE_PROGRAM)) => Some(op::STOP),
                (Some(0x0f80), Some(MODE_RUN)) => Some(op::START),
                _ => pccc_op(pccc.command?, pccc.function),
            };
        }
        Body::Reset(Some(1 | 2)) => return Some(op::FACTORY_RESET),
        Body::Multiple(_) | Body::Unconnected(_) => return None,
        _ => {}
    }
    // The class that the operation is within: of a tag, Symbol.
    let class = request.operation? >> 8;
    let fits = |line: &&Line| {
        line.service == request.service && line.class.is_none_or(|of| of == class)
    };
    TABLE.iter().find(fits).map(|line| line.op)
}

fn pccc_op(command: u8, function: Option<u8>) -> Option<u16> {
    let command = command & 0x0f;
    let fits =
        |line: &&PcccLine| line.0 == command && (line.1.is_none() || line.1 == function);
    PCCC.iter().find(fits).map(|line| line.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cip::code::operation;

    /// No line hides one that stands behind it.
    #[test]
    fn every_line_is_reached() {
        for line in TABLE {
            let class = line.class.unwrap_or(0x300);
            let message = Message {
                service: line.service,
                operation: Some(operation(class, line.service)),
                ..Message::default()
            };
            assert_eq!(op(&message), Some(line.op), "{}", line.source);
        }
        for PcccLine(command, function, expected, source) in PCCC {
            let found = pccc_op(*command, function.or(Some(0xfe)));
            assert_eq!(found, Some(*expected), "{source}");
        }
        assert_eq!(pccc_op(0x0f, Some(0xfe)), None);
    }
}
