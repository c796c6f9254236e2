//! The typed intermediate representation: what a pack means.
//!
//! Analysis lowers a checked file to a [`Program`]; the interpreter, the index
//! and the code generator read nothing else (beyond the schema). A rule is a
//! *plan*; a plan for a single event has one [`Predicate`]. Sequences and
//! windows will be plans with several.
//!
//! ```text
//! Program
//!   kinds      the schema kinds the pack needs, in pack order
//!   params, data, regexes      tables that expressions refer to by index
//!   predicates     kinds it applies to + Cond + columns      -> the module
//!   plans          severity, dedup, on_unknown, metadata      -> the host
//! ```
//!
//! Truth is strong Kleene: false, unknown, true. A *value* is known or it lacks
//! something ([`tagout_spec::pack::Cause`]). A comparison whose operand is not
//! known is unknown; [`CondKind::Else`] turns unknown into a decision. Operands
//! have no effects, so passes may reorder; what an indeterminate verdict lacks
//! is defined on the tree as written:
//!
//! # Meaning
//!
//! **Values.** An expression is *known*, *cut* or *lacking*. Cut: a text whose
//! slot was truncated; it is the kept bytes, and only the tests below look at
//! them. Lacking: no value, and a set of marks `(FieldRef, Cause)` that say why.
//! Every operand is evaluated; marks of several operands are united; of two
//! marks for one field the greater `Cause` stays, so order never matters.
//!
//! | expression | lacking when | marks |
//! |---|---|---|
//! | `Field(f)` | not present | `f`: Absent, Null or Invalid |
//! | `Item(l)` | U64 item of 2^63 or more, NaN item | `Event(l)`: Invalid |
//! | `Param` | not bound and no default | none: a parameter is no field |
//! | `Len(e)` | `e` lacks; `e` is cut | of `e`; origin(`e`): Truncated |
//! | `LenOf(f)` | not present; truncated | `f`: its state; `f`: Truncated |
//! | `PathView(e)` | `e` lacks; `e` is cut | of `e`; origin(`e`): Truncated |
//! | `Neg Arith ...` | an operand lacks | of all operands |
//! | | overflow, zero divisor, NaN, shift | origin of all operands: Domain |
//! | `Coalesce(a, b)` | both lack | of `a` and `b` |
//! | `Lookup(t, e)` | `e` lacks; `e` is cut | of `e`; origin(`e`): Truncated |
//! | | no such key | origin(`e`): Absent |
//! | `Call(g, e ...)` | an `e` lacks; is cut | of all `e`; origin(`e`): Truncated |
//! | | the function has no value | `Call(g)`: Domain |
//! | `Register` | address, values or table not present | each: its state |
//! | | table is not one of `register_tables` | table: Domain |
//! | | starts at or after the first word, ends behind the last, list truncated | values: Truncated |
//! | | otherwise not inside the list; no Int (2^63 or more); NaN | values: Domain |
//!
//! The rows of one expression are tried in this order. `Coalesce` yields its
//! left side unless that is lacking (a cut text is not lacking), then its right
//! side; when it yields a value it leaves no marks. `Register` reads the fields
//! that [`Registers`](tagout_spec::schema::Registers) of the kind names.
//!
//! origin(e) = the fields that a value came from: of `Field(f)`: `f`; of
//! `Item(l)`: `Event(l)`; of `LenOf(f)`: `f`; of `Register`: the values field; of
//! `Coalesce`: of the side that it yielded; of `Const`, `Param`: none; of others:
//! of all their operands; of `Call(g, ..)`: besides, `Call(g)`. It is asked of values that are known or cut only.
//!
//! **Records.** The writer of a record never marks as present a Float that is
//! NaN, a U64 of 2^63 or more, or a Range whose first is greater than its last:
//! in an event's field it sets the invalid bit, in an element's none. So only
//! items of lists need a check. A text is cut between characters if it is UTF-8.
//! In elements, what is neither present nor null is absent.
//!
//! **Text** is bytes: as they came (`Len`, columns, tests without `fold`) and
//! folded (tests with `fold`). A view cuts both at the same place: folding neither
//! makes nor takes a separator or a dot. Sizes in rules count bytes as they came.
//!
//! **Leaves.** A leaf is unknown if an operand is lacking, then its reason is
//! the united marks of its lacking operands plus, for a cut operand that did not
//! decide it, origin(operand): Truncated. On a cut text:
//!
//! - `StartsWith` a needle that is no longer than what is kept: decided;
//! - `Contains`: true if found in what is kept, else unknown;
//! - `Matches`: true if some match ends *before the last kept byte* (so that no
//!   `$`, `\b` or end of a glob is taken for true at the cut; a forward automaton
//!   that reports a match one byte late reports exactly these if it is not fed
//!   the end of input), else unknown;
//! - all others (`EndsWith`, equality, sets, tables, a longer `StartsWith`) unknown.
//!
//! Several needles are the Kleene maximum (`all`: minimum) of the tests on each.
//! `InParam` on a set that is not bound and has no default: unknown without a
//! mark for it. `State` never has a reason: Missing is "neither present, null nor
//! invalid", Present is the presence bit (cut texts, empty and truncated groups
//! are present); an invalid field is none of the three.
//!
//! **Quantifiers** are leaves; their condition holds no other quantifier. A group
//! that is not present: unknown, reason `group`: its state. Else the condition is
//! evaluated on each kept element in order. `any` is the maximum, and if the
//! group is truncated at least unknown; `all` is the minimum, and if truncated at
//! most unknown. `Count`: with `lo` = elements that are true, `hi` = `lo` + those
//! unknown, no limit if truncated: decided if `n op than` is the same for *every*
//! n in `lo..=hi` (so `Eq` needs `lo == hi`, or `than` outside). Reason of an
//! undecided one: the united reasons of the undecided elements, plus `group`:
//! Truncated if it is truncated.
//!
//! **Reason.** reason(c) = nothing if c is decided; for a leaf, as above; for
//! `all`, `any`, `not`: the united reasons of its undecided children; for `else`:
//! the reason of its right side. It is listed in the order of [`field_refs`]: the
//! distinct fields of the condition by first occurrence in preorder, operands
//! left to right, `group` before its condition, `Item(l)` as `Event(l)`, `Call(g)`
//! before its arguments, and for `Register` address, values, table. The list may be empty (a parameter lacks).
//!
//! **Explain** gives the verdict of each condition node in preorder (node, then
//! children in order; a quantifier is one node), then a cause byte for each of
//! [`field_refs`], 0 where it is not in the reason. It computes all nodes, also
//! those that a decided neighbour made needless.
//!
//! **Severity**: the first condition that is *true*; unknown counts as not true.
//! **Columns**: a known value, a cut text as the bytes kept, or nothing.
//!
//! # Invariants
//!
//! What `verify` holds; code generation may rely on it:
//!
//! - operand types agree as each node states, and the field of a `Field` has the
//!   type of its expression; with `fold` both sides are Text, Name or Path, and a
//!   Name or Path is never compared without; `InParam` and `InData` by the type of
//!   the set: a Text set takes Text, a Name or Path set all three, other types
//!   themselves;
//! - indices are in range, for all kinds of a predicate, with equal types and
//!   places; kinds are not empty, ascending and without doubles;
//! - integer ranges are sorted, disjoint and not adjacent (a set may be empty),
//!   address ranges sorted and disjoint, texts and values ascending and unique;
//! - needles are at least one, none empty, and folded where the test folds, as are
//!   constants on either side of a folded comparison, and keys of folding tables;
//! - a Float constant is not NaN (a scale is finite), a Range constant is not
//!   inverted; a bound is a `Value` of the right variant;
//! - an `Elem` or `Item` stands in a quantifier over its own group or list, a
//!   group in an `Event` reference, a quantifier in no other one;
//! - sizes stay within [`limits`].

