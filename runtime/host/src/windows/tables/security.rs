//! The Security log: Microsoft-Windows-Security-Auditing, as its manifest of
//! Windows 10 and Server 2022 names the data.

use super::How::{Account, As, If, Key, One, Rid};
use super::{Entry, From, Provider};
use crate::windows::event::Event;
use crate::windows::special::Special;

/// The account that did it.
const SUBJECT: &[From] = &[
    ("SubjectUserName", "subject.user", Account("SubjectDomainName")),
    ("SubjectUserSid", "subject.sid", If),
    ("SubjectLogonId", "subject.logon_id", If),
];
const TARGET: &[From] = &[
    ("TargetUserName", "user", Account("TargetDomainName")),
    ("TargetUserSid", "user_sid", If),
    ("TargetLogonId", "logon_id", If),
];
const LOGON: &[From] = &[
    ("LogonType", "type", If),
    ("IpAddress", "src.ip", If),
    ("IpPort", "src.port", If),
    ("WorkstationName", "src.host", If),
    ("Workstation", "src.host", If),
    ("ClientName", "src.host", If),
    ("ClientAddress", "src.ip", If),
    ("ProcessName", "image", If),
    ("ProcessId", "pid", If),
    ("LogonProcessName", "logon_process", If),
    ("AuthenticationPackageName", "authentication", If),
    ("PackageName", "authentication", If),
    ("LmPackageName", "lm_package", If),
    ("Status", "status", If),
    ("SubStatus", "sub_status", If),
    ("ElevatedToken", "elevated", If),
    ("TargetServerName", "target.host", If),
    ("PrivilegeList", "privileges", If),
    ("TicketEncryptionType", "encryption", If),
];
const ACCOUNT: &[From] = &[
    ("TargetUserName", "user", Account("TargetDomainName")),
    ("TargetSid", "user_sid", If),
    ("OldTargetUserName", "user", Account("TargetDomainName")),
    ("NewTargetUserName", "new_name", If),
    ("CallerProcessName", "image", If),
    ("CallerProcessId", "pid", If),
];
const GROUP: &[From] = &[
    ("TargetUserName", "group", Account("TargetDomainName")),
    ("TargetSid", "group_sid", If),
    ("MemberName", "user", If),
    ("MemberSid", "user_sid", If),
    ("CallerProcessName", "image", If),
    ("CallerProcessId", "pid", If),
];
const TASK: &[From] = &[
    ("TaskName", "name", As),
    ("TaskContent", "content", As),
    ("TaskContentNew", "content", As),
    ("SubjectUserName", "user", Account("SubjectDomainName")),
    ("SubjectLogonId", "subject.logon_id", If),
    ("ClientProcessId", "pid", If),
];
const DEVICE: &[From] = &[
    ("DeviceId", "id", If),
    ("DeviceDescription", "name", If),
    ("ClassName", "class", If),
    ("VendorIds", "vendor_ids", If),
    ("LocationInformation", "location", If),
    ("SubjectUserName", "user", Account("SubjectDomainName")),
];
const FILTERING: &[From] = &[
    ("Application", "image", If),
    ("ProcessID", "pid", If),
    ("ProcessId", "pid", If),
    ("SourceAddress", "src.ip", If),
    ("SourcePort", "src.port", If),
    ("DestAddress", "dst.ip", If),
    ("DestPort", "dst.port", If),
    ("Protocol", "protocol", If),
    ("Direction", "initiated", One(&[("%%14592", 0), ("%%14593", 1)])),
];
/// The process that touched an object.
const TOUCHED: &[From] = &[
    ("ProcessName", "image", If),
    ("ProcessId", "pid", If),
    ("SubjectUserName", "user", Account("SubjectDomainName")),
    ("AccessMask", "access", If),
];

fn is_type(event: &Event, wanted: &str) -> bool {
    event.get("ObjectType").is_some_and(|ty| ty == wanted)
}

const fn account(
    ids: &'static [u32],
    set: &'static [(&'static str, &'static str)],
) -> Entry {
    Entry::of(ids, "account").set(set).from(&[ACCOUNT, SUBJECT]).special(Special::Audited)
}

const fn group(
    ids: &'static [u32],
    set: &'static [(&'static str, &'static str)],
) -> Entry {
    Entry::of(ids, "account").set(set).from(&[GROUP, SUBJECT]).special(Special::Audited)
}

