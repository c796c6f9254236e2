//! What a message does, in the words that all OT protocols share.
//!
//! The table is data: function, object and attribute where they decide, operation, and
//! who says so. Operations are numbers of the schema's `ot_op`.

use tagout_spec::record::typed::codes::{ot_op as op, s7plus_function as function};

use crate::s7plus::known::{attribute, data_block, object, state};

/// What a request is about.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct About {
    pub(super) function: u16,
    pub(super) session: u32,
    /// Object that it names.
    pub(super) object: Option<u32>,
    /// First attribute that it sets, and its value where that is a number.
    pub(super) attribute: Option<u32>,
    pub(super) value: Option<f64>,
}

/// A line of the table.
struct Line {
    function: u16,
    /// None: any.
    object: Option<u32>,
    attribute: Option<u32>,
    op: u16,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers, and tested"))]
    source: &'static str,
}

const fn line(function: u16, op: u16, source: &'static str) -> Line {
    Line { function, object: None, attribute: None, op, source }
}

const fn on(function: u16, object: u32, op: u16, source: &'static str) -> Line {
    Line { function, object: Some(object), attribute: None, op, source }
}

const fn setting(function: u16, attribute: u32, op: u16, source: &'static str) -> Line {
    Line { function, object: None, attribute: Some(attribute), op, source }
}

const SPEAR: &str = "Black Hat Europe 2017, functions";
const ROGUE7: &str = "Black Hat USA 2019, session establishment";
const DRIVER: &str = "S7CommPlusDriver, requests";

/// More specific lines first.
const TABLE: [Line; 21] = [
    on(function::CREATE_OBJECT, object::SESSIONS, op::SESSION_OPEN, ROGUE7),
    on(function::CREATE_OBJECT, object::PROGRAM, op::PROGRAM_DOWNLOAD, SPEAR),
    setting(function::SET_VARIABLE, attribute::SESSION_RESPONSE, op::LOGIN, DRIVER),
    setting(function::SET_VARIABLE, attribute::LEGITIMATE, op::LOGIN, DRIVER),
    setting(function::SET_VARIABLE, attribute::OPERATING_STATE, op::MODE_CHANGE, DRIVER),
    setting(
        function::SET_MULTI_VARIABLES,
        attribute::OPERATING_STATE,
        op::MODE_CHANGE,
        DRIVER,
    ),
    setting(
        function::SET_MULTI_VARIABLES,
        attribute::SESSION_VERSION,
        op::SESSION_OPEN,
        ROGUE7,
    ),
    line(function::EXPLORE, op::BROWSE, SPEAR),
    line(function::GET_LINK, op::BROWSE, SPEAR),
    line(function::GET_VARIABLE, op::READ, DRIVER),
    line(function::GET_VARIABLES_ADDRESS, op::BROWSE, DRIVER),
    line(function::GET_MULTI_VARIABLES, op::READ, SPEAR),
    line(function::GET_VAR_SUBSTREAMED, op::READ, SPEAR),
    line(function::SET_VARIABLE, op::WRITE, SPEAR),
    line(function::SET_MULTI_VARIABLES, op::WRITE, SPEAR),
    line(function::SET_VAR_SUBSTREAMED, op::WRITE, DRIVER),
    line(function::INIT_SSL, op::SESSION_OPEN, DRIVER),
    line(function::BEGIN_SEQUENCE, op::CONFIG_WRITE, SPEAR),
    line(function::END_SEQUENCE, op::CONFIG_WRITE, SPEAR),
    line(function::ADD_LINK, op::CONFIG_WRITE, DRIVER),
    line(function::REMOVE_LINK, op::CONFIG_WRITE, DRIVER),
];

/// The operation of a request.
pub(super) fn op(about: &About) -> Option<u16> {
    if about.function == function::DELETE_OBJECT {
        return match about.object? {
            object if object == about.session => Some(op::SESSION_CLOSE),
            object => data_block(object).map(|_| op::BLOCK_DELETE),
        };
    }
    let fits = |line: &&Line| {
        line.function == about.function
            && (line.object.is_none() || line.object == about.object)
            && (line.attribute.is_none() || line.attribute == about.attribute)
    };
    let found = TABLE.iter().find(fits)?.op;
    match (found, about.object, about.value) {
        (op::MODE_CHANGE, Some(object::CPU_EXEC_UNIT), Some(state::STOP)) => {
            Some(op::STOP)
        }
        (op::MODE_CHANGE, Some(object::CPU_EXEC_UNIT), Some(state::RUN)) => {
            Some(op::START)
        }
        _ => Some(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_what_is_more_special() {
        for line in &TABLE {
            let about = About {
                function: line.function,
                object: line.object,
                attribute: line.attribute,
                ..About::default()
            };
            assert_eq!(op(&about), Some(line.op), "{}", line.source);
        }
        let set = |value| About {
            function: function::SET_VARIABLE,
            object: Some(52),
            attribute: Some(2167),
            value: Some(value),
            session: 960,
        };
        assert_eq!(op(&set(1.0)), Some(op::STOP));
        assert_eq!(op(&set(3.0)), Some(op::START));
        assert_eq!(op(&set(4.0)), Some(op::MODE_CHANGE));
        let delete = |object| About {
            function: function::DELETE_OBJECT,
            object: Some(object),
            session: 960,
            ..About::default()
        };
        assert_eq!(op(&delete(960)), Some(op::SESSION_CLOSE));
        assert_eq!(op(&delete(0x8a0e_0007)), Some(op::BLOCK_DELETE));
        assert_eq!(op(&delete(7)), None);
    }
}
