//! The tree of a rule file.
//!
//! Every node knows the tokens it covers ([`Node::tokens`]), and the file keeps
//! every token with its comments and blanks, so the tree loses nothing: the
//! formatter and an editor walk tokens, the analysis walks nodes. Text and
//! numbers are already decoded in the nodes; anything that could not be parsed
//! is an `Error` node, and a diagnostic for it has been emitted.
//!
//! Names are not resolved here: `high`, `plc` and `m` are all [`ExprKind::Path`].

use crate::diagnostic::Span;

/// A node: what it is, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<T> {
    /// What the source says.
    pub kind: T,
    /// Bytes of the file that it covers, without surrounding blanks.
    pub span: Span,
    /// Tokens that it covers: indices into the file's token vector, end exclusive.
    pub tokens: (u32, u32),
}

/// A name as written.
pub type Ident = Node<String>;
/// An expression.
pub type Expr = Node<ExprKind>;

/// A parsed file.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct File {
    /// Items in source order.
    pub items: Vec<Node<Item>>,
}

/// A top-level declaration.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `param NAME: TYPE [max N] [= EXPR]`
    Param(Param),
    /// `data NAME: TYPE [replaceable] = "FILE"`
    Data(Data),
    /// `pred NAME(m: modbus, ...) = EXPR`
    Pred(Pred),
    /// `rule NAME { ... }`
    Rule(Rule),
    /// `missing = false` or `on_unknown = count` for the whole file.
    Setting(Entry),
    /// Something that is not an item.
    Error,
}

/// A value bound where the pack is deployed.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the production above names the parts")]
pub struct Param {
    pub name: Ident,
    pub ty: Node<TypeExpr>,
    pub max: Option<Node<u64>>,
    pub default: Option<Expr>,
}

/// A table shipped with the pack.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the production above names the parts")]
pub struct Data {
    pub name: Ident,
    pub ty: Node<TypeExpr>,
    pub replaceable: bool,
    pub file: Node<String>,
}

/// A named condition.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the production above names the parts")]
pub struct Pred {
    pub name: Ident,
    pub args: Vec<(Ident, Node<TypeExpr>)>,
    pub body: Expr,
}

/// A type as written: `ip`, `set<ip>`, `map<ip, text>`, or a kind's name.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeExpr {
    /// The name.
    pub name: String,
    /// What stands between `<` and `>`.
    pub args: Vec<Node<TypeExpr>>,
}

/// A rule: its sections in source order; the analysis rejects doubles.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the production above names the parts")]
pub struct Rule {
    pub name: Ident,
    pub sections: Vec<Node<Section>>,
}

/// A section of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Section {
    /// `meta { id = "..." severity = high }`
    Meta(Vec<Node<Entry>>),
    /// `on KIND [as NAME]`
    On {
        /// Kind or view.
        kind: Ident,
        /// The name of the event in the rule; the kind's own if left out.
        name: Option<Ident>,
    },
    /// `where EXPR`
    Where(Expr),
    /// `unless EXPR`
    Unless(Expr),
    /// `dedup by (EXPR, ...) for DURATION`
    Dedup {
        /// Key columns.
        by: Vec<Expr>,
        /// How long equal keys are held back.
        within: Expr,
    },
    /// `emit { title = "..." evidence = [...] severity = ... }`
    Emit(Vec<Node<Entry>>),
    /// `on_unknown = count | alert` or `missing = false | unknown`
    Setting(Entry),
    /// `test "NAME" [with { ... }] { ... }`
    Test(Test),
    /// Something that is not a section.
    Error,
}

/// `key = value`
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Left of the equals sign.
    pub key: Ident,
    /// Right of it.
    pub value: Expr,
}

/// A test in a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// What it shows, in words.
    pub name: Node<String>,
    /// Parameters bound for this test: `with { engineering: {10.30.1.9} }`.
    pub with: Vec<(Ident, Expr)>,
    /// Events in order.
    pub events: Vec<Node<TestEvent>>,
    /// Expectations in order.
    pub expects: Vec<Node<Expect>>,
}

/// `at 0s modbus { path: value, ... }`
#[derive(Clone, Debug, PartialEq)]
pub struct TestEvent {
    /// Time after the test's start.
    pub at: Expr,
    /// Kind of the event.
    pub kind: Ident,
    /// Fields; a value is a literal, a label, a list, or a list of `{ ... }`.
    pub fields: Vec<(Expr, Expr)>,
}