#[cfg(test)]
mod build;
pub mod cost;
pub(crate) mod fold;
#[cfg(any(test, feature = "generate"))]
pub mod generate;
pub mod interpret;
pub mod limits;
pub mod pass;
pub mod print;
pub mod types;
pub mod verify;
pub mod walk;
pub mod witness;

pub use print::print;
pub use verify::verify;
pub use walk::{children, field_refs};

use tagout_spec::function::Function;
use tagout_spec::schema::{EnumIdx, FieldIdx, KindIdx};

use crate::diagnostic::Span;

/// A compiled pack before code generation.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Program {
    /// Kinds that predicates apply to, in schema order; pack-local kind numbers.
    pub kinds: Vec<KindIdx>,
    /// Names of maps that it reads. They are fields of the schema that goes with the
    /// program: [`Schema::with_names`](tagout_spec::schema::Schema::with_names).
    pub names: Vec<String>,
    /// Parameters.
    pub params: Vec<Param>,
    /// Tables.
    pub data: Vec<DataTable>,
    /// Regular expressions and globs.
    pub patterns: Vec<Pattern>,
    /// Functions of plugins that expressions call, each once.
    pub functions: Vec<Function>,
    /// What the module computes.
    pub predicates: Vec<Predicate>,
    /// What the host does with it.
    pub plans: Vec<Plan>,
}

