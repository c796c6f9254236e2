//! Numbers of the protocol. All are open: what is not named here stays a number.
//!
//! Sources: CIP Networks Library, Volume 1, appendix A (services), chapter 5
//! (classes); Logix 5000 Controllers Data Access, 1756-PM020 (tags).

/// Services. Those from 0x32 on mean what their class says.
pub mod service {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const GET_ATTRIBUTE_LIST: u8 = 0x03;
    pub const SET_ATTRIBUTE_LIST: u8 = 0x04;
    pub const MULTIPLE_SERVICE_PACKET: u8 = 0x0a;
    pub const UNCONNECTED_SEND: u8 = 0x52;
    /// Set in the service of a reply.
    pub const REPLY: u8 = 0x80;
}

/// Classes.
pub mod class {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const IDENTITY: u32 = 0x01;
    pub const CONNECTION_MANAGER: u32 = 0x06;
    pub const FILE: u32 = 0x37;
    pub const LOGIX_PROGRAM: u32 = 0x68;
    pub const SYMBOL: u32 = 0x6b;
    pub const LOGIX_CONTROLLER: u32 = 0x8e;
}

/// General status.
pub mod status {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const SUCCESS: u8 = 0;
    /// Not all of the data fitted: there is more to ask for.
    pub const PARTIAL_TRANSFER: u8 = 6;
}

/// The number of a service within its class, as the schema's `cip_operation` has it.
pub const fn operation(class: u32, service: u8) -> u32 {
    class << 8 | service as u32
}
