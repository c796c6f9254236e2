# Before files are encrypted, shadow copies and recovery go.
rule backups_destroyed {
    meta {
        id = "OT-WINDOWS-0016"
        sid = 9300016
        rev = 1
        severity = critical
        attack = [ics.T0809, ics.T0826, enterprise.T1490]
        description = "Shadow copies, backups or the recovery of Windows are removed"
        falsepositives = "backup programs that rotate shadow copies"
    }
    on process as e
    where e.image.name in {
            "vssadmin.exe", "wmic.exe", "wbadmin.exe", "bcdedit.exe", "diskshadow.exe"
        }
        and e.command_line contains any i{
            "delete shadows", "resize shadowstorage", "shadowcopy delete",
            "delete catalog", "delete systemstatebackup", "recoveryenabled no",
            "ignoreallfailures"
        }
    dedup by (e.host.name, e.image) for 1h
    emit {
        title = "backups are destroyed on {e.host.name}"
        evidence = [e.command_line, e.user, e.parent.image]
    }

    test "as it is seen" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\vssadmin.exe",
            command_line: "vssadmin delete shadows /all /quiet"
        }
        expect match
    }

    test "a search for it" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\findstr.exe",
            command_line: "vssadmin delete shadows /all /quiet"
        }
        expect none
    }

    test "shadow copies are listed" {
        at 0s process {
            host.name: "HMI-1", image: "C:\\Windows\\System32\\vssadmin.exe",
            command_line: "vssadmin list shadows"
        }
        expect none
    }
}
