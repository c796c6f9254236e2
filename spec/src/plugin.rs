//! The numbers of the plugin contract, `spec/plugin.md`.
//!
//! ```text
//! tagout_plugin -> header (32 bytes) -> input: one probe | messages | a batch | arguments
//! ```

#[cfg(feature = "std")]
pub mod manifest;
pub mod refusal;

/// Version of the contract: a host takes this major version, and no greater minor one.
pub const MAJOR: u16 = 1;
/// See [`MAJOR`].
pub const MINOR: u16 = 1;

/// Custom section with the manifest.
pub const MANIFEST_SECTION: &str = "tagout.plugin";
/// Custom section with the schema.
pub const SCHEMA_SECTION: &str = "tagout.schema";
/// Most bytes of either section.
pub const SECTION_MAX: usize = 1 << 20;
/// Module of the functions that a plugin may import.
pub const IMPORTS: &str = "tagout";
/// The import by which a decoder says which message of a call events are of.
pub const EMIT_OF: &str = "emit_of";
/// Module of the functions that a pack may import.
pub const FUNCTION_IMPORTS: &str = "tagout_function";
/// What the export of a function is called, before its name.
pub const FUNCTION_PREFIX: &str = "tagout_fn_";

/// The header.
pub mod header {
    /// Name of the global that has its address.
    pub const EXPORT: &str = "tagout_plugin";
    /// First bytes: `TGPL`.
    pub const MAGIC: [u8; 4] = *b"TGPL";
    /// Bytes of the header.
    pub const BYTES: usize = 32;
    /// Major version, u16.
    pub const MAJOR: usize = 4;
    /// Minor version, u16.
    pub const MINOR: usize = 6;
    /// Address of the input, u32.
    pub const INPUT: usize = 8;
    /// Bytes of the input, u32.
    pub const INPUT_BYTES: usize = 12;
    /// Least bytes of the input.
    pub const INPUT_MIN: usize = 65_536;
}

/// What `tagout_probe` answers.
pub mod verdict {
    /// It is not this protocol, whatever may follow.
    pub const NO: i32 = 0;
    /// More bytes are needed.
    pub const MORE: i32 = 1;
    /// It is.
    pub const YES: i32 = 2;
}

/// The probe.
pub mod probe {
    /// Number of the transport above IP, u8.
    pub const TRANSPORT: usize = 0;
    /// Flags, u8.
    pub const FLAGS: usize = 1;
    /// Port of side a, u16.
    pub const PORT_A: usize = 2;
    /// Port of side b, u16.
    pub const PORT_B: usize = 4;
    /// Number of pieces, u16.
    pub const PIECES: usize = 6;
    /// Where the list of pieces begins.
    pub const LIST: usize = 8;
    /// Bytes of an entry of the list: side u8, three zero bytes, length u32.
    pub const ENTRY: usize = 8;
    /// Flag: the first bytes that were seen of the flow.
    pub const IS_START: u8 = 1;
}

/// A message of `tagout_decode`.
pub mod message {
    /// The flow that was probed begins.
    pub const OPEN: u8 = 1;
    /// Bytes of one side.
    pub const DATA: u8 = 2;
    /// Bytes of one side are missing.
    pub const GAP: u8 = 3;
    /// The session ends.
    pub const CLOSE: u8 = 4;
    /// A frame without IP.
    pub const FRAME: u8 = 5;

    /// Bytes of the message, u32.
    pub const BYTES: usize = 0;
    /// What it is, u8.
    pub const TYPE: usize = 4;
    /// Sender, u8.
    pub const SIDE: usize = 5;
    /// The side that opened the connection, u8.
    pub const CLIENT: usize = 6;
    /// Flags, u8.
    pub const FLAGS: usize = 7;
    /// Number of the session, u32; of a frame, bytes that are missing at its end.
    pub const SESSION: usize = 8;
    /// Bytes of the payload, or of the gap, u32.
    pub const LENGTH: usize = 12;
    /// Nanoseconds since 1970, i64.
    pub const TS: usize = 16;
    /// Number of the frame, u64.
    pub const FRAME_NUMBER: usize = 24;
    /// Identifier of the flow, u64.
    pub const FLOW: usize = 32;
    /// Sender's address, 16 bytes.
    pub const SRC_IP: usize = 40;
    /// Receiver's address, 16 bytes.
    pub const DST_IP: usize = 56;
    /// Sender's port, u16.
    pub const SRC_PORT: usize = 72;
    /// Receiver's port, u16.
    pub const DST_PORT: usize = 74;
    /// Outermost VLAN, u16.
    pub const VLAN: usize = 76;
    /// Number of the transport above IP, u8.
    pub const TRANSPORT: usize = 78;
    /// Which hardware addresses are there, u8.
    pub const MACS: usize = 79;
    /// Sender's hardware address, 6 bytes.
    pub const SRC_MAC: usize = 80;
    /// Receiver's, 6 bytes.
    pub const DST_MAC: usize = 86;
    /// Ether type, u16.
    pub const ETHERTYPE: usize = 92;
    /// Number of the input, u16.
    pub const INPUT: usize = 94;
    /// Community identifier of the flow, 30 bytes.
    pub const COMMUNITY: usize = 96;
    /// Where the payload begins: bytes of the fixed part.
    pub const PAYLOAD: usize = 128;

    /// Side that nobody knows.
    pub const NO_SIDE: u8 = 255;
    /// Flag: the time has nanoseconds.
    pub const NANOS: u8 = 1;
    /// Flag: the frame was late.
    pub const LATE: u8 = 2;
    /// Flag: there is a VLAN.
    pub const HAS_VLAN: u8 = 4;
    /// Of `MACS`: the sender's is there.
    pub const HAS_SRC_MAC: u8 = 1;
    /// Of `MACS`: the receiver's is there.
    pub const HAS_DST_MAC: u8 = 2;
}

/// What a function returns when it has no value.
pub mod none {
    /// Of type int.
    pub const INT: i64 = i64::MIN;
    /// Of type bool.
    pub const BOOL: i32 = 2;
}

/// Names of the exports.
pub mod export {
    /// The only memory.
    pub const MEMORY: &str = "memory";
    /// Called once before all else.
    pub const START: &str = "tagout_start";
    /// Of a decoder: what a probe is.
    pub const PROBE: &str = "tagout_probe";
    /// Of a decoder: takes messages.
    pub const DECODE: &str = "tagout_decode";
    /// Of an enricher: takes a batch.
    pub const ENRICH: &str = "tagout_enrich";
}
