//! What an APDU does, in the words that all OT protocols share.
//!
//! The table is data: types, operation, and where that meaning is from. What depends
//! on more than the type (select before operate, the direction of a file) is decided
//! behind it. Operations are numbers of the schema's `ot_op`.

use tagout_spec::record::typed::codes::{
    iec104_cause as cause, iec104_qrp as qrp, iec104_scq as scq, iec104_se as se,
    iec104_u_function as u, ot_op as op,
};

use crate::iec104::asdu::Asdu;
use crate::iec104::object::{File, Qualifier};

/// What a type is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// One operation.
    Op(u16),
    /// Selects or executes.
    Command,
    /// Resets, as its qualifier says.
    Reset,
    /// Moves a file.
    File,
}

/// A line of the table.
struct Line {
    types: (u8, u8),
    does: Does,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and tested"))]
    source: &'static str,
}

const fn line(first: u8, last: u8, does: Does, source: &'static str) -> Line {
    Line { types: (first, last), does, source }
}

const TABLE: [Line; 14] = [
    line(45, 51, Does::Command, "101, 6.8 and 7.3.2: commands and set-points"),
    line(58, 64, Does::Command, "104, 8: the same with a time tag"),
    line(100, 100, Does::Op(op::INTERROGATE), "101, 6.6: station interrogation"),
    line(101, 101, Does::Op(op::INTERROGATE), "101, 6.9: counter interrogation"),
    line(102, 102, Does::Op(op::READ), "101, 7.3.4.3"),
    line(103, 103, Does::Op(op::TIME_SET), "101, 6.7: clock synchronisation"),
    line(104, 104, Does::Op(op::DIAGNOSTIC), "101, 6.11: test procedure"),
    line(105, 105, Does::Reset, "101, 7.3.4.6"),
    line(106, 106, Does::Op(op::TIME_SET), "101, 6.13: loads the transmission delay"),
    line(107, 107, Does::Op(op::DIAGNOSTIC), "104, 8.8"),
    line(110, 113, Does::Op(op::CONFIG_WRITE), "101, 6.10: parameter loading"),
    line(120, 125, Does::File, "101, 6.12: file transfer"),
    line(126, 126, Does::Op(op::BROWSE), "101, 7.3.6.7: directory"),
    line(127, 127, Does::Op(op::FILE_READ), "104, 8: query log"),
];

/// The operation of a U frame.
pub(super) fn control(function: u8) -> Option<u16> {
    match function {
        u::STARTDT_ACT | u::STARTDT_CON => Some(op::COMMS_ENABLE),
        u::STOPDT_ACT | u::STOPDT_CON => Some(op::COMMS_DISABLE),
        _ => None,
    }
}

/// The operation of an ASDU. `was_selected` says whether the object that it executes
/// was selected before.
pub(super) fn op(
    asdu: &Asdu<'_>,
    control_direction: bool,
    was_selected: bool,
) -> Option<u16> {
    let code = asdu.cause?.code;
    let fits = |line: &&Line| (line.types.0..=line.types.1).contains(&asdu.type_id);
    let Some(line) = TABLE.iter().find(fits) else {
        // Monitored values: what was asked for has an operation, reports have none.
        let interrogated = cause::STATION_INTERROGATION..=cause::COUNTER_GROUP_4;
        return interrogated.contains(&code).then_some(op::INTERROGATE);
    };
    if matches!(code, cause::DEACTIVATION | cause::DEACTIVATION_CONFIRMATION) {
        return Some(op::CANCEL);
    }
    Some(match line.does {
        Does::Op(op) => op,
        Does::Command => match asdu.first?.se {
            Some(se::SELECT) => op::SELECT,
            _ if was_selected => op::OPERATE,
            _ => op::DIRECT_OPERATE,
        },
        Does::Reset => match asdu.first?.qualifier {
            Some(Qualifier::Reset(qrp::EVENT_BUFFER)) => op::MEMORY_CLEAR,
            _ => op::RESET_COLD,
        },
        Does::File => file(&asdu.first?.file?, code, control_direction),
    })
}

/// A file is moved by who has it, and called for and acknowledged by the other.
fn file(file: &File<'_>, code: u8, control_direction: bool) -> u16 {
    let call = file.call.map(|bits| bits & 0x0f);
    match call {
        Some(scq::DELETE_FILE) => return op::FILE_DELETE,
        Some(_) if code == cause::REQUEST => return op::BROWSE,
        _ => {}
    }
    let is_asking = call.is_some() || file.acknowledge.is_some();
    if is_asking == control_direction { op::FILE_READ } else { op::FILE_WRITE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iec104::{asdu, layout, widths::Widths};

    #[test]
    fn lines_are_of_types_with_a_layout() {
        for line in &TABLE {
            for type_id in line.types.0..=line.types.1 {
                assert!(layout::elements(type_id).is_some(), "{}", line.source);
            }
        }
    }

    #[test]
    fn operations() {
        let op = |bytes: &[u8], control, selected| {
            op(&asdu::parse(bytes, Widths::STANDARD), control, selected)
        };
        let single = |sco| [45, 1, 6, 0, 1, 0, 1, 0, 0, sco];
        assert_eq!(op(&single(0x81), true, false), Some(op::SELECT));
        assert_eq!(op(&single(0x01), true, true), Some(op::OPERATE));
        assert_eq!(op(&single(0x01), true, false), Some(op::DIRECT_OPERATE));
        assert_eq!(op(&[45, 1, 8, 0, 1, 0, 1, 0, 0, 1], true, false), Some(op::CANCEL));
        let reset = |qrp| [105, 1, 6, 0, 1, 0, 0, 0, 0, qrp];
        assert_eq!(op(&reset(1), true, false), Some(op::RESET_COLD));
        assert_eq!(op(&reset(2), true, false), Some(op::MEMORY_CLEAR));
        let call = |cause, scq| [122, 1, cause, 0, 1, 0, 1, 0, 0, 1, 0, 0, scq];
        assert_eq!(op(&call(13, 2), true, false), Some(op::FILE_READ));
        assert_eq!(op(&call(13, 2), false, false), Some(op::FILE_WRITE));
        assert_eq!(op(&call(13, 4), true, false), Some(op::FILE_DELETE));
        assert_eq!(op(&call(5, 0), true, false), Some(op::BROWSE));
        let ready = [120, 1, 13, 0, 1, 0, 1, 0, 0, 1, 0, 9, 0, 0, 0];
        assert_eq!(op(&ready, true, false), Some(op::FILE_WRITE));
        assert_eq!(op(&ready, false, false), Some(op::FILE_READ));
        let value = |cause| [1, 1, cause, 0, 1, 0, 1, 0, 0, 1];
        assert_eq!(op(&value(3), false, false), None);
        assert_eq!(op(&value(20), false, false), Some(op::INTERROGATE));
    }
}
