//! Object headers and the objects behind them (IEEE Std 1815-2012, 4.2.2.7).
//!
//! ```text
//! group 1 | variation 1 | qualifier 1 | range 0 to 8 | objects
//!
//! qualifier   reserved 80 | prefix code 70 | range code 0f
//! range       first and last index, or a number of objects, or nothing: all
//! object      prefix (index or size) | octets of the variation's layout
//! ```
//!
//! Requests that only name points, such as to read or to freeze them, have prefixes
//! but no octets. What is behind an object of unknown size cannot be found.

use tagout_spec::record::typed::codes::dnp3_function as function;

use crate::cursor::Cursor;
use crate::dnp3::fault::why;
use crate::dnp3::layout::{Layout, layout};

/// Range code that asks for all objects.
const ALL: u8 = 6;
/// Range code of a number of objects, each with its size.
const VARIABLE_FORMAT: u8 = 11;
/// Group of authentication, whose objects always have octets.
const AUTHENTICATION: u8 = 120;
/// Group of times.
const TIME: u8 = 50;

/// An object header, and the whole objects that follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    /// Object group.
    pub group: u8,
    /// Variation.
    pub variation: u8,
    /// Qualifier octet.
    pub qualifier: u8,
    /// First index.
    pub start: Option<u32>,
    /// Last index.
    pub stop: Option<u32>,
    /// Number of objects that the header states.
    pub count: Option<u32>,
    /// What an object consists of.
    pub layout: Layout,
    /// Where its objects begin in the fragment.
    pub at: usize,
    begin: usize,
    has_octets: bool,
    octets: &'a [u8],
}

/// One object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// Point index, from the prefix or the range.
    pub index: Option<u32>,
    /// What it holds.
    pub content: Content<'a>,
    /// Where its octets begin, from the first object of the header.
    pub at: usize,
}

/// What an object holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Nothing: the point is only named.
    Nothing,
    /// A packed value.
    Bits(u8),
    /// Octets.
    Octets(&'a [u8]),
}

/// Why no further object can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The bytes make no sense there: where, and one of `dnp3_fault`.
    Fault(usize, u8),
    /// The object is unknown, and its size with it.
    Unknown,
}

/// What stands where an object header should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read<'a> {
    /// The header, if it is whole, with the objects that are.
    pub object: Option<Object<'a>>,
    /// What ends the reading there.
    pub stop: Option<Stop>,
}

/// Reads an object header and its objects; the cursor then stands behind them, or
/// where it stopped.
pub fn read<'a>(cursor: &mut Cursor<'a>, function: u8) -> Read<'a> {
    let fault = |object, at, why| Read { object, stop: Some(Stop::Fault(at, why)) };
    let start = cursor.at();
    let Some([group, variation, qualifier]) = cursor.array() else {
        return fault(None, start, why::SHORT);
    };
    let mut object = Object {
        group,
        variation,
        qualifier,
        start: None,
        stop: None,
        count: None,
        layout: layout(group, variation),
        at: cursor.at(),
        begin: start,
        has_octets: false,
        octets: &[],
    };
    let is_reserved = qualifier & 0x80 != 0 || object.prefix() == 7;
    let is_free = object.range() == VARIABLE_FORMAT && object.size_prefix().is_none();
    if is_reserved || is_free || matches!(object.range(), 10 | 12..) {
        return fault(Some(object), start.saturating_add(2), why::QUALIFIER);
    }
    let at = cursor.at();
    if object.read_range(cursor).is_none() {
        return fault(Some(object), at, why::SHORT);
    }
    object.at = cursor.at();
    object.has_octets = object.range() != ALL && object.carries(function);
    if matches!((object.start, object.stop), (Some(first), Some(last)) if last < first) {
        return fault(Some(object), at, why::RANGE);
    }
    let stop = object.read_items(cursor);
    Read { object: Some(object), stop }
}

impl<'a> Object<'a> {
    /// Prefix code.
    pub fn prefix(&self) -> u8 {
        self.qualifier >> 4 & 7
    }

    /// Range code.
    pub fn range(&self) -> u8 {
        self.qualifier & 0x0f
    }

