//! Functions that plugins add to rules: what is declared of them.
//!
//! ```text
//! plugin's manifest --> Function --> compiler: names, types, cost, documentation
//!                          '-------> pack's manifest --> host: links by plugin and name
//! ```
//!
//! `spec/plugin.md`, *A function*, is the normative text.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::version::Version;

/// Most arguments of a function.
pub const ARGUMENTS_MAX: usize = 8;

/// A function of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Name of the plugin.
    pub plugin: String,
    /// Version of the plugin.
    pub version: Version,
    /// Name, as rules call it.
    pub name: String,
    /// Types of its arguments, at most [`ARGUMENTS_MAX`].
    pub arguments: Vec<ArgumentType>,
    /// Type of its result.
    pub returns: ResultType,
    /// Most instructions of a call.
    pub cost: CallCost,
    /// What it computes, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// A condition that uses it, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub example: String,
}

impl Function {
    /// The name under which a pack imports it: `PLUGIN/NAME`.
    #[must_use]
    pub fn import(&self) -> String {
        format!("{}/{}", self.plugin, self.name)
    }

    /// Whether it will do where another was declared: of a version that
    /// [serves](Version::serves), with the same types.
    #[must_use]
    pub fn serves(&self, wanted: &Function) -> bool {
        (&self.plugin, &self.name) == (&wanted.plugin, &wanted.name)
            && self.version.serves(&wanted.version)
            && self.arguments == wanted.arguments
            && self.returns == wanted.returns
    }
}

impl fmt::Display for Function {
    /// `entropy(text) -> float`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name)?;
        for (i, argument) in self.arguments.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{}", argument.name())?;
        }
        write!(f, ") -> {}", self.returns.name())
    }
}

/// Types of arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the language")]
pub enum ArgumentType {
    Text,
    Bytes,
    Int,
    Float,
    Bool,
    Ip,
}

impl ArgumentType {
    /// All of them.
    pub const ALL: &[ArgumentType] =
        &[Self::Text, Self::Bytes, Self::Int, Self::Float, Self::Bool, Self::Ip];

    /// As a manifest writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Ip => "ip",
        }
    }

    /// What a module passes for it.
    #[must_use]
    pub fn words(self) -> &'static [Word] {
        match self {
            Self::Text | Self::Bytes => &[Word::I32, Word::I32],
            Self::Int => &[Word::I64],
            Self::Float => &[Word::F64],
            Self::Bool | Self::Ip => &[Word::I32],
        }
    }
}

/// Types of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the language")]
pub enum ResultType {
    Int,
    Float,
    Bool,
}

impl ResultType {
    /// All of them.
    pub const ALL: &[ResultType] = &[Self::Int, Self::Float, Self::Bool];

    /// As a manifest writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
        }
    }

    /// What a module is given for it.
    #[must_use]
    pub fn word(self) -> Word {
        match self {
            Self::Int => Word::I64,
            Self::Float => Word::F64,
            Self::Bool => Word::I32,
        }
    }
}

/// Types of WebAssembly that a call passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names of WebAssembly")]
pub enum Word {
    I32,
    I64,
    F64,
}

/// Most instructions of a call: `call + byte * bytes of its texts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the summary says what they are")]
pub struct CallCost {
    pub call: u64,
    #[serde(default)]
    pub byte: u64,
}
