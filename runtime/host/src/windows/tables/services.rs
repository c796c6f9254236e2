//! The Service Control Manager in the System log.

use super::How::{As, If, One};
use super::{Entry, From, Provider};

/// Start types as event 7045 words them, and 7040 where it is in English.
const START: super::How = One(&[
    ("boot start", 0),
    ("system start", 1),
    ("auto start", 2),
    ("demand start", 3),
    ("disabled", 4),
    ("boot", 0),
    ("system", 1),
    ("auto", 2),
]);
const TYPE: super::How = One(&[
    ("kernel mode driver", 1),
    ("file system driver", 2),
    ("user mode service", 0x10),
]);
const NAME: &[From] = &[("param1", "name", As)];

pub(super) const PROVIDER: Provider = Provider {
    names: &["Service Control Manager"],
    entries: &[
        Entry::of(&[7045], "service").set(&[("op", "install")]).from(&[&[
            ("ServiceName", "name", As),
            ("ImagePath", "command_line", As),
            ("ServiceType", "type", TYPE),
            ("StartType", "start", START),
            ("AccountName", "account", If),
        ]]),
        Entry::of(&[7036], "service")
            .set(&[("op", "state")])
            .from(&[NAME, &[("param2", "state", If)]]),
        // The fourth is the name of the service, the first what people call it.
        Entry::of(&[7040], "service").set(&[("op", "start_type")]).from(&[&[
            ("param4", "name", If),
            ("param1", "name", As),
            ("param2", "previous_start", START),
            ("param3", "start", START),
        ]]),
        Entry::of(&[7035], "service")
            .set(&[("op", "state")])
            .from(&[NAME, &[("param2", "state", If)]]),
        Entry::of(&[7031, 7034], "service").set(&[("op", "crash")]).from(&[NAME]),
        Entry::of(&[7000], "service")
            .set(&[("op", "failure"), ("success", "false")])
            .from(&[
                NAME,
                &[(
                    "param2",
                    "error",
                    One(&[("%%2", 2), ("%%3", 3), ("%%5", 5), ("%%1053", 1053)]),
                )],
            ]),
    ],
};
