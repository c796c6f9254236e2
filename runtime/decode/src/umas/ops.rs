//! What a UMAS function does, in the words that all OT protocols share.
//!
//! The table is data: function, operation, and the sources (letters of
//! `spec/schema/umas.toml`). Functions whose effect the sources do not tell, such as those
//! of the debugger, have none.

use tagout_spec::record::typed::codes::{
    ot_op as op, ot_phase as phase, umas_function as f,
};

/// A line of the table: function, operation, sources.
type Line = (u8, u16, &'static str);

const TABLE: [Line; 37] = [
    (f::INIT_COMM, op::SESSION_OPEN, "L, B, P"),
    (f::READ_ID, op::IDENTIFY, "L, B, P"),
    (f::READ_PROJECT_INFO, op::CONFIG_READ, "L, B, P"),
    (f::READ_PLC_INFO, op::CONFIG_READ, "L, B, P"),
    (f::READ_LOADER_INFO, op::IDENTIFY, "B"),
    (f::READ_CARD_INFO, op::CONFIG_READ, "L, B, P"),
    (f::READ_BLOCK_INFO, op::CONFIG_READ, "B"),
    (f::REPEAT, op::DIAGNOSTIC, "L, B, P"),
    (f::TAKE_PLC_RESERVATION, op::SESSION_OPEN, "L, A, B"),
    (f::RELEASE_PLC_RESERVATION, op::SESSION_CLOSE, "L, A, B"),
    (f::KEEP_ALIVE, op::DIAGNOSTIC, "L, A, B"),
    (f::READ_MEMORY_BLOCK, op::READ, "L, B, P"),
    (f::WRITE_MEMORY_BLOCK, op::WRITE, "B"),
    (f::READ_VARIABLES, op::READ, "L, B, P"),
    (f::WRITE_VARIABLES, op::WRITE, "L, B, P"),
    (f::READ_COILS_REGISTERS, op::READ, "L, B, P"),
    (f::WRITE_COILS_REGISTERS, op::WRITE, "L, B, P"),
    (f::DATA_DICTIONARY, op::BROWSE, "B, P"),
    (f::READ_PHYSICAL_ADDRESS, op::READ, "B"),
    (f::WRITE_PHYSICAL_ADDRESS, op::WRITE, "B"),
    (f::INITIALIZE_UPLOAD, op::PROGRAM_DOWNLOAD, "L, B, M: into the controller"),
    (f::UPLOAD_BLOCK, op::PROGRAM_DOWNLOAD, "L, B, M"),
    (f::END_UPLOAD, op::PROGRAM_DOWNLOAD, "L, B, M"),
    (f::INITIALIZE_DOWNLOAD, op::PROGRAM_UPLOAD, "L, B, M: out of the controller"),
    (f::DOWNLOAD_BLOCK, op::PROGRAM_UPLOAD, "L, B, M"),
    (f::END_DOWNLOAD, op::PROGRAM_UPLOAD, "L, B, M"),
    (f::READ_ETHERNET_MASTER_DATA, op::CONFIG_READ, "L, B, P"),
    (f::START_PLC, op::START, "L, B, M"),
    (f::STOP_PLC, op::STOP, "L, B, M"),
    (f::INIT_PLC, op::RESET_COLD, "B"),
    (f::MONITOR_PLC, op::READ, "L, B, P"),
    (f::GET_FORCED_BITS, op::READ, "B"),
    (f::CHECK_PLC, op::DIAGNOSTIC, "L, B, P"),
    (f::READ_IO_OBJECT, op::READ, "L, B, P"),
    (f::WRITE_IO_OBJECT, op::WRITE, "L, B, P"),
    (f::READ_RACK, op::CONFIG_READ, "B"),
    (f::GET_STATUS_MODULE, op::DIAGNOSTIC, "L, B, P"),
];

/// The operation of a function.
pub(super) fn op(function: u8) -> Option<u16> {
    TABLE.iter().find(|line| line.0 == function).map(|line| line.1)
}

/// Where in an exchange a request stands.
pub(super) fn phase(function: u8) -> u8 {
    match function {
        f::INITIALIZE_UPLOAD | f::INITIALIZE_DOWNLOAD => phase::START,
        f::UPLOAD_BLOCK | f::DOWNLOAD_BLOCK => phase::CHUNK,
        f::END_UPLOAD | f::END_DOWNLOAD => phase::END,
        _ => phase::REQUEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_has_one_line_and_a_source() {
        for window in TABLE.windows(2) {
            assert!(window[0].0 < window[1].0, "{:#x}", window[1].0);
            assert!(window[1].2.starts_with(['L', 'B']));
        }
        assert_eq!(op(f::STOP_PLC), Some(op::STOP));
        assert_eq!(op(f::SET_BREAKPOINT), None);
    }
}
