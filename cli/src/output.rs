//! Standard output: buffered, and calm when the reader goes away.

use std::io::{BufWriter, ErrorKind, Stdout, Write, stdout};

use crate::failure::Failure;

/// Standard output for data. Dropping it loses what is not flushed: commands end
/// with [`Output::finish`].
pub(crate) struct Output(BufWriter<Stdout>);

impl Output {
    /// Takes standard output.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self(BufWriter::with_capacity(64 * 1024, stdout()))
    }

    /// Writes bytes. `Ok(false)` says that the reader has closed the pipe, which
    /// is no error: there is just nothing more to do.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<bool, Failure> {
        settle(self.0.write_all(bytes))
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: &str) -> Result<bool, Failure> {
        Ok(self.write(text.as_bytes())? && self.write(b"\n")?)
    }

    /// Hands all that was written to the reader.
    pub(crate) fn flush(&mut self) -> Result<bool, Failure> {
        settle(self.0.flush())
    }

    /// Ends the output.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.flush().map(|_| ())
    }
}

impl Default for Output {
    fn default() -> Self {
        Self::new()
    }
}

fn settle(result: std::io::Result<()>) -> Result<bool, Failure> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => {
            Err(Failure::environment(format!("cannot write standard output: {error}")))
        }
    }
}
