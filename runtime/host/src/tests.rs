//! Tests over texts: what a text gives, as event JSON without what is common.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value};
use tagout_decode::{EachEvent, EventSink};
use tagout_spec::record::{BatchBuilder, EventJson, Needs, RecordView};
use tagout_spec::schema::{KindIdx, Schema};

use super::*;

/// The events that texts give.
fn events(layout: Layout, texts: &[&str]) -> Vec<Map<String, Value>> {
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let lines = Rc::new(RefCell::new(Vec::new()));
    let to = Rc::clone(&lines);
    let mut each = EachEvent::new(&schema, move |_, record: RecordView<'_>| {
        let mut line = Vec::new();
        json.write(&record, &mut line);
        to.borrow_mut().push(serde_json::from_slice(&line).unwrap());
    });
    let mut host = Host::new(&schema);
    for text in texts {
        host.text(layout, text, false, &mut each).unwrap();
    }
    host.finish(&mut each);
    each.flush();
    drop(each);
    lines.take()
}

/// The one event that a text gives: its kind, and its own fields as they print.
#[track_caller]
fn check(
    layout: Layout,
    texts: &[&str],
    kind: &str,
    expected: &str,
) -> Map<String, Value> {
    let mut found = events(layout, texts);
    assert_eq!(found.len(), 1, "{found:?}");
    let event = found.remove(0);
    assert_eq!(event["kind"], kind);
    let own = event.get(kind).map_or_else(|| "{}".to_owned(), Value::to_string);
    assert_eq!(own, expected);
    event
}

/// A Windows event as XML.
fn xml(provider: &str, id: u32, channel: &str, data: &[(&str, &str)]) -> String {
    let data: String = data
        .iter()
        .map(|(name, text)| match *name {
            "" => format!("<Data>{text}</Data>"),
            name => format!("<Data Name=\"{name}\">{text}</Data>"),
        })
        .collect();
    format!(
        "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System>\
         <Provider Name=\"{provider}\"/><EventID Qualifiers=\"0\">{id}</EventID><Level>4</Level>\
         <Keywords>0x8020000000000000</Keywords>\
         <TimeCreated SystemTime=\"2026-01-02T03:04:05.678Z\"/><EventRecordID>7</EventRecordID>\
         <Execution ProcessID=\"8\" ThreadID=\"9\"/><Channel>{channel}</Channel>\
         <Computer>HMI-1</Computer><Security UserID=\"S-1-5-18\"/></System>\
         <EventData>{data}</EventData></Event>"
    )
}

const SYSMON: &str = "Microsoft-Windows-Sysmon";
const SECURITY: &str = "Microsoft-Windows-Security-Auditing";

#[test]
fn sysmon_process() {
    let text = xml(
        SYSMON,
        1,
        "Microsoft-Windows-Sysmon/Operational",
        &[
            ("ProcessId", "4711"),
            ("Image", r"C:\Windows\System32\cmd.exe"),
            ("CommandLine", "cmd /c &quot;echo &lt;x&gt;&quot;&#10;"),
            ("User", r"PLANT\operator"),
            ("LogonId", "0x3e7"),
            ("IntegrityLevel", "High"),
            ("Hashes", "SHA1=AA,MD5=BB,SHA256=CC,IMPHASH=DD"),
            ("ParentUser", "-"),
        ],
    );
    let event = check(
        Layout::Xml,
        &[&text],
        "process",
        r#"{"image":"C:\\Windows\\System32\\cmd.exe","command_line":"cmd /c \"echo <x>\"\n","pid":4711,"integrity":12288,"integrity_name":"high","user":"PLANT\\operator","hashes":{"md5":"BB","sha1":"AA","sha256":"CC","imphash":"DD"},"logon_id":"00000000000003e7"}"#,
    );
    assert_eq!(event["ts"], "2026-01-02T03:04:05.678000Z");
    assert_eq!(event["host"]["name"], "HMI-1");
    assert_eq!(event["event_id"], 1);
    assert_eq!(event["level_name"], "information");
    assert_eq!(event["record_id"], 7);
    assert_eq!(event["raw"]["ParentUser"], "-");
    assert_eq!(event["raw"]["LogonId"], "0x3e7");
    assert_eq!(event["raw"]["Security_UserID"], "S-1-5-18");
}

