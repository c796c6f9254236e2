//! Events as XML, as Windows renders them (MS-EVEN6, 2.2.13).
//!
//! ```text
//! <Event> <System> <Provider Name=".."/> <EventID>1</EventID> ... </System>
//!         <EventData> <Data Name="Image">..</Data> <Data>..</Data> </EventData>
//!      or <UserData> <Anything> <Name>..</Name> </Anything> </UserData>
//!         <RenderingInfo> <Message>..</Message> </RenderingInfo> </Event>
//! ```
//!
//! Names are taken without their prefix. What stands deeper than names do is text.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesRef, BytesStart, Event as Token};

use super::event::{Event, Part, Span, content};
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

/// Reads one event.
pub(super) fn read(text: &str, names: &Names, event: &mut Event) -> Result<(), Refused> {
    event.clear();
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.trim_text(false);
    config.check_end_names = true;
    let mut walk = Walk::new(names, event);
    loop {
        match reader.read_event().map_err(|_| Refused::Xml)? {
            Token::Start(start) => walk.open(&start)?,
            Token::Empty(start) => {
                walk.open(&start)?;
                walk.close(start.local_name().as_ref());
            }
            Token::End(end) => walk.close(end.local_name().as_ref()),
            Token::Text(text) => walk.event.texts.push(&text),
            Token::GeneralRef(entity) => walk.entity(&entity)?,
            Token::CData(data) => walk.event.texts.push(&data),
            Token::Eof => break,
            Token::Comment(_) | Token::Decl(_) | Token::PI(_) | Token::DocType(_) => {}
        }
    }
    if walk.depth > 0 || !walk.is_event {
        return Err(Refused::Xml);
    }
    event.name_unnamed(names);
    Ok(())
}

/// The event so far.
struct Walk<'w> {
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
    fn new(names: &'w Names, event: &'w mut Event) -> Self {
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

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Refused> {
        let name = start.local_name();
        if self.depth >= DEPTH_MAX {
            return Err(Refused::Xml);
        }
        match self.depth {
            0 => self.is_event = name.as_ref() == "Event",
            1 => {
                self.part = match name.as_ref() {
                    "System" => In::System,
                    "EventData" => In::EventData,
                    "UserData" => In::UserData,
                    "RenderingInfo" => In::Rendering,
                    _ => In::None,
                };
            }
            _ => self.attributes(name.as_ref(), start)?,
        }
        self.depth = self.depth.saturating_add(1);
        self.text = self.event.texts.begin();
        self.has_children = false;
        Ok(())
    }

    fn attributes(&mut self, name: &str, start: &BytesStart<'_>) -> Result<(), Refused> {
        self.name = None;
        // Of an attribute that is given twice, the last counts.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| Refused::Xml)?;
            let key = attribute.key.local_name();
            let key = key.as_ref();
            let text = unescape(&attribute.value).map_err(|_| Refused::Xml)?;
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
                    self.name = Some(self.event.texts.add(&text));
                    continue;
                }
                (In::UserData, _, key) if key != "xmlns" => {
                    let text = self.event.texts.add(&text);
                    self.push(key, text);
                    continue;
                }
                _ => continue,
            };
            let text = self.event.texts.add(&text);
            self.event.state(part, text);
        }
        Ok(())
    }

    fn entity(&mut self, entity: &BytesRef<'_>) -> Result<(), Refused> {
        if let Some(c) = entity.resolve_char_ref().map_err(|_| Refused::Xml)? {
            self.event.texts.push(c.encode_utf8(&mut [0; 4]));
            return Ok(());
        }
        let text =
            quick_xml::escape::resolve_predefined_entity(entity).ok_or(Refused::Xml)?;
        self.event.texts.push(text);
        Ok(())
    }

    fn close(&mut self, name: &str) {
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
