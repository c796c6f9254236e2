//! Faults that can be seeded on purpose, to show that the tests find them.

/// One precise way in which the index misses what it must find. Only a caller who
/// asks for it in [`super::Tuning`] gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Probes have no missing lane.
    MissingLane,
    /// An entry does not stand in the last bucket that it reaches into.
    BucketEdge,
    /// The later buckets of an event's range are not looked at.
    LaterBuckets,
    /// Of several literals only the first is an atom.
    Alternative,
    /// Of several conjunctions only the first is an entry.
    Conjunction,
    /// A cut text is a miss, not a missing key.
    CutIsMiss,
    /// Folded atoms are looked for in the text as it came.
    AtomCase,
    /// An atom that was found in one event is not found in the next.
    Stamp,
    /// A missing field passes no range of a box.
    MissingInBox,
    /// The first address of a network belongs to what is before it.
    NetBound,
    /// `else` is taken for its left side alone.
    Else,
    /// Candidates beyond the first word of the bitmap are forgotten.
    Summary,
    /// The hull of a block is that of its first entry.
    Hull,
}

/// All faults of the index.
pub const ALL: &[Fault] = &[
    Fault::MissingLane,
    Fault::BucketEdge,
    Fault::LaterBuckets,
    Fault::Alternative,
    Fault::Conjunction,
    Fault::CutIsMiss,
    Fault::AtomCase,
    Fault::Stamp,
    Fault::MissingInBox,
    Fault::NetBound,
    Fault::Else,
    Fault::Summary,
    Fault::Hull,
];