#[test]
fn security_logon_that_failed() {
    let text = xml(
        SECURITY,
        4625,
        "Security",
        &[
            ("SubjectUserName", "-"),
            ("TargetUserName", "guest"),
            ("TargetDomainName", "PLANT"),
            ("LogonType", "10"),
            ("IpAddress", "10.30.1.9"),
            ("IpPort", "-"),
            ("Status", "0xc000006d"),
            ("LogonProcessName", "User32 "),
        ],
    );
    check(
        Layout::Xml,
        &[&text],
        "logon",
        r#"{"op":1,"op_name":"logon","success":false,"type":10,"type_name":"remote_interactive","user":"PLANT\\guest","src":{"ip":"10.30.1.9"},"logon_process":"User32","status":"00000000c000006d"}"#,
    );
}

#[test]
fn a_group_gets_a_member() {
    let text = xml(
        SECURITY,
        4732,
        "Security",
        &[
            ("MemberName", "-"),
            ("MemberSid", "S-1-5-21-1-2-3-1001"),
            ("TargetUserName", "Administrators"),
            ("TargetDomainName", "Builtin"),
            ("TargetSid", "S-1-5-32-544"),
            ("SubjectUserName", "admin"),
            ("SubjectDomainName", "PLANT"),
        ],
    );
    check(
        Layout::Xml,
        &[&text],
        "account",
        r#"{"op":14,"op_name":"member_add","success":true,"group":"Builtin\\Administrators","user_sid":"S-1-5-21-1-2-3-1001","group_sid":"S-1-5-32-544","subject":{"user":"PLANT\\admin"}}"#,
    );
}

#[test]
fn one_number_is_several_kinds() {
    let touched = |ty, name| {
        xml(
            SECURITY,
            4663,
            "Security",
            &[("ObjectType", ty), ("ObjectName", name), ("AccessMask", "0x2")],
        )
    };
    check(
        Layout::Xml,
        &[&touched("File", r"C:\a.s7p")],
        "file",
        r#"{"op":7,"op_name":"access","path":"C:\\a.s7p","access":"0000000000000002"}"#,
    );
    check(
        Layout::Xml,
        &[&touched("Key", r"\REGISTRY\MACHINE\SAM")],
        "registry",
        r#"{"op":6,"op_name":"access","path":"HKLM\\SAM","access":"0000000000000002"}"#,
    );
    check(
        Layout::Xml,
        &[&touched("SC_MANAGER OBJECT", "x")],
        "winevent",
        r#"{"pid":8,"tid":9,"keywords":"8020000000000000","user_sid":"S-1-5-18"}"#,
    );
}

#[test]
fn a_task_runs_something() {
    let content = "&lt;?xml version=\"1.0\" encoding=\"UTF-16\"?&gt;&lt;Task&gt;&lt;RegistrationInfo&gt;\
        &lt;Author&gt;PLANT\\x&lt;/Author&gt;&lt;/RegistrationInfo&gt;&lt;Principals&gt;&lt;Principal&gt;\
        &lt;UserId&gt;S-1-5-18&lt;/UserId&gt;&lt;/Principal&gt;&lt;/Principals&gt;&lt;Actions&gt;&lt;Exec&gt;\
        &lt;Command&gt;cmd.exe&lt;/Command&gt;&lt;Arguments&gt;/c x&lt;/Arguments&gt;&lt;/Exec&gt;&lt;/Actions&gt;&lt;/Task&gt;";
    let text =
        xml(SECURITY, 4698, "Security", &[("TaskName", r"\T"), ("TaskContent", content)]);
    let event = events(Layout::Xml, &[&text]).remove(0);
    let task = &event["task"];
    assert_eq!(task["command_line"], "cmd.exe /c x");
    assert_eq!(
        (&task["run_as"], &task["author"]),
        (&"S-1-5-18".into(), &r"PLANT\x".into())
    );
}

