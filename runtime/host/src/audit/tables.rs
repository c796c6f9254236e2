//! Numbers and names of Linux auditing: `linux/audit.h`, `libaudit.h`, and the tables of
//! system calls of the kernel.

/// Types of records and their numbers.
const TYPES: &[(&str, u32)] = &[
    ("LOGIN", 1006),
    ("USER_AUTH", 1100),
    ("USER_ACCT", 1101),
    ("USER_MGMT", 1102),
    ("CRED_ACQ", 1103),
    ("CRED_DISP", 1104),
    ("USER_START", 1105),
    ("USER_END", 1106),
    ("USER_AVC", 1107),
    ("USER_CHAUTHTOK", 1108),
    ("USER_ERR", 1109),
    ("CRED_REFR", 1110),
    ("USYS_CONFIG", 1111),
    ("USER_LOGIN", 1112),
    ("USER_LOGOUT", 1113),
    ("ADD_USER", 1114),
    ("DEL_USER", 1115),
    ("ADD_GROUP", 1116),
    ("DEL_GROUP", 1117),
    ("USER_CMD", 1123),
    ("USER_TTY", 1124),
    ("GRP_AUTH", 1126),
    ("SYSTEM_BOOT", 1127),
    ("SYSTEM_SHUTDOWN", 1128),
    ("SYSTEM_RUNLEVEL", 1129),
    ("SERVICE_START", 1130),
    ("SERVICE_STOP", 1131),
    ("GRP_MGMT", 1132),
    ("GRP_CHAUTHTOK", 1133),
    ("ACCT_LOCK", 1135),
    ("ACCT_UNLOCK", 1136),
    ("USER_DEVICE", 1137),
    ("SOFTWARE_UPDATE", 1138),
    ("DAEMON_START", 1200),
    ("DAEMON_END", 1201),
    ("DAEMON_ABORT", 1202),
    ("DAEMON_CONFIG", 1203),
    ("SYSCALL", 1300),
    ("PATH", 1302),
    ("IPC", 1303),
    ("SOCKETCALL", 1304),
    ("CONFIG_CHANGE", 1305),
    ("SOCKADDR", 1306),
    ("CWD", 1307),
    ("EXECVE", 1309),
    ("OBJ_PID", 1318),
    ("TTY", 1319),
    ("EOE", 1320),
    ("BPRM_FCAPS", 1321),
    ("CAPSET", 1322),
    ("MMAP", 1323),
    ("NETFILTER_PKT", 1324),
    ("NETFILTER_CFG", 1325),
    ("SECCOMP", 1326),
    ("PROCTITLE", 1327),
    ("KERN_MODULE", 1330),
    ("TIME_INJOFFSET", 1332),
    ("TIME_ADJNTPVAL", 1333),
    ("BPF", 1334),
    ("AVC", 1400),
    ("SELINUX_ERR", 1401),
    ("MAC_POLICY_LOAD", 1403),
    ("MAC_STATUS", 1404),
    ("ANOM_PROMISCUOUS", 1700),
    ("ANOM_ABEND", 1701),
    ("ANOM_LINK", 1702),
];

