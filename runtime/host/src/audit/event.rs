//! An audit event to a record of its kind.
//!
//! ```text
//! EXECVE, or SYSCALL execve that went well      process
//! SOCKADDR of connect, with an address          connection
//! PATH of a call that touches files             file
//! USER_LOGIN, USER_AUTH / USER_END, _LOGOUT     logon / logoff
//! ADD_USER, USER_CHAUTHTOK, GRP_MGMT, ...       account
//! SERVICE_START, SERVICE_STOP                   service
//! everything else                               audit
//! ```

use std::borrow::Cow;

use tagout_decode::EventSink;
use tagout_spec::record::typed::codes::os_family;
use tagout_spec::record::{RecordWriter, Text, Value};
use tagout_spec::schema::{KindIdx, Schema};

use super::record::{Record, is_argument, unhex};
use super::tables;
use crate::windows::Common;
use crate::{fields, time};

/// `AF_INET` and `AF_INET6`.
const INET: u16 = 2;
const INET6: u16 = 10;
/// Most bytes of a command line that is put together.
const LINE_MAX: usize = 64 * 1024;

/// Knows the schema.
#[derive(Debug)]
pub(super) struct Mapper {
    schema: Schema,
}

/// The records of one event.
struct Event<'r, 't> {
    records: &'r [Record<'t>],
    syscall: Option<&'r Record<'t>>,
    /// Name of the system call.
    call: Option<Cow<'r, str>>,
}

impl<'r, 't> Event<'r, 't> {
    fn new(records: &'r [Record<'t>]) -> Self {
        let syscall = records.iter().find(|record| record.ty == "SYSCALL");
        let call = syscall.and_then(|record| {
            let number = record.get("syscall")?;
            let known = || tables::syscall(record.get("arch")?, number);
            let name = record.get("SYSCALL").or_else(known);
            Some(Cow::Borrowed(name.unwrap_or(number)))
        });
        Self { records, syscall, call }
    }

    fn of(&self, ty: &str) -> Option<&'r Record<'t>> {
        self.records.iter().find(|record| record.ty == ty)
    }

    /// A field of the first record that has it.
    fn get(&self, name: &str) -> Option<&'r str> {
        self.records.iter().find_map(|record| record.get(name))
    }

    /// The account under an identifier: its name where the log is enriched, else its
    /// number; one that is not set is none.
    fn account(&self, name: &str) -> Option<&'r str> {
        let upper = name.to_ascii_uppercase();
        let named = self.get(&upper).filter(|name| !matches!(*name, "unset" | "unknown"));
        let number = || self.get(name).filter(|id| !matches!(*id, "4294967295" | "-1"));
        named.or_else(number)
    }

    fn success(&self) -> Option<bool> {
        let said = self.get("success").or_else(|| self.get("res"))?;
        match said {
            "yes" | "success" | "1" => Some(true),
            "no" | "failed" | "0" => Some(false),
            _ => None,
        }
    }

    /// Arguments in order; one that was split is put together.
    fn arguments(&self) -> Vec<Cow<'r, str>> {
        let mut arguments: Vec<Cow<'r, str>> = Vec::new();
        for record in self.records.iter().filter(|record| record.ty == "EXECVE") {
            for (name, value) in
                record.fields.iter().filter(|(name, _)| is_argument(name))
            {
                let is_first = !name.contains('[') || name.ends_with("[0]");
                match arguments.last_mut().filter(|_| !is_first) {
                    Some(last) => last.to_mut().push_str(value),
                    None => arguments.push(Cow::Borrowed(value)),
                }
            }
        }
        arguments
    }

    fn command_line(&self) -> Option<String> {
        let arguments = self.arguments();
        if arguments.is_empty() {
            return self.get("proctitle").map(str::to_owned);
        }
        let mut line = String::new();
        for argument in arguments {
            if line.len().saturating_add(argument.len()) > LINE_MAX {
                break;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&argument);
        }
        Some(line)
    }

    /// Paths that were touched, those that parents are left out; relative ones from the
    /// working directory.
    fn paths(&self) -> impl Iterator<Item = (String, &'r Record<'t>)> {
        let cwd = self.of("CWD").and_then(|record| record.get("cwd"));
        self.records.iter().filter(|record| record.ty == "PATH").filter_map(
            move |record| {
                let name = record.get("name")?;
                let path = match cwd {
                    Some(cwd) if !name.starts_with('/') => {
                        format!("{}/{name}", cwd.trim_end_matches('/'))
                    }
                    _ => name.to_owned(),
                };
                Some((path, record))
            },
        )
    }
}

