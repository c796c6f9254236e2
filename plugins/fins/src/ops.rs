//! What a command does, in the words that all OT protocols share.
//!
//! The table is data: the command code with its name in W342-E1, 5-3, and the operation,
//! a number of the schema's `ot_op`. What erases a log is an alarm suppressed.

use crate::plugin::codes::ot_op as op;

/// Command codes, MRC and SRC.
pub(crate) mod command {
    pub(crate) const MEMORY_AREA_READ: u16 = 0x0101;
    pub(crate) const MEMORY_AREA_WRITE: u16 = 0x0102;
    pub(crate) const MEMORY_AREA_FILL: u16 = 0x0103;
    pub(crate) const MULTIPLE_MEMORY_AREA_READ: u16 = 0x0104;
    pub(crate) const MEMORY_AREA_TRANSFER: u16 = 0x0105;
    pub(crate) const PARAMETER_AREA_READ: u16 = 0x0201;
    pub(crate) const PARAMETER_AREA_CLEAR: u16 = 0x0203;
    pub(crate) const PROGRAM_AREA_PROTECT: u16 = 0x0304;
    pub(crate) const PROGRAM_AREA_PROTECT_CLEAR: u16 = 0x0305;
    pub(crate) const PROGRAM_AREA_READ: u16 = 0x0306;
    pub(crate) const PROGRAM_AREA_WRITE: u16 = 0x0307;
    pub(crate) const PROGRAM_AREA_CLEAR: u16 = 0x0308;
    pub(crate) const RUN: u16 = 0x0401;
    pub(crate) const STOP: u16 = 0x0402;
    pub(crate) const CPU_UNIT_DATA_READ: u16 = 0x0501;
    pub(crate) const CPU_UNIT_STATUS_READ: u16 = 0x0601;
    pub(crate) const CLOCK_READ: u16 = 0x0701;
    pub(crate) const CLOCK_WRITE: u16 = 0x0702;
    pub(crate) const MESSAGE_READ_CLEAR: u16 = 0x0920;
    pub(crate) const ACCESS_RIGHT_ACQUIRE: u16 = 0x0c01;
    pub(crate) const ACCESS_RIGHT_RELEASE: u16 = 0x0c03;
    pub(crate) const ERROR_CLEAR: u16 = 0x2101;
    pub(crate) const ERROR_LOG_READ: u16 = 0x2102;
    pub(crate) const WRITE_ACCESS_LOG_READ: u16 = 0x2140;
    pub(crate) const FILE_NAME_READ: u16 = 0x2201;
    pub(crate) const SINGLE_FILE_READ: u16 = 0x2202;
    pub(crate) const SINGLE_FILE_WRITE: u16 = 0x2203;
    pub(crate) const FILE_DELETE: u16 = 0x2205;
    pub(crate) const FILE_COPY: u16 = 0x2207;
    pub(crate) const FILE_NAME_CHANGE: u16 = 0x2208;
    pub(crate) const MEMORY_AREA_FILE_TRANSFER: u16 = 0x220a;
    pub(crate) const PARAMETER_AREA_FILE_TRANSFER: u16 = 0x220b;
    pub(crate) const PROGRAM_AREA_FILE_TRANSFER: u16 = 0x220c;
    pub(crate) const CREATE_DELETE_DIRECTORY: u16 = 0x2215;
    pub(crate) const FORCED_SET_RESET: u16 = 0x2301;
}

