//! What an object of a point says: its value, flags, time (IEEE Std 1815-2012, 11).

use crate::cursor::Cursor;
use crate::dnp3::layout::{Layout, Lead, Number, Shape, Stamp};
use crate::dnp3::object::Content;

/// A point. What its variation does not have is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point<'a> {
    /// A number; 0 or 1 of a binary, 0 to 3 of a double-bit point.
    pub value: Option<f64>,
    /// Flag octet.
    pub flags: Option<u8>,
    /// Status of a command event.
    pub status: Option<u8>,
    /// Milliseconds since 1970.
    pub time: Option<u64>,
    /// Milliseconds since the common time of occurrence.
    pub delay: Option<u16>,
    /// Octets that are no number.
    pub octets: Option<&'a [u8]>,
}

/// The highest bit of a status is the commanded state.
const STATE: u8 = 0x80;

impl<'a> Point<'a> {
    /// Reads an object; none if it is no point.
    pub fn read(layout: Layout, content: Content<'a>) -> Option<Point<'a>> {
        let octets = match content {
            Content::Nothing => return Some(Point::default()),
            Content::Bits(value) => {
                return Some(Point { value: Some(value.into()), ..Point::default() });
            }
            Content::Octets(octets) => octets,
        };
        let mut cursor = Cursor::new(octets);
        match layout {
            Layout::Point(shape) => Point::shaped(shape, &mut cursor),
            Layout::Statistic(stamp) => Point::statistic(stamp, &mut cursor),
            Layout::Octets(_) | Layout::Sized | Layout::Unknown | Layout::Bits(_) => {
                Some(Point { octets: Some(octets), ..Point::default() })
            }
            Layout::Control
            | Layout::Output(_)
            | Layout::Time(_)
            | Layout::Delay(_)
            | Layout::Nothing
            | Layout::Attribute => None,
        }
    }

    fn shaped(shape: Shape, cursor: &mut Cursor<'a>) -> Option<Point<'a>> {
        let mut point = Point::default();
        let mut lead = 0;
        match shape.lead {
            Lead::Nothing => {}
            Lead::Flags => {
                lead = cursor.u8()?;
                point.flags = Some(lead);
            }
            Lead::Status => {
                lead = cursor.u8()?;
                let status =
                    if shape.number == Number::Bit { lead & !STATE } else { lead };
                point.status = Some(status);
            }
        }
        point.value = match shape.number {
            Number::Nothing => None,
            Number::Bit => Some(f64::from(lead >> 7)),
            Number::TwoBits => Some(f64::from(lead >> 6)),
            number => Some(number.read(cursor)?),
        };
        point.stamp(shape.stamp, cursor)?;
        Some(point)
    }

    /// flags 1 | association 2 | number 4 | time
    fn statistic(stamp: Stamp, cursor: &mut Cursor<'a>) -> Option<Point<'a>> {
        let mut point = Point { flags: Some(cursor.u8()?), ..Point::default() };
        cursor.take(2)?;
        point.value = Some(Number::U32.read(cursor)?);
        point.stamp(stamp, cursor)?;
        Some(point)
    }

    fn stamp(&mut self, stamp: Stamp, cursor: &mut Cursor<'a>) -> Option<()> {
        match stamp {
            Stamp::Nothing => {}
            Stamp::Absolute => self.time = Some(time(cursor)?),
            Stamp::Relative => self.delay = Some(cursor.array().map(u16::from_le_bytes)?),
        }
        Some(())
    }
}

impl Number {
    /// Reads a number that takes octets of its own.
    pub fn read(self, cursor: &mut Cursor<'_>) -> Option<f64> {
        Some(match self {
            Number::Nothing | Number::Bit | Number::TwoBits => return None,
            Number::U8 => cursor.u8()?.into(),
            Number::U16 => u16::from_le_bytes(cursor.array()?).into(),
            Number::U32 => u32::from_le_bytes(cursor.array()?).into(),
            Number::I16 => i16::from_le_bytes(cursor.array()?).into(),
            Number::I32 => i32::from_le_bytes(cursor.array()?).into(),
            Number::F32 => f32::from_le_bytes(cursor.array()?).into(),
            Number::F64 => f64::from_le_bytes(cursor.array()?),
        })
    }
}

/// A time: milliseconds since 1970 in six octets.
pub fn time(cursor: &mut Cursor<'_>) -> Option<u64> {
    let [a, b, c, d, e, f] = cursor.array()?;
    Some(u64::from_le_bytes([a, b, c, d, e, f, 0, 0]))
}

/// Milliseconds as nanoseconds; what lies beyond the year 2262 is cut to that.
pub fn nanoseconds(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds).unwrap_or(i64::MAX).saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dnp3::layout::layout;
    use crate::testing::hex;

    fn point(group: u8, variation: u8, octets: &str) -> (Option<f64>, Option<u8>) {
        let octets = hex(octets);
        let point = Point::read(layout(group, variation), Content::Octets(&octets));
        point.map(|point| (point.value, point.flags)).unwrap()
    }

    #[test]
    fn numbers_are_read_by_variation() {
        assert_eq!(point(1, 2, "81"), (Some(1.0), Some(0x81)));
        assert_eq!(point(3, 2, "81"), (Some(2.0), Some(0x81)));
        assert_eq!(point(20, 1, "01 FFFFFFFF"), (Some(4_294_967_295.0), Some(1)));
        assert_eq!(point(30, 2, "01 FEFF"), (Some(-2.0), Some(1)));
        assert_eq!(point(30, 3, "00000080"), (Some(-2_147_483_648.0), None));
        assert_eq!(point(30, 5, "01 00004842"), (Some(50.0), Some(1)));
        assert_eq!(point(30, 6, "01 000000000000E03F"), (Some(0.5), Some(1)));
    }

    /// The lower bits of a binary command event are the status, the highest is the
    /// state that was commanded.
    #[test]
    fn a_command_event_has_a_status() {
        let read = |group, variation, octets: &[u8]| {
            let point = Point::read(layout(group, variation), Content::Octets(octets));
            point.map(|point| (point.status, point.value)).unwrap()
        };
        assert_eq!(read(13, 1, &[0x82]), (Some(2), Some(1.0)));
        assert_eq!(read(43, 2, &[4, 0x10, 0]), (Some(4), Some(16.0)));
    }

    #[test]
    fn times_count_milliseconds() {
        let octets = hex("0068 E0C3 9A01");
        let ms = time(&mut Cursor::new(&octets)).unwrap();
        assert_eq!(ms, 0x019a_c3e0_6800);
        assert_eq!(nanoseconds(ms), 0x019a_c3e0_6800 * 1_000_000);
        assert_eq!(nanoseconds(u64::MAX >> 16), i64::MAX);
    }
}