/// Types of values in expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// True or false (as a value; conditions are [`Cond`]).
    Bool,
    /// 64-bit signed.
    Int,
    /// A number of an open enumeration; compares as an integer.
    Enum(EnumIdx),
    /// binary64; NaN is never a known value.
    Float,
    /// Nanoseconds since 1970 UTC, as an integer.
    Time,
    /// Nanoseconds, as an integer.
    Duration,
    /// An address, 16 bytes, v4-mapped.
    Ip,
    /// Six bytes.
    Mac,
    /// Bytes compared exactly: `text` fields.
    Text,
    /// Bytes compared under folding: `name` fields and views of paths.
    Name,
    /// A path, folded.
    Path,
    /// Bytes that are not text.
    Bytes,
    /// First and last, inclusive, unsigned 32 bit.
    Range,
}

/// A parameter: bound by site or test, else its default.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Name as written.
    pub name: String,
    /// Type of the value, or of an element of the set; no Range, no set of Bool.
    pub ty: Type,
    /// For a set: most elements that may be bound.
    pub set_max: Option<u32>,
    /// Value when nothing is bound; `None` means that it must be bound, and
    /// until then rules that use it are blind. Texts are as written, sets in any
    /// order: what compares them folds and sorts.
    pub default: Option<Constant>,
}

/// A table from `data/`.
#[derive(Clone, Debug, PartialEq)]
pub struct DataTable {
    /// Name as written.
    pub name: String,
    /// Type of the keys.
    pub key: Type,
    /// Type of the values for a map; `None` for a set.
    pub value: Option<Type>,
    /// Rows sorted by key, keys unique (folded where the key type folds).
    pub rows: Vec<(Value, Option<Value>)>,
    /// Whether a site may replace it.
    pub replaceable: bool,
}

/// A regular expression or a glob, over bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// As written, for people.
    pub source: String,
    /// In `regex-syntax` notation, flags included, not anchored unless the text
    /// says so. A glob is translated to an anchored one. Parsed with `unicode`
    /// and `utf8` off and all other options at their defaults, so `.` and classes
    /// are of bytes unless the text says `(?u)`; no Unicode word boundaries.
    pub regex: String,
    /// Whether it runs over the folded copy; the text of a folding pattern is
    /// folded by whoever wrote `regex`.
    pub fold: bool,
}

/// A condition over one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// Kinds it applies to: one, or all kinds of a view. Positions in
    /// [`Program::kinds`]. Fields of a view are at the same index and offset in
    /// every kind, so expressions name them once.
    pub kinds: Vec<u16>,
    /// The condition.
    pub cond: Cond,
    /// Values computed for a match: keys, evidence, title parts.
    pub columns: Vec<Expr>,
    /// Conditions that choose the severity, first true one wins.
    pub severity: Vec<(Cond, Severity)>,
}

/// How bad; ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// What the host does with the predicates of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Name of the rule.
    pub rule: String,
    /// The predicate (a single-event plan has one).
    pub predicate: u32,
    /// Metadata as written, in order; values as JSON.
    pub meta: Vec<(String, serde_json::Value)>,
    /// Severity where no condition of [`Predicate::severity`] holds.
    pub severity: Severity,
    /// What an indeterminate verdict does.
    pub on_unknown: OnUnknown,
    /// Deduplication: positions in [`Predicate::columns`] and a window in ns.
    pub dedup: Option<(Vec<u16>, i64)>,
    /// Title: literal parts and columns.
    pub title: Vec<TitlePart>,
    /// Evidence: label and column.
    pub evidence: Vec<(String, Evidence)>,
    /// Where the rule stands.
    pub span: Span,
}

/// A part of a title.
#[derive(Clone, Debug, PartialEq)]
pub enum TitlePart {
    /// Text as it is.
    Literal(String),
    /// Position in [`Predicate::columns`].
    Column(u16),
    /// The first of these columns that has a value: `{a ?? b}` of two types.
    FirstOf(Vec<u16>),
}

