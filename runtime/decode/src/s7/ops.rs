//! What a message does, in the words that all OT protocols share.
//!
//! The tables are data: code, operation, and who says so. Operations are numbers of
//! the schema's `ot_op`. What is a matter of the protocol alone (compressing memory,
//! subscribing to messages) has none.

use tagout_spec::record::typed::codes::{
    ot_op as op, s7_function as function, s7_service as service,
};

/// A line of a table.
struct Line<C> {
    code: C,
    op: u16,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and tested"))]
    source: &'static str,
}

const fn line<C>(code: C, op: u16, source: &'static str) -> Line<C> {
    Line { code, op, source }
}

const SNAP7: &str = "Snap7 1.4.2, client functions";
const ICSNPP: &str = "ICSNPP s7comm, names of functions";
const CAPTURES: &str = "captures of STEP 7, as tshark names the function";
const SINUMERIK: &str = "SINUMERIK 840D NC PI services, Siemens list manual";

const FUNCTIONS: [Line<u8>; 10] = [
    line(function::SETUP_COMMUNICATION, op::SESSION_OPEN, SNAP7),
    line(function::READ_VAR, op::READ, SNAP7),
    line(function::WRITE_VAR, op::WRITE, SNAP7),
    line(function::REQUEST_DOWNLOAD, op::PROGRAM_DOWNLOAD, SNAP7),
    line(function::DOWNLOAD_BLOCK, op::PROGRAM_DOWNLOAD, SNAP7),
    line(function::DOWNLOAD_ENDED, op::PROGRAM_DOWNLOAD, SNAP7),
    line(function::START_UPLOAD, op::PROGRAM_UPLOAD, SNAP7),
    line(function::UPLOAD, op::PROGRAM_UPLOAD, SNAP7),
    line(function::END_UPLOAD, op::PROGRAM_UPLOAD, SNAP7),
    line(function::PLC_STOP, op::STOP, SNAP7),
];

/// Services of function 28. `P_PROGRAM` with the argument "C " is told apart below.
const PI_SERVICES: [Line<&[u8]>; 7] = [
    line(b"P_PROGRAM", op::START, SNAP7),
    line(b"_INSE", op::PROGRAM_DOWNLOAD, SNAP7),
    line(b"_DELE", op::BLOCK_DELETE, SNAP7),
    line(b"_MODU", op::CONFIG_WRITE, SNAP7),
    line(b"_N_LOGIN_", op::LOGIN, SINUMERIK),
    line(b"_N_LOGOUT", op::SESSION_CLOSE, SINUMERIK),
    line(b"_N_F_DELE", op::FILE_DELETE, SINUMERIK),
];

const SERVICES: [Line<u16>; 31] = [
    line(service::VARIABLE_STATUS, op::READ, CAPTURES),
    line(service::BLOCK_STATUS, op::DIAGNOSTIC, CAPTURES),
    line(service::BLOCK_STATUS_2, op::DIAGNOSTIC, CAPTURES),
    line(service::MODIFY_VARIABLE, op::WRITE, CAPTURES),
    line(service::FORCE, op::FORCE, CAPTURES),
    line(service::EXIT_HOLD, op::START, CAPTURES),
    line(service::MEMORY_RESET, op::MEMORY_CLEAR, CAPTURES),
    line(service::FLASH_LED, op::IDENTIFY, CAPTURES),
    line(service::CYCLIC_TRANSFER, op::READ, CAPTURES),
    line(service::CHANGE_DRIVEN, op::READ, CAPTURES),
    line(service::CHANGE_DRIVEN_MODIFY, op::READ, CAPTURES),
    line(service::READ_RECORD, op::CONFIG_READ, CAPTURES),
    line(service::LIST_BLOCKS, op::BROWSE, SNAP7),
    line(service::LIST_BLOCKS_OF_TYPE, op::BROWSE, SNAP7),
    line(service::BLOCK_INFO, op::BROWSE, SNAP7),
    line(service::READ_SZL, op::DIAGNOSTIC, SNAP7),
    line(service::ALARM_LOCK, op::ALARM_SUPPRESS, CAPTURES),
    line(service::ALARM_ACK, op::ALARM_ACK, CAPTURES),
    line(service::ALARM_QUERY, op::INTERROGATE, CAPTURES),
    line(service::SET_PASSWORD, op::LOGIN, SNAP7),
    line(service::CLEAR_PASSWORD, op::SESSION_CLOSE, SNAP7),
    line(service::BSEND, op::WRITE, CAPTURES),
    line(service::READ_CLOCK, op::READ, SNAP7),
    line(service::READ_CLOCK_FOLLOWING, op::READ, ICSNPP),
    line(service::SET_CLOCK, op::TIME_SET, SNAP7),
    line(service::SET_CLOCK_FOLLOWING, op::TIME_SET, ICSNPP),
    line(service::NC_REQUEST_DOWNLOAD, op::FILE_WRITE, ICSNPP),
    line(service::NC_DOWNLOAD_BLOCK, op::FILE_WRITE, ICSNPP),
    line(service::NC_DOWNLOAD_ENDED, op::FILE_WRITE, ICSNPP),
    line(service::NC_START_UPLOAD, op::FILE_READ, ICSNPP),
    line(service::NC_UPLOAD, op::FILE_READ, ICSNPP),
];

