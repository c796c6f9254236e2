//! How a command ends when it cannot do its work, and with which exit status.

use std::fmt;

/// Exit status of the process, as `tagout --help` states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Fine,
    /// Errors in rules, failed tests, alerts at or above the asked level.
    Findings,
    /// Wrong usage, or a file that cannot be used.
    Usage,
    /// Configuration or environment.
    Environment,
}

impl Exit {
    /// The number that the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Environment => 3,
        }
    }
}

/// A command could not do its work.
#[derive(Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// What went wrong, for people; lowercase, no full stop.
    pub message: String,
}

impl Failure {
    /// A file that cannot be used, or wrong usage.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// Configuration or environment that cannot be used.
    pub fn environment(message: impl Into<String>) -> Self {
        Self { exit: Exit::Environment, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
