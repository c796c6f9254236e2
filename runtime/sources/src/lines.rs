//! Text inputs, a line at a time: JSON lines and audit logs.
//!
//! Some write an object of JSON over several lines. A line that begins an object and
//! does not end one is handed out with the lines behind it, up to its last brace.
//!
//! A line that is longer than [`MAX_LINE`] or not UTF-8 is passed and counted,
//! a blank one too; they keep their numbers, so that a number in a message is
//! the one that an editor shows.

use std::io::Read;

use crate::buffer::Buffer;
use crate::error::ErrorKind;
use crate::source::SourceStats;

/// Most bytes of a line, its end not counted.
pub(crate) const MAX_LINE: usize = 1024 * 1024;

/// State between two lines.
pub(crate) struct Lines {
    number: u64,
    /// Whether a line that is too long has not been passed yet to its end.
    passing: bool,
    /// Whether an object of JSON may go on over several lines.
    objects: bool,
}

/// Where a line lies in the buffer.
#[derive(Clone, Copy)]
pub(crate) struct FoundLine {
    pub(crate) at: usize,
    pub(crate) len: usize,
    pub(crate) number: u64,
    pub(crate) offset: u64,
}

impl Lines {
    /// Passes a byte order mark.
    pub(crate) fn open<R: Read>(
        buffer: &mut Buffer<'_, R>,
        objects: bool,
    ) -> Result<Lines, ErrorKind> {
        const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
        if buffer.available().first() == MARK.first()
            && buffer.ensure(3).map_err(ErrorKind::Io)?
            && buffer.available().starts_with(&MARK)
        {
            buffer.consume(3);
        }
        Ok(Lines { number: 0, passing: false, objects })
    }

    /// Finds the next line that has content, without its end.
    pub(crate) fn next<R: Read>(
        &mut self,
        buffer: &mut Buffer<'_, R>,
        stats: &mut SourceStats,
    ) -> Result<Option<FoundLine>, ErrorKind> {
        loop {
            if self.passing {
                pass_line(buffer)?;
                self.passing = false;
            }
            let offset = buffer.offset();
            let Some(len) = line_len(buffer)? else { return Ok(None) };
            self.number = self.number.saturating_add(1);
            if len > MAX_LINE {
                stats.too_long = stats.too_long.saturating_add(1);
                self.passing = true;
                continue;
            }
            let (len, lines) =
                match self.objects && is_opened(buffer.available().get(..len)) {
                    true => object_len(buffer)?.unwrap_or((len, 0)),
                    false => (len, 0),
                };
            let number = self.number;
            self.number = self.number.saturating_add(lines);
            // Together with its end, which the last line may lack.
            let at = buffer.consume(len.saturating_add(1));
            let line = buffer.lent(at, len).trim_ascii();
            if line.is_empty() {
                stats.blank = stats.blank.saturating_add(1);
                continue;
            }
            if std::str::from_utf8(line).is_err() {
                stats.not_utf8 = stats.not_utf8.saturating_add(1);
                continue;
            }
            return Ok(Some(FoundLine { at, len, number, offset }));
        }
    }
}

/// Bytes to the next line feed, or more than [`MAX_LINE`] if there is none
/// within it; the rest of the input if it ends first; None at its end.
fn line_len<R: Read>(buffer: &mut Buffer<'_, R>) -> Result<Option<usize>, ErrorKind> {
    let mut searched = 0;
    loop {
        let available = buffer.available();
        let fresh = available.get(searched..).unwrap_or_default();
        if let Some(at) = fresh.iter().position(|&byte| byte == b'\n') {
            return Ok(Some(searched.saturating_add(at)));
        }
        searched = available.len();
        if searched > MAX_LINE {
            return Ok(Some(searched));
        }
        if !buffer.more(searched.saturating_add(1)).map_err(ErrorKind::Io)? {
            return Ok(if searched == 0 { None } else { Some(searched) });
        }
    }
}

/// Whether a line begins an object and does not end one.
fn is_opened(line: Option<&[u8]>) -> bool {
    let line = line.unwrap_or_default().trim_ascii();
    line.first() == Some(&b'{') && line.last() != Some(&b'}')
}

/// Bytes up to the brace that closes the object which begins here, and line feeds
/// within; none if it does not end, or is longer than a line may be.
fn object_len<R: Read>(
    buffer: &mut Buffer<'_, R>,
) -> Result<Option<(usize, u64)>, ErrorKind> {
    let (mut at, mut depth, mut lines) = (0_usize, 0_u32, 0_u64);
    let (mut in_text, mut escaped) = (false, false);
    loop {
        let available = buffer.available();
        while let Some(byte) = available.get(at) {
            at = at.saturating_add(1);
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'\n' => lines = lines.saturating_add(1),
                b'{' if !in_text => depth = depth.saturating_add(1),
                b'}' if !in_text => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Ok(Some((at, lines)).filter(|(len, _)| *len <= MAX_LINE));
                    }
                }
                _ => {}
            }
        }
        let n = available.len();
        if n > MAX_LINE || !buffer.more(n.saturating_add(1)).map_err(ErrorKind::Io)? {
            return Ok(None);
        }
    }
}

/// Passes all up to and with the next line feed.
fn pass_line<R: Read>(buffer: &mut Buffer<'_, R>) -> Result<(), ErrorKind> {
    loop {
        let available = buffer.available();
        if let Some(at) = available.iter().position(|&byte| byte == b'\n') {
            buffer.consume(at.saturating_add(1));
            return Ok(());
        }
        let n = available.len();
        buffer.consume(n);
        if !buffer.more(1).map_err(ErrorKind::Io)? {
            return Ok(());
        }
    }
}