/// Where a piece of evidence comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// Position in [`Predicate::columns`].
    Column(u16),
    /// A repeated field, printed whole by the host from the record.
    Field(FieldIdx),
}

/// What an indeterminate verdict does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUnknown {
    /// It is counted.
    Count,
    /// It is counted and reported, aggregated by rule, field and key.
    Alert,
}

/// A condition with its place in the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Cond {
    /// What it is.
    pub kind: CondKind,
    /// Where it was written.
    pub span: Span,
}

/// A condition; its value is false, unknown or true.
#[derive(Clone, Debug, PartialEq)]
pub enum CondKind {
    /// Decided.
    Const(bool),
    /// Minimum; true if empty.
    All(Vec<Cond>),
    /// Maximum; false if empty.
    Any(Vec<Cond>),
    /// 2 - x: true and false change places.
    Not(Box<Cond>),
    /// The left side if decided, else the right side.
    Else(Box<Cond>, Box<Cond>),
    /// A boolean value: a field, a parameter.
    Truth(Expr),
    /// Both sides of the same type. Ordering for Int, Float, Time, Duration,
    /// Enum (by number), Ip (by 16 bytes, big endian); `Eq` for all but Range.
    /// With `fold`, both sides are text and compared under folding; fields of
    /// type Name and Path, and views of paths, always have it set.
    Cmp {
        /// Which comparison.
        op: CmpOp,
        /// Left operand.
        left: Expr,
        /// Right operand.
        right: Expr,
        /// For text: compare under folding.
        fold: bool,
    },
    /// The value lies in one of the inclusive ranges. Int, Enum, Time, Duration.
    InInts(Expr, Vec<(i64, i64)>),
    /// The value lies in one of the inclusive ranges of addresses, compared as 16
    /// bytes, big endian; sorted and disjoint.
    InIps(Expr, Vec<([u8; 16], [u8; 16])>),
    /// The value equals one of the texts (sorted, unique; folded with `fold`).
    InTexts {
        /// The value.
        value: Expr,
        /// The texts.
        texts: Vec<Vec<u8>>,
        /// Whether compared under folding.
        fold: bool,
    },
    /// The value equals one of the floats or macs (ascending; -0.0 equals 0.0).
    InValues(Expr, Vec<Value>),
    /// The value is in a set parameter; folding by the parameter's type.
    InParam(Expr, u32),
    /// The value is a key of a table; folding by the key's type.
    InData(Expr, u32),
    /// Two inclusive ranges share a number: each starts no later than the other ends.
    Overlaps(Expr, Expr),
    /// Literal text tests. `All` over needles with `all`, else `Any`.
    Text {
        /// Which test.
        op: TextOp,
        /// What is searched.
        value: Expr,
        /// What is looked for; folded with `fold`; none is empty.
        needles: Vec<Vec<u8>>,
        /// Whether all must be found.
        all: bool,
        /// Whether compared under folding.
        fold: bool,
    },
    /// The pattern is found in the value.
    Matches(Expr, u32),
    /// The field's state; always decided.
    State(FieldRef, State),
    /// Some or every element satisfies the condition. Over no elements: false,
    /// true. Not present, truncated: see the head of the module.
    Quant {
        /// `true` for `all`, `false` for `any`.
        all: bool,
        /// The repeated field.
        group: FieldRef,
        /// The condition on one element; the element is the innermost [`ExprKind::Elem`].
        cond: Box<Cond>,
    },
    /// The number of elements that satisfy the condition, compared. Decided as
    /// soon as both the least and the greatest possible number agree.
    Count {
        /// The repeated field.
        group: FieldRef,
        /// The condition on one element.
        cond: Box<Cond>,
        /// Which comparison.
        op: CmpOp,
        /// The number compared with.
        than: i64,
    },
}

/// Comparisons. `a != b` is `Not(Eq)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum CmpOp {
    Eq,
    Lt,
    Le,
    Gt,
    Ge,
}

/// Literal tests on text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum TextOp {
    Contains,
    StartsWith,
    EndsWith,
}

/// States of a field that a condition may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not there at all.
    Missing,
    /// There, as null.
    Null,
    /// There, with a usable value.
    Present,
}

