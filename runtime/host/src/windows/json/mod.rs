//! Events as JSON, in the layouts that shippers write.
//!
//! ```text
//! evtx_dump       {"Event":{"System":{"Provider":{"#attributes":{"Name":..}},"EventID":1},
//!                           "EventData":{"Image":..}}}
//! XML as JSON     {"Event":{"System":..,"EventData":{"Data":[{"@Name":"Image","#text":..}]}}}
//! Winlogbeat      {"@timestamp":..,"winlog":{"event_id":1,"event_data":{"Image":..}}}
//!   before 7      {"@timestamp":..,"event_id":1,"log_name":..,"event_data":{"Image":..}}
//! Wazuh           {"data":{"win":{"system":{"eventID":"1"},"eventdata":{"image":..}}}}
//! NXLog, flat     {"EventTime":..,"Hostname":..,"EventID":1,"Channel":..,"Image":..}
//! Azure Monitor   {"TimeGenerated":..,"Computer":..,"EventID":1,"EventSourceName":..}
//! syslog          {"SyslogMessage":"<Event>..</Event>"}
//! ```
//!
//! Wazuh begins names with a small letter, which is undone. In flat layouts every key
//! that is not of the system part is a name. Of a name that is given twice, the first
//! counts.

mod decode;
mod document;
mod marks;
mod parse;

use self::document::{Document, Form, Value};
use super::event::{Event, Part, Span, Texts, content};
use super::names::Names;
use super::xml;
use crate::Refused;

/// Deepest object that is flattened into names.
const DEPTH_MAX: usize = 4;

/// Names that layouts are told by, and those of their system parts.
pub(super) const NAMES: &[&str] = &[
    // Of several layouts.
    "Event",
    "System",
    "EventData",
    "UserData",
    "RenderingInfo",
    "Message",
    "Data",
    "Value",
    "Name",
    "@Name",
    "#text",
    "#attributes",
    "kind",
    "@timestamp",
    "message",
    "level",
    // Rendered by Windows.
    "Provider",
    "Provider_attributes",
    "EventID",
    "Version",
    "Level",
    "Task",
    "Opcode",
    "Keywords",
    "TimeCreated",
    "TimeCreated_attributes",
    "SystemTime",
    "@SystemTime",
    "EventRecordID",
    "Correlation",
    "Correlation_attributes",
    "ActivityID",
    "@ActivityID",
    "Execution",
    "Execution_attributes",
    "ProcessID",
    "@ProcessID",
    "ThreadID",
    "@ThreadID",
    "Channel",
    "Computer",
    "Security",
    "Security_attributes",
    "UserID",
    "@UserID",
    // Winlogbeat.
    "winlog",
    "event_id",
    "provider_name",
    "source_name",
    "channel",
    "log_name",
    "computer_name",
    "record_id",
    "record_number",
    "opcode_value",
    "activity_id",
    "version",
    "process",
    "pid",
    "thread",
    "id",
    "process_id",
    "thread_id",
    "user",
    "identifier",
    "log",
    "event_data",
    "user_data",
    // Wazuh.
    "data",
    "win",
    "system",
    "eventdata",
    "providerName",
    "eventID",
    "task",
    "opcode",
    "keywords",
    "systemTime",
    "eventRecordID",
    "processID",
    "threadID",
    "computer",
    // Flat.
    "SourceName",
    "Source",
    "LogName",
    "Hostname",
    "MachineName",
    "RecordNumber",
    "RecordId",
    "ExecutionProcessID",
    "ExecutionThreadID",
    "OpcodeValue",
    "EventTime",
    "ProviderName",
    "EventSourceName",
    "TimeGenerated",
    // Syslog.
    "SyslogMessage",
];

/// Reads events.
#[derive(Debug, Default)]
pub(super) struct Json {
    document: Document,
}

impl Json {
    /// Reads one event.
    pub(super) fn read(
        &mut self,
        text: &str,
        names: &Names,
        event: &mut Event,
    ) -> Result<(), Refused> {
        event.clear();
        let top = self.document.read(text, names, &mut event.texts);
        let top = top.ok_or(Refused::Json)?;
        let mut reader = Reader { names, event };
        // An event of our own is nobody else's.
        let kind = reader.find(top, "kind").map(Value::form);
        if kind == Some(Form::Text) && reader.find(top, "winlog").is_none() {
            return Err(Refused::Layout);
        }
        let found = reader.rendered(top)
            || reader.winlogbeat(top)
            || reader.wazuh(top)
            || reader.flat(top);
        if !found && let Some(text) = reader.message(top) {
            return xml::read(&text, names, event);
        }
        if !found || event.span(Part::Id).is_empty() {
            return Err(Refused::Layout);
        }
        event.name_unnamed(names);
        Ok(())
    }
}

