//! Where and why a frame, a segment or a fragment stops making sense.

pub use tagout_spec::record::typed::codes::dnp3_fault as why;
pub use tagout_spec::record::typed::codes::dnp3_layer as layer;

/// A place at which bytes stop making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which layer's bytes: one of `dnp3_layer`.
    pub layer: u8,
    /// Octet of the link frame, or of the fragment behind the transport octet.
    pub at: u16,
    /// What is wrong there: one of `dnp3_fault`.
    pub why: u8,
}

impl Fault {
    /// A fault of a layer at an octet.
    pub fn new(layer: u8, at: usize, why: u8) -> Fault {
        Fault { layer, at: u16::try_from(at).unwrap_or(u16::MAX), why }
    }
}