/// A field of the event, or of the innermost element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldRef {
    /// Of the event.
    Event(FieldIdx),
    /// Of the element bound by the innermost quantifier: position in the fields
    /// of the group's elements.
    Elem(FieldIdx, FieldIdx),
    /// No field, but the result of a function of the program: what a reason names
    /// if the function has no value.
    Call(u32),
}

/// A value expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Where it was written.
    pub span: Span,
}

/// A value; known, or lacking something.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A literal.
    Const(Value),
    /// A field.
    Field(FieldRef),
    /// The scalar element bound by the innermost quantifier over a list.
    Item(FieldIdx),
    /// A scalar parameter.
    Param(u32),
    /// Bytes of a text (as they came, not folded) or of Bytes. Int.
    Len(Box<Expr>),
    /// Elements of a repeated field of the event. Int.
    LenOf(FieldRef),
    /// Int, Float, Duration. Overflow: unknown.
    Neg(Box<Expr>),
    /// Bitwise complement. Int.
    BitNot(Box<Expr>),
    /// Arithmetic; types as [`ArithOp`] says.
    Arith(ArithOp, Box<Expr>, Box<Expr>),
    /// Int to Float, nearest even.
    ToFloat(Box<Expr>),
    /// The left side unless it is lacking, else the right side. Same types, but
    /// Text, Name and Path may mix and are then a Name.
    Coalesce(Box<Expr>, Box<Expr>),
    /// A view of a Path, Name or Text: always folds, type Name (Path for directory).
    PathView(PathView, Box<Expr>),
    /// The value of a map for a key; no such key: unknown ([`Cause::Absent`](tagout_spec::pack::Cause)).
    Lookup(u32, Box<Expr>),
    /// A number read from registers; when it lacks: the head of the module.
    Register(RegisterView),
    /// The result of a function of a plugin, by its number in the program; arguments
    /// as [`types::takes`] allows. Texts are passed as they came, not folded.
    Call(u32, Vec<Expr>),
}

/// Views of a path. `\` and `/` both separate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathView {
    /// After the last separator.
    Name,
    /// Before the last separator, without it; empty if there is none.
    Directory,
    /// Of the name, after its last dot; empty if there is none or the dot opens it.
    Extension,
}

/// `register(m, ADDRESS, TYPE, word_order: .., byte_order: .., scale: ..)`
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterView {
    /// Protocol address of the first register, 0-based.
    pub address: u16,
    /// What the registers hold.
    pub format: RegisterFormat,
    /// Whether the least significant word comes first, else the most significant.
    pub little_words: bool,
    /// Whether each word's bytes are swapped.
    pub little_bytes: bool,
    /// The number, made binary64 (nearest even, U64 as unsigned), is multiplied by
    /// this; the result is Float if it is present or the format is one, else Int.
    pub scale: Option<f64>,
}

/// What registers hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum RegisterFormat {
    U16,
    I16,
    U32,
    I32,
    F32,
    U64,
    I64,
    F64,
}

/// Arithmetic. Int: `+ - * / %` checked, division truncates towards zero, zero
/// divisor or overflow unknown (`MIN / -1` and `MIN % -1` too); `& | ^ << >>` on
/// 64 bits, `>>` keeps the sign, `<<` drops what leaves the word, a shift outside
/// 0..=63 unknown. Float: `+ - * /` of binary64; a NaN result is unknown,
/// infinities are values, and so is `1.0 / 0.0`. Checked as Int are: Time +
/// Duration, Duration + Time and Time - Duration, a Time; Time - Time, Duration +
/// Duration, Duration - Duration, Duration * Int, Int * Duration and Duration /
/// Int, a Duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum ArithOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    And,
    Or,
    Xor,
    Shl,
    Shr,
}

/// A constant value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Bool.
    Bool(bool),
    /// Int, Enum, Time, Duration.
    Int(i64),
    /// Float; never NaN.
    Float(f64),
    /// Ip.
    Ip([u8; 16]),
    /// Mac.
    Mac([u8; 6]),
    /// Text, Name, Path, Bytes; folded already where the comparison folds.
    Bytes(Vec<u8>),
    /// Range.
    Range(u32, u32),
}

/// Default of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// Of a scalar.
    One(Value),
    /// Of a set; addresses as inclusive ranges.
    Set(Vec<Value>),
    /// Of a set of addresses.
    Ips(Vec<([u8; 16], [u8; 16])>),
}
