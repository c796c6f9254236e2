//! Faults that can be seeded on purpose, to show that the tests find them.

/// One precise way in which generated code is wrong. Only a caller who asks for
/// a fault in [`super::Options`] gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Presence is read one bit too high.
    PresenceBit,
    /// `<` is compiled as `<=`.
    LessIsLessOrEqual,
    /// The last number of a range is left out.
    RangeEnd,
    /// A cut text is taken for a whole one.
    IgnoreCut,
    /// `else` takes its left side when that is unknown.
    ElseSide,
    /// A truncated group is taken for a whole one.
    IgnoreTruncatedGroup,
    /// Elements that are unknown are not counted as possible.
    CountBound,
    /// `>>` does not keep the sign.
    ShiftSign,
    /// The end of input is not fed to automata.
    PatternEnd,
    /// Words of a register view come in the other order.
    RegisterWords,
    /// An overflowing sum is a value.
    SumWraps,
    /// `ends with` compares at the start.
    EndsWithStart,
    /// Folded comparisons read the original bytes.
    FoldIgnored,
    /// The last address of a range is left out.
    AddressEnd,
    /// What a function gives for no value is taken for one.
    CallNone,
}

/// All faults of the code generator.
pub const ALL: &[Fault] = &[
    Fault::PresenceBit,
    Fault::LessIsLessOrEqual,
    Fault::RangeEnd,
    Fault::IgnoreCut,
    Fault::ElseSide,
    Fault::IgnoreTruncatedGroup,
    Fault::CountBound,
    Fault::ShiftSign,
    Fault::PatternEnd,
    Fault::RegisterWords,
    Fault::SumWraps,
    Fault::EndsWithStart,
    Fault::FoldIgnored,
    Fault::AddressEnd,
    Fault::CallNone,
];
