//! What a message does, in the words that all OT protocols share.
//!
//! The table is data: function, the object that decides where a function alone does
//! not, operation, and where that meaning is from. Operations are numbers of the
//! schema's `ot_op`. What a transfer of a file does follows from the mode in which the
//! file was opened, which only the session knows.

use tagout_spec::record::typed::codes::dnp3_file_mode as mode;
use tagout_spec::record::typed::codes::dnp3_function as function;
use tagout_spec::record::typed::codes::dnp3_group as group;
use tagout_spec::record::typed::codes::ot_op as op;

/// A line of the table.
struct Line {
    function: u8,
    /// Group and variation of the deciding object; none: any.
    group: Option<u8>,
    variation: Option<u8>,
    op: u16,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and tested"))]
    source: &'static str,
}

const fn line(function: u8, op: u16, source: &'static str) -> Line {
    Line { function, group: None, variation: None, op, source }
}

const fn of(function: u8, group: u8, op: u16, source: &'static str) -> Line {
    Line { function, group: Some(group), variation: None, op, source }
}

const fn auth(function: u8, variation: u8, op: u16, source: &'static str) -> Line {
    let (group, variation) = (Some(group::AUTHENTICATION), Some(variation));
    Line { function, group, variation, op, source }
}

/// More specific lines first. Clauses are those of IEEE Std 1815-2012.
#[rustfmt::skip]
const TABLE: &[Line] = &[
    Line { function: function::READ, group: Some(group::CLASS_DATA), variation: Some(1), op: op::INTERROGATE, source: "Annex A, group 60: class 0 is all static data" },
    of(function::READ, group::DEVICE_ATTRIBUTES, op::IDENTIFY, "Annex A, group 0"),
    of(function::READ, group::DEVICE_PROFILE, op::IDENTIFY, "Annex A, group 82"),
    of(function::READ, group::FILE_CONTROL, op::FILE_READ, "Annex A, group 70: a block is read"),
    line(function::READ, op::READ, "4.4"),
    of(function::WRITE, group::TIME_AND_DATE, op::TIME_SET, "Annex A, group 50"),
    of(function::WRITE, group::FILE_CONTROL, op::FILE_WRITE, "Annex A, group 70: a block is written"),
    of(function::WRITE, group::DEVICE_ATTRIBUTES, op::CONFIG_WRITE, "Annex A, group 0"),
    of(function::WRITE, group::ANALOG_INPUT_DEADBAND, op::CONFIG_WRITE, "Annex A, group 34"),
    of(function::WRITE, group::INTERNAL_INDICATIONS, op::CONFIG_WRITE, "Annex A, group 80: the restart indication is cleared"),
    of(function::WRITE, group::DATA_SET_PROTOTYPE, op::CONFIG_WRITE, "Annex A, group 85"),
    of(function::WRITE, group::DATA_SET_DESCRIPTOR, op::CONFIG_WRITE, "Annex A, group 86"),
    line(function::WRITE, op::WRITE, "4.4"),
    line(function::SELECT, op::SELECT, "4.4"),
    line(function::OPERATE, op::OPERATE, "4.4"),
    line(function::DIRECT_OPERATE, op::DIRECT_OPERATE, "4.4"),
    line(function::DIRECT_OPERATE_NR, op::DIRECT_OPERATE, "4.4"),
    line(function::IMMED_FREEZE, op::WRITE, "4.4: copies counters to frozen counters"),
    line(function::IMMED_FREEZE_NR, op::WRITE, "4.4"),
    line(function::FREEZE_CLEAR, op::WRITE, "4.4: and sets them to 0"),
    line(function::FREEZE_CLEAR_NR, op::WRITE, "4.4"),
    line(function::FREEZE_AT_TIME, op::WRITE, "4.4"),
    line(function::FREEZE_AT_TIME_NR, op::WRITE, "4.4"),
    line(function::COLD_RESTART, op::RESET_COLD, "4.4"),
    line(function::WARM_RESTART, op::RESET_WARM, "4.4"),
    line(function::INITIALIZE_DATA, op::MEMORY_CLEAR, "4.4; obsolete"),
    line(function::INITIALIZE_APPL, op::MODE_CHANGE, "4.4: makes an application ready to start"),
    line(function::START_APPL, op::START, "4.4"),
    line(function::STOP_APPL, op::STOP, "4.4"),
    line(function::SAVE_CONFIG, op::CONFIG_WRITE, "4.4; deprecated"),
    line(function::ENABLE_UNSOLICITED, op::COMMS_ENABLE, "4.4"),
    line(function::DISABLE_UNSOLICITED, op::COMMS_DISABLE, "4.4"),
    line(function::ASSIGN_CLASS, op::CONFIG_WRITE, "4.4"),
    line(function::DELAY_MEASURE, op::DIAGNOSTIC, "4.4"),
    line(function::RECORD_CURRENT_TIME, op::TIME_SET, "4.4: first half of setting the time over a LAN"),
    line(function::DELETE_FILE, op::FILE_DELETE, "4.4"),
    line(function::GET_FILE_INFO, op::BROWSE, "4.4"),
    line(function::AUTHENTICATE_FILE, op::LOGIN, "4.4: asks for the key of a file command"),
    line(function::ACTIVATE_CONFIG, op::CONFIG_WRITE, "4.4"),
    auth(function::AUTHENTICATE_REQ, 7, op::LOGIN_FAIL, "A.45.7"),
    auth(function::AUTHENTICATE_REQ, 10, op::CONFIG_WRITE, "A.45.10: a user's status changes"),
    auth(function::AUTHENTICATE_REQ, 11, op::PASSWORD_SET, "A.45.11: an update key changes"),
    auth(function::AUTHENTICATE_REQ, 13, op::PASSWORD_SET, "A.45.13"),
    line(function::AUTHENTICATE_REQ, op::LOGIN, "7"),
    line(function::AUTH_REQ_NO_ACK, op::LOGIN_FAIL, "7: reports an error"),
];

/// The operation of a request; `object` is group and variation of the object that
/// decides: class 0 if it is read among others, else the first.
pub(super) fn op(code: u8, object: Option<(u8, u8)>) -> Option<u16> {
    let (group, variation) = object.unzip();
    let fits = |line: &&Line| {
        line.function == code
            && (line.group.is_none() || line.group == group)
            && (line.variation.is_none() || line.variation == variation)
    };
    TABLE.iter().find(fits).map(|line| line.op)
}

/// The operation of a transfer, by the mode in which its file was opened.
pub(super) fn transfer(file_mode: u16) -> Option<u16> {
    match file_mode {
        mode::READ => Some(op::FILE_READ),
        mode::WRITE | mode::APPEND => Some(op::FILE_WRITE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_can_be_reached() {
        for line in TABLE {
            let object = line.group.map(|group| (group, line.variation.unwrap_or(1)));
            assert_eq!(op(line.function, object), Some(line.op), "{}", line.source);
        }
    }

    #[test]
    fn every_function_of_a_master_has_a_meaning_but_those_of_transfers() {
        let without: Vec<u8> =
            (1..=33).filter(|code| op(*code, None).is_none()).collect();
        let transfers = [function::OPEN_FILE, function::CLOSE_FILE, function::ABORT_FILE];
        assert_eq!(without, transfers);
        assert_eq!(op(function::CONFIRM, None), None);
    }
}
