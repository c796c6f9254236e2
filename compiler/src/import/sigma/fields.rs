//! Fields: where the names of Sigma lie in our kinds.
//!
//! One line a field: Sigma's name and our path, whose type in the schema decides how
//! values are written. A name that no table holds is a field of the source itself,
//! `e.raw["Name"]`, and so is a field whose values do not fit the type.
//!
//! Sigma taxonomy 2.1 (Sysmon's names); the `source` of each field in `spec/schema/`.

/// Names of Sigma with the paths of our fields.
pub(super) type Names = &'static [(&'static str, &'static str)];

pub(super) const PROCESS: Names = &[
    ("Image", "image"),
    ("CommandLine", "command_line"),
    ("ParentImage", "parent.image"),
    ("ParentCommandLine", "parent.command_line"),
    ("ProcessId", "pid"),
    ("ParentProcessId", "parent.pid"),
    ("IntegrityLevel", "integrity"),
    ("User", "user"),
    ("ParentUser", "parent.user"),
    ("CurrentDirectory", "current_directory"),
    ("OriginalFileName", "original_file_name"),
    ("Company", "company"),
    ("Product", "product"),
    ("Description", "description"),
    ("FileVersion", "file_version"),
    ("LogonId", "logon_id"),
    ("TerminalSessionId", "session"),
    ("ProcessGuid", "guid"),
    ("ParentProcessGuid", "parent.guid"),
    ("Hashes", "hashes"),
    ("md5", "hashes.md5"),
    ("sha1", "hashes.sha1"),
    ("sha256", "hashes.sha256"),
    ("Imphash", "hashes.imphash"),
    ("EventID", "event_id"),
    ("Provider_Name", "provider"),
];

pub(super) const PROCESS_END: Names = &[
    ("Image", "image"),
    ("ProcessId", "pid"),
    ("ProcessGuid", "guid"),
    ("User", "user"),
    ("EventID", "event_id"),
];

pub(super) const PROCESS_ACCESS: Names = &[
    ("SourceImage", "source.image"),
    ("TargetImage", "target.image"),
    ("GrantedAccess", "access"),
    ("CallTrace", "call_trace"),
    ("SourceProcessId", "source.pid"),
    ("TargetProcessId", "target.pid"),
    ("SourceUser", "source.user"),
    ("TargetUser", "target.user"),
    ("EventID", "event_id"),
];

pub(super) const REMOTE_THREAD: Names = &[
    ("SourceImage", "source.image"),
    ("TargetImage", "target.image"),
    ("StartModule", "start_module"),
    ("StartFunction", "start_function"),
    ("SourceProcessId", "source.pid"),
    ("TargetProcessId", "target.pid"),
    ("SourceUser", "source.user"),
    ("TargetUser", "target.user"),
    ("EventID", "event_id"),
];

pub(super) const FILE: Names = &[
    ("TargetFilename", "path"),
    ("FileName", "path"),
    ("Image", "image"),
    ("User", "user"),
    ("ProcessId", "pid"),
    ("Contents", "contents"),
    ("IsExecutable", "is_executable"),
    ("Hash", "hashes"),
    ("Hashes", "hashes"),
    ("md5", "hashes.md5"),
    ("sha1", "hashes.sha1"),
    ("sha256", "hashes.sha256"),
    ("Imphash", "hashes.imphash"),
    ("EventID", "event_id"),
];

pub(super) const FILE_RENAME: Names = &[
    ("SourceFilename", "previous_path"),
    ("TargetFilename", "path"),
    ("Image", "image"),
    ("User", "user"),
    ("ProcessId", "pid"),
    ("EventID", "event_id"),
];

pub(super) const REGISTRY: Names = &[
    ("TargetObject", "path"),
    ("Details", "value"),
    ("NewName", "new_path"),
    ("EventType", "op"),
    ("Image", "image"),
    ("User", "user"),
    ("ProcessId", "pid"),
    ("EventID", "event_id"),
];

