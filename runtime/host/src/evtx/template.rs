//! Templates of a chunk, taken apart once: what each of its records repeats.
//!
//! ```text
//! definition   next u32 | guid 16 B | size u32 | tokens
//! tokens       element  01 dependency u16, size u32, name u32 [size of attributes u32]
//!              attribute 06 name u32    value 05 type u8, length u16, text
//!              closed   02 attributes, 03 empty element, 04 element
//!              value of the record 0D, or 0E if it may be left out: number u16, type u8
//! name         offset in the chunk: next u32 | hash u16 | length u16 | text | 0 u16
//! ```
//!
//! What is not understood makes no template, and its records are read by another reader.

use super::cursor::Cursor;
use super::value;
use crate::windows::event::{Span, Texts};

/// Bytes before the tokens of a definition.
pub(super) const HEADER: usize = 24;
/// Most steps of one template.
const STEPS_MAX: usize = 4096;
/// Most bytes of names and texts of a chunk's templates. Few have some kilobytes, but
/// names may be named again and again.
const TEXTS_MAX: usize = 4 << 20;
/// No dependency.
const ALWAYS: u16 = 0xFFFF;

/// A step of writing what a template says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// An element; unless the value is there, without all up to its end.
    Open { name: Span, needs: Option<u16>, end: usize },
    /// An attribute of it.
    Attribute { name: Span },
    /// Its attributes are over.
    Content,
    /// Text of the element or the attribute.
    Text(Span),
    /// A value of the record.
    Value { number: u16, optional: bool },
    /// The end of the element.
    Close { name: Span },
}

/// The steps of one template; names and texts lie in the chunk's [`Texts`].
#[derive(Debug, Default)]
pub(super) struct Template {
    pub(super) steps: Vec<Step>,
}

/// Takes apart the tokens of a definition that begins at an offset of the chunk.
pub(super) fn of(chunk: &[u8], at: usize, texts: &mut Texts) -> Option<Template> {
    let mut head = Cursor { bytes: chunk, at: at.checked_add(HEADER - 4)? };
    let size = head.offset()?;
    let end = head.at.checked_add(size)?;
    let mut tokens = Cursor { bytes: chunk, at: head.at };
    let mut reader = Reader { texts, template: Template::default(), open: Vec::new() };
    while reader.token(&mut tokens)? {
        let is_long = reader.texts.begin() > TEXTS_MAX;
        if is_long || reader.template.steps.len() > STEPS_MAX || tokens.at > end {
            return None;
        }
    }
    reader.open.is_empty().then_some(reader.template)
}

struct Reader<'r> {
    texts: &'r mut Texts,
    template: Template,
    /// Elements that are open: positions of their steps, and their names.
    open: Vec<(usize, Span)>,
}

impl Reader<'_> {
    /// Reads a token; false at the end.
    fn token(&mut self, tokens: &mut Cursor<'_>) -> Option<bool> {
        let token = tokens.u8()?;
        let steps = &mut self.template.steps;
        match token {
            0x00 => return Some(false),
            0x0F => {
                tokens.take(3)?;
            }
            0x01 | 0x41 => {
                let needs = Some(tokens.u16()?).filter(|number| *number != ALWAYS);
                tokens.u32()?;
                let name = name(tokens, self.texts)?;
                if token == 0x41 {
                    tokens.u32()?;
                }
                self.open.push((steps.len(), name));
                steps.push(Step::Open { name, needs, end: 0 });
            }
            0x02 => steps.push(Step::Content),
            0x03 => {
                steps.push(Step::Content);
                self.close()?;
            }
            0x04 => self.close()?,
            0x05 | 0x45 => {
                let 0x01 = tokens.u8()? else { return None };
                let bytes = usize::from(tokens.u16()?).checked_mul(2)?;
                let start = self.texts.begin();
                value::utf16(tokens.take(bytes)?, self.texts)?;
                steps.push(Step::Text(self.texts.end(start)));
            }
            0x06 | 0x46 => {
                let name = name(tokens, self.texts)?;
                steps.push(Step::Attribute { name });
            }
            0x0D | 0x0E => {
                let number = tokens.u16()?;
                tokens.u8()?;
                steps.push(Step::Value { number, optional: token == 0x0E });
            }
            _ => return None,
        }
        Some(true)
    }

    fn close(&mut self) -> Option<()> {
        let (at, name) = self.open.pop()?;
        let steps = &mut self.template.steps;
        steps.push(Step::Close { name });
        let behind = steps.len();
        if let Step::Open { end, .. } = steps.get_mut(at)? {
            *end = behind;
        }
        Some(())
    }
}

/// Reads the offset of a name, which may lie right behind it, and the name without its
/// prefix.
pub(super) fn name(tokens: &mut Cursor<'_>, texts: &mut Texts) -> Option<Span> {
    let at = tokens.offset()?;
    let mut name = Cursor { bytes: tokens.bytes, at };
    name.take(6)?;
    let bytes = usize::from(name.u16()?).checked_mul(2)?;
    let text = name.take(bytes)?;
    name.take(2)?;
    if tokens.at == at {
        tokens.at = name.at;
    }
    let start = texts.begin();
    value::utf16(text, texts)?;
    Some(texts.local(texts.end(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chunk whose template names one long name four thousand times over.
    #[test]
    fn names_that_are_named_again_stay_bounded() {
        const NAME: usize = 30_000;
        const UNITS: usize = 16_000;
        let mut chunk = vec![0_u8; 65_536];
        let mut put = |at: usize, bytes: &[u8]| {
            chunk[at..at + bytes.len()].copy_from_slice(bytes);
        };
        put(20, &20_001_u32.to_le_bytes());
        for at in (24..20_024).step_by(5) {
            put(at, &[0x06]);
            put(at + 1, &u32::try_from(NAME).unwrap().to_le_bytes());
        }
        put(NAME + 6, &u16::try_from(UNITS).unwrap().to_le_bytes());
        for unit in 0..UNITS {
            put(NAME + 8 + 2 * unit, b"a");
        }
        let mut texts = Texts::default();
        assert!(of(&chunk, 0, &mut texts).is_none());
        assert!(texts.begin() <= TEXTS_MAX + UNITS, "{} bytes", texts.begin());
        assert!(texts.begin() > UNITS);
    }
}
