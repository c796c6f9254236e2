//! Microsoft-Windows-TaskScheduler/Operational.

use super::How::{As, If};
use super::{Entry, From, Provider};

const TASK: &[From] = &[
    ("TaskName", "name", As),
    ("UserContext", "user", If),
    ("UserName", "user", If),
    ("ActionName", "command_line", If),
    ("Path", "command_line", If),
    ("ResultCode", "result", If),
    ("ProcessID", "pid", If),
    ("EnginePID", "pid", If),
];

pub(super) const PROVIDER: Provider = Provider {
    names: &["Microsoft-Windows-TaskScheduler"],
    entries: &[
        Entry::of(&[106], "task").set(&[("op", "create")]).from(&[TASK]),
        Entry::of(&[140], "task").set(&[("op", "update")]).from(&[TASK]),
        Entry::of(&[141], "task").set(&[("op", "delete")]).from(&[TASK]),
        Entry::of(&[142], "task").set(&[("op", "disable")]).from(&[TASK]),
        Entry::of(&[100, 107, 108, 110, 129, 200], "task")
            .set(&[("op", "launch")])
            .from(&[TASK]),
        Entry::of(&[102, 201], "task").set(&[("op", "complete")]).from(&[TASK]),
        Entry::of(&[101, 103, 202, 203], "task").set(&[("op", "failure")]).from(&[TASK]),
    ],
};
