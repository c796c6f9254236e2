//! The elements of a Windows event, one after another, whoever reads them: as XML, or as the
//! tokens of a log that would become XML.

use super::event::{Event, Part, Span, Texts, content};
use super::names::Names;
use crate::Refused;

/// Deepest element that is looked into.
const DEPTH_MAX: usize = 32;

/// Where the reader stands.
#[derive(Clone, Copy, PartialEq)]
enum In {
    None,
    System,
    EventData,
    UserData,
    Rendering,
}

/// The event so far.
pub(crate) struct Walk<'w> {
    names: &'w Names,
    event: &'w mut Event,
    /// How many elements are open.
    depth: usize,
    part: In,
    /// Where the text of the innermost element begins.
    text: usize,
    /// The `Name` of the data that is open.
    name: Option<Span>,
    /// Whether the innermost element has others in it.
    has_children: bool,
    is_event: bool,
}

impl<'w> Walk<'w> {
    /// For an event that is cleared.
    pub(crate) fn new(names: &'w Names, event: &'w mut Event) -> Self {
        Self {
            names,
            event,
            depth: 0,
            part: In::None,
            text: 0,
            name: None,
            has_children: false,
            is_event: false,
        }
    }

    /// Begins an element; its attributes follow, then [`content`](Self::content).
    pub(crate) fn open(&mut self, name: &str) -> Result<(), Refused> {
        match self.depth {
            DEPTH_MAX.. => return Err(Refused::Xml),
            0 => self.is_event = name == "Event",
            1 => {
                self.part = match name {
                    "System" => In::System,
                    "EventData" => In::EventData,
                    "UserData" => In::UserData,
                    "RenderingInfo" => In::Rendering,
                    _ => In::None,
                };
            }
            _ => self.name = None,
        }
        Ok(())
    }

    /// Whether attributes of the element that begins are looked at.
    pub(crate) fn asks_attributes(&self) -> bool {
        self.depth >= 2
    }

    /// An attribute of the element that begins. Of one that is given twice, the last
    /// counts.
    pub(crate) fn attribute(&mut self, name: &str, key: &str, text: &str) {
        if !self.asks_attributes() {
            return;
        }
        let part = match (self.part, name, key) {
            (In::System, "Provider", "Name") => Part::Provider,
            (In::System, "Provider", "EventSourceName")
                if self.event.span(Part::Provider).is_empty() =>
            {
                Part::Provider
            }
            (In::System, "TimeCreated", "SystemTime") => Part::Time,
            (In::System, "Correlation", "ActivityID") => Part::Activity,
            (In::System, "Execution", "ProcessID") => Part::Pid,
            (In::System, "Execution", "ThreadID") => Part::Tid,
            (In::System, "Security", "UserID") => Part::UserSid,
            (In::EventData, _, "Name") => {
                self.name = Some(self.event.texts.add(text));
                return;
            }
            (In::UserData, _, key) if key != "xmlns" => {
                let text = self.event.texts.add(text);
                self.push(key, text);
                return;
            }
            _ => return,
        };
        let text = self.event.texts.add(text);
        self.event.state(part, text);
    }

    /// Begins what is in the element.
    pub(crate) fn content(&mut self) {
        self.depth = self.depth.saturating_add(1);
        self.text = self.event.texts.begin();
        self.has_children = false;
    }

    /// A piece of text.
    pub(crate) fn text(&mut self, text: &str) {
        self.event.texts.push(text);
    }

    /// Where pieces of text go.
    pub(crate) fn texts(&mut self) -> &mut Texts {
        &mut self.event.texts
    }

    /// Ends the event.
    pub(crate) fn end(self) -> Result<(), Refused> {
        if self.depth > 0 || !self.is_event { Err(Refused::Xml) } else { Ok(()) }
    }

    /// Ends an element.
    pub(crate) fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        let text = self.event.texts.end(self.text);
        let is_leaf = !self.has_children;
        self.has_children = true;
        match self.part {
            In::System if self.depth == 2 => {
                if let Some(part) = content(name) {
                    self.event.state(part, text);
                }
            }
            In::EventData if self.depth >= 2 && is_leaf => match self.name.take() {
                Some(name) => {
                    let known = self.names.find(self.event.texts.get(name));
                    self.event.push(known, name, text);
                }
                None if name == "Data" => self.event.push_unnamed(text),
                None => self.push(name, text),
            },
            In::UserData if self.depth >= 3 && is_leaf => self.push(name, text),
            In::Rendering if name == "Message" => self.event.state(Part::Message, text),
            _ => {}
        }
        if self.depth == 1 {
            self.part = In::None;
        }
        self.text = self.event.texts.begin();
    }

    fn push(&mut self, name: &str, text: Span) {
        let known = self.names.find(name);
        let name = self.event.texts.add(name);
        self.event.push(known, name, text);
    }
}
