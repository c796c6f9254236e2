//! Why a module must not run.

use std::fmt;

use wasmparser::BinaryReaderError;

/// Why a module was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// Not a core module, or not valid under the features a pack may use.
    Invalid {
        /// What is wrong.
        message: String,
        /// Byte of the file.
        offset: usize,
    },
    /// A component, not a core module.
    Component,
    /// It imports something that is no declared function of a plugin.
    Import {
        /// Module name of the first such import.
        module: String,
        /// Name of the first such import.
        name: String,
    },
    /// It imports a declared function with another type.
    ImportType {
        /// Name of the import.
        name: String,
        /// The function as declared.
        declared: String,
    },
    /// It has a start function.
    Start,
    /// It has no memory or several.
    Memories(u32),
    /// Its memory can grow, is shared or has 64-bit addresses.
    MemoryKind(&'static str),
    /// It has an instruction that grows the memory.
    MemoryGrow {
        /// Index of the function.
        function: u32,
    },
    /// Its table can grow, or it has several.
    TableKind(&'static str),
    /// Something is larger than allowed.
    TooLarge {
        /// What.
        what: &'static str,
        /// How large it is.
        is: u64,
        /// How large it may be.
        max: u64,
    },
    /// A required export is missing.
    NoExport(&'static str),
    /// An export has another type than required.
    ExportType {
        /// Name of the export.
        name: &'static str,
        /// What is required.
        expected: &'static str,
    },
    /// An area does not lie inside the memory, or is not aligned, or is too small.
    Area {
        /// Name of the export with its address.
        name: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// The ABI's major version is not ours.
    Abi {
        /// Major version of the module.
        major: u32,
        /// Minor version of the module.
        minor: u32,
    },
}

impl Refused {
    pub(super) fn invalid(error: &BinaryReaderError) -> Self {
        Self::Invalid { message: error.message().to_owned(), offset: error.offset() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { message, offset } => {
                write!(f, "not a valid module: {message} (at byte {offset:#x})")
            }
            Self::Component => write!(f, "a component; a pack is a core module"),
            Self::Import { module, name } => {
                write!(
                    f,
                    "the module imports `{module}` `{name}`; a pack imports nothing but \
                     functions of plugins that it declares"
                )
            }
            Self::ImportType { name, declared } => {
                write!(f, "the import `{name}` is not of the type of `{declared}`")
            }
            Self::Start => write!(f, "the module has a start function"),
            Self::Memories(0) => write!(f, "the module has no memory"),
            Self::Memories(n) => write!(f, "the module has {n} memories; a pack has one"),
            Self::MemoryKind(problem) => write!(f, "the memory {problem}"),
            Self::MemoryGrow { function } => {
                write!(f, "function {function} grows the memory; a pack's is fixed")
            }
            Self::TableKind(problem) => write!(f, "the module {problem}"),
            Self::TooLarge { what, is, max } => {
                write!(f, "{what}: {is}, at most {max} allowed")
            }
            Self::NoExport(name) => write!(f, "the module does not export `{name}`"),
            Self::ExportType { name, expected } => {
                write!(f, "the export `{name}` is not {expected}")
            }
            Self::Area { name, problem } => write!(f, "the area `{name}` {problem}"),
            Self::Abi { major, minor } => write!(
                f,
                "the pack has ABI {major}.{minor}; this runtime speaks {}.{}",
                tagout_spec::pack::ABI_MAJOR,
                tagout_spec::pack::ABI_MINOR
            ),
        }
    }
}

impl std::error::Error for Refused {}
