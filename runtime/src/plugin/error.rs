//! Why a plugin was not loaded.

use std::fmt;

use tagout_spec::plugin::SCHEMA_SECTION;
use tagout_spec::plugin::refusal::Refusal;
use tagout_spec::schema::SchemaError;

use crate::engine::CodeError;

/// Why a plugin was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginError(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// The file is no module that may be a plugin.
    Module(String),
    /// A section is missing or does not say what it should.
    Section(&'static str, String),
    /// It needs what the site does not allow.
    Capability(String),
    /// The site asks for what cannot be.
    Site(String),
    /// Its code cannot be made ready.
    Code(CodeError),
    /// It cannot be started.
    Start(String),
}

impl PluginError {
    /// What kind of reason it is: the diagnostic that has a page.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match &self.0 {
            Kind::Module(_) => Refusal::Module,
            Kind::Section(SCHEMA_SECTION, _) => Refusal::Schema,
            Kind::Section(..) => Refusal::Manifest,
            Kind::Capability(_) => Refusal::Capability,
            Kind::Site(_) => Refusal::Site,
            Kind::Code(_) => Refusal::Code,
            Kind::Start(_) => Refusal::Start,
        }
    }

    /// The name of the capability that the site does not allow, if that is the reason.
    #[must_use]
    pub fn capability(&self) -> Option<&str> {
        match &self.0 {
            Kind::Capability(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn module(problem: impl Into<String>) -> Self {
        Self(Kind::Module(problem.into()))
    }

    pub(super) fn section(name: &'static str, problem: impl fmt::Display) -> Self {
        Self(Kind::Section(name, problem.to_string()))
    }

    #[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
    pub(super) fn schema(error: SchemaError) -> Self {
        Self::section(SCHEMA_SECTION, &error)
    }

    pub(super) fn missing_capability(name: &str) -> Self {
        Self(Kind::Capability(name.to_owned()))
    }

    pub(crate) fn site(problem: impl Into<String>) -> Self {
        Self(Kind::Site(problem.into()))
    }

    pub(super) fn start(problem: impl Into<String>) -> Self {
        Self(Kind::Start(problem.into()))
    }
}

impl fmt::Display for PluginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] ", self.refusal().code())?;
        match &self.0 {
            Kind::Module(problem) => write!(f, "not a plugin: {problem}"),
            Kind::Section(name, problem) => write!(f, "section `{name}`: {problem}"),
            Kind::Capability(name) => write!(
                f,
                "the plugin needs `{name}`, which the site does not allow; \
                 `allow = [\"{name}\"]` in its `[[plugin]]` would"
            ),
            Kind::Site(problem) => f.write_str(problem),
            Kind::Code(error) => error.fmt(f),
            Kind::Start(problem) => write!(f, "the plugin does not start: {problem}"),
        }
    }
}

impl std::error::Error for PluginError {}

impl From<CodeError> for PluginError {
    fn from(error: CodeError) -> Self {
        Self(Kind::Code(error))
    }
}
