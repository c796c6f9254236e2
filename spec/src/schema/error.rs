//! What can be wrong with a schema file.

use std::fmt;

/// Why a schema file was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    line: Option<u32>,
    message: String,
}

impl SchemaError {
    /// The line the error is on, from 1, where it is known.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }

    /// An error at a byte of the file.
    pub(crate) fn at(text: &str, byte: usize, message: impl Into<String>) -> Self {
        let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
        let newlines = before.iter().filter(|b| **b == b'\n').count();
        let line = u32::try_from(newlines).ok().and_then(|n| n.checked_add(1));
        Self { line, message: message.into() }
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for SchemaError {}
