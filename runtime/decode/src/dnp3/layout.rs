//! What an object of a group and variation consists of (IEEE Std 1815-2012, 11 and
//! Annex A), as one table.
//!
//! ```text
//! lead     nothing | flags 1 | status 1
//! number   nothing, in the flags, or an integer or float, little endian
//! stamp    nothing | milliseconds since 1970, 6 | milliseconds since the common time, 2
//! ```
//!
//! Variation 0 only asks, for whatever the outstation gives, and never has data.

/// The shape of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Values of so many bits, packed, the first in the lowest bits.
    Bits(u8),
    /// Lead, number and stamp.
    Point(Shape),
    /// Control relay output block, or pattern control block.
    Control,
    /// Analog output: a number, then a status.
    Output(Number),
    /// Time, and so many octets of interval.
    Time(usize),
    /// Time delay: a number of units of so many milliseconds.
    Delay(u16),
    /// Security statistic: flags 1, association 2, number 4, perhaps a time.
    Statistic(Stamp),
    /// So many octets.
    Octets(usize),
    /// No octets: the header says it all.
    Nothing,
    /// Type 1, length 1, value: a device attribute.
    Attribute,
    /// Octets whose number only a prefix tells.
    Sized,
    /// Not known.
    Unknown,
}

/// The shape of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What it begins with.
    pub lead: Lead,
    /// Its value.
    pub number: Number,
    /// Its time.
    pub stamp: Stamp,
}

/// What a point begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// Its number.
    Nothing,
    /// Flags.
    Flags,
    /// Status of a command.
    Status,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum Number {
    Nothing,
    /// The highest bit of the lead.
    Bit,
    /// The two highest bits of the lead.
    TwoBits,
    U8,
    U16,
    U32,
    I16,
    I32,
    F32,
    F64,
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// There is none.
    Nothing,
    /// Since 1970.
    Absolute,
    /// Since the common time of occurrence in front.
    Relative,
}

use Lead::{Flags, Status};
use Number::{Bit, F32, F64, I16, I32, TwoBits, U8, U16, U32};
use Stamp::{Absolute, Relative};

const fn flags(number: Number) -> Layout {
    Layout::Point(Shape { lead: Flags, number, stamp: Stamp::Nothing })
}

const fn timed(number: Number, stamp: Stamp) -> Layout {
    Layout::Point(Shape { lead: Flags, number, stamp })
}

const fn bare(number: Number) -> Layout {
    Layout::Point(Shape { lead: Lead::Nothing, number, stamp: Stamp::Nothing })
}

const fn command(number: Number, stamp: Stamp) -> Layout {
    Layout::Point(Shape { lead: Status, number, stamp })
}

/// The layout of a group's variation.
#[rustfmt::skip]
pub fn layout(group: u8, variation: u8) -> Layout {
    match (group, variation) {
        (_, 0) => Layout::Unknown,
        (0, _) => Layout::Attribute,
        // Binary and double-bit inputs and their events.
        (1 | 10, 1) | (12, 3) | (80, 1) => Layout::Bits(1),
        (3, 1) => Layout::Bits(2),
        (1 | 10, 2) | (2 | 11, 1) => flags(Bit),
        (2 | 11, 2) => timed(Bit, Absolute),
        (2, 3) => timed(Bit, Relative),
        (3, 2) | (4, 1) => flags(TwoBits),
        (4, 2) => timed(TwoBits, Absolute),
        (4, 3) => timed(TwoBits, Relative),
        // Commands of binary outputs.
        (12, 1 | 2) => Layout::Control,
        (13, 1) => command(Bit, Stamp::Nothing),
        (13, 2) => command(Bit, Absolute),
        // Counters, frozen counters, and their events.
        (20..=23, 1 | 3) => flags(U32),
        (20..=23, 2 | 4) => flags(U16),
        (20, 5 | 7) | (21, 9 | 11) => bare(U32),
        (20, 6 | 8) | (21, 10 | 12) => bare(U16),
        (21..=23, 5 | 7) => timed(U32, Absolute),
        (21..=23, 6 | 8) => timed(U16, Absolute),
        // Analog inputs, frozen ones, their events and deadbands.
        (30..=33 | 40 | 42, 1) => flags(I32),
        (30..=33 | 40 | 42, 2) => flags(I16),
        (30, 3) | (31, 5) => bare(I32),
        (30, 4) | (31, 6) => bare(I16),
        (30, 5) | (31, 7) | (32 | 33 | 42, 5) | (40, 3) => flags(F32),
        (30, 6) | (31, 8) | (32 | 33 | 42, 6) | (40, 4) => flags(F64),
        (31..=33 | 42, 3) => timed(I32, Absolute),
        (31..=33 | 42, 4) => timed(I16, Absolute),
        (32 | 33 | 42, 7) => timed(F32, Absolute),
        (32 | 33 | 42, 8) => timed(F64, Absolute),
        (34, 1) => bare(U16),
        (34, 2) => bare(U32),
        (34, 3) => bare(F32),
        // Commands of analog outputs, and their events.
        (41, 1) => Layout::Output(I32),
        (41, 2) => Layout::Output(I16),
        (41, 3) => Layout::Output(F32),
        (41, 4) => Layout::Output(F64),
        (43, 1) => command(I32, Stamp::Nothing),
        (43, 2) => command(I16, Stamp::Nothing),
        (43, 3) => command(I32, Absolute),
        (43, 4) => command(I16, Absolute),
        (43, 5) => command(F32, Stamp::Nothing),
        (43, 6) => command(F64, Stamp::Nothing),
        (43, 7) => command(F32, Absolute),
        (43, 8) => command(F64, Absolute),
        // Times, classes, the device itself.
        (50, 1 | 3) | (51, 1 | 2) => Layout::Time(0),
        (50, 2) => Layout::Time(4),
        (50, 4) => Layout::Time(5),
        (52, 1) => Layout::Delay(1000),
        (52, 2) => Layout::Delay(1),
        (60, 1..=4) => Layout::Nothing,
        (81, 1) => Layout::Octets(3),
        (101, 1) => Layout::Octets(2),
        (101, 2) => Layout::Octets(4),
        (101, 3) => Layout::Octets(8),
        (102, 1) => bare(U8),
        // The variation of a string is its length.
        (110..=113, length) => Layout::Octets(length as usize),
        // Files, data sets, authentication.
        (70, 2..=8) | (82 | 83 | 85..=88 | 90 | 91, _) => Layout::Sized,
        (120, 3) => Layout::Octets(6),
        (120, 4) => Layout::Octets(2),
        (120, 1..=15) => Layout::Sized,
        (121, 1) | (122, 1) => Layout::Statistic(Stamp::Nothing),
        (122, 2) => Layout::Statistic(Absolute),
        _ => Layout::Unknown,
    }
}