#[test]
fn data_without_names() {
    let text = xml(
        "Service Control Manager",
        7036,
        "System",
        &[("", "Spooler"), ("", "stopped")],
    );
    let event = check(
        Layout::Xml,
        &[&text],
        "service",
        r#"{"op":3,"op_name":"state","name":"Spooler","state":"stopped"}"#,
    );
    assert_eq!(event["raw"]["Data"], "Spooler\nstopped");
}

/// The same event in each layout.
#[test]
fn layouts_of_shippers() {
    let expected = r#"{"image":"C:\\a.exe","pid":4}"#;
    let layouts = [
        r##"{"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":"g"}},"EventID":{"#attributes":{"Qualifiers":""},"#text":5},"TimeCreated":{"#attributes":{"SystemTime":"2026-01-02T03:04:05.678Z"}},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"HMI-1"},"EventData":{"ProcessId":4,"Image":"C:\\a.exe"}}}"##,
        r##"{"Event":{"System":{"Provider_attributes":{"Name":"Microsoft-Windows-Sysmon"},"EventID":5,"TimeCreated_attributes":{"SystemTime":"2026-01-02T03:04:05.678Z"},"Computer":"HMI-1"},"EventData":{"ProcessId":4,"Image":"C:\\a.exe"}}}"##,
        r##"{"Event":{"System":{"Provider":{"@Name":"Microsoft-Windows-Sysmon"},"EventID":"5","TimeCreated":{"@SystemTime":"2026-01-02T03:04:05.678Z"},"Computer":"HMI-1"},"EventData":{"Data":[{"@Name":"ProcessId","#text":"4"},{"@Name":"Image","#text":"C:\\a.exe"}]}}}"##,
        r##"{"@timestamp":"2026-01-02T03:04:05.678Z","event":{"code":"5"},"host":{"name":"hmi-1"},"log":{"level":"information"},"winlog":{"provider_name":"Microsoft-Windows-Sysmon","event_id":"5","channel":"Microsoft-Windows-Sysmon/Operational","computer_name":"HMI-1","event_data":{"ProcessId":"4","Image":"C:\\a.exe"}}}"##,
        r##"{"@timestamp":"2026-01-02T03:04:05.678Z","event_id":5,"source_name":"Microsoft-Windows-Sysmon","log_name":"Microsoft-Windows-Sysmon/Operational","computer_name":"HMI-1","event_data":{"ProcessId":"4","Image":"C:\\a.exe"}}"##,
        r##"{"timestamp":"x","agent":{"name":"a"},"data":{"win":{"system":{"providerName":"Microsoft-Windows-Sysmon","eventID":"5","systemTime":"2026-01-02T03:04:05.678Z","channel":"Microsoft-Windows-Sysmon/Operational","computer":"HMI-1"},"eventdata":{"processId":"4","image":"C:\\a.exe"}}}}"##,
        r##"{"EventTime":"2026-01-02 03:04:05.678","Hostname":"HMI-1","EventType":"INFO","SeverityValue":2,"EventID":5,"SourceName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational","ProcessId":"4","Image":"C:\\a.exe"}"##,
    ];
    for layout in layouts {
        let event = check(Layout::Json, &[layout], "process_end", expected);
        assert_eq!(event["ts"], "2026-01-02T03:04:05.678000Z", "{layout}");
        assert_eq!(event["host"]["name"], "HMI-1", "{layout}");
        assert_eq!(event["raw"]["Image"], r"C:\a.exe", "{layout}");
        assert_eq!(time_of(Layout::Json, layout).unwrap(), 1_767_323_045_678_000_000);
    }
}

