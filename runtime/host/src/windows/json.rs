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
//! ```
//!
//! Wazuh begins names with a small letter, which is undone. In flat layouts every key
//! that is not of the system part is a name.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::event::{Event, Text};
use crate::Refused;

/// Deepest object that is flattened into names.
const DEPTH_MAX: usize = 4;

/// Reads one event.
pub(super) fn read(text: &str) -> Result<Event<'static>, Refused> {
    let json: Value = serde_json::from_str(text).map_err(|_| Refused::Json)?;
    let Value::Object(top) = json else { return Err(Refused::Json) };
    // An event of our own is nobody else's.
    if top.get("kind").is_some_and(Value::is_string) && !top.contains_key("winlog") {
        return Err(Refused::Json);
    }
    let mut event = Event::default();
    let found = rendered(&top, &mut event)
        || winlogbeat(&top, &mut event)
        || wazuh(&top, &mut event)
        || flat(&top, &mut event);
    if !found || event.id.is_empty() {
        return Err(Refused::Json);
    }
    event.name_unnamed();
    Ok(event)
}

/// `{"Event":{"System":..}}`, or without the outermost key.
fn rendered(top: &Map<String, Value>, event: &mut Event<'static>) -> bool {
    let outer = object(top, "Event").unwrap_or(top);
    let Some(system) = object(outer, "System") else { return false };
    let attribute = |of: &str, name: &str| {
        let attributes = object(system, &format!("{of}_attributes"));
        let inner = object(system, of);
        attributes
            .and_then(|found| plain(found, name))
            .or_else(|| {
                object(inner?, "#attributes").and_then(|found| plain(found, name))
            })
            .or_else(|| plain(inner?, &format!("@{name}")))
            .or_else(|| plain(inner?, name))
            .unwrap_or_default()
    };
    let content = |name: &str| match system.get(name) {
        Some(Value::Object(inner)) => {
            plain(inner, "#text").or_else(|| plain(inner, "Value")).unwrap_or_default()
        }
        _ => plain(system, name).unwrap_or_default(),
    };
    event.provider = attribute("Provider", "Name");
    event.id = content("EventID");
    event.version = content("Version");
    event.level = content("Level");
    event.task = content("Task");
    event.opcode = content("Opcode");
    event.keywords = content("Keywords");
    event.time = attribute("TimeCreated", "SystemTime");
    event.record = content("EventRecordID");
    event.activity = attribute("Correlation", "ActivityID");
    event.pid = attribute("Execution", "ProcessID");
    event.tid = attribute("Execution", "ThreadID");
    event.channel = content("Channel");
    event.computer = content("Computer");
    event.user_sid = attribute("Security", "UserID");
    if let Some(Value::Object(data)) = outer.get("EventData") {
        pairs(data, event);
    }
    if let Some(Value::Object(data)) = outer.get("UserData") {
        names(data, event, DEPTH_MAX);
    }
    if let Some(message) =
        object(outer, "RenderingInfo").and_then(|info| plain(info, "Message"))
    {
        event.message = message;
    }
    true
}

/// Elements of `EventData`: names, or a list of data with and without names.
fn pairs(data: &Map<String, Value>, event: &mut Event<'static>) {
    for (name, value) in data {
        match (name.as_str(), value) {
            ("#attributes" | "@Name" | "Data_attributes", _) => {}
            ("Data", value) => unnamed_or_named(value, event),
            (_, Value::Object(inner)) => {
                if let Some(text) = plain(inner, "#text") {
                    event.push(name.clone().into(), text);
                }
            }
            (_, value) => {
                if let Some(text) = text(value) {
                    event.push(name.clone().into(), text);
                }
            }
        }
    }
}

fn unnamed_or_named(value: &Value, event: &mut Event<'static>) {
    match value {
        Value::Array(items) => {
            items.iter().for_each(|item| unnamed_or_named(item, event))
        }
        Value::Object(item) => {
            let name =
                plain(item, "@Name").or_else(|| plain(item, "Name")).or_else(|| {
                    object(item, "#attributes").and_then(|found| plain(found, "Name"))
                });
            match (name, item.get("#text").or_else(|| item.get("Value"))) {
                (Some(name), value) => {
                    let text = value.and_then(text).unwrap_or_default();
                    event.push(name, text);
                }
                (None, Some(value)) => unnamed_or_named(value, event),
                (None, None) => {}
            }
        }
        value => {
            if let Some(text) = text(value) {
                event.push_unnamed(text);
            }
        }
    }
}

fn winlogbeat(top: &Map<String, Value>, event: &mut Event<'static>) -> bool {
    let winlog = object(top, "winlog").unwrap_or(top);
    if winlog.get("event_id").is_none() {
        return false;
    }
    let of = |names: &[&str]| {
        names.iter().find_map(|name| plain(winlog, name)).unwrap_or_default()
    };
    event.id = of(&["event_id"]);
    event.provider = of(&["provider_name", "source_name"]);
    event.channel = of(&["channel", "log_name"]);
    event.computer = of(&["computer_name"]);
    event.record = of(&["record_id", "record_number"]);
    event.opcode = of(&["opcode_value"]);
    event.activity = of(&["activity_id"]);
    event.version = of(&["version"]);
    let process = object(winlog, "process");
    event.pid = process
        .and_then(|process| plain(process, "pid"))
        .unwrap_or_else(|| of(&["process_id"]));
    event.tid = process
        .and_then(|process| plain(object(process, "thread")?, "id"))
        .unwrap_or_else(|| of(&["thread_id"]));
    event.user_sid = object(winlog, "user")
        .and_then(|user| plain(user, "identifier"))
        .unwrap_or_default();
    event.time = plain(top, "@timestamp").unwrap_or_default();
    event.message = plain(top, "message").unwrap_or_default();
    event.level = object(top, "log")
        .and_then(|log| plain(log, "level"))
        .or_else(|| plain(top, "level"))
        .and_then(|level| level_number(&level))
        .unwrap_or_default();
    for key in ["event_data", "user_data"] {
        if let Some(data) = object(winlog, key) {
            names(data, event, DEPTH_MAX);
        }
    }
    true
}

