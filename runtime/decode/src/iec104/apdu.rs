//! The frame around an ASDU: start, length, control field (104, 5).
//!
//! ```text
//! byte  0     68
//!       1     length of what follows, 4 to 253
//!       2..6  control field
//!             I  N(S) << 1 | 0, 2 bytes   N(R) << 1, 2 bytes    then the ASDU
//!             S  01 00                    N(R) << 1, 2 bytes
//!             U  function << 2 | 3        00 00 00
//! ```

use tagout_spec::record::typed::codes::iec104_fault;

use crate::cursor::Cursor;

/// First byte of every APDU.
const START: u8 = 0x68;
/// Bytes in front of the control field.
const HEAD: usize = 2;
/// Bytes in front of the ASDU.
pub(super) const APCI: u16 = 6;
/// Least and greatest value of the length octet.
const LENGTH: std::ops::RangeInclusive<u8> = 4..=253;

/// Where an APDU stops making sense, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Byte of the APDU.
    pub(super) at: u16,
    /// A label of `iec104_fault`.
    pub(super) why: u8,
}

/// What the control field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Control {
    /// Numbered information transfer.
    I { ns: u16, nr: u16 },
    /// Numbered supervision.
    S { nr: u16 },
    /// Unnumbered control: a bit for each function.
    U { function: u8 },
}

/// An APDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Apdu<'a> {
    pub(super) length: u8,
    pub(super) control: Control,
    pub(super) asdu: &'a [u8],
    pub(super) fault: Option<Fault>,
}

/// What stands at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// An APDU of so many bytes, if they are all there.
    Frame(usize),
    /// More bytes are needed to tell.
    More,
    /// No APDU begins here.
    None(Fault),
}

/// Whether an APDU begins here, and how long it is.
pub(super) fn start(bytes: &[u8]) -> Start {
    match *bytes {
        [first, ..] if first != START => {
            Start::None(Fault { at: 0, why: iec104_fault::START })
        }
        [_, length, ..] if !LENGTH.contains(&length) => {
            Start::None(Fault { at: 1, why: iec104_fault::LENGTH })
        }
        [_, length, ..] => Start::Frame(usize::from(length).saturating_add(HEAD)),
        [_] | [] => Start::More,
    }
}

/// Reads a whole frame, as [`start`] measured it; none if it is shorter than that
/// allows.
pub(super) fn read(frame: &[u8]) -> Option<Apdu<'_>> {
    let mut cursor = Cursor::new(frame);
    let [_, length] = cursor.array()?;
    let [a, b, c, d] = cursor.array()?;
    let number = |low: u8, high: u8| u16::from_le_bytes([low, high]) >> 1;
    let asdu = cursor.rest();
    let fault = |at| Some(Fault { at, why: iec104_fault::CONTROL });
    let (control, fault) = match a & 3 {
        1 => {
            let fault = if (a, b) == (1, 0) { None } else { fault(2) };
            (Control::S { nr: number(c, d) }, fault)
        }
        3 => {
            let function = a >> 2;
            let is_one = function.is_power_of_two();
            let fault = match (is_one, (b, c, d)) {
                (false, _) => fault(2),
                (true, (0, 0, 0)) => None,
                (true, _) => fault(3),
            };
            (Control::U { function }, fault)
        }
        _ => {
            let fault = if c & 1 == 0 { None } else { fault(4) };
            (Control::I { ns: number(a, b), nr: number(c, d) }, fault)
        }
    };
    let is_i = matches!(control, Control::I { .. });
    let behind = (!is_i && !asdu.is_empty())
        .then_some(Fault { at: APCI, why: iec104_fault::LONG });
    Some(Apdu { length, control, asdu, fault: fault.or(behind) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_fields_of_the_standard() {
        let read = |bytes: &[u8]| {
            let apdu = read(bytes).unwrap();
            (apdu.control, apdu.fault.map(|fault| fault.at))
        };
        // 104, figures 6 to 8.
        assert_eq!(
            read(&[0x68, 4, 0x07, 0, 0, 0]),
            (Control::U { function: 1 }, None),
            "STARTDT act"
        );
        assert_eq!(
            read(&[0x68, 4, 0x83, 0, 0, 0]),
            (Control::U { function: 32 }, None),
            "TESTFR con"
        );
        assert_eq!(read(&[0x68, 4, 0x01, 0, 0x02, 0x01]), (Control::S { nr: 129 }, None));
        assert_eq!(
            read(&[0x68, 4, 0xfe, 0xff, 0x02, 0]),
            (Control::I { ns: 32_767, nr: 1 }, None)
        );
        assert_eq!(
            read(&[0x68, 4, 0x0f, 0, 0, 0]),
            (Control::U { function: 3 }, Some(2))
        );
        assert_eq!(read(&[0x68, 4, 0x43, 0, 1, 0]).1, Some(3));
        assert_eq!(read(&[0x68, 4, 0x01, 1, 0, 0]).1, Some(2));
        assert_eq!(read(&[0x68, 4, 0, 0, 1, 0]).1, Some(4));
        assert_eq!(read(&[0x68, 5, 0x43, 0, 0, 0, 9]).1, Some(6));
    }

    #[test]
    fn lengths_that_cannot_be_true() {
        assert_eq!(start(&[0x68]), Start::More);
        assert_eq!(start(&[0x68, 253]), Start::Frame(255));
        for (bytes, at) in [([0x69, 4], 0), ([0x68, 3], 1), ([0x68, 254], 1)] {
            let Start::None(fault) = start(&bytes) else { panic!("{bytes:?}") };
            assert_eq!(fault.at, at);
        }
    }
}