impl Layout {
    /// Octets of an object, where that is fixed and whole octets.
    pub const fn size(self) -> Option<usize> {
        match self {
            Layout::Point(shape) => Some(shape.size()),
            Layout::Control => Some(11),
            Layout::Output(number) => Some(number.size().saturating_add(1)),
            Layout::Time(interval) => Some(interval.saturating_add(6)),
            Layout::Delay(_) => Some(2),
            Layout::Statistic(stamp) => Some(stamp.size().saturating_add(7)),
            Layout::Octets(size) => Some(size),
            Layout::Nothing => Some(0),
            Layout::Bits(_) | Layout::Attribute | Layout::Sized | Layout::Unknown => None,
        }
    }
}

impl Shape {
    /// Octets of a point.
    pub const fn size(self) -> usize {
        let lead = match self.lead {
            Lead::Nothing => 0_usize,
            Flags | Status => 1,
        };
        lead.saturating_add(self.number.size()).saturating_add(self.stamp.size())
    }
}

impl Number {
    /// Octets of a number.
    pub const fn size(self) -> usize {
        match self {
            Number::Nothing | Bit | TwoBits => 0,
            U8 => 1,
            U16 | I16 => 2,
            U32 | I32 | F32 => 4,
            F64 => 8,
        }
    }
}

impl Stamp {
    /// Octets of a time.
    pub const fn size(self) -> usize {
        match self {
            Stamp::Nothing => 0,
            Absolute => 6,
            Relative => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sizes that the standard states in words, one of each kind.
    #[test]
    fn objects_have_the_size_of_the_standard() {
        let sizes = [
            ((1, 2), 1),
            ((2, 2), 7),
            ((2, 3), 3),
            ((12, 1), 11),
            ((13, 2), 7),
            ((20, 1), 5),
            ((20, 6), 2),
            ((21, 5), 11),
            ((23, 6), 9),
            ((30, 4), 2),
            ((30, 6), 9),
            ((31, 3), 11),
            ((32, 7), 11),
            ((34, 3), 4),
            ((41, 2), 3),
            ((41, 4), 9),
            ((42, 8), 15),
            ((43, 5), 5),
            ((50, 1), 6),
            ((50, 2), 10),
            ((50, 4), 11),
            ((52, 2), 2),
            ((60, 1), 0),
            ((111, 17), 17),
            ((120, 3), 6),
            ((122, 2), 13),
        ];
        for ((group, variation), size) in sizes {
            let found = layout(group, variation).size();
            assert_eq!(found, Some(size), "group {group}, variation {variation}");
        }
        assert_eq!(layout(1, 3), Layout::Unknown);
        assert_eq!(layout(30, 0), Layout::Unknown);
    }
}
