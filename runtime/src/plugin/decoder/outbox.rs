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

use tagout_spec::plugin::message;
use tagout_spec::record::Envelope;

use super::write::Head;

/// Messages of a round.
#[derive(Default)]
pub(super) struct Outbox {
    bytes: Vec<u8>,
    /// Where those begin that no call has been given.
    sent: usize,
    /// By the number of a message, where it lies.
    heads: Vec<usize>,
}

impl Outbox {
    /// A number for a message that can bring events, whether or not it will be written.
    pub(super) fn number(&mut self) -> u32 {
        let number = u32::try_from(self.heads.len()).unwrap_or(u32::MAX);
        self.heads.push(self.bytes.len());
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

    /// Writes a message, perhaps one that was given the last number.
    #[inline]
    pub(super) fn push(
        &mut self,
        numbered: bool,
        payload: &[u8],
        fill: impl FnOnce(&mut Head<'_>),
    ) {
        let start = self.bytes.len();
        if let Some(at) = self.heads.last_mut().filter(|_| numbered) {
            *at = start;
        }
        let size = Self::size(payload.len());
        self.bytes.extend_from_slice(&[0; message::PAYLOAD]);
        if let Some(head) = self.bytes.last_chunk_mut() {
            let mut head = Head::of(head, size, payload.len());
            fill(&mut head);
        }
        self.bytes.extend_from_slice(payload);
        // As few of them as end the message at a multiple of 8.
        self.bytes.extend_from_slice(&[0; 8]);
        self.bytes.truncate(start.saturating_add(size));
    }

    /// What the next call is given.
    pub(super) fn unsent(&self) -> &[u8] {
        self.bytes.get(self.sent..).unwrap_or_default()
    }

    /// A call has been given it, or it is given up.
    pub(super) fn set_sent(&mut self) {
        self.sent = self.bytes.len();
    }

    /// What the host knows of a message with a number.
    pub(super) fn envelope(&self, number: u32) -> Option<Envelope<'_>> {
        let at = *self.heads.get(usize::try_from(number).ok()?)?;
        self.bytes.get(at..)?.first_chunk().map(Envelope::of)
    }

    /// Bytes in all.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The round is over: what has been sent is needed no more.
    pub(super) fn clear(&mut self) {
        self.heads.clear();
        self.bytes.drain(..self.sent);
        self.sent = 0;
    }
}