/// From a document to an event.
struct Reader<'r> {
    names: &'r Names,
    event: &'r mut Event,
}

impl Reader<'_> {
    /// `{"Event":{"System":..}}`, or without the outermost key.
    fn rendered(&mut self, top: Value<'_>) -> bool {
        let outer = self.object(top, "Event").unwrap_or(top);
        let Some(system) = self.object(outer, "System") else { return false };
        for value in system.iter() {
            let name = self.name(value);
            let name = name.strip_suffix("_attributes").unwrap_or(name);
            match content(name) {
                Some(part) => self.content(part, value),
                None => {
                    let element = Element::of(name);
                    self.attributes(element, value);
                }
            }
        }
        for value in outer.iter() {
            match (self.name(value), value.form()) {
                ("EventData", Form::Object) => self.pairs(value),
                ("UserData", Form::Object) => self.flatten(value, DEPTH_MAX),
                ("RenderingInfo", Form::Object) => {
                    self.state_from(value, "Message", Part::Message);
                }
                _ => {}
            }
        }
        true
    }

    fn content(&mut self, part: Part, value: Value<'_>) {
        let text = match value.form() {
            Form::Object => {
                let inner =
                    self.find(value, "#text").or_else(|| self.find(value, "Value"));
                inner.and_then(Value::text)
            }
            _ => self.text(value),
        };
        if let Some(text) = text {
            self.event.state(part, text);
        }
    }

    /// Attributes of an element of the system part, at any of the places where layouts
    /// write them.
    fn attributes(&mut self, element: Option<Element>, value: Value<'_>) {
        let Some(element) = element else { return };
        for value in value.iter() {
            let name = self.name(value);
            if name == "#attributes" {
                self.attributes(Some(element), value);
                continue;
            }
            let part = element.attribute(name.strip_prefix('@').unwrap_or(name));
            if let Some((part, text)) = part.zip(value.text())
                && self.event.span(part).is_empty()
            {
                self.event.state(part, text);
            }
        }
    }

    /// Elements of `EventData`: names, or a list of data with and without names.
    fn pairs(&mut self, data: Value<'_>) {
        for value in data.iter() {
            match (self.name(value), value.form()) {
                ("#attributes" | "@Name" | "Data_attributes", _) => {}
                ("Data", _) => self.unnamed_or_named(value),
                (_, Form::Object) => {
                    let text = self.find(value, "#text").and_then(|text| self.text(text));
                    self.push(value, text);
                }
                _ => {
                    let text = self.text(value);
                    self.push(value, text);
                }
            }
        }
    }

    fn unnamed_or_named(&mut self, value: Value<'_>) {
        match value.form() {
            Form::List => value.iter().for_each(|item| self.unnamed_or_named(item)),
            Form::Object => {
                let attributes = self.object(value, "#attributes");
                let name = self
                    .find(value, "@Name")
                    .or_else(|| self.find(value, "Name"))
                    .or_else(|| self.find(attributes?, "Name"))
                    .and_then(Value::text);
                let text =
                    self.find(value, "#text").or_else(|| self.find(value, "Value"));
                match (name, text) {
                    (Some(name), text) => {
                        let text = text.and_then(|text| self.text(text));
                        let known = self.names.find(self.event.texts.get(name));
                        self.event.push(known, name, text.unwrap_or_default());
                    }
                    (None, Some(text)) => self.unnamed_or_named(text),
                    (None, None) => {}
                }
            }
            Form::Nothing => {}
            Form::Text | Form::Scalar => {
                if let Some(text) = value.text() {
                    self.event.push_unnamed(text);
                }
            }
        }
    }

    fn winlogbeat(&mut self, top: Value<'_>) -> bool {
        let winlog = self.object(top, "winlog").unwrap_or(top);
        if self.find(winlog, "event_id").is_none() {
            return false;
        }
        for (part, names) in [
            (Part::Id, &["event_id"][..]),
            (Part::Provider, &["provider_name", "source_name"]),
            (Part::Channel, &["channel", "log_name"]),
            (Part::Computer, &["computer_name"]),
            (Part::Record, &["record_id", "record_number"]),
            (Part::Opcode, &["opcode_value"]),
            (Part::Activity, &["activity_id"]),
            (Part::Version, &["version"]),
            (Part::Pid, &["process_id"]),
            (Part::Tid, &["thread_id"]),
        ] {
            if let Some(text) = names.iter().find_map(|name| self.plain(winlog, name)) {
                self.event.state(part, text);
            }
        }
        if let Some(process) = self.object(winlog, "process") {
            self.state_from(process, "pid", Part::Pid);
            if let Some(thread) = self.object(process, "thread") {
                self.state_from(thread, "id", Part::Tid);
            }
        }
        if let Some(user) = self.object(winlog, "user") {
            self.state_from(user, "identifier", Part::UserSid);
        }
        self.state_from(top, "@timestamp", Part::Time);
        self.state_from(top, "message", Part::Message);
        let of_log = self.object(top, "log").and_then(|log| self.plain(log, "level"));
        if let Some(level) = of_log.or_else(|| self.plain(top, "level")) {
            self.level(level);
        }
        for key in ["event_data", "user_data"] {
            if let Some(data) = self.object(winlog, key) {
                self.flatten(data, DEPTH_MAX);
            }
        }
        true
    }

    fn wazuh(&mut self, top: Value<'_>) -> bool {
        let outer = self.object(top, "data").unwrap_or(top);
        let Some(win) = self.object(outer, "win") else { return false };
        let Some(system) = self.object(win, "system") else { return false };
        for (part, name) in [
            (Part::Provider, "providerName"),
            (Part::Id, "eventID"),
            (Part::Version, "version"),
            (Part::Level, "level"),
            (Part::Task, "task"),
            (Part::Opcode, "opcode"),
            (Part::Keywords, "keywords"),
            (Part::Time, "systemTime"),
            (Part::Record, "eventRecordID"),
            (Part::Pid, "processID"),
            (Part::Tid, "threadID"),
            (Part::Channel, "channel"),
            (Part::Computer, "computer"),
        ] {
            self.state_from(system, name, part);
        }
        if let Some(message) = self.plain(system, "message") {
            let message = self.event.texts.unquoted(message);
            self.event.state(Part::Message, message);
        }
        let Some(data) = self.object(win, "eventdata") else { return true };
        for value in data.iter() {
            let Some(text) = self.text(value) else { continue };
            let name = capital(value.key().name, &mut self.event.texts);
            let known = self.names.find(self.event.texts.get(name));
            if known.is_some() || self.names.reads_all() {
                self.event.push(known, name, text);
            }
        }
        true
    }

    fn flat(&mut self, top: Value<'_>) -> bool {
        if self.find(top, "EventID").is_none() {
            return false;
        }
        for value in top.iter() {
            let Some(text) = self.text(value) else { continue };
            let part = match self.name(value) {
                "EventID" => Part::Id,
                "SourceName" | "Source" | "EventSourceName" => Part::Provider,
                "Channel" | "LogName" => Part::Channel,
                "Hostname" | "Computer" | "MachineName" => Part::Computer,
                "RecordNumber" | "RecordId" | "EventRecordID" => Part::Record,
                "Message" => Part::Message,
                "ExecutionProcessID" => Part::Pid,
                "ExecutionThreadID" | "ThreadID" => Part::Tid,
                "ActivityID" => Part::Activity,
                "Task" => Part::Task,
                "OpcodeValue" => Part::Opcode,
                "Keywords" => {
                    let text = self.bits(text);
                    self.event.state(Part::Keywords, text);
                    continue;
                }
                "Version" => Part::Version,
                // The one that says its zone: of the others, NXLog's is a local time.
                "@timestamp" => Part::Time,
                "EventTime" | "TimeCreated" | "TimeGenerated" => {
                    // Of several the first counts.
                    if !self.event.span(Part::Time).is_empty() {
                        continue;
                    }
                    Part::Time
                }
                "Level" => {
                    self.level(text);
                    continue;
                }
                "Severity" | "SeverityValue" | "EventType"
                    if !is_registry_type(self.event.texts.get(text)) =>
                {
                    continue;
                }
                "EventReceivedTime" | "SourceModuleName" | "SourceModuleType"
                | "ProviderGuid" | "@version" | "host" | "port" | "tags" | "type" => {
                    continue;
                }
                _ => {
                    self.push(value, Some(text));
                    continue;
                }
            };
            self.event.state(part, text);
        }
        // Some events have a field of this name, so it counts only where nothing else
        // does.
        if self.event.span(Part::Provider).is_empty()
            && let Some(text) = self.plain(top, "ProviderName")
        {
            self.event.state(Part::Provider, text);
        }
        true
    }

    /// An event as XML, as a line of syslog has it.
    fn message(&mut self, top: Value<'_>) -> Option<String> {
        let mut keys = ["SyslogMessage", "message"].into_iter();
        let message = keys.find_map(|key| self.plain(top, key))?;
        let text = self.event.texts.get(message).trim_start();
        text.starts_with("<Event").then(|| text.to_owned())
    }

    /// All texts of an object and of those in it, by their own names.
    fn flatten(&mut self, data: Value<'_>, depth: usize) {
        for value in data.iter() {
            if value.is_object() && depth > 0 {
                match self.plain(value, "#text") {
                    Some(text) => self.push(value, Some(text)),
                    None => self.flatten(value, depth.saturating_sub(1)),
                }
            } else if !matches!(self.name(value), "xmlns" | "#text" | "xml_name") {
                let text = self.text(value);
                self.push(value, text);
            }
        }
    }

    fn name(&self, value: Value<'_>) -> &str {
        self.event.texts.get(value.key().name)
    }

    fn find<'d>(&self, object: Value<'d>, name: &str) -> Option<Value<'d>> {
        let mut values = object.is_object().then(|| object.iter())?;
        values.find(|value| self.name(*value) == name)
    }

    fn object<'d>(&self, of: Value<'d>, name: &str) -> Option<Value<'d>> {
        self.find(of, name).filter(|value| value.is_object())
    }

    fn plain(&mut self, of: Value<'_>, name: &str) -> Option<Span> {
        self.find(of, name).and_then(|value| self.text(value))
    }

    fn state_from(&mut self, of: Value<'_>, name: &str, part: Part) {
        if let Some(text) = self.plain(of, name) {
            self.event.state(part, text);
        }
    }

    fn push(&mut self, value: Value<'_>, text: Option<Span>) {
        if let Some(text) = text {
            let key = value.key();
            self.event.push(key.known, key.name, text);
        }
    }

    /// A value that is not nested, as text; lists are joined as unnamed data is.
    fn text(&mut self, value: Value<'_>) -> Option<Span> {
        if value.form() != Form::List {
            return value.text();
        }
        let texts = &mut self.event.texts;
        let start = texts.begin();
        for (n, text) in value.iter().filter_map(Value::text).enumerate() {
            if n > 0 {
                texts.push("\n");
            }
            texts.push_span(text);
        }
        Some(texts.end(start))
    }

    /// Bits as Windows writes them, of which some shippers make a signed number.
    fn bits(&mut self, text: Span) -> Span {
        match self.event.texts.get(text).parse::<i64>() {
            Ok(bits) => self.event.texts.add_bits(bits.cast_unsigned()),
            Err(_) => text,
        }
    }

    fn level(&mut self, text: Span) {
        if let Some(level) = level_number(self.event.texts.get(text)) {
            let level = self.event.texts.add(level);
            self.event.state(Part::Level, level);
        }
    }
}

