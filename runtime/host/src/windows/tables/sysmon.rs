//! Sysmon for Windows and for Linux: event manifest of version 15.

use super::How::{As, Hashes, If, Key, One};
use super::{Entry, From, Provider};

/// The process that did it.
const ACTOR: &[From] = &[
    ("Image", "image", As),
    ("ProcessId", "pid", As),
    ("ProcessGuid", "guid", As),
    ("User", "user", As),
];
const VERSION: &[From] = &[
    ("OriginalFileName", "original_file_name", As),
    ("Company", "company", As),
    ("Product", "product", As),
    ("Description", "description", As),
    ("FileVersion", "file_version", As),
];
const SIGNATURE: &[From] = &[
    ("Signed", "signed", If),
    ("Signature", "signer", If),
    ("SignatureStatus", "signature_status", As),
];
const HASHES: &[From] = &[("Hashes", "hashes", Hashes), ("Hash", "hashes", Hashes)];
const PROCESS: &[From] = &[
    ("CommandLine", "command_line", As),
    ("ParentImage", "parent.image", As),
    ("ParentProcessId", "parent.pid", As),
    ("ParentCommandLine", "parent.command_line", As),
    ("ParentProcessGuid", "parent.guid", As),
    ("ParentUser", "parent.user", If),
    ("CurrentDirectory", "current_directory", As),
    ("LogonId", "logon_id", If),
    ("TerminalSessionId", "session", If),
    (
        "IntegrityLevel",
        "integrity",
        One(&[
            ("Untrusted", 0),
            ("Low", 4096),
            ("Medium", 8192),
            ("Medium Plus", 8448),
            ("High", 12288),
            ("System", 16384),
            ("ProtectedProcess", 20480),
            ("AppContainer", 4096),
        ]),
    ),
];
const FILE: &[From] = &[
    ("TargetFilename", "path", As),
    ("CreationUtcTime", "created", If),
    ("PreviousCreationUtcTime", "previous_created", If),
    ("Contents", "contents", If),
    ("IsExecutable", "is_executable", If),
    ("Archived", "archived", If),
];
const REGISTRY: &[From] = &[
    (
        "EventType",
        "op",
        One(&[
            ("CreateKey", 1),
            ("DeleteKey", 2),
            ("SetValue", 3),
            ("DeleteValue", 4),
            ("RenameKey", 5),
            ("RenameValue", 5),
        ]),
    ),
    ("TargetObject", "path", Key),
    ("Details", "value", As),
    ("NewName", "new_path", Key),
];
const BETWEEN: &[From] = &[
    ("SourceImage", "source.image", As),
    ("TargetImage", "target.image", As),
    ("SourceProcessId", "source.pid", As),
    ("TargetProcessId", "target.pid", As),
    ("SourceProcessGUID", "source.guid", As),
    ("TargetProcessGUID", "target.guid", As),
    ("SourceProcessGuid", "source.guid", As),
    ("TargetProcessGuid", "target.guid", As),
    ("SourceUser", "source.user", If),
    ("TargetUser", "target.user", If),
];
const NETWORK: &[From] = &[
    ("SourceIp", "src.ip", If),
    ("SourcePort", "src.port", If),
    ("SourceHostname", "src.host", If),
    ("DestinationIp", "dst.ip", If),
    ("DestinationPort", "dst.port", If),
    ("DestinationHostname", "dst.host", If),
    ("Initiated", "initiated", If),
    ("Protocol", "protocol", One(&[("tcp", 6), ("udp", 17), ("icmp", 1)])),
];
const WMI: &[From] = &[
    ("Operation", "change", One(&[("Created", 1), ("Deleted", 2), ("Modified", 3)])),
    ("Name", "name", As),
    ("Query", "query", As),
    ("Destination", "destination", As),
    ("Type", "type", As),
    ("Consumer", "consumer", As),
    ("Filter", "filter", As),
    ("EventNamespace", "namespace", As),
    ("User", "user", As),
];

pub(super) const PROVIDER: Provider = Provider {
    names: &["Microsoft-Windows-Sysmon", "Linux-Sysmon"],
    entries: &[
        Entry::of(&[1], "process").from(&[ACTOR, PROCESS, VERSION, HASHES]),
        Entry::of(&[2], "file").set(&[("op", "time_change")]).from(&[ACTOR, FILE]),
        Entry::of(&[3], "connection").from(&[ACTOR, NETWORK]),
        Entry::of(&[5], "process_end").from(&[ACTOR]),
        Entry::of(&[6], "driver_load").from(&[
            &[("ImageLoaded", "path", As)],
            SIGNATURE,
            HASHES,
        ]),
        Entry::of(&[7], "image_load").from(&[
            &[("ImageLoaded", "path", As)],
            ACTOR,
            SIGNATURE,
            VERSION,
            HASHES,
        ]),
        Entry::of(&[8], "remote_thread").from(&[
            BETWEEN,
            &[
                ("StartAddress", "start_address", If),
                ("StartModule", "start_module", If),
                ("StartFunction", "start_function", If),
            ],
        ]),
        Entry::of(&[10], "process_access").from(&[
            BETWEEN,
            &[("GrantedAccess", "access", As), ("CallTrace", "call_trace", As)],
        ]),
        Entry::of(&[11], "file").set(&[("op", "create")]).from(&[ACTOR, FILE]),
        Entry::of(&[12, 13, 14], "registry").from(&[ACTOR, REGISTRY]),
        Entry::of(&[15], "file").set(&[("op", "stream")]).from(&[ACTOR, FILE, HASHES]),
        Entry::of(&[17], "pipe")
            .set(&[("op", "create")])
            .from(&[&[("PipeName", "name", As)], ACTOR]),
        Entry::of(&[18], "pipe")
            .set(&[("op", "connect")])
            .from(&[&[("PipeName", "name", As)], ACTOR]),
        Entry::of(&[19], "wmi").set(&[("op", "filter")]).from(&[WMI]),
        Entry::of(&[20], "wmi").set(&[("op", "consumer")]).from(&[WMI]),
        Entry::of(&[21], "wmi").set(&[("op", "binding")]).from(&[WMI]),
        Entry::of(&[22], "dns_query").from(&[
            ACTOR,
            &[
                ("QueryName", "name", As),
                ("QueryStatus", "status", If),
                ("QueryResults", "results", If),
            ],
        ]),
        Entry::of(&[23, 26], "file")
            .set(&[("op", "delete")])
            .from(&[ACTOR, FILE, HASHES]),
        Entry::of(&[27], "file").set(&[("op", "block")]).from(&[ACTOR, FILE, HASHES]),
        Entry::of(&[28], "file")
            .set(&[("op", "block_delete")])
            .from(&[ACTOR, FILE, HASHES]),
        Entry::of(&[29], "file")
            .set(&[("op", "executable")])
            .from(&[ACTOR, FILE, HASHES]),
    ],
};
