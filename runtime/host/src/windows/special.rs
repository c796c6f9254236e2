//! What a table cannot say of an event: fields made of several names, or read out of
//! the text of one.

use quick_xml::Reader;
use quick_xml::events::Event as Token;
use tagout_spec::record::{RecordWriter, Value};
use tagout_spec::schema::{FieldIdx, Kind};

use super::event::{Event, Part};
use super::script::Window;
use super::{key, set};
use crate::fields::{int, is_nothing};

/// Marks of the audit in the keywords: MS-EVEN6, winmeta.xml.
const AUDIT_SUCCESS: u64 = 0x20_0000_0000_0000;
const AUDIT_FAILURE: u64 = 0x10_0000_0000_0000;
/// Most bytes of a task's definition that are looked through.
const TASK_MAX: usize = 64 * 1024;

/// Names that are read here.
pub(super) const NAMES: &[&str] = &[
    "MessageNumber",
    "MessageTotal",
    "ObjectName",
    "ObjectType",
    "ObjectValueName",
    "RelativeTargetName",
    "ScriptBlockId",
    "ScriptBlockText",
    "ShareName",
    "Status",
    "TaskContent",
    "TaskContentNew",
    // Contexts of scripts.
    "ContextInfo",
    "param1",
    "param2",
    "param3",
    "Data",
];

/// What is done beside the table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Special {
    /// The system part is all there is.
    System,
    /// Success or failure stands in the keywords.
    Audited,
    /// Success is a status of zero.
    Status,
    /// Command and accounts stand in the definition of the task.
    TaskContent,
    /// A path is that of a key and the name of a value.
    RegistryValue,
    /// A path is a share and a path in it.
    SharedPath,
    /// The log that was cleared is the one that says so.
    ClearedLog,
    /// A script comes in parts.
    ScriptBlock,
    /// `Name = value` lines under this name.
    ScriptContext(&'static str),
}

/// Fields that something here sets, as far as the kind has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    success: Option<FieldIdx>,
    status: Option<FieldIdx>,
    path: Option<FieldIdx>,
    log: Option<FieldIdx>,
    text: Option<FieldIdx>,
    offset: Option<FieldIdx>,
    context: Option<FieldIdx>,
    command: Option<FieldIdx>,
    command_line: Option<FieldIdx>,
    host_application: Option<FieldIdx>,
    engine_version: Option<FieldIdx>,
    user: Option<FieldIdx>,
    user_sid: Option<FieldIdx>,
    run_as: Option<FieldIdx>,
    author: Option<FieldIdx>,
    pid: Option<FieldIdx>,
    tid: Option<FieldIdx>,
    opcode: Option<FieldIdx>,
    task: Option<FieldIdx>,
    version: Option<FieldIdx>,
    keywords: Option<FieldIdx>,
    activity: Option<FieldIdx>,
}

impl Fields {
    pub(super) fn of(kind: &Kind) -> Self {
        let find = |path| kind.lookup(path).map(|(idx, _)| idx);
        Self {
            success: find("success"),
            status: find("status"),
            path: find("path"),
            log: find("log"),
            text: find("text"),
            offset: find("offset"),
            context: find("context"),
            command: find("command"),
            command_line: find("command_line"),
            host_application: find("host_application"),
            engine_version: find("engine_version"),
            user: find("user"),
            user_sid: find("user_sid"),
            run_as: find("run_as"),
            author: find("author"),
            pid: find("pid"),
            tid: find("tid"),
            opcode: find("opcode"),
            task: find("task"),
            version: find("version"),
            keywords: find("keywords"),
            activity: find("activity"),
        }
    }
}

