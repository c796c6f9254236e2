//! What a control object asks for (IEEE Std 1815-2012, Annex A, groups 12 and 41).
//!
//! ```text
//! group 12   code 1 | count 1 | on-time 4 | off-time 4 | status 1
//! group 41   value 2, 4 or 8 | status 1
//!
//! code       trip-close c0 | clear 20 | queue 10 | operation type 0f
//! ```

use crate::cursor::Cursor;
use crate::dnp3::layout::Layout;

/// A control object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Control {
    /// Of a control relay output block or a pattern control block.
    pub relay: Option<Relay>,
    /// Of an analog output.
    pub value: Option<f64>,
    /// 0 in requests.
    pub status: u8,
}

/// What is done with a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relay {
    /// Control code octet.
    pub code: u8,
    /// How often.
    pub count: u8,
    /// Milliseconds on.
    pub on_time: u32,
    /// Milliseconds off.
    pub off_time: u32,
}

impl Control {
    /// Reads an object; none if it is no control.
    pub fn read(layout: Layout, octets: &[u8]) -> Option<Control> {
        let mut cursor = Cursor::new(octets);
        let (relay, value) = match layout {
            Layout::Control => {
                let [code, count] = cursor.array()?;
                let on_time = u32::from_le_bytes(cursor.array()?);
                let off_time = u32::from_le_bytes(cursor.array()?);
                (Some(Relay { code, count, on_time, off_time }), None)
            }
            Layout::Output(number) => (None, Some(number.read(&mut cursor)?)),
            _ => return None,
        };
        Some(Control { relay, value, status: cursor.u8()? })
    }
}

impl Relay {
    /// Operation type.
    pub fn operation(&self) -> u8 {
        self.code & 0x0f
    }

    /// Trip-close code.
    pub fn trip_close(&self) -> u8 {
        self.code >> 6
    }

    /// Clear bit.
    pub fn clear(&self) -> bool {
        self.code & 0x20 != 0
    }

    /// Queue bit.
    pub fn queue(&self) -> bool {
        self.code & 0x10 != 0
    }
}
