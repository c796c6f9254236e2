//! What can go wrong with an input, said so that a person can act on it.

use std::fmt;
use std::io;

/// An input that cannot be read, or not further.
#[derive(Debug)]
pub struct SourceError {
    /// Name of the input, for the message.
    name: String,
    kind: ErrorKind,
}

#[derive(Debug)]
pub(crate) enum ErrorKind {
    Io(io::Error),
    Empty,
    Unrecognized,
    Compressed(&'static str),
    /// The input ends inside a record.
    Truncated {
        what: &'static str,
        n: u64,
        offset: u64,
    },
    /// A record's header cannot be true.
    Damaged {
        what: &'static str,
        n: u64,
        offset: u64,
        why: String,
    },
}

impl ErrorKind {
    /// Whether the input goes on, but has nothing to give at the moment.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

impl SourceError {
    pub(crate) fn new(name: &str, kind: ErrorKind) -> SourceError {
        SourceError { name: name.to_owned(), kind }
    }

    /// Name of the input.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the input ended inside a record: all before it was handed out.
    pub fn is_truncated(&self) -> bool {
        matches!(self.kind, ErrorKind::Truncated { .. })
    }

    /// Whether a record contradicts itself: all before it was handed out.
    pub fn is_damaged(&self) -> bool {
        matches!(self.kind, ErrorKind::Damaged { .. })
    }

    /// Whether the input has not a single byte.
    pub fn is_empty(&self) -> bool {
        matches!(self.kind, ErrorKind::Empty)
    }

    /// Whether nothing of the input can be used: its kind is not known, or it is
    /// empty.
    pub fn is_unusable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Empty | ErrorKind::Unrecognized | ErrorKind::Compressed(_)
        )
    }

    /// Whether nothing is wrong: a [watched](crate::Source::watched) input goes on,
    /// but its next read waits.
    pub fn is_idle(&self) -> bool {
        self.kind.is_idle()
    }

    /// Whether the reader itself failed.
    pub fn is_io(&self) -> bool {
        matches!(self.kind, ErrorKind::Io(_)) && !self.is_idle()
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.kind {
            ErrorKind::Io(error) => write!(f, "`{name}`: {error}"),
            ErrorKind::Empty => write!(f, "`{name}`: the input is empty"),
            ErrorKind::Unrecognized => write!(
                f,
                "`{name}`: neither a capture (pcap, pcapng) nor an event log (EVTX, XML) nor \
                 JSON lines nor an audit log; say what it is with `--input-format`"
            ),
            ErrorKind::Compressed(how) => {
                write!(f, "`{name}`: compressed with {how}; decompress it first")
            }
            ErrorKind::Truncated { what, n, offset } => {
                write!(f, "`{name}`: the input ends inside {what} {n} at byte {offset}")
            }
            ErrorKind::Damaged { what, n, offset, why } => {
                write!(f, "`{name}`: {what} {n} at byte {offset} is damaged: {why}")
            }
        }
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}