/// What a shipper says of an event is told as Windows has it.
#[test]
fn parts_of_flat_events() {
    let of = |line: &str| events(Layout::Json, &[line]).remove(0);
    // Bits of a signed number, and the words that the computer made of the event.
    let event = of(
        r#"{"EventTime":"2026-01-02 03:04:05","Hostname":"HMI-1","Keywords":-9218868437227405312,"EventID":4720,"SourceName":"Microsoft-Windows-Security-Auditing","Channel":"Security","TargetUserName":"guest","Message":"A user account was created."}"#,
    );
    assert_eq!(event["raw"]["Keywords"], "0x8010000000000000");
    assert_eq!(event["account"]["success"], false);
    assert_eq!(event["message"], "A user account was created.");
    assert_eq!(event["raw"]["Message"], "A user account was created.");
    // A time with its zone goes before one without, wherever it stands.
    let times = [
        r#""EventTime":"2026-01-02 05:04:05""#,
        r#""@timestamp":"2026-01-02T03:04:05.000Z""#,
    ];
    for [first, last] in [[0, 1], [1, 0]] {
        let event = of(&format!(
            r#"{{{},"EventID":4720,"Channel":"Security",{}}}"#,
            times[first], times[last]
        ));
        assert_eq!(event["ts"], "2026-01-02T03:04:05.000000Z");
    }
    // Azure Monitor's names.
    let event = of(
        r#"{"TimeGenerated":"2026-01-02T03:04:05.6Z","Computer":"HMI-1","EventSourceName":"Microsoft-Windows-Security-Auditing","Channel":"Security","Level":"8","EventID":4688,"NewProcessName":"C:\\a.exe"}"#,
    );
    assert_eq!(event["ts"], "2026-01-02T03:04:05.600000Z");
    assert_eq!(event["process"]["image"], r"C:\a.exe");
}

/// Sysmon for Linux writes its events to syslog, as XML.
#[test]
fn a_message_of_syslog_is_an_event() {
    let event =
        xml("Linux-Sysmon", 5, "Linux-Sysmon/Operational", &[("Image", "/bin/sh")]);
    for key in ["SyslogMessage", "message"] {
        let line = serde_json::json!({ "Facility": "user", key: event }).to_string();
        let expected = r#"{"image":"/bin/sh"}"#;
        let event = check(Layout::Json, &[&line], "process_end", expected);
        assert_eq!(event["host"]["os_name"], "linux");
    }
}

/// Ways of syslog drop the end of an entity: what is left stays a text.
#[test]
fn a_broken_entity_is_a_text() {
    let text =
        xml(SYSMON, 5, "", &[("Image", "&lt unknown process&gt "), ("ProcessId", "4")]);
    check(
        Layout::Xml,
        &[&text],
        "process_end",
        r#"{"image":"&lt unknown process&gt ","pid":4}"#,
    );
}

#[test]
fn what_is_no_event_is_refused() {
    let schema = Schema::builtin();
    let mut host = Host::new(&schema);
    let mut each = EachEvent::new(&schema, |_, _| panic!("an event"));
    let own = r#"{"ts":"2026-01-02T03:04:05Z","kind":"process","event_id":1}"#;
    for (layout, text) in [
        (Layout::Xml, "<Event>"),
        (Layout::Xml, "<Events/>"),
        (Layout::Xml, "<Event></Evnt>"),
        (Layout::Json, "{}"),
        (Layout::Json, "{"),
        (Layout::Json, "[1]"),
        (Layout::Json, own),
        (Layout::Audit, "type=X"),
    ] {
        assert!(host.text(layout, text, false, &mut each).is_err(), "{text}");
    }
    assert_eq!(host.stats().refused, 8);
}