    /// The objects that are whole.
    pub fn items(&self) -> Items<'a> {
        Items { object: *self, cursor: Cursor::new(self.octets), n: 0 }
    }

    /// Octets of the index in front of each object.
    fn index_prefix(&self) -> Option<usize> {
        match self.prefix() {
            1 => Some(1),
            2 => Some(2),
            3 => Some(4),
            _ => None,
        }
    }

    /// Octets of the size in front of each object.
    fn size_prefix(&self) -> Option<usize> {
        match self.prefix() {
            4 => Some(1),
            5 => Some(2),
            6 => Some(4),
            _ => None,
        }
    }

    fn read_range(&mut self, cursor: &mut Cursor<'a>) -> Option<()> {
        match self.range() {
            code @ 0..=5 => {
                let width = [1, 2, 4].get(usize::from(code % 3)).copied()?;
                let first = number(cursor, width)?;
                let last = number(cursor, width)?;
                (self.start, self.stop) = (Some(first), Some(last));
                // Virtual addresses count octets of memory, not objects.
                let count = last.checked_sub(first).map(|last| last.saturating_add(1));
                self.count = count.filter(|_| code < 3);
            }
            7 | VARIABLE_FORMAT => self.count = Some(number(cursor, 1)?),
            8 => self.count = Some(number(cursor, 2)?),
            9 => self.count = Some(number(cursor, 4)?),
            _ => {}
        }
        Some(())
    }

    /// Whether objects of a message with this function have octets.
    fn carries(&self, code: u8) -> bool {
        match code {
            _ if self.size_prefix().is_some() || self.group == AUTHENTICATION => true,
            function::WRITE..=function::DIRECT_OPERATE_NR
            | function::OPEN_FILE..=function::AUTH_REQ_NO_ACK
            | function::RESPONSE.. => true,
            function::FREEZE_AT_TIME | function::FREEZE_AT_TIME_NR => self.group == TIME,
            _ => false,
        }
    }

    /// Takes the objects that are whole; what ends the reading, if they are not
    /// all there.
    fn read_items(&mut self, cursor: &mut Cursor<'a>) -> Option<Stop> {
        let begin = *cursor;
        let wanted = self.count.unwrap_or(0);
        let (taken, stop) = match (self.size_prefix(), self.layout) {
            _ if self.range() == ALL => (0, None),
            _ if !self.has_octets => self.fixed(cursor.rest(), 0),
            (Some(width), _) => self.sized(cursor, width, wanted),
            _ if self.count.is_none() => (0, Some(Stop::Unknown)),
            (None, Layout::Bits(width)) => self.packed(cursor.rest(), width, wanted),
            (None, Layout::Attribute) => self.attributes(cursor, wanted),
            (None, layout) => match layout.size() {
                Some(size) => self.fixed(cursor.rest(), size),
                None => (0, Some(Stop::Unknown)),
            },
        };
        *cursor = begin;
        self.octets = cursor.take(taken).unwrap_or_default();
        stop
    }

    /// index | size octets, as often as the header says.
    fn fixed(&self, rest: &[u8], size: usize) -> (usize, Option<Stop>) {
        let each = size.saturating_add(self.index_prefix().unwrap_or(0));
        let Some(fit) = rest.len().checked_div(each) else { return (0, None) };
        let wanted = usize::try_from(self.count.unwrap_or(0)).unwrap_or(usize::MAX);
        let whole = fit.min(wanted);
        let taken = whole.saturating_mul(each);
        (taken, (whole < wanted).then(|| self.short(taken)))
    }

    /// Values of a few bits each, from the lowest bits of the first octet.
    fn packed(&self, rest: &[u8], width: u8, wanted: u32) -> (usize, Option<Stop>) {
        if self.index_prefix().is_some() {
            let qualifier = Stop::Fault(self.begin.saturating_add(2), why::QUALIFIER);
            return (0, Some(qualifier));
        }
        let octets = u64::from(wanted).saturating_mul(u64::from(width)).div_ceil(8);
        let octets = usize::try_from(octets).unwrap_or(usize::MAX);
        let taken = octets.min(rest.len());
        (taken, (taken < octets).then(|| self.short(taken)))
    }

    /// size | so many octets, as often as the header says.
    fn sized(
        &self,
        cursor: &mut Cursor<'a>,
        width: usize,
        wanted: u32,
    ) -> (usize, Option<Stop>) {
        let begin = cursor.at();
        let taken = |cursor: &Cursor<'_>| cursor.at().saturating_sub(begin);
        for _ in 0..wanted {
            let before = *cursor;
            let object = number(cursor, width)
                .and_then(|size| usize::try_from(size).ok())
                .and_then(|size| cursor.take(size));
            let Some(object) = object else {
                return (taken(&before), Some(Stop::Fault(before.at(), why::SHORT)));
            };
            if self.layout.size().is_some_and(|size| size != object.len()) {
                return (taken(&before), Some(Stop::Fault(before.at(), why::SIZE)));
            }
        }
        (taken(cursor), None)
    }

    /// type 1 | length 1 | value, as often as the header says.
    fn attributes(&self, cursor: &mut Cursor<'a>, wanted: u32) -> (usize, Option<Stop>) {
        let begin = cursor.at();
        for _ in 0..wanted {
            let before = *cursor;
            let prefix = self.index_prefix().unwrap_or(0);
            if cursor.take(prefix).and_then(|_| attribute(cursor)).is_none() {
                let taken = before.at().saturating_sub(begin);
                return (taken, Some(Stop::Fault(before.at(), why::SHORT)));
            }
        }
        (cursor.at().saturating_sub(begin), None)
    }

    fn short(&self, taken: usize) -> Stop {
        Stop::Fault(self.at.saturating_add(taken), why::SHORT)
    }
}

