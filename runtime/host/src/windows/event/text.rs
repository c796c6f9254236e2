//! An event as one text, for whoever keeps texts: what a log's records are handed out as.
//!
//! ```text
//! item   kind, 1 B | bytes of the name : bytes of the text : | name | text
//! kind   A, B, ... parts of the system part   d data   u data without name
//!        x there was more data
//! ```

use super::{DATA_MAX, Event, Part, Span};
use crate::Refused;
use crate::windows::names::{Names, Order};

const DATA: u8 = b'd';
const UNNAMED: u8 = b'u';
const CUT: u8 = b'x';
const FIRST_PART: u8 = b'A';

impl Event {
    /// The event as a text.
    pub(crate) fn to_text(&self) -> String {
        // A few digits each.
        let n = self.data.len().saturating_add(self.unnamed.len());
        let digits = n.saturating_add(self.system.len()).saturating_mul(8);
        let mut text = String::with_capacity(self.texts.0.len().saturating_add(digits));
        for (kind, span) in (FIRST_PART..).zip(&self.system) {
            if !span.is_empty() {
                push(&mut text, kind, "", self.texts.get(*span));
            }
        }
        for datum in &self.data {
            push(&mut text, DATA, self.texts.get(datum.name), self.texts.get(datum.text));
        }
        for span in &self.unnamed {
            push(&mut text, UNNAMED, "", self.texts.get(*span));
        }
        if self.cut {
            push(&mut text, CUT, "", "");
        }
        text
    }

    /// Reads what [`to_text`](Self::to_text) wrote: of its data what somebody knows.
    pub(crate) fn read_text(
        &mut self,
        text: &str,
        names: &Names,
        order: &mut Order,
    ) -> Result<(), Refused> {
        self.clear();
        order.begin();
        self.texts.add(text);
        let mut at = 0;
        while at < text.len() {
            let item = Item::at(text, at).ok_or(Refused::Log)?;
            at = item.text.end;
            match item.kind {
                DATA => {
                    let known = order.find(self.texts.get(item.name), names);
                    if known.is_some() || names.reads_all() {
                        self.push(known, item.name, item.text);
                    }
                }
                UNNAMED => self.push_unnamed(item.text),
                CUT => self.cut = true,
                kind => {
                    let part = kind.checked_sub(FIRST_PART).map(usize::from);
                    let part = part.and_then(|part| self.system.get_mut(part));
                    *part.ok_or(Refused::Log)? = item.text;
                }
            }
        }
        self.name_unnamed(names);
        if self.span(Part::Id).is_empty() { Err(Refused::Log) } else { Ok(()) }
    }
}

/// The time of an event that is written as a text.
pub(crate) fn time_of(text: &str) -> Option<&str> {
    let wanted = FIRST_PART.checked_add(u8::try_from(Part::Time as usize).ok()?)?;
    let mut at = 0;
    // Parts come first.
    for _ in 0..DATA_MAX {
        let item = Item::at(text, at)?;
        if item.kind == wanted {
            return text.get(item.text.start..item.text.end);
        }
        at = item.text.end;
    }
    None
}

fn push(to: &mut String, kind: u8, name: &str, text: &str) {
    let mut number = itoa::Buffer::new();
    to.push(char::from(kind));
    to.push_str(number.format(name.len()));
    to.push(':');
    to.push_str(number.format(text.len()));
    to.push(':');
    to.push_str(name);
    to.push_str(text);
}

/// One item of a text.
struct Item {
    kind: u8,
    name: Span,
    text: Span,
}

impl Item {
    /// The item at a place; `None` if there is none, or it cuts a character.
    fn at(text: &str, at: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let kind = *bytes.get(at)?;
        let (name_len, at) = number(bytes, at.checked_add(1)?)?;
        let (text_len, start) = number(bytes, at)?;
        let middle = start.checked_add(name_len)?;
        let end = middle.checked_add(text_len)?;
        let fits = text.is_char_boundary(middle) && text.is_char_boundary(end);
        let name = Span { start, end: middle };
        fits.then_some(Self { kind, name, text: Span { start: middle, end } })
    }
}

/// A number and what is behind its colon.
fn number(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut number = 0_usize;
    let mut at = start;
    loop {
        let byte = *bytes.get(at)?;
        at = at.checked_add(1)?;
        match byte {
            b':' if at > start.saturating_add(1) => return Some((number, at)),
            b'0'..=b'9' => {
                number = number.checked_mul(10)?.checked_add((byte - b'0').into())?;
            }
            _ => return None,
        }
    }
}
