//! PowerShell: Microsoft-Windows-PowerShell/Operational, and the older log that is
//! called Windows PowerShell, whose data has no names.

use super::How::If;
use super::{Entry, Provider};
use crate::windows::special::Special;

pub(super) const PROVIDER: Provider = Provider {
    names: &["Microsoft-Windows-PowerShell", "PowerShellCore"],
    entries: &[
        Entry::of(&[4104], "script")
            .set(&[("op", "block")])
            .from(&[&[
                ("MessageNumber", "part", If),
                ("MessageTotal", "parts", If),
                ("ScriptBlockId", "id", If),
                ("Path", "path", If),
            ]])
            .special(Special::ScriptBlock),
        Entry::of(&[4103], "script")
            .set(&[("op", "command")])
            .from(&[&[("Payload", "text", If)]])
            .special(Special::ScriptContext("ContextInfo")),
    ],
};

pub(super) const CLASSIC: Provider = Provider {
    names: &["PowerShell"],
    entries: &[
        Entry::of(&[400], "script")
            .set(&[("op", "engine_start")])
            .special(Special::ScriptContext("param3")),
        Entry::of(&[403], "script")
            .set(&[("op", "engine_stop")])
            .special(Special::ScriptContext("param3")),
        Entry::of(&[600], "script")
            .set(&[("op", "provider_start")])
            .special(Special::ScriptContext("param3")),
        Entry::of(&[800], "script")
            .set(&[("op", "pipeline")])
            .from(&[&[("param1", "text", If)]])
            .special(Special::ScriptContext("param2")),
    ],
};
