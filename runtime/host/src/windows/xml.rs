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

use super::event::Event;
use super::names::Names;
use super::walk::Walk;
use crate::Refused;

/// Reads one event.
pub(super) fn read(text: &str, names: &Names, event: &mut Event) -> Result<(), Refused> {
    event.clear();
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.trim_text(false);
    config.check_end_names = true;
    // What is left of an entity whose end was lost on the way is a text.
    config.allow_dangling_amp = true;
    let mut walk = Walk::new(names, event);
    loop {
        match reader.read_event().map_err(|_| Refused::Xml)? {
            Token::Start(start) => open(&mut walk, &start)?,
            Token::Empty(start) => {
                open(&mut walk, &start)?;
                walk.close(start.local_name().as_ref());
            }
            Token::End(end) => walk.close(end.local_name().as_ref()),
            Token::Text(text) => walk.text(&text),
            Token::GeneralRef(reference) => entity(&mut walk, &reference)?,
            Token::CData(data) => walk.text(&data),
            Token::Eof => break,
            Token::Comment(_) | Token::Decl(_) | Token::PI(_) | Token::DocType(_) => {}
        }
    }
    walk.end()?;
    event.name_unnamed(names);
    Ok(())
}

fn open(walk: &mut Walk<'_>, start: &BytesStart<'_>) -> Result<(), Refused> {
    let name = start.local_name();
    walk.open(name.as_ref())?;
    if walk.asks_attributes() {
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| Refused::Xml)?;
            let key = attribute.key.local_name();
            let text = unescape(&attribute.value).map_err(|_| Refused::Xml)?;
            walk.attribute(name.as_ref(), key.as_ref(), &text);
        }
    }
    walk.content();
    Ok(())
}

fn entity(walk: &mut Walk<'_>, entity: &BytesRef<'_>) -> Result<(), Refused> {
    if let Some(c) = entity.resolve_char_ref().map_err(|_| Refused::Xml)? {
        walk.text(c.encode_utf8(&mut [0; 4]));
        return Ok(());
    }
    let text =
        quick_xml::escape::resolve_predefined_entity(entity).ok_or(Refused::Xml)?;
    walk.text(text);
    Ok(())
}