const EXECVE: [&str; 5] = [
    r#"node=plc-gw type=SYSCALL msg=audit(1615114232.375:15558): arch=c000003e syscall=59 success=yes exit=0 a0=63 items=2 ppid=10883 pid=10884 auid=1000 uid=0 gid=0 euid=0 tty=pts1 ses=1 comm="sh" exe="/bin/sh" key="exec""#,
    r#"node=plc-gw type=EXECVE msg=audit(1615114232.375:15558): argc=3 a0="sh" a1="-c" a2=6C73202D6C"#,
    r#"node=plc-gw type=CWD msg=audit(1615114232.375:15558): cwd="/root""#,
    r#"node=plc-gw type=PATH msg=audit(1615114232.375:15558): item=0 name="/bin/sh" nametype=NORMAL"#,
    r#"node=plc-gw type=EOE msg=audit(1615114232.375:15558): "#,
];

#[test]
fn audit_records_of_one_event_are_joined() {
    let event = check(
        Layout::Audit,
        &EXECVE,
        "process",
        r#"{"image":"/bin/sh","command_line":"sh -c ls -l","parent":{"pid":10883},"pid":10884,"user":"0","current_directory":"/root","session":1,"arguments":["sh","-c","ls -l"],"login_user":"1000","effective_user":"0","terminal":"pts1"}"#,
    );
    assert_eq!(event["host"]["name"], "plc-gw");
    assert_eq!((&event["event_id"], &event["record_id"]), (&1300.into(), &15558.into()));
    assert_eq!(event["raw"]["EXECVE.a2"], "ls -l");
    assert_eq!(event["raw"]["SYSCALL.key"], "exec");
}