/// Command and operation, by the command.
#[rustfmt::skip]
const TABLE: [(u16, u16); 50] = [
    (0x0101, op::READ), // MEMORY AREA READ
    (0x0102, op::WRITE), // MEMORY AREA WRITE
    (0x0103, op::WRITE), // MEMORY AREA FILL
    (0x0104, op::READ), // MULTIPLE MEMORY AREA READ
    (0x0105, op::WRITE), // MEMORY AREA TRANSFER
    (0x0201, op::CONFIG_READ), // PARAMETER AREA READ
    (0x0202, op::CONFIG_WRITE), // PARAMETER AREA WRITE
    (0x0203, op::CONFIG_WRITE), // PARAMETER AREA CLEAR
    (0x0304, op::PASSWORD_SET), // PROGRAM AREA PROTECT
    (0x0305, op::CONFIG_WRITE), // PROGRAM AREA PROTECT CLEAR
    (0x0306, op::PROGRAM_UPLOAD), // PROGRAM AREA READ
    (0x0307, op::PROGRAM_DOWNLOAD), // PROGRAM AREA WRITE
    (0x0308, op::MEMORY_CLEAR), // PROGRAM AREA CLEAR
    (0x0401, op::START), // RUN
    (0x0402, op::STOP), // STOP
    (0x0403, op::RESET_COLD), // RESET
    (0x0501, op::IDENTIFY), // CPU UNIT DATA READ
    (0x0502, op::IDENTIFY), // CONNECTION DATA READ
    (0x0601, op::DIAGNOSTIC), // CPU UNIT STATUS READ
    (0x0602, op::DIAGNOSTIC), // NETWORK STATUS READ
    (0x0603, op::DIAGNOSTIC), // DATA LINK STATUS READ
    (0x0620, op::DIAGNOSTIC), // CYCLE TIME READ
    (0x0701, op::CONFIG_READ), // CLOCK READ
    (0x0702, op::TIME_SET), // CLOCK WRITE
    (0x0801, op::DIAGNOSTIC), // INTERNODE ECHO TEST
    (0x0802, op::DIAGNOSTIC), // BROADCAST TEST RESULTS READ
    (0x0803, op::DIAGNOSTIC), // BROADCAST TEST DATA SEND
    (0x0920, op::DIAGNOSTIC), // MESSAGE READ CLEAR
    (0x0c01, op::SESSION_OPEN), // ACCESS RIGHT ACQUIRE
    (0x0c02, op::SESSION_OPEN), // ACCESS RIGHT FORCED ACQUIRE
    (0x0c03, op::SESSION_CLOSE), // ACCESS RIGHT RELEASE
    (0x2101, op::ALARM_ACK), // ERROR CLEAR
    (0x2102, op::DIAGNOSTIC), // ERROR LOG READ
    (0x2103, op::ALARM_SUPPRESS), // ERROR LOG POINTER CLEAR
    (0x2140, op::DIAGNOSTIC), // WRITE ACCESS LOG READ
    (0x2141, op::ALARM_SUPPRESS), // WRITE ACCESS LOG CLEAR
    (0x2201, op::BROWSE), // FILE NAME READ
    (0x2202, op::FILE_READ), // SINGLE FILE READ
    (0x2203, op::FILE_WRITE), // SINGLE FILE WRITE
    (0x2204, op::MEMORY_CLEAR), // FILE MEMORY FORMAT
    (0x2205, op::FILE_DELETE), // FILE DELETE
    (0x2207, op::FILE_WRITE), // FILE COPY
    (0x2208, op::FILE_WRITE), // FILE NAME CHANGE
    (0x220a, op::FILE_WRITE), // MEMORY AREA FILE TRANSFER
    (0x220b, op::FILE_WRITE), // PARAMETER AREA FILE TRANSFER
    (0x220c, op::FILE_WRITE), // PROGRAM AREA FILE TRANSFER
    (0x2215, op::FILE_WRITE), // CREATE DELETE DIRECTORY
    (0x2301, op::FORCE), // FORCED SET RESET
    (0x2302, op::UNFORCE), // FORCED SET RESET CANCEL
    (0x230a, op::DIAGNOSTIC), // MULTIPLE FORCED STATUS READ
];

/// The operation of a command.
pub(crate) fn op(command: u16) -> Option<u16> {
    let at = TABLE.binary_search_by_key(&command, |(code, _)| *code).ok()?;
    TABLE.get(at).map(|(_, op)| *op)
}

/// Whether the manual has the command.
pub(crate) fn is_known(command: u16) -> bool {
    op(command).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(TABLE.is_sorted_by(|(a, _), (b, _)| a < b));
        assert_eq!(op(0x0402), Some(op::STOP));
        assert_eq!(op(0x2701), None);
    }
}
