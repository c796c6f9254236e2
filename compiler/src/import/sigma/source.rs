//! Log sources: the kind of event that a rule of each reads, what else must hold of
//! it, and where the fields of Sigma lie.
//!
//! A *category* is a kind of ours, whatever reported it, on a computer with the system
//! that the *product* names: its fields are named by the
//! tables in [`fields`](super::fields), and what they do not name is a field of the
//! source itself, `e.raw["Name"]`. A *service* is a log: its rules read any event of
//! the computer that stands in it, by the source's own names. Logs that no decoder of
//! ours reads (web servers, proxies, Zeek) are events of kind `log`.
//!
//! Sigma taxonomy 2.1; names of channels as Windows has them.

use super::document::LogSource;
use super::fields::{self, Names};

/// Where the events of a rule come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// Kind or view of the schema.
    pub(super) kind: &'static str,
    /// Name of the event in the rule.
    pub(super) alias: &'static str,
    /// What must hold beside the rule's own condition.
    pub(super) guard: Vec<Guard>,
    /// Fields with a place of their own.
    pub(super) names: &'static [Names],
    /// Names of Sigma with the source's own, where they are not the same.
    pub(super) own: Names,
    /// Whether a search is about one record of a Linux audit event.
    pub(super) records: bool,
    /// Folder of its rules in the pack.
    pub(super) folder: String,
}

impl Source {
    /// Whether events of computers with a system are read.
    pub(super) fn reads(&self, os: &str) -> bool {
        let mut guards = self.guard.iter().filter(|guard| guard.path == OS);
        guards.all(|guard| guard.values.iter().any(|value| value == os))
    }
}

/// A field that has one of some values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Guard {
    /// Path of the field.
    pub(super) path: &'static str,
    /// Labels, numbers and texts in quotes.
    pub(super) values: Vec<String>,
}

/// A category with its kind.
struct Category {
    name: &'static str,
    kind: &'static str,
    alias: &'static str,
    /// Labels of `op`, or numbers of Sysmon's events that have no kind; none if the
    /// kind says all.
    ops: &'static [&'static str],
    names: &'static [Names],
}

const fn category(
    name: &'static str,
    kind: &'static str,
    alias: &'static str,
    ops: &'static [&'static str],
    names: &'static [Names],
) -> Category {
    Category { name, kind, alias, ops, names }
}

/// What Sysmon reports of the registry: changes. Its audit reports reading, too.
const REGISTRY_CHANGES: &[&str] =
    &["key_create", "key_delete", "value_set", "value_delete", "rename"];

/// Categories of computers.
#[rustfmt::skip]
const CATEGORIES: &[Category] = &[
    category("process_creation", "process", "p", &[], &[fields::PROCESS]),
    category("process_termination", "process_end", "p", &[], &[fields::PROCESS_END]),
    category("process_access", "process_access", "p", &[], &[fields::PROCESS_ACCESS]),
    category("create_remote_thread", "remote_thread", "t", &[], &[fields::REMOTE_THREAD]),
    category("file_event", "file", "f", &["create"], &[fields::FILE]),
    category("file_change", "file", "f", &["time_change"], &[fields::FILE]),
    category("file_delete", "file", "f", &["delete"], &[fields::FILE]),
    category("file_rename", "file", "f", &["rename"], &[fields::FILE_RENAME]),
    category("file_access", "file", "f", &["access"], &[fields::FILE]),
    category("file_block_executable", "file", "f", &["block"], &[fields::FILE]),
    category("file_block_shredding", "file", "f", &["block_delete"], &[fields::FILE]),
    category("file_executable_detected", "file", "f", &["executable"], &[fields::FILE]),
    category("create_stream_hash", "file", "f", &["stream"], &[fields::FILE]),
    category("registry_add", "registry", "r", &["key_create"], &[fields::REGISTRY]),
    category("registry_delete", "registry", "r", &["key_delete", "value_delete"], &[fields::REGISTRY]),
    category("registry_set", "registry", "r", &["value_set"], &[fields::REGISTRY]),
    category("registry_rename", "registry", "r", &["rename"], &[fields::REGISTRY]),
    category("registry_event", "registry", "r", REGISTRY_CHANGES, &[fields::REGISTRY]),
    category("image_load", "image_load", "i", &[], &[fields::IMAGE_LOAD]),
    category("driver_load", "driver_load", "d", &[], &[fields::DRIVER_LOAD]),
    category("pipe_created", "pipe", "p", &[], &[fields::PIPE]),
    category("network_connection", "connection", "c", &[], &[fields::CONNECTION]),
    category("dns_query", "dns_query", "d", &[], &[fields::DNS_QUERY]),
    category("wmi_event", "wmi", "w", &[], &[fields::WMI]),
    category("ps_script", "script", "s", &["block"], &[fields::SCRIPT]),
    category("ps_module", "script", "s", &["command"], &[fields::SCRIPT]),
    category("ps_classic_start", "script", "s", &["engine_start"], &[fields::SCRIPT]),
    category("ps_classic_provider_start", "script", "s", &["provider_start"], &[fields::SCRIPT]),
    category("ps_classic_script", "script", "s", &["pipeline"], &[fields::SCRIPT]),
    category("raw_access_thread", "host", "h", &["9"], &[]),
    category("clipboard_capture", "host", "h", &["24"], &[]),
    category("process_tampering", "host", "h", &["25"], &[]),
    category("sysmon_error", "host", "h", &["255"], &[]),
    category("sysmon_status", "host", "h", &["4", "16"], &[]),
];

