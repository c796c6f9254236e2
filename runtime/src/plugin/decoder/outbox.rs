//! Messages on their way to a plugin, as it reads them, and what the host knows of each.
//!
//! ```text
//! bytes   | head, payload | head, payload | head, payload | head, ..
//!           ^ heads[0]       (no number)    ^ heads[1]      ^ sent: the next call's
//! ```
//!
//! A message is written once here, and all of a call are copied to the plugin at once. The
//! heads stay until the events have been taken: a plugin can write to its own copy, so
//! what an event is stamped with is read here.

use tagout_decode::Context;
use tagout_spec::plugin::message;

/// Messages of a round.
#[derive(Default)]
pub(super) struct Outbox {
    /// Room for messages, of which the first bytes are used.
    bytes: Vec<u8>,
    len: usize,
    /// Where those begin that no call has been given.
    sent: usize,
    /// By the number of a message, where it lies.
    heads: Vec<usize>,
}

impl Outbox {
    /// A number for a message that can bring events, whether or not it will be written.
    pub(super) fn number(&mut self) -> u32 {
        let number = u32::try_from(self.heads.len()).unwrap_or(u32::MAX);
        self.heads.push(self.len);
        number
    }

    /// How many have a number.
    pub(super) fn numbers(&self) -> u32 {
        u32::try_from(self.heads.len()).unwrap_or(u32::MAX)
    }

    /// Bytes that a message takes.
    pub(super) fn size(payload: usize) -> usize {
        message::PAYLOAD.saturating_add(payload).next_multiple_of(8)
    }

    /// Writes a message with the head of what it tells, perhaps one that was given the last
    /// number.
    #[inline]
    pub(super) fn push(
        &mut self,
        numbered: bool,
        head: &[u8; message::PAYLOAD],
        payload: &[u8],
        fill: impl FnOnce(&mut Fill<'_>),
    ) {
        let start = self.len;
        if let Some(at) = self.heads.last_mut().filter(|_| numbered) {
            *at = start;
        }
        let size = Self::size(payload.len());
        let end = start.saturating_add(size);
        if self.bytes.len() < end {
            self.grow(end);
        }
        let Some(room) = self.bytes.get_mut(start..end) else { return };
        self.len = end;
        // What the payload leaves of it are the zeros behind it.
        if let Some(word) = room.last_chunk_mut::<8>() {
            *word = [0; 8];
        }
        let Some((own, behind)) = room.split_first_chunk_mut() else { return };
        *own = *head;
        let mut own = Fill(own);
        own.put(message::BYTES, word(size));
        own.put(message::LENGTH, word(payload.len()));
        fill(&mut own);
        copy(payload, behind);
    }

    #[cold]
    fn grow(&mut self, end: usize) {
        self.bytes.resize(end.saturating_mul(2), 0);
    }

    /// What the next call is given.
    pub(super) fn unsent(&self) -> &[u8] {
        self.bytes.get(self.sent..self.len).unwrap_or_default()
    }

    /// A call has been given it, or it is given up.
    pub(super) fn set_sent(&mut self) {
        self.sent = self.len;
    }

    /// What the host knows of a message with a number.
    pub(super) fn context(&self, number: u32) -> Option<Context<'_>> {
        let at = *self.heads.get(usize::try_from(number).ok()?)?;
        self.bytes.get(at..self.len)?.first_chunk().map(Context::of)
    }

    /// Bytes in all.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The round is over: what has been sent is needed no more.
    pub(super) fn clear(&mut self) {
        self.heads.clear();
        if let Some(used) = self.bytes.get_mut(..self.len)
            && self.sent < self.len
        {
            used.copy_within(self.sent.., 0);
        }
        (self.len, self.sent) = (self.len.saturating_sub(self.sent), 0);
    }
}

/// What a head says of its message, besides what it says of bytes.
pub(super) struct Fill<'a>(&'a mut [u8; message::PAYLOAD]);

impl Fill<'_> {
    /// What is told to which session.
    #[inline]
    pub(super) fn told(&mut self, ty: u8, session: u32) {
        self.put(message::TYPE, [ty]);
        self.put(message::SESSION, session.to_le_bytes());
    }

    /// Bytes that are missing.
    pub(super) fn missing(&mut self, missing: u32) {
        self.put(message::LENGTH, missing.to_le_bytes());
    }

    /// The offsets are constants within the head.
    #[inline(always)]
    fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        if let Some(to) = self.0.get_mut(at..).and_then(|to| to.first_chunk_mut()) {
            *to = bytes;
        }
    }
}

/// Copies a payload. Most are so short that a call would take longer.
#[inline]
fn copy(payload: &[u8], to: &mut [u8]) {
    let Some(to) = to.get_mut(..payload.len()) else { return };
    match (payload.first_chunk::<8>(), payload.last_chunk::<8>()) {
        (Some(first), Some(last)) if payload.len() <= 16 => {
            if let Some(to) = to.first_chunk_mut() {
                *to = *first;
            }
            if let Some(to) = to.last_chunk_mut() {
                *to = *last;
            }
        }
        _ => to.copy_from_slice(payload),
    }
}

fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}
