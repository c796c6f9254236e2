//! Numbers of objects and attributes that every controller has, as S7CommPlusDriver
//! lists them.

/// Objects.
pub(super) mod object {
    /// The program: blocks are created in it.
    pub(in crate::s7plus) const PROGRAM: u32 = 3;
    /// The unit that runs the program.
    pub(in crate::s7plus) const CPU_EXEC_UNIT: u32 = 52;
    /// The container of sessions.
    pub(in crate::s7plus) const SESSIONS: u32 = 285;
}

/// Attributes.
pub(super) mod attribute {
    /// A session's answer to the challenge for its password.
    pub(in crate::s7plus) const SESSION_RESPONSE: u32 = 304;
    /// A session's version: written when the session's key is agreed on.
    pub(in crate::s7plus) const SESSION_VERSION: u32 = 306;
    /// A session's password, as younger controllers are told it.
    pub(in crate::s7plus) const LEGITIMATE: u32 = 1846;
    /// State that the unit that runs the program shall go to.
    pub(in crate::s7plus) const OPERATING_STATE: u32 = 2167;
}

/// Values of [`attribute::OPERATING_STATE`].
pub(super) mod state {
    pub(in crate::s7plus) const STOP: f64 = 1.0;
    pub(in crate::s7plus) const RUN: f64 = 3.0;
}

/// The number of a data block's object is this, and the block's number.
const DATA_BLOCKS: u32 = 0x8a0e_0000;

/// The data block that an object or area is.
pub(super) fn data_block(object: u32) -> Option<u16> {
    (object & 0xffff_0000 == DATA_BLOCKS).then(|| u16::try_from(object & 0xffff).ok())?
}