/// Elements of the system part whose attributes count.
#[derive(Clone, Copy)]
enum Element {
    Provider,
    TimeCreated,
    Correlation,
    Execution,
    Security,
}

impl Element {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Provider" => Self::Provider,
            "TimeCreated" => Self::TimeCreated,
            "Correlation" => Self::Correlation,
            "Execution" => Self::Execution,
            "Security" => Self::Security,
            _ => return None,
        })
    }

    fn attribute(self, name: &str) -> Option<Part> {
        Some(match (self, name) {
            (Self::Provider, "Name") => Part::Provider,
            (Self::TimeCreated, "SystemTime") => Part::Time,
            (Self::Correlation, "ActivityID") => Part::Activity,
            (Self::Execution, "ProcessID") => Part::Pid,
            (Self::Execution, "ThreadID") => Part::Tid,
            (Self::Security, "UserID") => Part::UserSid,
            _ => return None,
        })
    }
}

/// Sysmon has a field of the same name as the type of a flat event: `SetValue`, not
/// `INFO` or `AUDIT_SUCCESS`.
fn is_registry_type(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_lowercase())
}

fn level_number(text: &str) -> Option<&'static str> {
    const LEVELS: [(&str, &str); 12] = [
        ("0", "0"),
        ("1", "1"),
        ("critical", "1"),
        ("2", "2"),
        ("error", "2"),
        ("3", "3"),
        ("warning", "3"),
        ("4", "4"),
        ("information", "4"),
        ("info", "4"),
        ("5", "5"),
        ("verbose", "5"),
    ];
    let found = LEVELS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, level)| *level)
}

/// A name with a capital at its beginning.
fn capital(name: Span, texts: &mut Texts) -> Span {
    let (first, rest) = texts.split_first(name);
    let start = texts.begin();
    for c in first.into_iter().flat_map(char::to_uppercase) {
        texts.push(c.encode_utf8(&mut [0; 4]));
    }
    texts.push_span(rest);
    texts.end(start)
}

#[cfg(test)]
mod tests;