/// Whether a path was created, deleted, is a parent; RHEL 7 has another name for it.
fn type_of_name<'r>(path: &'r Record<'_>) -> Option<&'r str> {
    path.get("nametype").or_else(|| path.get("objtype"))
}

/// What an event is: kind and fields that are always the same.
type Kind = (&'static str, &'static [(&'static str, &'static str)]);

fn kind_of(event: &Event<'_, '_>) -> Kind {
    let call = event.call.as_deref().unwrap_or_default();
    let went_well = event.success() == Some(true);
    if (call == "execve" || call == "execveat" || event.of("EXECVE").is_some())
        && event.success() != Some(false)
    {
        return ("process", &[]);
    }
    if call == "connect" && event.get("saddr").and_then(address).is_some() {
        return ("connection", &[("initiated", "true")]);
    }
    if went_well
        && event.of("PATH").is_some()
        && let Some(op) = tables::file_op(call)
    {
        let creates = event.paths().any(|(_, path)| type_of_name(path) == Some("CREATE"));
        return match op {
            "access" if creates => ("file", &[("op", "create")]),
            "access" => ("file", &[("op", "access")]),
            "create" => ("file", &[("op", "create")]),
            "delete" => ("file", &[("op", "delete")]),
            "rename" => ("file", &[("op", "rename")]),
            "link" => ("file", &[("op", "link")]),
            "write" => ("file", &[("op", "write")]),
            _ => ("file", &[("op", "attributes")]),
        };
    }
    match call {
        "init_module" | "finit_module" | "delete_module" => {
            return ("audit", &[("op", "module_load")]);
        }
        "settimeofday" | "clock_settime" | "adjtimex" if event.of("AVC").is_none() => {
            return ("audit", &[("op", "time_change")]);
        }
        _ => {}
    }
    let ty = event.records.first().map_or("", |record| record.ty);
    if event
        .records
        .iter()
        .any(|record| matches!(record.ty, "AVC" | "SECCOMP" | "SELINUX_ERR"))
    {
        return ("audit", &[("op", "access_denied")]);
    }
    match ty {
        "USER_LOGIN" => ("logon", &[("op", "logon")]),
        "USER_AUTH" => ("logon", &[("op", "authentication")]),
        "USER_END" | "USER_LOGOUT" => ("logoff", &[("op", "logoff")]),
        "ADD_USER" => ("account", &[("op", "user_create")]),
        "DEL_USER" => ("account", &[("op", "user_delete")]),
        "ADD_GROUP" => ("account", &[("op", "group_create")]),
        "DEL_GROUP" => ("account", &[("op", "group_delete")]),
        "USER_CHAUTHTOK" => ("account", &[("op", "password_change")]),
        "USER_MGMT" => ("account", &[("op", "user_change")]),
        "GRP_MGMT" | "GRP_CHAUTHTOK" => ("account", &[("op", "group_change")]),
        "ACCT_LOCK" => ("account", &[("op", "user_lock")]),
        "ACCT_UNLOCK" => ("account", &[("op", "user_unlock")]),
        "SERVICE_START" => ("service", &[("op", "start")]),
        "SERVICE_STOP" => ("service", &[("op", "stop")]),
        "USER_CMD" => ("audit", &[("op", "user_command")]),
        "CONFIG_CHANGE" | "MAC_POLICY_LOAD" | "MAC_STATUS" => {
            ("audit", &[("op", "policy_change")])
        }
        "DAEMON_START" => ("audit", &[("op", "service_start")]),
        "DAEMON_END" | "DAEMON_ABORT" => ("audit", &[("op", "service_stop")]),
        "CRED_ACQ" | "CRED_DISP" | "CRED_REFR" | "USER_ACCT" | "USER_START" | "LOGIN" => {
            ("audit", &[("op", "credentials")])
        }
        "KERN_MODULE" => ("audit", &[("op", "module_load")]),
        "TIME_INJOFFSET" | "TIME_ADJNTPVAL" => ("audit", &[("op", "time_change")]),
        _ if event.records.iter().any(|record| record.ty.starts_with("ANOM_")) => {
            ("audit", &[("op", "anomaly")])
        }
        _ if event.syscall.is_some() => ("audit", &[("op", "syscall")]),
        _ => ("audit", &[("op", "other")]),
    }
}