pub(super) fn apply(
    special: Special,
    to: &Fields,
    event: &Event,
    window: Option<&Window>,
    record: &mut RecordWriter<'_>,
) {
    match special {
        Special::System => system(to, event, record),
        Special::Audited => {
            let success =
                number(event.part(Part::Keywords)).and_then(|bits| match bits {
                    _ if bits & AUDIT_SUCCESS != 0 => Some(true),
                    _ if bits & AUDIT_FAILURE != 0 => Some(false),
                    _ => None,
                });
            succeed(to, success, record);
        }
        Special::Status => {
            let status =
                event.get("Status").filter(|text| !is_nothing(text)).and_then(int);
            succeed(to, status.map(|status| status == 0), record);
            // Nothing went wrong, so there is nothing to say.
            if let (Some(0), Some(idx)) = (status, to.status) {
                record.set_absent(idx);
            }
        }
        Special::TaskContent => task(to, event, record),
        Special::RegistryValue => {
            let path = key(event.get("ObjectName").unwrap_or_default());
            let value = event.get("ObjectValueName").filter(|name| !is_nothing(name));
            match value {
                Some(value) => set(record, to.path, &format!("{path}\\{value}")),
                None => set(record, to.path, &path),
            }
        }
        Special::SharedPath => {
            let share = event.get("ShareName").unwrap_or_default();
            let inner = event.get("RelativeTargetName").filter(|name| !is_nothing(name));
            match inner {
                Some(inner) => set(record, to.path, &format!("{share}\\{inner}")),
                None => set(record, to.path, share),
            }
        }
        Special::ClearedLog => {
            if to.log.is_some_and(|idx| record.is_absent(idx)) {
                set(record, to.log, event.part(Part::Channel));
            }
        }
        Special::ScriptBlock => {
            if let Some(window) = window {
                set(record, to.text, &window.text);
                if let Some(idx) = to.offset {
                    let offset = i64::try_from(window.offset).unwrap_or(i64::MAX);
                    record.set(idx, Value::Int(offset));
                }
            }
            set(record, to.user, event.part(Part::UserSid));
            set(record, to.pid, event.part(Part::Pid));
        }
        Special::ScriptContext(name) => {
            let text = event.get(name).unwrap_or_default();
            context(to, text, record);
            set(record, to.pid, event.part(Part::Pid));
            if to.user.is_some_and(|idx| record.is_absent(idx)) {
                set(record, to.user, event.part(Part::UserSid));
            }
        }
    }
}

fn system(to: &Fields, event: &Event, record: &mut RecordWriter<'_>) {
    set(record, to.opcode, event.part(Part::Opcode));
    set(record, to.task, event.part(Part::Task));
    set(record, to.pid, event.part(Part::Pid));
    set(record, to.tid, event.part(Part::Tid));
    set(record, to.version, event.part(Part::Version));
    set(record, to.user_sid, event.part(Part::UserSid));
    set(record, to.activity, event.part(Part::Activity));
    if let (Some(idx), Some(bits)) = (to.keywords, number(event.part(Part::Keywords))) {
        record.set(idx, Value::from(bits));
    }
}

fn succeed(to: &Fields, success: Option<bool>, record: &mut RecordWriter<'_>) {
    if let (Some(idx), Some(success)) = (to.success, success) {
        record.set(idx, Value::Bool(success));
    }
}

fn number(text: &str) -> Option<u64> {
    match text.trim().strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.trim().parse().ok(),
    }
}

/// `Host Application = ...` of event 4103, `HostApplication=...` of the older log.
fn context(to: &Fields, text: &str, record: &mut RecordWriter<'_>) {
    set(record, to.context, text.trim());
    for line in text.lines() {
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = value.trim();
        let idx = match name.trim() {
            "Host Application" | "HostApplication" => to.host_application,
            "Engine Version" | "EngineVersion" => to.engine_version,
            "Command Name" | "CommandName" => to.command,
            "Script Name" | "ScriptName" => to.path,
            "User" | "UserId" => to.user,
            _ => continue,
        };
        if idx.is_some_and(|idx| record.is_absent(idx)) {
            set(record, idx, value);
        }
    }
}

/// Command, arguments, account and author out of a task's definition
/// (MS-TSCH, 2.5).
fn task(to: &Fields, event: &Event, record: &mut RecordWriter<'_>) {
    let content = event.get("TaskContent").or_else(|| event.get("TaskContentNew"));
    let Some(content) = content.filter(|content| content.len() <= TASK_MAX) else {
        return;
    };
    let mut reader = Reader::from_str(content);
    let mut path: Vec<String> = Vec::new();
    let (mut command, mut arguments) = (String::new(), String::new());
    // A definition that breaks off gives what stands before.
    while let Ok(token) = reader.read_event() {
        match token {
            Token::Start(start) => path.push(start.local_name().as_ref().to_owned()),
            Token::End(_) => {
                path.pop();
            }
            Token::Text(text) => {
                let text: &str = &text;
                let (of, name) = match path.as_slice() {
                    [.., of, name] => (of.as_str(), name.as_str()),
                    _ => continue,
                };
                match (of, name) {
                    ("Exec", "Command") if command.is_empty() => command.push_str(text),
                    ("Exec", "Arguments") if arguments.is_empty() => {
                        arguments.push_str(text)
                    }
                    ("Principal", "UserId") => set(record, to.run_as, text),
                    ("RegistrationInfo", "Author") => set(record, to.author, text),
                    _ => {}
                }
            }
            Token::Eof => break,
            _ => {}
        }
    }
    let line = format!("{command} {arguments}");
    set(record, to.command_line, line.trim());
}
