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
//!
//! A live reader is watched: before a read that would wait, the error
//! [`io::ErrorKind::WouldBlock`] is given once, and whoever asks again waits. All
//! that was said so far still holds then: nothing is half consumed.

use std::io::{self, Read};

/// Says whether a read would return at once.
pub(crate) type Ready<'r> = Box<dyn FnMut() -> bool + Send + 'r>;

/// Bytes asked of the reader at once.
const CAPACITY: usize = 256 * 1024;

/// The sliding window.
pub(crate) struct Buffer<'r, R> {
    reader: R,
    ready: Option<Ready<'r>>,
    /// Whether the caller knows that the next read waits.
    told: bool,
    /// Bytes that are still to be passed.
    to_skip: u64,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset in the input of `bytes[start]`.
    offset: u64,
    at_end: bool,
}

impl<'r, R: Read> Buffer<'r, R> {
    pub(crate) fn new(reader: R) -> Buffer<'r, R> {
        Buffer {
            reader,
            ready: None,
            told: false,
            to_skip: 0,
            bytes: vec![0; CAPACITY],
            start: 0,
            end: 0,
            offset: 0,
            at_end: false,
        }
    }

    /// Watches the reader from now on.
    pub(crate) fn watch(&mut self, ready: Ready<'r>) {
        self.ready = Some(ready);
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
        if let Some(ready) = &mut self.ready
            && !std::mem::replace(&mut self.told, true)
            && !ready()
        {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.told = false;
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

    /// Passes `n` bytes, and what an interrupted call has left to pass, without
    /// keeping them; false if the input ends before.
    pub(crate) fn skip(&mut self, n: u64) -> io::Result<bool> {
        self.to_skip = self.to_skip.saturating_add(n);
        loop {
            let wanted = usize::try_from(self.to_skip).unwrap_or(usize::MAX);
            let here = wanted.min(self.available().len());
            self.consume(here);
            self.to_skip = self.to_skip.saturating_sub(here as u64);
            if self.to_skip == 0 {
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
    fn a_reader_that_waits_is_told_of_once() {
        let mut buffer = Buffer::new(Trickle { bytes: &[1, 2, 3, 4], step: 2 });
        buffer.watch(Box::new(|| false));
        for end in [2, 4] {
            let told = buffer.ensure(end).unwrap_err();
            assert_eq!(told.kind(), io::ErrorKind::WouldBlock);
            assert!(buffer.ensure(end).unwrap());
        }
        let mut buffer = Buffer::new(Trickle { bytes: &[0; 5], step: 2 });
        buffer.watch(Box::new(|| false));
        let mut waits = 0;
        let mut skipped = buffer.skip(5);
        while skipped.is_err() {
            waits += 1;
            skipped = buffer.skip(0);
        }
        assert_eq!((waits, skipped.unwrap(), buffer.offset()), (3, true, 5));
    }

    #[test]
    fn skips_across_reads() {
        let mut buffer = Buffer::new(Trickle { bytes: &[0; 100], step: 7 });
        assert!(buffer.skip(99).unwrap());
        assert_eq!(buffer.offset(), 99);
        assert!(!buffer.skip(2).unwrap());
    }
}
