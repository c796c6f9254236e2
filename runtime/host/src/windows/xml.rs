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

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event as Token};

use super::event::{Event, Text};
use crate::Refused;

/// Deepest element that is looked into.
const DEPTH_MAX: usize = 32;

/// Where the reader stands.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    None,
    System,
    EventData,
    UserData,
    Rendering,
}

/// Reads one event.
pub(super) fn read(text: &str) -> Result<Event<'static>, Refused> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.trim_text(false);
    config.check_end_names = true;
    let mut walk = Walk::default();
    loop {
        match reader.read_event().map_err(|_| Refused::Xml)? {
            Token::Start(start) => walk.open(&start)?,
            Token::Empty(start) => {
                walk.open(&start)?;
                walk.close();
            }
            Token::End(_) => walk.close(),
            Token::Text(text) => walk.text.push_str(&text),
            Token::GeneralRef(entity) => walk.entity(&entity)?,
            Token::CData(data) => walk.text.push_str(&data),
            Token::Eof => break,
            Token::Comment(_) | Token::Decl(_) | Token::PI(_) | Token::DocType(_) => {}
        }
    }
    if !walk.path.is_empty() || !walk.is_event {
        return Err(Refused::Xml);
    }
    walk.event.name_unnamed();
    Ok(walk.event)
}

/// The event so far.
struct Walk {
    event: Event<'static>,
    /// Names of the open elements.
    path: Vec<String>,
    part: Part,
    /// Text of the innermost element so far.
    text: String,
    /// The `Name` of the data that is open.
    name: Option<String>,
    /// Whether the innermost element has others in it.
    has_children: bool,
    is_event: bool,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            event: Event::default(),
            path: Vec::new(),
            part: Part::None,
            text: String::new(),
            name: None,
            has_children: false,
            is_event: false,
        }
    }
}

impl Walk {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Refused> {
        let name = start.local_name().as_ref().to_owned();
        if self.path.len() >= DEPTH_MAX {
            return Err(Refused::Xml);
        }
        match self.path.len() {
            0 => self.is_event = name == "Event",
            1 => {
                self.part = match name.as_str() {
                    "System" => Part::System,
                    "EventData" => Part::EventData,
                    "UserData" => Part::UserData,
                    "RenderingInfo" => Part::Rendering,
                    _ => Part::None,
                };
            }
            _ => self.attributes(&name, start)?,
        }
        self.path.push(name);
        self.text.clear();
        self.has_children = false;
        Ok(())
    }

    fn attributes(&mut self, name: &str, start: &BytesStart<'_>) -> Result<(), Refused> {
        self.name = None;
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| Refused::Xml)?;
            let key = attribute.key.local_name().as_ref().to_owned();
            let value = unescaped(&attribute.value)?;
            let event = &mut self.event;
            match (self.part, name, key.as_str()) {
                (Part::System, "Provider", "Name") => event.provider = value,
                (Part::System, "Provider", "EventSourceName")
                    if event.provider.is_empty() =>
                {
                    event.provider = value;
                }
                (Part::System, "TimeCreated", "SystemTime") => event.time = value,
                (Part::System, "Correlation", "ActivityID") => event.activity = value,
                (Part::System, "Execution", "ProcessID") => event.pid = value,
                (Part::System, "Execution", "ThreadID") => event.tid = value,
                (Part::System, "Security", "UserID") => event.user_sid = value,
                (Part::EventData, _, "Name") => self.name = Some(value.into_owned()),
                (Part::UserData, _, "xmlns") => {}
                (Part::UserData, ..) => event.push(key.into(), value),
                _ => {}
            }
        }
        Ok(())
    }

    fn entity(&mut self, entity: &BytesRef<'_>) -> Result<(), Refused> {
        if let Some(c) = entity.resolve_char_ref().map_err(|_| Refused::Xml)? {
            self.text.push(c);
            return Ok(());
        }
        let c =
            quick_xml::escape::resolve_predefined_entity(entity).ok_or(Refused::Xml)?;
        self.text.push_str(c);
        Ok(())
    }

    fn close(&mut self) {
        let Some(name) = self.path.pop() else { return };
        let depth = self.path.len();
        let text = std::mem::take(&mut self.text);
        let is_leaf = !self.has_children;
        self.has_children = true;
        let event = &mut self.event;
        match self.part {
            Part::System if depth == 2 => {
                let to = match name.as_str() {
                    "EventID" => &mut event.id,
                    "Version" => &mut event.version,
                    "Level" => &mut event.level,
                    "Task" => &mut event.task,
                    "Opcode" => &mut event.opcode,
                    "Keywords" => &mut event.keywords,
                    "EventRecordID" => &mut event.record,
                    "Channel" => &mut event.channel,
                    "Computer" => &mut event.computer,
                    _ => return,
                };
                *to = text.into();
            }
            Part::EventData if depth >= 2 && is_leaf => match self.name.take() {
                Some(name) => event.push(name.into(), text.into()),
                None if name == "Data" => event.push_unnamed(text.into()),
                None => event.push(name.into(), text.into()),
            },
            Part::UserData if depth >= 3 && is_leaf => {
                event.push(name.into(), text.into())
            }
            Part::Rendering if name == "Message" => event.message = text.into(),
            _ => {}
        }
        if depth == 1 {
            self.part = Part::None;
        }
    }
}

/// The text of an attribute.
fn unescaped(text: &str) -> Result<Text<'static>, Refused> {
    let text = quick_xml::escape::unescape(text).map_err(|_| Refused::Xml)?;
    Ok(Cow::Owned(text.into_owned()))
}
