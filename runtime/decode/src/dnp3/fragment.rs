//! An application fragment (IEEE Std 1815-2012, 4.2.2).
//!
//! ```text
//! control 1 | function 1 | objects                               of a master
//! control 1 | function 1 | internal indications 2 | objects      of an outstation
//!
//! control   FIR 80 | FIN 40 | CON 20 | UNS 10 | sequence 0f
//! ```
//!
//! [`parse`] never fails: it reads as far as the octets make sense, and leaves what
//! it did not understand in [`Fragment::rest`]. What it keeps of the objects is what
//! an event has once; the objects themselves are read again where they lie.

use tagout_spec::record::typed::codes::dnp3_function as function;
use tagout_spec::record::typed::codes::dnp3_group as group;

use crate::cursor::Cursor;
use crate::dnp3::auth::{self, Auth};
use crate::dnp3::control::Control;
use crate::dnp3::fault::{Fault, layer, why};
use crate::dnp3::file::{self, File};
use crate::dnp3::layout::Layout;
use crate::dnp3::object::{self, Content, Item, Object, Stop};
use crate::dnp3::point;

/// The control octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlOctet(pub u8);

impl ControlOctet {
    /// First fragment of a message.
    pub fn fir(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// Last fragment of a message.
    pub fn fin(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// A confirm is asked for.
    pub fn con(self) -> bool {
        self.0 & 0x20 != 0
    }

    /// An unsolicited response, or its confirm.
    pub fn uns(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// Sequence number.
    pub fn sequence(self) -> u8 {
        self.0 & 0x0f
    }
}

/// A fragment. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fragment<'a> {
    /// Control octet.
    pub control: Option<ControlOctet>,
    /// Function code.
    pub function: Option<u8>,
    /// Internal indications, the first octet in the high one.
    pub iin: Option<u16>,
    /// What the objects say that is said once.
    pub gist: Gist<'a>,
    /// Octets that are not understood.
    pub rest: &'a [u8],
    /// Whether an object is unknown, and its size with it.
    pub is_unknown: bool,
    /// Where it stops making sense.
    pub fault: Option<Fault>,
    objects: Option<Cursor<'a>>,
}

/// What the objects of a fragment say that is said once: by the first that says it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gist<'a> {
    /// Group and variation of the first object.
    pub first: Option<(u8, u8)>,
    /// First points that are named: group, first and last index.
    pub place: Option<(u8, u32, u32)>,
    /// Value of the first point or control.
    pub value: Option<f64>,
    /// Whether classes are named, from class 0.
    pub classes: [bool; 4],
    /// Whether any class is named.
    pub has_classes: bool,
    /// Whether there are controls, and whether the status of one is not success.
    pub has_controls: bool,
    /// See above.
    pub is_refused: bool,
    /// Whether there are points.
    pub has_points: bool,
    /// Whether there are device attributes.
    pub has_attributes: bool,
    /// Milliseconds since 1970.
    pub time: Option<u64>,
    /// Milliseconds.
    pub interval: Option<u32>,
    /// Milliseconds.
    pub delay: Option<u32>,
    /// File object.
    pub file: Option<File<'a>>,
    /// Authentication object, with its variation.
    pub auth: Option<(u8, Auth<'a>)>,
    /// Application identifier.
    pub application: Option<&'a [u8]>,
}

/// Reads a fragment.
pub fn parse(bytes: &[u8]) -> Fragment<'_> {
    let mut fragment = Fragment::default();
    let mut cursor = Cursor::new(bytes);
    fragment.control = cursor.u8().map(ControlOctet);
    fragment.function = cursor.u8();
    let Some(code) = fragment.function else {
        fragment.fault = Some(fault(cursor.at(), why::SHORT));
        return fragment;
    };
    if is_response(code) {
        fragment.iin = cursor.u16();
        if fragment.iin.is_none() {
            fragment.fault = Some(fault(cursor.at(), why::SHORT));
            fragment.rest = cursor.rest();
            return fragment;
        }
    }
    if !is_known(code) {
        fragment.rest = cursor.rest();
        return fragment;
    }
    fragment.objects = Some(cursor);
    fragment.read_objects(cursor, code);
    fragment
}

/// Whether an outstation sends a fragment of this function (4.4): the codes from 129
/// on are for responses.
pub fn is_response(code: u8) -> bool {
    code >= function::RESPONSE
}

/// Whether the layout behind a function code is known.
fn is_known(code: u8) -> bool {
    matches!(
        code,
        function::CONFIRM..=function::AUTH_REQ_NO_ACK
            | function::RESPONSE..=function::AUTHENTICATE_RESP
    )
}

fn fault(at: usize, why: u8) -> Fault {
    Fault::new(layer::APPLICATION, at, why)
}

impl<'a> Fragment<'a> {
    /// The objects that were understood, in their order.
    pub fn objects(&self) -> impl Iterator<Item = Object<'a>> + use<'a> {
        let (mut next, code) = (self.objects, self.function.unwrap_or_default());
        std::iter::from_fn(move || {
            let mut cursor = next.take().filter(|cursor| !cursor.rest().is_empty())?;
            let read = object::read(&mut cursor, code);
            next = read.stop.is_none().then_some(cursor);
            read.object
        })
    }

    /// Whether a master sends it.
    pub fn is_request(&self) -> bool {
        self.function.is_some_and(|code| !is_response(code))
    }

