//! Windows events as XML: `<Event>` elements, whatever stands around them.

use std::io::Read;

use crate::buffer::Buffer;
use crate::error::ErrorKind;
use crate::lines::{FoundLine, MAX_LINE};
use crate::source::SourceStats;

const OPEN: &[u8] = b"<Event";
const CLOSE: &[u8] = b"</Event>";

/// State between two elements.
#[derive(Default)]
pub(crate) struct Elements {
    number: u64,
    pub(crate) damaged: u64,
}

impl Elements {
    /// Finds the next element.
    pub(crate) fn next<R: Read>(
        &mut self,
        buffer: &mut Buffer<'_, R>,
        stats: &mut SourceStats,
    ) -> Result<Option<FoundLine>, ErrorKind> {
        loop {
            if !pass_to_element(buffer)? {
                return Ok(None);
            }
            self.number = self.number.saturating_add(1);
            let offset = buffer.offset();
            let Some(len) = find(buffer, OPEN.len(), |text| position(text, CLOSE))?
            else {
                // It has no end, or is too long: what follows may have one.
                self.damaged = self.damaged.saturating_add(1);
                buffer.consume(OPEN.len());
                continue;
            };
            let len = len.saturating_add(CLOSE.len());
            let at = buffer.consume(len);
            if std::str::from_utf8(buffer.lent(at, len)).is_err() {
                stats.not_utf8 = stats.not_utf8.saturating_add(1);
                continue;
            }
            return Ok(Some(FoundLine { at, len, number: self.number, offset }));
        }
    }
}

/// Passes what stands before the next `<Event>`, which `<Events>` is none of.
fn pass_to_element<R: Read>(buffer: &mut Buffer<'_, R>) -> Result<bool, ErrorKind> {
    loop {
        let available = buffer.available();
        let found = available.windows(OPEN.len().saturating_add(1)).position(|window| {
            let behind = window.last().copied().unwrap_or_default();
            window.starts_with(OPEN) && (behind == b'>' || behind.is_ascii_whitespace())
        });
        if let Some(at) = found {
            buffer.consume(at);
            return Ok(true);
        }
        let keep = OPEN.len().min(available.len());
        let pass = available.len().saturating_sub(keep);
        buffer.consume(pass);
        if !buffer.more(keep.saturating_add(1)).map_err(ErrorKind::Io)? {
            return Ok(false);
        }
    }
}

/// Looks for something from a place on, reading as much as a line may have.
fn find<R: Read>(
    buffer: &mut Buffer<'_, R>,
    from: usize,
    look: impl Fn(&[u8]) -> Option<usize>,
) -> Result<Option<usize>, ErrorKind> {
    let mut from = from;
    loop {
        let available = buffer.available();
        if let Some(at) = available.get(from..).and_then(&look) {
            return Ok(Some(from.saturating_add(at)).filter(|at| *at <= MAX_LINE));
        }
        let n = available.len();
        from = from.max(n.saturating_sub(CLOSE.len()));
        if n > MAX_LINE || !buffer.more(n.saturating_add(1)).map_err(ErrorKind::Io)? {
            return Ok(None);
        }
    }
}

fn position(text: &[u8], of: &[u8]) -> Option<usize> {
    text.windows(of.len()).position(|window| window == of)
}