fn wazuh(top: &Map<String, Value>, event: &mut Event<'static>) -> bool {
    let outer = object(top, "data").unwrap_or(top);
    let Some(win) = object(outer, "win") else { return false };
    let Some(system) = object(win, "system") else { return false };
    let of = |name: &str| plain(system, name).unwrap_or_default();
    event.provider = of("providerName");
    event.id = of("eventID");
    event.version = of("version");
    event.level = of("level");
    event.task = of("task");
    event.opcode = of("opcode");
    event.keywords = of("keywords");
    event.time = of("systemTime");
    event.record = of("eventRecordID");
    event.pid = of("processID");
    event.tid = of("threadID");
    event.channel = of("channel");
    event.computer = of("computer");
    event.message = plain(system, "message").map(unquoted).unwrap_or_default();
    for (name, value) in object(win, "eventdata").into_iter().flatten() {
        if let Some(text) = text(value) {
            event.push(capital(name).into(), text);
        }
    }
    true
}

fn flat(top: &Map<String, Value>, event: &mut Event<'static>) -> bool {
    if top.get("EventID").is_none() {
        return false;
    }
    for (name, value) in top {
        let Some(text) = text(value) else { continue };
        let to = match name.as_str() {
            "EventID" => &mut event.id,
            "SourceName" | "Source" => &mut event.provider,
            "Channel" | "LogName" => &mut event.channel,
            "Hostname" | "Computer" | "MachineName" => &mut event.computer,
            "RecordNumber" | "RecordId" | "EventRecordID" => &mut event.record,
            "Message" => &mut event.message,
            "ExecutionProcessID" => &mut event.pid,
            "ExecutionThreadID" | "ThreadID" => &mut event.tid,
            "ActivityID" => &mut event.activity,
            "Task" => &mut event.task,
            "OpcodeValue" => &mut event.opcode,
            "Keywords" => &mut event.keywords,
            "Version" => &mut event.version,
            "EventTime" | "@timestamp" | "TimeCreated" => {
                // Either may be there; the first that is a time counts.
                if event.time.is_empty() {
                    event.time = text;
                }
                continue;
            }
            "Level" => match level_number(&text) {
                Some(level) => {
                    event.level = level;
                    continue;
                }
                None => continue,
            },
            "Severity" | "SeverityValue" | "EventType" if !is_registry_type(&text) => {
                continue;
            }
            "EventReceivedTime" | "SourceModuleName" | "SourceModuleType"
            | "ProviderGuid" | "@version" | "host" | "port" | "tags" | "type" => continue,
            _ => {
                event.push(name.clone().into(), text);
                continue;
            }
        };
        *to = text;
    }
    // Some events have a field of this name, so it counts only where nothing else does.
    if event.provider.is_empty() {
        event.provider = event.get("ProviderName").unwrap_or_default().to_owned().into();
    }
    true
}

/// Sysmon has a field of the same name as the type of a flat event: `SetValue`, not
/// `INFO` or `AUDIT_SUCCESS`.
fn is_registry_type(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_lowercase())
}

/// All texts of an object and of those in it, by their own names.
fn names(data: &Map<String, Value>, event: &mut Event<'static>, depth: usize) {
    for (name, value) in data {
        match value {
            Value::Object(inner) if depth > 0 => match plain(inner, "#text") {
                Some(text) => event.push(name.clone().into(), text),
                None => names(inner, event, depth.saturating_sub(1)),
            },
            _ if matches!(name.as_str(), "xmlns" | "#text" | "xml_name") => {}
            value => {
                if let Some(text) = text(value) {
                    event.push(name.clone().into(), text);
                }
            }
        }
    }
}

fn object<'j>(
    from: &'j Map<String, Value>,
    name: &str,
) -> Option<&'j Map<String, Value>> {
    from.get(name)?.as_object()
}

fn plain(from: &Map<String, Value>, name: &str) -> Option<Text<'static>> {
    from.get(name).and_then(text)
}

/// A value that is not nested, as text; lists are joined as unnamed data is.
fn text(value: &Value) -> Option<Text<'static>> {
    match value {
        Value::String(text) => Some(Cow::Owned(text.clone())),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Array(items) => {
            let texts: Vec<_> = items.iter().filter_map(text).collect();
            Some(Cow::Owned(texts.join("\n")))
        }
        Value::Null | Value::Object(_) => None,
    }
}

fn level_number(text: &str) -> Option<Text<'static>> {
    Some(Cow::Borrowed(match text.to_ascii_lowercase().as_str() {
        "0" => "0",
        "1" | "critical" => "1",
        "2" | "error" => "2",
        "3" | "warning" => "3",
        "4" | "information" | "info" => "4",
        "5" | "verbose" => "5",
        _ => return None,
    }))
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn unquoted(text: Text<'static>) -> Text<'static> {
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => Cow::Owned(inner.to_owned()),
        None => text,
    }
}
