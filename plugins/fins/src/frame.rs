//! A FINS frame (W342-E1, 3-2 and 5-1).
//!
//! ```text
//! byte 0     1     2     3     4     5     6     7     8     9     10    11    12
//!      | ICF | RSV | GCT | DNA | DA1 | DA2 | SNA | SA1 | SA2 | SID | MRC | SRC | body
//!
//! ICF  bit 7 gateways may be used   bit 6 response   bit 0 no response is asked for
//! body of a response: end code MRES, SRES, then what the command asks for
//!      MRES bit 7 relay error       SRES bit 7 fatal, bit 6 non-fatal error of the CPU
//! ```

use tagout_plugin::Cursor;

/// Why and where a frame stops making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Byte of the frame.
    pub(crate) at: u16,
    pub(crate) why: FaultKind,
}

/// Numbers of the schema's `fins_fault`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FaultKind {
    Short = 1,
    Long = 2,
    Count = 3,
    Length = 4,
    Header = 5,
    Clock = 6,
}

/// The header of a frame, and what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) icf: u8,
    pub(crate) reserved: u8,
    pub(crate) gateway_count: u8,
    pub(crate) destination: Node,
    pub(crate) source: Node,
    pub(crate) sid: u8,
    /// MRC and SRC.
    pub(crate) command: u16,
    pub(crate) body: &'a [u8],
}

/// Network, node, unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) network: u8,
    pub(crate) node: u8,
    pub(crate) unit: u8,
}

impl<'a> Frame<'a> {
    /// Bytes of the header, without the command code.
    pub(crate) const HEADER: usize = 10;

    /// Reads a frame; none if it has no command code.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Frame<'a>> {
        let mut cursor = Cursor::new(bytes);
        let [icf, reserved, gateway_count, dna, da1, da2, sna, sa1, sa2, sid] =
            cursor.array()?;
        Some(Frame {
            icf,
            reserved,
            gateway_count,
            destination: Node { network: dna, node: da1, unit: da2 },
            source: Node { network: sna, node: sa1, unit: sa2 },
            sid,
            command: cursor.u16()?,
            body: cursor.rest(),
        })
    }

    /// A command, and not a response.
    pub(crate) fn is_command(&self) -> bool {
        self.icf & 0x40 == 0
    }

    /// Whether a response is asked for.
    pub(crate) fn asks(&self) -> bool {
        self.icf & 0x01 == 0
    }

    /// Whether the fixed bits are as the manual has them.
    pub(crate) fn is_plausible(&self) -> bool {
        self.icf & 0x3e == 0 && self.reserved == 0 && self.gateway_count <= 7
    }
}