/// Partial lists that say what a device is: module and component identification
/// (A5E00709327, chapter on system status lists).
const IDENTIFICATION: [u16; 2] = [0x11, 0x1c];
/// The part of an identifier that names the list.
const PARTIAL_LIST: u16 = 0xff;

/// The operation of a job.
pub(super) fn job(code: u8) -> Option<u16> {
    match code {
        function::READ_VAR => Some(op::READ),
        function::WRITE_VAR => Some(op::WRITE),
        _ => find(&FUNCTIONS, code),
    }
}

/// The operation of a PI service with its argument.
pub(super) fn pi(service: &[u8], argument: Option<&[u8]>) -> Option<u16> {
    let is_cold = argument.is_some_and(|argument| argument.starts_with(b"C"));
    if service == b"P_PROGRAM" && is_cold {
        return Some(op::RESET_COLD);
    }
    let line = PI_SERVICES.iter().find(|line| line.code == service);
    line.map(|line| line.op)
}

/// The operation of a service of user data; `szl` is the list that it reads.
pub(super) fn userdata(code: u16, szl: Option<u16>) -> Option<u16> {
    let identifies = |szl: u16| IDENTIFICATION.contains(&(szl & PARTIAL_LIST));
    if code == service::READ_SZL && szl.is_some_and(identifies) {
        return Some(op::IDENTIFY);
    }
    // The group of mode transitions has the mode in place of a function.
    if code <= PARTIAL_LIST {
        return Some(op::MODE_CHANGE);
    }
    find(&SERVICES, code)
}

fn find<C: Copy + PartialEq>(table: &[Line<C>], code: C) -> Option<u16> {
    table.iter().find(|line| line.code == code).map(|line| line.op)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_cuts_agree_with_the_tables() {
        for line in &FUNCTIONS {
            assert_eq!(job(line.code), Some(line.op), "{}", line.source);
        }
        for line in &PI_SERVICES {
            assert_eq!(pi(line.code, None), Some(line.op), "{}", line.source);
        }
        for line in &SERVICES {
            assert_eq!(userdata(line.code, None), Some(line.op), "{}", line.source);
        }
        assert_eq!(pi(b"P_PROGRAM", Some(b"C ")), Some(op::RESET_COLD));
        assert_eq!(pi(b"_GARB", None), None);
        assert_eq!(userdata(service::READ_SZL, Some(0x001c)), Some(op::IDENTIFY));
        assert_eq!(userdata(service::READ_SZL, Some(0x0111)), Some(op::IDENTIFY));
        assert_eq!(userdata(service::READ_SZL, Some(0x00a0)), Some(op::DIAGNOSTIC));
        assert_eq!(userdata(0x0000, None), Some(op::MODE_CHANGE));
        assert_eq!(job(0x42), None);
    }
}