/// Logs of devices and services of the network, and of scanners.
const LOGS: &[&str] = &[
    "antivirus",
    "application",
    "database",
    "dns",
    "firewall",
    "ids",
    "netflow",
    "proxy",
    "webserver",
];

/// Windows services with the channels that they write.
#[rustfmt::skip]
const CHANNELS: &[(&str, &[&str])] = &[
    ("application", &["Application"]),
    ("applocker", &[
        "Microsoft-Windows-AppLocker/EXE and DLL",
        "Microsoft-Windows-AppLocker/MSI and Script",
        "Microsoft-Windows-AppLocker/Packaged app-Deployment",
        "Microsoft-Windows-AppLocker/Packaged app-Execution",
    ]),
    ("appmodel-runtime", &["Microsoft-Windows-AppModel-Runtime/Admin"]),
    ("appxdeployment-server", &["Microsoft-Windows-AppXDeploymentServer/Operational"]),
    ("appxpackaging-om", &["Microsoft-Windows-AppxPackaging/Operational"]),
    ("bitlocker", &["Microsoft-Windows-BitLocker/BitLocker Management"]),
    ("bits-client", &["Microsoft-Windows-Bits-Client/Operational"]),
    ("capi2", &["Microsoft-Windows-CAPI2/Operational"]),
    ("certificateservicesclient-lifecycle-system",
        &["Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational"]),
    ("codeintegrity-operational", &["Microsoft-Windows-CodeIntegrity/Operational"]),
    ("dhcp", &["Microsoft-Windows-DHCP-Server/Operational"]),
    ("diagnosis-scripted", &["Microsoft-Windows-Diagnosis-Scripted/Operational"]),
    ("dns-client", &["Microsoft-Windows-DNS Client Events/Operational",
        "Microsoft-Windows-DNS-Client/Operational"]),
    ("dns-server", &["DNS Server"]),
    ("dns-server-analytic", &["Microsoft-Windows-DNS-Server/Analytical"]),
    ("dns-server-audit", &["Microsoft-Windows-DNS-Server/Audit"]),
    ("driver-framework", &["Microsoft-Windows-DriverFrameworks-UserMode/Operational"]),
    ("firewall-as",
        &["Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"]),
    ("hyper-v-worker", &["Microsoft-Windows-Hyper-V-Worker"]),
    ("iis-configuration", &["Microsoft-IIS-Configuration/Operational"]),
    ("kernel-event-tracing", &["Microsoft-Windows-Kernel-EventTracing"]),
    ("kernel-shimengine", &["Microsoft-Windows-Kernel-ShimEngine/Operational",
        "Microsoft-Windows-Kernel-ShimEngine/Diagnostic"]),
    ("ldap", &["Microsoft-Windows-LDAP-Client/Debug"]),
    ("lsa-server", &["Microsoft-Windows-LSA/Operational"]),
    ("microsoft-servicebus-client", &["Microsoft-ServiceBus-Client"]),
    ("msexchange-management", &["MSExchange Management"]),
    ("ntfs", &["Microsoft-Windows-Ntfs/Operational"]),
    ("ntlm", &["Microsoft-Windows-NTLM/Operational"]),
    ("openssh", &["OpenSSH/Operational"]),
    ("powershell", &["Microsoft-Windows-PowerShell/Operational",
        "PowerShellCore/Operational"]),
    ("powershell-classic", &["Windows PowerShell"]),
    ("printservice-admin", &["Microsoft-Windows-PrintService/Admin"]),
    ("printservice-operational", &["Microsoft-Windows-PrintService/Operational"]),
    ("security", &["Security"]),
    ("security-mitigations", &["Microsoft-Windows-Security-Mitigations/Kernel Mode",
        "Microsoft-Windows-Security-Mitigations/User Mode"]),
    ("sense", &["Microsoft-Windows-SENSE/Operational"]),
    ("shell-core", &["Microsoft-Windows-Shell-Core/Operational"]),
    ("smbclient-connectivity", &["Microsoft-Windows-SmbClient/Connectivity"]),
    ("smbclient-security", &["Microsoft-Windows-SmbClient/Security"]),
    ("smbserver-connectivity", &["Microsoft-Windows-SMBServer/Connectivity"]),
    ("sysmon", &["Microsoft-Windows-Sysmon/Operational"]),
    ("system", &["System"]),
    ("taskscheduler", &["Microsoft-Windows-TaskScheduler/Operational"]),
    ("terminalservices-localsessionmanager",
        &["Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"]),
    ("vhdmp", &["Microsoft-Windows-VHDMP/Operational"]),
    ("windefend", &["Microsoft-Windows-Windows Defender/Operational"]),
    ("winrm", &["Microsoft-Windows-WinRM/Operational"]),
    ("wmi", &["Microsoft-Windows-WMI-Activity/Operational"]),
];

