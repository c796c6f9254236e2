//! Devices: plug and play, drivers in user mode, partitions.

use super::How::{As, If};
use super::{Entry, From, Provider};

const DEVICE: &[From] = &[
    ("DeviceInstanceId", "id", As),
    ("DeviceInstanceID", "id", As),
    ("instance", "id", As),
    ("ClassGuid", "class", If),
    ("DriverName", "driver", If),
    ("DriverDescription", "name", If),
];

/// Microsoft-Windows-Kernel-PnP.
pub(super) const PNP: Provider = Provider {
    names: &["Microsoft-Windows-Kernel-PnP"],
    entries: &[
        Entry::of(&[400, 410, 430], "device").set(&[("op", "connect")]).from(&[DEVICE]),
        Entry::of(&[420], "device").set(&[("op", "remove")]).from(&[DEVICE]),
    ],
};

/// Microsoft-Windows-UserPnp.
pub(super) const USER_PNP: Provider = Provider {
    names: &["Microsoft-Windows-UserPnp"],
    entries: &[Entry::of(&[20001, 20003], "device")
        .set(&[("op", "install")])
        .from(&[DEVICE])],
};

/// Microsoft-Windows-DriverFrameworks-UserMode.
pub(super) const DRIVER_FRAMEWORKS: Provider = Provider {
    names: &["Microsoft-Windows-DriverFrameworks-UserMode"],
    entries: &[
        Entry::of(&[2003], "device").set(&[("op", "connect")]).from(&[DEVICE]),
        Entry::of(&[2100, 2101, 2102], "device").set(&[("op", "remove")]).from(&[DEVICE]),
    ],
};

/// Microsoft-Windows-Partition: what a disk is.
pub(super) const PARTITION: Provider = Provider {
    names: &["Microsoft-Windows-Partition"],
    entries: &[Entry::of(&[1006], "device").set(&[("op", "connect")]).from(&[&[
        ("ParentId", "id", As),
        ("Model", "name", If),
        ("SerialNumber", "serial", If),
        ("Location", "location", If),
    ]])],
};
