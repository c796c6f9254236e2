//! A message's fields.
//!
//! ```text
//! 0x7e | length u16, of all that follows | function u8, bit 7 set in answers | data
//! ```
//!
//! Replace this with the protocol's own layout, field by field as the standard
//! draws it. Parsing never fails: what does not make sense is a [`Fault`], and what
//! was understood before it stays.

use tagout_spec::record::typed::codes::NAME_fault;

use crate::cursor::Cursor;

/// First byte of every message.
const START: u8 = 0x7e;
/// Bytes before the function.
pub(super) const HEADER: usize = 3;
/// Set in the function of an answer.
const ANSWER: u8 = 0x80;
/// Most bytes of a message; what claims more is not Title.
const LENGTH_MAX: u16 = 4096;

/// Where a message stops making sense, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: u16,
    pub(super) why: u8,
}

/// The fields of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Message<'a> {
    pub(super) function: u8,
    pub(super) request: bool,
    pub(super) data: &'a [u8],
    pub(super) fault: Option<Fault>,
}

/// Bytes of the message that begins here; none if no message does, or if the header is
/// not whole.
pub(super) fn frame_len(bytes: &[u8]) -> Option<usize> {
    let mut cursor = Cursor::new(bytes);
    let start = cursor.u8()?;
    let length = cursor.u16()?;
    (start == START && (1..=LENGTH_MAX).contains(&length))
        .then(|| HEADER.saturating_add(length.into()))
}

/// Reads a whole frame.
pub(super) fn parse(frame: &[u8]) -> Message<'_> {
    let mut cursor = Cursor::new(frame);
    let mut message = Message::default();
    let (Some(_), Some(function)) = (cursor.array::<HEADER>(), cursor.u8()) else {
        let at = u16::try_from(frame.len()).unwrap_or(u16::MAX);
        message.fault = Some(Fault { at, why: NAME_fault::SHORT });
        return message;
    };
    message.function = function & !ANSWER;
    message.request = function & ANSWER == 0;
    message.data = cursor.rest();
    message
}