/// Logs of Linux that collect what several programs say.
const LINUX_CHANNELS: &[&str] = &["auth", "syslog"];

/// Finds the kind for a log source, or says why there is none.
pub(super) fn find(source: &LogSource) -> Result<Source, String> {
    let product = source.product.as_deref();
    let service = source.service.as_deref();
    match (product, source.category.as_deref(), service) {
        (Some("windows" | "linux") | None, Some(name), _)
            if CATEGORIES.iter().any(|category| category.name == name) =>
        {
            Ok(by_category(product, name))
        }
        (Some("windows"), None, Some(service)) => windows(service),
        (Some("windows"), None, None) => {
            Ok(made("host", "h", vec![os("windows")], &[fields::WINDOWS], "windows"))
        }
        (Some("linux"), None, Some("auditd")) => {
            let guard = vec![text("provider", &["auditd"])];
            let source = made("host", "h", guard, &[fields::AUDIT], "linux/auditd");
            Ok(Source { records: true, ..source })
        }
        (Some("linux"), None, Some(service)) => {
            let is_channel = LINUX_CHANNELS.contains(&service);
            let path = if is_channel { "channel" } else { "provider" };
            Ok(log(vec![text(path, &[&plain(service)])], "linux", service))
        }
        (Some("linux"), None, None) => Ok(log(Vec::new(), "linux", "")),
        (Some("zeek"), None, service) => {
            let mut guard = vec![text("provider", &["zeek"])];
            guard.extend(service.map(|service| text("channel", &[&plain(service)])));
            Ok(log(guard, "zeek", service.unwrap_or("")))
        }
        (None, Some(name), None) if LOGS.contains(&name) => {
            Ok(log(vec![text("category", &[name])], "", name))
        }
        (None, None, Some(service)) => {
            Ok(log(vec![text("provider", &[&plain(service)])], "", service))
        }
        _ => Err(unknown(source)),
    }
}

fn by_category(product: Option<&str>, name: &str) -> Source {
    let found = CATEGORIES.iter().find(|category| category.name == name);
    let folder = format!("{}/{name}", product.unwrap_or("any"));
    let Some(found) = found else { return made("host", "h", Vec::new(), &[], &folder) };
    let values = found.ops.iter().map(|op| (*op).to_owned()).collect();
    let mut guard: Vec<Guard> = product.map(os).into_iter().collect();
    match (found.ops, found.kind) {
        ([], _) => {}
        // This provider is of Windows.
        (_, "host") => {
            guard = vec![text("provider", &[SYSMON]), Guard { path: "event_id", values }];
        }
        _ => guard.push(Guard { path: "op", values }),
    }
    made(found.kind, found.alias, guard, found.names, &folder)
}

const OS: &str = "host.os";
const SYSMON: &str = "Microsoft-Windows-Sysmon";

fn windows(service: &str) -> Result<Source, String> {
    let Some((_, channels)) = CHANNELS.iter().find(|(name, _)| *name == service) else {
        return Err(format!(
            "nobody has said which log the Windows service `{service}` is"
        ));
    };
    let folder = format!("windows/{service}");
    let guard = vec![text("channel", channels)];
    let own = if service == "windefend" { fields::DEFENDER } else { &[] };
    Ok(Source { own, ..made("host", "h", guard, &[fields::WINDOWS], &folder) })
}

/// Kinds of events are those of all systems; a product is one of them.
fn os(product: &str) -> Guard {
    Guard { path: OS, values: vec![product.to_owned()] }
}

fn text(path: &'static str, values: &[&str]) -> Guard {
    Guard { path, values: values.iter().map(|value| format!("\"{value}\"")).collect() }
}

fn log(guard: Vec<Guard>, folder: &str, name: &str) -> Source {
    let folder = [folder, name].map(plain).join("/");
    made("log", "l", guard, &[fields::LOG], folder.trim_matches('/'))
}

fn made(
    kind: &'static str,
    alias: &'static str,
    guard: Vec<Guard>,
    names: &'static [Names],
    folder: &str,
) -> Source {
    let folder = folder.to_owned();
    Source { kind, alias, guard, names, own: &[], records: false, folder }
}

/// A word of a log source as it may stand in a text and in a path.
fn plain(word: &str) -> String {
    let keep = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    word.chars().filter(keep).collect::<String>().trim_matches('.').to_owned()
}

fn unknown(source: &LogSource) -> String {
    let part = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("{name} `{value}`"))
    };
    let parts: Vec<String> = [
        part("product", &source.product),
        part("category", &source.category),
        part("service", &source.service),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        return "there is no log source".to_owned();
    }
    format!("no source of ours gives events of {}", parts.join(", "))
}
