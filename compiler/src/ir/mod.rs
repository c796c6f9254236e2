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
//! reason(c) = the empty list if c is decided; for a leaf, the fields that it
//! read and that were not usable, in source order; for `all`, `any`, `not`, the
//! reasons of its undecided children in source order without doubles; for
//! `else`, the reason of its right side.
//!
//! Invariants that [`verify`] holds: operand types agree as each node states;
//! indices are in range; integer sets are sorted, disjoint and not adjacent;
//! needles of a folded test are folded; a `Var` is bound by an enclosing
//! quantifier of the same group.

use tagout_spec::schema::{EnumIdx, FieldIdx, KindIdx};

use crate::diagnostic::Span;

/// A compiled pack before code generation.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Program {
    /// Kinds that predicates apply to, in schema order; pack-local kind numbers.
    pub kinds: Vec<KindIdx>,
    /// Parameters.
    pub params: Vec<Param>,
    /// Tables.
    pub data: Vec<DataTable>,
    /// Regular expressions and globs.
    pub patterns: Vec<Pattern>,
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
    /// Type of the value, or of an element of the set.
    pub ty: Type,
    /// For a set: most elements that may be bound.
    pub set_max: Option<u32>,
    /// Value when nothing is bound; `None` means that it must be bound, and
    /// until then rules that use it are blind.
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
    /// says so. A glob is translated to an anchored one.
    pub regex: String,
    /// Whether it runs over the folded copy.
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
    /// 2 - x.
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
    /// The value lies in one of the inclusive ranges of addresses, sorted and disjoint.
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
    /// The value equals one of the floats or macs (sorted, unique).
    InValues(Expr, Vec<Value>),
    /// The value is in a set parameter; folding by the parameter's type.
    InParam(Expr, u32),
    /// The value is a key of a table; folding by the key's type.
    InData(Expr, u32),
    /// Two inclusive ranges share a number.
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
    /// true. A group that is not present: unknown. Truncated: see `Cause`.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldRef {
    /// Of the event.
    Event(FieldIdx),
    /// Of the element bound by the innermost quantifier: position in the fields
    /// of the group's elements.
    Elem(FieldIdx, FieldIdx),
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
    /// Bytes of a text, or elements of a repeated field. A truncated text or
    /// list: unknown.
    Len(Box<Expr>),
    /// Elements of a repeated field.
    LenOf(FieldRef),
    /// Int, Float, Duration. Overflow: unknown.
    Neg(Box<Expr>),
    /// Bitwise complement. Int.
    BitNot(Box<Expr>),
    /// Arithmetic on operands of the same type; see [`ArithOp`].
    Arith(ArithOp, Box<Expr>, Box<Expr>),
    /// Int to Float, nearest even.
    ToFloat(Box<Expr>),
    /// The left side if known, else the right side.
    Coalesce(Box<Expr>, Box<Expr>),
    /// A view of a path or text: always folds, type Name (Path for directory).
    PathView(PathView, Box<Expr>),
    /// The value of a map for a key; no such key: unknown ([`Cause::Absent`](tagout_spec::pack::Cause)).
    Lookup(u32, Box<Expr>),
    /// A number read from registers; outside the PDU: unknown (`Domain`).
    Register(RegisterView),
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
    /// Whether the least significant word comes first.
    pub little_words: bool,
    /// Whether each word's bytes are swapped.
    pub little_bytes: bool,
    /// The number is multiplied by this; the result is Float if it is present
    /// or the format is one, else Int.
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
/// divisor or overflow unknown; `& | ^ << >>` on 64 bits, `>>` keeps the sign, a
/// shift outside 0..=63 unknown. Float: `+ - * /`; a NaN result is unknown,
/// infinities are values. Time and Duration: `+ -` as Int; Time - Time is a
/// Duration, Duration * Int and Duration / Int are Durations.
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
