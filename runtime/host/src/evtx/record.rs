//! Records by the templates of their chunk: nothing is written as XML that would only be
//! read again.
//!
//! ```text
//! record     ** 00 00 | size u32 | number u64 | time u64 | tokens | size u32
//! tokens     0F version 3 B | 0C instance | 00
//! instance   u8 | u32 | offset of the definition u32 [definition] | n u32
//!            n times size u16, type u8, u8 | values
//! ```
//!
//! This is the way of records that are as Windows writes most of them. Whatever is
//! otherwise - arrays, types that are rare, a size that does not fit - is left to the
//! `evtx` crate, which knows all of it, and what can be done about damage.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::cursor::Cursor;
use super::template::{self, Step, Template};
use super::value::{self, BINXML, NULL, TEXTS};
use crate::windows::event::{Event, Span, Texts};
use crate::windows::names::Names;
use crate::windows::walk::Walk;

/// Bytes of a chunk's header.
const CHUNK_HEADER: usize = 512;
/// First bytes of a record, and bytes before its tokens.
const MAGIC: &[u8] = b"**\0\0";
const RECORD_HEADER: usize = 24;
/// Most templates of a chunk, streams within streams, and steps of one record.
const TEMPLATES_MAX: usize = 256;
const DEPTH_MAX: usize = 8;
const STEPS_MAX: usize = 20_000;
/// Most values of an instance.
const VALUES_MAX: usize = 1024;
/// Most bytes that a record may become.
const TEXT_MAX: usize = 1 << 20;

/// What is used again for the next record, and for the next chunk.
#[derive(Debug, Default)]
pub(super) struct Reader {
    texts: Texts,
    templates: HashMap<usize, Option<Arc<Template>>, FixedState>,
    names: Names,
    event: Event,
    attribute: Texts,
}

/// A value of an instance.
#[derive(Clone, Copy)]
struct Value<'b> {
    ty: u8,
    bytes: &'b [u8],
    at: usize,
}

impl Reader {
    /// Forgets what the chunk before had.
    pub(super) fn begin(&mut self) {
        self.texts.clear();
        self.templates.clear();
    }

    /// The record at an offset: its number, where it ends, and itself as a text of
    /// [`Layout::Evtx`](crate::Layout::Evtx) unless another reader is needed for it. `None`
    /// if there is no record.
    pub(super) fn record(
        &mut self,
        chunk: &[u8],
        at: usize,
    ) -> Option<(u64, usize, Option<String>)> {
        let mut head = Cursor { bytes: chunk, at };
        if head.take(MAGIC.len())? != MAGIC {
            return None;
        }
        let size = head.offset()?;
        let id = head.u64()?;
        let end = at.checked_add(size)?;
        let stream = (at.checked_add(RECORD_HEADER)?, end.checked_sub(4)?);
        chunk.get(stream.0..end)?;
        self.event.clear();
        let text = self.event(chunk, stream).map(|()| self.event.to_text());
        Some((id, end, text))
    }

    fn event(&mut self, chunk: &[u8], stream: (usize, usize)) -> Option<()> {
        let Self { texts, templates, names, event, attribute } = self;
        let mut walk = Walk::new(names, event);
        let mut player = Player {
            chunk,
            texts,
            templates,
            walk: &mut walk,
            attribute,
            left: STEPS_MAX,
        };
        player.stream(stream, 0)?;
        walk.end().ok()?;
        Some(())
    }
}

/// The offset of the first record of a chunk.
pub(super) const FIRST: usize = CHUNK_HEADER;

/// Plays the steps of templates to a walk.
struct Player<'p, 'w> {
    chunk: &'p [u8],
    texts: &'p mut Texts,
    templates: &'p mut HashMap<usize, Option<Arc<Template>>, FixedState>,
    walk: &'p mut Walk<'w>,
    /// The attribute that is being put together.
    attribute: &'p mut Texts,
    left: usize,
}

