//! The frame of a message, and its integrity part.
//!
//! ```text
//! 72 | version 1 | length 2 | payload | 72 | version 1 | 00 00
//! payload, version 3: length 1 = 20 hex | digest 32 | message
//! payload, version 2: message, which may end with: length 1 = 20 hex | digest 32
//! ```
//!
//! What stands behind the payload ends the message; without it, the message goes on in
//! the payload of the next frame.

use tagout_spec::record::typed::codes::s7plus_version as version;

use crate::cursor::Cursor;

/// What a frame begins with.
pub(super) const PROTOCOL: u8 = 0x72;
/// Bytes of a digest, and what stands in front of it.
const DIGEST: usize = 32;
const DIGEST_LENGTH: u8 = 0x20;
/// Shortest message that a digest can follow: the header of a response.
const SHORTEST: usize = 10;

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Version, as the schema numbers it.
    pub(super) version: u8,
    /// Bytes of the payload.
    pub(super) length: u16,
}

impl Header {
    /// Bytes of a header.
    pub(super) const LEN: usize = 4;

    /// Reads a header; none if it is not one.
    pub(super) fn read(bytes: &[u8]) -> Option<Header> {
        let mut cursor = Cursor::new(bytes);
        if cursor.u8()? != PROTOCOL {
            return None;
        }
        let version = cursor.u8()?;
        let is_known = matches!(
            version,
            version::V1..=version::V3 | version::SYSTEM_EVENT | version::KEEP_ALIVE
        );
        let length = cursor.u16()?;
        (is_known && length > 0).then_some(Header { version, length })
    }

    /// Whether a message of this version has an opcode.
    pub(super) fn has_message(&self) -> bool {
        matches!(self.version, version::V1..=version::V3)
    }
}

/// A frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    /// Its header.
    pub(super) header: Header,
    /// The digest in front of the message, in version 3.
    pub(super) digest: Option<&'a [u8]>,
    /// The message, or a piece of it.
    pub(super) message: &'a [u8],
    /// The byte of the frame at which that begins.
    pub(super) message_at: usize,
    /// Whether the message ends here.
    pub(super) is_last: bool,
    /// Whether fewer bytes are there than the length states.
    pub(super) is_cut: bool,
}

/// Reads a frame; none if it does not begin with a header.
pub(super) fn frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let header = Header::read(bytes)?;
    let behind = bytes.get(Header::LEN..).unwrap_or_default();
    let split = behind.split_at_checked(header.length.into());
    let (payload, trailer) = split.unwrap_or((behind, &[]));
    let mut frame = Frame {
        header,
        digest: None,
        message: payload,
        message_at: Header::LEN,
        is_last: !trailer.is_empty() || !header.has_message() || split.is_none(),
        is_cut: split.is_none(),
    };
    if header.version == version::V3
        && let Some((&DIGEST_LENGTH, rest)) = payload.split_first()
        && let Some((digest, message)) = rest.split_at_checked(DIGEST)
    {
        frame.digest = Some(digest);
        frame.message = message;
        frame.message_at = Header::LEN.saturating_add(1).saturating_add(DIGEST);
    }
    Some(frame)
}

/// The digest behind a message of version 2, if it has one. That is told by the byte in
/// front of it alone: the layout of what precedes is not known for all functions.
pub(super) fn digest_behind(version: u8, message: &[u8]) -> Option<&[u8]> {
    if version != version::V2 {
        return None;
    }
    let at = message.len().checked_sub(DIGEST)?;
    let (before, digest) = message.split_at_checked(at)?;
    let is_digest = before.last() == Some(&DIGEST_LENGTH) && before.len() > SHORTEST;
    is_digest.then_some(digest)
}