#[test]
fn audit_records_of_several_events_are_told_apart() {
    let other =
        EXECVE.map(|line| line.replace("15558", "15559").replace("/bin/sh", "/bin/ls"));
    let mixed: Vec<&str> =
        EXECVE.into_iter().zip(&other).flat_map(|(a, b)| [a, b.as_str()]).collect();
    let images: Vec<_> = events(Layout::Audit, &mixed)
        .into_iter()
        .map(|event| event["process"]["image"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(images, ["/bin/sh", "/bin/ls"]);
}

#[test]
fn audit_of_files_sockets_and_accounts() {
    check(
        Layout::Audit,
        &[
            r#"type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=263 success=yes exit=0 pid=5 uid=0 comm="rm" exe="/bin/rm""#,
            r#"type=CWD msg=audit(1.0:1): cwd="/etc""#,
            r#"type=PATH msg=audit(1.0:1): item=0 name="/etc" nametype=PARENT"#,
            r#"type=PATH msg=audit(1.0:1): item=1 name="shadow" mode=0100640 nametype=DELETE"#,
        ],
        "file",
        r#"{"op":3,"op_name":"delete","path":"/etc/shadow","image":"/bin/rm","pid":5,"user":"0","mode":33184,"syscall":"unlinkat"}"#,
    );
    // Kernel 3.10 of RHEL 7 calls the type of a name otherwise.
    check(
        Layout::Audit,
        &[
            r#"type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=2 success=yes exit=3 pid=5 uid=0 comm="sh" exe="/bin/sh""#,
            r#"type=CWD msg=audit(1.0:1): cwd="/etc""#,
            r#"type=PATH msg=audit(1.0:1): item=0 name="/etc/cron.d" objtype=PARENT"#,
            r#"type=PATH msg=audit(1.0:1): item=1 name="cron.d/x" mode=0100644 objtype=CREATE"#,
        ],
        "file",
        r#"{"op":1,"op_name":"create","path":"/etc/cron.d/x","image":"/bin/sh","pid":5,"user":"0","mode":33188,"syscall":"open"}"#,
    );
    check(
        Layout::Audit,
        &[
            r#"type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=42 success=no exit=-115 pid=5 uid=33 exe="/usr/bin/curl""#,
            "type=SOCKADDR msg=audit(1.0:1): saddr=020001F60A14000500000000000000000",
        ],
        "audit",
        r#"{"op":1,"op_name":"syscall","success":false,"image":"/usr/bin/curl","syscall":"connect","pid":5,"type":"SYSCALL","types":["SYSCALL","SOCKADDR"],"user":"33","exit":-115,"sequence":1}"#,
    );
    check(
        Layout::Audit,
        &[
            r#"type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=42 success=no exit=-115 pid=5 uid=33 exe="/usr/bin/curl""#,
            "type=SOCKADDR msg=audit(1.0:1): saddr=020001F60A1400050000000000000000",
        ],
        "connection",
        r#"{"dst":{"ip":"10.20.0.5","port":502},"image":"/usr/bin/curl","initiated":true,"pid":5,"user":"33","success":false}"#,
    );
    check(
        Layout::Audit,
        &[
            r#"type=USER_LOGIN msg=audit(1.0:1): pid=7 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct="root" exe="/usr/sbin/sshd" hostname=? addr=10.30.1.9 terminal=ssh res=failed'"#,
        ],
        "logon",
        r#"{"op":1,"op_name":"logon","success":false,"user":"root","src":{"ip":"10.30.1.9"},"image":"/usr/sbin/sshd","pid":7,"authentication":"login","terminal":"ssh"}"#,
    );
}

/// A sink that asks for one name of the source's, as a rule does.
struct Asks {
    schema: Schema,
    builders: BTreeMap<KindIdx, BatchBuilder>,
}

impl EventSink for Asks {
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        let schema = &self.schema;
        self.builders.entry(kind).or_insert_with(|| {
            let mut needs = Needs::ALL;
            needs.skip(schema.kind(kind).unwrap().map().unwrap().idx());
            BatchBuilder::new(schema, kind, needs).unwrap()
        })
    }
}

/// Names that nobody asks for are passed over, wherever they stand, and nothing else is.
#[test]
fn names_are_read_as_far_as_somebody_asks() {
    let system = |id: u32, provider: &str| {
        format!(
            r##""System":{{"Provider":{{"#attributes":{{"Name":"{provider}","Guid":"x"}}}},
               "EventID":{id},"Channel":"c","Security":null}}"##
        )
    };
    let sysmon = system(5, SYSMON);
    let cleared = system(104, "Microsoft-Windows-Eventlog");
    let texts = [
        format!(
            r#"{{"Event":{{{sysmon},"EventData":{{"RuleName":"r","Image":"a\\b","Other":{{"x":[1]}},
               "ProcessId":7}}}},"more":[{{}}]}}"#
        ),
        format!(
            r#"{{"Event":{{{cleared},"UserData":{{"LogFileCleared":{{"Any":"x",
               "SubjectUserName":"u","Channel":"System"}}}}}}}}"#
        ),
    ];
    let schema = Schema::builtin().with_names(&["RuleName"]);
    let json = EventJson::new(&schema);
    let mut sink = Asks { schema: schema.clone(), builders: BTreeMap::new() };
    let mut host = Host::new(&schema);
    host.ask(&mut sink);
    let mut lines = Vec::new();
    for text in texts {
        host.text(Layout::Json, &text, false, &mut sink).unwrap();
        for builder in sink.builders.values_mut() {
            for record in builder.finish(0).view().records() {
                let mut line = Vec::new();
                json.write(&record, &mut line);
                lines.push(String::from_utf8(line).unwrap());
            }
            builder.clear();
        }
    }
    let [ended, cleared] = lines.as_slice() else { panic!("{lines:?}") };
    let has = |line: &str, part: &str| assert!(line.contains(part), "{line}");
    has(ended, r#""process_end":{"image":"a\\b","pid":7}"#);
    has(ended, r#""raw":{"RuleName":"r"}"#);
    has(cleared, r#""user":"u""#);
    assert!(!cleared.contains("Any") && !ended.contains("Other"));
}