pub(super) const IMAGE_LOAD: Names = &[
    ("ImageLoaded", "path"),
    ("Image", "image"),
    ("User", "user"),
    ("ProcessId", "pid"),
    ("Signed", "signed"),
    ("Signature", "signer"),
    ("SignatureStatus", "signature_status"),
    ("OriginalFileName", "original_file_name"),
    ("Company", "company"),
    ("Product", "product"),
    ("Description", "description"),
    ("FileVersion", "file_version"),
    ("Hashes", "hashes"),
    ("md5", "hashes.md5"),
    ("sha1", "hashes.sha1"),
    ("sha256", "hashes.sha256"),
    ("Imphash", "hashes.imphash"),
    ("EventID", "event_id"),
];

pub(super) const DRIVER_LOAD: Names = &[
    ("ImageLoaded", "path"),
    ("Signed", "signed"),
    ("Signature", "signer"),
    ("SignatureStatus", "signature_status"),
    ("Hashes", "hashes"),
    ("md5", "hashes.md5"),
    ("sha1", "hashes.sha1"),
    ("sha256", "hashes.sha256"),
    ("Imphash", "hashes.imphash"),
    ("EventID", "event_id"),
];

pub(super) const PIPE: Names = &[
    ("PipeName", "name"),
    ("Image", "image"),
    ("User", "user"),
    ("ProcessId", "pid"),
    ("EventID", "event_id"),
];

pub(super) const CONNECTION: Names = &[
    ("DestinationIp", "dst.ip"),
    ("DestinationPort", "dst.port"),
    ("DestinationHostname", "dst.host"),
    ("SourceIp", "src.ip"),
    ("SourcePort", "src.port"),
    ("SourceHostname", "src.host"),
    ("Protocol", "protocol"),
    ("Initiated", "initiated"),
    ("Image", "image"),
    ("User", "user"),
    ("ProcessId", "pid"),
    ("EventID", "event_id"),
];

pub(super) const DNS_QUERY: Names = &[
    ("QueryName", "name"),
    ("QueryResults", "results"),
    ("QueryStatus", "status"),
    ("Image", "image"),
    ("User", "user"),
    ("ProcessId", "pid"),
    ("EventID", "event_id"),
];

pub(super) const WMI: Names = &[
    ("Operation", "change"),
    ("Name", "name"),
    ("Query", "query"),
    ("Destination", "destination"),
    ("Type", "type"),
    ("Consumer", "consumer"),
    ("Filter", "filter"),
    ("EventNamespace", "namespace"),
    ("User", "user"),
    ("EventID", "event_id"),
];

pub(super) const SCRIPT: Names = &[
    ("ScriptBlockText", "text"),
    ("Payload", "text"),
    ("ContextInfo", "context"),
    ("Path", "path"),
    ("HostApplication", "host_application"),
    ("EngineVersion", "engine_version"),
    ("EventID", "event_id"),
];

/// Any event of a Windows log: what all of them have. `Channel` is the source's own: an
/// event on the clearing of a log names that log so.
pub(super) const WINDOWS: Names =
    &[("EventID", "event_id"), ("Provider_Name", "provider")];

/// Fields of kinds that several sources report, and what they are called by those that do
/// not use Sysmon's names: the Security log and Linux audit.
const OTHERS: &[(&str, &str, &str, &str)] = &[
    ("windows", "process", "Image", "NewProcessName"),
    ("windows", "process", "ParentImage", "ParentProcessName"),
    ("windows", "process_end", "Image", "ProcessName"),
    ("windows", "process_access", "SourceImage", "ProcessName"),
    ("windows", "process_access", "TargetImage", "ObjectName"),
    ("windows", "process_access", "GrantedAccess", "AccessMask"),
    ("windows", "file", "TargetFilename", "ObjectName"),
    ("windows", "file", "FileName", "ObjectName"),
    ("windows", "file", "Image", "ProcessName"),
    ("windows", "registry", "Image", "ProcessName"),
    ("windows", "connection", "Image", "Application"),
    ("windows", "connection", "SourceIp", "SourceAddress"),
    ("windows", "connection", "DestinationIp", "DestAddress"),
    ("windows", "connection", "DestinationPort", "DestPort"),
    ("linux", "process", "Image", "SYSCALL.exe"),
    ("linux", "process", "CurrentDirectory", "CWD.cwd"),
    ("linux", "file", "Image", "SYSCALL.exe"),
    ("linux", "connection", "Image", "SYSCALL.exe"),
];