impl Mapper {
    pub(super) fn new(schema: &Schema) -> Self {
        Self { schema: schema.clone() }
    }

    /// Writes an event; whether its kind is another than `audit`.
    pub(super) fn write(
        &self,
        records: &[Record<'_>],
        late: bool,
        sink: &mut dyn EventSink,
    ) -> bool {
        let event = Event::new(records);
        let (kind, same) = kind_of(&event);
        let Some(idx) = self.schema.kind_idx(kind) else { return false };
        let Some(mut record) = sink.batch(idx).begin() else { return false };
        let mut to = To { schema: &self.schema, record: &mut record };
        to.common(idx, &event, late);
        for (path, text) in same {
            to.set(path, Some(text));
        }
        to.own(kind, &event);
        to.raw(&event);
        record.commit();
        kind != "audit"
    }
}

/// Sets fields by their paths.
struct To<'w, 'r> {
    schema: &'w Schema,
    record: &'w mut RecordWriter<'r>,
}

impl To<'_, '_> {
    fn set(&mut self, path: &str, text: Option<&str>) {
        let kind = self.record.kind();
        let Some(((idx, field), text)) = kind.lookup(path).zip(text) else { return };
        match fields::label(self.schema, field, text) {
            Some(label) => {
                self.record.set(idx, Value::Int(label));
            }
            None => fields::set(self.record, field, text),
        }
    }

    fn put(&mut self, path: &str, value: Option<Value<'_>>) {
        let found = self.record.kind().lookup(path);
        if let Some(((idx, _), value)) = found.zip(value) {
            self.record.set(idx, value);
        }
    }

    fn list<'t>(&mut self, path: &str, items: impl Iterator<Item = &'t str>) {
        let kind = self.record.kind();
        let Some((_, field)) = kind.lookup(path) else { return };
        let Some(mut list) = self.record.repeated(field) else { return };
        items.for_each(|item| list.push(item.into()));
        list.end();
    }

    fn common(&mut self, kind: KindIdx, event: &Event<'_, '_>, late: bool) {
        let Some(first) = event.records.first() else { return };
        let common = Common::of(self.schema, kind);
        let number = |n: Option<u64>| n.map(Value::from);
        let values = [
            (common.ts, time::audit(first.time).map(Value::Int)),
            (common.late, late.then_some(Value::Bool(true))),
            (
                common.host,
                Some(first.node).filter(|node| !node.is_empty()).map(Value::from),
            ),
            (common.id, number(tables::type_number(first.ty).map(u64::from))),
            (common.provider, Some("auditd".into())),
            (common.channel, Some("audit".into())),
            (common.os, Some(Value::Int(os_family::LINUX.into()))),
            (common.record, number(Some(first.serial))),
        ];
        for (idx, value) in values {
            if let Some((idx, value)) = idx.zip(value) {
                self.record.set(idx, value);
            }
        }
    }

    /// What the kind has of what auditing says.
    fn own(&mut self, kind: &str, event: &Event<'_, '_>) {
        for (path, name) in [
            ("image", "exe"),
            ("pid", "pid"),
            ("parent.pid", "ppid"),
            ("comm", "comm"),
            ("exit", "exit"),
            ("session", "ses"),
            ("terminal", "tty"),
            ("terminal", "terminal"),
            ("key", "key"),
        ] {
            let text = event.get(name).filter(|text| *text != "4294967295");
            if !self
                .record
                .kind()
                .lookup(path)
                .is_some_and(|(idx, _)| self.record.is_present(idx))
            {
                self.set(path, text);
            }
        }
        self.put("success", event.success().map(Value::Bool));
        self.set("syscall", event.call.as_deref());
        self.set("login_user", event.account("auid"));
        self.set("effective_user", event.account("euid"));
        let actor = event.account("uid");
        match kind {
            "process" => {
                self.set("user", actor);
                self.set("command_line", event.command_line().as_deref());
                self.set("current_directory", event.get("cwd"));
                let arguments = event.arguments();
                if !arguments.is_empty() {
                    self.list("arguments", arguments.iter().map(AsRef::as_ref));
                }
            }
            "connection" => {
                self.set("user", actor);
                if let Some((ip, port)) = event.get("saddr").and_then(address) {
                    self.put("dst.ip", Some(Value::Ip(ip)));
                    self.put("dst.port", Some(Value::Int(port.into())));
                }
            }
            "file" => {
                self.set("user", actor);
                self.file(event);
            }
            "logon" | "logoff" => {
                self.set("user", event.get("acct").or_else(|| event.account("id")));
                self.set("authentication", event.get("op"));
                self.peer(event);
            }
            "account" => {
                let group = event.get("grp");
                self.set("group", group);
                self.set("user", event.get("acct").or_else(|| event.account("id")));
                self.set("subject.user", event.account("auid").or(actor));
                self.peer(event);
            }
            "service" => {
                self.set("name", event.get("unit"));
                self.set("user", event.account("auid"));
            }
            _ => {
                self.set("user", actor);
                self.audit(event);
                self.peer(event);
            }
        }
    }