    fn read_objects(&mut self, mut cursor: Cursor<'a>, code: u8) {
        while !cursor.rest().is_empty() {
            let read = object::read(&mut cursor, code);
            if let Some(object) = read.object {
                self.note(&object);
            }
            let Some(stop) = read.stop else { continue };
            match stop {
                Stop::Unknown => self.is_unknown = true,
                Stop::Fault(at, why) => self.fault = Some(fault(at, why)),
            }
            self.rest = cursor.rest();
            return;
        }
    }

    /// Keeps what an object says.
    fn note(&mut self, object: &Object<'a>) {
        let gist = &mut self.gist;
        gist.first = gist.first.or(Some((object.group, object.variation)));
        if gist.place.is_none() {
            gist.place = place(object);
        }
        match object.group {
            group::CLASS_DATA => {
                gist.has_classes = true;
                let class = usize::from(object.variation.wrapping_sub(1));
                if let Some(named) = gist.classes.get_mut(class) {
                    *named = true;
                }
            }
            group::DEVICE_ATTRIBUTES => {
                gist.has_attributes |= object.items().next().is_some();
            }
            group::BINARY_OUTPUT_COMMAND | group::ANALOG_OUTPUT
                if matches!(object.layout, Layout::Control | Layout::Output(_)) =>
            {
                self.note_controls(object);
            }
            group::TIME_AND_DATE..=group::TIME_DELAY => self.note_time(object),
            group::FILE_CONTROL => self.note_file(object),
            group::AUTHENTICATION => self.note_auth(object),
            group::APPLICATION => {
                if let Some((_, octets)) = octets(object) {
                    gist.application = gist.application.or(Some(octets));
                }
            }
            _ => self.note_points(object),
        }
    }

    fn note_points(&mut self, object: &Object<'a>) {
        let gist = &mut self.gist;
        let Some(item) = object.items().next() else { return };
        gist.has_points = true;
        if gist.value.is_none() {
            let point = point::Point::read(object.layout, item.content);
            gist.value = point.and_then(|point| point.value);
        }
    }

    fn note_controls(&mut self, object: &Object<'a>) {
        let gist = &mut self.gist;
        for item in object.items() {
            let Some(control) = control(object, &item) else { continue };
            gist.has_controls = true;
            gist.is_refused |= control.status != 0;
            gist.value = gist.value.or(control.value);
        }
    }

    fn note_time(&mut self, object: &Object<'a>) {
        let gist = &mut self.gist;
        let Some((_, octets)) = octets(object) else { return };
        let mut cursor = Cursor::new(octets);
        match object.layout {
            Layout::Time(_) if gist.time.is_none() => {
                gist.time = point::time(&mut cursor);
                gist.interval = cursor.array().map(u32::from_le_bytes);
            }
            Layout::Delay(unit) => {
                let delay = cursor.array().map(u16::from_le_bytes);
                let milliseconds =
                    delay.map(|delay| u32::from(delay).saturating_mul(unit.into()));
                gist.delay = gist.delay.or(milliseconds);
            }
            _ => {}
        }
    }

    fn note_file(&mut self, object: &Object<'a>) {
        let Some((at, octets)) = octets(object) else { return };
        let (file, is_whole) = file::read(object.variation, octets);
        if !is_whole {
            self.fault = self.fault.or(Some(fault(at, why::SIZE)));
        }
        self.gist.file = self.gist.file.or(Some(file));
    }

    fn note_auth(&mut self, object: &Object<'a>) {
        let Some((at, octets)) = octets(object) else { return };
        let (auth, is_whole) = auth::read(object.variation, octets);
        if !is_whole {
            self.fault = self.fault.or(Some(fault(at, why::SIZE)));
        }
        match &mut self.gist.auth {
            // The code of an aggressive mode request stands in an object of its own.
            Some((_, first)) => first.data = first.data.or(auth.data),
            None => self.gist.auth = Some((object.variation, auth)),
        }
    }
}

/// The control that an object holds.
pub fn control(object: &Object<'_>, item: &Item<'_>) -> Option<Control> {
    match item.content {
        Content::Octets(octets) => Control::read(object.layout, octets),
        Content::Nothing | Content::Bits(_) => None,
    }
}

/// The octets of the first object behind a header, and where they begin.
fn octets<'a>(object: &Object<'a>) -> Option<(usize, &'a [u8])> {
    let item = object.items().next()?;
    match item.content {
        Content::Octets(octets) => Some((object.at.saturating_add(item.at), octets)),
        Content::Nothing | Content::Bits(_) => None,
    }
}

/// The points that a header names: group, first and last index.
fn place(object: &Object<'_>) -> Option<(u8, u32, u32)> {
    // What is behind these is not a point of the process.
    if matches!(
        object.group,
        group::TIME_AND_DATE
            ..=group::FILE_CONTROL | group::APPLICATION | group::AUTHENTICATION
    ) {
        return None;
    }
    if let (Some(first), Some(last)) = (object.start, object.stop) {
        return (first <= last).then_some((object.group, first, last));
    }
    let mut indexes = object.items().filter_map(|item| item.index);
    let first = indexes.next()?;
    let (low, high) = indexes
        .fold((first, first), |(low, high), index| (low.min(index), high.max(index)));
    Some((object.group, low, high))
}