/// `expect match | none | indeterminate [on PATH, ...]`
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// At least one match.
    Match,
    /// Neither a match nor an indeterminate verdict.
    None,
    /// An indeterminate verdict, for want of these fields if any are named.
    Indeterminate(Vec<Expr>),
    /// Something else.
    Error,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A whole number; larger than any type allows is kept and reported later.
    Int(i128),
    /// A number with a point or an exponent.
    Float(f64),
    /// `true`, `false`
    Bool(bool),
    /// `null`, in test events only
    Null,
    /// `"..."`, `r"..."`, `i"..."`
    Str(StrLit),
    /// `10m`, in nanoseconds
    Duration(i64),
    /// An address; IPv4 as v4-mapped.
    Ip(std::net::IpAddr),
    /// `10.20.0.0/24`; host bits are kept as written and reported later.
    Net(std::net::IpAddr, u8),
    /// `00:1b:1b:00:00:01`
    Mac([u8; 6]),
    /// `m.src.ip`: one or more names.
    Path(Vec<Ident>),
    /// `p.raw["Name"]`
    Index(Box<Expr>, Box<Expr>),
    /// `{ a, b }` or, with `fold`, `i{ "a", "b" }`
    Set {
        /// Whether the texts in it are folded.
        fold: bool,
        /// Elements; a range is an element too.
        items: Vec<Expr>,
    },
    /// `[ a, b ]`; an element may carry a label: `[ pressure: register(m, 40, f32) ]`
    List(Vec<(Option<Ident>, Expr)>),
    /// `{ index: 3, value: 1 }`, an element of a group in a test event
    Record(Vec<(Expr, Expr)>),
    /// `9..98`, inclusive
    Range(Box<Expr>, Box<Expr>),
    /// `not E`, `-E`, `~E`
    Unary(UnaryOp, Box<Expr>),
    /// Everything with two operands; see [`BinaryOp`].
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `E contains [any|all] SET`
    Text {
        /// Which test.
        op: TextOp,
        /// Whether every element must be found, not just one.
        all: bool,
        /// What is searched.
        value: Box<Expr>,
        /// A text or a set of texts.
        needles: Box<Expr>,
    },
    /// `E is [not] missing | null | present`
    Is {
        /// The field.
        value: Box<Expr>,
        /// Whether `not` was written.
        negated: bool,
        /// Which state.
        state: IsState,
    },
    /// `name(a, key: b)`
    Call {
        /// A predicate, a function or a built-in form such as `register`.
        name: Ident,
        /// Arguments with their optional names.
        args: Vec<(Option<Ident>, Expr)>,
    },
    /// `any v in m.items (E)`, `all ...`, `count ...`
    Quant {
        /// Which.
        quant: Quant,
        /// The name of the element.
        var: Ident,
        /// The repeated field.
        over: Box<Expr>,
        /// The condition on one element.
        cond: Box<Expr>,
    },
    /// `A when C else B`
    When {
        /// The value if the condition holds.
        then: Box<Expr>,
        /// The condition.
        cond: Box<Expr>,
        /// The value if it does not hold or is unknown.
        otherwise: Box<Expr>,
    },
    /// `( E )`
    Paren(Box<Expr>),
    /// Something that is not an expression.
    Error,
}

/// A text as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrLit {
    /// The text, escapes decoded.
    pub value: String,
    /// Which spelling.
    pub style: StrStyle,
}

/// Spellings of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrStyle {
    /// `"..."` with escapes.
    Plain,
    /// `r"..."` without.
    Raw,
    /// `i"..."`, compared under folding, with escapes.
    Fold,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum UnaryOp {
    Not,
    Neg,
    BitNot,
}

/// Operators with two operands, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum BinaryOp {
    Else,
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
    Overlaps,
    Glob,
    Matches,
    Coalesce,
    BitOr,
    BitXor,
    BitAnd,
    Shl,
    Shr,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

/// Tests on text with literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum TextOp {
    Contains,
    StartsWith,
    EndsWith,
}

/// States that `is` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum IsState {
    Missing,
    Null,
    Present,
}

/// Quantifiers over a repeated field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum Quant {
    Any,
    All,
    Count,
}