/// Other names of a field of a kind, on systems that are read.
pub(super) fn others<'a>(
    kind: &'a str,
    name: &'a str,
    reads: impl Fn(&str) -> bool + 'a,
) -> impl Iterator<Item = &'static str> + 'a {
    let of = OTHERS
        .iter()
        .filter(move |(os, of, sigma, _)| *of == kind && *sigma == name && reads(os));
    of.map(|(.., other)| *other)
}

/// What Windows Defender calls its fields; Sigma leaves the blanks out, or writes `_`.
pub(super) const DEFENDER: Names = &[
    ("ActionName", "Action Name"),
    ("AdditionalActionsString", "Additional Actions String"),
    ("CategoryName", "Category Name"),
    ("DetectionTime", "Detection Time"),
    ("DetectionUser", "Detection User"),
    ("EngineVersion", "Engine Version"),
    ("ErrorCode", "Error Code"),
    ("ErrorDescription", "Error Description"),
    ("ExecutionName", "Execution Name"),
    ("FeatureID", "Feature ID"),
    ("FeatureName", "Feature Name"),
    ("NewValue", "New Value"),
    ("OldValue", "Old Value"),
    ("OriginName", "Origin Name"),
    ("ProcessName", "Process Name"),
    ("ProductName", "Product Name"),
    ("ProductVersion", "Product Version"),
    ("RemediationUser", "Remediation User"),
    ("SeverityID", "Severity ID"),
    ("SeverityName", "Severity Name"),
    ("SourceID", "Source ID"),
    ("SourceName", "Source Name"),
    ("StatusCode", "Status Code"),
    ("StatusDescription", "Status Description"),
    ("ThreatID", "Threat ID"),
    ("ThreatName", "Threat Name"),
    ("TypeName", "Type Name"),
];

/// Linux audit: what all events have.
pub(super) const AUDIT: Names = &[];

/// Other logs: what all events have.
pub(super) const LOG: Names = &[];

/// What Sigma calls the labels of our enumerations, where it is not their name.
pub(super) const LABELS: &[(&str, &str, &str)] = &[
    ("integrity", "S-1-16-0", "untrusted"),
    ("integrity", "S-1-16-4096", "low"),
    ("integrity", "S-1-16-8192", "medium"),
    ("integrity", "S-1-16-8448", "medium_plus"),
    ("integrity", "S-1-16-12288", "high"),
    ("integrity", "S-1-16-16384", "system"),
    ("integrity", "S-1-16-20480", "protected"),
    ("registry_op", "CreateKey", "key_create"),
    ("registry_op", "DeleteKey", "key_delete"),
    ("registry_op", "SetValue", "value_set"),
    ("registry_op", "DeleteValue", "value_delete"),
    ("registry_op", "RenameKey", "rename"),
    ("wmi_change", "Created", "created"),
    ("wmi_change", "Deleted", "deleted"),
    ("wmi_change", "Modified", "modified"),
];

/// Algorithms that a list of hashes names, with our fields and the number of digits.
pub(super) const HASHES: &[(&str, &str, usize)] = &[
    ("MD5", "hashes.md5", 32),
    ("SHA1", "hashes.sha1", 40),
    ("SHA256", "hashes.sha256", 64),
    ("IMPHASH", "hashes.imphash", 32),
];