/// The objects behind a header.
#[derive(Clone, Debug)]
pub struct Items<'a> {
    object: Object<'a>,
    cursor: Cursor<'a>,
    n: u32,
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let Items { object, cursor, n } = self;
        if object.octets.is_empty() || object.count.is_none_or(|count| *n >= count) {
            return None;
        }
        let begin = cursor.at();
        let by_range = object.start.map(|start| start.saturating_add(*n));
        let place = *n;
        *n = n.saturating_add(1);
        let mut index = by_range;
        if let Some(width) = object.index_prefix() {
            index = Some(number(cursor, width)?);
        }
        let at = cursor.at();
        let content = match (object.size_prefix(), object.layout) {
            _ if !object.has_octets => Content::Nothing,
            (Some(width), _) => {
                let size = usize::try_from(number(cursor, width)?).ok()?;
                let octets = Content::Octets(cursor.take(size)?);
                return Some(Item {
                    index,
                    content: octets,
                    at: at.saturating_add(width),
                });
            }
            (None, Layout::Bits(width)) => bits(object.octets, width, place)?,
            (None, Layout::Attribute) => Content::Octets(attribute(cursor)?),
            (None, layout) => Content::Octets(cursor.take(layout.size()?)?),
        };
        // What takes no octets at all is not listed.
        let is_bits = matches!(content, Content::Bits(_));
        (is_bits || cursor.at() > begin).then_some(Item { index, content, at })
    }
}

/// A packed value by its place.
fn bits<'a>(octets: &[u8], width: u8, place: u32) -> Option<Content<'a>> {
    let bit = u64::from(place).checked_mul(u64::from(width))?;
    let octet = octets.get(usize::try_from(bit / 8).ok()?)?;
    let shift = u32::try_from(bit % 8).ok()?;
    let mask = if width == 1 { 1 } else { 3 };
    Some(Content::Bits(octet.checked_shr(shift)? & mask))
}

/// type 1 | length 1 | value; the extended list counts 256 octets more.
fn attribute<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    const EXTENDED_LIST: u8 = 255;
    let begin = *cursor;
    let [kind, length] = cursor.array()?;
    let more = if kind == EXTENDED_LIST { 256 } else { 0 };
    let length = usize::from(length).saturating_add(more);
    cursor.take(length)?;
    begin.rest().get(..length.saturating_add(2))
}

/// A little-endian number of 1, 2 or 4 octets.
fn number(cursor: &mut Cursor<'_>, width: usize) -> Option<u32> {
    match width {
        1 => cursor.u8().map(u32::from),
        2 => cursor.array().map(|octets| u32::from(u16::from_le_bytes(octets))),
        _ => cursor.array().map(u32::from_le_bytes),
    }
}
