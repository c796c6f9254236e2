//! Objects with their attributes, as a walk over the bytes: nothing is built.
//!
//! ```text
//! A1 | relation 4 | class | flags | attribute    an object begins
//! A3 | attribute | value                         one of its attributes
//! A4 | relation | object 4                       a reference to another
//! A2                                             it ends
//! ```
//!
//! An object may hold objects, a structure values. The walk ends without a fault where
//! the descriptions of types begin (A7, AB, AC), whose layout differs by firmware.

use tagout_spec::record::typed::codes::s7plus_type as kind;

use crate::cursor::Cursor;
use crate::s7plus::pdu::FaultKind;
use crate::s7plus::value::{self, Unread, Value};
use crate::s7plus::vlq;

/// Most objects, and structures, within each other.
const MAX_DEPTH: usize = 12;
/// Most things that are given of a message.
const MAX_NODES: u32 = 4096;

mod tag {
    pub(super) const OBJECT: u8 = 0xa1;
    pub(super) const END: u8 = 0xa2;
    pub(super) const ATTRIBUTE: u8 = 0xa3;
    pub(super) const RELATION: u8 = 0xa4;
}

/// A thing that a message says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Node<'a> {
    /// An object.
    Object(Object),
    /// A value: of which object and attribute, as far as is said.
    Attribute(Option<u32>, Option<u32>, Value<'a>),
    /// The address of a variable.
    Item(Item),
    /// How many variables the message states.
    Count(u32),
    /// An object that was created.
    Created(u32),
}

/// An object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Its number.
    pub(super) relation: u32,
    /// Its class.
    pub(super) class: u32,
    /// Attribute of its parent that it belongs to.
    pub(super) attribute: u32,
    /// How deep it lies.
    pub(super) depth: u8,
}

/// The address of a variable. What it does not have is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Item {
    /// Attribute of the object that the message names.
    pub(super) id: Option<u32>,
    /// Checksum of the symbol.
    pub(super) crc: Option<u32>,
    /// Area or object.
    pub(super) area: Option<u32>,
    /// Part of it.
    pub(super) sub_area: Option<u32>,
    /// First identifier in that.
    pub(super) lid: Option<u32>,
}

/// A walk over the body of a message, which tells a visitor what it meets.
pub(super) struct Walk<'a, F> {
    /// What was not yet walked.
    pub(super) cursor: Cursor<'a>,
    visit: F,
    left: u32,
}

/// The walk's end: of all, of what is known, or where it went wrong.
pub(super) type Walked = Result<(), Stop>;

/// Why a walk ends before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// What follows has a layout that is not known, or is more than is given.
    Unknown,
    /// It does not make sense.
    Fault(FaultKind),
}

impl From<Unread> for Stop {
    fn from(unread: Unread) -> Stop {
        match unread {
            Unread::Short => Stop::Fault(FaultKind::Short),
            Unread::Unknown => Stop::Unknown,
        }
    }
}

const SHORT: Stop = Stop::Fault(FaultKind::Short);

impl<'a, F: FnMut(Node<'a>)> Walk<'a, F> {
    /// Begins a walk.
    pub(super) fn new(cursor: Cursor<'a>, visit: F) -> Walk<'a, F> {
        Walk { cursor, visit, left: MAX_NODES }
    }

    /// Tells the visitor.
    pub(super) fn node(&mut self, node: Node<'a>) -> Walked {
        self.left = self.left.checked_sub(1).ok_or(Stop::Unknown)?;
        (self.visit)(node);
        Ok(())
    }

    /// A number of four bytes.
    pub(super) fn u32(&mut self) -> Result<u32, Stop> {
        self.cursor.u32().ok_or(SHORT)
    }

    /// A byte.
    pub(super) fn u8(&mut self) -> Result<u8, Stop> {
        self.cursor.u8().ok_or(SHORT)
    }

    /// A number of variable length.
    pub(super) fn vlq(&mut self) -> Result<u32, Stop> {
        vlq::u32(&mut self.cursor).ok_or(SHORT)
    }

    /// Objects, one after the other, behind at most one number.
    pub(super) fn objects(&mut self) -> Walked {
        if self.cursor.rest().first().is_some_and(|tag| *tag != tag::OBJECT) {
            self.vlq()?;
        }
        let mut parents = [0_u32; MAX_DEPTH];
        let mut depth = 0_usize;
        while let Some(&tag) = self.cursor.rest().first() {
            match tag {
                tag::OBJECT => {
                    self.u8()?;
                    let object = self.object(depth)?;
                    let Some(slot) = parents.get_mut(depth) else {
                        return Err(Stop::Fault(FaultKind::Depth));
                    };
                    *slot = object;
                    depth = depth.saturating_add(1);
                }
                tag::END if depth > 0 => {
                    self.u8()?;
                    depth = depth.saturating_sub(1);
                }
                tag::ATTRIBUTE if depth > 0 => {
                    self.u8()?;
                    let id = self.vlq()?;
                    let object = parents.get(depth.saturating_sub(1)).copied();
                    self.value(object, Some(id), 0)?;
                }
                tag::RELATION if depth > 0 => {
                    self.u8()?;
                    self.vlq()?;
                    self.u32()?;
                }
                _ if depth == 0 => return Ok(()),
                _ => return Err(Stop::Unknown),
            }
        }
        if depth > 0 { Err(SHORT) } else { Ok(()) }
    }

    fn object(&mut self, depth: usize) -> Result<u32, Stop> {
        let relation = self.u32()?;
        let class = self.vlq()?;
        self.vlq()?;
        let attribute = self.vlq()?;
        let depth = u8::try_from(depth).unwrap_or(u8::MAX);
        self.node(Node::Object(Object { relation, class, attribute, depth }))?;
        Ok(relation)
    }

    /// A value, and those within it.
    pub(super) fn value(
        &mut self,
        object: Option<u32>,
        id: Option<u32>,
        depth: usize,
    ) -> Walked {
        let head = value::head(&mut self.cursor)?;
        if head.kind != kind::STRUCT {
            let value = value::body(head, &mut self.cursor)?;
            return self.node(Node::Attribute(object, id, value));
        }
        if head.is_array() {
            return Err(Stop::Unknown);
        }
        if depth >= MAX_DEPTH {
            return Err(Stop::Fault(FaultKind::Depth));
        }
        let of = self.u32()?;
        if is_packed(of) {
            return Err(Stop::Unknown);
        }
        loop {
            match self.vlq()? {
                0 => return Ok(()),
                member => self.value(object, Some(member), depth.saturating_add(1))?,
            }
        }
    }

    /// (number | value)* | 00: values of the variables of a message, in their order.
    /// `ids` is the attributes that they are, if the message names one object.
    pub(super) fn values(
        &mut self,
        object: Option<u32>,
        ids: Option<Cursor<'a>>,
    ) -> Walked {
        loop {
            let number = self.vlq()?;
            if number == 0 {
                return Ok(());
            }
            let mut ids = ids;
            let skipped = number.saturating_sub(1).min(MAX_NODES);
            let id = ids.as_mut().and_then(|ids| {
                (0..skipped).try_for_each(|_| vlq::u32(ids).map(drop))?;
                vlq::u32(ids)
            });
            self.value(object, id, 0)?;
        }
    }
}

/// Whether a structure is packed: a system type, or a type of the controller's own.
fn is_packed(structure: u32) -> bool {
    matches!(structure >> 24, 0x02 | 0x90..=0x9f)
}
