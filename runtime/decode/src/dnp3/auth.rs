//! Objects of secure authentication (IEEE Std 1815-2012, 7 and A.45, group 120).
//!
//! ```text
//!  1 challenge           sequence 4 | user 2 | method 1 | reason 1 | challenge
//!  2 reply               sequence 4 | user 2 | code
//!  3 aggressive mode     sequence 4 | user 2
//!  4 key status request  user 2
//!  5 key status          sequence 4 | user 2 | wrap 1 | status 1 | method 1
//!                        | length 2 | challenge | code
//!  6 key change          sequence 4 | user 2 | wrapped keys
//!  7 error               sequence 4 | user 2 | association 2 | error 1 | time 6 | text
//!  8 certificate         key change method 1 | type 1 | certificate
//!  9 code                the message authentication code
//! 10 user status change  key change method 1 | operation 1 | sequence 4 | role 2
//!                        | expiry 2 | name length 2 | 2 | 2 | name | keys
//! 11 update key request  key change method 1 | name length 2 | 2 | name | challenge
//! 12 update key reply    sequence 4 | user 2 | length 2 | challenge
//! 13 update key change   sequence 4 | user 2 | length 2 | key
//! 14 its signature, 15 its confirmation
//! ```

use crate::cursor::Cursor;
use crate::dnp3::point::time;

/// An authentication object. What its variation does not have is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the standard's own names")]
pub struct Auth<'a> {
    pub user: Option<u16>,
    /// Challenge, key change or status change sequence number.
    pub sequence: Option<u32>,
    /// Algorithm of the message authentication code.
    pub method: Option<u8>,
    pub reason: Option<u8>,
    pub error: Option<u8>,
    pub error_text: Option<&'a [u8]>,
    /// Milliseconds since 1970.
    pub error_time: Option<u64>,
    pub association: Option<u16>,
    pub key_wrap: Option<u8>,
    pub key_status: Option<u8>,
    pub key_change: Option<u8>,
    pub operation: Option<u8>,
    pub role: Option<u16>,
    pub user_name: Option<&'a [u8]>,
    /// Challenge, code, keys or certificate.
    pub data: Option<&'a [u8]>,
}

/// Reads an object as far as its octets make sense, and says whether they all do.
pub fn read(variation: u8, octets: &[u8]) -> (Auth<'_>, bool) {
    let mut auth = Auth::default();
    let read = auth.fill(variation, &mut Cursor::new(octets));
    (auth, read.is_some())
}

impl<'a> Auth<'a> {
    fn fill(&mut self, variation: u8, cursor: &mut Cursor<'a>) -> Option<()> {
        match variation {
            1 => {
                self.sequence_and_user(cursor)?;
                self.method = Some(cursor.u8()?);
                self.reason = Some(cursor.u8()?);
            }
            2 | 3 | 6 => self.sequence_and_user(cursor)?,
            4 => self.user = Some(word(cursor)?),
            5 => {
                self.sequence_and_user(cursor)?;
                self.key_wrap = Some(cursor.u8()?);
                self.key_status = Some(cursor.u8()?);
                self.method = Some(cursor.u8()?);
                return self.counted(cursor);
            }
            7 => {
                self.sequence_and_user(cursor)?;
                self.association = Some(word(cursor)?);
                self.error = Some(cursor.u8()?);
                self.error_time = Some(time(cursor)?);
                self.error_text = Some(cursor.rest()).filter(|text| !text.is_empty());
                return Some(());
            }
            8 => {
                self.key_change = Some(cursor.u8()?);
                cursor.u8()?;
            }
            10 => {
                self.key_change = Some(cursor.u8()?);
                self.operation = Some(cursor.u8()?);
                self.sequence = Some(cursor.array().map(u32::from_le_bytes)?);
                self.role = Some(word(cursor)?);
                word(cursor)?;
                let name = word(cursor)?;
                cursor.take(4)?;
                self.user_name = Some(cursor.take(usize::from(name))?);
            }
            11 => {
                self.key_change = Some(cursor.u8()?);
                let name = word(cursor)?;
                word(cursor)?;
                self.user_name = Some(cursor.take(usize::from(name))?);
            }
            12 | 13 => {
                self.sequence_and_user(cursor)?;
                return self.counted(cursor);
            }
            _ => {}
        }
        self.data = Some(cursor.rest()).filter(|data| !data.is_empty());
        Some(())
    }

    fn sequence_and_user(&mut self, cursor: &mut Cursor<'a>) -> Option<()> {
        self.sequence = Some(cursor.array().map(u32::from_le_bytes)?);
        self.user = Some(word(cursor)?);
        Some(())
    }

    /// length 2 | so many octets
    fn counted(&mut self, cursor: &mut Cursor<'a>) -> Option<()> {
        let length = word(cursor)?;
        self.data = Some(cursor.take(usize::from(length))?);
        Some(())
    }
}

fn word(cursor: &mut Cursor<'_>) -> Option<u16> {
    cursor.array().map(u16::from_le_bytes)
}