const fn logon(
    ids: &'static [u32],
    set: &'static [(&'static str, &'static str)],
) -> Entry {
    Entry::of(ids, "logon").set(set).from(&[TARGET, LOGON, SUBJECT])
}

const fn task(
    ids: &'static [u32],
    set: &'static [(&'static str, &'static str)],
) -> Entry {
    Entry::of(ids, "task").set(set).from(&[TASK]).special(Special::TaskContent)
}

const fn device(
    ids: &'static [u32],
    set: &'static [(&'static str, &'static str)],
) -> Entry {
    Entry::of(ids, "device").set(set).from(&[DEVICE])
}

pub(super) const PROVIDER: Provider = Provider {
    names: &["Microsoft-Windows-Security-Auditing"],
    entries: &[
        Entry::of(&[4688], "process").from(&[&[
            ("NewProcessName", "image", If),
            ("NewProcessId", "pid", If),
            ("CommandLine", "command_line", If),
            ("ParentProcessName", "parent.image", If),
            ("ProcessId", "parent.pid", If),
            ("TargetUserName", "user", Account("TargetDomainName")),
            ("SubjectUserName", "user", Account("SubjectDomainName")),
            ("TargetLogonId", "logon_id", If),
            ("SubjectLogonId", "logon_id", If),
            ("MandatoryLabel", "integrity", Rid),
            (
                "TokenElevationType",
                "elevation",
                One(&[("%%1936", 1), ("%%1937", 2), ("%%1938", 3)]),
            ),
        ]]),
        Entry::of(&[4689], "process_end").from(&[&[
            ("ProcessName", "image", If),
            ("ProcessId", "pid", If),
            ("SubjectUserName", "user", Account("SubjectDomainName")),
            ("Status", "exit_code", If),
        ]]),
        logon(&[4624], &[("op", "logon"), ("success", "true")]),
        logon(&[4625], &[("op", "logon"), ("success", "false")]),
        logon(&[4648], &[("op", "explicit_credentials"), ("success", "true")]),
        Entry::of(&[4672], "logon")
            .set(&[("op", "special_privileges"), ("success", "true")])
            .from(&[
                SUBJECT,
                LOGON,
                &[
                    ("SubjectUserName", "user", Account("SubjectDomainName")),
                    ("SubjectUserSid", "user_sid", If),
                    ("SubjectLogonId", "logon_id", If),
                ],
            ]),
        logon(&[4768], &[("op", "kerberos_tgt")]).special(Special::Status),
        Entry::of(&[4769], "logon")
            .set(&[("op", "kerberos_service")])
            .from(&[TARGET, LOGON, &[("ServiceName", "target.host", If)]])
            .special(Special::Status),
        logon(&[4770], &[("op", "kerberos_renew"), ("success", "true")]),
        logon(&[4771], &[("op", "kerberos_preauth"), ("success", "false")]),
        logon(&[4776], &[("op", "ntlm")]).special(Special::Status),
        Entry::of(&[4778], "logon")
            .set(&[("op", "reconnect"), ("success", "true")])
            .from(&[
                &[
                    ("AccountName", "user", Account("AccountDomain")),
                    ("LogonID", "logon_id", If),
                ],
                LOGON,
            ]),
        logon(&[4801], &[("op", "unlock"), ("success", "true")]),
        Entry::of(&[4634, 4647], "logoff")
            .set(&[("op", "logoff")])
            .from(&[TARGET, &[("LogonType", "type", If)]]),
        Entry::of(&[4779], "logoff").set(&[("op", "disconnect")]).from(&[&[
            ("AccountName", "user", Account("AccountDomain")),
            ("LogonID", "logon_id", If),
            ("ClientName", "src.host", If),
            ("ClientAddress", "src.ip", If),
        ]]),
        Entry::of(&[4800], "logoff").set(&[("op", "lock")]).from(&[TARGET]),
        account(&[4720], &[("op", "user_create")]),
        account(&[4722], &[("op", "user_enable")]),
        account(&[4723], &[("op", "password_change")]),
        account(&[4724], &[("op", "password_reset")]),
        account(&[4725], &[("op", "user_disable")]),
        account(&[4726], &[("op", "user_delete")]),
        account(&[4738], &[("op", "user_change")]),
        account(&[4740], &[("op", "user_lock")]),
        account(&[4767], &[("op", "user_unlock")]),
        account(&[4781], &[("op", "user_rename")]),
        account(&[4741], &[("op", "computer_create")]),
        account(&[4742], &[("op", "computer_change")]),
        account(&[4743], &[("op", "computer_delete")]),
        account(&[4765], &[("op", "sid_history")]),
        account(&[4798], &[("op", "membership_read")]),
        group(&[4799], &[("op", "membership_read")]),
        group(&[4727, 4731, 4754], &[("op", "group_create")]),
        group(&[4730, 4734, 4758], &[("op", "group_delete")]),
        group(&[4735, 4737, 4755], &[("op", "group_change")]),
        group(&[4728, 4732, 4756], &[("op", "member_add")]),
        group(&[4729, 4733, 4757], &[("op", "member_remove")]),
        Entry::of(&[4697], "service").set(&[("op", "install")]).from(&[&[
            ("ServiceName", "name", As),
            ("ServiceFileName", "command_line", As),
            ("ServiceType", "type", If),
            ("ServiceStartType", "start", If),
            ("ServiceAccount", "account", If),
            ("SubjectUserName", "user", Account("SubjectDomainName")),
            ("SubjectLogonId", "subject.logon_id", If),
            ("ClientProcessId", "client_pid", If),
        ]]),
        task(&[4698], &[("op", "create")]),
        task(&[4699], &[("op", "delete")]),
        task(&[4700], &[("op", "enable")]),
        task(&[4701], &[("op", "disable")]),
        task(&[4702], &[("op", "update")]),
        device(&[6416], &[("op", "connect")]),
        device(&[6419, 6421], &[("op", "request")]),
        device(&[6420], &[("op", "disable")]),
        device(&[6422], &[("op", "enable")]),
        device(&[6423], &[("op", "block")]),
        device(&[6424], &[("op", "install")]),
        Entry::of(&[4657], "registry")
            .from(&[&[
                (
                    "OperationType",
                    "op",
                    One(&[("%%1904", 3), ("%%1905", 3), ("%%1906", 4)]),
                ),
                ("NewValue", "value", If),
                ("OldValue", "previous_value", If),
                ("ProcessName", "image", If),
                ("ProcessId", "pid", If),
                ("SubjectUserName", "user", Account("SubjectDomainName")),
            ]])
            .special(Special::RegistryValue),
        Entry::of(&[4656, 4663], "registry")
            .set(&[("op", "access")])
            .from(&[&[("ObjectName", "path", Key)], TOUCHED])
            .when(|event| is_type(event, "Key")),
        Entry::of(&[4656, 4663], "process_access")
            .from(&[&[
                ("ObjectName", "target.image", If),
                ("ProcessName", "source.image", If),
                ("ProcessId", "source.pid", If),
                ("SubjectUserName", "source.user", Account("SubjectDomainName")),
                ("AccessMask", "access", If),
            ]])
            .when(|event| is_type(event, "Process")),
        Entry::of(&[4656, 4663], "file")
            .set(&[("op", "access")])
            .from(&[&[("ObjectName", "path", If)], TOUCHED])
            .when(|event| is_type(event, "File")),
        Entry::of(&[5140, 5145], "file")
            .set(&[("op", "share_access")])
            .from(&[&[
                ("ShareName", "share", If),
                ("IpAddress", "src.ip", If),
                ("SubjectUserName", "user", Account("SubjectDomainName")),
                ("AccessMask", "access", If),
            ]])
            .special(Special::SharedPath),
        Entry::of(&[5152, 5155, 5157, 5159], "connection")
            .set(&[("blocked", "true")])
            .from(&[FILTERING]),
        Entry::of(&[5154, 5156, 5158], "connection")
            .set(&[("blocked", "false")])
            .from(&[FILTERING]),
        Entry::of(&[4616], "audit")
            .set(&[("op", "time_change"), ("success", "true")])
            .from(&[&[
                ("ProcessName", "image", If),
                ("ProcessId", "pid", If),
                ("SubjectUserName", "user", Account("SubjectDomainName")),
            ]]),
        Entry::of(&[4719], "audit")
            .set(&[("op", "policy_change"), ("success", "true")])
            .from(&[&[
                ("SubcategoryGuid", "log", If),
                ("SubjectUserName", "user", Account("SubjectDomainName")),
            ]]),
    ],
};
