//! A window onto a reader that slides forward and never waits for more bytes
//! than it was asked for.
//!
//! ```text
//! bytes  [ consumed | available          | free        ]
//!        0        start                 end         capacity
//! ```
//!
//! What was consumed stays readable until the next [`Buffer::ensure`], which is
//! what lets a source lend a record that it has already passed.

use std::io::{self, Read};

/// Bytes asked of the reader at once.
const CAPACITY: usize = 256 * 1024;

/// The sliding window.
pub(crate) struct Buffer<R> {
    reader: R,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset in the input of `bytes[start]`.
    offset: u64,
    at_end: bool,
}

impl<R: Read> Buffer<R> {
    pub(crate) fn new(reader: R) -> Buffer<R> {
        Buffer {
            reader,
            bytes: vec![0; CAPACITY],
            start: 0,
            end: 0,
            offset: 0,
            at_end: false,
        }
    }

    /// Offset in the input of the first available byte.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// What was read and not yet consumed.
    pub(crate) fn available(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads until `n` bytes are available; false if the input ends before.
    /// Never reads again once `n` are there.
    pub(crate) fn ensure(&mut self, n: usize) -> io::Result<bool> {
        while self.end.saturating_sub(self.start) < n {
            if !self.more(n)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads once, making room for `n` available bytes; false at the end.
    pub(crate) fn more(&mut self, n: usize) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        self.make_room(n);
        let free = self.bytes.get_mut(self.end..).unwrap_or_default();
        loop {
            match self.reader.read(free) {
                Ok(0) => {
                    self.at_end = true;
                    return Ok(false);
                }
                Ok(got) => {
                    self.end = self.end.saturating_add(got).min(self.bytes.len());
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Passes `n` available bytes (at most) and returns where they lie, for
    /// [`Buffer::lent`].
    pub(crate) fn consume(&mut self, n: usize) -> usize {
        let n = n.min(self.end.saturating_sub(self.start));
        let at = self.start;
        self.start = self.start.saturating_add(n);
        self.offset = self.offset.saturating_add(n as u64);
        at
    }

    /// Bytes that were consumed since the last `ensure`.
    pub(crate) fn lent(&self, at: usize, len: usize) -> &[u8] {
        self.bytes.get(at..at.saturating_add(len)).unwrap_or_default()
    }

    /// Passes `n` bytes without keeping them; false if the input ends before.
    pub(crate) fn skip(&mut self, mut n: u64) -> io::Result<bool> {
        loop {
            let here =
                usize::try_from(n).unwrap_or(usize::MAX).min(self.available().len());
            self.consume(here);
            n = n.saturating_sub(here as u64);
            if n == 0 {
                return Ok(true);
            }
            if !self.more(1)? {
                return Ok(false);
            }
        }
    }

    fn make_room(&mut self, n: usize) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        let full = self.end == self.bytes.len();
        if full || self.start.saturating_add(n) > self.bytes.len() {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end = self.end.saturating_sub(self.start);
            self.start = 0;
        }
        // One byte more than asked for, so that a full window can always grow.
        let wanted = n.max(self.end.saturating_add(1));
        if wanted > self.bytes.len() {
            self.bytes.resize(wanted, 0);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A reader that gives at most `step` bytes at a time, as a pipe does.
    pub(crate) struct Trickle<'a> {
        pub(crate) bytes: &'a [u8],
        pub(crate) step: usize,
    }

    impl Read for Trickle<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let n = self.step.min(to.len()).min(self.bytes.len());
            let (now, later) = self.bytes.split_at(n);
            to[..n].copy_from_slice(now);
            self.bytes = later;
            Ok(n)
        }
    }

    #[test]
    fn slides_over_more_bytes_than_it_holds() {
        let bytes: Vec<u8> =
            (0..CAPACITY * 3).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let mut buffer = Buffer::new(Trickle { bytes: &bytes, step: 100_003 });
        let mut out = Vec::new();
        while buffer.ensure(1000).unwrap() {
            let at = buffer.consume(1000);
            out.extend_from_slice(buffer.lent(at, 1000));
        }
        out.extend_from_slice(buffer.available());
        assert!(out == bytes);
    }

    #[test]
    fn does_not_read_again_when_it_has_enough() {
        let mut buffer = Buffer::new(Trickle { bytes: &[1, 2, 3, 4], step: 2 });
        assert!(buffer.ensure(1).unwrap());
        assert_eq!(buffer.available(), [1, 2]);
        assert!(buffer.ensure(2).unwrap());
        assert_eq!(buffer.available(), [1, 2]);
        assert!(!buffer.ensure(5).unwrap());
        assert_eq!(buffer.available(), [1, 2, 3, 4]);
    }

    #[test]
    fn skips_across_reads() {
        let mut buffer = Buffer::new(Trickle { bytes: &[0; 100], step: 7 });
        assert!(buffer.skip(99).unwrap());
        assert_eq!(buffer.offset(), 99);
        assert!(!buffer.skip(2).unwrap());
    }
}
