//! The schema: event kinds, their fields, and where each field lies.
//!
//! ```text
//! spec/schema/*.toml --xtask codegen--> schema/generated.rs --.
//!                                                             +--> Schema
//! a schema file given at load ------ text + place ----'
//! ```
//!
//! A [`Schema`] is a list of kinds and enumerations. Neither list is a closed
//! Rust type: a file given at load (a plugin's, a test's) adds to both, goes
//! through the same layout rules ([`layout`]), and rules on it compile, index
//! and run as rules on built-in kinds do.
//!
//! The types here own or borrow their text ([`Cow`]), so that the generated
//! tables are plain statics and cost nothing at start.

#[cfg(feature = "std")]
pub mod emit;
pub mod layout;

#[cfg(feature = "std")]
mod error;
mod fingerprint;
#[rustfmt::skip]
mod generated;
mod lookup;
pub mod names;
#[cfg(feature = "std")]
mod place;
#[cfg(feature = "std")]
mod text;

use alloc::borrow::Cow;
use alloc::vec::Vec;

#[cfg(feature = "std")]
pub use error::SchemaError;

/// Text that is static in the generated tables and owned in loaded ones.
pub type Str = Cow<'static, str>;

/// A list that is static in the generated tables and owned in loaded ones.
pub type List<T> = Cow<'static, [T]>;

/// Position of a kind in its [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindIdx(pub u16);

/// Presence bit of a field; for a field of an element, the bit in the element.
/// Reserved bits have no field: [`Kind::field`] looks one up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldIdx(pub u16);

/// Position of an enumeration in its [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnumIdx(pub u16);

/// Where an event comes from: decides which common fields a kind carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Decoded from traffic: has `src`, `dst`, `flow`.
    Network,
    /// Reported by a computer: has `host`.
    Host,
    /// Neither, such as `tick` or `change_ticket`.
    Other,
}

/// One event kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// Name as rules and event JSON write it.
    pub name: Str,
    /// One line for people.
    pub doc: Str,
    /// Standard or document the fields come from.
    pub source: Str,
    /// Which common fields it carries.
    pub family: Family,
    /// Name of the JSON object that holds the kind's own fields.
    pub group: Str,
    /// Views that include this kind, such as `ot`.
    pub views: List<Str>,
    /// All fields, common ones first, each at its presence bit. A reserved bit
    /// holds no field and is not in the list: use [`Kind::field`] to look up.
    pub fields: List<Field>,
    /// Number of 64-bit presence words at the start of a record.
    pub presence_words: u8,
    /// Bytes of a whole record; the first [`layout::HOT_BYTES`] are the hot part.
    pub stride: u16,
    /// How `register(...)` reads this kind, if it holds 16-bit registers.
    pub registers: Option<Registers>,
    /// Range fields that follow from others when an event lacks them.
    pub ranges: List<DerivedRange>,
    /// Which fields can be present only beside which values of another.
    pub guards: List<Guard>,
}

/// Fields that a record can hold only if another field has one of some values: a
/// diagnostic sub-function is there only if the function is diagnostics. What a rule
/// compares without proving the guard is undecided for all other events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The field that decides: an enumeration, a number or a bool.
    pub by: FieldIdx,
    /// Its values beside which the others can be present; 0 and 1 for a bool.
    pub values: List<u64>,
    /// The others.
    pub fields: List<FieldIdx>,
}

/// The fields through which `register(event, address, type)` reads a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registers {
    /// Field with the protocol address of the first register.
    pub address: FieldIdx,
    /// Field, a list of `u16`, with the registers in wire order.
    pub values: FieldIdx,
    /// Enumeration field that says which table is addressed.
    pub table: FieldIdx,
    /// Values of `table` for which `values` holds registers and not bits.
    pub register_tables: List<u64>,
}

/// A range that a writer fills in when it is absent and both of the others are
/// present: `first ..= first + count - 1`; a count of zero gives no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DerivedRange {
    /// The field of type range.
    pub range: FieldIdx,
    /// Field with the first number.
    pub first: FieldIdx,
    /// Field with the count.
    pub count: FieldIdx,
}

/// Fields that every kind of a family has.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Common {
    /// Of events decoded from traffic.
    pub network: List<Field>,
    /// Of events reported by computers.
    pub host: List<Field>,
    /// Of the others.
    pub other: List<Field>,
}

/// A set of kinds that share fields at the same place, such as `ot`.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Name as rules write it after `on`.
    pub name: Str,
    /// One line for people.
    pub doc: Str,
    /// Family of its kinds.
    pub family: Family,
    /// The shared fields.
    pub fields: List<Field>,
}