/// System calls by name: numbers on x86-64, on i386, and on ARM64 and other new
/// architectures; 0 where there is none. Those that rules watch, and that have paths,
/// addresses or modules.
const SYSCALLS: &[(&str, u32, u32, u32)] = &[
    ("open", 2, 5, 0),
    ("socket", 41, 359, 198),
    ("connect", 42, 362, 203),
    ("accept", 43, 0, 202),
    ("sendto", 44, 369, 206),
    ("bind", 49, 361, 200),
    ("listen", 50, 363, 201),
    ("clone", 56, 120, 220),
    ("fork", 57, 2, 0),
    ("vfork", 58, 190, 0),
    ("execve", 59, 11, 221),
    ("kill", 62, 37, 129),
    ("truncate", 76, 92, 45),
    ("ftruncate", 77, 93, 46),
    ("rename", 82, 38, 0),
    ("mkdir", 83, 39, 0),
    ("rmdir", 84, 40, 0),
    ("creat", 85, 8, 0),
    ("link", 86, 9, 0),
    ("unlink", 87, 10, 0),
    ("symlink", 88, 83, 0),
    ("chmod", 90, 15, 0),
    ("fchmod", 91, 94, 52),
    ("chown", 92, 182, 0),
    ("fchown", 93, 95, 55),
    ("lchown", 94, 16, 0),
    ("ptrace", 101, 26, 117),
    ("setuid", 105, 23, 146),
    ("setgid", 106, 46, 144),
    ("setreuid", 113, 70, 145),
    ("setresuid", 117, 164, 147),
    ("mknod", 133, 14, 0),
    ("personality", 135, 136, 92),
    ("adjtimex", 159, 124, 171),
    ("settimeofday", 164, 79, 170),
    ("mount", 165, 21, 40),
    ("umount2", 166, 52, 39),
    ("sethostname", 170, 74, 161),
    ("setdomainname", 171, 121, 162),
    ("init_module", 175, 128, 105),
    ("delete_module", 176, 129, 106),
    ("setxattr", 188, 226, 5),
    ("lsetxattr", 189, 227, 6),
    ("fsetxattr", 190, 228, 7),
    ("removexattr", 197, 235, 14),
    ("lremovexattr", 198, 236, 15),
    ("fremovexattr", 199, 237, 16),
    ("clock_settime", 227, 264, 112),
    ("openat", 257, 295, 56),
    ("mkdirat", 258, 296, 34),
    ("mknodat", 259, 297, 33),
    ("fchownat", 260, 298, 54),
    ("unlinkat", 263, 301, 35),
    ("renameat", 264, 302, 38),
    ("linkat", 265, 303, 37),
    ("symlinkat", 266, 304, 36),
    ("fchmodat", 268, 306, 53),
    ("accept4", 288, 364, 242),
    ("process_vm_writev", 311, 348, 271),
    ("finit_module", 313, 350, 273),
    ("renameat2", 316, 353, 276),
    ("memfd_create", 319, 356, 279),
    ("bpf", 321, 357, 280),
    ("execveat", 322, 358, 281),
    ("openat2", 437, 437, 437),
];

/// The number of a type of record.
pub(super) fn type_number(name: &str) -> Option<u32> {
    let known = TYPES.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
    known.or_else(|| name.strip_prefix("UNKNOWN[")?.strip_suffix(']')?.parse().ok())
}

/// Whether a program wrote the record: such an event has no other.
pub(super) fn is_single(ty: &str) -> bool {
    type_number(ty).is_some_and(|n| (1100..1300).contains(&n) || n >= 2100)
}

/// The name of a system call on an architecture, as the log writes both.
pub(super) fn syscall(arch: &str, number: &str) -> Option<&'static str> {
    let number: u32 = number.parse().ok()?;
    let of = |entry: &(&'static str, u32, u32, u32)| match arch {
        "c000003e" => entry.1,
        "40000003" => entry.2,
        "c00000b7" | "c00000f3" => entry.3,
        _ => 0,
    };
    SYSCALLS.iter().find(|entry| of(entry) == number && number != 0).map(|entry| entry.0)
}

/// What a system call does to a file: the label of `file.op`.
pub(super) fn file_op(syscall: &str) -> Option<&'static str> {
    Some(match syscall {
        "creat" | "mkdir" | "mkdirat" | "mknod" | "mknodat" => "create",
        "unlink" | "unlinkat" | "rmdir" => "delete",
        "rename" | "renameat" | "renameat2" => "rename",
        "link" | "linkat" | "symlink" | "symlinkat" => "link",
        "truncate" => "write",
        "chmod" | "fchmod" | "fchmodat" | "chown" | "fchown" | "lchown" | "fchownat"
        | "setxattr" | "lsetxattr" | "fsetxattr" | "removexattr" | "lremovexattr"
        | "fremovexattr" => "attributes",
        "open" | "openat" | "openat2" => "access",
        _ => return None,
    })
}