impl Player<'_, '_> {
    /// A stream that is one instance of a template.
    fn stream(&mut self, (start, end): (usize, usize), depth: usize) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        let mut tokens = Cursor { bytes: self.chunk.get(..end)?, at: start };
        // The version may be left out.
        let mut token = tokens.u8()?;
        if token == 0x0F {
            tokens.take(3)?;
            token = tokens.u8()?;
        }
        if token != 0x0C {
            return None;
        }
        tokens.take(5)?;
        let at = tokens.offset()?;
        if tokens.at == at {
            let mut head = Cursor { at: at.checked_add(template::HEADER - 4)?, ..tokens };
            let size = head.offset()?;
            tokens.at = head.at.checked_add(size)?;
        }
        let n = tokens.offset()?;
        if n > VALUES_MAX {
            return None;
        }
        let sizes = tokens.take(n.checked_mul(4)?)?;
        let mut values = Vec::with_capacity(n);
        for [low, high, ty, _] in sizes.as_chunks::<4>().0 {
            let at = tokens.at;
            let bytes = tokens.take(u16::from_le_bytes([*low, *high]).into())?;
            values.push(Value { ty: *ty, bytes, at });
        }
        // Nothing follows but the end, and what fills the record up.
        if tokens.bytes.get(tokens.at).is_some_and(|token| *token != 0) {
            return None;
        }
        self.instance(at, &values, depth)
    }

    fn instance(&mut self, at: usize, values: &[Value<'_>], depth: usize) -> Option<()> {
        if !self.templates.contains_key(&at) {
            if self.templates.len() >= TEMPLATES_MAX {
                return None;
            }
            let template = template::of(self.chunk, at, self.texts);
            self.templates.insert(at, template.map(Arc::new));
        }
        let template = self.templates.get(&at)?.clone()?;
        let mut next = 0;
        // Where the innermost element begins, and its name; the attribute's.
        let mut element = (0, None);
        let mut attribute = None;
        let mut has_text = false;
        while let Some(step) = template.steps.get(next).copied() {
            self.left = self.left.checked_sub(1)?;
            next += 1;
            // A step adds no more than a chunk can hold.
            if self.walk.texts().begin().max(self.attribute.begin()) > TEXT_MAX {
                return None;
            }
            if let (Some(name), Step::Attribute { .. } | Step::Content) =
                (attribute, step)
            {
                let (element, name) = (self.texts.get(element.1?), self.texts.get(name));
                // One of nothing but values that may be left out is left out.
                if has_text {
                    self.walk.attribute(element, name, self.attribute.all());
                }
                attribute = None;
            }
            match step {
                Step::Open { needs, end, .. } if next > 1 && lacks(values, needs) => {
                    next = end;
                }
                Step::Open { name, .. } => {
                    element = (next, Some(name));
                    self.walk.open(self.texts.get(name)).ok()?;
                }
                Step::Attribute { name } => {
                    attribute = Some(name);
                    has_text = false;
                    self.attribute.clear();
                }
                Step::Content => self.walk.content(),
                Step::Text(text) if attribute.is_some() => {
                    has_text = true;
                    self.attribute.push(self.texts.get(text));
                }
                Step::Text(text) => self.walk.text(self.texts.get(text)),
                Step::Value { number, optional } => {
                    let Some(value) = values.get(usize::from(number)) else { continue };
                    if value.ty == TEXTS && attribute.is_none() {
                        let before =
                            template.steps.get(element.0..next.checked_sub(1)?)?;
                        let after = template.steps.get(next)?;
                        self.repeated(value.bytes, element.1?, before, *after)?;
                        continue;
                    }
                    self.value(value, attribute.is_some(), depth)?;
                    has_text |= !optional || !self.attribute.all().is_empty();
                }
                Step::Close { name } => self.walk.close(self.texts.get(name)),
            }
        }
        Some(())
    }

    /// An array of texts: the element that it is in is repeated, one text each. `before` is
    /// what stands in the element before the array, which must be all that there is.
    fn repeated(
        &mut self,
        bytes: &[u8],
        element: Span,
        before: &[Step],
        after: Step,
    ) -> Option<()> {
        let Step::Close { .. } = after else { return None };
        for (n, text) in value::texts(bytes).enumerate() {
            if n > 0 {
                let name = self.texts.get(element);
                self.walk.close(name);
                self.walk.open(name).ok()?;
                self.again(element, before)?;
            }
            self.left = self.left.checked_sub(1)?;
            value::utf16(text, self.walk.texts())?;
            if self.walk.texts().begin() > TEXT_MAX {
                return None;
            }
        }
        Some(())
    }

    /// Attributes of an element once more, if nothing of the record is in them.
    fn again(&mut self, element: Span, steps: &[Step]) -> Option<()> {
        let mut steps = steps.iter();
        while let Some(step) = steps.next() {
            match step {
                Step::Attribute { name } => {
                    let Some(Step::Text(text)) = steps.next() else { return None };
                    let [element, name, text] =
                        [element, *name, *text].map(|span| self.texts.get(span));
                    self.walk.attribute(element, name, text);
                }
                Step::Content => self.walk.content(),
                _ => return None,
            }
        }
        Some(())
    }

    fn value(&mut self, value: &Value<'_>, attribute: bool, depth: usize) -> Option<()> {
        let Value { ty, bytes, at } = *value;
        match ty {
            BINXML if bytes.is_empty() => Some(()),
            BINXML if attribute => None,
            BINXML => {
                let end = at.checked_add(bytes.len())?;
                self.stream((at, end), depth.checked_add(1)?)
            }
            _ if attribute => value::push(ty, bytes, self.attribute),
            _ => value::push(ty, bytes, self.walk.texts()),
        }
    }
}

/// Whether an element is left out: the value that it depends on is none. The root never is.
fn lacks(values: &[Value<'_>], needs: Option<u16>) -> bool {
    let value = needs.and_then(|number| values.get(usize::from(number)));
    value.is_some_and(|value| value.ty == NULL)
}
