//! Why a pack was not loaded.

use std::fmt;

use crate::engine::CodeError;
use crate::plugin::PluginError;

/// Why a pack was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// The file is no module, or its sections cannot be told apart.
    File {
        /// What is wrong.
        problem: String,
    },
    /// A section is missing, occurs twice or does not say what it should.
    Section {
        /// Name of the section.
        name: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The module was refused, or there is no native code for it.
    Code(CodeError),
    /// The pack asks for more than its budget.
    Budget {
        /// What of.
        what: &'static str,
        /// How much it asks for.
        is: u64,
        /// How much it may have.
        max: u64,
    },
    /// The module does not take its parameters.
    Bind {
        /// What happened.
        problem: String,
    },
    /// Two rules have the same `signature_id`.
    Signature {
        /// The number.
        sid: u32,
        /// Full names of the rules.
        rules: [String; 2],
    },
    /// The module has no room for a batch of a kind.
    Room {
        /// Name of the kind.
        kind: String,
        /// Bytes of a batch.
        needs: u64,
        /// Bytes of the area.
        has: u64,
    },
    /// Two packs or two plugins have the same name.
    Name(String),
    /// A plugin cannot be used.
    Plugin(PluginError),
    /// The site binds something that does not fit the pack.
    Site(Vec<String>),
}

impl LoadError {
    pub(super) fn section(name: &'static str, problem: impl Into<String>) -> Self {
        Self::Section { name, problem: problem.into() }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { problem } => write!(f, "not a pack: {problem}"),
            Self::Section { name, problem } => write!(f, "section `{name}`: {problem}"),
            Self::Code(error) => error.fmt(f),
            Self::Budget { what, is, max } => {
                write!(f, "over budget: {is} {what}, at most {max} allowed")
            }
            Self::Bind { problem } => {
                write!(f, "the module does not take its parameters: {problem}")
            }
            Self::Signature { sid, rules: [one, two] } => write!(
                f,
                "rules `{one}` and `{two}` have the same signature id {sid}; \
                 give one of them a `sid` in `meta`"
            ),
            Self::Room { kind, needs, has } => write!(
                f,
                "the module has room for {has} bytes, a batch of `{kind}` takes {needs}"
            ),
            Self::Name(name) => write!(f, "two packs or plugins are named `{name}`"),
            Self::Plugin(error) => error.fmt(f),
            Self::Site(problems) => write!(f, "{}", problems.join("\n")),
        }
    }
}

impl std::error::Error for LoadError {}

impl From<CodeError> for LoadError {
    fn from(error: CodeError) -> Self {
        Self::Code(error)
    }
}

impl From<PluginError> for LoadError {
    fn from(error: PluginError) -> Self {
        Self::Plugin(error)
    }
}