/// One field of a kind, or of the elements of a repeated group.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Path as rules write it after the event's name: `src.ip`, `function`.
    pub path: Str,
    /// Whether JSON holds it at the top level (common) or in the kind's group.
    pub common: bool,
    /// What its slot holds.
    pub ty: FieldType,
    /// Presence bit: from the record's start, or from the element's.
    pub bit: u16,
    /// Byte offset of the slot: from the record's start, or from the element's.
    pub offset: u16,
    /// Unit of the number, such as `ms`; empty if it has none.
    pub unit: Str,
    /// One line for people.
    pub doc: Str,
    /// An example in rule syntax.
    pub example: Str,
    /// Clause of the standard that defines it; empty if it is ours.
    pub source: Str,
    /// For lists and groups: what an element is.
    pub items: Option<Items>,
}

/// The elements of a repeated field.
#[derive(Clone, Debug, PartialEq)]
pub struct Items {
    /// Most elements that a record keeps; more set the truncated flag.
    pub max: u16,
    /// Bytes from one element to the next.
    pub stride: u16,
    /// Fields of an element; empty for a list of scalars.
    pub fields: List<Field>,
}

/// What a slot holds. Integers keep their width on the wire of the record and
/// are 64-bit signed in the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// One byte, 0 or 1.
    Bool,
    /// An integer.
    Int(IntRepr),
    /// An open enumeration: a number that may have a label.
    Enum(EnumIdx, IntRepr),
    /// IEEE 754 binary64.
    Float,
    /// Nanoseconds since 1970-01-01 UTC, signed 64 bit.
    Time,
    /// Nanoseconds, signed 64 bit.
    Duration,
    /// 16 bytes in network order; IPv4 as `::ffff:a.b.c.d`.
    Ip,
    /// Six bytes in wire order, then two zero bytes.
    Mac,
    /// Text compared exactly; any bytes, UTF-8 by convention.
    Text,
    /// A name compared under simple case folding: file, user, host names.
    Name,
    /// A file path, folded, with the views `name`, `directory`, `extension`.
    Path,
    /// Bytes compared exactly, printed as hex.
    Bytes,
    /// Two unsigned 32-bit numbers: first and last, inclusive.
    Range,
    /// Repeated scalars; the element's type.
    List(Scalar),
    /// Repeated elements with fields of their own.
    Group,
    /// Names and texts as the source has them: repeated elements of a `name` and
    /// a `value`, of which [names] single out some.
    Map,
}

/// Element type of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// An integer.
    Int(IntRepr),
    /// An open enumeration.
    Enum(EnumIdx, IntRepr),
    /// IEEE 754 binary64.
    Float,
    /// Text compared exactly.
    Text,
    /// A folded name.
    Name,
    /// An address.
    Ip,
}

/// Width and sign of an integer slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum IntRepr {
    U8,
    U16,
    U32,
    /// A value of 2^63 or more is read as out of range: unknown.
    U64,
    I8,
    I16,
    I32,
    I64,
}

/// An open enumeration: unknown numbers stay numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// Name, unique in the schema.
    pub name: Str,
    /// Labels in order of their numbers; numbers and names are unique.
    pub labels: List<Label>,
}

/// A named number of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The number on the wire.
    pub value: u64,
    /// The name in rules and JSON.
    pub name: Str,
    /// One line for people; may be empty.
    pub doc: Str,
}

/// What a file has added to a schema.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Added {
    /// Kinds, in the order of the file.
    pub kinds: Vec<KindIdx>,
    /// Fields that were added to kinds of other files, by kind, each in the order of the
    /// file. A kind that the schema does not have is left out.
    pub fields: Vec<(KindIdx, Vec<FieldIdx>)>,
}

/// All kinds and enumerations known to a compiler or a runtime.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Schema {
    /// Kinds; a [`KindIdx`] is a position here.
    pub kinds: Vec<Cow<'static, Kind>>,
    /// Enumerations; an [`EnumIdx`] is a position here.
    pub enums: Vec<Cow<'static, Enum>>,
    /// Views that kinds may join.
    pub views: Vec<Cow<'static, View>>,
    /// Fields that a new kind starts with.
    pub common: Common,
    /// The plugins that declare some of it.
    pub origins: Vec<Origin>,
}

/// A plugin that declares part of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its name.
    pub plugin: Str,
    /// Its version, as `major.minor.patch`.
    pub version: Str,
    /// Kinds that it declares.
    pub kinds: Vec<KindIdx>,
    /// Fields that it adds to kinds of others.
    pub fields: Vec<(KindIdx, FieldIdx)>,
}

#[cfg(test)]
mod tests;
