//! How large a program may be. Analysis reports what exceeds them; recursion over
//! conditions and expressions anywhere is safe because of [`DEPTH`].

/// Most nodes from a predicate's condition down to its deepest value.
/// `a and b and c` is one `All`, so only real nesting counts.
pub const DEPTH: usize = 256;
/// Most conditions and expressions in one predicate, columns included.
pub const NODES: usize = 1 << 16;
/// Most columns, and most severity conditions, of one predicate.
pub const COLUMNS: usize = 256;
/// Most predicates: their number shares 32 bits with a verdict.
pub const PREDICATES: usize = 1 << 24;
/// Most elements in one literal set, and most needles in one test.
pub const SET: usize = 1 << 20;
/// Most bytes in a constant text.
pub const TEXT: usize = 16 * 1024;