    /// What is at the other end.
    fn peer(&mut self, event: &Event<'_, '_>) {
        let addr = event.get("addr").filter(|addr| fields::ip(addr).is_some());
        self.set("src.ip", addr);
        self.set("src.host", event.get("hostname"));
    }

    fn file(&mut self, event: &Event<'_, '_>) {
        let of = |wanted: &[&str]| {
            event.paths().find(|(_, path)| {
                type_of_name(path).is_some_and(|ty| wanted.contains(&ty))
            })
        };
        let made = of(&["CREATE"]);
        let gone = of(&["DELETE"]);
        let (path, record) = match (made, gone) {
            (Some(made), gone) => {
                self.set("previous_path", gone.as_ref().map(|(path, _)| path.as_str()));
                made
            }
            (None, Some(gone)) => gone,
            (None, None) => {
                let Some(found) = of(&["NORMAL"]).or_else(|| event.paths().last()) else {
                    return;
                };
                found
            }
        };
        self.set("path", Some(&path));
        let mode = record.get("mode").and_then(|mode| i64::from_str_radix(mode, 8).ok());
        self.put("mode", mode.map(Value::Int));
    }

    fn audit(&mut self, event: &Event<'_, '_>) {
        let first = event.records.first();
        self.set("type", first.map(|record| record.ty));
        self.list("types", event.records.iter().map(|record| record.ty));
        let line = match event.get("cmd") {
            Some(cmd) => Some(cmd.to_owned()),
            None => event.command_line(),
        };
        self.set("command_line", line.as_deref());
        self.set("directory", event.get("cwd"));
        self.put("sequence", first.map(|record| Value::from(record.serial)));
        let paths: Vec<String> = event.paths().map(|(path, _)| path).collect();
        if !paths.is_empty() {
            self.list("paths", paths.iter().map(String::as_str));
        }
        let arguments = event.arguments();
        if !arguments.is_empty() {
            self.list("arguments", arguments.iter().map(AsRef::as_ref));
        }
    }

    /// All fields as `TYPE.field`; of a second record of a type `TYPE.2.field`.
    fn raw(&mut self, event: &Event<'_, '_>) {
        let kind = self.record.kind();
        let Some(mut map) = kind.map().and_then(|map| self.record.repeated(map)) else {
            return;
        };
        let mut name = String::new();
        for (at, record) in event.records.iter().enumerate() {
            let before =
                event.records.iter().take(at).filter(|r| r.ty == record.ty).count();
            for (field, value) in &record.fields {
                name.clear();
                name.push_str(record.ty);
                if before > 0 {
                    name.push('.');
                    name.push_str(&before.saturating_add(1).to_string());
                }
                name.push('.');
                name.push_str(field);
                map.pair(name.as_bytes(), Text::whole(value.as_bytes()));
            }
        }
        map.end();
    }
}

/// Address and port of a socket address as the kernel has it in memory.
fn address(saddr: &str) -> Option<([u8; 16], u16)> {
    let bytes = unhex(saddr)?;
    // In the order of the machine's bytes, of which a family has one that is not zero.
    let family = match *bytes.first_chunk()? {
        [family, 0] | [0, family] => u16::from(family),
        _ => return None,
    };
    let port = u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?);
    match family {
        INET => {
            let v4: [u8; 4] = *bytes.get(4..)?.first_chunk()?;
            Some((tagout_spec::record::ip_octets(v4.into()), port))
        }
        INET6 => Some((*bytes.get(8..)?.first_chunk()?, port)),
        _ => None,
    }
}
