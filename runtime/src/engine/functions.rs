//! Functions that rules call: what a host gives, and what a call passes.
//!
//! ```text
//! Library (a plugin: declarations)  --open, once a pack and session--> Functions
//! rule -> module -> import PLUGIN/NAME -> Functions::call(number, arguments) -> Value
//! ```
//!
//! Nothing is allocated for a call: arguments borrow the module's memory.

use tagout_spec::function::Function;

/// What offers functions to packs, such as a plugin.
pub trait Library: Send + Sync {
    /// Its functions; all have the same plugin and version.
    fn functions(&self) -> &[Function];

    /// Makes its functions ready for one pack of one session. They are pure, so how
    /// many times they are opened makes no difference.
    ///
    /// # Errors
    ///
    /// They cannot be made ready; says why. The pack's rules that call them are blind.
    fn open(&self) -> Result<Box<dyn Functions>, String>;
}

/// Functions at work.
pub trait Functions: Send {
    /// Calls the function with this position in [`Library::functions`]. The arguments
    /// have its types, each time.
    ///
    /// `None`, and a value of another type than the function's, or NaN, are no value:
    /// the condition that asked is unknown.
    fn call(&mut self, function: usize, arguments: &[Argument<'_>]) -> Option<Value>;

    /// Whether they give no values any more, for the rest of the run.
    fn is_off(&self) -> bool {
        false
    }
}

/// An argument of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Argument<'a> {
    /// A text, as it came: not folded, and whole.
    Text(&'a [u8]),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A number.
    Int(i64),
    /// A number, never NaN.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// An address; IPv4 as `::ffff:a.b.c.d`.
    Ip(&'a [u8; 16]),
}

/// The result of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A number; the least one is no value.
    Int(i64),
    /// A number; NaN is no value.
    Float(f64),
    /// True or false.
    Bool(bool),
}
