//! Where and why a message stops making sense.

/// A place and a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte, counted from the first of the message or path it is about.
    pub at: u16,
    /// What is wrong there.
    pub why: FaultKind,
}

/// What can be wrong, as the schema's `cip_fault` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The bytes end within a field.
    Short = 1,
    /// Bytes follow where nothing should.
    Long = 2,
    /// A count or an offset contradicts the bytes there are.
    Count = 3,
    /// The path ends within a segment, or is longer than the message.
    Path = 4,
    /// The standard reserves the segment.
    Segment = 5,
    /// The additional status is longer than the message.
    Status = 6,
    /// Service 0.
    Service = 7,
    /// Services within services, deeper than is followed.
    Depth = 8,
    /// The data type does not fit the bytes.
    Datatype = 9,
}
